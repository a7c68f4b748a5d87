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

/// Tiles with content, shared between snapshots.
#[derive(Debug, Clone)]
pub struct Tiles<T> {
    slot_of: RedBlackTreeMapSync<(i32, i32), u32>,
    slots: Slots<((i32, i32), Arc<T>)>,
}

impl<T> Default for Tiles<T> {
    fn default() -> Self {
        Self { slot_of: RedBlackTreeMapSync::new_sync(), slots: Slots::default() }
    }
}

impl<T> Tiles<T> {
    /// The tile at (column, row).
    pub fn get(&self, at: (i32, i32)) -> Option<&Arc<T>> {
        self.slots.get(*self.slot_of.get(&at)? as usize).map(|(_, tile)| tile)
    }

    /// Puts a tile at (column, row). False when there is no room for another.
    pub fn set(&mut self, at: (i32, i32), tile: Arc<T>) -> bool {
        let slot = match self.slot_of.get(&at) {
            Some(&slot) => slot,
            None if self.slot_of.size() < super::slots::MAX_SLOTS => {
                let slot = self.slot_of.size() as u32;
                self.slot_of.insert_mut(at, slot);
                slot
            }
            None => return false,
        };
        self.slots.set(slot as usize, Some((at, tile)));
        true
    }

    /// The tile at (column, row), to change: copied first where a snapshot holds it, made anew where there is none.
    /// `None` when there is no room for another.
    pub fn make_mut(&mut self, at: (i32, i32)) -> Option<&mut T>
    where
        T: Clone + Default,
    {
        if !self.slot_of.contains_key(&at) && !self.set(at, Arc::default()) {
            return None;
        }
        let slot = *self.slot_of.get(&at)? as usize;
        self.slots.get_mut(slot).map(|(_, tile)| Arc::make_mut(tile))
    }

    /// Visits the tiles that touch the rectangle, in no order that means anything. Costs the smaller of the tiles asked
    /// for and the tiles there are; allocates nothing.
    pub fn for_each_within(&self, low: [f64; 2], high: [f64; 2], mut visit: impl FnMut(&T)) {
        let (columns, rows) = (tile_of(low[0])..=tile_of(high[0]), tile_of(low[1])..=tile_of(high[1]));
        let count = |range: &std::ops::RangeInclusive<i32>| {
            (i64::from(*range.end()) - i64::from(*range.start()) + 1).max(0) as usize
        };
        if count(&columns).saturating_mul(count(&rows)) <= self.slot_of.size() {
            for at in columns.flat_map(|column| rows.clone().map(move |row| (column, row))) {
                self.get(at).into_iter().for_each(|tile| visit(tile));
            }
        } else {
            let all = (0..self.slot_of.size()).filter_map(|slot| self.slots.get(slot));
            all.filter(|((column, row), _)| columns.contains(column) && rows.contains(row))
                .for_each(|(_, tile)| visit(tile));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_that_of_the_library() {
        for value in [-1e300, -3e9, -2.5, -2.0, -1e-9, 0.0, 0.3, 1.0, 7.999, 3e9, f64::INFINITY] {
            assert_eq!(floor_to_i32(value), value.floor() as i32, "{value}");
        }
    }
}
