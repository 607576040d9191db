//! What a role says of kinds, actions and fields: a line for each exception.

use kehu_domain::def::Def;
use kehu_domain::kinds as declared;
use kehu_domain::rights::{self, Action, FieldRight, Special};
use kehu_domain::role::{self, Reach};
use kehu_domain::sight::can_be_masked;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::i18n::find;
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::kinds;

/// One exception: the kind, what of it, what is allowed. What is not chosen yet is empty.
type Line = [String; 3];

/// What the second and third choice of a line are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Actions, and how far they reach.
    Grants,
    /// Fields, and what is kept of them.
    Fields,
}

impl Said {
    fn kinds(self) -> Vec<Choice> {
        let all = declared::ALL.iter().copied();
        let fit = all.filter(|def| self == Self::Fields || rights::has_rights(def));
        fit.map(|def| Choice::new(def.kind, kinds::name(def)))
            .collect()
    }

    fn seconds(self, def: &'static Def) -> Vec<Choice> {
        match self {
            Self::Grants => {
                let all = Action::ALL.iter().copied();
                let fit = all.filter(|action| rights::applies(def, *action));
                fit.map(|action| Choice::new(action.code(), action_name(action)))
                    .collect()
            }
            Self::Fields => {
                let named = |field: &kehu_domain::def::Field| {
                    Choice::new(field.name, kinds::field_name(def, field.name))
                };
                def.fields.iter().map(named).collect()
            }
        }
    }

    fn thirds(self, def: &'static Def, second: &str) -> Vec<Choice> {
        match self {
            Self::Grants => {
                let reaches = Reach::CODES.iter();
                let name = |code: &&str| kinds::choice(&role::DEF, "read_reach", code);
                reaches.map(|code| Choice::new(*code, name(code))).collect()
            }
            Self::Fields => {
                let masks = def
                    .field(second)
                    .is_some_and(|field| can_be_masked(field.ty));
                let all = FieldRight::ALL.iter();
                let fit = all.filter(|right| masks || **right != FieldRight::Masked);
                fit.map(|right| {
                    let code = right.code();
                    let name = find(&format!("right.field.{code}")).unwrap_or(code);
                    Choice::new(code, name)
                })
                .collect()
            }
        }
    }

    fn labels(self) -> [&'static str; 3] {
        match self {
            Self::Grants => [
                t!("right.kind"),
                t!("right.action_label"),
                t!("right.reach"),
            ],
            Self::Fields => [t!("right.kind"), t!("right.field_label"), t!("right.right")],
        }
    }
}

fn action_name(action: Action) -> &'static str {
    let code = action.code().replace('-', "_");
    find(&format!("right.action.{code}")).unwrap_or(action.code())
}

fn lines_of(value: &Value) -> Vec<Line> {
    let of_kinds = value.as_object().into_iter().flatten();
    of_kinds
        .flat_map(|(kind, of_kind)| {
            let names = of_kind.as_object().into_iter().flatten();
            names.map(move |(name, said)| {
                [
                    kind.clone(),
                    name.clone(),
                    said.as_str().unwrap_or_default().to_owned(),
                ]
            })
        })
        .collect()
}

fn json_of(lines: &[Line]) -> Value {
    let mut all = Map::new();
    for [kind, name, said] in lines {
        if kind.is_empty() || name.is_empty() || said.is_empty() {
            continue;
        }
        let of_kind = all
            .entry(kind.clone())
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(of_kind) = of_kind.as_object_mut() {
            of_kind.insert(name.clone(), Value::String(said.clone()));
        }
    }
    if all.is_empty() {
        Value::Null
    } else {
        Value::Object(all)
    }
}

/// The editor of what a role says of kinds.
pub(crate) fn editor(said: Said, value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let lines = RwSignal::new(lines_of(&value.get_untracked()));
    // Until somebody else changes it, unfinished lines stay.
    Effect::new(move |_| {
        let there = value.get();
        if lines.with_untracked(|lines| json_of(lines) != there) {
            lines.set(lines_of(&there));
        }
    });
    let change = move |at: usize, place: usize, to: String| {
        lines.update(|lines| {
            let Some(line) = lines.get_mut(at) else {
                return;
            };
            for later in line
                .iter_mut()
                .skip(place + 1)
                .take(usize::from(place == 0) * 2)
            {
                later.clear();
            }
            if let Some(part) = line.get_mut(place) {
                *part = to;
            }
        });
        on_change.run(lines.with_untracked(|lines| json_of(lines)));
    };
    let remove = move |at: usize| {
        lines.update(|lines| {
            if at < lines.len() {
                lines.remove(at);
            }
        });
        on_change.run(lines.with_untracked(|lines| json_of(lines)));
    };
    let drawn = move || {
        let [kind_label, second_label, third_label] = said.labels();
        lines
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, [kind, second, third])| {
                let def = declared::find(&kind);
                let seconds = def.map(|def| said.seconds(def)).unwrap_or_default();
                let thirds = def.map(|def| said.thirds(def, &second)).unwrap_or_default();
                view! {
                    <div class="right-line" role="group">
                        <Select label=kind_label.to_owned() value=kind choices=said.kinds() placeholder=kind_label.to_owned()
                                on_change=move |to| change(at, 0, to) />
                        <Select label=second_label.to_owned() value=second choices=seconds placeholder=second_label.to_owned()
                                on_change=move |to| change(at, 1, to) />
                        <Select label=third_label.to_owned() value=third choices=thirds placeholder=third_label.to_owned()
                                on_change=move |to| change(at, 2, to) />
                        <IconButton glyph=Glyph::Close label=t!("right.remove") on_press=move |()| remove(at) />
                    </div>
                }
            })
            .collect_view()
    };
    let add = move |()| lines.update(|lines| lines.push(Line::default()));
    view! {
        <div class="right-lines">
            {drawn}
            <Button small=true icon=Glyph::Plus on_press=add>{t!("right.add")}</Button>
        </div>
    }
    .into_any()
}

/// The special rights, as choices.
pub(crate) fn special_choices() -> Vec<Choice> {
    let named = |right: &Special| {
        let code = right.code();
        Choice::new(code, find(&format!("right.special.{code}")).unwrap_or(code))
    };
    Special::ALL.iter().map(named).collect()
}
