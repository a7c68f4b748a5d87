//! Rooms that change behind the robot's back: what was taken away must go, what was moved must keep its name.
//!
//! One lap through a room as it is; then two things are taken away and three are put elsewhere, at least a metre off;
//! then two laps through the room as it is now. All frames are noisy. Only things that the first lap mapped can be
//! forgotten, so only such things are changed.
//!
//! A place *was seen empty* in a frame where [`COUNTED_PX`] pixels of the thing would show if it still stood there: the
//! room as it was is rendered from the same pose, and pixels where something now stands nearer do not count. Nothing
//! here looks at what the scene thinks it saw. Where a lookalike of a moved thing was taken away or moved too, boxes and
//! labels cannot tell which of them stands at the new place; these are counted apart.

use super::matching::match_boxes;
use super::room::{integrate_room_frame, truth_box};
use super::seeds::Seeds;
use crate::error::Result;
use crate::geom::OrientedBox;
use crate::room::{
    COUNTED_PX, LAP_FRAMES, Rendered, Room, RoomCamera, RoomFrame, RoomOptions, RoomSequence, SeenCounter, degrade,
};
use crate::scene::{EventKind, ObjectId, Scene, SceneOptions, Snapshot};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Frames that see its place empty within which a thing taken away must be gone.
pub const GONE_WITHIN_FRAMES: u32 = 10;

const REMOVED: usize = 2;
const MOVED: usize = 3;
const LAPS: usize = 3;

/// Things of one label whose sides differ by no more than this share look alike.
const LOOKALIKE: f64 = 0.25;

/// Something farther than what stood there before, by no more than rounding, hides nothing, metres.
const NEARER_M: f32 = 0.005;

/// What became of the changes of one or more rooms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangesTable {
    /// Rooms walked through.
    pub rooms: usize,
    /// Things taken away whose place was then seen empty often enough to tell.
    pub removed: usize,
    /// Of these, how many were gone within [`GONE_WITHIN_FRAMES`] sights of their empty place.
    pub removed_in_time: usize,
    /// Sights of its empty place that each thing taken away outlived.
    pub sights_until_gone: Vec<u32>,
    /// Things moved whose new place was seen well and whose old place was seen empty.
    pub moved: usize,
    /// Of these, how many are found under the id they had.
    pub moved_with_id: usize,
    /// Further moved things of which a lookalike was also taken away or moved: no one can tell which is which, so the map
    /// may give them any new name, but never each other's.
    pub undecidable: usize,
    /// Things that were reported removed while they stood where the map had them.
    pub wrongly_removed: usize,
    /// Ids that stood for one thing after the first lap and for another of the same label later.
    pub swapped: usize,
    /// What went wrong, in words.
    pub mistakes: Vec<String>,
}

impl ChangesTable {
    /// Share of things taken away that were gone in time.
    pub fn removed_share(&self) -> f64 {
        super::room::share(self.removed_in_time, self.removed)
    }

    /// Share of moved things that kept their id.
    pub fn moved_share(&self) -> f64 {
        super::room::share(self.moved_with_id, self.moved)
    }

    /// The figures as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let mut sights = self.sights_until_gone.clone();
        sights.sort_unstable();
        serde_json::json!({
            "rooms": self.rooms,
            "removed": self.removed, "removed_in_time": self.removed_in_time, "removed_share": self.removed_share(),
            "sights_until_gone_p50": sights.get(sights.len() / 2), "sights_until_gone_max": sights.last(),
            "moved": self.moved, "moved_with_id": self.moved_with_id, "moved_share": self.moved_share(),
            "undecidable": self.undecidable, "wrongly_removed": self.wrongly_removed, "swapped": self.swapped, "mistakes": self.mistakes,
        })
    }

    fn add(&mut self, other: Self) {
        self.rooms += other.rooms;
        self.removed += other.removed;
        self.removed_in_time += other.removed_in_time;
        self.sights_until_gone.extend(other.sights_until_gone);
        self.moved += other.moved;
        self.moved_with_id += other.moved_with_id;
        self.undecidable += other.undecidable;
        self.wrongly_removed += other.wrongly_removed;
        self.swapped += other.swapped;
        self.mistakes.extend(other.mistakes);
    }
}

/// Changes every room after the first lap and sees what the map makes of it.
pub fn eval_changes(seeds: &Seeds) -> Result<ChangesTable> {
    let mut total = ChangesTable::default();
    seeds.measure(|seed| eval_room(seed, RoomCamera::default()))?.into_iter().for_each(|one| total.add(one));
    Ok(total)
}

