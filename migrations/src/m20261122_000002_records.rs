//! The tables of the first kinds of record. Each sortable field has an index that ends with the id,
//! so that a page of a list is read straight from it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::Stored::{Bool, Id, Int, Money, Text};
use crate::columns::{LIVE, create_record_table, index, unique_index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        leads(manager).await?;
        customers(manager).await?;
        contacts(manager).await?;
        activities(manager).await?;
        tasks(manager).await?;
        tags(manager).await?;
        departments(manager).await?;
        users(manager).await?;
        roles(manager).await?;
        pools(manager).await?;
        territories(manager).await?;
        dictionary_entries(manager).await?;
        saved_views(manager).await?;
        // People sign in by their address alone, so it is theirs across all workspaces.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX ux_users_email ON users (email) WHERE deleted_at IS NULL",
            )
            .await?;
        Ok(())
    }
}

async fn leads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "leads",
        &[
            ("name", Text),
            ("company", Text),
            ("job_title", Text),
            ("phone", Text),
            ("landline", Text),
            ("email", Text),
            ("messenger", Text),
            ("province", Text),
            ("city", Text),
            ("district", Text),
            ("address", Text),
            ("industry", Text),
            ("source", Text),
            ("product_interest", Text),
            ("amount", Money),
            ("intent", Text),
            ("received_on", Text),
            ("tags", Text),
            ("note", Text),
            ("status", Text),
            ("status_reason", Text),
            ("owner_id", Id),
            ("owner_since", Int),
            ("previous_owner_id", Id),
            ("pool_id", Id),
            ("collaborator_ids", Text),
            ("next_contact_at", Int),
            ("last_activity_at", Int),
            ("converted_at", Int),
            ("converted_customer_id", Id),
            ("converted_contact_id", Id),
        ],
    )
    .await?;
    index(manager, "leads", &["status", "created_at", "id"], LIVE).await?;
    index(manager, "leads", &["status", "updated_at", "id"], LIVE).await?;
    index(manager, "leads", &["owner_id", "created_at", "id"], LIVE).await?;
    index(manager, "leads", &["owner_id", "updated_at", "id"], LIVE).await?;
    index(
        manager,
        "leads",
        &["owner_id", "status", "updated_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "leads",
        &["owner_id", "next_contact_at", "id"],
        LIVE,
    )
    .await?;
    index(manager, "leads", &["phone"], LIVE).await?;
    index(manager, "leads", &["email"], LIVE).await?;
    index(
        manager,
        "leads",
        &["pool_id", "created_at", "id"],
        "owner_id IS NULL AND deleted_at IS NULL",
    )
    .await?;
    index(manager, "leads", &["name", "id"], LIVE).await?;
    index(manager, "leads", &["company", "id"], LIVE).await?;
    index(manager, "leads", &["amount", "id"], LIVE).await?;
    index(manager, "leads", &["received_on", "id"], LIVE).await?;
    index(manager, "leads", &["owner_since", "id"], LIVE).await?;
    index(manager, "leads", &["next_contact_at", "id"], LIVE).await?;
    index(manager, "leads", &["last_activity_at", "id"], LIVE).await?;
    Ok(())
}

