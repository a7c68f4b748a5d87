//! Texts to token numbers and back.

use super::config::text_of;
use crate::error::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::Arc;
use tokenizers::Tokenizer;

const NAME: &str = "tokenizer.json";

/// The longest `tokenizer.json`, bytes: those of vocabularies of 250,000 have 35 MB.
const MAX_BYTES: u64 = 64 << 20;
/// The longest text that is split, bytes.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// The folder's tokenizer.
#[derive(Clone)]
pub(super) struct Tokens {
    tokenizer: Arc<Tokenizer>,
    /// What a text begins with; a text that begins so already is not given it again.
    begin: Option<String>,
}

impl Tokens {
    pub(super) fn read(folder: &Path, begin: Option<String>) -> Result<Self> {
        let text = text_of(folder, NAME, MAX_BYTES)?
            .ok_or_else(|| Error::io(format!("{}: is not there", folder.join(NAME).display())))?;
        let refused = |why: String| Error::new(ErrorKind::Model, format!("{NAME}: {why}"));
        let mut tokenizer = Tokenizer::from_bytes(text).map_err(|error| refused(format!("cannot be read: {error}")))?;
        // A tokenizer may be told to cut or to fill every text to some length.
        tokenizer.with_truncation(None).map_err(|error| refused(error.to_string()))?;
        tokenizer.with_padding(None);
        Ok(Self { tokenizer: Arc::new(tokenizer), begin })
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

    /// One more than the largest number of a token.
    pub(super) fn size(&self) -> usize {
        self.tokenizer.get_vocab(true).values().max().map_or(0, |largest| *largest as usize + 1)
    }

    pub(super) fn shared(&self) -> Arc<Tokenizer> {
        self.tokenizer.clone()
    }
}
