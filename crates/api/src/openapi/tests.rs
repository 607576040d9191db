use std::collections::BTreeSet;

use actix_web::App as Web;
use actix_web::http::Method as HttpMethod;
use actix_web::test::{TestRequest, call_service, init_service};

use super::*;

#[test]
fn every_reference_leads_somewhere() {
    let document: serde_json::Value = serde_json::from_str(&TEXT).unwrap();
    let mut missing = Vec::new();
    visit(&document, &mut |reference| {
        let pointer = reference.trim_start_matches('#');
        if document.pointer(pointer).is_none() {
            missing.push(reference.to_owned());
        }
    });
    assert_eq!(missing, Vec::<String>::new());
}

fn visit(value: &serde_json::Value, found: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, inner) in object {
                match inner.as_str() {
                    Some(reference) if name == "$ref" => found(reference),
                    _ => visit(inner, found),
                }
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| visit(inner, found)),
        _ => {}
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut seen = BTreeSet::new();
    for (at, name) in described() {
        assert!(!name.is_empty(), "{at} has no name");
        assert!(seen.insert(name.clone()), "{name} stands twice");
    }
}

/// The addresses that serve files and not operations.
const FILES: [&str; 2] = ["/api/docs", "/api/docs/{file:.*}"];

#[actix_web::test]
async fn every_route_is_described_and_every_description_has_its_route() {
    let app = init_service(Web::new().configure(routes::all)).await;
    let described: BTreeSet<String> = described().into_iter().map(|(at, _)| at).collect();
    let any = TestRequest::get().uri("/healthz").to_request();
    let map = format!(
        "{:#?}",
        call_service(&app, any).await.request().resource_map()
    );
    let mut registered = BTreeSet::new();
    for path in paths(&map) {
        if FILES.contains(&path.as_str()) {
            continue;
        }
        let uri = path.replace(['{', '}'], "");
        let ask = TestRequest::with_uri(&uri)
            .method(HttpMethod::TRACE)
            .to_request();
        let answer = call_service(&app, ask).await;
        let allow = answer.headers().get("allow");
        let methods = allow.unwrap_or_else(|| panic!("{path} does not say its methods"));
        for method in methods.to_str().unwrap().split(',') {
            registered.insert(format!("{} {path}", method.trim()));
        }
    }
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
        a.difference(b).cloned().collect()
    };
    assert!(registered.len() > 100, "the routes were not found: {map}");
    assert_eq!(
        only(&registered, &described),
        Vec::<String>::new(),
        "not described"
    );
    assert_eq!(
        only(&described, &registered),
        Vec::<String>::new(),
        "not there"
    );
}

/// `GET /api/v1/leads` and the name of the operation, for all.
fn described() -> Vec<(String, String)> {
    let mut document = document();
    let mut all = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let method = format!("{method:?}").to_uppercase();
            let name = operation.operation_id.clone().unwrap_or_default();
            all.push((format!("{method} {path}"), name));
        }
    }
    all
}

/// The patterns of all routes, out of what the framework tells of its tree to whoever debugs it:
/// it has no other way to list them.
fn paths(tree: &str) -> Vec<String> {
    let mut above: Vec<(usize, String)> = Vec::new();
    let mut paths = Vec::new();
    let mut lines = tree.lines();
    while let Some(line) = lines.next() {
        let depth = line.len() - line.trim_start().len();
        match line.trim() {
            "patterns: Single(" => {
                let text = lines.next().unwrap().trim().trim_end_matches(',');
                let pattern: String = serde_json::from_str(text).unwrap();
                above.retain(|(indent, _)| *indent < depth);
                above.push((depth, pattern));
            }
            "nodes: None," => paths.push(above.iter().map(|(_, part)| part.as_str()).collect()),
            _ => {}
        }
    }
    paths
}
