//! What was seen of the ground: fine cells of 0.1 m, each with the floor seen or not and what stands on it.
//!
//! The writer keeps its tiles to itself and changes them in place; publishing copies those that changed.

use super::correct::Correction;
use super::tiles::{TILE_M, Tiles, floor_to_i32, tile_of};
use crate::frame::Pose;
use crate::geom::OrientedBox;
use nalgebra::{Point3, Vector3};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Side of a fine cell, metres.
pub const GROUND_CELL_M: f64 = 0.1;

/// Fine cells along each side of a tile.
pub(crate) const SIDE: usize = 32;

/// Heights above the floor between which a point counts as standing in the way, metres.
pub const OBSTACLE_HEIGHT_M: std::ops::Range<f64> = 0.05..1.8;

/// One fine cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroundCell {
    /// The floor was seen here.
    pub floor_seen: bool,
    /// Points standing 0.05 to 1.8 m above the floor (from every fourth pixel a way; saturates).
    pub obstacle_points: u16,
    /// Lowest of these, metres above the floor; infinite when there are none.
    pub low_m: f32,
    /// Highest of these, metres above the floor; negative infinity when there are none.
    pub high_m: f32,
    /// Stamp of the newest frame that saw this cell; `i64::MIN` when none did.
    pub last_seen_ns: i64,
}

impl Default for GroundCell {
    fn default() -> Self {
        Self {
            floor_seen: false,
            obstacle_points: 0,
            low_m: f32::INFINITY,
            high_m: f32::NEG_INFINITY,
            last_seen_ns: i64::MIN,
        }
    }
}

/// Fine cells of a tile.
const TILE_CELLS: usize = SIDE * SIDE;

/// 32 × 32 fine cells as they are published: what says that there is nothing to tell is kept apart, so that a look at
/// many has little to read.
#[derive(Debug, Clone)]
pub struct GroundTile {
    seen: Bits,
    floor_seen: Bits,
    stood_on: Bits,
    last_seen_ns: [i64; TILE_CELLS],
    standing: [Standing; TILE_CELLS],
}

/// A bit for each cell of a tile: a number for each line along x, whose lowest bit is the first.
type Bits = [u32; SIDE];

/// What stands in a fine cell.
#[derive(Debug, Clone, Copy)]
struct Standing {
    points: u16,
    low_m: f32,
    high_m: f32,
}

impl GroundTile {
    const EMPTY: Self = Self {
        seen: [0; SIDE],
        floor_seen: [0; SIDE],
        stood_on: [0; SIDE],
        last_seen_ns: [i64::MIN; TILE_CELLS],
        standing: [Standing { points: 0, low_m: 0.0, high_m: 0.0 }; TILE_CELLS],
    };

    fn of(cells: &[GroundCell; TILE_CELLS]) -> Arc<Self> {
        let mut tile = Arc::new(Self::EMPTY);
        let published = Arc::make_mut(&mut tile);
        for (line, cells) in cells.chunks_exact(SIDE).enumerate() {
            let (mut seen, mut floor_seen, mut stood_on) = (0, 0, 0);
            for (at, cell) in cells.iter().enumerate() {
                seen |= u32::from(cell.last_seen_ns != i64::MIN) << at;
                floor_seen |= u32::from(cell.floor_seen) << at;
                stood_on |= u32::from(cell.obstacle_points > 0) << at;
                published.last_seen_ns[line * SIDE + at] = cell.last_seen_ns;
                published.standing[line * SIDE + at] =
                    Standing { points: cell.obstacle_points, low_m: cell.low_m, high_m: cell.high_m };
            }
            (published.seen[line], published.floor_seen[line], published.stood_on[line]) = (seen, floor_seen, stood_on);
        }
        tile
    }

    /// The fine cells of a line that were ever seen, as bits.
    pub(crate) fn seen(&self, line: usize) -> u32 {
        self.seen[line]
    }

