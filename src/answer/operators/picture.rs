//! Places in a picture: where a thing shows, what is at a place, whether a thing shows at all.

use super::{Outcome, Work};
use crate::answer::ask::View;
use crate::answer::question::{Extent, Phrase};
use crate::answer::reply::{Found, Unknown, Value, Why};
use crate::frame::Intrinsics;
use crate::geom::OrientedBox;
use crate::scene::{Object, Snapshot};
use nalgebra::{Point3, Vector3};

/// Points per axis at which a box is asked whether something stands before it.
const GRID: usize = 5;

/// A thing is in plain sight when no other box stands before this share of it.
const PLAIN_SHARE: f64 = 0.3;

/// What lies in the picture behind other boxes may be seen all the same: many things are not as solid as their boxes.
const BEHIND_BOXES: f64 = 0.6;

/// A camera in the world.
pub(super) struct Eye {
    camera: Intrinsics,
    view: View,
}

impl Work<'_> {
    /// The camera of the picture asked about.
    pub(super) fn eye(&self) -> Result<Eye, Unknown> {
        let missing =
            || Unknown::new(Why::NoView, "the question is about a picture, and no view with intrinsics is given");
        let view = self.facts.options.view.ok_or_else(missing)?;
        Ok(Eye { camera: view.intrinsics.ok_or_else(missing)?, view })
    }

    /// The centre of a thing's box.
    pub(super) fn position(&mut self, what: &Phrase, within: Extent) -> Outcome {
        let thing = self.one(what)?;
        let certain = |value| Found::plain(value, thing.weight);
        if within == Extent::Scene {
            return Ok(certain(Value::WorldPoint(thing.object.obb.centre.coords.into())));
        }
        let middle = self.eye()?.centre(&thing.object.obb);
        let middle =
            middle.ok_or_else(|| Unknown::new(Why::NotYetObserved, format!("\"{what}\" is not in the picture")))?;
        Ok(certain(Value::PicturePoint(middle)))
    }

    /// The thing that shows there: of those that show, the one whose centre is nearest.
    pub(super) fn at_picture(&mut self, at: [f64; 2]) -> Outcome {
        let eye = self.eye()?;
        let snapshot = self.facts.snapshot;
        let showing: Vec<_> = snapshot.objects().filter(|object| eye.shows(object, snapshot) >= 0.5).collect();
        let away = |object: &Object| {
            let middle = eye.centre(&object.obb);
            middle.map_or(f64::INFINITY, |m| (m[0] - at[0]).hypot(m[1] - at[1]))
        };
        let mut ranked: Vec<(f64, usize)> = (0..showing.len()).map(|i| (away(showing[i]), i)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some(&(nearest, first)) = ranked.first().filter(|(away, _)| away.is_finite()) else {
            return Err(Unknown::new(Why::NeverSeen, "nothing that is known shows in the picture"));
        };
        let object = showing[first];
        self.use_object(object);
        let next = ranked.get(1).map_or(1.0, |(away, _)| *away);
        let certain = object.existence * f64::from(object.labels.first().map_or(1.0, |share| share.probability));
        // Half the way between two centres either may be meant.
        let probability = certain * next / (next + nearest).max(1e-9);
        Ok(Found::plain(Value::Thing(Phrase::new(&object.label)), probability))
    }
}

impl Eye {
    /// Where the centre of a box shows, in shares of the picture from its upper left corner; none when it does not.
    fn centre(&self, obb: &OrientedBox) -> Option<[f64; 2]> {
        let centre_in_camera = self.view.world_from_camera.inverse_transform_point(&obb.centre);
        let [u, v] = self.camera.project(&centre_in_camera)?;
        let at = [(u + 0.5) / f64::from(self.camera.width), (v + 0.5) / f64::from(self.camera.height)];
        at.iter().all(|share| (0.0..=1.0).contains(share)).then_some(at)
    }

    /// How surely a thing shows: its centre is in the picture, and no other box stands before it.
    pub(super) fn shows(&self, object: &Object, snapshot: &Snapshot) -> f64 {
        if self.centre(&object.obb).is_none() {
            return 0.0;
        }
        let points = grid(&object.obb);
        let eye: Point3<f64> = self.view.world_from_camera.translation.vector.into();
        let others = || snapshot.objects().filter(|other| other.id != object.id);
        let free = |p: &&Point3<f64>| !others().any(|other| crosses(&other.obb, &eye, p));
        let plain = points.iter().filter(free).count() as f64 / points.len() as f64;
        if plain >= PLAIN_SHARE { 1.0 } else { BEHIND_BOXES }
    }
}

/// Points spread evenly through the box, its surface included.
fn grid(obb: &OrientedBox) -> Vec<Point3<f64>> {
    let step = |i: usize| i as f64 / (GRID - 1) as f64 - 0.5;
    let cells = (0..GRID * GRID * GRID).map(|i| [i % GRID, i / GRID % GRID, i / (GRID * GRID)]);
    cells
        .map(|[i, j, k]| {
            let in_box = Vector3::new(step(i), step(j), step(k)).component_mul(&obb.size);
            obb.centre + obb.world_from_box * in_box
        })
        .collect()
}

/// Whether the way from the eye to the point leads through the box before its end.
fn crosses(obb: &OrientedBox, eye: &Point3<f64>, point: &Point3<f64>) -> bool {
    let (from, to) = (obb.to_box(eye), obb.to_box(point));
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for k in 0..3 {
        let (half, way) = (obb.size[k] * 0.5, to[k] - from[k]);
        if way.abs() < 1e-12 {
            if from[k].abs() > half {
                return false;
            }
            continue;
        }
        let (a, b) = ((-half - from[k]) / way, (half - from[k]) / way);
        (enter, leave) = (enter.max(a.min(b)), leave.min(a.max(b)));
    }
    enter < leave && leave < 1.0 - 1e-6
}
