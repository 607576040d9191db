//! Lists, counts, summaries and search over what the caller may see.

mod cursor;
mod search;
mod summary;

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field, FieldProblem, Type};
use kehu_domain::expr::{self, Condition, ExprCtx};
use kehu_domain::kinds;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::sight::Sight;
use kehu_domain::value::Value;
use kehu_persistence::lists::{self as store, ListQuery, Page, Sort};
use kehu_persistence::records::{self, Trash};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::shown::Shown;

use self::cursor::{read_cursor, stamp, write_cursor};
pub use self::search::Found;

/// The most rows of one page.
pub const MAX_LIMIT: u64 = 200;
/// Where a capped count stops.
pub const COUNT_CAP: u64 = 10_000;

/// What a list is asked for, as it came in.
#[derive(Debug, Clone, Default)]
pub struct ListParams {
    /// An expression over the kind's fields.
    pub filter: Option<String>,
    /// `-updated_at,name`.
    pub sort: Option<String>,
    /// Words to search for.
    pub words: Option<String>,
    /// `name,company`; all fields when absent.
    pub fields: Option<String>,
    /// `owner,customer`.
    pub expand: Option<String>,
    /// How many rows, 50 when absent.
    pub limit: Option<u64>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whether and how to count.
    pub count: Count,
    /// Whether to list the trash.
    pub trashed: bool,
}

/// Whether and how to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Count {
    /// Not at all.
    #[default]
    No,
    /// Up to [`COUNT_CAP`].
    Capped,
    /// To the end.
    Exact,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The records as they cross the wire.
    pub items: Vec<Shown>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// How many there are in all, when asked for.
    pub count: Option<u64>,
    /// Whether there are more than `count`.
    pub count_capped: bool,
}

impl App {
    /// One page of what the caller sees of a kind.
    ///
    /// # Errors
    /// Problems of the parameters, each with its place.
    pub async fn list_records(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        params: &ListParams,
    ) -> Result<Listed, AppError> {
        let query = query(ctx, def, params)?;
        let sort = parse_sort(ctx, def, params.sort.as_deref().unwrap_or("-created_at"))?;
        let shown = parse_fields(def, params.fields.as_deref())?;
        let expand = parse_expand(def, params.expand.as_deref())?;
        let limit = params.limit.unwrap_or(50);
        if limit == 0 || limit > MAX_LIMIT {
            let problem = FieldProblem::new("limit", "out_of_range");
            return Err(AppError::Invalid(vec![
                problem.with(json!({"min": 1, "max": MAX_LIMIT})),
            ]));
        }
        let stamp = stamp(params);
        let after = params
            .cursor
            .as_deref()
            .map(|cursor| read_cursor(cursor, &stamp, &sort, ctx))
            .transpose()?;
        let session = self.db.read();
        let count = match params.count {
            Count::No => None,
            Count::Capped => Some(store::count(&session, &query, Some(COUNT_CAP)).await?),
            Count::Exact => Some(store::count(&session, &query, None).await?),
        };
        let page = Page {
            fields: read_fields(def, &shown, &sort, &expand),
            sort,
            after,
            limit,
        };
        let (records, more) = store::page(&session, &query, &page).await?;
        let next_cursor = records
            .last()
            .filter(|_| more)
            .map(|last| write_cursor(&stamp, &page.sort, last));
        let items = self.shown(ctx, def, records, shown.into(), &expand).await?;
        let capped = params.count == Count::Capped && count.is_some_and(|c| c > COUNT_CAP);
        Ok(Listed {
            items,
            next_cursor,
            count: count.map(|count| if capped { COUNT_CAP } else { count }),
            count_capped: capped,
        })
    }

