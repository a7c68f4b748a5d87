//! Floors, tables and walls over time, and what they tell of things: where a thing's bottom is, and a picture's back.

use super::correct::Correction;
use super::levels::{Level, LevelPart};
use super::walls::Wall;
use super::{Support, SupportId, SupportKind};
use crate::frame::DepthNoise;
use crate::geom::OrientedBox;
use crate::geom::polygon;
use crate::lift::WallLine;
use crate::perceive::{Block, Blocks, TopPlane, UprightPatch, UprightScratch, upright_patches};
use nalgebra::{Matrix3, Point3, Vector3};
use std::sync::Arc;

/// Normals within 20° of up are level.
const LEVEL_COS: f32 = 0.94;

/// Surfaces farther than this from the camera do not vote, metres: their height is too uncertain.
const FARTHEST_VOTE_M: f32 = 4.0;

/// Depth at which a vote weighs one; farther ones weigh less by the square.
const FULL_WEIGHT_M: f32 = 2.0;

/// Area of one height in one frame that begins a level, m².
const NEW_LEVEL_AREA_M2: f32 = 0.03;

/// Levels closer than this are one, metres.
const UNITE_M: f64 = 0.02;

/// The most levels and walls.
const MAX_LEVELS: usize = 128;
const MAX_WALLS: usize = 256;

/// The floor is the lowest level with this share of the largest level's area.
const FLOOR_SHARE: f64 = 0.2;

/// The least area of a published table top, m².
const LEAST_TABLE_M2: f64 = 0.08;

/// The least area of a published floor, m².
const LEAST_FLOOR_M2: f64 = 0.25;

/// How far above its support a seen bottom may end, metres and as a share of the height, and how far below: of a bowl
/// only the rim may be seen.
const BOTTOM_GAP_M: f64 = 0.07;
const BOTTOM_GAP_SHARE: f64 = 0.1;
const BOTTOM_BELOW_M: f64 = 0.05;

/// What is taller than this and ends above the floor by less than that share of its height stands on it, its legs hidden.
const TALL_M: f64 = 0.35;
const HIDDEN_LEGS_SHARE: f64 = 0.5;

/// How far round a thing its support is looked for, metres.
const ROUND_M: f64 = 0.2;

/// How far a thin thing's back may seem to be from its wall, metres.
const BACK_GAP_M: f64 = 0.08;

/// The least distance of a hanging thing's front from its wall, metres.
const LEAST_FRONT_M: f64 = 0.006;

/// Where the noise is more than this share of a hanging thing's thickness, the thickness is lost in it.
const LOST_SHARE: f64 = 0.25;

/// Things thicker than this are not taken for hanging on a wall, metres.
const HANGING_THICKNESS_M: f64 = 0.25;

/// A block without a normal belongs to a level beside it this near in height and on the ground, metres,
const RIM_HEIGHT_M: f32 = 0.008;
const RIM_REACH_M: f32 = 0.08;

/// and counts so much.
const RIM_WEIGHT: f32 = 0.5;

/// A block without a normal is level when its neighbours' heights differ by less than this share of its side, and their
/// depths by less than this share of its depth.
const SLANT_HEIGHT_SHARE: f32 = 0.3;
const SLANT_REACH_SHARE: f32 = 0.15;

/// A block of a surface seen flatly counts for so many at most.
const MOST_IN_ONE: f32 = 4.0;

/// Parts of levels are sought again when the area has grown by this share,
const PARTS_GROWTH: f64 = 0.02;

/// or when anything has and so many frames went by; as many as this share of the tiles that there are, if that is more: a
/// large place takes longer to look over, and what is new is a smaller share of it.
const PARTS_EVERY: u32 = 10;
const TILES_A_FRAME: usize = 16;

/// A level surface this near the floor is floor, metres.
const FLOOR_REACH_M: f64 = 0.04;

/// Level surfaces this large may carry things or be a table, m², and this wide, metres.
const LEAST_TOP_M2: f64 = 0.14;
const LEAST_TOP_WIDTH_M: f64 = 0.215;

/// A level surface covered by another above it by more than this share is a shelf's board.
const COVERED_SHARE: f64 = 0.5;

