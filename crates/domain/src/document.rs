//! The lines of a document (opportunity, contract) and its totals: one code for the server and for
//! the app, which shows the sums while somebody types.
//!
//! Each line is rounded once, half away from zero, to the currency's minor unit; a document's totals
//! are the sums of its rounded lines. A discount on the whole document is spread over the lines
//! before tax by the largest remainder. On every line net + tax = gross.

use std::collections::BTreeSet;

use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::def::FieldProblem;
use crate::exchange::{MILLION, WHOLE, amount, divide_rounded, spread};
use crate::money::decimals;

/// The most lines that a document has.
pub const MAX_LINES: usize = 500;

/// The largest quantity and the largest price of one, in millionths.
pub const MAX_MILLIONTHS: i64 = 1_000_000_000_000_000;

/// One line as somebody writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which of the document's lines it is; none for a new one.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The product, where it is one of the list.
    #[serde(default)]
    pub product_id: Option<Uuid>,
    /// What is sold; the product's name when it is left out.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is counted in; the product's when it is left out.
    #[serde(default)]
    pub unit: Option<String>,
    /// How much, in millionths; one when it is left out.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// The price of one, in millionths of the currency's major unit; the product's when left out.
    #[serde(default)]
    pub unit_price: Option<i64>,
    /// The discount on the line, in basis points.
    #[serde(default)]
    pub discount_rate: i64,
    /// The tax on it, in basis points; the product's when it is left out.
    #[serde(default)]
    pub tax_rate: Option<i64>,
}

/// How a document's prices are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The currency of all its amounts.
    pub currency: Currency,
    /// Whether prices include tax.
    pub includes_tax: bool,
    /// The discount on the whole document, in minor units.
    pub discount: i64,
}

/// The amounts of one line, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmounts {
    /// Quantity × price − the line's discount, rounded: what the line says on paper.
    pub amount: i64,
    /// Its share of the document's discount.
    pub document_discount: i64,
    /// Without tax, after both discounts.
    pub net: i64,
    /// The tax.
    pub tax: i64,
    /// With tax.
    pub gross: i64,
}

/// The amounts of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Of each line, in order.
    pub lines: Vec<LineAmounts>,
    /// Σ of the lines' amounts, before the document's discount.
    pub subtotal: i64,
    /// Σ without tax.
    pub net: i64,
    /// Σ of the taxes.
    pub tax: i64,
    /// Σ with tax: what is to be paid.
    pub gross: i64,
}

/// Reads the lines of a body. What a line computes (`amount`, `net` …) may stand in it, as it does in
/// answers, and is computed anew.
///
/// # Errors
/// Every problem, with a pointer to its place.
pub fn parse(json: &Json) -> Result<Vec<Line>, Vec<FieldProblem>> {
    let Some(entries) = json.as_array() else {
        return Err(vec![
            FieldProblem::new("lines", "wrong_type").with(json!({ "expected": "list" })),
        ]);
    };
    if entries.len() > MAX_LINES {
        return Err(vec![
            FieldProblem::new("lines", "too_many").with(json!({ "max": MAX_LINES })),
        ]);
    }
    let mut problems = Vec::new();
    let lines = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| parse_line(index, entry, &mut problems))
        .collect();
    if problems.is_empty() {
        Ok(lines)
    } else {
        Err(problems)
    }
}

const COMPUTED: &[&str] = &["amount", "document_discount", "net", "tax", "gross"];

fn parse_line(index: usize, entry: &Json, problems: &mut Vec<FieldProblem>) -> Line {
    let mut line = Line::default();
    let Some(object) = entry.as_object() else {
        let problem = FieldProblem::new(&format!("lines/{index}"), "wrong_type");
        problems.push(problem.with(json!({ "expected": "object" })));
        return line;
    };
    for (name, value) in object {
        if value.is_null() || COMPUTED.contains(&name.as_str()) {
            continue;
        }
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let mut wrong = |code, params| {
            problems
                .push(FieldProblem::new(&format!("lines/{index}/{escaped}"), code).with(params));
        };
        match name.as_str() {
            "id" | "product_id" => match value.as_str().and_then(|id| Uuid::parse_str(id).ok()) {
                Some(id) if name == "id" => line.id = Some(id),
                Some(id) => line.product_id = Some(id),
                None => wrong("id_invalid", Json::Null),
            },
            "name" | "unit" => {
                let max = if name == "name" { 200 } else { 20 };
                match value.as_str().map(str::trim) {
                    None => wrong("wrong_type", json!({ "expected": "text" })),
                    Some(text) if text.chars().count() > max => {
                        wrong("too_long", json!({ "max": max }))
                    }
                    Some(text) if text.chars().any(char::is_control) => {
                        wrong("control_character", Json::Null);
                    }
                    Some("") => {}
                    Some(text) if name == "name" => line.name = Some(text.to_owned()),
                    Some(text) => line.unit = Some(text.to_owned()),
                }
            }
            "quantity" | "unit_price" | "discount_rate" | "tax_rate" => {
                let max = if name.ends_with("rate") {
                    WHOLE
                } else {
                    MAX_MILLIONTHS
                };
                let min = i64::from(name == "quantity");
                match value.as_i64() {
                    None => wrong("wrong_type", json!({ "expected": "integer" })),
                    Some(number) if !(min..=max).contains(&number) => {
                        wrong("out_of_range", json!({ "min": min, "max": max }));
                    }
                    Some(number) => match name.as_str() {
                        "quantity" => line.quantity = Some(number),
                        "unit_price" => line.unit_price = Some(number),
                        "discount_rate" => line.discount_rate = number,
                        _ => line.tax_rate = Some(number),
                    },
                }
            }
            _ => wrong("unknown_field", Json::Null),
        }
    }
    line
}

