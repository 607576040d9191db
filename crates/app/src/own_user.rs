//! What people see and change of themselves.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::scope::{self, Action};
use kehu_domain::user::{self, User};
use kehu_persistence::records::{self, Trash};
use serde_json::{Map, Value};

use crate::App;
use crate::error::AppError;
use crate::writer::{Author, Writer};

/// What people may change of themselves.
const OWN: &[&str] = &["name", "locale", "phone"];

impl App {
    /// The caller as a member of the workspace.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn get_own_user(&self, ctx: &Ctx) -> Result<User, AppError> {
        let scope = scope::of(ctx, &user::DEF, Action::View);
        let (session, id) = (self.db.read(), ctx.actor.user_id);
        let found = records::get(&session, &user::DEF, &scope, Trash::Outside, id).await?;
        let found = found.ok_or(AppError::Unauthenticated("not_signed_in"))?;
        Ok(User::from_record(&found)?)
    }

    /// Changes the caller's own name, language or telephone number.
    ///
    /// # Errors
    /// Every field that is no good, or not theirs to change.
    pub async fn update_own_user(
        &self,
        ctx: &Ctx,
        body: &Map<String, Value>,
    ) -> Result<(), AppError> {
        let foreign = body.keys().filter(|name| !OWN.contains(&name.as_str()));
        let foreign = foreign.map(|name| {
            let pointer = name.replace('~', "~0").replace('/', "~1");
            FieldProblem::new(&pointer, "unknown_field")
        });
        let problems: Vec<FieldProblem> = foreign.collect();
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        let scope = scope::of(ctx, &user::DEF, Action::View);
        let organisation = self.organisation(ctx.workspace.id).await?;
        let (session, id) = (self.db.begin().await?, ctx.actor.user_id);
        let before = records::lock(&session, &user::DEF, &scope, Trash::Outside, id).await?;
        let before = before.ok_or(AppError::Unauthenticated("not_signed_in"))?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let after = writer.patched(&user::DEF, &before, body).await?;
        writer.save(&user::DEF, "update", &before, after).await?;
        Ok(session.commit().await?)
    }
}
