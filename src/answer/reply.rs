//! What an answer is: a value with its evidence, or unknown with the reason.

use super::question::{Asked, Phrase, SideWord, Turn};
use crate::scene::{Object, ObjectId};
use crate::score::LengthUnit;
use serde::Serialize;
use std::fmt::Write;

/// Why nothing is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The text is none of the forms that are understood.
    NotUnderstood,
    /// Nothing that is asked about has been seen.
    NeverSeen,
    /// It is there, but what is asked of it was not observed yet: of metres, the scale.
    NotYetObserved,
    /// A name that must mean one thing means several.
    AmbiguousName,
    /// The probability is below the asked confidence.
    BelowConfidence,
    /// The question is about a picture, and no view was given.
    NoView,
    /// None of the options says what was found.
    NoOption,
    /// What is asked has no answer: a direction between two things at one place.
    NoAnswer,
}

impl Why {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotUnderstood => "not-understood",
            Self::NeverSeen => "never-seen",
            Self::NotYetObserved => "not-yet-observed",
            Self::AmbiguousName => "ambiguous-name",
            Self::BelowConfidence => "below-confidence",
            Self::NoView => "no-view",
            Self::NoOption => "no-option",
            Self::NoAnswer => "no-answer",
        }
    }
}

/// An honest refusal: the reason, and a sentence that says it of this question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unknown {
    /// The reason.
    pub why: Why,
    /// The sentence.
    pub sentence: String,
}

impl Unknown {
    pub(super) fn new(why: Why, sentence: impl Into<String>) -> Self {
        Self { why, sentence: sentence.into() }
    }
}

/// What was found. Metres, square metres; points of a picture are normalised to 0..1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// So many.
    Count(u32),
    /// A length, metres.
    Length(f64),
    /// Lengths, metres, in the order asked; of a size: length, width, height.
    Lengths(Vec<f64>),
    /// An area, m².
    Area(f64),
    /// One of the things asked about.
    Thing(Phrase),
    /// A direction: `left`, `back`, `front-right`.
    Direction(&'static str),
    /// Yes or no.
    YesNo(bool),
    /// A point of the picture: x to the right, y down.
    PicturePoint([f64; 2]),
    /// A point of the world, metres.
    WorldPoint([f64; 3]),
    /// Things in an order.
    Order(Vec<Phrase>),
    /// The turns left blank.
    Turns(Vec<Turn>),
    /// What is asked about is not there; only where the list of things is complete.
    Absent(Phrase),
}

impl Value {
    /// Its numbers (yes is 1, no is 0) and its words: of each kind one or the other.
    pub fn parts(&self) -> (Vec<f64>, Vec<String>) {
        match self {
            Self::Count(n) => (vec![f64::from(*n)], Vec::new()),
            Self::Length(one) | Self::Area(one) => (vec![*one], Vec::new()),
            Self::Lengths(all) => (all.clone(), Vec::new()),
            Self::YesNo(yes) => (vec![f64::from(u8::from(*yes))], Vec::new()),
            Self::PicturePoint(at) => (at.to_vec(), Vec::new()),
            Self::WorldPoint(at) => (at.to_vec(), Vec::new()),
            Self::Thing(thing) | Self::Absent(thing) => (Vec::new(), vec![thing.0.clone()]),
            Self::Direction(word) => (Vec::new(), vec![(*word).to_owned()]),
            Self::Order(things) => (Vec::new(), things.iter().map(|thing| thing.0.clone()).collect()),
            Self::Turns(turns) => (Vec::new(), turns.iter().map(|turn| turn.word().to_owned()).collect()),
        }
    }
}

/// In what a margin is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarginUnit {
    /// Metres.
    Metres,
    /// Degrees.
    Degrees,
    /// Cubic metres.
    CubicMetres,
    /// Nanoseconds.
    Nanoseconds,
}

impl MarginUnit {
    /// Whether it is made of metres.
    pub(super) fn is_of_length(self) -> bool {
        matches!(self, Self::Metres | Self::CubicMetres)
    }
}

/// How far the world would have to be off for another answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Margin {
    /// Never negative.
    pub value: f64,
    /// Of what.
    pub unit: MarginUnit,
}

/// A thing that an answer rests on, and the frames that saw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// Its id.
    pub id: ObjectId,
    /// Its name.
    pub name: String,
    /// Stamp of the first frame that saw it.
    pub first_seen_ns: i64,
    /// Stamp of the newest frame that saw it.
    pub last_seen_ns: i64,
    /// How many frames saw it.
    pub observations: u32,
}

impl Evidence {
    pub(super) fn of(object: &Object) -> Self {
        Self {
            id: object.id,
            name: object.name.to_string(),
            first_seen_ns: object.first_seen_ns,
            last_seen_ns: object.last_seen_ns,
            observations: object.observations,
        }
    }
}

/// What an operator found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// Index of the option that says so, when options were given.
    pub option: Option<usize>,
    /// Probability that it is right: the choice and the count exactly, a measure within
    /// [`super::AskOptions::tolerance`].
    pub probability: f64,
    /// How close the call was; none for a plain measure.
    pub margin: Option<Margin>,
    /// Of a plain measure: where it lies with 90 % probability, in the units of the value.
    pub spread: Option<[f64; 2]>,
}

impl Found {
    /// A value without margin and spread.
    pub(super) fn plain(value: Value, probability: f64) -> Self {
        Self { value, option: None, probability, margin: None, spread: None }
    }
}

/// An answer with its evidence, or unknown with the reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The question as it was understood; none when it was not.
    pub asked: Option<Asked>,
    /// What was found, or why nothing is said.
    pub outcome: Result<Found, Unknown>,
    /// The things it rests on, each once, in the order in which the question names them.
    pub evidence: Vec<Evidence>,
}

