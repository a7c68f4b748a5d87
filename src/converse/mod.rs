//! Asking a scene in words: geometry answers, a vision-language model answers too, and geometry judges what it said.
//!
//! [`ask`] reads the question and asks the map (`answer`); chooses of the pictures that an [`Album`] kept those that see
//! what the question names (`choose.rs`); writes a prompt with as much of the scene as its tokens allow (`prompt.rs`);
//! hands it to an [`Engine`] and waits no longer than its time; and reads the words that come back as an answer, which is
//! held against the map ([`judge_said`]). Without a model, or where it fails or says nothing, geometry answers alone, and
//! what is told says so.
//!
//! The two answers stand beside each other: a model sees what no box tells, and the map knows lengths. Nothing is
//! averaged, and what the map contradicts is told with its evidence.

mod album;
mod choose;
mod prompt;

pub use album::{Album, AlbumOptions, Shot};
pub use choose::{Chosen, choose, sight};
pub use prompt::{Facts, Prompt};

use crate::answer::{
    Answer, AskOptions, Asked, Extent, Judgement, Observer, Question, Said, Value, Verdict, ask_text, judge_said,
    things_named, things_of,
};
use crate::error::Result;
use crate::scene::{ObjectId, Snapshot};
use crate::vlm::sampling::Sampling;
use crate::vlm::{Ended, Engine, Flow, Message, Piece, Reply, Request, Statistics, WhenBusy};
use parking_lot::Mutex;
use prompt::Ask;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What a model may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The most pictures.
    pub images: usize,
    /// The most tokens of the prompt's text, by the model's tokenizer; pictures and chat template not among them.
    pub text_tokens: usize,
    /// The most tokens of the reply.
    pub new_tokens: usize,
    /// The longest wait, time in line included.
    pub time: Duration,
}

impl Default for Budget {
    /// Four pictures, 1024 tokens of text, 64 of the reply, a minute.
    fn default() -> Self {
        Self { images: 4, text_tokens: 1024, new_tokens: 64, time: Duration::from_secs(60) }
    }
}

/// How a scene is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct ConverseOptions {
    /// How geometry is asked, and judges.
    pub ask: AskOptions,
    /// What the model may cost.
    pub budget: Budget,
    /// What of geometry the model is told.
    pub facts: Facts,
    /// How its tokens are chosen.
    pub sampling: Sampling,
    /// What to do while it answers another request.
    pub when_busy: WhenBusy,
}

impl Default for ConverseOptions {
    /// The map is told and what was measured is not, so that there are two answers; greedy; in line.
    fn default() -> Self {
        Self {
            ask: AskOptions::default(),
            budget: Budget::default(),
            facts: Facts::Scene,
            sampling: Sampling::default(),
            when_busy: WhenBusy::Queue,
        }
    }
}

/// What a model said.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Its words.
    pub words: String,
    /// Why they ended.
    pub ended: Ended,
    /// What they answer, and whether the map agrees.
    pub said: Said,
    /// What they took.
    pub statistics: Statistics,
}

/// Why there is nothing of a model.
#[derive(Debug, Clone)]
pub enum Silence {
    /// None is open.
    NoModel,
    /// It could not be asked or did not end: the reason. What it had said until then is kept.
    Failed {
        /// The reason.
        why: crate::Error,
        /// Its words until then.
        words: String,
    },
    /// It ended without a word.
    Empty,
}

impl Silence {
    /// The reason in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoModel => "no model is open".into(),
            Self::Failed { why, .. } => format!("the model failed: {why}"),
            Self::Empty => "the model said nothing".into(),
        }
    }
}

/// What is told.
#[derive(Debug, Clone)]
pub struct Told {
    /// What geometry answers.
    pub answer: Answer,
    /// What the model said, or why there is nothing of it.
    pub heard: std::result::Result<Heard, Silence>,
    /// The pictures that it was shown.
    pub pictures: Vec<Chosen>,
    /// What it was asked; none where it was not.
    pub prompt: Option<Prompt>,
}

impl Told {
    /// What the map says of the model's words; none where there are none.
    pub fn verdict(&self) -> Option<Verdict> {
        self.heard.as_ref().ok().map(|heard| heard.said.verdict)
    }

    /// The model's words; those until then where it failed, none where there are none.
    pub fn words(&self) -> &str {
        match &self.heard {
            Ok(Heard { words, .. }) | Err(Silence::Failed { words, .. }) => words,
            Err(Silence::NoModel | Silence::Empty) => "",
        }
    }

