//! Asking a scene and a vision-language model together: two answers, and whether the map agrees with the model's.

use super::album::gnomon_album;
use super::answer::{gnomon_answer, hand_out_answer, value_code};
use super::growth::{self, Headed, growing};
use super::guard::{DONE, guard};
use super::job::{ended_code, gnomon_reply_statistics};
use super::judgement::verdict_code;
use super::question::{coded, gnomon_ask_options, read_ask_options};
use super::scene::empty_place;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str, read_texts};
use super::text_handle::{gnomon_text, hand_out_text};
use super::vlm::{MAX_TOKENS, expect_within, gnomon_vlm};
use crate::answer::reader::MAX_OPTIONS;
use crate::converse::{Budget, ConverseOptions, Facts, Heard, Silence, Told, ask_shown};
use crate::vlm::sampling::Sampling;
use crate::vlm::{Engine, Statistics, WhenBusy};
use std::time::Duration;

/// The most pictures of a question.
const MAX_IMAGES: u32 = 1024;

/// How a scene and a model are asked together. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_converse_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How geometry is asked, and judges; borrowed for the call. NULL, the default: the defaults.
    pub ask: *const gnomon_ask_options,
    /// The most pictures that the model is shown, at most 1024. Default 4.
    pub images: u32,
    /// The most tokens of the prompt's text, pictures and chat template not among them, at most 1048576. Default 1024.
    pub text_tokens: u32,
    /// The most tokens of the reply, 1 to 1048576. Default 64.
    pub new_tokens: u32,
    /// GNOMON_FACTS_*: what of geometry the model is told. Default: the map, not what was measured.
    pub facts: i32,
    /// The longest wait for the model, the time in line included, nanoseconds, above 0. Default one minute.
    pub within_ns: i64,
    /// As in gnomon_vlm_request.
    pub seed: u64,
    /// As in gnomon_vlm_request; 0, the default: the likeliest token always.
    pub temperature: f32,
    /// As in gnomon_vlm_request.
    pub top_p: f32,
    /// As in gnomon_vlm_request.
    pub min_p: f32,
    /// As in gnomon_vlm_request.
    pub repetition_penalty: f32,
    /// As in gnomon_vlm_request.
    pub top_k: u32,
    /// GNOMON_WHEN_BUSY_*: what to do while the model answers another request.
    pub when_busy: i32,
}

/// What a model said to a question, in numbers. Set up with GNOMON_INIT. What there is not is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_said_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// GNOMON_SILENCE_*: why there is nothing of a model; _NONE: there is.
    pub silence: i32,
    /// With GNOMON_SILENCE_FAILED: the status that it failed with, GNOMON_E_CANCELLED when its time was up; else GNOMON_OK.
    pub failure: i32,
    /// GNOMON_VERDICT_*: what the map says of the model's words; _UNTESTABLE where there are none.
    pub verdict: i32,
    /// GNOMON_VALUE_*: the kind of value that the words give; _NONE where they were not understood.
    pub value: i32,
    /// Index of the option that the words choose, from 0; -1 without one.
    pub option: i32,
    /// GNOMON_ENDED_*: why the words ended.
    pub ended: i32,
    /// The first number of the value, metres for lengths, 1 or 0 for yes or no; 0 of a value in words.
    pub number: f64,
    /// How many pictures the model was shown.
    pub images: u64,
    /// Tokens of the prompt's text; 0 where the model was not asked.
    pub text_tokens: u64,
    /// What the words took.
    pub statistics: gnomon_reply_statistics,
}

growing! {
    gnomon_converse_options 72;
    gnomon_said_facts 144;
}

const FACTS: [Facts; 3] = [Facts::Nothing, Facts::Scene, Facts::SceneAndMeasured];

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_converse_options {
    fn defaults() -> Self {
        let ConverseOptions { budget, sampling, .. } = ConverseOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            ask: std::ptr::null(),
            images: budget.images as u32,
            text_tokens: budget.text_tokens as u32,
            new_tokens: budget.new_tokens as u32,
            facts: GNOMON_FACTS_SCENE,
            within_ns: budget.time.as_nanos() as i64,
            seed: sampling.seed,
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            min_p: sampling.min_p,
            repetition_penalty: sampling.repetition_penalty,
            top_k: sampling.top_k as u32,
            when_busy: GNOMON_WHEN_BUSY_QUEUE,
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_said_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            silence: GNOMON_SILENCE_NONE,
            failure: GNOMON_OK,
            verdict: GNOMON_VERDICT_UNTESTABLE,
            value: GNOMON_VALUE_NONE,
            option: -1,
            ended: GNOMON_ENDED_END_TOKEN,
            number: 0.0,
            images: 0,
            text_tokens: 0,
            statistics: gnomon_reply_statistics::of(&Statistics::default()),
        }
    }
}

impl gnomon_said_facts {
    fn of(told: &Told) -> Self {
        let bare = Self {
            images: told.pictures.len() as u64,
            text_tokens: told.prompt.as_ref().map_or(0, |prompt| prompt.tokens as u64),
            ..Self::defaults()
        };
        match &told.heard {
            Ok(heard) => bare.with(heard),
            Err(Silence::NoModel) => Self { silence: GNOMON_SILENCE_NO_MODEL, ..bare },
            Err(Silence::Empty) => Self { silence: GNOMON_SILENCE_EMPTY, ..bare },
            Err(Silence::Failed { why, .. }) => {
                Self { silence: GNOMON_SILENCE_FAILED, failure: Fault::from(why.clone()).status, ..bare }
            }
        }
    }

