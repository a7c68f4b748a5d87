//! What a statement about the scene is worth: it agrees with the map, contradicts it, or cannot be tested.
//!
//! A [`Claim`] is a question and the answer that the statement gives to it. The operator of the question finds what the
//! map says, and the same drawn scenes (`draws.rs`) give the probability that the statement is true: of a choice, that
//! it is the one; of a number, the share of draws that lie within its tolerance.
//!
//! A statement is contradicted only where the map is sure ([`Judging::contradict_below`]), and a number only where even
//! "about" that number would be wrong. What was never seen, what lies between, and what is no claim is untestable, with
//! the reason. Not here: which words make a claim (`reader/claim.rs`).

use super::ask::AskOptions;
use super::facts::Facts;
use super::operators::Work;
use super::question::{Asked, MAX_NAMED, MAX_QUESTION_BYTES, Phrase, Question};
use super::reader::claim::{clauses, read_clause};
use super::reader::sentence::Lexicon;
use super::reply::{Answer, Evidence, Found, MarginUnit, Unknown, Value, Why};
use crate::error::{Error, Result};
use crate::scene::{ObjectId, Snapshot, canonical};
use serde::Serialize;
use std::collections::BTreeMap;

/// The most statements of one text.
pub const MAX_STATEMENTS: usize = 256;

/// How a told number bounds the true one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// It is the number.
    Equal,
    /// It is the number or more.
    AtLeast,
    /// It is the number or less.
    AtMost,
}

/// What is claimed: that the question has this answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// The question.
    pub question: Question,
    /// The answer that is claimed; metres, square metres.
    pub says: Value,
    /// How a number is meant. Of no meaning for other answers.
    pub bound: Bound,
    /// True when the number is a loose one: "about 2 m".
    pub loose: bool,
    /// True when the opposite is claimed: "not 2 m".
    pub negated: bool,
}

/// When a statement agrees and when it contradicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judging {
    /// A told number holds within this share of the true one.
    pub tolerance: f64,
    /// One told with "about" holds within this share. A number outside it, and no other, can be contradicted.
    pub loose_tolerance: f64,
    /// A told length may be off by this as well, metres; nothing is contradicted that is closer to true than this.
    pub slack_m: f64,
    /// Agrees from this probability on that the statement is true.
    pub agree_from: f64,
    /// Contradicts below this probability that the statement is true.
    pub contradict_below: f64,
}

impl Default for Judging {
    fn default() -> Self {
        Self { tolerance: 0.1, loose_tolerance: 0.25, slack_m: 0.02, agree_from: 0.8, contradict_below: 0.1 }
    }
}

impl Judging {
    /// Refuses numbers that cannot be meant.
    pub(super) fn check(&self) -> Result<()> {
        let shares = [
            ("tolerance", self.tolerance),
            ("loose_tolerance", self.loose_tolerance),
            ("agree_from", self.agree_from),
            ("contradict_below", self.contradict_below),
        ];
        for (name, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::argument(format!("judging.{name} is {value}, expected 0 to 1")));
            }
        }
        match (0.0..=1000.0).contains(&self.slack_m) {
            true => Ok(()),
            false => Err(Error::argument(format!("judging.slack_m is {}, expected 0 to 1000 metres", self.slack_m))),
        }
    }

    fn told(&self, claim: &Claim, value: f64, tolerance: f64) -> Told {
        Told { value, bound: claim.bound, tolerance, slack: self.slack_m }
    }
}

/// A told number, and how far it may be off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    value: f64,
    bound: Bound,
    tolerance: f64,
    slack: f64,
}

impl Told {
    /// Holds of any number.
    const ANY: Self = Self { value: 0.0, bound: Bound::Equal, tolerance: 0.0, slack: f64::INFINITY };

    /// Whether it is right if this is the truth.
    pub(super) fn holds(&self, truth: f64) -> bool {
        let leeway = self.tolerance * truth.abs() + self.slack;
        let short = truth - self.value;
        match self.bound {
            Bound::Equal => short.abs() <= leeway,
            Bound::AtLeast => short >= -leeway,
            Bound::AtMost => short <= leeway,
        }
    }
}

