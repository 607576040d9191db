//! The design system: parts that know how to look and behave, and nothing about customers.
//!
//! Every text comes in as a prop, already translated. Colours, sizes and times come from the tokens
//! in `frontend/styles/00-tokens.css`. The page `/ui` shows every part in every state.

pub mod anchored;
pub mod avatar;
pub mod axis;
pub mod badge;
pub mod bar_chart;
pub mod breadcrumbs;
pub mod button;
pub mod calendar;
pub mod card;
pub mod chart;
pub mod chart_export;
pub mod checkbox;
pub mod combobox;
pub mod date_input;
pub mod date_text;
pub mod decimal_input;
pub mod dialog;
pub mod dom;
pub mod donut_chart;
pub mod field;
pub mod file_drop;
pub mod form;
pub mod funnel_chart;
pub mod gallery;
pub mod gauge;
pub mod heat_map;
pub mod icon;
pub mod input;
pub mod kanban;
pub mod layout;
pub mod line_chart;
pub mod listbox;
pub mod load_more;
pub mod menu;
pub mod money_input;
pub mod money_text;
pub mod month_view;
pub mod multi_select;
pub mod org_chart;
pub mod popover;
pub mod progress;
pub mod scale;
pub mod select;
pub mod sheet;
pub mod sparkline;
pub mod states;
pub mod table;
pub mod table_head;
pub mod table_state;
pub mod tabs;
pub mod timeline;
pub mod toast;
pub mod tone;
pub mod tooltip;
pub mod touch_drag;
pub mod tree;

/// Everything a page needs to draw itself with these parts.
pub mod prelude {
    pub use super::{
        anchored::{Anchored, Placement},
        avatar::{Avatar, AvatarSize, Person},
        badge::{Badge, Chip, Count},
        bar_chart::{BarChart, BarLayout},
        breadcrumbs::{Breadcrumbs, Crumb},
        button::{Button, ButtonKind, ButtonLink, IconButton},
        calendar::DateTexts,
        card::Card,
        chart::{ChartFormat, ChartFrame, ChartTexts, Series},
        chart_export::save_text,
        checkbox::{Checkbox, Radio, RadioGroup, Switch},
        combobox::{Combobox, debounced},
        date_input::{DateInput, DateRangeInput, DateTimeInput},
        decimal_input::DecimalInput,
        dialog::{Dialog, DialogWidth},
        donut_chart::DonutChart,
        field::Field,
        file_drop::FileDrop,
        form::Form,
        funnel_chart::{FunnelChart, FunnelStep},
        gauge::Gauge,
        heat_map::HeatMap,
        icon::{Glyph, Icon},
        input::{TextArea, TextInput},
        kanban::{CardView, Kanban, KanbanCard, KanbanColumn, KanbanTexts, Move},
        layout::{Fact, Facts, Figure, PageHead, Step, Steps},
        line_chart::LineChart,
        listbox::ListTexts,
        load_more::LoadMore,
        menu::{Menu, MenuItem},
        money_input::{MoneyInput, PhoneInput},
        money_text::{Currency, show_decimal},
        month_view::{CalendarEvent, CalendarSpan, MonthView},
        multi_select::MultiSelect,
        org_chart::OrgChart,
        popover::Popover,
        progress::{ProgressBar, Spinner},
        select::{Choice, Select},
        sheet::{Sheet, SheetMode},
        sparkline::Sparkline,
        states::{EmptyState, Note, ProblemState, Skeleton, SkeletonRows},
        table::{DataTable, TableTexts},
        table_head::{ColumnChooser, ColumnTexts},
        table_state::{Column, Row, Sort, TableState},
        tabs::{Segment, Tab, TabPanel, Tabs},
        timeline::{Timeline, TimelineDay, TimelineItem},
        toast::{ToastHost, Toasts, provide_toasts, use_toasts},
        tone::Tone,
        tooltip::Tooltip,
        tree::{NodeMove, NodeView, Tree, TreeNode},
    };
}
