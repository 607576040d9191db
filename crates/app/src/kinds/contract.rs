//! The planned receivables of a draft go to the trash with it, and come back with it.

use kehu_domain::receivable::{self, field};
use kehu_domain::record::{Record, base};
use kehu_persistence::records;

use super::{Behaviour, PLAIN};
use crate::error::AppError;
use crate::writer::Writer;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    trashed: |writer, before, after| Box::pin(with_receivables(writer, before, after)),
    ..PLAIN
};

async fn with_receivables(
    writer: &Writer<'_>,
    before: &Record,
    after: &Record,
) -> Result<(), AppError> {
    let (session, workspace, id) = (writer.session, writer.workspace(), after.id());
    let (part, of) = (&receivable::DEF, field::CONTRACT_ID.name());
    let back = after.lacks(base::DELETED_AT);
    let (verb, parts) = if back {
        let trashed = records::belonging_trashed(session, workspace, part, of, id).await?;
        ("restore", trashed)
    } else {
        let planned = records::belonging(session, workspace, part, of, id).await?;
        ("trash", planned)
    };
    for held in parts {
        // What went to the trash by itself stays there.
        if back && held.of(base::DELETED_AT)? != before.of(base::DELETED_AT)? {
            continue;
        }
        let mut changed = held.clone();
        changed.put(base::DELETED_AT, after.of(base::DELETED_AT)?);
        writer.save(part, verb, &held, changed).await?;
    }
    Ok(())
}