/// What a statement is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The map says so too.
    Agrees,
    /// The map says otherwise, and is sure.
    Contradicts,
    /// The map cannot tell.
    Untestable,
}

impl Verdict {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Contradicts => "contradicts",
            Self::Untestable => "untestable",
        }
    }
}

/// Why a statement cannot be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It claims nothing that the map could know.
    NoClaim,
    /// The map may be wrong by as much as the statement differs.
    TooCloseToCall,
    /// The map does not know.
    #[serde(untagged)]
    Unknown(Why),
}

impl Reason {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoClaim => "no-claim",
            Self::TooCloseToCall => "too-close-to-call",
            Self::Unknown(why) => why.word(),
        }
    }
}

/// A statement with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The words judged; empty where a [`Claim`] was.
    pub statement: String,
    /// What it was understood to claim.
    pub claim: Option<Claim>,
    /// Agrees, contradicts or untestable.
    pub verdict: Verdict,
    /// Of an untestable one: the reason, and a sentence that says it.
    pub untestable: Option<(Reason, String)>,
    /// Probability that the statement is true, where the map can tell. Of a choice that differs from the map's, its upper bound.
    pub probability: Option<f64>,
    /// What the map says to the claim's question.
    pub found: Option<Found>,
    /// The things it rests on.
    pub evidence: Vec<Evidence>,
}

impl Judgement {
    /// The judgement in one line of prose.
    pub fn sentence(&self) -> String {
        let why = self.untestable.as_ref().map(|(reason, sentence)| format!(" ({}): {sentence}", reason.word()));
        let measured = self.as_answer().map(|answer| format!(": {}", answer.sentence()));
        let true_with = match (self.verdict, self.probability) {
            (Verdict::Untestable, _) | (_, None) => String::new(),
            (_, Some(probability)) => format!(" (true with p {probability:.2})"),
        };
        let word = self.verdict.word();
        let tail = why.or(measured).unwrap_or_default();
        match self.statement.is_empty() {
            true => format!("{word}{true_with}{tail}"),
            false => format!("\"{}\" {word}{true_with}{tail}", self.statement),
        }
    }

    /// One JSON object: `statement`, `verdict`, `why` and `sentence` where untestable, `probability` that it is true,
    /// `answer`, `value`, `unit`, `spread` and `margin` as measured, `evidence`, `claim`.
    pub fn to_json(&self) -> serde_json::Value {
        let measured = self.as_answer().map(|answer| answer.to_json()).unwrap_or_default();
        let of_measured = |key: &str| measured.get(key).cloned().unwrap_or_default();
        serde_json::json!({
            "statement": self.statement, "verdict": self.verdict,
            "why": self.untestable.as_ref().map(|(reason, _)| reason),
            "sentence": self.untestable.as_ref().map(|(_, sentence)| sentence),
            "probability": self.probability, "answer": of_measured("answer"), "value": of_measured("value"),
            "unit": of_measured("unit"), "spread": of_measured("spread"), "margin": of_measured("margin"),
            "evidence": self.evidence, "claim": self.claim,
        })
    }

    /// What the map says instead or as well, with its unit; `None` where it says nothing.
    pub fn measured(&self) -> Option<String> {
        self.as_answer().map(|answer| answer.with_unit())
    }

    fn as_answer(&self) -> Option<Answer> {
        let (found, claim) = (self.found.clone()?, self.claim.as_ref()?);
        let asked = Some(Asked::from(claim.question.clone()));
        Some(Answer { asked, outcome: Ok(found), evidence: self.evidence.clone() })
    }
}

/// Judges every statement of a text, in order: one judgement for each claim, and one for each clause that claims nothing.
/// Errors: a text beyond [`MAX_QUESTION_BYTES`], more than [`MAX_STATEMENTS`] statements, options out of range.
pub fn verdict_text(snapshot: &Snapshot, text: &str, options: &AskOptions) -> Result<Vec<Judgement>> {
    options.check()?;
    if text.len() > MAX_QUESTION_BYTES {
        let bytes = text.len();
        return Err(Error::argument(format!("the text has {bytes} bytes, expected at most {MAX_QUESTION_BYTES}")));
    }
    let clauses = clauses(text);
    if clauses.len() > MAX_STATEMENTS {
        let count = clauses.len();
        return Err(Error::argument(format!("{count} statements, expected at most {MAX_STATEMENTS}")));
    }
    let lexicon = Lexicon::of(snapshot, &options.vocabulary);
    let labels = labels(snapshot);
    let mut judgements = Vec::new();
    for clause in clauses {
        let claims = read_clause(&clause, &lexicon, &labels);
        if claims.is_empty() {
            let reason = (Reason::NoClaim, "it claims nothing that the map could know".to_owned());
            judgements.push(untestable(clause.clone(), None, reason));
        }
        for claim in claims {
            judgements.push(Judgement { statement: clause.clone(), ..judge(snapshot, claim, options)? });
        }
    }
    Ok(judgements)
}

