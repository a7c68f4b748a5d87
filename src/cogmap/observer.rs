//! The observer's map: what is known of the 10 × 10 cells round it.
//!
//! A cell is occupied when the footprint of one thing covers at least a tenth of it, or at least 20 points stand 0.05 to
//! 1.8 m above the floor in it; otherwise free when the floor was seen on at least half of it; otherwise unknown. The
//! ground is sampled at the fine cells of 0.1 m whose centres lie in the cell; a cell too small to hold a centre takes the
//! fine cell under its own.
//!
//! A thing is inside when its centre is; its footprint may still reach into cells from outside. What lies outside is told
//! as "beyond", with bearing and distance, and never pushed into a border cell.
//!
//! Heights are above the floor: of the points standing in the cell, and of the things that touch it once a floor was seen.
//! Cost: the area the grid covers, and the things in it and as far round it as it takes to find [`MAX_BEYOND`], within
//! `beyond_m`; nothing else in the map.

use super::cover::covered_cells;
use super::direction::bearing_deg;
use super::grid::{FITTED_STEP_M, GRID_MIDDLE, GRID_SIDE, cell_of, fitted_cell_m, grid_of};
use super::local_frame::LocalFrame;
use crate::error::{Error, Result};
use crate::scene::{
    GROUND_CELL_M, GROUND_TILE_SIDE, Ground, GroundCell, GroundTile, Object, ObjectId, Snapshot, TILE_M, call_up,
    tile_of,
};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::sync::Arc;

/// Share of a cell that one thing's footprint must cover to occupy it.
pub const COVERED_SHARE: f64 = 0.1;

/// Points standing on a cell that occupy it.
pub const OBSTACLE_POINTS: u64 = 20;

/// The most things told as beyond.
pub const MAX_BEYOND: usize = 64;

/// Where too little was found, so many times as far is looked next.
const WIDER: f64 = 1.5;

/// The coarsest map: 100 m by 100 m. Bounds the ground that is looked at.
const MAX_CELL_M: f64 = 10.0;

/// The farthest that beyond may reach, metres.
const MAX_BEYOND_M: f64 = 1000.0;

const CELLS: usize = GRID_SIDE * GRID_SIDE;

/// How large a cell is.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    /// This many metres: 0.05 to 10, in whole centimetres, so that two decimals print it.
    Fixed(f64),
    /// The smallest multiple of 0.05 m that keeps the centres of these things within 4.9 cells of the observer on both
    /// axes.
    Holding(Vec<ObjectId>),
}

/// What a map may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct CogMapOptions {
    /// How large a cell is. Default: 0.5 m.
    pub scale: Scale,
    /// Things outside the grid are told as beyond up to this far from the observer, metres. Default: 10.
    pub beyond_m: f64,
    /// Things last seen more than this much walked path ago are left out: with drifting poses their place is no longer
    /// known well enough. Default: none, everything is told.
    pub max_path_age_m: Option<f64>,
}

impl Default for CogMapOptions {
    fn default() -> Self {
        Self { scale: Scale::Fixed(0.5), beyond_m: 10.0, max_path_age_m: None }
    }
}

/// What is known of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// Not seen well enough to say.
    #[default]
    Unknown,
    /// The floor was seen, and nothing on it.
    Free,
    /// Something stands there.
    Occupied,
}

impl CellState {
    /// `?`, `.` or `#`.
    pub fn sign(self) -> char {
        match self {
            Self::Unknown => '?',
            Self::Free => '.',
            Self::Occupied => '#',
        }
    }

    /// The state a sign stands for.
    pub fn of_sign(sign: char) -> Option<Self> {
        [Self::Unknown, Self::Free, Self::Occupied].into_iter().find(|state| state.sign() == sign)
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct MapCell {
    /// What is known of it.
    pub state: CellState,
    /// Things whose footprint touches it, by ascending id.
    #[serde(serialize_with = "numbers")]
    pub objects: Vec<ObjectId>,
    /// Lowest and highest thing standing in it, metres above the floor; none when nothing does or no floor was seen.
    pub height_m: Option<[f64; 2]>,
    /// Stamp of the newest frame that saw its ground or a thing in it.
    pub last_seen_ns: Option<i64>,
}

/// A thing inside the grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapObject {
    /// The thing, as the snapshot has it.
    #[serde(flatten, serialize_with = "called")]
    pub thing: Arc<Object>,
    /// Grid coordinates of its centre: x to the right, y ahead, 0 to 10.
    pub grid: [f64; 2],
    /// Standard deviation of the centre to the right and ahead, in cells.
    pub sigma: [f64; 2],
    /// Corners of its footprint in grid coordinates, counter-clockwise; may reach out of the grid.
    pub footprint: Vec<[f64; 2]>,
}

/// A thing outside the grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beyond {
    /// The thing, as the snapshot has it.
    #[serde(flatten, serialize_with = "called")]
    pub thing: Arc<Object>,
    /// Bearing of its centre, degrees in (−180, 180]: 0 ahead, right positive.
    pub bearing_deg: f64,
    /// Distance of its centre on the ground, metres.
    pub distance_m: f64,
    /// Corners of its footprint in grid coordinates, counter-clockwise; kept where it reaches into the grid, else empty.
    pub footprint: Vec<[f64; 2]>,
}

/// The observer's map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocalCogMap {
    /// Where the observer stands and which way it faces.
    pub frame: LocalFrame,
    /// Stamp of the snapshot; `i64::MIN` before its first frame.
    pub stamp_ns: i64,
    /// Metres per cell.
    pub cell_m: f64,
    pub(super) cells: Vec<MapCell>,
    /// Things whose centre is inside, by ascending id.
    pub objects: Vec<MapObject>,
    /// Things whose centre is outside, nearest first; at most [`MAX_BEYOND`].
    pub beyond: Vec<Beyond>,
}

