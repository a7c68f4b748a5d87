//! The program as people call it: what it prints, what it leaves behind, how it ends.
#![cfg(feature = "cli")]

#[path = "common/command.rs"]
mod command;

use command::{gnomon, write_den};
use gnomon::graph::{Chain, ChainOptions};
use gnomon::keep::{load_scene, save_scene};
use image::{ImageBuffer, Luma, Rgb};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// Five frames of a level floor seen from 2 m above, the last without a pose; named "walk".
fn recording() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let walk = dir.path().join("walk");
    for part in ["images", "depth"] {
        fs::create_dir_all(walk.join(part)).expect("a folder");
    }
    let mut poses = String::new();
    for i in 0..5 {
        let colour = ImageBuffer::from_pixel(64, 48, Rgb([90u8, 90, 90]));
        colour.save(walk.join(format!("images/{i}.png"))).expect("written");
        let depth: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_pixel(64, 48, Luma([2000]));
        depth.save(walk.join(format!("depth/{i}.png"))).expect("written");
        // Camera x is the world's x, camera y and z its −y and −z.
        let x = if i == 4 { "nan".into() } else { format!("0.0{i}") };
        poses += &format!("1 0 0 {x} 0 -1 0 0 0 0 -1 2 0 0 0 1\n");
    }
    fs::write(walk.join("poses.txt"), poses).expect("written");
    fs::write(walk.join("K.txt"), "60 0 31.5\n0 60 23.5\n0 0 1\n").expect("written");
    dir
}

#[test]
fn a_run_leaves_a_scene_and_its_times_behind() {
    let dir = recording();
    let output = gnomon(&["run", "walk"], dir.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("walk: 4 frames (folders)"), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("skipped: 1 frames, pose is not finite"), "{}", text(&output.stdout));
    let path = dir.path().join("out/walk/scene.json");
    let scene = fs::read(&path).expect("a scene");
    let read = load_scene(&path).expect("a scene");
    save_scene(&path, &read).expect("saved");
    assert_eq!(fs::read(&path).expect("a scene"), scene, "what was read is saved as it was");
    let chain = Chain::of(&read.published.expect("what was told"), ChainOptions::default()).expect("a chain");
    let told = fs::read_to_string(dir.path().join("out/walk/chain.txt")).expect("a chain");
    assert_eq!(chain.to_text(), told);
    let timing = fs::read_to_string(dir.path().join("out/walk/timing.json")).expect("times");
    let timing: Value = serde_json::from_str(&timing).expect("JSON");
    assert_eq!((&timing["frames"], &timing["skipped"]), (&Value::from(4), &Value::from(1)));
    for stage in ["load", "register", "fuse", "publish", "frame"] {
        let times = &timing["stages"][stage];
        assert!(times["p50_ms"].as_f64() <= times["p99_ms"].as_f64() && times["p99_ms"].is_number(), "{stage}");
    }
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let dir = recording();
    let detection = r#"{"frame": 1, "label": "cup", "score": 0.5, "box": [1, 1, 9, 9]}"#;
    fs::write(dir.path().join("d.jsonl"), detection).expect("written");
    let words =
        ["run", "walk", "--json", "--detections", "d.jsonl", "--out", "here", "--up", "z", "--movable", "cat,dog"];
    let output = gnomon(&words, dir.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(document["skipped"]["pose is not finite"], 1);
    assert!(document["objects"].is_array() && document["supports"].is_array());
    for file in document["files"].as_array().expect("a list") {
        assert!(dir.path().join(file.as_str().expect("a path")).is_file(), "{file}");
    }
}

#[test]
fn a_recording_that_lost_track_throughout_is_a_failure_with_its_reason() {
    let dir = recording();
    fs::write(dir.path().join("walk/poses.txt"), "nan 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1\n".repeat(5)).expect("written");
    let output = gnomon(&["run", "walk"], dir.path());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "gnomon: walk: no frame can be used, 5 frames: pose is not finite\n");
}

