//! `kehu import`: a file from the console, by a mapping that is a file too.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use kehu_app::context::Request;
use kehu_app::imports::{Import, Start, State};
use kehu_app::{App, clock, ids};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::import::{BadValue, Mapping, OnDuplicate};

use serde_json::Value;

use crate::routes::imports::{reasons, view};

/// What is to be imported, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The file: CSV in UTF-8, GB18030 or UTF-16.
    pub file: PathBuf,
    /// The mapping: a TOML or JSON file.
    #[arg(long)]
    pub mapping: PathBuf,
    /// The workspace, by its name or id.
    #[arg(long)]
    pub workspace: String,
    /// Who imports: the email address of a person of the workspace.
    #[arg(long = "as", value_name = "EMAIL")]
    pub actor: String,
    /// Tells what would happen and writes no record.
    #[arg(long)]
    pub dry_run: bool,
    /// What to do with rows whose record is there already, in place of the mapping's word.
    #[arg(long, value_enum)]
    pub on_duplicate: Option<Policy>,
    /// What to do with cells that can't be read, in place of the mapping's word.
    #[arg(long, value_enum)]
    pub bad_value: Option<Bad>,
}

/// What to do with rows whose record is there already.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Policy {
    /// Leave what is there as it is.
    Skip,
    /// Write the row's values over it.
    Update,
    /// Make one more.
    Create,
}

/// What to do with cells that can't be read.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Bad {
    /// Refuse the row.
    Refuse,
    /// Leave the value out, with a warning.
    Drop,
}

/// How many problems of each severity are told.
const TOLD: u64 = 5;

type Failure = Box<dyn std::error::Error>;

/// Imports the file and tells how it went; refused rows lie in a file beside it afterwards.
///
/// # Errors
/// When the file, the mapping, the workspace or the person is not there, or the import fails.
pub async fn run(app: &App, arguments: Arguments) -> Result<(), Failure> {
    let mut mapping = read_mapping(&arguments.mapping)?;
    let size = std::fs::metadata(&arguments.file).map_err(|why| told(&arguments.file, &why))?;
    if size.len() == 0 {
        return Err(format!("{} is empty", arguments.file.display()).into());
    }
    if let Some(policy) = arguments.on_duplicate {
        mapping.on_duplicate = match policy {
            Policy::Skip => OnDuplicate::Skip,
            Policy::Update => OnDuplicate::Update,
            Policy::Create => OnDuplicate::Create,
        };
    }
    if let Some(bad) = arguments.bad_value {
        mapping.bad_value = match bad {
            Bad::Refuse => BadValue::Refuse,
            Bad::Drop => BadValue::Drop,
        };
    }
    let person = app
        .find_person(&arguments.workspace, &arguments.actor)
        .await?
        .ok_or_else(|| {
            let Arguments {
                workspace, actor, ..
            } = &arguments;
            format!("there is no workspace {workspace:?} with a person who has the address {actor}")
        })?;
    let request = Request {
        id: ids::new_id().simple().to_string(),
        now: clock::now(),
        locale: None,
        repeat: None,
    };
    let ctx = app.context(person.0, person.1, request).await?;
    let import = take_in(app, &ctx, &arguments.file, &mapping).await?;
    let start = Start {
        dry_run: arguments.dry_run,
        mapping: None,
    };
    let import = match app.start_import(&ctx, import.id, start, view::json).await {
        Ok(import) => import,
        Err(kehu_app::error::AppError::Invalid(problems)) => {
            let told: Vec<String> = problems.iter().map(misfit).collect();
            let mapping = arguments.mapping.display();
            return Err(format!("{mapping} does not fit the file:\n{}", told.join("\n")).into());
        }
        Err(other) => return Err(other.into()),
    };
    let import = work(app, &ctx, &import).await?;
    tell(&import, arguments.dry_run)?;
    tell_problems(app, &ctx, &import).await?;
    if import.counts.refused > 0 {
        let path = arguments.file.with_extension("refused.csv");
        write_refused(app, &ctx, &import, &path).await?;
        writeln!(
            std::io::stdout(),
            "The refused rows lie in {}.",
            path.display()
        )?;
    }
    if import.state == State::Failed.code() {
        return Err(import.error.unwrap_or_default().into());
    }
    Ok(())
}

/// Reads a mapping from a TOML or JSON file.
///
/// # Errors
/// When there is none, or it holds something else.
pub fn read_mapping(path: &Path) -> Result<Mapping, Failure> {
    let json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let text = std::fs::read_to_string(path).map_err(|why| told(path, &why))?;
    let wrong = |why: String| format!("{}: {why}", path.display());
    if json {
        return Ok(serde_json::from_str(&text).map_err(|why| wrong(why.to_string()))?);
    }
    let read = Figment::from(Toml::string(&text)).extract();
    Ok(read.map_err(|why| {
        let place = why.path.join(".");
        wrong(format!("{place}: {}", why.kind))
    })?)
}

fn told(path: &Path, why: &std::io::Error) -> String {
    format!("{} can't be read: {why}", path.display())
}

