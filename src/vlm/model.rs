//! One open model: a request goes in, words come out as they are found.
//!
//! A request becomes a text by the chat template; placeholders of pictures become as many tokens as the picture has; the
//! text becomes token numbers; numbers become rows, in which the pictures' rows stand where their tokens do; rows go
//! through the decoder in parts, and then one token after another comes out.
//!
//! What an earlier request and this one have in common at their beginning stays in a cache (`prefixes.rs`).

use super::chat::{Message, Part};
use super::constraint::{Constrained, Constraint, TokenEnv};
use super::decoder::{self, Decoder, Feed, past_of};
use super::embed::Embed;
use super::features::{Features, Key, key_among, key_of};
use super::folder::{Folder, GraphFile, Layout, choose};
use super::picture::{Placed, Prepared};
use super::position::{self, Advance, Positions, Run};
use super::prefixes::{Prefixes, Slot};
use super::sampling::{Sampler, Sampling};
use super::stops::{Detokeniser, Stops};
use super::talker::Counter;
use super::tokens::Tokens;
use super::vision::Vision;
use crate::error::{Error, ErrorKind, Result};
use crate::models::Precision;
use crate::prepare::Rgb;
use crate::runtime::{CachePlan, Control, Megabytes, ModelFile, Provider, Runtime, SessionOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a model is opened.
#[derive(Debug, Clone)]
pub struct VlmOptions {
    /// Providers, threads, limits and budget, of each of the graphs. The budget is that of all together.
    pub session: SessionOptions,
    /// The precision of the decoder; `None` takes the first of the provider's order that is there and, with the cache of a
    /// full context, fits the budget.
    pub precision: Option<Precision>,
    /// The precision of the two other graphs; `None` as above.
    pub vision_precision: Option<Precision>,
    /// Where words go on after a video; `None` is as the folder's layout was made for.
    pub advance: Option<Advance>,
    /// The most tokens of prompt and reply together; `None` is what the folder says, or 4096.
    pub context: Option<usize>,
    /// So many tokens of a prompt go through the decoder at once: a stop is heard between two parts. Fewer do where the
    /// graph gives logits of each and the vocabulary is large.
    pub prefill_tokens: usize,
    /// What is kept of pictures, bytes.
    pub feature_bytes: usize,
    /// So many conversations stay in the decoder's cache at most, 1 or more: questions that alternate between pictures
    /// then find their own. Together they take no more than the cache of one full context, which the plan has; the least
    /// lately used goes first.
    pub prefixes: usize,
}

impl Default for VlmOptions {
    fn default() -> Self {
        Self {
            session: SessionOptions::default(),
            precision: None,
            vision_precision: None,
            advance: None,
            context: None,
            prefill_tokens: 512,
            feature_bytes: 64 << 20,
            prefixes: 4,
        }
    }
}

/// Frames that follow each other.
#[derive(Debug, Clone)]
pub struct Video {
    /// Frames of one size.
    pub frames: Vec<Arc<Rgb>>,
    /// Frames in a second.
    pub fps: f64,
}

/// What a model is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The conversation so far. Its pictures and videos are those below, in order.
    pub messages: Vec<Message>,
    /// A prompt that is taken as it is, without the chat template, in place of `messages`. It holds the family's own
    /// placeholder for each picture.
    pub raw: Option<String>,
    /// The pictures.
    pub images: Vec<Arc<Rgb>>,
    /// The videos.
    pub videos: Vec<Video>,
    /// The most tokens of the reply.
    pub max_new_tokens: usize,
    /// How the next token is chosen.
    pub sampling: Sampling,
    /// The reply ends before any of these strings.
    pub stops: Vec<String>,
    /// What the reply must be.
    pub constraint: Option<Constraint>,
}

impl Request {
    /// A question about pictures; 128 tokens, greedy.
    pub fn question(question: impl Into<String>, images: Vec<Arc<Rgb>>) -> Self {
        Self {
            messages: vec![Message::user(images.len(), 0, question)],
            raw: None,
            images,
            videos: Vec::new(),
            max_new_tokens: 128,
            sampling: Sampling::default(),
            stops: Vec::new(),
            constraint: None,
        }
    }
}

/// What is told while a reply is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// So many tokens of the prompt went through the decoder, of so many that must.
    Prefill {
        /// Done.
        done: usize,
        /// To be done in all.
        of: usize,
    },
    /// The next words of the reply; whole characters.
    Text(&'a str),
}

