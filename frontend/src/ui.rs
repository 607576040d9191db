//! The design system: parts that know how to look and behave, and nothing about customers.
//!
//! Every text comes in as a prop, already translated. Colours, sizes and times come from the tokens
//! in `frontend/styles/00-tokens.css`. The page `/ui` shows every part in every state.

pub mod anchored;
pub mod avatar;
pub mod badge;
pub mod breadcrumbs;
pub mod button;
pub mod calendar;
pub mod card;
pub mod checkbox;
pub mod combobox;
pub mod date_input;
pub mod date_text;
pub mod dialog;
pub mod dom;
pub mod field;
pub mod file_drop;
pub mod form;
pub mod gallery;
pub mod icon;
pub mod input;
pub mod layout;
pub mod listbox;
pub mod load_more;
pub mod menu;
pub mod money_input;
pub mod money_text;
pub mod multi_select;
pub mod popover;
pub mod progress;
pub mod select;
pub mod sheet;
pub mod states;
pub mod table;
pub mod table_head;
pub mod table_state;
pub mod tabs;
pub mod timeline;
pub mod toast;
pub mod tone;
pub mod tooltip;
pub mod tree;

/// Everything a page needs to draw itself with these parts.
pub mod prelude {
    pub use super::{
        anchored::{Anchored, Placement},
        avatar::{Avatar, AvatarSize, Person},
        badge::{Badge, Chip, Count},
        breadcrumbs::{Breadcrumbs, Crumb},
        button::{Button, ButtonKind, ButtonLink, IconButton},
        calendar::DateTexts,
        card::Card,
        checkbox::{Checkbox, Radio, RadioGroup, Switch},
        combobox::Combobox,
        date_input::{DateInput, DateRangeInput, DateTimeInput},
        dialog::{Dialog, DialogWidth},
        field::Field,
        file_drop::FileDrop,
        form::Form,
        icon::{Glyph, Icon},
        input::{TextArea, TextInput},
        layout::{Fact, Facts, Figure, PageHead, Step, Steps},
        listbox::ListTexts,
        load_more::LoadMore,
        menu::{Menu, MenuItem},
        money_input::{MoneyInput, PhoneInput},
        money_text::Currency,
        multi_select::MultiSelect,
        popover::Popover,
        progress::{ProgressBar, Spinner},
        select::{Choice, Select},
        sheet::{Sheet, SheetMode},
        states::{EmptyState, Note, ProblemState, Skeleton, SkeletonRows},
        table::{DataTable, TableTexts},
        table_head::{ColumnChooser, ColumnTexts},
        table_state::{Column, Row, Sort, TableState},
        tabs::{Segment, Tab, TabPanel, Tabs},
        timeline::{Timeline, TimelineDay, TimelineItem},
        toast::{ToastHost, Toasts, provide_toasts, use_toasts},
        tone::Tone,
        tooltip::Tooltip,
        tree::{NodeView, Tree, TreeNode},
    };
}
