//! Which cells of a level hang together, found piece by piece.
//!
//! A *patch* is what hangs together within one tile. Patches are kept with their outline and heights, and with the patches
//! of the tiles around that they touch; a tile is looked at cell by cell only when it changed, or a tile beside it did. So
//! what is asked of a large level costs a step a patch, not one a cell.

use super::levels::{LevelCell, LevelTiles, SIDE, TILE_CELLS, Tile, TileAt};
use crate::geom::polygon::convex_hull;
use std::collections::{BTreeMap, BTreeSet};

/// Votes that make a cell count.
pub(super) const LEAST_VOTES: f32 = 3.0;

/// Cells round a cell of the outline that must be in use too: fewer make it a stray.
const LEAST_NEIGHBOURS: usize = 3;

/// Cells along the side of a tile.
const WIDTH: usize = SIDE as usize;

/// The number of no patch.
const NONE: u16 = u16::MAX;

/// Cells of one tile that hang together.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// How many.
    pub cells: usize,
    /// Height over the level's base and votes of each cell, by ascending height, metres.
    pub heights: Vec<[f32; 2]>,
    /// Convex outline of those that the level's outline may pass through.
    pub reach: Vec<[f64; 2]>,
    /// The same of those that are level beyond doubt.
    pub firm: Vec<[f64; 2]>,
    /// The patches of other tiles that it touches.
    touches: Vec<(TileAt, u16)>,
}

/// The patches of one tile.
#[derive(Debug, Clone)]
struct TilePatches {
    of_cell: Box<[u16; TILE_CELLS]>,
    patches: Vec<Patch>,
}

/// The patches of a level.
#[derive(Debug, Clone, Default)]
pub(super) struct Patches {
    tiles: BTreeMap<TileAt, TilePatches>,
}

impl Patches {
    /// Brings what is known of the changed tiles up to date.
    pub fn renew(&mut self, tiles: &LevelTiles, changed: &[TileAt]) {
        for &at in changed {
            if let Some(tile) = tiles.get(at) {
                self.tiles.insert(at, TilePatches::of(tile));
            }
        }
        let beside = changed.iter().flat_map(|&at| around(at)).chain(changed.iter().copied());
        let beside: BTreeSet<TileAt> = beside.filter(|at| self.tiles.contains_key(at)).collect();
        for at in beside {
            let outlines = self.outlines(tiles, at);
            let touches = self.touches(at);
            let Some(own) = self.tiles.get_mut(&at) else { continue };
            for ((patch, [reach, firm]), touches) in own.patches.iter_mut().zip(outlines).zip(touches) {
                (patch.reach, patch.firm, patch.touches) = (reach, firm, touches);
            }
        }
    }

    /// Calls with the patches of every part that hangs together, parts and patches in the order of tiles.
    pub fn for_each_part(&self, mut call: impl FnMut(&[&Patch])) {
        let first: BTreeMap<TileAt, usize> = self
            .tiles
            .iter()
            .scan(0, |next, (&at, tile)| {
                let first = *next;
                *next += tile.patches.len();
                Some((at, first))
            })
            .collect();
        let patches: Vec<&Patch> = self.tiles.values().flat_map(|tile| &tile.patches).collect();
        let mut is_open = vec![true; patches.len()];
        let (mut stack, mut members, mut part) = (Vec::new(), Vec::new(), Vec::new());
        for seed in 0..patches.len() {
            if !std::mem::take(&mut is_open[seed]) {
                continue;
            }
            members.clear();
            stack.push(seed);
            while let Some(at) = stack.pop() {
                members.push(at);
                for (tile, number) in &patches[at].touches {
                    let next = first.get(tile).map(|first| first + usize::from(*number));
                    stack.extend(next.filter(|&next| is_open.get_mut(next).is_some_and(std::mem::take)));
                }
            }
            members.sort_unstable();
            part.clear();
            part.extend(members.iter().map(|&at| patches[at]));
            call(&part);
        }
    }

    /// The outlines of each patch of a tile: of all its cells, and of those level beyond doubt.
    fn outlines(&self, tiles: &LevelTiles, at: TileAt) -> Vec<[Vec<[f64; 2]>; 2]> {
        let (Some(own), Some(tile)) = (self.tiles.get(&at), tiles.get(at)) else { return Vec::new() };
        let beside = around(at).map(|at| tiles.get(at));
        let rims =
            [|cell: &LevelCell| cell.votes, |cell: &LevelCell| cell.firm].map(|votes| Rim::of(tile, beside, votes));
        let mut places = vec![[const { Vec::new() }; 2]; own.patches.len()];
        for (inside, &number) in own.of_cell.iter().enumerate().filter(|(_, number)| **number != NONE) {
            let cell = &tile[inside];
            for (rim, places) in rims.iter().zip(&mut places[usize::from(number)]) {
                if rim.holds(inside) {
                    places.push([f64::from(cell.x), f64::from(cell.y)]);
                }
            }
        }
        places.into_iter().map(|places| places.map(convex_hull)).collect()
    }

