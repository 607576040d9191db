//! The lines of a document while somebody writes them: product, quantity, price, discount and tax, with
//! the amounts as the server computes them.

use kehu_domain::document::{self, Line, Terms, Totals};
use kehu_domain::exchange::MILLION;
use kehu_domain::money;
use kehu_wire::problem::FieldError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use serde_json::Value;

use crate::problems::{field_problem, field_text};
use crate::state::{API, App};
use crate::ui::dom;
use crate::ui::prelude::*;
use crate::widgets::lines_view::totals_view;
use crate::widgets::lookups::{Lookups, text};
use crate::widgets::pickers::Finder;
use crate::widgets::texts::list_texts;
use crate::{t, tf};

/// Digits after the point of quantities and prices.
const FINE: u32 = 6;
/// Digits after the point of percent.
const PERCENT: u32 = 2;

/// How a document's lines are meant. Copy it freely.
#[derive(Clone, Copy)]
pub struct LineTerms {
    /// The code of the currency of all its amounts.
    pub(crate) currency: Signal<String>,
    /// Whether prices include tax.
    pub(crate) includes_tax: Signal<bool>,
    /// The discount on all lines, in minor units.
    pub(crate) discount: Signal<i64>,
}

impl LineTerms {
    /// The terms as the computation takes them.
    pub(crate) fn read(self) -> Option<Terms> {
        Some(Terms {
            currency: money::currency(&self.currency.get())?,
            includes_tax: self.includes_tax.get(),
            discount: self.discount.get(),
        })
    }
}

/// One line and what tells it from the others.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    key: u32,
    line: Line,
}

/// The rows of the editor. Copy it freely.
#[derive(Clone, Copy)]
struct Rows {
    all: RwSignal<Vec<Row>>,
    next: StoredValue<u32>,
    on_change: Callback<Value>,
    /// What was told last, so that its echo is not taken for something new.
    told: StoredValue<Value>,
    terms: LineTerms,
}

impl Rows {
    fn row(self, line: Line) -> Row {
        let key = self.next.get_value();
        self.next.set_value(key.wrapping_add(1));
        Row { key, line }
    }

    fn take(self, value: &Value) {
        let lines = document::parse(value).unwrap_or_default();
        self.told.set_value(value.clone());
        self.all
            .set(lines.into_iter().map(|line| self.row(line)).collect());
    }

    fn tell(self) {
        let lines = self.all.with_untracked(|all| said(all));
        let value = if lines.is_empty() {
            Value::Null
        } else {
            // Lines are plain data: they have a JSON form.
            serde_json::to_value(lines).unwrap_or_default()
        };
        self.told.set_value(value.clone());
        self.on_change.run(value);
    }

    fn edit(self, key: u32, change: impl FnOnce(&mut Line)) {
        self.all.update(|all| {
            if let Some(row) = all.iter_mut().find(|row| row.key == key) {
                change(&mut row.line);
            }
        });
        self.tell();
    }

    fn add(self) {
        let row = self.row(Line::default());
        let key = row.key;
        self.all.update(|all| all.push(row));
        focus_row(key);
    }

    fn remove(self, key: u32) {
        let near = self.all.with_untracked(|all| {
            let at = all.iter().position(|row| row.key == key)?;
            let near = all.get(at + 1).or_else(|| all.get(at.checked_sub(1)?))?;
            Some(near.key)
        });
        self.all.update(|all| all.retain(|row| row.key != key));
        self.tell();
        if let Some(near) = near {
            focus_row(near);
        }
    }

    fn shift(self, key: u32, step: isize) {
        self.all.update(|all| {
            let Some(at) = all.iter().position(|row| row.key == key) else {
                return;
            };
            if let Some(to) = at.checked_add_signed(step).filter(|to| *to < all.len()) {
                all.swap(at, to);
            }
        });
        self.tell();
    }
}

/// What was written; rows that are still empty do not count.
fn said(all: &[Row]) -> Vec<Line> {
    all.iter()
        .filter(|row| {
            let nothing = Line {
                id: row.line.id,
                ..Line::default()
            };
            row.line != nothing
        })
        .map(|row| row.line.clone())
        .collect()
}

/// Puts the focus into the first control of a row, once it is drawn.
fn focus_row(key: u32) {
    request_animation_frame(move || {
        let selector = format!("[data-line=\"{key}\"] input");
        if let Ok(Some(input)) = document().query_selector(&selector) {
            dom::focus(&input);
        }
    });
}

