//! Inside: A is within B.
//!
//! How far the corner of A that stands out most lies within B's faces, `inside_slack_m` given. In B's own axes, so B may
//! be tilted.

use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static INSIDE: Definition = Definition {
    kind: RelationKind::Inside,
    name: "inside",
    words: "{a} is inside {b}",
    measure: Measure::Metres,
    needs: Needs::Nothing,
    margin: inside,
};

fn inside(asked: &Asked<'_>) -> f64 {
    let corners = asked.a.corners();
    let depths = corners.iter().map(|corner| (asked.b.size * 0.5 - asked.b.to_box(corner).abs()).min());
    depths.fold(f64::INFINITY, f64::min) + asked.options.inside_slack_m
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::*;

    #[test]
    fn a_ball_is_in_the_crate_until_it_stands_out() {
        let bin = tilted([1.0, 2.0, 0.5], [0.6, 0.4, 0.5], [0.1, 0.2, 0.7]);
        let ball = |along: f64| tilted([1.0, 2.0, 0.5], [0.2, 0.2, 0.2], [0.1, 0.2, 0.7]).moved_along_x(along);
        assert!((margin(RelationKind::Inside, &ball(0.0), &bin) - (0.1 + 0.05)).abs() < 1e-12);
        assert!((margin(RelationKind::Inside, &ball(0.22), &bin) - 0.03).abs() < 1e-12);
        assert!((margin(RelationKind::Inside, &ball(0.3), &bin) + 0.05).abs() < 1e-12);
        assert!(margin(RelationKind::Inside, &bin, &ball(0.0)) < 0.0);
    }

    #[test]
    fn what_stands_under_a_table_is_inside_its_box() {
        let table = block([0.0, 0.0, 0.375], [1.6, 0.8, 0.75]);
        assert!(margin(RelationKind::Inside, &block([0.0, 0.0, 0.1], [0.3, 0.3, 0.2]), &table) > 0.0);
    }

    trait Moved {
        fn moved_along_x(self, by_m: f64) -> Self;
    }

    impl Moved for crate::geom::OrientedBox {
        fn moved_along_x(mut self, by_m: f64) -> Self {
            self.centre += self.axes()[0] * by_m;
            self
        }
    }
}
