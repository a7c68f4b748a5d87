//! Depth against depth: the relative error and the share of pixels within a quarter, as papers on monocular depth give
//! them.
//!
//! For a pixel whose depth is `p` and should be `g`, over the pixels that have both:
//!
//! - AbsRel is the mean of `|p - g| / g`;
//! - delta 1 is the share of pixels with `max(p / g, g / p) < 1.25`.
//!
//! Both are from D. Eigen, C. Puhrsch and R. Fergus, "Depth map prediction from a single image using a multi-scale deep
//! network", NIPS 2014, section 4.2. Releases differ in what they leave out first (a crop, a greatest depth) and in whether
//! a relative depth is fitted to the truth before; here nothing is left out but pixels without depth, and nothing is
//! fitted: metres are compared with metres. As in the releases, a figure for many pictures is the mean of the pictures'.

use crate::error::{Error, Result};

/// How far `max(p / g, g / p)` may go for a pixel to be within the first delta.
pub const DELTA1_BOUND: f64 = 1.25;

/// How well one depth image fits another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthScore {
    /// Mean of |p - g| / g.
    pub abs_rel: f64,
    /// Share of pixels with max(p / g, g / p) < 1.25, in [0, 1].
    pub delta1: f64,
    /// Pixels compared.
    pub compared: usize,
    /// Pixels that have a truth, compared or not.
    pub with_truth: usize,
}

impl DepthScore {
    /// Marks `predicted_m` where `truth_m` is right: metres, pixel for pixel; what is not finite or not above 0 is no
    /// depth. `None` if no pixel has both. Fails if there are not as many of one as of the other.
    pub fn of(predicted_m: &[f32], truth_m: &[f32]) -> Result<Option<Self>> {
        check_lengths(predicted_m, truth_m)?;
        let (mut relative, mut within, mut compared, mut with_truth) = (0.0, 0usize, 0usize, 0usize);
        for (&p, &g) in predicted_m.iter().zip(truth_m).filter(|(_, g)| is_depth(**g)) {
            with_truth += 1;
            if is_depth(p) {
                let (p, g) = (f64::from(p), f64::from(g));
                compared += 1;
                relative += (p - g).abs() / g;
                within += usize::from((p / g).max(g / p) < DELTA1_BOUND);
            }
        }
        let count = compared as f64;
        let score = Self { abs_rel: relative / count, delta1: within as f64 / count, compared, with_truth };
        Ok((compared > 0).then_some(score))
    }
}

/// How well one depth image orders pixels as another does: Spearman's rank correlation, -1 to 1, of the pixels that are
/// finite and above 0 in both; equal ones share the mean of their ranks. It asks for neither scale nor shift. `None` of
/// fewer than two pixels, and where all of one are equal. Fails as [`DepthScore::of`].
pub fn rank_correlation(a: &[f32], b: &[f32]) -> Result<Option<f64>> {
    check_lengths(a, b)?;
    let both: Vec<(f32, f32)> =
        a.iter().copied().zip(b.iter().copied()).filter(|&(a, b)| is_depth(a) && is_depth(b)).collect();
    let (a, b) = (ranks(both.iter().map(|pair| pair.0)), ranks(both.iter().map(|pair| pair.1)));
    // Ranks have the same mean whatever is equal.
    let mean = (both.len() as f64 - 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    Ok((spread > 0.0).then(|| product(&a, &b) / spread))
}

/// The rank of each number, from 0; equal ones share their mean.
fn ranks(numbers: impl Iterator<Item = f32>) -> Vec<f64> {
    let numbers: Vec<f32> = numbers.collect();
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut first = 0;
    for equal in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let shared = first as f64 + (equal.len() as f64 - 1.0) / 2.0;
        equal.iter().for_each(|&at| ranks[at] = shared);
        first += equal.len();
    }
    ranks
}

fn is_depth(z: f32) -> bool {
    z.is_finite() && z > 0.0
}

fn check_lengths(a: &[f32], b: &[f32]) -> Result<()> {
    if a.len() == b.len() {
        return Ok(());
    }
    Err(Error::argument(format!("{} depths are compared with {}, expected as many", a.len(), b.len())))
}

/// The scores of many pictures: the mean of the pictures', each counting once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DepthTally {
    abs_rel: f64,
    delta1: f64,
    pictures: usize,
    compared: usize,
    with_truth: usize,
}

