//! The targets of a month: who shall bring how much of what. A matrix of persons and figures; what is
//! typed is kept when one goes on.

use chrono::{Datelike, Months, NaiveDate};
use kehu_client::Error;
use kehu_client::records::ListQuery;
use kehu_domain::target::{DEF, Metric};
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::pages::list::version;
use crate::state::{API, App};
use crate::ui::money_text::parse_amount;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::widgets::lookups::{every, text};
use crate::{format, t, tf};

/// What the matrix is made of.
#[derive(Clone)]
struct Found {
    people: Vec<Record>,
    departments: Vec<Record>,
}

/// Whose target a cell is.
#[derive(Clone, PartialEq, Eq)]
enum Whose {
    Person(String),
    Department(String),
}

impl Whose {
    fn is_of(&self, target: &Record) -> bool {
        let department = text(target, "department_id");
        match self {
            Self::Person(id) => department.is_empty() && text(target, "owner_id") == id,
            Self::Department(id) => department == id,
        }
    }
}

/// The page. Copy it freely.
#[derive(Clone, Copy)]
struct Page {
    load: RwSignal<Load<Found>>,
    /// The targets of the month. What is kept changes them in place, so that nobody who types on is
    /// interrupted.
    targets: RwSignal<Vec<Record>>,
    month: RwSignal<NaiveDate>,
    department: RwSignal<String>,
    digits: u32,
    app: App,
    toasts: Toasts,
}

impl Page {
    fn read(self) {
        let month = self.month.get_untracked();
        fetch(self.load, async move {
            let targets = targets_of(month).await?;
            let mut people = every("users", "name").await;
            people.retain(|user| user.get("active") != Some(&Value::Bool(false)));
            let departments = every("departments", "name").await;
            if self.month.try_get_untracked() != Some(month) {
                // Another month is asked for by now; its own read follows.
                return std::future::pending().await;
            }
            let _ = self.targets.try_set(targets);
            Ok(Found {
                people,
                departments,
            })
        });
    }

    const fn digits_of(self, metric: Metric) -> u32 {
        if metric.is_money() { self.digits } else { 0 }
    }

    /// Keeps a figure: a new target, another figure, or none any more.
    async fn keep(
        self,
        whose: &Whose,
        metric: Metric,
        before: Option<Record>,
        planned: Option<i64>,
    ) {
        let month = self.month.get_untracked();
        let old = before.as_ref().map(|before| text(before, "id").to_owned());
        let result: Result<Option<Record>, Error> = match (&before, planned) {
            (None, None) => return,
            (Some(before), None) => {
                let done = API.trash("targets", text(before, "id")).await;
                done.map(|()| None)
            }
            (Some(before), Some(planned)) => {
                let patch = Record::from_iter([("planned".to_owned(), Value::from(planned))]);
                let id = text(before, "id");
                let done = API.patch("targets", id, version(before), patch).await;
                done.map(Some)
            }
            (None, Some(planned)) => {
                let (name, id) = match whose {
                    Whose::Person(id) => ("owner_id", id),
                    Whose::Department(id) => ("department_id", id),
                };
                let fields = Record::from_iter([
                    ("month".to_owned(), Value::from(month.to_string())),
                    ("metric".to_owned(), Value::from(metric.code())),
                    ("planned".to_owned(), Value::from(planned)),
                    (name.to_owned(), Value::from(id.as_str())),
                ]);
                API.create("targets", fields, true, None).await.map(Some)
            }
        };
        match result {
            Ok(now) => {
                // The month may have been left meanwhile.
                if self.month.try_get_untracked() == Some(month) {
                    let _ = self.targets.try_update(|targets| {
                        targets.retain(|target| old.as_deref() != Some(text(target, "id")));
                        targets.extend(now);
                    });
                }
                self.toasts.success(t!("targets.saved"));
                self.app.note_write();
            }
            Err(error) => {
                say_problem(self.toasts, &error);
                if self.month.try_get_untracked().is_some() {
                    self.read();
                }
            }
        }
    }
}

async fn targets_of(month: NaiveDate) -> Result<Vec<Record>, Error> {
    let mut query = ListQuery {
        filter: format!("month == date(\"{month}\")"),
        sort: "created_at".to_owned(),
        limit: Some(200),
        ..ListQuery::default()
    };
    let mut targets = Vec::new();
    loop {
        let page = API.list(DEF.plural, &query).await?;
        targets.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = cursor,
            None => return Ok(targets),
        }
    }
}

