//! An expression as one SQL condition, with the answers that [`Expr::matches`] gives in memory.
//!
//! A test of a column that is `NULL` is neither true nor false in SQL. That is as good as false
//! here, since negation stands at the tests alone: what is meant to pass without a value says
//! `IS NULL` itself. So a plain test is a plain comparison, which an index serves.

use kehu_domain::def::{Def, Field, Type};
use kehu_domain::expr::{Atom, Expr, Op, Operand, Test, TextOp};
use kehu_domain::value::Value;
use sea_orm::DbBackend;
use sea_orm::sea_query::{Condition, Expr as Sql, ExprTrait, Func, Query};
use uuid::Uuid;

use crate::{columns, dialect, values};

/// The condition that rows of the kind's table, under its own name, pass the expression. It is for
/// a `WHERE` or an `AND` or `OR` in one, and not to be negated as a whole.
pub(crate) fn condition(
    backend: DbBackend,
    workspace: Uuid,
    def: &'static Def,
    expr: &Expr,
) -> Condition {
    let target = Target {
        backend,
        workspace,
        def,
    };
    target.condition(expr)
}

struct Target {
    backend: DbBackend,
    workspace: Uuid,
    def: &'static Def,
}

impl Target {
    fn condition(&self, expr: &Expr) -> Condition {
        match expr {
            Expr::Const(true) => Condition::all().add(Sql::cust("1 = 1")),
            Expr::Const(false) => Condition::all().add(Sql::cust("1 = 0")),
            Expr::And(parts) => parts
                .iter()
                .fold(Condition::all(), |all, part| all.add(self.condition(part))),
            Expr::Or(parts) => parts
                .iter()
                .fold(Condition::any(), |any, part| any.add(self.condition(part))),
            Expr::Atom(atom) => self.atom(atom),
        }
    }

    fn atom(&self, Atom { test, negated }: &Atom) -> Condition {
        match (test, negated) {
            (Test::Null { field }, negated) => self.null(field, *negated),
            (Test::Has { field, value }, false) => self.has(field, value),
            (Test::Has { field, value }, true) => {
                Condition::all().add(self.list_values(field, Some(value)).not())
            }
            (Test::Compare { field, op, with }, false) => {
                let plain = self.column(field).compare(*op, parameter(field, with));
                self.in_currency(field, with, plain)
            }
            (Test::Compare { field, op, with }, true) => {
                let opposite = self
                    .column(field)
                    .compare(op.opposite(), parameter(field, with));
                self.unless_in_currency(field, with, opposite)
            }
            (Test::In { field, among }, false) => {
                by_currency(among)
                    .into_iter()
                    .fold(Condition::any(), |any, (first, group)| {
                        let values = group.iter().map(|one| parameter(field, one));
                        let plain = self.column(field).is_in(values);
                        any.add(self.in_currency(field, first, plain))
                    })
            }
            (Test::In { field, among }, true) => {
                by_currency(among)
                    .into_iter()
                    .fold(Condition::all(), |all, (first, group)| {
                        let values = group.iter().map(|one| parameter(field, one));
                        let opposite = self.column(field).is_not_in(values);
                        all.add(self.unless_in_currency(field, first, opposite))
                    })
            }
            (Test::CompareFields { field, op, other }, false) => {
                let all = Condition::all().add(self.column(field).compare(*op, self.column(other)));
                if field.ty == Type::Money {
                    all.add(self.currency(field).eq(self.currency(other)))
                } else {
                    all
                }
            }
            (Test::CompareFields { field, op, other }, true) => {
                let any = Condition::any()
                    .add(self.column(field).is_null())
                    .add(self.column(other).is_null())
                    .add(
                        self.column(field)
                            .compare(op.opposite(), self.column(other)),
                    );
                if field.ty == Type::Money {
                    any.add(self.currency(field).ne(self.currency(other)))
                } else {
                    any
                }
            }
            (Test::Text { field, op, text }, false) => self.text(field, *op, text),
            (Test::Text { field, op, text }, true) => Condition::any()
                .add(self.column(field).is_null())
                .add(self.text(field, *op, text).not()),
        }
    }

    fn column(&self, field: &Field) -> Sql {
        Sql::col((self.def.table, field.name))
    }

    fn currency(&self, field: &Field) -> Sql {
        Sql::col((self.def.table, columns::currency_column(field.name)))
    }

    /// Amounts compare within one currency only, but with nothing, which is the same in all.
    fn in_currency(&self, field: &Field, with: &Operand, plain: Sql) -> Condition {
        let all = Condition::all().add(plain);
        match &with.value {
            Value::Money(money) if money.amount != 0 => {
                all.add(self.currency(field).eq(money.currency.code()))
            }
            _ => all,
        }
    }

