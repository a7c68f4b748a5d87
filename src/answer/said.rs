//! What somebody's words answer to a question, and whether the map agrees: `left`, `about 2.3 m`, `B`, or a sentence.
//!
//! A sentence that claims something of the question's kind is read as a statement ([`verdict_text`]). Everything else is
//! read as the answer that the question asks for: a number with its unit, a whole number, yes or no, a direction, one of
//! the things named, the letter of an option. Not here: what the map itself answers (`ask.rs`).

use super::ask::{AskOptions, ask};
use super::options::{direction_word, yes_or_no};
use super::question::{Asked, MAX_QUESTION_BYTES, Observer, Phrase, Question, Sectors};
use super::reader::{first_number, named_in, option_letter_of};
use super::reply::{Answer, Found, Value};
use super::verdict::{Bound, Claim, Judgement, Reason, Verdict, judge, verdict_text};
use crate::error::Result;
use crate::scene::{Snapshot, canonical};
use crate::score::{LengthUnit, Reading};

/// The most words of an answer that stands alone; more are read as sentences only.
const MAX_ANSWER_WORDS: usize = 12;

/// Words that make a number a loose one.
const LOOSE: [&str; 6] = ["about", "around", "roughly", "approximately", "nearly", "~"];

/// What words answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The value that they give; none where they were not understood, or name an option alone.
    pub value: Option<Value>,
    /// The option that they choose.
    pub option: Option<usize>,
    /// Whether the map agrees.
    pub verdict: Verdict,
    /// What was judged, each with its evidence.
    pub judgements: Vec<Judgement>,
}

impl Said {
    fn nothing() -> Self {
        Self { value: None, option: None, verdict: Verdict::Untestable, judgements: Vec::new() }
    }
}

/// Reads what was said to a question, and judges it. `asked` is the question as it was understood; of one that was not,
/// statements alone are judged. Words beyond [`MAX_QUESTION_BYTES`] are not read. Errors: options out of range.
pub fn judge_said(snapshot: &Snapshot, asked: Option<&Asked>, words: &str, options: &AskOptions) -> Result<Said> {
    options.check()?;
    let cleaned = Reading::Lenient.clean(&words[..words.floor_char_boundary(MAX_QUESTION_BYTES)]);
    let words = cleaned.trim();
    if let Some(asked) = asked.filter(|asked| !asked.options.is_empty()) {
        return match option_letter_of(words, &asked.options) {
            Some(option) => judge_option(snapshot, asked, option, words, options),
            None => Ok(Said::nothing()),
        };
    }
    // Too many statements are none.
    let stated = verdict_text(snapshot, words, options).unwrap_or_default();
    let operator = asked.map(|asked| asked.question.operator());
    let of_question = |judgement: &&Judgement| {
        judgement.claim.as_ref().is_some_and(|claim| operator.is_none_or(|wanted| claim.question.operator() == wanted))
    };
    let fitting: Vec<Judgement> = stated.iter().filter(of_question).cloned().collect();
    if !fitting.is_empty() {
        return Ok(of_judgements(fitting));
    }
    let is_short = words.split_whitespace().count() <= MAX_ANSWER_WORDS;
    if let Some(asked) = asked.filter(|_| is_short)
        && let Some(says) = value_of(words, asked, snapshot, options)
    {
        let lower = words.to_lowercase();
        let loose = LOOSE.iter().any(|word| lower.contains(word));
        let question = asked.question.clone();
        let claim = Claim { question, says: says.clone(), bound: Bound::Equal, loose, negated: false };
        let judgement = Judgement { statement: words.to_owned(), ..judge(snapshot, claim, options)? };
        return Ok(Said { value: Some(says), ..of_judgements(vec![judgement]) });
    }
    Ok(of_judgements(stated.into_iter().filter(|judgement| judgement.claim.is_some()).collect()))
}

/// The verdict on all: one that contradicts outweighs those that agree.
fn of_judgements(judgements: Vec<Judgement>) -> Said {
    let any = |verdict: Verdict| judgements.iter().any(|judgement| judgement.verdict == verdict);
    let verdict = match (any(Verdict::Contradicts), any(Verdict::Agrees)) {
        (true, _) => Verdict::Contradicts,
        (false, true) => Verdict::Agrees,
        (false, false) => Verdict::Untestable,
    };
    let value = judgements.first().and_then(|judgement| Some(judgement.claim.as_ref()?.says.clone()));
    Said { value, option: None, verdict, judgements }
}

