//! What Kehu is measured against: handlers written by hand, each for its one purpose, that run the same
//! statements through sqlx and write the same JSON, without engine, checks or history. Who asks is found
//! out as Kehu does it, by session and reach.

use actix_web::web::{self, Bytes, Data, Path, Query};
use actix_web::{App as Site, HttpRequest, HttpResponse, HttpServer};
use kehu_app::context::Request;
use kehu_app::{App, DbSettings, clock};
use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::{Def, Type};
use kehu_domain::rights::Action;
use kehu_domain::search::{Token, query_tokens};
use kehu_domain::{customer, lead, opportunity};
use kehu_persistence::search::{Taking, walk_or_gather};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::bare::store::{Arg, Store};

mod store;

/// Serves the bare handlers as the environment says, until it is killed.
pub(crate) async fn serve() {
    let setting = |name: &str| std::env::var(name).unwrap();
    let url = setting("KEHU_DATABASE_URL");
    let app = App::open(&DbSettings {
        url: url.clone(),
        connections: 8,
        durable: true,
    })
    .await
    .unwrap();
    let bare = Data::new(Bare {
        app,
        store: Store::open(&url).await,
    });
    let port: u16 = setting("KEHU_PORT").parse().unwrap();
    HttpServer::new(move || {
        Site::new()
            .app_data(bare.clone())
            .route("/readyz", web::get().to(HttpResponse::Ok))
            .service(
                web::scope("/api/v1")
                    .route("/leads", web::get().to(list))
                    .route("/leads", web::post().to(create))
                    .route("/leads/{id}", web::get().to(get))
                    .route("/leads/{id}/claim", web::post().to(claim))
                    .route("/customers", web::get().to(search))
                    .route("/opportunities/summary", web::get().to(totals))
                    .route("/opportunities/board", web::get().to(board)),
            )
    })
    .bind(("127.0.0.1", port))
    .unwrap()
    .run()
    .await
    .unwrap();
}

struct Bare {
    app: App,
    store: Store,
}

impl Bare {
    async fn caller(&self, request: &HttpRequest) -> Ctx {
        let now = clock::now();
        let header = request.headers().get("authorization").unwrap();
        let token = header.to_str().unwrap().trim_start_matches("Bearer ");
        let session = self.app.recognise_token(token, now).await.unwrap();
        let request = Request {
            id: String::new(),
            now,
            locale: None,
            repeat: None,
        };
        let context = self
            .app
            .context(session.workspace_id, session.user_id, request);
        context.await.unwrap()
    }
}

/// The condition of what a caller sees of a kind, with its arguments.
struct Seen {
    sql: String,
    args: Vec<Arg>,
}

impl Seen {
    fn of(ctx: &Ctx, kind: &str, pooled: bool) -> Self {
        let me = ctx.actor.user_id;
        let mut seen = Self {
            sql: String::new(),
            args: Vec::new(),
        };
        let workspace = seen.next(Arg::Id(ctx.workspace.id));
        seen.sql = format!("workspace_id = {workspace}");
        if let Some(owners) = seen.owners(ctx) {
            let collaborators = seen.next(Arg::Text(me.to_string()));
            let mut any = format!(
                "{owners} OR id IN (SELECT record_id FROM list_values WHERE workspace_id = \
                 {workspace} AND kind = '{kind}' AND field = 'collaborator_ids' AND value = {collaborators})"
            );
            if pooled {
                let pools = seen.list(ctx.actor.pools.iter().copied());
                any.push_str(&format!(" OR (owner_id IS NULL AND pool_id IN ({pools}))"));
            }
            seen.sql.push_str(&format!(" AND ({any})"));
        }
        seen
    }

    /// The condition on the owner for the two roles that ask here.
    fn owners(&mut self, ctx: &Ctx) -> Option<String> {
        let workspace = "$1";
        match ctx.actor.owners(&lead::DEF, Action::View) {
            Owners::All => None,
            Owners::None => Some("1 = 0".to_owned()),
            Owners::Own(person) | Owners::Below(person) => {
                let person = self.next(Arg::Id(person));
                Some(format!("owner_id = {person}"))
            }
            Owners::Department { person, department }
            | Owners::DepartmentTree { person, department }
            | Owners::BelowAndDepartment {
                person, department, ..
            } => {
                let person = self.next(Arg::Id(person));
                let department = self.next(Arg::Id(department));
                Some(format!(
                    "(owner_id = {person} OR owner_id IN (SELECT id FROM users WHERE \
                     workspace_id = {workspace} AND department_id = {department}))"
                ))
            }
        }
    }

