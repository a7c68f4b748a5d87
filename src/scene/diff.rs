//! Two scenes compared: what came, what went, what moved and how far, what is called otherwise, what changed its size.
//!
//! Scenes of one life (the same inputs from the same first stamp) are compared by id: an id is never given to another
//! thing. Of two lives ids say nothing. Then things are found again by place: first what has its label and overlaps it,
//! then what overlaps it closely under another label, then what has its label and about its size elsewhere; the nearest
//! first, ids deciding between equals. Where one label has very many things left on both sides, the last step is left out
//! and they came and went.
//!
//! A thing has moved when its centre is farther off than both scenes' uncertainty explains, and at least
//! [`DiffOptions::least_move_m`]. Likewise of sizes. Both scenes must stand in one world: nothing is aligned.

use super::{Object, ObjectId, Snapshot};
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use crate::geom::iou;
use nalgebra::Point3;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// Boxes that share this much of their volume are at one place, whatever they are called.
const SAME_PLACE_IOU: f64 = 0.25;

/// Sizes of what is found again elsewhere differ by at most this share, and this much, metres.
const SIZE_SHARE: f64 = 0.2;
const SIZE_SLACK_M: f64 = 0.02;

/// The most pairs of one label that are tried elsewhere.
const MOST_PAIRS: usize = 1 << 20;

/// How things of two scenes are found in each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameBy {
    /// By id where both are of one life, otherwise by place.
    #[default]
    Told,
    /// By id.
    Id,
    /// By place and label.
    Place,
}

/// What counts as a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiffOptions {
    /// How things are found again.
    pub same_by: SameBy,
    /// A centre this near is at its place, metres.
    pub least_move_m: f64,
    /// A side that differs by no more than this has its length, metres.
    pub least_resize_m: f64,
    /// What is no farther off than so many standard deviations of both scenes is no change.
    pub sigmas: f64,
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self { same_by: SameBy::Told, least_move_m: 0.1, least_resize_m: 0.1, sigmas: 3.0 }
    }
}

impl DiffOptions {
    /// Refuses numbers that cannot be meant.
    ///
    /// # Errors
    /// A length that is no length, or is larger than a world; more than a thousand standard deviations.
    pub fn check(&self) -> Result<()> {
        let named = [
            ("least_move_m", self.least_move_m, MAX_COORDINATE_M),
            ("least_resize_m", self.least_resize_m, MAX_COORDINATE_M),
            ("sigmas", self.sigmas, 1000.0),
        ];
        match named.into_iter().find(|(_, value, most)| !(0.0..=*most).contains(value)) {
            Some((name, value, most)) => Err(Error::argument(format!("{name} is {value}, expected 0 to {most}"))),
            None => Ok(()),
        }
    }
}

/// A thing that is in both scenes, with what changed.
#[derive(Debug, Clone)]
pub struct Changed {
    /// As it was.
    pub before: Arc<Object>,
    /// As it is.
    pub after: Arc<Object>,
    /// How far its centre moved, metres; none when it did not.
    pub moved_m: Option<f64>,
    /// True when its name or its label is another. Of two lives numbers in names say nothing, and only labels count.
    pub renamed: bool,
    /// True when a side changed.
    pub resized: bool,
}

/// What differs between two scenes. Every list by ascending id: of the second scene, of what went in the first.
#[derive(Debug, Clone)]
pub struct SceneDiff {
    /// True when things were found again by id.
    pub by_id: bool,
    /// In the second scene alone.
    pub came: Vec<Arc<Object>>,
    /// In the first scene alone.
    pub went: Vec<Arc<Object>>,
    /// In both, and changed.
    pub changed: Vec<Changed>,
    /// How many are in both as they were.
    pub same: usize,
}

/// Compares two scenes.
pub fn diff(before: &Snapshot, after: &Snapshot, options: &DiffOptions) -> SceneDiff {
    let by_id = match options.same_by {
        SameBy::Id => true,
        SameBy::Place => false,
        SameBy::Told => are_of_one_life(before, after),
    };
    let pairs = if by_id { pairs_by_id(before, after) } else { pairs_by_place(before, after) };
    let found: BTreeSet<ObjectId> = pairs.values().copied().collect();
    let mut out = SceneDiff {
        by_id,
        came: after.objects().filter(|object| !pairs.contains_key(&object.id)).cloned().collect(),
        went: before.objects().filter(|object| !found.contains(&object.id)).cloned().collect(),
        changed: Vec::new(),
        same: 0,
    };
    for (id_after, id_before) in &pairs {
        let (Some(before), Some(after)) = (before.object(*id_before), after.object(*id_after)) else { continue };
        match change_of(before, after, by_id, options) {
            Some(changed) => out.changed.push(changed),
            None => out.same += 1,
        }
    }
    out
}