    /// All in prose: the model's words with the verdict, then what geometry answers.
    pub fn sentence(&self) -> String {
        let measured = self.answer.sentence();
        match &self.heard {
            Ok(heard) => {
                let why = heard.said.judgements.iter().map(|judgement| format!("\nthe map: {}", judgement.sentence()));
                let why: String = why.collect();
                let verdict = heard.said.verdict.word();
                format!("{}\nverdict: {verdict}{why}\ngeometry: {measured}", heard.words.trim())
            }
            Err(silence) => format!("{measured}\n(geometry alone: {})", silence.sentence()),
        }
    }

    /// One object: `geometry`, `model` with `words`, `value`, `option`, `verdict`, `judgements`, or `silence`; `pictures`
    /// with `frame` and what each `sees`; `prompt`, `text_tokens`.
    pub fn to_json(&self) -> serde_json::Value {
        let pictures = self.pictures.iter().map(|chosen| {
            let sees: Vec<_> = chosen.sees.iter().map(|(id, share)| json!({"id": id, "sight": share})).collect();
            json!({"frame": chosen.shot.id, "stamp_ns": chosen.shot.stamp_ns, "sees": sees})
        });
        let model = self.heard.as_ref().ok().map(|heard| {
            json!({
                "words": heard.words, "ended": heard.ended.word(), "value": heard.said.value,
                "option": heard.said.option, "verdict": heard.said.verdict,
                "judgements": heard.said.judgements.iter().map(Judgement::to_json).collect::<Vec<_>>(),
                "prompt_tokens": heard.statistics.prompt_tokens, "new_tokens": heard.statistics.new_tokens,
            })
        });
        json!({
            "geometry": self.answer.to_json(),
            "model": model,
            "silence": self.heard.as_ref().err().map(Silence::sentence),
            "pictures": pictures.collect::<Vec<_>>(),
            "prompt": self.prompt.as_ref().map(|prompt| &prompt.text),
            "text_tokens": self.prompt.as_ref().map(|prompt| prompt.tokens),
        })
    }

    /// The answer's value: the model's where it said one that the map does not contradict, or else geometry's.
    pub fn value(&self) -> Option<&Value> {
        let said = self.heard.as_ref().ok().map(|heard| &heard.said);
        let said = said.filter(|said| said.verdict != Verdict::Contradicts).and_then(|said| said.value.as_ref());
        said.or_else(|| self.answer.found().map(|found| &found.value))
    }
}

/// Asks a scene in words. `choices` are the options to choose from, as [`ask_text`] takes them.
///
/// What a model does wrong is no error: it is told. Errors: a question or options beyond the bounds, numbers of the
/// options out of range.
pub fn ask(
    snapshot: &Snapshot,
    album: &Album,
    question: &str,
    choices: &[String],
    engine: Option<&Engine>,
    options: &ConverseOptions,
) -> Result<Told> {
    ask_shown(snapshot, |choose| choose(album), question, choices, engine, options)
}

/// As [`ask`], with an album that is lent while pictures are chosen, and not while the model answers.
pub fn ask_shown(
    snapshot: &Snapshot,
    lend: impl FnOnce(&dyn Fn(&Album) -> Vec<Chosen>) -> Vec<Chosen>,
    question: &str,
    choices: &[String],
    engine: Option<&Engine>,
    options: &ConverseOptions,
) -> Result<Told> {
    let answer = ask_text(snapshot, question, choices, &options.ask)?;
    let Some(engine) = engine else {
        return Ok(Told { answer, heard: Err(Silence::NoModel), pictures: Vec::new(), prompt: None });
    };
    let pictures = lend(&|album| pictures_for(snapshot, album, question, answer.asked.as_ref(), options));
    let ask = Ask {
        snapshot,
        question,
        choices,
        answer: &answer,
        options: &options.ask,
        facts: options.facts,
        pictures: pictures.len(),
    };
    // Whatever a model takes at most, half of it is the prompt's.
    let context = engine.context();
    let room = context - options.budget.new_tokens.min(context / 2);
    let prompt = match Prompt::write(&ask, options.budget.text_tokens.min(room), engine.counter()) {
        Ok(prompt) => prompt,
        Err(why) => {
            let heard = Err(Silence::Failed { why, words: String::new() });
            return Ok(Told { answer, heard, pictures, prompt: None });
        }
    };
    let heard = match talk(engine, &prompt, &pictures, options) {
        Ok(reply) if reply.text.trim().is_empty() => Err(Silence::Empty),
        Ok(reply) => Ok(Heard {
            said: judge_said(snapshot, answer.asked.as_ref(), &reply.text, &options.ask)?,
            words: reply.text,
            ended: reply.ended,
            statistics: reply.statistics,
        }),
        Err(silence) => Err(silence),
    };
    Ok(Told { answer, heard, pictures, prompt: Some(prompt) })
}

