//! The families' ways to write places, each with its reader.
//!
//! A reader walks the text once, hands every place to [`Gathered`], and looks a bounded number of bytes ahead.

use super::{Grounded2d, GroundedText, MAX_FOUND, Region};
use crate::cogmap::tolerant::{Reader, Value};
use crate::graph::{MAX_REJECTED, Rejected};
use crate::prepare::Fit;

/// The largest number that is taken for a coordinate.
const MAX_COORDINATE: f64 = 1e6;

/// A tag, and what stands between two, is looked for so many bytes ahead.
const TAG_BYTES: usize = 1024;

/// What was found so far, and what takes it back to the picture.
pub(super) struct Gathered<'t> {
    text: &'t str,
    placed: &'t Fit,
    unit: [f64; 2],
    /// A byte of the text and the line it is on.
    counted: (usize, usize),
    /// What was read so far.
    pub read: GroundedText,
}

impl<'t> Gathered<'t> {
    /// Nothing yet; `unit` is pixels of the network's input per unit of the text, along x and y.
    pub fn new(text: &'t str, placed: &'t Fit, unit: [f64; 2]) -> Self {
        Self { text, placed, unit, counted: (0, 1), read: GroundedText::default() }
    }

    /// Takes in what stands at byte `at`: 4 numbers for a box, 2 for a point.
    fn take(&mut self, at: usize, label: &str, numbers: &[f64]) {
        match self.region(numbers) {
            Ok(_) if self.read.found.len() == MAX_FOUND => self.reject(at, format!("more than {MAX_FOUND} places")),
            Ok(region) => self.read.found.push(Grounded2d { label: label.trim().to_owned(), region }),
            Err(reason) => self.reject(at, reason),
        }
    }

    fn reject(&mut self, at: usize, reason: String) {
        let (from, line) = self.counted;
        if at >= from {
            self.counted = (at, line + self.text[from..at].matches('\n').count());
        }
        self.read.rejected_in_all += 1;
        if self.read.rejected.len() < MAX_REJECTED {
            self.read.rejected.push(Rejected { line: self.counted.1, reason });
        }
    }

    fn region(&self, numbers: &[f64]) -> Result<Region, String> {
        if let Some(wild) = numbers.iter().find(|number| number.abs().is_nan() || number.abs() > MAX_COORDINATE) {
            return Err(format!("{wild} is no coordinate"));
        }
        let [unit_x, unit_y] = self.unit;
        let (width, height) = self.placed.from();
        match *numbers {
            [x1, y1, x2, y2] => {
                if x1 >= x2 || y1 >= y2 {
                    return Err(format!("box ({x1}, {y1}) to ({x2}, {y2}) has no inside"));
                }
                let edges = [x1 * unit_x, y1 * unit_y, x2 * unit_x, y2 * unit_y];
                let [left, top, right, bottom] = self.placed.box_to_source(edges);
                if left >= right || top >= bottom {
                    return Err(format!("box ({x1}, {y1}) to ({x2}, {y2}) lies beyond the picture"));
                }
                Ok(Region::Box([left, top, right, bottom]))
            }
            [x, y] => {
                // Edges are half a pixel before the middles that `to_source` counts from.
                let (u, v) = self.placed.to_source(x * unit_x - 0.5, y * unit_y - 0.5);
                let (u, v) = (u + 0.5, v + 0.5);
                let inside = (0.0..=width as f64).contains(&u) && (0.0..=height as f64).contains(&v);
                if inside {
                    Ok(Region::Point([u, v]))
                } else {
                    Err(format!("point ({x}, {y}) lies beyond the picture"))
                }
            }
            _ => Err(format!("{} numbers, expected 4 of a box or 2 of a point", numbers.len())),
        }
    }
}

// Qwen2-VL.

