//! Boxes as lines for a language model, and back.
//!
//! `{"label":"chair","centre":[1.20,-0.35,0.45],"size":[0.50,0.52,0.90],"yaw":1.57}`
//!
//! One box a line, keys in this order, no spaces. `centre` is x, y, z in the world in metres, Z up; `size` is the full side
//! lengths along the box's own x, y, z in metres; `yaw` turns the box's x from world +X counter-clockwise about +Z, in
//! radians, -3.14 to 3.14. All with two decimals.
//!
//! The reader takes what language models make of such lines: prose and code fences round them, lists of boxes, single
//! quotes, round brackets, trailing commas, other keys, more decimals. A box that no box can be is left out, and the
//! reason is told with the number of its line. What is printed is read back as it was.

use crate::cogmap::MAX_TEXT_BYTES;
use crate::cogmap::tolerant::{Reader, Value, list, number, quoted, within};
use crate::error::{Error, Result};
use crate::geom::{OrientedBox, wrap_turn};
use crate::graph::{MAX_REJECTED, Rejected};
use nalgebra::{Point3, Vector3};

/// The farthest coordinate of a centre, metres.
pub const MAX_CENTRE_M: f64 = 1000.0;

/// The shortest and the longest side, metres.
pub const SIDE_RANGE_M: (f64, f64) = (0.01, 100.0);

/// The largest yaw either way, radians.
const MAX_YAW_RAD: f64 = std::f64::consts::PI;

/// Keys of which a record has at least one; other objects are no boxes.
const KEYS: [&str; 3] = ["centre", "size", "yaw"];

/// A thing's upright box: seven numbers and what it is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Box7Dof {
    /// What it is called.
    pub label: String,
    /// Centre in the world (Z up), metres.
    pub centre_m: [f64; 3],
    /// Full side lengths along the box's own x, y, z, metres.
    pub size_m: [f64; 3],
    /// Counter-clockwise about +Z from world +X to the box's x, radians, in [-π, π].
    pub yaw_rad: f64,
}

/// What was read of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BoxesText {
    /// The boxes, in the order of the text.
    pub boxes: Vec<Box7Dof>,
    /// The first [`MAX_REJECTED`] that were left out.
    pub rejected: Vec<Rejected>,
    /// How many were left out in all.
    pub rejected_in_all: usize,
}

impl Box7Dof {
    /// The box of a thing so called. A tilt is dropped.
    pub fn of(label: &str, obb: &OrientedBox) -> Self {
        Self {
            label: label.into(),
            centre_m: obb.centre.coords.into(),
            size_m: obb.size.into(),
            yaw_rad: wrap_turn(obb.yaw_rad()),
        }
    }

    /// The box as the rest of gnomon has it.
    pub fn oriented(&self) -> OrientedBox {
        OrientedBox::upright(Point3::from(self.centre_m), Vector3::from(self.size_m), self.yaw_rad)
    }

    fn from_value(value: &Value) -> Result<Self> {
        let field = |key: &str| value.field(key).ok_or_else(|| Error::argument(format!("it lacks \"{key}\"")));
        let Value::Text(label) = field("label")? else { return Err(Error::argument("label is no text in quotes")) };
        // "center" is how most models spell it.
        let centre = field("centre").or_else(|error| value.field("center").ok_or(error))?;
        let (least, most) = SIDE_RANGE_M;
        Ok(Self {
            label: label.clone(),
            centre_m: three(centre, -MAX_CENTRE_M, MAX_CENTRE_M, "centre")?,
            size_m: three(field("size")?, least, most, "size")?,
            yaw_rad: within(number(field("yaw")?, "yaw")?, -MAX_YAW_RAD, MAX_YAW_RAD, "yaw")? + 0.0,
        })
    }
}

impl BoxesText {
    /// Reads all boxes of a text. Refused is only a text that is too long; what is wrong with single boxes is told in
    /// [`Self::rejected`].
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_TEXT_BYTES {
            let length = text.len();
            return Err(Error::argument(format!(
                "text of boxes has {length} bytes, expected at most {MAX_TEXT_BYTES}"
            )));
        }
        let mut read = Self::default();
        let mut reader = Reader::of_lines(text, "the text");
        let (mut at, mut line, mut counted) = (0, 1, 0);
        while let Some(found) = text[at..].find('{') {
            at += found;
            line += text[counted..at].matches('\n').count();
            counted = at;
            let value = reader.read_at(at);
            let outcome = match &value {
                Ok(value) if is_record(value) => Some(Box7Dof::from_value(value)),
                Ok(_) => None,
                Err(_) if reader.is_spent() => Some(Err(Error::argument("the text is too tangled to read on"))),
                Err(error) if text[at + 1..].trim_start().starts_with(['"', '\'']) => Some(Err(error.clone())),
                Err(_) => None,
            };
            let was_record = value.is_ok() && outcome.is_some();
            match outcome {
                Some(Ok(found)) => read.boxes.push(found),
                Some(Err(error)) => read.reject(line, &error),
                None => {}
            }
            if reader.is_spent() {
                break;
            }
            at = if was_record { reader.at() } else { at + 1 };
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

impl std::fmt::Display for Box7Dof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told = |value: f64| (value * 100.0).round() / 100.0 + 0.0;
        let [x, y, z] = self.centre_m.map(told);
        // What is thinner than the text can say is said to be as thin as it can.
        let [length, width, height] = self.size_m.map(|side| told(side).max(SIDE_RANGE_M.0));
        let yaw = told(self.yaw_rad);
        let label = quoted(&self.label);
        write!(f, "{{\"label\":{label},\"centre\":[{x:.2},{y:.2},{z:.2}],")?;
        write!(f, "\"size\":[{length:.2},{width:.2},{height:.2}],\"yaw\":{yaw:.2}}}")
    }
}