    /// One record with the fields and expansions asked for.
    ///
    /// # Errors
    /// As for a list; not found when it is out of sight.
    pub async fn show_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        fields: Option<&str>,
        expand: Option<&str>,
    ) -> Result<(Shown, i64), AppError> {
        let shown = parse_fields(def, fields)?;
        let expand = parse_expand(def, expand)?;
        let record = self.load_record(ctx, def, id).await?;
        let version = record.version();
        let mut items = self
            .shown(ctx, def, vec![record], shown.into(), &expand)
            .await?;
        Ok((items.pop().ok_or(AppError::NotFound)?, version))
    }

    /// Checks an expression, and takes it apart where it is a plain conjunction.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn check_expression(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        text: &str,
    ) -> Result<Option<Vec<Condition>>, AppError> {
        let parsed = parse_filter(ctx, def, text, "text")?;
        Ok(parsed.conditions())
    }

    /// Records as they cross the wire: the fields asked for, and what they refer to.
    async fn shown(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        records: Vec<Record>,
        fields: Arc<[&'static Field]>,
        expand: &[Expansion],
    ) -> Result<Vec<Shown>, AppError> {
        let sight = Sight::of(&ctx.actor, def);
        // What is kept from them refers to nothing either.
        let seen = |expansion: &&Expansion| sight.may_ask(expansion.field.name);
        let titles = self.titles_referred(ctx, &records, expand).await?;
        let told = |kind: &'static str, id: Uuid| {
            let title = titles.get(&(kind, id))?;
            Some(json!({"id": id, "kind": kind, "title": title}))
        };
        let expanded = |record: &Record, expansion: &Expansion| {
            let told = |id| told(expansion.kind, id);
            let value = match record.get(expansion.field.name) {
                list @ Value::List(_) => ids_of(list).into_iter().filter_map(told).collect(),
                one => ids_of(one)
                    .first()
                    .and_then(|id| told(*id))
                    .unwrap_or(Json::Null),
            };
            (expansion.name.clone(), value)
        };
        let shown = records.into_iter().map(|record| {
            let expanded = expand
                .iter()
                .filter(seen)
                .map(|one| expanded(&record, one))
                .collect();
            Shown::with(sight.clone(), record, Arc::clone(&fields), expanded)
        });
        Ok(shown.collect())
    }

    /// What the records that these refer to are called, as far as the caller sees them.
    async fn titles_referred(
        &self,
        ctx: &Ctx,
        records: &[Record],
        expand: &[Expansion],
    ) -> Result<BTreeMap<(&'static str, Uuid), String>, AppError> {
        let mut wanted: BTreeMap<&'static str, BTreeSet<Uuid>> = BTreeMap::new();
        for expansion in expand {
            for record in records {
                wanted
                    .entry(expansion.kind)
                    .or_default()
                    .extend(ids_of(record.get(expansion.field.name)));
            }
        }
        let mut titles = BTreeMap::new();
        let session = self.db.read();
        for (kind, ids) in wanted {
            let Some(def) = kinds::find(kind) else {
                continue;
            };
            let scope = scope::of(ctx, def, Action::View);
            let fields: Vec<_> = def
                .all_fields()
                .filter(|field| field.name == "id" || def.title.contains(&field.name))
                .collect();
            let ids = Vec::from_iter(ids);
            let found =
                records::get_many(&session, def, &scope, Trash::Either, &ids, &fields).await?;
            let sight = Sight::of(&ctx.actor, def);
            for record in found {
                titles.insert((kind, record.id()), sight.title(def, &record));
            }
        }
        Ok(titles)
    }
}

/// The query of a list, without its page.
pub(crate) fn query(
    ctx: &Ctx,
    def: &'static Def,
    params: &ListParams,
) -> Result<ListQuery, AppError> {
    let filter = params
        .filter
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| parse_filter(ctx, def, text, "filter"))
        .transpose()?;
    Ok(ListQuery {
        def,
        scope: scope::of(ctx, def, Action::View),
        filter,
        words: words(ctx, def, params.words.as_deref())?,
        trash: if params.trashed {
            Trash::Inside
        } else {
            Trash::Outside
        },
    })
}

/// The words that a list is searched for. The index keeps the words of all fields together, so who does
/// not see all that is searched would find out what is kept from them.
fn words(ctx: &Ctx, def: &'static Def, text: Option<&str>) -> Result<Option<String>, AppError> {
    let Some(text) = text.filter(|words| !words.trim().is_empty()) else {
        return Ok(None);
    };
    match kept_from_search(ctx, def) {
        None => Ok(Some(text.to_owned())),
        Some(field) => {
            let problem = FieldProblem::new("q", "not_filterable");
            Err(AppError::Invalid(vec![
                problem.with(json!({ "field": field.name })),
            ]))
        }
    }
}

