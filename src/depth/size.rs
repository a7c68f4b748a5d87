//! To which size each family's release brings a picture. Numbers only; sizes are (width, height).
//!
//! | family | rule |
//! |---|---|
//! | Depth Anything V2 | the smaller side becomes 518, each side the nearest multiple of 14 (ties to even), never below 518 |
//! | the same by a Hugging Face folder | each side by the factor that changes less, then the nearest multiple |
//! | Depth Pro | 1536 x 1536 |
//! | UniDepth V2 | padded to a ratio in [0.5, 2.5], scaled to an area in [200 000, 600 000], sides up to multiples of 14 |
//! | Depth Anything 3 | the longer side becomes 504, then each side the nearest multiple of 14 (ties up) |
//! | VGGT | the width becomes 518, the height the nearest multiple of 14 (ties to even), what is above 518 is cut off |
//!
//! Where a release would round a side to nothing, it gets one multiple.

/// Width and height, pixels.
pub(super) type Size = (usize, usize);

/// Ties to even, as Python and NumPy round; at least one multiple.
fn nearest_multiple(side: f64, multiple: usize) -> usize {
    ((side / multiple as f64).round_ties_even() as usize).max(1) * multiple
}

/// The smaller side of `from` becomes `least`; both are multiples and none is smaller than `least`.
pub(super) fn at_least(from: Size, least: Size, multiple: usize) -> Size {
    let scale = (least.0 as f64 / from.0 as f64).max(least.1 as f64 / from.1 as f64);
    let side = |side: usize, least: usize| {
        let exact = scale * side as f64;
        match nearest_multiple(exact, multiple) {
            small if small < least => (exact / multiple as f64).ceil() as usize * multiple,
            enough => enough,
        }
    };
    (side(from.0, least.0), side(from.1, least.1))
}

/// Both sides by one factor, that of the side that changes less on its way to `to`; then the nearest multiples. Without
/// `keep_aspect` each side goes its own way.
pub(super) fn by_the_lesser_change(from: Size, to: Size, multiple: usize, keep_aspect: bool) -> Size {
    let (mut by_width, mut by_height) = (to.0 as f64 / from.0 as f64, to.1 as f64 / from.1 as f64);
    if keep_aspect {
        if (1.0 - by_width).abs() < (1.0 - by_height).abs() {
            by_height = by_width;
        } else {
            by_width = by_height;
        }
    }
    (nearest_multiple(by_width * from.0 as f64, multiple), nearest_multiple(by_height * from.1 as f64, multiple))
}

/// Pixels to be added on the left and on top, and the size with all that is added, so that width / height lies in `ratios`.
pub(super) fn padded_to_ratio(from: Size, ratios: [f64; 2]) -> (Size, Size) {
    let ratio = from.0 as f64 / from.1 as f64;
    let wanted = ratio.max(ratios[0]).min(ratios[1]);
    let padded = if ratio > wanted {
        (from.0, (from.0 as f64 / wanted) as usize)
    } else {
        ((from.1 as f64 * wanted) as usize, from.1)
    };
    // A ratio that is met may come out a pixel short by rounding.
    let padded = (padded.0.max(from.0), padded.1.max(from.1));
    (((padded.0 - from.0) / 2, (padded.1 - from.1) / 2), padded)
}

/// The factor that brings the area of `from` into `areas`, and the size by it, each side rounded up to a multiple.
pub(super) fn by_area(from: Size, areas: [f64; 2], multiple: usize) -> (f64, Size) {
    let area = (from.0 * from.1) as f64;
    let factor = (area.max(areas[0]).min(areas[1]) / area).sqrt();
    let side = |side: usize| ((side as f64 * factor) as usize).div_ceil(multiple).max(1) * multiple;
    (factor, (side(from.0), side(from.1)))
}

/// The longer side becomes `longest`.
pub(super) fn longest_side(from: Size, longest: usize) -> Size {
    let side_now = from.0.max(from.1);
    if side_now == longest {
        return from;
    }
    let scale = longest as f64 / side_now as f64;
    let side = |side: usize| ((side as f64 * scale).round_ties_even() as usize).max(1);
    (side(from.0), side(from.1))
}

