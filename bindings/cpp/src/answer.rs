//! Answers and judgements.

use crate::bridge::{self, AnswerFacts, Evidence, Judgement, MarginUnit, ValueKind};
use gnomon::answer::{self, Value};

/// An answer with its evidence, or unknown and why.
pub struct Answer(pub(crate) answer::Answer);

impl Answer {
    /// One line of prose, with the evidence.
    pub fn text(&self) -> String {
        self.0.sentence()
    }

    /// The bare answer.
    pub fn bare(&self) -> String {
        self.0.short()
    }

    /// The bare answer with its unit.
    pub fn with_unit(&self) -> String {
        self.0.with_unit()
    }

    /// All of it as JSON.
    pub fn json(&self) -> String {
        self.0.to_json().to_string()
    }

    /// The things it rests on.
    pub fn evidence(&self) -> Vec<Evidence> {
        let one = |evidence: &answer::Evidence| Evidence {
            id: evidence.id.0,
            name: evidence.name.to_string(),
            first_seen_ns: evidence.first_seen_ns,
            last_seen_ns: evidence.last_seen_ns,
            observations: evidence.observations,
        };
        self.0.evidence.iter().map(one).collect()
    }

    /// Its value, margin and spread.
    pub fn facts(&self) -> AnswerFacts {
        let found = self.0.found();
        let (numbers, words) = found.map(|found| found.value.parts()).unwrap_or_default();
        let margin = found.and_then(|found| found.margin);
        let spread = found.and_then(|found| found.spread);
        AnswerFacts {
            value: found.map_or(ValueKind::None, |found| kind_of(&found.value)),
            numbers,
            words,
            margin: margin.map_or(0.0, |margin| margin.value),
            margin_unit: margin.map_or(MarginUnit::None, |margin| unit_of(margin.unit)),
            has_spread: spread.is_some(),
            spread: spread.unwrap_or_default(),
        }
    }

    /// False where it is unknown.
    pub fn is_known(&self) -> bool {
        self.0.found().is_some()
    }

    /// Why it is unknown, in a word.
    pub fn reason(&self) -> String {
        self.0.outcome.as_ref().err().map_or_else(String::new, |unknown| unknown.why.word().into())
    }

    /// Probability that it is right.
    pub fn probability(&self) -> f64 {
        self.0.found().map_or(0.0, |found| found.probability)
    }

    /// Which choice says so, or -1.
    pub fn choice(&self) -> i64 {
        self.0.found().and_then(|found| found.option).map_or(-1, |at| at as i64)
    }
}

/// The kind of a value.
pub fn kind_of(value: &Value) -> ValueKind {
    match value {
        Value::Count(_) => ValueKind::Count,
        Value::Length(_) => ValueKind::Length,
        Value::Lengths(_) => ValueKind::Lengths,
        Value::Area(_) => ValueKind::Area,
        Value::Thing(_) => ValueKind::Thing,
        Value::Direction(_) => ValueKind::Direction,
        Value::YesNo(_) => ValueKind::YesNo,
        Value::PicturePoint(_) => ValueKind::PicturePoint,
        Value::WorldPoint(_) => ValueKind::WorldPoint,
        Value::Order(_) => ValueKind::Order,
        Value::Turns(_) => ValueKind::Turns,
        Value::Absent(_) => ValueKind::Absent,
    }
}

fn unit_of(unit: answer::MarginUnit) -> MarginUnit {
    match unit {
        answer::MarginUnit::Metres => MarginUnit::Metres,
        answer::MarginUnit::Degrees => MarginUnit::Degrees,
        answer::MarginUnit::CubicMetres => MarginUnit::CubicMetres,
        answer::MarginUnit::Nanoseconds => MarginUnit::Nanoseconds,
    }
}

/// What the map says of a statement.
pub fn verdict_of(ours: answer::Verdict) -> bridge::Verdict {
    match ours {
        answer::Verdict::Agrees => bridge::Verdict::Agrees,
        answer::Verdict::Contradicts => bridge::Verdict::Contradicts,
        answer::Verdict::Untestable => bridge::Verdict::Untestable,
    }
}

/// A judgement as both languages see it.
pub fn judgement_of(judged: &answer::Judgement) -> Judgement {
    Judgement {
        statement: judged.statement.clone(),
        verdict: verdict_of(judged.verdict),
        sentence: judged.sentence(),
        measured: judged.measured().unwrap_or_default(),
        reason: judged.untestable.as_ref().map_or_else(String::new, |(reason, _)| reason.word().into()),
        has_probability: judged.probability.is_some(),
        probability: judged.probability.unwrap_or_default(),
    }
}
