//! YOLO v8 and 11 as Ultralytics exports them, with boxes or with masks; the graph tells which.
//!
//! One output of 4 + classes (+ mask coefficients) rows and a column for each box: centre and sides in pixels of the input,
//! then the probabilities of the classes. The likeliest class counts. A second output, of as many maps as there are mask
//! coefficients, makes masks of them (`masks.rs`). Boxes of one class that overlap by more than 0.7 are dropped.
//! Graphs that drop them by themselves ([1, boxes, 6]) are not offered.

use super::graph::{self, floats, may_be};
use super::suppress::{Candidate, best_rows, checked_score};
use crate::error::{Error, ErrorKind, Result};
use crate::prepare::{Filter, OpenCvFilter, Order, Pad, Rule};
use crate::runtime::{Outputs, Session, ValueSpec};

pub(super) const SIDE: usize = 640;
pub(super) const MIN_SCORE: f32 = 0.25;
pub(super) const IOU: f32 = 0.7;

/// Numbers of a column before those of the classes.
const HEAD: usize = 4;

pub(super) fn rule() -> Rule {
    Rule {
        filter: Filter::OpenCv(OpenCvFilter::Linear),
        order: Order::Rgb,
        scale: 1.0 / 255.0,
        mean: [0.0; 3],
        std: [1.0; 3],
        pad: Pad::Colour([114.0; 3]),
        float_resize: false,
    }
}

/// The names of the outputs, and the number of classes where it is fixed.
pub(super) struct YoloOutputs {
    pub boxes: String,
    /// The maps that masks are made of.
    pub maps: Option<String>,
    pub classes: Option<usize>,
}

pub(super) fn outputs(session: &Session) -> Result<YoloOutputs> {
    let wrong = |expected: &str| {
        let given = graph::listed(session.outputs());
        Error::new(ErrorKind::Model, format!("the graph gives {given}, expected {expected}"))
    };
    let (boxes, maps) = match session.outputs() {
        [boxes] if has_sides(boxes, 3) => (boxes, None),
        [boxes, maps] if has_sides(boxes, 3) && has_sides(maps, 4) => (boxes, Some(maps)),
        _ => {
            return Err(wrong(
                "f32 [1, 4 + classes, boxes], or f32 [1, 4 + classes + masks, boxes] and f32 [1, masks, rows, columns]",
            ));
        }
    };
    if boxes.shape[2].fixed() == Some(6) {
        return Err(wrong("[1, 4 + classes, boxes]: a graph that drops overlapping boxes by itself is not offered"));
    }
    let coefficients = match maps {
        None => Some(0),
        Some(maps) => maps.shape[1].fixed(),
    };
    let classes = match (boxes.shape[1].fixed(), coefficients) {
        (Some(rows), Some(coefficients)) => {
            let classes = rows.checked_sub(HEAD + coefficients).filter(|classes| *classes > 0);
            Some(classes.ok_or_else(|| wrong("more rows than 4 and the mask coefficients: the rest are classes"))?)
        }
        _ => None,
    };
    Ok(YoloOutputs { boxes: boxes.name.clone(), maps: maps.map(|maps| maps.name.clone()), classes })
}

fn has_sides(spec: &ValueSpec, sides: usize) -> bool {
    spec.dtype.is_float() && spec.shape.len() == sides && may_be(&spec.shape[0], 1)
}

/// The boxes above `min_score`, in pixels of the input. The last `coefficients` rows are not classes.
pub(super) fn read(outputs: &Outputs, name: &str, coefficients: usize, min_score: f32) -> Result<Vec<Candidate>> {
    let (numbers, [rows, columns]) = floats::<2>(outputs, name)?;
    let classes = rows.checked_sub(HEAD + coefficients).filter(|classes| *classes > 0).ok_or_else(|| {
        let sentence = format!("{name} has {rows} rows, expected 4, classes, and {coefficients} mask coefficients");
        Error::new(ErrorKind::Model, sentence)
    })?;
    let of = |row: usize, column: usize| numbers[row * columns + column];
    let best = best_rows(numbers.chunks_exact(columns.max(1)).skip(HEAD).take(classes), columns)?;
    let mut candidates = Vec::new();
    for (column, (class, score)) in best.into_iter().enumerate() {
        let score = checked_score(score)?;
        if score > min_score {
            let [x, y, width, height] = [0, 1, 2, 3].map(|row| of(row, column));
            let edges = [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0];
            candidates.push(Candidate { class, score, edges, at: column });
        }
    }
    Ok(candidates)
}