/// An editor for the lines of a document. It holds JSON as the API takes it; `Null` for none.
#[component]
pub(crate) fn LinesEditor(
    /// The lines.
    #[prop(into)]
    value: Signal<Value>,
    /// Called with all lines at every change.
    #[prop(into)]
    on_change: Callback<Value>,
    /// Currency, tax and discount.
    terms: LineTerms,
    /// What is wrong, by pointers such as `/lines/0/quantity`.
    #[prop(optional, into)]
    errors: Signal<Vec<FieldError>>,
) -> impl IntoView {
    let rows = Rows {
        all: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
        on_change,
        told: StoredValue::new(Value::Null),
        terms,
    };
    Effect::new(move |before: Option<()>| {
        value.with(|value| {
            if before.is_none() || rows.told.with_value(|told| told != value) {
                rows.take(value);
            }
        });
    });
    let totals = Memo::new(move |_| {
        let terms = terms.read()?;
        rows.all
            .with(|all| document::compute(&said(all), terms))
            .map_err(|problems| {
                let first = problems.first();
                first.map_or_else(String::new, |one| field_text(one.code, &one.params))
            })
            .into()
    });
    let keydown = move |event: web_sys::KeyboardEvent| {
        let typing = event
            .target()
            .and_then(|at| at.dyn_into::<web_sys::HtmlInputElement>().ok())
            .is_some();
        if event.key() == "Enter" && typing && !event.default_prevented() && !event.is_composing() {
            event.prevent_default();
            rows.add();
        }
    };
    let count = move || rows.all.with(Vec::len);
    view! {
        <div class="lines" on:keydown=keydown>
            <div class="lines-heads" aria-hidden="true">
                <span>{t!("lines.product")}</span>
                <span class="num">{t!("lines.quantity")}</span>
                <span>{t!("lines.unit")}</span>
                <span class="num">{t!("lines.unit_price")}</span>
                <span class="num">{t!("lines.discount_rate")}</span>
                <span class="num">{t!("lines.tax_rate")}</span>
                <span class="num">{t!("lines.amount")}</span>
                <span></span>
            </div>
            {move || (count() == 0).then(|| view! { <p class="muted lines-none">{t!("lines.none")}</p> })}
            <For each=move || rows.all.get() key=|row| row.key let:row>
                {line_row(rows, row.key, totals, errors)}
            </For>
            <div class="lines-foot">
                <Button small=true icon=Glyph::Plus on_press=move |()| rows.add()>
                    {t!("lines.add")}
                </Button>
                <span class="muted lines-hint">{t!("lines.enter_adds")}</span>
                <span class="grow"></span>
                {move || totals_of(totals, terms)}
            </div>
        </div>
    }
}

type Computed = Option<Result<Totals, String>>;

fn totals_of(totals: Memo<Computed>, terms: LineTerms) -> Option<AnyView> {
    Some(match totals.get()? {
        Ok(totals) if totals.lines.is_empty() => return None,
        Ok(totals) => totals_view(&totals, &terms.currency.get(), terms.discount.get()),
        Err(problem) => view! { <p class="field-problem" role="alert">{problem}</p> }.into_any(),
    })
}

fn line_row(
    rows: Rows,
    key: u32,
    totals: Memo<Computed>,
    errors: Signal<Vec<FieldError>>,
) -> AnyView {
    let line = Memo::new(move |_| {
        rows.all
            .with(|all| all.iter().find(|row| row.key == key).cloned())
            .map(|row| row.line)
            .unwrap_or_default()
    });
    // The place among all rows, and among those that count.
    let at = Memo::new(move |_| {
        rows.all
            .with(|all| all.iter().position(|row| row.key == key).unwrap_or(0))
    });
    let counted = Memo::new(move |_| {
        rows.all.with(|all| {
            let mut counting = all.iter().filter(|row| row.line != Line::default());
            counting.position(|row| row.key == key)
        })
    });
    let problem = move |field: &'static str| {
        Signal::derive(move || {
            let pointer = format!("/lines/{}/{field}", counted.get()?);
            let found = errors.with(|errors| {
                errors
                    .iter()
                    .find(|error| error.pointer == pointer)
                    .cloned()
            })?;
            Some(match found.code.as_str() {
                "out_of_range" => t!("lines.out_of_range").to_owned(),
                _ => field_problem(&found),
            })
        })
    };
    let amount = move || {
        let minor = match (totals.get(), counted.get()) {
            (Some(Ok(totals)), Some(at)) => totals.lines.get(at)?.amount,
            _ => return None,
        };
        Some(crate::format::minor(minor, &rows.terms.currency.get()))
    };
    let number = move |digits: u32,
                       label: &'static str,
                       field: &'static str,
                       read: fn(&Line) -> Option<i64>,
                       write: fn(&mut Line, Option<i64>)| {
        let value = Signal::derive(move || line.with(read));
        let empty = if field == "quantity" { "1" } else { "0" };
        let put = move |number: Option<i64>| rows.edit(key, |line| write(line, number));
        view! {
            <div class="line-cell" data-cell=field>
                <Field label=label problem=problem(field)>
                    <DecimalInput
                        value=value
                        on_change=put
                        digits=digits
                        placeholder=empty
                        unreadable=t!("lines.unreadable")
                    />
                </Field>
            </div>
        }
    };
    let unit = Signal::derive(move || line.with(|line| line.unit.clone().unwrap_or_default()));
    let put_unit =
        move |text: String| rows.edit(key, |line| line.unit = (!text.is_empty()).then_some(text));
    let label = Signal::derive(move || tf!("lines.line", n = at.get() + 1));
    let button = move |glyph, label: &'static str, press: Callback<()>, off: Signal<bool>| {
        view! { <IconButton glyph=glyph label=label small=true disabled=off on_press=press /> }
    };
    let last = Signal::derive(move || rows.all.with(|all| at.get() + 1 >= all.len()));
    let arrows = move |event: web_sys::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" if event.alt_key() => -1,
            "ArrowDown" if event.alt_key() => 1,
            _ => return,
        };
        event.prevent_default();
        rows.shift(key, step);
        focus_row(key);
    };
    view! {
        <div class="line" data-line=key role="group" aria-label=label on:keydown=arrows>
            <div class="line-cell" data-cell="product">
                <Field
                    label=t!("lines.product")
                    problem=Signal::derive(move || problem("name").get().or_else(|| problem("product_id").get()))
                >
                    <LineProduct rows=rows key=key line=line />
                </Field>
            </div>
            {number(FINE, t!("lines.quantity"), "quantity", |line| line.quantity, |line, n| line.quantity = n)}
            <div class="line-cell" data-cell="unit">
                <Field label=t!("lines.unit") problem=problem("unit")>
                    <TextInput value=unit on_change=put_unit max_length=20 />
                </Field>
            </div>
            {number(FINE, t!("lines.unit_price"), "unit_price", |line| line.unit_price, |line, n| line.unit_price = n)}
            {number(
                PERCENT,
                t!("lines.discount_rate"),
                "discount_rate",
                |line| Some(line.discount_rate).filter(|rate| *rate != 0),
                |line, n| line.discount_rate = n.unwrap_or(0),
            )}
            {number(PERCENT, t!("lines.tax_rate"), "tax_rate", |line| line.tax_rate, |line, n| line.tax_rate = n)}
            <div class="line-amount">
                <span class="line-label">{t!("lines.amount")}</span>
                <b>{amount}</b>
            </div>
            <div class="line-acts">
                {button(Glyph::ArrowUp, t!("lines.up"), Callback::new(move |()| rows.shift(key, -1)), Signal::derive(move || at.get() == 0))}
                {button(Glyph::ArrowDown, t!("lines.down"), Callback::new(move |()| rows.shift(key, 1)), last)}
                {button(Glyph::Trash, t!("lines.remove"), Callback::new(move |()| rows.remove(key)), Signal::from(false))}
            </div>
        </div>
    }
    .into_any()
}

