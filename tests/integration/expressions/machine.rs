//! A kind that no workspace has: two fields of every type, so that fields meet fields.

use kehu_domain::def::{self, Def, Type};
use sea_orm::{ConnectOptions, ConnectionTrait};

use crate::support::TestApp;

pub(crate) static DEF: Def = Def {
    kind: "machine",
    plural: "machines",
    table: "machines",
    fields: &[
        def::text(60).named("label"),
        def::long_text(4000).named("manual"),
        def::email().named("email"),
        def::phone().named("phone"),
        def::url().named("site"),
        def::int(i64::MIN, i64::MAX).named("hours"),
        def::int(i64::MIN, i64::MAX).named("most_hours"),
        def::boolean().named("runs"),
        def::boolean().named("rented"),
        def::date().named("bought_on"),
        def::date().named("sold_on"),
        def::time().named("started_at"),
        def::time().named("stopped_at"),
        def::money().named("price"),
        def::money().named("rent"),
        def::choice(&["new", "used", "broken"]).named("state"),
        def::choice(&["new", "used", "broken"]).named("former_state"),
        def::dictionary("maker").named("maker"),
        def::dictionary("maker").named("seller"),
        def::reference("user").named("owner_id"),
        def::reference("user").named("former_owner_id"),
        def::references("user").named("operator_ids"),
        def::tags().named("tags"),
    ],
    title: &["label"],
    visibility: def::Visibility::Common,
    check: def::no_check,
    can: kehu_domain::capabilities::Capabilities::NONE,
};

/// Makes its table as the migrations make those of the real kinds.
pub(crate) async fn create_table(test: &TestApp) {
    let postgres = test.database.url().starts_with("postgres:");
    let text = if postgres {
        "text COLLATE \"C\""
    } else {
        "text"
    };
    let id = if postgres { "uuid" } else { "blob" };
    let columns: Vec<String> = DEF
        .all_fields()
        .map(|field| {
            let name = field.name;
            match field.ty {
                Type::Int(..) | Type::Time => format!("{name} bigint"),
                Type::Bool => format!("{name} boolean NOT NULL"),
                Type::Ref(_) => format!("{name} {id}"),
                Type::Money => format!("{name} bigint, {name}_currency {text}"),
                _ => format!("{name} {text}"),
            }
        })
        .collect();
    let sql = format!(
        "CREATE TABLE machines (workspace_id {id}, {})",
        columns.join(", ")
    );
    let options = ConnectOptions::new(test.database.url().to_owned());
    let connection = sea_orm::Database::connect(options).await.unwrap();
    connection.execute_unprepared(&sql).await.unwrap();
    connection.close().await.unwrap();
}
