//! Whoever answers requests: a model, or a script that stands in for one.

use super::model::{Ended, Flow, Piece, Reply, Request, Statistics, Vlm};
use crate::error::{Error, Result};
use crate::runtime::Control;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Counts the tokens of a text, from any thread.
pub type Counter = Arc<dyn Fn(&str) -> Result<usize> + Send + Sync>;

/// Whoever answers requests, one at a time.
pub trait Talker: Send {
    /// Answers, calling `tell` with each piece; see [`Vlm::answer`].
    fn answer(
        &mut self,
        request: &Request,
        control: &Control,
        tell: &mut dyn FnMut(Piece<'_>) -> Flow,
    ) -> Result<Reply>;

    /// What counts tokens as this talker does.
    fn counter(&self) -> Counter;

    /// The most tokens of prompt and reply together.
    fn context(&self) -> usize;
}

impl Talker for Vlm {
    fn answer(
        &mut self,
        request: &Request,
        control: &Control,
        tell: &mut dyn FnMut(Piece<'_>) -> Flow,
    ) -> Result<Reply> {
        Vlm::answer(self, request, control, tell)
    }

    fn counter(&self) -> Counter {
        Vlm::counter(self)
    }

    fn context(&self) -> usize {
        Vlm::context(self)
    }
}

/// What a [`Scripted`] does with one request.
#[derive(Debug, Clone)]
pub enum Script {
    /// Says this, a word at a time.
    Say(String),
    /// Says this again and again, until it may not any more.
    Endless(String),
    /// Fails.
    Fail(Error),
    /// Panics, as a defect would.
    Panic,
}

/// A talker without a model: says what it was told to, one script for each request, then the first again. For tests of
/// programs that talk to a model.
///
/// A token is a word with the blanks before it.
#[derive(Debug)]
pub struct Scripted {
    scripts: Vec<Script>,
    next: usize,
    /// How long each word takes.
    pause: Duration,
    /// The requests so far.
    heard: Arc<parking_lot::Mutex<Vec<Request>>>,
}

impl Scripted {
    /// One that follows these scripts. Fails if there is none.
    pub fn new(scripts: Vec<Script>, pause: Duration) -> Result<Self> {
        if scripts.is_empty() {
            return Err(Error::argument("there is no script, expected one or more"));
        }
        Ok(Self { scripts, next: 0, pause, heard: Arc::default() })
    }

    /// The requests that it heard, also after it was handed over.
    pub fn heard(&self) -> Arc<parking_lot::Mutex<Vec<Request>>> {
        self.heard.clone()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(char::is_whitespace)
}

impl Talker for Scripted {
    fn answer(
        &mut self,
        request: &Request,
        control: &Control,
        tell: &mut dyn FnMut(Piece<'_>) -> Flow,
    ) -> Result<Reply> {
        let begun = Instant::now();
        let script = self.scripts[self.next].clone();
        self.next = (self.next + 1) % self.scripts.len();
        self.heard.lock().push(request.clone());
        let (text, is_endless) = match script {
            Script::Say(text) => (text, false),
            Script::Endless(text) => (text, true),
            Script::Fail(error) => return Err(error),
            #[allow(clippy::panic, reason = "that is what was asked for")]
            Script::Panic => panic!("the script says so"),
        };
        let mut reply = Reply {
            text: String::new(),
            prompt_ids: Vec::new(),
            token_ids: Vec::new(),
            grids: Vec::new(),
            placed: Vec::new(),
            ended: Ended::EndToken,
            statistics: Statistics::default(),
        };
        loop {
            for word in words(&text) {
                std::thread::sleep(self.pause);
                control.check(begun)?;
                if reply.token_ids.len() == request.max_new_tokens {
                    reply.ended = Ended::MaxTokens;
                    return Ok(reply);
                }
                reply.token_ids.push(word.len() as u32);
                reply.text.push_str(word);
                reply.statistics.new_tokens += 1;
                if tell(Piece::Text(word)) == Flow::Stop {
                    reply.ended = Ended::Caller;
                    return Ok(reply);
                }
            }
            if !is_endless || text.is_empty() {
                return Ok(reply);
            }
        }
    }

    fn counter(&self) -> Counter {
        Arc::new(|text| Ok(words(text).count()))
    }

    fn context(&self) -> usize {
        1 << 16
    }
}
