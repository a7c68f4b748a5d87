//! What lenses do to directions: three models, each there and back.
//!
//! A point (x, y, z) in camera coordinates has the direction a = x/z, b = y/z, at r = √(a² + b²) from the axis. A lens
//! moves it to (a', b'), and the pixel is u = fx a' + cx, v = fy b' + cy. Names and order of the coefficients are those
//! of ROS (`sensor_msgs/CameraInfo`, `distortion_model` and `D`), the formulas those of OpenCV (`calib3d`):
//!
//! | model | coefficients in order | formula |
//! |---|---|---|
//! | `plumb_bob` | k1 k2 p1 p2 k3 | q = 1 + k1 r² + k2 r⁴ + k3 r⁶; a' = a q + 2 p1 a b + p2 (r² + 2a²), b' = b q + p1 (r² + 2b²) + 2 p2 a b |
//! | `rational_polynomial` | k1 k2 p1 p2 k3 k4 k5 k6 | as `plumb_bob`, with q divided by 1 + k4 r² + k5 r⁴ + k6 r⁶ |
//! | `equidistant` | k1 k2 k3 k4 | θ = atan r, θ' = θ (1 + k1 θ² + k2 θ⁴ + k3 θ⁶ + k4 θ⁸); a' = a θ'/r, b' = b θ'/r |
//!
//! `equidistant` is the fisheye model of Kannala and Brandt, OpenCV's `cv::fisheye`.
//!
//! A polynomial that fits the middle of an image turns back farther out: directions beyond the turn would land on
//! pixels that are taken. Each lens therefore knows its reach, up to which a' rises with r. Beyond it nothing is
//! projected, and a pixel that no direction within it leads to has no ray. No reach is wider than [`MAX_SLOPE`].

use crate::error::{Error, Result};

/// The steepest direction a lens is asked for, x/z: 89.7° off the axis. Depth along the axis says nothing beyond.
pub const MAX_SLOPE: f64 = 200.0;

/// Coefficients beyond this are taken for a mistake.
const MAX_COEFFICIENT: f64 = 1000.0;

/// The most coefficients of any model.
const MOST_COEFFICIENTS: usize = 8;

/// Which formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DistortionModel {
    /// Radial and tangential: k1 k2 p1 p2 k3. All zero is a pinhole.
    #[default]
    PlumbBob,
    /// Radial as a quotient, and tangential: k1 k2 p1 p2 k3 k4 k5 k6.
    RationalPolynomial,
    /// Fisheye: k1 k2 k3 k4. All zero is the equidistant fisheye, θ' = θ.
    Equidistant,
}

impl DistortionModel {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::PlumbBob, Self::RationalPolynomial, Self::Equidistant];

    /// The word ROS has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::PlumbBob => "plumb_bob",
            Self::RationalPolynomial => "rational_polynomial",
            Self::Equidistant => "equidistant",
        }
    }

    /// Reads the word ROS has for it.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|model| model.word() == word).ok_or_else(|| {
            Error::argument(format!(
                "distortion model is \"{word}\", expected \"plumb_bob\", \"rational_polynomial\" or \"equidistant\""
            ))
        })
    }

    /// The names of its coefficients, in the order of ROS.
    pub fn coefficient_names(self) -> &'static [&'static str] {
        const NAMES: [&str; MOST_COEFFICIENTS] = ["k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"];
        match self {
            Self::PlumbBob => &NAMES[..5],
            Self::RationalPolynomial => &NAMES,
            Self::Equidistant => &["k1", "k2", "k3", "k4"],
        }
    }
}

/// A lens: a model with its coefficients. The default is a pinhole, which moves nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distortion {
    model: DistortionModel,
    /// In the order of ROS, then zeros.
    coefficients: [f64; MOST_COEFFICIENTS],
    /// The largest r, or for `equidistant` θ, that is projected.
    reach: f64,
    is_none: bool,
}

impl Default for Distortion {
    fn default() -> Self {
        Self {
            model: DistortionModel::PlumbBob,
            coefficients: [0.0; MOST_COEFFICIENTS],
            reach: f64::INFINITY,
            is_none: true,
        }
    }
}

