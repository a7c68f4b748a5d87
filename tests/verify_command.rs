//! `gnomon models verify`, `list` and `plan` and `gnomon bench` as people call them. Tests print `not run: no ONNX
//! Runtime` where there is none.
#![cfg(feature = "cli")]

#[path = "common/command.rs"]
mod command;
mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use command::{gnomon, write_walk};
use common::has_runtime;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use testing::{Dim, F32, Graph};

/// What is said on standard output, and whether the command succeeded.
fn said(words: &[&str], folder: &Path) -> (String, bool) {
    let output = gnomon(words, folder);
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.success())
}

/// A network whose depth is the red of its picture as it is fed, times `factor`.
fn redness(factor: f32) -> Vec<u8> {
    let side = |number| Dim::Is(number);
    Graph::new("redness")
        .input("pixel_values", F32, &[side(1), side(3), side(98), side(126)])
        .output("predicted_depth", F32, &[side(1), side(98), side(126)])
        .weight("weight", &[1, 3, 1, 1], &[factor, 0.0, 0.0])
        .weight("shift", &[1], &[if factor < 0.0 { 3.0 } else { 0.0 }])
        .weight_i64("axis", &[1], &[1])
        .node("Conv", &["pixel_values", "weight", "shift"], &["map"])
        .node("Squeeze", &["map", "axis"], &["predicted_depth"])
        .model()
}

/// A walk of three frames whose red tells their depth, model folders that read it the right way ("right") and the wrong way
/// round ("wrong", and "far" for twice as far), and one that cannot be read ("broken").
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    for part in ["models/right", "models/wrong", "models/far", "models/broken"] {
        fs::create_dir_all(at(part)).expect("a folder");
    }
    let depth_m = |x: u32, y: u32| 0.4 + 1.2 * f64::from(x) / 320.0 + 0.2 * f64::from(y) / 240.0;
    // The network is fed (red / 255 - 0.485) / 0.229.
    let red = |depth_m: f64| (255.0 * (0.485 + 0.229 * depth_m)).round() as u8;
    let colour = |x, y| [red(depth_m(x, y)), 10, 200];
    write_walk(&at("walk"), 3, colour, |x, y| (1000.0 * depth_m(x, y)) as u16);
    let manifest =
        "{\"family\": \"depth_anything_v2_metric\", \"files\": {\"fp32\": \"net.onnx\"}, \"licence\": \"MIT\"}";
    for (name, factor) in [("right", 1.0), ("wrong", -1.0), ("far", 2.0)] {
        fs::write(at(&format!("models/{name}/net.onnx")), redness(factor)).expect("written");
        fs::write(at(&format!("models/{name}/gnomon.json")), manifest).expect("written");
    }
    fs::write(at("models/broken/gnomon.json"), "{\"family\": \"yolo\"}").expect("written");
    dir
}

#[test]
fn a_network_that_sees_what_the_sensor_sees_passes() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let (text, is_fine) = said(&["models", "verify", "models/right", "--sequence", "walk"], dir.path());
    assert!(is_fine && text.ends_with("PASS\n"), "{text}");
    let (text, _) = said(&["models", "verify", "models/right", "--sequence", "walk", "--json"], dir.path());
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&document["pass"], &document["wrong"]), (&Value::Bool(true), &Value::Null));
    assert_eq!(document["family"], "depth_anything_v2_metric");
    assert!(document["accuracy"]["absrel"].as_f64().is_some_and(|error| error < 0.02), "{document}");
    assert!(document["accuracy"]["delta1"] == 1.0 && document["ranks"].as_f64() > Some(0.99), "{document}");
    assert!(document["memory"]["planned_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{document}");
    let (text, is_fine) = said(&["models", "verify", "models/right", "--pictures", "1"], dir.path());
    assert!(is_fine && text.contains("AbsRel"), "a rendered room is looked at and not judged: {text}");
}

#[test]
fn the_first_thing_wrong_is_told() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    for (model, wrong) in [
        ("models/wrong", "FAIL: AbsRel to the sensor is "),
        ("models/far", "FAIL: AbsRel to the sensor is 1.00, expected at most 0.5"),
        ("models/broken", "FAIL: "),
        ("models/none", "FAIL: models/none"),
    ] {
        let (text, is_fine) = said(&["models", "verify", model, "--sequence", "walk"], dir.path());
        assert!(!is_fine && text.lines().last().is_some_and(|line| line.starts_with(wrong)), "{model}: {text}");
    }
    // Depth that is none is judged by its order alone, and inverse depth must fall where the sensor's rises.
    let net = "models/right/net.onnx";
    let words = ["models", "verify", net, "--family", "depth_anything_v2", "--sequence", "walk"];
    let (text, is_fine) = said(&words, dir.path());
    assert!(!is_fine && text.contains("FAIL: rank correlation with the sensor is -1.00"), "{text}");
    let words = ["models", "verify", "models/wrong/net.onnx", "--family", "depth_anything_v2", "--sequence", "walk"];
    let (text, is_fine) = said(&words, dir.path());
    assert!(is_fine && text.contains("correlation 1.000"), "{text}");
}

