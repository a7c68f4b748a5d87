//! What is written as `scene.json` is what `schema/scene.schema.json` describes, no more and no less.
//!
//! The checker knows the keywords the schema uses and refuses any other, so that the schema cannot outgrow it.

use gnomon::geom::OrientedBox;
use gnomon::graph::{PublishOptions, PublishedList, ToldScene};
use gnomon::scene::{
    LabelShare, Object, ObjectId, ObjectState, Snapshot, Support, SupportId, SupportKind, scene_from_json,
    scene_to_json,
};
use nalgebra::{Point3, Vector3};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../schema/scene.schema.json");

/// Every way in which `value` is not what `schema` says.
fn faults(root: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let pointer = rule.as_str().expect("a reference").trim_start_matches('#');
                faults(root, root.pointer(pointer).expect("it leads somewhere"), value, place, found);
                true
            }
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is_kind(value, kind)),
                kind => is_kind(value, kind),
            },
            "const" => value == rule,
            "enum" => rule.as_array().expect("a list").contains(value),
            "required" => rule.as_array().expect("a list").iter().all(|key| value.get(text(key)).is_some()),
            "properties" => {
                for (key, schema) in rule.as_object().expect("schemas") {
                    if let Some(value) = value.get(key) {
                        faults(root, schema, value, &format!("{place}/{key}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    faults(root, rule, value, &format!("{place}/{key}"), found);
                }
                true
            }
            "items" => {
                for (i, value) in value.as_array().into_iter().flatten().enumerate() {
                    faults(root, rule, value, &format!("{place}/{i}"), found);
                }
                true
            }
            "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().expect("a count")),
            "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= rule.as_u64().expect("a count")),
            "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= rule.as_u64().expect("a count")),
            "minimum" => value.as_f64().is_none_or(|number| number >= number_of(rule)),
            "maximum" => value.as_f64().is_none_or(|number| number <= number_of(rule)),
            "exclusiveMinimum" => value.as_f64().is_none_or(|number| number > number_of(rule)),
            other => panic!("the schema uses \"{other}\", which this test does not know"),
        };
        if !holds {
            found.push(format!("{place}: {value} breaks {keyword} {rule}"));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn number_of(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn is_kind(value: &Value, kind: &Value) -> bool {
    match text(kind) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the schema uses type \"{other}\""),
    }
}

fn faults_of(scene: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let mut found = Vec::new();
    faults(&schema, &schema, scene, "", &mut found);
    found
}

/// Keys of the written scene that the schema does not name.
fn unnamed(root: &Value, schema: &Value, value: &Value, found: &mut Vec<String>) {
    if let Some(pointer) = schema.get("$ref") {
        return unnamed(
            root,
            root.pointer(text(pointer).trim_start_matches('#')).expect("leads somewhere"),
            value,
            found,
        );
    }
    if let (Some(named), Some(keys)) = (schema.get("properties"), value.as_object()) {
        for (key, value) in keys {
            match named.get(key) {
                Some(schema) => unnamed(root, schema, value, found),
                None => found.push(key.clone()),
            }
        }
    }
    if let (Some(schema), Some(list)) = (schema.get("items"), value.as_array()) {
        list.iter().for_each(|value| unnamed(root, schema, value, found));
    }
}

fn room() -> Snapshot {
    let object = Object {
        id: ObjectId(u64::MAX),
        label: "chair".into(),
        name: "chair#1".into(),
        labels: Box::new([LabelShare { label: "chair".into(), probability: 1.0 }]),
        obb: OrientedBox::upright(Point3::new(1.0, 2.0, 0.5), Vector3::new(0.5, 0.4, 1.0), -3.1),
        centre_cov_m2: [1e-4, 0.0, 0.0, 1e-4, 0.0, 1e-4],
        size_sigma_m: [0.01, f64::INFINITY, 0.01],
        yaw_sigma_rad: 0.1,
        existence: 1.0,
        truncated: false,
        state: ObjectState::Confirmed,
        first_seen_ns: -5,
        last_seen_ns: i64::MAX,
        observations: 3,
        last_seen_path_m: 0.0,
        feature: None,
    };
    let corners = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let support = |id, kind| Support {
        id: SupportId(id),
        kind,
        normal: Vector3::z(),
        offset_m: 0.0,
        polygon: corners.map(Point3::from).to_vec(),
        sigma_m: 0.001,
        area_m2: 0.5,
    };
    let supports = vec![support(0, SupportKind::Floor), support(1, SupportKind::Wall), support(2, SupportKind::Table)];
    let snapshot = Snapshot::of(vec![object], supports, 7).expect("valid");
    // Keyframes come with a file.
    let mut scene: Value = serde_json::from_str(&scene_to_json(&snapshot)).expect("JSON");
    scene["provenance"] = json!({ "gnomon": "0.1.0", "inputs": ["a walk"], "first_stamp_ns": 3 });
    scene["edits"] = json!([
        { "sequence": 4, "stamp_ns": 5, "who": "anna", "edit": "relabel", "thing": 1, "word": "stool" },
        { "sequence": 5, "stamp_ns": 6, "who": "anna", "edit": "merge", "thing": 1, "into": 2 },
        { "sequence": 6, "stamp_ns": 6, "who": "ben", "edit": "pin", "thing": 2, "center": [1.0, 2.0, 0.5],
          "size": [0.5, 0.5, 1.0], "rotation": [0.0, 0.0, 0.0, 1.0] },
        { "sequence": 7, "stamp_ns": 7, "who": "ben", "edit": "delete", "thing": 2 },
    ]);
    scene["scale"] = json!("unknown");
    scene["keyframes_before"] = json!({ "count": 12, "path_m": 3.5 });
    scene["keyframes"] = json!([{ "stamp_ns": 3, "camera": 1, "pose": scene["world_from_input"] }]);
    scene_from_json(&scene.to_string()).expect("a scene")
}

/// A scene with everything a scene may have.
fn written() -> Value {
    let snapshot = room();
    let published = Some(PublishedList::of(&snapshot, PublishOptions::default()).expect("a list"));
    serde_json::from_str(&ToldScene { snapshot, published }.to_json()).expect("JSON")
}

fn is_refused(scene: &Value) -> bool {
    ToldScene::from_json(&scene.to_string()).is_err()
}

#[test]
fn a_written_scene_is_what_the_schema_says() {
    assert_eq!(faults_of(&written()), [""; 0]);
    let empty = Snapshot::of(Vec::new(), Vec::new(), i64::MIN).expect("empty");
    assert_eq!(faults_of(&serde_json::from_str(&scene_to_json(&empty)).expect("JSON")), [""; 0]);
}

#[test]
fn every_written_key_is_in_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let mut found = Vec::new();
    unnamed(&schema, &schema, &written(), &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_the_schema_refuses_the_reader_refuses() {
    let cases = [
        ("/format", json!("x")),
        ("/version", json!(2)),
        ("/up", json!("")),
        ("/scale", json!("feet")),
        ("/objects", json!({})),
        ("/objects/0/id", json!(-1)),
        ("/objects/0/label", json!("")),
        ("/objects/0/labels/chair", json!(1.5)),
        ("/objects/0/center", json!([0, 0])),
        ("/objects/0/size/2", json!(0)),
        ("/objects/0/rotation/3", json!(2)),
        ("/objects/0/cov/0", json!(null)),
        ("/objects/0/size_sigma/0", json!(-0.1)),
        ("/objects/0/existence", json!(-0.1)),
        ("/objects/0/truncated", json!(0)),
        ("/objects/0/state", json!("gone")),
        ("/objects/0/observations", json!(1.5)),
        ("/supports/0/kind", json!("roof")),
        ("/supports/1/polygon/0/0", json!(1e7)),
        ("/supports/2/area_m2", json!(-1)),
        ("/provenance/gnomon", json!("")),
        ("/provenance/inputs/0", json!(3)),
        ("/provenance/first_stamp_ns", json!("now")),
        ("/edits", json!({})),
        ("/edits/0/sequence", json!(-1)),
        ("/edits/0/who", json!("")),
        ("/edits/0/edit", json!("forget")),
        ("/edits/0/word", json!("")),
        ("/edits/1/into", json!("chair")),
        ("/edits/2/size/0", json!(0)),
        ("/edits/2/center/0", json!(1e7)),
        ("/edits/2/rotation/3", json!(2)),
        ("/keyframes_before/count", json!(-1)),
        ("/keyframes_before/path_m", json!(-0.5)),
        ("/sealed", json!("md5")),
        ("/checksum", json!("0")),
        ("/keyframes/0/pose", json!([1, 0])),
        ("/keyframes/0/camera", json!("left")),
        ("/published", json!(3)),
        ("/published/next_number", json!(0)),
        ("/published/options/sigmas", json!(-1)),
        ("/published/options/most_bound_m", json!(2000)),
        ("/published/things", json!({})),
        ("/published/things/0/number", json!(0)),
        ("/published/things/0/id", json!("chair#1")),
        ("/published/things/0/name", json!(1)),
        ("/published/things/0/at_m", json!([1])),
        ("/published/things/0/at_m/0", json!(1e7)),
        ("/published/things/0/heading/1", json!(2)),
    ];
    for (pointer, value) in cases {
        let mut scene = written();
        if ["/sealed", "/checksum"].contains(&pointer) {
            scene[&pointer[1..]] = value;
        } else {
            *scene.pointer_mut(pointer).expect(pointer) = value;
        }
        assert!(!faults_of(&scene).is_empty(), "the schema takes {pointer}");
        assert!(is_refused(&scene), "the reader takes {pointer}");
    }
}

#[test]
fn what_the_schema_requires_the_reader_requires() {
    let whole = written();
    let parts = [
        ("", ""),
        ("/objects/0", "object"),
        ("/supports/0", "support"),
        ("/keyframes/0", "keyframe"),
        ("/edits/3", "edit"),
        ("/provenance", "provenance"),
        ("/keyframes_before", "keyframes_before"),
        ("/published/options", "publish_options"),
        ("/published/things/0", "published_thing"),
    ];
    for (list, of) in parts {
        let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        let named = schema["$defs"].get(of).or_else(|| schema["properties"].get(of));
        let rules = named.unwrap_or(&schema);
        let required: Vec<&str> = rules["required"].as_array().expect("a list").iter().map(text).collect();
        let keys: Vec<String> =
            whole.pointer(list).and_then(Value::as_object).expect("an object").keys().cloned().collect();
        for key in keys {
            let mut scene = whole.clone();
            scene.pointer_mut(list).and_then(Value::as_object_mut).expect("an object").remove(&key);
            let is_required = required.contains(&key.as_str());
            assert_eq!(is_refused(&scene), is_required, "{list}/{key}");
        }
    }
}