/// The least part of a level that may be part of a narrow top, m²; parts of one height, metres, make one when together
/// they are no wider than this, nor than the wider of them and a margin, metres, and fill this share.
const LEAST_PART_M2: f64 = 0.03;
const ROW_HEIGHT_M: f64 = 0.012;
const ROW_WIDTH_M: f64 = 0.5;
const ROW_MARGIN_M: f64 = 0.05;
const ROW_FILL: f64 = 0.5;

/// A level surface with this share of it over a larger one, so little above it, is that of a thing that stands there,
/// metres.
const LIES_ON_SHARE: f64 = 0.7;
const SAME_TOP_M: f64 = 0.01;
const ON_TOP_REACH_M: f64 = 0.15;

const BIN_M: f32 = 0.01;
const BINS: usize = 800;

/// What a thing rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    OnSurface,
    OnWall,
    Unknown,
}

/// Everything known of planes.
#[derive(Default)]
pub(super) struct Supports {
    /// Whether surfaces too narrow for a normal are sought too: geometry alone lives on them, while what detections stand
    /// on is better told by what is level beyond doubt.
    seeks_narrow: bool,
    levels: Vec<Level>,
    walls: Vec<Wall>,
    floor: Option<usize>,
    published: Vec<Arc<Support>>,
    next_id: u32,
    grown: bool,
    /// Parts of every level, with the level's number, as last sought.
    parts: Vec<(usize, LevelPart)>,
    parts_area_m2: f64,
    frames_since_parts: u32,
    parts_renewed: bool,
    tops: Vec<TopPlane>,
    wall_lines: Vec<WallLine>,
    heights: Vec<f64>,
    bins: Vec<f32>,
    patches: Vec<UprightPatch>,
    upright: UprightScratch,
}

/// Standard deviation of points with this covariance along a unit vector, metres.
pub(super) fn sigma_along_m(noise_m2: &Matrix3<f32>, axis: &Vector3<f64>) -> f64 {
    axis.dot(&(noise_m2.cast::<f64>() * axis)).max(0.0).sqrt()
}

impl Supports {
    /// Nothing known yet.
    pub fn new(seeks_narrow: bool) -> Self {
        Self { seeks_narrow, ..Self::default() }
    }

    /// Takes in the surfaces of one frame; blocks in world axes, metres from the camera.
    pub fn see(&mut self, blocks: &Blocks, camera_in_world: Point3<f64>, noise: &DepthNoise) {
        self.see_levels(blocks, camera_in_world);
        self.see_walls(blocks, camera_in_world, noise);
        self.choose_floor();
        self.frames_since_parts += 1;
    }

    /// Moves every plane with what it was seen from.
    pub fn correct(&mut self, correction: &Correction) {
        let moved = |p: &Point3<f64>| correction.motion_from(p) * p;
        self.levels.iter_mut().for_each(|level| *level = level.moved(moved));
        self.walls.iter_mut().for_each(|wall| wall.transform(&correction.motion_from(&wall.middle())));
        // What is published keeps its ids by lying where it is found again.
        self.published = self.published.iter().map(|support| Arc::new(moved_support(support, correction))).collect();
        self.choose_floor();
        self.grown = true;
        self.parts_area_m2 = 0.0;
        self.renew_parts();
    }

    /// What geometry alone must know of the planes of the room: see [`crate::perceive::propose`].
    pub fn tops(&self) -> &[TopPlane] {
        &self.tops
    }

    /// Every wall, likewise.
    pub fn wall_lines(&self) -> &[WallLine] {
        &self.wall_lines
    }

    /// Height of the floor, metres.
    pub fn floor_m(&self) -> Option<f64> {
        self.floor.map(|at| self.levels[at].height_m)
    }

    /// Heights of all levels, metres.
    pub fn heights_m(&self) -> &[f64] {
        &self.heights
    }

    /// True when the planes that [`Self::tops`] and [`Self::wall_lines`] tell of are new since the frame before.
    pub fn planes_renewed(&self) -> bool {
        self.frames_since_parts == 0
    }

