//! `gnomon depth` and `gnomon run --depth-model` as people call them. Tests print `not run: no ONNX Runtime` where there is
//! none.

#![cfg(all(feature = "onnx", feature = "cli"))]

#[path = "common/command.rs"]
mod command;
mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use command::{gnomon, write_walk};
use common::has_runtime;
use image::ImageReader;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use testing::{Dim, F32, Graph};

fn done(words: &[&str], folder: &Path) -> String {
    let output = gnomon(words, folder);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn refused(words: &[&str], folder: &Path) -> String {
    let output = gnomon(words, folder);
    assert_eq!(output.status.code(), Some(1), "{words:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

/// A network that sees the same depth in every pixel of every picture, whatever it is.
fn everywhere(depth: f32) -> Vec<u8> {
    let map = [Dim::Is(1), Dim::Is(28), Dim::Is(42)];
    Graph::new("everywhere")
        .input("pixel_values", F32, &[Dim::Is(1), Dim::Is(3), Dim::Is(28), Dim::Is(42)])
        .output("predicted_depth", F32, &map)
        .weight("depth", &[1, 28, 42], &[depth; 28 * 42])
        .node("Identity", &["depth"], &["predicted_depth"])
        .model()
}

/// Four frames of a level floor seen from 2 m above, named "walk", and model folders "metric" (1.5 m everywhere) and
/// "relative".
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for part in ["metric", "relative"] {
        fs::create_dir_all(dir.path().join(part)).expect("a folder");
    }
    let depth_mm = |x, _| if x < 80 { 0 } else { 2000 };
    write_walk(&dir.path().join("walk"), 4, |x, y| [x as u8, y as u8, 90], depth_mm);
    for (name, family) in [("metric", "depth_anything_v2_metric"), ("relative", "depth_anything_v2")] {
        let model = dir.path().join(name);
        fs::write(model.join("net.onnx"), everywhere(1.5)).expect("written");
        let text = format!("{{\"family\": \"{family}\", \"files\": {{\"fp32\": \"net.onnx\"}}}}");
        fs::write(model.join("gnomon.json"), text).expect("written");
    }
    dir
}

#[test]
fn metres_of_a_sequence_are_written_in_millimetres_and_compared_with_the_sensor() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let said = done(&["depth", "walk", "--model", "metric", "--out", "got"], dir.path());
    for word in ["depth_anything_v2_metric", "CPUExecutionProvider", "320x240 stretched to 42x28", "ms mostly"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(said.contains("metres, 1.500 to 1.500, middle 1.500"), "{said}");
    assert!(said.contains("AbsRel 0.2500, delta < 1.25 0.0000, of 100.0 % of its pixels"), "{said}");
    let depth = ImageReader::open(dir.path().join("got/frame-000001.depth.png")).expect("a file");
    let depth = depth.decode().expect("a picture").into_luma16();
    assert_eq!(depth.dimensions(), (320, 240));
    assert!(depth.pixels().all(|pixel| pixel.0 == [1500]));
    assert!(dir.path().join("got/frame-000002.preview.png").is_file());
    let told = done(&["depth", "walk", "--model", "metric", "--every", "2", "--json"], dir.path());
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["pictures"].as_array().expect("a list").len(), 2);
    assert_eq!((&told["score"]["compared"], &told["no_millimetres"]), (&Value::from(2 * 240 * 240), &Value::Null));
    assert!(dir.path().join("out/walk/frame-000002.depth.png").is_file());
}

#[test]
fn relative_depth_of_a_picture_has_a_preview_and_a_reason_for_no_millimetres() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let said = done(&["depth", "walk/images/1.png", "--model", "relative", "--out", "got"], dir.path());
    assert!(said.contains("no millimetres") && said.contains("take a metric model"), "{said}");
    assert!(said.contains("inverse depth up to an unknown factor and shift, 1.500 to 1.500"), "{said}");
    assert!(!said.contains("AbsRel"), "{said}");
    assert!(dir.path().join("got/1.preview.png").is_file() && !dir.path().join("got/1.depth.png").exists());
}

