//! Boxes for the tests of the relations.

use super::{RelationKind, RelationOptions, relation_margin};
use crate::geom::OrientedBox;
use nalgebra::{Point3, UnitQuaternion, Vector3};
use proptest::prelude::*;

/// An upright box along the world's axes.
pub fn block(centre: [f64; 3], size: [f64; 3]) -> OrientedBox {
    OrientedBox::upright(Point3::from(centre), Vector3::from(size), 0.0)
}

/// A box turned by roll, pitch and yaw.
pub fn tilted(centre: [f64; 3], size: [f64; 3], [roll, pitch, yaw]: [f64; 3]) -> OrientedBox {
    let world_from_box = UnitQuaternion::from_euler_angles(roll, pitch, yaw);
    OrientedBox { centre: Point3::from(centre), size: Vector3::from(size), world_from_box }
}

/// The box in a world turned about Z and then moved.
pub fn moved(obb: &OrientedBox, turn_rad: f64, by: [f64; 3]) -> OrientedBox {
    let turn = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), turn_rad);
    OrientedBox {
        centre: turn * obb.centre + Vector3::from(by),
        size: obb.size,
        world_from_box: turn * obb.world_from_box,
    }
}

/// The margin of a relation that needs nobody, with the default options.
pub fn margin(kind: RelationKind, a: &OrientedBox, b: &OrientedBox) -> f64 {
    relation_margin(kind, [a, b], None, None, &RelationOptions::default()).expect("asked rightly")
}

pub fn any_box() -> impl Strategy<Value = OrientedBox> {
    let (centre, size) = (prop::array::uniform3(-1.5..1.5f64), prop::array::uniform3(0.02..1.5f64));
    (centre, size, prop::array::uniform3(-3.1..3.1f64)).prop_map(|(centre, size, turn)| tilted(centre, size, turn))
}
