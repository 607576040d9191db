//! Makes a workspace with everything that work in it begins with: roles, pools, a department, a
//! territory, dictionaries, and its first administrator.

mod dictionaries;
mod pipelines;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use iso_currency::Currency;
use kehu_domain::check::{self, Circumstances};
use kehu_domain::ctx::{Ctx, Workspace};
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::dictionary_entry::Outcome;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use kehu_domain::{
    department, dictionary_entry, money, password, pipeline, pool, role, stage, territory, user,
};
use kehu_persistence::db::Session;
use kehu_persistence::{credentials, workspaces};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::writer::{Author, Source, Writer};
use crate::{App, context, hashing, ids, prepare};

/// The most characters of a workspace's name.
const NAME: usize = 120;

/// A workspace to be made.
#[derive(Clone)]
pub struct NewWorkspace {
    /// What it is called.
    pub name: String,
    /// The language of what it shows everybody: `zh-Hans`, `en`.
    pub locale: String,
    /// The ISO 4217 code of its currency.
    pub currency: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// Its first administrator.
    pub administrator: Administrator,
}

/// The first administrator of a workspace.
#[derive(Clone)]
pub struct Administrator {
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// A workspace that can be made.
pub(crate) struct Checked {
    workspace: Workspace,
    administrator: Administrator,
}

impl App {
    /// Makes a workspace, at the server's own console.
    ///
    /// # Errors
    /// Every field that is no good.
    pub async fn create_workspace(
        &self,
        new: NewWorkspace,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Uuid), AppError> {
        let checked = new.check(&self.db.read()).await?;
        let hash = hashing::hash(checked.password()).await?;
        let session = self.db.begin().await?;
        workspaces::guard(&session).await?;
        let made = checked.create(&session, &hash, "console", now).await?;
        session.commit().await?;
        Ok(made)
    }
}

impl NewWorkspace {
    /// Checks all fields, under the names that the first run gives them.
    ///
    /// # Errors
    /// Every field that is no good.
    pub(crate) async fn check(self, session: &Session) -> Result<Checked, AppError> {
        let Self {
            name,
            locale,
            currency,
            time_zone,
            administrator,
        } = self;
        let name = name.trim().to_owned();
        let mut problems = Vec::new();
        let mut wrong = |field: &str, code| problems.push(FieldProblem::new(field, code));
        if name.is_empty() {
            wrong("workspace_name", "required");
        } else if name.chars().count() > NAME {
            wrong("workspace_name", "too_long");
        } else if name.chars().any(char::is_control) {
            wrong("workspace_name", "control_character");
        }
        if !user::LOCALES.contains(&locale.as_str()) {
            wrong("locale", "unknown_choice");
        }
        if chrono_tz::Tz::from_str(&time_zone).is_err() {
            wrong("time_zone", "unknown_time_zone");
        }
        let currency = money::currency(&currency);
        if currency.is_none() {
            wrong("currency", "unknown_currency");
        }
        let administrator = administrator.check(&mut problems);
        if problems.is_empty()
            && credentials::by_email(session, &administrator.email)
                .await?
                .is_some()
        {
            problems.push(FieldProblem::new("email", "taken"));
        }
        match currency {
            Some(currency) if problems.is_empty() => {
                let id = ids::new_id();
                let workspace = Workspace {
                    id,
                    name,
                    currency,
                    time_zone,
                    locale,
                };
                Ok(Checked {
                    workspace,
                    administrator,
                })
            }
            _ => Err(AppError::Invalid(problems)),
        }
    }
}

impl Administrator {
    fn check(self, problems: &mut Vec<FieldProblem>) -> Self {
        let Self {
            name,
            email,
            password,
        } = self;
        if let Some(problem) = password::problem("password", &password, &name, &email) {
            problems.push(problem);
        }
        let name = checked_text("name", &name, problems);
        let email = checked_text("email", &email, problems);
        Self {
            name,
            email,
            password,
        }
    }
}

/// The text of a field of a person, as it is stored.
fn checked_text(name: &'static str, given: &str, problems: &mut Vec<FieldProblem>) -> String {
    let Some(field) = user::DEF.field(name) else {
        return String::new();
    };
    let circumstances = Circumstances {
        currency: Currency::CNY,
        country: "CN",
        actor: Uuid::nil(),
        now: DateTime::UNIX_EPOCH,
    };
    match check::value(field, &json!(given), circumstances) {
        Ok(Value::Text(text)) => text,
        Ok(_) => {
            problems.push(FieldProblem::new(name, "required"));
            String::new()
        }
        Err(problem) => {
            problems.push(problem);
            String::new()
        }
    }
}

impl Checked {
    /// The administrator's password.
    pub(crate) fn password(&self) -> &str {
        &self.administrator.password
    }

