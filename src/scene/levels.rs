//! Level surfaces over time: the floor, table tops, seats, boards.
//!
//! All surfaces within [`SAME_HEIGHT_M`] of one height share a level: a grid of [`CELL_M`] cells, each with the mean of the
//! points that fell into it. Surfaces that touch are one support: so a long table seen in pieces becomes one as soon as
//! the pieces join, and two tables of one height stay two.

use super::tiles::floor_to_i32;
use crate::geom::OrientedBox;
use crate::geom::polygon::convex_hull;
use nalgebra::Point3;
use std::collections::BTreeMap;

/// Side of a cell, metres.
const CELL_M: f64 = 0.05;

/// Heights closer than this are one level, metres.
const SAME_HEIGHT_M: f64 = 0.03;

/// Cells along the side of a tile.
const SIDE: i32 = 32;

/// Votes that make a cell count.
const LEAST_VOTES: f32 = 3.0;

/// Cells round a thing that make a surface of them.
const LEAST_ROUND: usize = 5;

/// Cells round a cell of the outline that must be in use too: fewer make it a stray.
const LEAST_NEIGHBOURS: usize = 3;

/// Heights of one surface, whatever lies on it, metres.
const ONE_HEIGHT_M: f64 = 0.012;

/// Votes beyond which a cell's mean follows at a steady rate.
const MOST_VOTES: f32 = 60.0;

#[derive(Debug, Clone, Copy, Default)]
struct LevelCell {
    votes: f32,
    /// Votes of blocks that are level beyond doubt.
    firm: f32,
    x: f32,
    y: f32,
    height: f32,
}

type Tile = Box<[LevelCell; (SIDE * SIDE) as usize]>;

/// One level.
#[derive(Debug, Clone)]
pub(super) struct Level {
    pub height_m: f64,
    /// What cell heights are measured from: fixed, while the mean moves.
    base_m: f64,
    weight: f64,
    pub area_m2: f64,
    tiles: BTreeMap<(i32, i32), Tile>,
    /// Something that readers would notice has changed.
    pub grown: bool,
}

/// A connected part of a level.
#[derive(Debug, Clone)]
pub(super) struct LevelPart {
    pub height_m: f64,
    pub area_m2: f64,
    pub sigma_m: f64,
    /// Votes of its cells together.
    pub votes: f64,
    /// Convex outline on the ground of what is level beyond doubt; of all where that is nothing.
    pub outline: Vec<[f64; 2]>,
    /// Convex outline of all of it.
    pub reach: Vec<[f64; 2]>,
}

fn cell_of(coordinate_m: f64) -> i32 {
    floor_to_i32(coordinate_m / CELL_M)
}

impl Level {
    pub fn new(height_m: f64) -> Self {
        Self { height_m, base_m: height_m, weight: 0.0, area_m2: 0.0, tiles: BTreeMap::new(), grown: true }
    }

    /// True when a surface at this height belongs here.
    pub fn is_at(&self, height_m: f64) -> bool {
        (height_m - self.height_m).abs() <= SAME_HEIGHT_M
    }

    /// Takes in one point of the surface; of its weight, so much is beyond doubt.
    pub fn vote(&mut self, x: f64, y: f64, height_m: f64, weight: f32, firm: f32) {
        self.weight = (self.weight + f64::from(weight)).min(20_000.0);
        self.height_m += (height_m - self.height_m) * f64::from(weight) / self.weight.max(1.0);
        let (column, row) = (cell_of(x), cell_of(y));
        let tile = self
            .tiles
            .entry((column.div_euclid(SIDE), row.div_euclid(SIDE)))
            .or_insert_with(|| Box::new([LevelCell::default(); (SIDE * SIDE) as usize]));
        let cell = &mut tile[(row.rem_euclid(SIDE) * SIDE + column.rem_euclid(SIDE)) as usize];
        let before = cell.votes;
        cell.votes = (cell.votes + weight).min(MOST_VOTES);
        cell.firm = (cell.firm + firm).min(MOST_VOTES);
        let rate = weight / cell.votes;
        cell.x += (x as f32 - cell.x) * rate;
        cell.y += (y as f32 - cell.y) * rate;
        cell.height += ((height_m - self.base_m) as f32 - cell.height) * rate;
        if before < LEAST_VOTES && cell.votes >= LEAST_VOTES {
            self.area_m2 += CELL_M * CELL_M;
            self.grown = true;
        }
    }

