//! The words that the parts of the design system ask for.

use crate::i18n::lang;
use crate::t;
use crate::ui::prelude::{ChartTexts, DateTexts, ListTexts};

/// Around lists of choices.
pub(crate) fn list_texts() -> ListTexts {
    ListTexts {
        loading: t!("common.loading").to_owned(),
        nothing: t!("common.nothing_fits").to_owned(),
        clear: t!("common.clear").to_owned(),
        create: t!("common.create").to_owned(),
    }
}

/// Around calendars.
pub(crate) fn date_texts() -> DateTexts {
    DateTexts {
        locale: lang().tag().to_owned(),
        open: t!("common.calendar_open").to_owned(),
        previous: t!("common.month_before").to_owned(),
        next: t!("common.month_after").to_owned(),
        today: t!("common.today").to_owned(),
        clear: t!("common.clear").to_owned(),
        from: t!("common.from").to_owned(),
        to: t!("common.to").to_owned(),
        time: t!("common.time").to_owned(),
        unreadable: t!("common.date_unreadable").to_owned(),
    }
}

/// Around charts.
pub(crate) fn chart_texts() -> ChartTexts {
    ChartTexts {
        table: t!("chart.table").to_owned(),
        chart: t!("chart.chart").to_owned(),
        more: t!("list.more_actions").to_owned(),
        png: t!("chart.png").to_owned(),
        csv: t!("chart.csv").to_owned(),
    }
}
