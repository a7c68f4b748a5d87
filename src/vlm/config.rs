//! The texts of a model folder, read as far as they bear on numbers. They come from outside: sizes are bounded, and what
//! is missing or of another type is said with the key's name.

use crate::error::{Error, ErrorKind, Result};
use crate::models::{inside, text_up_to};
use serde_json::Value;
use std::path::Path;

/// A JSON text of the folder.
pub(super) struct Config {
    name: String,
    value: Value,
}

impl Config {
    /// Reads one; `None` if there is no such file.
    pub(super) fn read(folder: &Path, name: &str) -> Result<Option<Self>> {
        let Some(text) = text_of(folder, name, MAX_TEXT_BYTES)? else { return Ok(None) };
        let value: Value =
            serde_json::from_str(&text).map_err(|error| refused(name, &format!("cannot be read: {error}")))?;
        if !value.is_object() {
            return Err(refused(name, "is no JSON object"));
        }
        Ok(Some(Self { name: name.to_string(), value }))
    }

    /// Reads one that must be there.
    pub(super) fn expect(folder: &Path, name: &str) -> Result<Self> {
        Self::read(folder, name)?.ok_or_else(|| Error::io(format!("{}: is not there", folder.join(name).display())))
    }

    /// One that says nothing, for a text that need not be there.
    pub(super) fn nothing(name: &str) -> Self {
        Self { name: name.to_string(), value: Value::Null }
    }

    /// What stands at a path of keys, `null` counting as nothing.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Value> {
        let mut value = &self.value;
        for key in path {
            value = value.get(key)?;
        }
        Some(value).filter(|value| !value.is_null())
    }

    /// The part of it under `key`, if there is one.
    pub(super) fn part(&self, key: &str) -> Option<Self> {
        let value = self.at(&[key]).filter(|value| value.is_object())?;
        Some(Self { name: format!("{}: {key}", self.name), value: value.clone() })
    }

    /// What is wrong at a path.
    pub(super) fn wrong(&self, path: &[&str], expected: &str) -> Error {
        let given = self.at(path).map_or("not there".to_string(), |value| short(&value.to_string()));
        refused(&self.name, &format!("{} is {given}, expected {expected}", path.join(".")))
    }

    pub(super) fn count(&self, path: &[&str], most: usize) -> Result<Option<usize>> {
        let Some(value) = self.at(path) else { return Ok(None) };
        let count = value.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= most);
        count.map(Some).ok_or_else(|| self.wrong(path, &format!("a whole number up to {most}")))
    }

    pub(super) fn token(&self, path: &[&str]) -> Result<Option<u32>> {
        Ok(self.count(path, MAX_TOKEN)?.map(|token| token as u32))
    }

    /// One token or a list of them.
    pub(super) fn tokens(&self, path: &[&str]) -> Result<Vec<u32>> {
        let token = |value: &Value| value.as_u64().filter(|token| *token <= MAX_TOKEN as u64).map(|token| token as u32);
        let read = match self.at(path) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() <= 64 => list.iter().map(token).collect(),
            Some(one) => token(one).map(|token| vec![token]),
        };
        read.ok_or_else(|| self.wrong(path, "a token's number, or a list of them"))
    }

    pub(super) fn flag(&self, path: &[&str]) -> Result<Option<bool>> {
        let Some(value) = self.at(path) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.wrong(path, "true or false"))
    }

    pub(super) fn number(&self, path: &[&str]) -> Result<Option<f64>> {
        let Some(value) = self.at(path) else { return Ok(None) };
        let number = value.as_f64().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.wrong(path, "a number"))
    }

    pub(super) fn three(&self, path: &[&str]) -> Result<Option<[f32; 3]>> {
        let Some(value) = self.at(path) else { return Ok(None) };
        let list: Option<Vec<f32>> =
            value.as_array().and_then(|list| list.iter().map(|one| one.as_f64().map(|one| one as f32)).collect());
        let three = list.and_then(|list| <[f32; 3]>::try_from(list).ok());
        three.map(Some).ok_or_else(|| self.wrong(path, "three numbers"))
    }

    pub(super) fn text(&self, path: &[&str]) -> Result<Option<&str>> {
        let Some(value) = self.at(path) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(path, "a text"))
    }

    /// A token's text, which is written as it is or as an object with `content`.
    pub(super) fn token_text(&self, key: &str) -> Option<&str> {
        self.at(&[key]).and_then(|value| value.as_str().or_else(|| value.get("content")?.as_str()))
    }
}

/// Steps of position that a second of video takes.
pub(super) fn steps_per_second(config: &Config, path: &[&str]) -> Result<Option<f64>> {
    match config.number(path)? {
        Some(steps) if !(0.0..=1e6).contains(&steps) => Err(config.wrong(path, "a number from 0 to a million")),
        steps => Ok(steps),
    }
}

/// The longest configuration that is read, bytes; tokenizers, which hold the vocabulary, have a bound of their own.
const MAX_TEXT_BYTES: u64 = 8 << 20;

/// A text of the folder; `None` if there is no such file. Fails if its name leads out of the folder by a link.
pub(super) fn text_of(folder: &Path, name: &str, most: u64) -> Result<Option<String>> {
    if !folder.join(name).exists() {
        return Ok(None);
    }
    text_up_to(&inside(folder, name)?, most)
}

/// More than any vocabulary has.
const MAX_TOKEN: usize = 1 << 24;

fn refused(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::Model, format!("{name}: {why}"))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}
