//! Days and moments of a workspace.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::ctx::Ctx;
use crate::expr::ExprCtx;

impl ExprCtx {
    /// For a request. A time zone that there is not counts as UTC.
    #[must_use]
    pub fn of(ctx: &Ctx) -> Self {
        Self {
            now: ctx.now,
            time_zone: ctx.workspace.time_zone.parse().unwrap_or(Tz::UTC),
            currency: ctx.workspace.currency,
            me: ctx.actor.user_id,
            veils: std::sync::Arc::clone(ctx.actor.rights.veils()),
        }
    }

    /// The day that it is in the workspace.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.time_zone).date_naive()
    }

    /// The moment at which a day begins in the workspace: midnight, or the first moment after it
    /// where clocks are set forward at midnight.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        (0..=24 * 4)
            .filter_map(|quarters| midnight.checked_add_signed(Duration::minutes(15 * quarters)))
            .find_map(|local| self.time_zone.from_local_datetime(&local).earliest())
            // No zone leaves out a whole day but at the date line, where the next one is meant.
            .unwrap_or_else(|| {
                let next = midnight.checked_add_days(Days::new(1)).unwrap_or(midnight);
                self.time_zone.from_utc_datetime(&next)
            })
            .to_utc()
    }
}
