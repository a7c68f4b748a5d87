//! From triplets back to places: where everything is, seen from the first thing, and how well the lines agree.
//!
//! The first thing is put at (0, 0), the second at (0, d) with the true baseline `d`; this is the [`Gauge`]. Every line
//! whose A and B have places gives its C one: `C = A + u r + v f`, with `f` from the composed A to the composed B, `r` to
//! its right and `(u, v)` decoded from the line. Lines may come in any order: a line waits for its A and B; of those
//! that are ready the one that stands first in the text is next.
//!
//! A line without units borrows its scale from the composed distance of A and B. A line with a fallback heading has none
//! that its text tells: it is taken to face as the gauge does, (0, 1), which holds for things first seen from the same
//! view; [`Layout::by_fallback`] counts them. A line that locates what has a place already moves nothing; how far off it
//! is, is its loop residual.
//!
//! The error of a prediction is its mean distance in cells, with the share of the things that were predicted told apart
//! ([`PlacementError`]); a missing thing is never given a place.

use super::{PublishedList, TripletText};
use crate::cogmap::grid::local_of;
use crate::cogmap::{LocalFrame, MIN_BASELINE_M, PlacementError, Triplet, placement_error};
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use std::collections::{BTreeMap, BTreeSet};

/// Composed things nearer than this to each other give no heading, metres: only rounding tells them apart.
const SAME_PLACE_M: f64 = 1e-6;

/// What triplets leave open: where the map begins, which way it faces, and one metric length.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// The thing at (0, 0).
    pub origin: String,
    /// The thing straight ahead of it, at (0, `baseline_m`).
    pub ahead: String,
    /// Distance of the two, metres.
    pub baseline_m: f64,
}

impl Gauge {
    /// The gauge that a line of a chain tells by itself: its A, its B, and how far apart they are, to a tenth of a cell.
    /// None of a line without units, and of one that has both in one spot.
    pub fn of_line(line: &TripletText) -> Option<Self> {
        let [right, ahead] = local_of(line.b_xy, line.cell_m?);
        let baseline_m = right.hypot(ahead);
        (baseline_m > 0.0 && !line.fallback).then(|| Self { origin: line.a.clone(), ahead: line.b.clone(), baseline_m })
    }

    /// Where an observer stands that sees the true places as a layout of this gauge gives them.
    pub fn frame(&self, truth: &PublishedList) -> Result<LocalFrame> {
        let thing = |name: &str| {
            truth
                .named(name)
                .ok_or_else(|| Error::argument(format!("the gauge names {name:?}, which is not in the list")))
        };
        let (origin, ahead) = (thing(&self.origin)?, thing(&self.ahead)?);
        LocalFrame::standing_at(origin.at_m, ahead.at_m, Some(origin.heading))
    }
}

/// A line that located what had a place already.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoopResidual {
    /// Which line it is, from 0.
    pub line: usize,
    /// Distance between the place the thing has and that of the line, metres.
    pub residual_m: f64,
}

/// Places composed of triplets.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    gauge: Gauge,
    /// Metres to the right and ahead of the first thing, by name.
    pub places_m: BTreeMap<String, [f64; 2]>,
    /// Lines that located what had a place already, in the order in which they were composed.
    pub loops: Vec<LoopResidual>,
    /// Lines that could not be used, ascending: A or B never got a place, or both are in one spot.
    pub unused: Vec<usize>,
    /// How many lines had to be taken to face as the gauge does.
    pub by_fallback: usize,
}

impl Layout {
    /// Composes the lines. Cost: O(n log n).
    pub fn compose(lines: &[TripletText], gauge: Gauge) -> Result<Self> {
        if !(0.0..=4.0 * MAX_COORDINATE_M).contains(&gauge.baseline_m) || gauge.origin == gauge.ahead {
            return Err(Error::argument(format!(
                "baseline from {:?} to {:?} is {} m, expected two things and a finite distance",
                gauge.origin, gauge.ahead, gauge.baseline_m
            )));
        }
        let places_m =
            BTreeMap::from([(gauge.origin.clone(), [0.0; 2]), (gauge.ahead.clone(), [0.0, gauge.baseline_m])]);
        let mut layout = Self { gauge, places_m, loops: Vec::new(), unused: Vec::new(), by_fallback: 0 };
        let mut waiting: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut ready: BTreeSet<usize> = (0..lines.len()).collect();
        while let Some(at) = ready.pop_first() {
            let line = &lines[at];
            let lacks = [&line.a, &line.b].into_iter().find(|name| !layout.places_m.contains_key(*name));
            if let Some(name) = lacks {
                waiting.entry(name).or_default().push(at);
                continue;
            }
            let Some((name, _)) = &line.c else { continue };
            let Some(place_m) = layout.located(line) else {
                layout.unused.push(at);
                continue;
            };
            layout.by_fallback += usize::from(line.fallback);
            match layout.places_m.get(name) {
                Some(has_m) => {
                    let residual_m = (has_m[0] - place_m[0]).hypot(has_m[1] - place_m[1]);
                    layout.loops.push(LoopResidual { line: at, residual_m });
                }
                None => {
                    layout.places_m.insert(name.clone(), place_m);
                    ready.extend(waiting.remove(name.as_str()).unwrap_or_default());
                }
            }
        }
        layout.unused.extend(waiting.into_values().flatten());
        layout.unused.sort_unstable();
        Ok(layout)
    }

