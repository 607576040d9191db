//! A workspace keeps somebody who administers it; who can sign in is in use.

use kehu_domain::record::{Record, base};
use kehu_domain::user::field;
use kehu_persistence::credentials;

use super::{Behaviour, PLAIN};
use crate::error::AppError;
use crate::writer::Author;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    change: |author, before, after| keep_an_administrator(author, before, after),
    trash: keep_an_administrator,
    used: |writer, ids| {
        Box::pin(async move {
            let mut used = Vec::new();
            for id in ids {
                if credentials::get(writer.session, *id).await?.is_some() {
                    used.push(*id);
                }
            }
            Ok(used)
        })
    },
    ..PLAIN
};

fn keep_an_administrator(
    author: &Author<'_>,
    before: &Record,
    after: &Record,
) -> Result<(), AppError> {
    let organisation = author.organisation;
    let stays = !after.is(field::ACTIVE, false) && after.lacks(base::DELETED_AT);
    let leaves = !stays || before.get(field::ROLE_ID.name()) != after.get(field::ROLE_ID.name());
    let administers = organisation
        .person(before.id())
        .is_some_and(|person| person.administers && person.active);
    if leaves && administers && organisation.administrators() <= 1 {
        let role = after.get(field::ROLE_ID.name()).as_id();
        let still = role.is_some_and(|role| organisation.administering_role(role));
        if !(still && stays) {
            return Err(AppError::conflict("last_administrator"));
        }
    }
    Ok(())
}
