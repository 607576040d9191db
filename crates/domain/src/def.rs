//! How a kind of record declares itself: a [`Def`], readable as a table.
//!
//! The engine (lists, forms, storage, import, the API's description) works from this declaration
//! alone; it knows no kind by name.

mod fields;

use crate::capabilities::Capabilities;
use crate::record::Record;

pub use self::fields::{
    basis_points, boolean, choice, date, dictionary, email, int, json, lines, long_text,
    millionths, money, phone, reference, references, tags, text, texts, time, url,
};

/// One kind of record.
#[derive(Debug)]
pub struct Def {
    /// The noun in the singular, `snake_case`: `lead`.
    pub kind: &'static str,
    /// The noun in the plural as it stands in addresses, kebab-case: `dictionary-entries`.
    pub plural: &'static str,
    /// The table it is stored in.
    pub table: &'static str,
    /// Its own fields. [`BASE`] comes on top for every kind.
    pub fields: &'static [Field],
    /// The fields that name a record to a person; the first that has a value is its title.
    pub title: &'static [&'static str],
    /// Who sees and who changes its records.
    pub visibility: Visibility,
    /// What must hold between several fields; the engine has checked each by itself before.
    pub check: Check,
    /// What it can beside what every kind can.
    pub can: Capabilities,
}

/// What must hold between the fields of a record as it will be stored. `before` is what is stored
/// now; `None` when the record is new.
pub type Check = fn(before: Option<&Record>, after: &Record) -> Vec<FieldProblem>;

