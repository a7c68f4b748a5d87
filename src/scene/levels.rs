//! Level surfaces over time: the floor, table tops, seats, boards.
//!
//! All surfaces within [`SAME_HEIGHT_M`] of one height share a level: a grid of [`CELL_M`] cells, each with the mean of the
//! points that fell into it. Surfaces that touch are one support: so a long table seen in pieces becomes one as soon as
//! the pieces join, and two tables of one height stay two.

use super::patches::{LEAST_VOTES, Patch, Patches};
use super::tiles::floor_to_i32;
use crate::geom::OrientedBox;
use crate::geom::polygon::convex_hull;
use nalgebra::Point3;
use std::collections::BTreeMap;

/// Side of a cell, metres.
const CELL_M: f64 = 0.05;

/// Heights closer than this are one level, metres.
const SAME_HEIGHT_M: f64 = 0.03;

/// Cells along the side of a tile, and in a tile.
pub(super) const SIDE: i32 = 32;
pub(super) const TILE_CELLS: usize = (SIDE * SIDE) as usize;

/// The most cells of a part whose heights are looked at all together; of a larger one each patch is by itself.
const MOST_TOGETHER: usize = 16_384;

/// Cells round a thing that make a surface of them.
const LEAST_ROUND: usize = 5;

/// Heights of one surface, whatever lies on it, metres.
const ONE_HEIGHT_M: f64 = 0.012;

/// Votes beyond which a cell's mean follows at a steady rate.
const MOST_VOTES: f32 = 60.0;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LevelCell {
    pub votes: f32,
    /// Votes of blocks that are level beyond doubt.
    pub firm: f32,
    pub x: f32,
    pub y: f32,
    pub height: f32,
}

/// Where a tile lies: column and row.
pub(super) type TileAt = (i32, i32);

pub(super) type Tile = Box<[LevelCell; TILE_CELLS]>;

/// The tiles of a level.
#[derive(Debug, Clone, Default)]
pub(super) struct LevelTiles {
    number_of: BTreeMap<TileAt, usize>,
    tiles: Vec<Tile>,
    /// The tile changed last: neighbouring points share it.
    last: Option<(TileAt, usize)>,
}

impl LevelTiles {
    pub fn get(&self, at: TileAt) -> Option<&Tile> {
        Some(&self.tiles[*self.number_of.get(&at)?])
    }

    /// A tile to change, made where there is none.
    fn get_mut(&mut self, at: TileAt) -> &mut Tile {
        let Self { number_of, tiles, last } = self;
        let number = match *last {
            Some((of, number)) if of == at => number,
            _ => *number_of.entry(at).or_insert_with(|| {
                tiles.push(Box::new([LevelCell::default(); TILE_CELLS]));
                tiles.len() - 1
            }),
        };
        *last = Some((at, number));
        &mut tiles[number]
    }

    /// All tiles, by ascending place.
    fn iter(&self) -> impl Iterator<Item = (&TileAt, &Tile)> {
        self.number_of.iter().map(|(at, number)| (at, &self.tiles[*number]))
    }
}

