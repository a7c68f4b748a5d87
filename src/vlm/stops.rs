//! Tokens to text as they come, and the strings at which a reply ends.
//!
//! Two things hold text back. A token may end in the middle of a character: a [`Detokeniser`] shows characters when
//! they are whole. A piece may end in the middle of a stop string: [`Stops`] shows what cannot become one any more. Both
//! give the same text however the tokens or the pieces are cut, and what was shown is never taken back.
//!
//! ```text
//! token ids -> Detokeniser::push -> piece -> Stops::push -> text that may be shown, and whether it has ended
//! ```
//!
//! A reply ends with the first stop string that is complete; of those that are complete at the same byte the longest
//! counts. It is not shown, nor is what comes after.
//!
//! **Characters.** Byte-level tokenizers (GPT-2's alphabet) may cut a character anywhere; those with byte fallback
//! (Llama's) spell rare ones `<0xE2><0x82><0xAC>`. Of the latter a run of bytes that is not UTF-8 as a whole is decoded
//! to one U+FFFD a byte, even where its beginning is: so a run is shown when the token after it has come. The text of all
//! pieces is what the tokenizer gives when it decodes all tokens at once.
//!
//! Cost: a token decodes a window of the last few tokens; a piece costs its bytes times the number of stop strings.

use crate::error::{Error, ErrorKind, Result};
use tokenizers::{Decoder, Tokenizer};

/// The most stop strings.
pub const MAX_STOPS: usize = 64;

/// The longest stop string, bytes.
pub const MAX_STOP_BYTES: usize = 1024;

/// So many tokens are decoded together at most, before the oldest are let go.
const MAX_WINDOW: usize = 64;

/// Tokens that stay in the window for what they say of those that follow.
const CONTEXT: usize = 8;

const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Watches text for strings at which it ends.
#[derive(Debug, Clone)]
pub struct Stops {
    watched: Vec<Watched>,
    held: String,
    stopped: bool,
}

/// What a piece of text made sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What may be shown now.
    pub text: String,
    /// True when a stop string has come; nothing is shown any more.
    pub stopped: bool,
}

/// A stop string and how much of it the text ends with (Knuth, Morris and Pratt).
#[derive(Debug, Clone)]
struct Watched {
    bytes: Vec<u8>,
    /// For each length: the longest shorter beginning that it also ends with.
    shorter: Vec<usize>,
    matched: usize,
}

/// Turns tokens into text piece by piece.
pub struct Detokeniser<'t> {
    tokenizer: &'t Tokenizer,
    has_byte_fallback: bool,
    skip_special: bool,
    /// Tokens decoded together: some that are shown, for their context, and those that came since.
    window: Vec<u32>,
    /// Bytes of the window's text that are shown.
    shown: usize,
    /// Tokens of the window whose text is shown.
    settled: usize,
}

impl Stops {
    /// Refuses more than [`MAX_STOPS`] strings, empty ones, and ones beyond [`MAX_STOP_BYTES`]. None is well.
    pub fn new<S: AsRef<str>>(strings: &[S]) -> Result<Self> {
        if strings.len() > MAX_STOPS {
            return Err(Error::argument(format!("{} stop strings, expected at most {MAX_STOPS}", strings.len())));
        }
        let watched = strings.iter().enumerate().map(|(at, string)| {
            let bytes = string.as_ref().as_bytes();
            if bytes.is_empty() || bytes.len() > MAX_STOP_BYTES {
                let length = bytes.len();
                return Err(Error::argument(format!(
                    "stop string {at} has {length} bytes, expected 1 to {MAX_STOP_BYTES}"
                )));
            }
            Ok(Watched::new(bytes))
        });
        Ok(Self { watched: watched.collect::<Result<_>>()?, held: String::new(), stopped: false })
    }

    /// Takes a piece of text and gives what may be shown now.
    pub fn push(&mut self, piece: &str) -> Shown {
        if self.stopped {
            return Shown { text: String::new(), stopped: true };
        }
        for (at, &byte) in piece.as_bytes().iter().enumerate() {
            let longest = self.watched.iter_mut().filter_map(|watched| watched.step(byte)).max();
            if let Some(length) = longest {
                self.stopped = true;
                self.held.push_str(&piece[..=at]);
                let before = self.held.len() - length;
                self.held.truncate(before);
                return Shown { text: std::mem::take(&mut self.held), stopped: true };
            }
        }
        self.held.push_str(piece);
        let may_stop = self.watched.iter().map(|watched| watched.matched).max().unwrap_or(0);
        // A stop string begins where a character does, so the cut falls between two.
        let kept = self.held.split_off(self.held.len() - may_stop);
        Shown { text: std::mem::replace(&mut self.held, kept), stopped: false }
    }

