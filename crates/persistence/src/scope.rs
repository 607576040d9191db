//! A [`Scope`] as one SQL condition.

use kehu_domain::ctx::Owners;
use kehu_domain::def::Def;
use kehu_domain::scope::{Rule, Scope};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use crate::values;

/// The condition that rows of the kind's table are in the scope.
pub(crate) fn condition(def: &'static Def, scope: &Scope) -> Condition {
    Condition::all()
        .add(Expr::col("workspace_id").eq(scope.workspace_id))
        .add(rule(def, scope.workspace_id, &scope.rule))
}

fn rule(def: &'static Def, workspace: Uuid, rule: &Rule) -> Condition {
    match rule {
        Rule::Everything => Condition::all(),
        Rule::Nothing => Condition::all().add(Expr::cust("1 = 0")),
        Rule::Owned {
            owners,
            user_id,
            pools,
        } => {
            let mut any = Condition::any();
            match owners {
                Owners::All => return Condition::all(),
                Owners::Only(people) => {
                    any = any.add(Expr::col("owner_id").is_in(people.iter().copied()));
                }
            }
            if def.has("collaborator_ids") {
                any = any.add(Expr::col("id").in_subquery(values::records_with(
                    workspace,
                    def.kind,
                    "collaborator_ids",
                    &user_id.to_string(),
                )));
            }
            if def.has("pool_id") && !pools.is_empty() {
                any = any.add(
                    Condition::all()
                        .add(Expr::col("owner_id").is_null())
                        .add(Expr::col("pool_id").is_in(pools.iter().copied())),
                );
            }
            any
        }
        Rule::Through { user_id, ways } => {
            let mut any = Condition::any();
            if def.has("owner_id") {
                any = any.add(Expr::col("owner_id").eq(*user_id));
            }
            for (field, above, its_rule) in ways {
                any = any.add(Expr::col(*field).in_subquery(above_ids(above, workspace, its_rule)));
            }
            any
        }
        Rule::Personal { user_id, shared } => {
            let own = Expr::col("owner_id").eq(*user_id);
            if *shared {
                Condition::any().add(own).add(Expr::col("shared").eq(true))
            } else {
                Condition::all().add(own)
            }
        }
    }
}

fn above_ids(above: &'static Def, workspace: Uuid, its_rule: &Rule) -> SelectStatement {
    Query::select()
        .column("id")
        .from(above.table)
        .cond_where(
            Condition::all()
                .add(Expr::col("workspace_id").eq(workspace))
                .add(rule(above, workspace, its_rule)),
        )
        .take()
}
