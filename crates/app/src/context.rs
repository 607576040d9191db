//! Makes the [`Ctx`] of a request: who acts, and what they reach.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kehu_domain::ctx::{Actor, Ctx, RepeatKey, Workspace};
use kehu_domain::dictionary_entry::{OPPORTUNITY_REASON, Outcome};
use kehu_domain::pipeline::Pipeline;
use kehu_domain::rights::Rights;
use kehu_domain::stage::Stage;
use kehu_persistence::organisation::{self, People, Person, Settings};
use kehu_persistence::workspaces::{self, Versions};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;

/// What is remembered of a workspace's organisation, until its version changes.
#[derive(Debug)]
pub struct Organisation {
    versions: Versions,
    workspace: Workspace,
    people: Arc<People>,
    settings: Arc<Settings>,
}

impl Organisation {
    /// That of a workspace that is being made: nobody and nothing yet.
    pub(crate) fn of_new(workspace: Workspace) -> Self {
        Self {
            versions: Versions::default(),
            workspace,
            people: Arc::default(),
            settings: Arc::default(),
        }
    }

    /// The workspace.
    #[must_use]
    pub const fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The person, if they are a member and may act.
    #[must_use]
    pub fn person(&self, user: Uuid) -> Option<&Person> {
        self.people.people.get(&user)
    }

    /// The pool where new records of a kind lie that have no owner.
    #[must_use]
    pub fn default_pool(&self, kind: &str) -> Option<Uuid> {
        let of_kind = || {
            self.settings
                .pools
                .iter()
                .filter(|pool| pool.record_kind == kind)
        };
        of_kind()
            .find(|pool| pool.is_default)
            .or_else(|| of_kind().next())
            .map(|pool| pool.pool_id)
    }

    /// What somebody with these roles may do.
    #[must_use]
    pub fn rights_of(&self, role_ids: &[Uuid]) -> Arc<Rights> {
        self.people.rights_of(role_ids)
    }

    /// Whether somebody has this role.
    #[must_use]
    pub fn is_given(&self, role: Uuid) -> bool {
        let mut people = self.people.people.values();
        people.any(|person| person.role_ids.contains(&role))
    }

    /// Whether the pool is one for this kind.
    #[must_use]
    pub fn is_pool_of(&self, pool: Uuid, kind: &str) -> bool {
        self.settings
            .pools
            .iter()
            .any(|p| p.pool_id == pool && p.record_kind == kind)
    }

    /// Whether the dictionary has an entry with this code.
    #[must_use]
    pub fn has_code(&self, dictionary: &str, code: &str) -> bool {
        let key = (dictionary.to_owned(), code.to_owned());
        self.settings.dictionary_codes.contains_key(&key)
    }

    /// What is wrong with a reason for winning or losing: a code, `None` when it fits.
    #[must_use]
    pub fn wrong_reason(&self, code: &str, outcome: Outcome) -> Option<&'static str> {
        let key = (OPPORTUNITY_REASON.to_owned(), code.to_owned());
        match self.settings.dictionary_codes.get(&key) {
            None => Some("unknown_code"),
            Some(Some(other)) if *other != outcome => Some("reason_of_another_outcome"),
            Some(_) => None,
        }
    }

    /// Whether there is such a tag.
    #[must_use]
    pub fn has_tag(&self, name: &str) -> bool {
        self.settings.tags.contains(name)
    }

    /// The pipeline that new opportunities begin in.
    #[must_use]
    pub fn default_pipeline(&self) -> Option<Uuid> {
        self.settings
            .pipelines
            .first()
            .map(|pipeline| pipeline.id.uuid())
    }

    /// The pipelines, the default one first.
    #[must_use]
    pub fn pipelines(&self) -> &[Pipeline] {
        &self.settings.pipelines
    }

    /// The stages of a pipeline, in order.
    pub fn stages(&self, pipeline: Uuid) -> impl Iterator<Item = &Stage> {
        let stages = self.settings.stages.iter();
        stages.filter(move |stage| stage.pipeline_id == pipeline)
    }

    /// The stage with this id.
    #[must_use]
    pub fn stage(&self, id: Uuid) -> Option<&Stage> {
        self.settings
            .stages
            .iter()
            .find(|stage| stage.id.uuid() == id)
    }

    /// People, departments and who reports to whom.
    #[must_use]
    pub fn tree(&self) -> &kehu_domain::ctx::Organisation {
        &self.people.organisation
    }

    fn actor(&self, person: &Person) -> Actor {
        let above = self.people.organisation.departments_above(person.user_id);
        let pools = self.settings.pools.iter().filter(|pool| {
            pool.everybody
                || pool.members.contains(&person.user_id)
                || pool
                    .departments
                    .iter()
                    .any(|department| above.contains(department))
        });
        Actor {
            user_id: person.user_id,
            name: person.name.clone(),
            rights: Arc::clone(&person.rights),
            department_id: self.people.organisation.department_of(person.user_id),
            pools: pools.map(|pool| pool.pool_id).collect(),
        }
    }
}

