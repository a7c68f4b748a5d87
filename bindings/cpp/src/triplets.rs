//! Triplets read back from a text.

use crate::bridge::{Rejected, Triplet, Triplets};
use crate::held::{Failure, held};
use gnomon::Error;
use gnomon::graph::{self, ChainText, TripletText};
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
