//! `gnomon run --geometry-model` as people call it: pictures in, and what makes the scene metric. Tests print
//! `not run: no ONNX Runtime` where there is none.

#![cfg(all(feature = "onnx", feature = "cli"))]

#[path = "common/command.rs"]
mod command;
mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use command::{gnomon, works, write_walk};
use common::has_runtime;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use testing::{Dim, F32, Graph};

const WIDTH: usize = 42;
const HEIGHT: usize = 28;
const FOCAL: f32 = 30.0;

/// How high the network's camera is over the floor, and how far it goes from picture to picture, in its unit.
const HEIGHT_UNITS: f32 = 0.6;
const STEP_UNITS: f32 = 0.2;

/// How far its camera looks down.
const DOWN_RAD: f32 = 0.87;

/// A network of two views that sees the same level floor in every two pictures, the second one further to the right.
fn floor_below() -> Vec<u8> {
    let two = |sides: &[u64]| {
        [&[Dim::Is(1), Dim::Is(2)], sides.iter().map(|side| Dim::Is(*side)).collect::<Vec<_>>().as_slice()].concat()
    };
    let row = |v: usize| HEIGHT_UNITS / ((v as f32 - 14.0) / FOCAL * DOWN_RAD.cos() + DOWN_RAD.sin());
    let map: Vec<f32> = (0..2 * HEIGHT).flat_map(|at| [row(at % HEIGHT); WIDTH]).collect();
    let from_world = |x: f32| [1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let camera = [FOCAL, 0.0, 21.0, 0.0, FOCAL, 14.0, 0.0, 0.0, 1.0];
    let (width, height) = (WIDTH as u64, HEIGHT as u64);
    Graph::new("floor below")
        .input("pixel_values", F32, &two(&[3, height, width]))
        .output("depth", F32, &two(&[height, width]))
        .output("extrinsics", F32, &two(&[3, 4]))
        .output("intrinsics", F32, &two(&[3, 3]))
        .weight("map", &[1, 2, height, width], &map)
        .weight("motions", &[1, 2, 3, 4], &[from_world(0.0), from_world(-STEP_UNITS)].concat())
        .weight("cameras", &[1, 2, 3, 3], &[camera, camera].concat())
        .node("Identity", &["map"], &["depth"])
        .node("Identity", &["motions"], &["extrinsics"])
        .node("Identity", &["cameras"], &["intrinsics"])
        .model()
}

/// Five pictures in "walk", whose poses, depth and camera are of another world, and the network in "views".
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    write_walk(&dir.path().join("walk"), 5, |x, y| [x as u8, y as u8, 90], |_, _| 9000);
    fs::create_dir_all(dir.path().join("views")).expect("a folder");
    fs::write(dir.path().join("views/net.onnx"), floor_below()).expect("written");
    let manifest = "{\"family\": \"depth_anything_3\", \"files\": {\"fp32\": \"net.onnx\"}}";
    fs::write(dir.path().join("views/gnomon.json"), manifest).expect("written");
    dir
}

fn run(dir: &Path, words: &[&str]) -> Value {
    let told = works(&[&["run", "walk", "--geometry-model", "views", "--out", "got", "--json"], words].concat(), dir);
    serde_json::from_str(&told).expect("JSON")
}

fn refused(dir: &Path, words: &[&str]) -> String {
    let output = gnomon(&[&["run", "walk", "--geometry-model", "views"], words].concat(), dir);
    assert!(!output.status.success(), "{words:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn factor(told: &Value) -> f64 {
    told["scale"]["metres_a_unit"].as_f64().expect("a factor")
}

#[test]
fn pictures_and_a_camera_height_make_a_scene_in_metres_with_its_floor_at_zero() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let told = run(dir.path(), &["--camera-height", "1.5"]);
    assert!((factor(&told) / 2.5 - 1.0).abs() < 0.03, "{}", told["scale"]);
    assert_eq!((&told["layout"], &told["scale"]["conflicts"]), (&Value::from("pictures"), &Value::Array(Vec::new())));
    assert_eq!(told["supports"][0]["kind"], "floor");
    assert!(told["supports"][0]["offset_m"].as_f64().expect("a height").abs() < 0.03, "{}", told["supports"]);
    let scene = fs::read_to_string(dir.path().join("got/scene.json")).expect("a scene");
    let scene: Value = serde_json::from_str(&scene).expect("JSON");
    assert_eq!(scene["scale"], Value::Null, "metres need no word");
    let keyframes = scene["keyframes"].as_array().expect("keyframes");
    let x = |at: usize| keyframes[at]["pose"][3].as_f64().expect("a place");
    assert!((x(1) - x(0) - 0.5).abs() < 0.02, "half a metre from picture to picture: {} {}", x(0), x(1));
    let said = works(&["run", "walk", "--geometry-model", "views", "--camera-height", "1.5"], dir.path());
    assert!(said.contains("5 pictures in 4 windows") && said.contains("metres a unit, within"), "{said}");
}

