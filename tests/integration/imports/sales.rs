//! A real company's fifteen months of sales, imported whole, and what comes of it.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::{all, count, expected, mapping, run, settled, upload};
use crate::support::both_databases;
use crate::support::client::Caller;

/// Imports a file of the practice set, and gives its counts.
async fn import(admin: &Caller, file: &str, by: &str) -> Value {
    let import = upload(admin, file, expected::practice_file(file)).await;
    let done = run(admin, import, json!({"mapping": mapping(by)})).await;
    assert_eq!(done["state"], "completed", "{file}: {done:#}");
    done["counts"].clone()
}

/// Imports everything that opportunities name.
async fn import_what_they_name(admin: &Caller) {
    import(admin, "accounts.csv", "crm-accounts.toml").await;
    import(admin, "sales_teams.csv", "crm-sales-team.toml").await;
    import(admin, "sales_teams.csv", "crm-sales-managers.toml").await;
    let products = import(admin, "products.csv", "crm-products.toml").await;
    assert_eq!(
        (&products["created"], &products["others_created"]),
        (&json!(7), &json!(3))
    );
}

/// Imports the whole practice set; gives the import of the opportunities.
pub(super) async fn import_everything(admin: &Caller) -> Value {
    import_what_they_name(admin).await;
    let file = expected::practice_file("sales_pipeline.csv");
    let upload = upload(admin, "sales_pipeline.csv", file).await;
    let body = json!({"mapping": mapping("crm-opportunities.toml")});
    let done = run(admin, upload, body).await;
    assert_eq!(done["state"], "completed", "{done:#}");
    done
}

/// One opportunity of the file.
pub(super) struct Row {
    pub(super) agent: String,
    product: String,
    pub(super) account: String,
    stage: String,
    engaged: String,
    pub(super) closed: String,
    value: String,
}

impl Row {
    pub(super) fn is(&self, stage: &str) -> bool {
        self.stage == stage
    }

    /// What it came to, in cents.
    pub(super) fn cents(&self) -> i64 {
        self.value.parse::<i64>().unwrap() * 100
    }

    /// Days from the engagement to the decision.
    fn cycle(&self) -> i64 {
        days(&self.closed) - days(&self.engaged)
    }
}

/// The day's number, counted from some day on.
fn days(day: &str) -> i64 {
    let parts: Vec<i64> = day.split('-').map(|part| part.parse().unwrap()).collect();
    let (year, month, day) = (parts[0], parts[1], parts[2]);
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day
}

pub(super) fn rows() -> Vec<Row> {
    let file = expected::practice_file("sales_pipeline.csv");
    let text = std::str::from_utf8(&file).unwrap();
    assert!(!text.contains('"'));
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let cell = |at: usize| cells[at].trim().to_owned();
            Row {
                agent: cell(1),
                product: cell(2).replace("GTXPro", "GTX Pro"),
                account: cell(3),
                stage: cell(4),
                engaged: cell(5),
                closed: cell(6),
                value: cell(7),
            }
        })
        .collect()
}

/// The list prices, in cents.
fn prices() -> HashMap<String, i64> {
    let file = expected::practice_file("products.csv");
    let text = std::str::from_utf8(&file).unwrap();
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].to_owned(), cells[2].parse::<i64>().unwrap() * 100)
    };
    text.lines().skip(1).map(line).collect()
}

/// Every row as it should stand in the store, in order.
fn as_stored(rows: &[Row]) -> Vec<Value> {
    let prices = prices();
    let text = |text: &str| {
        if text.is_empty() {
            Value::Null
        } else {
            json!(text)
        }
    };
    let mut stored: Vec<Value> = rows
        .iter()
        .map(|row| {
            let (stage, status) = match row.stage.as_str() {
                "Prospecting" => ("Discovery", "open"),
                "Engaging" => ("Qualification", "open"),
                "Won" => ("Won", "won"),
                "Lost" => ("Lost", "lost"),
                other => panic!("{other}"),
            };
            // What has no value yet stands for the list price of its product.
            let cents = if status == "open" {
                prices[&row.product]
            } else {
                row.cents()
            };
            let name = match row.account.as_str() {
                "" => row.product.clone(),
                account => format!("{account} · {}", row.product),
            };
            let reason = (status != "open").then_some("not_recorded");
            json!([
                name,
                row.agent,
                [row.product],
                text(&row.account),
                stage,
                status,
                text(&row.engaged),
                text(&row.closed),
                cents,
                cents,
                reason
            ])
        })
        .collect();
    stored.sort_by_key(Value::to_string);
    stored
}