    /// True for a point on the floor or on a wall, whose standard deviation is `sigma_m`.
    pub fn is_of_room(&self, p: Point3<f64>, sigma_m: f64) -> bool {
        self.floor_m().is_some_and(|floor| p.z < floor + 0.02 + sigma_m)
            || self.wall_lines.iter().any(|wall| {
                let distance = wall.normal[0] * p.x + wall.normal[1] * p.y - wall.offset_m;
                let along = wall.axis[0] * p.x + wall.axis[1] * p.y;
                distance.abs() < 0.04 + 2.0 * sigma_m && along > wall.ends_m[0] && along < wall.ends_m[1]
            })
    }

    fn nearest_level(&self, height: f64) -> Option<usize> {
        let near = self.levels.iter().enumerate().filter(|(_, level)| level.is_at(height));
        near.min_by(|a, b| (a.1.height_m - height).abs().total_cmp(&(b.1.height_m - height).abs())).map(|(at, _)| at)
    }

    fn see_levels(&mut self, blocks: &Blocks, camera: Point3<f64>) {
        self.bins.clear();
        self.bins.resize(BINS, 0.0);
        for (at, block) in blocks.blocks.iter().enumerate().filter(|(_, b)| b.has_depth() && b.z < FARTHEST_VOTE_M) {
            let p = camera + Vector3::from(block.point.map(f64::from));
            let firm = (FULL_WEIGHT_M / block.z).powi(2).min(1.0);
            let weight = if self.seeks_narrow { firm * blocks_in_one(block) } else { firm };
            let level = self.nearest_level(p.z);
            let alike = level_neighbours(blocks, at);
            let is_firm = is_level(block) || !block.has_normal() && alike == [2, 2];
            let is_level = is_firm || self.seeks_narrow && alike[0] > 0 && alike[1] > 0;
            match level {
                Some(level) if is_level => {
                    let firm = if is_firm { firm } else { 0.0 };
                    self.levels[level].vote(p.x, p.y, p.z, weight, firm);
                }
                Some(level) if !block.has_normal() && is_rim(blocks, at) => {
                    self.levels[level].vote(p.x, p.y, p.z, RIM_WEIGHT * weight, RIM_WEIGHT * firm);
                }
                None if is_level => {
                    let bin = (block.point[2] / BIN_M) as isize + BINS as isize / 2;
                    if let Some(sum) = usize::try_from(bin).ok().and_then(|bin| self.bins.get_mut(bin)) {
                        *sum += if block.has_normal() { block.area_m2 } else { slanted_area_m2(blocks, block) };
                    }
                }
                _ => {}
            }
        }
        self.begin_levels(camera.z);
        self.unite_levels();
    }

    /// Two levels that moved together as they were averaged become one.
    fn unite_levels(&mut self) {
        for b in (1..self.levels.len()).rev() {
            let near = |a: &usize| (self.levels[*a].height_m - self.levels[b].height_m).abs() < UNITE_M;
            if let Some(a) = (0..b).find(near) {
                let gone = self.levels.remove(b);
                self.levels[a].absorb(&gone);
            }
        }
    }

    /// A height with area enough that no level explains begins a level.
    fn begin_levels(&mut self, camera_height: f64) {
        while self.levels.len() < MAX_LEVELS {
            let around = |at: usize| self.bins[at.saturating_sub(2)..(at + 3).min(BINS)].iter().sum::<f32>();
            let best =
                (0..BINS).map(|at| (at, around(at))).fold((0, 0.0), |best, b| if b.1 > best.1 { b } else { best });
            if best.1 < NEW_LEVEL_AREA_M2 {
                return;
            }
            let range = best.0.saturating_sub(2)..(best.0 + 3).min(BINS);
            let mean: f32 = range.clone().map(|at| at as f32 * self.bins[at]).sum::<f32>() / best.1;
            let height = camera_height + f64::from((mean - BINS as f32 / 2.0) * BIN_M);
            self.bins[range.start.saturating_sub(1)..(range.end + 1).min(BINS)].fill(0.0);
            if self.nearest_level(height).is_none() {
                self.levels.push(Level::new(height));
                self.grown = true;
            }
        }
    }