#[test]
fn without_a_cue_the_scene_is_up_to_scale_and_says_so_wherever_metres_are_asked() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let told = run(dir.path(), &["--record", "run.rec"]);
    assert_eq!(told["scale"], "unknown");
    let scene: Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("got/scene.json")).expect("a scene")).expect("JSON");
    assert_eq!(scene["scale"], "unknown");
    let asked = ["ask", "--scene", "got/scene.json", "What is the size of this room in square meters?"];
    let output = gnomon(&asked, dir.path());
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.code() == Some(3) && said.contains("the scene's scale is unknown"), "{said}");
    works(&["replay", "run.rec", "--out", "again.json"], dir.path());
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).expect("a file");
    assert_eq!(read("again.json"), read("got/scene.json"));
    let said = works(&["run", "walk", "--geometry-model", "views"], dir.path());
    assert!(said.contains("scale: unknown") && said.contains("offset u") && !said.contains("offset m"), "{said}");
}

#[test]
fn two_cues_that_contradict_each_other_are_reported_and_any_alone_will_do() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let lines =
        |step_m: f64| (0..5).map(|at| format!("{at} {:.3} 7 0.3\n", step_m * f64::from(at))).collect::<String>();
    fs::write(dir.path().join("right.txt"), format!("# stamp x y z\n{}", lines(0.5))).expect("written");
    fs::write(dir.path().join("wrong.txt"), lines(0.8)).expect("written");
    let z_m = |v: f32| {
        let y = ((v + 0.5) * 28.0 / 240.0 - 14.5) / FOCAL;
        2.5 * HEIGHT_UNITS / (y * DOWN_RAD.cos() + DOWN_RAD.sin())
    };
    let points = |at: usize| (1..7).map(move |k| format!("{at},{},{},{}\n", 40 * k, 30 * k, z_m(30.0 * k as f32)));
    fs::write(dir.path().join("points.txt"), (0..5).flat_map(points).collect::<String>()).expect("written");
    for cue in [["--odometry", "right.txt"], ["--points", "points.txt"], ["--camera-height", "1.5,0.01"]] {
        let told = run(dir.path(), &cue);
        assert!((factor(&told) / 2.5 - 1.0).abs() < 0.03, "{cue:?}: {}", told["scale"]);
    }
    let both = ["--camera-height", "1.5", "--odometry"];
    assert_eq!(run(dir.path(), &[&both[..], &["right.txt"]].concat())["scale"]["conflicts"], Value::Array(Vec::new()));
    let told = run(dir.path(), &[&both[..], &["wrong.txt"]].concat());
    assert_eq!(told["scale"]["conflicts"][0]["cues"], serde_json::json!(["camera height", "odometry"]));
    let words = ["run", "walk", "--geometry-model", "views", "--camera-height", "1.5", "--odometry", "wrong.txt"];
    let said = works(&words, dir.path());
    assert!(said.contains("camera height and odometry differ by") && said.contains("% off"), "{said}");
}

#[test]
fn what_tells_nothing_or_belongs_to_a_sensor_is_refused_in_a_sentence() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    fs::write(dir.path().join("elsewhere.txt"), "99.5 0 0 0\n100.5 1 0 0\n").expect("written");
    fs::write(dir.path().join("short.txt"), "1 2 3\n").expect("written");
    assert!(refused(dir.path(), &["--odometry", "elsewhere.txt"]).contains("--odometry tells no scale"));
    assert!(refused(dir.path(), &["--points", "short.txt"]).contains("short.txt line 1"));
    assert!(refused(dir.path(), &["--known-sizes", "door=2.03"]).contains("needs things with labels"));
    assert!(refused(dir.path(), &["--window", "3"]).contains("expected 2"));
    assert!(refused(dir.path(), &["--depth-scale", "1000"]).contains("cannot be used with"));
    assert!(refused(dir.path(), &["--up", "y", "--camera-height", "1"]).contains("no floor"));
}
