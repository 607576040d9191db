//! Money: a whole number of minor units and an ISO 4217 currency; never a float.

use iso_currency::Currency;

/// Amounts stay below this bound in both directions (2^53 − 1), so that every client, those that
/// compute in double precision included, reads them exactly.
pub const MAX_AMOUNT: i64 = 9_007_199_254_740_991;

/// An amount in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units (cents, 分; whole yen).
    pub amount: i64,
    /// The ISO 4217 currency.
    pub currency: Currency,
}

/// The currency with this ISO 4217 code, in capitals.
#[must_use]
pub fn currency(code: &str) -> Option<Currency> {
    Currency::from_code(code)
}

/// How many decimal places the currency's minor unit has: 2 for CNY, 0 for JPY. Currencies without
/// one (gold, test codes) have 0.
#[must_use]
pub fn decimals(currency: Currency) -> u32 {
    currency.exponent().map_or(0, u32::from)
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// It is not a decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// It has more decimal places than the currency.
    #[error("more decimal places than the currency has")]
    TooManyDecimals,
    /// It is beyond [`MAX_AMOUNT`].
    #[error("beyond the largest amount")]
    TooLarge,
}

/// Reads an amount in major units ("1200.5", "-3") exactly into minor units.
///
/// # Errors
/// When the text is no decimal number, is finer than the currency's minor unit, or is beyond
/// [`MAX_AMOUNT`].
pub fn parse_major(text: &str, currency: Currency) -> Result<Money, AmountError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(AmountError::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let places = usize::try_from(decimals(currency)).unwrap_or(0);
    if fraction.len() > places {
        return Err(AmountError::TooManyDecimals);
    }
    let minor = format!("{whole}{fraction:0<places$}");
    let amount: i64 = minor
        .parse()
        .ok()
        .filter(|a| *a <= MAX_AMOUNT)
        .ok_or(AmountError::TooLarge)?;
    Ok(Money {
        amount: if negative { -amount } else { amount },
        currency,
    })
}

/// Writes an amount in major units, as [`parse_major`] reads it: "1200.5", "-3".
#[must_use]
pub fn format_major(money: Money) -> String {
    let places = usize::try_from(decimals(money.currency)).unwrap_or(0);
    let digits = format!(
        "{:0>width$}",
        money.amount.unsigned_abs(),
        width = places + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let sign = if money.amount < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_units_are_read_exactly() {
        let cny = Currency::CNY;
        assert_eq!(
            parse_major("1200.5", cny),
            Ok(Money {
                amount: 120_050,
                currency: cny
            })
        );
        assert_eq!(
            parse_major("-3", cny),
            Ok(Money {
                amount: -300,
                currency: cny
            })
        );
        assert_eq!(
            parse_major("5.10000", cny),
            Ok(Money {
                amount: 510,
                currency: cny
            })
        );
        assert_eq!(parse_major("7", Currency::JPY).map(|m| m.amount), Ok(7));
    }

    #[test]
    fn major_units_are_written_as_they_are_read() {
        for (amount, currency, text) in [
            (120_050, Currency::CNY, "1200.5"),
            (-300, Currency::CNY, "-3"),
            (5, Currency::CNY, "0.05"),
            (-5, Currency::CNY, "-0.05"),
            (0, Currency::CNY, "0"),
            (7, Currency::JPY, "7"),
            (MAX_AMOUNT, Currency::CNY, "90071992547409.91"),
        ] {
            let money = Money { amount, currency };
            assert_eq!(format_major(money), text);
            assert_eq!(parse_major(text, currency), Ok(money));
        }
    }

    #[test]
    fn what_is_finer_than_the_minor_unit_is_refused() {
        assert_eq!(
            parse_major("0.001", Currency::CNY),
            Err(AmountError::TooManyDecimals)
        );
        assert_eq!(
            parse_major("0.5", Currency::JPY),
            Err(AmountError::TooManyDecimals)
        );
        assert_eq!(
            parse_major("1e3", Currency::CNY),
            Err(AmountError::NotANumber)
        );
        assert_eq!(
            parse_major("99999999999999999999", Currency::CNY),
            Err(AmountError::TooLarge)
        );
    }
}
