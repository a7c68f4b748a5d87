//! Rewards of group-relative policy optimisation, as Spatial-MLLM's training describes them.
//!
//! The reward of an output is `format + task`; the advantage of an output is how far its reward lies above its group's
//! mean, in standard deviations. The training code is not released: where the description leaves a choice, it is a
//! parameter here and its default is said.

use super::bounded;
use super::mra::Mra;
use super::python::{float, strip};
use super::reading::last_answer;
use crate::error::{Error, Result};

/// Longer texts are not compared: their distance costs the product of their lengths.
pub const MAX_EDIT_CHARS: usize = 8192;

/// How far two texts are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EditDistance {
    /// Insertions and deletions; another character is one of each. The published evaluation imports this one.
    #[default]
    InDel,
    /// Insertions, deletions and substitutions, as the paper's formula is usually read.
    Levenshtein,
}

/// Which standard deviation advantages are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spread {
    /// Of the group itself: divided by n.
    #[default]
    Population,
    /// As an estimate from the group: divided by n - 1.
    Sample,
}

/// 1 where all of the text is `<think>...</think>`, blanks, `<answer>...</answer>`; else 0. The tags may hold anything,
/// line breaks and other tags too; nothing may stand before, and nothing behind.
pub fn format_reward(text: &str) -> f64 {
    let inside = text.strip_prefix("<think>").and_then(|rest| rest.strip_suffix("</answer>"));
    let turns_to_answer = |inside: &str| {
        let mut after_thinking = inside.split("</think>").skip(1);
        after_thinking.any(|rest| rest.trim_start_matches(super::python::is_space).starts_with("<answer>"))
    };
    f64::from(u8::from(inside.is_some_and(turns_to_answer)))
}

/// 1 where the answer block, or the text where there is none, is `truth` but for blanks at the ends; else 0.
pub fn choice_reward(text: &str, truth: &str) -> f64 {
    f64::from(u8::from(strip(last_answer(bounded(text))) == strip(truth)))
}

/// [`Mra::Strict`] of the number in the answer block, commas taken out; 0 where there is no number.
pub fn numeric_reward(text: &str, truth: f64) -> f64 {
    float(&last_answer(bounded(text)).replace(',', "")).map_or(0.0, |number| Mra::Strict.score(number, truth))
}

/// [`text_similarity`] of the answer block and `truth`, blanks at the ends taken off.
///
/// # Errors
/// As [`text_similarity`].
pub fn text_reward(text: &str, truth: &str, distance: EditDistance) -> Result<f64> {
    text_similarity(strip(last_answer(bounded(text))), strip(truth), distance)
}

/// `1 - distance / (characters of one + characters of the other)`, 1 for two empty texts.
///
/// # Errors
/// A text of more than [`MAX_EDIT_CHARS`] characters.
pub fn text_similarity(one: &str, other: &str, distance: EditDistance) -> Result<f64> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = one.len().max(other.len());
    if longest > MAX_EDIT_CHARS {
        let message = format!("a text to compare has {longest} characters, expected at most {MAX_EDIT_CHARS}");
        return Err(Error::argument(message));
    }
    let total = one.len() + other.len();
    if total == 0 {
        return Ok(1.0);
    }
    Ok(1.0 - edits(&one, &other, distance) as f64 / total as f64)
}

/// The least number of edits: one row of the usual table at a time.
fn edits(one: &[char], other: &[char], distance: EditDistance) -> usize {
    let substitution = match distance {
        EditDistance::InDel => 2,
        EditDistance::Levenshtein => 1,
    };
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + if a == b { 0 } else { substitution };
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j + 1] + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

