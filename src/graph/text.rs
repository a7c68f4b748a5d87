//! Triplets as lines for a language model, and back.
//!
//! `{"t":1,"a":"table#1","b":"sofa#1","c":"lamp#1","b_xy":[5.0,9.4],"c_xy":[7.2,7.2],"cell":0.45}`
//!
//! Stand at `a`, which is always at [5.0,5.0], face `b`; `c` is what is located. One object a line, keys in this order, no
//! spaces; coordinates with one decimal that keeps its side ([`crate::cogmap::grid`]), `cell` in metres with two. A text
//! without units has no `cell`. `"fb":1` at the end marks a heading that is not that from `a` to `b`, since these are one
//! place. The record of a pair has `"c":null` and no `c_xy`. Each line stands for itself: lines may be dropped, shuffled
//! and read one by one.
//!
//! The reader takes what language models make of such lines: prose and code fences round them, lists of records, single
//! quotes, round brackets, trailing commas, other keys. It clamps nothing: a record with a coordinate outside 0 to 10,
//! with an unknown id, or with one thing in two roles is left out, and the reason is told with the number of its line.
//! What is printed is read back as it was.

use crate::cogmap::tolerant::{Reader, Value, list, number, quoted, within};
use crate::cogmap::{MAX_TEXT_BYTES, Triplet};
use crate::error::{Error, Result};

/// Of the records left out, so many are told with their reasons; the others are counted.
pub const MAX_REJECTED: usize = 1000;

/// Side of the grid, the largest coordinate.
const MOST: f64 = crate::cogmap::grid::GRID_SIDE as f64;

/// The least and the largest cell a text may tell, metres.
const CELL_RANGE_M: (f64, f64) = (crate::cogmap::grid::FITTED_STEP_M, 1e6);

/// The largest number of a line: what every reader of JSON can hold.
const MAX_T: f64 = (1u64 << 53) as f64;

/// Keys of which a record has at least one; other objects are no triplets.
const ROLES: [&str; 5] = ["a", "b", "c", "b_xy", "c_xy"];

/// Characters shown of an unknown id.
const SHOWN_CHARS: usize = 40;

/// What one line tells, at the precision of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct TripletText {
    /// Number of the line.
    pub t: u64,
    /// Name of the thing to stand at.
    pub a: String,
    /// Name of the thing to face.
    pub b: String,
    /// Name of the thing to locate and its grid coordinates (x to the right, y ahead); none in the record of a pair.
    pub c: Option<(String, [f64; 2])>,
    /// Grid coordinates of B.
    pub b_xy: [f64; 2],
    /// Metres per cell, to 0.01; none in a text without units.
    pub cell_m: Option<f64>,
    /// True when the heading is not that from A to B.
    pub fallback: bool,
}

/// A record that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Line of the text on which it begins, from 1.
    pub line: usize,
    /// What was wrong with it, in a sentence.
    pub reason: String,
}

/// What was read of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChainText {
    /// The triplets, in the order of the text.
    pub lines: Vec<TripletText>,
    /// The first [`MAX_REJECTED`] records that were left out.
    pub rejected: Vec<Rejected>,
    /// How many were left out in all.
    pub rejected_in_all: usize,
}

impl TripletText {
    /// What is told of a triplet of things of these names. Without `c` it is the record of a pair.
    pub fn of(t: u64, [a, b]: [&str; 2], c: Option<&str>, triplet: &Triplet, units: bool) -> Self {
        Self {
            t,
            a: a.into(),
            b: b.into(),
            c: c.map(|name| (name.into(), triplet.c_text())),
            b_xy: triplet.b_text(),
            cell_m: units.then(|| (triplet.cell_m() * 100.0).round() / 100.0),
            fallback: triplet.is_fallback(),
        }
    }