/// What a request brings beside its actor.
#[derive(Debug, Clone)]
pub struct Request {
    /// What logs and answers call it.
    pub id: String,
    /// When it came in.
    pub now: DateTime<Utc>,
    /// The language that it asks for.
    pub locale: Option<String>,
    /// Its idempotency key, if it has one.
    pub repeat: Option<RepeatKey>,
}

impl App {
    /// The organisation of a workspace as it is now. Reads the database's versions of it each
    /// time, and people or settings only when theirs changed, here or in another process.
    ///
    /// # Errors
    /// When there is no such workspace.
    pub async fn organisation(&self, workspace: Uuid) -> Result<Arc<Organisation>, AppError> {
        let session = self.db.read();
        let (found, versions) = workspaces::get(&session, workspace)
            .await?
            .ok_or(AppError::NotFound)?;
        let known = self.organisations.read().ok();
        let known = known.and_then(|known| known.get(&workspace).cloned());
        if let Some(known) = known.as_ref().filter(|known| known.versions == versions) {
            return Ok(Arc::clone(known));
        }
        let people = known
            .as_ref()
            .filter(|known| known.versions.people == versions.people);
        let people = match people {
            Some(known) => Arc::clone(&known.people),
            None => Arc::new(organisation::people(&session, workspace).await?),
        };
        let settings = known.filter(|known| known.versions.settings == versions.settings);
        let settings = match settings {
            Some(known) => Arc::clone(&known.settings),
            None => Arc::new(organisation::settings(&session, workspace).await?),
        };
        let fresh = Arc::new(Organisation {
            versions,
            workspace: found,
            people,
            settings,
        });
        if let Ok(mut known) = self.organisations.write() {
            known.insert(workspace, Arc::clone(&fresh));
        }
        Ok(fresh)
    }

    /// The context of a request by this person.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`] when they are no member any more or may not sign in.
    pub async fn context(
        &self,
        workspace: Uuid,
        user: Uuid,
        request: Request,
    ) -> Result<Ctx, AppError> {
        let organisation = self.organisation(workspace).await?;
        let person = organisation
            .person(user)
            .filter(|person| person.active)
            .ok_or(AppError::Unauthenticated("not_signed_in"))?;
        let workspace = organisation.workspace.clone();
        let locale = person.locale.clone().or(request.locale);
        Ok(Ctx {
            locale: locale.unwrap_or_else(|| workspace.locale.clone()),
            actor: organisation.actor(person),
            workspace,
            now: request.now,
            request_id: request.id,
            cause: None,
            repeat: request.repeat,
        })
    }
}

/// The context of what the system does by itself in a workspace: it reaches everything.
#[must_use]
pub fn system(workspace: Workspace, now: DateTime<Utc>, cause: &str) -> Ctx {
    Ctx {
        locale: workspace.locale.clone(),
        actor: Actor {
            user_id: Uuid::nil(),
            name: String::new(),
            rights: Arc::new(Rights::everything()),
            department_id: None,
            pools: Vec::new(),
        },
        workspace,
        now,
        request_id: cause.to_owned(),
        cause: Some(cause.to_owned()),
        repeat: None,
    }
}
