//! The observer's map as one line for a language model, and back.
//!
//! `{"cogmap":1,"cell":0.50,"rows":["??????????",…],"objects":[["chair#1",6.3,7.1],…],"beyond":[["door#1",35,4.2],…]}`
//!
//! - `cell`: metres per cell, two decimals.
//! - `rows`: ten strings of `?` unknown, `.` free, `#` occupied. `rows[0]` is the TOP row, the farthest ahead (j = 9); each
//!   string runs from left (i = 0) to right. The observer stands in the very middle, (5.0, 5.0), facing up.
//! - `objects`: name, x to the right, y ahead, in cells; one decimal, half away from zero, its side kept.
//! - `beyond`: name, bearing in whole degrees (0 ahead, right positive), distance in metres with one decimal.
//!
//! Without units, for readers that are to reason in cells alone, `cell` is left out and distances are in cells.
//!
//! Keys come in this order, without spaces, and the line holds no line break of any kind: names are escaped as JSON does,
//! and the separators U+0085, U+2028 and U+2029 besides.
//!
//! The parser takes what language models make of such a line: prose and code fences round it, line breaks and spaces,
//! single quotes, round brackets for lists, trailing commas, keys in any order and unknown ones. It clamps nothing: a map
//! that is not ten by ten, or a coordinate outside 0 to 10, is refused with a sentence. What is printed is parsed to the
//! same value.

use super::grid::{FITTED_STEP_M, GRID_SIDE, text_coordinate};
use super::observer::{CellState, LocalCogMap};
use crate::error::{Error, Result};
use std::fmt::Write;

/// The longest text the parser looks at, bytes.
pub const MAX_TEXT_BYTES: usize = 16 << 20;

/// Lists within lists deeper than this are no map.
const MAX_DEPTH: usize = 8;

/// Characters looked at per character of text before the parser gives up on finding a map in it.
const MAX_EFFORT: usize = 16;

/// The most values in one text: bounds what reading it can cost in memory.
const MAX_VALUES: usize = 1 << 20;

/// The largest cell or distance a text may tell, metres.
const MAX_TOLD_M: f64 = 1e6;

/// What the text of a map tells, at the precision of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct MapText {
    /// Metres per cell, to 0.01; none in a text without units.
    pub cell_m: Option<f64>,
    /// States by row: `rows[0]` is the farthest ahead (j = 9), `rows[r][i]` is i to the right.
    pub rows: [[CellState; GRID_SIDE]; GRID_SIDE],
    /// Name and grid coordinates (x to the right, y ahead, each 0 to 10, to 0.1).
    pub objects: Vec<(String, [f64; 2])>,
    /// Name, bearing in degrees (right positive, to 1), distance in metres, or in cells without units (to 0.1).
    pub beyond: Vec<(String, f64, f64)>,
}

impl MapText {
    /// What the text of `map` tells.
    pub fn of(map: &LocalCogMap) -> Self {
        Self {
            cell_m: Some((map.cell_m * 100.0).round() / 100.0),
            rows: std::array::from_fn(|row| {
                std::array::from_fn(|i| map.cells[(GRID_SIDE - 1 - row) * GRID_SIDE + i].state)
            }),
            objects: map.objects.iter().map(|o| (o.name.to_string(), o.grid.map(text_coordinate))).collect(),
            beyond: map
                .beyond
                .iter()
                .map(|b| (b.name.to_string(), whole_bearing(b.bearing_deg), tenth(b.distance_m)))
                .collect(),
        }
    }

    /// The same without units: no cell size, distances in cells.
    pub fn without_units(map: &LocalCogMap) -> Self {
        let mut text = Self::of(map);
        text.cell_m = None;
        for (told, far) in text.beyond.iter_mut().zip(&map.beyond) {
            told.2 = tenth(far.distance_m / map.cell_m);
        }
        text
    }

