//! The schemas of records, from the declarations of their kinds.

use kehu_domain::check::MAX_LIST;
use kehu_domain::def::{Def, Default as Initial, Field, Type as Holds};
use kehu_domain::document::MAX_LINES;
use kehu_domain::money::MAX_AMOUNT;
use kehu_domain::{document_line, kinds};
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ObjectBuilder, SchemaType, Type,
};
use utoipa::openapi::{Components, KnownFormat, Ref, RefOr, Schema, SchemaFormat};

/// Adds the schemas of every kind.
pub(super) fn add(components: &mut Components) {
    let mut put = |name: String, schema: Schema| {
        components.schemas.insert(name, schema.into());
    };
    put("Money".to_owned(), money());
    put("Reference".to_owned(), reference());
    put("Line".to_owned(), line(Side::Answer));
    put("LineRequest".to_owned(), line(Side::Request));
    put("Summary".to_owned(), summary());
    for def in kinds::ALL {
        let name = type_name(def);
        put(name.clone(), record(def));
        if !def.is_ledger() {
            put(format!("{name}Create"), create(def));
            put(format!("{name}Patch"), patch(def));
        }
        put(format!("{name}Page"), page(&name));
    }
}

/// The noun as the name of a type: `DictionaryEntry`.
pub(super) fn type_name(def: &Def) -> String {
    def.kind
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

/// Whether a value may be `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Null {
    Allowed,
    Refused,
}

/// Who reads the schema: who asks for a record, or who writes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Answer,
    Request,
}

/// A record as it is told. With `fields` only the fields asked for are there, and these two.
fn record(def: &Def) -> Schema {
    let mut object = ObjectBuilder::new().required("id").required("version");
    for field in def.all_fields() {
        let never = field.name == "id" || field.name == "version" || field.ty.is_list();
        let null = if never || field.required {
            Null::Refused
        } else {
            Null::Allowed
        };
        let read_only = !field.on_new() && !field.on_patch();
        let schema = value(field, null, Side::Answer);
        object = object.property(field.name, if read_only { told(schema) } else { schema });
    }
    for (name, many) in expansions(def) {
        let one = Ref::from_schema_name("Reference");
        let schema: RefOr<Schema> = if many {
            Schema::Array(ArrayBuilder::new().items(one).build()).into()
        } else {
            nullable(one)
        };
        object = object.property(name, told(schema));
    }
    object.build().into()
}

/// Marks a schema as one that only answers carry.
fn told(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.read_only = Some(true);
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}

/// The names that `expand` adds, and whether they are lists.
fn expansions(def: &Def) -> Vec<(String, bool)> {
    def.all_fields()
        .filter_map(|field| match field.ty {
            Holds::Ref("") => None,
            Holds::Ref(_) => Some(match field.name.strip_suffix("_id") {
                Some(name) => (name.to_owned(), false),
                None => (format!("{}_user", field.name), false),
            }),
            Holds::Refs(_) => {
                let name = field.name.strip_suffix("_ids").unwrap_or(field.name);
                Some((format!("{name}s"), true))
            }
            _ => None,
        })
        .collect()
}

/// The body that makes a record.
fn create(def: &Def) -> Schema {
    let mut object = closed();
    for field in def.fields.iter().filter(|field| field.on_new()) {
        let null = if field.required {
            Null::Refused
        } else {
            Null::Allowed
        };
        if field.required && field.default == Initial::Null {
            object = object.required(field.name);
        }
        object = object.property(field.name, value(field, null, Side::Request));
    }
    object
        .examples([Value::Object(example(def))])
        .build()
        .into()
}

/// The body that changes a record: a field left out stays, `null` empties it.
fn patch(def: &Def) -> Schema {
    let mut object = closed();
    for field in def.fields.iter().filter(|field| field.on_patch()) {
        let null = if field.required {
            Null::Refused
        } else {
            Null::Allowed
        };
        object = object.property(field.name, value(field, null, Side::Request));
    }
    object.build().into()
}

