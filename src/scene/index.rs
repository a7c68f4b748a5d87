//! Where things are: which tile holds the centre of which object. Shared by the writer and every snapshot.
//!
//! An object is listed once, under the tile of its centre; a search is widened by the largest reach of any object, so
//! none is missed. Only a thing that crosses a tile's border by more than [`HYSTERESIS_M`] is listed anew.

use super::tiles::{TILE_M, Tiles, tile_of};
use crate::geom::OrientedBox;
use std::sync::Arc;

/// How far a centre may stray out of its tile before it is listed anew, metres.
const HYSTERESIS_M: f64 = 0.5;

/// Things reaching farther than this from their centre are listed apart, so that one long wall does not widen every search.
const LARGE_REACH_M: f64 = 2.0;

/// Under which tile a thing is listed; `Large` things are listed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Tile(i32, i32),
    Large,
}

/// The index: object slots by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    tiles: Tiles<Vec<u32>>,
    large: Arc<Vec<u32>>,
}

fn reach_m(obb: &OrientedBox) -> f64 {
    obb.size.norm() * 0.5
}

impl Index {
    /// Where a thing with this box belongs, given where it is listed now.
    pub fn listing(obb: &OrientedBox, now: Option<Listing>) -> Listing {
        let stays = |column: i32, coordinate: f64| {
            let low = f64::from(column) * TILE_M;
            (low - HYSTERESIS_M..=low + TILE_M + HYSTERESIS_M).contains(&coordinate)
        };
        match now {
            Some(Listing::Large) if reach_m(obb) > 0.9 * LARGE_REACH_M => Listing::Large,
            _ if reach_m(obb) > LARGE_REACH_M => Listing::Large,
            Some(Listing::Tile(c, r)) if stays(c, obb.centre.x) && stays(r, obb.centre.y) => Listing::Tile(c, r),
            _ => Listing::Tile(tile_of(obb.centre.x), tile_of(obb.centre.y)),
        }
    }

    pub fn insert(&mut self, slot: u32, listing: Listing) {
        self.change(listing, |slots| {
            if let Err(at) = slots.binary_search(&slot) {
                slots.insert(at, slot);
            }
        });
    }

    pub fn remove(&mut self, slot: u32, listing: Listing) {
        self.change(listing, |slots| {
            if let Ok(at) = slots.binary_search(&slot) {
                slots.remove(at);
            }
        });
    }

    fn change(&mut self, listing: Listing, edit: impl FnOnce(&mut Vec<u32>)) {
        match listing {
            Listing::Large => edit(Arc::make_mut(&mut self.large)),
            Listing::Tile(column, row) => {
                if let Some(slots) = self.tiles.make_mut((column, row)) {
                    edit(slots);
                }
            }
        }
    }

    /// Visits the slot of every thing that may reach into the rectangle.
    pub fn for_each_candidate(&self, low: [f64; 2], high: [f64; 2], mut visit: impl FnMut(u32)) {
        let margin = LARGE_REACH_M + HYSTERESIS_M;
        self.tiles.for_each_within(low.map(|v| v - margin), high.map(|v| v + margin), |slots| {
            slots.iter().for_each(|&slot| visit(slot))
        });
        self.large.iter().for_each(|&slot| visit(slot));
    }
}