/// The targets of a month.
#[component]
pub(crate) fn Targets() -> impl IntoView {
    let app = App::here();
    let today = format::today();
    let first = NaiveDate::from_ymd_opt(today.year(), today.month(), 1).unwrap_or(today);
    let page = Page {
        load: RwSignal::new(Load::Loading),
        targets: RwSignal::new(Vec::new()),
        month: RwSignal::new(first),
        department: RwSignal::new(String::new()),
        digits: format::currency_digits(&app.currency()),
        app,
        toasts: use_toasts(),
    };
    Effect::new(move |_| {
        page.month.track();
        // What is typed meanwhile would be another month's.
        page.load.set(Load::Loading);
        page.read();
    });
    let step = move |by: i32| {
        page.month.update(|month| {
            let months = Months::new(by.unsigned_abs());
            let moved = if by < 0 {
                month.checked_sub_months(months)
            } else {
                month.checked_add_months(months)
            };
            *month = moved.unwrap_or(*month);
        });
    };
    let month = move || format::month(&page.month.get().format("%Y-%m").to_string());
    let departments = Signal::derive(move || {
        page.load.with(|load| match load {
            Load::Ready(found) => found
                .departments
                .iter()
                .map(|one| Choice::new(text(one, "id"), text(one, "name")))
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    });
    let body = move || match page.load.get() {
        Load::Loading => view! { <SkeletonRows rows=8 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| page.read())),
        Load::Ready(found) => matrix(page, &found, &page.department.get()),
    };
    view! {
        <PageHead title=t!("targets.title")>
            <IconButton glyph=Glyph::ChevronLeft label=t!("targets.before") on_press=move |()| step(-1) />
            <b class="targets-month" aria-live="polite">{month}</b>
            <IconButton glyph=Glyph::ChevronRight label=t!("targets.after") on_press=move |()| step(1) />
            <div class="targets-department">
                <Select
                    value=page.department
                    on_change=move |id| page.department.set(id)
                    choices=departments
                    placeholder=t!("targets.everybody")
                    label=Signal::derive(|| t!("targets.department").to_owned())
                />
            </div>
        </PageHead>
        <p class="muted">{t!("targets.hint")}</p>
        <section class="card settings-records">{body}</section>
    }
}

fn matrix(page: Page, found: &Found, department: &str) -> AnyView {
    let people: Vec<&Record> = found
        .people
        .iter()
        .filter(|user| department.is_empty() || text(user, "department_id") == department)
        .collect();
    if people.is_empty() && department.is_empty() {
        return view! { <EmptyState glyph=Glyph::Target title=t!("targets.nobody") /> }.into_any();
    }
    let code = page.app.currency();
    let heads = Metric::CODES
        .iter()
        .map(
            |code| view! { <th scope="col" class="num">{kinds::choice(&DEF, "metric", code)}</th> },
        )
        .collect_view();
    let own = found
        .departments
        .iter()
        .find(|one| text(one, "id") == department)
        .map(|one| {
            let whose = Whose::Department(department.to_owned());
            let name = text(one, "name").to_owned();
            row(page, &whose, name, true)
        });
    let rows = people
        .iter()
        .map(|user| {
            let whose = Whose::Person(text(user, "id").to_owned());
            row(page, &whose, text(user, "name").to_owned(), false)
        })
        .collect_view();
    let ids: Vec<String> = people
        .iter()
        .map(|user| text(user, "id").to_owned())
        .collect();
    let ids = StoredValue::new(ids);
    let code = StoredValue::new(code);
    let sums = metrics()
        .map(|metric| {
            let sum = move || {
                let counts = |target: &&Record| {
                    text(target, "department_id").is_empty()
                        && text(target, "metric") == metric.code()
                        && ids.with_value(|ids| ids.iter().any(|id| text(target, "owner_id") == id))
                };
                page.targets.with(|targets| {
                    targets
                        .iter()
                        .filter(counts)
                        .filter_map(planned)
                        .sum::<i64>()
                })
            };
            let shown = move || {
                if metric.is_money() {
                    format::minor(sum(), &code.get_value())
                } else {
                    format::number(sum())
                }
            };
            view! { <td class="num">{shown}</td> }
        })
        .collect_view();
    view! {
        <div class="settings-scroll">
            <table class="simple-table targets">
                <thead>
                    <tr>
                        <th scope="col">{t!("targets.person")}</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{own} {rows}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">{t!("targets.total")}</th>
                        {sums}
                    </tr>
                </tfoot>
            </table>
        </div>
    }
    .into_any()
}

fn metrics() -> impl Iterator<Item = Metric> {
    Metric::CODES
        .iter()
        .filter_map(|code| Metric::from_code(code))
}

fn planned(target: &Record) -> Option<i64> {
    target.get("planned").and_then(Value::as_i64)
}

fn row(page: Page, whose: &Whose, name: String, whole: bool) -> AnyView {
    let cells = metrics()
        .map(|metric| cell(page, whose.clone(), metric, &name))
        .collect_view();
    let head = if whole {
        view! { <b>{tf!("targets.whole", name = name)}</b> }.into_any()
    } else {
        view! { <Person name=name /> }.into_any()
    };
    view! {
        <tr class:whole=whole>
            <th scope="row">{head}</th>
            {cells}
        </tr>
    }
    .into_any()
}

/// One figure. It is kept when the focus leaves or Enter is pressed; Escape takes back what was typed.
fn cell(page: Page, whose: Whose, metric: Metric, name: &str) -> AnyView {
    let digits = page.digits_of(metric);
    let whose = StoredValue::new(whose);
    let before = move |targets: &Vec<Record>| {
        let mine = |target: &&Record| {
            whose.with_value(|whose| whose.is_of(target)) && text(target, "metric") == metric.code()
        };
        targets.iter().find(mine).cloned()
    };
    let typed = RwSignal::new(None::<String>);
    let (wrong, saving) = (RwSignal::new(false), RwSignal::new(false));
    let shown = move || {
        typed.get().unwrap_or_else(|| {
            let figure = page.targets.with(before).as_ref().and_then(planned);
            figure.map_or_else(String::new, |figure| show_decimal(figure, digits))
        })
    };
    let label = format!("{name}: {}", kinds::choice(&DEF, "metric", metric.code()));
    let settle = move || {
        // An input that is taken away while it has the focus is left, too.
        let Some(text) = typed.try_get_untracked().flatten() else {
            return;
        };
        let figure = parse_amount(&text, digits).filter(|figure| *figure >= 0);
        let readable = text.trim().is_empty() || figure.is_some();
        wrong.set(!readable);
        if !readable || saving.get_untracked() {
            return;
        }
        saving.set(true);
        spawn_local(async move {
            // Whoever types on in this cell while it is kept is kept after that.
            let mut now = Some((text, figure));
            while let Some((text, figure)) = now.take() {
                let Some(target) = page.targets.try_with_untracked(before) else {
                    return;
                };
                if figure != target.as_ref().and_then(planned) {
                    let Some(whose) = whose.try_get_value() else {
                        return;
                    };
                    page.keep(&whose, metric, target, figure).await;
                }
                match typed.try_get_untracked() {
                    None => return,
                    Some(Some(again)) if again != text => {
                        let figure = parse_amount(&again, digits).filter(|figure| *figure >= 0);
                        now = (figure.is_some() || again.trim().is_empty())
                            .then_some((again, figure));
                    }
                    Some(_) => typed.set(None),
                }
            }
            let _ = saving.try_set(false);
        });
    };
    let keydown = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            if let Some(input) = event.target() {
                below(&input);
            }
        }
        "Escape" => {
            typed.set(None);
            wrong.set(false);
        }
        _ => {}
    };
    view! {
        <td class="num">
            <span class="input numeric">
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-label=label
                    aria-invalid=move || wrong.get().then_some("true")
                    title=move || if wrong.get() { t!("targets.unreadable") } else { "" }
                    data-metric=metric.code()
                    prop:value=shown
                    on:input:target=move |event| typed.set(Some(event.target().value()))
                    on:blur=move |_| settle()
                    on:keydown=keydown
                />
            </span>
        </td>
    }
    .into_any()
}

/// Goes to the same figure of the next person.
fn below(input: &web_sys::EventTarget) {
    use leptos::wasm_bindgen::JsCast;
    let Some(input) = input.dyn_ref::<web_sys::Element>() else {
        return;
    };
    let metric = input.get_attribute("data-metric").unwrap_or_default();
    let selector = format!("input[data-metric=\"{metric}\"]");
    let next = input.closest("tr").ok().flatten().and_then(|row| {
        let next = row.next_element_sibling()?;
        next.query_selector(&selector).ok().flatten()
    });
    match next {
        Some(next) => crate::ui::dom::focus(&next),
        // The last one: leaving it keeps it.
        None => {
            if let Some(input) = input.dyn_ref::<web_sys::HtmlElement>() {
                let _ = input.blur();
            }
        }
    }
}
