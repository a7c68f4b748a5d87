//! Vision-language models: a folder is opened once and answers requests one after another, on a thread of its own.
//!
//! Who asks is not called while a reply is made: what is told stands in line until it is asked for ([`Job::pieces`]), so
//! that no exception of C++ ever meets the thread that answers.

use crate::bridge::{
    self, Constraint, ConstraintKind, Fit, Grid, Image, NetworkOptions, Piece, ReplyStatistics, Video, VlmFacts,
    VlmOptions, VlmRequest,
};
use crate::convert::{coded, no_such};
use crate::held::{Failure, held};
use crate::network::{Run, model_path, picture_of, precision_of, providers_of, runtime_at, within_of};
use gnomon::prepare::Rgb;
use gnomon::runtime::Runtime;
use gnomon::vlm::constraint::{self, BoxLines, MapLine, TripletLines};
use gnomon::vlm::sampling::Sampling;
use gnomon::vlm::stops::Stops;
use gnomon::vlm::{self, Engine, Flow, Folder, Message, Request};
use gnomon::{Error, ErrorKind, Result as Outcome};
use std::ops::RangeInclusive;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most tokens of a context or a part of a prompt.
pub const MAX_TOKENS: u32 = 1 << 20;

/// The most requests that stand in line.
const MAX_WAITING: u32 = 1 << 16;

/// The most conversations that are kept.
const MAX_PREFIXES: u32 = 4096;

/// The most messages, pictures and videos of a request.
const MOST: [usize; 3] = [4096, 1024, 64];

/// The most frames in a second of video.
const MAX_FPS: f64 = 1e6;

/// A vision-language model that is open.
pub struct Vlm {
    pub(crate) engine: Engine,
    facts: VlmFacts,
}

/// A request on its way, and its reply.
pub struct Job {
    job: vlm::Job,
    told: Arc<Told>,
}

/// What is told while a reply is made, until it is asked for.
#[derive(Default)]
struct Told {
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Default)]
struct Line {
    pieces: Vec<Piece>,
    has_ended: bool,
}

/// The listener's end of it: when it is dropped, nothing more is told.
struct Teller(Arc<Told>);