/// The cells as nav_msgs/OccupancyGrid wants them: x ahead, y left, in a frame at the observer with z up.
#[derive(Debug, Clone, PartialEq)]
pub struct OccupancyGrid {
    /// Metres per cell.
    pub resolution_m: f64,
    /// x and y of the outer corner of the first cell, metres in the observer's frame: behind and to the right.
    pub origin_m: [f64; 2],
    /// Row-major, x fastest, 10 by 10: −1 unknown, 0 free, 100 occupied.
    pub data: [i8; CELLS],
}

impl LocalCogMap {
    /// The map of what `snapshot` knows round the observer at `frame`.
    pub fn build(snapshot: &Snapshot, frame: &LocalFrame, options: &CogMapOptions) -> Result<Self> {
        check(options)?;
        let cell_m = cell_size_m(snapshot, frame, &options.scale)?;
        let mut map = Self {
            frame: *frame,
            stamp_ns: snapshot.stamp_ns(),
            cell_m,
            cells: ground_cells(snapshot, frame, cell_m),
            objects: Vec::new(),
            beyond: Vec::new(),
        };
        let is_known = |object: &Object| {
            let path_age_m = snapshot.path_m() - object.last_seen_path_m;
            options.max_path_age_m.is_none_or(|most_m| path_age_m <= most_m)
        };
        let grid_m = GRID_MIDDLE * cell_m * std::f64::consts::SQRT_2;
        let mut reach_m = grid_m.max((grid_m * WIDER).min(options.beyond_m));
        let mut near = snapshot.objects_round(frame.origin(), f64::NEG_INFINITY, reach_m);
        near.retain(|object| is_known(object));
        // What cannot reach into the grid is at most told of as beyond.
        let mut far = Vec::with_capacity(2 * MAX_BEYOND);
        near.retain(|object| {
            let centre_m = centre_of(object, frame);
            let reach_m = GRID_MIDDLE * cell_m + object.obb.reach_m();
            let may_touch = centre_m.iter().all(|m| m.abs() <= reach_m);
            far.extend((!may_touch).then(|| Far::of(object, centre_m)));
            may_touch
        });
        call_up(&near, |object| object.id.0 ^ object.last_seen_ns as u64);
        near.sort_by_key(|object| object.id);
        map.objects.reserve(near.len());
        let (floor_m, mut reaching) = (snapshot.floor_height_m(), Vec::new());
        far.extend(near.into_iter().filter_map(|object| map.add(object, floor_m, &mut reaching)));
        far.retain(|away| away.distance_m <= options.beyond_m);
        // Farther and farther, until all that is told of must be among what was found.
        while reach_m < options.beyond_m && far.iter().filter(|far| far.distance_m <= reach_m).count() < MAX_BEYOND {
            let wider_m = (reach_m * WIDER).min(options.beyond_m);
            let found = snapshot.objects_round(frame.origin(), reach_m, wider_m).into_iter();
            let known = found.filter(|object| is_known(object)).map(|object| Far::of(object, centre_of(object, frame)));
            far.extend(known.filter(|away| away.distance_m <= options.beyond_m));
            reach_m = wider_m;
        }
        map.beyond = nearest(far).into_iter().map(|away| away.told(frame, &mut reaching)).collect();
        Ok(map)
    }

    /// The hundred cells: (i, j), i to the right and j ahead, at `10 j + i`.
    pub fn cells(&self) -> &[MapCell] {
        &self.cells
    }

    /// The cell i to the right and j ahead, each 0 to 9.
    pub fn cell(&self, i: usize, j: usize) -> Option<&MapCell> {
        (i < GRID_SIDE).then(|| self.cells.get(j * GRID_SIDE + i)).flatten()
    }

    /// Ten rows of ten signs `?` `.` `#`; the first row is the farthest ahead, j = 9, and each runs left to right.
    pub fn rows(&self) -> [String; GRID_SIDE] {
        std::array::from_fn(|row| {
            let j = GRID_SIDE - 1 - row;
            self.cells[j * GRID_SIDE..(j + 1) * GRID_SIDE].iter().map(|cell| cell.state.sign()).collect()
        })
    }

    /// The whole map as JSON, with every field by its name.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The cells for robots that speak nav_msgs/OccupancyGrid.
    pub fn occupancy_grid(&self) -> OccupancyGrid {
        let corner_m = -GRID_MIDDLE * self.cell_m;
        let data = std::array::from_fn(|at| {
            let (ahead, left) = (at % GRID_SIDE, at / GRID_SIDE);
            match self.cells[ahead * GRID_SIDE + GRID_SIDE - 1 - left].state {
                CellState::Unknown => -1,
                CellState::Free => 0,
                CellState::Occupied => 100,
            }
        });
        OccupancyGrid { resolution_m: self.cell_m, origin_m: [corner_m; 2], data }
    }

