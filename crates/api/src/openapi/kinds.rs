//! The operations that the engine gives every kind, and the verbs that several kinds share.

use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_wire::bulk::{BulkAnswer, BulkRequest};
use kehu_wire::history::{Access, HistoryPage, TimelinePage};
use kehu_wire::owner::{OwnerRequest, ReturnRequest};
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, KnownFormat, Ref, Required, Response, ResponseBuilder, SchemaFormat,
};

use super::schemas::type_name;
use super::wire;

/// Adds the operations of every kind.
pub(super) fn add(paths: &mut Paths) {
    for def in kinds::ALL {
        let mut put = |path: &str, method: HttpMethod, operation: OperationBuilder| {
            let path = format!("/api/v1/{}{path}", def.plural);
            let operation: Operation = operation.tag(def.plural).build();
            paths.add_path_operation(path, vec![method], operation);
        };
        engine(def, &mut put);
        if !def.is_ledger() {
            writing(def, &mut put);
        }
        if def.can.pooled.is_some() {
            ownership(def, &mut put);
        }
        if def.can.timeline {
            timeline(def, &mut put);
        }
    }
}

/// Takes an operation: its address below the kind's noun, its method.
type Put<'a> = dyn FnMut(&str, HttpMethod, OperationBuilder) + 'a;

fn engine(def: &Def, put: &mut Put<'_>) {
    let (one, many) = (def.kind, def.plural_snake());
    let name = type_name(def);
    let schema = |suffix: &str| Ref::from_schema_name(format!("{name}{suffix}"));
    let record = || versioned(answer("The record.", schema("")));

    let list = operation(format!("list_{many}"), "One page of what the caller sees.")
        .response("200", answer("The page.", schema("Page")));
    let list = LIST
        .iter()
        .fold(list, |list, (name, what)| list.parameter(query(name, what)));
    put("", HttpMethod::Get, list);

    let summary = operation(format!("summarise_{many}"), "Counts and sums by groups.")
        .parameter(query("group_by", "Up to three fields, separated by commas.").required_now())
        .parameter(query("sum", "Fields to sum, separated by commas."))
        .parameter(query("filter", FILTER))
        .parameter(query("q", WORDS))
        .response(
            "200",
            answer("The groups.", Ref::from_schema_name("Summary")),
        );
    put("/summary", HttpMethod::Get, summary);

    let get = operation(format!("get_{one}"), "One record.")
        .parameter(id())
        .parameter(query("fields", FIELDS))
        .parameter(query("expand", EXPAND))
        .response("200", record());
    put("/{id}", HttpMethod::Get, get);

    let history = operation(
        format!("list_{one}_history"),
        "Who changed what, newest first.",
    )
    .parameter(id())
    .parameter(query("cursor", "The `next_cursor` of the page before.").of(Type::Integer))
    .parameter(limit())
    .response("200", answer("The page.", wire::<HistoryPage>()));
    put("/{id}/history", HttpMethod::Get, history);

    let access = operation(
        format!("get_{one}_access"),
        "Why the caller can or cannot see and change it.",
    )
    .parameter(id())
    .response("200", answer("The reasons.", wire::<Access>()));
    put("/{id}/access", HttpMethod::Get, access);
}

fn allow_duplicate() -> Parameter {
    query(
        "allow_duplicate",
        "Whether records that look the same are no obstacle.",
    )
}

/// What bodies can do: not with kinds that only operations write.
fn writing(def: &Def, put: &mut Put<'_>) {
    let one = def.kind;
    let many = def.plural_snake();
    let name = type_name(def);
    let schema = |suffix: &str| Ref::from_schema_name(format!("{name}{suffix}"));
    let record = || versioned(answer("The record.", schema("")));

    let create = operation(format!("create_{one}"), "Makes a record.")
        .parameter(allow_duplicate())
        .parameter(idempotency_key())
        .request_body(Some(body(schema("Create"))))
        .response("201", located(record()));
    put("", HttpMethod::Post, create);

    let bulk = operation(
        format!("bulk_{many}"),
        "One action on many records, each by itself.",
    )
    .parameter(idempotency_key())
    .request_body(Some(body(wire::<BulkRequest>())))
    .response("200", answer("What became of it.", wire::<BulkAnswer>()));
    put("/bulk", HttpMethod::Post, bulk);

    let upsert = operation(
        format!("upsert_{one}"),
        "Makes or changes the record that another system calls so.",
    )
    .parameter(path("source", "The other system.", 60))
    .parameter(path("external_id", "What it calls the record.", 200))
    .parameter(allow_duplicate())
    .request_body(Some(body(schema("Create"))))
    .response("200", record())
    .response("201", located(record()));
    put(
        "/by-external-id/{source}/{external_id}",
        HttpMethod::Put,
        upsert,
    );

    let update = operation(
        format!("update_{one}"),
        "Changes a record by a merge patch.",
    )
    .parameter(id())
    .parameter(if_match(Required::True))
    .request_body(Some(body(schema("Patch"))))
    .response("200", record());
    put("/{id}", HttpMethod::Patch, update);

    let delete = operation(format!("delete_{one}"), "Puts a record into the trash.")
        .parameter(id())
        .parameter(if_match(Required::False))
        .response("204", Response::new("It lies in the trash."));
    put("/{id}", HttpMethod::Delete, delete);

    let restore = verb(format!("restore_{one}"), "Takes a record out of the trash.");
    put(
        "/{id}/restore",
        HttpMethod::Post,
        restore.response("200", record()),
    );
}