    /// The level with each of its cells moved, and still level.
    pub fn moved(&self, moved: impl Fn(&Point3<f64>) -> Point3<f64>) -> Self {
        let cells = self.tiles.values().flat_map(|tile| tile.iter()).filter(|cell| cell.votes > 0.0);
        let mut places = cells.map(|cell| {
            let height_m = self.base_m + f64::from(cell.height);
            (moved(&Point3::new(f64::from(cell.x), f64::from(cell.y), height_m)), *cell)
        });
        let Some((first, cell)) = places.next() else { return self.clone() };
        let mut level = Self::new(first.z);
        level.vote(first.x, first.y, first.z, cell.votes, cell.firm);
        places.for_each(|(p, cell)| level.vote(p.x, p.y, p.z, cell.votes, cell.firm));
        level
    }

    /// Takes in the surface of another level at nearly the same height.
    pub fn absorb(&mut self, other: &Level) {
        for cell in other.tiles.values().flat_map(|tile| tile.iter()).filter(|cell| cell.votes > 0.0) {
            self.vote(
                f64::from(cell.x),
                f64::from(cell.y),
                other.base_m + f64::from(cell.height),
                cell.votes,
                cell.firm,
            );
        }
    }

    fn cell(&self, column: i32, row: i32) -> Option<&LevelCell> {
        let tile = self.tiles.get(&(column.div_euclid(SIDE), row.div_euclid(SIDE)))?;
        Some(&tile[(row.rem_euclid(SIDE) * SIDE + column.rem_euclid(SIDE)) as usize])
            .filter(|cell| cell.votes >= LEAST_VOTES)
    }

    /// Mean height of the surface round a footprint, metres: of cells within `reach_m` of its box that are not under it.
    /// `None` when fewer than [`LEAST_ROUND`] such cells were seen.
    pub fn height_round(&self, obb: &OrientedBox, reach_m: f64) -> Option<f64> {
        let (low, high) = obb.bounds();
        let half = obb.size * 0.5;
        let (mut sum, mut votes, mut count) = (0.0, 0.0, 0);
        for r in cell_of(low.y - reach_m)..=cell_of(high.y + reach_m) {
            for c in cell_of(low.x - reach_m)..=cell_of(high.x + reach_m) {
                let Some(cell) = self.cell(c, r) else { continue };
                let p = obb.to_box(&Point3::new(f64::from(cell.x), f64::from(cell.y), obb.centre.z));
                if p.x.abs() > half.x + 0.01 || p.y.abs() > half.y + 0.01 {
                    sum += f64::from(cell.height * cell.votes);
                    votes += f64::from(cell.votes);
                    count += 1;
                }
            }
        }
        (count >= LEAST_ROUND).then(|| self.base_m + sum / votes)
    }

    /// The parts that hang together, largest first. One pass over the tiles; neighbours in one tile cost no look-up.
    pub fn parts(&self, least_area_m2: f64) -> Vec<LevelPart> {
        let least_cells = (least_area_m2 / (CELL_M * CELL_M)).ceil() as usize;
        let mut open = OpenCells::of(&self.tiles);
        let mut parts = Vec::new();
        let (mut stack, mut members) = (Vec::new(), Vec::new());
        while let Some(seed) = open.take_any() {
            members.clear();
            stack.push(seed);
            while let Some(at) = stack.pop() {
                members.push(at);
                neighbours(at).into_iter().filter(|next| open.take(*next)).for_each(|next| stack.push(next));
            }
            if members.len() >= least_cells {
                parts.push(self.part(&members));
            }
        }
        parts.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2));
        parts
    }

    fn part(&self, members: &[(i32, i32)]) -> LevelPart {
        let mut heights: Vec<[f64; 2]> = members
            .iter()
            .filter_map(|&(c, r)| self.cell(c, r))
            .map(|cell| [f64::from(cell.height), f64::from(cell.votes)])
            .collect();
        heights.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let (votes, offset, variance) = most_of_one_height(&heights);
        let reach = convex_hull(self.rim(members, |cell| cell.votes));
        let firm = convex_hull(self.rim(members, |cell| cell.firm));
        LevelPart {
            height_m: self.base_m + offset,
            area_m2: members.len() as f64 * CELL_M * CELL_M,
            sigma_m: (variance / members.len() as f64).sqrt().max(0.001),
            votes,
            outline: if firm.len() >= 3 { firm } else { reach.clone() },
            reach,
        }
    }

    /// Where the outline may pass: cells that at least [`LEAST_NEIGHBOURS`] others stand by and that have a side free.
    fn rim(&self, members: &[(i32, i32)], votes: fn(&LevelCell) -> f32) -> Vec<[f64; 2]> {
        let cell = |c, r| self.cell(c, r).filter(|cell| votes(cell) >= LEAST_VOTES);
        let beside = |at| neighbours(at).into_iter().filter(|&(c, r)| cell(c, r).is_some()).count();
        let on_rim = members.iter().filter(|&&at| (LEAST_NEIGHBOURS..8).contains(&beside(at)));
        on_rim.filter_map(|&(c, r)| cell(c, r)).map(|c| [f64::from(c.x), f64::from(c.y)]).collect()
    }
}