impl Answer {
    /// What was found.
    pub fn found(&self) -> Option<&Found> {
        self.outcome.as_ref().ok()
    }

    /// The answer as a benchmark wants it: the letter of the option, or the number in the asked unit, or the word;
    /// `unknown` when nothing is said.
    pub fn short(&self) -> String {
        let (Some(found), Some(asked)) = (self.found(), &self.asked) else { return "unknown".into() };
        match found.option {
            Some(option) => option_letter(option),
            None => value_text(&found.value, asked.unit.unwrap_or(LengthUnit::Metre)),
        }
    }

    /// The answer in words, with its unit and without its letter: `0.370 m`, `front-left`, `yes`; `unknown` when
    /// nothing is said.
    pub fn with_unit(&self) -> String {
        let (Some(found), Some(asked)) = (self.found(), &self.asked) else { return "unknown".into() };
        let unit = asked.unit.unwrap_or(LengthUnit::Metre);
        let text = value_text(&found.value, unit);
        match found.value {
            Value::Length(_) | Value::Lengths(_) => format!("{text} {}", unit.sign()),
            Value::Area(_) => format!("{text} {}²", unit.sign()),
            _ => text,
        }
    }

    /// The answer in one line of prose: what, how surely, how close the call, from what.
    pub fn sentence(&self) -> String {
        let found = match &self.outcome {
            Ok(found) => found,
            Err(unknown) => return format!("unknown ({}): {}", unknown.why.word(), unknown.sentence),
        };
        let unit = self.asked.as_ref().and_then(|asked| asked.unit).unwrap_or(LengthUnit::Metre);
        let mut line = self.with_unit();
        if let (Some(option), Some(asked)) = (found.option, &self.asked) {
            line = format!("{}. {}", option_letter(option), asked.options[option]);
        }
        // Writing to a string cannot fail.
        let _ = write!(line, " (p {:.2}", found.probability);
        if let Some(Margin { value, unit }) = found.margin {
            let _ = match unit {
                MarginUnit::Metres => write!(line, ", margin {value:.2} m"),
                MarginUnit::Degrees => write!(line, ", margin {value:.0} degrees"),
                MarginUnit::CubicMetres => write!(line, ", margin {value:.3} m³"),
                MarginUnit::Nanoseconds => write!(line, ", margin {:.2} s", value / 1e9),
            };
        }
        if let (Some([low, high]), Value::Length(_)) = (found.spread, &found.value) {
            let _ =
                write!(line, ", 90 % within {:.2} to {:.2} {}", low / unit.metres(), high / unit.metres(), unit.sign());
        }
        line.push(')');
        if !self.evidence.is_empty() {
            let seen = self.evidence.iter().map(|e| match e.observations {
                0 => e.name.clone(),
                n => format!("{} (seen in {n} frames)", e.name),
            });
            let _ = write!(line, " from {}", seen.collect::<Vec<_>>().join(", "));
        }
        line
    }

    /// The answer as one JSON object: `answer`, `value`, `unit`, `probability`, `margin`, `spread`, `evidence`, and the
    /// question as understood; or `unknown` with the reason.
    pub fn to_json(&self) -> serde_json::Value {
        let understood = serde_json::to_value(&self.asked).unwrap_or_default();
        let evidence = serde_json::to_value(&self.evidence).unwrap_or_default();
        match &self.outcome {
            Ok(found) => serde_json::json!({
                "answer": self.short(), "value": found.value, "unit": unit_of(&found.value),
                "option": found.option.map(option_letter), "probability": found.probability, "margin": found.margin,
                "spread": found.spread, "evidence": evidence, "understood": understood,
            }),
            Err(unknown) => serde_json::json!({
                "answer": "unknown", "why": unknown.why, "sentence": unknown.sentence, "evidence": evidence,
                "understood": understood,
            }),
        }
    }
}

/// `A` for the first option.
pub(super) fn option_letter(index: usize) -> String {
    let letter = u8::try_from(index).ok().filter(|&i| i < 26).map(|i| char::from(b'A' + i));
    letter.map_or_else(|| (index + 1).to_string(), String::from)
}

fn unit_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Length(_) | Value::Lengths(_) | Value::WorldPoint(_) => Some("m"),
        Value::Area(_) => Some("m2"),
        _ => None,
    }
}

/// The value alone, lengths in `unit`.
pub(super) fn value_text(value: &Value, unit: LengthUnit) -> String {
    let length = |metres: f64| {
        // A millimetre, whatever the unit: gaps may be small.
        let decimals = if matches!(unit, LengthUnit::Metre | LengthUnit::Foot) { 3 } else { 1 };
        format!("{:.decimals$}", metres / unit.metres())
    };
    match value {
        Value::Count(n) => n.to_string(),
        Value::Length(m) => length(*m),
        Value::Lengths(all) => all.iter().map(|&m| length(m)).collect::<Vec<_>>().join(" x "),
        Value::Area(m2) => format!("{:.1}", m2 / unit.metres().powi(2)),
        Value::Thing(phrase) => phrase.0.clone(),
        Value::Direction(word) => (*word).into(),
        Value::YesNo(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::PicturePoint([x, y]) => format!("({x:.2},{y:.2})"),
        Value::WorldPoint([x, y, z]) => format!("({x:.2},{y:.2},{z:.2})"),
        Value::Order(things) => things.iter().map(|p| p.0.as_str()).collect::<Vec<_>>().join(", "),
        Value::Absent(what) => format!("there is no {what}"),
        Value::Turns(turns) => turns.iter().map(|t| t.word()).collect::<Vec<_>>().join(", "),
    }
}

impl SideWord {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Front => "front",
            Self::Behind => "behind",
        }
    }
}
