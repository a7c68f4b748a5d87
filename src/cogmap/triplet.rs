//! A triplet map: stand at A, face B, locate C.
//!
//! The roles are those in which people ask for directions ("standing by the table, facing the sofa, where is the
//! lamp?"). Its scale is fitted, so nothing falls outside; see [`super::grid`] for the arithmetic and
//! [`super::direction`] for answers in words. A and B closer than [`super::MIN_BASELINE_M`] need a fallback heading, and
//! the triplet is marked.

use super::direction::{self, Quadrant, Side, SideOrBack, Verdict};
use super::grid::{cell_of, fitted_cell_m, grid_of, text_coordinate};
use super::local_frame::LocalFrame;
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use crate::scene::{ObjectId, Snapshot};

/// Where B and C lie for someone standing at A and facing B.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Triplet {
    frame: LocalFrame,
    cell_m: f64,
    b_m: [f64; 2],
    c_m: [f64; 2],
}

impl Triplet {
    /// Three places in the world, x and y in metres, and the heading to fall back to where A and B are one place.
    pub fn new(a: [f64; 2], b: [f64; 2], c: [f64; 2], fallback: Option<[f64; 2]>) -> Result<Self> {
        for place in [a, b, c] {
            if !place.iter().all(|m| m.abs() <= MAX_COORDINATE_M) {
                return Err(Error::argument(format!(
                    "a place of the triplet is {place:?} m, expected finite and within {MAX_COORDINATE_M:e} m of the origin"
                )));
            }
        }
        let frame = LocalFrame::standing_at(a, b, fallback)?;
        let (b_m, c_m) = (frame.to_local(b), frame.to_local(c));
        let cell_m = fitted_cell_m(b_m.into_iter().chain(c_m));
        Ok(Self { frame, cell_m, b_m, c_m })
    }

    /// The centres of three things of a snapshot.
    pub fn of_objects(snapshot: &Snapshot, [a, b, c]: [ObjectId; 3], fallback: Option<[f64; 2]>) -> Result<Self> {
        let place = |id: ObjectId| {
            let found = snapshot.object(id).map(|object| [object.obb.centre.x, object.obb.centre.y]);
            found.ok_or_else(|| Error::argument(format!("no object with id {id} is believed to be there")))
        };
        Self::new(place(a)?, place(b)?, place(c)?, fallback)
    }

    /// The frame: at A, facing B.
    pub fn frame(&self) -> &LocalFrame {
        &self.frame
    }

    /// Metres per cell: a multiple of 0.05.
    pub fn cell_m(&self) -> f64 {
        self.cell_m
    }

    /// True when A and B were one place and the heading is the fallback.
    pub fn is_fallback(&self) -> bool {
        self.frame.is_fallback()
    }

    /// B in local metres (right, ahead).
    pub fn b_m(&self) -> [f64; 2] {
        self.b_m
    }

    /// C in local metres (right, ahead).
    pub fn c_m(&self) -> [f64; 2] {
        self.c_m
    }

    /// B in grid coordinates as texts carry them: one decimal, its side kept.
    pub fn b_text(&self) -> [f64; 2] {
        grid_of(self.b_m, self.cell_m).map(text_coordinate)
    }

    /// C in grid coordinates as texts carry them: one decimal, its side kept.
    pub fn c_text(&self) -> [f64; 2] {
        grid_of(self.c_m, self.cell_m).map(text_coordinate)
    }

    /// The cell that holds C: i to the right, j ahead, each 0 to 9.
    pub fn c_cell(&self) -> [usize; 2] {
        // The fitted scale keeps C within 4.9 cells, so the fallback is never taken.
        cell_of(grid_of(self.c_m, self.cell_m)).unwrap_or([0, 0])
    }

    /// Is C left or right?
    pub fn left_or_right(&self) -> Verdict<Side> {
        direction::left_or_right(self.c_m)
    }

    /// Is C left, right or behind?
    pub fn left_right_or_back(&self) -> Verdict<SideOrBack> {
        direction::left_right_or_back(self.c_m)
    }

    /// In which quadrant is C?
    pub fn quadrant(&self) -> Verdict<Quadrant> {
        direction::quadrant(self.c_m)
    }
}

#[cfg(test)]
mod tests {
    use super::super::grid::{local_of, local_of_cell};
    use super::super::testing::{boxed, snapshot_of};
    use super::*;

    type Row = ([[f64; 2]; 3], Option<[f64; 2]>, f64, [f64; 2], [f64; 2], [usize; 2]);

