//! One record beside its list: enough to decide and to act, without leaving the list.

use kehu_domain::def::Def;
use kehu_wire::Record;
use leptos::prelude::*;

use crate::t;
use crate::ui::prelude::*;
use crate::widgets::cells;
use crate::widgets::composer::{Composer, about_field};
use crate::widgets::kinds;
use crate::widgets::load::{Load, problem_view};
use crate::widgets::lookups::{text, title_of};
use crate::widgets::record_view::{
    OneRecord, SECTIONS, action_buttons, facts, state_path, subtitle,
};
use crate::widgets::timeline_view::TimelineView;

/// The panel.
#[component]
pub(crate) fn Peek(
    /// The kind.
    def: &'static Def,
    /// The record; empty while the panel is closed.
    #[prop(into)]
    id: Signal<String>,
    /// Called when it wants to be closed.
    on_close: Callback<()>,
    /// Called when the record shall be opened in full.
    on_open: Callback<String>,
) -> impl IntoView {
    let one = OneRecord::new(def, id);
    let open = Signal::derive(move || !id.with(String::is_empty));
    let head = move || match one.record() {
        Some(record) => head(def, &record),
        None => view! { <Skeleton width="60%" height="18px" /> }.into_any(),
    };
    let actions = move || {
        view! {
            {action_buttons(one, true, on_close)}
            <IconButton
                glyph=Glyph::Maximize
                label=t!("list.open_full")
                small=true
                on_press=move |()| on_open.run(id.get_untracked())
            />
        }
    };
    let body = move || match one.load.get() {
        Load::Loading => view! { <SkeletonRows rows=6 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| one.read())),
        Load::Ready(record) => inside(one, &record),
    };
    view! {
        <Sheet
            open=open
            on_close=on_close
            title=t!("list.peek")
            close_label=t!("common.close")
            mode=SheetMode::Docked
            head=head
            actions=actions
        >
            {body}
        </Sheet>
    }
}

fn head(def: &'static Def, record: &Record) -> AnyView {
    let title = title_of(def, record);
    let below = subtitle(def, record);
    let square = def.kind == "customer" && text(record, "customer_type") != "person";
    view! {
        <div class="peek-head">
            <Avatar name=title.clone() square=square size=AvatarSize::Medium />
            <div class="peek-title">
                <b>{title}</b>
                {(!below.is_empty()).then(|| view! { <small class="muted">{below}</small> })}
            </div>
        </div>
    }
    .into_any()
}

fn inside(one: OneRecord, record: &Record) -> AnyView {
    let def = one.def;
    let id = text(record, "id").to_owned();
    let phone = text(record, "phone");
    let call = (!phone.is_empty()).then(|| {
        let href = format!("tel:{phone}");
        let label = cells::phone(phone);
        view! { <ButtonLink href=href icon=Glyph::Phone small=true>{label}</ButtonLink> }
    });
    let composer = about_field(def).map(|_| {
        view! { <Composer def=def id=id.clone() on_done=Callback::new(move |()| one.read()) /> }
    });
    let path = state_path(def, record).filter(|_| kinds::pooled(def) || def.kind == "task");
    view! {
        <div class="stack">
            {path}
            <div class="row">{call}</div>
            {facts(def, record, SECTIONS.get(..5).unwrap_or_default())}
            {composer}
            <TimelineView def=def id=id turn=one.turn />
        </div>
    }
    .into_any()
}