/// A field that is searched and that the caller does not see whole.
fn kept_from_search(ctx: &Ctx, def: &'static Def) -> Option<&'static Field> {
    let veils = ctx.actor.rights.veils();
    let mut fields = def.fields.iter();
    fields.find(|field| field.searchable && !veils.may_ask(def, field.name))
}

fn parse_filter(
    ctx: &Ctx,
    def: &'static Def,
    text: &str,
    parameter: &str,
) -> Result<expr::Expr, AppError> {
    expr::parse(text, def, &ExprCtx::of(ctx)).map_err(|error| {
        let mut params = error.params;
        if let Some(object) = params.as_object_mut() {
            object.insert("offset".to_owned(), Json::from(error.offset));
            object.insert("length".to_owned(), Json::from(error.length));
        } else {
            params = json!({"offset": error.offset, "length": error.length});
        }
        AppError::Invalid(vec![FieldProblem::new(parameter, error.code).with(params)])
    })
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

fn parse_sort(ctx: &Ctx, def: &'static Def, text: &str) -> Result<Vec<Sort>, AppError> {
    let mut sort: Vec<Sort> = Vec::new();
    for name in names(text) {
        let (descending, name) = match name.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let field = def
            .field(name)
            .filter(|field| field.sortable && ctx.actor.may_ask(def, field.name))
            .ok_or_else(|| AppError::invalid("sort", "not_sortable"))?;
        if sort.iter().all(|by| by.field.name != name) {
            sort.push(Sort { field, descending });
        }
    }
    if sort.len() > 3 {
        return Err(AppError::invalid("sort", "too_many"));
    }
    let descending = sort.last().is_none_or(|by| by.descending);
    let id = def
        .field("id")
        .ok_or_else(|| AppError::invalid("sort", "not_sortable"))?;
    sort.push(Sort {
        field: id,
        descending,
    });
    Ok(sort)
}

fn parse_fields(def: &'static Def, text: Option<&str>) -> Result<Vec<&'static Field>, AppError> {
    let Some(text) = text else {
        return Ok(def.all_fields().collect());
    };
    let asked: Vec<&str> = names(text).collect();
    if asked.iter().any(|name| !def.has(name)) {
        return Err(AppError::invalid("fields", "unknown_field"));
    }
    let always = ["id", "version"];
    let wanted =
        |field: &&'static Field| always.contains(&field.name) || asked.contains(&field.name);
    Ok(def.all_fields().filter(wanted).collect())
}

/// A reference to be shown with what it refers to.
struct Expansion {
    name: String,
    field: &'static Field,
    kind: &'static str,
}

fn parse_expand(def: &'static Def, text: Option<&str>) -> Result<Vec<Expansion>, AppError> {
    names(text.unwrap_or(""))
        .map(|name| {
            let expansion = def.all_fields().find_map(|field| {
                let (kind, shown) = match field.ty {
                    Type::Ref(kind) => (kind, field.name.strip_suffix("_id").unwrap_or(field.name)),
                    Type::Refs(kind) => {
                        (kind, field.name.strip_suffix("_ids").unwrap_or(field.name))
                    }
                    _ => return None,
                };
                let plural = matches!(field.ty, Type::Refs(_));
                let matches = if plural {
                    name == format!("{shown}s")
                } else {
                    name == shown
                };
                let known = matches && !kind.is_empty();
                // `created_by` has no suffix to take off, so it gets one.
                let own = field.name == shown && !plural;
                let name = if own {
                    format!("{name}_user")
                } else {
                    name.to_owned()
                };
                known.then_some(Expansion { name, field, kind })
            });
            expansion.ok_or_else(|| AppError::invalid("expand", "not_expandable"))
        })
        .collect()
}

/// The fields to read for a page: those shown, those of the order, those to expand.
fn read_fields(
    def: &'static Def,
    shown: &[&'static Field],
    sort: &[Sort],
    expand: &[Expansion],
) -> Vec<&'static Field> {
    let needed = |field: &&'static Field| {
        shown.iter().any(|other| other.name == field.name)
            || sort.iter().any(|by| by.field.name == field.name)
            || expand
                .iter()
                .any(|expansion| expansion.field.name == field.name)
    };
    def.all_fields().filter(needed).collect()
}

fn ids_of(value: &Value) -> Vec<Uuid> {
    match value {
        Value::Id(id) => vec![*id],
        Value::List(texts) => texts
            .iter()
            .filter_map(|text| Uuid::parse_str(text).ok())
            .collect(),
        _ => Vec::new(),
    }
}
