//! Answers, and the scene as text for a language model.
//!
//! An answer keeps what it was made of, nothing of the snapshot: either may be freed first. What is unknown is an answer
//! too, so it is no failure.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::{gnomon_ask_options, gnomon_question, read_ask_options, read_asked};
use super::scene::empty_place;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str, read_texts};
use super::text_handle::{gnomon_text, hand_out_text, view_of};
use crate::answer::reader::{MAX_OPTIONS, read_question};
use crate::answer::{Answer, Evidence, MarginUnit, SceneText, Value, Why, ask, ask_text};
use std::ffi::c_void;
use std::sync::OnceLock;

/// What was answered, with its evidence. Never changes; any thread, any number at a time. Outlives its snapshot.
pub struct gnomon_answer {
    poison: Poison,
    answer: Answer,
    numbers: Vec<f64>,
    words: Words,
    text: OnceLock<String>,
    short: OnceLock<String>,
    json: OnceLock<String>,
}

/// Texts and the views of them that are handed out.
struct Words {
    views: Vec<gnomon_str>,
    _texts: Vec<String>,
}
// SAFETY: the views are of texts that stand beside them and never change.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}

impl Words {
    fn of(texts: Vec<String>) -> Self {
        Self { views: texts.iter().map(|text| gnomon_str::of(text)).collect(), _texts: texts }
    }
}

impl Handle for gnomon_answer {
    const NAME: &'static str = "answer";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_answer>();
};

/// An answer in numbers. Set up with GNOMON_INIT. What an answer does not have is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_answer_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// 1 when something is answered; 0 when it is unknown, and why.
    pub known: u32,
    /// GNOMON_UNKNOWN_*.
    pub why: i32,
    /// GNOMON_VALUE_*: what numbers and words hold.
    pub value: i32,
    /// Index of the option that says so, from 0; -1 without one.
    pub option: i32,
    /// GNOMON_MARGIN_*.
    pub margin_unit: i32,
    /// 1 when there is a spread, else 0.
    pub has_spread: u32,
    /// The value's numbers, or NULL; metres whatever the unit of the question. Lives as long as the answer.
    pub numbers: *const f64,
    /// How many.
    pub numbers_len: usize,
    /// The value's words, or NULL; lives as long as the answer.
    pub words: *const gnomon_str,
    /// How many.
    pub words_len: usize,
    /// Probability that it is right, 0 to 1; of a measure: within gnomon_ask_options.tolerance.
    pub probability: f64,
    /// How far the world would have to be off for another answer, in margin_unit; never negative.
    pub margin: f64,
    /// Of a measure: where it lies with 90 % probability, in the units of the numbers.
    pub spread: [f64; 2],
    /// How many things it rests on: gnomon_answer_evidence.
    pub evidence: u64,
}

/// A thing that an answer rests on, and the frames that saw it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_evidence {
    /// Its id.
    pub id: u64,
    /// Its name; lives as long as the answer.
    pub name: gnomon_str,
    /// Stamp of the first frame that saw it.
    pub first_seen_ns: i64,
    /// Stamp of the newest frame that saw it.
    pub last_seen_ns: i64,
    /// How many frames saw it.
    pub observations: u64,
}

growing! {
    gnomon_answer_facts 104;
    gnomon_evidence 48;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_answer_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            known: 0,
            why: GNOMON_UNKNOWN_NONE,
            value: GNOMON_VALUE_NONE,
            option: -1,
            margin_unit: GNOMON_MARGIN_NONE,
            has_spread: 0,
            numbers: std::ptr::null(),
            numbers_len: 0,
            words: std::ptr::null(),
            words_len: 0,
            probability: 0.0,
            margin: 0.0,
            spread: [0.0; 2],
            evidence: 0,
        }
    }
}

impl gnomon_answer_facts {
    fn of(handle: &gnomon_answer) -> Self {
        let bare = Self { evidence: handle.answer.evidence.len() as u64, ..Self::defaults() };
        let found = match &handle.answer.outcome {
            Ok(found) => found,
            Err(unknown) => return Self { why: why_code(unknown.why), ..bare },
        };
        let (numbers, words) = (&handle.numbers, &handle.words.views);
        Self {
            known: 1,
            value: value_code(&found.value),
            option: found.option.and_then(|option| option.try_into().ok()).unwrap_or(-1),
            margin_unit: found.margin.map_or(GNOMON_MARGIN_NONE, |margin| margin_code(margin.unit)),
            has_spread: u32::from(found.spread.is_some()),
            numbers: if numbers.is_empty() { std::ptr::null() } else { numbers.as_ptr() },
            numbers_len: numbers.len(),
            words: if words.is_empty() { std::ptr::null() } else { words.as_ptr() },
            words_len: words.len(),
            probability: found.probability,
            margin: found.margin.map_or(0.0, |margin| margin.value),
            spread: found.spread.unwrap_or_default(),
            ..bare
        }
    }
}

