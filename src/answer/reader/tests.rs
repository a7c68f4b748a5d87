//! Wordings with the question each must be read as: `cases.jsonl`, one JSON object a line with `form`, `text`,
//! `options`, `expected` (a [`super::Question`]) and `unit`. Things are compared as the vocabulary compares them.

use super::read_question;
use crate::answer::testing::{a_box, room_of};
use crate::answer::vocabulary::Vocabulary;
use crate::answer::{AskOptions, ask, verdict_text};
use crate::scene::Snapshot;
use crate::scene::canonical;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// What stands in the room that the wordings are about.
const LABELS: &[&str] = &[
    "bed",
    "chair",
    "chair",
    "sofa",
    "tv",
    "table",
    "coffee table",
    "long table",
    "night stand",
    "lamp",
    "tall lamp",
    "counter",
    "light switch",
    "left shoe",
    "front door",
    "back pack",
    "picture",
    "window",
    "range hood",
    "high chair",
    "desk",
    "monitor",
    "keyboard",
    "cup",
    "laptop",
    "bookshelf",
    "toilet",
    "toilet paper holder",
    "sink",
    "mirror",
    "door",
    "trash bin",
    "refrigerator",
    "stove",
    "towel",
];

#[derive(Deserialize)]
struct Case {
    form: String,
    text: String,
    options: Vec<String>,
    expected: Value,
    unit: Option<String>,
}

fn room() -> Snapshot {
    let boxes = LABELS.iter().zip(0u32..).map(|(label, at)| (*label, a_box([f64::from(at), 0.0, 0.5], [0.5; 3])));
    room_of(&boxes.collect::<Vec<_>>())
}

/// The value with every text in the form in which things are compared.
fn comparable(value: &Value) -> Value {
    match value {
        Value::String(text) => canonical(text).into(),
        Value::Array(all) => all.iter().map(comparable).collect(),
        Value::Object(all) => Value::Object(all.iter().map(|(key, value)| (key.clone(), comparable(value))).collect()),
        Value::Number(number) => ((number.as_f64().unwrap_or(f64::NAN) * 1e6).round() / 1e6).into(),
        other => other.clone(),
    }
}

fn failure(case: &Case, scene: &Snapshot) -> Option<String> {
    let asked = match read_question(&case.text, &case.options, scene, &Vocabulary::default()) {
        Ok(Some(asked)) => asked,
        Ok(None) => return Some("not understood".into()),
        Err(error) => return Some(error.to_string()),
    };
    let question = comparable(&serde_json::to_value(&asked.question).expect("a question is JSON"));
    let unit = serde_json::to_value(asked.unit).expect("a unit is JSON");
    let unit_is_right = unit.as_str() == case.unit.as_deref();
    match (question == comparable(&case.expected), unit_is_right) {
        (true, true) => None,
        (true, false) => Some(format!("unit {unit}, expected {:?}", case.unit)),
        (false, _) => Some(format!("read as {question}, expected {}", case.expected)),
    }
}

#[test]
fn every_wording_is_read_as_the_question_it_asks() {
    let scene = room();
    let cases = include_str!("cases.jsonl").lines().map(|line| serde_json::from_str(line).expect("a case"));
    let cases: Vec<Case> = cases.collect();
    let failed: Vec<String> = (1..)
        .zip(&cases)
        .filter_map(|(line, case)| {
            Some(format!("line {line} ({}): {:?}: {}", case.form, case.text, failure(case, &scene)?))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} wordings are misread:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// Pieces of questions and of nonsense.
const PIECES: &[&str] = &[
    "the ",
    "chair",
    "how many ",
    "closest to ",
    "left ",
    "right of ",
    "facing ",
    "standing by ",
    "(",
    ")",
    "[",
    "please fill in]",
    "1.",
    "2) ",
    "___",
    "1,000 ",
    "0.5, 0.5",
    " m",
    "m² ",
    "in ",
    "Options:\n",
    "A. ",
    "\n",
    "?",
    ".",
    "#2",
    "tall",
    "picture ",
    "é",
    "\u{1F600}",
    "İ",
    "ß",
    "'s ",
    "-",
    "and ",
    "first ",
    "order ",
    "is ",
    "not ",
    "than ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_not_understood(text in "\\PC{0,200}", choices in prop::collection::vec("\\PC{0,20}", 0..4)) {
        let _ = read_question(&text, &choices, &room(), &Vocabulary::default());
        let _ = verdict_text(&room(), &text, &AskOptions::default());
    }

    #[test]
    fn any_row_of_pieces_is_read_or_not_understood(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.concat();
        if let Ok(Some(asked)) = read_question(&text, &[], &room(), &Vocabulary::default()) {
            let _ = ask(&room(), asked, &AskOptions::default());
        }
        let _ = verdict_text(&room(), &text, &AskOptions::default());
    }
}

#[test]
fn a_text_as_long_as_allowed_is_read_at_once() {
    let scene = room();
    let pieces = PIECES.iter().chain(&[
        "the the ",
        "((",
        "the a1 ",
        "1",
        "1 m ",
        "1. ",
        "a.",
        "1a",
        "the chair and ",
        "of the picture ",
        "\n\n",
    ]);
    for piece in pieces {
        let text = piece.repeat(crate::answer::MAX_QUESTION_BYTES / piece.len());
        let start = std::time::Instant::now();
        let _ = read_question(&text, &[], &scene, &Vocabulary::default());
        let _ = verdict_text(&scene, &text, &AskOptions::default());
        let took = start.elapsed();
        // A thousand times what it needs; what grows with the square of the length takes far longer.
        assert!(took.as_secs() < 20, "{piece:?} repeated took {took:?}");
    }
}