impl DepthTally {
    /// Takes one picture in.
    pub fn add(&mut self, score: &DepthScore) {
        self.abs_rel += score.abs_rel;
        self.delta1 += score.delta1;
        self.pictures += 1;
        self.compared += score.compared;
        self.with_truth += score.with_truth;
    }

    /// Takes in what another tally took in.
    pub fn merge(&mut self, other: &Self) {
        self.abs_rel += other.abs_rel;
        self.delta1 += other.delta1;
        self.pictures += other.pictures;
        self.compared += other.compared;
        self.with_truth += other.with_truth;
    }

    /// How many pictures were taken in.
    pub fn pictures(&self) -> usize {
        self.pictures
    }

    /// The mean of all; `None` before the first. Pixels are added up.
    pub fn mean(&self) -> Option<DepthScore> {
        let count = self.pictures as f64;
        (self.pictures > 0).then(|| DepthScore {
            abs_rel: self.abs_rel / count,
            delta1: self.delta1 / count,
            compared: self.compared,
            with_truth: self.with_truth,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_are_those_of_the_formula() {
        let score = DepthScore::of(&[1.0, 2.0, 5.0, 4.0], &[1.0, 2.5, 4.0, 5.0]).expect("as many").expect("some");
        assert!((score.abs_rel - (0.0 + 0.2 + 0.25 + 0.2) / 4.0).abs() < 1e-12, "{score:?}");
        // 2.5 / 2, 5 / 4 and 5 / 4 are the bound itself, which is not within.
        assert_eq!((score.delta1, score.compared), (0.25, 4));
    }

    #[test]
    fn ranks_agree_whatever_the_scale_and_oppose_where_near_is_far() {
        let truth = [1.0, 2.0, 3.0, 4.0, 0.0];
        let of = |depths: [f32; 5]| rank_correlation(&depths, &truth).expect("as many");
        assert_eq!(of([10.0, 20.0, 300.0, 4000.0, 7.0]), Some(1.0));
        assert_eq!(of([4.0, 3.0, 2.0, 1.0, 7.0]), Some(-1.0));
        // 1 - 6 * (0 + 1 + 1 + 0) / (4 * 15), by hand.
        assert!((of([1.0, 3.0, 2.0, 4.0, 7.0]).expect("some") - 0.8).abs() < 1e-12);
        assert_eq!(of([5.0; 5]), None);
        assert_eq!(of([f32::NAN, 0.0, -1.0, 2.0, 3.0]), None);
        assert!(rank_correlation(&[1.0], &[]).is_err());
    }

    #[test]
    fn what_has_no_depth_is_not_compared_but_counted() {
        let predicted = [0.0, f32::NAN, 3.0, f32::INFINITY, 2.0];
        let truth = [1.0, 1.0, 3.0, 1.0, 0.0];
        let score = DepthScore::of(&predicted, &truth).expect("as many").expect("one");
        assert_eq!((score.abs_rel, score.delta1, score.compared, score.with_truth), (0.0, 1.0, 1, 4));
        assert_eq!(DepthScore::of(&[0.0], &[1.0]).expect("as many"), None);
        assert!(DepthScore::of(&[1.0], &[1.0, 2.0]).expect_err("one is missing").to_string().contains("1 depths"));
    }

    #[test]
    fn each_picture_counts_once_however_many_pixels_it_has() {
        let mut tally = DepthTally::default();
        assert_eq!(tally.mean(), None);
        tally.add(&DepthScore { abs_rel: 0.1, delta1: 1.0, compared: 1000, with_truth: 1000 });
        tally.add(&DepthScore { abs_rel: 0.3, delta1: 0.0, compared: 1, with_truth: 2 });
        let mean = tally.mean().expect("two");
        assert!((mean.abs_rel - 0.2).abs() < 1e-12 && (mean.delta1 - 0.5).abs() < 1e-12, "{mean:?}");
        assert_eq!((mean.compared, mean.with_truth, tally.pictures()), (1001, 1002, 2));
        let mut both = tally;
        both.merge(&tally);
        let (once, twice) = (mean, both.mean().expect("four"));
        assert_eq!((both.pictures(), twice.compared), (4, 2002));
        assert!((twice.abs_rel - once.abs_rel).abs() < 1e-12 && (twice.delta1 - once.delta1).abs() < 1e-12);
    }
}