    fn next(&mut self, arg: Arg) -> String {
        self.args.push(arg);
        format!("${}", self.args.len())
    }

    fn list(&mut self, ids: impl Iterator<Item = Uuid>) -> String {
        let places: Vec<String> = ids.map(|id| self.next(Arg::Id(id))).collect();
        places.join(", ")
    }
}

/// The columns of a kind, in order.
fn columns(def: &Def) -> String {
    let mut names = Vec::new();
    for field in def.all_fields() {
        names.push(field.name.to_owned());
        if field.ty == Type::Money {
            names.push(format!("{}_currency", field.name));
        }
    }
    names.join(", ")
}

fn answer(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

async fn get(bare: Data<Bare>, request: HttpRequest, id: Path<Uuid>) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let mut seen = Seen::of(&ctx, "lead", true);
    let id = seen.next(Arg::Id(*id));
    let (columns, condition) = (columns(&lead::DEF), &seen.sql);
    let sql = format!("SELECT {columns} FROM leads WHERE {condition} AND id = {id}");
    answer(bare.store.rows(&sql, &seen.args, &lead::DEF).await)
}

#[derive(Deserialize)]
struct ListQuery {
    count: Option<String>,
    q: Option<String>,
}

async fn list(bare: Data<Bare>, request: HttpRequest, query: Query<ListQuery>) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let mut seen = Seen::of(&ctx, "lead", true);
    let status = seen.next(Arg::Text("pending".to_owned()));
    let owner = seen.next(Arg::Id(ctx.actor.user_id));
    let condition = format!(
        "{} AND deleted_at IS NULL AND status = {status} AND owner_id = {owner}",
        seen.sql
    );
    let order = "ORDER BY created_at DESC NULLS LAST, id DESC NULLS LAST";
    if query.count.is_some() {
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM leads WHERE {condition} LIMIT 10001) AS matching"
        );
        let count = bare.store.number(&sql, &seen.args).await;
        let sql =
            format!("SELECT id, version, created_at FROM leads WHERE {condition} {order} LIMIT 2");
        bare.store.run(&sql, &seen.args).await;
        return answer(format!("{{\"items\":[],\"count\":{count}}}").into_bytes());
    }
    let columns = columns(&lead::DEF);
    let sql = format!("SELECT {columns} FROM leads WHERE {condition} {order} LIMIT 51");
    answer(bare.store.rows(&sql, &seen.args, &lead::DEF).await)
}

async fn search(bare: Data<Bare>, request: HttpRequest, query: Query<ListQuery>) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let mut seen = Seen::of(&ctx, "customer", true);
    let words = query.q.as_deref().unwrap_or_default();
    let postgres = bare.store.is_postgres();
    let (quote, part) = if postgres { ("'", ":*") } else { ("\"", "*") };
    let workspace = ctx.workspace.id.simple();
    let mut terms = vec![format!("{quote}0{workspace}customer{quote}")];
    terms.extend(query_tokens(words).into_iter().map(|token| match token {
        Token::Exact(text) => format!("{quote}cu{text}{quote}"),
        Token::Prefix(text) => format!("{quote}cu{text}{quote}{part}"),
    }));
    let taking = if postgres {
        let asked = [&["'1'".to_owned()][..], &terms].concat();
        walk_or_gather(&bare.store.estimates(&asked).await, 51)
    } else {
        let some = "SELECT count(*) FROM (SELECT 1 FROM search_index WHERE search_index MATCH $1 LIMIT 2001) AS matching";
        let all = [Arg::Text(terms.join(" AND "))];
        match bare.store.number(some, &all).await {
            2_001.. => Taking::Checked,
            _ => Taking::Gathered,
        }
    };
    let its = "SELECT d.id FROM search_documents d WHERE d.workspace_id = customers.workspace_id AND \
               d.record_id = customers.id";
    let terms = seen.next(Arg::Text(terms.join(if postgres {
        " & "
    } else {
        " AND "
    })));
    let rows = format!("SELECT rowid FROM search_index WHERE search_index MATCH {terms}");
    let found = match (taking, postgres) {
        (Taking::Gathered, true) => format!(
            "id IN (SELECT record_id FROM search_documents WHERE tokens @@ {terms}::tsquery)"
        ),
        (_, true) => format!("EXISTS ({its} AND d.tokens @@ {terms}::tsquery OFFSET 0)"),
        (Taking::Gathered, false) => {
            format!("id IN (SELECT record_id FROM search_documents WHERE id IN ({rows}))")
        }
        (_, false) => format!("({its}) IN ({rows})"),
    };
    let order = "ORDER BY created_at DESC NULLS LAST, id DESC NULLS LAST LIMIT";
    let (columns, seen_by) = (columns(&customer::DEF), &seen.sql);
    let sql = if let Taking::Walked(far) = taking {
        format!(
            "SELECT {columns} FROM (SELECT * FROM customers WHERE {seen_by} AND deleted_at IS NULL \
             {order} {far}) AS customers WHERE {found} {order} 51"
        )
    } else {
        format!(
            "SELECT {columns} FROM customers WHERE {seen_by} AND deleted_at IS NULL AND {found} {order} 51"
        )
    };
    answer(bare.store.rows(&sql, &seen.args, &customer::DEF).await)
}