impl Distortion {
    /// A lens of this model. Refuses a number of coefficients that is not the model's, and coefficients that are not
    /// finite or beyond ±1000.
    pub fn new(model: DistortionModel, coefficients: &[f64]) -> Result<Self> {
        let names = model.coefficient_names();
        if coefficients.len() != names.len() {
            return Err(Error::argument(format!(
                "{} has {} coefficients, expected {} ({})",
                model.word(),
                coefficients.len(),
                names.len(),
                names.join(", ")
            )));
        }
        for (name, k) in names.iter().zip(coefficients) {
            if !(k.is_finite() && k.abs() <= MAX_COEFFICIENT) {
                return Err(Error::argument(format!("distortion {name} is {k}, expected −1000 to 1000")));
            }
        }
        if model != DistortionModel::Equidistant && coefficients.iter().all(|k| *k == 0.0) {
            return Ok(Self { model, ..Self::default() });
        }
        let mut padded = [0.0; MOST_COEFFICIENTS];
        padded[..coefficients.len()].copy_from_slice(coefficients);
        Ok(Self { model, coefficients: padded, reach: reach_of(model, &padded), is_none: false })
    }

    /// `plumb_bob` from k1, k2, p1, p2, k3.
    pub fn plumb_bob(coefficients: [f64; 5]) -> Result<Self> {
        Self::new(DistortionModel::PlumbBob, &coefficients)
    }

    /// `rational_polynomial` from k1, k2, p1, p2, k3, k4, k5, k6.
    pub fn rational_polynomial(coefficients: [f64; 8]) -> Result<Self> {
        Self::new(DistortionModel::RationalPolynomial, &coefficients)
    }

    /// `equidistant` from k1, k2, k3, k4.
    pub fn equidistant(coefficients: [f64; 4]) -> Result<Self> {
        Self::new(DistortionModel::Equidistant, &coefficients)
    }

    /// Which formula.
    pub fn model(&self) -> DistortionModel {
        self.model
    }