/// Judges a claim. Errors: options out of range, or more than [`MAX_NAMED`] things named.
pub fn judge(snapshot: &Snapshot, claim: Claim, options: &AskOptions) -> Result<Judgement> {
    options.check()?;
    let named = claim.question.named().len();
    if named > MAX_NAMED {
        return Err(Error::argument(format!("{named} things are named, expected at most {MAX_NAMED}")));
    }
    let court = Court { facts: Facts { snapshot, options }, claim: &claim };
    let mut work = Work::new(court.facts);
    let found = match work.answer(&claim.question) {
        Ok(found) => found,
        Err(unknown) => {
            let reason = (Reason::Unknown(unknown.why), unknown.sentence);
            return Ok(Judgement { evidence: work.evidence(), ..untestable(String::new(), Some(claim), reason) });
        }
    };
    let (verdict, probability, reason) = match court.rule(&found) {
        Ok((Verdict::Untestable, probability)) => {
            let sentence = format!("it is true with probability {probability:.2}, or nearly true");
            (Verdict::Untestable, Some(probability), Some((Reason::TooCloseToCall, sentence)))
        }
        Ok((verdict, probability)) => (verdict, Some(probability), None),
        Err(unknown) => (Verdict::Untestable, None, Some((Reason::Unknown(unknown.why), unknown.sentence))),
    };
    let evidence = work.evidence();
    let (statement, claim) = (String::new(), Some(claim));
    Ok(Judgement { statement, claim, verdict, untestable: reason, probability, found: Some(found), evidence })
}

fn untestable(statement: String, claim: Option<Claim>, reason: (Reason, String)) -> Judgement {
    let evidence = Vec::new();
    let verdict = Verdict::Untestable;
    Judgement { statement, claim, verdict, untestable: Some(reason), probability: None, found: None, evidence }
}

/// The labels of the scene, each once, in the order of the scene.
fn labels(snapshot: &Snapshot) -> Vec<Phrase> {
    let mut first: BTreeMap<String, ObjectId> = BTreeMap::new();
    for (label, _) in snapshot.labels() {
        let called = snapshot.labelled(label).find(|object| object.label == *label);
        let Some(object) = called else { continue };
        first.entry(canonical(label)).and_modify(|id| *id = object.id.min(*id)).or_insert(object.id);
    }
    let mut labels: Vec<(ObjectId, String)> = first.into_iter().map(|(label, id)| (id, label)).collect();
    labels.sort();
    labels.into_iter().map(|(_, label)| Phrase(label)).collect()
}

/// One claim, and what it is held against.
struct Court<'c> {
    facts: Facts<'c>,
    claim: &'c Claim,
}

