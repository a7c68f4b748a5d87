//! The three solids everything in the room is made of, and the exact ray tests on them.
//!
//! A part lies in its object's frame: x along the box's length, y along its width, z up, origin at the middle of the
//! box's base. Parts have no rotation of their own, so the extent of a union is the union of extents, exactly.

use nalgebra::{Vector2, Vector3};

/// A solid about its own centre; metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A box along the axes.
    Cuboid {
        /// Half extents along x, y and z.
        half: [f64; 3],
    },
    /// An upright cylinder.
    Cylinder {
        /// Across z.
        radius: f64,
        /// Along z.
        half_height: f64,
    },
    /// A ball.
    Sphere {
        /// From its centre to its surface.
        radius: f64,
    },
}

/// How a surface is patterned. Lengths in metres, on the surface itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Texture {
    /// A faint grain only.
    Plain,
    /// Streaks along x.
    Wood,
    /// Squares of this side.
    Checker(f32),
    /// Bands of this period across x and z.
    Stripes(f32),
    /// Random dots of this size.
    Speckle(f32),
}

/// Colour (linear, 0 to 1) and pattern of a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// Red, green, blue, 0 to 1.
    pub colour: [f32; 3],
    /// The pattern over that colour.
    pub texture: Texture,
}

/// One solid of an object, in the object's frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// What it is.
    pub shape: Shape,
    /// Where its centre is, in the object's frame, metres.
    pub centre: Vector3<f64>,
    /// How it looks.
    pub paint: Paint,
}

impl Shape {
    /// Half extents along its own axes, metres.
    pub fn half_extents(&self) -> Vector3<f64> {
        match *self {
            Shape::Cuboid { half } => half.into(),
            Shape::Cylinder { radius, half_height } => Vector3::new(radius, radius, half_height),
            Shape::Sphere { radius } => Vector3::repeat(radius),
        }
    }

    /// Half extent along a horizontal unit direction, metres: the support function.
    pub fn half_extent_along(&self, direction: &Vector2<f64>) -> f64 {
        match *self {
            Shape::Cuboid { half } => half[0] * direction.x.abs() + half[1] * direction.y.abs(),
            Shape::Cylinder { radius, .. } | Shape::Sphere { radius } => radius,
        }
    }

    /// The smallest `t > 0` where `origin + t * direction` enters the solid; none from inside it.
    #[inline]
    pub fn hit(&self, origin: &Vector3<f64>, direction: &Vector3<f64>) -> Option<f64> {
        match *self {
            Shape::Cuboid { half } => hit_cuboid(&half, origin, direction),
            Shape::Cylinder { radius, half_height } => hit_cylinder(radius, half_height, origin, direction),
            Shape::Sphere { radius } => hit_sphere(radius, origin, direction),
        }
    }

    /// The outward unit normal at a point of the surface, given about the solid's centre.
    #[inline]
    pub fn normal_at(&self, point: &Vector3<f32>) -> Vector3<f32> {
        match *self {
            Shape::Cuboid { half } => cuboid_normal(&half, point),
            Shape::Cylinder { radius, half_height } => {
                let side = (point.x.hypot(point.y) - radius as f32).abs();
                if (point.z.abs() - half_height as f32).abs() < side {
                    Vector3::new(0.0, 0.0, point.z.signum())
                } else {
                    Vector3::new(point.x, point.y, 0.0) / radius as f32
                }
            }
            Shape::Sphere { radius } => point / radius as f32,
        }
    }
}

#[inline]
fn hit_cuboid(half: &[f64; 3], origin: &Vector3<f64>, direction: &Vector3<f64>) -> Option<f64> {
    let mut enter = f64::NEG_INFINITY;
    let mut leave = f64::INFINITY;
    for axis in 0..3 {
        let inverse = 1.0 / direction[axis];
        let a = (-half[axis] - origin[axis]) * inverse;
        let b = (half[axis] - origin[axis]) * inverse;
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    (enter <= leave && enter > 0.0).then_some(enter)
}

#[inline]
fn hit_cylinder(radius: f64, half_height: f64, origin: &Vector3<f64>, direction: &Vector3<f64>) -> Option<f64> {
    let a = direction.x * direction.x + direction.y * direction.y;
    let b = origin.x * direction.x + origin.y * direction.y;
    let c = origin.x * origin.x + origin.y * origin.y - radius * radius;
    let discriminant = b * b - a * c;
    if discriminant < 0.0 || a == 0.0 {
        return None;
    }
    let root = discriminant.sqrt();
    let inverse = 1.0 / direction.z;
    let bottom = (-half_height - origin.z) * inverse;
    let top = (half_height - origin.z) * inverse;
    let enter = ((-b - root) / a).max(bottom.min(top));
    let leave = ((-b + root) / a).min(bottom.max(top));
    (enter <= leave && enter > 0.0).then_some(enter)
}

#[inline]
fn hit_sphere(radius: f64, origin: &Vector3<f64>, direction: &Vector3<f64>) -> Option<f64> {
    let a = direction.norm_squared();
    let b = origin.dot(direction);
    let c = origin.norm_squared() - radius * radius;
    let discriminant = b * b - a * c;
    if discriminant < 0.0 {
        return None;
    }
    let enter = (-b - discriminant.sqrt()) / a;
    (enter > 0.0).then_some(enter)
}

#[inline]
fn cuboid_normal(half: &[f64; 3], point: &Vector3<f32>) -> Vector3<f32> {
    let mut nearest = 0;
    let mut distance = f32::INFINITY;
    for axis in 0..3 {
        let off = (point[axis].abs() - half[axis] as f32).abs();
        if off < distance {
            distance = off;
            nearest = axis;
        }
    }
    let mut normal = Vector3::zeros();
    normal[nearest] = point[nearest].signum();
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_meets_each_solid_where_it_should() {
        let origin = Vector3::new(-5.0, 0.0, 0.0);
        let along_x = Vector3::new(2.0, 0.0, 0.0);
        let cuboid = Shape::Cuboid { half: [1.0, 2.0, 3.0] };
        let cylinder = Shape::Cylinder { radius: 0.5, half_height: 1.0 };
        let sphere = Shape::Sphere { radius: 2.0 };
        assert_eq!(cuboid.hit(&origin, &along_x), Some(2.0));
        assert_eq!(cylinder.hit(&origin, &along_x), Some(2.25));
        assert_eq!(sphere.hit(&origin, &along_x), Some(1.5));
        for shape in [cuboid, cylinder, sphere] {
            assert_eq!(shape.hit(&origin, &-along_x), None);
            assert_eq!(shape.hit(&Vector3::new(-5.0, 0.0, 3.5), &along_x), None);
        }
    }

    #[test]
    fn a_cylinder_is_entered_through_its_cap_from_above() {
        let cylinder = Shape::Cylinder { radius: 0.5, half_height: 1.0 };
        let hit = cylinder.hit(&Vector3::new(0.0, 0.1, 3.0), &Vector3::new(0.01, 0.0, -1.0));
        assert_eq!(hit, Some(2.0));
        let normal = cylinder.normal_at(&Vector3::new(0.02, 0.1, 1.0));
        assert_eq!(normal, Vector3::z());
    }
}