    /// As many as the model has, in the order of ROS.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients[..self.model.coefficient_names().len()]
    }

    /// True when it moves nothing: a pinhole.
    pub fn is_none(&self) -> bool {
        self.is_none
    }

    /// Where the direction (x/z, y/z) appears; `None` beyond the reach of the lens.
    #[inline]
    pub fn distort(&self, direction: [f64; 2]) -> Option<[f64; 2]> {
        if self.is_none {
            return Some(direction);
        }
        let r = direction[0].hypot(direction[1]);
        if self.model == DistortionModel::Equidistant {
            let theta = r.atan();
            let scale = if r > 1e-12 { self.radial(theta)[0] / r } else { 1.0 };
            return (theta <= self.reach).then(|| direction.map(|along| along * scale));
        }
        (r <= self.reach).then(|| self.bend(direction))
    }

    /// The direction (x/z, y/z) that appears at (a', b'); `None` where no direction within reach does.
    pub fn undistort(&self, seen: [f64; 2]) -> Option<[f64; 2]> {
        if self.is_none {
            return Some(seen);
        }
        let r_seen = seen[0].hypot(seen[1]);
        if self.model == DistortionModel::Equidistant {
            let theta = self.inner(r_seen, 1e-14)?;
            let scale = if r_seen > 1e-12 { theta.tan() / r_seen } else { 1.0 };
            return Some(seen.map(|along| along * scale));
        }
        let start = |r: f64| if r_seen > 1e-12 { seen.map(|along| along * r / r_seen) } else { seen };
        if self.coefficients[2..4] == [0.0; 2] {
            return self.inner(r_seen, 1e-14).map(start);
        }
        // Tangential terms are small: without them the pixel tells where to begin, or that it is just out of reach.
        let start = start(self.inner(r_seen, 1e-3).unwrap_or(0.999 * self.reach));
        self.refine(seen, start)
    }

    /// Newton's method in the plane, steps halved until they help.
    fn refine(&self, seen: [f64; 2], start: [f64; 2]) -> Option<[f64; 2]> {
        let miss = |at: [f64; 2]| {
            let [a, b] = self.bend(at);
            [a - seen[0], b - seen[1]]
        };
        let square = |[a, b]: [f64; 2]| a * a + b * b;
        let within = |at: [f64; 2]| square(at) <= self.reach * self.reach;
        let scale = 1.0 + square(seen);
        let (mut at, mut error) = (start, miss(start));
        for _ in 0..30 {
            if square(error) <= 1e-26 * scale {
                break;
            }
            let [[aa, ab], [ba, bb]] = self.slopes(at);
            let determinant = aa * bb - ab * ba;
            let step = [(bb * error[0] - ab * error[1]) / determinant, (aa * error[1] - ba * error[0]) / determinant];
            let halved = (0..12).map(|halvings| 0.5f64.powi(halvings));
            let better = halved.map(|share| [at[0] - share * step[0], at[1] - share * step[1]]).find_map(|next| {
                let left = miss(next);
                (within(next) && square(left) < square(error)).then_some((next, left))
            });
            let Some(next) = better else { break };
            (at, error) = next;
        }
        (within(at) && square(error) <= 1e-18 * scale).then_some(at)
    }

    /// `plumb_bob` and `rational_polynomial`, whatever the reach.
    #[inline]
    fn bend(&self, [a, b]: [f64; 2]) -> [f64; 2] {
        let [k1, k2, p1, p2, k3, k4, k5, k6] = self.coefficients;
        let s = a * a + b * b;
        let mut q = 1.0 + s * (k1 + s * (k2 + s * k3));
        if self.model == DistortionModel::RationalPolynomial {
            q /= 1.0 + s * (k4 + s * (k5 + s * k6));
        }
        [a * q + 2.0 * p1 * a * b + p2 * (s + 2.0 * a * a), b * q + p1 * (s + 2.0 * b * b) + 2.0 * p2 * a * b]
    }

    /// Derivatives of [`Self::bend`]: da'/da, da'/db; db'/da, db'/db.
    fn slopes(&self, [a, b]: [f64; 2]) -> [[f64; 2]; 2] {
        let [_, _, p1, p2, ..] = self.coefficients;
        let [q, dq] = self.quotient(a * a + b * b);
        let across = 2.0 * a * b * dq + 2.0 * p1 * a + 2.0 * p2 * b;
        [
            [q + 2.0 * a * a * dq + 2.0 * p1 * b + 6.0 * p2 * a, across],
            [across, q + 2.0 * b * b * dq + 6.0 * p1 * b + 2.0 * p2 * a],
        ]
    }

    /// q of the formulas at s = r², and its derivative by s.
    fn quotient(&self, s: f64) -> [f64; 2] {
        let [k1, k2, _, _, k3, k4, k5, k6] = self.coefficients;
        let (above, d_above) = (1.0 + s * (k1 + s * (k2 + s * k3)), k1 + s * (2.0 * k2 + s * 3.0 * k3));
        let (below, d_below) = (1.0 + s * (k4 + s * (k5 + s * k6)), k4 + s * (2.0 * k5 + s * 3.0 * k6));
        [above / below, (d_above * below - above * d_below) / (below * below)]
    }

    /// How far from the centre a direction at `x` (r, or θ of a fisheye) appears, and the derivative.
    fn radial(&self, x: f64) -> [f64; 2] {
        let s = x * x;
        if self.model == DistortionModel::Equidistant {
            let [k1, k2, k3, k4, ..] = self.coefficients;
            return [
                x * (1.0 + s * (k1 + s * (k2 + s * (k3 + s * k4)))),
                1.0 + s * (3.0 * k1 + s * (5.0 * k2 + s * (7.0 * k3 + s * 9.0 * k4))),
            ];
        }
        let [q, dq] = self.quotient(s);
        [x * q, q + 2.0 * s * dq]
    }

    /// The r (or θ) that appears this far from the centre: Newton's method between bounds that close in. `None` beyond
    /// the reach.
    fn inner(&self, seen: f64, tolerance: f64) -> Option<f64> {
        let (mut low, mut high) = (0.0, self.reach);
        if seen.is_nan() || seen > self.radial(high)[0] {
            return None;
        }
        let mut x = seen.clamp(low, high);
        for _ in 0..100 {
            let [reached, slope] = self.radial(x);
            let error = reached - seen;
            if error > 0.0 {
                high = x
            } else {
                low = x
            }
            let next = x - error / slope;
            let next = if next >= low && next <= high { next } else { 0.5 * (low + high) };
            if (next - x).abs() <= tolerance * (1.0 + x) {
                return Some(next);
            }
            x = next;
        }
        Some(x)
    }
}

