//! The proof of the change log: what it finds, and how a log of before is carried over.

use kehu_app::App;
use kehu_app::audit::{Audited, How};
use kehu_persistence::changes::chain::hash_with_values;
use kehu_persistence::changes::seal;
use kehu_persistence::db::DbSettings;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::support::workspace::{Workspace, id_of};
use crate::support::{TestApp, both_databases};

/// What somebody does who can write to the database.
struct Hand(DatabaseConnection);

impl Hand {
    async fn of(test: &TestApp) -> Self {
        Self(Database::connect(test.database.url()).await.unwrap())
    }

    async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }

    async fn text(&self, sql: &str) -> String {
        let statement = Statement::from_string(self.0.get_database_backend(), sql.to_owned());
        let row = self.0.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

/// A workspace with some leads whose changes have their places: the place of the last one.
async fn some_leads(test: &TestApp) -> (Workspace, Vec<Uuid>) {
    let workspace = test.workspace().await;
    let mut leads = Vec::new();
    for number in 0..6 {
        let body =
            json!({"name": format!("lead {number}"), "phone": format!("+861380000000{number}")});
        leads.push(id_of(
            &workspace
                .admin
                .post("/api/v1/leads", body)
                .await
                .expect(201),
        ));
    }
    test.app.seal_changes().await.unwrap();
    (workspace, leads)
}

async fn audited(app: &App) -> Audited {
    app.seal_changes().await.unwrap();
    app.verify_audit().await.unwrap().remove(0)
}

async fn found(test: &TestApp) -> Option<(i64, How)> {
    let broken = audited(&test.app).await.broken;
    broken.map(|broken| (broken.position, broken.how))
}

/// The place of the change that made a lead.
async fn place_of(hand: &Hand, lead: Uuid) -> i64 {
    let id = match hand.0.get_database_backend() {
        DbBackend::Postgres => format!("'{lead}'"),
        _ => format!("x'{}'", lead.simple()),
    };
    let sql = format!("SELECT CAST(position AS text) FROM changes WHERE record_id = {id}");
    hand.text(&sql).await.parse().unwrap()
}

async fn erase_phone(test: &TestApp, lead: Uuid) {
    let def = &kehu_domain::lead::DEF;
    let fields = kehu_app::erase::fields_of(def, &["phone".to_owned()]).unwrap();
    let workspace = test.app.workspace_of(def, lead).await.unwrap();
    let now = kehu_app::clock::now();
    test.app
        .erase(workspace, def, lead, &fields, now)
        .await
        .unwrap();
}

both_databases! {
    async fn an_altered_value_is_found(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        assert_eq!(found(test).await, None);
        let at = place_of(&hand, leads[2]).await;
        hand.run(&format!("UPDATE changes SET fields = replace(fields, 'lead 2', 'lead 7') WHERE position = {at}")).await;
        assert_eq!(found(test).await, Some((at, How::Altered)));
    }

    async fn rows_that_changed_places_are_found(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let (one, other) = (place_of(&hand, leads[1]).await, place_of(&hand, leads[4]).await);
        for (from, to) in [(one, -1), (other, one), (-1, other)] {
            hand.run(&format!("UPDATE changes SET position = {to} WHERE position = {from}")).await;
        }
        assert_eq!(found(test).await, Some((one, How::Altered)));
    }

    async fn values_that_changed_places_are_found(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let (one, other) = (place_of(&hand, leads[1]).await, place_of(&hand, leads[4]).await);
        hand.run(&format!("UPDATE changes SET (fields, salt) = \
            (SELECT c.fields, c.salt FROM changes c WHERE c.position = {other} \
             AND c.workspace_id = changes.workspace_id) WHERE position = {one}")).await;
        assert_eq!(found(test).await, Some((one, How::Altered)));
    }

    async fn a_value_without_its_salt_is_found(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let at = place_of(&hand, leads[2]).await;
        hand.run(&format!("UPDATE changes SET salt = NULL WHERE position = {at}")).await;
        assert_eq!(found(test).await, Some((at, How::Altered)));
    }

    async fn a_salt_without_its_value_is_found(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let at = place_of(&hand, leads[2]).await;
        hand.run(&format!("UPDATE changes SET fields = replace(fields, '\"+8613800000002\"', 'null') \
            WHERE position = {at}")).await;
        assert_eq!(found(test).await, Some((at, How::Altered)));
    }

    async fn what_is_erased_leaves_the_proof_whole_and_nothing_else_may_change(test) {
        let (workspace, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        erase_phone(test, leads[2]).await;
        let log = audited(&test.app).await;
        assert_eq!((log.broken, log.erased), (None, 2), "in the making, and in the erasing");
        let history = format!("/api/v1/leads/{}/history", leads[2]);
        let history = workspace.admin.get(&history).await.ok();
        assert_eq!(history["items"][0]["verb"], "erase");
        let gone = json!({"old": null, "new": null, "erased": true});
        assert_eq!(history["items"][0]["changes"], json!({"phone": gone}));
        assert_eq!(history["items"][1]["changes"]["phone"], gone);
        assert_eq!(history["items"][1]["changes"]["name"], json!({"old": null, "new": "lead 2"}));

        let at = place_of_making(&hand, leads[2]).await;
        hand.run(&format!("UPDATE changes SET fields = replace(fields, 'lead 2', 'lead 7') WHERE position = {at}")).await;
        assert_eq!(found(test).await, Some((at, How::Altered)), "the other values are proved still");
    }

    async fn a_digest_can_not_stand_in_for_a_value_that_nobody_erased(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        erase_phone(test, leads[2]).await;
        audited(&test.app).await;
        // As if the erasing had never been told: the change that tells it is about another record now.
        let at = place_of_making(&hand, leads[2]).await;
        hand.run("UPDATE changes SET verb = 'update' WHERE verb = 'erase'").await;
        let broken = found(test).await.unwrap();
        assert_eq!(broken.1, How::Altered, "the change that tells it is in the chain");
        hand.run("UPDATE changes SET verb = 'erase' WHERE verb = 'update'").await;
        assert_eq!(found(test).await, None);
        // What stands where the value stood is its digest: another is none.
        hand.run(&format!("UPDATE changes SET remains = replace(remains, '\"phone\":[null,\"', \
            '\"phone\":[null,\"0') WHERE position = {at}")).await;
        assert_eq!(found(test).await, Some((at, How::Altered)));
    }

    async fn values_taken_out_by_hand_are_found(test) {
        let (_, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let ctx_workspace = test.app.workspace_of(&kehu_domain::lead::DEF, leads[3]).await.unwrap();
        // By the program's own means, but without saying so.
        let session = test.app.db.begin().await.unwrap();
        let taken = kehu_persistence::changes::erase::erase(
            &session, ctx_workspace.id, "lead", leads[3], &["phone"]).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(taken, 1);
        let at = place_of(&hand, leads[3]).await;
        assert_eq!(found(test).await, Some((at, How::TakenOut)));
    }

    async fn a_log_of_before_is_carried_over_and_can_be_erased(test) {
        let (workspace, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let old = back_to_before(test, &hand, &workspace).await;
        let app = reopened(test).await;
        let log = audited(&app).await;
        let joint = log.joint.clone().unwrap();
        assert_eq!((log.broken, joint.broken_at), (None, None));
        assert_eq!((joint.position, joint.old_hash.as_str()), (old.0, old.1.as_str()));
        assert_eq!(log.changes, u64::try_from(old.0).unwrap() + 1, "the joint is a change");
        assert_eq!(app.carry_over_log(kehu_app::clock::now()).await.unwrap(), 0);

        // It goes on as ever.
        workspace.admin.post("/api/v1/leads", json!({"name": "later"})).await.expect(201);
        assert_eq!(audited(&app).await.broken, None);
        erase_phone(test, leads[2]).await;
        let log = audited(&app).await;
        assert_eq!((log.broken, log.erased), (None, 2));
        app.db.close().await.unwrap();
    }

    async fn what_was_altered_before_it_was_carried_over_is_still_told(test) {
        let (workspace, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        back_to_before(test, &hand, &workspace).await;
        let at = place_of(&hand, leads[2]).await;
        hand.run(&format!("UPDATE changes SET fields = replace(fields, 'lead 2', 'lead 7') WHERE position = {at}")).await;
        let app = reopened(test).await;
        let broken = audited(&app).await.broken.unwrap();
        assert_eq!((broken.position, broken.how), (at, How::BrokenBefore));
        app.db.close().await.unwrap();
    }

    async fn what_is_altered_after_it_was_carried_over_is_found(test) {
        let (workspace, leads) = some_leads(test).await;
        let hand = Hand::of(test).await;
        let (last, _) = back_to_before(test, &hand, &workspace).await;
        let app = reopened(test).await;
        assert_eq!(audited(&app).await.broken, None);
        let at = place_of(&hand, leads[2]).await;
        hand.run(&format!("UPDATE changes SET verb = 'update' WHERE position = {at}")).await;
        assert_eq!(found(test).await, Some((at, How::Altered)));
        hand.run(&format!("UPDATE changes SET verb = 'create' WHERE position = {at}")).await;
        assert_eq!(found(test).await, None);
        // The joint can't be moved, and not be taken out either.
        hand.run("UPDATE changes SET fields = replace(fields, '\"broken_at\":[null,null]', \
            '\"broken_at\":[null,7]') WHERE verb = 'carry_over'").await;
        assert_eq!(found(test).await, Some((last + 1, How::Altered)));
        hand.run("DELETE FROM changes WHERE verb = 'carry_over'").await;
        assert_ne!(found(test).await, None);
        app.db.close().await.unwrap();
    }
}

/// The place of the first change of a lead.
async fn place_of_making(hand: &Hand, lead: Uuid) -> i64 {
    let id = match hand.0.get_database_backend() {
        DbBackend::Postgres => format!("'{lead}'"),
        _ => format!("x'{}'", lead.simple()),
    };
    let sql = format!("SELECT CAST(min(position) AS text) FROM changes WHERE record_id = {id}");
    hand.text(&sql).await.parse().unwrap()
}

/// Makes the log as it was before values could be erased: hashes over the values, no salts, and a
/// schema that knows nothing of them. The last place and its hash.
async fn back_to_before(test: &TestApp, hand: &Hand, workspace: &Workspace) -> (i64, String) {
    let id: Uuid = workspace.session["workspace"]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let all = seal::sealed(&test.app.db.read(), id, 0, 10_000)
        .await
        .unwrap();
    let (mut hash, mut last) = (String::new(), 0);
    for sealed in all {
        hash = hash_with_values(&hash, &sealed.change);
        last = sealed.change.position.unwrap();
        hand.run(&format!(
            "UPDATE changes SET hash = '{hash}' WHERE position = {last}"
        ))
        .await;
    }
    for sql in [
        &format!("UPDATE feed_heads SET hash = '{hash}'"),
        "ALTER TABLE changes DROP COLUMN salt",
        "ALTER TABLE changes DROP COLUMN remains",
        "ALTER TABLE feed_heads DROP COLUMN carry_to",
        "DELETE FROM seaql_migrations WHERE version = 'm20261128_000014_erasable_log'",
    ] {
        hand.run(sql).await;
    }
    (last, hash)
}

/// The program, started anew on the same database.
async fn reopened(test: &TestApp) -> App {
    let settings = DbSettings {
        url: test.database.url().to_owned(),
        connections: 2,
        durable: false,
    };
    App::open(&settings).await.unwrap()
}
