//! What a reply may be, token by token: constraints under which output parses by construction.
//!
//! A [`Constraint`] says what a reply may be, a [`TokenEnv`] what the model's tokens spell; [`Constrained`] holds both
//! together for one reply. Before each token its [`mask`](Constrained::mask) says which may come, and the token that was
//! picked is told by [`accept`](Constrained::accept). Tokens that nothing else could stand for are
//! [`forced`](Constrained::forced): they may be taken without asking the model, many at once.
//!
//! ```text
//! while !reply.is_done() {
//!     for token in reply.forced()? { feed(token); reply.accept(token)?; }
//!     let token = sampler.pick(logits, Some(reply.mask()?))?;
//!     reply.accept(token)?;
//! }
//! ```
//!
//! The grammars are the crate `llguidance`'s. Those of the project's own texts (`grammars.rs`) are made to be read by the
//! project's own readers: [`crate::graph::ChainText`], [`crate::cogmap::MapText`], [`BoxesText`]. JSON is written without
//! spaces, unless the schema's own `x-guidance` says otherwise: small models lose themselves in white space.
//!
//! A constraint bounds what is written, not how much: a reply may still be cut off by the number of tokens asked for, and
//! then it does not parse. [`Constrained::may_end`] tells.
//!
//! Everything from outside is bounded: bytes, nesting and the work that a grammar costs, when it is made and at each
//! token. What is too much is refused with a sentence, at the call at which it shows.
//!
//! Cost: a mask over a vocabulary of 150,000 takes some tens of microseconds to a millisecond, and allocates.

mod boxes;
mod grammars;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod token_env;

pub use boxes::{Box7Dof, BoxesText, MAX_CENTRE_M, SIDE_RANGE_M};
pub use grammars::{MAX_LABELS, MAX_LINES, MAX_NAME_BYTES, MAX_NAMES};
pub use token_env::TokenEnv;

use super::sampling::Mask;
use crate::error::{Error, ErrorKind, Result};
use llguidance::Matcher;
use llguidance::api::{GrammarWithLexer, StopReason, TopLevelGrammar};
use serde_json::Value;

/// The longest schema, expression, grammar or list of choices, bytes.
pub const MAX_GRAMMAR_BYTES: usize = 256 << 10;

/// Brackets within brackets deeper than this are refused: the parsers below call themselves for each.
pub const MAX_NESTING: usize = 64;

/// Of a sentence of the grammar's crate so many characters are passed on.
const MAX_SENTENCE: usize = 400;

/// What a reply may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// JSON that a schema describes (2020-12; references within the schema alone).
    JsonSchema(String),
    /// All of the reply matches a regular expression of Rust's crate `regex`, without anchors.
    Regex(String),
    /// One of these strings.
    Choices(Vec<String>),
    /// Lines of triplets, as [`crate::graph::ChainText`] reads them.
    Triplets(TripletLines),
    /// The line of a LocalCogMap, as [`crate::cogmap::MapText`] reads it.
    LocalCogMap(MapLine),
    /// Lines of boxes, as [`BoxesText`] reads them.
    Boxes7Dof(BoxLines),
    /// A grammar in Lark's notation, as `llguidance` has it.
    Lark(String),
}

/// Which triplet lines there may be.
#[derive(Debug, Clone, PartialEq)]
pub struct TripletLines {
    /// The ids that may be named, 2 to [`MAX_NAMES`].
    pub names: Vec<String>,
    /// Number of the first line; those that follow count on.
    pub first: u64,
    /// The fewest lines; 0 lets the reply be empty.
    pub least: usize,
    /// The most lines, up to [`MAX_LINES`].
    pub most: usize,
    /// The lines tell `cell`.
    pub units: bool,
}

/// Which line of a map there may be.
#[derive(Debug, Clone, PartialEq)]
pub struct MapLine {
    /// The ids that may be named, each at one place at most; up to [`MAX_NAMES`].
    pub names: Vec<String>,
    /// The line tells `cell`.
    pub units: bool,
}

/// Which lines of boxes there may be.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxLines {
    /// The labels that there may be, up to [`MAX_LABELS`]; none for any label of up to 64 characters.
    pub labels: Vec<String>,
    /// The fewest lines; 0 lets the reply be empty.
    pub least: usize,
    /// The most lines, up to [`MAX_LINES`].
    pub most: usize,
}

/// A reply under a constraint, as far as it has come. A clone goes its own way from there.
#[derive(Clone)]
pub struct Constrained {
    matcher: Matcher,
    mask: Mask,
    vocabulary: usize,
}