/// The same as the API tells it.
async fn stored(admin: &Caller) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = format!(
            "/api/v1/opportunities?limit=200&sort=name&expand=owner,customer,stage,products{cursor}"
        );
        let page = admin.get(&page).await.ok();
        for o in page["items"].as_array().unwrap() {
            let title = |name: &str| o[name]["title"].clone();
            let products: Vec<&Value> = o["products"]
                .as_array()
                .unwrap()
                .iter()
                .map(|p| &p["title"])
                .collect();
            assert_eq!(o["lines"].as_array().unwrap().len(), 1);
            assert_eq!(o["amount"]["currency"], "USD");
            found.push(json!([
                o["name"],
                title("owner"),
                products,
                title("customer"),
                title("stage"),
                o["status"],
                o["started_on"],
                o["closed_on"],
                o["amount"]["amount"],
                o["lines"][0]["gross"],
                o["close_reason"]
            ]));
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    found.sort_by_key(Value::to_string);
    found
}

/// What was sold by those who belong together: won, their value in cents, lost, Σ days, in this order.
type Sums = (i64, i64, i64, i64);

/// The decided rows by what `key` makes of them.
fn decided(rows: &[Row], key: impl Fn(&Row) -> Vec<String>) -> BTreeMap<String, Sums> {
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is("Won") || row.is("Lost")) {
        for key in key(row) {
            let sums = groups.entry(key).or_default();
            if row.is("Won") {
                sums.0 += 1;
                sums.1 += row.cents();
                sums.3 += row.cycle();
            } else {
                sums.2 += 1;
            }
        }
    }
    groups
}

/// A part of a whole, in so many parts, rounded half up.
fn of(part: i64, whole: i64, parts: i64) -> Value {
    if whole == 0 {
        return Value::Null;
    }
    json!((2 * part * parts + whole) / (2 * whole))
}

/// These sums as the API tells them.
fn as_told((won, cents, lost, days): Sums) -> Value {
    json!([
        won,
        cents,
        lost,
        of(won, won + lost, 10_000),
        of(days, won, 10)
    ])
}

/// What the API tells by title.
async fn told(caller: &Caller, by: &str) -> BTreeMap<String, Value> {
    let report = caller
        .get(&format!("/api/v1/reports/won?by={by}"))
        .await
        .ok();
    assert_eq!(report["currency"], "USD");
    let figures = |row: &Value| {
        json!([
            row["won_count"],
            row["won_amount"],
            row["lost_count"],
            row["win_rate"],
            row["cycle_days"]
        ])
    };
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["title"].as_str().unwrap_or("").to_owned(), figures(row)))
        .collect()
}

fn all_as_told(groups: BTreeMap<String, Sums>) -> BTreeMap<String, Value> {
    groups
        .into_iter()
        .map(|(key, sums)| (key, as_told(sums)))
        .collect()
}

/// The agents with their managers and offices.
pub(super) fn team() -> HashMap<String, (String, String)> {
    let file = expected::practice_file("sales_teams.csv");
    let rows = expected::sales_team(&file).into_iter();
    rows.map(|[agent, manager, office]| (agent, (manager, office)))
        .collect()
}

/// The industries of the accounts, as they are told.
fn industries() -> HashMap<String, String> {
    let file = expected::practice_file("accounts.csv");
    let text = std::str::from_utf8(&file).unwrap();
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (
            cells[0].to_owned(),
            cells[1].replace("technolgy", "technology"),
        )
    };
    text.lines().skip(1).map(line).collect()
}

