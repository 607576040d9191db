//! A calendar of events: a month, a week or a day.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Timelike, Weekday};
use leptos::prelude::*;

use super::{
    calendar::{day_text, today},
    dom::number,
    tone::Tone,
};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEvent {
    /// The id of what it shows.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// When it begins, where the person is.
    pub start: NaiveDateTime,
    /// When it ends.
    pub end: NaiveDateTime,
    /// It takes whole days; its times don't count.
    pub all_day: bool,
    /// What it means.
    pub tone: Tone,
}

impl CalendarEvent {
    /// Whether it takes place on that day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> bool {
        self.start.date() <= day && day <= self.end.date()
    }
}

/// How much of the calendar is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CalendarSpan {
    /// Six weeks.
    #[default]
    Month,
    /// Seven days by the hour.
    Week,
    /// One day by the hour.
    Day,
}

impl CalendarSpan {
    /// The days that are shown around `at`.
    #[must_use]
    pub fn days(self, at: NaiveDate) -> Vec<NaiveDate> {
        let monday = |day: NaiveDate| day.week(Weekday::Mon).checked_first_day().unwrap_or(day);
        match self {
            Self::Month => monday(at.with_day(1).unwrap_or(at))
                .iter_days()
                .take(42)
                .collect(),
            Self::Week => monday(at).iter_days().take(7).collect(),
            Self::Day => vec![at],
        }
    }
}

/// The first hour that is drawn; earlier events stand at the top.
const FIRST_HOUR: u32 = 7;
/// The first hour that is not drawn any more; later events stand at the bottom.
const LAST_HOUR: u32 = 21;
/// How high an hour is, in pixels.
const HOUR: f64 = 44.0;

/// What the days need to know of their calendar.
#[derive(Clone, Copy)]
struct Calendar {
    at: Signal<NaiveDate>,
    span: Signal<CalendarSpan>,
    events: Signal<Vec<CalendarEvent>>,
    locale: Signal<String>,
    on_open: Callback<String>,
    on_day: Callback<NaiveDate>,
}

/// Events in the days around one day.
#[component]
pub fn MonthView(
    /// The day around which it is drawn.
    #[prop(into)]
    at: Signal<NaiveDate>,
    /// How much is shown.
    #[prop(into)]
    span: Signal<CalendarSpan>,
    /// The events.
    #[prop(into)]
    events: Signal<Vec<CalendarEvent>>,
    /// The language of the names of days.
    #[prop(into)]
    locale: Signal<String>,
    /// Called with the id of an event that was pressed.
    #[prop(into)]
    on_open: Callback<String>,
    /// Called with a day that was pressed: to see it, or to add to it.
    #[prop(into)]
    on_day: Callback<NaiveDate>,
) -> impl IntoView {
    let calendar = Calendar {
        at,
        span,
        events,
        locale,
        on_open,
        on_day,
    };
    move || match span.get() {
        CalendarSpan::Month => month(calendar).into_any(),
        CalendarSpan::Week | CalendarSpan::Day => hours(calendar).into_any(),
    }
}

/// The events of a day in order, as a button each.
fn of_day(calendar: Calendar, day: NaiveDate) -> Vec<CalendarEvent> {
    let mut found = calendar.events.with(|events| {
        events
            .iter()
            .filter(|event| event.on(day))
            .cloned()
            .collect::<Vec<_>>()
    });
    found.sort_by_key(|event| (!event.all_day, event.start));
    found
}

/// One event in a line.
fn line(calendar: Calendar, event: CalendarEvent) -> impl IntoView {
    let CalendarEvent {
        id,
        title,
        start,
        all_day,
        tone,
        ..
    } = event;
    let time = (!all_day).then(|| start.format("%H:%M").to_string());
    view! {
        <button
            type="button"
            class="calendar-event"
            data-tone=tone.name()
            title=title.clone()
            on:click=move |_| calendar.on_open.run(id.clone())
        >
            {time.map(|time| view! { <small>{time}</small> })}
            <span class="clip">{title.clone()}</span>
        </button>
    }
}

/// Six weeks of days.
fn month(calendar: Calendar) -> impl IntoView {
    /// More events than this are told of by number.
    const SHOWN: usize = 3;
    let names = move || {
        let locale = calendar.locale.get();
        let name = |day: NaiveDate| view! { <span>{day_text(day, &locale, &[("weekday", "short")])}</span> };
        CalendarSpan::Week
            .days(calendar.at.get())
            .into_iter()
            .map(name)
            .collect_view()
    };
    let day = move |day: NaiveDate| {
        let events = of_day(calendar, day);
        let hidden = events.len().saturating_sub(SHOWN);
        let other = day.month() != calendar.at.get().month();
        let full = calendar
            .locale
            .with(|locale| day_text(day, locale, &[("dateStyle", "full")]));
        view! {
            <div class="month-cell" class:other=other class:today=day == today()>
                <button type="button" class="month-day" aria-label=full on:click=move |_| calendar.on_day.run(day)>
                    {day.day()}
                </button>
                {events.into_iter().take(SHOWN).map(|event| line(calendar, event)).collect_view()}
                {(hidden > 0)
                    .then(|| {
                        view! {
                            <button type="button" class="month-more" on:click=move |_| calendar.on_day.run(day)>
                                {format!("+{hidden}")}
                            </button>
                        }
                    })}
            </div>
        }
    };
    let days = move || {
        CalendarSpan::Month
            .days(calendar.at.get())
            .into_iter()
            .map(day)
            .collect_view()
    };
    view! {
        <div class="big-month">
            <div class="big-names" aria-hidden="true">{names}</div>
            <div class="big-days">{days}</div>
        </div>
    }
}

