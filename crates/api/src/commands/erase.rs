//! `kehu erase`: what is known of a person, from every place where it rests.

use kehu_app::erase::{COPY_DAYS, Place, fields_of};
use kehu_app::{App, clock};
use kehu_domain::def::{Def, Field};
use kehu_domain::kinds;
use uuid::Uuid;

use crate::commands::{Failure, explain, say};

/// What is to be erased.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The kind of the record: `lead`, `contact`.
    pub kind: String,
    /// The record's id.
    pub id: Uuid,
    /// The fields; without any, all that tell how to reach a person or are declared to be sensitive.
    pub fields: Vec<String>,
    /// Does so. Without it, the command only tells what would be erased.
    #[arg(long)]
    pub yes: bool,
    /// Writes the database's file anew afterwards, so that nothing is left in its free pages. Others
    /// can't write meanwhile.
    #[arg(long)]
    pub compact: bool,
}

/// Erases and tells from where how much.
///
/// # Errors
/// When there is no such kind, field or record, or an import needs the record's file.
pub async fn run(app: &App, arguments: Arguments) -> Result<(), Failure> {
    let Arguments {
        kind,
        id,
        fields,
        yes,
        compact,
    } = arguments;
    let def = kinds::find(&kind).ok_or_else(|| format!("there is no kind {kind:?}"))?;
    let fields = fields_of(def, &fields).map_err(explain)?;
    if fields.is_empty() {
        return Err(
            format!("no field of {kind} is declared to tell of a person: name some").into(),
        );
    }
    let workspace = app.workspace_of(def, id).await;
    let workspace = workspace.map_err(|_missing| format!("there is no {kind} {id}"))?;
    if !yes {
        announce(def, &fields)?;
        return Err("nothing is erased; with --yes it is, and can't be had back".into());
    }
    let erased = app.erase(workspace, def, id, &fields, clock::now()).await?;
    app.seal_changes().await?;
    for (place, count) in erased.iter().filter(|(_, count)| *count > 0) {
        say(&format!("{count:>8}  {}", place.name()))?;
    }
    if compact {
        app.db.compact().await?;
    }
    say(&format!(
        "Erased. Backups from before hold it still: delete them within {COPY_DAYS} days."
    ))
}

fn announce(def: &Def, fields: &[&'static Field]) -> Result<(), Failure> {
    for field in fields {
        let places: Vec<&str> = Place::of(field).map(Place::name).collect();
        say(&format!(
            "{}.{}: {}",
            def.kind,
            field.name,
            places.join(", ")
        ))?;
    }
    Ok(())
}