/// Each side to the nearest multiple, ties up.
pub(super) fn nearest_multiples_ties_up(from: Size, multiple: usize) -> Size {
    let side = |side: usize| {
        let down = side / multiple * multiple;
        let nearest = if down + multiple - side <= side - down { down + multiple } else { down };
        nearest.max(multiple)
    };
    (side(from.0), side(from.1))
}

/// The width becomes `width`, the height the nearest multiple.
pub(super) fn by_width(from: Size, width: usize, multiple: usize) -> Size {
    (width, nearest_multiple(from.1 as f64 * (width as f64 / from.0 as f64), multiple))
}

/// The largest size that `into` holds: one side is its, the other the nearest multiple.
pub(super) fn within(from: Size, into: Size, multiple: usize) -> Size {
    let (by_width, by_height) = (into.0 as f64 / from.0 as f64, into.1 as f64 / from.1 as f64);
    if by_width <= by_height {
        (into.0, nearest_multiple(from.1 as f64 * by_width, multiple).min(into.1))
    } else {
        (nearest_multiple(from.0 as f64 * by_height, multiple).min(into.0), into.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_side_becomes_518_and_none_is_below() {
        let size = |width, height| at_least((width, height), (518, 518), 14);
        assert_eq!(size(640, 480), (686, 518));
        assert_eq!(size(480, 640), (518, 686));
        assert_eq!(size(1296, 968), (700, 518));
        assert_eq!(size(1920, 1080), (924, 518));
        assert_eq!(size(512, 512), (518, 518));
        assert_eq!(size(37, 23), (840, 518), "833.3 / 14 = 59.5, which goes to the even 60");
    }

    #[test]
    fn a_folder_of_hugging_face_takes_the_side_that_changes_less() {
        assert_eq!(by_the_lesser_change((640, 480), (518, 518), 14, true), (686, 518));
        // The width changes less: the height falls below 518, which the original's rule never does.
        assert_eq!(by_the_lesser_change((600, 300), (518, 518), 14, true), (518, 252));
        assert_eq!(by_the_lesser_change((640, 480), (518, 518), 14, false), (518, 518));
    }

    #[test]
    fn a_ratio_out_of_bounds_is_padded_and_one_within_is_not() {
        assert_eq!(padded_to_ratio((640, 480), [0.5, 2.5]), ((0, 0), (640, 480)));
        assert_eq!(padded_to_ratio((1001, 100), [0.5, 2.5]), ((0, 150), (1001, 400)));
        assert_eq!(padded_to_ratio((100, 301), [0.5, 2.5]), ((25, 0), (150, 301)));
        assert_eq!(padded_to_ratio((7, 3), [7.0 / 3.0; 2]), ((0, 0), (7, 3)));
    }

    #[test]
    fn an_area_within_bounds_stays_and_sides_are_rounded_up() {
        assert_eq!(by_area((640, 480), [2e5, 6e5], 14), (1.0, (644, 490)));
        let (factor, size) = by_area((1920, 1080), [2e5, 6e5], 14);
        assert!((factor - (6e5f64 / 2_073_600.0).sqrt()).abs() < 1e-15);
        assert_eq!(size, (1036, 588));
        assert_eq!(by_area((20, 10), [2e5, 6e5], 14).1, (644, 322));
    }

    #[test]
    fn the_longer_side_becomes_504_and_ties_go_up() {
        assert_eq!(longest_side((640, 480), 504), (504, 378));
        assert_eq!(longest_side((504, 100), 504), (504, 100));
        assert_eq!(nearest_multiples_ties_up((504, 378), 14), (504, 378));
        assert_eq!(nearest_multiples_ties_up((21, 20), 14), (28, 14));
        assert_eq!(nearest_multiples_ties_up((5, 504), 14), (14, 504));
    }

    #[test]
    fn the_width_becomes_518_whatever_the_height() {
        assert_eq!(by_width((640, 480), 518, 14), (518, 392));
        assert_eq!(by_width((480, 640), 518, 14), (518, 686));
        assert_eq!(by_width((2000, 3), 518, 14), (518, 14));
        assert_eq!(within((480, 640), (518, 518), 14), (392, 518));
        assert_eq!(within((640, 480), (518, 518), 14), (518, 392));
    }
}
