//! Of boxes that lie on each other, the surest.
//!
//! As in torchvision and Ultralytics: from the surest down, a box is dropped if one of its own class that was kept overlaps
//! it by more than the threshold. Both shift the boxes of each class far away to look at all classes at once, which costs
//! them digits; here classes are compared instead, which is what the shift is for. Numbers are 32 bits wide, as theirs.

use crate::error::{Error, ErrorKind, Result};

/// The most boxes that are looked at, surest first, as in Ultralytics.
const MAX_CANDIDATES: usize = 30_000;

/// A box before it is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub class: usize,
    pub score: f32,
    /// x0, y0, x1, y1 in the unit of the family.
    pub edges: [f32; 4],
    /// Where it stands in the network's output.
    pub at: usize,
}

impl Candidate {
    fn area(&self) -> f32 {
        let [x0, y0, x1, y1] = self.edges;
        (x1 - x0) * (y1 - y0)
    }

    fn iou(&self, other: &Self) -> f32 {
        let [a, b] = [self.edges, other.edges];
        let width = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
        let height = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
        let shared = width * height;
        shared / (self.area() + other.area() - shared)
    }
}

/// Surest first; of equals the one that stands first.
pub(super) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
}

/// Those that no surer one of their class overlaps by more than `iou`, surest first, at most `max`.
pub(super) fn suppress(mut candidates: Vec<Candidate>, iou: f32, max: usize) -> Vec<Candidate> {
    sort(&mut candidates);
    candidates.truncate(MAX_CANDIDATES);
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let is_weaker = |kept: &Candidate| kept.class == candidate.class && kept.iou(&candidate) > iou;
        if !kept.iter().any(is_weaker) {
            kept.push(candidate);
        }
        if kept.len() == max {
            break;
        }
    }
    kept
}

/// For each column the row with the highest score, the first of equals, and that score. `rows` are read one after another,
/// as they lie. Scores that are no numbers are the network's fault.
pub(super) fn best_rows<'a>(rows: impl Iterator<Item = &'a [f32]>, columns: usize) -> Result<Vec<(usize, f32)>> {
    let mut best = vec![(0, f32::NEG_INFINITY); columns];
    for (class, row) in rows.enumerate() {
        let mut is_number = true;
        for (best, score) in best.iter_mut().zip(row) {
            is_number &= !score.is_nan();
            if *score > best.1 {
                *best = (class, *score);
            }
        }
        if !is_number {
            return Err(no_number());
        }
    }
    Ok(best)
}

/// A score from the network, which must be a probability: half-precision may end a little above 1.
pub(super) fn checked_score(score: f32) -> Result<f32> {
    if score.is_nan() {
        return Err(no_number());
    }
    if !(-1e-3..=1.001).contains(&score) {
        return Err(Error::new(ErrorKind::Model, format!("the network gives a score of {score}, expected 0 to 1")));
    }
    Ok(score.clamp(0.0, 1.0))
}

fn no_number() -> Error {
    Error::new(ErrorKind::Model, "the network gives a score that is no number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(class: usize, score: f32, edges: [f32; 4], at: usize) -> Candidate {
        Candidate { class, score, edges, at }
    }

    fn places(kept: &[Candidate]) -> Vec<usize> {
        kept.iter().map(|candidate| candidate.at).collect()
    }

    #[test]
    fn the_surest_of_a_class_drops_what_it_overlaps_and_no_other_class() {
        let boxes = vec![
            boxed(0, 0.5, [0.0, 0.0, 10.0, 10.0], 0),
            boxed(0, 0.9, [1.0, 0.0, 11.0, 10.0], 1),
            boxed(1, 0.4, [1.0, 0.0, 11.0, 10.0], 2),
            boxed(0, 0.3, [30.0, 0.0, 40.0, 10.0], 3),
        ];
        assert_eq!(places(&suppress(boxes.clone(), 0.45, 300)), [1, 2, 3]);
        assert_eq!(places(&suppress(boxes.clone(), 0.45, 2)), [1, 2]);
        assert_eq!(places(&suppress(boxes, 0.9, 300)), [1, 0, 2, 3], "9/11 is less than 0.9");
    }

    #[test]
    fn what_was_dropped_drops_nothing_and_as_much_as_the_threshold_is_kept() {
        let chain: Vec<Candidate> = (0..3)
            .map(|k| boxed(0, 0.9 - 0.1 * k as f32, [4.0 * k as f32, 0.0, 4.0 * k as f32 + 10.0, 1.0], k))
            .collect();
        // Neighbours share 6 of 14, first and last 2 of 18.
        assert_eq!(places(&suppress(chain.clone(), 0.4, 300)), [0, 2]);
        let half = vec![boxed(0, 0.9, [0.0, 0.0, 2.0, 1.0], 0), boxed(0, 0.8, [0.0, 0.0, 1.0, 1.0], 1)];
        assert_eq!(places(&suppress(half, 0.5, 300)), [0, 1]);
    }

    #[test]
    fn equal_scores_stay_in_the_order_of_the_network() {
        let equals = (0..5).map(|at| boxed(at, 0.5, [0.0, 0.0, 1.0, 1.0], at)).collect();
        assert_eq!(places(&suppress(equals, 0.5, 300)), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_score_that_is_none_is_the_networks_fault() {
        let rows = [[0.1f32, 0.9], [0.7, 0.3], [0.7, 0.2]];
        assert_eq!(best_rows(rows.iter().map(|row| &row[..]), 2).expect("numbers"), [(1, 0.7), (0, 0.9)]);
        let rows = [[0.1f32, 0.9], [0.7, f32::NAN]];
        assert_eq!(best_rows(rows.iter().map(|row| &row[..]), 2).expect_err("none").kind(), ErrorKind::Model);
        assert_eq!(checked_score(1.0005).expect("half precision"), 1.0);
        assert!(checked_score(3.0).expect_err("no probability").to_string().contains("3"));
        assert!(checked_score(f32::NAN).is_err());
    }
}
