//! The form for a new record and for an existing one, as a page.

use kehu_domain::def::{Def, Type};
use kehu_wire::Record;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde_json::{Value, json};

use crate::app::go;
use crate::state::App;
use crate::ui::prelude::*;
use crate::widgets::form::FormState;
use crate::widgets::form::view::RecordForm;
use crate::widgets::kinds;
use crate::widgets::load::{Load, problem_view};
use crate::widgets::lookups::{text, title_of};
use crate::widgets::record_view::OneRecord;
use crate::{t, tf, urls};

/// The form for a new record. The query of the address fills fields in: `?customer_id=…`.
#[component]
pub(crate) fn NewPage(
    /// The kind.
    def: &'static Def,
) -> impl IntoView {
    let title = tf!("list.new", kind = kinds::noun(def));
    App::here().place(vec![
        Crumb::link(kinds::plural(def), kinds::list_href(def)),
        Crumb::here(title.clone()),
    ]);
    let query = use_query_map().get_untracked();
    let mut preset: Record = def
        .fields
        .iter()
        .filter(|field| field.on_new() && !field.ty.is_structure() && field.ty != Type::Money)
        .filter_map(|field| Some((field.name.to_owned(), Value::String(query.get(field.name)?))))
        .collect();
    // An amount is whole minor units and a currency: `125000 CNY`.
    let amounts = def.fields.iter().filter(|field| field.on_new());
    for field in amounts.filter(|field| field.ty == Type::Money) {
        let given = query.get(field.name).unwrap_or_default();
        if let Some((minor, code)) = given.split_once(' ')
            && let Ok(minor) = minor.parse::<i64>()
        {
            let amount = json!({"amount": minor, "currency": code});
            preset.insert(field.name.to_owned(), amount);
        }
    }
    // What a person enters is theirs unless they say otherwise.
    if kinds::pooled(def) && !preset.contains_key("owner_id") {
        preset.insert("owner_id".to_owned(), Value::String(App::here().user_id()));
    }
    let toasts = use_toasts();
    let saved = Callback::new(move |record: Record| {
        toasts.success(tf!("form.created", title = title_of(def, &record)));
        go(&urls::record(def.plural, text(&record, "id")));
    });
    let form = FormState::new(def, None, preset, saved);
    page(form, title, kinds::list_href(def))
}

/// The form of an existing record.
#[component]
pub(crate) fn EditPage(
    /// The kind.
    def: &'static Def,
    /// The record.
    id: String,
) -> impl IntoView {
    let app = App::here();
    let href = urls::record(def.plural, &id);
    let one = OneRecord::new(def, Signal::stored(id));
    let toasts = use_toasts();
    let href = StoredValue::new(href);
    let saved = Callback::new(move |_: Record| {
        toasts.success(t!("form.saved"));
        go(&href.get_value());
    });
    let drawn = Memo::new(move |_| (one.load.with(std::mem::discriminant), one.is_refused()));
    move || {
        let (_, refused) = drawn.get();
        untrack(|| {
            match one.load.get() {
            Load::Loading => {
                view! { <div class="page-pad"><SkeletonRows rows=10 label=t!("common.loading") /></div> }.into_any()
            }
            Load::Problem(error) => {
                let problem = problem_view(&error, Callback::new(move |()| one.read()));
                view! {
                    <h1 class="visually-hidden">{kinds::name(def)}</h1>
                    {problem}
                }
                .into_any()
            }
            Load::Ready(record) if refused => view! {
                <h1 class="visually-hidden">{title_of(def, &record)}</h1>
                <EmptyState glyph=Glyph::Lock title=t!("form.refused") text=t!("form.refused_text")>
                    <ButtonLink href=href.get_value()>{t!("form.to_record")}</ButtonLink>
                </EmptyState>
            }
            .into_any(),
            Load::Ready(record) => {
                let title = title_of(def, &record);
                app.place(vec![
                    Crumb::link(kinds::plural(def), kinds::list_href(def)),
                    Crumb::link(title.clone(), href.get_value()),
                    Crumb::here(t!("common.edit")),
                ]);
                let form = FormState::new(def, Some(record), Record::new(), saved);
                page(form, title, href.get_value())
            }
        }
        })
    }
}

fn page(form: FormState, title: String, back: String) -> AnyView {
    view! {
        <div class="form-page">
            <div class="page-pad text">
                <PageHead title=title />
                <section class="card form-card">
                    <RecordForm form=form />
                </section>
            </div>
            <footer class="form-foot">
                <ButtonLink href=back>{t!("common.cancel")}</ButtonLink>
                <Button kind=ButtonKind::Primary pending=form.pending() on_press=move |()| form.submit(false)>
                    {t!("common.save")}
                </Button>
            </footer>
        </div>
    }
    .into_any()
}
