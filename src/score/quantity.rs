//! Numbers with their units in prose: "about 1.2 m", "3 chairs", "1,000", "120 x 50 x 70 cm".
//!
//! A number is digits with an optional sign, groups of three after commas, a fraction and an exponent. Digits within a
//! word are none ("chair2", "3D", "2nd"). A unit follows the number, with or without a blank. "in" after a blank is an
//! inch only where the sentence does not go on ("12 in.", "12 in wide"), for "0.5 in total" is no length in inches.
//! Numbers joined by `x`, `×`, `*` or "by" that have no unit of their own take the next one that follows in the row.

use super::bounded;

/// A unit of length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    /// m, meter(s), metre(s).
    Metre,
    /// cm, and the word.
    Centimetre,
    /// mm, and the word.
    Millimetre,
    /// in, inch(es).
    Inch,
    /// ft, foot, feet.
    Foot,
}

impl LengthUnit {
    /// How long one is, metres.
    pub fn metres(self) -> f64 {
        match self {
            Self::Metre => 1.0,
            Self::Centimetre => 0.01,
            Self::Millimetre => 0.001,
            Self::Inch => 0.0254,
            Self::Foot => 0.3048,
        }
    }

    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Metre => "m",
            Self::Centimetre => "cm",
            Self::Millimetre => "mm",
            Self::Inch => "in",
            Self::Foot => "ft",
        }
    }

    /// The unit with this name in a text, singular or plural.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "m" | "meter" | "meters" | "metre" | "metres" => Self::Metre,
            "cm" | "centimeter" | "centimeters" | "centimetre" | "centimetres" => Self::Centimetre,
            "mm" | "millimeter" | "millimeters" | "millimetre" | "millimetres" => Self::Millimetre,
            "in" | "inch" | "inches" => Self::Inch,
            "ft" | "foot" | "feet" => Self::Foot,
            _ => return None,
        })
    }
}

/// A number of a text and the unit behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// As written, in its unit.
    pub value: f64,
    /// None where no unit of length follows.
    pub unit: Option<LengthUnit>,
}

impl Quantity {
    /// The length; metres are taken where no unit is told.
    pub fn metres(&self) -> f64 {
        self.in_unit(LengthUnit::Metre)
    }

    /// The length in `unit`, which is also taken where none is told.
    pub fn in_unit(&self, unit: LengthUnit) -> f64 {
        match self.unit {
            Some(own) if own != unit => self.value * own.metres() / unit.metres(),
            _ => self.value,
        }
    }
}

/// All quantities of a text, in order.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let text = bounded(text);
    let mut found = Vec::new();
    // Since when the numbers are joined to one another without a unit, and what stands behind the last.
    let (mut chain, mut behind) = (0, 0);
    let mut at = 0;
    while let Some((start, mut end, value)) = next_number(text, at) {
        if found.is_empty() || !joins(&text[behind..start]) {
            chain = found.len();
        }
        let unit = unit_after(&text[end..]);
        found.push(Quantity { value, unit: unit.map(|(unit, _)| unit) });
        if let Some((unit, length)) = unit {
            end += length;
            found[chain..].iter_mut().for_each(|q: &mut Quantity| q.unit = q.unit.or(Some(unit)));
            chain = found.len();
        }
        (at, behind) = (end, end);
    }
    found
}

/// All lengths of a text in metres, in order; metres are taken where no unit is told.
pub fn lengths_m(text: &str) -> Vec<f64> {
    quantities(text).iter().map(Quantity::metres).collect()
}

/// The first small number that a text has as a word, where it has no digits.
pub(super) fn number_word(text: &str) -> Option<f64> {
    bounded(text).split(|c: char| !c.is_alphanumeric()).find_map(small_number)
}

/// The number that a word says: zero to twenty.
pub(crate) fn small_number(word: &str) -> Option<f64> {
    const WORDS: [&str; 21] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    WORDS.iter().position(|w| word.eq_ignore_ascii_case(w)).map(|value| value as f64)
}

/// Whether what stands between two numbers makes them sides of one thing.
fn joins(between: &str) -> bool {
    matches!(between.trim(), "x" | "X" | "×" | "*" | "by")
}

/// Where the next number begins and ends, and what it is.
fn next_number(text: &str, from: usize) -> Option<(usize, usize, f64)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if !begins_number(bytes, at) {
            at += 1;
            continue;
        }
        let end = end_of_number(bytes, at);
        let start = if has_sign(bytes, at) { at - 1 } else { at };
        let attached = letters(&text[end..]);
        let is_word = !attached.is_empty() && LengthUnit::of_word(attached).is_none() && !is_cross(&text[end..]);
        match text[start..end].replace(',', "").parse::<f64>() {
            Ok(value) if !is_word && value.is_finite() => return Some((start, end, value)),
            _ => at = end,
        }
    }
    None
}

