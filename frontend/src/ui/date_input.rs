//! Dates: typed as people write them, or picked from a calendar.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use leptos::prelude::*;

use super::{
    anchored::{Anchored, Placement},
    button::{Button, ButtonKind},
    calendar::{DateTexts, MonthGrid, today},
    date_text::{parse_day, parse_time, show_day},
    field::ControlAttributes,
    icon::{Glyph, Icon},
};

/// One day.
#[component]
pub fn DateInput(
    /// The day.
    #[prop(into)]
    value: Signal<Option<NaiveDate>>,
    /// Called with the day that was typed or picked, or with nothing when it was taken back.
    #[prop(into)]
    on_change: Callback<Option<NaiveDate>>,
    /// The words around it.
    #[prop(into)]
    texts: Signal<DateTexts>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// No day before this one.
    #[prop(optional, into)]
    earliest: Signal<Option<NaiveDate>>,
    /// No day after this one.
    #[prop(optional, into)]
    latest: Signal<Option<NaiveDate>>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let open = RwSignal::new(false);
    let typed = RwSignal::new(None::<String>);
    let unreadable = RwSignal::new(false);
    let allowed = move |day: &NaiveDate| {
        earliest.get_untracked().is_none_or(|first| *day >= first)
            && latest.get_untracked().is_none_or(|last| *day <= last)
    };
    let settle = move || {
        // An input that is taken away while it has the focus is left, too.
        let Some(text) = typed.try_get_untracked().flatten() else {
            return;
        };
        if text.trim().is_empty() {
            unreadable.set(false);
            typed.set(None);
            on_change.run(None);
            return;
        }
        match parse_day(&text, today()).filter(allowed) {
            Some(day) => {
                unreadable.set(false);
                typed.set(None);
                on_change.run(Some(day));
            }
            None => unreadable.set(true),
        }
    };
    let pick = move |day: Option<NaiveDate>| {
        typed.set(None);
        unreadable.set(false);
        open.set(false);
        on_change.run(day);
    };
    let keydown = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => settle(),
        "ArrowDown" if event.alt_key() => open.set(true),
        _ => {}
    };
    let text = move || {
        typed
            .get()
            .unwrap_or_else(|| value.get().map_or_else(String::new, show_day))
    };
    let words = move |pick: fn(&DateTexts) -> &String| {
        Signal::derive(move || texts.with(|texts| pick(texts).clone()))
    };
    view! {
        <div class="anchor block">
            <span class="input date">
                <input
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    id=field.id()
                    placeholder="YYYY-MM-DD"
                    disabled=disabled
                    aria-label=move || label.map(|label| label.get())
                    aria-describedby=move || field.described_by()
                    aria-invalid=move || if unreadable.get() { Some("true") } else { field.invalid() }
                    aria-required=move || field.required()
                    prop:value=text
                    on:input:target=move |event| typed.set(Some(event.target().value()))
                    on:blur=move |_| settle()
                    on:keydown=keydown
                />
                <button
                    type="button"
                    class="in-x"
                    disabled=disabled
                    aria-label=words(|texts| &texts.open)
                    aria-haspopup="dialog"
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    <Icon glyph=Glyph::Calendar />
                </button>
            </span>
            <Anchored open=open on_close=move |()| open.set(false) placement=Placement::BelowStart class="calendar">
                <MonthGrid
                    chosen=Signal::derive(move || (value.get(), None))
                    on_pick=move |day| pick(Some(day))
                    texts=texts
                    earliest=earliest
                    latest=latest
                />
                <div class="calendar-foot">
                    <Button small=true kind=ButtonKind::Quiet on_press=move |()| pick(Some(today()))>
                        {words(|texts| &texts.today)}
                    </Button>
                    <Button small=true kind=ButtonKind::Quiet on_press=move |()| pick(None)>
                        {words(|texts| &texts.clear)}
                    </Button>
                </div>
            </Anchored>
            {move || {
                unreadable
                    .get()
                    .then(|| {
                        view! {
                            <p class="field-problem" role="alert">
                                {words(|texts| &texts.unreadable)}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// From a day to a day; either end may be open.
#[component]
pub fn DateRangeInput(
    /// The first and the last day.
    #[prop(into)]
    value: Signal<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Called with both ends.
    #[prop(into)]
    on_change: Callback<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// The words around it.
    #[prop(into)]
    texts: Signal<DateTexts>,
    /// What the range is, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let from = Signal::derive(move || value.get().0);
    let to = Signal::derive(move || value.get().1);
    view! {
        <div class="date-range" role="group" aria-label=label>
            <DateInput
                value=from
                latest=to
                label=Signal::derive(move || texts.with(|texts| texts.from.clone()))
                on_change=move |day| on_change.run((day, to.get_untracked()))
                texts=texts
            />
            <span class="muted" aria-hidden="true">"–"</span>
            <DateInput
                value=to
                earliest=from
                label=Signal::derive(move || texts.with(|texts| texts.to.clone()))
                on_change=move |day| on_change.run((from.get_untracked(), day))
                texts=texts
            />
        </div>
    }
}

/// A day and a time of day, where the person is.
#[component]
pub fn DateTimeInput(
    /// When.
    #[prop(into)]
    value: Signal<Option<NaiveDateTime>>,
    /// Called with the new moment; a day alone means nine o'clock.
    #[prop(into)]
    on_change: Callback<Option<NaiveDateTime>>,
    /// The words around it.
    #[prop(into)]
    texts: Signal<DateTexts>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let typed = RwSignal::new(None::<String>);
    let day = Signal::derive(move || value.get().map(|at| at.date()));
    let time = move || {
        value
            .get()
            .map_or_else(String::new, |at| at.format("%H:%M").to_string())
    };
    let set_day = move |day: Option<NaiveDate>| {
        let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default();
        let time = value.get_untracked().map_or(nine, |at| at.time());
        on_change.run(day.map(|day| day.and_time(time)));
    };
    let settle = move || {
        // An input that is taken away while it has the focus is left, too.
        let Some(text) = typed.try_get_untracked().flatten() else {
            return;
        };
        typed.set(None);
        if let Some(time) = parse_time(&text) {
            on_change.run(Some(
                day.get_untracked().unwrap_or_else(today).and_time(time),
            ));
        }
    };
    view! {
        <div class="date-time">
            <DateInput value=day on_change=set_day texts=texts disabled=disabled />
            <span class="input">
                <input
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    placeholder="HH:MM"
                    disabled=disabled
                    aria-label=move || texts.with(|texts| texts.time.clone())
                    prop:value=move || typed.get().unwrap_or_else(time)
                    on:input:target=move |event| typed.set(Some(event.target().value()))
                    on:blur=move |_| settle()
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            settle();
                        }
                    }
                />
            </span>
        </div>
    }
}