fn eval_room(seed: u64, camera: RoomCamera) -> Result<ChangesTable> {
    let room = Room::generate(seed);
    let mut trial = Trial::new(seed, Scene::new(SceneOptions::default())?);
    let mut seen = SeenCounter::default();
    let mut walk = RoomSequence::new(&room, RoomOptions { seed, camera, ..RoomOptions::default() });
    for index in 0..LAP_FRAMES {
        let frame = walk.render(index);
        seen.add(&frame);
        trial.take(&room, &frame, index)?;
    }
    let known = trial.ids(&room);
    let (now, changed) = change(&room, &known, &seen.counted(), seed);
    trial.follow(&room, &now, &known, changed, camera)?;
    Ok(trial.table)
}

/// One thing taken away or moved.
struct Change {
    /// Index of the thing in both rooms.
    at: usize,
    id: ObjectId,
    moved: bool,
    /// Another thing of its label and about its size was taken away or moved.
    has_lookalike: bool,
    /// Frames in which its old place was seen empty, and how many of them the map took to let it go.
    seen_empty: u32,
    gone_after: Option<u32>,
    /// Frames that saw it well at its new place.
    seen_anew: u32,
}

/// The room with some of its known things taken away and some moved.
fn change(room: &Room, known: &[Option<ObjectId>], counted: &[bool], seed: u64) -> (Room, Vec<Change>) {
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x0063_6861_6e67_6573);
    let (mut now, mut changes) = (room.clone(), Vec::<Change>::new());
    let mut left: Vec<usize> = room.movable_indices();
    while changes.len() < REMOVED + MOVED && !left.is_empty() {
        let at = left.swap_remove(rng.random_range(0..left.len()));
        let Some(id) = known[at].filter(|_| counted[at]) else { continue };
        let moved = changes.len() >= REMOVED;
        if if moved { now.relocate(at, &mut rng) } else { now.remove_object(at) } {
            changes.push(Change { at, id, moved, has_lookalike: false, seen_empty: 0, gone_after: None, seen_anew: 0 });
        }
    }
    let looks_like = |a: usize, b: usize| {
        let (a, b) = (&room.objects()[a], &room.objects()[b]);
        let alike =
            |k: usize| (a.model.size[k] - b.model.size[k]).abs() <= LOOKALIKE * a.model.size[k].max(b.model.size[k]);
        a.label() == b.label() && (0..3).all(alike)
    };
    let changed: Vec<usize> = changes.iter().map(|change| change.at).collect();
    for change in &mut changes {
        change.has_lookalike = changed.iter().any(|&other| other != change.at && looks_like(change.at, other));
    }
    (now, changes)
}

/// A scene on its walk, and what is counted.
struct Trial {
    seed: u64,
    scene: Scene,
    snapshot: Snapshot,
    next_event: u64,
    table: ChangesTable,
}

impl Trial {
    fn new(seed: u64, mut scene: Scene) -> Self {
        let snapshot = scene.publish();
        Self { seed, scene, snapshot, next_event: 0, table: ChangesTable { rooms: 1, ..ChangesTable::default() } }
    }

    /// Gives the scene a clean frame made noisy, and counts what it wrongly lets go.
    fn take(&mut self, room: &Room, frame: &RoomFrame, index: usize) -> Result<()> {
        integrate_room_frame(&mut self.scene, &degrade(frame, self.seed, index), true)?;
        let before = std::mem::replace(&mut self.snapshot, self.scene.publish());
        let first = self.next_event;
        for event in self.snapshot.events().iter().filter(|event| event.sequence >= first) {
            self.next_event = event.sequence + 1;
            let EventKind::Removed(receipt) = &event.kind else { continue };
            if let Some(at) = thing_with_id(room, &before, event.object) {
                self.table.wrongly_removed += 1;
                let label = room.objects()[at].label();
                self.table.mistakes.push(format!(
                    "seed {}: frame {index}: {label} {at} removed although it is there, {} points empty of {}",
                    self.seed, receipt.points_empty, receipt.points_in_view
                ));
            }
        }
        Ok(())
    }

    /// The id of each thing of the room.
    fn ids(&self, room: &Room) -> Vec<Option<ObjectId>> {
        ids(room, &self.snapshot)
    }