/// What who listens says to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    GoOn,
    /// The reply ends here.
    Stop,
}

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The model said so.
    EndToken,
    /// A stop string came.
    StopString,
    /// It has as many tokens as it may.
    MaxTokens,
    /// Who listened said so.
    Caller,
    /// The constraint lets nothing follow.
    Constraint,
}

impl Ended {
    /// The word in texts for people and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::EndToken => "end_token",
            Self::StopString => "stop_string",
            Self::MaxTokens => "max_tokens",
            Self::Caller => "caller",
            Self::Constraint => "constraint",
        }
    }
}

/// What a reply took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Tokens of the prompt, and
    pub prompt_tokens: usize,
    /// how many of them were in the cache already.
    pub reused_tokens: usize,
    /// Tokens of the reply.
    pub new_tokens: usize,
    /// Pictures that the vision graph saw; the others were known.
    pub pictures_seen: usize,
    /// Template, pictures and token numbers.
    pub prepare: Duration,
    /// The vision graph.
    pub vision: Duration,
    /// The prompt through embedding and decoder.
    pub prefill: Duration,
    /// From the call to the first token.
    pub first_token: Duration,
    /// All tokens after the first.
    pub decode: Duration,
    /// Of `prefill` and `decode`, inside the decoder's graph.
    pub run: Duration,
    /// Bytes of the decoder's cache at the end, with the room that was made, and with other conversations that are kept.
    pub cache_bytes: u64,
}

/// What a model said.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The words.
    pub text: String,
    /// The prompt's tokens, pictures' among them.
    pub prompt_ids: Vec<u32>,
    /// The reply's tokens, the one that ended it included.
    pub token_ids: Vec<u32>,
    /// Frames, rows and columns of patches of each picture and video, where the family has them.
    pub grids: Vec<[usize; 3]>,
    /// Where each picture and video lies in what the model saw, in order of the prompt.
    pub placed: Vec<Placed>,
    /// Why it ended.
    pub ended: Ended,
    /// What it took.
    pub statistics: Statistics,
}

/// A vision-language model that is open.
pub struct Vlm {
    folder: Folder,
    tokens: Tokens,
    vision: Vision,
    /// None where the decoder takes token numbers.
    embed: Option<Embed>,
    decoder: Decoder,
    features: Features,
    env: Option<TokenEnv>,
    advance: Advance,
    context: usize,
    prefill_tokens: usize,
    weight_bytes: u64,
    embed_file: Option<GraphFile>,
    decoder_file: GraphFile,
    vision_files: Vec<GraphFile>,
    prefixes: Prefixes,
}

impl std::fmt::Debug for Vlm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vlm").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// The runtime's code, and what runs make in between: measured beside a model of half a billion weights.
const RUNTIME_BYTES: u64 = 64 << 20;

impl Vlm {
    /// Opens the model of a folder. Fails as [`Folder::read`] and [`crate::runtime::Session::open`] do, with
    /// [`ErrorKind::NoMemory`] where weights and cache are more than the budget, and with [`ErrorKind::Model`] where the graphs,
    /// the tokenizer and the texts do not fit together.
    pub fn open(runtime: &Arc<Runtime>, folder: Folder, options: &VlmOptions) -> Result<Self> {
        let named = |error: Error| error.within(folder.path.display());
        let session = SessionOptions { budget_bytes: None, ..options.session.clone() };
        let chosen = Chosen::of(&folder, options).map_err(named)?;
        let decoder = Decoder::open(runtime, &chosen.decoder.path, &folder.names, &session)?;
        let embed = match (chosen.embed, decoder.takes_tokens()) {
            (Some(embed), false) => Some(Embed::open(runtime, &embed.path, decoder.width(), &session)?),
            (None, true) => None,
            (Some(_), true) => {
                let why = "there is a graph of the embedding, and the decoder takes input_ids: they are of two models";
                return Err(named(Error::new(ErrorKind::Model, why)));
            }
            (None, false) => {
                let why = "the decoder takes inputs_embeds, and there is no graph of the embedding (embed_tokens)";
                return Err(named(Error::new(ErrorKind::Model, why)));
            }
        };
        let vision = Vision::new(runtime, &chosen.vision, decoder.width(), &session)?;
        let tokens = Tokens::read(&folder.path, folder.tokens.begin.clone()).map_err(named)?;
        check_tokens(&folder, &tokens, &decoder).map_err(named)?;
        let context = folder.context_of(options.context);
        let prefill_tokens = options.prefill_tokens.clamp(1, decoder.most_at_once());
        let usual = match folder.layout {
            Layout::HuggingFace => Advance::LongerSide,
            Layout::GenAi => Advance::AfterLargest,
        };
        let embed_file = chosen.embed.cloned();
        let decoder_file = chosen.decoder.clone();
        let vision_files = chosen.vision.iter().map(|file| (*file).clone()).collect();
        let weight_bytes = chosen.weight_bytes;
        let most_prefixes = if decoder.grows() { options.prefixes } else { 1 };
        Ok(Self {
            folder,
            tokens,
            vision,
            embed,
            decoder,
            features: Features::new(options.feature_bytes),
            env: None,
            advance: options.advance.unwrap_or(usual),
            context,
            prefill_tokens,
            weight_bytes,
            embed_file,
            decoder_file,
            vision_files,
            prefixes: Prefixes::new(most_prefixes, context),
        })
    }

