//! Checks the parser's tree against the declaration and makes our own of it, negation pushed down
//! to the atoms.

use cel::common::ast::{CallExpr, Expr as Cel, IdedExpr, LiteralValue, operators};
use serde_json::json;

use crate::def::{Def, Field, Type};
use crate::expr::lexer::{Kind, Source, Token};
use crate::expr::read::Tree;
use crate::expr::side::{Place, Side, unknown_operator, wrong_type};
use crate::expr::{Atom, Expr, ExprCtx, ExprError, Op, Operand, Test, TextOp};
use crate::value::Value;

/// What lowering needs at every step.
pub(super) struct Lower<'a> {
    pub(super) tree: &'a Tree,
    pub(super) source: &'a Source<'a>,
    pub(super) def: &'static Def,
    pub(super) ctx: &'a ExprCtx,
}

pub(super) fn lower(
    tree: &Tree,
    source: &Source<'_>,
    def: &'static Def,
    ctx: &ExprCtx,
) -> Result<Expr, ExprError> {
    let lower = Lower {
        tree,
        source,
        def,
        ctx,
    };
    lower.condition(&tree.root, false)
}

impl Lower<'_> {
    pub(super) fn place(&self, node: &IdedExpr) -> Place {
        match self.tree.token(node, self.source) {
            Some(token) => Place::of(&token),
            None => Place::of(&Token {
                kind: Kind::Text,
                offset: 0,
                text: self.source.text,
            }),
        }
    }

    fn condition(&self, node: &IdedExpr, negated: bool) -> Result<Expr, ExprError> {
        match &node.expr {
            Cel::Literal(LiteralValue::Boolean(value)) => {
                Ok(Expr::Const(*value.inner() != negated))
            }
            Cel::Call(call) => self.test(call, node, negated),
            _ => match self.side(node)? {
                (Side::Field(field), _) if field.ty == Type::Bool => Ok(atom(
                    Test::Compare {
                        field,
                        op: Op::Eq,
                        with: Operand::literal(Value::Bool(true)),
                    },
                    negated,
                )),
                (Side::Field(field), place) => Err(wrong_type(place, Some(field), "condition")),
                (_, place) => Err(wrong_type(place, None, "condition")),
            },
        }
    }

    fn test(&self, call: &CallExpr, node: &IdedExpr, negated: bool) -> Result<Expr, ExprError> {
        let place = self.place(node);
        match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
            (operators::LOGICAL_NOT, None, [inner]) => self.condition(inner, !negated),
            (operators::LOGICAL_AND, None, parts) => self.chain(parts, !negated, negated),
            (operators::LOGICAL_OR, None, parts) => self.chain(parts, negated, negated),
            (operators::IN, None, [left, right]) => self.membership(left, right, negated),
            (name, None, [left, right]) if let Some(op) = comparison(name) => {
                self.comparison(left, op, right, place, negated)
            }
            (name, Some(target), [argument]) if let Some(op) = text_op(name) => {
                Ok(atom(self.text_test(target, op, argument)?, negated))
            }
            ("contains" | "startsWith" | "endsWith", ..) => Err(place
                .error("wrong_arguments")
                .with(json!({ "name": call.func_name, "expected": "text" }))),
            _ => {
                let (_, place) = self.side(node)?;
                Err(wrong_type(place, None, "condition"))
            }
        }
    }

    /// Parts that must all hold, or of which one must; one list of them, however they are nested.
    fn chain(&self, parts: &[IdedExpr], all: bool, negated: bool) -> Result<Expr, ExprError> {
        let mut lowered = Vec::with_capacity(parts.len());
        for part in parts {
            match (self.condition(part, negated)?, all) {
                (Expr::And(inner), true) | (Expr::Or(inner), false) => lowered.extend(inner),
                (other, _) => lowered.push(other),
            }
        }
        Ok(if all {
            Expr::And(lowered)
        } else {
            Expr::Or(lowered)
        })
    }

    fn comparison(
        &self,
        left: &IdedExpr,
        op: Op,
        right: &IdedExpr,
        place: Place,
        negated: bool,
    ) -> Result<Expr, ExprError> {
        let (left, left_at) = self.side(left)?;
        let (right, right_at) = self.side(right)?;
        let test = match (&left, &right) {
            (Side::Field(field), Side::Field(other)) => {
                self.comparable(field, other, right_at)?;
                ordered(field, op, place)?;
                Test::CompareFields { field, op, other }
            }
            (Side::Field(field), Side::Null) | (Side::Null, Side::Field(field)) => {
                return match op {
                    Op::Eq => Ok(atom(Test::Null { field }, negated)),
                    Op::Ne => Ok(atom(Test::Null { field }, !negated)),
                    Op::Lt | Op::Le | Op::Gt | Op::Ge => Err(unknown_operator(place, op.symbol())),
                };
            }
            (Side::SizeOf(field), Side::Number(number)) => {
                return empty(field, op, number, place, right_at, negated);
            }
            (Side::Number(number), Side::SizeOf(field)) => {
                return empty(field, op.flipped(), number, place, left_at, negated);
            }
            (Side::SizeOf(_), _) => return Err(wrong_type(right_at, None, "int")),
            (_, Side::SizeOf(_)) => return Err(wrong_type(left_at, None, "int")),
            (Side::Field(field), value) => self.compare(field, op, value, right_at, place)?,
            (value, Side::Field(field)) => {
                self.compare(field, op.flipped(), value, left_at, place)?
            }
            _ => return Err(place.error("needs_field")),
        };
        Ok(atom(test, negated))
    }

    fn compare(
        &self,
        field: &'static Field,
        op: Op,
        value: &Side,
        value_at: Place,
        place: Place,
    ) -> Result<Test, ExprError> {
        if field.ty.is_list() {
            return Err(unknown_operator(place, op.symbol()));
        }
        let with = self.operand(field, value, value_at)?;
        ordered(field, op, place)?;
        Ok(Test::Compare { field, op, with })
    }

    /// `field in [..]`, `value in list_field`.
    fn membership(
        &self,
        left: &IdedExpr,
        right: &IdedExpr,
        negated: bool,
    ) -> Result<Expr, ExprError> {
        let (left, left_at) = self.side(left)?;
        let (right, right_at) = self.side(right)?;
        match (&left, &right) {
            (Side::Field(field), Side::List(values)) => {
                if field.ty.is_list() {
                    return Err(wrong_type(left_at, Some(field), "value"));
                }
                let among = values
                    .iter()
                    .map(|(value, at)| self.operand(field, value, *at))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(if among.is_empty() {
                    Expr::Const(negated)
                } else {
                    atom(Test::In { field, among }, negated)
                })
            }
            (Side::Field(_), Side::Field(list)) if list.ty.is_list() => {
                Err(wrong_type(left_at, Some(list), "value"))
            }
            (value, Side::Field(field)) if field.ty.is_list() => {
                let value = self.operand(field, value, left_at)?;
                Ok(atom(Test::Has { field, value }, negated))
            }
            (Side::Field(field), _) => Err(wrong_type(right_at, Some(field), "list")),
            (_, Side::Field(field)) => Err(wrong_type(right_at, Some(field), "list")),
            _ => Err(left_at.error("needs_field")),
        }
    }

    fn text_test(
        &self,
        target: &IdedExpr,
        op: TextOp,
        argument: &IdedExpr,
    ) -> Result<Test, ExprError> {
        let field = match self.side(target)? {
            (Side::Field(field), place) => {
                if !is_text(field) {
                    return Err(wrong_type(place, Some(field), "text_field"));
                }
                field
            }
            (_, place) => return Err(place.error("needs_field")),
        };
        match self.side(argument)? {
            (Side::Text(text), _) => Ok(Test::Text { field, op, text }),
            (_, place) => Err(wrong_type(place, Some(field), "text")),
        }
    }

    fn comparable(
        &self,
        field: &'static Field,
        other: &'static Field,
        place: Place,
    ) -> Result<(), ExprError> {
        let same = match (self.family(field), self.family(other)) {
            (Family::List, _) | (_, Family::List) => false,
            (a, b) => a == b,
        };
        if same {
            Ok(())
        } else {
            Err(wrong_type(place, Some(field), self.family(field).name()))
        }
    }

    fn family(&self, field: &Field) -> Family {
        match field.ty {
            Type::Text(_)
            | Type::LongText(_)
            | Type::Email
            | Type::Phone
            | Type::Url
            | Type::Choice(_)
            | Type::Dictionary(_) => Family::Text,
            Type::Int(..) => Family::Int,
            Type::Bool => Family::Bool,
            Type::Date => Family::Date,
            Type::Time => Family::Time,
            Type::Money => Family::Money,
            Type::Ref("") => Family::Id(self.def.kind),
            Type::Ref(kind) => Family::Id(kind),
            Type::Refs(_) | Type::Tags | Type::Texts | Type::Json | Type::Lines => Family::List,
        }
    }
}