/// What a line sells: a product of the list, which brings its unit, price and tax along, or words.
#[component]
fn LineProduct(rows: Rows, key: u32, line: Memo<Line>) -> impl IntoView {
    let finder = Finder::new(&kehu_domain::product::DEF);
    let (lookups, own) = (Lookups::here(), App::here().currency());
    let chosen = Signal::derive(move || {
        line.with(|line| {
            let id = line.product_id.map(|id| id.to_string());
            let name = line.name.clone().unwrap_or_default();
            match id {
                Some(id) if name.is_empty() => {
                    let title = lookups.title(&kehu_domain::product::DEF, &id);
                    Some(Choice::new(id, title))
                }
                Some(id) => Some(Choice::new(id, name)),
                None => (!name.is_empty()).then(|| Choice::new("", name)),
            }
        })
    });
    let fill = move |id: String| {
        let own = own.clone();
        spawn_local(async move {
            let Ok(product) = API.get("products", &id, "").await else {
                return;
            };
            let Some(currency) = rows.terms.currency.try_get_untracked() else {
                return;
            };
            let number = |name: &str| product.get(name).and_then(Value::as_i64);
            let price = match number("unit_price") {
                Some(price) if currency != own => lookups.price_in(price, &currency).await,
                price => price,
            };
            if rows.all.try_with_untracked(|_| ()).is_none() {
                return;
            }
            rows.edit(key, |line| {
                // Somebody may have chosen another one meanwhile.
                if line.product_id.map(|id| id.to_string()).as_ref() == Some(&id) {
                    line.unit = Some(text(&product, "unit").to_owned()).filter(|u| !u.is_empty());
                    line.unit_price = price;
                    line.tax_rate = number("tax_rate");
                }
            });
        });
    };
    let change = move |choice: Option<Choice>| {
        let id = choice.as_ref().and_then(|choice| choice.value.parse().ok());
        let name = choice.as_ref().map(|choice| choice.label.clone());
        rows.edit(key, |line| {
            line.product_id = id;
            line.name = name;
            if id.is_some() && line.quantity.is_none() {
                line.quantity = Some(MILLION);
            }
        });
        if let (Some(choice), true) = (choice, id.is_some()) {
            fill(choice.value);
        }
    };
    let words = move |name: String| {
        rows.edit(key, |line| {
            line.product_id = None;
            line.name = Some(name);
        });
    };
    let texts = ListTexts {
        create: t!("lines.without_product").to_owned(),
        ..list_texts()
    };
    view! {
        <Combobox
            value=chosen
            on_change=change
            choices=finder.choices
            on_query=move |letters| finder.ask(letters)
            loading=finder.loading
            texts=texts
            on_create=words
        />
    }
}