/// One level.
#[derive(Debug, Clone)]
pub(super) struct Level {
    pub height_m: f64,
    /// What cell heights are measured from: fixed, while the mean moves.
    base_m: f64,
    weight: f64,
    pub area_m2: f64,
    tiles: LevelTiles,
    /// Every tile, and whether it changed since [`Self::parts`] was last asked for: a tile already there costs no memory.
    changed: BTreeMap<TileAt, bool>,
    last_changed: Option<TileAt>,
    patches: Patches,
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
        Self {
            height_m,
            base_m: height_m,
            weight: 0.0,
            area_m2: 0.0,
            tiles: LevelTiles::default(),
            changed: BTreeMap::new(),
            last_changed: None,
            patches: Patches::default(),
            grown: true,
        }
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
        let at = (column.div_euclid(SIDE), row.div_euclid(SIDE));
        if self.last_changed != Some(at) {
            self.changed.insert(at, true);
            self.last_changed = Some(at);
        }
        let cell = &mut self.tiles.get_mut(at)[(row.rem_euclid(SIDE) * SIDE + column.rem_euclid(SIDE)) as usize];
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
        let cells = self.tiles.iter().flat_map(|(_, tile)| tile.iter()).filter(|cell| cell.votes > 0.0);
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
        for cell in other.tiles.iter().flat_map(|(_, tile)| tile.iter()).filter(|cell| cell.votes > 0.0) {
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
        let tile = self.tiles.get((column.div_euclid(SIDE), row.div_euclid(SIDE)))?;
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

    /// How many tiles it lies in.
    pub fn tiles(&self) -> usize {
        self.tiles.tiles.len()
    }

    /// The parts that hang together, largest first. Cells are looked at where something changed since the last time; of the
    /// rest, patches.
    pub fn parts(&mut self, least_area_m2: f64) -> Vec<LevelPart> {
        let least_cells = (least_area_m2 / (CELL_M * CELL_M)).ceil() as usize;
        let renewed = self.changed.iter_mut().filter_map(|(at, changed)| std::mem::take(changed).then_some(*at));
        let changed: Vec<TileAt> = renewed.collect();
        self.last_changed = None;
        self.patches.renew(&self.tiles, &changed);
        let mut parts = Vec::new();
        self.patches.for_each_part(|patches| {
            let cells: usize = patches.iter().map(|patch| patch.cells).sum();
            if cells >= least_cells {
                parts.push(part(patches, cells, self.base_m));
            }
        });
        parts.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2));
        parts
    }
}

fn part(patches: &[&Patch], cells: usize, base_m: f64) -> LevelPart {
    let (votes, offset, variance) = if cells <= MOST_TOGETHER {
        let mut heights: Vec<[f64; 2]> = patches.iter().flat_map(|patch| heights_of(patch)).collect();
        heights.sort_by(|a, b| a[0].total_cmp(&b[0]));
        most_of_one_height(&heights)
    } else {
        mean_of_patches(patches)
    };
    let outline_of = |points: fn(&Patch) -> &[[f64; 2]]| {
        convex_hull(patches.iter().flat_map(|patch| points(patch).iter().copied()).collect())
    };
    let (reach, firm) = (outline_of(|patch| &patch.reach), outline_of(|patch| &patch.firm));
    LevelPart {
        height_m: base_m + offset,
        area_m2: cells as f64 * CELL_M * CELL_M,
        sigma_m: (variance / cells as f64).sqrt().max(0.001),
        votes,
        outline: if firm.len() >= 3 { firm } else { reach.clone() },
        reach,
    }
}

fn heights_of(patch: &Patch) -> impl Iterator<Item = [f64; 2]> {
    patch.heights.iter().map(|height| height.map(f64::from))
}

