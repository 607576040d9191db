//! The tables of sales and money: products, pipelines, opportunities, contracts, receivables,
//! payments, targets; and what leads, customers, activities, tasks and roles got with them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::Stored::{Bool, Id, Int, Money, Text};
use crate::columns::{LIVE, Stored, create_record_table, index, unique_index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, fields, indexes) in TABLES {
            create_record_table(manager, table, fields).await?;
            for columns in *indexes {
                index(manager, table, columns, LIVE).await?;
            }
        }
        for (table, column) in [
            ("products", "code"),
            ("pipelines", "name"),
            ("stages", "code"),
            ("contracts", "number"),
            ("payments", "number"),
            ("targets", "slot"),
        ] {
            unique_index(manager, table, &[column], LIVE).await?;
        }
        unique_index(manager, "exchange_rates", &["currency", "valid_from"], LIVE).await?;
        number_series(manager).await?;
        older_kinds(manager).await
    }
}

/// The next number of each series of a workspace: contracts of 2026, payments of 2026.
async fn number_series(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let create = Table::create()
        .table(Alias::new("number_series"))
        .col(crate::columns::id("workspace_id").not_null())
        .col(crate::columns::text(backend, "series").not_null())
        .col(crate::columns::int("last").not_null())
        .primary_key(
            Index::create()
                .col(Alias::new("workspace_id"))
                .col(Alias::new("series")),
        )
        .take();
    manager.create_table(create).await
}

/// What the older kinds got.
async fn older_kinds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let columns = [
        ("leads", crate::columns::id("converted_opportunity_id")),
        ("activities", crate::columns::id("opportunity_id")),
        ("tasks", crate::columns::id("opportunity_id")),
        (
            "customers",
            crate::columns::text(backend, "first_contract_on"),
        ),
        (
            "roles",
            ColumnDef::new(Alias::new("handles_money"))
                .boolean()
                .not_null()
                .default(false)
                .take(),
        ),
    ];
    for (table, column) in columns {
        let alter = Table::alter()
            .table(Alias::new(table))
            .add_column(column)
            .take();
        manager.alter_table(alter).await?;
    }
    // Who administers a workspace from before handles its money until a role for it is made.
    manager
        .get_connection()
        .execute_unprepared("UPDATE roles SET handles_money = administers")
        .await?;
    index(
        manager,
        "activities",
        &["opportunity_id", "occurred_at", "id"],
        LIVE,
    )
    .await?;
    index(manager, "tasks", &["opportunity_id", "due_at", "id"], LIVE).await?;
    index(manager, "customers", &["first_contract_on", "id"], LIVE).await?;
    index(
        manager,
        "customers",
        &["owner_id", "first_contract_on", "id"],
        LIVE,
    )
    .await
}

/// A table, its fields, its indexes.
type Declared = (
    &'static str,
    &'static [(&'static str, Stored)],
    &'static [&'static [&'static str]],
);