/// For kinds whose fields are right each by themselves.
#[must_use]
pub const fn no_check(_before: Option<&Record>, _after: &Record) -> Vec<FieldProblem> {
    Vec::new()
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldProblem {
    /// Where: a JSON pointer into the body, `/email`.
    pub pointer: String,
    /// What: a code that the app translates, `required`.
    pub code: &'static str,
    /// Figures for the text: `{"max": 120}`.
    pub params: serde_json::Value,
}

impl FieldProblem {
    /// A problem of the field `name` at the top of the body.
    #[must_use]
    pub fn new(name: &str, code: &'static str) -> Self {
        Self {
            pointer: format!("/{name}"),
            code,
            params: serde_json::Value::Null,
        }
    }

    /// The same with figures for its text.
    #[must_use]
    pub fn with(self, params: serde_json::Value) -> Self {
        Self { params, ..self }
    }
}

/// Who sees and who changes the records of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// By `owner_id` and the reach of the role; collaborators (`collaborator_ids`) and, while the
    /// record has no owner, the members of its pool (`pool_id`) see it too, where the kind has
    /// these fields.
    Owned,
    /// Whoever sees one of the records that it belongs to sees it, and so does its owner
    /// (`owner_id`, where the kind has it): (field, kind of the record it names).
    Through(&'static [(&'static str, &'static str)]),
    /// Every member of the workspace sees it; who administers changes it.
    Workspace,
    /// Every member of the workspace sees it and makes new ones; who administers changes them.
    Common,
    /// Its owner sees and changes it; with `shared` set, every member sees it.
    Personal,
    /// Whoever sees one of the records that it belongs to reads it; nobody writes it but the
    /// operations that make it (an allocation, a change of stage): (field, kind of the record).
    Ledger(&'static [(&'static str, &'static str)]),
    /// A row of one of these records, read by whoever sees that and written with it alone; its changes
    /// are told by the log of that record: (field, kind of the record).
    Within(&'static [(&'static str, &'static str)]),
}

/// One field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the API, in filters and in the table, `snake_case`.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// Whether a record must have it.
    pub required: bool,
    /// Who sets it.
    pub write: Write,
    /// Whether lists can be sorted by it.
    pub sortable: bool,
    /// Whether the words of it are found by search.
    pub searchable: bool,
    /// Whether it tells something of a person that not everybody should read (contact data).
    pub sensitive: bool,
    /// Whether two records with the same value are certainly the same (after normalisation).
    pub duplicate_key: bool,
    /// Whether no two records of the workspace (outside the trash) may have the same value.
    pub unique: Unique,
    /// The value of a new record that does not give one.
    pub default: Default,
    /// The section of the form that shows it.
    pub section: Section,
    /// What a whole number counts.
    pub scale: Scale,
    /// Whether money may be in another currency than the workspace's: the kind keeps the rate of
    /// the day beside it.
    pub foreign: bool,
    /// Where the record that it names must have the same customer (`customer_id`), as far as both are
    /// known: the code of the problem when it has another.
    pub same_customer: Option<&'static str>,
}

/// What a whole number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Ones.
    One,
    /// Hundredths of a percent: 1300 is 13 %.
    BasisPoints,
    /// Millionths: `2_500_000` is 2.5.
    Millionths,
}

/// Among which records a value may stand only once; records in the trash do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// As often as one likes.
    No,
    /// Once in the workspace.
    Workspace,
    /// Once among the records with the same value of this other field.
    Within(&'static str),
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// One line of text, at most so many characters.
    Text(usize),
    /// Text of several lines, at most so many characters.
    LongText(usize),
    /// An email address, kept as written, compared in lower case.
    Email,
    /// A telephone number, kept in E.164 (`+8613800138000`, an extension as `;ext=12`).
    Phone,
    /// An address on the web, `http` or `https`.
    Url,
    /// A whole number from .. to.
    Int(i64, i64),
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// A moment.
    Time,
    /// An amount of money, not below zero. Stored in two columns: `x` (minor units) and
    /// `x_currency`.
    Money,
    /// One of these codes.
    Choice(&'static [&'static str]),
    /// A code of the workspace's dictionary of this name.
    Dictionary(&'static str),
    /// The id of a record of this kind.
    Ref(&'static str),
    /// The ids of several records of this kind.
    Refs(&'static str),
    /// The names of tags.
    Tags,
    /// Several short texts.
    Texts,
    /// A structure that the kind's check knows.
    Json,
    /// The lines of a document: a structure whose entries are rows of their own
    /// ([`crate::document_line`]), and no column of the document.
    Lines,
}

impl Type {
    /// Whether the value is a structure of JSON, which nothing is compared with.
    #[must_use]
    pub const fn is_structure(self) -> bool {
        matches!(self, Self::Json | Self::Lines)
    }

    /// Whether the value is a list of texts, kept in `list_values` too so that filters find it.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Refs(_) | Self::Tags | Self::Texts)
    }
}

/// Who sets a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Whoever may write the record.
    Body,
    /// Whoever makes the record; afterwards only the kind's own operations (`transfer`, `claim`).
    Create,
    /// Only the kind's own operations.
    Operation,
    /// Only the engine.
    Engine,
}

/// The value of a new record that does not give one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// None.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A choice or another text.
    Text(&'static str),
    /// The id of the person who makes it.
    Actor,
    /// The moment it is made.
    Now,
}

/// The section of the form that shows a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What it is.
    Main,
    /// How to reach them.
    Contact,
    /// Where they are.
    Address,
    /// What they are like.
    Profile,
    /// Who handles it, and its state.
    Handling,
    /// Everything else.
    More,
}

impl Field {
    pub(crate) const fn of(ty: Type) -> Self {
        Self {
            name: "",
            ty,
            required: false,
            write: Write::Body,
            sortable: false,
            searchable: false,
            sensitive: false,
            duplicate_key: false,
            unique: Unique::No,
            default: Default::Null,
            section: Section::Main,
            scale: Scale::One,
            foreign: false,
            same_customer: None,
        }
    }

