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
use super::tolerant::{Reader, Value, list, number, quoted, within};
use crate::error::{Error, Result};
use std::fmt::Write;

/// The longest text the parser looks at, bytes.
pub const MAX_TEXT_BYTES: usize = 16 << 20;

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
            objects: map.objects.iter().map(|o| (o.thing.name.to_string(), o.grid.map(text_coordinate))).collect(),
            beyond: map
                .beyond
                .iter()
                .map(|b| (b.thing.name.to_string(), whole_bearing(b.bearing_deg), tenth(b.distance_m)))
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
        let mut reader = Reader::new(text, "map text");
        // Of all that failed, what was read farthest is most likely the map that was meant.
        let mut farthest = (0, Error::argument("map text holds no {…} at all"));
        for (at, _) in text.match_indices('{') {
            match reader.read_at(at).and_then(|value| Self::from_value(&value)) {
                Ok(map) => return Ok(map),
                Err(error) if reader.at() - at > farthest.0 => farthest = (reader.at() - at, error),
                Err(_) => {}
            }
            if reader.is_spent() {
                break;
            }
        }
        Err(farthest.1)
    }

    fn from_value(value: &Value) -> Result<Self> {
        let field = |key: &str| value.field(key).ok_or_else(|| Error::argument(format!("map text lacks \"{key}\"")));
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

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Whole degrees in (−180, 180], without −0.
fn whole_bearing(bearing_deg: f64) -> f64 {
    let whole = bearing_deg.round();
    if whole <= -180.0 { 180.0 } else { whole + 0.0 }
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