    /// The patches of tiles around that each patch of a tile touches.
    fn touches(&self, at: TileAt) -> Vec<Vec<(TileAt, u16)>> {
        let Some(own) = self.tiles.get(&at) else { return Vec::new() };
        let mut touches = vec![Vec::new(); own.patches.len()];
        let beside = around(at).map(|at| self.tiles.get(&at));
        let tile_beside = around(at);
        for inside in border() {
            let number = own.of_cell[inside];
            if number == NONE {
                continue;
            }
            for (direction, there) in neighbours(inside) {
                let Some(direction) = direction else { continue };
                let theirs = beside[direction].map_or(NONE, |tile| tile.of_cell[there]);
                let touch = (tile_beside[direction], theirs);
                if theirs != NONE && !touches[usize::from(number)].contains(&touch) {
                    touches[usize::from(number)].push(touch);
                }
            }
        }
        touches
    }
}

impl TilePatches {
    /// Cuts a tile into patches, without outlines yet.
    fn of(tile: &Tile) -> Self {
        let mut own = Self { of_cell: Box::new([NONE; TILE_CELLS]), patches: Vec::new() };
        let mut stack = Vec::new();
        for seed in 0..TILE_CELLS {
            if own.of_cell[seed] != NONE || tile[seed].votes < LEAST_VOTES {
                continue;
            }
            let number = own.patches.len() as u16;
            let mut heights = Vec::new();
            own.of_cell[seed] = number;
            stack.push(seed);
            while let Some(at) = stack.pop() {
                heights.push([tile[at].height, tile[at].votes]);
                let (column, row) = (at % WIDTH, at / WIDTH);
                for r in row.saturating_sub(1)..WIDTH.min(row + 2) {
                    for next in r * WIDTH + column.saturating_sub(1)..r * WIDTH + WIDTH.min(column + 2) {
                        if own.of_cell[next] == NONE && tile[next].votes >= LEAST_VOTES {
                            own.of_cell[next] = number;
                            stack.push(next);
                        }
                    }
                }
            }
            heights.sort_by(|a, b| a[0].total_cmp(&b[0]));
            let (cells, nothing) = (heights.len(), Vec::new());
            own.patches.push(Patch { cells, heights, reach: nothing.clone(), firm: nothing, touches: Vec::new() });
        }
        own
    }
}

/// Cells of a tile and those along its outside, used or not.
struct Rim {
    is_used: [bool; (WIDTH + 2) * (WIDTH + 2)],
}

impl Rim {
    /// By votes that a cell must have too.
    fn of(tile: &Tile, beside: [Option<&Tile>; 8], votes: fn(&LevelCell) -> f32) -> Self {
        let is_used = |cell: &LevelCell| cell.votes >= LEAST_VOTES && votes(cell) >= LEAST_VOTES;
        let mut rim = Self { is_used: [false; (WIDTH + 2) * (WIDTH + 2)] };
        for (row, cells) in tile.chunks_exact(WIDTH).enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                rim.is_used[(row + 1) * (WIDTH + 2) + column + 1] = is_used(cell);
            }
        }
        for ((dc, dr), tile) in STEPS.into_iter().zip(beside) {
            let Some(tile) = tile else { continue };
            for r in along(dr) {
                for c in along(dc) {
                    let at = (r.rem_euclid(SIDE) * SIDE + c.rem_euclid(SIDE)) as usize;
                    rim.is_used[(r + 1) as usize * (WIDTH + 2) + (c + 1) as usize] = is_used(&tile[at]);
                }
            }
        }
        rim
    }

    /// True for a used cell that at least [`LEAST_NEIGHBOURS`] others stand by and that has a side free.
    fn holds(&self, inside: usize) -> bool {
        let middle = (inside / WIDTH + 1) * (WIDTH + 2) + inside % WIDTH + 1;
        let rows = [middle - WIDTH - 3, middle - 1, middle + WIDTH + 1];
        let used = rows.iter().map(|first| self.is_used[*first..first + 3].iter().filter(|is_used| **is_used).count());
        self.is_used[middle] && (LEAST_NEIGHBOURS + 1..9).contains(&used.sum())
    }
}

/// The rows or columns of a tile that are used of the tile a step further.
fn along(step: i32) -> std::ops::Range<i32> {
    match step {
        -1 => -1..0,
        0 => 0..SIDE,
        _ => SIDE..SIDE + 1,
    }
}

/// The eight tiles round a tile, row by row.
fn around((column, row): TileAt) -> [TileAt; 8] {
    STEPS.map(|(dc, dr)| (column.saturating_add(dc), row.saturating_add(dr)))
}

const STEPS: [(i32, i32); 8] = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];

/// The eight cells round a cell of a tile: which of the tiles [`around`] they are in, none for its own, and where there.
fn neighbours(inside: usize) -> [(Option<usize>, usize); 8] {
    let (column, row) = ((inside % WIDTH) as i32, (inside / WIDTH) as i32);
    STEPS.map(|(dc, dr)| {
        let (c, r) = (column + dc, row + dr);
        let out = (c.div_euclid(SIDE), r.div_euclid(SIDE));
        let at = (r.rem_euclid(SIDE) * SIDE + c.rem_euclid(SIDE)) as usize;
        (STEPS.iter().position(|step| *step == out), at)
    })
}

/// The cells along the four sides of a tile.
fn border() -> impl Iterator<Item = usize> {
    (0..TILE_CELLS).filter(|at| [at % WIDTH, at / WIDTH].iter().any(|k| *k == 0 || *k == WIDTH - 1))
}