/// Votes, mean and variance of the heights in the window of [`ONE_HEIGHT_M`] with the most votes: what lies flat on a
/// surface, and what was averaged over its edge, must not lift or lower it. Heights ascending, each with its votes.
fn most_of_one_height(heights: &[[f64; 2]]) -> (f64, f64, f64) {
    let (mut best, mut first, mut votes) = ((0..0, 0.0), 0, 0.0);
    for (last, [height, more]) in heights.iter().enumerate() {
        votes += more;
        while height - heights[first][0] > ONE_HEIGHT_M {
            votes -= heights[first][1];
            first += 1;
        }
        if votes > best.1 {
            best = (first..last + 1, votes);
        }
    }
    let (range, votes) = best;
    let window = &heights[range];
    let mean = window.iter().map(|[height, votes]| height * votes).sum::<f64>() / votes;
    let variance = window.iter().map(|[height, votes]| votes * (height - mean).powi(2)).sum::<f64>() / votes;
    (votes, mean, variance)
}

fn neighbours((c, r): (i32, i32)) -> [(i32, i32); 8] {
    let (left, right, below, above) = (c - 1, c + 1, r - 1, r + 1);
    [(right, r), (left, r), (c, above), (c, below), (right, above), (left, below), (right, below), (left, above)]
}

/// Cells in use that no part has yet.
struct OpenCells {
    tiles: BTreeMap<(i32, i32), usize>,
    at: Vec<(i32, i32)>,
    open: Vec<bool>,
    next: usize,
    last: ((i32, i32), usize),
}

const TILE_CELLS: usize = (SIDE * SIDE) as usize;

impl OpenCells {
    fn of(tiles: &BTreeMap<(i32, i32), Tile>) -> Self {
        let at: Vec<(i32, i32)> = tiles.keys().copied().collect();
        let last = (at.first().copied().unwrap_or_default(), 0);
        Self {
            tiles: at.iter().copied().zip(0..).collect(),
            open: tiles.values().flat_map(|tile| tile.iter().map(|cell| cell.votes >= LEAST_VOTES)).collect(),
            at,
            next: 0,
            last,
        }
    }

    fn take_any(&mut self) -> Option<(i32, i32)> {
        self.next += self.open[self.next..].iter().position(|&open| open)?;
        self.open[self.next] = false;
        let ((column, row), inside) = (self.at[self.next / TILE_CELLS], (self.next % TILE_CELLS) as i32);
        Some((column * SIDE + inside % SIDE, row * SIDE + inside / SIDE))
    }

    /// True when the cell was open; then it is so no more.
    fn take(&mut self, (column, row): (i32, i32)) -> bool {
        let tile = (column.div_euclid(SIDE), row.div_euclid(SIDE));
        if self.last.0 != tile {
            let Some(&number) = self.tiles.get(&tile) else { return false };
            self.last = (tile, number);
        }
        let inside = (row.rem_euclid(SIDE) * SIDE + column.rem_euclid(SIDE)) as usize;
        self.open.get_mut(self.last.1 * TILE_CELLS + inside).is_some_and(std::mem::take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tables_of_one_height_are_two_parts_until_they_join() {
        let mut level = Level::new(0.75);
        let mut lay = |from: f64, to: f64| {
            for i in 0..((to - from) / 0.02) as i32 {
                for j in 0..40 {
                    for _ in 0..4 {
                        level.vote(from + 0.02 * f64::from(i), 0.02 * f64::from(j), 0.752, 1.0, 1.0);
                    }
                }
            }
            level.parts(0.1)
        };
        assert_eq!(lay(0.0, 1.0).len(), 1);
        assert_eq!(lay(1.5, 2.5).len(), 2);
        let joined = lay(0.9, 1.6);
        assert_eq!(joined.len(), 1);
        let (_, side, _) = crate::geom::polygon::smallest_rectangle(&joined[0].outline).expect("an outline");
        assert!((side[0] - 2.5).abs() < 0.08 && (side[1] - 0.8).abs() < 0.08, "{side:?}");
        assert!((joined[0].height_m - 0.752).abs() < 0.002);
    }

    #[test]
    fn what_lies_flat_on_a_table_does_not_lift_it() {
        let mut level = Level::new(0.75);
        for (i, j) in (0..60).flat_map(|i| (0..40).map(move |j| (i, j))) {
            let height_m = if i < 20 && j < 20 { 0.775 } else { 0.75 };
            (0..4).for_each(|_| level.vote(0.02 * f64::from(i), 0.02 * f64::from(j), height_m, 1.0, 1.0));
        }
        let parts = level.parts(0.1);
        assert!((parts[0].height_m - 0.75).abs() < 0.001, "{}", parts[0].height_m);
    }
}
