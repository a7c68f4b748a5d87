//! Where a scene comes from: kept with it, saved with it, and never looked at by what decides.

use crate::error::{Error, Result};
use std::sync::Arc;

/// The most inputs that a scene names.
pub const MAX_INPUTS: usize = 64;

/// The longest name of an input, of an operator and of a version, bytes.
pub const MAX_ORIGIN_BYTES: usize = 4096;

/// Where a scene comes from. When its clock stood where, tells this stamp and that of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The version of gnomon that took the frames in.
    pub version: Arc<str>,
    /// What went in, in the caller's words: sequences, cameras, detectors.
    pub inputs: Arc<[Arc<str>]>,
    /// Stamp of the first frame taken in; none before.
    pub first_stamp_ns: Option<i64>,
}

impl Default for Provenance {
    fn default() -> Self {
        Self { version: crate::VERSION.into(), inputs: Arc::new([]), first_stamp_ns: None }
    }
}

impl Provenance {
    /// Refuses more or longer words than a file may hold.
    pub(super) fn check(&self) -> Result<()> {
        if self.inputs.len() > MAX_INPUTS {
            return Err(Error::argument(format!("{} inputs, expected at most {MAX_INPUTS}", self.inputs.len())));
        }
        self.inputs.iter().try_for_each(|input| check_origin("an input", input))?;
        check_origin("version", &self.version)
    }
}

/// Refuses an empty word, and one too long.
pub(super) fn check_origin(what: &str, word: &str) -> Result<()> {
    if word.is_empty() || word.len() > MAX_ORIGIN_BYTES {
        return Err(Error::argument(format!("{what} has {} bytes, expected 1 to {MAX_ORIGIN_BYTES}", word.len())));
    }
    Ok(())
}