    /// The folder that it was opened from.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The file of the embedding that was chosen; none where the decoder has its own.
    pub fn embed_file(&self) -> Option<&GraphFile> {
        self.embed_file.as_ref()
    }

    /// That of the decoder.
    pub fn decoder_file(&self) -> &GraphFile {
        &self.decoder_file
    }

    /// Those of the vision graphs that were chosen: none, one, or one for each grid of patches.
    pub fn vision_files(&self) -> &[GraphFile] {
        &self.vision_files
    }

    /// How many nodes of the decoder each provider got, by its name; `None` where the runtime does not tell.
    pub fn nodes_by_provider(&self) -> Option<&BTreeMap<String, usize>> {
        self.decoder.session().nodes_by_provider()
    }

    /// The most tokens of prompt and reply together.
    pub fn context(&self) -> usize {
        self.context
    }

    /// What a process takes for it, bytes: weights of the graphs, the cache of a full context, the logits of one part of a
    /// prompt, the tokenizer, and what the runtime has for itself.
    pub fn plan_bytes(&self) -> u64 {
        let parts = [
            self.weight_bytes,
            self.decoder.cache_bytes(self.context),
            self.decoder.logits_bytes(self.prefill_tokens.min(self.context)),
            self.tokens.bytes(),
            RUNTIME_BYTES,
        ];
        parts.into_iter().fold(0, u64::saturating_add)
    }

    /// What the decoder runs on, and what is not as it was asked for.
    pub fn providers(&self) -> (&[String], Vec<String>) {
        let sessions = std::iter::once(self.decoder.session().as_ref()).chain(self.vision.sessions());
        let remarks = sessions.flat_map(|session| session.remarks().iter().cloned());
        (self.decoder.session().providers(), remarks.collect())
    }

    /// Whether the decoder writes into its cache where it lies.
    pub fn shares_cache(&self) -> bool {
        self.decoder.shares_cache()
    }