/// A choice among options is right with the probability of the map's own choice, or wrong with it.
fn judge_option(snapshot: &Snapshot, asked: &Asked, option: usize, words: &str, options: &AskOptions) -> Result<Said> {
    let answer = ask(snapshot, asked.clone(), &AskOptions { least_probability: 0.0, ..options.clone() })?;
    let Answer { outcome, evidence, .. } = answer;
    let judging = &options.judging;
    let (verdict, untestable, probability, found) = match outcome {
        Err(unknown) => (Verdict::Untestable, Some((Reason::Unknown(unknown.why), unknown.sentence)), None, None),
        Ok(found) => {
            let is_same = found.option == Some(option);
            let probability = if is_same { found.probability } else { 1.0 - found.probability };
            let verdict = match is_same {
                true if probability >= judging.agree_from => Verdict::Agrees,
                false if probability < judging.contradict_below => Verdict::Contradicts,
                _ => Verdict::Untestable,
            };
            let sentence = || format!("the map chooses with probability {:.2}", found.probability);
            let why = (verdict == Verdict::Untestable).then(|| (Reason::TooCloseToCall, sentence()));
            (verdict, why, Some(probability), Some(found))
        }
    };
    let statement = words.to_owned();
    let value = found.as_ref().filter(|found: &&Found| found.option == Some(option)).map(|found| found.value.clone());
    let judgement = Judgement { statement, claim: None, verdict, untestable, probability, found, evidence };
    Ok(Said { value, option: Some(option), verdict, judgements: vec![judgement] })
}

/// The value of a kind that the question asks for.
fn value_of(words: &str, asked: &Asked, snapshot: &Snapshot, options: &AskOptions) -> Option<Value> {
    let metres = asked.unit.unwrap_or(LengthUnit::Metre).metres();
    match &asked.question {
        Question::Count { .. } => {
            let number = Reading::Lenient.number(words, None)?;
            (number >= 0.0 && number.fract() == 0.0 && number < 1e6).then_some(Value::Count(number as u32))
        }
        Question::Distance { .. } | Question::Range { .. } | Question::Length { .. } | Question::LengthGiven { .. } => {
            let number = first_number(words).filter(|number| !number.squared)?;
            Some(Value::Length(number.value * number.unit.map_or(metres, LengthUnit::metres)))
        }
        Question::RoomArea => {
            let number = first_number(words)?;
            Some(Value::Area(number.value * number.unit.map_or(metres, LengthUnit::metres).powi(2)))
        }
        Question::Exists { .. } | Question::Contact { .. } | Question::SideOf { .. } | Question::More { .. } => {
            let first = words.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty())?;
            yes_or_no(first).map(Value::YesNo)
        }
        Question::Closest { among, .. } | Question::Most { among, .. } | Question::WhichSide { among, .. } => {
            only_one_of(among, words, snapshot, options).map(Value::Thing)
        }
        Question::Direction { sectors, .. } => direction_of(words, *sectors),
        Question::LeftOrRight { from: Observer::Things { .. } | Observer::Frame(_) | Observer::Viewer, .. } => {
            direction_of(words, Sectors::Two)
        }
        _ => None,
    }
}

fn direction_of(words: &str, sectors: Sectors) -> Option<Value> {
    let said = direction_word(words)?;
    let sectors: &[&'static str] = match sectors {
        Sectors::Two => &["left", "right"],
        Sectors::Three => &["left", "right", "back"],
        Sectors::Four => &["front-left", "front-right", "back-left", "back-right"],
        Sectors::FrontBack => &["front", "back"],
    };
    sectors.iter().find(|sector| **sector == said).map(|sector| Value::Direction(sector))
}

/// The one of these that the words name; none where they name several.
fn only_one_of(among: &[Phrase], words: &str, snapshot: &Snapshot, options: &AskOptions) -> Option<Phrase> {
    let same = |a: &Phrase, b: &Phrase| canonical(&a.0) == canonical(&b.0) || options.vocabulary.same(&a.0, &b.0);
    let mentioned = named_in(words, among, snapshot, &options.vocabulary);
    let mut named = among.iter().filter(|one| mentioned.iter().any(|mention| same(mention, one)));
    named.next().filter(|_| named.next().is_none()).cloned()
}