    /// The names of A, of B and, if there is one, of C.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.a, &self.b].into_iter().chain(self.c.as_ref().map(|(name, _)| name)).map(String::as_str)
    }

    fn from_value(value: &Value, known: &impl Fn(&str) -> bool) -> Result<Self> {
        let field = |key: &str| value.field(key).ok_or_else(|| Error::argument(format!("it lacks \"{key}\"")));
        let t = within(number(field("t")?, "t")?, 0.0, MAX_T, "t")?;
        if t.fract() != 0.0 {
            return Err(Error::argument(format!("t is {t}, expected a whole number")));
        }
        let (a, b) = (name(field("a")?, "a", known)?, name(field("b")?, "b", known)?);
        let c = match field("c")? {
            Value::Null => None,
            value => Some((name(value, "c", known)?, coordinates(field("c_xy")?, "c_xy")?)),
        };
        let is_twice = a == b || c.as_ref().is_some_and(|(c, _)| *c == a || *c == b);
        if is_twice {
            return Err(Error::argument("one thing has two roles, expected different things"));
        }
        let cell_m = match value.field("cell") {
            Some(cell) => Some(within(number(cell, "cell")?, CELL_RANGE_M.0, CELL_RANGE_M.1, "cell")?),
            None => None,
        };
        let fallback = match value.field("fb") {
            None => false,
            Some(Value::True) => true,
            Some(Value::Number(n)) if *n == 0.0 || *n == 1.0 => *n == 1.0,
            Some(_) => return Err(Error::argument("fb is neither 0 nor 1")),
        };
        Ok(Self { t: t as u64, a, b, c, b_xy: coordinates(field("b_xy")?, "b_xy")?, cell_m, fallback })
    }
}

impl ChainText {
    /// Reads all triplets of a text; `known` says which ids there are. Refused is only a text that is too long; what is
    /// wrong with single records is told in [`Self::rejected`].
    pub fn parse(text: &str, known: impl Fn(&str) -> bool) -> Result<Self> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(Error::argument(format!(
                "text of triplets has {} bytes, expected at most {MAX_TEXT_BYTES}",
                text.len()
            )));
        }
        let mut read = Self::default();
        let mut reader = Reader::of_lines(text, "the text");
        let mut lines = Lines { text, at: 0, line: 1 };
        let mut at = 0;
        while let Some(found) = text[at..].find('{') {
            at += found;
            let value = reader.read_at(at);
            let outcome = match &value {
                Ok(value) if is_record(value) => Some(TripletText::from_value(value, &known)),
                Ok(_) => None,
                Err(_) if reader.is_spent() => Some(Err(Error::argument("the text is too tangled to read on"))),
                Err(error) if begins_with_key(&text[at + 1..]) => Some(Err(error.clone())),
                Err(_) => None,
            };
            match &outcome {
                Some(Ok(triplet)) => read.lines.push(triplet.clone()),
                Some(Err(error)) => read.reject(lines.number_at(at), error),
                None => {}
            }
            if reader.is_spent() {
                break;
            }
            // What stands inside a record is not looked at again; what stands inside anything else may be records.
            at = if value.is_ok() && outcome.is_some() { reader.at() } else { at + 1 };
        }
        Ok(read)
    }

    fn reject(&mut self, line: usize, error: &Error) {
        self.rejected_in_all += 1;
        if self.rejected.len() < MAX_REJECTED {
            self.rejected.push(Rejected { line, reason: error.to_string() });
        }
    }
}

impl std::fmt::Display for TripletText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{\"t\":{},\"a\":{},\"b\":{},\"c\":", self.t, quoted(&self.a), quoted(&self.b))?;
        match &self.c {
            Some((name, _)) => f.write_str(&quoted(name))?,
            None => f.write_str("null")?,
        }
        write!(f, ",\"b_xy\":[{:.1},{:.1}]", self.b_xy[0], self.b_xy[1])?;
        if let Some((_, [x, y])) = &self.c {
            write!(f, ",\"c_xy\":[{x:.1},{y:.1}]")?;
        }
        if let Some(cell_m) = self.cell_m {
            write!(f, ",\"cell\":{cell_m:.2}")?;
        }
        f.write_str(if self.fallback { ",\"fb\":1}" } else { "}" })
    }
}

