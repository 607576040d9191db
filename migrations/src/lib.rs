//! The schema, step by step. A migration is never edited after it has landed.

pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub mod columns;
mod m20261122_000001_engine;
mod m20261122_000002_records;
mod m20261122_000003_sign_in;
mod m20261122_000005_imports;
mod m20261122_000006_sales;
mod m20261122_000008_first_stage;
mod m20261122_000010_reason_outcomes;
mod m20261122_000012_search_edition;
mod m20261128_000014_erasable_log;
mod m20261128_000016_document_lines;
mod m20261128_000020_reach;
mod m20261128_000022_rights;
mod m20261128_000024_settings_version;

/// All migrations in their order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_engine::Migration),
            Box::new(m20261122_000002_records::Migration),
            Box::new(m20261122_000003_sign_in::Migration),
            Box::new(m20261122_000005_imports::Migration),
            Box::new(m20261122_000006_sales::Migration),
            Box::new(m20261122_000008_first_stage::Migration),
            Box::new(m20261122_000010_reason_outcomes::Migration),
            Box::new(m20261122_000012_search_edition::Migration),
            Box::new(m20261128_000014_erasable_log::Migration),
            Box::new(m20261128_000016_document_lines::Migration),
            Box::new(m20261128_000020_reach::Migration),
            Box::new(m20261128_000022_rights::Migration),
            Box::new(m20261128_000024_settings_version::Migration),
        ]
    }
}
