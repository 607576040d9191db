//! The addresses of the API.

use actix_web::Scope;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use kehu_domain::def::Def;
use kehu_domain::{allocation, contract, customer, kinds, lead, opportunity, payment, receivable};

use crate::{auth, site};

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
        .service(docs::configure(web::scope("/api")))
        .configure(health::configure)
        // Of every scope, those in scopes too.
        .default_service(web::to(site::elsewhere));
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
}

/// Adds addresses to those of a kind.
type Addresses = fn(Scope) -> Scope;

/// What kinds show of many of their records at once, at addresses that stand before those of one.
static OVERVIEWS: &[(&Def, Addresses)] = &[(&opportunity::DEF, board::overviews)];

/// The verbs that kinds have of their own, beside those of their capabilities.
static VERBS: &[(&Def, Addresses)] = &[
    (&lead::DEF, leads::verbs),
    (&customer::DEF, money::customer_views),
    (&opportunity::DEF, opportunities::verbs),
    (&opportunity::DEF, contracts::of_opportunity),
    (&contract::DEF, contracts::verbs),
    (&receivable::DEF, contracts::receivable_verbs),
    (&payment::DEF, payments::verbs),
    (&allocation::DEF, payments::allocation_verbs),
];

/// The addresses that a table has for a kind.
fn added(table: &[(&Def, Addresses)], def: &Def, scope: Scope) -> Scope {
    let own = table.iter().filter(|(kind, _)| kind.kind == def.kind);
    own.fold(scope, |scope, (_, add)| add(scope))
}

fn overviews(def: &Def, scope: Scope) -> Scope {
    added(OVERVIEWS, def, scope)
}

fn verbs(def: &Def, mut scope: Scope) -> Scope {
    if def.can.pooled.is_some() {
        scope = ownership::verbs(scope);
    }
    if def.can.timeline {
        scope = timeline::verbs(scope);
    }
    added(VERBS, def, scope)
}
