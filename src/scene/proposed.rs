//! Things from geometry alone: proposals of a frame go the way of detections, but are trusted less.
//!
//! A proposal's label says nothing, and the same thing comes as one piece now and as two then. So a piece that lies in
//! the box of a thing already known adds to it, one that covers several known things is set aside, and only what is
//! neither begins a new thing; what was begun must be seen more often before it is believed
//! ([`super::SceneOptions::confirm_proposed_after`]).

use super::ObjectSource;
use super::associate::{Seen, share_in_box, share_on_pixels};
use super::sight::{InView, Sight};
use super::track::Sighting;
use super::writer::{Moment, Scene, point_sigma_m};
use crate::geom::polygon;
use crate::lift::{Cell, Cloud, Detection, Observation};
use crate::perceive::{Known, MAX_PROPOSALS, Proposal, ProposeScratch, TopPlane, propose};
use nalgebra::Vector3;
use std::time::Instant;

/// What geometry calls what stands around.
pub const THING: &str = "thing";

/// What geometry calls what carries things.
pub const TABLE_TOP: &str = "table-top";

/// How sure geometry is of any proposal.
const SCORE: f32 = 0.6;

/// A piece adds to a thing in whose box this share of its points lies.
const PART_SHARE: f32 = 0.7;

/// With this share of its points in the boxes of known things a piece is not new.
const KNOWN_SHARE: f32 = 0.5;

/// A piece covers a thing with this share of the thing's free points on it.
const COVERED_SHARE: f32 = 0.5;

/// How far above its top a table may seem to reach, metres.
const OVER_TOP_M: f64 = 0.015;

/// A thing of whose points so few are left when walls and floor are taken away was part of them.
const LEFT_SHARE: f32 = 0.4;

/// A thing is judged whether it is a heap of several when this share of it is in free view.
const HEAP_IN_VIEW: f64 = 0.35;

/// It is one when one piece has this share of it, and several when the second piece has as much and is so far away, metres,
const ONE_PIECE_SHARE: f32 = 0.8;
const SECOND_PIECE_SHARE: f32 = 0.15;
const HEAP_GAP_M: f32 = 0.015;

/// in so many more frames than not.
const HEAP_VOTES: i8 = 4;

/// of which no more than this are counted against it.
const HEAP_CREDIT: i8 = 6;

/// What does not reach this far under a top does not have it, metres.
const UNDER_TOP_M: f64 = -0.08;

/// A thing with this share of its points on or under a top is what has that top.
const BODY_SHARE: f32 = 0.3;

/// What ends higher over the floor is not hidden by furniture, metres.
pub(super) const HIDDEN_UP_TO_M: f64 = 1.0;

/// Buffers of the proposals of a frame.
#[derive(Default)]
pub(super) struct Proposed {
    list: Vec<Proposal>,
    search: ProposeScratch,
    masks: Vec<u8>,
    /// For each detection the height above which nothing belongs to it, metres.
    ceilings_m: Vec<Option<f64>>,
    /// The thing that the last piece asked about is part of.
    part_of: Option<u32>,
}

impl Scene {
    /// Finds the things of a frame and takes them in.
    pub(super) fn take_in_proposals(&mut self, moment: &Moment) {
        let started = Instant::now();
        let mut masks = std::mem::take(&mut self.scratch.proposed.masks);
        self.find_proposals(moment, &mut masks);
        let nothing = Detection { label: THING, score: SCORE, bbox: [0.0; 4], mask: None, feature: None };
        let mut detections = [nothing; MAX_PROPOSALS];
        let (mut count, mut first) = (0, 0);
        self.scratch.labels.clear();
        for proposal in &self.scratch.proposed.list {
            let [x0, y0, x1, y1] = proposal.bbox();
            let bytes = ((x1 - x0) * (y1 - y0)) as usize;
            let mask = crate::frame::MaskView::new(&masks[first..first + bytes], x0, y0, x1 - x0, y1 - y0, 0);
            let label = if proposal.is_table { TABLE_TOP } else { THING };
            let (Ok(mask), Ok(id)) = (mask, self.labels.id(label)) else { break };
            self.scratch.labels.push(id);
            let bbox = [x0, y0, x1, y1].map(|v| v as f32);
            detections[count] = Detection { label, bbox, mask: Some(mask), ..nothing };
            count += 1;
            first += bytes;
        }
        let found_in = started.elapsed();
        self.take_in(moment, &detections[..count]);
        self.times.lift += found_in;
        self.scratch.proposed.masks = masks;
    }

