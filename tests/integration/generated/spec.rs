//! The operations of the API, as its description tells them.

use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::client::{Answer, Caller};

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) method: Method,
    /// With its placeholders: `/api/v1/leads/{id}`.
    pub(super) path: String,
    /// Whether nobody needs to be signed in.
    pub(super) public: bool,
    body: Option<Value>,
    /// The media types that its body may have.
    takes: Vec<String>,
    query: Vec<String>,
}

/// All operations below `/api/v1`.
pub(super) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(kehu_api::openapi::document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/") {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let required =
                |parameter: &&Value| parameter["in"] == "query" && parameter["required"] == true;
            let parameters = operation["parameters"].as_array();
            let query = parameters.into_iter().flatten().filter(required);
            let security = operation["security"].as_array().unwrap();
            all.push(Operation {
                name: operation["operationId"].as_str().unwrap().to_owned(),
                method,
                path: path.clone(),
                public: security
                    .iter()
                    .any(|way| way.as_object().unwrap().is_empty()),
                body: (!schema.is_null()).then(|| sample(&document, schema)),
                takes: operation["requestBody"]["content"]
                    .as_object()
                    .map(|content| content.keys().cloned().collect())
                    .unwrap_or_default(),
                query: query
                    .map(|p| p["name"].as_str().unwrap().to_owned())
                    .collect(),
            });
        }
    }
    assert!(
        all.len() > 150,
        "the description has only {} operations",
        all.len()
    );
    all
}

impl Operation {
    /// The noun in its address: `leads`.
    pub(super) fn noun(&self) -> &str {
        self.path
            .trim_start_matches("/api/v1/")
            .split('/')
            .next()
            .unwrap()
    }

    /// The media type of its body, where it takes one.
    pub(super) fn takes(&self) -> Option<&str> {
        self.takes.first().map(String::as_str)
    }

    /// Its address about this id.
    pub(super) fn address(&self, id: Uuid) -> String {
        let mut path = self.path.clone();
        for (name, value) in [("{source}", "zebra"), ("{external_id}", "1")] {
            path = path.replace(name, value);
        }
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, &id.to_string());
        }
        let value = |name: &str| {
            if name == "group_by" {
                "created_by"
            } else {
                "zebra"
            }
        };
        let query: Vec<_> = self
            .query
            .iter()
            .map(|name| (name.as_str(), value(name)))
            .collect();
        if query.is_empty() {
            path
        } else {
            with_query(&path, &query)
        }
    }

    /// Calls it about this id, with a body as its schema wants one, unless another is given.
    pub(super) async fn call(&self, caller: &Caller, id: Uuid, body: Option<Value>) -> Answer {
        let path = self.address(id);
        let mut request = caller.request(self.method.clone(), &path);
        if self.method == Method::PATCH {
            request = request.header("If-Match", "\"1\"");
        }
        if let Some(body) = body.or_else(|| self.body.clone()) {
            request = request.json(&body);
        }
        caller.send(request).await
    }
}

/// An address with its parameters, escaped.
pub(super) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://localhost", query).unwrap();
    format!("{path}?{}", url.query().unwrap())
}

/// The least that a schema takes.
fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return sample(document, document.pointer(pointer).unwrap());
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        let mut parts = schema[choice].as_array().into_iter().flatten();
        if let Some(part) = parts.find(|part| part["type"] != "null") {
            return sample(document, part);
        }
    }
    if let Some(choice) = schema["enum"].get(0) {
        return choice.clone();
    }
    let first = schema["type"].as_array().and_then(|types| types.first());
    match first.unwrap_or(&schema["type"]).as_str() {
        Some("object") => {
            let mut object = Map::new();
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                object.insert(
                    name.to_owned(),
                    sample(document, &schema["properties"][name]),
                );
            }
            Value::Object(object)
        }
        Some("array") => json!([]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        _ if schema["format"] == "date" => json!("2026-01-15"),
        _ if schema["format"] == "uuid" => json!("0198c2f0-7a10-7000-8000-00000000dead"),
        _ => json!("x"),
    }
}