async fn totals(bare: Data<Bare>, request: HttpRequest) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let mut seen = Seen::of(&ctx, "opportunity", false);
    let currency = seen.next(Arg::Text("CNY".to_owned()));
    let sql = format!(
        "SELECT stage_id, count(*), CAST(SUM(CASE WHEN amount_currency = {currency} THEN amount END) AS \
         bigint) FROM opportunities WHERE {} AND deleted_at IS NULL GROUP BY stage_id ORDER BY stage_id \
         LIMIT 1001",
        seen.sql
    );
    let groups: Vec<Value> = bare
        .store
        .sums(&sql, &seen.args)
        .await
        .into_iter()
        .map(told)
        .collect();
    HttpResponse::Ok().json(json!({"groups": groups}))
}

fn told((stage, count, sum): (Uuid, i64, Option<i64>)) -> Value {
    json!({"stage_id": stage, "count": count, "sum": {"amount": {"amount": sum, "currency": "CNY"}}})
}

async fn board(bare: Data<Bare>, request: HttpRequest) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let organisation = bare.app.organisation(ctx.workspace.id).await.unwrap();
    let pipeline = organisation.default_pipeline().unwrap();
    let since = clock::today(&ctx) - chrono::Days::new(30);
    let mut body = Vec::from(&b"{\"stages\":["[..]);
    for open in [true, false] {
        let mut seen = Seen::of(&ctx, "opportunity", false);
        let own = seen.next(Arg::Id(ctx.actor.user_id));
        let here = seen.next(Arg::Id(pipeline));
        let mut condition = format!(
            "{} AND deleted_at IS NULL AND pipeline_id = {here} AND owner_id = {own}",
            seen.sql
        );
        if open {
            condition.push_str(" AND status = 'open'");
        } else {
            let since = seen.next(Arg::Text(since.to_string()));
            condition.push_str(&format!(" AND status <> 'open' AND closed_on >= {since}"));
        }
        let sql = format!(
            "SELECT stage_id, count(*), CAST(coalesce(sum(base_amount), 0) AS bigint) FROM opportunities \
             WHERE {condition} GROUP BY stage_id"
        );
        let order = if open { "base_amount" } else { "closed_on" };
        for sums in bare.store.sums(&sql, &seen.args).await {
            let mut args = seen.args.clone();
            args.push(Arg::Id(sums.0));
            let sql = format!(
                "SELECT {} FROM opportunities WHERE {condition} AND stage_id = ${} ORDER BY {order} DESC \
                 NULLS LAST, id DESC NULLS LAST LIMIT 51",
                columns(&opportunity::DEF),
                args.len()
            );
            body.extend(told(sums).to_string().into_bytes());
            body.extend(bare.store.rows(&sql, &args, &opportunity::DEF).await);
            let sql = "SELECT id, name, email FROM users WHERE workspace_id = $1 AND id = $2";
            let who = [Arg::Id(ctx.workspace.id), Arg::Id(ctx.actor.user_id)];
            bare.store.run(sql, &who).await;
            let sql = format!(
                "SELECT id, name FROM customers WHERE id IN (SELECT customer_id FROM opportunities WHERE \
                 {condition} AND stage_id = ${} ORDER BY {order} DESC NULLS LAST, id DESC NULLS LAST LIMIT 50)",
                args.len()
            );
            bare.store.run(&sql, &args).await;
        }
    }
    body.extend(b"]}");
    answer(body)
}

