//! The addresses of the app, and the state of a list that its address carries.

use kehu_client::transport::encode;

/// A page of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The first screen.
    Workbench,
    /// The records of a kind.
    List(String),
    /// A form for a new one.
    New(String),
    /// One record.
    Record(String, String),
    /// The form of one record.
    Edit(String, String),
    /// A page of the settings; empty for the first.
    Settings(String),
    /// Finance's desk.
    Finance,
    /// Importing files.
    Import,
    /// The parts that pages are made of.
    Gallery,
    /// The first run.
    Start,
    /// Nothing lies here.
    Nowhere,
}

impl Route {
    /// Reads a path.
    pub(crate) fn read(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let kind =
            |plural: &str| kehu_domain::kinds::by_plural(plural).map(|def| def.plural.to_owned());
        match parts.as_slice() {
            [] => Self::Workbench,
            ["start"] => Self::Start,
            ["ui"] => Self::Gallery,
            ["finance"] => Self::Finance,
            ["import"] => Self::Import,
            ["settings"] => Self::Settings(String::new()),
            ["settings", section] => Self::Settings((*section).to_owned()),
            [plural] => kind(plural).map_or(Self::Nowhere, Self::List),
            [plural, "new"] => kind(plural).map_or(Self::Nowhere, Self::New),
            [plural, id] => kind(plural).map_or(Self::Nowhere, |plural| {
                Self::Record(plural, (*id).to_owned())
            }),
            [plural, id, "edit"] => {
                kind(plural).map_or(Self::Nowhere, |plural| Self::Edit(plural, (*id).to_owned()))
            }
            _ => Self::Nowhere,
        }
    }

    /// The plural of the kind that the page is about; empty for none.
    pub(crate) fn plural(&self) -> &str {
        match self {
            Self::List(plural)
            | Self::New(plural)
            | Self::Record(plural, _)
            | Self::Edit(plural, _) => plural,
            _ => "",
        }
    }
}

/// The address of one record.
pub(crate) fn record(plural: &str, id: &str) -> String {
    format!("/{plural}/{id}")
}

/// The state of a list: everything that its address carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// The tab: the code of a built-in view or the id of a saved one; empty for the first.
    pub(crate) view: String,
    /// The filter on top of the view's.
    pub(crate) filter: String,
    /// The order; empty for the view's.
    pub(crate) sort: String,
    /// Words to find.
    pub(crate) q: String,
    /// The columns, separated by commas; empty for the view's.
    pub(crate) columns: String,
    /// The record that is shown beside the list.
    pub(crate) peek: String,
    /// The trash.
    pub(crate) trashed: bool,
    /// How opportunities are shown: `board`, `list`, `forecast`; empty for the board.
    pub(crate) show: String,
    /// The pipeline of the board; empty for the default one.
    pub(crate) pipeline: String,
    /// How many months the forecast has; empty for three.
    pub(crate) months: String,
}

impl ListState {
    /// Reads the query of an address.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| get(name).unwrap_or_default();
        Self {
            view: text("view"),
            filter: text("filter"),
            sort: text("sort"),
            q: text("q"),
            columns: text("columns"),
            peek: text("peek"),
            trashed: text("trashed") == "true",
            show: text("show"),
            pipeline: text("pipeline"),
            months: text("months"),
        }
    }

    /// The address of the list in this state.
    pub(crate) fn href(&self, plural: &str) -> String {
        let mut url = format!("/{plural}");
        let mut separator = '?';
        let trashed = if self.trashed { "true" } else { "" };
        for (name, value) in [
            ("view", self.view.as_str()),
            ("filter", &self.filter),
            ("sort", &self.sort),
            ("q", &self.q),
            ("columns", &self.columns),
            ("peek", &self.peek),
            ("trashed", trashed),
            ("show", &self.show),
            ("pipeline", &self.pipeline),
            ("months", &self.months),
        ] {
            if !value.is_empty() {
                url.push(separator);
                url.push_str(name);
                url.push('=');
                url.push_str(&encode(value));
                separator = '&';
            }
        }
        url
    }
}
