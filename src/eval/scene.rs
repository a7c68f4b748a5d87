//! One scene beside one truth, thing by thing.
//!
//! The truth is a `truth.json` as the rendered room writes it: `objects`, each with `label`, `center`, `size`
//! (length >= width, height), `yaw`, `round`, `present`; and `counted`, a list as long, which of them were seen well
//! enough to be asked for. Things that are not present any more are left out.

use super::matching::match_boxes;
use super::yaw::yaw_error_deg;
use crate::error::{Error, Result};
use crate::geom::OrientedBox;
use crate::scene::{Object, Snapshot};
use nalgebra::{Point3, Vector3};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most things a truth may name.
const MAX_TRUTHS: usize = 65_536;

/// A thing that is really there.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueThing {
    /// What it is.
    pub label: String,
    /// Where it is and how large, in the world of the sequence (metres, Z up).
    pub obb: OrientedBox,
    /// Whether its yaw means nothing.
    pub round: bool,
    /// Whether it was seen well enough to be asked for.
    pub counted: bool,
}

/// All things that are really there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SceneTruth {
    /// In the order of the file.
    pub things: Vec<TrueThing>,
}

/// What the map made of one true thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Distance of the centres, metres.
    pub centre_m: f64,
    /// Largest difference of a side, metres; of length and width the longer is compared with the longer.
    pub size_m: f64,
    /// Intersection over union of the boxes.
    pub iou: f64,
    /// Yaw error mod 180°, mod 90° for square footprints, degrees; none for round things.
    pub yaw_deg: Option<f64>,
}

/// One true thing, and the thing of the map that is it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The truth.
    pub truth: TrueThing,
    /// The thing of the map and how far off it is; none where it was not found.
    pub found: Option<(Arc<Object>, Found)>,
}

/// Why a thing of the map is no true thing's match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Besides {
    /// It lies on a true thing that another one is.
    Duplicate,
    /// It lies on a true thing that nothing fits, itself too far off to be it.
    Misfit,
    /// It lies on nothing.
    Ghost,
}

impl Besides {
    /// The word used in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Misfit => "misfit",
            Self::Ghost => "ghost",
        }
    }
}

/// A thing of the map that is no true thing's match.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmatched {
    /// The thing of the map.
    pub object: Arc<Object>,
    /// Why it is none.
    pub why: Besides,
}

/// A scene beside its truth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// A row a true thing, in the order of the truth.
    pub rows: Vec<Row>,
    /// What the map has besides: duplicates, misfits, ghosts.
    pub unmatched: Vec<Unmatched>,
}

#[derive(Deserialize)]
struct TruthFile {
    objects: Vec<ThingInFile>,
    counted: Vec<bool>,
}

#[derive(Deserialize)]
struct ThingInFile {
    label: String,
    center: [f64; 3],
    size: [f64; 3],
    yaw: f64,
    round: bool,
    present: bool,
}

impl SceneTruth {
    /// Reads the text of a `truth.json`.
    ///
    /// # Errors
    /// What is no such text, and boxes that are not finite and positive.
    pub fn from_json(text: &str) -> Result<Self> {
        let file: TruthFile =
            serde_json::from_str(text).map_err(|error| Error::io(format!("no truth.json: {error}")))?;
        if file.objects.len() > MAX_TRUTHS || file.objects.len() != file.counted.len() {
            return Err(Error::io(format!(
                "{} objects and {} counted, expected as many of each and at most {MAX_TRUTHS}",
                file.objects.len(),
                file.counted.len()
            )));
        }
        let there = file.objects.into_iter().zip(file.counted).enumerate().filter(|(_, (thing, _))| thing.present);
        let things = there.map(|(at, (thing, counted))| thing.checked(at, counted)).collect::<Result<_>>()?;
        Ok(Self { things })
    }
}

impl ThingInFile {
    fn checked(self, at: usize, counted: bool) -> Result<TrueThing> {
        let obb = OrientedBox::upright(Point3::from(self.center), Vector3::from(self.size), self.yaw);
        if !obb.is_valid() {
            return Err(Error::io(format!("the box of object {at} ({}) is not finite and positive", self.label)));
        }
        Ok(TrueThing { label: self.label, obb, round: self.round, counted })
    }
}