    fn see_walls(&mut self, blocks: &Blocks, camera: Point3<f64>, noise: &DepthNoise) {
        upright_patches(blocks, &mut self.patches, &mut self.upright);
        for number in 0..self.patches.len() {
            let patch = self.patches[number];
            let normal = patch.normal.map(f64::from);
            let members = || {
                blocks.blocks.iter().zip(&self.upright.patch_of).filter(|(_, of)| **of == number as u8).map(|(b, _)| b)
            };
            let (mut x, mut y, mut count) = (0.0, 0.0, 0.0);
            for b in members() {
                x += f64::from(b.point[0]);
                y += f64::from(b.point[1]);
                count += 1.0;
            }
            if count < 1.0 {
                continue;
            }
            let (x, y) = (camera.x + x / count, camera.y + y / count);
            let known = self.walls.iter().position(|wall| wall.continues(normal, x, y));
            let at = match known {
                Some(at) => at,
                None if self.walls.len() < MAX_WALLS => {
                    self.walls.push(Wall::new(normal, normal[0] * x + normal[1] * y));
                    self.walls.len() - 1
                }
                None => continue,
            };
            let wall = &mut self.walls[at];
            for b in members() {
                let weight = f64::from((FULL_WEIGHT_M / b.z).powi(2).min(1.0));
                wall.vote(
                    camera.x + f64::from(b.point[0]),
                    camera.y + f64::from(b.point[1]),
                    camera.z + f64::from(b.point[2]),
                    weight,
                );
            }
            wall.fit();
            self.grown |= std::mem::take(&mut wall.grown);
            let behind_m = 0.12 + 4.0 * noise.sigma_m(3.0);
            for b in blocks.blocks.iter().step_by(4).filter(|b| b.has_depth()) {
                let (x, y) = (camera.x + f64::from(b.point[0]), camera.y + f64::from(b.point[1]));
                if wall.distance_m(x, y) < -behind_m && wall.is_beside(x, y, 0.0) {
                    wall.see_behind(4.0 * f64::from((FULL_WEIGHT_M / b.z).powi(2).min(1.0)));
                }
            }
        }
    }

    fn choose_floor(&mut self) {
        self.grown |= self.levels.iter_mut().fold(false, |grown, level| grown | std::mem::take(&mut level.grown));
        self.heights.clear();
        self.heights.extend(self.levels.iter().map(|level| level.height_m));
        let largest = self.levels.iter().map(|level| level.area_m2).fold(0.0, f64::max);
        let candidates = self
            .levels
            .iter()
            .enumerate()
            .filter(|(_, level)| level.area_m2 >= (FLOOR_SHARE * largest).max(LEAST_FLOOR_M2));
        self.floor = candidates.min_by(|a, b| a.1.height_m.total_cmp(&b.1.height_m)).map(|(at, _)| at);
    }

    /// Seeks the parts of the levels again, when enough has changed: it costs a look at every cell.
    /// Cuts the levels into parts anew, if they have grown enough or the parts are old enough. Allocates.
    pub fn renew_parts(&mut self) {
        let area: f64 = self.levels.iter().map(|level| level.area_m2).sum();
        let tiles: usize = self.levels.iter().map(Level::tiles).sum();
        let every = PARTS_EVERY.max((tiles / TILES_A_FRAME) as u32);
        let due = area > self.parts_area_m2 * (1.0 + PARTS_GROWTH) || self.frames_since_parts >= every;
        if !self.grown || !due {
            return;
        }
        self.grown = false;
        self.parts_area_m2 = area;
        self.frames_since_parts = 0;
        self.parts_renewed = true;
        self.parts.clear();
        for (at, level) in self.levels.iter_mut().enumerate().filter(|(_, level)| level.area_m2 >= LEAST_TABLE_M2) {
            self.parts.extend(level.parts(LEAST_PART_M2).into_iter().map(|part| (at, part)));
        }
        self.renew_tops();
        self.parts.retain(|(_, part)| part.area_m2 >= LEAST_TABLE_M2);
        self.renew_wall_lines();
    }

