//! Carries out some rows within one transaction: what they name is found, what they repeat is
//! looked up, all at once; then each row is decided, and what is new is written at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::import::plan::Plan;
use kehu_domain::import::{BadValue, OnDuplicate};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::sight::Sight;
use kehu_domain::value::Value;
use kehu_persistence::imports::Counts;
use kehu_persistence::imports::results::Problem;
use kehu_persistence::records::{self, Trash};
use kehu_persistence::{duplicates, external_ids};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::error::AppError;
use crate::imports::known::{Known, marks};
use crate::imports::lookups::{Finder, Hits, settle};
use crate::imports::memory::{Key, Memory, stand_in};
use crate::imports::naming::{own_key, own_names};
use crate::imports::rows::{FileRow, Severity, field_problem};
use crate::writer::Writer;

mod figures;
mod update;

/// What the rows of one transaction are decided by.
pub(super) struct Work<'a> {
    /// Writes them, or only tries to.
    pub(super) writer: Writer<'a>,
    pub(super) plan: &'a Plan,
    /// What a dry run has seen before.
    pub(super) before: &'a Memory,
    /// The last row that has each name by which rows of the file name each other.
    pub(super) names: &'a Memory,
    /// Whether rows may wait for what they name further down.
    pub(super) may_wait: bool,
}

/// What became of some rows.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) counts: Counts,
    pub(super) problems: Vec<Problem>,
    pub(super) refused: Vec<(i64, Vec<String>)>,
    pub(super) waiting: Vec<(i64, Vec<String>)>,
    pub(super) made: Vec<(String, Vec<Uuid>)>,
    pub(super) changed: Vec<(String, Uuid, i64)>,
    pub(super) seen: Memory,
}

/// A row that could become a record.
struct Candidate {
    row: FileRow,
    record: Record,
    /// The names of rows of its own file that are still to be found: (number of the field, name).
    open: Vec<(usize, String)>,
}

/// What a row repeats.
enum Twin {
    /// A record of the store.
    Stored(Uuid),
    /// A row of this transaction, or of a dry run.
    Row(i64),
}

/// Decides and writes some rows.
pub(super) async fn carry_out(work: &Work<'_>, rows: Vec<FileRow>) -> Result<Outcome, AppError> {
    let mut finder = Finder::new(work.writer, work.before);
    let names_row = |at: usize, name: &str| {
        let key = own_key(work.plan, at, name);
        key.is_some_and(|key| work.names.row(key).is_some())
    };
    let hits = finder.find(work.plan, &rows, &names_row).await?;
    let mut batch = Batch {
        work,
        out: Outcome::default(),
        fresh: Vec::new(),
        at: HashMap::new(),
        seen: Memory::default(),
        tied: Vec::new(),
        tags: Vec::new(),
        titles: Vec::new(),
        decided: HashSet::new(),
        over: HashMap::new(),
    };
    let candidates: Vec<Candidate> = rows
        .into_iter()
        .filter_map(|row| batch.candidate(row, &hits))
        .collect();
    let candidates = batch.examine(candidates).await?;
    let records: Vec<Record> = candidates.iter().map(|c| c.record.clone()).collect();
    let external: Vec<String> = candidates
        .iter()
        .filter_map(|candidate| candidate.row.read.external_id.clone())
        .collect();
    let known = Known::ask(&finder, work.plan, &records, &external).await?;
    drop(records);
    for candidate in candidates {
        let number = candidate.row.number;
        batch.decide(&known, candidate).await?;
        batch.decided.insert(number);
    }
    batch.write(finder).await
}

struct Batch<'a> {
    work: &'a Work<'a>,
    out: Outcome,
    /// What is to be made.
    fresh: Vec<Record>,
    /// Which of them a row became.
    at: HashMap<i64, usize>,
    seen: Memory,
    tied: Vec<(String, Uuid)>,
    tags: Vec<(String, i64)>,
    /// The rows that are decided.
    decided: HashSet<i64>,
    /// The records of the store that rows were written over.
    over: HashMap<i64, Uuid>,
    /// Problems that tell of a record of the store: their place, and the record.
    titles: Vec<(usize, Uuid)>,
}

