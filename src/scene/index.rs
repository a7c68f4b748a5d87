//! Where things are: which tile holds the centre of which object. Shared by the writer and every snapshot.
//!
//! An object is listed once, under the tile of its centre; a search is widened by the largest reach of any object, so
//! none is missed. Only a thing that crosses a tile's border by more than [`HYSTERESIS_M`] is listed under another. The list
//! says about where each is, so that a search looks at no object that is not near.

use super::tiles::{TILE_M, Tiles, tile_of};
use crate::geom::OrientedBox;
use std::sync::Arc;

/// How far a centre may stray out of its tile before it is listed anew, metres.
const HYSTERESIS_M: f64 = 0.5;

/// Things reaching farther than this from their centre are listed apart, so that one long wall does not widen every search.
const LARGE_REACH_M: f64 = 2.0;

/// A thing is listed anew where it is that far from what the list says of its centre and reach, metres.
const STRAY_M: f64 = 0.25;

/// How far rounding may carry a listed number, metres: coordinates have a million at most.
const ROUNDING_M: f64 = 0.1;

/// Under which tile a thing is listed; `Large` things are listed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    Tile(i32, i32),
    Large,
}

/// A listed thing, and about where it is: short, so that a search has little to read.
#[derive(Debug, Clone, Copy)]
struct Entry {
    slot: u32,
    centre: [f32; 2],
    reach_m: f32,
}

impl Entry {
    fn of(slot: u32, obb: &OrientedBox) -> Self {
        Self { slot, centre: [obb.centre.x as f32, obb.centre.y as f32], reach_m: obb.reach_m() as f32 }
    }

    fn tells(&self, other: &Self) -> bool {
        let strays = |k: usize| f64::from(self.centre[k]) - f64::from(other.centre[k]);
        let grows = f64::from(self.reach_m) - f64::from(other.reach_m);
        strays(0).abs().max(strays(1).abs()).max(grows.abs()) <= STRAY_M
    }

    /// Its reach at most: its centre is off by [`STRAY_M`] along each axis, and so is what is listed as its reach.
    fn most_m(&self) -> f64 {
        f64::from(self.reach_m) + (1.0 + std::f64::consts::SQRT_2) * (STRAY_M + ROUNDING_M)
    }

    fn may_touch_circle(&self, at: [f64; 2], radius_m: f64) -> bool {
        let [x, y] = [0, 1].map(|k| f64::from(self.centre[k]) - at[k]);
        let away_m = radius_m + self.most_m();
        x * x + y * y <= away_m * away_m
    }

    fn may_touch(&self, low: [f64; 2], high: [f64; 2]) -> bool {
        let (centre, reach_m) = (self.centre.map(f64::from), self.most_m());
        (0..2).all(|k| centre[k] + reach_m >= low[k] && centre[k] - reach_m <= high[k])
    }
}

/// The index: object slots by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    tiles: Tiles<[Entry]>,
    large: Arc<[Entry]>,
    /// The largest reach of what was ever listed under a tile.
    widest_m: f32,
}

impl Index {
    /// Lists a thing where a thing with this box belongs, given where it is listed now; returns where that is.
    pub fn list(&mut self, slot: u32, obb: &OrientedBox, now: Option<Listing>) -> Listing {
        let listing = listing_of(obb, now);
        if let Some(old) = now.filter(|old| *old != listing) {
            self.remove(slot, old);
        }
        let entry = Entry::of(slot, obb);
        if listing != Listing::Large {
            self.widest_m = self.widest_m.max(entry.reach_m);
        }
        // Lists are shared with snapshots: a change makes another.
        if !self.entries(listing).is_some_and(|entries| found(entries, slot).is_ok_and(|at| entries[at].tells(&entry)))
        {
            self.change(listing, |entries| match found(entries, slot) {
                Ok(at) => entries[at] = entry,
                Err(at) => entries.insert(at, entry),
            });
        }
        listing
    }

    pub fn remove(&mut self, slot: u32, listing: Listing) {
        self.change(listing, |entries| {
            if let Ok(at) = found(entries, slot) {
                entries.remove(at);
            }
        });
    }

    fn entries(&self, listing: Listing) -> Option<&[Entry]> {
        match listing {
            Listing::Large => Some(&self.large),
            Listing::Tile(column, row) => self.tiles.get((column, row)).map(|entries| &**entries),
        }
    }

    fn change(&mut self, listing: Listing, edit: impl FnOnce(&mut Vec<Entry>)) {
        let mut entries = self.entries(listing).unwrap_or_default().to_vec();
        edit(&mut entries);
        match listing {
            Listing::Large => self.large = entries.into(),
            Listing::Tile(column, row) => {
                self.tiles.set((column, row), entries.into());
            }
        }
    }

    /// Visits the slot of every thing that may reach into the rectangle.
    pub fn for_each_candidate(&self, low: [f64; 2], high: [f64; 2], visit: impl FnMut(u32)) {
        self.for_each_listed(low, high, |entry| entry.may_touch(low, high), visit);
    }

    /// Visits the slot of every thing that may reach into the circle.
    pub fn for_each_round(&self, centre: [f64; 2], radius_m: f64, visit: impl FnMut(u32)) {
        let (low, high) = (centre.map(|v| v - radius_m), centre.map(|v| v + radius_m));
        self.for_each_listed(low, high, |entry| entry.may_touch_circle(centre, radius_m), visit);
    }

    /// Visits what is listed in and round the rectangle and meets the condition.
    fn for_each_listed(
        &self,
        low: [f64; 2],
        high: [f64; 2],
        is_near: impl Fn(&Entry) -> bool,
        mut visit: impl FnMut(u32),
    ) {
        let margin = f64::from(self.widest_m) + HYSTERESIS_M + ROUNDING_M;
        let (low_m, high_m) = (low.map(|v| v - margin), high.map(|v| v + margin));
        // PERF: lists lie in far memory, which sends more at a time when nobody waits for what comes: first something is
        // read of each of their lines.
        let mut sum = 0;
        self.tiles.for_each_within(low_m, high_m, |list| sum = list.iter().step_by(4).fold(sum, |sum, e| sum ^ e.slot));
        std::hint::black_box(sum);
        let mut visit_near =
            |entries: &[Entry]| entries.iter().filter(|entry| is_near(entry)).for_each(|entry| visit(entry.slot));
        self.tiles.for_each_within(low_m, high_m, &mut visit_near);
        visit_near(&self.large);
    }
}

fn found(entries: &[Entry], slot: u32) -> Result<usize, usize> {
    entries.binary_search_by_key(&slot, |entry| entry.slot)
}

/// Where a thing with this box belongs, given where it is listed now.
fn listing_of(obb: &OrientedBox, now: Option<Listing>) -> Listing {
    let stays = |column: i32, coordinate: f64| {
        let low = f64::from(column) * TILE_M;
        (low - HYSTERESIS_M..=low + TILE_M + HYSTERESIS_M).contains(&coordinate)
    };
    match now {
        Some(Listing::Large) if obb.reach_m() > 0.9 * LARGE_REACH_M => Listing::Large,
        _ if obb.reach_m() > LARGE_REACH_M => Listing::Large,
        Some(Listing::Tile(c, r)) if stays(c, obb.centre.x) && stays(r, obb.centre.y) => Listing::Tile(c, r),
        _ => Listing::Tile(tile_of(obb.centre.x), tile_of(obb.centre.y)),
    }
}
