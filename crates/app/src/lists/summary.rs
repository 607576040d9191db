//! Counts and sums by groups.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field, Type};
use kehu_persistence::summary::{self, Group};
use serde_json::{Map, Value as Json, json};

use super::{ListParams, names, query};
use crate::App;
use crate::error::AppError;

impl App {
    /// Groups and sums what the caller sees of a kind.
    ///
    /// # Errors
    /// Problems of the parameters.
    pub async fn summarise_records(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        params: &ListParams,
        group_by: &str,
        sum: Option<&str>,
    ) -> Result<Json, AppError> {
        let query = query(ctx, def, params)?;
        let may_ask = |field: &str| ctx.actor.may_ask(def, field);
        let group_by = names(group_by)
            .map(|name| {
                def.field(name)
                    .filter(|field| is_groupable(field.ty) && may_ask(field.name))
                    .ok_or_else(|| AppError::invalid("group_by", "not_groupable"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if group_by.is_empty() || group_by.len() > 3 {
            return Err(AppError::invalid("group_by", "not_groupable"));
        }
        let sum = names(sum.unwrap_or(""))
            .map(|name| {
                def.field(name)
                    .filter(|field| matches!(field.ty, Type::Int(..) | Type::Money))
                    .filter(|field| may_ask(field.name))
                    .ok_or_else(|| AppError::invalid("sum", "not_summable"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let session = self.db.read();
        let currency = ctx.workspace.currency.code();
        let groups = summary::summarise(&session, &query, &group_by, &sum, currency).await?;
        let told: Vec<Json> = groups
            .iter()
            .map(|group| tell_group(group, &group_by, &sum, currency))
            .collect();
        Ok(json!({ "groups": told }))
    }
}

fn is_groupable(ty: Type) -> bool {
    match ty {
        Type::Choice(_) | Type::Dictionary(_) | Type::Ref(_) | Type::Bool | Type::Date => true,
        Type::Text(_)
        | Type::LongText(_)
        | Type::Email
        | Type::Phone
        | Type::Url
        | Type::Int(..)
        | Type::Time
        | Type::Money
        | Type::Refs(_)
        | Type::Tags
        | Type::Texts
        | Type::Json
        | Type::Lines => false,
    }
}

fn tell_group(
    group: &Group,
    group_by: &[&'static Field],
    sum: &[&'static Field],
    currency: &str,
) -> Json {
    let mut told: Map<String, Json> = group_by
        .iter()
        .zip(&group.values)
        .map(|(field, value)| (field.name.to_owned(), value.to_json()))
        .collect();
    told.insert("count".to_owned(), Json::from(group.count));
    let sums: Map<String, Json> = sum
        .iter()
        .zip(&group.sums)
        .map(|(field, total)| {
            let total = match (field.ty, total) {
                (_, None) => Json::Null,
                (Type::Money, Some(amount)) => json!({"amount": amount, "currency": currency}),
                (_, Some(number)) => Json::from(*number),
            };
            (field.name.to_owned(), total)
        })
        .collect();
    told.insert("sum".to_owned(), Json::Object(sums));
    Json::Object(told)
}
