//! `gnomon ask --model` as people call it. Tests print `not run: no ONNX Runtime` where there is none.

#![cfg(all(feature = "onnx", feature = "cli"))]

#[path = "common/command.rs"]
mod command;
mod common;

use command::gnomon;
use common::has_runtime;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm")
}

/// What transformers said of the same folder.
fn recorded(case: &str) -> Value {
    let path = models().join("qwen2_5_vl/golden").join(case).join("case.json");
    serde_json::from_str(&fs::read_to_string(path).expect("a recording")).expect("JSON")
}

fn ask(words: &[&str]) -> std::process::Output {
    let pictures = models().join("pictures");
    let model = ["ask", "--model", "../qwen2_5_vl", "--greedy", "--max-new-tokens", "16"];
    gnomon(&[&model, words].concat(), &pictures)
}

fn document(words: &[&str]) -> Value {
    let output = ask(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one document")
}

fn question(case: &Value) -> &str {
    let parts = case["messages"][0]["content"].as_array();
    match parts {
        Some(parts) => parts.last().and_then(|part| part["text"].as_str()).expect("words"),
        None => case["messages"][0]["content"].as_str().expect("words"),
    }
}

fn assert_is_as_recorded(document: &Value, case: &Value, precision: &str) {
    assert_eq!(document["prompt_ids"], case["ids"]);
    assert_eq!(document["token_ids"], case["greedy"][precision]);
    assert_eq!(document["text"], case["text"][precision]);
    let grids = if case["grids"].is_null() { Value::Array(Vec::new()) } else { case["grids"].clone() };
    assert_eq!(document["grids"], grids);
    assert!(document["timings"]["first_token_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{document}");
}

#[test]
fn the_program_says_what_transformers_said_of_the_same_pictures() {
    if !has_runtime() {
        return;
    }
    let cases: [(&str, &[&str]); 4] = [
        ("image", &["--image", "odd.png"]),
        ("text", &[]),
        ("two_images", &["--image", "odd.png", "tall.png"]),
        ("video", &["--video", "frame_0.png,frame_1.png", "--fps", "1"]),
    ];
    for (name, pictures) in cases {
        let case = recorded(name);
        for precision in ["fp32", "q8"] {
            let words = [pictures, &["--json", "--precision", precision, question(&case)]].concat();
            assert_is_as_recorded(&document(&words), &case, precision);
        }
    }
}

#[test]
fn a_raw_prompt_is_taken_as_it_is() {
    if !has_runtime() {
        return;
    }
    let case = recorded("image");
    let prompt = case["prompt"].as_str().expect("a prompt");
    // The question straight after the pictures is the question all the same.
    let said = document(&["--raw", "--json", "--precision", "fp32", "--image", "odd.png", prompt]);
    assert_is_as_recorded(&said, &case, "fp32");
}

#[test]
fn words_alone_are_printed_as_they_come() {
    if !has_runtime() {
        return;
    }
    let case = recorded("image");
    let output = ask(&["--precision", "fp32", "--image", "odd.png", "--", question(&case)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", case["text"]["fp32"].as_str().expect("words")));
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_sentence() {
    if !has_runtime() {
        return;
    }
    let cases: [(&[&str], i32, &str); 7] = [
        (&["--image", "nowhere.png", "--", "What?"], 1, "nowhere.png"),
        (&["--image", "odd.png"], 2, "the question is missing"),
        (&["--raw", "--image", "odd.png", "no place for it"], 1, "the prompt has no place for 1 of the pictures"),
        (&["--precision", "bnb4", "What?"], 1, "of precision bnb4, only fp32"),
        (&["--temperature", "-1", "What?"], 2, "-1"),
        (&["--seconds", "0", "What?"], 2, "expected a number above 0"),
        (&["--scene", "s.json", "--image", "odd.png", "--", "What?"], 2, "cannot be used with"),
    ];
    for (words, code, sentence) in cases {
        let output = ask(words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(said.contains(sentence) && output.stdout.is_empty(), "{words:?}: {said}");
    }
    let output = gnomon(&["ask", "--model", "nowhere", "What?"], &models());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere"));
}
