//! What a kind does around the steps that all kinds share: its [`Behaviour`], one file per kind.
//! What several kinds do alike is a capability in their declarations, and the
//! [`Writer`] does it.

use std::pin::Pin;

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::lead::Move;
use kehu_domain::record::Record;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::writer::{Author, Writer};

pub(crate) mod activity;
mod contract;
mod customer;
mod department;
mod exchange_rate;
mod lead;
pub(crate) mod opportunity;
mod payment;
mod pool;
mod role;
mod target;
mod task;
pub(crate) mod user;

/// What a behaviour does in the database.
pub(crate) type Doing<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send + 'a>>;

/// What a kind does around the common steps. Plain functions: what a kind does not say is [`PLAIN`].
pub(crate) struct Behaviour {
    /// Completes a new record of checked fields; what is wrong with it comes back.
    pub(crate) begin: fn(&Author<'_>, &mut Record) -> Vec<FieldProblem>,
    /// Completes a changed record, or refuses the change.
    pub(crate) change: fn(&Author<'_>, &Record, &mut Record) -> Result<(), AppError>,
    /// Refuses to let a record go to the trash: as it is, and as it would be there.
    pub(crate) trash: fn(&Author<'_>, &Record, &Record) -> Result<(), AppError>,
    /// Refuses to let a record come back from it: as it is, and as it would be outside.
    pub(crate) restore: fn(&Author<'_>, &Record, &Record) -> Result<(), AppError>,
    /// What follows from new records.
    pub(crate) made: for<'a> fn(&'a Writer<'a>, &'a [Record]) -> Doing<'a>,
    /// What follows when a record went to the trash or came back: before, after.
    pub(crate) trashed: for<'a> fn(&'a Writer<'a>, &'a Record, &'a Record) -> Doing<'a>,
    /// What must hold when a change was written: before, after.
    pub(crate) saved: for<'a> fn(&'a Writer<'a>, &'a Record, &'a Record) -> Doing<'a>,
    /// Which of these records are in use in a way that no field tells, so that what made them can't
    /// be taken back.
    pub(crate) used: for<'a> fn(&'a Writer<'a>, &'a [Uuid]) -> Doing<'a, Vec<Uuid>>,
    /// What follows when what an import made was taken back.
    pub(crate) unmade: for<'a> fn(&'a Writer<'a>, &'a [Record]) -> Doing<'a>,
    /// A record of a pooled kind after a move of its owner, as far as its own fields go.
    pub(crate) moved: fn(&Record, Move) -> Result<Record, AppError>,
    /// The moves of its owner that are open; `None` for those that follow from having one.
    pub(crate) open_moves: fn(&Record) -> Option<Vec<&'static str>>,
    /// A verb of its own on one of many records: its name, its body. `None` when it has no such verb.
    pub(crate) verb: for<'a> fn(&'a App, &'a Ctx, Uuid, &'a str, &'a Json) -> Option<Doing<'a>>,
}

/// A kind without rules of its own.
pub(crate) const PLAIN: Behaviour = Behaviour {
    begin: |_, _| Vec::new(),
    change: |_, _, _| Ok(()),
    trash: |_, _, _| Ok(()),
    restore: |_, _, _| Ok(()),
    made: |_, _| nothing(),
    trashed: |_, _, _| nothing(),
    saved: |_, _, _| nothing(),
    used: |_, _| Box::pin(std::future::ready(Ok(Vec::new()))),
    unmade: |_, _| nothing(),
    moved: |before, _| Ok(before.clone()),
    open_moves: |_| None,
    verb: |_, _, _, _, _| None,
};

static PLAINLY: Behaviour = PLAIN;

/// The kinds with rules of their own.
static OWN: &[(&Def, &Behaviour)] = &[
    (&kehu_domain::activity::DEF, &activity::BEHAVIOUR),
    (&kehu_domain::contract::DEF, &contract::BEHAVIOUR),
    (&kehu_domain::customer::DEF, &customer::BEHAVIOUR),
    (&kehu_domain::department::DEF, &department::BEHAVIOUR),
    (&kehu_domain::exchange_rate::DEF, &exchange_rate::BEHAVIOUR),
    (&kehu_domain::lead::DEF, &lead::BEHAVIOUR),
    (&kehu_domain::opportunity::DEF, &opportunity::BEHAVIOUR),
    (&kehu_domain::payment::DEF, &payment::BEHAVIOUR),
    (&kehu_domain::pool::DEF, &pool::BEHAVIOUR),
    (&kehu_domain::role::DEF, &role::BEHAVIOUR),
    (&kehu_domain::target::DEF, &target::BEHAVIOUR),
    (&kehu_domain::task::DEF, &task::BEHAVIOUR),
    (&kehu_domain::user::DEF, &user::BEHAVIOUR),
];

/// What a kind does around the common steps.
pub(crate) fn behaviour(def: &Def) -> &'static Behaviour {
    let mut own = OWN.iter();
    own.find(|(kind, _)| kind.kind == def.kind)
        .map_or(&PLAINLY, |(_, behaviour)| *behaviour)
}

/// Nothing follows.
fn nothing<'a>() -> Doing<'a> {
    Box::pin(std::future::ready(Ok(())))
}