/// The middle one of these, in tenths of days; the mean of the middle two.
fn median(mut days: Vec<i64>) -> Value {
    days.sort_unstable();
    let many = days.len();
    if many == 0 {
        return Value::Null;
    }
    let middle = days[(many - 1) / 2] + days[many / 2];
    json!(middle * 5)
}

/// Compares what the API tells of what was sold with the file.
pub(super) async fn compare_reports(admin: &Caller, rows: &[Row]) {
    let (team, industries) = (team(), industries());
    let month = |row: &Row| row.closed.rsplit_once('-').unwrap().0.to_owned();
    let quarter = |row: &Row| {
        let parts: Vec<&str> = row.closed.split('-').collect();
        let month: u32 = parts[1].parse().unwrap();
        format!("{}-Q{}", parts[0], month.div_ceil(3))
    };
    let quarters = decided(rows, |row| vec![quarter(row)]);
    let won: Vec<(i64, i64)> = quarters
        .values()
        .map(|sums| (sums.0, sums.1 / 100))
        .collect();
    assert_eq!(
        won,
        [
            (531, 1_134_672),
            (1_254, 3_086_111),
            (1_257, 2_982_255),
            (1_196, 2_802_496)
        ]
    );
    let offices = decided(rows, |row| vec![team[&row.agent].1.clone()]);
    let won: Vec<(&str, i64)> = offices
        .iter()
        .map(|(name, sums)| (name.as_str(), sums.1 / 100))
        .collect();
    assert_eq!(
        won,
        [
            ("Central", 3_346_293),
            ("East", 3_090_594),
            ("West", 3_568_647)
        ]
    );

    let departments = decided(rows, |row| {
        let (manager, office) = team[&row.agent].clone();
        vec![manager, office]
    });
    for (by, groups) in [
        ("month", decided(rows, |row| vec![month(row)])),
        ("quarter", quarters),
        ("owner", decided(rows, |row| vec![row.agent.clone()])),
        (
            "manager",
            decided(rows, |row| vec![team[&row.agent].0.clone()]),
        ),
        ("department", departments),
        ("product", decided(rows, |row| vec![row.product.clone()])),
        ("customer", decided(rows, |row| vec![row.account.clone()])),
    ] {
        assert_eq!(told(admin, by).await, all_as_told(groups), "{by}");
    }
    // The dictionary has names for some of the industries; their codes are the file's.
    let report = admin.get("/api/v1/reports/won?by=industry").await.ok();
    let found: BTreeMap<&str, i64> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["key"].as_str().unwrap_or(""),
                row["won_amount"].as_i64().unwrap(),
            )
        })
        .collect();
    let groups = decided(rows, |row| {
        vec![industries.get(&row.account).cloned().unwrap_or_default()]
    });
    let groups: BTreeMap<&str, i64> = groups
        .iter()
        .map(|(key, sums)| (key.as_str(), sums.1))
        .collect();
    assert_eq!(found, groups);

    let total = decided(rows, |_| vec![String::new()])[""];
    assert_eq!(
        (total.0, total.1 / 100, total.2),
        (4_238, 10_005_534, 2_473)
    );
    let row = &report["total"];
    let figures = json!([
        row["won_count"],
        row["won_amount"],
        row["lost_count"],
        row["win_rate"],
        row["cycle_days"]
    ]);
    assert_eq!(figures, as_told(total));
    let part = "/api/v1/reports/won?by=month&from=2017-04-01&to=2017-06-30&filter=owner_id%20%21%3D%20null";
    let part = admin.get(part).await.ok();
    assert_eq!(
        (
            part["rows"].as_array().unwrap().len(),
            &part["total"]["won_amount"]
        ),
        (3, &json!(308_611_100))
    );
}

