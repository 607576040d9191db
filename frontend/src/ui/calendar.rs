//! A month to pick a day from, by pointer or by keys.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::{html, prelude::*};

use super::{button::IconButton, dom::focus_soon, icon::Glyph};

/// The words around a calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateTexts {
    /// The language of month and day names, such as `zh-Hans`.
    pub locale: String,
    /// For the button that opens the calendar.
    pub open: String,
    /// For the step to the month before.
    pub previous: String,
    /// For the step to the month after.
    pub next: String,
    /// For the button that picks today.
    pub today: String,
    /// For the button that takes the date back.
    pub clear: String,
    /// For the first day of a range.
    pub from: String,
    /// For the last day of a range.
    pub to: String,
    /// For the time of day.
    pub time: String,
    /// When what was typed is no date.
    pub unreadable: String,
}

/// Today, where the person is.
#[must_use]
pub fn today() -> NaiveDate {
    let now = Date::new_0();
    i32::try_from(now.get_full_year())
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, now.get_month() + 1, now.get_date()))
        .unwrap_or_default()
}

/// A day in the words of a language, with the parts that `options` names.
#[must_use]
pub fn day_text(day: NaiveDate, locale: &str, options: &[(&str, &str)]) -> String {
    let wanted = Object::new();
    for (name, value) in options {
        // Setting a property of a plain object can't fail.
        let _ = Reflect::set(&wanted, &(*name).into(), &(*value).into());
    }
    let (year, month) = (day.year().cast_unsigned(), day.month0().cast_signed());
    let date = Date::new_with_year_month_day(year, month, day.day().cast_signed());
    let locales = Array::of1(&locale.into());
    let format = Intl::DateTimeFormat::new(&locales, &wanted).format();
    format
        .call1(&wasm_bindgen::JsValue::UNDEFINED, &date)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// The first day of the month of `day`.
fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The day that the grid of a month begins with: a Monday.
fn grid_start(month: NaiveDate) -> NaiveDate {
    month
        .week(Weekday::Mon)
        .checked_first_day()
        .unwrap_or(month)
}

/// A month of days. Arrow keys move by day and week, Page Up and Down by month.
#[component]
pub fn MonthGrid(
    /// The day that is chosen, or the ends of a range.
    #[prop(into)]
    chosen: Signal<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Called with what was picked.
    #[prop(into)]
    on_pick: Callback<NaiveDate>,
    /// The words around it.
    #[prop(into)]
    texts: Signal<DateTexts>,
    /// No day before this one.
    #[prop(optional, into)]
    earliest: Signal<Option<NaiveDate>>,
    /// No day after this one.
    #[prop(optional, into)]
    latest: Signal<Option<NaiveDate>>,
) -> impl IntoView {
    let begin = chosen.get_untracked().0.unwrap_or_else(today);
    let cursor = RwSignal::new(begin);
    let month = Memo::new(move |_| month_start(cursor.get()));
    let grid = NodeRef::<html::Div>::new();
    let go = move |to: Option<NaiveDate>| {
        if let Some(to) = to {
            cursor.set(to);
            if let Some(grid) = grid.get_untracked() {
                focus_soon((*grid).clone().into(), "[tabindex='0']");
            }
        }
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        let at = cursor.get_untracked();
        let to = match event.key().as_str() {
            "ArrowLeft" => at.checked_sub_days(Days::new(1)),
            "ArrowRight" => at.checked_add_days(Days::new(1)),
            "ArrowUp" => at.checked_sub_days(Days::new(7)),
            "ArrowDown" => at.checked_add_days(Days::new(7)),
            "PageUp" => at.checked_sub_months(Months::new(1)),
            "PageDown" => at.checked_add_months(Months::new(1)),
            "Home" => Some(grid_start(at)),
            _ => return,
        };
        event.prevent_default();
        go(to);
    };
    let allowed = move |day: NaiveDate| {
        earliest.get().is_none_or(|first| day >= first)
            && latest.get().is_none_or(|last| day <= last)
    };
    let day = move |day: NaiveDate| {
        let chosen_here = move || {
            let (from, to) = chosen.get();
            from == Some(day) || to == Some(day)
        };
        let between = move || match chosen.get() {
            (Some(from), Some(to)) => from < day && day < to,
            _ => false,
        };
        view! {
            <button
                type="button"
                class="day"
                class:other=move || month_start(day) != month.get()
                class:between=between
                class:today=day == today()
                data-first=day == begin
                tabindex=move || if cursor.get() == day { "0" } else { "-1" }
                disabled=move || !allowed(day)
                aria-label=move || texts.with(|texts| day_text(day, &texts.locale, &[("dateStyle", "full")]))
                aria-pressed=move || chosen_here().to_string()
                on:click=move |_| {
                    cursor.set(day);
                    on_pick.run(day);
                }
            >
                {day.day()}
            </button>
        }
    };
    let days = move || {
        grid_start(month.get())
            .iter_days()
            .take(42)
            .map(day)
            .collect_view()
    };
    let weekdays = move || {
        let locale = texts.with(|texts| texts.locale.clone());
        grid_start(begin)
            .iter_days()
            .take(7)
            .map(|day| view! { <span>{day_text(day, &locale, &[("weekday", "narrow")])}</span> })
            .collect_view()
    };
    let heading = move || {
        texts.with(|texts| {
            day_text(
                month.get(),
                &texts.locale,
                &[("year", "numeric"), ("month", "long")],
            )
        })
    };
    view! {
        <div class="month">
            <div class="month-head">
                <IconButton
                    glyph=Glyph::ChevronLeft
                    label=Signal::derive(move || texts.with(|texts| texts.previous.clone()))
                    small=true
                    on_press=move |()| cursor.update(|at| *at = at.checked_sub_months(Months::new(1)).unwrap_or(*at))
                />
                <b aria-live="polite">{heading}</b>
                <IconButton
                    glyph=Glyph::ChevronRight
                    label=Signal::derive(move || texts.with(|texts| texts.next.clone()))
                    small=true
                    on_press=move |()| cursor.update(|at| *at = at.checked_add_months(Months::new(1)).unwrap_or(*at))
                />
            </div>
            <div class="month-names" aria-hidden="true">{weekdays}</div>
            <div class="month-days" node_ref=grid role="group" aria-label=heading on:keydown=keydown>
                {days}
            </div>
        </div>
    }
}
