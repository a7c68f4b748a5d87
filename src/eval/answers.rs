//! Whether answers from perceived rooms are right, and whether their probabilities can be believed.
//!
//! A noisy walk is taken in; then everything that `room::questions` asks of that room is asked of the map, each in its
//! first wording. Right is the correct choice, a count exactly, a measure within [`RIGHT_WITHIN`] of the truth. What is
//! asked of things that are not there has one right answer: unknown. Of each question of VSI-Bench a true and a false
//! statement are made, and held against the map.
//!
//! Calibration: answers fall into ten bins by probability; the expected calibration error is the mean distance of the
//! share that is right from the mean probability, weighted by the answers of a bin (Guo et al. 2017, section 2).

use super::room::{integrate_room_frame, intrinsics_of};
use super::seeds::Seeds;
use super::statements::statements_of;
use super::vsi::BenchQuestion;
use crate::answer::{Answer, AskOptions, Value, Verdict, View, ask_text, verdict_text};
use crate::error::{Error, Result};
use crate::room::{Room, RoomAnswer, RoomOptions, RoomQuestion, RoomSequence, RoomSurvey, degrade, questions_of};
use crate::scene::{Scene, SceneOptions, Snapshot};
use crate::score::{MsmuGroup, MsmuScorer, VsiType, lengths_m};
use serde_json::json;
use std::collections::BTreeMap;

/// A measure is right within this share of the truth.
pub const RIGHT_WITHIN: f64 = 0.1;

/// Answers at least so probable are sure.
pub const SURE: f64 = 0.9;

/// Bins of the calibration error.
const BINS: usize = 10;

/// Counts of one kind of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AnswerTally {
    /// Asked.
    pub asked: usize,
    /// Got a value.
    pub answered: usize,
    /// Right.
    pub right: usize,
    /// At least [`SURE`].
    pub sure: usize,
    /// At least [`SURE`] and right.
    pub sure_right: usize,
}

/// How answers from perceived rooms did.
#[derive(Debug, Clone, Default)]
pub struct AnswersTable {
    /// All questions about what is there.
    pub all: AnswerTally,
    /// By type of question.
    pub by_type: BTreeMap<&'static str, AnswerTally>,
    /// Questions about what is not there, and how many of them were answered by unknown.
    pub absent: [usize; 2],
    /// What was sure and wrong, or said of what is not there.
    pub mistakes: Vec<String>,
    /// Verdicts on true statements, then on false ones: agrees, contradicts, untestable.
    pub verdicts: [[usize; 3]; 2],
    bins: [(usize, usize, f64); BINS],
}

impl AnswerTally {
    fn add(&mut self, probability: Option<f64>, right: bool) {
        let sure = probability.is_some_and(|p| p >= SURE);
        self.asked += 1;
        self.answered += usize::from(probability.is_some());
        self.right += usize::from(right);
        self.sure += usize::from(sure);
        self.sure_right += usize::from(sure && right);
    }

    fn merge(&mut self, other: &Self) {
        self.asked += other.asked;
        self.answered += other.answered;
        self.right += other.right;
        self.sure += other.sure;
        self.sure_right += other.sure_right;
    }

    /// Of the sure answers, the share that is right; NaN without any.
    pub fn sure_right_share(&self) -> f64 {
        self.sure_right as f64 / self.sure as f64
    }

    /// Of the questions, the share that got a sure answer; NaN without any.
    pub fn sure_share(&self) -> f64 {
        self.sure as f64 / self.asked as f64
    }

    fn to_json(self) -> serde_json::Value {
        json!({
            "asked": self.asked, "answered": self.answered, "right": self.right, "sure": self.sure,
            "sure_right": self.sure_right,
        })
    }
}

impl AnswersTable {
    /// Expected calibration error, 0 to 1; NaN without answers.
    pub fn calibration_error(&self) -> f64 {
        let answered: usize = self.bins.iter().map(|(n, _, _)| n).sum();
        let apart = self.bins.iter().map(|&(_, right, sum)| (right as f64 - sum).abs()).sum::<f64>();
        apart / answered as f64
    }