    /// Brings [`Self::wall_lines`] up to date.
    pub fn renew_wall_lines(&mut self) {
        let floor_m = self.floor_m();
        self.wall_lines.clear();
        self.wall_lines.extend(self.walls.iter().filter_map(|wall| wall.line(floor_m?)));
    }

    fn is_floor(&self, at: usize) -> bool {
        let near = |floor_m: f64| (self.levels[at].height_m - floor_m).abs() < FLOOR_REACH_M;
        Some(at) == self.floor || self.floor_m().is_some_and(near)
    }

    fn renew_tops(&mut self) {
        let Some(floor_m) = self.floor_m() else { return };
        let is_large = |part: &LevelPart| polygon::area_m2(&part.reach) >= LEAST_TOP_M2;
        let parts = joined_in_a_row(self.parts.iter().filter(|(at, _)| !self.is_floor(*at)).cloned().collect());
        let mut tops: Vec<TopPlane> = parts
            .iter()
            .filter(|(_, part)| is_large(part))
            .filter_map(|(_, part)| TopPlane::new(&part.reach, part.height_m, floor_m, part.area_m2))
            .filter(|top| top.side_m[1] >= LEAST_TOP_WIDTH_M)
            .collect();
        tops.sort_by(|a, b| a.height_m.total_cmp(&b.height_m));
        let covers = |above: &TopPlane, below: &TopPlane| {
            let both = polygon::area_m2(&polygon::clip(&below.outline, &above.outline));
            above.height_m > below.height_m + 0.1 && both > COVERED_SHARE * polygon::area_m2(&below.outline)
        };
        let lies_on = |upper: &TopPlane, lower: &TopPlane| {
            let both = polygon::area_m2(&polygon::clip(&upper.outline, &lower.outline));
            let area = polygon::area_m2(&upper.outline);
            let gap = upper.height_m - lower.height_m;
            (SAME_TOP_M..ON_TOP_REACH_M).contains(&gap) && upper.area_m2 < lower.area_m2 && both > LIES_ON_SHARE * area
        };
        let is_free = |top: &TopPlane| !tops.iter().any(|other| covers(other, top) || lies_on(top, other));
        let free = tops.iter().filter(|top| is_free(top));
        self.tops = free.cloned().collect();
    }

    /// The box with its bottom on what it stands on, or its back on the wall it hangs on.
    pub fn settle(&self, obb: &OrientedBox, noise_m2: &Matrix3<f32>) -> (OrientedBox, Rest) {
        let half = obb.size.z * 0.5;
        let (low, high) = (obb.centre.z - half, obb.centre.z + half);
        match self.surface_under(obb, low, high) {
            Some(bottom) if high - bottom > 0.004 => {
                let mut settled = *obb;
                settled.size.z = high - bottom;
                settled.centre.z = 0.5 * (high + bottom);
                (settled, Rest::OnSurface)
            }
            _ => self.against_wall(obb, noise_m2).map_or((*obb, Rest::Unknown), |settled| (settled, Rest::OnWall)),
        }
    }

    fn surface_under(&self, obb: &OrientedBox, low: f64, high: f64) -> Option<f64> {
        let gap = BOTTOM_GAP_M + BOTTOM_GAP_SHARE * (high - low);
        let near = |surface: f64| {
            surface <= low + BOTTOM_BELOW_M.min(0.7 * (high - low) + 0.015) && surface >= low - gap && surface < high
        };
        let table =
            self.levels.iter().enumerate().filter(|(at, level)| Some(*at) != self.floor && near(level.height_m));
        let table = table.filter_map(|(_, level)| {
            let height = level.height_round(obb, ROUND_M)?;
            // The thing's own top must not be taken for what it stands on.
            (high - height > 0.3 * (high - low)).then_some(height)
        });
        // The tops of what stands beside it make a level too: that on which it ends is the nearer one.
        let from_bottom = |height: &f64| (height - low).abs();
        let nearest_table = table.min_by(|a, b| from_bottom(a).total_cmp(&from_bottom(b)));
        if nearest_table.is_some() {
            return nearest_table;
        }
        let hidden_legs = if high - low > TALL_M { HIDDEN_LEGS_SHARE * (high - low) } else { 0.0 };
        self.floor
            .map(|at| self.levels[at].height_m)
            .filter(|&floor| near(floor) || floor < low && low - floor < hidden_legs)
    }

