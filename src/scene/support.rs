//! Planes that carry or bound: floor, walls, table tops.

use nalgebra::{Point3, Vector3};

/// Names one support for as long as the scene lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SupportId(pub u32);

/// What a support is to a robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SupportKind {
    /// Level, and lowest.
    Floor,
    /// Upright.
    Wall,
    /// Level, above the floor: tables, seats, boards.
    Table,
}

impl SupportKind {
    /// The word used in texts and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Wall => "wall",
            Self::Table => "table",
        }
    }
}

/// A plane `normal · p = offset_m` with its outline. World: metric, Z up.
#[derive(Debug, Clone, PartialEq)]
pub struct Support {
    /// Its id.
    pub id: SupportId,
    /// Floor, wall or table.
    pub kind: SupportKind,
    /// Unit normal, towards the side it was seen from.
    pub normal: Vector3<f64>,
    /// Distance of the plane from the world's origin along the normal, metres.
    pub offset_m: f64,
    /// Outline in the plane, metres, counter-clockwise seen from the normal's side.
    pub polygon: Vec<Point3<f64>>,
    /// Standard deviation of the offset, metres.
    pub sigma_m: f64,
    /// Area seen, m².
    pub area_m2: f64,
}
