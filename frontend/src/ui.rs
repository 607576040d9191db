//! The design system: parts that know how to look and behave, and nothing about customers.
//!
//! Every text comes in as a prop, already translated. Colours, sizes and times come from the tokens
//! in `frontend/styles/00-tokens.css`. The page `/ui` shows every part in every state.

pub mod anchored;
pub mod avatar;
pub mod badge;
pub mod breadcrumbs;
pub mod button;
pub mod card;
pub mod checkbox;
pub mod dialog;
pub mod dom;
pub mod field;
pub mod gallery;
pub mod icon;
pub mod input;
pub mod menu;
pub mod progress;
pub mod select;
pub mod sheet;
pub mod states;
pub mod tabs;
pub mod toast;
pub mod tone;
pub mod tooltip;

/// Everything a page needs to draw itself with these parts.
pub mod prelude {
    pub use super::{
        anchored::{Anchored, Placement},
        avatar::{Avatar, Person},
        badge::{Badge, Chip, Count},
        breadcrumbs::{Breadcrumbs, Crumb},
        button::{Button, ButtonKind, ButtonLink, IconButton},
        card::Card,
        checkbox::{Checkbox, Radio, RadioGroup, Switch},
        dialog::Dialog,
        field::Field,
        icon::{Glyph, Icon},
        input::{TextArea, TextInput},
        menu::{Menu, MenuItem},
        progress::{ProgressBar, Spinner},
        select::{Choice, Select},
        sheet::Sheet,
        states::{EmptyState, Note, ProblemState, Skeleton, SkeletonRows},
        tabs::{Segment, Tab, TabPanel, Tabs},
        toast::{ToastHost, Toasts, provide_toasts, use_toasts},
        tone::Tone,
        tooltip::Tooltip,
    };
}
