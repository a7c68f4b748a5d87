//! Marks for answers, as published benchmarks give them, and rewards. Nothing is kept: texts in, a number out.

use super::guard::{DONE, guard};
use super::question::coded;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str, read_texts, slice_of};
use crate::score::{
    EditDistance, Mra, MsmuGroup, MsmuScorer, Reading, Spread, VsiType, advantages, choice_reward, format_reward,
    numeric_reward, text_reward,
};

/// The most rewards of a group.
const MAX_GROUP: usize = 1 << 20;

/// The most choices of a question.
const MAX_CHOICES: usize = 256;

/// Writes the mark that `make` gives to `out`.
///
/// # Safety
/// `out` is NULL or writable.
unsafe fn marked(out: *mut f64, make: impl FnOnce() -> Result<f64, Fault>) -> Result<gnomon_status, Fault> {
    if out.is_null() {
        return Err(Fault::argument("place for the mark is NULL"));
    }
    let mark = make()?;
    // SAFETY: not NULL, writable by the caller's word.
    unsafe { out.write_unaligned(mark) };
    DONE
}

/// A caller's text.
///
/// # Safety
/// As [`gnomon_str::read`].
unsafe fn read<'a>(text: gnomon_str, what: &str) -> Result<&'a str, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { text.read(what, MAX_LONG_TEXT_BYTES) }
}

/// Mean relative accuracy of a number, 0 to 1, by the rule kind: GNOMON_MRA_*. A prediction or truth that is not finite
/// scores 0.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_score_mra(kind: i32, predicted: f64, truth: f64, out: *mut f64) -> gnomon_status {
    guard("gnomon_score_mra", |_| {
        let make = || Ok(coded(kind, &[Mra::Official, Mra::Strict], "kind", "GNOMON_MRA_*")?.score(predicted, truth));
        // SAFETY: the caller's place.
        unsafe { marked(out, make) }
    })
}

/// The mark of a model's text for a question of VSI-Bench, 0 to 1. question_type as the benchmark has it
/// ("object_rel_distance"); reading is GNOMON_READING_*; truth the right number or letter; options the n choices as
/// they were offered ("A. left", at most 256), which only GNOMON_READING_LENIENT heeds.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_score_vsi(
    question_type: gnomon_str,
    reading: i32,
    text: gnomon_str,
    truth: gnomon_str,
    options: *const gnomon_str,
    n: usize,
    out: *mut f64,
) -> gnomon_status {
    guard("gnomon_score_vsi", |_| {
        let make = || {
            // SAFETY: the caller's texts, borrowed for this call.
            let (key, text, truth, options) = unsafe {
                (
                    read(question_type, "question_type")?,
                    read(text, "text")?,
                    read(truth, "truth")?,
                    read_texts(options, n, "options", MAX_CHOICES)?,
                )
            };
            let readings = [Reading::Official, Reading::SpatialMllm, Reading::SpatialMllmV1, Reading::Lenient];
            let reading = coded(reading, &readings, "reading", "GNOMON_READING_*")?;
            let kind = VsiType::of_key(key)
                .ok_or_else(|| Fault::argument(format!("question_type is {key:?}, which VSI-Bench does not have")))?;
            Ok(kind.mark(reading, text, truth, &options)?)
        };
        // SAFETY: the caller's place.
        unsafe { marked(out, make) }
    })
}

/// The mark of a model's text for a question of MSMU-Bench, 0 or 1. raw_type as the benchmark's rows have it ("width",
/// "refer_two_objects"); truth and response are the benchmark's answer and the model's. Names must agree: no model
/// judges them.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_score_msmu(
    raw_type: gnomon_str,
    truth: gnomon_str,
    response: gnomon_str,
    out: *mut f64,
) -> gnomon_status {
    guard("gnomon_score_msmu", |_| {
        let make = || {
            // SAFETY: the caller's texts, borrowed for this call.
            let (raw, truth, response) =
                unsafe { (read(raw_type, "raw_type")?, read(truth, "truth")?, read(response, "response")?) };
            let group = MsmuGroup::of_raw_type(raw)
                .ok_or_else(|| Fault::argument(format!("raw_type is {raw:?}, which MSMU-Bench does not have")))?;
            Ok(f64::from(u8::from(MsmuScorer::default().succeeds(group, truth, response))))
        };
        // SAFETY: the caller's place.
        unsafe { marked(out, make) }
    })
}

/// 1 where all of the text is `<think>...</think>`, blanks, `<answer>...</answer>`; else 0.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_reward_format(text: gnomon_str, out: *mut f64) -> gnomon_status {
    guard("gnomon_reward_format", |_| {
        // SAFETY: the caller's text and place.
        unsafe { marked(out, || Ok(format_reward(read(text, "text")?))) }
    })
}

/// 1 where the last answer block, or the text without one, is truth but for blanks at the ends; else 0.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_reward_choice(text: gnomon_str, truth: gnomon_str, out: *mut f64) -> gnomon_status {
    guard("gnomon_reward_choice", |_| {
        // SAFETY: the caller's texts and place.
        unsafe { marked(out, || Ok(choice_reward(read(text, "text")?, read(truth, "truth")?))) }
    })
}

/// Strict mean relative accuracy of the number in the answer block, 0 to 1; 0 where there is no number.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_reward_numeric(text: gnomon_str, truth: f64, out: *mut f64) -> gnomon_status {
    guard("gnomon_reward_numeric", |_| {
        // SAFETY: the caller's text and place.
        unsafe { marked(out, || Ok(numeric_reward(read(text, "text")?, truth))) }
    })
}

/// How alike the answer block and truth are, 0 to 1: 1 less their distance, GNOMON_EDIT_*, over their length in all.
/// GNOMON_E_ARGUMENT where either has more than 8192 characters.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_reward_text(
    text: gnomon_str,
    truth: gnomon_str,
    distance: i32,
    out: *mut f64,
) -> gnomon_status {
    guard("gnomon_reward_text", |_| {
        let make = || {
            let distances = [EditDistance::InDel, EditDistance::Levenshtein];
            let distance = coded(distance, &distances, "distance", "GNOMON_EDIT_*")?;
            // SAFETY: the caller's texts, borrowed for this call.
            let (text, truth) = unsafe { (read(text, "text")?, read(truth, "truth")?) };
            Ok(text_reward(text, truth, distance)?)
        };
        // SAFETY: the caller's place.
        unsafe { marked(out, make) }
    })
}

/// Advantages of a group's n rewards (at most 1048576): how far each lies above the group's mean, in standard deviations,
/// GNOMON_SPREAD_*. All are 0 where the rewards are equal, one alone, or not all finite. out has room for n; it may be
/// rewards itself. With n 0 nothing is written.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_reward_advantages(
    rewards: *const f64,
    n: usize,
    spread: i32,
    out: *mut f64,
) -> gnomon_status {
    guard("gnomon_reward_advantages", |_| {
        let spread = coded(spread, &[Spread::Population, Spread::Sample], "spread", "GNOMON_SPREAD_*")?;
        // SAFETY: the caller's array, borrowed for this call.
        let found = advantages(unsafe { slice_of(rewards, n, "rewards", MAX_GROUP) }?, spread);
        if out.is_null() && n > 0 {
            return Err(Fault::argument("place for the advantages is NULL"));
        }
        for (at, advantage) in found.into_iter().enumerate() {
            // SAFETY: not NULL, at < n elements of the caller's room.
            unsafe { out.add(at).write_unaligned(advantage) };
        }
        DONE
    })
}