    fn find_proposals(&mut self, moment: &Moment, masks: &mut Vec<u8>) {
        let super::writer::Scratch { grid, blocks, proposed, .. } = &mut self.scratch;
        proposed.list.clear();
        proposed.ceilings_m.clear();
        let Some(floor_m) = self.supports.floor_m() else { return };
        let known = Known {
            camera_in_world: moment.camera_in_world(),
            noise: &self.options.depth_noise,
            floor_m,
            walls: self.supports.wall_lines(),
            tops: self.supports.tops(),
        };
        propose(blocks, &known, &mut proposed.list, &mut proposed.search);
        let area = |proposal: &Proposal| {
            let [x0, y0, x1, y1] = proposal.bbox();
            ((x1 - x0) * (y1 - y0)) as usize
        };
        masks.clear();
        masks.resize(proposed.list.iter().map(area).sum(), 0);
        let mut rest = masks.as_mut_slice();
        for proposal in &proposed.list {
            let (mask, others) = rest.split_at_mut(area(proposal));
            proposed.search.paint(proposal, grid, blocks, mask);
            rest = others;
            proposed.ceilings_m.push(proposal.ceiling_m);
        }
    }

    /// True when a proposal that is no known thing may be a new one.
    pub(super) fn is_news(&mut self, moment: &Moment, row: usize, detections: &[Detection<'_>]) -> bool {
        let scratch = &mut self.scratch;
        let observation = scratch.lifted.observations[row];
        let seen = Seen {
            observation: &observation,
            points: &scratch.lifted.points[observation.first..observation.first + observation.count],
            detection: &detections[observation.detection],
            label: scratch.labels[observation.detection],
            camera_in_world: moment.camera_in_world(),
            sigma_m: point_sigma_m(&self.options, f64::from(observation.depth_m)),
        };
        let table_top = self.labels.id(TABLE_TOP).ok();
        let middle_m = moment.camera_in_world().z + f64::from(observation.mean[2]);
        let (mut best, mut known, mut covered) = ((0.0, None), 0.0, 0);
        for view in &scratch.views {
            let Some(track) = self.store.get(view.slot) else { continue };
            let top_m = track.obb.centre.z + 0.5 * track.obb.size.z;
            let stands_on_it = Some(track.label()) == table_top && middle_m > top_m - 0.01;
            let share = if stands_on_it { 0.0 } else { share_in_box(&seen, track, 0.01) };
            known += share;
            if share > best.0 {
                best = (share, Some(view.slot));
            }
            let is_covered = view.there >= 4 && share_on_pixels(&seen, view, &scratch.samples) >= COVERED_SHARE;
            covered += u32::from(is_covered);
        }
        scratch.proposed.part_of = best.1.filter(|_| best.0 >= PART_SHARE);
        best.0 < PART_SHARE && known < KNOWN_SHARE && covered < 2
    }

    /// Gives up things that, well in view, fall into pieces apart from each other: several things that were once taken
    /// for one.
    pub(super) fn give_up_heaps(&mut self) {
        for at in 0..self.scratch.views.len() {
            let view = self.scratch.views[at];
            let verdict = self.is_heap(&view);
            let Some(track) = self.store.get_mut(view.slot) else { continue };
            match verdict {
                Some(true) => track.heap_votes += 1,
                Some(false) => track.heap_votes = (track.heap_votes - 1).max(-HEAP_CREDIT),
                None => {}
            }
            if track.heap_votes >= HEAP_VOTES && !track.said.vouches() {
                self.take_out(view.slot);
            }
        }
    }

    /// Whether a thing is several, as far as this frame can tell.
    fn is_heap(&self, view: &InView) -> Option<bool> {
        let scratch = &self.scratch;
        if view.there < 12 || f64::from(view.there) < HEAP_IN_VIEW * view.count as f64 {
            return None;
        }
        let mut pieces = [(0u16, 0u32); 8];
        let (mut used, mut all) = (0, 0);
        for sample in &scratch.samples[view.first..view.first + view.count] {
            let is_there = sample.sight == Sight::There && sample.u >= 0 && sample.v >= 0;
            let search = &scratch.proposed.search;
            let piece = search.piece_at(&scratch.blocks, sample.u as usize, sample.v as usize).filter(|_| is_there);
            let Some(piece) = piece else { continue };
            all += 1;
            let at = pieces[..used].iter().position(|(known, _)| *known == piece).unwrap_or(used);
            if let Some(entry) = pieces.get_mut(at) {
                *entry = (piece, entry.1 + 1);
                used = used.max(at + 1);
            }
        }
        let pieces = &mut pieces[..used];
        pieces.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let [first, second, ..] = pieces else { return (used == 1).then_some(false) };
        let share = |count: u32| count as f32 / all as f32;
        if share(first.1) >= ONE_PIECE_SHARE {
            return Some(false);
        }
        let search = &scratch.proposed.search;
        // What the image border cuts off may hang together beyond it: two legs do not make two things.
        if search.is_cut_off(first.0, &scratch.blocks) || search.is_cut_off(second.0, &scratch.blocks) {
            return None;
        }
        let (a, b) = (search.bounds(first.0), search.bounds(second.0));
        let are_apart = (0..2).any(|k| a.0[k] > b.1[k] + HEAP_GAP_M || b.0[k] > a.1[k] + HEAP_GAP_M);
        (share(second.1) >= SECOND_PIECE_SHARE && are_apart).then_some(true)
    }

    /// Adds a piece that is not news to the thing it is part of; the thing is seen but once a frame.
    pub(super) fn absorb_piece(&mut self, observation: &Observation, sighting: &Sighting<'_>) {
        let Some(slot) = self.scratch.proposed.part_of else { return };
        let points = &self.scratch.lifted.points[observation.first..observation.first + observation.count];
        let Some(track) = self.store.get_mut(slot) else { return };
        if self.scratch.seen.contains(&slot) {
            track.see_more(observation, points, sighting);
        } else {
            track.see(observation, points, sighting);
            self.scratch.seen.push(slot);
        }
    }

    /// Takes away what was once taken for part of a table and stands on it.
    pub(super) fn cut_at_top(&mut self, slot: u32, detection: usize) {
        let Some(&Some(top_m)) = self.scratch.proposed.ceilings_m.get(detection) else { return };
        let Some(track) = self.store.get_mut(slot) else { return };
        let above = top_m + OVER_TOP_M - track.cloud.origin().z;
        if track.cloud.cells().iter().any(|cell| f64::from(cell.mean[2]) > above) {
            track.cloud.retain(|cell| f64::from(cell.mean[2]) <= above);
        }
    }

    /// Takes away from all things what has since been found to be wall or floor, and gives up those of which little is
    /// left.
    pub(super) fn clear_off_planes(&mut self) {
        if self.options.source != ObjectSource::Geometry || !self.supports.planes_renewed() {
            return;
        }
        for at in 0..self.store.len() as u32 {
            let Some(track) = self.store.get_mut(at) else { continue };
            let before = track.cloud.cells().len();
            let origin = track.cloud.origin();
            let supports = &self.supports;
            track.cloud.retain(|cell| {
                !supports.is_of_room(origin + Vector3::from(cell.mean.map(f64::from)), f64::from(cell.sigma_m))
            });
            for top in supports.tops().iter().filter(|top| top.is_high()) {
                cut_at_its_top(&mut track.cloud, top);
            }
            let left = track.cloud.cells().len();
            if (left as f32) < LEFT_SHARE * before as f32 && !track.said.vouches() {
                self.take_out(at);
            } else if left < before {
                track.fit(&self.supports, &mut self.scratch.fit);
                self.store.relist(at, &mut self.state.index);
                self.mark_changed(at);
            }
        }
    }
}

/// Of a thing that is mostly on or under a top, takes away what stands on that top: seen before the top was known, they
/// were one.
fn cut_at_its_top(cloud: &mut Cloud, top: &TopPlane) {
    let origin = cloud.origin();
    let place = |cell: &Cell| {
        let p = origin + Vector3::from(cell.mean.map(f64::from));
        (polygon::contains(&top.outline, [p.x, p.y]), p.z - top.height_m)
    };
    let (mut body, mut above, mut lowest_m) = (0, 0, f64::MAX);
    for cell in cloud.cells() {
        let (is_over, height) = place(cell);
        lowest_m = lowest_m.min(height);
        body += usize::from(is_over && height <= OVER_TOP_M);
        above += usize::from(is_over && height > OVER_TOP_M);
    }
    if above > 0 && lowest_m < UNDER_TOP_M && body as f32 >= BODY_SHARE * cloud.cells().len() as f32 {
        cloud.retain(|cell| {
            let (is_over, height) = place(cell);
            !is_over || height <= OVER_TOP_M
        });
    }
}