/// How far each reward of a group lies above the group's mean, in standard deviations. All 0 where the rewards are
/// equal, one alone, or not finite.
pub fn advantages(rewards: &[f64], spread: Spread) -> Vec<f64> {
    let n = rewards.len() as f64;
    let mean = rewards.iter().sum::<f64>() / n;
    let squares: f64 = rewards.iter().map(|reward| (reward - mean) * (reward - mean)).sum();
    let divisor = match spread {
        Spread::Population => n,
        Spread::Sample => n - 1.0,
    };
    let deviation = (squares / divisor).sqrt();
    let equal = rewards.iter().all(|reward| *reward == rewards[0]);
    if equal || !deviation.is_finite() || deviation <= 0.0 {
        return vec![0.0; rewards.len()];
    }
    rewards.iter().map(|reward| (reward - mean) / deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_format_is_thinking_then_an_answer_and_nothing_else() {
        assert_eq!(format_reward("<think>so\nso</think>\n <answer>B</answer>"), 1.0);
        assert_eq!(format_reward("<think></think><answer></answer>"), 1.0);
        assert_eq!(format_reward("<think>a</think>b</think><answer>c</answer>"), 1.0);
        for text in [
            "",
            "B",
            "<answer>B</answer>",
            "<think>a<answer>B</answer>",
            "<think>a</think>then <answer>B</answer>",
            " <think>a</think><answer>B</answer>",
            "<think>a</think><answer>B</answer>\n",
            "<think>a</think><answer>B",
            "<answer>B</answer><think>a</think>",
        ] {
            assert_eq!(format_reward(text), 0.0, "{text}");
        }
    }

    #[test]
    fn a_task_is_rewarded_by_its_answer_block() {
        assert_eq!(choice_reward("<think>A</think><answer> B\n</answer>", "B"), 1.0);
        assert_eq!(choice_reward("B", "B"), 1.0);
        assert_eq!(choice_reward("<answer>b</answer>", "B"), 0.0);
        assert_eq!(numeric_reward("<answer>1,100</answer>", 1000.0), 0.9);
        assert_eq!(numeric_reward("<answer>3</answer>", 4.0), 0.5);
        assert_eq!(numeric_reward("<answer>three</answer>", 3.0), 0.0);
        assert_eq!(text_reward("<answer> a chair </answer>", "a chair", EditDistance::InDel).ok(), Some(1.0));
    }

    #[test]
    fn a_substitution_counts_twice_or_once() {
        let both = |a, b| [EditDistance::InDel, EditDistance::Levenshtein].map(|d| text_similarity(a, b, d).ok());
        assert_eq!(both("ab", "ac"), [Some(0.5), Some(0.75)]);
        assert_eq!(both("", ""), [Some(1.0), Some(1.0)]);
        assert_eq!(both("ab", ""), [Some(0.0), Some(0.0)]);
        assert_eq!(both("kitten", "sitting"), [Some(1.0 - 5.0 / 13.0), Some(1.0 - 3.0 / 13.0)]);
        assert_eq!(both("一二", "一三"), [Some(0.5), Some(0.75)]);
        assert!(text_similarity(&"a".repeat(MAX_EDIT_CHARS + 1), "", EditDistance::InDel).is_err());
    }

    #[test]
    fn advantages_are_deviations_from_the_mean_of_the_group() {
        assert_eq!(advantages(&[0.0, 2.0], Spread::Population), [-1.0, 1.0]);
        let sampled = advantages(&[0.0, 2.0], Spread::Sample);
        assert!((sampled[1] - 0.5f64.sqrt()).abs() < 1e-12);
        assert_eq!(advantages(&[0.1, 0.1, 0.1], Spread::Population), [0.0; 3]);
        assert_eq!(advantages(&[1.0], Spread::Sample), [0.0]);
        assert_eq!(advantages(&[1.0, f64::NAN], Spread::Population), [0.0; 2]);
        assert!(advantages(&[], Spread::Population).is_empty());
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_levenshtein_the_kinder(one in "[abc]{0,8}", other in "[abc]{0,8}") {
            let of = |a: &str, b: &str, d| text_similarity(a, b, d).unwrap();
            let indel = of(&one, &other, EditDistance::InDel);
            prop_assert_eq!(indel, of(&other, &one, EditDistance::InDel));
            prop_assert!(of(&one, &other, EditDistance::Levenshtein) >= indel);
            prop_assert_eq!(indel == 1.0, one == other);
        }
    }
}