pub(super) fn read_pairs(gathered: &mut Gathered<'_>) {
    let text = gathered.text;
    let mut at = 0;
    // What stands since the last place: the label, once its tags are gone.
    let mut label_from = 0;
    while let Some(found) = text[at..].find(['(', '<']) {
        at += found;
        let rest = &text[at..];
        if let Some(tagged) = rest.strip_prefix("<|box_start|>") {
            let tagged = head(tagged);
            let inside = tagged.split("<|box_end|>").next().unwrap_or(tagged);
            let inside = inside.split("<|box_start|>").next().unwrap_or(inside);
            let label = label_before(tail(&text[label_from..at]));
            match pairs(inside) {
                Some((numbers, used)) if inside[used..].trim().is_empty() && tagged.len() > inside.len() => {
                    gathered.take(at, label, &numbers);
                }
                _ => gathered.reject(at, "what is between the tags of a box is not (x1,y1),(x2,y2)".into()),
            }
            at += "<|box_start|>".len() + inside.len();
            label_from = at;
        } else if let Some((numbers, used)) = pairs(rest).filter(|(numbers, _)| numbers.len() == 4) {
            gathered.take(at, label_before(tail(&text[label_from..at])), &numbers);
            at += used;
            label_from = at;
        } else {
            at += 1;
        }
    }
}

/// `(a,b)` or `(a,b),(c,d)` at the beginning, and how many bytes that is.
fn pairs(text: &str) -> Option<(Vec<f64>, usize)> {
    let one = |text: &str| {
        let start = if text.starts_with(' ') { 1 } else { 0 };
        let inside = head(text[start..].strip_prefix('(')?);
        let end = inside.find(')')?;
        let (x, y) = inside[..end].split_once(',')?;
        Some(([x.trim().parse::<f64>().ok()?, y.trim().parse::<f64>().ok()?], start + end + 2))
    };
    let (first, used) = one(text)?;
    let comma = text[used..].strip_prefix(',').map(|rest| text.len() - rest.len());
    match comma.and_then(|from| one(&text[from..]).map(|(second, more)| (second, from + more))) {
        Some((second, used)) => Some(([first, second].concat(), used)),
        None => Some((first.to_vec(), used)),
    }
}

/// The words of a label: between its tags, else the last line in front of a place.
fn label_before(text: &str) -> &str {
    if let Some((_, tagged)) = text.rsplit_once("<|object_ref_start|>") {
        return tagged.split("<|object_ref_end|>").next().unwrap_or(tagged);
    }
    let text = text.rsplit_once("|>").map_or(text, |(_, rest)| rest);
    let line = text.trim_end().rsplit('\n').next().unwrap_or("");
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '-'))
}

/// The first bytes, [`TAG_BYTES`] of them: what is looked at from every place of a text must not be all the rest of it.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(TAG_BYTES)]
}

/// The last bytes, as many.
fn tail(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(TAG_BYTES))..]
}

// Qwen2.5-VL, Qwen3-VL, LLaVA.

pub(super) fn read_json(gathered: &mut Gathered<'_>, takes_lists: bool) {
    let text = gathered.text;
    let mut reader = Reader::of_lines(text, "the reply");
    let mut at = 0;
    while let Some(found) = text[at..].find(|c| c == '{' || (takes_lists && (c == '[' || c == '('))) {
        at += found;
        let value = reader.read_at(at);
        let mut was_place = true;
        match &value {
            Ok(Value::List(_)) => match value.as_ref().ok().and_then(numbers_of) {
                Some(numbers) if matches!(numbers.len(), 2 | 4) => gathered.take(at, "", &numbers),
                _ => was_place = false,
            },
            Ok(record) => match place_of(record) {
                Some(place) => match numbers_of(place) {
                    Some(numbers) => gathered.take(at, label_of(record), &numbers),
                    None => gathered.reject(at, "a place is not a list of numbers".into()),
                },
                None => was_place = false,
            },
            Err(_) if reader.is_spent() => gathered.reject(at, "the text is too tangled to read on".into()),
            Err(error) if text[at + 1..].trim_start().starts_with(['"', '\'']) => {
                gathered.reject(at, error.to_string());
                was_place = false;
            }
            Err(_) => was_place = false,
        }
        if reader.is_spent() {
            break;
        }
        at = if was_place { reader.at().max(at + 1) } else { at + 1 };
    }
}

