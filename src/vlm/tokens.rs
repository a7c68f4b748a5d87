//! Texts to token numbers and back.

use super::config::text_of;
use crate::error::{Error, ErrorKind, Result};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tokenizers::Tokenizer;

const NAME: &str = "tokenizer.json";

/// The longest `tokenizer.json`, bytes: those of vocabularies of 250,000 have 35 MB.
const MAX_BYTES: u64 = 64 << 20;
/// The longest text that is split, bytes.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// How many times as long a text may become before it is split: a blank that becomes three bytes is 3 times.
const MAX_GROWTH: f64 = 64.0;

/// How many times as long a normaliser or decoder may make a text, all of its steps together.
fn growth(step: &Value) -> f64 {
    let bytes = |value: &Value| value.as_str().map_or(0, str::len) as f64;
    let replaced = |pattern: &Value| pattern.get("String").map_or(1.0, bytes);
    let of = |key: &str| step.get(key).and_then(Value::as_array).map(|steps| steps.iter().map(growth).product());
    match step.get("type").and_then(Value::as_str) {
        Some("Replace") => match replaced(&step["pattern"]) {
            // Of nothing there is one before each byte and one at the end.
            0.0 => 2.0 + 2.0 * bytes(&step["content"]),
            pattern => (bytes(&step["content"]) / pattern).max(1.0),
        },
        // Once for each part of the text, of which there may be one for each byte.
        Some("Prepend") => 1.0 + bytes(&step["prepend"]),
        Some("Sequence") => of("normalizers").or_else(|| of("decoders")).unwrap_or(1.0),
        _ => 1.0,
    }
}

/// The folder's tokenizer.
#[derive(Clone)]
pub(super) struct Tokens {
    tokenizer: Arc<Tokenizer>,
    /// What a text begins with; a text that begins so already is not given it again.
    begin: Option<String>,
    /// Bytes of its file.
    file_bytes: u64,
}

impl Tokens {
    pub(super) fn read(folder: &Path, begin: Option<String>) -> Result<Self> {
        let text = text_of(folder, NAME, MAX_BYTES)?
            .ok_or_else(|| Error::io(format!("{}: is not there", folder.join(NAME).display())))?;
        let file_bytes = text.len() as u64;
        let refused = |why: String| Error::new(ErrorKind::Model, format!("{NAME}: {why}"));
        let mut tokenizer = Tokenizer::from_bytes(text).map_err(|error| refused(format!("cannot be read: {error}")))?;
        // A tokenizer may be told to cut or to fill every text to some length.
        tokenizer.with_truncation(None).map_err(|error| refused(error.to_string()))?;
        tokenizer.with_padding(None);
        let written =
            [tokenizer.get_normalizer().map(serde_json::to_value), tokenizer.get_decoder().map(serde_json::to_value)];
        for step in written.into_iter().flatten() {
            let step = step.map_err(|error| refused(format!("cannot be written: {error}")))?;
            if growth(&step) > MAX_GROWTH {
                return Err(refused(format!(
                    "makes texts more than {MAX_GROWTH} times as long, which none does that is meant"
                )));
            }
        }
        Ok(Self { tokenizer: Arc::new(tokenizer), begin, file_bytes })
    }

    /// The numbers of a text, with what the tokenizer puts round one.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(Error::argument(format!(
                "the text has {} bytes, at most {MAX_TEXT_BYTES} are taken",
                text.len()
            )));
        }
        let adds = self.begin.as_deref().is_none_or(|begin| !text.starts_with(begin));
        let encoded = self.tokenizer.encode_fast(text, adds);
        let encoded =
            encoded.map_err(|error| Error::new(ErrorKind::Model, format!("{NAME}: fails on the text: {error}")))?;
        Ok(encoded.get_ids().to_vec())
    }

    /// How many tokens a text of its own is.
    pub(super) fn count(&self, text: &str) -> Result<usize> {
        let encoded = self.tokenizer.encode_fast(text, false);
        let encoded =
            encoded.map_err(|error| Error::new(ErrorKind::Model, format!("{NAME}: fails on the text: {error}")))?;
        Ok(encoded.len())
    }

    /// The text of a token as the vocabulary has it: of `<|image_pad|>`, say.
    pub(super) fn word(&self, token: u32) -> Option<String> {
        self.tokenizer.id_to_token(token)
    }

    /// About what it takes of memory: a word of eight bytes is held twice, in tables of eight times that.
    pub(super) fn bytes(&self) -> u64 {
        self.file_bytes.saturating_mul(8)
    }

    /// One more than the largest number of a token.
    pub(super) fn size(&self) -> usize {
        self.tokenizer.get_vocab(true).values().max().map_or(0, |largest| *largest as usize + 1)
    }

    pub(super) fn shared(&self) -> Arc<Tokenizer> {
        self.tokenizer.clone()
    }
}
