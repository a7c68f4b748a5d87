//! Two tracks of one thing become one.
//!
//! A pair is suspected when one of them was seen, the other was in free view and was not, and their points lie in each
//! other's boxes. A detector misses now and then, so the suspicion must hold in several frames; being seen side by side
//! once clears both.

use super::sight::InView;
use super::track::{Standing, Track};
use super::writer::{Moment, Scene};
use super::{EventKind, ObjectSource};
use nalgebra::{Point3, Vector3};

/// Frames of suspicion that make one of two.
const VOTES: u8 = 3;

/// Shares of points in the other's box, both ways, that make a suspicion whatever the labels.
const BOTH_WAYS: f32 = 0.55;

/// Share of one's points in the other's box that makes a suspicion between things of one label.
const ONE_WAY: f32 = 0.7;

/// Share of a piece's points that must lie in the box of the thing it is part of.
const PART_SHARE: f32 = 0.85;

/// Sizes and places on the ground of stacked parts differ by less than this share.
const STACKED_SHARE: f64 = 0.2;

/// Margin round a box, metres.
const MARGIN_M: f64 = 0.04;

/// What has its middle no lower than this under a top lies on it, metres.
const ON_TOP_M: f64 = 0.005;

/// How far over something its upper part may seem to hang, or reach into it, metres.
const HANGING_GAP_M: f64 = 0.15;

const TESTED: usize = 64;

impl Scene {
    /// Looks for duplicates among what this frame has seen.
    pub(super) fn merge(&mut self, moment: &Moment) {
        for at in 0..self.scratch.seen.len() {
            let Some(&slot) = self.scratch.seen.get(at) else { break };
            // Only what is in view can be suspected: by ascending slot.
            for k in 0..self.scratch.views.len() {
                let view = self.scratch.views[k];
                if view.slot != slot && self.is_suspect(moment, slot, &view) {
                    self.make_one(moment, slot, view.slot);
                    break;
                }
            }
        }
    }

    fn is_suspect(&mut self, moment: &Moment, slot: u32, view: &InView) -> bool {
        let Some((a, b)) = self.store.pair_mut(slot, view.slot) else { return false };
        let is_geometry = self.options.source == ObjectSource::Geometry;
        if a.standing != Standing::Believed || b.standing != Standing::Believed {
            return false;
        }
        if is_geometry && (hangs_over(a, b) || hangs_over(b, a)) {
            return suspect(a, b);
        }
        if !bounds_touch(a, b) {
            return false;
        }
        // Pieces of one thing are often seen side by side: what lies within another is part of it.
        if is_geometry && (is_part_of(b, a) || are_stacked(a, b)) {
            return suspect(a, b);
        }
        if b.last_frame == moment.frame {
            a.suspect = a.suspect.filter(|(id, _)| *id != b.id);
            b.suspect = b.suspect.filter(|(id, _)| *id != a.id);
            return false;
        }
        if view.there < 4 || view.there * 3 < view.looked_at() {
            return false;
        }
        let (a_in_b, b_in_a) = (share_inside(a, b), share_inside(b, a));
        let same_label = a.label() == b.label();
        if !(a_in_b.min(b_in_a) >= BOTH_WAYS || same_label && a_in_b.max(b_in_a) >= ONE_WAY) {
            return false;
        }
        suspect(a, b)
    }

    /// The older id lives on.
    fn make_one(&mut self, moment: &Moment, slot: u32, other: u32) {
        let older = match (self.store.get(slot), self.store.get(other)) {
            (Some(a), Some(b)) => {
                if a.id < b.id {
                    slot
                } else {
                    other
                }
            }
            _ => return,
        };
        let younger = if older == slot { other } else { slot };
        let Some(gone) = self.take_out(younger) else { return };
        let Some(track) = self.store.get_mut(older) else { return };
        track.absorb(&gone);
        track.last_frame = moment.frame;
        track.fit(&self.supports, &mut self.scratch.fit);
        let into = track.id;
        self.store.relist(older, &mut self.state.index);
        self.mark_changed(older);
        self.report.merged += 1;
        self.note_event(moment.stamp_ns, gone.id, EventKind::Merged { into });
    }
}

/// Notes that `b` may be a duplicate of `a`; true when it has looked so often enough.
fn suspect(a: &Track, b: &mut Track) -> bool {
    let votes = match b.suspect {
        Some((id, votes)) if id == a.id => votes + 1,
        _ => 1,
    };
    b.suspect = Some((a.id, votes));
    votes >= VOTES
}

/// True when a thing found by geometry lies in the box of another, larger one. What lies flat on it is not part of it,
/// however near.
fn is_part_of(part: &Track, whole: &Track) -> bool {
    let lies_on_top = part.obb.centre.z > whole.obb.centre.z + 0.5 * whole.obb.size.z - ON_TOP_M;
    !lies_on_top && part.obb.volume_m3() < whole.obb.volume_m3() && share_inside(part, whole) >= PART_SHARE
}

/// True for something that nothing carries, over something that ends just under it: nothing floats, so that one is the
/// shade or the top of the other.
fn hangs_over(upper: &Track, lower: &Track) -> bool {
    let bottom_m = upper.obb.centre.z - 0.5 * upper.obb.size.z;
    let top_m = lower.obb.centre.z + 0.5 * lower.obb.size.z;
    let is_over = |point: &Track, of: &Track| {
        let p = of.obb.to_box(&Point3::new(point.obb.centre.x, point.obb.centre.y, of.obb.centre.z));
        (0..2).all(|k| p[k].abs() <= 0.5 * of.obb.size[k] + MARGIN_M)
    };
    !upper.rests()
        && lower.rests()
        && upper.obb.centre.z > lower.obb.centre.z
        && (bottom_m - top_m).abs() < HANGING_GAP_M
        && (is_over(upper, lower) || is_over(lower, upper))
}

/// True when one is the lower, the other the upper part of something: a seat and its back.
fn are_stacked(a: &Track, b: &Track) -> bool {
    let (off, size) = (a.obb.centre - b.obb.centre, a.obb.size.zip_map(&b.obb.size, f64::max));
    let alike = (0..2).all(|k| (a.obb.size[k] - b.obb.size[k]).abs() < STACKED_SHARE * size[k]);
    let reach = 0.5 * (a.obb.size.z + b.obb.size.z);
    alike && off.xy().norm() < STACKED_SHARE * size.y && off.z.abs() < reach && off.z.abs() > 0.25 * reach
}

pub(super) fn bounds_touch(a: &Track, b: &Track) -> bool {
    let ((low_a, high_a), (low_b, high_b)) = (a.obb.bounds(), b.obb.bounds());
    (0..3).all(|k| low_a[k] <= high_b[k] && low_b[k] <= high_a[k])
}

/// Share of the first's points that lie in the second's box.
fn share_inside(points_of: &Track, box_of: &Track) -> f32 {
    let half = box_of.obb.size * 0.5 + Vector3::repeat(MARGIN_M);
    let cells = points_of.cloud.cells();
    let stride = cells.len().div_ceil(TESTED).max(1);
    let (mut inside, mut tested) = (0u32, 0u32);
    for cell in cells.iter().step_by(stride) {
        let p = box_of.obb.to_box(&points_of.cloud.in_world(cell));
        tested += 1;
        inside += u32::from((0..3).all(|k| p[k].abs() <= half[k]));
    }
    inside as f32 / tested.max(1) as f32
}