async fn customers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "customers",
        &[
            ("customer_type", Text),
            ("name", Text),
            ("company_kind", Text),
            ("parent_id", Id),
            ("industry", Text),
            ("source", Text),
            ("phone", Text),
            ("email", Text),
            ("messenger", Text),
            ("website", Text),
            ("country", Text),
            ("province", Text),
            ("city", Text),
            ("district", Text),
            ("address", Text),
            ("employees", Int),
            ("annual_revenue", Money),
            ("founded_year", Int),
            ("registration_number", Text),
            ("tax_number", Text),
            ("birthday", Text),
            ("gender", Text),
            ("occupation", Text),
            ("income_band", Text),
            ("education", Text),
            ("marital_status", Text),
            ("interests", Text),
            ("habits", Text),
            ("tags", Text),
            ("note", Text),
            ("lifecycle", Text),
            ("won_back_at", Int),
            ("blacklisted", Bool),
            ("blacklist_reason", Text),
            ("owner_id", Id),
            ("owner_since", Int),
            ("previous_owner_id", Id),
            ("pool_id", Id),
            ("return_reason", Text),
            ("collaborator_ids", Text),
            ("next_contact_at", Int),
            ("last_activity_at", Int),
        ],
    )
    .await?;
    index(
        manager,
        "customers",
        &["owner_id", "created_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "customers",
        &["owner_id", "updated_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "customers",
        &["lifecycle", "updated_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "customers",
        &["owner_id", "next_contact_at", "id"],
        LIVE,
    )
    .await?;
    index(manager, "customers", &["parent_id", "id"], LIVE).await?;
    index(manager, "customers", &["phone"], LIVE).await?;
    index(manager, "customers", &["email"], LIVE).await?;
    index(
        manager,
        "customers",
        &["pool_id", "created_at", "id"],
        "owner_id IS NULL AND deleted_at IS NULL",
    )
    .await?;
    index(manager, "customers", &["name", "id"], LIVE).await?;
    index(manager, "customers", &["employees", "id"], LIVE).await?;
    index(manager, "customers", &["annual_revenue", "id"], LIVE).await?;
    index(manager, "customers", &["owner_since", "id"], LIVE).await?;
    index(manager, "customers", &["next_contact_at", "id"], LIVE).await?;
    index(manager, "customers", &["last_activity_at", "id"], LIVE).await?;
    Ok(())
}

async fn contacts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "contacts",
        &[
            ("name", Text),
            ("customer_id", Id),
            ("job_title", Text),
            ("department_name", Text),
            ("is_primary", Bool),
            ("phone", Text),
            ("landline", Text),
            ("email", Text),
            ("messenger", Text),
            ("decision_role", Text),
            ("attitude", Text),
            ("influence", Int),
            ("relationship_strength", Int),
            ("reports_to_id", Id),
            ("birthday", Text),
            ("gender", Text),
            ("tags", Text),
            ("note", Text),
        ],
    )
    .await?;
    index(manager, "contacts", &["customer_id", "name", "id"], LIVE).await?;
    index(manager, "contacts", &["reports_to_id", "id"], LIVE).await?;
    index(manager, "contacts", &["phone"], LIVE).await?;
    index(manager, "contacts", &["email"], LIVE).await?;
    index(manager, "contacts", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn activities(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "activities",
        &[
            ("activity_type", Text),
            ("content", Text),
            ("occurred_at", Int),
            ("duration_minutes", Int),
            ("lead_id", Id),
            ("customer_id", Id),
            ("contact_id", Id),
            ("next_contact_at", Int),
            ("owner_id", Id),
        ],
    )
    .await?;
    index(
        manager,
        "activities",
        &["lead_id", "occurred_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "activities",
        &["customer_id", "occurred_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "activities",
        &["contact_id", "occurred_at", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "activities",
        &["owner_id", "occurred_at", "id"],
        LIVE,
    )
    .await?;
    index(manager, "activities", &["occurred_at", "id"], LIVE).await?;
    Ok(())
}

async fn tasks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "tasks",
        &[
            ("title", Text),
            ("due_at", Int),
            ("status", Text),
            ("priority", Text),
            ("description", Text),
            ("lead_id", Id),
            ("customer_id", Id),
            ("contact_id", Id),
            ("owner_id", Id),
            ("done_at", Int),
        ],
    )
    .await?;
    index(
        manager,
        "tasks",
        &["owner_id", "status", "due_at", "id"],
        LIVE,
    )
    .await?;
    index(manager, "tasks", &["lead_id", "id"], LIVE).await?;
    index(manager, "tasks", &["customer_id", "id"], LIVE).await?;
    index(manager, "tasks", &["contact_id", "id"], LIVE).await?;
    index(manager, "tasks", &["title", "id"], LIVE).await?;
    index(manager, "tasks", &["due_at", "id"], LIVE).await?;
    Ok(())
}

async fn tags(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(manager, "tags", &[("name", Text), ("colour", Text)]).await?;
    unique_index(manager, "tags", &["name"], LIVE).await?;
    index(manager, "tags", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn departments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "departments",
        &[("name", Text), ("parent_id", Id), ("manager_id", Id)],
    )
    .await?;
    index(manager, "departments", &["parent_id", "id"], LIVE).await?;
    index(manager, "departments", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "users",
        &[
            ("name", Text),
            ("email", Text),
            ("phone", Text),
            ("job_title", Text),
            ("department_id", Id),
            ("manager_id", Id),
            ("role_id", Id),
            ("active", Bool),
            ("locale", Text),
        ],
    )
    .await?;
    index(manager, "users", &["department_id", "id"], LIVE).await?;
    index(manager, "users", &["role_id", "id"], LIVE).await?;
    index(manager, "users", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn roles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "roles",
        &[
            ("name", Text),
            ("read_reach", Text),
            ("write_reach", Text),
            ("administers", Bool),
            ("may_import", Bool),
        ],
    )
    .await?;
    unique_index(manager, "roles", &["name"], LIVE).await?;
    index(manager, "roles", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn pools(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "pools",
        &[
            ("name", Text),
            ("record_kind", Text),
            ("everybody", Bool),
            ("member_ids", Text),
            ("department_ids", Text),
            ("is_default", Bool),
        ],
    )
    .await?;
    index(manager, "pools", &["record_kind", "id"], LIVE).await?;
    index(manager, "pools", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn territories(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "territories",
        &[
            ("name", Text),
            ("parent_id", Id),
            ("department_ids", Text),
            ("description", Text),
        ],
    )
    .await?;
    index(manager, "territories", &["parent_id", "id"], LIVE).await?;
    index(manager, "territories", &["name", "id"], LIVE).await?;
    Ok(())
}

async fn dictionary_entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "dictionary_entries",
        &[
            ("dictionary", Text),
            ("code", Text),
            ("name", Text),
            ("position", Int),
            ("active", Bool),
        ],
    )
    .await?;
    unique_index(manager, "dictionary_entries", &["dictionary", "code"], LIVE).await?;
    index(
        manager,
        "dictionary_entries",
        &["dictionary", "position", "id"],
        LIVE,
    )
    .await?;
    index(manager, "dictionary_entries", &["code", "id"], LIVE).await?;
    index(manager, "dictionary_entries", &["name", "id"], LIVE).await?;
    index(manager, "dictionary_entries", &["position", "id"], LIVE).await?;
    Ok(())
}

async fn saved_views(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_record_table(
        manager,
        "saved_views",
        &[
            ("name", Text),
            ("record_kind", Text),
            ("filter", Text),
            ("sort", Text),
            ("columns", Text),
            ("shared", Bool),
            ("position", Int),
            ("owner_id", Id),
        ],
    )
    .await?;
    index(
        manager,
        "saved_views",
        &["owner_id", "record_kind", "position", "id"],
        LIVE,
    )
    .await?;
    index(
        manager,
        "saved_views",
        &["record_kind", "position", "id"],
        LIVE,
    )
    .await?;
    index(manager, "saved_views", &["name", "id"], LIVE).await?;
    index(manager, "saved_views", &["position", "id"], LIVE).await?;
    Ok(())
}
