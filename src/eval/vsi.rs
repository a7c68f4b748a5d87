//! Questions of VSI-Bench and MSMU-Bench, answered from annotated boxes and marked as the benchmarks mark.
//!
//! A question file has one JSON object a line: `scene`, `question_type` (a type of VSI-Bench or a raw type of MSMU),
//! `question`, `options` (a list, or null), `answer` (a number or text; of options the letter), `id`, and for questions
//! about a picture `view` (index of a frame whose camera the box file holds), or its file's name, `image` or `images`. The
//! names of VSI-Bench's own release, `scene_name` and `ground_truth`, are read as well. Boxes are complete: what is not
//! among them is not there.
//!
//! A question counts as understood when it got a value. One that got none is marked 0.

use crate::answer::reader::read_question;
use crate::answer::{Answer, AskOptions, SceneText, View, ask_text, estimate_tokens};
use crate::error::{Error, Result};
use crate::score::{MsmuGroup, MsmuScorer, MsmuTally, Reading, VsiTally, VsiType};
use crate::sequence::BoxScene;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The most questions of a file.
pub const MAX_QUESTIONS: usize = 1_000_000;

/// One line of a question file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BenchQuestion {
    /// Name of the scene it is about; empty where pictures alone are.
    #[serde(default, alias = "scene_name")]
    pub scene: String,
    /// Its type, as the benchmarks name it.
    pub question_type: String,
    /// Its words.
    pub question: String,
    /// What may be answered, with letters.
    pub options: Option<Vec<String>>,
    /// What is right: a number, or a text.
    #[serde(alias = "ground_truth")]
    pub answer: Value,
    /// Its number.
    pub id: u64,
    /// The frame that the picture is of.
    pub view: Option<u64>,
    /// Files of the pictures it is about, where it names them.
    #[serde(default, alias = "image", deserialize_with = "one_or_many")]
    pub images: Vec<String>,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Names>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Names::One(name)) => vec![name],
        Some(Names::Many(names)) => names,
    })
}

/// Reads a question file.
pub fn read_questions(text: &str) -> Result<Vec<BenchQuestion>> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let questions: Result<Vec<BenchQuestion>> = lines
        .take(MAX_QUESTIONS + 1)
        .map(|(number, line)| serde_json::from_str(line).map_err(|error| Error::io(format!("line {number}: {error}"))))
        .collect();
    let questions = questions?;
    if questions.len() > MAX_QUESTIONS {
        return Err(Error::io(format!("more than {MAX_QUESTIONS} questions")));
    }
    Ok(questions)
}

/// How a question went wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// The question.
    pub question: BenchQuestion,
    /// What was answered, as a sentence.
    pub answered: String,
}

/// Marks of one type of questions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TaskMarks {
    /// How many there were.
    pub n: u64,
    /// How many got a value.
    pub understood: u64,
    /// Sum of the marks.
    sum: f64,
}

impl TaskMarks {
    /// Mean mark, 0 to 1; 0 where nothing was asked.
    pub fn score(&self) -> f64 {
        if self.n == 0 { 0.0 } else { self.sum / self.n as f64 }
    }
}

/// Marks of a whole file.
#[derive(Debug, Clone, Default)]
pub struct BenchMarks {
    /// By type.
    pub tasks: BTreeMap<String, TaskMarks>,
    /// What was not fully right.
    pub wrong: Vec<Wrong>,
    vsi: VsiTally,
    msmu: MsmuTally,
}

impl BenchMarks {
    /// Mean over the tasks of VSI-Bench that were asked; none without any.
    pub fn overall(&self) -> Option<f64> {
        self.vsi.overall()
    }

    /// Mean success over the groups of MSMU-Bench that were asked; none without any.
    pub fn msmu(&self) -> Option<f64> {
        self.msmu.mean_over_present()
    }

    /// `{"tasks":{type:{n,understood,score}},"overall":x,"msmu":x}`.
    pub fn to_json(&self) -> Value {
        let task = |marks: &TaskMarks| json!({"n": marks.n, "understood": marks.understood, "score": marks.score()});
        let tasks: serde_json::Map<_, _> = self.tasks.iter().map(|(kind, marks)| (kind.clone(), task(marks))).collect();
        json!({"tasks": tasks, "overall": self.overall(), "msmu": self.msmu()})
    }

    fn add(&mut self, question: &BenchQuestion, answer: &Answer) -> Result<()> {
        let mark = self.mark(question, Reading::Official, [&answer.short(), &answer.with_unit()])?;
        self.note(question, mark, answer.found().is_some(), answer.sentence());
        Ok(())
    }

