//! The baseline a local map is compared with: every thing in one grid over the whole scene, and the error measure.
//!
//! The grid starts at the smallest x and y of any centre; its square side is the larger extent, cut into ten:
//! `cell = min(9, floor(10 (P - min) / side))`. The variant with a given cell size keeps the origin and counts cells as
//! far as they go, so that its errors are in the same cells as a local map's.
//!
//! The error of a prediction is the mean distance in cells between predicted and true grid coordinates over the things
//! that were predicted; how many those are is the coverage, told apart. A missing thing is never given a place.

use super::grid::GRID_SIDE;
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use crate::scene::{Object, ObjectId, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One thing in the global grid.
#[derive(Debug, Clone, PartialEq)]
pub struct GlobalPlace {
    /// The thing.
    pub id: ObjectId,
    /// Its name.
    pub name: Arc<str>,
    /// Grid coordinates of its centre: x and y from the grid's origin, in cells.
    pub grid: [f64; 2],
    /// The cell that holds it; 0 to 9 unless the cell size was given.
    pub cell: [i64; 2],
}

/// Every thing of a scene in one grid along the world's axes.
#[derive(Debug, Clone, PartialEq)]
pub struct GlobalCogMap {
    /// World x and y of the grid's corner, metres.
    pub origin: [f64; 2],
    /// Metres per cell; 0 when all things are in one place.
    pub cell_m: f64,
    /// The things, by ascending id.
    pub objects: Vec<GlobalPlace>,
}

impl GlobalCogMap {
    /// Ten by ten cells over all centres. Costs one pass over the map: a baseline, not for every frame.
    pub fn of(snapshot: &Snapshot) -> Self {
        let (low, high) = extent(snapshot);
        let side_m = (high[0] - low[0]).max(high[1] - low[1]).max(0.0);
        let (cells, last) = (GRID_SIDE as f64, GRID_SIDE as i64 - 1);
        let along = |m: f64| if side_m > 0.0 { cells * m / side_m } else { 0.0 };
        Self {
            origin: low,
            cell_m: side_m / cells,
            objects: places(snapshot, low, along, |g| (g.floor() as i64).min(last)),
        }
    }

    /// Cells of `cell_m` metres from the smallest x and y on, as many as there are.
    pub fn with_cell_m(snapshot: &Snapshot, cell_m: f64) -> Result<Self> {
        if !(cell_m > 0.0 && cell_m <= MAX_COORDINATE_M) {
            return Err(Error::argument(format!("cell size is {cell_m} m, expected more than 0 and finite")));
        }
        let origin = extent(snapshot).0;
        Ok(Self { origin, cell_m, objects: places(snapshot, origin, |m| m / cell_m, |g| g.floor() as i64) })
    }
}

fn places(
    snapshot: &Snapshot,
    origin: [f64; 2],
    along: impl Fn(f64) -> f64,
    cell: impl Fn(f64) -> i64,
) -> Vec<GlobalPlace> {
    let place = |object: &Arc<Object>| {
        let centre = object.obb.centre;
        let grid = [along(centre.x - origin[0]), along(centre.y - origin[1])];
        GlobalPlace { id: object.id, name: object.name.clone(), grid, cell: grid.map(&cell) }
    };
    snapshot.objects().map(place).collect()
}

fn extent(snapshot: &Snapshot) -> ([f64; 2], [f64; 2]) {
    if snapshot.is_empty() {
        return ([0.0; 2], [0.0; 2]);
    }
    snapshot.objects().fold(([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]), |(low, high), object| {
        let centre = [object.obb.centre.x, object.obb.centre.y];
        (std::array::from_fn(|k| low[k].min(centre[k])), std::array::from_fn(|k| high[k].max(centre[k])))
    })
}

/// How far predicted places are from the true ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacementError {
    /// Mean distance in cells over the things that were predicted; `None` when none was.
    pub mean_cells: Option<f64>,
    /// Things that were predicted.
    pub evaluated: usize,
    /// Things there are.
    pub total: usize,
}

impl PlacementError {
    /// Share of the things that were predicted, 0..1; 1 when there are none.
    pub fn coverage(&self) -> f64 {
        if self.total == 0 { 1.0 } else { self.evaluated as f64 / self.total as f64 }
    }
}

/// Compares places by name, all in grid coordinates. A predicted thing that is not among the true ones is passed over; of
/// a name that comes twice in the prediction the last place counts. A place that is no number counts as missing.
pub fn placement_error(truth: &[(&str, [f64; 2])], predicted: &[(&str, [f64; 2])]) -> PlacementError {
    let told: BTreeMap<&str, [f64; 2]> = predicted.iter().copied().collect();
    let distances: Vec<f64> = truth
        .iter()
        .filter_map(|(name, is)| told.get(name).map(|said| (said[0] - is[0]).hypot(said[1] - is[1])))
        .filter(|distance| distance.is_finite())
        .collect();
    let evaluated = distances.len();
    let mean_cells = (evaluated > 0).then(|| distances.iter().sum::<f64>() / evaluated as f64);
    PlacementError { mean_cells, evaluated, total: truth.len() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{boxed, snapshot_of};
    use super::*;

    #[test]
    fn the_larger_extent_is_cut_into_ten_and_the_far_edge_stays_inside() {
        let scene = snapshot_of(vec![
            boxed(1, "a#1", [2.0, 3.0], [0.5, 0.5], 0.0),
            boxed(2, "b#1", [6.0, 3.0], [0.5, 0.5], 0.0),
            boxed(3, "c#1", [3.0, 5.0], [0.5, 0.5], 0.0),
        ]);
        let map = GlobalCogMap::of(&scene);
        assert_eq!((map.origin, map.cell_m), ([2.0, 3.0], 0.4));
        let cells: Vec<_> = map.objects.iter().map(|place| place.cell).collect();
        assert_eq!(cells, [[0, 0], [9, 0], [2, 5]]);
        let fine = GlobalCogMap::with_cell_m(&scene, 0.1).expect("a size");
        assert_eq!(fine.objects[1].cell, [40, 0]);
        assert!(GlobalCogMap::with_cell_m(&scene, 0.0).is_err());
    }

    #[test]
    fn one_thing_and_no_thing_have_a_map() {
        let one = GlobalCogMap::of(&snapshot_of(vec![boxed(1, "a#1", [2.0, 3.0], [0.5, 0.5], 0.0)]));
        assert_eq!(one.objects[0].cell, [0, 0]);
        assert!(GlobalCogMap::of(&snapshot_of(vec![])).objects.is_empty());
    }

    #[test]
    fn what_is_missing_lowers_the_coverage_and_not_the_error() {
        let truth = [("a", [1.0, 1.0]), ("b", [5.0, 5.0]), ("c", [2.0, 2.0])];
        let found = placement_error(&truth, &[("b", [8.0, 9.0]), ("a", [1.0, 1.0]), ("z", [0.0, 0.0])]);
        assert_eq!(found.mean_cells, Some(2.5));
        assert_eq!((found.evaluated, found.total), (2, 3));
        assert!((found.coverage() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(placement_error(&truth, &[]).mean_cells, None);
    }
}