#[test]
fn a_camera_that_stands_still_needs_no_poses() {
    let dir = recording();
    fs::remove_file(dir.path().join("walk/poses.txt")).expect("it was there");
    assert_eq!(gnomon(&["run", "walk"], dir.path()).status.code(), Some(1));
    let output = gnomon(&["run", "walk", "--static"], dir.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let scene = fs::read_to_string(dir.path().join("out/walk/scene.json")).expect("a scene");
    assert!(scene.contains("\"up\":\"auto\""), "{scene}");
}

#[test]
fn failures_are_a_sentence_and_1_and_misuse_is_2() {
    let dir = recording();
    let walk_mask =
        r#"{"frame": 1, "label": "cup", "score": 1, "box": [1, 1, 9, 9], "mask": {"size": [2, 3], "counts": [6]}}"#;
    fs::write(dir.path().join("mask.jsonl"), walk_mask).expect("written");
    fs::write(dir.path().join("far.jsonl"), walk_mask.replace("\"frame\": 1", "\"frame\": 5")).expect("written");
    fs::write(dir.path().join("bad.jsonl"), "{}\n").expect("written");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["run", "nowhere"], 1, "gnomon: nowhere is not a folder\n"),
        (&["run", "walk", "--detections", "none.jsonl"], 1, "none.jsonl cannot be read"),
        (&["run", "walk", "--detections", "bad.jsonl"], 1, "bad.jsonl line 1: missing field"),
        (
            &["run", "walk", "--detections", "mask.jsonl"],
            1,
            "mask.jsonl line 1: mask is 3x2 pixels, picture 1 is 64x48",
        ),
        (&["run", "walk", "--detections", "far.jsonl"], 1, "speaks of frame 5, the sequence has 5 frames from 0"),
        (&["run", "walk", "--up", "sideways"], 2, "up is \"sideways\""),
        (&["run", "walk", "--intrinsics", "1,2"], 2, "expected 4 (fx,fy,cx,cy), 9"),
        (&["walk"], 2, "unrecognized subcommand"),
    ];
    for (words, code, sentence) in cases {
        let output = gnomon(words, dir.path());
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert!(text(&output.stderr).contains(sentence), "{words:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{words:?}");
    }
}

#[test]
fn the_doctor_finds_this_machine_fit() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = gnomon(&["doctor", "--json"], dir.path());
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!((&document["ok"], &document["scene"]), (&Value::Bool(true), &Value::from("ok")), "{document}");
    assert_eq!(document["version"], gnomon::VERSION);
    assert!(output.status.success());
    if cfg!(feature = "onnx") && std::env::var_os("GNOMON_ORT_PATH").is_some() {
        assert!(
            document["networks"]["onnxruntime"].as_str().is_some_and(|version| version.starts_with("1.")),
            "{document}"
        );
    }
}

#[cfg(feature = "onnx")]
#[test]
fn a_machine_without_onnx_runtime_is_fit_and_says_where_it_looked() {
    let dir = tempfile::tempdir().expect("a folder");
    let nowhere = dir.path().join("nowhere");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gnomon"));
    let output = command.arg("doctor").env("GNOMON_ORT_PATH", &nowhere).output().expect("it starts");
    let said = text(&output.stdout).to_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("no ONNX Runtime: {}: is not there", nowhere.display())), "{said}");
}

/// The library that tests may use, found by its newest name.
#[cfg(feature = "onnx")]
fn onnx_runtime() -> Option<std::path::PathBuf> {
    let Some(named) = std::env::var_os("GNOMON_ORT_PATH").map(std::path::PathBuf::from) else {
        println!("not run: no ONNX Runtime");
        return None;
    };
    if named.is_file() {
        return Some(named);
    }
    let is_it = |path: &std::path::PathBuf| path.to_string_lossy().contains("/libonnxruntime.so");
    Some(fs::read_dir(named).expect("a folder").flatten().map(|entry| entry.path()).find(is_it).expect("the library"))
}

