//! A [`Scope`] as one SQL condition.

use kehu_domain::ctx::Owners;
use kehu_domain::def::Def;
use kehu_domain::scope::{Rule, Scope};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::reach::{self, FEW, Look, MANY};
use crate::values;

/// The condition that rows of the kind's table, under the name that it has, are in the scope.
pub(crate) fn condition(
    backend: DbBackend,
    def: &'static Def,
    scope: &Scope,
    look: Look,
) -> Condition {
    let within = Within {
        backend,
        workspace: scope.workspace_id,
        look,
    };
    Condition::all()
        .add(Expr::col("workspace_id").eq(scope.workspace_id))
        .add(within.rule(def, &scope.rule))
}

/// The condition that rows outside the trash are in the scope, where these are few: they are found by
/// who owns them and gathered, whatever order is asked for.
pub(crate) fn gathered(backend: DbBackend, def: &'static Def, scope: &Scope) -> Condition {
    let ids = rows(backend, def, scope);
    Condition::all()
        .add(Expr::col("workspace_id").eq(scope.workspace_id))
        .add(Expr::col("id").in_subquery(ids))
}

/// A query for the ids of the rows outside the trash that are in the scope; some may come twice.
pub(crate) fn rows(backend: DbBackend, def: &'static Def, scope: &Scope) -> SelectStatement {
    let within = Within {
        backend,
        workspace: scope.workspace_id,
        look: Look::Few,
    };
    within.ids(def, &scope.rule, &[LIVE])
}

/// How sums and counts look at owners.
pub(crate) async fn look(session: &Session, scope: &Scope) -> Result<Look, StoreError> {
    Ok(match breadth(session, scope).await? {
        people if people <= FEW => Look::Few,
        _ => Look::Many,
    })
}

/// How a page of a list looks at owners.
pub(crate) async fn look_in_order(session: &Session, scope: &Scope) -> Result<Look, StoreError> {
    Ok(match breadth(session, scope).await? {
        people if people <= FEW => Look::Few,
        people if people <= MANY => Look::Many,
        _ => Look::Each,
    })
}

/// The people whose records decide on a scope, if any do.
pub(crate) fn owners(rule: &Rule) -> Option<Owners> {
    match rule {
        Rule::Owned { owners, .. } => Some(*owners),
        Rule::Through { ways, .. } => ways.iter().find_map(|(_, _, above)| owners(above)),
        Rule::Both(both) => owners(&both.0),
        Rule::Any(rules) => rules.iter().find_map(owners),
        Rule::Nothing | Rule::Everything | Rule::Personal { .. } => None,
    }
}

async fn breadth(session: &Session, scope: &Scope) -> Result<u64, StoreError> {
    match owners(&scope.rule) {
        Some(owners) => reach::breadth(session, scope.workspace_id, owners).await,
        None => Ok(0),
    }
}

const LIVE: &str = "deleted_at IS NULL";

/// Every index is of the rows in the trash or of those outside, so both are asked for by themselves.
const EITHER: &[&str] = &[LIVE, "deleted_at IS NOT NULL"];

/// What all parts of a condition have in common.
#[derive(Clone, Copy)]
struct Within {
    backend: DbBackend,
    workspace: Uuid,
    look: Look,
}