fn place_of(record: &Value) -> Option<&Value> {
    ["bbox_2d", "point_2d", "bbox", "box", "point"].iter().find_map(|key| record.field(key))
}

fn label_of(record: &Value) -> &str {
    ["label", "name"]
        .iter()
        .find_map(|key| match record.field(key) {
            Some(Value::Text(label)) => Some(label.as_str()),
            _ => None,
        })
        .unwrap_or("")
}

/// The numbers of a list, also of a list of pairs.
fn numbers_of(value: &Value) -> Option<Vec<f64>> {
    let Value::List(values) = value else { return None };
    let mut numbers = Vec::new();
    for value in values.iter().take(8) {
        match value {
            Value::Number(number) => numbers.push(*number),
            Value::List(pair) => match pair.as_slice() {
                [Value::Number(x), Value::Number(y)] => numbers.extend([*x, *y]),
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(numbers)
}

// Molmo.

pub(super) fn read_points(gathered: &mut Gathered<'_>) {
    let text = gathered.text;
    let mut at = 0;
    while let Some(found) = text[at..].find("<point") {
        at += found;
        let rest = &text[at + "<point".len()..];
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        let Some(end) = head(rest).find('>').filter(|_| rest.starts_with(char::is_whitespace)) else {
            gathered.reject(at, "a tag of a point is not closed".into());
            at += 1;
            continue;
        };
        let attributes = attributes(&rest[..end]);
        let alt = attributes.iter().find(|(key, _)| *key == "alt").map(|(_, value)| *value);
        let label = alt.or_else(|| head(&rest[end + 1..]).split('<').next()).unwrap_or("");
        let number = |key: &str| attributes.iter().find(|(name, _)| *name == key)?.1.trim().parse::<f64>().ok();
        let mut any = false;
        for (key, _) in &attributes {
            let Some(which) = key.strip_prefix('x').filter(|which| which.bytes().all(|b| b.is_ascii_digit())) else {
                continue;
            };
            any = true;
            match (number(key), number(&format!("y{which}"))) {
                (Some(x), Some(y)) => gathered.take(at, label, &[x, y]),
                _ => gathered.reject(at, format!("point {key} lacks a number")),
            }
        }
        if !any {
            gathered.reject(at, "a tag of a point has no x".into());
        }
        at = text.len() - rest.len() + end;
    }
}

/// `key="value"` or `key='value'`, as many as there are.
fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((value, more)) = after[1..].split_once(quote) else { break };
        found.push((key.trim(), value));
        rest = more;
    }
    found
}

// PaliGemma.

pub(super) fn read_locs(gathered: &mut Gathered<'_>) {
    let text = gathered.text;
    let mut at = 0;
    while let Some(found) = text[at..].find("<loc") {
        at += found;
        let (mut numbers, mut end) = (Vec::new(), at);
        while let Some((number, used)) = loc(&text[end..]) {
            numbers.push(number);
            end += used;
        }
        let label = head(&text[end..]).split([';', '<', '\n']).next().unwrap_or("");
        match *numbers.as_slice() {
            [top, left, bottom, right] => gathered.take(at, label, &[left, top, right, bottom]),
            [y, x] => gathered.take(at, label, &[x, y]),
            _ => gathered.reject(at, format!("{} places in a row, expected 4 of a box or 2 of a point", numbers.len())),
        }
        at = end.max(at + 1);
    }
}

/// `<loc0123>` at the beginning.
fn loc(text: &str) -> Option<(f64, usize)> {
    let digits = text.strip_prefix("<loc")?.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    text[8..].starts_with('>').then(|| digits.parse().ok().map(|number| (number, 9)))?
}