fn closed() -> ObjectBuilder {
    ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn page(name: &str) -> Schema {
    let items = ArrayBuilder::new().items(Ref::from_schema_name(name));
    ObjectBuilder::new()
        .required("items")
        .property("items", items)
        .required("next_cursor")
        .property("next_cursor", text(Null::Allowed))
        .property(
            "count",
            number(Null::Refused)
                .minimum(Some(0_usize))
                .description(Some("How many there are, where `count` asked for it.")),
        )
        .property(
            "count_capped",
            plain(Type::Boolean, Null::Refused)
                .description(Some("Whether there are more than `count` says.")),
        )
        .build()
        .into()
}

fn summary() -> Schema {
    let group = ObjectBuilder::new()
        .description(Some(
            "The fields grouped by, how many, and the sums by the fields summed.",
        ))
        .required("count")
        .property("count", number(Null::Refused))
        .property("sum", ObjectBuilder::new());
    ObjectBuilder::new()
        .required("groups")
        .property("groups", ArrayBuilder::new().items(group))
        .build()
        .into()
}

fn money() -> Schema {
    closed()
        .description(Some("An amount in minor units of its currency."))
        .required("amount")
        .property(
            "amount",
            number(Null::Refused)
                .minimum(Some(0_usize))
                .maximum(usize::try_from(MAX_AMOUNT).ok()),
        )
        .required("currency")
        .property("currency", text(Null::Refused).pattern(Some("^[A-Z]{3}$")))
        .examples([json!({"amount": 120_050, "currency": "CNY"})])
        .build()
        .into()
}

fn reference() -> Schema {
    ObjectBuilder::new()
        .description(Some(
            "A record that another one names, where `expand` asked for it.",
        ))
        .required("id")
        .property("id", id(Null::Refused))
        .required("kind")
        .property("kind", text(Null::Refused))
        .required("title")
        .property("title", text(Null::Refused))
        .build()
        .into()
}

/// What a field's value looks like.
fn value(field: &Field, null: Null, side: Side) -> RefOr<Schema> {
    let bounded = |max: usize| {
        let schema = text(null).max_length(Some(max));
        match (side, null) {
            (Side::Request, Null::Refused) => schema.min_length(Some(1)),
            _ => schema,
        }
    };
    let formatted = |schema: ObjectBuilder, format| schema.format(Some(known(format)));
    let schema = match field.ty {
        Holds::Text(max) => match side {
            Side::Request => bounded(max).pattern(Some(LINE)),
            Side::Answer => bounded(max),
        },
        Holds::LongText(max) => match side {
            Side::Request => bounded(max).pattern(Some(LINES)),
            Side::Answer => bounded(max),
        },
        Holds::Email => formatted(bounded(254), KnownFormat::Email),
        Holds::Phone => bounded(60)
            .format(Some(SchemaFormat::Custom("phone".to_owned())))
            .examples(["+8613800138000"]),
        Holds::Url => bounded(500)
            .format(Some(SchemaFormat::Custom("uri".to_owned())))
            .pattern(Some("^[hH][tT][tT][pP][sS]?://")),
        Holds::Int(min, max) => {
            let least = isize::try_from(min).ok();
            number(null)
                .minimum(least)
                .maximum(isize::try_from(max).ok())
        }
        Holds::Bool => plain(Type::Boolean, null),
        Holds::Date => formatted(text(null), KnownFormat::Date),
        Holds::Time => formatted(text(null), KnownFormat::DateTime),
        Holds::Money => {
            let money = Ref::from_schema_name("Money");
            return match null {
                Null::Allowed => nullable(money),
                Null::Refused => money.into(),
            };
        }
        Holds::Choice(codes) => {
            let codes = codes.iter().map(|code| Value::from(*code));
            let none = (null == Null::Allowed).then_some(Value::Null);
            text(null).enum_values(Some(codes.chain(none)))
        }
        Holds::Dictionary(_) => bounded(60).description(Some("A code of a dictionary.")),
        Holds::Ref(_) => id(null),
        Holds::Refs(_) => return list(id(Null::Refused), null, side),
        Holds::Tags | Holds::Texts => {
            let tag = text(Null::Refused).max_length(Some(40)).pattern(Some(LINE));
            return list(tag, null, side);
        }
        Holds::Json => ObjectBuilder::new().schema_type(SchemaType::AnyValue),
        Holds::Lines => return lines(null, side),
    };
    Schema::Object(schema.build()).into()
}

/// One line of text: no control characters.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// Text of several lines: no control characters but line breaks and tabs.
const LINES: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";

fn list(items: ObjectBuilder, null: Null, side: Side) -> RefOr<Schema> {
    let nullable = side == Side::Request && null == Null::Allowed;
    let kind = if nullable {
        SchemaType::from_iter([Type::Array, Type::Null])
    } else {
        SchemaType::Type(Type::Array)
    };
    let list = ArrayBuilder::new()
        .schema_type(kind)
        .items(RefOr::T(Schema::Object(items.build())))
        .max_items(Some(MAX_LIST));
    Schema::Array(list.build()).into()
}

/// The lines of a document.
fn lines(null: Null, side: Side) -> RefOr<Schema> {
    let kind = match null {
        Null::Allowed => SchemaType::from_iter([Type::Array, Type::Null]),
        Null::Refused => SchemaType::Type(Type::Array),
    };
    let one = match side {
        Side::Answer => "Line",
        Side::Request => "LineRequest",
    };
    let list = ArrayBuilder::new()
        .schema_type(kind)
        .items(Ref::from_schema_name(one))
        .max_items(Some(MAX_LINES));
    Schema::Array(list.build()).into()
}

/// A line as it stands in its document: without the document and its place, and with amounts as minor
/// units of the document's currency.
fn line(side: Side) -> Schema {
    let (object, about) = match side {
        Side::Answer => (ObjectBuilder::new(), "A line of a document."),
        Side::Request => (
            closed(),
            "A line of a document. With the id of one of its lines it is that line, without it is a new \
             one. What it leaves out comes from its product; its amounts are computed anew.",
        ),
    };
    let own = document_line::DEF
        .fields
        .iter()
        .filter(|field| field.name != "position" && !document_line::names_document(field));
    let mut object = object.description(Some(about));
    for field in document_line::DEF.field("id").into_iter().chain(own) {
        let null = match side {
            Side::Answer if field.required || field.name == "id" => Null::Refused,
            Side::Answer | Side::Request => Null::Allowed,
        };
        let schema = match field.ty {
            Holds::Money => Schema::Object(number(null).build()).into(),
            _ => value(field, null, side),
        };
        if side == Side::Answer {
            object = object.required(field.name);
        }
        object = object.property(field.name, schema);
    }
    object.build().into()
}

fn nullable(one: Ref) -> RefOr<Schema> {
    let none = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Null));
    Schema::AnyOf(AnyOfBuilder::new().item(one).item(none).build()).into()
}

