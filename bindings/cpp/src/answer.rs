//! Answers and judgements.

use crate::bridge::{self, Judgement};
use gnomon::answer;

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

/// A judgement as both languages see it.
pub fn judgement_of(judged: &answer::Judgement) -> Judgement {
    Judgement {
        statement: judged.statement.clone(),
        verdict: match judged.verdict {
            answer::Verdict::Agrees => bridge::Verdict::Agrees,
            answer::Verdict::Contradicts => bridge::Verdict::Contradicts,
            answer::Verdict::Untestable => bridge::Verdict::Untestable,
        },
        sentence: judged.sentence(),
        reason: judged.untestable.as_ref().map_or_else(String::new, |(reason, _)| reason.word().into()),
        has_probability: judged.probability.is_some(),
        probability: judged.probability.unwrap_or_default(),
    }
}