#[test]
fn without_a_runtime_the_verdict_says_where_it_was_looked_for() {
    let dir = folder();
    let output = Command::new(env!("CARGO_BIN_EXE_gnomon"))
        .args(["models", "verify", "models/right"])
        .env("GNOMON_ORT_PATH", "/nowhere/at/all")
        .current_dir(dir.path())
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!output.status.success() && text.contains("FAIL: ") && text.contains("/nowhere/at/all"), "{text}");
}

#[test]
fn model_folders_are_listed_and_broken_ones_told() {
    let dir = folder();
    let (text, is_fine) = said(&["models", "list", "."], dir.path());
    assert!(is_fine, "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[1].contains("models/broken") && lines[1].contains("refused"), "{text}");
    assert!(lines[3].contains("models/right") && lines[3].contains("depth_anything_v2_metric"), "{text}");
    assert!(lines[3].contains("fp32") && lines[3].contains("MIT"), "{text}");
    let (text, _) = said(&["models", "list", "walk"], dir.path());
    assert_eq!(text, "walk: no model folder lies below\n");
}

#[test]
fn a_network_is_measured_by_provider_and_a_missing_one_is_told() {
    if !has_runtime() {
        return;
    }
    let dir = folder();
    let words = ["bench", "models/right", "--sequence", "walk", "--providers", "cpu,cuda", "--rounds", "3", "--json"];
    let (text, is_fine) = said(&words, dir.path());
    assert!(is_fine, "{text}");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let providers = document["providers"].as_array().expect("a list");
    assert_eq!(providers.len(), 2, "{text}");
    for provider in providers {
        assert!(provider["p50_ms"].as_f64() > Some(0.0) && provider["rounds"] == 3, "{text}");
    }
    let cuda = &providers[1];
    let is_told = cuda["remarks"]
        .as_array()
        .is_some_and(|remarks| remarks.iter().any(|remark| remark.to_string().contains("cuda")));
    assert!(is_told || cuda["ran_on"].to_string().contains("CUDA"), "{text}");
}

/// A tiny vision-language model of this repository.
fn vision_language_folder() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm/qwen2_vl").display().to_string()
}