#[test]
fn a_bare_file_opens_with_a_family_and_not_without() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let words = ["depth", "walk/images/1.png", "--model", "metric/net.onnx", "--family"];
    let said = done(&[&words[..], &["depth_anything_v2_metric"]].concat(), dir.path());
    assert!(said.contains("metres") && dir.path().join("out/1/1.depth.png").is_file(), "{said}");
    let said = refused(&words[..4], dir.path());
    assert!(said.contains("family") && said.contains("unidepth_v2"), "{said}");
    let said = refused(&[&words[..], &["unidepth_v2"]].concat(), dir.path());
    assert!(said.contains("not a graph of unidepth_v2") && said.contains("pts_3d"), "{said}");
}

#[test]
fn a_run_takes_metric_depth_of_a_network_and_refuses_relative_depth_with_the_cure() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let floor = |words: &[&str]| {
        let told = done(&[&["run", "walk", "--json"], words].concat(), dir.path());
        let told: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(told["timing"]["stages"]["depth"].is_object(), !words.is_empty());
        let source = told["depth"].as_str().expect("a word");
        assert_eq!(
            source.starts_with("depth_anything_v2_metric on CPUExecutionProvider"),
            !words.is_empty(),
            "{source}"
        );
        assert_eq!(told["supports"][0]["kind"], "floor");
        told["supports"][0]["offset_m"].as_f64().expect("a height")
    };
    assert!(floor(&[]).abs() < 0.01, "the sensor sees the floor at 2 m");
    assert!((floor(&["--depth-model", "metric"]) - 0.5).abs() < 0.01, "the network at 1.5 m");
    let said = refused(&["run", "walk", "--depth-model", "relative"], dir.path());
    assert!(said.contains("metres are needed") && said.contains("depth_anything_v2_metric"), "{said}");
}

#[test]
fn a_run_needs_no_sensor_where_a_network_gives_metres() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let walk = |words: &[&str]| {
        let told =
            done(&[&["run", "walk", "--depth-model", "metric", "--json", "--out", "got"], words].concat(), dir.path());
        let told: Value = serde_json::from_str(&told).expect("JSON");
        (told["supports"].clone(), fs::read(dir.path().join("got/scene.json")).expect("a scene"))
    };
    let with_sensor = walk(&[]);
    assert!((with_sensor.0[0]["offset_m"].as_f64().expect("a floor") - 0.5).abs() < 0.01, "{}", with_sensor.0);
    fs::remove_dir_all(dir.path().join("walk/depth")).expect("removed");
    assert_eq!(walk(&[]), with_sensor, "what the sensor saw bears on nothing");
    let camera = ["--intrinsics", "240,240,159.5,119.5"];
    fs::remove_file(dir.path().join("walk/K.txt")).expect("removed");
    assert_eq!(walk(&camera), with_sensor, "the camera may be told");
    let said = refused(&["run", "walk", "--depth-model", "metric"], dir.path());
    assert!(said.contains("intrinsics"), "{said}");
}

#[test]
fn a_run_without_a_sensor_says_that_metres_are_needed_and_whence_they_may_come() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    fs::remove_dir_all(dir.path().join("walk/depth")).expect("removed");
    let said = refused(&["run", "walk", "--depth-model", "relative"], dir.path());
    assert!(
        said.contains("metres are needed") && said.contains("inverse depth") && said.contains("unidepth_v2"),
        "{said}"
    );
    // A network whose depth has an unknown factor: views alone.
    let words = ["run", "walk", "--depth-model", "relative/net.onnx", "--depth-family", "vggt"];
    let said = refused(&words, dir.path());
    assert!(said.contains("metres are needed") && said.contains("depth up to an unknown factor"), "{said}");
    let said = refused(&["run", "walk"], dir.path());
    assert!(said.contains("pictures and no depth") && said.contains("--depth-model"), "{said}");
}
