//! The texts of the app. `t!("area.key")` and `tf!("area.key", name = value)` are checked when the app is
//! compiled: a key that no locale file has does not build. The texts themselves are loaded for the
//! languages that somebody speaks: `static/boot.js` knows where from.

use std::cell::Cell;
use std::fmt::Display;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A language of the app, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Chinese in simplified characters.
    ZhHans,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub(crate) const ALL: [Self; 2] = [Self::ZhHans, Self::En];

    /// Its BCP 47 tag, as the API and `Intl` know it.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::En => "en",
        }
    }

    /// Its own name for itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::ZhHans => "简体中文",
            Self::En => "English",
        }
    }

    /// The language that best fits a tag: `zh-CN` is Chinese, everything unknown is English.
    pub(crate) fn fitting(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") {
            Self::ZhHans
        } else {
            Self::En
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::ZhHans => 0,
            Self::En => 1,
        }
    }
}

/// The keys of a language in their order, each with its text.
type Table = &'static [(&'static str, &'static str)];

thread_local! {
    static LANG: Cell<Lang> = const { Cell::new(Lang::ZhHans) };
    static TABLES: Cell<[Table; Lang::ALL.len()]> = const { Cell::new([&[]; Lang::ALL.len()]) };
}

/// Whether the texts of a language are here.
pub(crate) fn knows(lang: Lang) -> bool {
    !table(lang).is_empty()
}

fn table(lang: Lang) -> Table {
    TABLES.get().get(lang.index()).copied().unwrap_or_default()
}

/// Takes the texts of a language: the version of their keys, then line by line a key and its text.
/// `false` when they are not the texts of this app but of a newer or an older one.
pub(crate) fn learn(lang: Lang, texts: String) -> bool {
    // They stay for as long as the page does.
    let mut lines = String::leak(texts).lines();
    if lines.next() != Some(VERSION) {
        return false;
    }
    let table: Vec<_> = lines.filter_map(|line| line.split_once('\t')).collect();
    if table.len() != COUNT {
        return false;
    }
    let mut tables = TABLES.get();
    if let Some(place) = tables.get_mut(lang.index()) {
        *place = Vec::leak(table);
    }
    TABLES.set(tables);
    true
}

/// Loads the texts of a language. `false` when they did not come.
pub(crate) async fn load(lang: Lang) -> bool {
    knows(lang)
        || match fetch(lang).await {
            Ok(texts) => texts.as_string().is_some_and(|texts| learn(lang, texts)),
            Err(_) => false,
        }
}

async fn fetch(lang: Lang) -> Result<JsValue, JsValue> {
    let fetch: Function = Reflect::get(&js_sys::global(), &"kehuTexts".into())?.dyn_into()?;
    let promise = fetch.call1(&JsValue::UNDEFINED, &lang.tag().into())?;
    JsFuture::from(Promise::resolve(&promise)).await
}

/// The language that the app speaks now.
pub(crate) fn lang() -> Lang {
    LANG.get()
}

/// Makes the app speak another language; what is drawn already is drawn anew by the root.
pub(crate) fn set_lang(lang: Lang) {
    LANG.set(lang);
}

/// The place of a key in the table. Only for [`t!`] and [`tf!`], which call it at compile time.
#[expect(
    clippy::indexing_slicing,
    reason = "a const fn has no `get`, and the bounds hold"
)]
#[expect(clippy::panic, reason = "it stops the build, not the app")]
pub(crate) const fn index_of(key: &str) -> usize {
    let (mut low, mut high) = (0, COUNT);
    while low < high {
        let middle = usize::midpoint(low, high);
        match compare(KEYS[middle].as_bytes(), key.as_bytes()) {
            0 => return middle,
            -1 => low = middle + 1,
            _ => high = middle,
        }
    }
    panic!("no locale file has this key")
}

#[expect(
    clippy::indexing_slicing,
    reason = "a const fn has no `get`, and the bounds hold"
)]
const fn compare(left: &[u8], right: &[u8]) -> i8 {
    let mut at = 0;
    while at < left.len() && at < right.len() {
        if left[at] != right[at] {
            return if left[at] < right[at] { -1 } else { 1 };
        }
        at += 1;
    }
    if left.len() == right.len() {
        0
    } else if left.len() < right.len() {
        -1
    } else {
        1
    }
}

/// The text at a place of the table.
pub(crate) fn text_at(index: usize) -> &'static str {
    let found = table(lang()).get(index);
    found.map(|(_, text)| *text).unwrap_or_default()
}

/// The text of a key that is made at run time, from a declaration or a code of the server.
pub(crate) fn find(key: &str) -> Option<&'static str> {
    let table = table(lang());
    let at = table
        .binary_search_by(|(known, _)| (*known).cmp(key))
        .ok()?;
    table.get(at).map(|(_, text)| *text)
}

/// The text at a place of the table with its placeholders filled. `{n|record|records}` becomes the
/// first word for one and the second for other numbers.
pub(crate) fn filled(index: usize, values: &[(&str, &dyn Display)]) -> String {
    fill(text_at(index), values)
}

/// Fills the placeholders of a text.
pub(crate) fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        let mut parts = inside.split('|');
        let name = parts.next().unwrap_or_default();
        let value = values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.to_string())
            .unwrap_or_default();
        match (parts.next(), parts.next()) {
            (Some(one), Some(many)) => out.push_str(if value == "1" { one } else { many }),
            _ => out.push_str(&value),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// A text of the app.
#[macro_export]
macro_rules! t {
    ($key:literal) => {{
        const INDEX: usize = $crate::i18n::index_of($key);
        $crate::i18n::text_at(INDEX)
    }};
}

/// A text of the app with its placeholders filled.
#[macro_export]
macro_rules! tf {
    ($key:literal, $($name:ident = $value:expr),* $(,)?) => {{
        const INDEX: usize = $crate::i18n::index_of($key);
        $crate::i18n::filled(INDEX, &[$((stringify!($name), &$value)),*])
    }};
}
