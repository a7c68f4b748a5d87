//! `gnomon ask --model` and `gnomon eval vlm` as people call them. Tests print `not run: no ONNX Runtime` where there is none.

#![cfg(all(feature = "onnx", feature = "cli"))]

#[path = "common/command.rs"]
mod command;
mod common;

use command::{gnomon, write_den};
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

/// Picture of one of the sizes that the tiny model takes.
fn put_picture(from: &str, to: &Path) {
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::copy(models().join("pictures").join(from), to).expect("a copy");
}

fn run(words: &[&str], folder: &Path) -> std::process::Output {
    let model = models().join("qwen2_5_vl");
    let usual = ["--model", model.to_str().expect("UTF-8"), "--max-new-tokens", "8", "--precision", "fp32"];
    gnomon(&[words, &usual].concat(), folder)
}

#[test]
fn a_scene_is_asked_with_a_model_and_both_answers_are_told() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    write_den(&dir.path().join("boxes.json"));
    let question = "How far is the sofa from the tv?";
    let ask = ["ask", "--boxes", "boxes.json", "--scene-id", "den", question];
    let output = run(&[&ask[..], &["--json", "--text-tokens", "300"]].concat(), dir.path());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(told["geometry"]["answer"], "2.000");
    assert!(told["model"]["words"].as_str().is_some_and(|words| !words.is_empty()), "{told}");
    let prompt = told["prompt"].as_str().expect("a prompt");
    assert!(prompt.contains("scene cm deg:") && prompt.contains("sofa") && prompt.contains(question), "{prompt}");
    assert!(told["text_tokens"].as_u64().is_some_and(|tokens| tokens <= 300), "{told}");
    let output = run(&[&ask[..], &["--text-tokens", "10"]].concat(), dir.path());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("geometry alone: the model failed"), "{said}");
    assert!(said.starts_with("2.000 m"), "{said}");
}

#[test]
fn published_questions_are_asked_once_and_a_stopped_run_goes_on() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    for frame in 0..3 {
        put_picture("odd.png", &dir.path().join(format!("images/den/{frame}.png")));
    }
    put_picture("tall.png", &dir.path().join("images/msmu/a.png"));
    let questions = [
        serde_json::json!({"id": 1, "scene_name": "den", "question_type": "object_counting", "options": null,
            "question": "How many chair(s) are in this room?", "ground_truth": "2"}),
        serde_json::json!({"id": 2, "scene": "den", "view": 2, "question_type": "object_rel_distance",
            "question": "Which is closest to the tv?", "options": ["A. sofa", "B. chair"], "answer": "A"}),
        serde_json::json!({"id": 3, "image": "msmu/a.png", "question_type": "width", "options": null,
            "question": "How wide is the chair?", "answer": "The chair is 0.5 m wide."}),
        serde_json::json!({"id": 4, "scene": "nowhere", "question_type": "object_counting", "options": null,
            "question": "How many tables are in this room?", "answer": 1}),
        serde_json::json!({"id": 5, "image": "../boxes.png", "question_type": "width", "options": null,
            "question": "How wide is the box?", "answer": "1 m"}),
    ];
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    fs::write(dir.path().join("q.jsonl"), lines).expect("written");
    let eval = |more: &[&str]| {
        let words = ["eval", "vlm", "--questions", "q.jsonl", "--images", "images", "--out", "answers.jsonl", "--json"];
        run(&[&words[..], more].concat(), dir.path())
    };
    let counts = |output: &std::process::Output| -> [u64; 3] {
        let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
        ["answered", "asked_now", "failed"].map(|key| document[key].as_u64().expect("a count"))
    };
    let first = eval(&["--limit", "2"]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(counts(&first), [2, 2, 0]);
    // The machine went down in the middle of a line.
    let answers = dir.path().join("answers.jsonl");
    let text = fs::read_to_string(&answers).expect("answers");
    fs::write(&answers, text.clone() + "{\"id\": 3, \"sce").expect("written");
    let second = eval(&[]);
    assert_eq!(counts(&second), [3, 3, 2]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("question 4") && said.contains("nowhere is neither a folder nor a picture"), "{said}");
    assert!(said.contains("\"../boxes.png\" is no name within"), "{said}");
    let now = fs::read_to_string(&answers).expect("answers");
    assert!(now.starts_with(&text) && now.lines().count() == 4, "{now}");
    let marks: Value = serde_json::from_slice(&second.stdout).expect("one document");
    for kind in ["object_counting", "object_rel_distance", "width"] {
        assert_eq!(marks["tasks"][kind]["n"], 1, "{marks}");
    }
    let otherwise = eval(&["--frames", "2"]);
    assert_eq!(otherwise.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&otherwise.stderr).contains("made otherwise"));
}