/// Both go to the thread that a model works on.
const _: fn() = || {
    fn goes<T: Send>() {}
    goes::<TokenEnv>();
    goes::<Constrained>();
};

impl Constrained {
    /// The beginning of a reply. The error names the place in the schema, expression or grammar where it is wrong, or
    /// says which bound it breaks.
    pub fn new(constraint: &Constraint, env: &TokenEnv) -> Result<Self> {
        let (what, grammar) = constraint.grammar()?;
        let parser = env.factory().create_parser(TopLevelGrammar::from_grammar(grammar));
        let matcher = Matcher::new(parser);
        if let Some(error) = matcher.get_error() {
            return Err(refused(what, &error));
        }
        Ok(Self { matcher, mask: Mask::none(env.vocabulary()), vocabulary: env.vocabulary() })
    }

    /// The tokens that may come next; the end tokens are among them where the reply may end. When it
    /// [is done](Self::is_done) nothing else may come.
    ///
    /// An error: the constraint costs more at this place than it may.
    pub fn mask(&mut self) -> Result<&Mask> {
        let bits = self.matcher.compute_mask_or_eos().map_err(|error| stuck(&error.to_string()))?;
        self.mask.copy_from(bits.as_slice(), self.vocabulary);
        Ok(&self.mask)
    }

    /// Takes the token that was picked. One that may not come is refused, and nothing has changed then. Otherwise as
    /// [`Self::mask`]: the constraint may cost more here than it may.
    pub fn accept(&mut self, token: u32) -> Result<()> {
        if token as usize >= self.vocabulary {
            return Err(Error::argument(format!("token {token} lies beyond the vocabulary of {}", self.vocabulary)));
        }
        if self.is_done() {
            return Err(Error::state(format!("token {token} comes after the end of a constrained reply")));
        }
        let fitting = self.matcher.validate_tokens(&[token]).map_err(|error| stuck(&error.to_string()))?;
        if fitting == 0 {
            return Err(Error::argument(format!("token {token} does not fit the constraint at this place")));
        }
        self.matcher.consume_token(token).map_err(|error| stuck(&error.to_string()))
    }

    /// The tokens that must come next, whatever the model says; often none. They are not taken yet: each has to be
    /// [accepted](Self::accept).
    pub fn forced(&mut self) -> Result<Vec<u32>> {
        if self.is_done() {
            return Ok(Vec::new());
        }
        let tokens = self.matcher.compute_ff_tokens();
        match self.matcher.get_error() {
            Some(error) => Err(stuck(&error)),
            None => Ok(tokens),
        }
    }

    /// True when nothing can follow: an end token came, or the text cannot go on.
    pub fn is_done(&self) -> bool {
        self.matcher.is_stopped()
    }

    /// True when the reply is complete as it is, though it may be able to go on.
    pub fn may_end(&mut self) -> Result<bool> {
        match self.matcher.stop_reason() {
            StopReason::NotStopped => self.matcher.is_accepting().map_err(|error| stuck(&error.to_string())),
            reason => Ok(reason.is_ok()),
        }
    }
}

impl Constraint {
    /// Refuses what breaks a bound, without a model. A schema, expression or grammar that is wrong inside shows when a reply
    /// begins ([`Constrained::new`]).
    pub fn check(&self) -> Result<()> {
        self.grammar().map(drop)
    }

    /// What it is called in errors, and its grammar.
    fn grammar(&self) -> Result<(&'static str, GrammarWithLexer)> {
        let lark = GrammarWithLexer::from_lark;
        Ok(match self {
            Self::JsonSchema(schema) => ("JSON schema", GrammarWithLexer::from_json_schema(read_schema(schema)?)),
            Self::Regex(expression) => {
                let what = "regular expression";
                check_text(what, expression)?;
                check_expression(expression).map_err(|error| error.within(what))?;
                (what, GrammarWithLexer::from_regex(expression))
            }
            Self::Choices(choices) => ("choices", lark(one_of(choices)?)),
            Self::Triplets(lines) => ("triplet lines", lark(grammars::triplets(lines)?)),
            Self::LocalCogMap(line) => ("map line", lark(grammars::cogmap(line)?)),
            Self::Boxes7Dof(lines) => ("box lines", lark(grammars::boxes(lines)?)),
            Self::Lark(grammar) => {
                check_text("grammar", grammar)?;
                ("grammar", lark(grammar.clone()))
            }
        })
    }
}