    /// Two laps through the changed room.
    fn follow(
        &mut self,
        was: &Room,
        now: &Room,
        known: &[Option<ObjectId>],
        mut changes: Vec<Change>,
        camera: RoomCamera,
    ) -> Result<()> {
        let frames = LAPS * LAP_FRAMES;
        let mut walk = RoomSequence::new(now, RoomOptions { seed: self.seed, frames, noisy: false, camera });
        let mut as_it_was = Rendered::default();
        for index in LAP_FRAMES..frames {
            let frame = walk.render(index);
            as_it_was.render(was, &frame.camera, &frame.true_world_from_camera);
            self.take(now, &frame, index)?;
            for change in &mut changes {
                change.see(&frame, &as_it_was, &self.snapshot);
            }
            if (index + 1) % LAP_FRAMES == 0 {
                self.count_swaps(now, known, index);
            }
        }
        let now_known = self.ids(now);
        for change in &changes {
            self.count(now, change, now_known[change.at]);
        }
        Ok(())
    }

    fn count_swaps(&mut self, now: &Room, known: &[Option<ObjectId>], index: usize) {
        let now_known = self.ids(now);
        for (at, id) in known.iter().enumerate() {
            let label = now.objects()[at].label();
            let other = now_known.iter().position(|other| id.is_some() && other == id);
            if let Some(other) = other.filter(|&other| other != at && now.objects()[other].label() == label) {
                self.table.swapped += 1;
                self.table.mistakes.push(format!(
                    "seed {}: frame {index}: the id of {label} {at} now stands for {label} {other}",
                    self.seed
                ));
            }
        }
    }

    fn count(&mut self, now: &Room, change: &Change, now_known: Option<ObjectId>) {
        let (seed, label, at) = (self.seed, now.objects()[change.at].label(), change.at);
        if change.moved {
            if change.seen_anew < crate::room::COUNTED_FRAMES || change.seen_empty < GONE_WITHIN_FRAMES {
                return;
            }
            if change.has_lookalike {
                self.table.undecidable += 1;
                return;
            }
            self.table.moved += 1;
            if now_known == Some(change.id) {
                self.table.moved_with_id += 1;
            } else {
                let old = if self.snapshot.object(change.id).is_some() { "still there" } else { "gone" };
                let new = if now_known.is_some() { "has a new id" } else { "is not found" };
                self.table.mistakes.push(format!("seed {seed}: moved {label} {at} {new}, its old id is {old}"));
            }
        } else if change.gone_after.is_some() || change.seen_empty >= GONE_WITHIN_FRAMES {
            self.table.removed += 1;
            let sights = change.gone_after.unwrap_or(change.seen_empty);
            self.table.sights_until_gone.push(sights);
            if change.gone_after.is_some_and(|sights| sights <= GONE_WITHIN_FRAMES) {
                self.table.removed_in_time += 1;
            } else {
                self.table
                    .mistakes
                    .push(format!("seed {seed}: removed {label} {at} outlived {sights} sights of nothing"));
            }
        }
    }
}

impl Change {
    fn see(&mut self, frame: &RoomFrame, as_it_was: &Rendered, snapshot: &Snapshot) {
        self.seen_anew += u32::from(frame.visible_px[self.at] >= COUNTED_PX);
        let id = self.at as u16 + 1;
        let pixels = as_it_was.ids.iter().zip(&as_it_was.depth_m).zip(&frame.depth_m);
        let empty = pixels.filter(|((was, was_m), now_m)| **was == id && **now_m > **was_m - NEARER_M).count();
        self.seen_empty += u32::from(empty as u32 >= COUNTED_PX);
        if self.gone_after.is_none() && snapshot.object(self.id).is_none() {
            self.gone_after = Some(self.seen_empty);
        }
    }
}

/// The id of each thing of the room: that of the box that is its own, if any.
fn ids(room: &Room, snapshot: &Snapshot) -> Vec<Option<ObjectId>> {
    let objects: Vec<_> = snapshot.objects().collect();
    let estimates: Vec<OrientedBox> = objects.iter().map(|object| object.obb).collect();
    let present: Vec<usize> = (0..room.objects().len()).filter(|&at| room.objects()[at].present).collect();
    let truths: Vec<OrientedBox> = present.iter().map(|&at| truth_box(&room.objects()[at].truth())).collect();
    let mut ids = vec![None; room.objects().len()];
    for pair in match_boxes(&truths, &estimates).pairs {
        ids[present[pair.truth]] = Some(objects[pair.estimate].id);
    }
    ids
}

/// The thing of the room that this id stood for.
fn thing_with_id(room: &Room, snapshot: &Snapshot, id: ObjectId) -> Option<usize> {
    ids(room, snapshot).iter().position(|own| *own == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_away_goes_and_what_is_there_stays() {
        let table = eval_room(3, RoomCamera::default().reduced(2)).expect("a walk");
        assert!(table.removed > 0, "{table:?}");
        assert_eq!(table.removed_in_time, table.removed, "{table:?}");
        assert_eq!((table.wrongly_removed, table.swapped), (0, 0), "{table:?}");
    }
}
