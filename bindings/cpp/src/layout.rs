//! Triplets composed to places, and held against truth.

use crate::bridge::{Gauge, Loop, Place, PlacementError, Triplet};
use crate::held::{Failure, held};
use crate::triplets::{lines_of, truth_of};
use gnomon::graph::{self, TripletText};
use gnomon::{Error, Result as Outcome};

/// Places composed of triplets.
pub struct Layout(graph::Layout);

impl Gauge {
    fn read(&self, lines: &[TripletText]) -> Outcome<graph::Gauge> {
        let Self { origin, ahead, baseline_m } = self;
        if origin.is_empty() && ahead.is_empty() && *baseline_m == 0.0 {
            return lines.first().and_then(graph::Gauge::of_line).ok_or_else(|| {
                Error::argument(
                    "the first triplet tells no length, or there is none: expected a gauge with two names and one",
                )
            });
        }
        if origin.is_empty() || ahead.is_empty() || baseline_m.is_nan() || *baseline_m <= 0.0 {
            return Err(Error::argument(format!(
                "gauge is {origin:?}, {ahead:?} and {baseline_m} m, expected two names and more than 0, or none of it"
            )));
        }
        Ok(graph::Gauge { origin: origin.clone(), ahead: ahead.clone(), baseline_m: *baseline_m })
    }
}

impl Layout {
    /// Composes triplets. Errors: triplets or a gauge that cannot be meant.
    pub fn compose(triplets: &[Triplet], gauge: &Gauge) -> Result<Box<Self>, Failure> {
        held(|| {
            let lines = lines_of(triplets)?;
            Ok(Box::new(Self(graph::Layout::compose(&lines, gauge.read(&lines)?)?)))
        })
    }

    /// What fixes where it begins.
    pub fn gauge(&self) -> Gauge {
        let graph::Gauge { origin, ahead, baseline_m } = self.0.gauge().clone();
        Gauge { origin, ahead, baseline_m }
    }

    /// The places, by name.
    pub fn places(&self) -> Vec<Place> {
        self.0.places_m.iter().map(|(name, &at)| Place { name: name.clone(), at }).collect()
    }

    /// How well triplets agree that locate one thing again.
    pub fn loops(&self) -> Vec<Loop> {
        let one = |again: &graph::LoopResidual| Loop { triplet: again.line as u64, residual_m: again.residual_m };
        self.0.loops.iter().map(one).collect()
    }

    /// Triplets that could not be used.
    pub fn unused(&self) -> Vec<u64> {
        self.0.unused.iter().map(|&line| line as u64).collect()
    }

    /// Triplets that were taken to face as the layout does.
    pub fn by_fallback(&self) -> u64 {
        self.0.by_fallback as u64
    }

    /// How far it is from the truth. Errors: truth that cannot be meant or lacks the gauge's things, no size of cells.
    pub fn error(&self, truth: &[Place], cell_m: f64) -> Result<PlacementError, Failure> {
        held(|| Ok((&self.0.error(&truth_of(truth)?, cell_m)?).into()))
    }
}