    /// Takes in a thing; returns one whose centre is outside, and its footprint where that reaches in.
    fn add<'o>(
        &mut self,
        object: &'o Arc<Object>,
        floor_m: Option<f64>,
        reaching: &mut Vec<(ObjectId, Vec<[f64; 2]>)>,
    ) -> Option<Far<'o>> {
        let (frame, cell_m) = (self.frame, self.cell_m);
        let centre_m = centre_of(object, &frame);
        let grid = grid_of(centre_m, cell_m);
        let mut footprint = object.obb.footprint();
        footprint.iter_mut().for_each(|corner| *corner = grid_of(frame.to_local(*corner), cell_m));
        let touched = self.cover(object, grid, &footprint, floor_m);
        if cell_of(grid).is_some() {
            self.objects.push(MapObject {
                thing: Arc::clone(object),
                grid,
                sigma: sigma_cells(object, &frame, cell_m),
                footprint,
            });
            return None;
        }
        reaching.extend(touched.then_some((object.id, footprint)));
        Some(Far::of(object, centre_m))
    }

    /// Notes a thing in every cell its footprint touches. False when it touches none.
    fn cover(&mut self, object: &Object, centre: [f64; 2], footprint: &[[f64; 2]], floor_m: Option<f64>) -> bool {
        let height_m = floor_m.map(|floor_m| {
            let (low, high) = object.obb.bounds();
            [low.z - floor_m, high.z - floor_m]
        });
        let mut touched = false;
        // A thing too thin to cover anything still stands where its centre is.
        covered_cells(footprint, cell_of(centre), |i, j, share| {
            touched = true;
            let cell = &mut self.cells[j * GRID_SIDE + i];
            cell.objects.push(object.id);
            cell.height_m = joined(cell.height_m, height_m);
            cell.last_seen_ns = cell.last_seen_ns.max(Some(object.last_seen_ns));
            if share >= COVERED_SHARE - 1e-9 {
                cell.state = CellState::Occupied;
            }
        });
        touched
    }
}

/// Where the centre of a thing is, seen from the observer, metres.
fn centre_of(object: &Object, frame: &LocalFrame) -> [f64; 2] {
    frame.to_local([object.obb.centre.x, object.obb.centre.y])
}

/// A thing whose centre is outside the grid.
#[derive(Clone, Copy)]
struct Far<'o> {
    object: &'o Arc<Object>,
    distance_m: f64,
}

impl<'o> Far<'o> {
    fn of(object: &'o Arc<Object>, centre_m: [f64; 2]) -> Self {
        Self { object, distance_m: centre_m[0].hypot(centre_m[1]) }
    }

    fn nearer(&self, other: &Self) -> Ordering {
        // The bits of numbers that are not negative are in the numbers' order.
        let [a, b] = [self, other].map(|far| far.distance_m.to_bits());
        if a == b { self.object.id.cmp(&other.object.id) } else { a.cmp(&b) }
    }

    /// What is told of it, with its footprint if that is among those that reach into the grid.
    fn told(self, frame: &LocalFrame, reaching: &mut [(ObjectId, Vec<[f64; 2]>)]) -> Beyond {
        let footprint = reaching.iter_mut().find(|(id, _)| *id == self.object.id);
        Beyond {
            thing: Arc::clone(self.object),
            bearing_deg: bearing_deg(centre_of(self.object, frame)),
            distance_m: self.distance_m,
            footprint: footprint.map(|(_, footprint)| std::mem::take(footprint)).unwrap_or_default(),
        }
    }
}

/// The [`MAX_BEYOND`] nearest, nearest first; of two as far away the older one.
fn nearest(mut far: Vec<Far<'_>>) -> Vec<Far<'_>> {
    // There may be hundreds: only those that are told of are put in order.
    if far.len() > MAX_BEYOND {
        far.select_nth_unstable_by(MAX_BEYOND, Far::nearer);
        far.truncate(MAX_BEYOND);
    }
    far.sort_unstable_by(Far::nearer);
    far
}

fn joined(a: Option<[f64; 2]>, b: Option<[f64; 2]>) -> Option<[f64; 2]> {
    match (a, b) {
        (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].max(b[1])]),
        (a, b) => a.or(b),
    }
}

fn sigma_cells(object: &Object, frame: &LocalFrame, cell_m: f64) -> [f64; 2] {
    let [xx, xy, _, yy, ..] = object.centre_cov_m2;
    let along = |[x, y]: [f64; 2]| (x * x * xx + 2.0 * x * y * xy + y * y * yy).max(0.0).sqrt() / cell_m;
    [along(frame.right()), along(frame.forward())]
}

fn check(options: &CogMapOptions) -> Result<()> {
    if !(0.0..=MAX_BEYOND_M).contains(&options.beyond_m) {
        return Err(Error::argument(format!("beyond_m is {}, expected 0 to {MAX_BEYOND_M}", options.beyond_m)));
    }
    match options.max_path_age_m {
        Some(most_m) if most_m < 0.0 || most_m.is_nan() => {
            Err(Error::argument(format!("max_path_age_m is {most_m}, expected 0 or more, or none")))
        }
        _ => Ok(()),
    }
}

fn cell_size_m(snapshot: &Snapshot, frame: &LocalFrame, scale: &Scale) -> Result<f64> {
    let cell_m = match scale {
        Scale::Fixed(cell_m) => *cell_m,
        Scale::Holding(ids) => {
            let mut offsets_m = Vec::new();
            for id in ids {
                let object = snapshot.object(*id).ok_or_else(|| {
                    Error::argument(format!("no object with id {id} is believed to be there, so no map can hold it"))
                })?;
                offsets_m.extend(frame.to_local([object.obb.centre.x, object.obb.centre.y]));
            }
            fitted_cell_m(offsets_m)
        }
    };
    let whole_centimetres = ((cell_m * 100.0).round() - cell_m * 100.0).abs() < 1e-6;
    if !((FITTED_STEP_M..=MAX_CELL_M).contains(&cell_m) && whole_centimetres) {
        return Err(Error::argument(format!(
            "a cell would be {cell_m} m, expected {FITTED_STEP_M} to {MAX_CELL_M} m in whole centimetres"
        )));
    }
    Ok((cell_m * 100.0).round() / 100.0)
}

