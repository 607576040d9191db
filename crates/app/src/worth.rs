//! What currencies are worth in the workspace's own on a day, asked for the days that matter.

use chrono::NaiveDate;
use iso_currency::Currency;
use kehu_domain::ctx::Ctx;
use kehu_domain::exchange::MILLION;
use kehu_persistence::db::Session;
use kehu_persistence::money::{self, Rates};

use crate::error::AppError;

/// The rates of the days that were asked for.
pub(crate) struct Worth {
    own: Currency,
    rates: Rates,
}

impl Worth {
    /// Asks for the rates of these currencies on these days; the workspace's own needs none.
    ///
    /// # Errors
    /// When storage fails.
    pub(crate) async fn ask(
        session: &Session,
        ctx: &Ctx,
        wanted: &[(Currency, NaiveDate)],
    ) -> Result<Self, AppError> {
        let own = ctx.workspace.currency;
        let foreign: Vec<(&str, NaiveDate)> = wanted
            .iter()
            .filter(|(currency, _)| *currency != own)
            .map(|(currency, day)| (currency.code(), *day))
            .collect();
        let rates = money::rates(session, ctx.workspace.id, &foreign).await?;
        Ok(Self { own, rates })
    }

    /// What one major unit of a currency is worth on a day that was asked for, in millionths of the
    /// workspace's own; `None` when nobody has said.
    pub(crate) fn of(&self, currency: Currency, day: NaiveDate) -> Option<i64> {
        if currency == self.own {
            return Some(MILLION);
        }
        self.rates.of(currency.code(), day)
    }
}
