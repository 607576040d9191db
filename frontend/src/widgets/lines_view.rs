//! The lines of a document as they are read: a table, cards on a phone, and the totals.

use kehu_domain::document::{self, Line, Terms, Totals};
use kehu_domain::money;
use kehu_wire::Record;
use leptos::prelude::*;
use serde_json::Value;

use crate::{format, t, urls};

/// The lines of a record that has some (`lines`, `includes_tax`, `discount`, `amount`); `None` where
/// there are none.
pub(crate) fn lines_view(record: &Record) -> Option<AnyView> {
    let lines = document::parse(record.get("lines")?).ok()?;
    let (_, code) = format::money_parts(record.get("amount")?)?;
    let discount = record
        .get("discount")
        .and_then(format::money_parts)
        .map_or(0, |(amount, _)| amount);
    let includes_tax = record.get("includes_tax").and_then(Value::as_bool);
    let terms = Terms {
        currency: money::currency(&code)?,
        includes_tax: includes_tax.unwrap_or_default(),
        discount,
    };
    let totals = document::compute(&lines, terms).ok()?;
    if lines.is_empty() {
        return None;
    }
    let rows = lines
        .iter()
        .zip(&totals.lines)
        .map(|(line, amounts)| row(line, amounts.amount, &code))
        .collect_view();
    let tax = if terms.includes_tax {
        t!("lines.with_tax")
    } else {
        t!("lines.without_tax")
    };
    Some(
        view! {
            <div class="lines-read">
                <table class="simple-table">
                    <thead>
                        <tr>
                            <th scope="col">{t!("lines.product")}</th>
                            <th scope="col" class="num">{t!("lines.quantity")}</th>
                            <th scope="col" class="num">{t!("lines.unit_price")}</th>
                            <th scope="col" class="num">{t!("lines.discount_rate")}</th>
                            <th scope="col" class="num">{t!("lines.tax_rate")}</th>
                            <th scope="col" class="num">{t!("lines.amount")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <div class="lines-foot">
                    <span class="muted">{tax}</span>
                    <span class="grow"></span>
                    {totals_view(&totals, &code, discount)}
                </div>
            </div>
        }
        .into_any(),
    )
}

fn row(line: &Line, amount: i64, code: &str) -> AnyView {
    let name = line.name.clone().unwrap_or_default();
    let name = match line.product_id {
        Some(id) => {
            let href = urls::record("products", &id.to_string());
            view! { <a class="quiet-link" href=href>{name}</a> }.into_any()
        }
        None => name.into_any(),
    };
    let quantity = format::decimal(line.quantity.unwrap_or(1_000_000), 6);
    let quantity = match &line.unit {
        Some(unit) => format!("{quantity} {unit}"),
        None => quantity,
    };
    let rate = |rate: i64| {
        if rate == 0 {
            "—".to_owned()
        } else {
            format::percent(rate)
        }
    };
    view! {
        <tr>
            <td data-label=t!("lines.product")>{name}</td>
            <td class="num" data-label=t!("lines.quantity")>{quantity}</td>
            <td class="num" data-label=t!("lines.unit_price")>{format::decimal(line.unit_price.unwrap_or(0), 6)}</td>
            <td class="num" data-label=t!("lines.discount_rate")>{rate(line.discount_rate)}</td>
            <td class="num" data-label=t!("lines.tax_rate")>{rate(line.tax_rate.unwrap_or(0))}</td>
            <td class="num" data-label=t!("lines.amount")>
                <b>{format::minor(amount, code)}</b>
            </td>
        </tr>
    }
    .into_any()
}

/// The sums of a document.
pub(crate) fn totals_view(totals: &Totals, code: &str, discount: i64) -> AnyView {
    let line = |label: &'static str, minor: i64| {
        view! {
            <dt>{label}</dt>
            <dd>{format::minor(minor, code)}</dd>
        }
    };
    let less = (discount > 0).then(|| {
        view! {
            {line(t!("lines.subtotal"), totals.subtotal)}
            {line(t!("lines.discount"), -discount)}
        }
    });
    view! {
        <dl class="lines-totals">
            {less}
            {line(t!("lines.net"), totals.net)}
            {line(t!("lines.tax"), totals.tax)}
            <dt class="lines-gross">{t!("lines.gross")}</dt>
            <dd class="lines-gross">{format::minor(totals.gross, code)}</dd>
        </dl>
    }
    .into_any()
}