impl Told {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Teller {
    fn tell(&self, piece: vlm::Piece<'_>) -> Flow {
        let piece = match piece {
            vlm::Piece::Prefill { done, of } => Piece { text: String::new(), done: done as u64, of: of as u64 },
            vlm::Piece::Text(text) => Piece { text: text.to_owned(), done: 0, of: 0 },
        };
        self.0.line().pieces.push(piece);
        self.0.moved.notify_all();
        Flow::GoOn
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.line().has_ended = true;
        self.0.moved.notify_all();
    }
}

/// The defaults of a model.
pub fn default_vlm_options() -> VlmOptions {
    let ours = vlm::VlmOptions::default();
    VlmOptions {
        vision_precision: String::new(),
        feature_bytes: ours.feature_bytes as u64,
        context_tokens: 0,
        prefill_tokens: ours.prefill_tokens as u32,
        most_waiting: 16,
        prefixes: ours.prefixes as u32,
    }
}

/// The defaults of a request.
pub fn default_vlm_request() -> VlmRequest {
    let Sampling { temperature, top_k, top_p, min_p, repetition_penalty, seed } = Sampling::default();
    VlmRequest {
        messages: Vec::new(),
        prompt: String::new(),
        stops: Vec::new(),
        constraint: Constraint {
            kind: ConstraintKind::None,
            text: String::new(),
            names: Vec::new(),
            first: 0,
            least: 1,
            most: 64,
            units: false,
        },
        seed,
        temperature,
        top_p,
        min_p,
        repetition_penalty,
        top_k: top_k as u32,
        max_new_tokens: 128,
        when_busy: bridge::WhenBusy::Queue,
        within_ns: 0,
    }
}

/// A number in its bounds.
pub fn expect_within(what: &str, value: u32, bounds: RangeInclusive<u32>) -> Outcome<()> {
    if bounds.contains(&value) {
        return Ok(());
    }
    let (least, most) = bounds.into_inner();
    Err(Error::argument(format!("{what} is {value}, expected {least} to {most}")))
}

/// What to do while a model answers another request.
pub fn when_busy_of(given: bridge::WhenBusy) -> Outcome<vlm::WhenBusy> {
    coded(given.repr, &[vlm::WhenBusy::Queue, vlm::WhenBusy::Refuse], "when_busy")
}

impl VlmOptions {
    fn read(&self) -> Outcome<vlm::VlmOptions> {
        expect_within("context_tokens", self.context_tokens, 0..=MAX_TOKENS)?;
        expect_within("prefill_tokens", self.prefill_tokens, 1..=MAX_TOKENS)?;
        expect_within("most_waiting", self.most_waiting, 0..=MAX_WAITING)?;
        expect_within("prefixes", self.prefixes, 1..=MAX_PREFIXES)?;
        Ok(vlm::VlmOptions {
            vision_precision: precision_of(&self.vision_precision)?,
            context: (self.context_tokens > 0).then_some(self.context_tokens as usize),
            prefill_tokens: self.prefill_tokens as usize,
            feature_bytes: usize::try_from(self.feature_bytes).unwrap_or(usize::MAX),
            prefixes: self.prefixes as usize,
            ..vlm::VlmOptions::default()
        })
    }
}

impl bridge::Message {
    fn read(&self) -> Outcome<Message> {
        let (images, videos) = (self.images as usize, self.videos as usize);
        if images > MOST[1] || videos > MOST[2] {
            let [_, most_images, most_videos] = MOST;
            return Err(Error::argument(format!(
                "a message names {images} images and {videos} videos, expected at most {most_images} and {most_videos}"
            )));
        }
        let role = coded(self.role.repr, &[vlm::Role::User, vlm::Role::System, vlm::Role::Assistant], "role")?;
        let mut message = Message { role, ..Message::user(images, videos, self.text.as_str()) };
        if self.text.is_empty() && images + videos > 0 {
            message.content.pop();
        }
        Ok(message)
    }
}

impl Constraint {
    fn read(&self) -> Outcome<Option<constraint::Constraint>> {
        let Self { kind, ref text, ref names, first, least, most, units } = *self;
        let (text, names) = (text.clone(), names.clone());
        let (least, most) = (least as usize, most as usize);
        let ours = match kind {
            ConstraintKind::None => return Ok(None),
            ConstraintKind::JsonSchema => constraint::Constraint::JsonSchema(text),
            ConstraintKind::Regex => constraint::Constraint::Regex(text),
            ConstraintKind::Choices => constraint::Constraint::Choices(names),
            ConstraintKind::Lark => constraint::Constraint::Lark(text),
            ConstraintKind::Triplets => {
                constraint::Constraint::Triplets(TripletLines { names, first, least, most, units })
            }
            ConstraintKind::CogMap => constraint::Constraint::LocalCogMap(MapLine { names, units }),
            ConstraintKind::Boxes => constraint::Constraint::Boxes7Dof(BoxLines { labels: names, least, most }),
            other => return Err(no_such("constraint", other.repr)),
        };
        ours.check()?;
        Ok(Some(ours))
    }
}

fn pictures_of(pictures: &[Image<'_>]) -> Outcome<Vec<Arc<Rgb>>> {
    let one = |(at, image)| Ok(Arc::new(Rgb::of(&picture_of(image, &format!("picture {at}"))?)?));
    pictures.iter().enumerate().map(one).collect()
}

fn video_of(video: &Video<'_>) -> Outcome<vlm::Video> {
    let Video { frames, fps } = *video;
    if frames.is_empty() || frames.len() > MOST[1] || !(fps > 0.0 && fps <= MAX_FPS) {
        let n = frames.len();
        return Err(Error::argument(format!(
            "a video has {n} frames at {fps} a second, expected 1 to {} at more than 0 and at most {MAX_FPS:e}",
            MOST[1]
        )));
    }
    Ok(vlm::Video { frames: pictures_of(frames)?, fps })
}

impl VlmRequest {
    fn read(&self, pictures: &[Image<'_>], videos: &[Video<'_>]) -> Outcome<Request> {
        let counts = [("messages", self.messages.len()), ("pictures", pictures.len()), ("videos", videos.len())];
        for ((what, n), most) in counts.into_iter().zip(MOST) {
            if n > most {
                return Err(Error::argument(format!("{n} {what}, expected at most {most}")));
            }
        }
        if self.max_new_tokens == 0 {
            return Err(Error::argument("max_new_tokens is 0, expected 1 or more"));
        }
        if self.messages.is_empty() == self.prompt.is_empty() {
            let given = if self.prompt.is_empty() { "neither messages nor a prompt" } else { "both" };
            return Err(Error::argument(format!("the request has {given}, expected messages or a prompt")));
        }
        Stops::new(&self.stops)?;
        let request = Request {
            messages: self.messages.iter().map(bridge::Message::read).collect::<Outcome<_>>()?,
            raw: (!self.prompt.is_empty()).then(|| self.prompt.clone()),
            images: pictures_of(pictures)?,
            videos: videos.iter().map(video_of).collect::<Outcome<_>>()?,
            max_new_tokens: self.max_new_tokens as usize,
            sampling: Sampling {
                temperature: self.temperature,
                top_k: self.top_k as usize,
                top_p: self.top_p,
                min_p: self.min_p,
                repetition_penalty: self.repetition_penalty,
                seed: self.seed,
            },
            stops: self.stops.clone(),
            constraint: self.constraint.read()?,
        };
        request.sampling.check()?;
        Ok(request)
    }
}

fn facts_of(runtime: &Runtime, vlm: &vlm::Vlm) -> VlmFacts {
    let folder = vlm.folder();
    let decoder = vlm.decoder_file();
    let pictures = vlm.embed_file().unwrap_or(decoder);
    let files = vlm.embed_file().into_iter().chain(vlm.vision_files()).chain([decoder]);
    let (providers, remarks) = vlm.providers();
    VlmFacts {
        family: folder.family.word().into(),
        path: folder.path.display().to_string(),
        precision: decoder.precision.word().into(),
        vision_precision: pictures.precision.word().into(),
        runtime_path: runtime.path().display().to_string(),
        runtime_version: runtime.version().into(),
        files: files.map(|file| file.path.display().to_string()).collect(),
        providers: providers_of(providers, vlm.nodes_by_provider()),
        remarks,
        context_tokens: vlm.context() as u64,
        plan_bytes: vlm.plan_bytes(),
        takes_images: !folder.vision.is_empty(),
        shares_cache: vlm.shares_cache(),
    }
}

impl Vlm {
    /// Opens the model of a folder. Errors: options that cannot be meant, no runtime, no model.
    pub fn open(path: &str, network: &NetworkOptions, options: &VlmOptions, run: &Run) -> Result<Box<Self>, Failure> {
        held(|| {
            let (path, precision) = (model_path(path)?, precision_of(&network.precision)?);
            let asked = vlm::VlmOptions { session: network.session(run)?, precision, ..options.read()? };
            let folder = Folder::read(path)?;
            if !network.family.is_empty() || !network.labels.is_empty() {
                return Err(Error::argument("family or labels is set, expected none: the folder says what it is"));
            }
            let runtime = runtime_at(&network.runtime_path)?;
            let vlm = vlm::Vlm::open(&runtime, folder, &asked)?;
            let facts = facts_of(&runtime, &vlm);
            let engine = Engine::start(Box::new(vlm), options.most_waiting as usize)?;
            Ok(Box::new(Self { engine, facts }))
        })
    }

    /// What it is and what really runs it.
    pub fn info(&self) -> VlmFacts {
        self.facts.clone()
    }

    /// How many tokens a text is. Errors: a text that cannot be cut into tokens.
    pub fn count_tokens(&self, text: &str) -> Result<usize, Failure> {
        held(|| (self.engine.counter())(text))
    }

    /// Hands in a request. Errors: what cannot be meant, a line that is full, a model that is busy.
    pub fn submit(
        &self,
        request: &VlmRequest,
        pictures: &[Image<'_>],
        videos: &[Video<'_>],
    ) -> Result<Box<Job>, Failure> {
        let (asked, within, when_busy) = held(|| {
            Ok((request.read(pictures, videos)?, within_of(request.within_ns)?, when_busy_of(request.when_busy)?))
        })?;
        self.hand_in(asked, within, when_busy)
    }

    /// A question about pictures. Errors: as [`Self::submit`].
    pub fn ask(&self, question: &str, pictures: &[Image<'_>]) -> Result<Box<Job>, Failure> {
        let asked = held(|| Ok(Request::question(question, pictures_of(pictures)?)))?;
        self.hand_in(asked, None, vlm::WhenBusy::Queue)
    }

    fn hand_in(&self, asked: Request, within: Option<Duration>, when_busy: vlm::WhenBusy) -> Result<Box<Job>, Failure> {
        let told = Arc::new(Told::default());
        let teller = Teller(told.clone());
        let handed_in =
            held(|| Ok(self.engine.submit(asked, within, when_busy, Box::new(move |piece| teller.tell(piece)))))?;
        match handed_in {
            Ok(job) => Ok(Box::new(Job { job, told })),
            Err(error) if error.kind() == ErrorKind::State => Err(Failure::busy(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

/// When a wait is over; -1: never.
fn until(timeout_ns: i64) -> Outcome<Option<Duration>> {
    match u64::try_from(timeout_ns) {
        Ok(ns) => Ok(Some(Duration::from_nanos(ns))),
        Err(_) if timeout_ns == -1 => Ok(None),
        Err(_) => Err(Error::argument(format!("timeout_ns is {timeout_ns}, expected -1 or more"))),
    }
}

impl Job {
    /// What was told since the last time, waited for. Errors: a time below -1.
    pub fn pieces(&self, timeout_ns: i64) -> Result<Vec<Piece>, Failure> {
        held(|| {
            let deadline = until(timeout_ns)?.and_then(|at_most| Instant::now().checked_add(at_most));
            let mut line = self.told.line();
            while line.pieces.is_empty() && !line.has_ended {
                let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                line = match left {
                    None => self.told.moved.wait(line).unwrap_or_else(PoisonError::into_inner),
                    Some(left) if left.is_zero() => break,
                    Some(left) => self.told.moved.wait_timeout(line, left).unwrap_or_else(PoisonError::into_inner).0,
                };
            }
            Ok(std::mem::take(&mut line.pieces))
        })
    }

    /// Whether the reply is there within a time. Errors: what it failed with.
    pub fn wait(&self, timeout_ns: i64) -> Result<bool, Failure> {
        held(|| Ok(self.job.wait(until(timeout_ns)?)?.is_some()))
    }

    /// The reply, waited for. Errors: what it failed with.
    pub fn reply(&self) -> Result<bridge::Reply, Failure> {
        held(|| Ok(reply_of(self.waited_for()?)))
    }

    /// Where a picture lies in what the model saw. Errors: what the reply failed with, a place that the prompt has not.
    pub fn fit(&self, image: usize) -> Result<Fit, Failure> {
        held(|| {
            let placed = self.waited_for()?.placed;
            let beyond = || Error::argument(format!("picture {image} of {}: they count from 0", placed.len()));
            Ok(placed.get(image).ok_or_else(beyond)?.into())
        })
    }

    fn waited_for(&self) -> Outcome<vlm::Reply> {
        self.job.wait(None)?.ok_or_else(|| Error::state("the reply is not there yet"))
    }

    /// Whether the reply is there, or the error.
    pub fn is_done(&self) -> bool {
        self.job.is_done()
    }

    /// Ends it.
    pub fn cancel(&self) {
        self.job.cancel();
    }
}

/// Why a reply ended.
pub fn ended_of(ours: vlm::Ended) -> bridge::Ended {
    match ours {
        vlm::Ended::EndToken => bridge::Ended::EndToken,
        vlm::Ended::StopString => bridge::Ended::StopString,
        vlm::Ended::MaxTokens => bridge::Ended::MaxTokens,
        vlm::Ended::Caller => bridge::Ended::Caller,
        vlm::Ended::Constraint => bridge::Ended::Constraint,
    }
}

fn reply_of(ours: vlm::Reply) -> bridge::Reply {
    let grid = |&[frames, rows, columns]: &[usize; 3]| Grid {
        frames: frames as u32,
        rows: rows as u32,
        columns: columns as u32,
    };
    bridge::Reply {
        ended: ended_of(ours.ended),
        grids: ours.grids.iter().map(grid).collect(),
        statistics: statistics_of(&ours.statistics),
        text: ours.text,
        token_ids: ours.token_ids,
        prompt_ids: ours.prompt_ids,
    }
}

/// What a reply took.
pub fn statistics_of(ours: &vlm::Statistics) -> ReplyStatistics {
    let ns = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
    ReplyStatistics {
        prompt_tokens: ours.prompt_tokens as u64,
        reused_tokens: ours.reused_tokens as u64,
        new_tokens: ours.new_tokens as u64,
        images_seen: ours.pictures_seen as u64,
        cache_bytes: ours.cache_bytes,
        prepare_ns: ns(ours.prepare),
        vision_ns: ns(ours.vision),
        prefill_ns: ns(ours.prefill),
        first_token_ns: ns(ours.first_token),
        decode_ns: ns(ours.decode),
        run_ns: ns(ours.run),
    }
}
