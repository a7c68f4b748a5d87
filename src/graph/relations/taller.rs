//! Taller: A reaches over more height than B, wherever each stands.
//!
//! The difference of the heights from lowest to highest point, less `taller_m`.

use super::shape::heights;
use super::{Asked, Definition, Measure, Needs, RelationKind};
use crate::geom::OrientedBox;

pub static TALLER: Definition = Definition {
    kind: RelationKind::Taller,
    name: "taller",
    words: "{a} is taller than {b}",
    measure: Measure::Metres,
    needs: Needs::Nothing,
    margin: taller,
};

fn taller(asked: &Asked<'_>) -> f64 {
    let height_m = |obb: &OrientedBox| heights(obb).1 - heights(obb).0;
    height_m(asked.a) - height_m(asked.b) - asked.options.taller_m
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    #[test]
    fn a_vase_on_a_table_is_not_taller_than_the_table() {
        let (vase, table) = (block([0.0, 0.0, 1.0], [0.2, 0.2, 0.4]), block([0.0, 0.0, 0.4], [1.0, 1.0, 0.8]));
        assert!((margin(RelationKind::Taller, &table, &vase) - 0.38).abs() < 1e-12);
        assert!(margin(RelationKind::Taller, &vase, &table) < 0.0);
    }

    #[test]
    fn a_ladder_laid_down_is_no_longer_tall() {
        let chair = block([0.0; 3], [0.5, 0.5, 1.0]);
        let ladder = |pitch: f64| tilted([2.0, 0.0, 0.0], [0.1, 0.5, 3.0], [0.0, pitch, 0.0]);
        assert!(margin(RelationKind::Taller, &ladder(0.1), &chair) > 0.0);
        assert!(margin(RelationKind::Taller, &ladder(FRAC_PI_2), &chair) < 0.0);
    }
}