    /// How many tokens a text is.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        self.tokens.count(text)
    }

    /// What counts tokens as [`count_tokens`](Self::count_tokens) does, from any thread.
    pub fn counter(&self) -> Counter {
        let tokens = self.tokens.clone();
        Arc::new(move |text| tokens.count(text))
    }

    /// The text that the chat template makes of a conversation, placeholders not yet replaced. Fails if there is no
    /// template.
    pub fn prompt(&self, messages: &[Message]) -> Result<String> {
        let template =
            self.folder.template.as_ref().ok_or_else(|| {
                Error::new(ErrorKind::Model, "the folder has no chat template: give the prompt as it is")
            })?;
        template.render(messages)
    }

    /// Forgets what it keeps of earlier requests.
    pub fn forget(&mut self) -> Result<()> {
        self.prefixes.clear();
        self.features.clear();
        self.decoder.rewind(0).map(drop)
    }

    /// Answers. `tell` is called with each piece of text, and between parts of a long prompt.
    ///
    /// Fails with [`ErrorKind::Argument`] for a request that cannot be meant, [`ErrorKind::Cancelled`] when `control` ends
    /// it, [`ErrorKind::Unsupported`] for a picture that the folder's graphs do not take.
    pub fn answer(
        &mut self,
        request: &Request,
        control: &Control,
        tell: &mut dyn FnMut(Piece<'_>) -> Flow,
    ) -> Result<Reply> {
        let clock = Clock { begun: Instant::now(), control };
        check_request(request)?;
        let mut statistics = Statistics::default();
        let stops = Stops::new(&request.stops)?;
        let prompt = self.read_prompt(request)?;
        statistics.prompt_tokens = prompt.ids.len();
        statistics.prepare = clock.begun.elapsed();
        let room = self.context.saturating_sub(prompt.ids.len());
        if room == 0 {
            let (given, most) = (prompt.ids.len(), self.context);
            return Err(Error::argument(format!("the prompt has {given} tokens, fewer than {most} are taken")));
        }
        let most = request.max_new_tokens.min(room);
        let flow = self.prefill(&prompt, most, &clock, tell, &mut statistics)?;
        let mut reply = Reply {
            text: String::new(),
            prompt_ids: prompt.ids,
            token_ids: Vec::new(),
            grids: prompt.pictures.iter().filter_map(|picture| picture.prepared.grid).collect(),
            placed: prompt.pictures.iter().map(|picture| picture.prepared.placed).collect(),
            ended: Ended::Caller,
            statistics,
        };
        if flow == Flow::GoOn {
            reply.ended = self.generate(request, most, prompt.positions.next, stops, &clock, &mut reply, tell)?;
            reply.statistics.decode = clock.begun.elapsed().saturating_sub(reply.statistics.first_token);
        }
        reply.statistics.new_tokens = reply.token_ids.len();
        reply.statistics.cache_bytes = self.decoder.cache_bytes(self.decoder.tokens() + self.prefixes.parked_tokens());
        Ok(reply)
    }

    /// The tokens of a request, the pictures among them, and where all stand.
    fn read_prompt(&self, request: &Request) -> Result<Prompt> {
        if !self.vision.is_there() && (!request.images.is_empty() || !request.videos.is_empty()) {
            return Err(Error::new(ErrorKind::Unsupported, "the folder has no vision graph: it takes words alone"));
        }
        let text = match &request.raw {
            Some(raw) => raw.clone(),
            None => self.prompt(&request.messages)?,
        };
        let (text, mut pictures) = self.expand(&text, request)?;
        let is_joint = self.vision.mixes() && pictures.len() > 1 && pictures[0].0.prepared.grid.is_none();
        if is_joint {
            let all: Vec<Key> = pictures.iter().map(|(_, key)| *key).collect();
            pictures.iter_mut().enumerate().for_each(|(at, (_, key))| *key = key_among(&all, at));
        }
        let ids = self.tokens.encode(&text)?;
        let mut runs = Vec::new();
        let mut slots: Vec<Slot> = ids.iter().map(|id| (*id, 0)).collect();
        // A picture's tokens are one run, or one for each tile.
        let mut at = 0;
        let mut places = Vec::new();
        for (picture, key) in &pictures {
            let Prepared { tokens, token_grid, .. } = picture.prepared;
            let mut left = tokens;
            let begin = at;
            while left > 0 {
                let Some(next) = (at..ids.len()).find(|place| self.stands_for_picture(ids[*place])) else { break };
                slots[next].1 = mark_of(key, picture.interval);
                if left == tokens {
                    runs.push(Run { start: next, grid: token_grid, interval: picture.interval });
                }
                places.push(next);
                (left, at) = (left - 1, next + 1);
            }
            if left > 0 {
                return Err(mismatch(tokens - left, tokens, begin));
            }
        }
        if let Some(extra) = (at..ids.len()).find(|place| self.stands_for_picture(ids[*place])) {
            return Err(Error::argument(format!(
                "the prompt has a picture's token at {extra} beyond the pictures of the request"
            )));
        }
        let positions = if self.folder.family.has_three_positions() && self.decoder.position_rows() == 3 {
            position::three(ids.len(), &runs, self.advance)?
        } else if self.folder.family.has_three_positions() && !runs.is_empty() && self.decoder.position_rows() == 1 {
            return Err(Error::new(ErrorKind::Model, "the decoder takes one row of positions, pictures need three"));
        } else {
            position::plain(ids.len())
        };
        let (pictures, keys) = pictures.into_iter().unzip();
        Ok(Prompt { ids, slots, places, pictures, keys, positions, is_joint })
    }

    fn stands_for_picture(&self, id: u32) -> bool {
        Some(id) == self.folder.tokens.image || Some(id) == self.folder.tokens.video
    }

    /// Replaces each placeholder by as many tokens as its picture has; gives the pictures in order of the text.
    fn expand(&self, text: &str, request: &Request) -> Result<(String, Vec<(Picture, Key)>)> {
        let word = |token: u32| self.tokens.word(token);
        let image = self.folder.tokens.image.and_then(word).unwrap_or_default();
        let video = self.folder.tokens.video.and_then(word).unwrap_or_default();
        let next_of = |text: &str, word: &str| if word.is_empty() { None } else { text.find(word) };
        let (mut images, mut videos) = (request.images.iter(), request.videos.iter());
        let (mut out, mut rest) = (String::with_capacity(text.len()), text);
        let mut pictures = Vec::new();
        loop {
            let (at, is_video) = match (next_of(rest, &image), next_of(rest, &video)) {
                (None, None) => break,
                (Some(image), Some(video)) => (image.min(video), video < image),
                (Some(image), None) => (image, false),
                (None, Some(video)) => (video, true),
            };
            let (prepared, interval, word) = if is_video {
                let video_in = videos.next().ok_or_else(|| too_many("videos", request.videos.len()))?;
                let frames: Vec<&Rgb> = video_in.frames.iter().map(Arc::as_ref).collect();
                (self.folder.processor.video(&frames)?, self.folder.interval(video_in.fps), &video)
            } else {
                let picture = images.next().ok_or_else(|| too_many("pictures", request.images.len()))?;
                (self.folder.processor.image(picture)?, 1.0, &image)
            };
            out.push_str(&rest[..at]);
            out.push_str(&self.folder.words_of(&prepared, word));
            rest = &rest[at + word.len()..];
            let key = key_of(&prepared);
            pictures.push((Picture { prepared, interval, is_video }, key));
        }
        out.push_str(rest);
        let left = (images.count(), videos.count());
        if left != (0, 0) {
            return Err(Error::argument(format!(
                "the prompt has no place for {} of the pictures and {} of the videos: expected {image:?} or {video:?} for each",
                left.0, left.1
            )));
        }
        Ok((out, pictures))
    }

    /// Brings the prompt into the decoder's cache, as far as it is not there.
    fn prefill(
        &mut self,
        prompt: &Prompt,
        most: usize,
        clock: &Clock<'_>,
        tell: &mut dyn FnMut(Piece<'_>) -> Flow,
        statistics: &mut Statistics,
    ) -> Result<Flow> {
        let kept = self.prefixes.enter(&mut self.decoder, &prompt.slots, most)?;
        statistics.reused_tokens = kept;
        let looking = Instant::now();
        let rows = self.rows_of_pictures(prompt, kept, clock, statistics)?;
        statistics.vision = looking.elapsed();
        let begun = Instant::now();
        let total = prompt.ids.len();
        let mut inputs = Vec::new();
        let mut at = kept;
        while at < total {
            let end = (at + self.prefill_tokens).min(total);
            inputs.clear();
            self.rows_of(prompt, &rows, at, end, &mut inputs, clock)?;
            let fed = if self.embed.is_some() { Feed::Rows(&inputs) } else { Feed::Tokens(&prompt.ids[at..end]) };
            let running = Instant::now();
            self.decoder.feed(fed, &decoder::part(&prompt.positions, at, end), &clock.rest()?)?;
            statistics.run += running.elapsed();
            self.prefixes.fed(prompt.slots[at..end].iter().copied());
            at = end;
            if tell(Piece::Prefill { done: at - kept, of: total - kept }) == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        statistics.prefill = begun.elapsed();
        Ok(Flow::GoOn)
    }

    /// The rows of each picture that has a token beyond `kept`.
    fn rows_of_pictures(
        &mut self,
        prompt: &Prompt,
        kept: usize,
        clock: &Clock<'_>,
        statistics: &mut Statistics,
    ) -> Result<Vec<Arc<Vec<f32>>>> {
        let mut all = Vec::new();
        let mut end = 0;
        for (picture, key) in prompt.pictures.iter().zip(&prompt.keys) {
            end += picture.prepared.tokens;
            let is_wanted = prompt.places[end - 1] >= kept;
            if !is_wanted {
                all.push(Arc::default());
                continue;
            }
            let rows = match self.features.get(key) {
                Some(rows) => rows,
                None if prompt.is_joint => return self.rows_together(prompt, clock, statistics),
                None => {
                    let rows = Arc::new(self.vision.rows(&picture.prepared, &clock.rest()?)?);
                    statistics.pictures_seen += 1;
                    self.features.put(*key, rows.clone());
                    rows
                }
            };
            all.push(rows);
        }
        Ok(all)
    }

    /// The rows of all pictures, of a graph to which one is not the same beside others.
    fn rows_together(
        &mut self,
        prompt: &Prompt,
        clock: &Clock<'_>,
        statistics: &mut Statistics,
    ) -> Result<Vec<Arc<Vec<f32>>>> {
        let pictures: Vec<&Prepared> = prompt.pictures.iter().map(|picture| &picture.prepared).collect();
        let rows = self.vision.rows(&Prepared::joined(&pictures), &clock.rest()?)?;
        statistics.pictures_seen += pictures.len();
        let width = self.decoder.width();
        let mut all = Vec::new();
        let mut rest = rows.as_slice();
        for (picture, key) in pictures.iter().zip(&prompt.keys) {
            let (own, others) = rest.split_at(picture.tokens * width);
            let own = Arc::new(own.to_vec());
            self.features.put(*key, own.clone());
            all.push(own);
            rest = others;
        }
        Ok(all)
    }

    /// The rows of the prompt's tokens from `from` to `to`; none where the decoder takes their numbers.
    fn rows_of(
        &mut self,
        prompt: &Prompt,
        pictures: &[Arc<Vec<f32>>],
        from: usize,
        to: usize,
        out: &mut Vec<f32>,
        clock: &Clock<'_>,
    ) -> Result<()> {
        let Some(embed) = &mut self.embed else { return Ok(()) };
        let width = self.decoder.width();
        let mut features = Vec::new();
        let mut puts = Vec::new();
        let mut place = 0;
        for (picture, rows) in prompt.pictures.iter().zip(pictures) {
            for k in 0..picture.prepared.tokens {
                let at = prompt.places[place + k];
                if (from..to).contains(&at) {
                    let row = &rows[k * width..][..width];
                    if embed.merges() && !picture.is_video {
                        features.extend_from_slice(row);
                    } else {
                        puts.push((at - from, row));
                    }
                }
            }
            place += picture.prepared.tokens;
        }
        let begin = out.len();
        embed.rows(&prompt.ids[from..to], &features, out, &clock.rest()?)?;
        for (at, row) in puts {
            out[begin + at * width..][..width].copy_from_slice(row);
        }
        Ok(())
    }

    /// One token after another, until something ends it.
    #[allow(clippy::too_many_arguments, reason = "the parts of one loop")]
    fn generate(
        &mut self,
        request: &Request,
        most: usize,
        mut position: i64,
        mut stops: Stops,
        clock: &Clock<'_>,
        reply: &mut Reply,
        tell: &mut dyn FnMut(Piece<'_>) -> Flow,
    ) -> Result<Ended> {
        let vocabulary = self.decoder.logits()?.len();
        let mut sampler = Sampler::new(request.sampling, vocabulary)?;
        reply.prompt_ids.iter().for_each(|token| sampler.saw(*token));
        let mut constrained = self.constrained(request, vocabulary)?;
        let tokenizer = self.tokens.shared();
        let mut speech = Speech { detokeniser: Detokeniser::new(&tokenizer, true), stops: &mut stops, tell };
        let mut rows = Vec::new();
        let mut fed = Vec::new();
        loop {
            if reply.token_ids.len() >= most {
                speech.finish(reply)?;
                return Ok(Ended::MaxTokens);
            }
            clock.check()?;
            let mask = constrained.as_mut().map(Constrained::mask).transpose()?;
            let token = sampler.pick(self.decoder.logits()?, mask)?;
            if reply.token_ids.is_empty() {
                reply.statistics.first_token = clock.begun.elapsed();
            }
            fed.clear();
            fed.push(token);
            if let Some(constrained) = &mut constrained {
                constrained.accept(token)?;
                // What must follow anyway goes through the decoder together.
                for forced in constrained.forced()? {
                    if reply.token_ids.len() + fed.len() >= most || constrained.accept(forced).is_err() {
                        break;
                    }
                    fed.push(forced);
                }
            }
            for token in &fed {
                sampler.saw(*token);
                reply.token_ids.push(*token);
                if self.folder.tokens.ends.contains(token) {
                    speech.finish(reply)?;
                    return Ok(Ended::EndToken);
                }
                if let Some(ended) = speech.say(*token, reply)? {
                    return Ok(ended);
                }
            }
            if constrained.as_ref().is_some_and(Constrained::is_done) {
                speech.finish(reply)?;
                return Ok(Ended::Constraint);
            }
            if reply.token_ids.len() >= most {
                continue;
            }
            rows.clear();
            if let Some(embed) = &mut self.embed {
                embed.rows(&fed, &[], &mut rows, &clock.rest()?)?;
            }
            let next = if self.embed.is_some() { Feed::Rows(&rows) } else { Feed::Tokens(&fed) };
            let line: Vec<i64> = (position..position + fed.len() as i64).collect();
            let running = Instant::now();
            self.decoder.feed(next, &[&line], &clock.rest()?)?;
            reply.statistics.run += running.elapsed();
            self.prefixes.fed(fed.iter().map(|token| (*token, 0)));
            position += fed.len() as i64;
        }
    }

    fn constrained(&mut self, request: &Request, vocabulary: usize) -> Result<Option<Constrained>> {
        let Some(constraint) = &request.constraint else { return Ok(None) };
        if self.env.as_ref().is_none_or(|env| env.vocabulary() != vocabulary) {
            self.env = Some(TokenEnv::new(self.tokens.shared(), &self.folder.tokens.ends, vocabulary)?);
        }
        self.env.as_ref().map(|env| Constrained::new(constraint, env)).transpose()
    }
}

/// Tokens becoming words that somebody hears.
struct Speech<'a, 't> {
    detokeniser: Detokeniser<'t>,
    stops: &'a mut Stops,
    tell: &'a mut dyn FnMut(Piece<'_>) -> Flow,
}

impl Speech<'_, '_> {
    fn say(&mut self, token: u32, reply: &mut Reply) -> Result<Option<Ended>> {
        let piece = self.detokeniser.push(token)?;
        let shown = self.stops.push(&piece);
        let flow = self.show(&shown.text, reply);
        Ok(match (shown.stopped, flow) {
            (true, _) => Some(Ended::StopString),
            (false, Flow::Stop) => Some(Ended::Caller),
            (false, Flow::GoOn) => None,
        })
    }

    fn finish(&mut self, reply: &mut Reply) -> Result<()> {
        let piece = self.detokeniser.finish()?;
        let shown = self.stops.push(&piece);
        let mut text = shown.text;
        text.push_str(&self.stops.finish());
        self.show(&text, reply);
        Ok(())
    }

    fn show(&mut self, text: &str, reply: &mut Reply) -> Flow {
        if text.is_empty() {
            return Flow::GoOn;
        }
        reply.text.push_str(text);
        (self.tell)(Piece::Text(text))
    }
}

/// What tells a picture's tokens from another's: the picture, and of a video how far apart its frames stand. Never 0.
fn mark_of(key: &Key, interval: f64) -> u64 {
    let picture = u64::from_le_bytes([key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7]]);
    (picture ^ interval.to_bits()) | 1
}

/// A prompt, read.
struct Prompt {
    ids: Vec<u32>,
    slots: Vec<Slot>,
    /// Where the tokens of all pictures stand, one picture after another.
    places: Vec<usize>,
    pictures: Vec<Picture>,
    keys: Vec<Key>,
    positions: Positions,
    /// Whether the pictures go through the vision graph together.
    is_joint: bool,
}

/// A picture or video of the prompt.
struct Picture {
    prepared: Prepared,
    interval: f64,
    is_video: bool,
}

/// The time that a request has.
struct Clock<'a> {
    begun: Instant,
    control: &'a Control,
}

