//! What is put where another thing stood, and overlaps its place.
//!
//! Its points fall into the box of what stood there, so that it is taken for that. What tells: detections go on calling it
//! by one other name, while points of the old thing are found empty one after another. Either alone says little: from
//! another side a detector may call a thing by another name, and boxes are trimmed where they were too large.

use super::labels::LabelId;
use super::track::Track;
use crate::geom::OrientedBox;

/// Sightings under the other name, none under the own in between.
const LEAST_SIGHTINGS: u32 = 6;

/// Share of the thing's points that must have been found empty meanwhile.
const LEAST_LOST_SHARE: f32 = 1.0 / 3.0;

/// Things seen less often have no name of their own yet.
const NAMED_AFTER: u32 = 6;

/// A run of sightings of one thing under a name that is not its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct OtherName {
    own: LabelId,
    other: LabelId,
    sightings: u32,
    /// Cells of the thing when the run began, and how many were found empty since.
    cells: usize,
    lost: usize,
    /// Its box when the run began.
    obb: OrientedBox,
}

impl OtherName {
    /// The run after one more sighting of the thing under `label`, asked before the sighting changes the thing.
    pub fn after(track: &Track, label: LabelId) -> Option<Self> {
        match track.other_name {
            Some(run) if label == run.own => None,
            Some(run) if label == run.other => Some(Self { sightings: run.sightings + 1, ..run }),
            Some(run) if run.sightings > 1 => Some(run),
            _ if track.observations < NAMED_AFTER || label == track.label() => None,
            _ => Some(Self {
                own: track.label(),
                other: label,
                sightings: 1,
                cells: track.cloud.cells().len(),
                lost: 0,
                obb: track.obb,
            }),
        }
    }

    fn is_something_else(&self) -> bool {
        self.sightings >= LEAST_SIGHTINGS && self.lost as f32 >= LEAST_LOST_SHARE * self.cells as f32
    }
}

impl Track {
    /// Counts cells of the thing that were found empty.
    pub fn lose(&mut self, cells: usize) {
        if let Some(run) = &mut self.other_name {
            run.lost += cells;
        }
    }

    /// When something else is seen where the thing stood: becomes again what it was before, as far as that is known.
    pub fn restore_replaced(&mut self) -> bool {
        let is_pinned = self.said.pinned.is_some();
        let Some(run) = self.other_name.filter(|run| !is_pinned && run.is_something_else()) else { return false };
        self.obb = run.obb;
        self.labels.retain(|(label, _)| *label != run.other);
        self.other_name = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::frame::{Frame, Intrinsics, MetricZ, Pose};
    use crate::lift::Detection;
    use crate::scene::{EventKind, Scene, SceneOptions, Snapshot};
    use nalgebra::{Matrix3, Rotation3, Translation3, UnitQuaternion};

    const WIDTH: u32 = 160;
    const HEIGHT: u32 = 120;

    /// Columns and rows of a panel 1.5 m ahead, with a wall 3 m ahead.
    const PANEL: [u32; 4] = [60, 40, 100, 80];

    /// Takes frames of a panel moved right by some pixels (1 px is 1 cm there) under a label.
    fn look(scene: &mut Scene, frames: std::ops::Range<i64>, right_px: u32, label: &str) -> Snapshot {
        let [left, top, right, bottom] = [PANEL[0] + right_px, PANEL[1], PANEL[2] + right_px, PANEL[3]];
        let is_panel = |u: u32, v: u32| (left..right).contains(&u) && (top..bottom).contains(&v);
        let z: Vec<f32> =
            (0..WIDTH * HEIGHT).map(|at| if is_panel(at % WIDTH, at / WIDTH) { 1.5 } else { 3.0 }).collect();
        let along_x = Matrix3::new(0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, -1.0, 0.0);
        let rotation = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(along_x));
        for at in frames {
            let frame = Frame {
                stamp_ns: at * 33_000_000,
                ..Frame::of_depth(
                    MetricZ::from_metres(&z, WIDTH, HEIGHT).expect("depth"),
                    Intrinsics::pinhole(WIDTH, HEIGHT, 150.0, 150.0, 79.5, 59.5).expect("a camera"),
                    Pose::from_parts(Translation3::new(0.0, 0.0, 1.2), rotation),
                )
            };
            let bbox = [left as f32, top as f32, right as f32, bottom as f32];
            scene
                .integrate(&frame, &[Detection { bbox, label, score: 0.9, mask: None, feature: None }])
                .expect("a frame");
        }
        scene.publish()
    }

    fn was_removed(snapshot: &Snapshot) -> bool {
        snapshot.events().iter().any(|event| matches!(event.kind, EventKind::Removed(_)))
    }

    #[test]
    fn something_else_put_over_the_place_of_a_thing_is_not_that_thing() {
        let mut scene = Scene::new(SceneOptions::default()).expect("a scene");
        let plant = look(&mut scene, 0..12, 0, "plant");
        let plant_id = plant.object_named("plant#1").expect("a plant").id;
        let after = look(&mut scene, 12..30, 18, "speaker");
        assert!(was_removed(&after), "{:?}", after.events());
        assert!(after.object(plant_id).is_none());
        assert!(after.object_named("speaker#1").is_some());
    }

    #[test]
    fn another_name_alone_makes_no_other_thing() {
        let mut scene = Scene::new(SceneOptions::default()).expect("a scene");
        let plant_id = look(&mut scene, 0..12, 0, "plant").object_named("plant#1").expect("a plant").id;
        let after = look(&mut scene, 12..30, 0, "speaker");
        assert!(!was_removed(&after), "{:?}", after.events());
        assert!(after.object(plant_id).is_some());
    }
}