impl gnomon_evidence {
    fn of(evidence: &Evidence) -> Self {
        Self {
            id: evidence.id.0,
            name: gnomon_str::of(&evidence.name),
            first_seen_ns: evidence.first_seen_ns,
            last_seen_ns: evidence.last_seen_ns,
            observations: u64::from(evidence.observations),
        }
    }
}

pub(super) fn why_code(why: Why) -> i32 {
    match why {
        Why::NotUnderstood => GNOMON_UNKNOWN_NOT_UNDERSTOOD,
        Why::NeverSeen => GNOMON_UNKNOWN_NEVER_SEEN,
        Why::NotYetObserved => GNOMON_UNKNOWN_NOT_YET_OBSERVED,
        Why::AmbiguousName => GNOMON_UNKNOWN_AMBIGUOUS_NAME,
        Why::BelowConfidence => GNOMON_UNKNOWN_BELOW_CONFIDENCE,
        Why::NoView => GNOMON_UNKNOWN_NO_VIEW,
        Why::NoOption => GNOMON_UNKNOWN_NO_OPTION,
        Why::NoAnswer => GNOMON_UNKNOWN_NO_ANSWER,
    }
}

pub(super) fn margin_code(unit: MarginUnit) -> i32 {
    match unit {
        MarginUnit::Metres => GNOMON_MARGIN_METRES,
        MarginUnit::Degrees => GNOMON_MARGIN_DEGREES,
        MarginUnit::CubicMetres => GNOMON_MARGIN_CUBIC_METRES,
        MarginUnit::Nanoseconds => GNOMON_MARGIN_NANOSECONDS,
    }
}

pub(super) fn value_code(value: &Value) -> i32 {
    match value {
        Value::Count(_) => GNOMON_VALUE_COUNT,
        Value::Length(_) => GNOMON_VALUE_LENGTH,
        Value::Lengths(_) => GNOMON_VALUE_LENGTHS,
        Value::Area(_) => GNOMON_VALUE_AREA,
        Value::Thing(_) => GNOMON_VALUE_THING,
        Value::Direction(_) => GNOMON_VALUE_DIRECTION,
        Value::YesNo(_) => GNOMON_VALUE_YES_NO,
        Value::PicturePoint(_) => GNOMON_VALUE_PICTURE_POINT,
        Value::WorldPoint(_) => GNOMON_VALUE_WORLD_POINT,
        Value::Order(_) => GNOMON_VALUE_ORDER,
        Value::Turns(_) => GNOMON_VALUE_TURNS,
        Value::Absent(_) => GNOMON_VALUE_ABSENT,
    }
}

/// Writes a new handle to `out`.
///
/// # Safety
/// `out` is writable.
pub(super) unsafe fn hand_out_answer(answer: Answer, out: *mut *mut gnomon_answer) {
    let (numbers, words) = answer.found().map(|found| found.value.parts()).unwrap_or_default();
    let handle = Box::new(gnomon_answer {
        poison: Poison::default(),
        answer,
        numbers,
        words: Words::of(words),
        text: OnceLock::new(),
        short: OnceLock::new(),
        json: OnceLock::new(),
    });
    // SAFETY: passed on to the caller.
    unsafe { out.write_unaligned(Box::into_raw(handle)) };
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_facts_init(facts: *mut gnomon_answer_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Answers a question in words from what the snapshot knows. choices are n answers to choose from (at most 64), with or
/// without letters; they may stand in the question as well, in all at most 16 KiB. options may be NULL: all defaults.
/// What cannot be answered is an answer too: GNOMON_OK, with gnomon_answer_facts.known 0. Free it with
/// gnomon_answer_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_ask(
    snapshot: *const gnomon_snapshot,
    question: gnomon_str,
    choices: *const gnomon_str,
    n: usize,
    options: *const gnomon_ask_options,
    out: *mut *mut gnomon_answer,
) -> gnomon_status {
    guard("gnomon_ask", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "answer") }?;
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        // SAFETY: the caller's text, borrowed for this call.
        let question = unsafe { question.read("question", MAX_LONG_TEXT_BYTES) }?;
        // SAFETY: the caller's texts, borrowed for this call.
        let choices = unsafe { read_texts(choices, n, "choices", MAX_OPTIONS) }?;
        let choices: Vec<String> = choices.into_iter().map(str::to_owned).collect();
        // SAFETY: the caller's options.
        let options = unsafe { read_ask_options(options) }?;
        let answer = ask_text(snapshot, question, &choices, &options)?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out_answer(answer, out) };
        DONE
    })
}