impl Clock<'_> {
    /// What is left for one run. Fails if nothing is.
    fn rest(&self) -> Result<Control> {
        self.check()?;
        let within = self.control.within.map(|within| within.saturating_sub(self.begun.elapsed()));
        Ok(Control { cancel: self.control.cancel.clone(), within })
    }

    fn check(&self) -> Result<()> {
        self.control.check(self.begun)
    }
}

/// The files that are opened.
struct Chosen<'a> {
    /// None where there is none to choose from.
    embed: Option<&'a GraphFile>,
    vision: Vec<&'a GraphFile>,
    decoder: &'a GraphFile,
    weight_bytes: u64,
}

impl<'a> Chosen<'a> {
    fn of(folder: &'a Folder, options: &VlmOptions) -> Result<Self> {
        let on_gpu = options.session.providers.first().is_some_and(Provider::is_of_a_gpu);
        let order: &[Precision] = if on_gpu { &GPU_ORDER } else { &CPU_ORDER };
        let ranked = |files: &'a [GraphFile], asked: Option<Precision>, what: &str| -> Result<Vec<&'a GraphFile>> {
            if asked.is_some() {
                return choose(files, asked, what).map(|file| vec![file]);
            }
            let rank = |file: &&GraphFile| order.iter().position(|one| *one == file.precision);
            let mut files: Vec<&GraphFile> = files.iter().collect();
            files.sort_by_key(rank);
            Ok(files)
        };
        let others = options.vision_precision;
        let embed = if folder.embed.is_empty() { Vec::new() } else { ranked(&folder.embed, others, "embedding")? };
        let vision =
            if folder.vision.is_empty() { Vec::new() } else { ranked(&folder.vision, others, "vision graph")? };
        let decoders = ranked(&folder.decoder, options.precision, "decoder")?;
        let embed = embed.first().copied();
        let precision = vision.first().map(|file| file.precision);
        let vision: Vec<&GraphFile> = folder.vision.iter().filter(|file| Some(file.precision) == precision).collect();
        let limits = &options.session.limits;
        let read = |file: &GraphFile| ModelFile::read(&file.path, limits);
        let mut fixed = 0;
        for file in embed.iter().chain(&vision) {
            fixed += read(file)?.weight_bytes;
        }
        let context = folder.context_of(options.context);
        let budget = options.session.budget_bytes.unwrap_or(u64::MAX);
        let mut least = u64::MAX;
        for decoder in decoders {
            let model = read(decoder)?;
            let cache = CachePlan::of(&model, |name| past_of(name, &folder.names.cache), folder.names.head_size);
            let weights = fixed + model.weight_bytes;
            let needed = weights.saturating_add(cache.bytes(context as u64));
            if needed <= budget {
                return Ok(Self { embed, vision, decoder, weight_bytes: weights });
            }
            least = least.min(needed);
        }
        let (least, budget) = (Megabytes(least), Megabytes(budget));
        Err(Error::new(
            ErrorKind::NoMemory,
            format!(
                "weights and the cache of {context} tokens take {least} at least, more than the budget of {budget}"
            ),
        ))
    }
}