fn are_of_one_life(before: &Snapshot, after: &Snapshot) -> bool {
    match (before.provenance(), after.provenance()) {
        (Some(before), Some(after)) => {
            before.first_stamp_ns.is_some()
                && (before.first_stamp_ns, &before.inputs) == (after.first_stamp_ns, &after.inputs)
        }
        _ => false,
    }
}

fn change_of(before: &Arc<Object>, after: &Arc<Object>, by_id: bool, options: &DiffOptions) -> Option<Changed> {
    let distance_m = (after.obb.centre - before.obb.centre).norm();
    let sigma_m = variance_m2(before).max(0.0).sqrt().hypot(variance_m2(after).max(0.0).sqrt());
    let has_moved = distance_m > options.least_move_m.max(options.sigmas * sigma_m);
    let (sides_before, sides_after) = (sides_of(before), sides_of(after));
    let resized = (0..3).any(|k| {
        let ((length_before, sigma_before), (length_after, sigma_after)) = (sides_before[k], sides_after[k]);
        let explained_m = options.sigmas * sigma_before.hypot(sigma_after);
        (length_after - length_before).abs() > options.least_resize_m.max(explained_m)
    });
    let renamed = before.label != after.label || by_id && before.name != after.name;
    (has_moved || resized || renamed).then(|| Changed {
        before: before.clone(),
        after: after.clone(),
        moved_m: has_moved.then_some(distance_m),
        renamed,
        resized,
    })
}

/// Variance of the centre, all axes together, m².
fn variance_m2(object: &Object) -> f64 {
    let [xx, _, _, yy, _, zz] = object.centre_cov_m2;
    xx + yy + zz
}

/// Length and standard deviation of the longer side on the ground, the shorter, and the height, metres: which of two
/// sides is the box's x follows from its yaw and changes with it.
fn sides_of(object: &Object) -> [(f64, f64); 3] {
    let [x, y, z] = [0, 1, 2].map(|k| (object.obb.size[k], object.size_sigma_m[k]));
    if x.0 >= y.0 { [x, y, z] } else { [y, x, z] }
}

/// Ids of the second scene with those of the first.
type Pairs = BTreeMap<ObjectId, ObjectId>;

fn pairs_by_id(before: &Snapshot, after: &Snapshot) -> Pairs {
    after.objects().filter(|object| before.object(object.id).is_some()).map(|object| (object.id, object.id)).collect()
}

fn pairs_by_place(before: &Snapshot, after: &Snapshot) -> Pairs {
    let mut pairing = Pairing::default();
    let mut near = Vec::new();
    for object in after.objects() {
        let (low, high) = object.obb.bounds();
        for other in before.objects_within([low.x, low.y], [high.x, high.y]) {
            let shared = iou(&object.obb, &other.obb);
            near.push((object, other, shared));
        }
    }
    let here = |wanted: &dyn Fn(&Object, &Object, f64) -> bool| {
        let wanted = near.iter().filter(|(object, other, shared)| wanted(object, other, *shared));
        wanted.map(|(object, other, _)| Candidate::of(object, other)).collect::<Vec<_>>()
    };
    pairing.take(here(&|object, other, shared| object.label == other.label && shared > 0.0));
    pairing.take(here(&|_, _, shared| shared >= SAME_PLACE_IOU));
    let mut left: BTreeMap<&str, [Vec<&Arc<Object>>; 2]> = BTreeMap::new();
    for object in before.objects().filter(|object| !pairing.used.contains(&object.id)) {
        left.entry(&object.label).or_default()[0].push(object);
    }
    for object in after.objects().filter(|object| !pairing.pairs.contains_key(&object.id)) {
        left.entry(&object.label).or_default()[1].push(object);
    }
    for [gone, new] in left.values().filter(|[gone, new]| gone.len().saturating_mul(new.len()) <= MOST_PAIRS) {
        let alike = new.iter().flat_map(|object| gone.iter().map(move |other| (*object, *other)));
        let alike = alike.filter(|(object, other)| sizes_agree(object, other));
        pairing.take(alike.map(|(object, other)| Candidate::of(object, other)).collect());
    }
    pairing.pairs
}

fn sizes_agree(a: &Object, b: &Object) -> bool {
    let (a, b) = (sides_of(a), sides_of(b));
    (0..3).all(|k| (a[k].0 - b[k].0).abs() <= SIZE_SHARE * a[k].0.max(b[k].0) + SIZE_SLACK_M)
}

