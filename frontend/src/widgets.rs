//! Parts that know records. Pages compose them.

pub mod actions;
pub mod bulk_bar;
pub mod cells;
pub mod composer;
pub mod conditions;
pub mod convert;
pub mod field_input;
pub mod filter_bar;
pub mod form;
pub mod form_rules;
pub mod frame;
pub mod help;
pub mod keys;
pub mod kinds;
pub mod listing;
pub mod load;
pub mod lookups;
pub mod palette;
pub mod peek;
pub mod pickers;
pub mod record_view;
pub mod settings_kind;
pub mod texts;
pub mod timeline_view;
pub mod view_tabs;
pub mod views;