#[cfg(feature = "onnx")]
#[test]
fn onnx_runtime_is_found_beside_the_program_in_a_python_environment_and_where_the_loader_looks() {
    let Some(library) = onnx_runtime() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let beside = dir.path().join("bin");
    let environment = dir.path().join("venv");
    let packages = environment.join("lib/python3.12/site-packages/onnxruntime/capi");
    let told = dir.path().join("told");
    for folder in [&beside, &packages, &told] {
        fs::create_dir_all(folder).expect("a folder");
        std::os::unix::fs::symlink(&library, folder.join("libonnxruntime.so.1")).expect("a link");
    }
    let program = beside.join("gnomon");
    fs::copy(env!("CARGO_BIN_EXE_gnomon"), &program).expect("a copy");
    let asks = |program: &Path, variable: Option<(&str, &Path)>| {
        let mut command = Command::new(program);
        command.args(["doctor", "--json"]).env_remove("GNOMON_ORT_PATH").env_remove("LD_LIBRARY_PATH");
        command.env_remove("VIRTUAL_ENV").env_remove("CONDA_PREFIX").env("HOME", dir.path());
        command.envs(variable);
        let output = command.output().expect("it starts");
        let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
        document["networks"].clone()
    };
    let usual = Path::new(env!("CARGO_BIN_EXE_gnomon"));
    let found = [
        asks(&program, None),
        asks(usual, Some(("VIRTUAL_ENV", &environment))),
        asks(usual, Some(("LD_LIBRARY_PATH", &told))),
    ];
    let real = library.canonicalize().expect("a path");
    for networks in found {
        assert_eq!(networks["path"], real.display().to_string(), "{networks}");
    }
    let nowhere = asks(usual, None);
    if nowhere["onnxruntime"].is_null() {
        let why = nowhere["why"].as_str().expect("a reason");
        assert!(why.contains("libonnxruntime.so: is not there") && why.contains("the loader refuses it"), "{why}");
    } else {
        println!("not run: this machine has an ONNX Runtime of its own");
    }
}

#[cfg(feature = "onnx")]
#[test]
fn a_model_that_lies_is_refused_by_name_and_a_folder_without_models_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = gnomon(&["models", "plan", "."], dir.path());
    assert!(text(&output.stderr).contains("no .onnx file lies below"), "{}", text(&output.stderr));
    fs::create_dir(dir.path().join("net")).expect("a folder");
    fs::write(dir.path().join("net/model.onnx"), "a text").expect("written");
    for command in ["plan", "check"] {
        let output = gnomon(&["models", command, ".", "--json"], dir.path());
        let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
        assert_eq!(document["ok"], false);
        let error = document["models"][0]["error"].as_str().expect("an error");
        assert!(error.contains("net/model.onnx: is no whole ONNX model"), "{error}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn statements_are_held_against_boxes_and_the_exit_code_tells_the_worst() {
    let dir = tempfile::tempdir().expect("a folder");
    write_den(&dir.path().join("boxes.json"));
    let check = |statement: &str| {
        let words = ["ask", "--boxes", "boxes.json", "--scene-id", "den", "--check", statement];
        let output = gnomon(&words, dir.path());
        (output.status.code(), text(&output.stdout).to_owned())
    };
    let (code, said) = check("The sofa is about 2 m from the tv.");
    assert!(code == Some(0) && said.contains("agrees"), "{code:?} {said}");
    let (code, said) = check("The sofa is 2 m from the tv. I like the sofa.");
    assert!(code == Some(3) && said.lines().count() == 2 && said.contains("untestable (no-claim)"), "{code:?} {said}");
    let (code, said) = check("The tv is taller than the sofa. I like the sofa.");
    assert!(code == Some(4) && said.contains("contradicts"), "{code:?} {said}");
}

#[test]
fn a_sequence_that_is_played_live_says_what_became_of_its_frames() {
    let dir = recording();
    let output = gnomon(&["run", "walk", "--live", "--rate", "20", "--out", "live"], dir.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("walk: 4 frames played in 0."), "{said}");
    assert!(said.contains("frames in 4 -> posed 4 -> depth valid"), "{said}");
    // Nothing stands on the floor.
    assert!(said.contains("broken at \"detections\"") && said.contains("from geometry"), "{said}");
    assert!(dir.path().join("live/scene.json").is_file());

    let output = gnomon(&["run", "walk", "--live", "--rate", "20", "--json"], dir.path());
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let counts = &document["statistics"];
    let sum: u64 = counts["dropped"].as_object().expect("reasons").values().filter_map(Value::as_u64).sum();
    assert_eq!(counts["pushed"].as_u64(), Some(4));
    assert_eq!(counts["published"].as_u64().map(|published| published + sum), Some(4), "{counts}");
    assert_eq!(document["explanation"]["links"].as_array().map(Vec::len), Some(6));

    let refused = gnomon(&["run", "walk", "--rate", "20"], dir.path());
    assert_eq!(refused.status.code(), Some(2), "a rate without --live");
    let refused = gnomon(&["run", "walk", "--live", "--rate", "0"], dir.path());
    assert!(text(&refused.stderr).contains("frames a second"), "{}", text(&refused.stderr));
}