struct Candidate {
    distance_m: f64,
    after: ObjectId,
    before: ObjectId,
}

impl Candidate {
    fn of(after: &Object, before: &Object) -> Self {
        let distance_m = (after.obb.centre - before.obb.centre).norm();
        Self { distance_m, after: after.id, before: before.id }
    }
}

#[derive(Default)]
struct Pairing {
    pairs: Pairs,
    used: BTreeSet<ObjectId>,
}

impl Pairing {
    /// Pairs the nearest first, each thing once.
    fn take(&mut self, mut candidates: Vec<Candidate>) {
        candidates
            .sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then((a.after, a.before).cmp(&(b.after, b.before))));
        for Candidate { after, before, .. } in candidates {
            if !self.pairs.contains_key(&after) && self.used.insert(before) {
                self.pairs.insert(after, before);
            }
        }
    }
}

fn place(at: &Point3<f64>) -> String {
    format!("({:.2}, {:.2}, {:.2})", at.x, at.y, at.z)
}

fn size(object: &Object) -> String {
    let size = object.obb.size;
    format!("{:.2} x {:.2} x {:.2} m", size.x, size.y, size.z)
}

impl SceneDiff {
    /// True when nothing differs.
    pub fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty() && self.changed.is_empty()
    }

    /// One line for each change: what came, went, moved, is called otherwise, changed its size; then what stayed.
    pub fn words(&self) -> String {
        let mut text = String::new();
        for object in &self.came {
            let _ = writeln!(text, "came: {} at {}, {}", object.name, place(&object.obb.centre), size(object));
        }
        for object in &self.went {
            let _ = writeln!(text, "went: {}, which was at {}", object.name, place(&object.obb.centre));
        }
        for (changed, moved_m) in self.changed.iter().filter_map(|changed| Some((changed, changed.moved_m?))) {
            let (from, to) = (place(&changed.before.obb.centre), place(&changed.after.obb.centre));
            let _ = writeln!(text, "moved: {} by {moved_m:.2} m, from {from} to {to}", changed.after.name);
        }
        for changed in self.changed.iter().filter(|changed| changed.renamed) {
            let (before, after) = (&changed.before, &changed.after);
            let _ = write!(text, "renamed: {} is now {}", before.name, after.name);
            if before.label != after.label {
                let _ = write!(text, ", a {} where a {} was", after.label, before.label);
            }
            text.push('\n');
        }
        for changed in self.changed.iter().filter(|changed| changed.resized) {
            let (before, after) = (size(&changed.before), size(&changed.after));
            let _ = writeln!(text, "resized: {} from {before} to {after}", changed.after.name);
        }
        let _ = match (self.is_empty(), self.same) {
            (true, same) => writeln!(text, "nothing changed: {same} things are as they were"),
            (false, same) => writeln!(text, "{same} things are as they were"),
        };
        text
    }

    /// The same for programs. Metres.
    pub fn to_json(&self) -> Value {
        let alone = |object: &Arc<Object>| {
            let (centre, size): ([f64; 3], [f64; 3]) = (object.obb.centre.into(), object.obb.size.into());
            json!({ "id": object.id, "name": &*object.name, "label": &*object.label, "center": centre, "size": size })
        };
        let both = |changed: &Changed| {
            let (before, after) = (&changed.before, &changed.after);
            json!({
                "before": alone(before),
                "after": alone(after),
                "moved_m": changed.moved_m,
                "renamed": changed.renamed,
                "resized": changed.resized,
            })
        };
        json!({
            "same_by": if self.by_id { "id" } else { "place" },
            "came": self.came.iter().map(alone).collect::<Vec<_>>(),
            "went": self.went.iter().map(alone).collect::<Vec<_>>(),
            "changed": self.changed.iter().map(both).collect::<Vec<_>>(),
            "same": self.same,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Provenance, scene_from_json, scene_to_json};

    fn thing(id: u64, label: &str, at: [f64; 2], side_m: f64) -> Object {
        let text = format!(
            r#"{{"format":"gnomon.scene","version":1,"world_from_input":[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1],"up":"z",
            "objects":[{{"id":{id},"label":"{label}","name":"{label}#{id}","labels":{{"{label}":1}},
            "center":[{},{},0.5],"size":[{side_m},{side_m},1],"rotation":[0,0,0,1],"cov":[1e-4,0,0,1e-4,0,1e-4],
            "size_sigma":[0.01,0.01,0.01],"yaw_sigma":0.1,"existence":1,"truncated":false,"state":"confirmed",
            "first_seen_ns":0,"last_seen_ns":0,"observations":3}}],"supports":[],"keyframes":[]}}"#,
            at[0], at[1]
        );
        let scene = scene_from_json(&text).expect("a scene");
        Object::clone(scene.objects().next().expect("one"))
    }

    /// A scene of one life with whatever else began at this stamp.
    fn scene(things: &[Object], first_stamp_ns: i64) -> Snapshot {
        let text = scene_to_json(&Snapshot::of(things.to_vec(), vec![], 9).expect("valid"));
        let origin = format!(",\"provenance\":{{\"gnomon\":\"0\",\"inputs\":[],\"first_stamp_ns\":{first_stamp_ns}}}");
        let scene = scene_from_json(&text.replacen(",\n\"objects\"", &format!("{origin},\"objects\""), 1));
        let scene = scene.expect("a scene");
        assert_eq!(scene.provenance().and_then(|p: &Provenance| p.first_stamp_ns), Some(first_stamp_ns));
        scene
    }

    fn room() -> Vec<Object> {
        vec![
            thing(1, "chair", [0.0, 0.0], 0.5),
            thing(2, "chair", [2.0, 0.0], 0.5),
            thing(3, "lamp", [4.0, 0.0], 0.3),
            thing(4, "desk", [6.0, 0.0], 1.2),
        ]
    }

    #[test]
    fn of_one_life_things_are_told_by_id_and_each_change_has_its_line() {
        let mut later = room();
        later[1].obb.centre.x += 1.3;
        later[2].label = "torch".into();
        later[2].name = "torch#1".into();
        later[3].obb.size.x += 0.4;
        later.remove(0);
        later.push(thing(9, "cup", [1.0, 1.0], 0.1));
        let found = diff(&scene(&room(), 5), &scene(&later, 5), &DiffOptions::default());
        assert_eq!(
            found.words(),
            "came: cup#9 at (1.00, 1.00, 0.50), 0.10 x 0.10 x 1.00 m\n\
             went: chair#1, which was at (0.00, 0.00, 0.50)\n\
             moved: chair#2 by 1.30 m, from (2.00, 0.00, 0.50) to (3.30, 0.00, 0.50)\n\
             renamed: lamp#3 is now torch#1, a torch where a lamp was\n\
             resized: desk#4 from 1.20 x 1.20 x 1.00 m to 1.60 x 1.20 x 1.00 m\n\
             0 things are as they were\n"
        );
        let document = found.to_json();
        assert_eq!((&document["same_by"], &document["came"][0]["id"]), (&json!("id"), &json!(9)));
        assert!((document["changed"][0]["moved_m"].as_f64().expect("metres") - 1.3).abs() < 1e-9);
    }

    #[test]
    fn of_two_lives_things_are_told_by_place_whatever_their_ids() {
        let mut other: Vec<Object> = room();
        for (object, id) in other.iter_mut().zip([40, 30, 20, 10]) {
            object.id = ObjectId(id);
            object.name = format!("{}#{id}", object.label).into();
        }
        other[1].obb.centre.y += 3.0; // a chair, elsewhere
        other[2].label = "torch".into(); // at the lamp's place
        let found = diff(&scene(&room(), 5), &scene(&other, 6), &DiffOptions::default());
        assert!(!found.by_id && found.came.is_empty() && found.went.is_empty(), "{}", found.words());
        let moved: Vec<_> = found.changed.iter().map(|c| (c.after.id.0, c.before.id.0, c.moved_m.is_some())).collect();
        assert_eq!((moved, found.same), (vec![(20, 3, false), (30, 2, true)], 2));
    }

    #[test]
    fn what_the_uncertainty_explains_is_no_change() {
        let mut later = room();
        later[0].obb.centre.x += 0.5;
        let options = DiffOptions::default();
        assert_eq!(diff(&scene(&room(), 5), &scene(&later, 5), &options).changed.len(), 1);
        later[0].centre_cov_m2 = [0.04, 0.0, 0.0, 0.04, 0.0, 0.0];
        let found = diff(&scene(&room(), 5), &scene(&later, 5), &options);
        assert!(found.is_empty() && found.words() == "nothing changed: 4 things are as they were\n");
    }

    #[test]
    fn a_box_turned_by_a_quarter_has_its_size() {
        let (mut before, mut after) = (room(), room());
        before[3].obb.size.y = 0.6;
        after[3].obb.size = nalgebra::Vector3::new(0.6, 1.2, 1.0);
        assert!(diff(&scene(&before, 5), &scene(&after, 5), &DiffOptions::default()).is_empty());
    }
}