/// Where the radial part stops rising, or [`MAX_SLOPE`].
fn reach_of(model: DistortionModel, k: &[f64; MOST_COEFFICIENTS]) -> f64 {
    let [k1, k2, p1, p2, k3, k4, k5, k6] = *k;
    if model == DistortionModel::Equidistant {
        let [k1, k2, k3, k4] = [k1, k2, p1, p2];
        let widest = MAX_SLOPE.atan();
        return first_root(&[1.0, 3.0 * k1, 5.0 * k2, 7.0 * k3, 9.0 * k4], widest * widest).map_or(widest, f64::sqrt);
    }
    let (above, below) = ([1.0, k1, k2, k3], [1.0, k4, k5, k6]);
    // d(r·above/below)/dr has the sign of (above + 2 s above')·below − 2 s above·below', with s = r².
    let mut rises = [0.0; 7];
    for (i, up) in above.iter().enumerate() {
        for (j, down) in below.iter().enumerate() {
            rises[i + j] += (1.0 + 2.0 * i as f64 - 2.0 * j as f64) * up * down;
        }
    }
    let limit = MAX_SLOPE * MAX_SLOPE;
    let turn = first_root(&rises, limit).unwrap_or(limit);
    let pole = first_root(&below, limit).unwrap_or(limit);
    turn.min(pole).sqrt()
}

/// The smallest root of a polynomial in (0, limit], given by ascending powers; its value at 0 is positive.
fn first_root(polynomial: &[f64], limit: f64) -> Option<f64> {
    roots(polynomial, limit).first().copied()
}