    const GOLDEN: [Row; 6] = [
        ([[0., 0.], [0., 2.], [1., 1.]], None, 0.45, [5.0, 9.4], [7.2, 7.2], [7, 7]),
        ([[0., 0.], [2., 0.], [1., 1.]], None, 0.45, [5.0, 9.4], [2.8, 7.2], [2, 7]),
        ([[1., 1.], [4., 5.], [1., 6.]], None, 1.05, [5.0, 9.8], [2.1, 8.8], [2, 8]),
        ([[0., 0.], [0., 4.], [0.01, 3.]], None, 0.85, [5.0, 9.7], [5.1, 8.5], [5, 8]),
        ([[0., 0.], [0., 0.01], [3., -2.]], Some([0., 1.]), 0.65, [5.0, 5.1], [9.6, 1.9], [9, 1]),
        ([[7., 7.], [7., 7.], [7., 7.]], Some([0., 0.]), 0.05, [5.0, 5.0], [5.0, 5.0], [5, 5]),
    ];

    #[test]
    fn the_golden_triplets_are_told_as_worked_out_by_hand() {
        for ([a, b, c], fallback, cell_m, b_text, c_text, c_cell) in GOLDEN {
            let triplet = Triplet::new(a, b, c, fallback).expect("three places");
            assert_eq!(triplet.cell_m(), cell_m);
            assert_eq!((triplet.b_text(), triplet.c_text(), triplet.c_cell()), (b_text, c_text, c_cell));
            assert_eq!(triplet.is_fallback(), fallback.is_some());
        }
        let left = Triplet::new([1., 1.], [4., 5.], [1., 6.], None).expect("three places");
        assert!((left.c_m()[0] + 3.0).abs() < 1e-12 && (left.c_m()[1] - 4.0).abs() < 1e-12);
        assert_eq!((left.left_or_right().word, left.quadrant().word), (Side::Left, Quadrant::FrontLeft));
    }

    #[test]
    fn what_a_triplet_tells_decodes_to_where_it_was() {
        let triplet = Triplet::new([1., 1.], [4., 5.], [-2.3, 0.4], None).expect("three places");
        let (cell_m, truth) = (triplet.cell_m(), triplet.c_m());
        let told = local_of(triplet.c_text(), cell_m);
        let in_cell = local_of_cell(triplet.c_cell(), cell_m);
        for k in 0..2 {
            assert!((told[k] - truth[k]).abs() <= 0.05 * cell_m + 1e-9);
            assert!((in_cell[k] - truth[k]).abs() <= 0.5 * cell_m);
        }
        let world = triplet.frame().to_world(truth);
        assert!((world[0] + 2.3).abs() < 1e-12 && (world[1] - 0.4).abs() < 1e-12);
    }

    #[test]
    fn b_is_exactly_ahead_however_the_world_is_turned() {
        for k in 0..100 {
            let (sin, cos) = (f64::from(k) * 0.37).sin_cos();
            let b = [123.4 + 3.3 * cos, -567.8 + 3.3 * sin];
            let triplet = Triplet::new([123.4, -567.8], b, [120.0, -560.0], None).expect("three places");
            assert_eq!(triplet.b_text()[0], 5.0);
        }
    }

    #[test]
    fn things_are_named_by_their_ids() {
        let scene = snapshot_of(vec![
            boxed(3, "table#1", [1., 1.], [0.5, 0.5], 0.0),
            boxed(5, "sofa#1", [4., 5.], [0.5, 0.5], 0.0),
            boxed(8, "lamp#1", [1., 6.], [0.5, 0.5], 0.0),
        ]);
        let ids = [3, 5, 8].map(ObjectId);
        let named = Triplet::of_objects(&scene, ids, None).expect("three things");
        assert_eq!(named, Triplet::new([1., 1.], [4., 5.], [1., 6.], None).expect("three places"));
        let frame = LocalFrame::standing_at_object(&scene, ids[0], ids[1], None).expect("two things");
        assert_eq!(frame, *named.frame());
        assert!(Triplet::of_objects(&scene, [3, 5, 9].map(ObjectId), None).is_err());
        assert!(LocalFrame::standing_at_object(&scene, ids[0], ids[0], None).is_err());
    }

    #[test]
    fn one_place_twice_without_a_fallback_is_refused() {
        assert!(Triplet::new([0., 0.], [0., 0.049], [1., 1.], None).is_err());
        assert!(Triplet::new([0., 0.], [0., 1.0], [f64::INFINITY, 1.], None).is_err());
    }
}
