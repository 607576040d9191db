//! Rows of a file that name each other: by which keys, and in which order they are carried out.

use std::collections::HashMap;

use kehu_domain::import::plan::{By, Given, Plan, PlanField};

use crate::imports::memory::Key;
use crate::imports::rows::{FileRow, own_name};

/// The key by which a row of the file is remembered under a name that this field looks up.
pub(super) fn own_key(plan: &Plan, at: usize, name: &str) -> Option<Key> {
    let lookup = plan.fields.get(at)?.lookup.as_ref()?;
    if lookup.def.kind != plan.def.kind {
        return None;
    }
    match &lookup.by {
        By::Id => None,
        By::Field(field) => Some(Key::value(plan.def.kind, field, name)),
        By::External(source) => Some(Key::external(plan.def.kind, source, name)),
    }
}

/// The keys by which other rows of the file may name this one.
pub(super) fn own_names(plan: &Plan, row: &FileRow) -> Vec<Key> {
    let of_own_kind = |(at, field): (usize, &PlanField)| {
        let lookup = field.lookup.as_ref()?;
        let own = (lookup.def.kind == plan.def.kind)
            .then_some(())
            .and_then(|()| own_name(plan, &lookup.by, &row.read))?;
        own_key(plan, at, &own)
    };
    plan.fields
        .iter()
        .enumerate()
        .filter_map(of_own_kind)
        .collect()
}

/// The rows in an order in which each comes after those that it names; rows that name each other in
/// a circle come as they are.
pub(super) fn in_order(plan: &Plan, rows: Vec<FileRow>) -> Vec<FileRow> {
    let mut by_name = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        for key in own_names(plan, row) {
            by_name.insert(key, at);
        }
    }
    let needs: Vec<Vec<usize>> = rows
        .iter()
        .map(|row| {
            let named = row.read.given.iter().filter_map(|(at, given)| match given {
                Given::Find(name) => by_name.get(&own_key(plan, *at, name)?).copied(),
                _ => None,
            });
            named.collect()
        })
        .collect();
    let mut order = Vec::with_capacity(rows.len());
    let mut begun = vec![false; rows.len()];
    for start in 0..rows.len() {
        let mut path = vec![(start, false)];
        while let Some((at, needed_done)) = path.pop() {
            if needed_done {
                order.push(at);
                continue;
            }
            match begun.get_mut(at) {
                Some(begun) if !*begun => *begun = true,
                _ => continue,
            }
            path.push((at, true));
            path.extend(
                needs
                    .get(at)
                    .into_iter()
                    .flatten()
                    .map(|need| (*need, false)),
            );
        }
    }
    let mut rows: Vec<Option<FileRow>> = rows.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|at| rows.get_mut(at)?.take())
        .collect()
}
