//! The addresses of the API.

use actix_web::Scope;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use kehu_domain::def::Def;
use kehu_domain::kinds;

use crate::{auth, problem, site};

pub mod batch;
pub mod board;
pub mod changes;
pub mod contracts;
pub mod docs;
pub mod duplicates;
pub mod expressions;
pub mod health;
pub mod imports;
pub mod leads;
pub mod money;
pub mod opportunities;
pub mod ownership;
pub mod passwords;
pub mod payments;
pub mod records;
pub mod reports;
pub mod search;
pub mod session;
pub mod sessions;
pub mod setup;
pub mod timeline;
pub mod tokens;

/// Every address that the server answers at.
pub fn all(config: &mut ServiceConfig) {
    config
        .service(
            web::scope("/api/v1")
                .wrap(from_fn(auth::identify))
                .configure(configure),
        )
        .service(
            docs::configure(web::scope("/api")).default_service(web::to(problem::no_such_address)),
        )
        .configure(health::configure)
        .default_service(web::get().to(site::serve));
}

/// Everything below `/api/v1`.
pub fn configure(config: &mut ServiceConfig) {
    batch::configure(config);
    changes::configure(config);
    duplicates::configure(config);
    expressions::configure(config);
    imports::configure(config);
    money::configure(config);
    passwords::configure(config);
    reports::configure(config);
    search::configure(config);
    session::configure(config);
    sessions::configure(config);
    setup::configure(config);
    tokens::configure(config);
    for def in kinds::ALL {
        config.service(records::scope(def));
    }
    config.default_service(web::route().to(problem::no_such_address));
}

/// What a kind shows of many of its records at once, at addresses that stand before those of one.
fn overviews(def: &Def, scope: Scope) -> Scope {
    match def.kind {
        "opportunity" => board::overviews(scope),
        _ => scope,
    }
}

/// The verbs that a kind has of its own.
fn verbs(def: &Def, scope: Scope) -> Scope {
    match def.kind {
        "lead" => leads::verbs(timeline::verbs(ownership::verbs(scope))),
        "customer" => money::customer_views(timeline::verbs(ownership::verbs(scope))),
        "opportunity" => contracts::of_opportunity(opportunities::verbs(timeline::verbs(scope))),
        "contract" => contracts::verbs(scope),
        "receivable" => contracts::receivable_verbs(scope),
        "payment" => payments::verbs(scope),
        "allocation" => payments::allocation_verbs(scope),
        _ => scope,
    }
}