/// Small before exact: what a processor computes with few bits is quick.
const CPU_ORDER: [Precision; 8] = [
    Precision::Q4,
    Precision::Q8,
    Precision::Int8,
    Precision::Uint8,
    Precision::Fp32,
    Precision::Bnb4,
    Precision::Fp16,
    Precision::Q4f16,
];

/// A GPU computes with half floats.
const GPU_ORDER: [Precision; 8] = [
    Precision::Q4f16,
    Precision::Fp16,
    Precision::Q4,
    Precision::Fp32,
    Precision::Q8,
    Precision::Int8,
    Precision::Uint8,
    Precision::Bnb4,
];

fn check_request(request: &Request) -> Result<()> {
    if request.max_new_tokens == 0 {
        return Err(Error::argument("max_new_tokens is 0, expected 1 or more"));
    }
    if let Some(video) = request.videos.iter().find(|video| !(video.fps > 0.0 && video.fps.is_finite())) {
        return Err(Error::argument(format!("the video has {} frames a second, expected a number above 0", video.fps)));
    }
    if request.raw.is_none() {
        let count =
            |wanted: &Part| request.messages.iter().flat_map(|one| &one.content).filter(|part| *part == wanted).count();
        for (part, given, what) in
            [(Part::Image, request.images.len(), "pictures"), (Part::Video, request.videos.len(), "videos")]
        {
            if count(&part) != given {
                let named = count(&part);
                return Err(Error::argument(format!("the messages name {named} {what}, {given} were given")));
            }
        }
    }
    Ok(())
}