    /// Marks what a model said to a question; says the mark, 0 to 1. Fails for a question of no benchmark.
    pub fn add_words(&mut self, question: &BenchQuestion, reading: Reading, words: &str) -> Result<f64> {
        let mark = self.mark(question, reading, [words, words])?;
        self.note(question, mark, !words.trim().is_empty(), words.to_owned());
        Ok(mark)
    }

    fn note(&mut self, question: &BenchQuestion, mark: f64, is_understood: bool, answered: String) {
        let marks = self.tasks.entry(question.question_type.clone()).or_default();
        marks.n += 1;
        marks.understood += u64::from(is_understood);
        marks.sum += mark;
        if mark < 1.0 {
            self.wrong.push(Wrong { question: question.clone(), answered });
        }
    }

    /// The mark of an answer, as VSI-Bench and as MSMU-Bench want it written.
    fn mark(&mut self, question: &BenchQuestion, reading: Reading, [short, with_unit]: [&str; 2]) -> Result<f64> {
        let truth = question.answer.as_str().map_or_else(|| question.answer.to_string(), str::to_owned);
        if let Some(kind) = VsiType::of_key(&question.question_type) {
            let options = question.options.clone().unwrap_or_default();
            let mark = kind.mark(reading, short, &truth, &options)?;
            self.vsi.add(kind, mark);
            return Ok(mark);
        }
        let group = MsmuGroup::of_raw_type(&question.question_type)
            .ok_or_else(|| Error::io(format!("question_type \"{}\" is of no benchmark", question.question_type)))?;
        let right = MsmuScorer::default().succeeds(group, &truth, with_unit);
        self.msmu.add(group, right);
        Ok(f64::from(u8::from(right)))
    }
}

/// Asks every question of text alone: of what the scene text tells within the budget of tokens ([`estimate_tokens`]).
pub fn eval_questions_of_text(
    scenes: &BTreeMap<String, BoxScene>,
    questions: &[BenchQuestion],
    tokens: usize,
) -> Result<BenchMarks> {
    eval_by(scenes, questions, |scene, question, options| {
        let choices = question.options.clone().unwrap_or_default();
        let snapshot = &scene.snapshot;
        let Some(asked) = read_question(&question.question, &choices, snapshot, &options.vocabulary)? else {
            return ask_text(snapshot, &question.question, &choices, options);
        };
        let text = SceneText::of(snapshot, Some(&asked.question), options, tokens, &estimate_tokens)?;
        let read = SceneText::parse(&text.to_string())?.scene;
        // Nothing but the text: the words are read anew with the names that it has.
        read.ask_text(&question.question, &choices, options)
    })
}

/// Asks every question of its scene.
pub fn eval_questions(scenes: &BTreeMap<String, BoxScene>, questions: &[BenchQuestion]) -> Result<BenchMarks> {
    eval_by(scenes, questions, |scene, question, options| {
        ask_text(&scene.snapshot, &question.question, &question.options.clone().unwrap_or_default(), options)
    })
}

fn eval_by(
    scenes: &BTreeMap<String, BoxScene>,
    questions: &[BenchQuestion],
    ask: impl Fn(&BoxScene, &BenchQuestion, &AskOptions) -> Result<Answer>,
) -> Result<BenchMarks> {
    let mut marks = BenchMarks::default();
    for question in questions {
        let of_question = |error: Error| error.within(format!("question {}", question.id));
        let scene = scenes
            .get(&question.scene)
            .ok_or_else(|| of_question(Error::io(format!("scene \"{}\" is not in the box file", question.scene))))?;
        let options = options_of(scene, question.view).map_err(of_question)?;
        let answer = ask(scene, question, &options).map_err(of_question)?;
        marks.add(question, &answer).map_err(of_question)?;
    }
    Ok(marks)
}

/// How an annotated room is asked: it is complete, and seen through this frame's camera.
pub fn options_of(scene: &BoxScene, view: Option<u64>) -> Result<AskOptions> {
    let view = view.map(|frame| {
        let known = scene.views.get(&frame);
        let (world_from_camera, intrinsics) =
            known.ok_or_else(|| Error::io(format!("view {frame} is not in the box file")))?;
        Ok(View { world_from_camera: *world_from_camera, intrinsics: Some(*intrinsics) })
    });
    Ok(AskOptions {
        view: view.transpose()?,
        complete: true,
        room_area_m2: scene.room_area_m2,
        ..AskOptions::default()
    })
}