/// What the fine cells say of one cell.
#[derive(Clone, Copy)]
struct Survey {
    samples: u32,
    floor_seen: u32,
    obstacle_points: u64,
    low_m: f32,
    high_m: f32,
    last_seen_ns: i64,
}

impl Survey {
    /// Nothing looked at yet.
    const NONE: Self = Self {
        samples: 0,
        floor_seen: 0,
        obstacle_points: 0,
        low_m: f32::INFINITY,
        high_m: f32::NEG_INFINITY,
        last_seen_ns: i64::MIN,
    };

    fn take(&mut self, fine: &GroundCell) {
        self.floor_seen += u32::from(fine.floor_seen);
        self.obstacle_points += u64::from(fine.obstacle_points);
        self.low_m = self.low_m.min(fine.low_m);
        self.high_m = self.high_m.max(fine.high_m);
        self.last_seen_ns = self.last_seen_ns.max(fine.last_seen_ns);
    }

    fn cell(&self) -> MapCell {
        let state = if self.obstacle_points >= OBSTACLE_POINTS {
            CellState::Occupied
        } else if self.samples > 0 && 2 * self.floor_seen >= self.samples {
            CellState::Free
        } else {
            CellState::Unknown
        };
        let height_m = (self.low_m <= self.high_m).then(|| [self.low_m, self.high_m].map(f64::from));
        let last_seen_ns = (self.last_seen_ns != i64::MIN).then_some(self.last_seen_ns);
        MapCell { state, objects: Vec::new(), height_m, last_seen_ns }
    }
}

/// The cells as the ground alone tells them.
fn ground_cells(snapshot: &Snapshot, frame: &LocalFrame, cell_m: f64) -> Vec<MapCell> {
    let mut surveys = survey(snapshot.ground(), frame, cell_m);
    for (at, survey) in surveys.iter_mut().enumerate().filter(|(_, survey)| survey.samples == 0) {
        let middle = [at % GRID_SIDE, at / GRID_SIDE].map(|k| (k as f64 + 0.5 - GRID_MIDDLE) * cell_m);
        let [x_m, y_m] = frame.to_world(middle);
        survey.samples = 1;
        if let Some(fine) = snapshot.ground().cell(x_m, y_m) {
            survey.take(&fine);
        }
    }
    surveys.iter().map(Survey::cell).collect()
}

/// What the fine cells say whose centre lies in each cell.
fn survey(ground: &Ground, frame: &LocalFrame, cell_m: f64) -> [Survey; CELLS] {
    let mut surveys = [Survey::NONE; CELLS];
    let half_m = GRID_MIDDLE * cell_m;
    let corners =
        [[-half_m, -half_m], [half_m, -half_m], [half_m, half_m], [-half_m, half_m]].map(|c| frame.to_world(c));
    let tiles = |k: usize| {
        let along = || corners.iter().map(|corner| corner[k]);
        tile_of(along().fold(f64::INFINITY, f64::min))..=tile_of(along().fold(f64::NEG_INFINITY, f64::max))
    };
    let lines = Lines::of(frame, cell_m, *tiles(0).start());
    for row in tiles(1) {
        let across: Vec<_> = tiles(0).map(|column| ground.tile((column, row))).collect();
        for line in 0..GROUND_TILE_SIDE {
            lines.survey(&across, row, line, &mut surveys);
        }
    }
    surveys
}

/// How lines of fine cells along x run through the grid.
struct Lines<'f> {
    frame: &'f LocalFrame,
    cell_m: f64,
    /// x of the first fine cell's centre, metres in the world.
    first_x_m: f64,
    /// Cells from one fine cell to the next, as [`to_fixed`].
    fixed_steps: [i64; 2],
    fine_per_cell: [f64; 2],
}

impl<'f> Lines<'f> {
    fn of(frame: &'f LocalFrame, cell_m: f64, first_column: i32) -> Self {
        let steps = [frame.right(), frame.forward()].map(|axis| axis[0] * GROUND_CELL_M / cell_m);
        Self {
            frame,
            cell_m,
            first_x_m: f64::from(first_column) * TILE_M + 0.5 * GROUND_CELL_M,
            fixed_steps: steps.map(to_fixed),
            fine_per_cell: steps.map(f64::recip),
        }
    }

    /// Adds every fine cell of a line through tiles side by side to the cell its centre lies in.
    fn survey(&self, across: &[Option<&GroundTile>], row: i32, line: usize, surveys: &mut [Survey; CELLS]) {
        let y_m = f64::from(row) * TILE_M + (line as f64 + 0.5) * GROUND_CELL_M;
        let first = grid_of(self.frame.to_local([self.first_x_m, y_m]), self.cell_m);
        let inside = fine_cells_inside(first, self.fine_per_cell, across.len() * GROUND_TILE_SIDE);
        if inside.is_empty() {
            return;
        }
        let first = first.map(to_fixed);
        let cell_of = |m: usize| {
            // Below 0 is far above 10 once the sign is gone.
            let [i, j] = [0, 1].map(|a| ((first[a] + m as i64 * self.fixed_steps[a]) >> FRACTION_BITS) as u64);
            (i.max(j) < GRID_SIDE as u64).then(|| (j * GRID_SIDE as u64 + i) as usize)
        };
        inside.clone().filter_map(cell_of).for_each(|at| surveys[at].samples += 1);
        for (tile, begins) in across.iter().zip((0..).step_by(GROUND_TILE_SIDE)) {
            let Some(tile) = tile else { continue };
            let [from, to] = [inside.start, inside.end].map(|m| m.clamp(begins, begins + GROUND_TILE_SIDE) - begins);
            let mut seen = tile.seen(line) & bits(from..to);
            while seen != 0 {
                let m = seen.trailing_zeros() as usize;
                seen &= seen - 1;
                if let Some(at) = cell_of(begins + m) {
                    surveys[at].take(&tile.cell(line, m));
                }
            }
        }
    }
}