/// [`most_of_one_height`] of every patch, taken together by votes.
fn mean_of_patches(patches: &[&Patch]) -> (f64, f64, f64) {
    let (mut votes, mut height, mut square) = (0.0, 0.0, 0.0);
    for patch in patches {
        let (more, mean, variance) = most_of_one_height(&heights_of(patch).collect::<Vec<_>>());
        votes += more;
        height += more * mean;
        square += more * (variance + mean * mean);
    }
    let mean = height / votes;
    (votes, mean, (square / votes - mean * mean).max(0.0))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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

    /// The plain form: every cell is looked at, by steps from cell to cell.
    fn plain_parts(level: &Level) -> Vec<Vec<(i32, i32)>> {
        let used = level.tiles.iter().flat_map(|(&(column, row), tile)| {
            let cells = tile.iter().zip(0..).filter(|(cell, _)| cell.votes >= LEAST_VOTES);
            cells.map(move |(_, at)| (column * SIDE + at % SIDE, row * SIDE + at / SIDE)).collect::<Vec<_>>()
        });
        let mut open: BTreeSet<(i32, i32)> = used.collect();
        let mut parts = Vec::new();
        while let Some(seed) = open.pop_first() {
            let (mut stack, mut part) = (vec![seed], Vec::new());
            while let Some((c, r)) = stack.pop() {
                part.push((c, r));
                let around = (-1..=1).flat_map(|dc| (-1..=1).map(move |dr| (c + dc, r + dr)));
                stack.extend(around.filter(|at| open.remove(at)));
            }
            parts.push(part);
        }
        parts
    }

    /// Where the outline of cells may pass, likewise.
    fn plain_rim(level: &Level, part: &[(i32, i32)], votes: fn(&LevelCell) -> f32) -> Vec<[f64; 2]> {
        let cell = |c, r| level.cell(c, r).filter(|cell| votes(cell) >= LEAST_VOTES);
        let beside = |c: i32, r: i32| {
            let around = (-1..=1).flat_map(|dc| (-1..=1).map(move |dr| (c + dc, r + dr)));
            around.filter(|&at| at != (c, r) && cell(at.0, at.1).is_some()).count()
        };
        let on_rim = part.iter().filter(|&&(c, r)| (3..8).contains(&beside(c, r)));
        on_rim.filter_map(|&(c, r)| cell(c, r)).map(|c| [f64::from(c.x), f64::from(c.y)]).collect()
    }

    #[test]
    fn parts_kept_from_time_to_time_are_those_of_a_look_at_every_cell() {
        let mut level = Level::new(0.75);
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1u64 << 24) as f64
        };
        let (mut joined, mut apart) = (0, 0);
        for round in 0..30 {
            // A strip somewhere, so that parts begin, grow over tiles and join.
            let (x, y) = (8.0 * random() - 4.0, 8.0 * random() - 4.0);
            let (length, width) = (0.2 + 2.5 * random(), 0.2 + 0.4 * random());
            for _ in 0..(length * width * 3000.0) as usize {
                let (along, across) = (length * random(), width * random());
                let (px, py) = if round % 2 == 0 { (x + along, y + across) } else { (x + across, y + along) };
                level.vote(px, py, 0.75 + 0.004 * (random() - 0.5), 1.0, (random() * 2.0) as f32);
            }
            let parts = level.parts(0.01);
            let mut plain = plain_parts(&level);
            plain.retain(|part| part.len() >= 4);
            plain.sort_by_key(|part| std::cmp::Reverse(part.len()));
            assert_eq!(parts.len(), plain.len(), "round {round}");
            let areas: Vec<f64> = plain.iter().map(|part| part.len() as f64 * CELL_M * CELL_M).collect();
            assert_eq!(parts.iter().map(|part| part.area_m2).collect::<Vec<_>>(), areas, "round {round}");
            let outlines = |of: fn(&LevelCell) -> f32| {
                let mut hulls: Vec<_> = plain.iter().map(|part| convex_hull(plain_rim(&level, part, of))).collect();
                hulls.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
                hulls
            };
            let mut reach: Vec<_> = parts.iter().map(|part| part.reach.clone()).collect();
            reach.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            assert_eq!(reach, outlines(|cell| cell.votes), "round {round}");
            let (firm, all) = (outlines(|cell| cell.firm), outlines(|cell| cell.votes));
            let known = |part: &LevelPart| firm.contains(&part.outline) || all.contains(&part.outline);
            assert!(parts.iter().all(known), "round {round}");
            (joined, apart) = (joined.max(plain[0].len()), apart.max(plain.len()));
        }
        assert!(joined > TILE_CELLS && apart > 4, "{joined} {apart}");
    }

    #[test]
    fn a_large_part_has_the_height_of_its_patches() {
        let mut level = Level::new(0.0);
        for (i, j) in (0..140).flat_map(|i| (0..140).map(move |j| (i, j))) {
            let height_m = if (i + j) % 2 == 0 { 0.001 } else { -0.001 };
            (0..3).for_each(|_| level.vote(0.05 * f64::from(i) + 0.02, 0.05 * f64::from(j) + 0.02, height_m, 1.0, 1.0));
        }
        let parts = level.parts(0.1);
        assert_eq!(parts.len(), 1);
        assert!((parts[0].area_m2 - 49.0).abs() < 1e-6 && parts[0].height_m.abs() < 2e-4, "{:?}", parts[0]);
        assert!((parts[0].votes - 3.0 * 19_600.0).abs() < 1.0 && parts[0].reach.len() >= 4);
    }
}