/// What is wrong with the ids of the lines that somebody writes, where a document has these: each is
/// the id of one of them, and stands once.
#[must_use]
pub fn check_ids(lines: &[Line], has: &[Line]) -> Vec<FieldProblem> {
    let mut left: BTreeSet<Uuid> = has.iter().filter_map(|line| line.id).collect();
    let mut problems = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(id) = line.id.filter(|id| !left.remove(id)) else {
            continue;
        };
        let known = has.iter().any(|line| line.id == Some(id));
        let code = if known {
            "repeated_line"
        } else {
            "unknown_line"
        };
        problems.push(FieldProblem::new(&format!("lines/{index}/id"), code));
    }
    problems
}

/// Lines without any id that say the same as those that a document has are these: who sends the same
/// lines again changes nothing.
pub fn recognise(lines: &mut [Line], has: &[Line]) {
    let bare = |line: &Line| Line {
        id: None,
        ..line.clone()
    };
    if lines.iter().cloned().eq(has.iter().map(bare)) {
        for (line, known) in lines.iter_mut().zip(has) {
            line.id = known.id;
        }
    }
}

/// Computes the amounts of a document.
///
/// # Errors
/// The line whose amount is beyond the largest one, or a discount that is more than the lines.
pub fn compute(lines: &[Line], terms: Terms) -> Result<Totals, Vec<FieldProblem>> {
    let too_large = |pointer: &str| vec![FieldProblem::new(pointer, "amount_too_large")];
    let mut amounts = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let amount = line_amount(line, terms.currency)
            .ok_or_else(|| too_large(&format!("lines/{index}/unit_price")))?;
        amounts.push(amount);
    }
    let subtotal: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
    let subtotal = amount(subtotal).ok_or_else(|| too_large("lines"))?;
    if terms.discount > subtotal {
        return Err(vec![FieldProblem::new("discount", "more_than_the_lines")]);
    }
    let mut totals = Totals {
        subtotal,
        ..Totals::default()
    };
    for ((line, line_amount), share) in lines
        .iter()
        .zip(&amounts)
        .zip(spread(terms.discount, &amounts))
    {
        let left = line_amount - share;
        let rate = line.tax_rate.unwrap_or(0);
        let part = |over: i64| {
            divide_rounded(i128::from(left) * i128::from(rate), i128::from(over)).and_then(amount)
        };
        let (net, tax) = if terms.includes_tax {
            let tax = part(WHOLE + rate).ok_or_else(|| too_large("lines"))?;
            (left - tax, tax)
        } else {
            (left, part(WHOLE).ok_or_else(|| too_large("lines"))?)
        };
        totals.net += net;
        totals.tax += tax;
        totals.gross = amount(i128::from(totals.gross) + i128::from(net) + i128::from(tax))
            .ok_or_else(|| too_large("lines"))?;
        totals.lines.push(LineAmounts {
            amount: *line_amount,
            document_discount: share,
            net,
            tax,
            gross: net + tax,
        });
    }
    Ok(totals)
}

/// Quantity × price − discount of one line, rounded once, in minor units.
fn line_amount(line: &Line, currency: Currency) -> Option<i64> {
    let quantity = i128::from(line.quantity.unwrap_or(MILLION));
    let price = i128::from(line.unit_price.unwrap_or(0));
    let kept = i128::from(WHOLE - line.discount_rate);
    let minor = 10_i128.checked_pow(decimals(currency))?;
    // 10^15 · 10^15 · 10^4 · 10^4 at most: within 128 bits.
    let product = quantity
        .checked_mul(price)?
        .checked_mul(kept)?
        .checked_mul(minor)?;
    let per = i128::from(MILLION) * i128::from(MILLION) * i128::from(WHOLE);
    divide_rounded(product, per).and_then(amount)
}