/// Fields of the same family compare with each other.
#[derive(PartialEq, Eq)]
enum Family {
    Text,
    Int,
    Bool,
    Date,
    Time,
    Money,
    Id(&'static str),
    List,
}

impl Family {
    const fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Time => "time",
            Self::Money => "money",
            Self::Id(_) => "id",
            Self::List => "value",
        }
    }
}

const fn atom(test: Test, negated: bool) -> Expr {
    Expr::Atom(Atom { test, negated })
}

/// Codes, ids and yes or no have no order.
fn ordered(field: &Field, op: Op, place: Place) -> Result<(), ExprError> {
    let has_order = match field.ty {
        Type::Text(_)
        | Type::LongText(_)
        | Type::Email
        | Type::Phone
        | Type::Url
        | Type::Int(..)
        | Type::Date
        | Type::Time
        | Type::Money => true,
        Type::Bool
        | Type::Choice(_)
        | Type::Dictionary(_)
        | Type::Ref(_)
        | Type::Refs(_)
        | Type::Tags
        | Type::Texts
        | Type::Json
        | Type::Lines => false,
    };
    if op.orders() && !has_order {
        return Err(unknown_operator(place, op.symbol()));
    }
    Ok(())
}

const fn is_text(field: &Field) -> bool {
    matches!(
        field.ty,
        Type::Text(_)
            | Type::LongText(_)
            | Type::Email
            | Type::Phone
            | Type::Url
            | Type::Dictionary(_)
    )
}

