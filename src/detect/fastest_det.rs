//! FastestDet: one grid of cells, each with a box.
//!
//! A cell at column i, row j of W × H gives `object`, `dx, dy, w, h`, and a probability for each class. The box has its centre
//! at `(i + tanh dx) / W`, `(j + tanh dy) / H` and the sides `sigmoid w`, `sigmoid h`, all in shares of the picture; its score
//! is `object^0.6 * class^0.4` with the likeliest class. Boxes of one class that overlap by more than 0.45 are dropped.

use super::graph::{self, floats};
use super::suppress::{Candidate, best_rows, checked_score};
use crate::error::{Error, ErrorKind, Result};
use crate::prepare::{Filter, OpenCvFilter, Order, Pad, Rule};
use crate::runtime::{Outputs, Session};

pub(super) const SIDE: usize = 352;
pub(super) const MIN_SCORE: f32 = 0.25;
pub(super) const IOU: f32 = 0.45;

/// Numbers of a cell before those of the classes.
const HEAD: usize = 5;

/// As it was trained and is run: OpenCV's linear resize of its blue-first pictures.
pub(super) fn rule() -> Rule {
    Rule {
        filter: Filter::OpenCv(OpenCvFilter::Linear),
        order: Order::Bgr,
        scale: 1.0 / 255.0,
        mean: [0.0; 3],
        std: [1.0; 3],
        pad: Pad::Colour([0.0; 3]),
        float_resize: false,
    }
}

/// The name of the one output and the number of classes, where it is fixed.
pub(super) fn output(session: &Session) -> Result<(String, Option<usize>)> {
    let [spec] = session.outputs() else { return Err(wrong(session)) };
    graph::output(session, &spec.name, "1, 5 + classes, rows, columns")?;
    match spec.shape[1].fixed() {
        Some(channels) if channels <= HEAD => Err(wrong(session)),
        channels => Ok((spec.name.clone(), channels.map(|channels| channels - HEAD))),
    }
}

fn wrong(session: &Session) -> Error {
    let given = graph::listed(session.outputs());
    Error::new(ErrorKind::Model, format!("the graph gives {given}, expected one f32 [1, 5 + classes, rows, columns]"))
}

/// The boxes above `min_score`, in shares of the picture.
pub(super) fn read(outputs: &Outputs, name: &str, min_score: f32) -> Result<Vec<Candidate>> {
    let (numbers, [channels, rows, columns]) = floats::<3>(outputs, name)?;
    let cells = rows * columns;
    if channels <= HEAD {
        return Err(Error::new(ErrorKind::Model, format!("{name} has {channels} channels, expected more than {HEAD}")));
    }
    let of = |channel: usize, cell: usize| numbers[channel * cells + cell];
    let best = best_rows(numbers.chunks_exact(cells.max(1)).skip(HEAD), cells)?;
    let mut candidates = Vec::new();
    for (cell, (class, likeliest)) in best.into_iter().enumerate() {
        let score = checked_score(of(0, cell))?.powf(0.6) * checked_score(likeliest)?.powf(0.4);
        if score > min_score {
            let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
            let x = (column + of(1, cell).tanh()) / columns as f32;
            let y = (row + of(2, cell).tanh()) / rows as f32;
            let (width, height) = (sigmoid(of(3, cell)), sigmoid(of(4, cell)));
            let edges = [x - 0.5 * width, y - 0.5 * height, x + 0.5 * width, y + 0.5 * height];
            candidates.push(Candidate { class, score, edges, at: cell });
        }
    }
    Ok(candidates)
}

pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
