//! The tolerant reader of what language models make of JSON, under the texts of maps and of triplet chains.
//!
//! Taken: line breaks and spaces, single quotes, round brackets for lists, trailing commas, any word where a value may
//! stand. The text is hostile until shown otherwise: depth, number of values and characters looked at are bounded, so
//! that reading costs no more than the length of the text, wherever it is begun anew.

use crate::error::{Error, Result};

/// Lists within lists deeper than this are refused.
const MAX_DEPTH: usize = 8;

/// Characters looked at per character of text before the reader gives up.
const MAX_EFFORT: usize = 16;

/// The most values in one text: bounds what reading it can cost in memory.
const MAX_VALUES: usize = 1 << 20;

/// A JSON string without any character that some reader takes for the end of a line.
pub(crate) fn quoted(name: &str) -> String {
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What stands in a text: the little of JSON that maps and triplets need.
#[derive(Debug)]
pub(crate) enum Value {
    Map(Vec<(String, Value)>),
    List(Vec<Value>),
    Text(String),
    Number(f64),
    /// `null` and `None`.
    Null,
    /// `true` and `True`.
    True,
    /// Any other word.
    Word,
}

impl Value {
    /// The value of this key in a map; of a key that comes twice the first.
    pub fn field(&self, key: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// A number within bounds, or a sentence about `what`.
pub(crate) fn within(value: f64, low: f64, high: f64, what: &str) -> Result<f64> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(Error::argument(format!("{what} is {value}, expected {low} to {high}")))
}

/// The number a value is.
pub(crate) fn number(value: &Value, what: &str) -> Result<f64> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => Err(Error::argument(format!("{what} is no number"))),
    }
}

/// The values of a list.
pub(crate) fn list<'v>(value: &'v Value, what: &str) -> Result<&'v [Value]> {
    match value {
        Value::List(values) => Ok(values),
        _ => Err(Error::argument(format!("{what} is no list"))),
    }
}

/// Reads one value from `at` on, and counts what it costs.
pub(crate) struct Reader<'t> {
    what: &'static str,
    text: &'t str,
    at: usize,
    effort: usize,
    values: usize,
    one_line_strings: bool,
}

impl<'t> Reader<'t> {
    /// A reader of `text`, called `what` in errors, that looks at no more than [`MAX_EFFORT`] characters for each there
    /// is, however often it begins anew.
    pub fn new(text: &'t str, what: &'static str) -> Self {
        Self { what, text, at: 0, effort: text.len().saturating_mul(MAX_EFFORT), values: 0, one_line_strings: false }
    }

    /// The same, to which the end of a line ends a string too: one lost quote then spoils one line and not the rest.
    pub fn of_lines(text: &'t str, what: &'static str) -> Self {
        Self { one_line_strings: true, ..Self::new(text, what) }
    }

    /// The value that begins at this byte.
    pub fn read_at(&mut self, at: usize) -> Result<Value> {
        (self.at, self.values) = (at, 0);
        self.value(0)
    }

    /// The byte behind what was read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// True when no more will be read.
    pub fn is_spent(&self) -> bool {
        self.effort == 0
    }

    fn peek(&mut self) -> Option<char> {
        while let Some(c) = self.text[self.at..].chars().next() {
            if !c.is_whitespace() {
                return Some(c);
            }
            self.step(c)?;
        }
        None
    }

    /// Passes over `c`; `None` when the effort is spent.
    fn step(&mut self, c: char) -> Option<()> {
        self.effort = self.effort.saturating_sub(1);
        self.at += c.len_utf8();
        (self.effort > 0).then_some(())
    }

    fn wrong(&self, expected: &str) -> Error {
        if self.effort == 0 {
            return Error::argument(format!("{} is too tangled to read", self.what));
        }
        match self.text[self.at..].chars().next() {
            Some(c) => Error::argument(format!("{} has {c:?} at byte {}, expected {expected}", self.what, self.at)),
            None => Error::argument(format!("{} ends at byte {}, expected {expected}", self.what, self.at)),
        }
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted) && self.step(wanted).is_some()
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(Error::argument(format!("{} nests deeper than {MAX_DEPTH}", self.what)));
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Error::argument(format!("{} holds more than {MAX_VALUES} values", self.what)));
        }
        match self.peek() {
            Some('{') => self.map(depth),
            Some('[') => self.list(']', depth),
            Some('(') => self.list(')', depth),
            Some(quote @ ('"' | '\'')) => self.string(quote).map(Value::Text),
            Some(c) if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.') => self.word(),
            _ => Err(self.wrong("a value")),
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value> {
        self.eat('{');
        let mut pairs = Vec::new();
        while !self.eat('}') {
            let key = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.string(quote)?,
                _ => return Err(self.wrong("a key in quotes or }")),
            };
            if !self.eat(':') {
                return Err(self.wrong(":"));
            }
            pairs.push((key, self.value(depth + 1)?));
            if !self.eat(',') && self.peek() != Some('}') {
                return Err(self.wrong(", or }"));
            }
        }
        Ok(Value::Map(pairs))
    }

    fn list(&mut self, end: char, depth: usize) -> Result<Value> {
        let start = if end == ']' { '[' } else { '(' };
        self.eat(start);
        let mut values = Vec::new();
        while !self.eat(end) {
            values.push(self.value(depth + 1)?);
            if !self.eat(',') && self.peek() != Some(end) {
                return Err(self.wrong(&format!(", or {end}")));
            }
        }
        Ok(Value::List(values))
    }

    fn word(&mut self) -> Result<Value> {
        let start = self.at;
        while let Some(c) = self.text[self.at..].chars().next() {
            if !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')) {
                break;
            }
            if self.step(c).is_none() {
                return Err(self.wrong("a value"));
            }
        }
        let word = &self.text[start..self.at];
        if !word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
            return Ok(match word {
                "null" | "None" => Value::Null,
                "true" | "True" => Value::True,
                _ => Value::Word,
            });
        }
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Number(number)),
            _ => {
                let shown: String = word.chars().take(40).collect();
                Err(Error::argument(format!("{} has {shown:?} at byte {start}, expected a number", self.what)))
            }
        }
    }

    fn string(&mut self, quote: char) -> Result<String> {
        self.eat(quote);
        let mut out = String::new();
        while let Some(c) = self.text[self.at..].chars().next() {
            if self.step(c).is_none() {
                break;
            }
            match c {
                c if c == quote => return Ok(out),
                '\n' if self.one_line_strings => break,
                '\\' => out.push(self.escaped()?),
                c => out.push(c),
            }
        }
        Err(self.wrong(&format!("the closing {quote}")))
    }

    fn escaped(&mut self) -> Result<char> {
        let Some(c) = self.text[self.at..].chars().next() else { return Err(self.wrong("an escaped character")) };
        if self.step(c).is_none() {
            return Err(self.wrong("an escaped character"));
        }
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => return self.unicode(),
            c => c,
        })
    }

    /// Four hexadecimal digits, or twice that with `\u` between for what lies beyond U+FFFF.
    fn unicode(&mut self) -> Result<char> {
        let first = self.four_digits()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return Err(self.wrong("the second half of a surrogate pair"));
        }
        self.at += 2;
        let second = self.four_digits()?;
        let pair = [first, second].map(|unit| unit as u16);
        match char::decode_utf16(pair).next() {
            Some(Ok(c)) => Ok(c),
            _ => Err(self.wrong("a surrogate pair before this")),
        }
    }

    fn four_digits(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(code) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.wrong("four hexadecimal digits"));
        };
        self.at += 4;
        Ok(code)
    }
}