fn begins_number(bytes: &[u8], at: usize) -> bool {
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let before = at.checked_sub(1).map(|i| bytes[i]);
    let in_word = match before {
        // The cross of "2x3" stands between digits.
        Some(b'x' | b'X') => !bytes[..at - 1].trim_ascii_end().last().is_some_and(u8::is_ascii_digit),
        Some(b) => b.is_ascii_alphanumeric() || b == b'_' || b == b'.',
        None => false,
    };
    !in_word && (digit(at) || bytes[at] == b'.' && digit(at + 1))
}

fn has_sign(bytes: &[u8], at: usize) -> bool {
    let free = |i: usize| i == 0 || matches!(bytes[i - 1], b' ' | b'(' | b'[' | b',' | b'\n' | b'\t' | b'=' | b':');
    at > 0 && bytes[at - 1] == b'-' && free(at - 1)
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let digits = |from: usize| from + bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(start);
    if (1..=3).contains(&(end - start)) && bytes[start] != b'0' {
        while bytes.get(end) == Some(&b',') && digits(end + 1) == end + 4 {
            end += 4;
        }
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// The letters a text begins with.
fn letters(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// Whether a text goes on as "x 3" does.
fn is_cross(text: &str) -> bool {
    let rest = text.strip_prefix(['x', 'X', '×']).map(str::trim_start);
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
}

/// The unit that a text begins with and the bytes up to its end.
fn unit_after(text: &str) -> Option<(LengthUnit, usize)> {
    let trimmed = text.trim_start_matches([' ', '-', '\t', '\u{a0}']);
    let word = letters(trimmed);
    let blanks = text.len() - trimmed.len();
    let unit = LengthUnit::of_word(word)?;
    let rest = trimmed[word.len()..].trim_start();
    let goes_on = rest.len() < trimmed.len() - word.len() && !letters(rest).is_empty();
    let measures = ["wide", "tall", "long", "high", "deep", "thick", "x", "by", "and", "or"];
    let is_preposition = word.eq_ignore_ascii_case("in") && blanks > 0 && goes_on && !measures.contains(&letters(rest));
    (!is_preposition).then_some((unit, blanks + word.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(text: &str) -> Vec<f64> {
        quantities(text).iter().map(|q| q.value).collect()
    }

    #[test]
    fn a_number_is_found_in_prose() {
        assert_eq!(values("about 3"), [3.0]);
        assert_eq!(values("1,000"), [1000.0]);
        assert_eq!(values("3 chairs"), [3.0]);
        assert_eq!(values("12,345,678.5 or 1,23 or -4 and .5"), [12_345_678.5, 1.0, 23.0, -4.0, 0.5]);
        assert_eq!(values("between 2-3, or 1e1."), [2.0, 3.0, 10.0]);
        assert!(values("chair2, 3D, the 2nd, v1.5 and x4").is_empty());
        assert_eq!(values("(0.72,0.28)"), [0.72, 0.28]);
    }

    #[test]
    fn a_length_is_in_the_unit_behind_it_and_in_metres_without() {
        let cases = [
            ("37 cm", 0.37),
            ("37cm.", 0.37),
            ("370 mm", 0.37),
            ("0.37 metres in width", 0.37),
            ("0.37 Meters", 0.37),
            ("0.37", 0.37),
            ("0.5 in total", 0.5),
            ("10 in", 0.254),
            ("10in tall", 0.254),
            ("10 in wide", 0.254),
            ("10 inches in width", 0.254),
            ("a 10-foot wall", 3.048),
            ("2 ft", 0.6096),
        ];
        for (text, metres) in cases {
            let found = lengths_m(text);
            assert!(found.len() == 1 && (found[0] - metres).abs() < 1e-12, "{text}: {found:?}");
        }
    }

    #[test]
    fn the_sides_of_one_thing_share_the_last_ones_unit() {
        for text in ["120 x 50 x 70 cm", "120x50x70cm", "120 × 50 × 70 cm", "120 by 50 by 70 cm", "1.2 m x 50 x 70 cm"]
        {
            let found = lengths_m(text);
            assert_eq!(found.len(), 3, "{text}");
            assert!((found[0] - 1.2).abs() < 1e-12 && (found[1] - 0.5).abs() < 1e-12, "{text}: {found:?}");
        }
        assert_eq!(lengths_m("2 and 50 cm"), [2.0, 0.5]);
        assert_eq!(lengths_m("2 x 50 cm x 3 x 4 m"), [0.02, 0.5, 3.0, 4.0]);
        assert_eq!(lengths_m(&"1 m x ".repeat(100_000)).len(), 100_000);
        assert_eq!(lengths_m("1.2 x 0.5 x 0.7"), [1.2, 0.5, 0.7]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9a-z.,eExX×一 \\-+m(]{0,60}") {
            prop_assert!(quantities(&text).iter().all(|q| q.value.is_finite()));
        }
    }
}
