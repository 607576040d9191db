//! The lines of documents (opportunities, contracts), each a row that others can name. They are written
//! with their document alone, where they stand as [`crate::document`] has them.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Field, Visibility, no_check};
use crate::document::{self, Line, LineAmounts, MAX_MILLIONTHS};
use crate::exchange::WHOLE;
use crate::money::Money;
use crate::record::{Record, WrongShape};
use crate::value::Value;

record! {
    /// One line of a document.
    pub struct DocumentLine {
        /// The opportunity that it is a line of.
        opportunity_id: Option<Uuid> = def::reference("opportunity").by_operation();
        /// The contract that it is a line of.
        contract_id: Option<Uuid> = def::reference("contract").by_operation();
        /// The how-manieth of its document.
        position: i64 = def::int(1, 500).required().by_operation().sortable();
        /// The product, where it is one of the list.
        product_id: Option<Uuid> = def::reference("product").by_operation();
        /// What is sold.
        name: String = def::text(200).required().by_operation();
        /// What it is counted in.
        unit: Option<String> = def::text(20).by_operation();
        /// How much.
        quantity: i64 = def::millionths(1, MAX_MILLIONTHS).required().by_operation();
        /// The price of one, in millionths of the currency's major unit.
        unit_price: i64 = def::millionths(0, MAX_MILLIONTHS).required().by_operation();
        /// The discount on the line.
        discount_rate: i64 = def::basis_points(WHOLE).required().by_operation();
        /// The tax on it.
        tax_rate: i64 = def::basis_points(WHOLE).required().by_operation();
        /// Quantity × price − the line's discount.
        amount: Money = def::money().foreign().required().by_operation();
        /// Its share of the document's discount.
        document_discount: Money = def::money().foreign().required().by_operation();
        /// Without tax, after both discounts.
        net: Money = def::money().foreign().required().by_operation();
        /// The tax.
        tax: Money = def::money().foreign().required().by_operation();
        /// With tax.
        gross: Money = def::money().foreign().required().by_operation().sortable();
    }
}

/// The kinds of documents that have lines: the field that names one, and its kind.
const DOCUMENTS: &[(&str, &str)] = &[
    ("opportunity_id", "opportunity"),
    ("contract_id", "contract"),
];

/// The kind.
pub static DEF: Def = Def {
    kind: "document_line",
    plural: "document-lines",
    table: "document_lines",
    fields: DocumentLine::FIELDS,
    title: &["name"],
    visibility: Visibility::Within(DOCUMENTS),
    check: no_check,
    can: Capabilities {
        importable: false,
        purged: false,
        ..Capabilities::NONE
    },
};

/// The field of a line that names the document, for a kind of documents that have lines.
#[must_use]
pub fn naming(document: &Def) -> Option<&'static Field> {
    let (field, _) = DOCUMENTS.iter().find(|(_, kind)| *kind == document.kind)?;
    DEF.field(field)
}

/// Whether a field of a line names the document that it is a line of.
#[must_use]
pub fn names_document(field: &Field) -> bool {
    DOCUMENTS.iter().any(|(name, _)| *name == field.name)
}

/// The lines of a document as rows, without what the engine sets but their ids. None for kinds without
/// lines.
///
/// # Errors
/// When they are not what [`document::stored`] makes, with ids.
pub fn rows(def: &Def, of: &Record) -> Result<Vec<Record>, WrongShape> {
    let Some((lines, naming)) = def.lines().zip(naming(def)) else {
        return Ok(Vec::new());
    };
    let Value::Json(Json::Array(told)) = of.get(lines.name) else {
        return Ok(Vec::new());
    };
    let wrong = WrongShape { field: lines.name };
    let Value::Money(Money { currency, .. }) = *of.get("amount") else {
        return Err(wrong);
    };
    let money = |amount| Value::Money(Money { amount, currency });
    (1..)
        .zip(told)
        .map(|(position, told)| {
            let (line, amounts) = document::read(told).ok_or_else(|| wrong.clone())?;
            let mut row = Record::with_capacity(DEF.fields.len() + 8);
            row.push("id", Value::Id(line.id.ok_or_else(|| wrong.clone())?));
            for field in DEF.fields {
                let value = match field.name {
                    "position" => Value::Int(position),
                    "product_id" => line.product_id.map_or(Value::Null, Value::Id),
                    "name" => line.name.clone().map_or(Value::Null, Value::Text),
                    "unit" => line.unit.clone().map_or(Value::Null, Value::Text),
                    "quantity" => line.quantity.map_or(Value::Null, Value::Int),
                    "unit_price" => line.unit_price.map_or(Value::Null, Value::Int),
                    "discount_rate" => Value::Int(line.discount_rate),
                    "tax_rate" => line.tax_rate.map_or(Value::Null, Value::Int),
                    "amount" => money(amounts.amount),
                    "document_discount" => money(amounts.document_discount),
                    "net" => money(amounts.net),
                    "tax" => money(amounts.tax),
                    "gross" => money(amounts.gross),
                    name if name == naming.name => Value::Id(of.id()),
                    _ => Value::Null,
                };
                row.push(field.name, value);
            }
            Ok(row)
        })
        .collect()
}