    /// The fine cell of a line.
    pub(crate) fn cell(&self, line: usize, at: usize) -> GroundCell {
        let has = |bits: &Bits| bits[line] >> at & 1 == 1;
        let unmet = GroundCell {
            floor_seen: has(&self.floor_seen),
            last_seen_ns: self.last_seen_ns[line * SIDE + at],
            ..GroundCell::default()
        };
        if !has(&self.stood_on) {
            return unmet;
        }
        let Standing { points: obstacle_points, low_m, high_m } = self.standing[line * SIDE + at];
        GroundCell { obstacle_points, low_m, high_m, ..unmet }
    }
}

/// The published ground: shared, immutable.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    tiles: Tiles<GroundTile>,
}

fn cell_of(coordinate_m: f64) -> usize {
    (((coordinate_m - f64::from(tile_of(coordinate_m)) * TILE_M) / GROUND_CELL_M) as usize).min(SIDE - 1)
}

impl Ground {
    /// The fine cell at a world position; `None` where nothing was ever seen.
    pub fn cell(&self, x_m: f64, y_m: f64) -> Option<GroundCell> {
        Some(self.tile((tile_of(x_m), tile_of(y_m)))?.cell(cell_of(y_m), cell_of(x_m)))
    }

    /// The tile at (column, row); `None` where nothing was ever seen.
    pub(crate) fn tile(&self, at: (i32, i32)) -> Option<&GroundTile> {
        self.tiles.get(at).map(Arc::as_ref)
    }
}

#[cfg(test)]
impl Ground {
    /// A ground that saw these fine cells, each named by a place in it.
    pub(crate) fn of(cells: &[([f64; 2], GroundCell)]) -> Self {
        let mut writer = GroundWriter::default();
        for ([x_m, y_m], cell) in cells {
            *writer.cell_mut(*x_m, *y_m).0 = *cell;
        }
        writer.publish()
    }
}

/// How far a point may be from the floor and still be it, metres.
const ON_FLOOR_M: f64 = 0.03;

/// What ends so much lower than a thing is something else under it, metres.
const LOWER_M: f64 = 0.1;

/// Of nine places under a box so many must be hidden.
const MOST_PLACES: usize = 7;

/// Fine cells along each side of what is corrected in one piece, pieces along each side of a tile, and a piece's side.
const PIECE: i32 = 8;
const PIECES_OF_TILE: i32 = SIDE as i32 / PIECE;
const PIECE_M: f64 = PIECE as f64 * GROUND_CELL_M;

struct OwnTile {
    cells: [GroundCell; TILE_CELLS],
    /// Frame in which something last stood in each cell.
    stood: [u32; TILE_CELLS],
    changed: bool,
}

/// The writer's ground.
#[derive(Default)]
pub(super) struct GroundWriter {
    slot_of: BTreeMap<(i32, i32), usize>,
    tiles: Vec<Box<OwnTile>>,
    /// The tile looked up last: neighbouring points share it.
    last: Option<((i32, i32), usize)>,
    /// Tiles changed since the last publication, each once.
    changed: Vec<(i32, i32)>,
    published: Ground,
}

impl GroundWriter {
    /// Takes in the points of one frame, first what stands on the floor, then the floor: where only floor is seen now,
    /// what stood there before is believed less.
    pub fn see(&mut self, points: impl Iterator<Item = Point3<f64>> + Clone, floor_m: f64, frame: u32, stamp_ns: i64) {
        for p in points.clone() {
            let height = p.z - floor_m;
            if OBSTACLE_HEIGHT_M.contains(&height) {
                let (cell, stood) = self.cell_mut(p.x, p.y);
                *stood = frame;
                cell.obstacle_points = cell.obstacle_points.saturating_add(1);
                cell.low_m = cell.low_m.min(height as f32);
                cell.high_m = cell.high_m.max(height as f32);
                cell.last_seen_ns = stamp_ns;
            }
        }
        for p in points {
            if (p.z - floor_m).abs() < ON_FLOOR_M {
                let (cell, stood) = self.cell_mut(p.x, p.y);
                cell.floor_seen = true;
                cell.last_seen_ns = stamp_ns;
                if *stood != frame && cell.obstacle_points > 0 {
                    cell.obstacle_points /= 2;
                    if cell.obstacle_points == 0 {
                        (cell.low_m, cell.high_m) = (f32::INFINITY, f32::NEG_INFINITY);
                    }
                }
            }
        }
    }

