//! Why somebody can or cannot see or change a record.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Visibility};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Rule};
use kehu_domain::value::Value;
use kehu_persistence::records::{self, Trash};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;

/// Whether something is allowed, and the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is.
    pub allowed: bool,
    /// Why or why not: a code.
    pub because: &'static str,
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
    ) -> Result<(Verdict, Verdict), AppError> {
        let record = self.load_record(ctx, def, id).await?;
        let write = scope::of(ctx, def, Action::Write);
        let session = self.db.read();
        let changes = records::get(&session, def, &write, Trash::Either, id)
            .await?
            .is_some();
        let read = Verdict {
            allowed: true,
            because: reason(ctx, def, &record, Action::Read),
        };
        let because = match (changes, def.visibility) {
            (true, _) => reason(ctx, def, &record, Action::Write),
            (false, Visibility::Workspace | Visibility::Common) => "administrators_only",
            (false, Visibility::Personal) => "not_owner",
            (false, Visibility::Ledger(_) | Visibility::Within(_)) => "operations_only",
            (false, _) if record.get("owner_id").is_null() && def.has("pool_id") => "claim_first",
            (false, _) => "owner_out_of_reach",
        };
        Ok((
            read,
            Verdict {
                allowed: changes,
                because,
            },
        ))
    }
}

fn reason(ctx: &Ctx, def: &'static Def, record: &Record, action: Action) -> &'static str {
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
        Rule::Everything if ctx.actor.administers => "administrator",
        Rule::Everything => "everybody",
        Rule::Owned { owners, .. } if owners.reach(owner) => "reach",
        _ if collaborates => "collaborator",
        _ if pooled => "pool_member",
        Rule::Through { .. } => "through",
        Rule::Personal { .. } => "shared",
        Rule::Owned { .. } | Rule::Nothing => "reach",
    }
}