    fn against_wall(&self, obb: &OrientedBox, noise_m2: &Matrix3<f32>) -> Option<OrientedBox> {
        let axes = obb.axes();
        let floor_m = self.floor_m()?;
        for wall in self.walls.iter().filter(|wall| wall.is_wall(floor_m)) {
            for (k, axis) in axes.iter().enumerate().take(2) {
                let cos = axis.x * wall.normal[0] + axis.y * wall.normal[1];
                if cos.abs() < 0.97
                    || obb.size[k] > HANGING_THICKNESS_M
                    || obb.size[k] > obb.size[1 - k]
                    || !wall.is_beside(obb.centre.x, obb.centre.y, 0.0)
                {
                    continue;
                }
                let middle = wall.distance_m(obb.centre.x, obb.centre.y);
                let (back, front) = (middle - obb.size[k] * 0.5, middle + obb.size[k] * 0.5);
                if back > BACK_GAP_M || back < -BACK_GAP_M.min(0.5 * obb.size[k] + 0.01) || front < LEAST_FRONT_M {
                    continue;
                }
                // What noise hides the thickness of shows its front alone: its points lie round that.
                let front = if sigma_along_m(noise_m2, axis) > LOST_SHARE * obb.size[k] {
                    middle.max(LEAST_FRONT_M)
                } else {
                    front
                };
                let mut settled = *obb;
                settled.size[k] = front;
                settled.centre += axis * (cos.signum() * (0.5 * front - middle));
                return Some(OrientedBox::canonical_upright(settled.centre, settled.size, settled.yaw_rad()));
            }
        }
        None
    }

    /// Supports as readers see them, when something has changed.
    pub fn publish(&mut self) -> Option<Arc<[Arc<Support>]>> {
        self.renew_parts();
        if !std::mem::take(&mut self.parts_renewed) {
            return None;
        }
        let floor_m = self.floor_m();
        let mut found: Vec<Support> = self.floor_support().into_iter().collect();
        for (at, part) in &self.parts {
            if !self.is_floor(*at) && floor_m.is_none_or(|floor| part.height_m >= floor + 0.1) {
                found.push(level_support(SupportKind::Table, part));
            }
        }
        found.extend(self.walls.iter().filter_map(|wall| wall_support(wall, floor_m?)));
        let before = std::mem::take(&mut self.published);
        let mut taken = vec![false; before.len()];
        for mut support in found {
            let same = before.iter().enumerate().position(|(at, old)| !taken[at] && is_same(old, &support));
            support.id = match same {
                Some(at) => {
                    taken[at] = true;
                    before[at].id
                }
                None => {
                    self.next_id += 1;
                    SupportId(self.next_id)
                }
            };
            self.published.push(Arc::new(support));
        }
        self.published.sort_by_key(|support| support.id);
        Some(self.published.iter().cloned().collect())
    }
}

impl Supports {
    /// The floor is one plane, wherever furniture parts what was seen of it: one support, whose outline is convex.
    fn floor_support(&self) -> Option<Support> {
        let parts: Vec<&LevelPart> = self.parts.iter().filter(|(at, _)| self.is_floor(*at)).map(|(_, p)| p).collect();
        let votes: f64 = parts.iter().map(|part| part.votes).sum();
        let area_m2: f64 = parts.iter().map(|part| part.area_m2).sum();
        if area_m2 < LEAST_FLOOR_M2 {
            return None;
        }
        let whole = LevelPart {
            height_m: parts.iter().map(|part| part.height_m * part.votes).sum::<f64>() / votes,
            area_m2,
            sigma_m: parts.iter().map(|part| part.sigma_m * part.votes).sum::<f64>() / votes,
            votes,
            outline: polygon::convex_hull(parts.iter().flat_map(|part| part.outline.iter().copied()).collect()),
            reach: Vec::new(),
        };
        Some(level_support(SupportKind::Floor, &whole))
    }
}