    /// Finds and reads the map in a text. The error says what was wrong with what looked most like one.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(Error::argument(format!(
                "map text has {} bytes, expected at most {MAX_TEXT_BYTES}",
                text.len()
            )));
        }
        let mut effort = text.len().saturating_mul(MAX_EFFORT);
        // Of all that failed, what was read farthest is most likely the map that was meant.
        let mut farthest = (0, Error::argument("map text holds no {…} at all"));
        for (at, _) in text.match_indices('{') {
            let mut reader = Reader { text, at, effort, values: 0 };
            match reader.value(0).and_then(|value| Self::from_value(&value)) {
                Ok(map) => return Ok(map),
                Err(error) if reader.at - at > farthest.0 => farthest = (reader.at - at, error),
                Err(_) => {}
            }
            effort = reader.effort;
            if effort == 0 {
                break;
            }
        }
        Err(farthest.1)
    }

    fn from_value(value: &Value) -> Result<Self> {
        let Value::Map(pairs) = value else { return Err(Error::argument("map text is not a {…}")) };
        let field = |key: &str| {
            let found = pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value);
            found.ok_or_else(|| Error::argument(format!("map text lacks \"{key}\"")))
        };
        let version = number(field("cogmap")?, "cogmap")?;
        if version != 1.0 {
            return Err(Error::argument(format!("cogmap is {version}, expected 1")));
        }
        let cell_m = match field("cell") {
            Ok(cell) => Some(within(number(cell, "cell")?, FITTED_STEP_M, MAX_TOLD_M, "cell")?),
            Err(_) => None,
        };
        let objects = list(field("objects")?, "objects")?.iter().map(|entry| {
            let (name, x, y) = named_pair(entry, "objects")?;
            let inside = |g: f64| within(g, 0.0, GRID_SIDE as f64, "a coordinate in objects");
            Ok((name, [inside(x)?, inside(y)?]))
        });
        let beyond = list(field("beyond")?, "beyond")?.iter().map(|entry| {
            let (name, bearing, distance) = named_pair(entry, "beyond")?;
            let bearing = within(bearing, -180.0, 180.0, "a bearing in beyond")?;
            Ok((name, bearing, within(distance, 0.0, MAX_TOLD_M, "a distance in beyond")?))
        });
        Ok(Self {
            cell_m,
            rows: rows(list(field("rows")?, "rows")?)?,
            objects: objects.collect::<Result<_>>()?,
            beyond: beyond.collect::<Result<_>>()?,
        })
    }
}

impl LocalCogMap {
    /// The map as one line for a language model; see [`MapText`], also for a line without units.
    pub fn to_text(&self) -> String {
        MapText::of(self).to_string()
    }
}

impl std::fmt::Display for MapText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{\"cogmap\":1,")?;
        if let Some(cell_m) = self.cell_m {
            write!(f, "\"cell\":{cell_m:.2},")?;
        }
        f.write_str("\"rows\":[")?;
        for (row, states) in self.rows.iter().enumerate() {
            f.write_str(if row == 0 { "\"" } else { ",\"" })?;
            states.iter().try_for_each(|state| f.write_char(state.sign()))?;
            f.write_char('"')?;
        }
        f.write_str("],\"objects\":[")?;
        for (k, (name, [x, y])) in self.objects.iter().enumerate() {
            let comma = if k == 0 { "" } else { "," };
            write!(f, "{comma}[{},{x:.1},{y:.1}]", quoted(name))?;
        }
        f.write_str("],\"beyond\":[")?;
        for (k, (name, bearing, distance)) in self.beyond.iter().enumerate() {
            let comma = if k == 0 { "" } else { "," };
            write!(f, "{comma}[{},{bearing:.0},{distance:.1}]", quoted(name))?;
        }
        f.write_str("]}")
    }
}

/// A JSON string without any character that some reader takes for the end of a line.
fn quoted(name: &str) -> String {
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

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Whole degrees in (−180, 180], without −0.
fn whole_bearing(bearing_deg: f64) -> f64 {
    let whole = bearing_deg.round();
    if whole <= -180.0 { 180.0 } else { whole + 0.0 }
}

fn within(value: f64, low: f64, high: f64, what: &str) -> Result<f64> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(Error::argument(format!("{what} is {value}, expected {low} to {high}")))
}

fn number(value: &Value, what: &str) -> Result<f64> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => Err(Error::argument(format!("{what} is no number"))),
    }
}

fn list<'v>(value: &'v Value, what: &str) -> Result<&'v [Value]> {
    match value {
        Value::List(values) => Ok(values),
        _ => Err(Error::argument(format!("{what} is no list"))),
    }
}

/// `["name", a, b]` or `["name", [a, b]]`.
fn named_pair(entry: &Value, what: &str) -> Result<(String, f64, f64)> {
    let (name, a, b) = match list(entry, &format!("an entry of {what}"))? {
        [Value::Text(name), Value::List(pair)] if pair.len() == 2 => (name, &pair[0], &pair[1]),
        [Value::Text(name), a, b] => (name, a, b),
        _ => return Err(Error::argument(format!("an entry of {what} is not a name and two numbers"))),
    };
    Ok((name.clone(), number(a, what)?, number(b, what)?))
}

