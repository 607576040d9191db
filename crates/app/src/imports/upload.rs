//! The way of a file into the database: in parts, so that nothing large is held in memory and any
//! process can take up the import.

use kehu_domain::ctx::Ctx;
use kehu_domain::import::Mapping;
use kehu_persistence::imports::{self as store, Lease};
use uuid::Uuid;

use crate::error::AppError;
use crate::imports::{Counts, Import, State, Tell, may_import};
use crate::{App, Outcome, clock, ids};

/// How large a part is.
const PART: usize = 1024 * 1024;

/// A file on its way.
pub struct Upload<'a> {
    app: &'a App,
    import: Import,
    buffer: Vec<u8>,
    parts: i64,
}

impl App {
    /// Begins to take in a file.
    ///
    /// # Errors
    /// When the caller may not import.
    pub async fn begin_upload(&self, ctx: &Ctx, file_name: &str) -> Result<Upload<'_>, AppError> {
        may_import(ctx)?;
        let plain: String = file_name
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        let import = Import {
            id: ids::new_id(),
            workspace_id: ctx.workspace.id,
            actor_id: ctx.actor.user_id,
            file_name: if plain.trim().is_empty() {
                "import.csv".to_owned()
            } else {
                plain
            },
            bytes: 0,
            state: State::Uploading.code().to_owned(),
            mapping: None,
            error: None,
            created_at: clock::now(),
            started_at: None,
            finished_at: None,
            resumed_at: None,
            resumed_rows: 0,
            rows_total: None,
            rows_done: 0,
            counts: Counts::default(),
        };
        let session = self.db.begin().await?;
        store::insert(&session, &import).await?;
        session.commit().await?;
        Ok(Upload {
            app: self,
            import,
            buffer: Vec::new(),
            parts: 0,
        })
    }
}

impl Upload<'_> {
    /// The id of the import.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.import.id
    }

    /// How many bytes came so far.
    #[must_use]
    pub const fn bytes(&self) -> i64 {
        self.import.bytes
    }

    /// Takes in some bytes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        self.buffer.extend_from_slice(bytes);
        self.import.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        while self.buffer.len() >= PART {
            let rest = self.buffer.split_off(PART);
            let part = std::mem::replace(&mut self.buffer, rest);
            self.write(part).await?;
        }
        Ok(())
    }

    async fn write(&mut self, part: Vec<u8>) -> Result<(), AppError> {
        let session = self.app.db.begin().await?;
        let (workspace, id) = (self.import.workspace_id, self.import.id);
        store::add_part(&session, workspace, id, self.parts, part).await?;
        session.commit().await?;
        self.parts += 1;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it is empty.
    pub async fn finish(
        mut self,
        ctx: &Ctx,
        mapping: Option<&Mapping>,
        tell: Tell,
    ) -> Result<Import, AppError> {
        if self.import.bytes == 0 {
            self.abandon().await?;
            return Err(AppError::invalid("file", "required"));
        }
        let part = std::mem::take(&mut self.buffer);
        if !part.is_empty() {
            self.write(part).await?;
        }
        State::Uploaded.code().clone_into(&mut self.import.state);
        self.import.mapping = mapping.map(serde_json::to_string).transpose()?;
        let session = self.app.db.begin().await?;
        store::save(&session, &self.import, Lease::None).await?;
        let told = tell(&self.import);
        self.app
            .finish(session, ctx, Outcome::Created, &told)
            .await?;
        Ok(self.import)
    }

    /// Forgets a file that did not come whole.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandon(self) -> Result<(), AppError> {
        let session = self.app.db.begin().await?;
        store::remove(&session, self.import.workspace_id, self.import.id).await?;
        Ok(session.commit().await?)
    }
}