fn read_schema(text: &str) -> Result<Value> {
    check_text("JSON schema", text)?;
    let mut schema: Value =
        serde_json::from_str(text).map_err(|error| Error::argument(format!("JSON schema: {error}")))?;
    check_patterns(&schema, &mut String::new()).map_err(|error| error.within("JSON schema"))?;
    if let Some(keys) = schema.as_object_mut() {
        let manner = keys.entry("x-guidance").or_insert_with(|| serde_json::json!({}));
        if let Some(manner) = manner.as_object_mut() {
            manner.entry("whitespace_flexible").or_insert(Value::Bool(false));
        }
    }
    Ok(schema)
}

/// Says where an expression is wrong, which the parser behind does not always do: it puts brackets round.
fn check_expression(expression: &str) -> Result<()> {
    let parsed =
        regex_syntax::ast::parse::ParserBuilder::new().nest_limit(MAX_NESTING as u32).build().parse(expression);
    parsed.map(|_| ()).map_err(|error| {
        let at = error.span().start.offset;
        Error::argument(format!("{} at byte {at}", error.kind()))
    })
}

/// The same for all patterns of a schema, which `path` leads to.
fn check_patterns(schema: &Value, path: &mut String) -> Result<()> {
    let length = path.len();
    let mut inside = |key: &str, value: &Value| {
        path.push('/');
        path.push_str(key);
        let wrong = |error: Error| error.within(path.as_str());
        match (key, value) {
            ("pattern", Value::String(pattern)) => check_expression(pattern).map_err(wrong)?,
            ("patternProperties", Value::Object(patterns)) => {
                patterns.keys().try_for_each(|pattern| check_expression(pattern)).map_err(wrong)?;
            }
            _ => {}
        }
        check_patterns(value, path)?;
        path.truncate(length);
        Ok(())
    };
    match schema {
        Value::Object(keys) => keys.iter().try_for_each(|(key, value)| inside(key, value)),
        Value::Array(values) => values.iter().enumerate().try_for_each(|(at, value)| inside(&at.to_string(), value)),
        _ => Ok(()),
    }
}

fn one_of(choices: &[String]) -> Result<String> {
    let bytes: usize = choices.iter().map(String::len).sum();
    if choices.is_empty() || bytes > MAX_GRAMMAR_BYTES || choices.len() > MAX_LABELS {
        return Err(Error::argument(format!(
            "{} choices of {bytes} bytes, expected 1 to {MAX_LABELS} of at most {MAX_GRAMMAR_BYTES}",
            choices.len()
        )));
    }
    if let Some(empty) = choices.iter().position(String::is_empty) {
        return Err(Error::argument(format!("choice {empty} is empty, expected text")));
    }
    let literals: Vec<_> = choices.iter().map(|choice| crate::cogmap::tolerant::quoted(choice)).collect();
    Ok(format!("start: CHOICE\nCHOICE: {}\n", literals.join("\n | ")))
}

/// Bounds bytes and nesting. Brackets in strings count too: it is a bound, not a parser.
fn check_text(what: &str, text: &str) -> Result<()> {
    if text.len() > MAX_GRAMMAR_BYTES {
        let length = text.len();
        return Err(Error::argument(format!("{what} has {length} bytes, expected at most {MAX_GRAMMAR_BYTES}")));
    }
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(Error::argument(format!(
                "{what} has more than {MAX_NESTING} brackets within each other at byte {at}"
            )));
        }
    }
    Ok(())
}

fn refused(what: &str, error: &str) -> Error {
    Error::argument(format!("{what}: {}", sentence(error)))
}

fn stuck(error: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the constraint cannot go on: {}", sentence(error)))
}

/// The words of an error without what hangs on them: the state, the backtrace, the lines of the grammar.
fn sentence(error: &str) -> String {
    let end = ["<non-verbose/>", "<state>", "<backtrace>"].iter().filter_map(|mark| error.find(mark)).min();
    let is_listing = |line: &&str| {
        let (number, rest) = line.split_once('|').unwrap_or((line, ""));
        let is_numbered = !rest.is_empty() && number.trim().parse::<u32>().is_ok();
        is_numbered || line.chars().all(|c| c == '^' || c.is_whitespace())
    };
    let lines = error[..end.unwrap_or(error.len())].lines().filter(|line| !is_listing(line));
    let words = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    words.chars().take(MAX_SENTENCE).collect()
}