async fn create(bare: Data<Bare>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let lead: Value = serde_json::from_slice(&body).unwrap();
    let text = |name: &str| lead[name].as_str().unwrap_or_default().to_owned();
    let (workspace, me, id) = (ctx.workspace.id, ctx.actor.user_id, Uuid::now_v7());
    let now = ctx.now.timestamp_micros();
    let changes = json!({"name": text("name"), "company": text("company"), "phone": text("phone"),
        "email": text("email"), "city": text("city"), "status": "pending", "owner_id": me});
    let document = format!("0{}lead {}", workspace.simple(), SOME_TOKENS);
    let mut tx = bare.store.begin().await;
    for key in ["email", "phone"] {
        tx.guard(&format!("{workspace}:lead:{key}:{}", text(key)))
            .await;
        let sql = format!(
            "SELECT id, {key} FROM leads WHERE workspace_id = $1 AND deleted_at IS NULL AND {key} IN ($2) \
             LIMIT 10000"
        );
        tx.run(&sql, &[Arg::Id(workspace), Arg::Text(text(key))])
            .await;
    }
    tx.run(
        "INSERT INTO leads (workspace_id, id, version, created_at, created_by, updated_at, updated_by, name, \
         company, phone, email, city, status, owner_id, owner_since, pool_id) VALUES ($1, $2, 1, $3, $4, $3, \
         $4, $5, $6, $7, $8, $9, 'pending', $4, $3, $10)",
        &[
            Arg::Id(workspace),
            Arg::Id(id),
            Arg::Int(now),
            Arg::Id(me),
            Arg::Text(text("name")),
            Arg::Text(text("company")),
            Arg::Text(text("phone")),
            Arg::Text(text("email")),
            Arg::Text(text("city")),
            Arg::Id(ctx.actor.pools[0]),
        ],
    )
    .await;
    tx.index(workspace, "lead", id, &document).await;
    tx.run(
        "INSERT INTO similarity_keys (workspace_id, kind, key, record_id) VALUES ($1, 'lead', $2, $3)",
        &[Arg::Id(workspace), Arg::Text(text("company")), Arg::Id(id)],
    )
    .await;
    tx.log(&ctx, id, 1, "create", &changes).await;
    tx.commit().await;
    HttpResponse::Created().json(json!({"id": id, "version": 1, "name": text("name"),
        "company": text("company"), "phone": text("phone"), "email": text("email"), "city": text("city"),
        "status": "pending", "owner_id": me, "created_at": ctx.now, "updated_at": ctx.now}))
}

/// As many tokens as the searchable fields of a lead give.
const SOME_TOKENS: &str =
    "kehu01 kehu02 kehu03 kehu04 kehu05 kehu06 kehu07 kehu08 kehu09 kehu10 kehu11 kehu12";

async fn claim(bare: Data<Bare>, request: HttpRequest, id: Path<Uuid>) -> HttpResponse {
    let ctx = bare.caller(&request).await;
    let (workspace, me) = (ctx.workspace.id, ctx.actor.user_id);
    let mut seen = Seen::of(&ctx, "lead", true);
    let place = seen.next(Arg::Id(*id));
    let sql = format!(
        "SELECT {} FROM leads WHERE {} AND deleted_at IS NULL AND id = {place}",
        columns(&lead::DEF),
        seen.sql
    );
    let mut tx = bare.store.begin().await;
    let found = tx.locked(&sql, &seen.args, &lead::DEF).await;
    let sql = "UPDATE leads SET version = version + 1, updated_at = $1, updated_by = $2, status = 'pending', \
               owner_id = $2, owner_since = $1 WHERE workspace_id = $3 AND id = $4 AND owner_id IS NULL";
    let now = Arg::Int(ctx.now.timestamp_micros());
    tx.run(sql, &[now, Arg::Id(me), Arg::Id(workspace), Arg::Id(*id)])
        .await;
    let changes = json!({"status": ["unassigned", "pending"], "owner_id": [null, me]});
    tx.log(&ctx, *id, 2, "claim", &changes).await;
    tx.commit().await;
    answer(found)
}
