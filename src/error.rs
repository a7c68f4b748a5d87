//! The one error type: whose fault it is, and a sentence that says what was wrong and what was expected.

use std::any::Any;

/// Whose fault an [`Error`] is. The C ABI maps each kind to one status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller passed something that cannot be meant: a size, a stride, a number out of range.
    Argument,
    /// The call does not fit the present state: a stamp that runs backwards, an up axis not yet found.
    State,
    /// A file could not be read or written, or does not hold what its name promises.
    Io,
    /// Valid, but not offered.
    Unsupported,
    /// A buffer of the asked size could not be had.
    NoMemory,
    /// A model file is not what it claims to be, or not what it is asked to be.
    Model,
    /// ONNX Runtime is missing, is not one that can be used, or failed.
    Runtime,
    /// What was asked to compute, a GPU say, cannot.
    Device,
    /// The caller stopped it, or its time was up.
    Cancelled,
}

/// What went wrong, in a sentence.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
}

/// What every fallible call of gnomon returns.
pub type Result<T> = std::result::Result<T, Error>;

const _: () = assert!(size_of::<Error>() <= 24);

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into().into_boxed_str() }
    }

    /// The caller's argument is wrong.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Argument, message)
    }

    /// The call does not fit the present state.
    pub fn state(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::State, message)
    }

    /// A file failed.
    pub fn io(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Io, message)
    }

    /// Whose fault it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The same kind with `context` in front: "FILE: what was wrong".
    pub fn within(self, context: impl std::fmt::Display) -> Self {
        Self::new(self.kind, format!("{context}: {}", self.message))
    }
}

/// The panic's own text. A payload of another type is leaked: dropping it could panic again.
pub(crate) fn panic_text(payload: Box<dyn Any + Send>) -> String {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        return (*text).to_string();
    }
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => {
            std::mem::forget(other);
            "no text".to_string()
        }
    }
}
