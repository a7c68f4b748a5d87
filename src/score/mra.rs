//! Mean relative accuracy: the share of ten confidence thresholds that a number is within.

/// `1 - theta` for ten thetas from 0.5 to 0.95, evenly spaced in f64: some lie an ulp or two off their decimals, and an
/// error at such a bound is in or out by that.
const OFFICIAL_BOUNDS: [f64; 10] = [
    0.5,
    0.44999999999999996,
    0.4,
    0.35,
    0.30000000000000004,
    0.25,
    0.19999999999999996,
    0.15000000000000002,
    0.10000000000000009,
    0.050000000000000044,
];

/// Added to the truth where [`Mra::Strict`] divides by it.
const STRICT_EPSILON: f32 = 1e-8;

/// Two ways to reckon mean relative accuracy; they differ where an error lies on a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mra {
    /// VSI-Bench's: `|p - g| / g <= 1 - theta` in f64.
    Official,
    /// Spatial-MLLM's: `|p - g| / (|g| + 1e-8) < 1 - theta` in f32.
    Strict,
}

impl Mra {
    /// The mark of `predicted` where `truth` is right: 0, 0.1 ... 1. NaN and infinities score 0; so does anything where
    /// the official rule would divide by zero or by a negative truth.
    pub fn score(self, predicted: f64, truth: f64) -> f64 {
        if !predicted.is_finite() || !truth.is_finite() {
            return 0.0;
        }
        let within = match self {
            Mra::Official if truth <= 0.0 => 0,
            Mra::Official => {
                let error = (predicted - truth).abs() / truth;
                OFFICIAL_BOUNDS.iter().filter(|bound| error <= **bound).count()
            }
            Mra::Strict => {
                let (predicted, truth) = (predicted as f32, truth as f32);
                let error = (predicted - truth).abs() / (truth.abs() + STRICT_EPSILON);
                (0..10).filter(|&step| error < 1.0 - strict_theta(step)).count()
            }
        };
        within as f64 / 10.0
    }
}

fn strict_theta(step: u8) -> f32 {
    (0.5 + 0.05 * f64::from(step)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_give_the_published_marks() {
        let cases = [
            (3.0, 4.0, 0.6, 0.5),
            (2.0, 4.0, 0.1, 0.0),
            (6.0, 4.0, 0.1, 0.0),
            (2.9, 2.6, 0.8, 0.8),
            (1.0, 2.0, 0.1, 0.0),
            (5.0, 4.0, 0.6, 0.5),
            (11.0, 10.0, 0.9, 0.9),
            (19.0, 10.0, 0.0, 0.0),
            (4.0, 4.0, 1.0, 1.0),
        ];
        for (predicted, truth, official, strict) in cases {
            assert_eq!(Mra::Official.score(predicted, truth), official, "{predicted} for {truth}");
            assert_eq!(Mra::Strict.score(predicted, truth), strict, "{predicted} for {truth}");
        }
    }

    #[test]
    fn the_bounds_are_what_an_even_spacing_in_f64_gives() {
        let step = (0.95 - 0.5) / 9.0;
        for (i, bound) in OFFICIAL_BOUNDS.iter().enumerate() {
            let theta = if i == 9 { 0.95 } else { i as f64 * step + 0.5 };
            assert_eq!(1.0 - theta, *bound, "{i}");
        }
    }

    #[test]
    fn what_is_no_number_or_has_no_ratio_scores_nothing() {
        for mra in [Mra::Official, Mra::Strict] {
            for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(mra.score(odd, 2.0), 0.0);
                assert_eq!(mra.score(2.0, odd), 0.0);
            }
            assert_eq!(mra.score(f64::MAX, f64::MIN_POSITIVE), 0.0);
        }
        assert_eq!(Mra::Official.score(0.0, 0.0), 0.0);
        assert_eq!(Mra::Official.score(5.0, -1.0), 0.0);
        assert_eq!(Mra::Strict.score(0.0, 0.0), 1.0);
    }
}
