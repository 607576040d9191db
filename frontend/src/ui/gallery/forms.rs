//! Fields and controls.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{super::prelude::*, Shelf};

/// Example choices.
pub(super) fn cities() -> Vec<Choice> {
    [
        ("ningbo", "宁波", "浙江"),
        ("suzhou", "苏州", "江苏"),
        ("foshan", "佛山", "广东"),
        ("chengdu", "成都", "四川"),
        ("wuhan", "武汉", "湖北"),
    ]
    .map(|(value, label, hint)| Choice::new(value, label).hint(hint))
    .into_iter()
    .chain([Choice::new("closed", "Not to be chosen").disabled()])
    .collect()
}

/// Example words.
pub(super) fn date_texts() -> DateTexts {
    DateTexts {
        locale: "zh-Hans".into(),
        open: "Open the calendar".into(),
        previous: "Month before".into(),
        next: "Month after".into(),
        today: "Today".into(),
        clear: "Clear".into(),
        from: "From".into(),
        to: "To".into(),
        time: "Time".into(),
        unreadable: "This is not a date. Write it like 2026-11-22.".into(),
    }
}

/// Every kind of field.
#[component]
pub fn Forms() -> impl IntoView {
    let text = RwSignal::new("高秀英".to_owned());
    let long = RwSignal::new("年底前上线，预算已批。\n需要报价与案例。".to_owned());
    let city = RwSignal::new("suzhou".to_owned());
    let on = RwSignal::new(true);
    let date = RwSignal::new(NaiveDate::from_ymd_opt(2026, 11, 25));
    let range = RwSignal::new((
        NaiveDate::from_ymd_opt(2026, 11, 2),
        NaiveDate::from_ymd_opt(2026, 11, 19),
    ));
    let moment = RwSignal::new(
        date.get_untracked()
            .and_then(|day| day.and_hms_opt(15, 30, 0)),
    );
    let money = RwSignal::new(Some(26_000_000));
    let phone = RwSignal::new("+8613800138000".to_owned());
    let query = RwSignal::new(String::new());
    let one = RwSignal::new(None::<Choice>);
    let many = RwSignal::new(cities().into_iter().take(2).collect::<Vec<_>>());
    let found = Signal::derive(move || {
        let query = query.get();
        cities()
            .into_iter()
            .filter(|city| city.label.contains(&query))
            .collect::<Vec<_>>()
    });
    let texts = Signal::stored(ListTexts {
        loading: "Searching…".into(),
        nothing: "Nothing fits".into(),
        clear: "Take back".into(),
        create: "Create".into(),
    });
    let currency = Currency {
        code: "CNY".into(),
        symbol: "¥".into(),
        digits: 2,
    };
    let prefixes = vec![
        Choice::new("+86", "中国 +86"),
        Choice::new("+1", "US +1"),
        Choice::new("+44", "UK +44"),
    ];
    view! {
        <Shelf title="Fields">
            <div class="form">
                <Field label="Name" required=true hint=Some("As it stands on the card".to_owned())>
                    <TextInput value=text on_change=move |new| text.set(new) />
                </Field>
                <Field label="Mail" problem=Some("This is not an address. Is the @ missing?".to_owned())>
                    <TextInput value="gaoxy.hengda.example" on_change=move |_| {} kind="email" />
                </Field>
                <Field label="Search">
                    <TextInput value="" on_change=move |_| {} kind="search" icon=Glyph::Search placeholder="Name, number, phone" />
                </Field>
                <Field label="Share">
                    <TextInput value="12.5" on_change=move |_| {} numeric=true suffix="%" inputmode="decimal" />
                </Field>
                <Field label="Can't be changed">
                    <TextInput value="HT-2026-0187" on_change=move |_| {} disabled=true />
                </Field>
                <Field label="City">
                    <Select value=city on_change=move |new| city.set(new) choices=cities() placeholder="None" />
                </Field>
                <Field label="One of many" hint=Some("Type to narrow; what is unknown can be made".to_owned())>
                    <Combobox
                        value=one on_change=move |new| one.set(new) choices=found
                        on_query=move |new| query.set(new) texts=texts placeholder="Choose"
                        on_create=move |text: String| one.set(Some(Choice::new(text.clone(), text)))
                    />
                </Field>
                <Field label="Several">
                    <MultiSelect
                        value=many on_change=move |new| many.set(new) choices=found
                        on_query=move |new| query.set(new) texts=texts placeholder="Choose"
                    />
                </Field>
                <Field label="Day">
                    <DateInput value=date on_change=move |new| date.set(new) texts=date_texts() />
                </Field>
                <Field label="Day and time">
                    <DateTimeInput value=moment on_change=move |new| moment.set(new) texts=date_texts() />
                </Field>
                <Field label="From, to">
                    <DateRangeInput value=range on_change=move |new| range.set(new) texts=date_texts() label="Period" />
                </Field>
                <Field label="Amount" hint=Some("12.8万 and 3k are understood".to_owned())>
                    <MoneyInput value=money on_change=move |new| money.set(new) currency=currency unreadable="This is not an amount." />
                </Field>
                <Field label="Phone">
                    <PhoneInput value=phone on_change=move |new| phone.set(new) prefixes=prefixes prefix_label="Country" />
                </Field>
                <div class="whole">
                    <Field label="Remark">
                        <TextArea value=long on_change=move |new| long.set(new) />
                    </Field>
                </div>
            </div>
            <div class="row gap-l">
                <Checkbox checked=on on_change=move |new| on.set(new) label="Ticked" />
                <Checkbox checked=false on_change=move |_| {} label="Partly" partly=true />
                <Checkbox checked=true on_change=move |_| {} label="Disabled" disabled=true />
                <Switch on=on on_change=move |new| on.set(new) label="On or off" />
                <Switch on=false on_change=move |_| {} label="Disabled" disabled=true />
                <RadioGroup
                    value=city on_change=move |new| city.set(new) label="City" inline=true
                    choices=vec![Choice::new("ningbo", "宁波"), Choice::new("suzhou", "苏州"), Choice::new("foshan", "佛山").disabled()]
                />
            </div>
            <FileDrop on_files=UnsyncCallback::new(|_| {}) label="Drop a file here, or choose one" hint=Some("CSV up to 100 MB".to_owned()) accept=".csv" />
        </Shelf>
    }
}