/// A list's size is compared with nought alone: whether it has values.
fn empty(
    field: &'static Field,
    op: Op,
    number: &str,
    place: Place,
    number_at: Place,
    negated: bool,
) -> Result<Expr, ExprError> {
    if number != "0" {
        return Err(number_at.error("size_of_zero_only"));
    }
    match op {
        Op::Eq => Ok(atom(Test::Null { field }, negated)),
        Op::Ne | Op::Gt => Ok(atom(Test::Null { field }, !negated)),
        Op::Lt | Op::Le | Op::Ge => Err(unknown_operator(place, op.symbol())),
    }
}

fn comparison(name: &str) -> Option<Op> {
    match name {
        operators::EQUALS => Some(Op::Eq),
        operators::NOT_EQUALS => Some(Op::Ne),
        operators::LESS => Some(Op::Lt),
        operators::LESS_EQUALS => Some(Op::Le),
        operators::GREATER => Some(Op::Gt),
        operators::GREATER_EQUALS => Some(Op::Ge),
        _ => None,
    }
}

fn text_op(name: &str) -> Option<TextOp> {
    match name {
        "contains" => Some(TextOp::Contains),
        "startsWith" => Some(TextOp::StartsWith),
        "endsWith" => Some(TextOp::EndsWith),
        _ => None,
    }
}
