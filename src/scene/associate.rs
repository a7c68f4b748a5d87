//! Which thing of the map each observation is.
//!
//! Two shares are asked: of the observation's points, how many lie in the thing's box; and of the thing's points in free
//! view, how many fall on the observation's pixels. Both must be there: a cup's box lies in the table's 2D box, but its
//! pixels are not the table's. Their geometric mean, lowered where labels differ, is the score; the assignment with the
//! greatest total wins.

use super::labels::LabelId;
use super::sight::{InView, Sample, Sight};
use super::track::{Standing, Track};
use crate::lift::{Detection, Observation};
use nalgebra::{Point3, Vector3};

/// Scores below this are no match.
const LEAST_SCORE: f32 = 0.25;

/// Share of the points that must lie in the box of a thing seen this often: it will not grow much any more.
const LEAST_IN_BOX: f32 = 0.3;
const KNOWN_AFTER: u32 = 6;

/// What a score is worth when the labels differ.
const OTHER_LABEL: f32 = 0.75;

/// What a score is worth for a thing not yet believed.
const NOT_BELIEVED: f32 = 0.9;

/// Points of an observation that are tested.
const TESTED: usize = 48;

/// A margin round a thing's box in which points still count, metres, and as a share of its size.
const MARGIN_M: f64 = 0.02;
const MARGIN_SHARE: f64 = 0.06;

/// Pixels by which a projected point may miss a mask.
const MASK_SLACK_PX: i32 = 3;

/// One observation with what the score needs of it.
pub(super) struct Seen<'a> {
    pub observation: &'a Observation,
    pub points: &'a [[f32; 3]],
    pub detection: &'a Detection<'a>,
    pub label: LabelId,
    pub camera_in_world: Point3<f64>,
    pub sigma_m: f64,
}

/// The pair's score, if it is a match.
pub(super) fn score(seen: &Seen<'_>, track: &Track, view: &InView, samples: &[Sample]) -> Option<f32> {
    let margin = MARGIN_M + 2.0 * seen.sigma_m.max(f64::from(view.sigma_m));
    if !may_touch(seen, view, margin) {
        return None;
    }
    let on_pixels = share_on_pixels(seen, view, samples);
    if on_pixels < LEAST_SCORE * LEAST_SCORE {
        return None;
    }
    let in_box = share_in_box(seen, track, margin);
    if in_box < LEAST_IN_BOX && track.observations >= KNOWN_AFTER {
        return None;
    }
    let mut score = (in_box * on_pixels).sqrt();
    if track.label_share(seen.label) < 0.3 {
        score *= OTHER_LABEL;
    }
    if track.standing == Standing::Tentative {
        score *= NOT_BELIEVED;
    }
    (score >= LEAST_SCORE).then_some(score)
}

fn may_touch(seen: &Seen<'_>, view: &InView, margin: f64) -> bool {
    let [low, high] = view.bounds;
    let camera = seen.camera_in_world;
    (0..3).all(|k| {
        camera[k] + f64::from(seen.observation.low[k]) <= high[k] + margin
            && camera[k] + f64::from(seen.observation.high[k]) >= low[k] - margin
    })
}

/// Share of the observation's points in the thing's box with a margin round it.
pub(super) fn share_in_box(seen: &Seen<'_>, track: &Track, margin: f64) -> f32 {
    let half = track.obb.size * (0.5 + MARGIN_SHARE) + Vector3::repeat(margin);
    let box_from_world = track.obb.world_from_box.inverse();
    let from_camera = seen.camera_in_world - track.obb.centre;
    let stride = seen.points.len().div_ceil(TESTED).max(1);
    let (mut inside, mut tested) = (0u32, 0u32);
    for p in seen.points.iter().step_by(stride) {
        let in_box = box_from_world * (from_camera + Vector3::from(p.map(f64::from)));
        tested += 1;
        inside += u32::from((0..3).all(|k| in_box[k].abs() <= half[k]));
    }
    inside as f32 / tested.max(1) as f32
}

/// Of the thing's points in free view, the share that falls on the observation's pixels; with few in view, nearer a half.
pub(super) fn share_on_pixels(seen: &Seen<'_>, view: &InView, samples: &[Sample]) -> f32 {
    let (mut on, mut visible) = (0u32, 0u32);
    for sample in &samples[view.first..view.first + view.count] {
        match sample.sight {
            Sight::There => {
                visible += 1;
                on += u32::from(is_on_pixels(seen, sample));
            }
            Sight::Empty => visible += 1, // where it was, nothing is: what is seen here is something else
            Sight::Hidden | Sight::Unknown => {}
        }
    }
    (on as f32 + 1.0) / (visible as f32 + 2.0)
}

fn is_on_pixels(seen: &Seen<'_>, sample: &Sample) -> bool {
    let slack = MASK_SLACK_PX;
    match &seen.detection.mask {
        Some(mask) => [(0, 0), (-slack, 0), (slack, 0), (0, -slack), (0, slack)].iter().any(|(du, dv)| {
            let (u, v) = (sample.u + du, sample.v + dv);
            u >= 0 && v >= 0 && mask.contains(u as u32, v as u32)
        }),
        None => {
            let [x0, y0, x1, y1] = seen.detection.bbox;
            let (u, v) = (sample.u as f32, sample.v as f32);
            let slack = slack as f32;
            let reach = 0.5 * (0..3).map(|k| seen.observation.high[k] - seen.observation.low[k]).fold(0.05, f32::max);
            u >= x0 - slack
                && v >= y0 - slack
                && u <= x1 + slack
                && v <= y1 + slack
                && (sample.z - seen.observation.depth_m).abs() < 2.0 * reach
        }
    }
}
