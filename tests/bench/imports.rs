//! Importing leads into SQLite as it is run for real: commits wait for the disk, duplicate keys are
//! checked, every row is searchable and in the change log.

use std::fmt::Write;
use std::time::Instant;

use kehu_app::context::Request;
use kehu_app::imports::{Import, Start};
use kehu_app::workspaces::{Administrator, NewWorkspace};
use kehu_app::{App, DbSettings, clock};
use kehu_domain::ctx::Ctx;
use kehu_domain::import::Mapping;
use serde_json::json;

/// Imports so many leads into an empty workspace, then the same file once more.
pub(crate) async fn measure(rows: u32) {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(&DbSettings {
        url: format!("sqlite://{}/bench.db?mode=rwc", folder.path().display()),
        connections: 4,
        durable: true,
    })
    .await
    .unwrap();
    let ctx = someone(&app).await;
    let file = leads(rows);
    println!("{rows} leads, {} kB", file.len() / 1024);
    for round in ["dry run", "new leads", "the same once more"] {
        let begun = Instant::now();
        let done = import(&app, &ctx, &file, round == "dry run").await;
        let seconds = begun.elapsed().as_secs_f64();
        let (made, there) = (done.counts.created, done.counts.duplicates);
        println!(
            "{round:>20}: {:>7.0} rows/s ({seconds:.1} s; {made} created, {there} duplicates)",
            f64::from(rows) / seconds
        );
    }
}

async fn someone(app: &App) -> Ctx {
    let new = NewWorkspace {
        name: "bench".to_owned(),
        locale: "zh-Hans".to_owned(),
        currency: "CNY".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        administrator: Administrator {
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
            password: "correct horse battery staple".to_owned(),
        },
    };
    let (workspace, user) = app.create_workspace(new, clock::now()).await.unwrap();
    let request = Request {
        id: "bench".to_owned(),
        now: clock::now(),
        locale: None,
        repeat: None,
    };
    app.context(workspace, user, request).await.unwrap()
}

async fn import(app: &App, ctx: &Ctx, file: &str, dry_run: bool) -> Import {
    let mapping: Mapping = serde_json::from_value(json!({"kind": "lead", "fields": {
        "name": {"column": "姓名"}, "company": {"column": "公司名称"},
        "job_title": {"column": "职务"}, "phone": {"column": "手机", "form": "mobile:CN"},
        "landline": {"column": "电话"}, "email": {"column": "邮箱"},
        "province": {"column": "省"}, "city": {"column": "市"}, "address": {"column": "地址"},
        "industry": {"column": "行业"}, "source": {"column": "来源"},
        "amount": {"column": "金额"}, "received_on": {"column": "日期"},
    }}))
    .unwrap();
    let tell = |_: &Import| serde_json::Value::Null;
    let mut upload = app.begin_upload(ctx, "leads.csv").await.unwrap();
    upload.add(file.as_bytes()).await.unwrap();
    let import = upload.finish(ctx, Some(&mapping), tell).await.unwrap();
    let start = Start {
        dry_run,
        mapping: None,
    };
    app.start_import(ctx, import.id, start, tell).await.unwrap();
    app.work_on_imports(Some(import.id)).await.unwrap();
    app.get_import(ctx, import.id).await.unwrap()
}

/// Leads as a person exports them, each with a number of its own.
pub(crate) fn leads(rows: u32) -> String {
    const SURNAMES: [&str; 8] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄"];
    const NAMES: [&str; 8] = ["建国", "玉华", "敏", "桂英", "鑫", "秀兰", "洋", "婷"];
    const PLACES: [(&str, &str); 4] = [
        ("广东省", "深圳市"),
        ("江苏省", "苏州市"),
        ("浙江省", "杭州市"),
        ("四川省", "成都市"),
    ];
    const FIRMS: [&str; 8] = [
        "凌云", "恒达", "华远", "天开", "海创", "盟新", "方正", "巨奥",
    ];
    const TRADES: [&str; 4] = ["制造业", "零售", "医药", "物流"];
    const SOURCES: [&str; 4] = ["微信", "展会名片", "官网表单", "电话咨询"];
    let pick = |list: &[&'static str], n: u32| {
        let at = usize::try_from(n).unwrap() % list.len();
        list.get(at).copied().unwrap()
    };
    let mut text =
        String::from("姓名,公司名称,职务,手机,电话,邮箱,省,市,地址,行业,来源,金额,日期\n");
    for n in 0..rows {
        let place = PLACES.get(usize::try_from(n).unwrap() % 4).unwrap();
        writeln!(
            text,
            "{}{},{}{}{n}贸易有限公司,采购经理,13{n:09},0571-{:08},lead{n}@example.com,{},{},中山路{n}号,{},{},{},2025-{:02}-{:02}",
            pick(&SURNAMES, n),
            pick(&NAMES, n / 8),
            place.1.trim_end_matches('市'),
            pick(&FIRMS, n / 3),
            n % 90_000_000 + 10_000_000,
            place.0,
            place.1,
            pick(&TRADES, n),
            pick(&SOURCES, n / 5),
            n % 900 * 1000,
            n % 12 + 1,
            n % 28 + 1,
        )
        .unwrap();
    }
    text
}