    /// The text is over: what was held back.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// True when a stop string has come.
    pub fn stopped(&self) -> bool {
        self.stopped
    }
}

impl Watched {
    fn new(bytes: &[u8]) -> Self {
        let mut shorter = vec![0; bytes.len() + 1];
        let mut matched = 0;
        for at in 1..bytes.len() {
            while matched > 0 && bytes[at] != bytes[matched] {
                matched = shorter[matched];
            }
            matched += usize::from(bytes[at] == bytes[matched]);
            shorter[at + 1] = matched;
        }
        Self { bytes: bytes.to_vec(), shorter, matched: 0 }
    }

    /// Takes a byte; the length of the string if it is complete.
    fn step(&mut self, byte: u8) -> Option<usize> {
        while self.matched > 0 && self.bytes[self.matched] != byte {
            self.matched = self.shorter[self.matched];
        }
        self.matched += usize::from(self.bytes[self.matched] == byte);
        (self.matched == self.bytes.len()).then_some(self.matched)
    }
}

impl<'t> Detokeniser<'t> {
    /// A detokeniser for one reply. Special tokens give no text if `skip_special`.
    pub fn new(tokenizer: &'t Tokenizer, skip_special: bool) -> Self {
        // Asked rather than looked up: decoders lie in sequences of sequences.
        let has_byte_fallback = tokenizer
            .get_decoder()
            .and_then(|decoder| decoder.decode(vec!["<0x41>".into()]).ok())
            .is_some_and(|text| text == "A");
        Self { tokenizer, has_byte_fallback, skip_special, window: Vec::new(), shown: 0, settled: 0 }
    }

    /// Takes a token and gives the text that is sure now; empty while a character is not whole. An id that the
    /// tokenizer does not know gives no text, as it does not when all is decoded at once.
    pub fn push(&mut self, token: u32) -> Result<String> {
        let Some(word) = self.tokenizer.id_to_token(token) else { return Ok(String::new()) };
        if self.skip_special && self.tokenizer.get_added_vocabulary().is_special_token(&word) {
            return Ok(String::new());
        }
        self.window.push(token);
        if self.has_byte_fallback && is_byte(&word) {
            return Ok(String::new());
        }
        self.text_so_far(true)
    }

    /// The reply is over: what was held back, as the tokenizer decodes what is not whole.
    pub fn finish(&mut self) -> Result<String> {
        let rest = self.text_so_far(false)?;
        self.window.clear();
        (self.shown, self.settled) = (0, 0);
        Ok(rest)
    }

    fn text_so_far(&mut self, may_go_on: bool) -> Result<String> {
        let text = self.decode(&self.window)?;
        // The last character may be the beginning of one that the next token completes.
        let sure = if may_go_on { text.strip_suffix(REPLACEMENT).unwrap_or(&text).len() } else { text.len() };
        let Some(new) = text.get(self.shown..sure.max(self.shown)) else {
            return Err(Error::new(ErrorKind::Model, "the tokenizer takes back text that it gave for fewer tokens"));
        };
        let new = new.to_owned();
        self.shown += new.len();
        if sure == text.len() && !new.is_empty() {
            self.settle(self.settled)?;
            self.settled = self.window.len();
        } else if self.window.len() > MAX_WINDOW {
            self.settle(self.window.len() - CONTEXT)?;
            self.settled = 0;
        }
        Ok(new)
    }

    /// Lets go of the oldest `count` tokens.
    fn settle(&mut self, count: usize) -> Result<()> {
        self.window.drain(..count);
        let text = self.decode(&self.window)?;
        self.shown = text.strip_suffix(REPLACEMENT).unwrap_or(&text).len();
        Ok(())
    }

    fn decode(&self, tokens: &[u32]) -> Result<String> {
        let failed = |error| Error::new(ErrorKind::Model, format!("the tokenizer cannot decode: {error}"));
        self.tokenizer.decode(tokens, self.skip_special).map_err(failed)
    }
}

/// True of `<0xE2>` and its like.
fn is_byte(word: &str) -> bool {
    word.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>')).is_some_and(|hex| hex.len() == 2)
}

#[cfg(test)]
mod tests;
