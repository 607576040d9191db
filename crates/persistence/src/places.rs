//! Every place where a value of a record rests, as the declarations have it, and how it is erased
//! from there.
//!
//! A table that comes to hold values of records gets a place here; a test erases a record of each
//! kind and then looks for its values in every column of every table.

use std::collections::BTreeSet;

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field, Type};
use kehu_domain::document_line;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use uuid::Uuid;

use crate::changes::{self, Entry, erase};
use crate::db::Session;
use crate::{StoreError, duplicates, idempotency, imports, records};

/// A place where a value of a record rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The record's own row, and the rows of its lines.
    Record,
    /// The list of values by which filters find records.
    ListValues,
    /// The tokens by which search finds records.
    Search,
    /// The keys by which companies of the same name are found.
    SimilarityKeys,
    /// The change log.
    Log,
    /// Answers that are kept for repeated requests.
    Answers,
    /// The files of imports that made or changed the record.
    ImportFiles,
    /// Rows that imports keep as they were in the file: refused ones, and those that wait.
    ImportRows,
    /// What imports tell of their rows.
    ImportProblems,
    /// Copies of the database: backups, and those from before a migration. They can't be reached
    /// from here; they have a day by which they are gone.
    Copies,
}

impl Place {
    /// Every place, in the order of erasing: the log is last but what stands outside of the
    /// database, for it gets what the others write.
    pub const ALL: &'static [Self] = &[
        Self::Answers,
        Self::ImportFiles,
        Self::ImportRows,
        Self::ImportProblems,
        Self::Record,
        Self::ListValues,
        Self::Search,
        Self::SimilarityKeys,
        Self::Log,
        Self::Copies,
    ];

    /// The places of the values of a field.
    pub fn of(field: &Field) -> impl Iterator<Item = Self> {
        let field = *field;
        Self::ALL.iter().copied().filter(move |place| match place {
            Self::ListValues => field.ty.is_list(),
            Self::Search => field.searchable,
            Self::SimilarityKeys => duplicates::is_compared(&field),
            Self::Record
            | Self::Log
            | Self::Answers
            | Self::ImportFiles
            | Self::ImportRows
            | Self::ImportProblems
            | Self::Copies => true,
        })
    }

    /// Its name for a person.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::ListValues => "list values",
            Self::Search => "search tokens",
            Self::SimilarityKeys => "similarity keys",
            Self::Log => "change log",
            Self::Answers => "kept answers",
            Self::ImportFiles => "import files",
            Self::ImportRows => "kept rows of imports",
            Self::ImportProblems => "problems of imports",
            Self::Copies => "backups",
        }
    }

    /// The tables in which it is.
    #[must_use]
    pub fn tables(self, def: &Def) -> Vec<&'static str> {
        match self {
            Self::Record => {
                let lines = def.lines().map(|_| document_line::DEF.table);
                std::iter::once(def.table).chain(lines).collect()
            }
            Self::ListValues => vec!["list_values"],
            // SQLite keeps the tokens in tables beside, which begin alike.
            Self::Search => vec!["search_documents", "search_index"],
            Self::SimilarityKeys => vec!["similarity_keys"],
            Self::Log => vec!["changes"],
            Self::Answers => vec!["idempotency_keys"],
            Self::ImportFiles => vec!["import_files"],
            Self::ImportRows => vec!["import_rows"],
            Self::ImportProblems => vec!["import_problems"],
            Self::Copies => Vec::new(),
        }
    }

    /// Erases the values from this place. Returns how many of its rows it changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(
        self,
        session: &Session,
        ctx: &Ctx,
        erasure: &Erasure,
    ) -> Result<u64, StoreError> {
        let workspace = ctx.workspace.id;
        let Erasure { def, id, .. } = erasure;
        match self {
            Self::Record => write(session, ctx, erasure).await,
            // Written anew together with the record.
            Self::ListValues | Self::Search | Self::SimilarityKeys => Ok(0),
            Self::Log => {
                let fields: Vec<&str> = erasure.fields.iter().map(|field| field.name).collect();
                erase::erase(session, workspace, def.kind, *id, &fields).await
            }
            Self::Answers => {
                idempotency::erase(session, workspace, *id, &erasure.identifying).await
            }
            Self::ImportFiles => imports::erasing::files(session, workspace, *id).await,
            Self::ImportRows => {
                imports::erasing::rows(session, workspace, &erasure.identifying).await
            }
            Self::ImportProblems => {
                imports::erasing::problems(session, workspace, *id, &erasure.identifying).await
            }
            Self::Copies => Ok(0),
        }
    }
}

/// What is to be erased of one record.
#[derive(Debug)]
pub struct Erasure {
    /// Its kind.
    pub def: &'static Def,
    /// The record.
    pub id: Uuid,
    /// The fields.
    pub fields: Vec<&'static Field>,
    /// As it is and as it will be; none when it was removed and only its traces are left.
    pub states: Option<(Record, Record)>,
    /// By which its rows in files and its answers are recognised: telephone numbers, addresses and
    /// the like, all that it ever had.
    pub identifying: BTreeSet<String>,
}

/// Whether a value of this field tells whose row of a file it stands in.
#[must_use]
pub fn identifies(field: &Field) -> bool {
    field.sensitive || matches!(field.ty, Type::Email | Type::Phone)
}

/// The values that tell whose rows of files are, of all that the record has and had.
///
/// # Errors
/// When the database fails.
pub async fn identifying(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    id: Uuid,
    record: Option<&Record>,
) -> Result<BTreeSet<String>, StoreError> {
    let fields = def.fields.iter().filter(|field| identifies(field));
    let names: Vec<&str> = fields.map(|field| field.name).collect();
    let logged = erase::values(session, workspace, def.kind, id, &names).await?;
    let now = names
        .iter()
        .filter_map(|name| Some(record?.get(name).to_json()));
    let all = logged.into_iter().chain(now);
    Ok(all
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect())
}

/// Writes the record without the values, and a change that names each field, whether it had a value
/// now or only before.
async fn write(session: &Session, ctx: &Ctx, erasure: &Erasure) -> Result<u64, StoreError> {
    let mut version = 0;
    let mut untold: BTreeSet<&str> = erasure.fields.iter().map(|field| field.name).collect();
    if let Some((before, after)) = &erasure.states {
        untold.retain(|name| before.get(name) == after.get(name));
        let def = erasure.def;
        let written =
            records::write::update(session, ctx, def, erase::VERB, before, after.clone()).await?;
        version = written.version();
    } else if let Some(last) = last_change(session, ctx, erasure).await? {
        version = last.version;
    }
    if !untold.is_empty() {
        let nothing = [Value::Null, Value::Null].map(|value| value.to_json());
        let fields = untold
            .into_iter()
            .map(|name| (name.to_owned(), nothing.to_vec().into()));
        let entry = Entry {
            kind: erasure.def.kind,
            record_id: erasure.id,
            version,
            verb: erase::VERB.to_owned(),
            fields: serde_json::Value::Object(fields.collect()),
        };
        changes::append(session, ctx, &[entry]).await?;
    }
    Ok(u64::from(erasure.states.is_some()))
}

async fn last_change(
    session: &Session,
    ctx: &Ctx,
    erasure: &Erasure,
) -> Result<Option<changes::Change>, StoreError> {
    let (workspace, kind) = (ctx.workspace.id, erasure.def.kind);
    let found = changes::of_record(session, workspace, kind, erasure.id, None, 1).await?;
    Ok(found.into_iter().next())
}
