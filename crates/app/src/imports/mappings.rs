//! Mappings that a workspace has saved under a name.

use kehu_domain::ctx::Ctx;
use kehu_domain::import::{Mapping, kind};
use kehu_persistence::imports::mappings as store;
use serde_json::json;
use uuid::Uuid;

use crate::error::AppError;
use crate::imports::may_import;
use crate::{App, Outcome, clock, ids};

/// A saved mapping.
#[derive(Debug, Clone)]
pub struct SavedMapping {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The mapping.
    pub mapping: Mapping,
}

impl App {
    /// The saved mappings of the workspace.
    ///
    /// # Errors
    /// When the caller may not import.
    pub async fn list_import_mappings(&self, ctx: &Ctx) -> Result<Vec<SavedMapping>, AppError> {
        may_import(ctx)?;
        let session = self.db.read();
        store::list(&session, ctx.workspace.id)
            .await?
            .into_iter()
            .map(|saved| {
                Ok(SavedMapping {
                    id: saved.id,
                    name: saved.name,
                    mapping: serde_json::from_str(&saved.mapping)?,
                })
            })
            .collect()
    }

    /// Saves a mapping in place of the one of the same name.
    ///
    /// # Errors
    /// When it has no name, or is of a kind that there is not.
    pub async fn save_import_mapping(
        &self,
        ctx: &Ctx,
        name: &str,
        mapping: &Mapping,
    ) -> Result<SavedMapping, AppError> {
        may_import(ctx)?;
        let name = name.trim();
        if name.is_empty() {
            return Err(AppError::invalid("name", "required"));
        }
        if name.chars().count() > 120 {
            return Err(AppError::invalid("name", "too_long"));
        }
        if kind(&mapping.kind).is_none() {
            return Err(AppError::invalid("mapping/kind", "unknown_kind"));
        }
        let saved = store::Saved {
            id: ids::new_id(),
            name: name.to_owned(),
            mapping: serde_json::to_string(mapping)?,
            created_by: ctx.actor.user_id,
            created_at: clock::now(),
        };
        let session = self.db.begin().await?;
        store::save(&session, ctx.workspace.id, &saved).await?;
        let body = json!({"id": saved.id, "name": saved.name, "mapping": mapping});
        self.finish(session, ctx, Outcome::Created, &body).await?;
        Ok(SavedMapping {
            id: saved.id,
            name: saved.name,
            mapping: mapping.clone(),
        })
    }

    /// Forgets a saved mapping.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none of this id.
    pub async fn delete_import_mapping(&self, ctx: &Ctx, id: Uuid) -> Result<(), AppError> {
        may_import(ctx)?;
        let session = self.db.begin().await?;
        if !store::remove(&session, ctx.workspace.id, id).await? {
            return Err(AppError::NotFound);
        }
        Ok(session.commit().await?)
    }
}
