//! A scene and a vision-language model, asked together: two answers, and whether the map agrees with the model's.

use crate::answer::{Answer, kind_of, verdict_of};
use crate::bridge::{self, AlbumOptions, ConverseOptions, Frame, SaidFacts, ValueKind};
use crate::convert::{coded, frame_of, pose_of};
use crate::held::{Failure, Single, held};
use crate::snapshot::Snapshot;
use crate::vlm::{MAX_TOKENS, Vlm, ended_of, expect_within, statistics_of, when_busy_of};
use gnomon::converse::{self, Budget, Facts, Heard, Silence, ask_shown};
use gnomon::vlm::Statistics;
use gnomon::vlm::sampling::Sampling;
use gnomon::{Error, Result as Outcome};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most pictures of a question.
const MAX_IMAGES: u32 = 1024;

/// The camera's pictures that are kept for questions.
pub struct Album {
    /// Held by who changes it; the album itself is locked for the change alone.
    changing: Single<()>,
    album: Mutex<converse::Album>,
}

/// Two answers to one question.
pub struct Conversed(converse::Told);

/// The defaults of an album.
pub fn default_album_options() -> AlbumOptions {
    let converse::AlbumOptions { count, least_shift_m, least_turn_deg, most_wait_ns } =
        converse::AlbumOptions::default();
    AlbumOptions { count: count as u64, least_shift_m, least_turn_deg, most_wait_ns }
}

/// The defaults of a question to both.
pub fn default_converse_options() -> ConverseOptions {
    let converse::ConverseOptions { budget, sampling, .. } = converse::ConverseOptions::default();
    ConverseOptions {
        ask: crate::ask::default_ask_options(),
        images: budget.images as u32,
        text_tokens: budget.text_tokens as u32,
        new_tokens: budget.new_tokens as u32,
        facts: bridge::Facts::Scene,
        within_ns: budget.time.as_nanos() as i64,
        seed: sampling.seed,
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        min_p: sampling.min_p,
        repetition_penalty: sampling.repetition_penalty,
        top_k: sampling.top_k as u32,
        when_busy: bridge::WhenBusy::Queue,
    }
}

impl AlbumOptions {
    fn read(&self) -> converse::AlbumOptions {
        let Self { count, least_shift_m, least_turn_deg, most_wait_ns } = *self;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        converse::AlbumOptions { count, least_shift_m, least_turn_deg, most_wait_ns }
    }
}

impl ConverseOptions {
    fn read(&self) -> Outcome<converse::ConverseOptions> {
        expect_within("images", self.images, 0..=MAX_IMAGES)?;
        expect_within("text_tokens", self.text_tokens, 0..=MAX_TOKENS)?;
        expect_within("new_tokens", self.new_tokens, 1..=MAX_TOKENS)?;
        let within_ns = u64::try_from(self.within_ns).ok().filter(|within_ns| *within_ns > 0);
        let above_0 = || Error::argument(format!("within_ns is {}, expected above 0", self.within_ns));
        let sampling = Sampling {
            temperature: self.temperature,
            top_k: self.top_k as usize,
            top_p: self.top_p,
            min_p: self.min_p,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
        };
        sampling.check()?;
        let facts = [Facts::Nothing, Facts::Scene, Facts::SceneAndMeasured];
        Ok(converse::ConverseOptions {
            ask: self.ask.read()?,
            budget: Budget {
                images: self.images as usize,
                text_tokens: self.text_tokens as usize,
                new_tokens: self.new_tokens as usize,
                time: Duration::from_nanos(within_ns.ok_or_else(above_0)?),
            },
            facts: coded(self.facts.repr, &facts, "facts")?,
            sampling,
            when_busy: when_busy_of(self.when_busy)?,
        })
    }
}