/// Sets the things of a scene beside the truth: one-to-one by overlap, at least [`super::MATCH_IOU`].
pub fn compare(truth: &SceneTruth, snapshot: &Snapshot) -> Comparison {
    let objects: Vec<&Arc<Object>> = snapshot.objects().collect();
    let truths: Vec<OrientedBox> = truth.things.iter().map(|thing| thing.obb).collect();
    let estimates: Vec<OrientedBox> = objects.iter().map(|object| object.obb).collect();
    let matches = match_boxes(&truths, &estimates);
    let row = |(at, thing): (usize, &TrueThing)| {
        let pair = matches.pairs.iter().find(|pair| pair.truth == at);
        let found = pair.map(|pair| {
            let object = Arc::clone(objects[pair.estimate]);
            let found = measure(thing, &object.obb, pair.iou);
            (object, found)
        });
        Row { truth: thing.clone(), found }
    };
    let besides = |list: &[usize], why: Besides| -> Vec<Unmatched> {
        list.iter().map(|&at| Unmatched { object: Arc::clone(objects[at]), why }).collect()
    };
    let rows = truth.things.iter().enumerate().map(row).collect();
    let unmatched = [
        besides(&matches.duplicates, Besides::Duplicate),
        besides(&matches.misfits, Besides::Misfit),
        besides(&matches.ghosts, Besides::Ghost),
    ]
    .concat();
    Comparison { rows, unmatched }
}

fn measure(thing: &TrueThing, found: &OrientedBox, iou: f64) -> Found {
    Found {
        centre_m: (found.centre - thing.obb.centre).norm(),
        size_m: (longer_first(&found.size) - longer_first(&thing.obb.size)).amax(),
        iou,
        yaw_deg: (!thing.round).then(|| yaw_error_deg(&thing.obb, found)),
    }
}

fn longer_first(size: &Vector3<f64>) -> Vector3<f64> {
    Vector3::new(size.x.max(size.y), size.x.min(size.y), size.z)
}

impl Comparison {
    /// True things seen well enough to be asked for.
    pub fn counted(&self) -> usize {
        self.rows.iter().filter(|row| row.truth.counted).count()
    }

    /// How many of those were found.
    pub fn counted_found(&self) -> usize {
        self.rows.iter().filter(|row| row.truth.counted && row.found.is_some()).count()
    }

    /// How many found things, counted or not, carry the true label.
    pub fn labels_right(&self) -> usize {
        self.found().filter(|(row, object, _)| *row.truth.label == *object.label).count()
    }

    /// How many true things were found, counted or not.
    pub fn found_len(&self) -> usize {
        self.found().count()
    }

    /// How many things of the map are no true thing's match for this reason.
    pub fn besides(&self, why: Besides) -> usize {
        self.unmatched.iter().filter(|other| other.why == why).count()
    }

    /// Median distance of the centres of what was found, metres; none when nothing was.
    pub fn centre_m_p50(&self) -> Option<f64> {
        median(self.found().map(|(_, _, found)| found.centre_m))
    }

    /// Median intersection over union of what was found; none when nothing was.
    pub fn iou_p50(&self) -> Option<f64> {
        median(self.found().map(|(_, _, found)| found.iou))
    }

    fn found(&self) -> impl Iterator<Item = (&Row, &Arc<Object>, &Found)> {
        self.rows.iter().filter_map(|row| row.found.as_ref().map(|(object, found)| (row, object, found)))
    }

    /// Rows, what the map has besides, and the counts, as one document.
    pub fn to_json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(Row::to_json).collect();
        let besides: Vec<Value> = self
            .unmatched
            .iter()
            .map(|other| json!({ "name": &*other.object.name, "why": other.why.word() }))
            .collect();
        json!({
            "objects": rows,
            "unmatched": besides,
            "summary": {
                "counted": self.counted(), "counted_found": self.counted_found(), "found": self.found_len(),
                "labels_right": self.labels_right(), "duplicates": self.besides(Besides::Duplicate),
                "misfits": self.besides(Besides::Misfit), "ghosts": self.besides(Besides::Ghost),
                "center_m_p50": self.centre_m_p50(), "iou_p50": self.iou_p50(),
            },
        })
    }
}

impl Row {
    fn to_json(&self) -> Value {
        let found = self.found.as_ref().map(|(object, found)| {
            json!({
                "id": object.id.0, "name": &*object.name, "label": &*object.label, "center_m": found.centre_m,
                "size_m": found.size_m, "iou": found.iou, "yaw_deg": found.yaw_deg,
            })
        });
        json!({ "label": self.truth.label, "counted": self.truth.counted, "found": found })
    }
}

