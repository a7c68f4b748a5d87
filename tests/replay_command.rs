//! Recorded runs made again by the program: the same bytes, and a sentence where the recording is not whole.
#![cfg(feature = "cli")]

#[path = "common/command.rs"]
mod command;

use command::{gnomon, works};
use gnomon::keep::{Replay, Tail, load_scene};
use serde_json::Value;
use std::fs;

/// A made room of small pictures, taken in with its detections into `map` and recorded as `run.rec`.
fn recorded() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    works(&["make-data", "room", "--seed", "7", "--frames", "40", "--reduce", "4", "--out", "room"], dir.path());
    let words = ["run", "room", "--detections", "room/detections.jsonl", "--out", "map", "--record", "run.rec"];
    works(&words, dir.path());
    dir
}

#[test]
fn three_replays_give_the_bytes_of_the_run() {
    let dir = recorded();
    let scene = fs::read(dir.path().join("map/scene.json")).expect("a scene");
    assert!(load_scene(&dir.path().join("map/scene.json")).expect("a scene").snapshot.len() > 2);
    for again in 0..3 {
        let out = format!("again{again}.json");
        let said = works(&["replay", "run.rec", "--out", &out], dir.path());
        assert!(said.starts_with("40 frames, ") && said.contains("the recording is whole"), "{said}");
        assert!(fs::read(dir.path().join(&out)).expect("a scene") == scene, "replay {again} has other bytes");
    }
    let geometry = ["run", "room", "--out", "blind", "--record", "blind.rec", "--zst"];
    works(&geometry, dir.path());
    works(&["replay", "blind.rec", "--out", "blind.json.zst"], dir.path());
    let bytes = |name: &str| fs::read(dir.path().join(name)).expect("a scene");
    assert!(bytes("blind/scene.json.zst") == bytes("blind.json.zst"), "from geometry alone: other bytes");
    let (whole, same) = (gnomon(&["diff", "map/scene.json", "again0.json"], dir.path()), "nothing changed: ");
    assert!(whole.status.success() && String::from_utf8_lossy(&whole.stdout).starts_with(same));
    let differ = gnomon(&["diff", "map/scene.json", "blind.json.zst", "--json"], dir.path());
    assert_eq!(differ.status.code(), Some(3));
    let document: Value = serde_json::from_slice(&differ.stdout).expect("one document");
    assert_eq!(document["same_by"], "place");
}

#[test]
fn a_recording_that_is_cut_is_replayed_as_far_as_it_is_whole() {
    let dir = recorded();
    let whole = fs::read(dir.path().join("run.rec")).expect("a recording");
    fs::write(dir.path().join("cut.rec"), &whole[..whole.len() / 2]).expect("written");
    let output = gnomon(&["replay", "cut.rec", "--json"], dir.path());
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    let frames = document["frames"].as_u64().expect("a count");
    assert!((10..40).contains(&frames) && document["whole"] == false, "{document}");
    assert!(document["tail"].as_str().expect("a sentence").contains("it is cut"), "{document}");
    assert_eq!(load_scene(&dir.path().join("cut.scene.json")).expect("a scene").snapshot.frames(), frames);

    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    let replayed = Replay::open(altered.as_slice()).expect("a recording").finish().expect("as far as it is whole");
    assert!(matches!(replayed.tail, Tail::Cut { why: "its checksum does not fit", .. }), "{:?}", replayed.tail);
    assert!(replayed.differs.is_none());

    for (bytes, reason) in [
        (&b"P6 a picture, and no recording at all"[..], "this is no recording"),
        (b"gnomon.recording 009\n", "recording has version 9, expected 1: it needs another gnomon"),
        (&whole[..30], "recording has no beginning"),
    ] {
        fs::write(dir.path().join("bad.rec"), bytes).expect("written");
        let output = gnomon(&["replay", "bad.rec"], dir.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(reason), "{said}");
    }
}

#[test]
fn a_saved_scene_is_edited_in_place_and_says_who_did_it() {
    let dir = recorded();
    let scene = || load_scene(&dir.path().join("map/scene.json")).expect("a scene").snapshot;
    let (things, first) = (scene().len(), scene().objects().next().expect("a thing").clone());
    fs::copy(dir.path().join("map/scene.json"), dir.path().join("before.json")).expect("copied");
    let edit = |rest: &[&str]| {
        let words = ["edit", "map/scene.json", "--out", "map/scene.json", "--who", "anna"];
        gnomon(&[&words[..], rest].concat(), dir.path())
    };
    let renamed = edit(&["rename", &first.name, "Anna's own"]);
    assert!(renamed.status.success(), "{}", String::from_utf8_lossy(&renamed.stderr));
    let said = format!("{} is called Anna's own, says anna\n", first.name);
    assert!(String::from_utf8_lossy(&renamed.stdout).starts_with(&said));
    assert!(edit(&["pin", &first.id.to_string(), "-1", "2", "0.5", "1", "1", "1", "-30"]).status.success());
    let after = scene();
    let thing = after.object_named("Anna's own").expect("renamed");
    assert_eq!((thing.id, thing.obb.centre.coords.as_slice()), (first.id, &[-1.0, 2.0, 0.5][..]));
    assert_eq!((after.edits().len(), &*after.edits()[0].who, after.len()), (2, "anna", things));
    let differ = gnomon(&["diff", "before.json", "map/scene.json"], dir.path());
    assert!(String::from_utf8_lossy(&differ.stdout).contains("is now Anna's own"));
    assert!(edit(&["delete", "Anna's own"]).status.success());
    assert_eq!(scene().len(), things - 1);
    let refused = edit(&["delete", "Anna's own"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no thing named \"Anna's own\""));
}