fn rows(values: &[Value]) -> Result<[[CellState; GRID_SIDE]; GRID_SIDE]> {
    if values.len() != GRID_SIDE {
        return Err(Error::argument(format!("rows has {} rows, expected {GRID_SIDE}", values.len())));
    }
    let mut rows = [[CellState::Unknown; GRID_SIDE]; GRID_SIDE];
    for (at, (value, row)) in values.iter().zip(&mut rows).enumerate() {
        let Value::Text(signs) = value else { return Err(Error::argument(format!("row {at} is no string"))) };
        if signs.chars().count() != GRID_SIDE {
            return Err(Error::argument(format!("row {at} has {} signs, expected {GRID_SIDE}", signs.chars().count())));
        }
        for (sign, state) in signs.chars().zip(row) {
            *state = CellState::of_sign(sign)
                .ok_or_else(|| Error::argument(format!("row {at} holds {sign:?}, expected ?, . or #")))?;
        }
    }
    Ok(rows)
}

/// What stands in a text: the little of JSON a map needs.
#[derive(Debug)]
enum Value {
    Map(Vec<(String, Value)>),
    List(Vec<Value>),
    Text(String),
    Number(f64),
    /// `null`, `true` and the like: passed over.
    Word,
}

/// Reads one value from `at` on, and counts what it costs.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    effort: usize,
    values: usize,
}