/// The middle value, of an even number the upper one; none of none.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::scene_from_json;

    fn truth(objects: &str, counted: &str) -> Result<SceneTruth> {
        SceneTruth::from_json(&format!(r#"{{"objects": [{objects}], "counted": [{counted}]}}"#))
    }

    fn thing(label: &str, center: &str, present: bool) -> String {
        format!(
            r#"{{"label": "{label}", "center": {center}, "size": [0.6, 0.4, 0.5], "yaw": 0, "round": false,
            "standing_on": null, "on_wall": false, "present": {present}}}"#
        )
    }

    fn object(id: u64, label: &str, center: &str) -> String {
        format!(
            r#"{{"id": {id}, "label": "{label}", "name": "{label}#{id}", "labels": {{"{label}": 1}}, "center": {center},
            "size": [0.6, 0.4, 0.46], "rotation": [0, 0, 0, 1], "yaw": 0, "cov": [0, 0, 0, 0, 0, 0],
            "size_sigma": [0, 0, 0], "yaw_sigma": 0, "existence": 1, "truncated": false, "state": "confirmed",
            "first_seen_ns": 0, "last_seen_ns": 0, "observations": 5}}"#
        )
    }

    fn scene(objects: &[String]) -> Snapshot {
        scene_from_json(&format!(
            r#"{{"format": "gnomon.scene", "version": 1, "world_from_input": [1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1],
            "up": "z", "objects": [{}], "supports": [], "keyframes": []}}"#,
            objects.join(",")
        ))
        .expect("a scene")
    }

    #[test]
    fn what_was_found_missed_doubled_and_imagined_is_told_apart() {
        let things = [
            thing("box", "[0, 0, 0.25]", true),
            thing("chair", "[3, 0, 0.25]", true),
            thing("gone", "[6, 0, 0.25]", false),
            thing("hidden", "[9, 0, 0.25]", true),
        ];
        let truth = truth(&things.join(","), "true, true, true, false").expect("a truth");
        let map = scene(&[
            object(1, "box", "[0.03, 0, 0.25]"),
            object(2, "crate", "[0.3, 0, 0.25]"),
            object(3, "ghost", "[20, 0, 1]"),
            object(4, "far", "[3.3, 0.1, 0.4]"),
        ]);
        let comparison = compare(&truth, &map);
        let (found, measured) = comparison.rows[0].found.as_ref().expect("the box is found");
        assert_eq!(&*found.name, "box#1");
        assert!((measured.centre_m - 0.03).abs() < 1e-9 && (measured.size_m - 0.04).abs() < 1e-9);
        assert_eq!(comparison.rows.len(), 3, "what is gone is not asked for");
        assert_eq!((comparison.counted(), comparison.counted_found(), comparison.labels_right()), (2, 1, 1));
        let besides = [Besides::Duplicate, Besides::Misfit, Besides::Ghost].map(|why| comparison.besides(why));
        assert_eq!(besides, [1, 1, 1]);
        let document = comparison.to_json();
        assert_eq!(document["objects"][1], json!({ "label": "chair", "counted": true, "found": null }));
        assert_eq!(document["unmatched"][2], json!({ "name": "ghost#3", "why": "ghost" }));
        assert_eq!(document["summary"]["counted_found"], 1);
    }

    #[test]
    fn an_empty_map_has_no_median() {
        let truth = truth(&thing("box", "[0, 0, 0.25]", true), "true").expect("a truth");
        let comparison = compare(&truth, &scene(&[]));
        assert_eq!((comparison.centre_m_p50(), comparison.found_len()), (None, 0));
    }

    #[test]
    fn a_truth_that_cannot_be_meant_is_refused_with_its_reason() {
        let refused = |result: Result<SceneTruth>| result.expect_err("refused").to_string();
        assert!(refused(SceneTruth::from_json("{}")).contains("no truth.json: missing field"));
        assert!(refused(truth(&thing("box", "[0, 0, 0]", true), "")).starts_with("1 objects and 0 counted"));
        let flat = thing("box", "[0, 0, 0]", true).replace("0.6", "-0.6");
        assert_eq!(refused(truth(&flat, "true")), "the box of object 0 (box) is not finite and positive");
    }
}