/// The places in (0, limit] where a polynomial changes its sign, ascending: between two of them its derivative changes its.
fn roots(polynomial: &[f64], limit: f64) -> Vec<f64> {
    let value = |s: f64| polynomial.iter().rev().fold(0.0, |sum, k| sum * s + k);
    if polynomial.len() < 2 {
        return Vec::new();
    }
    let derivative: Vec<f64> = polynomial.iter().enumerate().skip(1).map(|(i, k)| i as f64 * k).collect();
    let mut borders = roots(&derivative, limit);
    borders.push(limit);
    let mut found = Vec::new();
    let mut from = 0.0;
    for to in borders {
        let (mut low, mut high) = (from, to);
        let sign = value(low) > 0.0;
        if sign != (value(high) > 0.0) {
            for _ in 0..200 {
                let middle = 0.5 * (low + high);
                if (value(middle) > 0.0) == sign { low = middle } else { high = middle }
            }
            found.push(low);
        }
        from = to;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lenses() -> [Distortion; 5] {
        [
            Distortion::plumb_bob([-0.28, 0.07, 1e-3, -5e-4, 0.0]),
            Distortion::plumb_bob([0.1, -0.5, 2e-3, 1e-3, 0.0]),
            Distortion::rational_polynomial([1.417, 0.532, -1e-4, 3e-5, 0.0206, 1.751, 0.891, 0.1317]),
            Distortion::equidistant([-0.0074, 0.0432, -0.0401, 0.00715]),
            Distortion::equidistant([0.0; 4]),
        ]
        .map(|lens| lens.expect("a lens"))
    }

    #[test]
    fn what_a_lens_moves_comes_back_from_everywhere_within_its_reach() {
        for lens in lenses() {
            let rim = if lens.model() == DistortionModel::Equidistant { lens.reach.tan() } else { lens.reach };
            let rim = rim.min(20.0);
            for i in 0..400 {
                let (r, about) = (rim * 0.98 * f64::from(i) / 400.0, f64::from(i) * 0.7);
                let direction = [r * about.cos(), r * about.sin()];
                let seen = lens.distort(direction).expect("within reach");
                let back = lens.undistort(seen).unwrap_or_else(|| panic!("{lens:?} loses {direction:?}"));
                let off = (back[0] - direction[0]).hypot(back[1] - direction[1]);
                assert!(off < 1e-8 * (1.0 + r * r), "{lens:?}: {direction:?} is {off} off");
            }
        }
    }

    #[test]
    fn directions_beyond_the_turn_are_not_projected_and_pixels_beyond_it_have_no_ray() {
        // r (1 + 0.1 r² − 0.5 r⁴) rises while 1 + 0.3 s − 2.5 s² > 0.
        let lens = Distortion::plumb_bob([0.1, -0.5, 0.0, 0.0, 0.0]).expect("a lens");
        let turn = ((0.3 + (0.09f64 + 10.0).sqrt()) / 5.0).sqrt();
        assert!((lens.reach - turn).abs() < 1e-12, "{} {turn}", lens.reach);
        assert!(lens.distort([turn + 1e-6, 0.0]).is_none() && lens.distort([turn - 1e-6, 0.0]).is_some());
        let rim = lens.distort([0.0, turn - 1e-9]).expect("within reach")[1];
        assert!(lens.undistort([0.0, rim + 1e-6]).is_none() && lens.undistort([rim - 1e-6, 0.0]).is_some());
        // Tangential terms move the rim a little, and what is far beyond it is still beyond.
        let lens = Distortion::plumb_bob([0.1, -0.5, 1e-3, 1e-3, 0.0]).expect("a lens");
        assert!(lens.undistort([rim + 0.05, 0.0]).is_none() && lens.undistort([rim - 0.05, 0.0]).is_some());
    }

    #[test]
    fn a_divisor_that_comes_to_nothing_ends_the_reach() {
        let lens = Distortion::rational_polynomial([0.0, 0.0, 0.0, 0.0, 0.0, -0.25, 0.0, 0.0]).expect("a lens");
        assert!((lens.reach - 2.0).abs() < 1e-9, "{}", lens.reach);
        assert!(lens.distort([2.1, 0.0]).is_none() && lens.undistort([1e9, 0.0]).is_some());
    }

    #[test]
    fn a_fisheye_ends_where_depth_along_the_axis_does() {
        let lens = Distortion::equidistant([0.0; 4]).expect("a lens");
        let at = |degrees: f64| lens.undistort([degrees.to_radians(), 0.0]).map(|ray| ray[0]);
        assert!((at(60.0).expect("in front") - 3f64.sqrt()).abs() < 1e-12);
        assert!(at(89.0).is_some() && at(90.0).is_none() && at(120.0).is_none());
        assert_eq!(lens.undistort([0.0; 2]), Some([0.0; 2]));
        assert!(lens.undistort([f64::NAN, 0.0]).is_none());
    }

    #[test]
    fn what_is_no_lens_is_refused_with_its_name_or_number() {
        let refusal = |model, k: &[f64]| Distortion::new(model, k).expect_err("no lens").to_string();
        assert!(refusal(DistortionModel::PlumbBob, &[0.0, f64::NAN, 0.0, 0.0, 0.0]).contains("k2 is NaN"));
        assert!(refusal(DistortionModel::Equidistant, &[0.0, 0.0, 0.0, 1e9]).contains("k4 is 1000000000"));
        let sentence = refusal(DistortionModel::Equidistant, &[0.0; 5]);
        assert!(sentence.contains("5 coefficients, expected 4 (k1, k2, k3, k4)"), "{sentence}");
        assert!(DistortionModel::parse("fov").expect_err("no model").to_string().contains("\"fov\""));
        for model in DistortionModel::ALL {
            assert_eq!(DistortionModel::parse(model.word()).expect("its word"), model);
        }
    }
}
