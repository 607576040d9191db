//! Where a page ended, as the caller carries it to the next.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kehu_domain::check;
use kehu_domain::ctx::Ctx;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use kehu_persistence::lists::Sort;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::ListParams;
use crate::error::AppError;
use crate::prepare;

/// What a cursor belongs to: the same list in the same order.
pub(super) fn stamp(params: &ListParams) -> String {
    let what = format!(
        "{:?}\n{:?}\n{:?}\n{}",
        params.filter, params.sort, params.words, params.trashed
    );
    let hash = Sha256::digest(what.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.iter().take(6).copied().collect::<Vec<u8>>())
}

pub(super) fn write_cursor(stamp: &str, sort: &[Sort], last: &Record) -> String {
    let values: Vec<Json> = sort
        .iter()
        .map(|by| last.get(by.field.name).to_json())
        .collect();
    URL_SAFE_NO_PAD.encode(json!([stamp, values]).to_string())
}

pub(super) fn read_cursor(
    cursor: &str,
    stamp: &str,
    sort: &[Sort],
    ctx: &Ctx,
) -> Result<Vec<Value>, AppError> {
    let wrong = || AppError::invalid("cursor", "cursor_invalid");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().ok_or_else(wrong)?;
    let (its, values): (String, Vec<Json>) =
        serde_json::from_slice(&bytes).ok().ok_or_else(wrong)?;
    if its != stamp || values.len() != sort.len() {
        return Err(wrong());
    }
    sort.iter()
        .zip(&values)
        .map(|(by, json)| {
            check::value(by.field, json, prepare::circumstances(ctx))
                .ok()
                .ok_or_else(wrong)
        })
        .collect()
}
