//! The words that a model is asked with, within a budget of its own tokens.
//!
//! ```text
//! The pictures were taken in one place. A map of it says:
//! scene cm deg: name x y z length width height yaw @seconds
//! chair#1 120 35 45 50 48 90 45
//! Around you, standing at chair#1 and facing tv#1:
//! {"cogmap":1,"cell":0.5,…}
//! Measured: 1.42 m (p 0.97) from chair#1 (seen in 30 frames), tv#1 (seen in 41 frames)
//! Question: How far is the chair from the tv?
//! Answer with a number and its unit alone.
//! ```
//!
//! Question and last line are always there. Of the rest what was measured goes in first, then the map around the
//! observer, then of the scene text as much as there is room for: each whole or not at all.

use crate::answer::{Answer, AskOptions, Asked, Observer, Phrase, Question, SceneText, things_of};
use crate::cogmap::{CogMapOptions, LocalCogMap, LocalFrame};
use crate::error::{Error, Result};
use crate::scene::{ObjectId, Snapshot};
use crate::vlm::Counter;
use std::cell::RefCell;

/// The first line, with pictures and without.
const WITH_PICTURES: &str = "The pictures were taken in one place. A map of it says:";
const WITHOUT_PICTURES: &str = "A map of the place says:";

/// How often the scene text is shortened where lines are fewer tokens apart than together.
const MAX_SHORTENED: usize = 6;

/// What of geometry the model is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// Nothing: pictures and question alone.
    Nothing,
    /// The map.
    Scene,
    /// The map and what was measured for this question, where it was: the model says it in words.
    SceneAndMeasured,
}

/// What is asked, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The words, pictures not among them.
    pub text: String,
    /// How many tokens they are, by the model's tokenizer.
    pub tokens: usize,
    /// Whether the map around an observer is in it.
    pub has_map: bool,
    /// How many things of the scene have a line.
    pub things: usize,
}

pub(super) struct Ask<'a> {
    pub snapshot: &'a Snapshot,
    pub question: &'a str,
    pub choices: &'a [String],
    pub answer: &'a Answer,
    pub options: &'a AskOptions,
    pub facts: Facts,
    pub pictures: usize,
}

/// Parts of a prompt, put together in the order of the page's head.
#[derive(Default)]
struct Parts {
    scene: Option<SceneText>,
    map: Option<String>,
    measured: Option<String>,
}

impl Prompt {
    /// The prompt within so many tokens. Fails with [`crate::ErrorKind::Argument`] where the question alone is more.
    pub(super) fn write(ask: &Ask<'_>, budget: usize, count: &Counter) -> Result<Self> {
        let mut parts = Parts::default();
        let tokens = count(&ask.page(&parts))?;
        if tokens > budget {
            return Err(Error::argument(format!(
                "the question has {tokens} tokens, the budget of its text is {budget}"
            )));
        }
        if ask.facts == Facts::SceneAndMeasured && ask.answer.found().is_some() {
            parts.measured = Some(ask.answer.sentence());
            if count(&ask.page(&parts))? > budget {
                parts.measured = None;
            }
        }
        if ask.facts != Facts::Nothing {
            parts.map = ask.map_around();
            if count(&ask.page(&parts))? > budget {
                parts.map = None;
            }
            ask.add_scene(&mut parts, budget, count)?;
        }
        let text = ask.page(&parts);
        let tokens = count(&text)?;
        let things = parts.scene.as_ref().map_or(0, |scene| scene.things.len());
        Ok(Self { text, tokens, has_map: parts.map.is_some(), things })
    }
}

