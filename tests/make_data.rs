//! A rendered room on disk: written by the program, taken in by it, and compared with its truth.
#![cfg(feature = "cli")]

#[path = "common/command.rs"]
mod command;

use command::{gnomon, works};
use gnomon::graph::{Chain, ChainOptions, ToldScene};
use serde_json::Value;
use std::fs;

/// Room 7 in small pictures.
const ROOM: [&str; 7] = ["make-data", "room", "--seed", "7", "--reduce", "4", "--out"];

#[test]
fn a_made_room_is_taken_in_and_most_of_it_found() {
    let dir = tempfile::tempdir().expect("a folder");
    works(&[&ROOM[..], &["room"]].concat(), dir.path());
    works(&["run", "room", "--detections", "room/detections.jsonl", "--out", "map"], dir.path());
    let ascii = fs::read_to_string(dir.path().join("map/cogmap_ascii.txt")).expect("a map");
    assert!(ascii.contains("ahead"), "{ascii}");
    let scene = fs::read_to_string(dir.path().join("map/scene.json")).expect("a scene");
    let list = ToldScene::from_json(&scene).expect("a scene").published.expect("what was told");
    let chain = fs::read_to_string(dir.path().join("map/chain.txt")).expect("a chain");
    assert_eq!(Chain::of(&list, ChainOptions::default()).expect("a chain").to_text(), chain);
    assert_eq!(chain.lines().count() + 2, list.things().len());
    let words = ["eval", "scene", "--scene", "map/scene.json", "--truth", "room/truth.json"];
    let text = works(&words, dir.path());
    assert!(text.starts_with("truth ") && text.contains("\nfound "), "{text}");
    let document: Value = serde_json::from_str(&works(&[&words[..], &["--json"]].concat(), dir.path())).expect("JSON");
    let summary = |key: &str| document["summary"][key].as_u64().expect("a count");
    assert!(summary("counted") >= 10, "{text}");
    assert!(summary("counted_found") * 10 >= summary("counted") * 8, "{text}");
    assert!(summary("labels_right") * 10 >= summary("found") * 9, "{text}");
    let rows = document["objects"].as_array().expect("a list");
    assert!(rows.len() as u64 >= summary("counted"));
    // Every line of the text is a row of the document.
    for (line, row) in text.lines().skip(1).zip(rows) {
        assert!(line.starts_with(row["label"].as_str().expect("a label")), "{line}: {row}");
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes_and_noise_others() {
    let dir = tempfile::tempdir().expect("a folder");
    let words = ["make-data", "room", "--seed", "3", "--frames", "2", "--reduce", "8", "--raw", "--out"];
    works(&[&words[..], &["one"]].concat(), dir.path());
    works(&[&words[..], &["two"]].concat(), dir.path());
    works(&[&words[..], &["noisy", "--noisy"]].concat(), dir.path());
    let read = |folder: &str, file: &str| fs::read(dir.path().join(folder).join(file)).expect("written");
    for file in ["K.txt", "poses.txt", "detections.txt", "truth.json", "images/00001.ppm", "depth/00001.pgm"] {
        assert_eq!(read("one", file), read("two", file), "{file}");
    }
    assert_ne!(read("one", "depth/00001.pgm"), read("noisy", "depth/00001.pgm"));
    assert_ne!(read("one", "poses.txt"), read("noisy", "poses.txt"));
    assert!(read("one", "images/00001.ppm").starts_with(b"P6\n80 60\n255\n"));
}

#[test]
fn a_folder_in_use_a_scene_for_a_truth_and_no_frames_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("full")).expect("a folder");
    fs::write(dir.path().join("full/notes.txt"), "mine").expect("written");
    fs::write(dir.path().join("scene.json"), "{}").expect("written");
    let cases: [(&[&str], i32, &str); 4] = [
        (&["make-data", "room", "--seed", "1", "--out", "full"], 1, "gnomon: full is not empty\n"),
        (&["make-data", "room", "--seed", "1", "--frames", "0", "--out", "new"], 2, "0 is not in 1..=20000"),
        (
            &["eval", "scene", "--scene", "scene.json", "--truth", "scene.json"],
            1,
            "gnomon: scene.json: no truth.json: missing field",
        ),
        (&["eval", "scene", "--scene", "none.json", "--truth", "none.json"], 1, "none.json cannot be read"),
    ];
    for (words, code, sentence) in cases {
        let output = gnomon(words, dir.path());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {stderr}");
        assert!(stderr.contains(sentence), "{words:?}: {stderr}");
    }
}

#[test]
fn views_are_pictures_of_many_rooms_with_depth_cameras_and_stances() {
    let dir = tempfile::tempdir().expect("a folder");
    let words = ["make-data", "views", "--first-seed", "90", "--rooms", "2", "--views", "3", "--reduce", "8", "--out"];
    works(&[&words[..], &["one"]].concat(), dir.path());
    works(&[&words[..], &["two"]].concat(), dir.path());
    let read = |folder: &str, file: &str| fs::read(dir.path().join(folder).join(file)).expect("written");
    for (file, bytes) in [("colour.u8", 6 * 80 * 60 * 3), ("depth.u16", 6 * 80 * 60 * 2)] {
        assert_eq!(read("one", file), read("two", file), "{file}");
        assert_eq!(read("one", file).len(), bytes, "{file}");
    }
    let about: Value = serde_json::from_slice(&read("one", "views.json")).expect("JSON");
    assert_eq!(about["size"], serde_json::json!([80, 60]));
    let numbers = |key: &str, at: usize| -> Vec<f64> {
        let row = about[key][at].as_array().expect("four numbers");
        row.iter().map(|number| number.as_f64().expect("a number")).collect()
    };
    // A pixel of floor is as far as the camera's height and its ray say: 0 where the picture shows something else there.
    let depth: Vec<u16> =
        read("one", "depth.u16").as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let mut floor = 0;
    for view in 0..6 {
        let ([fx, fy, cx, cy], [x, y, z, height]) =
            (numbers("cameras", view).try_into().expect("four"), numbers("stances", view).try_into().expect("four"));
        let (fx, fy, cx, cy): (f64, f64, f64, f64) = (fx, fy, cx, cy);
        for at in 0..80 * 60 {
            let (u, v) = ((at % 80) as f64, (at / 80) as f64);
            let down: f64 = -(x * (u - cx) / fx + y * (v - cy) / fy + z);
            let metres = f64::from(depth[view * 80 * 60 + at]) / 1000.0;
            let through_floor = metres * down - height;
            assert!(through_floor < 2e-3, "view {view}, {u}, {v}: {through_floor} m below the floor");
            floor += usize::from(through_floor > -2e-3);
        }
    }
    assert!(floor > 6 * 80 * 60 / 10, "{floor} pixels of floor");
}