fn check_tokens(folder: &Folder, tokens: &Tokens, decoder: &Decoder) -> Result<()> {
    let wrong = |why: String| Err(Error::new(ErrorKind::Model, why));
    let known = tokens.size();
    if let Some(logits) = decoder.vocabulary()
        && known > logits
    {
        return wrong(format!(
            "tokenizer.json has {known} tokens, the decoder gives {logits} logits: they are of two models"
        ));
    }
    let special = &folder.tokens;
    let image = special.image.filter(|_| !folder.vision.is_empty()).map(|token| (token, "is the picture's"));
    for (token, what) in special.ends.iter().map(|token| (*token, "ends a reply")).chain(image) {
        if tokens.word(token).is_none() {
            return wrong(format!("token {token}, which {what}, is none of tokenizer.json's {known}"));
        }
    }
    Ok(())
}

fn mismatch(given: usize, expected: usize, from: usize) -> Error {
    Error::new(
        ErrorKind::Model,
        format!("the prompt has {given} tokens for a picture from token {from} on, the picture has {expected}"),
    )
}

fn too_many(what: &str, given: usize) -> Error {
    Error::argument(format!("the prompt has places for more {what} than the {given} that were given"))
}

mod trial;

#[cfg(test)]
mod golden_tests;

pub use trial::Trial;
