//! The writer's tracks by slot, with their place in the index.

use super::ObjectId;
use super::index::Index;
use super::slots::MAX_SLOTS;
use super::track::Track;

/// Tracks by slot. A slot is used again after its track is gone; an id never is.
#[derive(Default)]
pub(super) struct Store {
    tracks: Vec<Option<Box<Track>>>,
    free: Vec<u32>,
    next_id: u64,
}

impl Store {
    /// A new id.
    pub fn next_id(&mut self) -> ObjectId {
        self.next_id += 1;
        ObjectId(self.next_id)
    }

    pub fn is_full(&self) -> bool {
        self.free.is_empty() && self.tracks.len() >= MAX_SLOTS
    }

    pub fn get(&self, slot: u32) -> Option<&Track> {
        self.tracks.get(slot as usize)?.as_deref()
    }

    pub fn get_mut(&mut self, slot: u32) -> Option<&mut Track> {
        self.tracks.get_mut(slot as usize)?.as_deref_mut()
    }

    /// Slots there are, in use or free.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Two different tracks at once.
    pub fn pair_mut(&mut self, a: u32, b: u32) -> Option<(&mut Track, &mut Track)> {
        let [a, b] = self.tracks.get_disjoint_mut([a as usize, b as usize]).ok()?;
        Some((a.as_deref_mut()?, b.as_deref_mut()?))
    }

    /// Puts a track into a free slot; the caller made sure that the store is not full.
    pub fn insert(&mut self, track: Track, index: &mut Index) -> u32 {
        let slot = self.free.pop().unwrap_or(self.tracks.len() as u32);
        if slot as usize == self.tracks.len() {
            self.tracks.push(None);
        }
        self.tracks[slot as usize] = Some(Box::new(track));
        self.relist(slot, index);
        slot
    }

    /// Takes a track out.
    pub fn remove(&mut self, slot: u32, index: &mut Index) -> Option<Track> {
        let track = self.tracks.get_mut(slot as usize)?.take()?;
        if let Some(listing) = track.listing {
            index.remove(slot, listing);
        }
        self.free.push(slot);
        Some(*track)
    }

    /// Brings the index up to date with the track's box.
    pub fn relist(&mut self, slot: u32, index: &mut Index) {
        let Some(track) = self.get_mut(slot) else { return };
        track.listing = Some(index.list(slot, &track.obb, track.listing));
    }

    /// Every track, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Track)> {
        (0u32..).zip(&self.tracks).filter_map(|(slot, track)| Some((slot, track.as_deref()?)))
    }

    /// Every track, by slot, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut Track)> {
        (0u32..).zip(&mut self.tracks).filter_map(|(slot, track)| Some((slot, track.as_deref_mut()?)))
    }
}
