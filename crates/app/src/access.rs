//! Why somebody can or cannot see or change a record.

use kehu_domain::ctx::{Ctx, Organisation, Owners};
use kehu_domain::def::{Def, Visibility};
use kehu_domain::record::Record;
use kehu_domain::rights;
use kehu_domain::scope::{self, Action, Rule};
use kehu_domain::value::Value;
use kehu_persistence::records::{self, Trash};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::ownership::leads_others;

/// Whether something is allowed, and the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is.
    pub allowed: bool,
    /// Why or why not: a code.
    pub because: &'static str,
}

/// What somebody may do with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Whether they see it.
    pub read: Verdict,
    /// Whether they change it.
    pub write: Verdict,
    /// What else they may do, as far as rights go.
    pub actions: Vec<(Action, bool)>,
}

impl App {
    /// Why the caller can see a record, and can or cannot change it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a record out of sight: that it exists is not told.
    pub async fn get_access(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
    ) -> Result<Access, AppError> {
        let record = self.load_record(ctx, def, id).await?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let tree = organisation.tree();
        let write = scope::of(ctx, def, Action::Edit);
        let session = self.db.read();
        let changes = records::get(&session, def, &write, Trash::Either, id)
            .await?
            .is_some();
        let read = Verdict {
            allowed: true,
            because: reason(ctx, tree, def, &record, Action::View),
        };
        let because = match (changes, def.visibility) {
            (true, _) => reason(ctx, tree, def, &record, Action::Edit),
            (false, Visibility::Workspace | Visibility::Common) => "administrators_only",
            (false, Visibility::Personal) => "not_owner",
            (false, Visibility::Ledger(_) | Visibility::Within(_)) => "operations_only",
            (false, _) if record.get("owner_id").is_null() && def.has("pool_id") => "claim_first",
            (false, _) => "owner_out_of_reach",
        };
        let write = Verdict {
            allowed: changes,
            because,
        };
        let mut actions = Vec::new();
        let mut known: Vec<(Owners, bool)> = Vec::new();
        for action in Action::ALL {
            // Those that go as far as one that was asked for need no question of their own.
            let owners = ctx.actor.owners(def, *action);
            let made = matches!(action, Action::Create | Action::Import);
            if made || !rights::applies(def, *action) {
                continue;
            }
            let open = known.iter().find(|(same, _)| *same == owners);
            let allowed = match (action, open) {
                (Action::View, _) => true,
                (Action::Claim | Action::Attach | Action::Bulk, _) | (_, None) => {
                    let scope = scope::of(ctx, def, *action);
                    records::get(&session, def, &scope, Trash::Either, id)
                        .await?
                        .is_some()
                }
                (_, Some((_, allowed))) => *allowed,
            };
            if !matches!(
                action,
                Action::View | Action::Claim | Action::Attach | Action::Bulk
            ) {
                known.push((owners, allowed));
            }
            // What lies in a pool is assigned by who leads others.
            let pooled = *action == Action::Assign && record.get("owner_id").is_null();
            let allowed = allowed || (pooled && leads_others(&session, ctx, def).await?);
            actions.push((*action, allowed));
        }
        Ok(Access {
            read,
            write,
            actions,
        })
    }
}

fn reason(
    ctx: &Ctx,
    tree: &Organisation,
    def: &'static Def,
    record: &Record,
    action: Action,
) -> &'static str {
    let me = ctx.actor.user_id;
    let owner = record.get("owner_id").as_id();
    let collaborates = match record.get("collaborator_ids") {
        Value::List(ids) => ids.contains(&me.to_string()),
        _ => false,
    };
    let pooled = owner.is_none()
        && record
            .get("pool_id")
            .as_id()
            .is_some_and(|pool| ctx.actor.pools.contains(&pool));
    match scope::of(ctx, def, action).rule {
        _ if owner == Some(me) => "owner",
        Rule::Everything if ctx.actor.administers() => "administrator",
        Rule::Everything => "everybody",
        Rule::Owned { owners, .. } if tree.reaches(owners, owner) => "reach",
        _ if collaborates => "collaborator",
        _ if pooled => "pool_member",
        Rule::Through { .. } | Rule::Both(_) | Rule::Any(_) => "through",
        Rule::Personal { .. } => "shared",
        Rule::Owned { .. } | Rule::Nothing => "reach",
    }
}