impl Reader<'_> {
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
            return Error::argument("map text is too tangled to find a map in it");
        }
        match self.text[self.at..].chars().next() {
            Some(c) => Error::argument(format!("map text has {c:?} at byte {}, expected {expected}", self.at)),
            None => Error::argument(format!("map text ends at byte {}, expected {expected}", self.at)),
        }
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted) && self.step(wanted).is_some()
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(Error::argument(format!("map text nests deeper than {MAX_DEPTH}")));
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Error::argument(format!("map text holds more than {MAX_VALUES} values")));
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
            return Ok(Value::Word);
        }
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Number(number)),
            _ => {
                let shown: String = word.chars().take(40).collect();
                Err(Error::argument(format!("map text has {shown:?} at byte {start}, expected a number")))
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

#[cfg(test)]
mod tests {
    use super::super::testing::{boxed, snapshot_of};
    use super::super::{CogMapOptions, LocalFrame};
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = concat!(
        r###"{"cogmap":1,"cell":0.50,"rows":["??????????","??????????","??????????","??????????","??????????","###,
        r###""??????????","??????????","??????????","????##????","????##????"],"###,
        r###""objects":[["chair#1",5.0,1.0]],"beyond":[["door#1",35,4.2]]}"###
    );

    fn map_of_names(names: &[&str]) -> LocalCogMap {
        let things = names
            .iter()
            .enumerate()
            .map(|(k, name)| boxed(k as u64 + 1, name, [0.3 * k as f64 - 1.2, 0.4 + 0.9 * k as f64], [0.4, 0.4], 0.0));
        let frame = LocalFrame::new([0.0, 0.0], std::f64::consts::FRAC_PI_2).expect("a heading");
        LocalCogMap::build(&snapshot_of(things.collect()), &frame, &CogMapOptions::default()).expect("a map")
    }

    #[test]
    fn the_line_is_written_to_the_letter() {
        let door = [4.2 * 35f64.to_radians().sin(), 4.2 * 35f64.to_radians().cos()];
        let things = vec![boxed(1, "chair#1", [0.0, -2.0], [0.8, 1.0], 0.0), boxed(2, "door#1", door, [0.1, 0.1], 0.0)];
        let frame = LocalFrame::new([0.0, 0.0], std::f64::consts::FRAC_PI_2).expect("a heading");
        let map = LocalCogMap::build(&snapshot_of(things), &frame, &CogMapOptions::default()).expect("a map");
        assert_eq!(map.to_text(), LINE);
        let bare = LINE.replace("\"cell\":0.50,", "").replace("4.2", "8.4");
        assert_eq!(MapText::without_units(&map).to_string(), bare);
    }

    #[test]
    fn hostile_names_survive_on_one_line() {
        let names = [
            "a\"b'c#1",
            "line\nbreak\u{2028}\u{85}\r#1",
            "``` {\"cogmap\":1} \\ #1",
            "стул#1 \u{1F600}",
            "</svg>&#1\0",
        ];
        let map = map_of_names(&names);
        let text = map.to_text();
        assert!(!text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')));
        let read = MapText::parse(&text).expect("its own text");
        assert_eq!(read, MapText::of(&map));
        let all: Vec<&str> = read.objects.iter().map(|o| &*o.0).chain(read.beyond.iter().map(|b| &*b.0)).collect();
        assert!(names.iter().all(|name| all.contains(name)));
        let json: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(json["cogmap"], 1);
    }

    #[test]
    fn what_language_models_make_of_the_line_is_read() {
        let plain = MapText::parse(LINE).expect("the line itself");
        let single = LINE.replace('"', "'");
        let tuples = LINE.replace("[\"chair#1\",5.0,1.0]", "(\"chair#1\", (5.0, +1.0,),)");
        let trailing = LINE.replace("]}", ",],\n \"note\": null,}");
        let fenced = format!("Here is {{the}} map you {{'asked': for}}:\n```json\n{LINE}\n```\nIt has one chair.");
        for text in [single, tuples, trailing, fenced] {
            assert_eq!(MapText::parse(&text).expect(&text), plain);
        }
    }

    #[test]
    fn what_is_no_map_is_refused_with_a_sentence() {
        let changed = |from: &str, to: &str| {
            assert!(LINE.contains(from));
            MapText::parse(&LINE.replacen(from, to, 1)).expect_err(to).to_string()
        };
        assert_eq!(changed("\"cogmap\":1", "\"cogmap\":2"), "cogmap is 2, expected 1");
        assert_eq!(changed("5.0,1.0", "5.0,10.1"), "a coordinate in objects is 10.1, expected 0 to 10");
        assert_eq!(changed("5.0,1.0", "5.0,-0.1"), "a coordinate in objects is -0.1, expected 0 to 10");
        assert_eq!(changed("\"??????????\",", ""), "rows has 9 rows, expected 10");
        assert_eq!(changed("??????????", "?????????"), "row 0 has 9 signs, expected 10");
        assert_eq!(changed("??????????", "?????????x"), "row 0 holds 'x', expected ?, . or #");
        assert_eq!(changed("5.0,1.0", "5.0"), "an entry of objects is not a name and two numbers");
        assert_eq!(changed("0.50", "1e999"), "map text has \"1e999\" at byte 19, expected a number");
        assert_eq!(changed("0.50", "0"), "cell is 0, expected 0.05 to 1000000");
        assert_eq!(changed("\"rows\"", "\"rose\""), "map text lacks \"rows\"");
        assert_eq!(MapText::parse("no map").expect_err("none").to_string(), "map text holds no {…} at all");
        for cut in 1..LINE.len() {
            assert!(MapText::parse(&LINE[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_hostile_text_costs_no_more_than_its_length() {
        for piece in ["{", "{\"a\":", "{'", "{\"\\", "{\"a\":[{", "{\"a\":[1,", "{'{\"", "[", "{\"a\\\"':"] {
            assert!(MapText::parse(&piece.repeat((1 << 20) / piece.len())).is_err());
        }
        assert!(MapText::parse(&" ".repeat(MAX_TEXT_BYTES + 1)).is_err());
    }

    fn any_name() -> impl Strategy<Value = String> {
        prop::collection::vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect())
    }

    fn any_text() -> impl Strategy<Value = MapText> {
        let state = (0..3usize).prop_map(|k| [CellState::Unknown, CellState::Free, CellState::Occupied][k]);
        let rows = prop::array::uniform10(prop::array::uniform10(state));
        let tenth = |most: i32| (0..=most).prop_map(|k| f64::from(k) / 10.0);
        let objects = prop::collection::vec((any_name(), prop::array::uniform2(tenth(100))), 0..8);
        let beyond = prop::collection::vec((any_name(), (-179..=180).prop_map(f64::from), tenth(9999)), 0..8);
        (prop::option::of((5..=1000).prop_map(|k| f64::from(k) / 100.0)), rows, objects, beyond)
            .prop_map(|(cell_m, rows, objects, beyond)| MapText { cell_m, rows, objects, beyond })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_the_same(map in any_text(), before in "[a-z {}'\"]{0,20}") {
            prop_assert_eq!(&MapText::parse(&map.to_string()).expect("printed"), &map);
            let after_prose = MapText::parse(&format!("{}\n{map}", before.replace(['\'', '"', '{'], "")));
            prop_assert_eq!(after_prose.expect("after prose"), map);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[\\[\\](){}'\",:\\\\u0-9a-f .+-]{0,60}") {
            let _ = MapText::parse(&text);
        }
    }
}