fn plain(ty: Type, null: Null) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(match null {
        Null::Allowed => SchemaType::from_iter([ty, Type::Null]),
        Null::Refused => SchemaType::Type(ty),
    })
}

fn text(null: Null) -> ObjectBuilder {
    plain(Type::String, null)
}

fn number(null: Null) -> ObjectBuilder {
    plain(Type::Integer, null).format(Some(known(KnownFormat::Int64)))
}

fn id(null: Null) -> ObjectBuilder {
    text(null).format(Some(known(KnownFormat::Uuid)))
}

const fn known(format: KnownFormat) -> SchemaFormat {
    SchemaFormat::KnownFormat(format)
}

/// A body that makes a record, with what every one must have and a little more.
fn example(def: &Def) -> Map<String, Value> {
    let mut body = Map::new();
    for field in def.fields.iter().filter(|field| field.on_new()) {
        let needed = field.required && field.default == Initial::Null;
        let value = match field.ty {
            Holds::Text(_) if needed || field.name == "name" => json!("Li Wei"),
            Holds::LongText(_) if needed => json!("Called; they want an offer."),
            Holds::Phone if field.duplicate_key => json!("+8613800138000"),
            Holds::Email if field.duplicate_key => json!("li.wei@example.com"),
            Holds::Choice([first, ..]) if needed => json!(first),
            Holds::Ref(_) if needed => json!("0198c2f0-7a10-7000-8000-000000000001"),
            _ => continue,
        };
        body.insert(field.name.to_owned(), value);
    }
    body
}
