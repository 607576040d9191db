//! The one place that reads the clock.

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::expr::ExprCtx;

/// The moment, to the microsecond, as both databases keep it.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.with_nanosecond(now.nanosecond() / 1000 * 1000)
        .unwrap_or(now)
}

/// The day that it is in the workspace.
#[must_use]
pub fn today(ctx: &Ctx) -> NaiveDate {
    ExprCtx::of(ctx).today()
}
