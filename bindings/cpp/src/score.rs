//! Marks and rewards. Nothing is kept: texts in, a number out.

use crate::bridge::{EditDistance, MraKind, Reading, Spread};
use crate::convert::{coded, no_such};
use crate::held::{Failure, held};
use gnomon::Error;
use gnomon::score::{self, Mra, MsmuGroup, MsmuScorer, VsiType};

pub fn score_mra(kind: MraKind, predicted: f64, truth: f64) -> Result<f64, Failure> {
    held(|| match kind {
        MraKind::Official => Ok(Mra::Official.score(predicted, truth)),
        MraKind::Strict => Ok(Mra::Strict.score(predicted, truth)),
        other => Err(no_such("kind", other.repr)),
    })
}

pub fn score_vsi(kind: &str, reading: Reading, text: &str, truth: &str, options: &[&str]) -> Result<f64, Failure> {
    held(|| {
        let reading = match reading {
            Reading::Official => score::Reading::Official,
            Reading::SpatialMllm => score::Reading::SpatialMllm,
            Reading::SpatialMllmV1 => score::Reading::SpatialMllmV1,
            Reading::Lenient => score::Reading::Lenient,
            other => return Err(no_such("reading", other.repr)),
        };
        let found = VsiType::of_key(kind);
        let kind = found.ok_or_else(|| Error::argument(format!("kind is {kind:?}, which VSI-Bench does not have")))?;
        kind.mark(reading, text, truth, options)
    })
}

pub fn score_msmu(raw_type: &str, truth: &str, response: &str) -> Result<f64, Failure> {
    held(|| {
        let missing = || Error::argument(format!("raw_type is {raw_type:?}, which MSMU-Bench does not have"));
        let group = MsmuGroup::of_raw_type(raw_type).ok_or_else(missing)?;
        Ok(f64::from(u8::from(MsmuScorer::default().succeeds(group, truth, response))))
    })
}

pub fn reward_format(text: &str) -> f64 {
    score::format_reward(text)
}

pub fn reward_choice(text: &str, truth: &str) -> f64 {
    score::choice_reward(text, truth)
}

pub fn reward_numeric(text: &str, truth: f64) -> f64 {
    score::numeric_reward(text, truth)
}

pub fn reward_text(text: &str, truth: &str, distance: EditDistance) -> Result<f64, Failure> {
    held(|| match distance {
        EditDistance::InDel => score::text_reward(text, truth, score::EditDistance::InDel),
        EditDistance::Levenshtein => score::text_reward(text, truth, score::EditDistance::Levenshtein),
        other => Err(no_such("distance", other.repr)),
    })
}

pub fn reward_advantages(rewards: &[f64], spread: Spread) -> Result<Vec<f64>, Failure> {
    held(|| {
        let spreads = [score::Spread::Population, score::Spread::Sample];
        Ok(score::advantages(rewards, coded(spread.repr, &spreads, "spread")?))
    })
}
