//! Which of the options offered says what was found.

use super::question::{Asked, Turn};
use super::reply::Value;
use super::vocabulary::Vocabulary;
use crate::scene::canonical;
use crate::score::LengthUnit;

/// The index of the option that says the value, or none.
pub(super) fn choose_option(value: &Value, asked: &Asked, vocabulary: &Vocabulary) -> Option<usize> {
    let options = &asked.options;
    let says = |test: &dyn Fn(&str) -> bool| options.iter().position(|option| test(option));
    match value {
        Value::Thing(thing) => says(&|o| canonical(o) == canonical(&thing.0))
            .or_else(|| says(&|o| vocabulary.same(o, &thing.0)))
            .or_else(|| says(&|o| o.eq_ignore_ascii_case(&thing.0))),
        Value::Direction(word) => says(&|o| direction_word(o).as_deref() == Some(word)),
        Value::YesNo(yes) => says(&|o| yes_or_no(o) == Some(*yes)),
        Value::Order(order) => says(&|o| {
            let parts: Vec<&str> = o.split([',', ';', '>']).map(str::trim).filter(|part| !part.is_empty()).collect();
            parts.len() == order.len() && parts.iter().zip(order).all(|(part, thing)| vocabulary.same(part, &thing.0))
        }),
        Value::Turns(turns) => says(&|o| turns_of(o).as_deref() == Some(turns)),
        Value::Count(n) => nearest(options, f64::from(*n), None),
        Value::Length(m) => nearest(options, *m, Some(asked.unit.unwrap_or(LengthUnit::Metre))),
        Value::Area(m2) => nearest(options, *m2 / asked.unit.unwrap_or(LengthUnit::Metre).metres().powi(2), None),
        Value::Absent(_) | Value::Lengths(_) | Value::PicturePoint(_) | Value::WorldPoint(_) => None,
    }
}

/// The canonical direction an option says: `front-left`, `back`.
pub(super) fn direction_word(option: &str) -> Option<String> {
    let lower = option.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.split(|c: char| !c.is_alphanumeric()).any(|part| part == *w));
    let ahead = has(&["front", "ahead", "forward", "frontleft", "frontright"]);
    let back = has(&["back", "behind", "rear", "backward", "backwards", "backleft", "backright"]);
    let side = match (has(&["left", "frontleft", "backleft"]), has(&["right", "frontright", "backright"])) {
        (true, false) => Some("left"),
        (false, true) => Some("right"),
        (true, true) => return None,
        (false, false) => None,
    };
    Some(match (ahead, back, side) {
        (true, false, Some(side)) => format!("front-{side}"),
        (false, true, Some(side)) => format!("back-{side}"),
        (true, false, None) => "front".into(),
        (false, true, None) => "back".into(),
        (false, false, Some(side)) => side.into(),
        _ => return None,
    })
}

/// What an option says that is yes or no.
pub(super) fn yes_or_no(option: &str) -> Option<bool> {
    match option.trim().trim_end_matches('.').to_lowercase().as_str() {
        "yes" | "true" | "correct" => Some(true),
        "no" | "false" | "incorrect" => Some(false),
        _ => None,
    }
}

/// The turns an option lists: `Turn Left, Turn Right`.
fn turns_of(option: &str) -> Option<Vec<Turn>> {
    let lower = option.to_lowercase();
    let turns: Vec<Turn> = lower.split(|c: char| !c.is_alphabetic()).filter_map(turn_word).collect();
    (!turns.is_empty()).then_some(turns)
}

pub(super) fn turn_word(word: &str) -> Option<Turn> {
    Some(match word {
        "left" => Turn::Left,
        "right" => Turn::Right,
        "back" | "around" | "round" => Turn::Back,
        _ => return None,
    })
}

/// The option whose number is nearest; lengths in the unit the option names, or else in `unit`.
fn nearest(options: &[String], value: f64, unit: Option<LengthUnit>) -> Option<usize> {
    let numbers = options.iter().map(|option| {
        let measured = super::reader::first_number(option)?;
        Some(match unit {
            Some(unit) => measured.value * measured.unit.unwrap_or(unit).metres(),
            None => measured.value,
        })
    });
    let numbers: Option<Vec<f64>> = numbers.collect();
    let numbers = numbers?;
    (0..numbers.len())
        .min_by(|&a, &b| (numbers[a] - value).abs().total_cmp(&(numbers[b] - value).abs()).then(a.cmp(&b)))
}