impl Court<'_> {
    /// The verdict, and the probability that the claim is true.
    fn rule(&self, found: &Found) -> std::result::Result<(Verdict, f64), Unknown> {
        match (&self.claim.says, &found.value) {
            (&Value::Length(told), &Value::Length(measured)) | (&Value::Area(told), &Value::Area(measured)) => {
                Ok(self.rule_on_measure(told, measured, found))
            }
            (&Value::Count(told), &Value::Count(counted)) => self.rule_on_count(told, counted, found.probability),
            (Value::YesNo(said), Value::YesNo(is)) => Ok(self.rule_on_choice(said == is, found)),
            (Value::Direction(said), Value::Direction(is)) => Ok(self.rule_on_choice(said == is, found)),
            (Value::Thing(said), Value::Thing(is)) => {
                let same = self.facts.options.vocabulary.same(&said.0, &is.0);
                Ok(self.rule_on_choice(same, found))
            }
            _ => Err(Unknown::new(Why::NoAnswer, "the claim is no answer to its question")),
        }
    }

    fn rule_on_choice(&self, same: bool, found: &Found) -> (Verdict, f64) {
        let slack_m = self.facts.options.judging.slack_m;
        let tie = found.margin.is_some_and(|margin| margin.unit == MarginUnit::Metres && margin.value <= slack_m);
        match self.rule_on_probability(same, found.probability) {
            (Verdict::Contradicts, probability) if tie => (Verdict::Untestable, probability),
            ruled => ruled,
        }
    }

    fn rule_on_probability(&self, same: bool, probability: f64) -> (Verdict, f64) {
        let judging = &self.facts.options.judging;
        let said_is_true = if same { probability } else { 1.0 - probability };
        let is_true = if self.claim.negated { 1.0 - said_is_true } else { said_is_true };
        let verdict = match is_true {
            p if p >= judging.agree_from => Verdict::Agrees,
            p if p < judging.contradict_below => Verdict::Contradicts,
            _ => Verdict::Untestable,
        };
        (verdict, is_true)
    }

    /// In a map that is not complete there may be more than were seen, never fewer.
    fn rule_on_count(&self, told: u32, counted: u32, sure: f64) -> std::result::Result<(Verdict, f64), Unknown> {
        let options = self.facts.options;
        let open = !options.complete;
        let more_would_do = told > counted && self.claim.bound != Bound::AtMost;
        if open && (more_would_do || (self.claim.negated && told != counted)) {
            let sentence = format!("{counted} have been seen, and there may be more");
            return Err(Unknown::new(Why::NotYetObserved, sentence));
        }
        // That more may be there speaks for no smaller number.
        let overlooked = if open && told < counted { options.overlooked } else { 0.0 };
        let sure = sure / (1.0 - overlooked).powi(i32::try_from(counted).unwrap_or(i32::MAX)).max(f64::MIN_POSITIVE);
        let leeway = if self.claim.loose { options.judging.loose_tolerance * f64::from(counted) } else { 0.0 };
        let exact = Told { value: f64::from(told), bound: self.claim.bound, tolerance: 0.0, slack: leeway };
        Ok(self.rule_on_probability(exact.holds(f64::from(counted)), sure.min(1.0)))
    }

    /// A number agrees within its tolerance of the estimate, within the spread, or where the draws say so; it is
    /// contradicted only if "about" that number is as good as never true.
    fn rule_on_measure(&self, told: f64, measured: f64, found: &Found) -> (Verdict, f64) {
        let judging = &self.facts.options.judging;
        let own = if self.claim.loose { judging.loose_tolerance } else { judging.tolerance };
        // A bound is exact: "more than 2 m" is not 1.9 m.
        let own = if self.claim.bound == Bound::Equal { own } else { 0.0 };
        let own = judging.told(self.claim, told, own);
        let loose = judging.told(self.claim, told, judging.loose_tolerance);
        let meant = self.share(Told::ANY);
        let (is_true, may_be_true) = (self.share(own), self.share(loose) + 1.0 - meant);
        let in_spread = found.spread.is_some_and(|[low, high]| low <= told && told <= high);
        let agrees =
            own.holds(measured) || (in_spread && self.claim.bound == Bound::Equal) || is_true >= judging.agree_from;
        let contradicts = may_be_true < judging.contradict_below;
        match (agrees, contradicts, self.claim.negated) {
            (true, _, false) => (Verdict::Agrees, is_true),
            (false, true, false) => (Verdict::Contradicts, is_true),
            (false, true, true) => (Verdict::Agrees, 1.0 - is_true),
            (_, _, true) if is_true > 1.0 - judging.contradict_below => (Verdict::Contradicts, 1.0 - is_true),
            (_, _, true) => (Verdict::Untestable, 1.0 - is_true),
            (false, false, false) => (Verdict::Untestable, is_true),
        }
    }

    /// The share of the drawn scenes in which the told number holds, times the probability that the things are those meant.
    fn share(&self, told: Told) -> f64 {
        Work::told(self.facts, told).answer(&self.claim.question).map_or(0.0, |found| found.probability)
    }
}