/// The pictures for a question: the camera's own view first where it is about that, then those that see what is named.
/// Where nothing is named that is known, those that see the most things.
fn pictures_for(
    snapshot: &Snapshot,
    album: &Album,
    question: &str,
    asked: Option<&Asked>,
    options: &ConverseOptions,
) -> Vec<Chosen> {
    let named = match asked {
        Some(asked) => things_of(snapshot, &asked.question, &options.ask),
        None => things_named(snapshot, question, &options.ask),
    };
    let mut things: Vec<ObjectId> = named.into_iter().flat_map(|(_, ids)| ids).collect();
    things.sort();
    things.dedup();
    if things.is_empty() {
        things = snapshot.objects().map(|object| object.id).collect();
    }
    let most = options.budget.images;
    let view = asked.filter(|asked| is_of_view(&asked.question)).and_then(|_| shot_of_view(snapshot, album, options));
    let mut chosen = choose(snapshot, album, &things, most);
    if let Some(shot) = view.filter(|_| most > 0) {
        let sees = |chosen: &Chosen| chosen.shot.id == shot.id;
        let first = match chosen.iter().position(sees) {
            Some(at) => chosen.remove(at),
            None => Chosen { shot, sees: Vec::new() },
        };
        chosen.insert(0, first);
        chosen.truncate(most);
    }
    chosen
}

/// Whether the question is about what the camera sees now.
fn is_of_view(question: &Question) -> bool {
    match question {
        Question::Count { within, .. } | Question::Exists { within, .. } | Question::Position { within, .. } => {
            *within == Extent::Picture
        }
        Question::AtPicture { .. } | Question::WhichSide { .. } | Question::Range { .. } => true,
        Question::Direction { from, .. } | Question::SideOf { from, .. } | Question::LeftOrRight { from, .. } => {
            *from == Observer::Viewer
        }
        _ => false,
    }
}

/// The picture of the view that is asked about, or the newest; none where the view's picture was not kept.
fn shot_of_view(snapshot: &Snapshot, album: &Album, options: &ConverseOptions) -> Option<Arc<Shot>> {
    let Some(view) = &options.ask.view else { return album.newest().cloned() };
    let world_from_input = snapshot.world_from_input();
    let is_it = |shot: &&Arc<Shot>| {
        let off = (world_from_input * shot.world_from_camera).inverse() * view.world_from_camera;
        off.translation.vector.norm() < 0.01 && off.rotation.angle() < 0.01
    };
    album.shots().find(is_it).cloned()
}

fn talk(
    engine: &Engine,
    prompt: &Prompt,
    pictures: &[Chosen],
    options: &ConverseOptions,
) -> std::result::Result<Reply, Silence> {
    let images: Vec<_> = pictures.iter().map(|chosen| chosen.shot.picture.clone()).collect();
    let request = Request {
        messages: vec![Message::user(images.len(), 0, prompt.text.clone())],
        max_new_tokens: options.budget.new_tokens,
        sampling: options.sampling,
        ..Request::question(String::new(), images)
    };
    // A reply that does not end in time is gone, its words are not.
    let words = Arc::new(Mutex::new(String::new()));
    let listener = {
        let words = words.clone();
        move |piece: Piece<'_>| {
            if let Piece::Text(text) = piece {
                words.lock().push_str(text);
            }
            Flow::GoOn
        }
    };
    let job = engine.submit(request, Some(options.budget.time), options.when_busy, Box::new(listener));
    let reply = job.and_then(|job| job.wait(None));
    let failed = |why| Silence::Failed { why, words: words.lock().clone() };
    match reply {
        Ok(Some(reply)) => Ok(reply),
        Ok(None) => Err(Silence::Empty),
        Err(why) => Err(failed(why)),
    }
}
