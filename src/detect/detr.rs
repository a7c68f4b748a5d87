//! RT-DETR, D-FINE and RF-DETR: queries, each with logits of the classes and a box.
//!
//! `logits` [1, queries, classes] and `pred_boxes` [1, queries, 4], or as RF-DETR's own exporter calls them `labels` and
//! `dets`. A box is centre and sides in shares of the picture. Scores are the logits' sigmoid; of all queries and classes
//! together the highest are taken, as many as there are queries. A folder whose output says `"scores": "softmax"` has one
//! class more, the last, for nothing: each query gives its likeliest of the others.

use super::fastest_det::sigmoid;
use super::graph::{self, floats, may_be};
use super::suppress::{Candidate, sort};
use crate::error::{Error, ErrorKind, Result};
use crate::models::Activation;
use crate::prepare::{Filter, Order, Pad, PillowFilter, Rule};
use crate::runtime::{Outputs, Session};

pub(super) const SIDE: usize = 640;
pub(super) const MIN_SCORE: f32 = 0.5;

/// Names of the outputs: logits, boxes.
const NAMES: [[&str; 2]; 2] = [["logits", "pred_boxes"], ["labels", "dets"]];

pub(super) fn rule() -> Rule {
    Rule {
        filter: Filter::Pillow(PillowFilter::Bilinear),
        order: Order::Rgb,
        scale: 1.0 / 255.0,
        mean: [0.0; 3],
        std: [1.0; 3],
        pad: Pad::Colour([0.0; 3]),
        float_resize: false,
    }
}

/// The names of the outputs, and the number of classes where it is fixed. Other outputs are let be.
pub(super) struct DetrOutputs {
    pub logits: &'static str,
    pub boxes: &'static str,
    pub classes: Option<usize>,
}

pub(super) fn outputs(session: &Session) -> Result<DetrOutputs> {
    let has = |name: &str| session.outputs().iter().any(|spec| spec.name == name);
    let [logits, boxes] = NAMES.into_iter().find(|names| names.iter().all(|name| has(name))).unwrap_or(NAMES[0]);
    let scored = graph::output(session, logits, "1, queries, classes")?;
    let boxed = graph::output(session, boxes, "1, queries, 4")?;
    let queries = boxed.shape[1].fixed();
    if !may_be(&boxed.shape[2], 4) || queries.is_some_and(|queries| !may_be(&scored.shape[1], queries)) {
        let given = graph::listed(session.outputs());
        let sentence =
            format!("the graph gives {given}, expected {logits} [1, queries, classes] and {boxes} [1, queries, 4]");
        return Err(Error::new(ErrorKind::Model, sentence));
    }
    Ok(DetrOutputs { logits, boxes, classes: scored.shape[2].fixed() })
}

/// The boxes above `min_score`, surest first, in shares of the picture.
pub(super) fn read(
    outputs: &Outputs,
    [logits, boxes]: [&str; 2],
    activation: Activation,
    min_score: f32,
) -> Result<Vec<Candidate>> {
    let (scores, [queries, classes]) = floats::<2>(outputs, logits)?;
    let (places, boxes_shape) = floats::<2>(outputs, boxes)?;
    if boxes_shape != [queries, 4] || classes == 0 {
        return Err(Error::new(
            ErrorKind::Model,
            format!(
                "the network gives {queries} queries of {classes} classes and boxes {boxes_shape:?}, expected [{queries}, 4]"
            ),
        ));
    }
    if scores.iter().any(|score| score.is_nan()) {
        return Err(Error::new(ErrorKind::Model, "the network gives a score that is no number"));
    }
    let mut candidates = Vec::new();
    for (query, (scores, place)) in scores.chunks_exact(classes).zip(places.as_chunks::<4>().0).enumerate() {
        let edges = edges_of(*place);
        let scored = |class: usize, score: f32| Candidate { class, score, edges, at: query * classes + class };
        match activation {
            Activation::Sigmoid => {
                let all = scores.iter().enumerate().map(|(class, logit)| scored(class, sigmoid(*logit)));
                candidates.extend(all.filter(|candidate| candidate.score > min_score));
            }
            Activation::Softmax => {
                let best = softmax_best(scores).map(|(class, score)| scored(class, score));
                candidates.extend(best.filter(|candidate| candidate.score > min_score));
            }
        }
    }
    sort(&mut candidates);
    candidates.truncate(queries);
    Ok(candidates)
}

/// The likeliest class but the last, and its probability.
fn softmax_best(logits: &[f32]) -> Option<(usize, f32)> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    let (_, classes) = logits.split_last()?;
    let first_best = |best: Option<(usize, f32)>, (class, logit): (usize, &f32)| match best {
        Some((_, most)) if most >= *logit => best,
        _ => Some((class, *logit)),
    };
    let (class, logit) = classes.iter().enumerate().fold(None, first_best)?;
    Some((class, (logit - highest).exp() / total))
}

fn edges_of([x, y, width, height]: [f32; 4]) -> [f32; 4] {
    [x - 0.5 * width, y - 0.5 * height, x + 0.5 * width, y + 0.5 * height]
}