impl Within {
    fn rule(self, def: &'static Def, rule: &Rule) -> Condition {
        match rule {
            Rule::Everything => Condition::all(),
            Rule::Nothing => Condition::all().add(Expr::cust("1 = 0")),
            Rule::Both(both) => Condition::all()
                .add(self.rule(def, &both.0))
                .add(self.rule(def, &both.1)),
            Rule::Owned { .. } | Rule::Through { .. } | Rule::Any(_) => {
                let branches = self.branches(def, rule).into_iter();
                branches.fold(Condition::any(), |any, branch| match branch {
                    Branch::Rows(condition) => any.add(condition),
                    Branch::Ids(ids) => any.add(self.among(*ids)),
                })
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

    /// The condition that the id is among these; with few of them, so that the index on it serves.
    fn among(self, ids: SelectStatement) -> Expr {
        if self.backend == DbBackend::Postgres && self.look == Look::Few {
            Expr::cust_with_exprs(
                "id = ANY (ARRAY $1)",
                [Expr::SubQuery(None, Box::new(ids.into()))],
            )
        } else {
            Expr::col("id").in_subquery(ids)
        }
    }

    /// The ways in which a row can be in scope, each of which an index serves.
    fn branches(self, def: &'static Def, rule: &Rule) -> Vec<Branch> {
        match rule {
            Rule::Owned {
                owners,
                user_id,
                pools,
            } => {
                let mut branches =
                    vec![Branch::Rows(Condition::all().add(self.owned(def, *owners)))];
                if def.has("collaborator_ids") {
                    branches.push(Branch::Ids(Box::new(values::records_with(
                        self.workspace,
                        def.kind,
                        "collaborator_ids",
                        &user_id.to_string(),
                    ))));
                }
                if def.has("pool_id") && !pools.is_empty() {
                    branches.push(Branch::Rows(
                        Condition::all()
                            .add(Expr::col("owner_id").is_null())
                            .add(Expr::col("pool_id").is_in(pools.iter().copied())),
                    ));
                }
                branches
            }
            Rule::Through { user_id, ways } => {
                let own = def
                    .has("owner_id")
                    .then(|| Condition::all().add(Expr::col("owner_id").eq(*user_id)));
                let ways = ways
                    .iter()
                    .map(|(field, above, rule)| self.way(def, field, above, rule));
                own.into_iter().chain(ways).map(Branch::Rows).collect()
            }
            Rule::Any(rules) => rules
                .iter()
                .flat_map(|rule| self.branches(def, rule))
                .collect(),
            Rule::Both(_) | Rule::Everything | Rule::Nothing | Rule::Personal { .. } => {
                vec![Branch::Rows(self.rule(def, rule))]
            }
        }
    }

    fn owned(self, def: &Def, owners: Owners) -> Expr {
        let owner = format!("{}.owner_id", def.table);
        reach::condition(self.backend, self.workspace, owners, &owner, self.look)
    }

    /// The condition that what a field names is in its own kind's scope.
    fn way(
        self,
        def: &'static Def,
        field: &'static str,
        above: &'static Def,
        rule: &Rule,
    ) -> Condition {
        if matches!(rule, Rule::Everything) {
            return Condition::all().add(Expr::col(field).is_not_null());
        }
        let named = match self.look {
            Look::Each => {
                let one = Query::select()
                    .expr(Expr::cust("1"))
                    .from(above.table)
                    .and_where(Expr::col((above.table, "id")).equals((def.table, field)))
                    .and_where(Expr::col((above.table, "workspace_id")).eq(self.workspace))
                    .cond_where(self.rule(above, rule))
                    .take();
                Expr::exists(self.as_it_stands(one))
            }
            Look::Few | Look::Many => Expr::col(field).in_subquery(self.ids(above, rule, EITHER)),
        };
        Condition::all().add(named)
    }

    /// The offset keeps PostgreSQL from asking for all rows at once.
    fn as_it_stands(self, mut query: SelectStatement) -> SelectStatement {
        if self.backend == DbBackend::Postgres {
            query.offset(0);
        }
        query
    }

    /// A query for the ids of the rows that are in scope, and in or outside the trash; some may come
    /// twice.
    fn ids(self, def: &'static Def, rule: &Rule, trash: &[&'static str]) -> SelectStatement {
        let mut all: Option<SelectStatement> = None;
        let mut add = |query: SelectStatement| match &mut all {
            Some(all) => {
                all.union(UnionType::All, query);
            }
            None => all = Some(query),
        };
        for branch in self.branches(def, rule) {
            match branch {
                Branch::Ids(ids) => add(*ids),
                Branch::Rows(condition) => {
                    for part in trash {
                        add(Query::select()
                            .column("id")
                            .from(def.table)
                            .and_where(Expr::col("workspace_id").eq(self.workspace))
                            .and_where(Expr::cust(*part))
                            .cond_where(condition.clone())
                            .take());
                    }
                }
            }
        }
        all.unwrap_or_else(|| {
            Query::select()
                .column("id")
                .from(def.table)
                .and_where(Expr::cust("1 = 0"))
                .take()
        })
    }
}

/// One way in which a row can be in scope.
enum Branch {
    /// A condition on the row.
    Rows(Condition),
    /// Its id is among these.
    Ids(Box<SelectStatement>),
}