/// How many neighbours, beside a block and above or below it in the image, lie at its height, where those of anything
/// upright would be a block's side apart. One of each makes a level surface, too narrow or seen too flatly for a normal.
fn level_neighbours(blocks: &Blocks, at: usize) -> [usize; 2] {
    let here = &blocks.blocks[at];
    let (column, row) = (at % blocks.width, at / blocks.width);
    if column == 0 || row == 0 || column + 1 == blocks.width || row + 1 == blocks.height {
        return [0; 2];
    }
    let least_m = SLANT_HEIGHT_SHARE * blocks.side_at_1m * here.z * here.stretch;
    let is_alike = |other: usize| {
        let other = &blocks.blocks[other];
        other.has_depth()
            && (other.point[2] - here.point[2]).abs() < least_m
            && (other.z - here.z).abs() < SLANT_REACH_SHARE * here.z
    };
    let count = |a: usize, b: usize| usize::from(is_alike(a)) + usize::from(is_alike(b));
    [count(at - 1, at + 1), count(at - blocks.width, at + blocks.width)]
}

/// How many blocks a level surface would fill, seen from above, where it fills one: seen flatly a block stands for more.
fn blocks_in_one(block: &Block) -> f32 {
    let [x, y, z] = block.point;
    ((x * x + y * y + z * z).sqrt() / z.abs().max(1e-3)).min(MOST_IN_ONE)
}

/// Area of a level block without a normal, m².
fn slanted_area_m2(blocks: &Blocks, block: &Block) -> f32 {
    let [x, y, z] = block.point;
    let sin = z.abs() / (x * x + y * y + z * z).sqrt();
    (blocks.side_at_1m * block.z * block.stretch).powi(2) / sin.max(0.1)
}

/// True for a block at the edge of a level surface: it has no normal of its own, but lies at the height of a neighbour
/// that is level.
fn is_rim(blocks: &Blocks, at: usize) -> bool {
    let (column, row) = (at % blocks.width, at / blocks.width);
    let here = &blocks.blocks[at];
    let near = |c: Option<usize>, r: Option<usize>| match (c, r) {
        (Some(c), Some(r)) if c < blocks.width && r < blocks.height => {
            let other = &blocks.blocks[r * blocks.width + c];
            is_level(other)
                && (other.point[2] - here.point[2]).abs() < RIM_HEIGHT_M
                && (0..2).all(|k| (other.point[k] - here.point[k]).abs() < RIM_REACH_M)
        }
        _ => false,
    };
    (1..=2).any(|step| {
        near(column.checked_sub(step), Some(row))
            || near(Some(column + step), Some(row))
            || near(Some(column), row.checked_sub(step))
            || near(Some(column), Some(row + step))
    })
}

/// Parts of levels, those that lie in a row and make one narrow top joined: what stands on a shelf parts what is seen of
/// it.
fn joined_in_a_row(mut parts: Vec<(usize, LevelPart)>) -> Vec<(usize, LevelPart)> {
    let mut at = 0;
    while at < parts.len() {
        let (level, part) = &parts[at];
        let others = (at + 1..parts.len()).filter(|&other| parts[other].0 == *level);
        let found = others.filter_map(|other| Some((other, in_a_row(part, &parts[other].1)?))).next();
        match found {
            Some((other, whole)) => {
                parts[at].1 = whole;
                parts.remove(other);
            }
            None => at += 1,
        }
    }
    parts
}

/// Both as one, where they make a rectangle hardly wider than the wider of them, and fill most of it.
fn in_a_row(a: &LevelPart, b: &LevelPart) -> Option<LevelPart> {
    if (a.height_m - b.height_m).abs() > ROW_HEIGHT_M {
        return None;
    }
    let reach = polygon::convex_hull(a.reach.iter().chain(&b.reach).copied().collect());
    let width = |outline: &[[f64; 2]]| polygon::smallest_rectangle(outline).map(|(_, side, _)| side[1]);
    let widest = width(&a.reach)?.max(width(&b.reach)?) + ROW_MARGIN_M;
    let area_m2 = a.area_m2 + b.area_m2;
    let is_row = width(&reach)? <= widest.min(ROW_WIDTH_M) && area_m2 >= ROW_FILL * polygon::area_m2(&reach);
    let votes = a.votes + b.votes;
    let mean = |of: fn(&LevelPart) -> f64| (of(a) * a.votes + of(b) * b.votes) / votes;
    is_row.then(|| LevelPart {
        height_m: mean(|p| p.height_m),
        area_m2,
        sigma_m: mean(|p| p.sigma_m),
        votes,
        outline: reach.clone(),
        reach,
    })
}