impl Batch<'_> {
    fn plan(&self) -> &Plan {
        self.work.plan
    }

    fn def(&self) -> &'static Def {
        self.work.plan.def
    }

    /// What a row could become; `None` when it is refused.
    fn candidate(&mut self, row: FileRow, hits: &Hits) -> Option<Candidate> {
        let plan = self.work.plan;
        let settled = settle(plan, &row, hits);
        let mut open = Vec::new();
        let mut refused = Vec::new();
        for wrong in settled.problems {
            let of_file = |name: &String| {
                let key = own_key(plan, wrong.at, name)?;
                let known = self.work.names.row(key).is_some();
                known.then(|| (wrong.at, name.clone()))
            };
            if let Some(waiting) = wrong.name.as_ref().and_then(of_file)
                && wrong.code == "not_found"
            {
                open.push(waiting);
                continue;
            }
            let field = plan.fields.get(wrong.at)?;
            let severity = match field.bad_value {
                BadValue::Refuse => Severity::Refused,
                BadValue::Drop => Severity::Warning,
            };
            let name = field.field.name;
            let told = field_problem(plan, row.number, name, wrong.code, wrong.params, severity);
            match severity {
                Severity::Refused => refused.push(told),
                _ => self.warn(told),
            }
        }
        if !refused.is_empty() {
            self.refuse(&row, refused);
            return None;
        }
        let author = self.work.writer.author;
        match author.draft_of_values(plan.def, settled.values) {
            Ok(record) => Some(Candidate { row, record, open }),
            Err(problems) => {
                self.refuse_fields(&row, problems);
                None
            }
        }
    }

    /// Decides what becomes of a row.
    async fn decide(&mut self, known: &Known, mut candidate: Candidate) -> Result<(), AppError> {
        let open = std::mem::take(&mut candidate.open);
        for (at, name) in &open {
            match self.own_row(*at, name, candidate.row.number) {
                Own::Is(id) => {
                    if let Some(field) = self.work.plan.fields.get(*at) {
                        candidate.record.set(field.field.name, Value::Id(id));
                    }
                }
                Own::Later if self.work.may_wait => {
                    let row = &candidate.row;
                    self.out.waiting.push((row.number, row.texts()));
                    return Ok(());
                }
                nowhere => {
                    let code = match nowhere {
                        Own::Itself => "own_parent",
                        Own::Later => "circle",
                        Own::Gone | Own::Is(_) => "not_found",
                    };
                    if self.lose(&candidate.row, *at, name, code) {
                        return Ok(());
                    }
                }
            }
        }
        let marks = marks(
            self.plan(),
            &candidate.record,
            candidate.row.read.external_id.as_deref(),
        );
        let create = self.plan().on_duplicate == OnDuplicate::Create;
        let twin = marks
            .iter()
            .filter(|mark| mark.strict || !create)
            .find_map(|mark| {
                let stored = known.record(mark.key).map(Twin::Stored);
                let seen = || {
                    let row = self
                        .seen
                        .row(mark.key)
                        .or_else(|| self.work.before.row(mark.key));
                    row.map(Twin::Row)
                };
                Some((mark.field, stored.or_else(seen)?))
            });
        match (twin, self.plan().on_duplicate) {
            (Some((field, twin)), OnDuplicate::Skip) => self.skip(&candidate, field, &twin),
            (Some((field, twin)), OnDuplicate::Update) => {
                self.update(&candidate, field, twin).await?;
                for mark in marks {
                    self.seen.remember(mark.key, candidate.row.number);
                }
            }
            (Some((field, _)), OnDuplicate::Create) => {
                let code = if field.is_empty() {
                    "external_id_taken"
                } else {
                    "taken"
                };
                self.refuse_fields(&candidate.row, vec![FieldProblem::new(field, code)]);
            }
            (None, _) => {
                for mark in marks {
                    self.seen.remember(mark.key, candidate.row.number);
                }
                self.accept(known, candidate);
            }
        }
        Ok(())
    }

    /// The row of the file that a name means.
    fn own_row(&self, at: usize, name: &str, row: i64) -> Own {
        let Some(key) = own_key(self.plan(), at, name) else {
            return Own::Gone;
        };
        if let Some(made) = self.seen.row(key) {
            return match self.at.get(&made).and_then(|at| self.fresh.get(*at)) {
                _ if self.work.writer.is_dry() => Own::Is(stand_in(made)),
                Some(record) => Own::Is(record.id()),
                None => Own::Gone,
            };
        }
        match self.work.names.row(key) {
            Some(other) if other == row => Own::Itself,
            Some(other) if self.decided.contains(&other) => Own::Gone,
            Some(other) if other > row || !self.work.may_wait => Own::Later,
            _ => Own::Gone,
        }
    }

    /// Tells that a name of the file led nowhere; whether that refuses the row.
    fn lose(&mut self, row: &FileRow, at: usize, name: &str, code: &'static str) -> bool {
        let params = json!({ "name": name });
        let Some(field) = self.work.plan.fields.get(at) else {
            return false;
        };
        let of = field.field.name;
        let told = |severity| field_problem(self.work.plan, row.number, of, code, params, severity);
        match field.bad_value {
            BadValue::Refuse => {
                let told = told(Severity::Refused);
                self.refuse(row, vec![told]);
                true
            }
            BadValue::Drop => {
                let told = told(Severity::Warning);
                self.warn(told);
                false
            }
        }
    }

    fn accept(&mut self, known: &Known, candidate: Candidate) {
        let Candidate { row, record, .. } = candidate;
        self.look_for_similar(known, &row, &record);
        for key in own_names(self.plan(), &row) {
            self.seen.remember(key, row.number);
        }
        self.note_tags(&record, row.number);
        if let Some(external) = row.read.external_id {
            self.tied.push((external, record.id()));
        }
        self.out.counts.created += 1;
        self.at.insert(row.number, self.fresh.len());
        self.fresh.push(record);
    }

    fn note_tags(&mut self, record: &Record, row: i64) {
        for field in self.def().fields {
            if field.ty == kehu_domain::def::Type::Tags
                && let Value::List(names) = record.get(field.name)
            {
                self.tags
                    .extend(names.iter().map(|name| (name.clone(), row)));
            }
        }
    }

    /// Tells when an earlier record has the same company's name in another spelling. Many leads
    /// of one company spell it alike: that is nothing to tell. Two customers of one name are.
    fn look_for_similar(&mut self, known: &Known, row: &FileRow, record: &Record) {
        let def = self.def();
        let (Some(folded), Some(field)) =
            (duplicates::similarity_key(def, record), def.can.company)
        else {
            return;
        };
        let name = record.get(field).as_text().unwrap_or_default();
        let (key, spelling) = (
            Key::company(def.kind, &folded),
            Key::spelling(def.kind, name),
        );
        let before = self.work.before;
        let earlier = self.seen.row(key).or_else(|| before.row(key));
        let stored = known.similar(key);
        let as_first = match (stored, earlier) {
            (Some((_, first)), _) => first == name,
            (None, Some(_)) => self.seen.row(spelling).or(before.row(spelling)).is_some(),
            (None, None) => {
                self.seen.remember(key, row.number);
                self.seen.remember(spelling, row.number);
                return;
            }
        };
        let padded = self.plan().is_padded(field, |at| row.cells.get(at));
        if as_first && !padded && !duplicates::is_company(def) {
            return;
        }
        self.out.counts.likely_duplicates += 1;
        let (code, severity) = ("likely_duplicate", Severity::LikelyDuplicate);
        let params = earlier.map_or(Json::Null, |earlier| json!({ "row": earlier }));
        let told = field_problem(self.plan(), row.number, field, code, params, severity);
        if let (None, Some((id, _))) = (earlier, stored) {
            self.titles.push((self.out.problems.len(), id));
        }
        self.out.problems.push(told);
    }

    fn skip(&mut self, candidate: &Candidate, field: &'static str, twin: &Twin) {
        self.out.counts.duplicates += 1;
        self.tell_twin(candidate.row.number, field, "duplicate", twin);
    }

    fn tell_twin(&mut self, row: i64, field: &'static str, code: &str, twin: &Twin) {
        let params = match twin {
            Twin::Row(other) => json!({ "row": other }),
            Twin::Stored(id) => {
                self.titles.push((self.out.problems.len(), *id));
                Json::Null
            }
        };
        let told = field_problem(self.plan(), row, field, code, params, Severity::Duplicate);
        self.out.problems.push(told);
    }

    fn warn(&mut self, told: Problem) {
        self.out.counts.warnings += 1;
        self.out.problems.push(told);
    }

    fn refuse(&mut self, row: &FileRow, problems: Vec<Problem>) {
        self.out.counts.refused += 1;
        self.out.refused.push((row.number, row.texts()));
        self.decided.insert(row.number);
        self.out.problems.extend(problems);
    }

    fn refuse_fields(&mut self, row: &FileRow, problems: Vec<FieldProblem>) {
        let told = problems
            .into_iter()
            .map(|wrong| {
                let field = wrong.pointer.trim_start_matches('/');
                let (code, params) = (wrong.code, wrong.params);
                field_problem(
                    self.plan(),
                    row.number,
                    field,
                    code,
                    params,
                    Severity::Refused,
                )
            })
            .collect();
        self.refuse(row, told);
    }

    /// Writes everything that is new, and tells what became of the rows.
    async fn write(mut self, mut finder: Finder<'_>) -> Result<Outcome, AppError> {
        let (writer, def) = (self.work.writer, self.def());
        finder.make_tags(&self.tags).await?;
        writer.insert(def, &mut self.fresh).await?;
        if let Some((source, _)) = &self.work.plan.external_id
            && !writer.is_dry()
        {
            let (session, workspace) = (writer.session, writer.workspace());
            external_ids::insert(session, workspace, def, source, &self.tied).await?;
        }
        self.tell_titles().await?;
        let mut out = self.out;
        for (kind, ids) in finder.made {
            out.counts.others_created += i64::try_from(ids.len()).unwrap_or(i64::MAX);
            out.made.push((kind.kind.to_owned(), ids));
        }
        if !self.fresh.is_empty() {
            let ids = self.fresh.iter().map(Record::id).collect();
            out.made.push((def.kind.to_owned(), ids));
        }
        if writer.is_dry() {
            out.seen.take_in(finder.seen);
            out.seen.take_in(self.seen);
        }
        Ok(out)
    }

    /// Puts into problems what the records that they tell of are called, as far as who imports may
    /// see them.
    async fn tell_titles(&mut self) -> Result<(), AppError> {
        if self.titles.is_empty() {
            return Ok(());
        }
        let def = self.def();
        let session = self.work.writer.session;
        let read = scope::of(self.work.writer.ctx(), def, Action::View);
        let fields: Vec<_> = def
            .all_fields()
            .filter(|field| field.name == "id" || def.title.contains(&field.name))
            .collect();
        let ids: Vec<Uuid> = self.titles.iter().map(|(_, id)| *id).collect();
        let seen = records::get_many(session, def, &read, Trash::Outside, &ids, &fields).await?;
        let actor = &self.work.writer.ctx().actor;
        let sight = Sight::of(actor, def);
        // By what they don't see whole they don't learn whose it is.
        let mut keys = def.fields.iter().filter(|field| field.duplicate_key);
        let whole = keys.all(|field| actor.may_ask(def, field.name));
        let titled = seen
            .iter()
            .filter(|_| whole)
            .map(|record| (record.id(), sight.title(def, record)));
        let titles: BTreeMap<Uuid, String> = titled.collect();
        for (at, id) in &self.titles {
            if let Some(problem) = self.out.problems.get_mut(*at) {
                problem.params = match titles.get(id) {
                    Some(title) => json!({"id": id, "title": title}),
                    None => json!({ "held_by_another_team": true }),
                };
            }
        }
        Ok(())
    }
}

/// What a name of the own file means.
enum Own {
    /// This record.
    Is(Uuid),
    /// A row further down.
    Later,
    /// The row itself.
    Itself,
    /// A row that did not become a record.
    Gone,
}
