//! The arithmetic of a 10 × 10 grid whose middle corner is the observer.
//!
//! With `s` metres per cell, a point `u` metres to the right and `v` metres ahead lies at `g = (5 + u/s, 5 + v/s)`, in
//! the cell `floor(g)`. Texts carry `g` with one decimal, rounded half away from zero and keeping its side: what is
//! not on an axis never prints as 5.0 (5.1 or 4.9 instead). A decimal decodes to within `0.05 s` per axis (`0.1 s` where
//! the side had to be kept), a cell to within `s/2`.

/// Cells along each side of the grid.
pub const GRID_SIDE: usize = 10;

/// Grid coordinate of the observer, on both axes.
pub const GRID_MIDDLE: f64 = 5.0;

/// The finest fitted scale, and the step of all fitted scales, metres per cell: two decimals print it.
pub const FITTED_STEP_M: f64 = 0.05;

/// How far from the observer, in cells, a fitted scale may put what it must hold.
const FITTED_REACH_CELLS: f64 = 4.9;

/// Grid coordinates of a local point: `local_m` is (right, ahead) in metres.
pub fn grid_of(local_m: [f64; 2], cell_m: f64) -> [f64; 2] {
    local_m.map(|m| GRID_MIDDLE + m / cell_m)
}

/// Local metres (right, ahead) of grid coordinates: the inverse of [`grid_of`], and how decimal texts are decoded.
pub fn local_of(grid: [f64; 2], cell_m: f64) -> [f64; 2] {
    grid.map(|g| (g - GRID_MIDDLE) * cell_m)
}

/// Local metres (right, ahead) of the middle of a cell: how integer texts are decoded.
pub fn local_of_cell(cell: [usize; 2], cell_m: f64) -> [f64; 2] {
    local_of(cell.map(|k| k as f64 + 0.5), cell_m)
}

/// The cell (i to the right, j ahead) that holds grid coordinates, each 0 to 9; `None` outside the grid.
pub fn cell_of(grid: [f64; 2]) -> Option<[usize; 2]> {
    let inside = grid.iter().all(|g| (0.0..GRID_SIDE as f64).contains(g));
    inside.then(|| grid.map(|g| g as usize))
}

/// A grid coordinate as texts carry it: one decimal, half away from zero, 5.0 only for what is on the axis.
pub fn text_coordinate(grid: f64) -> f64 {
    let rounded = (grid * 10.0).round() / 10.0;
    let offset = grid - GRID_MIDDLE;
    if rounded == GRID_MIDDLE && offset != 0.0 { GRID_MIDDLE + 0.1f64.copysign(offset) } else { rounded }
}

/// The fitted scale, metres per cell: the smallest multiple of [`FITTED_STEP_M`] that keeps every offset within 4.9
/// cells of the observer, so that all coordinates lie in 0.1 to 9.9. `offsets_m` are those along either axis.
pub fn fitted_cell_m(offsets_m: impl IntoIterator<Item = f64>) -> f64 {
    let most_m = offsets_m.into_iter().fold(0.0, |most: f64, m| most.max(m.abs()));
    let steps = (most_m / FITTED_REACH_CELLS / FITTED_STEP_M - 1e-9).ceil().max(1.0);
    steps / (1.0 / FITTED_STEP_M).round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_side_once_taken_survives_the_decimal() {
        assert_eq!(text_coordinate(5.0), 5.0);
        assert_eq!(text_coordinate(5.0 + 1e-7), 5.1);
        assert_eq!(text_coordinate(5.0 - 1e-7), 4.9);
        assert_eq!(text_coordinate(6.25), 6.3);
        assert_eq!(text_coordinate(2.25), 2.3);
        assert_eq!(text_coordinate(9.97), 10.0);
    }

    #[test]
    fn the_far_border_is_outside_and_the_near_one_inside() {
        assert_eq!(cell_of([0.0, 9.999]), Some([0, 9]));
        assert_eq!(cell_of([10.0, 5.0]), None);
        assert_eq!(cell_of([-1e-9, 5.0]), None);
        assert_eq!(cell_of([f64::NAN, 5.0]), None);
    }

    #[test]
    fn a_scale_that_just_fits_is_not_widened_by_rounding() {
        assert_eq!(fitted_cell_m([4.9 * 0.15]), 0.15);
        assert_eq!(fitted_cell_m([-4.9 * 0.15 - 1e-6]), 0.2);
        assert_eq!(fitted_cell_m([]), 0.05);
    }

    proptest! {
        #[test]
        fn a_decimal_decodes_to_within_its_promise(u in -20.0..20.0f64, v in -20.0..20.0f64) {
            let cell_m = fitted_cell_m([u, v]);
            let grid = grid_of([u, v], cell_m);
            prop_assert!(grid.iter().all(|g| (0.1 - 1e-6..=9.9 + 1e-6).contains(g)));
            let decoded = local_of(grid.map(text_coordinate), cell_m);
            for (told, true_m) in decoded.into_iter().zip([u, v]) {
                let side_kept = true_m.abs() < 0.05 * cell_m;
                let promise = if side_kept { 0.1 } else { 0.05 } * cell_m + 1e-9;
                prop_assert!((told - true_m).abs() <= promise && told * true_m >= 0.0);
            }
            let middle = local_of_cell(cell_of(grid).expect("fitted"), cell_m);
            prop_assert!((middle[0] - u).abs() <= cell_m * 0.5 + 1e-9 && (middle[1] - v).abs() <= cell_m * 0.5 + 1e-9);
        }
    }
}
