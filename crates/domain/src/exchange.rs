//! Exact arithmetic on amounts: rounding, rates of exchange, and spreading a sum over parts.

use iso_currency::Currency;

use crate::money::{MAX_AMOUNT, Money, decimals};

/// One whole in millionths: quantities, prices of one and rates are counted so.
pub const MILLION: i64 = 1_000_000;

/// All of it in basis points.
pub const WHOLE: i64 = 10_000;

/// Divides and rounds half away from zero (四舍五入). `None` when the divisor is not above zero.
#[must_use]
pub fn divide_rounded(dividend: i128, divisor: i128) -> Option<i128> {
    if divisor <= 0 {
        return None;
    }
    let half = divisor / 2 + divisor % 2;
    let whole = dividend.checked_div(divisor)?;
    let rest = dividend.checked_rem(divisor)?.abs();
    Some(if rest >= half {
        whole + dividend.signum()
    } else {
        whole
    })
}

/// The number as an amount, when it is within [`MAX_AMOUNT`] in both directions.
#[must_use]
pub fn amount(number: i128) -> Option<i64> {
    i64::try_from(number)
        .ok()
        .filter(|amount| (-MAX_AMOUNT..=MAX_AMOUNT).contains(amount))
}

/// The amount in another currency, at `rate` millionths of its major unit for one major unit of
/// the amount's own, rounded half away from zero. `None` when it is beyond [`MAX_AMOUNT`].
#[must_use]
pub fn convert(money: Money, rate: i64, into: Currency) -> Option<Money> {
    let up = 10_i128.checked_pow(decimals(into))?;
    let down = 10_i128.checked_pow(decimals(money.currency))?;
    let product = i128::from(money.amount)
        .checked_mul(i128::from(rate))?
        .checked_mul(up)?;
    let converted = divide_rounded(product, down.checked_mul(i128::from(MILLION))?)?;
    Some(Money {
        amount: amount(converted)?,
        currency: into,
    })
}

/// Spreads `total` over parts in proportion to their weights, so that the shares sum to it exactly:
/// each gets the whole units due to it, and those with the largest remainders one more (the method
/// of the largest remainder; among equal ones the earlier part). All shares are 0 when the weights
/// sum to 0. Weights and total are not below 0.
#[must_use]
pub fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 {
        return vec![0; weights.len()];
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given: i128 = 0;
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(total) * i128::from(*weight);
        given += product / sum;
        shares.push(product / sum);
        remainders.push((product % sum, index));
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(i128::from(total) - given).unwrap_or(0);
    for (_, index) in remainders.into_iter().take(left) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares
        .into_iter()
        .map(|share| i64::try_from(share).unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let cases = [
            (5, 2, 3),
            (-5, 2, -3),
            (4, 3, 1),
            (5, 3, 2),
            (-4, 3, -1),
            (1, 2, 1),
            (0, 7, 0),
        ];
        for (dividend, divisor, rounded) in cases {
            assert_eq!(
                divide_rounded(dividend, divisor),
                Some(rounded),
                "{dividend}/{divisor}"
            );
        }
        assert_eq!(divide_rounded(1, 0), None);
    }

    #[test]
    fn an_amount_is_converted_at_its_rate() {
        let money = |amount, currency| Money { amount, currency };
        let dollars = money(100, Currency::USD);
        assert_eq!(
            convert(dollars, 7_123_456, Currency::CNY),
            Some(money(712, Currency::CNY))
        );
        // Yen have no minor unit.
        let yen = money(1_000, Currency::JPY);
        assert_eq!(
            convert(yen, 48_250, Currency::CNY),
            Some(money(4_825, Currency::CNY))
        );
        assert_eq!(
            convert(dollars, 155_500_000, Currency::JPY),
            Some(money(156, Currency::JPY))
        );
        assert_eq!(
            convert(money(MAX_AMOUNT, Currency::USD), 7_000_000, Currency::CNY),
            None
        );
    }

    #[test]
    fn the_largest_remainders_get_the_odd_units() {
        assert_eq!(spread(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(spread(10, &[60, 30, 10]), [6, 3, 1]);
        assert_eq!(spread(7, &[0, 0]), [0, 0]);
        assert_eq!(spread(1, &[1, 2]), [0, 1]);
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_total(total in 0..=MAX_AMOUNT, weights in prop::collection::vec(0..MAX_AMOUNT, 1..20)) {
            let shares = spread(total, &weights);
            let expected = if weights.iter().all(|w| *w == 0) { 0 } else { total };
            prop_assert_eq!(shares.iter().map(|s| i128::from(*s)).sum::<i128>(), i128::from(expected));
            prop_assert!(shares.iter().all(|share| *share >= 0));
        }
    }
}
