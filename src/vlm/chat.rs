//! What is said, and the folder's own template that makes one text of it.
//!
//! Templates are programs in Jinja from outside. They run with a bounded number of steps and without any file, and what
//! they make is bounded; one that raises or does not end is an error with a sentence. What one keeps in variables on the way
//! is not bounded: the crate has no word for that, so a template that doubles a text again and again takes all memory.

use super::config::{Config, text_of};
use crate::error::{Error, ErrorKind, Result};
use minijinja::value::{Kwargs, Value, ViaDeserialize};
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;
use std::path::Path;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Role {
    System,
    User,
    Assistant,
}

/// A part of what is said. Pictures and videos are those of the request, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "type")]
pub enum Part {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// The next picture of the request.
    Image,
    /// The next video of the request.
    Video,
}

impl Part {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}

/// What somebody says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who.
    pub role: Role,
    /// What, in order.
    pub content: Vec<Part>,
}

impl Message {
    /// What a user says: all pictures first, then all videos, then the question.
    pub fn user(images: usize, videos: usize, question: impl Into<String>) -> Self {
        let mut content = vec![Part::Image; images];
        content.resize(images + videos, Part::Video);
        content.push(Part::text(question));
        Self { role: Role::User, content }
    }
}

/// A message of words alone, for templates that know no parts.
#[derive(Serialize)]
struct Plain {
    role: Role,
    content: String,
}

/// The folder's template.
pub(super) struct Template {
    environment: Environment<'static>,
    takes_parts: bool,
    /// `bos_token` and its like.
    words: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template").field("takes_parts", &self.takes_parts).finish_non_exhaustive()
    }
}

/// Longer than any template.
const MAX_TEMPLATE_BYTES: u64 = 1 << 20;
/// Instructions that one rendering may take: some thousand messages take a tenth.
const MAX_STEPS: u64 = 10_000_000;
/// The longest prompt, bytes.
const MAX_PROMPT_BYTES: usize = 4 << 20;

impl Template {
    /// The template of a folder: `chat_template.jinja`, or the one in `chat_template.json`, `processor_config.json` or
    /// `tokenizer_config.json`.
    pub(super) fn read(folder: &Path, tokenizer: Option<&Config>) -> Result<Option<Self>> {
        let Some((name, source)) = source_of(folder, tokenizer)? else { return Ok(None) };
        let refused = |error: minijinja::Error| refused(&name, &error);
        let mut environment = environment();
        let takes_parts = source.contains("'type'") || source.contains("\"type\"") || source.contains(".type");
        environment.add_template_owned("chat", source).map_err(refused)?;
        let key = |key: &'static str| Some((key, tokenizer?.token_text(key)?.to_string()));
        let words = ["bos_token", "eos_token", "pad_token", "unk_token"].into_iter().filter_map(key).collect();
        Ok(Some(Self { environment, takes_parts, words }))
    }

    /// The text of a conversation that the model is to go on with.
    pub(super) fn render(&self, messages: &[Message]) -> Result<String> {
        let said = if self.takes_parts {
            Value::from_serialize(messages)
        } else {
            let plain: Result<Vec<Plain>> = messages.iter().map(plain).collect();
            Value::from_serialize(plain?)
        };
        let words: std::collections::BTreeMap<&str, &str> =
            self.words.iter().map(|(key, word)| (*key, word.as_str())).collect();
        let wrong = |error: minijinja::Error| refused("chat template", &error);
        let template = self.environment.get_template("chat").map_err(wrong)?;
        let values = context! { messages => said, add_generation_prompt => true, ..Value::from_serialize(words) };
        let mut out = Bounded { bytes: Vec::new() };
        template.render_captured_to(values, &mut out).map_err(wrong)?;
        Ok(String::from_utf8_lossy(&out.bytes).into_owned())
    }
}

/// Room for a prompt and no more.
struct Bounded {
    bytes: Vec<u8>,
}

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_PROMPT_BYTES {
            return Err(std::io::Error::other(format!("the prompt is longer than {MAX_PROMPT_BYTES} bytes")));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn plain(message: &Message) -> Result<Plain> {
    let mut content = String::new();
    for part in &message.content {
        match part {
            Part::Text { text } => content.push_str(text),
            Part::Image | Part::Video => {
                return Err(Error::new(ErrorKind::Unsupported, "the chat template takes words alone, no pictures"));
            }
        }
    }
    Ok(Plain { role: message.role, content })
}

fn source_of(folder: &Path, tokenizer: Option<&Config>) -> Result<Option<(String, String)>> {
    const NAME: &str = "chat_template.jinja";
    if let Some(source) = text_of(folder, NAME, MAX_TEMPLATE_BYTES)? {
        return Ok(Some((NAME.to_string(), source)));
    }
    for name in ["chat_template.json", "processor_config.json"] {
        let config = Config::read(folder, name)?;
        if let Some(source) = config.as_ref().and_then(|config| config.at(&["chat_template"])?.as_str()) {
            return Ok(Some((name.to_string(), source.to_string())));
        }
    }
    // Of several, each has a name.
    let template = tokenizer.and_then(|config| config.at(&["chat_template"]));
    let named = |list: &Vec<serde_json::Value>| {
        let default = list.iter().find(|one| one.get("name").and_then(|name| name.as_str()) == Some("default"));
        Some(default?.get("template")?.as_str()?.to_string())
    };
    let source = template.and_then(|value| match value.as_array() {
        Some(list) => named(list),
        None => value.as_str().map(str::to_string),
    });
    Ok(source.map(|source| ("tokenizer_config.json".to_string(), source)))
}

/// What published templates call beyond Jinja: methods of Python's texts and lists, `raise_exception`, `strftime_now`.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(false);
    environment.set_fuel(Some(MAX_STEPS));
    environment.set_recursion_limit(64);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |why: String| -> std::result::Result<Value, minijinja::Error> {
        Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, format!("it says: {why}")))
    });
    // The same conversation gives the same prompt on every day.
    environment.add_function("strftime_now", |_: String| String::new());
    environment.add_filter("tojson", to_json);
    environment
}

/// As Python writes it: a blank after each comma and colon, nothing escaped for HTML.
fn to_json(value: ViaDeserialize<serde_json::Value>, options: Kwargs) -> std::result::Result<String, minijinja::Error> {
    let indent: Option<usize> = options.get("indent")?;
    let failed = |error: serde_json::Error| {
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, format!("a value cannot be written: {error}"))
    };
    if indent.is_some() {
        return serde_json::to_string_pretty(&value.0).map_err(failed);
    }
    let mut out = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut out, Spaced);
    value.0.serialize(&mut writer).map_err(failed)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> std::io::Result<()> {
        out.write_all(b": ")
    }
}

fn refused(name: &str, error: &minijinja::Error) -> Error {
    let line = error.line().map(|line| format!(" at line {line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    Error::new(ErrorKind::Model, format!("{name} fails{line}: {}{detail}{source}", error.kind()))
}