/// The bits of a range, at most 32.
fn bits(range: std::ops::Range<usize>) -> u32 {
    ((1u64 << range.end) - (1u64 << range.start)) as u32
}

/// PERF: the survey looks at some 2500 fine cells; a grid coordinate as an integer with this many bits of fraction moves
/// on by an addition and gives its cell by a shift: an empty map of 5 m fell from 40 to 7 microseconds. Over the line
/// of a large grid it strays by less than 1e-6 cells.
const FRACTION_BITS: u32 = 32;

fn to_fixed(grid: f64) -> i64 {
    (grid * (1u64 << FRACTION_BITS) as f64) as i64
}

/// Which of a line's fine cells may lie in the grid: the line starts at `first`, and `per_cell` fine cells bring it one
/// cell farther along each axis.
fn fine_cells_inside(first: [f64; 2], per_cell: [f64; 2], count: usize) -> std::ops::Range<usize> {
    let (mut from, mut to) = (0.0, count as f64);
    for (first, per_cell) in first.into_iter().zip(per_cell) {
        if per_cell.abs() > 1e9 {
            // Such a line moves by less than rounding: it is in or out as a whole.
            if !(-0.5..GRID_SIDE as f64 + 0.5).contains(&first) {
                return 0..0;
            }
            continue;
        }
        let (a, b) = (-first * per_cell, (GRID_SIDE as f64 - first) * per_cell);
        let (low, high) = if a < b { (a - 1.0, b + 2.0) } else { (b - 1.0, a + 2.0) };
        // PERF: all are numbers, so that a comparison does what min and max take four instructions for.
        from = if low > from { low } else { from };
        to = if high < to { high } else { to };
    }
    if from < to { from as usize..to as usize } else { 0..0 }
}

/// Id, name and label of a thing.
fn called<S: Serializer>(thing: &Arc<Object>, out: S) -> std::result::Result<S::Ok, S::Error> {
    let mut fields = out.serialize_struct("Object", 3)?;
    fields.serialize_field("id", &thing.id)?;
    fields.serialize_field("name", &*thing.name)?;
    fields.serialize_field("label", &*thing.label)?;
    fields.end()
}

