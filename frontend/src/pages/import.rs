//! Importing files: choose one, map its columns, try it, run it.

use kehu_domain::import::Mapping;
use kehu_wire::import::{ImportPage, ImportPreview};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use web_sys::File;

use crate::pages::import_mapping::MappingEditor;
use crate::pages::import_run::{ImportRun, state_badge};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::{format, t};

/// How much of a file is sent to be looked at.
const BEGINNING: f64 = 200_000.0;

/// A file on its way to be imported. Copy it freely.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The file, as long as the page stays.
    pub(crate) file: StoredValue<Option<File>, LocalStorage>,
    /// What it looks like.
    pub(crate) preview: RwSignal<Option<ImportPreview>>,
    /// How it is to be read.
    pub(crate) mapping: RwSignal<Mapping>,
    /// The import that it became; empty until it is sent.
    pub(crate) sent: RwSignal<String>,
}

impl Draft {
    /// Looks at the file again, as something else than what was detected.
    pub(crate) fn look(self, toasts: Toasts, query: Vec<(&'static str, String)>) {
        let Some(file) = self.file.get_value() else {
            return;
        };
        let Ok(beginning) = file.slice_with_f64_and_f64(0.0, BEGINNING.min(file.size())) else {
            return;
        };
        spawn_local(async move {
            let query: Vec<(&str, &str)> = query.iter().map(|(k, v)| (*k, v.as_str())).collect();
            match API.preview_import(beginning.into(), &query).await {
                Ok(preview) => {
                    self.mapping.set(preview.mapping.clone());
                    self.preview.set(Some(preview));
                }
                Err(error) => say_problem(toasts, &error),
            }
        });
    }
}

/// The page.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let app = App::here();
    app.place(vec![Crumb::here(t!("import.title"))]);
    let query = use_query_map();
    let id = Memo::new(move |_| query.with(|query| query.get("id").unwrap_or_default()));
    let draft = Draft {
        file: StoredValue::new_local(None),
        preview: RwSignal::new(None),
        mapping: RwSignal::new(Mapping::default()),
        sent: RwSignal::new(String::new()),
    };
    let chosen = Memo::new(move |_| draft.preview.with(Option::is_some));
    move || {
        let id = id.get();
        if !id.is_empty() {
            view! { <ImportRun id=id draft=draft /> }.into_any()
        } else if chosen.get() {
            view! { <MappingEditor draft=draft /> }.into_any()
        } else {
            let kind = query.with_untracked(|query| query.get("kind").unwrap_or_default());
            view! { <Begin draft=draft kind=kind /> }.into_any()
        }
    }
}

/// Choosing a file, and what was imported before.
#[component]
fn Begin(draft: Draft, kind: String) -> impl IntoView {
    let toasts = use_toasts();
    let recent = RwSignal::new(Load::Loading);
    let look = move || fetch(recent, async move { API.imports("").await });
    look();
    let on_files = move |files: Vec<File>| {
        draft.file.set_value(files.into_iter().next());
        draft.sent.set(String::new());
        let known = kehu_domain::import::kind(&kind).map(|def| def.kind.to_owned());
        draft.look(toasts, vec![("kind", known.unwrap_or_default())]);
    };
    view! {
        <div class="import">
            <PageHead title=t!("import.title") />
            <FileDrop
                on_files=UnsyncCallback::new(on_files)
                label=t!("import.drop")
                hint=Some(t!("import.drop_hint").to_owned())
                accept=".csv,.txt,.tsv,text/csv"
            />
            <Card title=t!("import.recent") flush=true>
                {move || match recent.get() {
                    Load::Loading => view! { <Skeleton width="100%" height="80px" /> }.into_any(),
                    Load::Problem(error) => problem_view(&error, Callback::new(move |()| look())),
                    Load::Ready(page) => recent_view(page),
                }}
            </Card>
        </div>
    }
}

fn recent_view(page: ImportPage) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Upload title=t!("import.none") text=t!("import.none_text") />
        }
        .into_any();
    }
    let row = |import: kehu_wire::import::Import| {
        let when = import.created_at.to_rfc3339();
        view! {
            <tr>
                <td><a href=format!("/import?id={}", import.id)>{import.file_name}</a></td>
                <td>{state_badge(&import.state)}</td>
                <td class="num">{format::number(import.rows_done)}</td>
                <td class="num">{format::number(import.counts.created)}</td>
                <td title=format::exact(&when)>{format::moment(&when)}</td>
            </tr>
        }
    };
    view! {
        <div class="import-scroll">
            <table class="import-table">
                <thead>
                    <tr>
                        <th>{t!("import.file")}</th>
                        <td></td>
                        <th class="num">{t!("import.rows")}</th>
                        <th class="num">{t!("import.count.created")}</th>
                        <td></td>
                    </tr>
                </thead>
                <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