/// What is wrong with a mapping, in words.
fn misfit(problem: &FieldProblem) -> String {
    let place = problem.pointer.trim_start_matches('/').replace('/', ".");
    let param = |name: &str| problem.params.get(name).and_then(Value::as_str);
    match (problem.code, param("column")) {
        ("unknown_column", Some(column)) => {
            format!("  {place}: the file has no column {column:?}")
        }
        ("unknown_field", _) => format!("  {place}: there is no such field"),
        ("unknown_kind", _) => format!("  {place}: there is no such kind of record"),
        ("required", _) => format!("  {place}: is missing"),
        (code, _) if problem.params.is_null() => format!("  {place}: {code}"),
        (code, _) => format!("  {place}: {code} {}", problem.params),
    }
}

async fn take_in(app: &App, ctx: &Ctx, path: &Path, mapping: &Mapping) -> Result<Import, Failure> {
    use tokio::io::AsyncReadExt;

    let mut file = tokio::fs::File::open(path).await?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut upload = app.begin_upload(ctx, &name).await?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = file.read(&mut buffer).await?;
        match buffer.get(..length) {
            Some(bytes) if length > 0 => upload.add(bytes).await?,
            _ => break,
        }
    }
    Ok(upload.finish(ctx, Some(mapping), view::json).await?)
}

/// Works on the import here, and tells every second how far it is.
async fn work(app: &App, ctx: &Ctx, import: &Import) -> Result<Import, Failure> {
    let done = app.work_on_imports(Some(import.id));
    tokio::pin!(done);
    loop {
        tokio::select! {
            worked = &mut done => {
                worked?;
                break;
            }
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                let now = app.get_import(ctx, import.id).await?;
                if let Some(total) = now.rows_total {
                    writeln!(std::io::stderr(), "{} of {total} rows", now.rows_done)?;
                }
            }
        }
    }
    // A server on the same database may have been faster to take it.
    loop {
        let now = app.get_import(ctx, import.id).await?;
        if !matches!(
            State::from_code(&now.state),
            Some(State::Checking | State::Running)
        ) {
            return Ok(now);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn tell(import: &Import, tried: bool) -> std::io::Result<()> {
    let counts = import.counts;
    let mut out = std::io::stdout().lock();
    let begun = match (State::from_code(&import.state), tried) {
        (Some(State::Checked), _) => "Tried, and nothing written",
        (Some(State::Completed), _) => "Imported",
        (_, true) => "Tried in part",
        (_, false) => "Imported in part",
    };
    write!(out, "{begun}: {} rows", import.rows_done)?;
    if let (Some(from), Some(to)) = (import.started_at, import.finished_at) {
        let milliseconds = (to - from).num_milliseconds().max(1);
        let (seconds, tenths) = (milliseconds / 1000, milliseconds % 1000 / 100);
        let rate = import.rows_done * 1000 / milliseconds;
        write!(out, " in {seconds}.{tenths} s ({rate} rows/s)")?;
    }
    writeln!(out, ", import {}", import.id)?;
    for (count, what) in [
        (counts.created, "created"),
        (counts.updated, "updated"),
        (counts.duplicates, "there already, left alone"),
        (counts.refused, "refused"),
        (counts.warnings, "values left out, the rest taken"),
        (counts.likely_duplicates, "likely the same as another"),
        (counts.others_created, "others created, which rows name"),
    ] {
        if count > 0 {
            writeln!(out, "{count:>9}  {what}")?;
        }
    }
    Ok(())
}

/// Tells the first problems of each severity; the app shows all.
async fn tell_problems(app: &App, ctx: &Ctx, import: &Import) -> Result<(), Failure> {
    let chinese = ctx.locale.starts_with("zh");
    let counts = import.counts;
    for (severity, count, what) in [
        ("refused", counts.refused, "Refused"),
        ("warning", counts.warnings, "Left out"),
        ("likely_duplicate", counts.likely_duplicates, "Likely twice"),
    ] {
        let problems = app.list_import_problems(ctx, import.id, Some(severity), 0, TOLD);
        let problems = problems.await?;
        let mut out = std::io::stdout().lock();
        if problems.is_empty() {
            continue;
        }
        writeln!(out, "{what}:")?;
        for problem in &problems {
            let reason = reasons::explain(problem, chinese);
            writeln!(out, "  row {}: {reason}", problem.row)?;
        }
        if count > i64::try_from(problems.len())? {
            writeln!(out, "  …")?;
        }
    }
    Ok(())
}

async fn write_refused(app: &App, ctx: &Ctx, import: &Import, path: &Path) -> Result<(), Failure> {
    let chinese = ctx.locale.starts_with("zh");
    let mut rows = app.refused_rows(ctx, import.id).await?;
    let mut file = std::fs::File::create(path)?;
    let explain = |problem: &kehu_app::imports::Problem| reasons::explain(problem, chinese);
    while let Some(piece) = rows.next(explain, reasons::heading(chinese)).await? {
        file.write_all(&piece)?;
    }
    Ok(())
}