    fn with(self, heard: &Heard) -> Self {
        let value = heard.said.value.as_ref();
        let number = value.and_then(|value| value.parts().0.first().copied());
        Self {
            verdict: verdict_code(heard.said.verdict),
            value: value.map_or(GNOMON_VALUE_NONE, value_code),
            option: heard.said.option.and_then(|option| option.try_into().ok()).unwrap_or(-1),
            ended: ended_code(heard.ended),
            number: number.unwrap_or(0.0),
            statistics: gnomon_reply_statistics::of(&heard.statistics),
            ..self
        }
    }
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to as many readable bytes as its `struct_size` says; so does its `ask`.
unsafe fn read_options(options: *const gnomon_converse_options) -> Result<ConverseOptions, Fault> {
    if options.is_null() {
        return Ok(ConverseOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    expect_within("images", raw.images, 0..=MAX_IMAGES)?;
    expect_within("text_tokens", raw.text_tokens, 0..=MAX_TOKENS)?;
    expect_within("new_tokens", raw.new_tokens, 1..=MAX_TOKENS)?;
    let within_ns = u64::try_from(raw.within_ns).ok().filter(|within_ns| *within_ns > 0);
    let above_0 = || Fault::argument(format!("within_ns is {}, expected above 0", raw.within_ns));
    let sampling = Sampling {
        temperature: raw.temperature,
        top_k: raw.top_k as usize,
        top_p: raw.top_p,
        min_p: raw.min_p,
        repetition_penalty: raw.repetition_penalty,
        seed: raw.seed,
    };
    sampling.check()?;
    let when = [WhenBusy::Queue, WhenBusy::Refuse];
    Ok(ConverseOptions {
        // SAFETY: passed on to the caller.
        ask: unsafe { read_ask_options(raw.ask) }?,
        budget: Budget {
            images: raw.images as usize,
            text_tokens: raw.text_tokens as usize,
            new_tokens: raw.new_tokens as usize,
            time: Duration::from_nanos(within_ns.ok_or_else(above_0)?),
        },
        facts: coded(raw.facts, &FACTS, "facts", "GNOMON_FACTS_*")?,
        sampling,
        when_busy: coded(raw.when_busy, &when, "when_busy", "GNOMON_WHEN_BUSY_*")?,
    })
}

/// Fills in the defaults of how a scene and a model are asked; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_converse_options_init(options: *mut gnomon_converse_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_said_facts_init(facts: *mut gnomon_said_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Asks a scene in words, and a model with it: geometry answers as gnomon_ask does; the model is shown those pictures of
/// the album that see what the question names, and told as much of the scene as its tokens allow; what it says is read as
/// an answer and held against the map. The two answers stand beside each other. vlm may be NULL: geometry alone.
///
/// question, choices and n as in gnomon_ask; options may be NULL: all defaults. Of what is told each may be NULL: facts of
/// the model's words, set up with GNOMON_INIT; answer, geometry's (gnomon_answer_free); words, the model's, where it failed
/// those until then, empty without any; json, all of it, with the prompt, the pictures and what was judged
/// (gnomon_text_free).
///
/// Waits for the model, options.within_ns at most; the album may be offered frames meanwhile. What the model does wrong is
/// GNOMON_OK: facts.silence tells. In a callback of a job of the same model the model counts as failed: it would wait for
/// itself. The model must not be freed meanwhile.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_ask_with_model(
    snapshot: *const gnomon_snapshot,
    album: *const gnomon_album,
    vlm: *const gnomon_vlm,
    question: gnomon_str,
    choices: *const gnomon_str,
    n: usize,
    options: *const gnomon_converse_options,
    facts: *mut gnomon_said_facts,
    answer: *mut *mut gnomon_answer,
    words: *mut *mut gnomon_text,
    json: *mut *mut gnomon_text,
) -> gnomon_status {
    guard("gnomon_ask_with_model", |call| {
        if !answer.is_null() {
            // SAFETY: the caller's place.
            unsafe { empty_place(answer, "answer") }?;
        }
        for place in [words, json].into_iter().filter(|place| !place.is_null()) {
            // SAFETY: the caller's place.
            unsafe { empty_place(place, "text") }?;
        }
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        // SAFETY: the caller's handle.
        let album = &unsafe { call.handle(album) }?.album;
        let engine: Option<&Engine> = match vlm.is_null() {
            true => None,
            // SAFETY: the caller's handle.
            false => Some(&unsafe { call.handle(vlm) }?.engine),
        };
        // SAFETY: the caller's text, borrowed for this call.
        let question = unsafe { question.read("question", MAX_LONG_TEXT_BYTES) }?;
        // SAFETY: the caller's texts, borrowed for this call.
        let choices = unsafe { read_texts(choices, n, "choices", MAX_OPTIONS) }?;
        let choices: Vec<String> = choices.into_iter().map(str::to_owned).collect();
        // SAFETY: the caller's options.
        let options = unsafe { read_options(options) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(facts) }?;
        let told = ask_shown(snapshot, |choose| choose(&album.read()), question, &choices, engine, &options)?;
        if let Some(place) = place {
            // SAFETY: checked above.
            unsafe { place.write(&gnomon_said_facts::of(&told)) };
        }
        if !json.is_null() {
            // SAFETY: the caller's place.
            unsafe { hand_out_text(json, || Ok(told.to_json().to_string())) }?;
        }
        if !words.is_null() {
            // SAFETY: the caller's place.
            unsafe { hand_out_text(words, || Ok(told.words().to_owned())) }?;
        }
        if !answer.is_null() {
            // SAFETY: checked above.
            unsafe { hand_out_answer(told.answer, answer) };
        }
        DONE
    })
}