/// The lines as they are stored and answered: with their amounts.
#[must_use]
pub fn stored(lines: &[Line], totals: &Totals) -> Json {
    lines
        .iter()
        .zip(&totals.lines)
        .map(|(line, amounts)| told(line, *amounts))
        .collect()
}

/// One line as it is stored and answered.
#[must_use]
pub fn told(line: &Line, amounts: LineAmounts) -> Json {
    json!({
        "id": line.id,
        "product_id": line.product_id, "name": line.name, "unit": line.unit,
        "quantity": line.quantity.unwrap_or(MILLION),
        "unit_price": line.unit_price.unwrap_or(0),
        "discount_rate": line.discount_rate, "tax_rate": line.tax_rate.unwrap_or(0),
        "amount": amounts.amount, "document_discount": amounts.document_discount,
        "net": amounts.net, "tax": amounts.tax, "gross": amounts.gross,
    })
}

/// The line that was told so, with its amounts; `None` for anything else.
#[must_use]
pub fn read(told: &Json) -> Option<(Line, LineAmounts)> {
    Some((
        Line::deserialize(told).ok()?,
        LineAmounts::deserialize(told).ok()?,
    ))
}

/// Lines that somebody wrote on an older version of a document, to be put in the place of those that it
/// has by now: what is none of these any more is a new one.
#[must_use]
pub fn rebased(lines: &Json, has: Option<&Json>) -> Json {
    let ids = |lines: &Json| -> Vec<Json> {
        let lines = lines.as_array().into_iter().flatten();
        lines.filter_map(|line| line.get("id")).cloned().collect()
    };
    let has = has.map_or_else(Vec::new, ids);
    let mut lines = lines.clone();
    let entries = lines.as_array_mut().into_iter().flatten();
    for line in entries.filter_map(Json::as_object_mut) {
        if line.get("id").is_some_and(|id| !has.contains(id)) {
            line.remove("id");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(quantity: i64, unit_price: i64, discount_rate: i64, tax_rate: i64) -> Line {
        Line {
            quantity: Some(quantity),
            unit_price: Some(unit_price),
            discount_rate,
            tax_rate: Some(tax_rate),
            ..Line::default()
        }
    }

    fn terms(includes_tax: bool, discount: i64) -> Terms {
        Terms {
            currency: Currency::CNY,
            includes_tax,
            discount,
        }
    }

    #[test]
    fn a_line_is_rounded_once_half_away_from_zero() {
        // 3 × 0.335 = 1.005 → 1.01
        let totals = compute(&[line(3_000_000, 335_000, 0, 0)], terms(false, 0)).unwrap();
        assert_eq!(totals.gross, 101);
        // 3 × 9.99 less 5 % = 28.4715 → 28.47; tax 13 % of it = 3.7011 → 3.70
        let totals = compute(&[line(3_000_000, 9_990_000, 500, 1300)], terms(false, 0)).unwrap();
        assert_eq!((totals.net, totals.tax, totals.gross), (2847, 370, 3217));
    }

    #[test]
    fn prices_with_tax_keep_what_is_to_be_paid() {
        // 113.00 with 13 % in it: 100.00 + 13.00
        let totals = compute(&[line(1_000_000, 113_000_000, 0, 1300)], terms(true, 0)).unwrap();
        assert_eq!(
            (totals.net, totals.tax, totals.gross),
            (10_000, 1_300, 11_300)
        );
    }

    #[test]
    fn a_discount_on_the_document_is_spread_before_tax() {
        let lines = [
            line(1_000_000, 10_000_000, 0, 1300),
            line(1_000_000, 20_000_000, 0, 600),
            line(1_000_000, 3_340_000, 0, 0),
        ];
        let totals = compute(&lines, terms(false, 100)).unwrap();
        let shares: Vec<i64> = totals.lines.iter().map(|l| l.document_discount).collect();
        assert_eq!(shares, [30, 60, 10]);
        assert_eq!((totals.subtotal, totals.net), (3_334, 3_234));
        let over = compute(&lines, terms(false, 3_335)).unwrap_err();
        assert_eq!(over[0].code, "more_than_the_lines");
    }

    #[test]
    fn what_is_wrong_with_a_line_names_its_place() {
        let wrong = json!([{"quantity": 0}, {"unit_price": 1.5, "colour": "red"}, 7]);
        let mut found: Vec<_> = parse(&wrong)
            .unwrap_err()
            .into_iter()
            .map(|p| (p.pointer, p.code))
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                ("/lines/0/quantity".to_owned(), "out_of_range"),
                ("/lines/1/colour".to_owned(), "unknown_field"),
                ("/lines/1/unit_price".to_owned(), "wrong_type"),
                ("/lines/2".to_owned(), "wrong_type"),
            ]
        );
    }

    #[test]
    fn what_an_answer_holds_is_taken_back_as_it_is() {
        let lines = [line(2_000_000, 5_000_000, 1_000, 600)];
        let totals = compute(&lines, terms(true, 7)).unwrap();
        let stored = stored(&lines, &totals);
        assert_eq!(parse(&stored).unwrap(), lines);
    }

    #[test]
    fn a_line_keeps_its_id_and_has_no_other() {
        let [one, two, foreign] = [1, 2, 3].map(|id| Some(Uuid::from_u128(id)));
        let with = |id| Line {
            id,
            ..line(1_000_000, 5_000_000, 0, 0)
        };
        let has = [with(one), with(two)];
        assert_eq!(check_ids(&[with(two), with(None), with(one)], &has), []);
        let wrong = check_ids(&[with(one), with(foreign), with(one)], &has);
        let found: Vec<_> = wrong.iter().map(|p| (p.pointer.as_str(), p.code)).collect();
        assert_eq!(
            found,
            [
                ("/lines/1/id", "unknown_line"),
                ("/lines/2/id", "repeated_line")
            ]
        );
    }

    #[test]
    fn what_is_no_line_of_the_document_any_more_is_a_new_one() {
        let mine = json!([{"id": "1", "name": "A"}, {"id": "2", "name": "B"}, {"name": "C"}]);
        let now = json!([{"id": "2", "name": "B"}, {"id": "3", "name": "D"}]);
        let rebased_onto_now = rebased(&mine, Some(&now));
        assert_eq!(
            rebased_onto_now,
            json!([{"name": "A"}, {"id": "2", "name": "B"}, {"name": "C"}])
        );
        let names = json!([{"name": "A"}, {"name": "B"}, {"name": "C"}]);
        assert_eq!(rebased(&mine, None), names);
        assert_eq!(rebased(&Json::Null, Some(&now)), Json::Null);
    }

    #[test]
    fn lines_that_say_the_same_are_the_same() {
        let known = |id| Line {
            id: Some(Uuid::from_u128(id)),
            ..line(1_000_000, 5_000_000, 0, 0)
        };
        let has = [known(1), known(2)];
        let bare = Line {
            id: None,
            ..known(1)
        };
        let mut same = [bare.clone(), bare.clone()];
        recognise(&mut same, &has);
        assert_eq!(same, has);
        let mut fewer = [bare.clone()];
        recognise(&mut fewer, &has);
        assert!(fewer.iter().all(|line| line.id.is_none()));
        let mut other = [bare.clone(), line(2_000_000, 5_000_000, 0, 0)];
        recognise(&mut other, &has);
        assert!(other.iter().all(|line| line.id.is_none()));
    }

    proptest! {
        #[test]
        fn totals_are_the_sums_of_rounded_lines(
            given in prop::collection::vec((1..10_000_000_000_i64, 0..10_000_000_000_i64, 0..=WHOLE, 0..=3_000_i64), 0..30),
            includes_tax: bool,
            share in 0..=100_i64,
        ) {
            let lines: Vec<Line> = given.iter().map(|(q, p, d, t)| line(*q, *p, *d, *t)).collect();
            let plain = compute(&lines, terms(includes_tax, 0)).unwrap();
            let discount = plain.subtotal / 100 * share;
            let totals = compute(&lines, terms(includes_tax, discount)).unwrap();
            for line in &totals.lines {
                prop_assert_eq!(line.net + line.tax, line.gross);
                prop_assert!(line.net >= 0 && line.tax >= 0);
            }
            prop_assert_eq!(totals.lines.iter().map(|l| l.net).sum::<i64>(), totals.net);
            prop_assert_eq!(totals.lines.iter().map(|l| l.tax).sum::<i64>(), totals.tax);
            prop_assert_eq!(totals.net + totals.tax, totals.gross);
            prop_assert_eq!(totals.lines.iter().map(|l| l.document_discount).sum::<i64>(), discount);
            let kept = if includes_tax { totals.gross } else { totals.net };
            prop_assert_eq!(kept, totals.subtotal - discount);
        }
    }
}
