//! Larger: A's box holds more than B's.
//!
//! The ratio of the volumes less `larger_ratio`: a ratio, without unit.

use super::{Asked, Definition, Measure, Needs, RelationKind};
use crate::geom::OrientedBox;

pub static LARGER: Definition = Definition {
    kind: RelationKind::Larger,
    name: "larger",
    words: "{a} is larger than {b}",
    measure: Measure::Ratio,
    needs: Needs::Nothing,
    margin: larger,
};

fn larger(asked: &Asked<'_>) -> f64 {
    // The sides are positive; the product of tiny ones may not be.
    let volume_m3 = |obb: &OrientedBox| obb.volume_m3().clamp(f64::MIN_POSITIVE, f64::MAX);
    volume_m3(asked.a) / volume_m3(asked.b) - asked.options.larger_ratio
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::*;

    #[test]
    fn twice_the_volume_is_larger_and_the_same_is_not() {
        let (one, two) = (block([0.0; 3], [1.0, 0.5, 0.4]), tilted([5.0, 0.0, 0.0], [0.4, 1.0, 1.0], [0.3, 0.2, 0.1]));
        assert!((margin(RelationKind::Larger, &two, &one) - 0.9).abs() < 1e-12);
        assert!((margin(RelationKind::Larger, &one, &one) + 0.1).abs() < 1e-12);
        let speck = block([0.0; 3], [1e-200; 3]);
        assert!(margin(RelationKind::Larger, &one, &speck) > 0.0 && margin(RelationKind::Larger, &speck, &speck) < 0.0);
    }
}
