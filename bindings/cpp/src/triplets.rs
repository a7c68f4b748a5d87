//! Triplets read back from a text.

use crate::bridge::{Place, PlacementError, Rejected, Triplet, Triplets};
use crate::held::{Failure, held};
use gnomon::Error;
use gnomon::cogmap;
use gnomon::graph::{self, ChainText, PublishedList, TripletText, triplet_error};
use std::collections::BTreeSet;

/// The most names of a text.
const MAX_NAMES: usize = 262_144;

impl From<&TripletText> for Triplet {
    fn from(ours: &TripletText) -> Self {
        let (c, c_xy) = ours.c.clone().unwrap_or_default();
        Self {
            t: ours.t,
            a: ours.a.clone(),
            b: ours.b.clone(),
            c,
            b_xy: ours.b_xy,
            c_xy,
            cell_m: ours.cell_m.unwrap_or_default(),
            fallback: ours.fallback,
            has_c: ours.c.is_some(),
        }
    }
}

impl From<&Triplet> for TripletText {
    fn from(told: &Triplet) -> Self {
        Self {
            t: told.t,
            a: told.a.clone(),
            b: told.b.clone(),
            c: told.has_c.then(|| (told.c.clone(), told.c_xy)),
            b_xy: told.b_xy,
            cell_m: (told.cell_m != 0.0).then_some(told.cell_m),
            fallback: told.fallback,
        }
    }
}

/// Triplets as the crate has them. Errors: too many, numbers that are not finite.
pub fn lines_of(triplets: &[Triplet]) -> gnomon::Result<Vec<TripletText>> {
    if triplets.len() > MAX_NAMES {
        return Err(Error::argument(format!("{} triplets, expected at most {MAX_NAMES}", triplets.len())));
    }
    for (at, told) in triplets.iter().enumerate() {
        let numbers = [told.b_xy[0], told.b_xy[1], told.c_xy[0], told.c_xy[1], told.cell_m];
        if numbers.iter().any(|number| !number.is_finite()) || told.cell_m < 0.0 {
            let sentence =
                format!("triplet {at} has the numbers {numbers:?}, expected finite ones and a cell of 0 or more");
            return Err(Error::argument(sentence));
        }
    }
    Ok(triplets.iter().map(TripletText::from).collect())
}

/// What is known to be true. Errors: too many, names that are empty or there twice, places far off.
pub fn truth_of(truth: &[Place]) -> gnomon::Result<PublishedList> {
    if truth.len() > MAX_NAMES {
        return Err(Error::argument(format!("{} places, expected at most {MAX_NAMES}", truth.len())));
    }
    if let Some(at) = truth.iter().position(|place| place.name.is_empty()) {
        return Err(Error::argument(format!("name of place {at} is empty")));
    }
    PublishedList::of_named(truth.iter().map(|place| (place.name.as_str(), place.at)))
}

impl From<&cogmap::PlacementError> for PlacementError {
    fn from(ours: &cogmap::PlacementError) -> Self {
        let mean_cells = ours.mean_cells.unwrap_or(0.0);
        Self { mean_cells, placed: ours.evaluated as u64, things: ours.total as u64 }
    }
}

/// How far triplets are from the truth. Errors: as [`lines_of`] and [`truth_of`].
pub fn triplets_error(triplets: &[Triplet], truth: &[Place]) -> Result<PlacementError, Failure> {
    held(|| Ok((&triplet_error(&lines_of(triplets)?, &truth_of(truth)?)).into()))
}

impl From<&graph::Rejected> for Rejected {
    fn from(ours: &graph::Rejected) -> Self {
        Self { line: ours.line, reason: ours.reason.clone() }
    }
}

/// Reads the triplets of a text. Errors: a text or a list of names that is too long.
pub fn read_triplets(text: &str, known: &[&str]) -> Result<Triplets, Failure> {
    held(|| {
        if known.len() > MAX_NAMES {
            return Err(Error::argument(format!("{} names are known, expected at most {MAX_NAMES}", known.len())));
        }
        let known: BTreeSet<&str> = known.iter().copied().collect();
        let read = ChainText::parse(text, |name| known.is_empty() || known.contains(name))?;
        Ok(Triplets {
            list: read.lines.iter().map(Triplet::from).collect(),
            rejected: read.rejected.iter().map(Rejected::from).collect(),
            rejected_in_all: read.rejected_in_all,
        })
    })
}
