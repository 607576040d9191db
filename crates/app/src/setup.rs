//! The first run: makes the workspace and its administrator, once.

use chrono::{DateTime, Utc};
use kehu_persistence::db::Session;
use kehu_persistence::{secrets as kept, workspaces};

use crate::error::AppError;
use crate::secrets::same;
use crate::sessions::{self, Opened};
use crate::workspaces::NewWorkspace;
use crate::{App, hashing};

/// The name of the secret that proves who started the server.
const SETUP_TOKEN: &str = "setup_token";

/// Who may make a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupPolicy {
    /// Whether anybody may make a workspace of their own after the first.
    pub open_workspaces: bool,
    /// Whether the first run asks for the token that the server printed at its start.
    pub token_required: bool,
}

/// The first run, as the page that asks for it brings it.
#[derive(Clone)]
pub struct Setup {
    /// What to make.
    pub workspace: NewWorkspace,
    /// The token that the server printed.
    pub token: Option<String>,
    /// What the administrator signs in with, in its own words.
    pub device: Option<String>,
    /// What logs and history call the request.
    pub request_id: String,
}

impl App {
    /// Whether the first run is still to come.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn setup_needed(&self) -> Result<bool, AppError> {
        is_empty(&self.db.read()).await
    }

    /// What the server prints at its start for who is to do the first run; `None` when it is done.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn setup_token(&self, now: DateTime<Utc>) -> Result<Option<String>, AppError> {
        if !self.setup_needed().await? {
            return Ok(None);
        }
        self.secret(SETUP_TOKEN, now).await.map(Some)
    }

    /// Makes the workspace and its administrator, and signs them in.
    ///
    /// # Errors
    /// `already_set_up`; every field that is no good.
    pub async fn set_up(
        &self,
        policy: SetupPolicy,
        setup: Setup,
        now: DateTime<Utc>,
    ) -> Result<Opened, AppError> {
        let Setup {
            workspace,
            token,
            device,
            request_id,
        } = setup;
        let first = self.setup_needed().await?;
        check_policy(policy, first)?;
        if first && policy.token_required {
            self.check_token(token.as_deref(), now).await?;
        }
        let checked = workspace.check(&self.db.read()).await?;
        let hash = hashing::hash(checked.password()).await?;
        let session = self.db.begin().await?;
        workspaces::guard(&session).await?;
        // Somebody may have been faster.
        check_policy(policy, is_empty(&session).await?)?;
        let who = checked.create(&session, &hash, &request_id, now).await?;
        kept::remove(&session, SETUP_TOKEN).await?;
        let opened = sessions::open(&session, who, device, now).await?;
        session.commit().await?;
        tracing::info!(workspace.id = %who.0, actor.id = %who.1, "a workspace was made");
        Ok(opened)
    }

    async fn check_token(&self, token: Option<&str>, now: DateTime<Utc>) -> Result<(), AppError> {
        let Some(token) = token else {
            return Err(AppError::invalid("token", "required"));
        };
        let kept = self.secret(SETUP_TOKEN, now).await?;
        if same(&kept, token.trim()) {
            Ok(())
        } else {
            Err(AppError::invalid("token", "setup_token_wrong"))
        }
    }
}

async fn is_empty(session: &Session) -> Result<bool, AppError> {
    Ok(workspaces::first(session, 1).await?.is_empty())
}

fn check_policy(policy: SetupPolicy, first: bool) -> Result<(), AppError> {
    if first || policy.open_workspaces {
        Ok(())
    } else {
        Err(AppError::conflict("already_set_up"))
    }
}