    /// Per bin of probability: answers, share right, mean probability.
    pub fn bins(&self) -> impl Iterator<Item = (usize, f64, f64)> {
        self.bins.iter().map(|&(n, right, sum)| (n, right as f64 / n as f64, sum / n as f64))
    }

    /// Of the questions about what is not there, the share answered by unknown; NaN without any.
    pub fn absent_unknown(&self) -> f64 {
        self.absent[1] as f64 / self.absent[0] as f64
    }

    /// Of the verdicts given, the share that is right; NaN without any.
    pub fn verdicts_right(&self) -> f64 {
        let [[agreed, denied, _], [believed, refuted, _]] = self.verdicts;
        (agreed + refuted) as f64 / (agreed + denied + believed + refuted) as f64
    }

    /// Of the true statements, the share that is contradicted; NaN without any.
    pub fn wrong_contradicts(&self) -> f64 {
        self.verdicts[0][1] as f64 / self.verdicts[0].iter().sum::<usize>() as f64
    }

    /// `{"all":{…},"by_type":{…},"sure_share":x,"sure_right":x,"calibration_error":x,"absent_unknown":x}`.
    pub fn to_json(&self) -> serde_json::Value {
        let by_type: serde_json::Map<_, _> =
            self.by_type.iter().map(|(kind, tally)| ((*kind).to_owned(), tally.to_json())).collect();
        json!({
            "all": self.all.to_json(), "by_type": by_type, "sure_share": self.all.sure_share(),
            "sure_right": self.all.sure_right_share(), "calibration_error": self.calibration_error(),
            "absent_unknown": self.absent_unknown(), "verdicts": self.verdicts,
            "verdicts_right": self.verdicts_right(), "wrong_contradicts": self.wrong_contradicts(),
        })
    }

    fn add(&mut self, question: &RoomQuestion, answer: &Answer) -> Result<()> {
        let kind = question.question_type;
        if MsmuGroup::of_raw_type(kind) == Some(MsmuGroup::Existence) {
            self.absent[0] += 1;
            self.absent[1] += usize::from(answer.found().is_none());
            if answer.found().is_some() {
                self.mistakes.push(mistake(question, answer));
            }
            return Ok(());
        }
        let right = is_right(question, answer)?;
        let probability = answer.found().map(|found| found.probability);
        self.all.add(probability, right);
        self.by_type.entry(kind).or_default().add(probability, right);
        if let Some(p) = probability {
            let bin = &mut self.bins[((p * BINS as f64) as usize).min(BINS - 1)];
            *bin = (bin.0 + 1, bin.1 + usize::from(right), bin.2 + p);
        }
        if probability.is_none_or(|p| p >= SURE) && !right {
            self.mistakes.push(mistake(question, answer));
        }
        Ok(())
    }