/// Line numbers of ever later bytes, in one pass over the text.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn number_at(&mut self, at: usize) -> usize {
        self.line += self.text[self.at..at].matches('\n').count();
        self.at = at;
        self.line
    }
}

fn is_record(value: &Value) -> bool {
    ROLES.iter().any(|role| value.field(role).is_some())
}

fn begins_with_key(rest: &str) -> bool {
    rest.trim_start().starts_with(['"', '\''])
}

fn name(value: &Value, what: &str, known: &impl Fn(&str) -> bool) -> Result<String> {
    let Value::Text(name) = value else { return Err(Error::argument(format!("{what} is no id in quotes"))) };
    if !known(name) {
        let shown: String = name.chars().take(SHOWN_CHARS).collect();
        return Err(Error::argument(format!("{what} is the unknown id {shown:?}")));
    }
    Ok(name.clone())
}

fn coordinates(value: &Value, what: &str) -> Result<[f64; 2]> {
    let [x, y] = list(value, what)? else { return Err(Error::argument(format!("{what} is not two numbers"))) };
    let inside = |value: &Value| within(number(value, what)?, 0.0, MOST, what);
    Ok([inside(x)?, inside(y)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str =
        r#"{"t":1,"a":"table#1","b":"sofa#1","c":"lamp#1","b_xy":[5.0,9.4],"c_xy":[7.2,7.2],"cell":0.45}"#;

    fn read(text: &str) -> ChainText {
        ChainText::parse(text, |name| ["table#1", "sofa#1", "lamp#1"].contains(&name)).expect("short enough")
    }

    fn reason(from: &str, to: &str) -> String {
        assert!(LINE.contains(from), "{from}");
        let found = read(&LINE.replacen(from, to, 1));
        assert_eq!((found.lines.len(), found.rejected_in_all), (0, 1), "{to}");
        found.rejected[0].reason.clone()
    }

    #[test]
    fn what_language_models_make_of_a_line_is_read() {
        let plain = read(LINE).lines;
        assert_eq!(plain[0].to_string(), LINE);
        let single = LINE.replace('"', "'");
        let tuples = LINE.replace("[5.0,9.4]", "( 5, +9.4, )");
        let trailing = LINE.replace("0.45}", "0.45,\n \"a_xy\": [5.0, 5.0], \"note\": null, }");
        let fenced = format!("Here {{you}} are {{}}:\n```json\n{LINE}\n```\nThat {{is}} all.");
        let wrapped = format!("{{\"triplets\": [\n{LINE},\n]}}");
        for text in [single, tuples, trailing, fenced, wrapped] {
            let found = read(&text);
            assert_eq!((&found.lines, found.rejected_in_all), (&plain, 0), "{text}");
        }
        assert!(read(&LINE.replace("0.45}", "0.45,\"fb\":1}")).lines[0].fallback);
        assert!(read(&LINE.replace("0.45}", "0.45,\"fb\":True}")).lines[0].fallback);
        assert_eq!(read(&LINE.replace(",\"cell\":0.45", "")).lines[0].cell_m, None);
        assert_eq!(read(&LINE.replace("\"lamp#1\"", "None")).lines[0].c, None);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        assert_eq!(reason("7.2,7.2", "7.2,10.1"), "c_xy is 10.1, expected 0 to 10");
        assert_eq!(reason("5.0,9.4", "-0.1,9.4"), "b_xy is -0.1, expected 0 to 10");
        assert_eq!(reason("5.0,9.4", "5.0"), "b_xy is not two numbers");
        assert_eq!(reason("[5.0,9.4]", "null"), "b_xy is no list");
        assert_eq!(reason("7.2,7.2", "7.2,null"), "c_xy is no number");
        assert_eq!(reason("lamp#1", "lamp#2"), "c is the unknown id \"lamp#2\"");
        assert_eq!(reason("lamp#1", "sofa#1"), "one thing has two roles, expected different things");
        assert_eq!(reason("\"lamp#1\"", "lamp"), "c is no id in quotes");
        assert_eq!(reason("\"t\":1,", ""), "it lacks \"t\"");
        assert_eq!(reason("\"t\":1", "\"t\":1.5"), "t is 1.5, expected a whole number");
        assert_eq!(reason(",\"c_xy\":[7.2,7.2]", ""), "it lacks \"c_xy\"");
        assert_eq!(reason("0.45", "0"), "cell is 0, expected 0.05 to 1000000");
        assert_eq!(reason("0.45", "0.45,\"fb\":2"), "fb is neither 0 nor 1");
        assert_eq!(reason("7.2,7.2", "7.2,NaN"), "c_xy is no number");
        assert_eq!(reason("7.2,7.2", "7.2,1e999"), "the text has \"1e999\" at byte 76, expected a number");
    }

    #[test]
    fn a_lost_quote_or_bracket_spoils_its_own_line_alone() {
        let lost_quote = LINE.replace("lamp#1\"", "lamp#1");
        let cut = &LINE[..60];
        let in_the_end = LINE.replace("0.45}", "\"0.45}");
        let text = [LINE, &lost_quote, LINE, cut, LINE, &in_the_end, LINE].join("\n");
        let found = read(&text);
        assert_eq!(found.lines.len(), 4);
        assert_eq!(found.rejected.iter().map(|rejected| rejected.line).collect::<Vec<_>>(), [2, 4, 6]);
        for end in 1..LINE.len() {
            assert_eq!(read(&LINE[..end]).lines, [], "cut at {end}");
        }
    }

    #[test]
    fn reasons_are_kept_for_so_many_and_the_rest_is_counted() {
        let found = read(&"{\"a\":1}\n".repeat(MAX_REJECTED + 5));
        assert_eq!((found.rejected.len(), found.rejected_in_all), (MAX_REJECTED, MAX_REJECTED + 5));
        assert_eq!(found.rejected.last().map(|last| last.line), Some(MAX_REJECTED));
    }

    #[test]
    fn a_hostile_text_costs_no_more_than_its_length() {
        let pieces = [
            "{",
            "{\"a\":",
            "{'",
            "{\"\\",
            "{\"a\":[{",
            "{\"a\":[1,",
            "{'{\"",
            "{\"x\":\"{\",",
            "{ ",
            "{\"a\":{}}",
            "\n{'a'",
        ];
        for piece in pieces {
            let found = ChainText::parse(&piece.repeat((1 << 20) / piece.len()), |_| true).expect("short enough");
            assert_eq!(found.lines, []);
        }
        assert!(ChainText::parse(&" ".repeat(MAX_TEXT_BYTES + 1), |_| true).is_err());
    }

    fn any_name() -> impl Strategy<Value = String> {
        prop::collection::vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect())
    }

    fn any_line() -> impl Strategy<Value = TripletText> {
        let tenths = || prop::array::uniform2((0..=100).prop_map(|k| f64::from(k) / 10.0));
        let cell_m = prop::option::of((5..=100_000).prop_map(|k| f64::from(k) / 100.0));
        let names = (any_name(), any_name(), any_name());
        (0..(1u64 << 53), names, prop::option::of(tenths()), tenths(), cell_m, any::<bool>()).prop_map(
            |(t, (a, b, c), c_xy, b_xy, cell_m, fallback)| TripletText {
                t,
                a: format!("a{a}"),
                b: format!("b{b}"),
                c: c_xy.map(|c_xy| (format!("c{c}"), c_xy)),
                b_xy,
                cell_m,
                fallback,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_the_same(lines in prop::collection::vec(any_line(), 0..6)) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            prop_assert_eq!(text.lines().count(), lines.len());
            let found = ChainText::parse(&text, |_| true).expect("short enough");
            prop_assert_eq!(found, ChainText { lines, ..ChainText::default() });
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[\\[\\](){}'\",:\\\\\nuabct0-9 .+_xy-]{0,80}") {
            let _ = ChainText::parse(&text, |_| true);
        }
    }
}