const TABLES: &[Declared] = &[
    (
        "products",
        &[
            ("name", Text),
            ("code", Text),
            ("category", Text),
            ("unit", Text),
            ("unit_price", Int),
            ("tax_rate", Int),
            ("active", Bool),
            ("description", Text),
        ],
        &[&["name", "id"], &["code", "id"], &["unit_price", "id"]],
    ),
    (
        "pipelines",
        &[("name", Text), ("position", Int), ("is_default", Bool)],
        &[&["name", "id"], &["position", "id"]],
    ),
    (
        "stages",
        &[
            ("pipeline_id", Id),
            ("name", Text),
            ("code", Text),
            ("position", Int),
            ("stage_kind", Text),
            ("probability", Int),
            ("expected_days", Int),
            ("required_fields", Text),
            ("checklist", Text),
        ],
        &[
            &["name", "id"],
            &["position", "id"],
            &["pipeline_id", "position", "id"],
        ],
    ),
    (
        "opportunities",
        &[
            ("name", Text),
            ("customer_id", Id),
            ("contact_id", Id),
            ("amount", Money),
            ("expected_close_on", Text),
            ("forecast_category", Text),
            ("hot", Bool),
            ("source", Text),
            ("pipeline_id", Id),
            ("stage_id", Id),
            ("status", Text),
            ("probability", Int),
            ("stage_since", Int),
            ("idle_since", Int),
            ("checklist_done", Text),
            ("started_on", Text),
            ("closed_on", Text),
            ("close_reason", Text),
            ("close_note", Text),
            ("competitors", Text),
            ("lines", Text),
            ("product_ids", Text),
            ("includes_tax", Bool),
            ("discount", Money),
            ("exchange_rate", Int),
            ("base_amount", Money),
            ("tags", Text),
            ("note", Text),
            ("owner_id", Id),
            ("collaborator_ids", Text),
            ("next_step", Text),
            ("next_contact_at", Int),
            ("last_activity_at", Int),
            ("lead_id", Id),
        ],
        &[
            &["name", "id"],
            &["expected_close_on", "id"],
            &["idle_since", "id"],
            &["started_on", "id"],
            &["closed_on", "id"],
            &["base_amount", "id"],
            &["next_contact_at", "id"],
            &["last_activity_at", "id"],
            &["status", "created_at", "id"],
            &["status", "updated_at", "id"],
            &["owner_id", "status", "updated_at", "id"],
            &["owner_id", "created_at", "id"],
            &["owner_id", "updated_at", "id"],
            &["pipeline_id", "status", "stage_id", "base_amount", "id"],
            &[
                "owner_id",
                "pipeline_id",
                "status",
                "stage_id",
                "base_amount",
                "id",
            ],
            &["status", "closed_on", "id"],
            &["status", "expected_close_on", "id"],
            &["customer_id", "created_at", "id"],
            &["contact_id"],
            &["lead_id"],
            &["stage_id"],
        ],
    ),
    (
        "stage_changes",
        &[
            ("opportunity_id", Id),
            ("pipeline_id", Id),
            ("from_stage_id", Id),
            ("to_stage_id", Id),
            ("changed_at", Int),
            ("seconds_before", Int),
            ("amount", Money),
            ("owner_id", Id),
        ],
        &[
            &["changed_at", "id"],
            &["opportunity_id", "changed_at", "id"],
            &["pipeline_id", "changed_at", "id"],
            &["from_stage_id"],
            &["to_stage_id"],
        ],
    ),
    (
        "contracts",
        &[
            ("name", Text),
            ("number", Text),
            ("customer_id", Id),
            ("opportunity_id", Id),
            ("contact_id", Id),
            ("signed_on", Text),
            ("signed_by_id", Id),
            ("starts_on", Text),
            ("ends_on", Text),
            ("lines", Text),
            ("includes_tax", Bool),
            ("discount", Money),
            ("amount", Money),
            ("net_amount", Money),
            ("tax_amount", Money),
            ("status", Text),
            ("effective_on", Text),
            ("paid_amount", Money),
            ("outstanding_amount", Money),
            ("closed_at", Int),
            ("termination_reason", Text),
            ("exchange_rate", Int),
            ("base_amount", Money),
            ("tags", Text),
            ("note", Text),
            ("owner_id", Id),
            ("collaborator_ids", Text),
        ],
        &[
            &["name", "id"],
            &["number", "id"],
            &["signed_on", "id"],
            &["ends_on", "id"],
            &["effective_on", "id"],
            &["base_amount", "id"],
            &["status", "created_at", "id"],
            &["status", "updated_at", "id"],
            &["owner_id", "status", "updated_at", "id"],
            &["owner_id", "created_at", "id"],
            &["owner_id", "updated_at", "id"],
            &["customer_id", "created_at", "id"],
            &["opportunity_id"],
            &["contact_id"],
            &["status", "effective_on", "id"],
        ],
    ),
    (
        "receivables",
        &[
            ("contract_id", Id),
            ("customer_id", Id),
            ("position", Int),
            ("due_on", Text),
            ("amount", Money),
            ("paid_amount", Money),
            ("written_off_amount", Money),
            ("cancelled_amount", Money),
            ("outstanding_amount", Money),
            ("settlement", Text),
            ("overdue_from", Text),
            ("note", Text),
            ("exchange_rate", Int),
            ("owner_id", Id),
        ],
        &[
            &["due_on", "id"],
            &["overdue_from", "id"],
            &["contract_id", "position", "id"],
            &["customer_id", "due_on", "id"],
            &["owner_id", "overdue_from", "id"],
            &["owner_id", "due_on", "id"],
            &["settlement", "due_on", "id"],
        ],
    ),
    (
        "payments",
        &[
            ("number", Text),
            ("customer_id", Id),
            ("contract_id", Id),
            ("payer", Text),
            ("received_on", Text),
            ("amount", Money),
            ("method", Text),
            ("bank_reference", Text),
            ("note", Text),
            ("status", Text),
            ("allocated_amount", Money),
            ("refunded_amount", Money),
            ("unallocated_amount", Money),
            ("decided_at", Int),
            ("decided_by_id", Id),
            ("decision_reason", Text),
            ("reversed_on", Text),
            ("exchange_rate", Int),
            ("base_amount", Money),
            ("owner_id", Id),
        ],
        &[
            &["number", "id"],
            &["received_on", "id"],
            &["base_amount", "id"],
            &["status", "received_on", "id"],
            &["status", "created_at", "id"],
            &["customer_id", "received_on", "id"],
            &["contract_id"],
            &["owner_id", "received_on", "id"],
            &["owner_id", "created_at", "id"],
            &["owner_id", "updated_at", "id"],
        ],
    ),
    (
        "allocations",
        &[
            ("payment_id", Id),
            ("receivable_id", Id),
            ("contract_id", Id),
            ("customer_id", Id),
            ("amount", Money),
            ("receivable_amount", Money),
            ("exchange_rate", Int),
            ("exchange_difference", Int),
            ("allocated_on", Text),
            ("released_at", Int),
            ("release_reason", Text),
        ],
        &[
            &["allocated_on", "id"],
            &["payment_id"],
            &["receivable_id"],
            &["contract_id"],
            &["customer_id", "allocated_on", "id"],
        ],
    ),
    (
        "adjustments",
        &[
            ("receivable_id", Id),
            ("contract_id", Id),
            ("customer_id", Id),
            ("adjustment_kind", Text),
            ("amount", Money),
            ("reason", Text),
            ("adjusted_on", Text),
        ],
        &[
            &["adjusted_on", "id"],
            &["receivable_id"],
            &["contract_id"],
            &["customer_id", "adjusted_on", "id"],
        ],
    ),
    (
        "refunds",
        &[
            ("payment_id", Id),
            ("customer_id", Id),
            ("amount", Money),
            ("refunded_on", Text),
            ("reason", Text),
            ("method", Text),
        ],
        &[
            &["refunded_on", "id"],
            &["payment_id"],
            &["customer_id", "refunded_on", "id"],
        ],
    ),
    (
        "exchange_rates",
        &[("currency", Text), ("rate", Int), ("valid_from", Text)],
        &[
            &["currency", "id"],
            &["valid_from", "id"],
            &["currency", "valid_from", "id"],
        ],
    ),
    (
        "targets",
        &[
            ("owner_id", Id),
            ("department_id", Id),
            ("month", Text),
            ("metric", Text),
            ("planned", Int),
            ("slot", Text),
        ],
        &[
            &["month", "id"],
            &["planned", "id"],
            &["owner_id", "month", "id"],
            &["department_id", "month", "id"],
        ],
    ),
];