/// A row as it stands among the lines of its document.
#[must_use]
pub fn told(row: &Record) -> Json {
    let text = |name| row.get(name).as_text().map(str::to_owned);
    let int = |name| row.get(name).as_int();
    let money = |name| match row.get(name) {
        Value::Money(money) => money.amount,
        _ => 0,
    };
    let line = Line {
        id: Some(row.id()),
        product_id: row.get("product_id").as_id(),
        name: text("name"),
        unit: text("unit"),
        quantity: int("quantity"),
        unit_price: int("unit_price"),
        discount_rate: int("discount_rate").unwrap_or_default(),
        tax_rate: int("tax_rate"),
    };
    let amounts = LineAmounts {
        amount: money("amount"),
        document_discount: money("document_discount"),
        net: money("net"),
        tax: money("tax"),
        gross: money("gross"),
    };
    document::told(&line, amounts)
}

#[cfg(test)]
mod tests {
    use iso_currency::Currency;

    use super::*;
    use crate::document::{MAX_LINES, Terms};
    use crate::{contract, kinds};

    #[test]
    fn a_document_has_as_many_lines_as_there_are_positions() {
        let most = i64::try_from(MAX_LINES).unwrap();
        assert_eq!(DEF.field("position").unwrap().ty, def::Type::Int(1, most));
    }

    #[test]
    fn every_kind_with_lines_is_named_by_them_and_has_them_as_parts() {
        for def in kinds::ALL {
            let naming = naming(def).map(|field| field.name);
            assert_eq!(def.lines().is_some(), naming.is_some(), "{}", def.kind);
            if let Some(naming) = naming {
                assert!(def.can.parts.contains(&(DEF.kind, naming)), "{}", def.kind);
                assert!(def.has("amount"), "{}", def.kind);
            }
        }
    }

    #[test]
    fn lines_are_told_as_they_were_computed() {
        let line = |id, product: Option<u128>, tax| Line {
            id: Some(Uuid::from_u128(id)),
            product_id: product.map(Uuid::from_u128),
            name: Some(format!("line {id}")),
            unit: product.map(|_| "piece".to_owned()),
            quantity: Some(2_500_000),
            unit_price: Some(9_990_000),
            discount_rate: 500,
            tax_rate: Some(tax),
        };
        let lines = [line(1, Some(7), 1300), line(2, None, 0)];
        let terms = Terms {
            currency: Currency::USD,
            includes_tax: true,
            discount: 101,
        };
        let totals = document::compute(&lines, terms).unwrap();
        let stored = document::stored(&lines, &totals);
        let mut of = Record::default();
        of.push("id", Value::Id(Uuid::from_u128(9)));
        of.push("lines", Value::Json(stored.clone()));
        let amount = Money {
            amount: totals.gross,
            currency: Currency::USD,
        };
        of.push("amount", Value::Money(amount));
        let rows = rows(&contract::DEF, &of).unwrap();
        assert!(
            rows.iter()
                .all(|row| row.get("contract_id").as_id() == Some(of.id()))
        );
        assert!(rows.iter().all(|row| row.get("opportunity_id").is_null()));
        let told: Json = rows.iter().map(told).collect();
        assert_eq!(told, stored);
    }
}
