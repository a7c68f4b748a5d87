//! How much of each cell a footprint covers.
//!
//! The outline, in grid coordinates, is cut at the borders of a column and what is left at the borders of its rows: two
//! half-planes each, without allocation. The same as [`crate::geom::polygon::clip`] with each cell, which the test holds
//! it to.

use super::grid::GRID_SIDE;
use crate::geom::polygon::area_m2;

/// A box seen from above has at most six corners, and each of four cuts adds at most one.
const MOST_CORNERS: usize = 12;

#[derive(Clone, Copy)]
struct Outline {
    corners: [[f64; 2]; MOST_CORNERS],
    len: usize,
}

/// Calls `touched(i, j, share)` for every cell (i, j) that the convex, counter-clockwise `footprint` covers a share of,
/// and for `always` in any case.
pub fn covered_cells(footprint: &[[f64; 2]], always: Option<[usize; 2]>, mut touched: impl FnMut(usize, usize, f64)) {
    let whole = Outline::of(footprint);
    if let Some([i, j]) = whole.only_cell()
        && always.is_none_or(|always| always == [i, j])
    {
        let share = area_m2(whole.corners());
        if always.is_some() || share > 1e-9 {
            touched(i, j, share.max(0.0));
        }
        return;
    }
    let mut met_always = false;
    for i in whole.cells_along(0) {
        let strip = whole.cut(0, i as f64, 1.0).cut(0, i as f64 + 1.0, -1.0);
        for j in strip.cells_along(1) {
            let share = area_m2(strip.cut(1, j as f64, 1.0).cut(1, j as f64 + 1.0, -1.0).corners());
            let is_always = always == Some([i, j]);
            met_always |= is_always;
            if is_always || share > 1e-9 {
                touched(i, j, share.max(0.0));
            }
        }
    }
    if let (false, Some([i, j])) = (met_always, always) {
        touched(i, j, 0.0);
    }
}

impl Outline {
    fn of(footprint: &[[f64; 2]]) -> Self {
        let mut outline = Self { corners: [[0.0; 2]; MOST_CORNERS], len: 0 };
        footprint.iter().for_each(|corner| outline.push(*corner));
        outline
    }

    fn push(&mut self, corner: [f64; 2]) {
        if let Some(free) = self.corners.get_mut(self.len) {
            *free = corner;
            self.len += 1;
        }
    }

    fn corners(&self) -> &[[f64; 2]] {
        &self.corners[..self.len]
    }

    /// Least and largest coordinate on an axis.
    fn ends(&self, axis: usize) -> [f64; 2] {
        let along = || self.corners().iter().map(|corner| corner[axis]);
        [along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max)]
    }

    /// Cells of the grid between the ends on an axis.
    fn cells_along(&self, axis: usize) -> std::ops::Range<usize> {
        let [low, high] = self.ends(axis);
        low.max(0.0) as usize..high.clamp(0.0, GRID_SIDE as f64).ceil() as usize
    }

    /// The cell of the grid that holds all of it: nothing need be cut.
    fn only_cell(&self) -> Option<[usize; 2]> {
        let ends = [0, 1].map(|axis| self.ends(axis));
        let cell = ends.map(|[low, _]| low.max(0.0) as usize);
        let holds =
            |k: usize| cell[k] < GRID_SIDE && ends[k][0] >= cell[k] as f64 && ends[k][1] <= (cell[k] + 1) as f64;
        (0..2).all(holds).then_some(cell)
    }

    /// What lies beyond `at` on the axis: above it for `side` 1, below it for −1.
    fn cut(&self, axis: usize, at: f64, side: f64) -> Self {
        let mut kept = Self { corners: [[0.0; 2]; MOST_CORNERS], len: 0 };
        let Some(last) = self.corners().last() else { return kept };
        let (mut p, mut p_inside) = (*last, (last[axis] - at) * side);
        for &q in self.corners() {
            let q_inside = (q[axis] - at) * side;
            if p_inside * q_inside < 0.0 {
                let t = p_inside / (p_inside - q_inside);
                kept.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
            }
            if q_inside >= 0.0 {
                kept.push(q);
            }
            (p, p_inside) = (q, q_inside);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::OrientedBox;
    use crate::geom::polygon::clip;
    use nalgebra::{Point3, UnitQuaternion, Vector3};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_cell_is_covered_as_much_as_clipping_says(
            at in prop::array::uniform2(-3.0..13.0f64),
            size in prop::array::uniform3(0.01..8.0f64),
            turn in prop::array::uniform3(-3.0..3.0f64),
        ) {
            let thing = OrientedBox {
                centre: Point3::new(at[0], at[1], 0.0),
                size: Vector3::from(size),
                world_from_box: UnitQuaternion::from_euler_angles(turn[0], turn[1], turn[2]),
            };
            let footprint = thing.footprint();
            let mut shares = [[0.0; GRID_SIDE]; GRID_SIDE];
            covered_cells(&footprint, None, |i, j, share| shares[i][j] = share);
            for (i, column) in shares.iter().enumerate() {
                for (j, share) in column.iter().enumerate() {
                    let [x, y] = [i as f64, j as f64];
                    let cell = [[x, y], [x + 1.0, y], [x + 1.0, y + 1.0], [x, y + 1.0]];
                    let truth = area_m2(&clip(&footprint, &cell));
                    prop_assert!((share - truth).abs() < 1e-8, "cell {} {}: {} and {}", i, j, share, truth);
                }
            }
        }
    }
}