fn is_record(value: &Value) -> bool {
    KEYS.iter().any(|key| value.field(key).is_some())
}

fn three(value: &Value, least: f64, most: f64, what: &str) -> Result<[f64; 3]> {
    let [x, y, z] = list(value, what)? else {
        return Err(Error::argument(format!("{what} is not three numbers")));
    };
    let inside = |value: &Value| Ok::<_, Error>(within(number(value, what)?, least, most, what)? + 0.0);
    Ok([inside(x)?, inside(y)?, inside(z)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = r#"{"label":"chair","centre":[1.20,-0.35,0.45],"size":[0.50,0.52,0.90],"yaw":1.57}"#;

    fn read(text: &str) -> BoxesText {
        BoxesText::parse(text).expect("short enough")
    }

    #[test]
    fn the_line_is_written_to_the_letter_and_the_box_comes_back() {
        let obb = OrientedBox::upright(Point3::new(1.2, -0.351, 0.45), Vector3::new(0.5, 0.52, 0.9), 1.57);
        let told = Box7Dof::of("chair", &obb);
        assert_eq!(told.to_string(), LINE);
        assert!((told.oriented().centre - obb.centre).norm() < 1e-12);
        let turned = OrientedBox::upright(Point3::origin(), Vector3::new(1.0, 2.0, 0.001), std::f64::consts::PI);
        let line = Box7Dof::of("rug", &turned).to_string();
        assert!(line.ends_with(r#""size":[1.00,2.00,0.01],"yaw":-3.14}"#), "{line}");
        assert_eq!(read(&line).boxes.len(), 1);
    }

    #[test]
    fn what_language_models_make_of_a_line_is_read() {
        let plain = read(LINE).boxes;
        let single = LINE.replace('"', "'").replace("centre", "center");
        let tuples = LINE.replace("[1.20,-0.35,0.45]", "( 1.2, -0.350, +0.45, )");
        let fenced = format!("The boxes {{two}}:\n```json\n[{LINE},\n]\n```\nDone.");
        for text in [single, tuples, fenced] {
            assert_eq!((&read(&text).boxes, read(&text).rejected_in_all), (&plain, 0), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_with_its_number() {
        let reason = |from: &str, to: &str| {
            assert!(LINE.contains(from), "{from}");
            let found = read(&format!("{LINE}\n{}", LINE.replacen(from, to, 1)));
            assert_eq!((found.boxes.len(), found.rejected.len(), found.rejected[0].line), (1, 1, 2));
            found.rejected[0].reason.clone()
        };
        assert_eq!(reason("\"label\":\"chair\",", ""), "it lacks \"label\"");
        assert_eq!(reason("\"chair\"", "7"), "label is no text in quotes");
        assert_eq!(reason("0.50,", ""), "size is not three numbers");
        assert_eq!(reason("0.50,", "-0.5,"), "size is -0.5, expected 0.01 to 100");
        assert_eq!(reason("1.20", "1e9"), "centre is 1000000000, expected -1000 to 1000");
        assert_eq!(reason("1.57", "7.0"), "yaw is 7, expected -3.141592653589793 to 3.141592653589793");
        assert_eq!(read(&LINE[..40]).rejected_in_all, 1);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_the_same(
            label in "\\PC{0,12}",
            centre in prop::array::uniform3(-90_000..90_000i32),
            size in prop::array::uniform3(1..9999i32),
            yaw in -314..=314i32,
        ) {
            let told = |k: i32| f64::from(k) / 100.0;
            let line =
                Box7Dof { label, centre_m: centre.map(told), size_m: size.map(told), yaw_rad: told(yaw) };
            let found = read(&line.to_string());
            prop_assert_eq!(found, BoxesText { boxes: vec![line], ..BoxesText::default() });
        }
    }
}