    fn unless_in_currency(&self, field: &Field, with: &Operand, opposite: Sql) -> Condition {
        let any = Condition::any()
            .add(self.column(field).is_null())
            .add(opposite);
        match &with.value {
            Value::Money(money) if money.amount != 0 => {
                any.add(self.currency(field).ne(money.currency.code()))
            }
            _ => any,
        }
    }

    fn null(&self, field: &'static Field, negated: bool) -> Condition {
        let test = match (field.ty.is_list(), negated) {
            (true, false) => self.list_values(field, None).not(),
            (true, true) => self.list_values(field, None),
            (false, false) => self.column(field).is_null(),
            (false, true) => self.column(field).is_not_null(),
        };
        Condition::all().add(test)
    }

    /// Few records have the value as a rule: found by it, not looked up for each row.
    fn has(&self, field: &'static Field, value: &Operand) -> Condition {
        let text = value.value.as_text().unwrap_or_default();
        let ids = values::records_with(self.workspace, self.def.kind, field.name, text);
        Condition::all().add(Sql::col((self.def.table, "id")).in_subquery(ids))
    }

    /// Whether the row has the value in its list, or any.
    fn list_values(&self, field: &'static Field, value: Option<&Operand>) -> Sql {
        let mut rows = Query::select();
        rows.expr(Sql::cust("1"))
            .from("list_values")
            .and_where(Sql::col(("list_values", "workspace_id")).eq(self.workspace))
            .and_where(Sql::col(("list_values", "record_id")).eq(Sql::col((self.def.table, "id"))))
            .and_where(Sql::col(("list_values", "kind")).eq(self.def.kind))
            .and_where(Sql::col(("list_values", "field")).eq(field.name));
        if let Some(text) = value.and_then(|value| value.value.as_text()) {
            rows.and_where(Sql::col(("list_values", "value")).eq(text));
        }
        Sql::exists(rows.take())
    }

    fn text(&self, field: &Field, op: TextOp, text: &str) -> Condition {
        let column = || self.column(field);
        let all = Condition::all();
        match op {
            _ if text.is_empty() => all.add(column().is_not_null()),
            TextOp::Contains => {
                let position = Func::cust(dialect::position_function(self.backend));
                all.add(Sql::from(position.args([column(), Sql::val(text)])).gt(0))
            }
            // A range in code-point order, which an index serves.
            TextOp::StartsWith => match after_all_beginning_with(text) {
                Some(end) => all.add(column().gte(text)).add(column().lt(end)),
                None => all.add(column().gte(text)),
            },
            TextOp::EndsWith => {
                let length = text.chars().count();
                all.add(dialect::last_characters(self.backend, column(), length).eq(text))
            }
        }
    }
}

trait Compare {
    fn compare(self, op: Op, with: Sql) -> Sql;
}

impl Compare for Sql {
    fn compare(self, op: Op, with: Sql) -> Sql {
        match op {
            Op::Eq => self.eq(with),
            Op::Ne => self.ne(with),
            Op::Lt => self.lt(with),
            Op::Le => self.lte(with),
            Op::Gt => self.gt(with),
            Op::Ge => self.gte(with),
        }
    }
}

fn parameter(field: &Field, operand: &Operand) -> Sql {
    Sql::val(columns::parameter(field.ty, &operand.value))
}

/// The values that are of one currency, or no money, together; nothing of any currency by itself. Each
/// group with its first.
fn by_currency(among: &[Operand]) -> Vec<(&Operand, Vec<&Operand>)> {
    let mut groups: Vec<(&Operand, Vec<&Operand>)> = Vec::new();
    for one in among {
        let same = groups
            .iter_mut()
            .find(|(first, _)| match (&first.value, &one.value) {
                (Value::Money(a), Value::Money(b)) => {
                    a.currency == b.currency && (a.amount == 0) == (b.amount == 0)
                }
                _ => true,
            });
        match same {
            Some((_, group)) => group.push(one),
            None => groups.push((one, vec![one])),
        }
    }
    groups
}

/// The first text in code-point order behind all that begin with this one; `None` where there is
/// none behind them.
fn after_all_beginning_with(text: &str) -> Option<String> {
    let mut rest: Vec<char> = text.chars().collect();
    while let Some(last) = rest.pop() {
        // The code points between the two are no characters.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            rest.push(next);
            return Some(rest.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_all_beginning_with;

    #[test]
    fn the_end_of_a_range_lies_behind_all_texts_that_begin_alike() {
        for (text, end) in [
            ("ab", Some("ac")),
            ("中", Some("丮")),
            ("a\u{d7ff}", Some("a\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}\u{10ffff}", None),
        ] {
            assert_eq!(after_all_beginning_with(text).as_deref(), end, "{text:?}");
        }
    }
}
