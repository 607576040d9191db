//! Addresses that are none: every address of the API with something behind it or spelled otherwise, and
//! methods that an address does not know. Nothing below `/api` is ever the app.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::support::databases::Backend;
use crate::support::wire::{Raw, Wire};
use crate::support::{self, TestApp};

/// Those that HTTP knows, and one that it does not.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
];

/// What stands behind an address that does not belong there.
const BEHIND: [&str; 7] = [
    "/nonsense",
    "/x/y/z",
    "/",
    "/index.html",
    "/%2e%2e/%2e%2e",
    "/a%2Fb",
    "/%E5%B0%8F/%00?v=1",
];

/// Other spellings of where the API begins.
const SPELLINGS: [&str; 12] = [
    "//api",
    "///api",
    "/api/",
    "/api//",
    "/./api",
    "/x/../api",
    "/%61pi",
    "/%2561pi",
    "/API",
    "/Api",
    "/%2Fapi",
    "/%5Capi",
];

/// The methods of every address by its template, as the description tells them.
fn addresses() -> BTreeMap<String, BTreeSet<String>> {
    let document = serde_json::to_value(kehu_api::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |item: &Value| {
        item.as_object()
            .unwrap()
            .keys()
            .map(|m| m.to_uppercase())
            .collect()
    };
    let all: BTreeMap<_, _> = paths
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect();
    assert!(all.len() > 100, "only {} addresses", all.len());
    all
}

/// The methods that the description has for this path, of the template that fits it best.
fn described<'a>(
    all: &'a BTreeMap<String, BTreeSet<String>>,
    path: &str,
) -> Option<&'a BTreeSet<String>> {
    let bare = path.split('?').next().unwrap();
    let parts: Vec<&str> = bare.split('/').collect();
    let is_open = |part: &str| part.starts_with('{');
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let same = |(wanted, part): (&&str, &&str)| {
            wanted == part || (is_open(wanted) && !part.is_empty())
        };
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(same)
    };
    let found = all.iter().filter(|(template, _)| fits(template));
    let best = found.min_by_key(|(template, _)| template.matches('{').count());
    best.map(|(_, methods)| methods)
}

/// An address of this template.
fn filled(template: &str) -> String {
    let mut path = template.to_owned();
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, &Uuid::from_u128(7).to_string());
    }
    path
}

/// It must be a problem, and say so.
#[track_caller]
fn is_problem(asked: &str, method: &str, answer: &Raw, wanted: &[u16]) {
    assert!(wanted.contains(&answer.status), "{asked}: {answer:?}");
    assert_eq!(
        answer.headers["content-type"], "application/problem+json",
        "{asked}"
    );
    if method == "HEAD" {
        return;
    }
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["status"], answer.status, "{asked}");
    assert!(
        problem["request_id"]
            .as_str()
            .is_some_and(|id| !id.is_empty()),
        "{asked}"
    );
}

#[track_caller]
fn allows(asked: &str, answer: &Raw, methods: &BTreeSet<String>) {
    assert_eq!(answer.status, 405, "{asked}: {answer:?}");
    let allowed = answer.headers["allow"]
        .split(',')
        .map(|m| m.trim().to_owned());
    assert_eq!(allowed.collect::<BTreeSet<_>>(), *methods, "{asked}");
}

/// Asks at this address with every method that it is not described with; tells how many there are.
fn ask_in_vain(wire: &mut Wire, all: &BTreeMap<String, BTreeSet<String>>, path: &str) -> usize {
    let known = described(all, path);
    let strange = |method: &&str| !known.is_some_and(|known| known.contains(*method));
    let strange: Vec<&str> = METHODS.into_iter().filter(strange).collect();
    for method in &strange {
        let asked = format!("{method} {path}");
        let answer = wire.ask(method, path);
        match known {
            Some(known) => {
                is_problem(&asked, method, &answer, &[405]);
                allows(&asked, &answer, known);
            }
            None => is_problem(&asked, method, &answer, &[404]),
        }
    }
    strange.len()
}