impl Album {
    /// An album of nothing. Errors: options out of range.
    pub fn create(options: &AlbumOptions) -> Result<Box<Self>, Failure> {
        held(|| {
            let album = Mutex::new(converse::Album::new(options.read())?);
            Ok(Box::new(Self { changing: Single::new("album", ()), album }))
        })
    }

    /// Offers a frame. Errors: a frame that cannot be meant or has no picture, a number that does not rise.
    pub fn offer(&self, number: u64, frame: &Frame<'_>) -> Result<bool, Failure> {
        self.change(|album| album.offer(number, &frame_of(frame)?))
    }

    /// Corrects where a picture was taken. Errors: a pose that is none.
    pub fn correct(&self, number: u64, world_from_camera: &[f64; 16]) -> Result<bool, Failure> {
        self.change(|album| Ok(album.correct(number, pose_of(world_from_camera, "world_from_camera")?)))
    }

    fn change<R>(&self, work: impl FnOnce(&mut converse::Album) -> Outcome<R>) -> Result<R, Failure> {
        self.changing.change(|()| work(&mut self.lent()))
    }

    /// How many pictures there are.
    pub fn size(&self) -> usize {
        self.lent().len()
    }

    /// For reading. After a panic offers are refused, and what was there can still be asked for.
    fn lent(&self) -> MutexGuard<'_, converse::Album> {
        self.album.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks a scene and a model. Errors: options out of range, texts too long.
pub fn ask_with_model(
    snapshot: &Snapshot,
    album: &Album,
    vlm: &Vlm,
    question: &str,
    choices: &[&str],
    options: &ConverseOptions,
) -> Result<Box<Conversed>, Failure> {
    held(|| {
        let choices: Vec<String> = choices.iter().map(|choice| choice.to_string()).collect();
        let lend = |choose: &dyn Fn(&converse::Album) -> Vec<converse::Chosen>| choose(&album.lent());
        let told = ask_shown(&snapshot.0, lend, question, &choices, Some(&vlm.engine), &options.read()?)?;
        Ok(Box::new(Conversed(told)))
    })
}

impl SaidFacts {
    fn with(self, heard: &Heard) -> Self {
        let value = heard.said.value.as_ref();
        Self {
            verdict: verdict_of(heard.said.verdict),
            value: value.map_or(ValueKind::None, kind_of),
            option: heard.said.option.and_then(|option| option.try_into().ok()).unwrap_or(-1),
            ended: ended_of(heard.ended),
            number: value.and_then(|value| value.parts().0.first().copied()).unwrap_or(0.0),
            statistics: statistics_of(&heard.statistics),
            ..self
        }
    }
}

impl Conversed {
    /// Geometry's answer.
    pub fn answer(&self) -> Box<Answer> {
        Box::new(Answer(self.0.answer.clone()))
    }

    /// What the model said, in numbers.
    pub fn facts(&self) -> SaidFacts {
        let told = &self.0;
        let bare = SaidFacts {
            silence: bridge::Silence::None,
            failure: String::new(),
            verdict: bridge::Verdict::Untestable,
            value: ValueKind::None,
            option: -1,
            ended: bridge::Ended::EndToken,
            number: 0.0,
            images: told.pictures.len() as u64,
            text_tokens: told.prompt.as_ref().map_or(0, |prompt| prompt.tokens as u64),
            statistics: statistics_of(&Statistics::default()),
        };
        match &told.heard {
            Ok(heard) => bare.with(heard),
            Err(Silence::NoModel) => SaidFacts { silence: bridge::Silence::NoModel, ..bare },
            Err(Silence::Empty) => SaidFacts { silence: bridge::Silence::Empty, ..bare },
            Err(Silence::Failed { why, .. }) => {
                SaidFacts { silence: bridge::Silence::Failed, failure: Failure::from(why.clone()).to_string(), ..bare }
            }
        }
    }

    /// The model's words.
    pub fn words(&self) -> &str {
        self.0.words()
    }

    /// All of it.
    pub fn json(&self) -> String {
        self.0.to_json().to_string()
    }
}
