//! Depth that is affine and inverse, made metric: `value = a / z + b` with two unknowns.

use super::cues::SparsePoint;
use super::robust::median;
use crate::error::{Error, Result};

/// The two numbers, and how sure they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InverseAlignment {
    /// `a`, value times metre; above 0.
    pub scale: f64,
    /// `b`, value.
    pub shift: f64,
    /// Standard deviations of both.
    pub sigma: [f64; 2],
    /// How far values are off in the middle, as a share of `a / z`.
    pub residual: f64,
    /// Points that it is made of.
    pub points: usize,
}

const ROUNDS: usize = 30;
const HUBER: f64 = 1.345;
const LEAST_POINTS: usize = 6;

impl InverseAlignment {
    /// From values at points that another sensor measured: (value, point). Points at one distance alone tell no shift. Fails for
    /// fewer than six points, points that cannot be, and points that do not tell both numbers.
    pub fn from_points(seen: &[(f64, SparsePoint)]) -> Result<Self> {
        if seen.len() < LEAST_POINTS {
            return Err(Error::argument(format!("{} points, expected {LEAST_POINTS} or more", seen.len())));
        }
        let is_point =
            |(value, point): &(f64, SparsePoint)| value.is_finite() && point.z_m > 0.0 && point.z_m.is_finite();
        if let Some((value, point)) = seen.iter().find(|one| !is_point(one)) {
            return Err(Error::argument(format!("value {value} at {} m, expected finite and above 0 m", point.z_m)));
        }
        let pairs: Vec<(f64, f64)> = seen.iter().map(|(value, point)| (point.z_m.recip(), *value)).collect();
        let told = || Error::argument("the points do not tell scale and shift: expected several distances");
        let mut weights = vec![1.0; pairs.len()];
        let mut line = (0.0, 0.0);
        let mut spread = 0.0;
        for _ in 0..ROUNDS {
            line = weighted_line(&pairs, &weights).ok_or_else(told)?;
            let off = |&(q, value): &(f64, f64)| value - line.0 * q - line.1;
            spread = 1.4826 * median(pairs.iter().map(|pair| off(pair).abs()).collect()).unwrap_or(0.0);
            let scale = spread.max(1e-12 * line.0.abs()).max(f64::MIN_POSITIVE);
            weights = pairs.iter().map(|pair| HUBER / (off(pair).abs() / scale).max(HUBER)).collect();
        }
        let (scale, shift) = line;
        if !(scale > 0.0 && scale.is_finite() && shift.is_finite()) {
            return Err(told());
        }
        let total: f64 = weights.iter().sum();
        let mean: f64 = pairs.iter().zip(&weights).map(|((q, _), w)| w * q).sum::<f64>() / total;
        let across: f64 = pairs.iter().zip(&weights).map(|((q, _), w)| w * (q - mean).powi(2)).sum();
        let sigma = [spread / across.sqrt(), spread * (total.recip() + mean * mean / across).sqrt()];
        let size = median(pairs.iter().map(|(q, _)| scale * q).collect()).unwrap_or(1.0);
        Ok(Self { scale, shift, sigma, residual: spread / size, points: seen.len() })
    }

    /// Metres of a value; none where it says no distance that can be.
    pub fn metres(&self, value: f64) -> Option<f64> {
        let inverse = (value - self.shift) / self.scale;
        (inverse > 0.0 && inverse.is_finite()).then(|| inverse.recip())
    }
}

/// Slope and intercept of least squares; none where all stand on one place.
fn weighted_line(pairs: &[(f64, f64)], weights: &[f64]) -> Option<(f64, f64)> {
    let total: f64 = weights.iter().sum();
    let mean =
        |of: fn(&(f64, f64)) -> f64| pairs.iter().zip(weights).map(|(pair, w)| w * of(pair)).sum::<f64>() / total;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut across, mut both) = (0.0, 0.0);
    for (pair, w) in pairs.iter().zip(weights) {
        across += w * (pair.0 - x) * (pair.0 - x);
        both += w * (pair.0 - x) * (pair.1 - y);
    }
    (across > 1e-12 * total * x * x).then(|| (both / across, y - both / across * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_shift_are_found_though_a_fifth_of_the_points_lies() {
        let point = |z_m: f64| SparsePoint { pixel: [0.0, 0.0], z_m, sigma_m: 0.01 };
        let seen: Vec<_> = (0..50)
            .map(|k| {
                let z_m = 0.8 + 0.1 * f64::from(k);
                let wobble = 0.002 * f64::from(k * 7 % 5 - 2);
                let value = if k % 5 == 3 { 40.0 } else { 12.0 / z_m + 3.0 + wobble };
                (value, point(z_m))
            })
            .collect();
        let found = InverseAlignment::from_points(&seen).expect("points");
        assert!((found.scale - 12.0).abs() < 0.05 && (found.shift - 3.0).abs() < 0.02, "{found:?}");
        assert!((found.metres(12.0 / 2.5 + 3.0).expect("a distance") - 2.5).abs() < 0.02);
        assert_eq!(found.metres(2.0), None);
        let at_one: Vec<_> = (0..9).map(|_| (5.0, point(2.0))).collect();
        assert!(InverseAlignment::from_points(&at_one).is_err());
        assert!(InverseAlignment::from_points(&seen[..3]).is_err());
    }
}