/// The verbs of kinds whose records have an owner and lie in pools.
fn ownership(def: &Def, put: &mut Put<'_>) {
    let one = def.kind;
    let record = || {
        versioned(answer(
            "The record as it is now.",
            Ref::from_schema_name(type_name(def)),
        ))
    };
    let claim = verb(format!("claim_{one}"), "Takes it out of its pool.");
    put(
        "/{id}/claim",
        HttpMethod::Post,
        claim.response("200", record()),
    );
    for (name, what) in [
        ("assign", "Gives it, unowned until now, to somebody."),
        ("transfer", "Hands it from its owner to another."),
    ] {
        let hand = verb(format!("{name}_{one}"), what)
            .request_body(Some(body(wire::<OwnerRequest>())))
            .response("200", record());
        put(&format!("/{{id}}/{name}"), HttpMethod::Post, hand);
    }
    let back = verb(
        format!("return_{one}"),
        "Puts it back into its pool, with a reason.",
    )
    .request_body(Some(body(wire::<ReturnRequest>())))
    .response("200", record());
    put("/{id}/return", HttpMethod::Post, back);
}

/// What happened with a record that people follow up.
fn timeline(def: &Def, put: &mut Put<'_>) {
    let one = def.kind;
    let timeline = operation(
        format!("list_{one}_timeline"),
        "Activities and changes together, newest first.",
    )
    .parameter(id())
    .parameter(
        query("cursor", "The `next_cursor` of the page before.").formatted(KnownFormat::DateTime),
    )
    .parameter(limit())
    .response("200", answer("The page.", wire::<TimelinePage>()));
    put("/{id}/timeline", HttpMethod::Get, timeline);
}

const FILTER: &str = "An expression over the kind's fields: `status == \"pending\"`.";
const WORDS: &str = "Words to search for.";
const FIELDS: &str = "The fields to tell, separated by commas; all when it is left out.";
const EXPAND: &str = "References to tell with what they refer to, separated by commas: `owner`.";

/// The parameters of a list.
const LIST: [(&str, &str); 9] = [
    ("filter", FILTER),
    (
        "sort",
        "Fields separated by commas, falling with a minus: `-updated_at,name`.",
    ),
    ("q", WORDS),
    ("fields", FIELDS),
    ("expand", EXPAND),
    ("limit", "How many records, 50 when it is left out."),
    ("cursor", "The `next_cursor` of the page before."),
    ("count", "Whether to count: `capped` stops at 10,000."),
    ("trashed", "Whether to list the trash."),
];

fn operation(name: String, what: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(name))
        .summary(Some(what))
}

/// An operation on one record that may be repeated.
fn verb(name: String, what: &str) -> OperationBuilder {
    operation(name, what)
        .parameter(id())
        .parameter(idempotency_key())
}

fn parameter(name: &str, place: ParameterIn, what: &str) -> Parameter {
    let schema = match name {
        "allow_duplicate" | "trashed" => ObjectBuilder::new().schema_type(Type::Boolean),
        "limit" => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1_usize))
            .maximum(Some(200_usize)),
        "count" => ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["capped", "exact"])),
        _ => ObjectBuilder::new().schema_type(Type::String),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(what))
        .schema(Some(schema))
        .build()
}

fn query(name: &str, what: &str) -> Parameter {
    parameter(name, ParameterIn::Query, what)
}

fn limit() -> Parameter {
    query("limit", "How many, 50 when it is left out.")
}

/// What parameters have that differ from the usual text that may be left out.
trait Differing {
    fn required_now(self) -> Parameter;
    fn of(self, ty: Type) -> Parameter;
    fn formatted(self, format: KnownFormat) -> Parameter;
}

impl Differing for Parameter {
    fn required_now(mut self) -> Parameter {
        self.required = Required::True;
        self
    }

    fn of(mut self, ty: Type) -> Parameter {
        self.schema = Some(ObjectBuilder::new().schema_type(ty).into());
        self
    }

    fn formatted(mut self, format: KnownFormat) -> Parameter {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let format = SchemaFormat::KnownFormat(format);
        self.schema = Some(text.format(Some(format)).into());
        self
    }
}

fn id() -> Parameter {
    let mut id = parameter("id", ParameterIn::Path, "The record.").formatted(KnownFormat::Uuid);
    id.required = Required::True;
    id
}

fn path(name: &str, what: &str, max: usize) -> Parameter {
    let mut parameter = parameter(name, ParameterIn::Path, what);
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = text.min_length(Some(1)).max_length(Some(max));
    parameter.schema = Some(text.into());
    parameter.required = Required::True;
    parameter
}

fn header(name: &str, what: &str, pattern: &str) -> Parameter {
    let mut parameter = parameter(name, ParameterIn::Header, what);
    let text = ObjectBuilder::new().schema_type(Type::String);
    parameter.schema = Some(text.pattern(Some(pattern)).into());
    parameter
}

fn if_match(required: Required) -> Parameter {
    let what = "The `ETag` of the version that the change is based on.";
    let mut parameter = header("If-Match", what, "^\"[0-9]{1,18}\"$");
    parameter.required = required;
    parameter
}

fn idempotency_key() -> Parameter {
    let what = "The same key and body give the same answer once more, without a second effect.";
    header("Idempotency-Key", what, "^[!-~]{1,200}$")
}

fn body(schema: Ref) -> utoipa::openapi::request_body::RequestBody {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    RequestBodyBuilder::new()
        .content("application/json", content)
        .required(Some(Required::True))
        .build()
}

fn answer(what: &str, schema: Ref) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(what)
        .content("application/json", content)
}

fn text_header(what: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String));
    header.description = Some(what.to_owned());
    header
}

fn versioned(response: ResponseBuilder) -> ResponseBuilder {
    response.header("ETag", text_header("The record's version, for `If-Match`."))
}

fn located(response: ResponseBuilder) -> ResponseBuilder {
    response.header("Location", text_header("The record's address."))
}