/// No address depends on the database.
fn on_sqlite(body: impl AsyncFnOnce(&TestApp)) {
    support::run(Backend::Sqlite, body);
}

#[test]
fn nothing_of_the_api_is_the_app() {
    on_sqlite(async |test| {
        let workspace = test.workspace().await;
        let person = workspace.person("Sam Sales", "Sales").await;
        let bearer = format!(
            "authorization: Bearer {}\r\n",
            person.caller.bearer().unwrap()
        );
        let all = addresses();
        let mut tried = 0;
        // Who is signed in gets a step further before nothing is found.
        for (headers, behind) in [("", BEHIND.as_slice()), (&bearer, &["/nonsense"])] {
            let mut wire = Wire::to(&test.base, headers);
            for template in all.keys().filter(|path| path.starts_with("/api/")) {
                let address = filled(template);
                tried += ask_in_vain(&mut wire, &all, &address);
                for behind in behind {
                    tried += ask_in_vain(&mut wire, &all, &format!("{address}{behind}"));
                }
            }
        }
        assert!(tried > 5_000, "only {tried} requests");
    });
}

#[test]
fn no_spelling_of_the_api_is_the_app() {
    on_sqlite(async |test| {
        let mut wire = Wire::to(&test.base, "");
        let all = addresses();
        let api = all
            .keys()
            .filter_map(|template| template.strip_prefix("/api"));
        let mut rests: Vec<String> = api.map(filled).collect();
        rests.extend(
            [
                "",
                "/",
                "/v1",
                "/v1/",
                "/v2/leads",
                "%2Fv1%2Fleads",
                "%2fv1",
                "?x=1",
            ]
            .map(str::to_owned),
        );
        for spelling in SPELLINGS.into_iter().chain(["/api"]) {
            for rest in &rests {
                for method in ["GET", "POST", "DELETE", "BREW"] {
                    let path = format!("{spelling}{rest}");
                    let asked = format!("{method} {path}");
                    let answer = wire.ask(method, &path);
                    if answer.status < 400 {
                        // Some spellings are the address itself, and some of these are for everybody.
                        assert_eq!(
                            answer.headers["content-type"], "application/json",
                            "{asked}"
                        );
                        assert_eq!(method, "GET", "{asked}");
                        continue;
                    }
                    is_problem(&asked, method, &answer, &[400, 401, 404, 405, 415]);
                    if answer.status == 405 {
                        assert!(answer.headers.contains_key("allow"), "{asked}");
                    }
                }
            }
        }
    });
}

#[test]
fn the_app_is_only_read() {
    on_sqlite(async |test| {
        let mut wire = Wire::to(&test.base, "");
        let pages = [
            "/",
            "/leads",
            "/leads/1?tab=history",
            "/apiary",
            "/api-docs",
            "/x/api/v1",
            "/login",
            "/healthz/x",
            "//leads",
            "/%E5%B0%8F",
            "/application.css",
        ];
        let methods = BTreeSet::from(["GET", "HEAD"].map(str::to_owned));
        for path in pages {
            for method in METHODS {
                let asked = format!("{method} {path}");
                let answer = wire.ask(method, path);
                if !methods.contains(method) {
                    is_problem(&asked, method, &answer, &[405]);
                    allows(&asked, &answer, &methods);
                } else if path.ends_with(".css") {
                    is_problem(&asked, method, &answer, &[404]);
                } else {
                    assert_eq!(answer.status, 200, "{asked}");
                    assert_eq!(
                        answer.headers["content-type"], "text/html; charset=utf-8",
                        "{asked}"
                    );
                }
            }
        }
        for (template, methods) in addresses()
            .iter()
            .filter(|(path, _)| !path.starts_with("/api/"))
        {
            for method in METHODS
                .into_iter()
                .filter(|method| !methods.contains(*method))
            {
                let asked = format!("{method} {template}");
                let answer = wire.ask(method, template);
                is_problem(&asked, method, &answer, &[405]);
                allows(&asked, &answer, methods);
            }
        }
    });
}