    /// Holds a true and a false statement made of the question against the map.
    fn judge(&mut self, snapshot: &Snapshot, question: &RoomQuestion) -> Result<()> {
        let as_read = |error: serde_json::Error| Error::state(format!("question {}: {error}", question.id));
        let read: BenchQuestion =
            serde_json::from_value(serde_json::to_value(question).map_err(as_read)?).map_err(as_read)?;
        for (row, statement) in statements_of(&read).iter().flatten().enumerate() {
            for judgement in verdict_text(snapshot, statement, &AskOptions::default())? {
                self.verdicts[row][judgement.verdict as usize] += 1;
                let wrong = [Verdict::Contradicts, Verdict::Agrees][row];
                if judgement.verdict == wrong {
                    let truth = ["true", "false"][row];
                    self.mistakes.push(format!("{}: {truth}, yet {}", question.scene, judgement.sentence()));
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.all.merge(&other.all);
        for (kind, tally) in &other.by_type {
            self.by_type.entry(kind).or_default().merge(tally);
        }
        for (into, from) in self.absent.iter_mut().zip(other.absent) {
            *into += from;
        }
        for (into, from) in self.verdicts.iter_mut().flatten().zip(other.verdicts.into_iter().flatten()) {
            *into += from;
        }
        for (into, from) in self.bins.iter_mut().zip(other.bins) {
            *into = (into.0 + from.0, into.1 + from.1, into.2 + from.2);
        }
        self.mistakes.extend(other.mistakes);
    }
}

fn mistake(question: &RoomQuestion, answer: &Answer) -> String {
    let options = question.options.as_ref().map_or(String::new(), |options| format!(" [{}]", options.join("; ")));
    format!(
        "{} {}: {}{options} right: {:?}, answered: {}",
        question.scene,
        question.question_type,
        question.question,
        question.answer,
        answer.sentence()
    )
}

fn is_right(question: &RoomQuestion, answer: &Answer) -> Result<bool> {
    let Some(found) = answer.found() else { return Ok(false) };
    let close = |said: f64, truth: f64| (said - truth).abs() <= RIGHT_WITHIN * truth.abs();
    Ok(match (&question.answer, VsiType::of_key(question.question_type), &found.value) {
        (RoomAnswer::Count(truth), _, Value::Count(n)) => n == truth,
        (RoomAnswer::Number(truth), Some(VsiType::RoomSizeEstimation), Value::Area(m2)) => close(*m2, *truth),
        (RoomAnswer::Number(truth), Some(kind), Value::Length(m)) => {
            close(*m, truth * kind.unit().map_or(1.0, |unit| unit.metres()))
        }
        (RoomAnswer::Text(letter), Some(_), _) => answer.short() == *letter,
        (RoomAnswer::Text(truth), None, value) => {
            let group = MsmuGroup::of_raw_type(question.question_type)
                .ok_or_else(|| Error::state(format!("question type {} is of no benchmark", question.question_type)))?;
            match (group, value) {
                (MsmuGroup::Count, Value::Count(n)) => truth.contains(&format!(" {n} ")),
                (_, Value::Length(m)) => lengths_m(truth).first().is_some_and(|truth| close(*m, *truth)),
                (_, Value::Lengths(all)) => {
                    let truths = lengths_m(truth);
                    truths.len() == all.len() && all.iter().zip(truths).all(|(m, truth)| close(*m, truth))
                }
                _ => MsmuScorer::default().succeeds(group, truth, &answer.with_unit()),
            }
        }
        _ => false,
    })
}

/// Walks noisily through every room, then asks.
pub fn eval_answers(seeds: &Seeds, frames: usize) -> Result<AnswersTable> {
    let mut total = AnswersTable::default();
    for table in seeds.measure(|seed| eval_room_answers(seed, frames))? {
        total.merge(table);
    }
    Ok(total)
}

fn eval_room_answers(seed: u64, frames: usize) -> Result<AnswersTable> {
    let room = Room::generate(seed);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed, frames, ..RoomOptions::default() });
    let mut scene = Scene::new(SceneOptions::default())?;
    for index in 0..walk.len() {
        let frame = degrade(&walk.render(index), seed, index);
        integrate_room_frame(&mut scene, &frame, true)?;
    }
    let snapshot = scene.publish();
    let survey = RoomSurvey::of(&mut walk);
    let mut table = AnswersTable::default();
    for question in questions_of(&room, &survey, 0).iter().filter(|question| question.wording == 0) {
        let answer = ask_of_walk(&snapshot, &survey, question)?;
        table.add(question, &answer)?;
        table.judge(&snapshot, question)?;
    }
    Ok(table)
}

fn ask_of_walk(snapshot: &Snapshot, survey: &RoomSurvey, question: &RoomQuestion) -> Result<Answer> {
    let intrinsics = intrinsics_of(&survey.camera)?;
    let picture = question.view.and_then(|frame| survey.views.iter().find(|view| view.frame == frame));
    let view = picture.map(|p| View { world_from_camera: p.world_from_camera, intrinsics: Some(intrinsics) });
    let choices = question.options.clone().unwrap_or_default();
    ask_text(snapshot, &question.question, &choices, &AskOptions { view, ..AskOptions::default() })
}
