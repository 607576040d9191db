//! What a new record would repeat, told beside its fields while one types.

use kehu_domain::def::{Def, Field};
use kehu_wire::Record;
use kehu_wire::duplicates::{DuplicatesAnswer, DuplicatesRequest};
use kehu_wire::problem::Duplicate;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::API;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::{t, tf, urls};

/// Whether a field is one by which records are compared.
fn is_compared(def: &Def, field: &Field) -> bool {
    field.duplicate_key || def.can.company == Some(field.name)
}

/// The values by which a record is compared, as far as there are any.
fn compared(def: &Def, values: &Record) -> Record {
    def.fields
        .iter()
        .filter(|field| is_compared(def, field))
        .filter_map(|field| {
            let value = values.get(field.name)?;
            let there = value.as_str().is_some_and(|text| !text.trim().is_empty());
            there.then(|| (field.name.to_owned(), value.clone()))
        })
        .collect()
}

/// Asks for what these values would repeat, whenever typing rests. A record that is being changed
/// is asked for only when it differs from how it was.
pub(crate) fn repeats_of(
    def: &'static Def,
    before: Signal<Option<Record>>,
    values: Signal<Record>,
) -> Signal<DuplicatesAnswer> {
    let answer = RwSignal::new(DuplicatesAnswer::default());
    let fields = Memo::new(move |_| values.with(|values| compared(def, values)));
    let asked = StoredValue::new(0_u32);
    let ask = move |_: String| {
        let number = asked.try_update_value(|asked| {
            *asked = asked.wrapping_add(1);
            *asked
        });
        let Some(fields) = fields.try_get_untracked() else {
            return;
        };
        let Some(before) = before.try_get_untracked() else {
            return;
        };
        let except = before
            .as_ref()
            .and_then(|before| before.get("id")?.as_str()?.parse().ok());
        let as_before = before.is_some_and(|before| compared(def, &before) == fields);
        if fields.is_empty() || as_before {
            answer.set(DuplicatesAnswer::default());
            return;
        }
        let request = DuplicatesRequest {
            kind: def.kind.to_owned(),
            fields,
            except,
        };
        spawn_local(async move {
            // A hint that can't be had is none; saving checks once more.
            let found = API.check_duplicates(&request).await.unwrap_or_default();
            if asked.try_get_value() == number {
                let _ = answer.try_set(found);
            }
        });
    };
    if def.fields.iter().any(|field| is_compared(def, field)) {
        let ask_later = debounced(Callback::new(ask));
        Effect::new(move |_| {
            fields.track();
            ask_later(String::new());
        });
    }
    answer.into()
}

/// What is there already with the value of this field, or with a name like it.
pub(crate) fn repeats_view(
    def: &'static Def,
    field: &'static Field,
    repeats: Signal<DuplicatesAnswer>,
) -> Option<AnyView> {
    if !is_compared(def, field) {
        return None;
    }
    let of_field = move || {
        repeats.with(|repeats| {
            let same = |one: &&Duplicate| one.field == field.name;
            let certain: Vec<Duplicate> = repeats.certain.iter().filter(same).cloned().collect();
            let by_name = def.can.company == Some(field.name);
            let similar = by_name.then(|| repeats.similar.clone());
            (certain, similar.unwrap_or_default())
        })
    };
    let drawn = move || {
        let (certain, similar) = of_field();
        let (tone, said) = match (certain.is_empty(), similar.is_empty()) {
            (true, true) => return None,
            (false, _) => (Tone::Warning, t!("form.duplicate")),
            (true, false) => (Tone::Info, t!("form.similar")),
        };
        let lines = certain
            .iter()
            .chain(&similar)
            .map(known_line)
            .collect_view();
        Some(view! {
            <Note tone=tone>
                <p>{said}</p>
                <ul class="dots">{lines}</ul>
            </Note>
        })
    };
    Some(view! { <div class="repeats" role="status">{drawn}</div> }.into_any())
}

/// A record that is there already, with a way to look at it that keeps what was typed.
pub(crate) fn known_line(known: &Duplicate) -> AnyView {
    let def = kehu_domain::kinds::find(&known.kind);
    let field = def
        .map(|def| kinds::field_name(def, &known.field))
        .unwrap_or_default();
    let what = if def.and_then(|def| def.can.company) == Some(known.field.as_str()) {
        String::new()
    } else {
        format!(" · {}", tf!("form.same", field = field))
    };
    match (known.id, def) {
        (Some(id), Some(def)) => {
            let href = urls::record(def.plural, &id.to_string());
            let title = known.title.clone().unwrap_or_default();
            view! {
                <li>
                    <a href=href target="_blank" rel="noopener">{kinds::name(def)} " " {title}</a>
                    {what}
                </li>
            }
            .into_any()
        }
        _ => view! { <li>{tf!("form.held", kind = def.map(kinds::noun).unwrap_or_default())} {what}</li> }.into_any(),
    }
}