fn is_level(block: &Block) -> bool {
    block.has_normal() && block.normal[2] > LEVEL_COS
}

fn level_support(kind: SupportKind, part: &LevelPart) -> Support {
    Support {
        id: SupportId(0),
        kind,
        normal: Vector3::z(),
        offset_m: part.height_m,
        polygon: part.outline.iter().map(|&[x, y]| Point3::new(x, y, part.height_m)).collect(),
        sigma_m: part.sigma_m,
        area_m2: part.area_m2,
    }
}

fn wall_support(wall: &Wall, floor_m: f64) -> Option<Support> {
    let extent = wall.extent(floor_m)?;
    let foot = [wall.normal[0] * wall.offset_m, wall.normal[1] * wall.offset_m];
    // Along the wall's own line, from the fixed axis in which its columns are counted.
    let along = [-wall.normal[1], wall.normal[0]];
    let scale = extent.axis[0] * along[0] + extent.axis[1] * along[1];
    let shift = extent.axis[0] * foot[0] + extent.axis[1] * foot[1];
    let at = |s: f64, z: f64| {
        let t = (s - shift) / scale;
        Point3::new(foot[0] + along[0] * t, foot[1] + along[1] * t, z)
    };
    Some(Support {
        id: SupportId(0),
        kind: SupportKind::Wall,
        normal: Vector3::new(wall.normal[0], wall.normal[1], 0.0),
        offset_m: wall.offset_m,
        polygon: vec![
            at(extent.from, extent.low_m),
            at(extent.from, extent.high_m),
            at(extent.to, extent.high_m),
            at(extent.to, extent.low_m),
        ],
        sigma_m: 0.005,
        area_m2: (extent.to - extent.from) * (extent.high_m - extent.low_m),
    })
}

/// A support moved as a whole: a level one stays level, a wall upright.
fn moved_support(support: &Support, correction: &Correction) -> Support {
    let count = support.polygon.len().max(1) as f64;
    let middle = Point3::from(support.polygon.iter().map(|p| p.coords).sum::<Vector3<f64>>() / count);
    let motion = correction.motion_from(&middle);
    let normal = motion.rotation * support.normal;
    let normal = match support.kind {
        SupportKind::Wall => Vector3::new(normal.x, normal.y, 0.0).try_normalize(1e-6).unwrap_or(support.normal),
        _ => support.normal,
    };
    let polygon: Vec<Point3<f64>> = support.polygon.iter().map(|p| motion * p).collect();
    Support { normal, offset_m: normal.dot(&(motion * middle).coords), polygon, ..support.clone() }
}

/// True when two supports of different moments are one.
fn is_same(old: &Support, new: &Support) -> bool {
    if old.kind != new.kind || old.normal.dot(&new.normal) < 0.97 {
        return false;
    }
    let middle = |s: &Support| {
        Point3::from(s.polygon.iter().map(|p| p.coords).sum::<Vector3<f64>>() / s.polygon.len().max(1) as f64)
    };
    let apart = (new.normal.dot(&middle(old).coords) - new.offset_m).abs();
    if apart > 0.06 {
        return false;
    }
    if old.kind == SupportKind::Floor {
        return true;
    }
    if old.kind == SupportKind::Wall {
        let reach = |s: &Support| s.polygon.iter().map(|p| (p - middle(s)).norm()).fold(0.0, f64::max);
        return (middle(old) - middle(new)).norm() < reach(old).max(reach(new));
    }
    let flat = |s: &Support| s.polygon.iter().map(|p| [p.x, p.y]).collect::<Vec<_>>();
    let (a, b) = (middle(old), middle(new));
    polygon::contains(&flat(new), [a.x, a.y]) || polygon::contains(&flat(old), [b.x, b.y])
}
