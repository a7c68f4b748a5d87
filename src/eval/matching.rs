//! Estimates against truth: one-to-one by 3D IoU.

use crate::geom::{OrientedBox, iou};

/// Boxes that overlap less are not the same thing.
pub const MATCH_IOU: f64 = 0.25;

/// A truth and the estimate that is it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Index of the truth.
    pub truth: usize,
    /// Index of the estimate.
    pub estimate: usize,
    /// Intersection over union of the boxes.
    pub iou: f64,
}

/// What became of every truth and every estimate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matches {
    /// One-to-one, best overlap first.
    pub pairs: Vec<Match>,
    /// Estimates without a partner on a truth that has one: further tracks of a found thing.
    pub duplicates: Vec<usize>,
    /// Estimates on a truth that nothing fits: not ghosts, but too far off to be a match.
    pub misfits: Vec<usize>,
    /// Estimates that overlap nothing.
    pub ghosts: Vec<usize>,
}

/// Matches boxes greedily from the best overlap down; with boxes that do not overlap each other this is the optimum.
pub fn match_boxes(truths: &[OrientedBox], estimates: &[OrientedBox]) -> Matches {
    let mut overlaps = Vec::new();
    for (truth, t) in truths.iter().enumerate() {
        for (estimate, e) in estimates.iter().enumerate() {
            if (t.centre - e.centre).norm() < 0.5 * (t.size.norm() + e.size.norm()) {
                let iou = iou(t, e);
                if iou > 0.0 {
                    overlaps.push(Match { truth, estimate, iou });
                }
            }
        }
    }
    overlaps.sort_by(|a, b| b.iou.total_cmp(&a.iou));
    let mut matches = Matches::default();
    let (mut truth_taken, mut estimate_taken) = (vec![false; truths.len()], vec![false; estimates.len()]);
    for pair in overlaps.iter().filter(|pair| pair.iou >= MATCH_IOU) {
        if !truth_taken[pair.truth] && !estimate_taken[pair.estimate] {
            truth_taken[pair.truth] = true;
            estimate_taken[pair.estimate] = true;
            matches.pairs.push(*pair);
        }
    }
    for estimate in (0..estimates.len()).filter(|&e| !estimate_taken[e]) {
        // A fragment may lie wholly inside the thing and yet have little IoU with it: what counts is its own share.
        let shares = truths.iter().enumerate().map(|(at, t)| (at, share_inside(&estimates[estimate], t)));
        let (on, share) = shares.fold((0, 0.0), |best, s| if s.1 > best.1 { s } else { best });
        let kind = match share >= MATCH_IOU {
            true if truth_taken[on] => &mut matches.duplicates,
            true => &mut matches.misfits,
            false => &mut matches.ghosts,
        };
        kind.push(estimate);
    }
    matches
}

fn share_inside(part: &OrientedBox, whole: &OrientedBox) -> f64 {
    crate::geom::intersection_volume_m3(part, whole) / part.volume_m3()
}