/// Where a moment lies below the first hour, in pixels.
fn offset(at: NaiveDateTime, day: NaiveDate) -> f64 {
    let minutes = match at.date().cmp(&day) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => at.hour() * 60 + at.minute(),
        std::cmp::Ordering::Greater => 24 * 60,
    };
    let shown = minutes.clamp(FIRST_HOUR * 60, LAST_HOUR * 60) - FIRST_HOUR * 60;
    f64::from(shown) / 60.0 * HOUR
}

/// Events that overlap share the width: for each, its place and among how many.
fn side_by_side(events: &[CalendarEvent]) -> Vec<(usize, usize)> {
    let mut placed: Vec<(usize, usize)> = Vec::new();
    let mut ends: Vec<NaiveDateTime> = Vec::new();
    let mut group = 0;
    for event in events {
        if ends.iter().all(|end| *end <= event.start) {
            settle(&mut placed, group, ends.len());
            group = placed.len();
            ends.clear();
        }
        let free = ends.iter().position(|end| *end <= event.start);
        let place = free.unwrap_or(ends.len());
        match ends.get_mut(place) {
            Some(end) => *end = event.end,
            None => ends.push(event.end),
        }
        placed.push((place, 1));
    }
    settle(&mut placed, group, ends.len());
    placed
}

/// Tells everybody since `group` among how many they stand.
fn settle(placed: &mut [(usize, usize)], group: usize, among: usize) {
    for place in placed.iter_mut().skip(group) {
        place.1 = among.max(1);
    }
}

/// Days side by side, by the hour.
fn hours(calendar: Calendar) -> impl IntoView {
    let days = calendar.span.get().days(calendar.at.get());
    let heads = days.clone().into_iter().map(|day| {
        let name = calendar.locale.with(|locale| day_text(day, locale, &[("weekday", "short"), ("day", "numeric")]));
        let whole = of_day(calendar, day).into_iter().filter(|event| event.all_day);
        view! {
            <div class="hours-head" class:today=day == today()>
                <button type="button" class="month-day" on:click=move |_| calendar.on_day.run(day)>{name}</button>
                {whole.map(|event| line(calendar, event)).collect_view()}
            </div>
        }
    });
    let column = |day: NaiveDate| {
        let events: Vec<_> = of_day(calendar, day)
            .into_iter()
            .filter(|event| !event.all_day)
            .collect();
        let places = side_by_side(&events);
        let one = |(event, (place, among)): (CalendarEvent, (usize, usize))| {
            let top = offset(event.start, day);
            let height = (offset(event.end, day) - top).max(HOUR / 2.0) - 2.0;
            let share = 100.0 / number(among);
            view! {
                <div
                    class="hours-event"
                    style:top=format!("{top:.0}px")
                    style:height=format!("{height:.0}px")
                    style:left=format!("{:.1}%", share * number(place))
                    style:width=format!("{share:.1}%")
                >
                    {line(calendar, event)}
                </div>
            }
        };
        view! { <div class="hours-day">{events.into_iter().zip(places).map(one).collect_view()}</div> }
    };
    let marks = (FIRST_HOUR..LAST_HOUR).map(|hour| view! { <span>{format!("{hour}:00")}</span> });
    let count = days.len();
    view! {
        <div class="hours" style:--days=count.to_string() style:--hour=format!("{HOUR}px")>
            <div class="hours-corner"></div>
            {heads.collect_view()}
            <div class="hours-marks" aria-hidden="true">{marks.collect_view()}</div>
            {days.into_iter().map(column).collect_view()}
        </div>
    }
}

/// The day one span further in that direction.
#[must_use]
pub fn step(span: CalendarSpan, at: NaiveDate, forward: bool) -> NaiveDate {
    use chrono::Months;
    let moved = match (span, forward) {
        (CalendarSpan::Month, true) => at.checked_add_months(Months::new(1)),
        (CalendarSpan::Month, false) => at.checked_sub_months(Months::new(1)),
        (CalendarSpan::Week, true) => at.checked_add_days(Days::new(7)),
        (CalendarSpan::Week, false) => at.checked_sub_days(Days::new(7)),
        (CalendarSpan::Day, true) => at.checked_add_days(Days::new(1)),
        (CalendarSpan::Day, false) => at.checked_sub_days(Days::new(1)),
    };
    moved.unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(from: u32, to: u32) -> CalendarEvent {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let at = |hour| day.and_hms_opt(hour, 0, 0).unwrap();
        CalendarEvent {
            id: from.to_string(),
            title: String::new(),
            start: at(from),
            end: at(to),
            all_day: false,
            tone: Tone::Neutral,
        }
    }

    #[test]
    fn events_that_overlap_share_the_width_and_others_take_it_whole() {
        let events = [event(8, 10), event(9, 11), event(10, 12), event(14, 15)];
        assert_eq!(side_by_side(&events), [(0, 2), (1, 2), (0, 2), (0, 1)]);
    }

    #[test]
    fn a_month_begins_on_a_monday_and_has_six_weeks() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let days = CalendarSpan::Month.days(day);
        assert_eq!(days.len(), 42);
        assert_eq!(
            days.first().map(ToString::to_string).as_deref(),
            Some("2026-10-26")
        );
    }

    #[test]
    fn a_month_further_from_its_last_day_stays_in_the_next_month() {
        let last = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        assert_eq!(
            step(CalendarSpan::Month, last, true).to_string(),
            "2026-02-28"
        );
    }
}