    /// Writes the workspace and everything in it, made by the administrator.
    ///
    /// # Errors
    /// When somebody took the address meanwhile.
    pub(crate) async fn create(
        self,
        session: &Session,
        password_hash: &str,
        request_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Uuid), AppError> {
        let Self {
            workspace,
            administrator,
        } = self;
        let mut ctx = context::system(workspace, now, "setup");
        ctx.actor.user_id = ids::new_id();
        ctx.actor.name.clone_from(&administrator.name);
        request_id.clone_into(&mut ctx.request_id);
        workspaces::insert(session, &ctx.workspace, now).await?;
        let organisation = Organisation::of_new(ctx.workspace.clone());
        let writer = Writer::new(session, Author::from(&ctx, &organisation, Source::Setup));
        let administrators = insert_roles(&writer).await?;
        let department = insert_root(&writer, &department::DEF).await?;
        insert_root(&writer, &territory::DEF).await?;
        insert_pools(&writer).await?;
        insert_dictionaries(&writer).await?;
        insert_pipelines(&writer).await?;
        let mut person = made(
            &ctx,
            &user::DEF,
            json!({
                "name": administrator.name,
                "email": administrator.email,
                "role_id": administrators,
                "role_ids": [administrators],
                "department_id": department,
            }),
        )?;
        person.set("id", Value::Id(ctx.actor.user_id));
        match writer.append(&user::DEF, "create", &[person]).await {
            Err(AppError::Conflict {
                code: "taken_meanwhile",
                ..
            }) => return Err(AppError::invalid("email", "taken")),
            other => other?,
        }
        let (workspace, user) = (ctx.workspace.id, ctx.actor.user_id);
        credentials::set(session, workspace, user, password_hash, now).await?;
        Ok((workspace, user))
    }
}

/// The roles; the answer is the one that administers.
async fn insert_roles(writer: &Writer<'_>) -> Result<Uuid, AppError> {
    let ctx = writer.ctx();
    let chinese = is_chinese(ctx);
    let name = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let roles = [
        json!({
            "name": name("管理员", "Administrator"), "read_reach": "all", "write_reach": "all",
            "administers": true, "may_import": true, "handles_money": true,
        }),
        json!({
            "name": name("经理", "Manager"), "read_reach": "department_tree",
            "write_reach": "department_tree", "may_import": true,
        }),
        json!({ "name": name("销售", "Sales"), "read_reach": "own", "write_reach": "own" }),
        json!({
            "name": name("财务", "Finance"), "read_reach": "all", "write_reach": "own",
            "handles_money": true,
        }),
    ];
    let roles = made_all(ctx, &role::DEF, roles)?;
    writer.append(&role::DEF, "create", &roles).await?;
    let administrators = roles.first().map(Record::id);
    administrators.ok_or_else(|| AppError::Internal("there is no first role".to_owned()))
}

/// The root of a tree, called as the workspace is.
async fn insert_root(writer: &Writer<'_>, def: &'static Def) -> Result<Uuid, AppError> {
    let ctx = writer.ctx();
    let root = made(ctx, def, json!({ "name": ctx.workspace.name }))?;
    let id = root.id();
    writer.append(def, "create", &[root]).await?;
    Ok(id)
}

async fn insert_pools(writer: &Writer<'_>) -> Result<(), AppError> {
    let ctx = writer.ctx();
    let names = match is_chinese(ctx) {
        true => ["线索公海", "客户公海"],
        false => ["Lead pool", "Customer pool"],
    };
    let pools = pool::POOLED.iter().zip(names);
    let bodies = pools.map(|(kind, name)| json!({ "name": name, "record_kind": kind }));
    let mut pools = made_all(ctx, &pool::DEF, bodies)?;
    for pool in &mut pools {
        pool.set("is_default", Value::Bool(true));
    }
    writer.append(&pool::DEF, "create", &pools).await
}

async fn insert_dictionaries(writer: &Writer<'_>) -> Result<(), AppError> {
    let ctx = writer.ctx();
    let chinese = is_chinese(ctx);
    let bodies = dictionaries::ALL.iter().flat_map(|(dictionary, entries)| {
        entries
            .iter()
            .zip(1_i64..)
            .map(move |((code, zh, en), position)| {
                json!({
                    "dictionary": dictionary, "code": code, "position": position * 10,
                    "name": if chinese { zh } else { en },
                    "outcome": dictionaries::outcome(dictionary, code).map(Outcome::code),
                })
            })
    });
    let entries = made_all(ctx, &dictionary_entry::DEF, bodies)?;
    writer
        .append(&dictionary_entry::DEF, "create", &entries)
        .await
}

/// The pipelines that a workspace begins with; the first is the default one.
async fn insert_pipelines(writer: &Writer<'_>) -> Result<(), AppError> {
    let ctx = writer.ctx();
    let chinese = is_chinese(ctx);
    for (preset, position) in pipelines::ALL.iter().zip(1_i64..) {
        let name = if chinese { preset.zh } else { preset.en };
        let body = json!({"name": name, "position": position, "is_default": position == 1});
        let pipeline = made(ctx, &pipeline::DEF, body)?;
        let id = pipeline.id();
        writer.append(&pipeline::DEF, "create", &[pipeline]).await?;
        let stages = preset.stages.iter().zip(1_i64..).map(|(stage, position)| {
            json!({
                "pipeline_id": id, "code": stage.code, "position": position * 10,
                "name": if chinese { stage.zh } else { stage.en },
                "stage_kind": stage.kind.code(), "probability": stage.probability,
                "expected_days": stage.expected_days, "required_fields": stage.required_fields,
                "checklist": if chinese { stage.checklist_zh } else { stage.checklist_en },
            })
        });
        let stages = made_all(ctx, &stage::DEF, stages)?;
        writer.append(&stage::DEF, "create", &stages).await?;
    }
    Ok(())
}

fn is_chinese(ctx: &Ctx) -> bool {
    ctx.workspace.locale.starts_with("zh")
}

fn made_all(
    ctx: &Ctx,
    def: &'static Def,
    bodies: impl IntoIterator<Item = Json>,
) -> Result<Vec<Record>, AppError> {
    bodies
        .into_iter()
        .map(|body| made(ctx, def, body))
        .collect()
}

/// A new record of a body, as any other way in would make it.
fn made(ctx: &Ctx, def: &'static Def, body: Json) -> Result<Record, AppError> {
    let body = body.as_object().cloned().unwrap_or_default();
    let checked =
        check::new_record(def, &body, prepare::circumstances(ctx)).map_err(AppError::Invalid)?;
    let mut record = prepare::stamped(ctx, def);
    for (name, value) in checked.iter() {
        record.set(name, value.clone());
    }
    Ok(record)
}
