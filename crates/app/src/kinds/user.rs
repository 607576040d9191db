//! A workspace keeps somebody who administers it; who can sign in is in use; nobody gives rights
//! beyond their own, or changes those who have more.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, FieldProblem, Visibility};
use kehu_domain::kinds;
use kehu_domain::record::{Record, base};
use kehu_domain::rights::{Action, Special};
use kehu_domain::user::field;
use kehu_domain::value::Value;
use kehu_persistence::{credentials, organisation};
use uuid::Uuid;

use super::{Behaviour, PLAIN};
use crate::context::Organisation;
use crate::error::AppError;
use crate::writer::{Author, Writer};

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| {
        let mut problems = agree(None, record);
        if !gives_no_more(author, record) {
            problems.push(beyond());
        }
        problems
    },
    change: |author, before, after| {
        let mut problems = agree(Some(before), after);
        let roles = field::ROLE_IDS.name();
        if before.get(roles) != after.get(roles) && !gives_no_more(author, after) {
            problems.push(beyond());
        }
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        not_above(author, before)?;
        widens_no_reach(author, before, after)
    },
    trash: |author, before, _| not_above(author, before),
    saved: |writer, before, after| Box::pin(keep_an_administrator(writer, before, after)),
    restore: |author, before, _| not_above(author, before),
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

/// The first of somebody's roles stands in a field of its own: whichever was written, the other
/// follows.
fn agree(before: Option<&Record>, after: &mut Record) -> Vec<FieldProblem> {
    let was = |name| before.map_or(&Value::Null, |before| before.get(name));
    let (one, all) = (field::ROLE_ID.name(), field::ROLE_IDS.name());
    let first = after.get(one).as_id();
    let roles = roles_of(after);
    let [one_changed, all_changed] = [one, all].map(|name| was(name) != after.get(name));
    match (first, roles.first()) {
        (first, Some(leading)) if all_changed => {
            if one_changed && first.is_some_and(|first| first != *leading) {
                return vec![FieldProblem::new(one, "not_the_first_role")];
            }
            after.set(one, Value::Id(*leading));
        }
        (_, None) if all_changed && !one_changed => {
            return vec![FieldProblem::new(all, "required")];
        }
        (None, _) => return vec![FieldProblem::new(one, "required")],
        (Some(first), _) if one_changed => {
            let others = roles.iter().skip(1).filter(|role| **role != first);
            let roles = std::iter::once(&first).chain(others);
            after.set(all, Value::List(roles.map(Uuid::to_string).collect()));
        }
        _ => {}
    }
    Vec::new()
}

fn roles_of(user: &Record) -> Vec<Uuid> {
    match user.get(field::ROLE_IDS.name()) {
        Value::List(ids) => ids.iter().filter_map(|id| id.parse().ok()).collect(),
        _ => Vec::new(),
    }
}

/// Whether the roles that somebody has give no more than who gives them has.
fn gives_no_more(author: &Author<'_>, user: &Record) -> bool {
    let given = author.organisation.rights_of(&roles_of(user));
    author.ctx.actor.rights.cover(&given)
}

fn beyond() -> FieldProblem {
    FieldProblem::new(field::ROLE_IDS.name(), "beyond_own_rights")
}

/// Who may more than the caller is not changed by them.
fn not_above(author: &Author<'_>, user: &Record) -> Result<(), AppError> {
    let rights = author.organisation.rights_of(&roles_of(user));
    let own = author.ctx.actor.user_id == user.id();
    if own || author.ctx.actor.rights.cover(&rights) {
        Ok(())
    } else {
        Err(AppError::Forbidden("beyond_own_rights"))
    }
}

/// Who may move people moves only those whose records they see already, and not themselves: else their
/// own reach would grow by it.
fn widens_no_reach(author: &Author<'_>, before: &Record, after: &Record) -> Result<(), AppError> {
    let actor = &author.ctx.actor;
    let moved = |name: &str| before.get(name) != after.get(name);
    let places = [
        field::DEPARTMENT_ID.name(),
        field::MANAGER_ID.name(),
        // Who has the address may sign in.
        field::EMAIL.name(),
    ];
    if actor.administers() || !places.iter().any(|name| moved(name)) {
        return Ok(());
    }
    let own = before.id() == actor.user_id;
    if own && !moved(field::DEPARTMENT_ID.name()) {
        return Ok(());
    }
    if !own && sees_all_of(author.ctx, author.organisation, before.id()) {
        return Ok(());
    }
    Err(AppError::Forbidden("beyond_own_rights"))
}

/// Whether the caller sees already whatever this person owns.
pub(crate) fn sees_all_of(ctx: &Ctx, organisation: &Organisation, person: Uuid) -> bool {
    let seen = |def: &&Def| {
        let owners = ctx.actor.owners(def, Action::View);
        organisation.tree().reaches(owners, Some(person))
    };
    let mut owned = kinds::ALL
        .iter()
        .filter(|def| def.visibility == Visibility::Owned);
    owned.all(seen)
}

/// Whoever had rights to administer by their roles may have been the last: it is looked for in what this
/// transaction leaves, whatever else it changed.
async fn keep_an_administrator(
    writer: &Writer<'_>,
    before: &Record,
    after: &Record,
) -> Result<(), AppError> {
    let (active, roles) = (field::ACTIVE.name(), field::ROLE_IDS.name());
    let same = |name: &str| before.get(name) == after.get(name);
    let deleted = base::DELETED_AT.name();
    if same(active) && same(roles) && same(deleted) {
        return Ok(());
    }
    let had = writer.organisation().rights_of(&roles_of(before));
    let mut administering = Special::ADMINISTERING.iter();
    if administering.any(|right| had.may(*right)) {
        somebody_administers(writer).await?;
    }
    Ok(())
}

/// # Errors
/// `last_administrator` when nobody would administer the workspace any more.
pub(crate) async fn somebody_administers(writer: &Writer<'_>) -> Result<(), AppError> {
    if organisation::is_administered(writer.session, writer.workspace()).await? {
        Ok(())
    } else {
        Err(AppError::conflict("last_administrator"))
    }
}
