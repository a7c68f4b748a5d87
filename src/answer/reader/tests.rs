//! Wordings with the question each must be read as: `cases.jsonl`, one JSON object a line with `form`, `text`,
//! `options`, `expected` (a [`super::Question`]) and `unit`. Things are compared as the vocabulary compares them.

use super::read_question;
use crate::answer::testing::{a_box, room_of};
use crate::answer::vocabulary::{Vocabulary, canonical};
use crate::scene::Snapshot;
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