    /// What fixes where it begins.
    pub fn gauge(&self) -> &Gauge {
        &self.gauge
    }

    /// Where a line puts its C; `None` when A and B are in one spot.
    fn located(&self, line: &TripletText) -> Option<[f64; 2]> {
        let (a, b) = (*self.places_m.get(&line.a)?, *self.places_m.get(&line.b)?);
        let (_, c_xy) = line.c.as_ref()?;
        let between = [b[0] - a[0], b[1] - a[1]];
        let apart_m = between[0].hypot(between[1]);
        let forward = match line.fallback {
            true => [0.0, 1.0],
            false if apart_m > SAME_PLACE_M => between.map(|m| m / apart_m),
            false => return None,
        };
        let cell_m = line.cell_m.or_else(|| {
            let told = local_of(line.b_xy, 1.0);
            let cells = told[0].hypot(told[1]);
            (cells > 0.0).then(|| apart_m / cells)
        })?;
        let [u, v] = local_of(*c_xy, cell_m);
        let right = [forward[1], -forward[0]];
        let place = std::array::from_fn(|k| a[k] + u * right[k] + v * forward[k]);
        place.iter().all(|m: &f64| m.is_finite()).then_some(place)
    }

    /// Error of the composed places against true ones, in cells of `cell_m` metres, over all things but the two of the
    /// gauge.
    pub fn error(&self, truth: &PublishedList, cell_m: f64) -> Result<PlacementError> {
        if !(cell_m > 0.0 && cell_m <= MAX_COORDINATE_M) {
            return Err(Error::argument(format!("cell size is {cell_m} m, expected more than 0 and finite")));
        }
        let frame = self.gauge.frame(truth)?;
        let is_free = |name: &str| name != self.gauge.origin && name != self.gauge.ahead;
        let cells = |m: [f64; 2]| m.map(|m| m / cell_m);
        let true_places: Vec<(&str, [f64; 2])> = truth
            .things()
            .iter()
            .filter(|thing| is_free(&thing.name))
            .map(|thing| (&*thing.name, cells(frame.to_local(thing.at_m))))
            .collect();
        let told: Vec<_> = self.places_m.iter().map(|(name, &m)| (name.as_str(), cells(m))).collect();
        Ok(placement_error(&true_places, &told))
    }
}

/// Error of predicted triplets against true places, each C in the grid of its own line: the mean of `‖g − g_true‖` in cells
/// of the true triplet of the same A, B and C. Every thing but the first two is to be located; of lines that locate the
/// same thing the last counts; lines with names that are not in the list are passed over.
pub fn triplet_error(predicted: &[TripletText], truth: &PublishedList) -> PlacementError {
    let by_name: BTreeMap<&str, _> = truth.things().iter().map(|thing| (&*thing.name, thing)).collect();
    let grids = |line: &TripletText| -> Option<([f64; 2], [f64; 2])> {
        let (c, told) = line.c.as_ref()?;
        let [a, b, c] = [by_name.get(line.a.as_str())?, by_name.get(line.b.as_str())?, by_name.get(c.as_str())?];
        let heading = line.fallback.then_some(a.heading);
        let triplet = Triplet::new(a.at_m, b.at_m, c.at_m, heading).ok()?;
        // A line that chose another scale is brought to the true one; a line without units is taken at its word.
        let scale = line.cell_m.map_or(1.0, |cell_m| cell_m / triplet.cell_m());
        Some((triplet.c_m().map(|m| m / triplet.cell_m()), local_of(*told, scale)))
    };
    let mut found: BTreeMap<&str, ([f64; 2], [f64; 2])> = BTreeMap::new();
    for line in predicted {
        if let (Some((c, _)), Some(grids)) = (&line.c, grids(line)) {
            found.insert(c, grids);
        }
    }
    let asked: Vec<&str> = truth.things().iter().skip(2).map(|thing| &*thing.name).collect();
    let true_grids: Vec<_> =
        asked.iter().map(|&name| (name, found.get(name).map_or([0.0; 2], |pair| pair.0))).collect();
    let told: Vec<_> = found.iter().map(|(&name, pair)| (name, pair.1)).collect();
    placement_error(&true_grids, &told)
}

const _: () = assert!(SAME_PLACE_M < MIN_BASELINE_M);