    /// The same field with its name; [`crate::record!`] calls this.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }
    /// A record must have it.
    #[must_use]
    pub const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
    /// Lists can be sorted by it.
    #[must_use]
    pub const fn sortable(self) -> Self {
        Self {
            sortable: true,
            ..self
        }
    }
    /// Search finds its words.
    #[must_use]
    pub const fn searchable(self) -> Self {
        Self {
            searchable: true,
            ..self
        }
    }
    /// Not everybody should read it.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self {
            sensitive: true,
            ..self
        }
    }
    /// Two records with the same value are certainly the same.
    #[must_use]
    pub const fn duplicate_key(self) -> Self {
        Self {
            duplicate_key: true,
            ..self
        }
    }
    /// No two records of a workspace have the same value.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self {
            unique: Unique::Workspace,
            ..self
        }
    }
    /// No two records with the same value of the field `other` have the same value.
    #[must_use]
    pub const fn unique_within(self, other: &'static str) -> Self {
        Self {
            unique: Unique::Within(other),
            ..self
        }
    }
    /// Set when the record is made, afterwards by the kind's operations only.
    #[must_use]
    pub const fn on_create(self) -> Self {
        Self {
            write: Write::Create,
            ..self
        }
    }
    /// Set by the kind's operations only.
    #[must_use]
    pub const fn by_operation(self) -> Self {
        Self {
            write: Write::Operation,
            ..self
        }
    }
    /// Set by the engine only.
    #[must_use]
    pub const fn by_engine(self) -> Self {
        Self {
            write: Write::Engine,
            ..self
        }
    }
    /// The value of a new record that does not give one.
    #[must_use]
    pub const fn default(self, default: Default) -> Self {
        Self { default, ..self }
    }
    /// Money in any currency.
    #[must_use]
    pub const fn foreign(self) -> Self {
        Self {
            foreign: true,
            ..self
        }
    }
    /// A record of the same customer; `code` is the problem of one of another.
    #[must_use]
    pub const fn same_customer(self, code: &'static str) -> Self {
        Self {
            same_customer: Some(code),
            ..self
        }
    }
    /// The section of the form that shows it.
    #[must_use]
    pub const fn section(self, section: Section) -> Self {
        Self { section, ..self }
    }
    /// Whether lists can be filtered by it.
    #[must_use]
    pub const fn is_filterable(&self) -> bool {
        !self.ty.is_structure()
    }
    /// Whether a body may give it for a new record.
    #[must_use]
    pub const fn on_new(&self) -> bool {
        matches!(self.write, Write::Body | Write::Create)
    }
    /// Whether a patch may change it.
    #[must_use]
    pub const fn on_patch(&self) -> bool {
        matches!(self.write, Write::Body)
    }
}

/// The fields that every record of every kind has, before its own.
pub const BASE: &[Field] = &[
    Field {
        section: Section::More,
        ..reference("").by_engine().named("id")
    },
    int(1, i64::MAX)
        .by_engine()
        .section(Section::More)
        .named("version"),
    time()
        .by_engine()
        .sortable()
        .section(Section::More)
        .named("created_at"),
    reference("user")
        .by_engine()
        .section(Section::More)
        .named("created_by"),
    time()
        .by_engine()
        .sortable()
        .section(Section::More)
        .named("updated_at"),
    reference("user")
        .by_engine()
        .section(Section::More)
        .named("updated_by"),
    time()
        .by_engine()
        .section(Section::More)
        .named("deleted_at"),
];

impl Def {
    /// Every field of the kind: [`BASE`], then its own.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        BASE.iter().chain(self.fields)
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.all_fields().find(|field| field.name == name)
    }

    /// Whether the kind has a field of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// What its records belong to: the field, and the kind of the record that it names.
    #[must_use]
    pub fn above(&self) -> Vec<(&'static str, &'static Def)> {
        match self.visibility {
            Visibility::Through(ways) | Visibility::Ledger(ways) | Visibility::Within(ways) => {
                let ways = ways.iter();
                let above =
                    ways.filter_map(|(field, kind)| Some((*field, crate::kinds::find(kind)?)));
                above.collect()
            }
            Visibility::Owned
            | Visibility::Workspace
            | Visibility::Common
            | Visibility::Personal => Vec::new(),
        }
    }

    /// Whether its records are made and changed by operations alone, never by a body.
    #[must_use]
    pub const fn is_ledger(&self) -> bool {
        matches!(
            self.visibility,
            Visibility::Ledger(_) | Visibility::Within(_)
        )
    }

    /// Whether its records are rows of another, whose log tells of them.
    #[must_use]
    pub const fn is_within(&self) -> bool {
        matches!(self.visibility, Visibility::Within(_))
    }

    /// The field that holds its lines, where it has some.
    #[must_use]
    pub fn lines(&self) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.ty == Type::Lines)
    }

    /// The text that names this record to a person; empty when it has none.
    #[must_use]
    pub fn title_of<'a>(&self, record: &'a Record) -> &'a str {
        self.title
            .iter()
            .find_map(|name| record.get(name).as_text())
            .unwrap_or("")
    }

    /// The noun in the plural as it stands in names of operations: `dictionary_entries`.
    #[must_use]
    pub fn plural_snake(&self) -> String {
        self.plural.replace('-', "_")
    }
}
