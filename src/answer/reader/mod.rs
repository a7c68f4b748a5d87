//! Questions in words, made into [`Question`]s.
//!
//! Understood are the forms of VSI-Bench and of MSMU-Bench (`forms.rs` lists them) in any wording that keeps their
//! key words: nothing is matched as a whole, so that word order, politeness and extra sentences do no harm. The
//! scene helps to find what is named, and never decides what is asked.
//!
//! Options may be given apart, or in the text: after `Options:`, or as lines that begin with `A.`, `A)` or `(A)`.
//! The text may come from anyone: it is bounded ([`MAX_QUESTION_BYTES`]), and read in one pass a form.

pub(super) mod claim;
mod forms;
mod route;
pub(super) mod sentence;
#[cfg(test)]
mod tests;
mod words;

use super::question::{Asked, MAX_QUESTION_BYTES, Phrase};
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::scene::Snapshot;
use crate::score::{LengthUnit, Reading};
use sentence::{Lexicon, Number, Sentence};

/// The most options one question may have.
pub const MAX_OPTIONS: usize = 64;

/// The question that the text asks; none when it is none of the forms. Errors: a text or options beyond the bounds.
pub fn read_question(
    text: &str,
    choices: &[String],
    snapshot: &Snapshot,
    vocabulary: &Vocabulary,
) -> Result<Option<Asked>> {
    let bytes = text.len() + choices.iter().map(String::len).sum::<usize>();
    if bytes > MAX_QUESTION_BYTES {
        return Err(Error::argument(format!(
            "the question has {bytes} bytes with its options, expected at most {MAX_QUESTION_BYTES}"
        )));
    }
    let (body, in_text) = split_options(text);
    let options: Vec<String> = match choices.is_empty() {
        true => in_text,
        false => choices.iter().map(|choice| strip_letter(choice).to_owned()).collect(),
    };
    if options.len() > MAX_OPTIONS {
        return Err(Error::argument(format!("{} options, expected at most {MAX_OPTIONS}", options.len())));
    }
    let lexicon = Lexicon::of(snapshot, vocabulary).and(thing_options(&options).map(String::as_str));
    let whole = Sentence::read(body, &lexicon);
    let main = Sentence::read(main_part(body), &lexicon);
    let Some(question) = route::read(body, &lexicon).or_else(|| forms::read(&main, &whole, &options)) else {
        return Ok(None);
    };
    Ok(Some(Asked { question, unit: wanted_unit(&whole), options }))
}

/// The first number in a text, with its unit.
pub(super) fn first_number(text: &str) -> Option<Number> {
    sentence::numbers_in(text).first().copied()
}

/// The things that a text names: those that the scene and the vocabulary know, and these.
pub(super) fn named_in(text: &str, these: &[Phrase], snapshot: &Snapshot, vocabulary: &Vocabulary) -> Vec<Phrase> {
    let lexicon = Lexicon::of(snapshot, vocabulary).and(these.iter().map(|phrase| phrase.0.as_str()));
    Sentence::read(text, &lexicon).things()
}

/// The option that an answer chooses by its letter or its words.
pub(super) fn option_letter_of(words: &str, options: &[String]) -> Option<usize> {
    let letter = |at: usize| super::reply::option_letter(at);
    let lettered: Vec<String> = (0..).zip(options).map(|(at, option)| format!("{}. {option}", letter(at))).collect();
    (0..options.len()).find(|at| Reading::Lenient.score_choice(words, &letter(*at), &lettered) == 1.0)
}

/// Everything up to the last question mark; what follows explains and asks nothing. Without one, everything.
fn main_part(body: &str) -> &str {
    body.rfind('?').map_or(body, |end| &body[..=end])
}

/// The text without its options, and the options.
fn split_options(text: &str) -> (&str, Vec<String>) {
    let mut body_end = text.len();
    let mut options = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let is_header = trimmed.eq_ignore_ascii_case("options:") || trimmed.eq_ignore_ascii_case("choices:");
        let stripped = strip_letter(trimmed);
        if is_header || stripped.len() < trimmed.len() {
            body_end = body_end.min(at);
        }
        if stripped.len() < trimmed.len() {
            options.push(stripped.to_owned());
        }
        at += line.len();
    }
    let body = &text[..body_end];
    // The last option of a text may stand behind the question on the same line.
    match body.find("Options:") {
        Some(end) => (&body[..end], options),
        None => (body, options),
    }
}

/// `A. left`, `A) left`, `(A) left`, `A: left` without the letter.
fn strip_letter(option: &str) -> &str {
    let option = option.trim();
    let inner = option.strip_prefix('(').unwrap_or(option);
    let mut chars = inner.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), Some('.' | ')' | ':')) if letter.is_ascii_uppercase() => chars.as_str().trim(),
        _ => option,
    }
}

/// Options that may name things: without numbers and without words of direction.
fn thing_options(options: &[String]) -> impl Iterator<Item = &String> {
    let names = |option: &&String| {
        !option.contains(',')
            && super::options::direction_word(option).is_none()
            && super::options::yes_or_no(option).is_none()
            && !option.contains(|c: char| c.is_ascii_digit() && !option.contains('#'))
    };
    options.iter().filter(names)
}

/// The unit that the text asks for: one that no number stands before.
fn wanted_unit(sentence: &Sentence) -> Option<LengthUnit> {
    let beside = |at: usize, words: &[&str]| sentence.words.get(at).is_some_and(|word| words.contains(&word.as_str()));
    sentence.keys().find_map(|(at, word)| {
        let unit = LengthUnit::of_word(word).or((word == "footage").then_some(LengthUnit::Foot))?;
        let before = at.checked_sub(1)?;
        let number = if beside(before, &["square"]) { before.checked_sub(1) } else { Some(before) };
        let told = number.is_some_and(|at| sentence.numbers.binary_search_by_key(&at, |number| number.at).is_ok());
        // "in", "m", "foot" and "footage" are words before they are units.
        let is_unit = match word {
            "in" => beside(before, &["("]) && beside(at + 1, &[")"]),
            "m" | "foot" => beside(before, &["(", "in", "square"]),
            "footage" => beside(before, &["square"]),
            _ => true,
        };
        (is_unit && !told).then_some(unit)
    })
}