    /// True when neither the floor nor anything lower was ever seen where the box stands: whatever carries it is hidden.
    pub fn hides_what_is_under(&self, obb: &OrientedBox, floor_m: f64) -> bool {
        let bottom_m = obb.centre.z - 0.5 * obb.size.z - floor_m;
        let is_hidden = |(i, j): (i32, i32)| {
            let along = Vector3::new(f64::from(i) * 0.5 * obb.size.x, f64::from(j) * 0.5 * obb.size.y, 0.0);
            let p = obb.centre + obb.world_from_box * along;
            self.cell(p.x, p.y).is_none_or(|cell| !cell.floor_seen && f64::from(cell.low_m) > bottom_m - LOWER_M)
        };
        let places = [(-1, -1), (0, -1), (1, -1), (-1, 0), (0, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
        places.into_iter().filter(|at| is_hidden(*at)).count() >= MOST_PLACES
    }

    fn cell(&self, x_m: f64, y_m: f64) -> Option<&GroundCell> {
        let slot = *self.slot_of.get(&(tile_of(x_m), tile_of(y_m)))?;
        Some(&self.tiles[slot].cells[cell_of(y_m) * SIDE + cell_of(x_m)])
    }

    /// Moves what was seen with what it was seen from, a square of [`PIECE`] fine cells a way at a time. Each new fine
    /// cell takes what lay where its middle comes from, so that turned ground has no pinholes.
    pub fn correct(&mut self, correction: &Correction, floor_m: f64) {
        let old = std::mem::take(self);
        let middle = |(column, row): (i32, i32)| {
            Point3::new((f64::from(column) + 0.5) * PIECE_M, (f64::from(row) + 0.5) * PIECE_M, floor_m)
        };
        let pieces = old.slot_of.keys().flat_map(|&(column, row)| {
            let of_tile = |k: i32| (k * PIECES_OF_TILE..).take(PIECES_OF_TILE as usize);
            of_tile(column).flat_map(move |c| of_tile(row).map(move |r| (c, r)))
        });
        let reached: BTreeSet<(i32, i32)> = pieces
            .flat_map(|piece| {
                let from = middle(piece);
                let to = correction.motion_from(&from) * from;
                let (column, row) = (floor_to_i32(to.x / PIECE_M), floor_to_i32(to.y / PIECE_M));
                (-1..=1).flat_map(move |c| (-1..=1).map(move |r| (column.saturating_add(c), row.saturating_add(r))))
            })
            .collect();
        self.published = old.published.clone();
        // Tiles that readers hold are told of even if nothing lies there any more.
        old.slot_of.keys().for_each(|&place| self.touch(place));
        for piece in reached {
            let old_from_new = correction.motion_to(&middle(piece)).inverse();
            self.take_piece(piece, floor_m, &old_from_new, &old);
        }
    }

    fn take_piece(&mut self, (column, row): (i32, i32), floor_m: f64, old_from_new: &Pose, old: &Self) {
        for at in 0..PIECE * PIECE {
            let along = |first: i32, k: i32| f64::from(first) * PIECE_M + (f64::from(k) + 0.5) * GROUND_CELL_M;
            let (x, y) = (along(column, at % PIECE), along(row, at / PIECE));
            let from = old_from_new * Point3::new(x, y, floor_m);
            let Some(&slot) = old.slot_of.get(&(tile_of(from.x), tile_of(from.y))) else { continue };
            let inside = cell_of(from.y) * SIDE + cell_of(from.x);
            let cell = old.tiles[slot].cells[inside];
            if cell != GroundCell::default() {
                let (new, stood) = self.cell_mut(x, y);
                (*new, *stood) = (cell, old.tiles[slot].stood[inside]);
            }
        }
    }

    fn touch(&mut self, place: (i32, i32)) {
        let slot = self.slot_at(place);
        if !std::mem::replace(&mut self.tiles[slot].changed, true) {
            self.changed.push(place);
        }
    }

    /// The fine cell at a world position, to change, and the frame in which something last stood there.
    fn cell_mut(&mut self, x_m: f64, y_m: f64) -> (&mut GroundCell, &mut u32) {
        let place = (tile_of(x_m), tile_of(y_m));
        let slot = match self.last {
            Some((last, slot)) if last == place => slot,
            _ => self.slot_at(place),
        };
        self.last = Some((place, slot));
        let own = &mut self.tiles[slot];
        if !std::mem::replace(&mut own.changed, true) {
            self.changed.push(place);
        }
        let at = cell_of(y_m) * SIDE + cell_of(x_m);
        (&mut own.cells[at], &mut own.stood[at])
    }

    fn slot_at(&mut self, place: (i32, i32)) -> usize {
        let tiles = &mut self.tiles;
        *self.slot_of.entry(place).or_insert_with(|| {
            tiles.push(Box::new(OwnTile {
                cells: [GroundCell::default(); TILE_CELLS],
                stood: [u32::MAX; TILE_CELLS],
                changed: false,
            }));
            tiles.len() - 1
        })
    }

    /// What readers may hold now.
    pub fn publish(&mut self) -> Ground {
        let Self { slot_of, tiles, changed, published, .. } = self;
        for at in changed.drain(..) {
            if let Some(own) = slot_of.get(&at).map(|&slot| &mut tiles[slot]) {
                own.changed = false;
                published.tiles.set(at, GroundTile::of(&own.cells));
            }
        }
        published.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_ground_keeps_what_it_saw() {
        let mut writer = GroundWriter::default();
        writer.cell_mut(-0.05, 3.25).0.obstacle_points = 7;
        let before = writer.publish();
        writer.cell_mut(-0.05, 3.25).0.obstacle_points = 9;
        assert_eq!(before.cell(-0.01, 3.29).map(|c| c.obstacle_points), Some(7));
        assert_eq!(before.cell(0.05, 3.25).map(|c| c.obstacle_points), None);
        assert_eq!(writer.publish().cell(-0.05, 3.25).map(|c| c.obstacle_points), Some(9));
    }

    #[test]
    fn only_where_neither_floor_nor_anything_lower_was_seen_is_what_carries_a_thing_hidden() {
        let back = OrientedBox::upright(Point3::new(0.2, 0.15, 0.75), Vector3::new(0.3, 0.1, 0.1), 0.0);
        let mut writer = GroundWriter::default();
        assert!(writer.hides_what_is_under(&back, 0.0));
        let places = || (0..6).flat_map(|i| (0..4).map(move |j| [0.1 * f64::from(i), 0.1 * f64::from(j)]));
        places().for_each(|[x, y]| writer.cell_mut(x, y).0.low_m = 0.7);
        assert!(writer.hides_what_is_under(&back, 0.0), "its own points");
        places().for_each(|[x, y]| writer.cell_mut(x, y).0.low_m = 0.3);
        assert!(!writer.hides_what_is_under(&back, 0.0), "something lower");
        places().for_each(|[x, y]| *writer.cell_mut(x, y).0 = GroundCell { floor_seen: true, ..GroundCell::default() });
        assert!(!writer.hides_what_is_under(&back, 0.0), "the floor");
    }
}