/// Compares the funnel with the file: what was decided had been engaged before.
pub(super) async fn compare_funnel(admin: &Caller, rows: &[Row]) {
    let count = |stage: &str, within: &dyn Fn(&Row) -> bool| {
        i64::try_from(
            rows.iter()
                .filter(|row| row.is(stage) && within(row))
                .count(),
        )
        .unwrap()
    };
    let any: &dyn Fn(&Row) -> bool = &|_| true;
    let second: &dyn Fn(&Row) -> bool =
        &|row| ("2017-04-01".."2017-07-01").contains(&row.engaged.as_str());
    for (period, engaged) in [("", any), ("&from=2017-04-01&to=2017-06-30", second)] {
        let funnel = admin
            .get(&format!(
                "/api/v1/reports/funnel?{}",
                period.trim_start_matches('&')
            ))
            .await
            .ok();
        let stage = funnel["stages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["stage"]["code"] == "qualification")
            .unwrap();
        let (won, lost, open) = (
            count("Won", engaged),
            count("Lost", engaged),
            count("Engaging", engaged),
        );
        let entered = won + lost + open;
        let figures = [
            "entered",
            "moved_on",
            "went_back",
            "lost",
            "still_there",
            "conversion",
            "median_days",
        ]
        .map(|name| stage[name].clone());
        let stays = rows
            .iter()
            .filter(|row| (row.is("Won") || row.is("Lost")) && engaged(row))
            .map(Row::cycle);
        assert_eq!(
            figures,
            [
                json!(entered),
                json!(won),
                json!(0),
                json!(lost),
                json!(open),
                of(won, entered, 10_000),
                median(stays.collect())
            ],
            "{period}"
        );
    }
    let funnel = admin.get("/api/v1/reports/funnel").await.ok();
    let entered: Vec<_> = funnel["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            (
                s["stage"]["code"].as_str().unwrap(),
                s["entered"].as_i64().unwrap(),
                s["still_there"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        entered,
        [
            ("discovery", 500, 500),
            ("qualification", 8_300, 1_589),
            ("proposal", 0, 0),
            ("negotiation", 0, 0),
            ("won", 4_238, 4_238),
            ("lost", 2_473, 2_473)
        ]
    );
}

both_databases! {
    async fn fifteen_months_of_sales_become_what_the_file_says(test) {
        let w = test.workspace_with("sales", "USD").await;
        let admin = &w.admin;
        let done = import_everything(admin).await;
        let rows = rows();
        let told = ["created", "refused", "duplicates", "warnings"].map(|name| done["counts"][name].clone());
        assert_eq!(told, [json!(rows.len()), json!(0), json!(0), json!(0)], "{done:#}");
        let without = |empty: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| empty(row)).count();
        assert_eq!((rows.len(), without(&|r| r.account.is_empty()), without(&|r| r.engaged.is_empty())), (8_800, 1_425, 500));
        for (found, expected) in stored(admin).await.iter().zip(as_stored(&rows)) {
            assert_eq!(*found, expected);
        }
        compare_reports(admin, &rows).await;
        compare_funnel(admin, &rows).await;
    }

    async fn the_same_file_once_more_updates_what_changed_and_undoing_takes_it_back(test) {
        let w = test.workspace_with("sales", "USD").await;
        let admin = &w.admin;
        import_what_they_name(admin).await;
        let heading = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n";
        let file = |rows: &str| format!("{heading}{rows}").into_bytes();
        let first = file("A,Moses Frase,GTXPro,Cancity,Engaging,2017-01-02,,\n\
            B,Moses Frase,MG Special,,Won,2017-01-02,2017-03-01,50\n\
            C,Moses Frase,MG Special,,Engaging,2017-01-02,2017-03-01,50\n\
            D,Moses Frase,MG Special,,Won,2017-03-02,2017-03-01,50\n\
            E,Nobody Knows,MG Special,,Won,2017-01-02,2017-03-01,50\n\
            F,Moses Frase,MG Special,,Sold,2017-01-02,2017-03-01,50\n");
        let import = upload(admin, "one.csv", first).await;
        let body = json!({"dry_run": true, "mapping": mapping("crm-opportunities.toml")});
        let tried = run(admin, import, body).await;
        let done = run(admin, import, json!({})).await;
        assert_eq!(tried["counts"], done["counts"]);
        assert_eq!((&done["counts"]["created"], &done["counts"]["refused"]), (&json!(2), &json!(4)), "{done:#}");
        let problems = admin.get(&format!("/api/v1/imports/{import}/problems")).await.ok();
        let mut told: Vec<(i64, &str)> = problems["items"].as_array().unwrap().iter()
            .map(|p| (p["row"].as_i64().unwrap(), p["code"].as_str().unwrap())).collect();
        told.sort_unstable();
        assert_eq!(told, [(4, "opportunity_is_open"), (5, "before_the_start"), (6, "not_found"), (7, "unknown_value"), (7, "unknown_value")]);
        assert_eq!(count(admin, "stage-changes").await, 3);

        let mut update = mapping("crm-opportunities.toml");
        update["on_duplicate"] = json!("update");
        let second = file("A,Moses Frase,GTX Basic,Cancity,Engaging,2017-01-02,,400\n\
            A,Moses Frase,GTX Basic,Cancity,Engaging,2017-01-02,,500\n\
            B,Moses Frase,MG Special,,Won,2017-01-02,2017-03-01,51\n\
            G,Moses Frase,MG Special,,Engaging,2017-01-02,,60\n\
            G,Moses Frase,GTX Basic,,Engaging,2017-01-02,,70\n");
        let again = upload(admin, "two.csv", second).await;
        let done = run(admin, again, json!({"mapping": update})).await;
        let counts = ["created", "updated", "refused"].map(|name| done["counts"][name].clone());
        assert_eq!(counts, [json!(1), json!(3), json!(1)], "{done:#}");
        let found = all(admin, "opportunities").await;
        let mut told: Vec<Value> = found.iter().map(|o| {
            json!([o["name"], o["lines"][0]["name"], o["amount"]["amount"], o["lines"][0]["gross"]])
        }).collect();
        told.sort_by_key(Value::to_string);
        assert_eq!(told, [
            json!(["Cancity · GTX Basic", "GTX Basic", 50_000, 50_000]),
            json!(["GTX Basic", "GTX Basic", 7_000, 7_000]),
            json!(["MG Special", "MG Special", 5_000, 5_000]),
        ]);
        // What the second file changed gets its products back; touched as it is, it outlives the first.
        for (id, kept, opportunities, changes) in [(again, 0, 2, 3), (import, 1, 1, 1)] {
            let undone = run_undo(admin, id).await;
            assert_eq!(undone["counts"]["kept"], kept, "{undone:#}");
            assert_eq!((count(admin, "opportunities").await, count(admin, "stage-changes").await), (opportunities, changes));
        }
        let left = &all(admin, "opportunities").await[0];
        assert_eq!((&left["lines"][0]["name"], &left["amount"]["amount"]), (&json!("GTX Pro"), &json!(482_100)));
    }

    async fn amounts_in_another_currency_need_a_rate_of_their_day(test) {
        let w = test.workspace().await;
        let admin = &w.admin;
        let file = "name,on,amount\nEarly,2026-01-01,100\nLate,2026-03-01,100\n";
        let fields = json!({"name": {"column": "name"}, "started_on": {"column": "on"},
            "amount": {"column": "amount", "currency": "USD"}});
        let body = json!({"mapping": {"kind": "opportunity", "fields": fields}});
        let rate = json!({"currency": "USD", "rate": 7_100_000, "valid_from": "2026-02-01"});
        admin.post("/api/v1/exchange-rates", rate).await.expect(201);
        let import = upload(admin, "usd.csv", file.into()).await;
        let done = run(admin, import, body).await;
        assert_eq!((&done["counts"]["created"], &done["counts"]["refused"]), (&json!(1), &json!(1)), "{done:#}");
        let problems = admin.get(&format!("/api/v1/imports/{import}/problems")).await.ok();
        assert_eq!((&problems["items"][0]["row"], &problems["items"][0]["code"]), (&json!(2), &json!("rate_missing")));
        let made = &all(admin, "opportunities").await[0];
        assert_eq!((&made["name"], &made["base_amount"]), (&json!("Late"), &json!({"amount": 71_000, "currency": "CNY"})));
    }
}

async fn run_undo(admin: &Caller, import: uuid::Uuid) -> Value {
    admin
        .act(&format!("/api/v1/imports/{import}/undo"))
        .await
        .ok();
    settled(admin, import).await
}
