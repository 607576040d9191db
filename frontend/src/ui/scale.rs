//! Scales: from figures to places on the page, with round marks. Pure.

/// A scale from figures to pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// The smallest figure.
    pub low: f64,
    /// The largest figure.
    pub high: f64,
    /// The pixel of the smallest figure.
    pub from: f64,
    /// The pixel of the largest figure.
    pub to: f64,
}

impl Scale {
    /// The pixel of a figure.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let span = self.high - self.low;
        if span == 0.0 {
            self.from
        } else {
            self.from + (value - self.low) / span * (self.to - self.from)
        }
    }
}

/// Round marks that cover everything from `low` to `high`, zero included: about `wanted` of them.
#[must_use]
pub fn marks(low: f64, high: f64, wanted: u32) -> Vec<f64> {
    let (low, high) = (low.min(0.0), high.max(0.0));
    let span = if high > low { high - low } else { 1.0 };
    let rough = span / f64::from(wanted.max(1));
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|round| round * power)
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * power);
    let mut at = (low / step).floor() * step;
    let mut list = vec![at];
    while at < high - step * 1e-9 || list.len() < 2 {
        at += step;
        list.push(if at.abs() < step * 1e-9 { 0.0 } else { at });
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_cover_everything() {
        assert_eq!(marks(0.0, 97.0, 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(marks(-3.0, 7.0, 5), [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(marks(0.0, 0.0, 4), [0.0, 0.25]);
        for high in [0.003, 1.0, 12.0, 999.0, 1_234_567.0] {
            let list = marks(0.0, high, 4);
            assert!(
                list.last().is_some_and(|last| *last >= high * 0.999_999),
                "{high}: {list:?}"
            );
            assert!(list.len() <= 7, "{high}: {list:?}");
        }
    }

    #[test]
    fn a_scale_places_its_ends_and_survives_having_no_span() {
        let scale = Scale {
            low: 0.0,
            high: 10.0,
            from: 100.0,
            to: 0.0,
        };
        assert_eq!(
            (scale.place(0.0), scale.place(10.0), scale.place(5.0)),
            (100.0, 0.0, 50.0)
        );
        assert_eq!(
            Scale {
                low: 1.0,
                high: 1.0,
                from: 7.0,
                to: 9.0
            }
            .place(1.0),
            7.0
        );
    }
}