/// Answers a question in types, set up with GNOMON_INIT; else as gnomon_ask.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_ask_typed(
    snapshot: *const gnomon_snapshot,
    question: *const gnomon_question,
    options: *const gnomon_ask_options,
    out: *mut *mut gnomon_answer,
) -> gnomon_status {
    guard("gnomon_ask_typed", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "answer") }?;
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        // SAFETY: the caller's question, borrowed for this call.
        let asked = unsafe { read_asked(question) }?;
        // SAFETY: the caller's options.
        let options = unsafe { read_ask_options(options) }?;
        let answer = ask(snapshot, asked, &options)?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out_answer(answer, out) };
        DONE
    })
}

/// Frees an answer and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_free(answer: *mut gnomon_answer) {
    release(|| {
        if !answer.is_null() {
            // SAFETY: came from this library, freed once, by the header's word.
            drop(unsafe { Box::from_raw(answer) });
        }
    })
}

/// Writes the answer's numbers to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_info(
    answer: *const gnomon_answer,
    out: *mut gnomon_answer_facts,
) -> gnomon_status {
    guard("gnomon_answer_info", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(answer) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&gnomon_answer_facts::of(handle)) };
        DONE
    })
}

/// The things it rests on, in the order in which the question names them. out, evidence_size and n as in
/// gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_evidence(
    answer: *const gnomon_answer,
    out: *mut gnomon_evidence,
    evidence_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_answer_evidence", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(answer) }?;
        let evidence = handle.answer.evidence.iter().map(gnomon_evidence::of);
        // SAFETY: the caller's room.
        unsafe { growth::fill(evidence, out, evidence_size, n) }?;
        DONE
    })
}

/// The answer as a sentence: what, how surely, how close the call, from what; lives as long as the answer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_text(answer: *const gnomon_answer, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_answer_text", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, answer, out, |a| a.text.get_or_init(|| a.answer.sentence())) }
    })
}

/// The answer as benchmarks want it: the option's letter, the number in the unit asked for, or the word; "unknown" when
/// nothing is said. Lives as long as the answer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_short(answer: *const gnomon_answer, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_answer_short", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, answer, out, |a| a.short.get_or_init(|| a.answer.short())) }
    })
}

/// The whole answer as JSON, with the question as it was understood; lives as long as the answer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_answer_json(answer: *const gnomon_answer, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_answer_json", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, answer, out, |a| a.json.get_or_init(|| a.answer.to_json().to_string())) }
    })
}

/// Counts what a text costs: tokens of a model, say. The text is borrowed for the call. Called on the thread that asks,
/// inside the call that asks; may call this library. Must return (no longjmp, no exception), the same for the same text.
pub type gnomon_count_fn = Option<unsafe extern "C" fn(user: *mut c_void, text: gnomon_str) -> usize>;

/// The scene as text for a language model, one line a thing, as much as fits into budget; first what the question needs.
/// budget is in what count counts; with count NULL, in bytes. One more is reckoned for the end of each line. An empty
/// question, or one that is not understood, gives all things an equal chance, largest first. options may be NULL: all
/// defaults. Free the text with gnomon_text_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_text(
    snapshot: *const gnomon_snapshot,
    question: gnomon_str,
    budget: usize,
    count: gnomon_count_fn,
    user: *mut c_void,
    options: *const gnomon_ask_options,
    out: *mut *mut gnomon_text,
) -> gnomon_status {
    guard("gnomon_scene_text", |call| {
        let make = || {
            // SAFETY: the caller's handle.
            let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
            // SAFETY: the caller's text, borrowed for this call.
            let question = unsafe { question.read("question", MAX_LONG_TEXT_BYTES) }?;
            // SAFETY: the caller's options.
            let options = unsafe { read_ask_options(options) }?;
            let asked = read_question(question, &[], snapshot, &options.vocabulary)?;
            let measure = |text: &str| match count {
                // SAFETY: the function and the pointer the caller gave together; the text lives through the call. Half
                // of the range is more than any budget's text, and leaves room to add to it.
                Some(count) => unsafe { count(user, gnomon_str::of(text)) }.min(usize::MAX / 2),
                None => text.len(),
            };
            let asked = asked.as_ref().map(|asked| &asked.question);
            Ok(SceneText::of(snapshot, asked, &options, budget, &measure)?.to_string())
        };
        // SAFETY: the caller's place.
        unsafe { hand_out_text(out, make) }
    })
}