fn told(words: &[&str]) -> (bool, Value) {
    let output = gnomon(words, Path::new("."));
    (output.status.success(), serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn a_vision_language_folder_is_planned_graph_by_graph_with_its_cache_and_the_sum() {
    let path = vision_language_folder();
    let (is_fine, plan) = told(&["models", "plan", &path, "--json"]);
    let folder = &plan["folders"][0];
    let number = |value: &Value| value.as_u64().expect("a number");
    assert!(is_fine && plan["folders"].as_array().expect("a list").len() == 1, "{plan}");
    let parts: Vec<&str> =
        folder["graphs"].as_array().expect("graphs").iter().filter_map(|g| g["part"].as_str()).collect();
    assert!(parts.contains(&"embedding") && parts.contains(&"vision") && parts.last() == Some(&"decoder"), "{parts:?}");
    let weights: u64 = folder["graphs"].as_array().expect("graphs").iter().map(|g| number(&g["weight_bytes"])).sum();
    assert_eq!(weights, number(&folder["weight_bytes"]));
    let cache = number(&folder["cache_bytes_per_1000_tokens"]) / 1000 * number(&folder["context_tokens"]);
    assert_eq!(cache, number(&folder["cache_bytes"]));
    let sum = weights + number(&folder["activation_bytes"]) + cache;
    assert_eq!(sum, number(&folder["total_bytes"]));
    let decoder = plan["models"].as_array().expect("a list").iter();
    let decoder = decoder.filter(|model| model["cache_layers"] != 0).count();
    assert_eq!(decoder, 3, "one decoder of each precision: {plan}");

    let (_, short) = told(&["models", "plan", &path, "--json", "--context", "100", "--precision", "q4"]);
    let short = &short["folders"][0];
    assert_eq!((number(&short["context_tokens"]), number(&short["cache_bytes"])), (100, cache_of(folder, 100)));
    assert!(number(&short["weight_bytes"]) < weights);

    let output = gnomon(&["models", "plan", &path, "--budget", "1", "--context", "1000000"], Path::new("."));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("cache of 1000000 tokens"), "{said}");
    assert!(said.contains("more than the budget of 1.0 MB"), "{said}");
}

fn cache_of(folder: &Value, tokens: u64) -> u64 {
    folder["cache_bytes_per_1000_tokens"].as_u64().expect("a number") / 1000 * tokens
}

#[test]
fn a_vision_language_folder_is_listed_and_checked() {
    let path = vision_language_folder();
    let (_, list) = told(&["models", "list", &path, "--json"]);
    let folder = &list["models"][0];
    assert_eq!((folder["family"].as_str(), folder["has_vision"].as_bool()), (Some("qwen2_vl"), Some(true)), "{list}");
    assert!(folder["context_tokens"].is_u64() && folder["precisions"].as_array().expect("a list").len() == 3);
    if has_runtime() {
        let (is_fine, check) = told(&["models", "check", &path, "--json"]);
        let loads = |model: &Value| model["loads"].as_str().is_some_and(|words| words.contains("->"));
        assert!(is_fine && check["models"].as_array().expect("a list").iter().all(loads), "{check}");
        assert!(check["folders"][0]["total_bytes"].is_u64());
    }
}

/// A copy of a tiny model, in full precision, to be spoiled.
fn copy_of(name: &str) -> TempDir {
    let (dir, from) = (tempfile::tempdir().expect("a folder"), vision_language(name));
    fs::create_dir(dir.path().join("onnx")).expect("a folder");
    for part in ["", "onnx"] {
        for entry in fs::read_dir(from.join(part)).expect("a folder").map(|entry| entry.expect("an entry")) {
            let to = dir.path().join(part).join(entry.file_name());
            let name = entry.file_name();
            let is_whole = ["_q", "_fp16"].iter().all(|of| !name.to_string_lossy().contains(of));
            if entry.path().is_file() && is_whole {
                fs::copy(entry.path(), to).expect("a copy");
            }
        }
    }
    dir
}

fn vision_language(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm").join(name)
}

#[test]
fn vision_language_models_that_speak_pass() {
    if !has_runtime() {
        return;
    }
    for name in ["qwen2_vl_any_grid", "qwen2_5_vl", "qwen2_5_vl_genai", "llava", "smolvlm"] {
        let path = vision_language(name).display().to_string();
        let (is_fine, told) = told(&["models", "verify", &path, "--json"]);
        assert!(is_fine && told["pass"] == true && told["wrong"].is_null(), "{name}: {told}");
        let asked = told["asked"].as_array().expect("questions");
        assert_eq!(asked[0]["what"], "words alone", "{name}");
        assert!(asked.len() >= 2 && asked.iter().all(|one| one["new_tokens"].as_u64() > Some(0)), "{name}: {told}");
        let parts: Vec<&str> =
            told["ran_on"].as_array().expect("graphs").iter().filter_map(|one| one["part"].as_str()).collect();
        assert!(parts.first() == Some(&"embedding") && parts.last() == Some(&"decoder"), "{name}: {parts:?}");
        assert!(parts.contains(&"vision"), "{name}: {parts:?}");
        assert!(told["memory"]["planned_bytes"].as_u64() > Some(0), "{name}: {told}");
        assert!(told["speed"]["prefill_tokens_per_s"].as_f64() > Some(0.0), "{name}: {told}");
    }
    for name in ["text", "text_genai"] {
        let (is_fine, told) = told(&["models", "verify", &vision_language(name).display().to_string(), "--json"]);
        assert!(is_fine && told["pass"] == true && told["family"] == "text", "{name}: {told}");
        let counts = ["asked", "ran_on", "files"].map(|list| told[list].as_array().map(Vec::len));
        assert_eq!(counts, [Some(1); 3], "{name}: words alone, one graph: {told}");
    }
    let path = vision_language("qwen2_5_vl").display().to_string();
    let (text, is_fine) = said(&["models", "verify", &path, "--precision", "fp32"], Path::new("."));
    assert!(is_fine && text.ends_with("PASS\n") && text.contains("a video of 4 frames of"), "{text}");
}

#[test]
fn of_a_spoiled_vision_language_folder_the_first_thing_wrong_is_told() {
    if !has_runtime() {
        return;
    }
    let fails = |dir: &TempDir, wrong: &str| {
        let (text, is_fine) = said(&["models", "verify", "."], dir.path());
        let last = text.lines().last().unwrap_or_default();
        assert!(!is_fine && last.starts_with("FAIL: ") && last.contains(wrong), "{text}");
    };
    let blind = copy_of("qwen2_5_vl");
    let text = "{% if part.type == 'text' %}{{ part.text }}{% endif %}";
    let each = format!("{{% for part in messages[0].content %}}{text}{{% endfor %}}");
    fs::write(blind.path().join("chat_template.jinja"), each).expect("written");
    fails(&blind, "writes <|image_pad|> 0 times for one picture");
    let exchanged = copy_of("qwen2_5_vl");
    let onnx = exchanged.path().join("onnx");
    fs::copy(onnx.join("embed_tokens.onnx"), onnx.join("vision_encoder.onnx")).expect("a copy");
    fails(&exchanged, "vision_encoder.onnx");
    let wordless = copy_of("smolvlm");
    let path = wordless.path().join("tokenizer.json");
    let tokenizer = fs::read_to_string(&path).expect("a tokenizer").replace("<global-img>", "<global-jmg>");
    fs::write(&path, tokenizer).expect("written");
    fails(&wordless, "tokenizer.json has no <global-img>");
    let headless = copy_of("llava");
    fs::remove_file(headless.path().join("onnx/decoder_model_merged.onnx")).expect("removed");
    fails(&headless, "decoder");
}
