//! Statements of others, such as a language model, held against a scene.
//!
//! The handle keeps the judgements and their sentences, nothing of the snapshot: either may be freed first. What cannot be
//! tested is a judgement too, so it is no failure.

use super::answer::{margin_code, why_code};
use super::growth::{self, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::{gnomon_ask_options, read_ask_options};
use super::scene::empty_place;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str};
use super::text_handle::view_of;
use crate::answer::{Judgement, Reason, Verdict, verdict_text};
use std::sync::OnceLock;

/// Statements with their verdicts. Never changes; any thread, any number at a time. Outlives its snapshot.
pub struct gnomon_judgements {
    poison: Poison,
    judged: Vec<Judged>,
    json: OnceLock<String>,
}

struct Judged {
    judgement: Judgement,
    sentence: String,
    measured: String,
}

impl Handle for gnomon_judgements {
    const NAME: &'static str = "judgements";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_judgements>();
};

/// A statement with its verdict. Its texts live as long as the judgements.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_judgement {
    /// The words judged.
    pub statement: gnomon_str,
    /// The judgement in one line of prose: verdict, what was measured and from what, or why it cannot be tested.
    pub sentence: gnomon_str,
    /// What the map says instead or as well, with its unit ("0.370 m", "left", "yes"); empty where it says nothing.
    pub measured: gnomon_str,
    /// GNOMON_VERDICT_*.
    pub verdict: i32,
    /// GNOMON_UNKNOWN_*: why it is untestable; _NONE where it is not.
    pub reason: i32,
    /// 1 when the map can tell a probability, else 0.
    pub has_probability: u32,
    /// GNOMON_MARGIN_*.
    pub margin_unit: i32,
    /// Probability that the statement is true, 0 to 1; of a choice that differs from the map's, its upper bound.
    pub probability: f64,
    /// How far the world would have to be off for another measured answer, in margin_unit; never negative.
    pub margin: f64,
}

growing! {
    gnomon_judgement 80;
}

impl Judged {
    fn of(judgement: Judgement) -> Self {
        let sentence = judgement.sentence();
        let measured = judgement.measured().unwrap_or_default();
        Self { judgement, sentence, measured }
    }
}

impl gnomon_judgement {
    fn of(judged: &Judged) -> Self {
        let judgement = &judged.judgement;
        let margin = judgement.found.as_ref().and_then(|found| found.margin);
        Self {
            statement: gnomon_str::of(&judgement.statement),
            sentence: gnomon_str::of(&judged.sentence),
            measured: gnomon_str::of(&judged.measured),
            verdict: verdict_code(judgement.verdict),
            reason: judgement.untestable.as_ref().map_or(GNOMON_UNKNOWN_NONE, |(reason, _)| reason_code(*reason)),
            has_probability: u32::from(judgement.probability.is_some()),
            margin_unit: margin.map_or(GNOMON_MARGIN_NONE, |margin| margin_code(margin.unit)),
            probability: judgement.probability.unwrap_or_default(),
            margin: margin.map_or(0.0, |margin| margin.value),
        }
    }
}

pub(super) fn verdict_code(verdict: Verdict) -> i32 {
    match verdict {
        Verdict::Agrees => GNOMON_VERDICT_AGREES,
        Verdict::Contradicts => GNOMON_VERDICT_CONTRADICTS,
        Verdict::Untestable => GNOMON_VERDICT_UNTESTABLE,
    }
}

fn reason_code(reason: Reason) -> i32 {
    match reason {
        Reason::NoClaim => GNOMON_UNKNOWN_NO_CLAIM,
        Reason::TooCloseToCall => GNOMON_UNKNOWN_TOO_CLOSE_TO_CALL,
        Reason::Unknown(why) => why_code(why),
    }
}

/// Holds what others say, such as a language model, against what the snapshot knows: one judgement for each claim of the
/// text, and one for each clause that claims nothing, in order; none for an empty text. The text has at most 16 KiB and
/// 256 clauses. options may be NULL: all defaults. What cannot be tested is a judgement too, with the reason. Free it
/// with gnomon_judgements_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_check(
    snapshot: *const gnomon_snapshot,
    statement: gnomon_str,
    options: *const gnomon_ask_options,
    out: *mut *mut gnomon_judgements,
) -> gnomon_status {
    guard("gnomon_check", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "judgements") }?;
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        // SAFETY: the caller's text, borrowed for this call.
        let statement = unsafe { statement.read("statement", MAX_LONG_TEXT_BYTES) }?;
        // SAFETY: the caller's options.
        let options = unsafe { read_ask_options(options) }?;
        let judged = verdict_text(snapshot, statement, &options)?.into_iter().map(Judged::of).collect();
        let handle = Box::new(gnomon_judgements { poison: Poison::default(), judged, json: OnceLock::new() });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// The judgements, in the order of the text. out, judgement_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_judgements_list(
    judgements: *const gnomon_judgements,
    out: *mut gnomon_judgement,
    judgement_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_judgements_list", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(judgements) }?;
        // SAFETY: the caller's room.
        unsafe { growth::fill(handle.judged.iter().map(gnomon_judgement::of), out, judgement_size, n) }?;
        DONE
    })
}

/// The judgements as a JSON array, each with the claim as it was understood, the measured value and its evidence; lives as
/// long as the judgements.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_judgements_json(
    judgements: *const gnomon_judgements,
    out: *mut gnomon_str,
) -> gnomon_status {
    guard("gnomon_judgements_json", |call| {
        let json = |judged: &[Judged]| judged.iter().map(|one| one.judgement.to_json()).collect::<serde_json::Value>();
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, judgements, out, |h| h.json.get_or_init(|| json(&h.judged).to_string())) }
    })
}

/// Frees judgements and every view into them. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_judgements_free(judgements: *mut gnomon_judgements) {
    release(|| {
        if !judgements.is_null() {
            // SAFETY: came from gnomon_check, freed once, by the header's word.
            drop(unsafe { Box::from_raw(judgements) });
        }
    })
}
