//! The plane cut into square tiles, each found by its column and row: under the ground map and the object index.

use super::slots::Slots;
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

/// Side of a tile, metres.
pub const TILE_M: f64 = 3.2;

/// Column or row of the tile that holds a coordinate.
pub fn tile_of(coordinate_m: f64) -> i32 {
    floor_to_i32(coordinate_m / TILE_M)
}

/// `floor` as an integer, without the library call that it is on plain x86-64; saturates.
pub fn floor_to_i32(value: f64) -> i32 {
    let towards_zero = value as i32;
    towards_zero.saturating_sub(i32::from(f64::from(towards_zero) > value))
}

/// Tiles are looked up by blocks of so many by so many, as a power of two: a search meets few blocks and many tiles.
const BLOCK_BITS: i32 = 4;
const BLOCK_SIDE: usize = 1 << BLOCK_BITS;

/// In a block: no tile with content.
const NO_SLOT: u32 = u32::MAX;

type Block = [[u32; BLOCK_SIDE]; BLOCK_SIDE];

/// Tiles with content, shared between snapshots.
#[derive(Debug)]
pub struct Tiles<T: ?Sized> {
    /// The slots of a block's tiles, by row and column.
    blocks: RedBlackTreeMapSync<(i32, i32), Arc<Block>>,
    slots: Slots<((i32, i32), Arc<T>)>,
    count: usize,
}

impl<T: ?Sized> Clone for Tiles<T> {
    fn clone(&self) -> Self {
        Self { blocks: self.blocks.clone(), slots: self.slots.clone(), count: self.count }
    }
}

impl<T: ?Sized> Default for Tiles<T> {
    fn default() -> Self {
        Self { blocks: RedBlackTreeMapSync::new_sync(), slots: Slots::default(), count: 0 }
    }
}

/// The block that holds the tile at (column, row), and where in it.
fn block_of((column, row): (i32, i32)) -> ((i32, i32), [usize; 2]) {
    let within = |k: i32| (k & (BLOCK_SIDE as i32 - 1)) as usize;
    ((column >> BLOCK_BITS, row >> BLOCK_BITS), [within(row), within(column)])
}

impl<T: ?Sized> Tiles<T> {
    /// The tile at (column, row).
    pub fn get(&self, at: (i32, i32)) -> Option<&Arc<T>> {
        self.slots.get(self.slot_of(at)?).map(|(_, tile)| tile)
    }

    fn slot_of(&self, at: (i32, i32)) -> Option<usize> {
        let (block, [row, column]) = block_of(at);
        let slot = self.blocks.get(&block)?[row][column];
        (slot != NO_SLOT).then_some(slot as usize)
    }

    /// Puts a tile at (column, row). False when there is no room for another.
    pub fn set(&mut self, at: (i32, i32), tile: Arc<T>) -> bool {
        let Some(slot) = self.slot_of(at).or_else(|| self.new_slot(at)) else { return false };
        self.slots.set(slot, Some((at, tile)));
        true
    }

    fn new_slot(&mut self, at: (i32, i32)) -> Option<usize> {
        let slot = self.count;
        if slot >= super::slots::MAX_SLOTS {
            return None;
        }
        let (key, [row, column]) = block_of(at);
        let mut block = self.blocks.get(&key).map_or([[NO_SLOT; BLOCK_SIDE]; BLOCK_SIDE], |block| **block);
        block[row][column] = slot as u32;
        self.blocks.insert_mut(key, Arc::new(block));
        self.count += 1;
        Some(slot)
    }

    /// Visits the tiles that touch the rectangle, in no order that means anything. Costs the smaller of the tiles asked
    /// for and the tiles there are; allocates nothing.
    pub fn for_each_within(&self, low: [f64; 2], high: [f64; 2], mut visit: impl FnMut(&T)) {
        let (columns, rows) = (tile_of(low[0])..=tile_of(high[0]), tile_of(low[1])..=tile_of(high[1]));
        let count = |range: &std::ops::RangeInclusive<i32>| {
            (i64::from(*range.end()) - i64::from(*range.start()) + 1).max(0) as usize
        };
        if count(&columns).saturating_mul(count(&rows)) <= self.count {
            let blocks = |of: &std::ops::RangeInclusive<i32>| of.start() >> BLOCK_BITS..=of.end() >> BLOCK_BITS;
            for at in blocks(&rows).flat_map(|row| blocks(&columns).map(move |column| (column, row))) {
                let Some(block) = self.blocks.get(&at) else { continue };
                let slots = within(at.1, &rows).flat_map(|row| &block[row][within(at.0, &columns)]);
                slots.filter_map(|&slot| self.slots.get(slot as usize)).for_each(|(_, tile)| visit(tile));
            }
        } else {
            let all = (0..self.count).filter_map(|slot| self.slots.get(slot));
            all.filter(|((column, row), _)| columns.contains(column) && rows.contains(row))
                .for_each(|(_, tile)| visit(tile));
        }
    }
}

/// Which columns, or rows, of a block lie in the range.
fn within(block: i32, range: &std::ops::RangeInclusive<i32>) -> std::ops::Range<usize> {
    let first = i64::from(block) << BLOCK_BITS;
    let at = |tile: i64| (tile - first).clamp(0, BLOCK_SIDE as i64) as usize;
    at(i64::from(*range.start()))..at(i64::from(*range.end()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_meets_the_tiles_that_it_touches_and_no_others() {
        let mut tiles: Tiles<(i32, i32)> = Tiles::default();
        let all: Vec<(i32, i32)> = (-20..20).flat_map(|row| (-20..20).map(move |column| (column, row))).collect();
        let some = |at: &&(i32, i32)| (at.0 * 7 + at.1 * 3).rem_euclid(5) != 0;
        for &at in all.iter().filter(some) {
            assert!(tiles.set(at, Arc::new(at)));
        }
        let before = tiles.clone();
        assert!(tiles.set((-1, -2), Arc::new((100, 100))) && tiles.set((40, -40), Arc::new((40, -40))));
        assert_eq!((before.get((-1, -2)).map(|at| **at), before.get((40, -40))), (Some((-1, -2)), None));
        assert_eq!(tiles.get((-1, -2)).map(|at| **at), Some((100, 100)));
        for (low, high) in [([-19, -3], [4, 9]), ([-9, -8], [-1, 7]), ([3, 3], [3, 3]), ([-50, -50], [50, 50])] {
            let mut met = Vec::new();
            let metres = |at: [i32; 2]| at.map(|k| (f64::from(k) + 0.5) * TILE_M);
            before.for_each_within(metres(low), metres(high), |at| met.push(*at));
            met.sort_unstable();
            let is_inside = |at: &&(i32, i32)| (low[0]..=high[0]).contains(&at.0) && (low[1]..=high[1]).contains(&at.1);
            let mut wanted: Vec<(i32, i32)> = all.iter().filter(some).filter(is_inside).copied().collect();
            wanted.sort_unstable();
            assert_eq!(met, wanted, "{low:?} {high:?}");
        }
    }

    #[test]
    fn the_floor_is_that_of_the_library() {
        for value in [-1e300, -3e9, -2.5, -2.0, -1e-9, 0.0, 0.3, 1.0, 7.999, 3e9, f64::INFINITY] {
            assert_eq!(floor_to_i32(value), value.floor() as i32, "{value}");
        }
    }
}