fn numbers<S: Serializer>(ids: &[ObjectId], out: S) -> std::result::Result<S::Ok, S::Error> {
    out.collect_seq(ids.iter().map(|id| id.0))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{boxed, floor, floor_cell, obstacle_cell, snapshot_of};
    use super::*;
    use crate::scene::Ground;
    use nalgebra::{Translation3, UnitQuaternion, Vector3};

    const NORTH: f64 = std::f64::consts::FRAC_PI_2;

    fn facing_north() -> LocalFrame {
        LocalFrame::new([0.0, 0.0], NORTH).expect("a heading")
    }

    fn map_of(snapshot: &Snapshot) -> LocalCogMap {
        LocalCogMap::build(snapshot, &facing_north(), &CogMapOptions::default()).expect("a map")
    }

    /// Fine cells whose centres fill the rectangle.
    fn fine(low: [f64; 2], high: [f64; 2], cell: GroundCell) -> Vec<([f64; 2], GroundCell)> {
        let lattice = |low: f64, high: f64| {
            let (from, to) = ((low / GROUND_CELL_M).round() as i32, (high / GROUND_CELL_M).round() as i32);
            (from..to).map(|k| (f64::from(k) + 0.5) * GROUND_CELL_M)
        };
        lattice(low[1], high[1]).flat_map(|y| lattice(low[0], high[0]).map(move |x| ([x, y], cell))).collect()
    }

    fn on_ground(cells: &[([f64; 2], GroundCell)]) -> Snapshot {
        snapshot_of(vec![]).after_walk(Ground::of(cells), 0.0, vec![])
    }

    #[test]
    fn the_nearest_are_told_whether_there_are_few_or_many() {
        let part = |k: u64, by: f64| (k as f64 * by).fract();
        for (count, wide_m) in [(40, 18.0), (300, 18.0), (300, 7.0), (3000, 18.0)] {
            let thing = |k: u64| {
                let at = [part(k, 0.754_877_666), part(k, 0.569_840_291)].map(|part| wide_m * (2.0 * part - 1.0));
                let long_m = if k.is_multiple_of(50) { 6.0 } else { 0.2 + part(k, 0.37) };
                boxed(k, "thing", at, [long_m, 0.3], 3.0 * part(k, 0.43))
            };
            let things: Vec<Object> = (1..=count).map(thing).collect();
            let far = |thing: &Object| {
                let [x, y] = [thing.obb.centre.x, thing.obb.centre.y];
                (x.abs() >= 2.5 || y.abs() >= 2.5).then(|| (x.hypot(y), thing.id)).filter(|(away_m, _)| *away_m <= 10.0)
            };
            let mut expected: Vec<(f64, ObjectId)> = things.iter().filter_map(far).collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            expected.truncate(MAX_BEYOND);
            let told: Vec<ObjectId> = map_of(&snapshot_of(things)).beyond.iter().map(|far| far.thing.id).collect();
            assert_eq!(told, expected.iter().map(|(_, id)| *id).collect::<Vec<_>>(), "{count} things");
        }
    }

    #[test]
    fn where_nothing_was_seen_everything_is_unknown() {
        let map = map_of(&Snapshot::of(vec![], vec![], 0).expect("empty"));
        assert!(map.rows().iter().all(|row| row == "??????????"));
        assert!(map.cells.iter().all(|cell| *cell == MapCell::default()));
        assert!(map.occupancy_grid().data.iter().all(|value| *value == -1));
    }

    #[test]
    fn half_a_cell_of_floor_is_free_and_less_is_not() {
        // Cell (5, 5) is x, y in 0 to 0.5: 25 fine cells.
        let rows_of_five = |count: usize| fine([0.0, 0.0], [0.5, 0.5], floor_cell(3))[..count].to_vec();
        let thirteen = map_of(&on_ground(&rows_of_five(13)));
        assert_eq!(thirteen.cell(5, 5).map(|cell| cell.state), Some(CellState::Free));
        assert_eq!(thirteen.cell(5, 5).and_then(|cell| cell.last_seen_ns), Some(3));
        let twelve = map_of(&on_ground(&rows_of_five(12)));
        assert_eq!(twelve.cell(5, 5).map(|cell| cell.state), Some(CellState::Unknown));
    }

    #[test]
    fn twenty_points_stand_in_the_way_and_nineteen_do_not() {
        let with = |points: u16| {
            let mut cells = fine([0.0, 0.0], [0.5, 0.5], floor_cell(3));
            cells.push(([0.25, 0.25], obstacle_cell(10, 0.2, 0.3)));
            cells.push(([0.45, 0.45], obstacle_cell(points, 0.1, 1.2)));
            map_of(&on_ground(&cells)).cell(5, 5).expect("inside").clone()
        };
        assert_eq!((with(9).state, with(10).state), (CellState::Free, CellState::Occupied));
        let [low_m, high_m] = with(10).height_m.expect("points");
        assert!((low_m - 0.1).abs() < 1e-6 && (high_m - 1.2).abs() < 1e-6);
        assert_eq!(with(10).last_seen_ns, Some(7));
    }

    #[test]
    fn a_thing_on_a_border_is_in_both_cells_and_fills_where_a_tenth_is_covered() {
        // 0.4 m square, 0.1 m of it left of the observer's axis: 0.04 of 0.25 m² there, 0.12 to the right.
        let straddling = map_of(&snapshot_of(vec![boxed(7, "box#1", [0.1, 0.25], [0.4, 0.4], 0.0)]));
        for i in [4, 5] {
            let cell = straddling.cell(i, 5).expect("inside");
            assert_eq!((cell.state, &cell.objects[..]), (CellState::Occupied, &[ObjectId(7)][..]), "{i}");
            assert_eq!(cell.height_m, Some([0.0, 0.8]));
            assert_eq!(cell.last_seen_ns, Some(5));
        }
        // 0.05 m of it left of the axis: 0.02 of 0.25 m², 8 %.
        let barely = map_of(&snapshot_of(vec![boxed(7, "box#1", [0.15, 0.25], [0.4, 0.4], 0.0)]));
        let left = barely.cell(4, 5).expect("inside");
        assert_eq!((left.state, &left.objects[..]), (CellState::Unknown, &[ObjectId(7)][..]));
        assert_eq!(barely.cell(5, 5).map(|cell| cell.state), Some(CellState::Occupied));
        assert!(barely.cell(5, 4).is_some_and(|cell| cell.objects.is_empty()));
    }

    #[test]
    fn a_thing_where_the_observer_stands_is_in_the_four_middle_cells() {
        let map = map_of(&snapshot_of(vec![boxed(1, "rug#1", [0.0, 0.0], [0.6, 0.6], 0.0)]));
        assert_eq!(map.objects[0].grid, [5.0, 5.0]);
        for (i, j) in [(4, 4), (5, 4), (4, 5), (5, 5)] {
            assert_eq!(map.cell(i, j).map(|cell| cell.state), Some(CellState::Occupied));
        }
        assert_eq!(map.cells.iter().filter(|cell| cell.state == CellState::Occupied).count(), 4);
        assert!(map.to_text().contains("[\"rug#1\",5.0,5.0]"));
    }

    #[test]
    fn a_thing_too_thin_to_cover_anything_still_has_its_cell() {
        let map = map_of(&snapshot_of(vec![boxed(1, "wire#1", [0.3, 0.3], [1e-9, 1e-9], 0.0)]));
        let cell = map.cell(5, 5).expect("inside");
        assert_eq!((cell.state, &cell.objects[..]), (CellState::Unknown, &[ObjectId(1)][..]));
    }

    #[test]
    fn a_hair_to_the_left_is_told_as_left() {
        let map = map_of(&snapshot_of(vec![
            boxed(1, "a#1", [-0.001, 1.0], [0.2, 0.2], 0.0),
            boxed(2, "b#1", [1.0, -0.001], [0.2, 0.2], 0.0),
        ]));
        assert!(map.to_text().contains("[\"a#1\",4.9,7.0],[\"b#1\",7.0,4.9]"), "{}", map.to_text());
    }

    #[test]
    fn what_lies_beyond_is_told_by_distance_and_never_moved_inside() {
        let map = map_of(&snapshot_of(vec![
            boxed(1, "door#1", [0.0, 4.0], [0.5, 0.5], 0.0),
            boxed(2, "sofa#1", [2.6, 0.0], [1.0, 1.0], 0.0),
            boxed(3, "tree#1", [0.0, 10.1], [0.5, 0.5], 0.0),
            boxed(4, "lamp#1", [0.0, -9.9], [0.5, 0.5], 0.0),
        ]));
        assert!(map.objects.is_empty());
        let told: Vec<_> = map.beyond.iter().map(|far| (&*far.thing.name, far.bearing_deg, far.distance_m)).collect();
        assert_eq!(told, [("sofa#1", 90.0, 2.6), ("door#1", 0.0, 4.0), ("lamp#1", 180.0, 9.9)]);
        assert_eq!(map.cell(9, 5).map(|cell| cell.state), Some(CellState::Occupied), "the sofa reaches in");
        assert_eq!(map.beyond[0].footprint.len(), 4);
        assert!(map.beyond[1].footprint.is_empty());
    }

    #[test]
    fn a_crowd_beyond_is_cut_at_the_nearest_sixty_four() {
        let crowd = (0..100).map(|k| boxed(k, "a#1", [0.0, 9.0 - 0.05 * k as f64], [0.1, 0.1], 0.0)).collect();
        let map = map_of(&snapshot_of(crowd));
        assert_eq!(map.beyond.len(), MAX_BEYOND);
        assert!(map.beyond.is_sorted_by(|a, b| a.distance_m <= b.distance_m));
        assert_eq!(map.beyond[0].thing.id, ObjectId(99));
    }

    #[test]
    fn what_was_seen_too_much_path_ago_is_left_out_when_asked() {
        let mut old = boxed(1, "old#1", [0.5, 0.5], [0.4, 0.4], 0.0);
        old.last_seen_path_m = 2.0;
        let mut fresh = boxed(2, "new#1", [1.5, 0.5], [0.4, 0.4], 0.0);
        fresh.last_seen_path_m = 6.0;
        let scene = snapshot_of(vec![old, fresh]).after_walk(Ground::default(), 8.0, vec![]);
        let kept = |max_path_age_m: Option<f64>| {
            let options = CogMapOptions { max_path_age_m, ..CogMapOptions::default() };
            LocalCogMap::build(&scene, &facing_north(), &options).map(|map| map.objects.len())
        };
        assert_eq!(kept(None).ok(), Some(2));
        assert_eq!(kept(Some(6.0)).ok(), Some(2));
        assert_eq!(kept(Some(5.9)).ok(), Some(1));
        assert!(kept(Some(f64::NAN)).is_err());
    }

    #[test]
    fn moving_the_world_and_the_observer_together_changes_nothing() {
        let places =
            [([0.7, 1.1], 0.3), ([-1.9, 0.4], 1.2), ([2.2, -2.3], -0.8), ([0.0, 1.0], 0.0), ([-4.0, 5.0], 0.5)];
        let scene = |turn_rad: f64, shift: [f64; 2]| {
            let motion = nalgebra::Isometry3::from_parts(
                Translation3::new(shift[0], shift[1], 0.0),
                UnitQuaternion::from_axis_angle(&Vector3::z_axis(), turn_rad),
            );
            let mut ground = floor(40.0);
            ground.polygon.iter_mut().for_each(|corner| *corner = motion * *corner);
            let things = places.iter().enumerate().map(|(k, (at, yaw_rad))| {
                let mut thing = boxed(k as u64, "a#1", *at, [0.7, 0.35], *yaw_rad);
                thing.obb.centre = motion * thing.obb.centre;
                thing.obb.world_from_box = motion.rotation * thing.obb.world_from_box;
                thing.centre_cov_m2 = [0.01, 0.0, 0.0, 0.01, 0.0, 0.01];
                thing
            });
            let snapshot = Snapshot::of(things.collect(), vec![ground], 1).expect("valid");
            let frame = LocalFrame::new(shift, NORTH + turn_rad).expect("a heading");
            LocalCogMap::build(&snapshot, &frame, &CogMapOptions::default()).expect("a map")
        };
        let still = scene(0.0, [0.0, 0.0]);
        assert!(still.rows().concat().contains('#') && still.beyond.len() == 1);
        for k in 1..40 {
            let moved = scene(f64::from(k) * 0.61, [f64::from(k) * 13.7, f64::from(k) * -3.1]);
            assert_eq!(moved.to_text(), still.to_text());
            let ids = |map: &LocalCogMap| map.cells.iter().map(|cell| cell.objects.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&moved), ids(&still));
            for (a, b) in moved.objects.iter().zip(&still.objects) {
                assert!((0..2).all(|k| (a.grid[k] - b.grid[k]).abs() < 1e-9 && (a.sigma[k] - b.sigma[k]).abs() < 1e-9));
            }
        }
    }

    #[test]
    fn a_quarter_turn_turns_the_ground_with_it() {
        let mut cells = fine([-3.0, -3.0], [1.3, 2.1], floor_cell(2));
        cells.extend(fine([0.4, -1.2], [0.9, -0.3], obstacle_cell(3, 0.2, 0.9)));
        let turned: Vec<_> = cells.iter().map(|([x, y], cell)| ([-y, *x], *cell)).collect();
        let at = |cells: &[([f64; 2], GroundCell)], origin: [f64; 2], heading_rad: f64| {
            let frame = LocalFrame::new(origin, heading_rad).expect("a heading");
            LocalCogMap::build(&on_ground(cells), &frame, &CogMapOptions::default()).expect("a map").cells
        };
        let still = at(&cells, [0.21, -0.13], 0.3);
        assert_eq!(at(&turned, [0.13, 0.21], 0.3 + NORTH), still);
        let states = |wanted: CellState| still.iter().filter(|cell| cell.state == wanted).count();
        assert!(states(CellState::Free) > 30 && states(CellState::Occupied) > 1 && states(CellState::Unknown) > 5);
    }

    #[test]
    fn the_survey_finds_what_looking_at_every_fine_cell_finds() {
        let cells = fine([-4.0, -4.0], [4.0, 4.0], floor_cell(2));
        let scene = on_ground(&cells);
        for (cell_m, heading_rad) in [(0.5, 0.0), (0.5, 0.7), (0.5, NORTH), (0.3, 2.0), (0.15, -1.1), (0.8, 3.0)] {
            let frame = LocalFrame::new([0.317, -0.211], heading_rad).expect("a heading");
            let mut samples = [0u32; CELLS];
            for k in -400..400 {
                for m in -400..400 {
                    let centre = [k, m].map(|k| (f64::from(k) + 0.5) * GROUND_CELL_M);
                    if let Some([i, j]) = cell_of(grid_of(frame.to_local(centre), cell_m)) {
                        samples[j * GRID_SIDE + i] += 1;
                    }
                }
            }
            let surveys = survey(scene.ground(), &frame, cell_m);
            assert_eq!(surveys.map(|survey| survey.samples), samples, "{cell_m} {heading_rad}");
        }
    }

    #[test]
    fn cells_finer_than_the_ground_take_the_ground_under_them() {
        let scene = on_ground(&fine([-3.0, -3.0], [3.0, 3.0], floor_cell(2)));
        let options = CogMapOptions { scale: Scale::Fixed(0.05), ..CogMapOptions::default() };
        let map = LocalCogMap::build(&scene, &facing_north(), &options).expect("a map");
        assert!(map.rows().iter().all(|row| row == ".........."));
    }

    #[test]
    fn a_fitted_map_holds_what_it_must() {
        let scene = snapshot_of(vec![
            boxed(1, "a#1", [0.3, 1.0], [0.2, 0.2], 0.0),
            boxed(2, "b#1", [-7.0, 3.0], [0.2, 0.2], 0.0),
            boxed(3, "c#1", [60.0, 3.0], [0.2, 0.2], 0.0),
        ]);
        let holding = |ids: &[u64]| {
            let scale = Scale::Holding(ids.iter().map(|id| ObjectId(*id)).collect());
            LocalCogMap::build(&scene, &facing_north(), &CogMapOptions { scale, ..CogMapOptions::default() })
        };
        assert_eq!(holding(&[1]).map(|map| map.cell_m).ok(), Some(0.25));
        let both = holding(&[1, 2]).expect("a map");
        assert_eq!((both.cell_m, both.objects.len()), (1.45, 2));
        assert!(both.objects.iter().all(|object| object.grid.iter().all(|g| (0.1..=9.9).contains(g))));
        assert!(holding(&[9]).is_err() && holding(&[3]).is_err());
        assert_eq!(holding(&[]).map(|map| map.cell_m).ok(), Some(0.05));
    }

    #[test]
    fn scales_and_reaches_that_cannot_be_meant_are_refused() {
        let build = |scale: Scale, beyond_m: f64| {
            let options = CogMapOptions { scale, beyond_m, max_path_age_m: None };
            LocalCogMap::build(&snapshot_of(vec![]), &facing_north(), &options)
        };
        for cell_m in [0.0, -0.5, 0.04, 10.5, 0.333, f64::NAN] {
            assert!(build(Scale::Fixed(cell_m), 10.0).is_err(), "{cell_m}");
        }
        assert!(build(Scale::Fixed(0.5), f64::NAN).is_err() && build(Scale::Fixed(0.5), -1.0).is_err());
        assert_eq!(build(Scale::Fixed(0.15), 0.0).map(|map| map.cell_m).ok(), Some(0.15));
    }

    #[test]
    fn the_occupancy_grid_has_x_ahead_and_y_left() {
        // Ahead by 2.25 m (row 9) and 1.25 m to the left (column 2).
        let map = map_of(&snapshot_of(vec![boxed(1, "a#1", [-1.25, 2.25], [0.4, 0.4], 0.0)]));
        let grid = map.occupancy_grid();
        let occupied: Vec<usize> = (0..CELLS).filter(|at| grid.data[*at] == 100).collect();
        let (x, y) = (occupied[0] % GRID_SIDE, occupied[0] / GRID_SIDE);
        assert_eq!((occupied.len(), x, y), (1, 9, 7));
        let centre_m = [x, y].map(|k| (k as f64 + 0.5) * grid.resolution_m + grid.origin_m[0]);
        assert_eq!(centre_m, [2.25, 1.25]);
    }

    #[test]
    fn the_sigma_turns_with_the_observer() {
        // boxed(): 0.1 m along world x, 0.2 m along world y.
        let scene = snapshot_of(vec![boxed(1, "a#1", [0.3, 1.0], [0.2, 0.2], 0.0)]);
        let sigma = |heading_rad: f64| {
            let frame = LocalFrame::new([0.0, 0.0], heading_rad).expect("a heading");
            let map = LocalCogMap::build(&scene, &frame, &CogMapOptions::default()).expect("a map");
            map.objects[0].sigma.map(|s| (s * 1e9).round() / 1e9)
        };
        assert_eq!((sigma(NORTH), sigma(0.0)), ([0.2, 0.4], [0.4, 0.2]));
    }

    #[test]
    fn the_json_tells_every_field() {
        let map = map_of(&snapshot_of(vec![boxed(7, "a\"\n#1", [0.3, 0.3], [0.4, 0.4], 0.0)]));
        let json = map.to_json();
        assert_eq!(json["objects"][0]["name"], "a\"\n#1");
        assert_eq!(json["cells"][55]["objects"][0], 7);
        assert_eq!(json["cells"][55]["state"], "occupied");
        assert_eq!(json["cells"][0]["height_m"], serde_json::Value::Null);
        assert_eq!(json["cell_m"], 0.5);
    }
}