impl Ask<'_> {
    fn page(&self, parts: &Parts) -> String {
        let mut lines: Vec<String> = Vec::new();
        if let Some(scene) = &parts.scene {
            lines.push(if self.pictures > 0 { WITH_PICTURES } else { WITHOUT_PICTURES }.into());
            lines.push(scene.to_string());
        }
        lines.extend(parts.map.clone());
        lines.extend(parts.measured.as_ref().map(|measured| format!("Measured: {measured}")));
        lines.push(format!("Question: {}", self.question.trim()));
        // Options that stand in the text are not repeated.
        if let (false, Some(asked)) = (self.choices.is_empty(), &self.answer.asked) {
            let lettered = ('A'..='Z').zip(&asked.options).map(|(letter, option)| format!("{letter}. {option}"));
            lines.extend(lettered);
        } else {
            lines.extend(self.choices.iter().cloned());
        }
        lines.push(format!("Answer with {}.", self.answer.asked.as_ref().map_or("one short sentence", wanted)));
        lines.join("\n")
    }

    /// The map around the observer that the question puts somewhere.
    fn map_around(&self) -> Option<String> {
        let question = &self.answer.asked.as_ref()?.question;
        let (Question::Direction { from, .. } | Question::SideOf { from, .. } | Question::LeftOrRight { from, .. }) =
            question
        else {
            return None;
        };
        let (frame, place) = match from {
            Observer::Things { standing_at, facing } => {
                let things = things_of(self.snapshot, question, self.options);
                let one = |phrase: &Phrase| only(&things, phrase);
                let (at, to) = (one(standing_at)?, one(facing)?);
                let frame = LocalFrame::standing_at_object(self.snapshot, at, to, None).ok()?;
                let name = |id: ObjectId| self.snapshot.object(id).map(|object| object.name.to_string());
                (frame, format!("standing at {} and facing {}", name(at)?, name(to)?))
            }
            Observer::Frame(frame) => (*frame, "at the observer's place".to_owned()),
            Observer::Viewer => {
                let view = self.options.view.map(|view| view.world_from_camera);
                let pose = view.unwrap_or_else(|| self.snapshot.world_from_camera());
                (LocalFrame::from_pose(&pose).ok()?, "at the camera".to_owned())
            }
        };
        let map = LocalCogMap::build(self.snapshot, &frame, &CogMapOptions::default()).ok()?;
        Some(format!("Around you, {place}:\n{}", map.to_text()))
    }

    /// As much of the scene as there is room for.
    fn add_scene(&self, parts: &mut Parts, budget: usize, count: &Counter) -> Result<()> {
        let failed = RefCell::new(None);
        let measure = |text: &str| {
            count(text).unwrap_or_else(|error| {
                *failed.borrow_mut() = Some(error);
                usize::MAX / 4
            })
        };
        let head = count(WITH_PICTURES)? + 2;
        let mut room = budget.saturating_sub(count(&self.page(parts))? + head);
        let question = self.answer.asked.as_ref().map(|asked| &asked.question);
        for _ in 0..MAX_SHORTENED {
            // Room for less than the first line is room for nothing.
            let Ok(scene) = SceneText::of(self.snapshot, question, self.options, room, &measure) else { break };
            if let Some(error) = failed.take() {
                return Err(error);
            }
            parts.scene = Some(scene);
            let tokens = count(&self.page(parts))?;
            if tokens <= budget {
                return Ok(());
            }
            room = room.saturating_sub(tokens - budget);
        }
        parts.scene = None;
        Ok(())
    }
}

/// The one thing that a phrase means.
fn only(things: &[(Phrase, Vec<ObjectId>)], phrase: &Phrase) -> Option<ObjectId> {
    match things.iter().find(|(named, _)| named == phrase)?.1.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// What an answer must look like to be read without doubt.
fn wanted(asked: &Asked) -> &'static str {
    if !asked.options.is_empty() {
        return "the letter of the right option alone";
    }
    match asked.question {
        Question::Count { .. } => "a whole number alone",
        Question::Distance { .. }
        | Question::Range { .. }
        | Question::Length { .. }
        | Question::LengthGiven { .. }
        | Question::RoomArea => "a number and its unit alone",
        Question::Exists { .. } | Question::Contact { .. } | Question::SideOf { .. } | Question::More { .. } => {
            "yes or no alone"
        }
        Question::Closest { .. } | Question::Most { .. } | Question::WhichSide { .. } => "the name of one thing alone",
        Question::Direction { .. } | Question::LeftOrRight { .. } => "one direction alone",
        Question::Size { .. }
        | Question::Position { .. }
        | Question::AtPicture { .. }
        | Question::FirstSeen { .. }
        | Question::Route { .. } => "one short sentence",
    }
}
