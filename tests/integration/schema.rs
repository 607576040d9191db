//! The migrated schema.

use crate::support::both_databases;

both_databases! {
    async fn a_migrated_database_has_nothing_left_to_migrate(test) {
        assert_eq!(test.app.db.pending_migrations().await.unwrap(), 0);
    }

    async fn migrating_again_changes_nothing(test) {
        test.app.db.migrate().await.unwrap();
        assert_eq!(test.app.db.pending_migrations().await.unwrap(), 0);
    }
}
