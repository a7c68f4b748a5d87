//! Procedural patterns: a brightness for a point of a surface, and the painted shell of the room.

use nalgebra::Vector3;

use super::layout::{Opening, Room, wall_directions};
use super::shape::{Paint, Texture};

const FLOOR: [f32; 3] = [0.58, 0.44, 0.30];
const WALL: [f32; 3] = [0.84, 0.82, 0.74];
const CEILING: [f32; 3] = [0.92, 0.92, 0.90];
const DOOR: [f32; 3] = [0.52, 0.36, 0.22];
const FRAME: [f32; 3] = [0.95, 0.95, 0.95];
const SKY: [f32; 3] = [0.62, 0.80, 0.98];
/// Breadth and length of a floor board, metres.
const BOARD_M: [f32; 2] = [0.14, 1.2];

/// Brightness, about 1, of a paint at a point of a solid with this normal.
#[inline]
pub fn pattern(paint: &Paint, point: &Vector3<f32>, normal: &Vector3<f32>) -> f32 {
    // The two coordinates that run along the surface.
    let (a, b) = if normal.z.abs() > 0.7 {
        (point.x, point.y)
    } else if normal.x.abs() > normal.y.abs() {
        (point.y, point.z)
    } else {
        (point.x, point.z)
    };
    let grain = 0.97 + 0.06 * noise(cell(a, 0.004), cell(b, 0.004));
    grain
        * match paint.texture {
            Texture::Plain => 1.0,
            Texture::Wood => streaks(a, b),
            Texture::Checker(side) => {
                let odd = (cell(a, side) + cell(b, side)) & 1;
                if odd == 1 { 0.72 } else { 1.05 }
            }
            Texture::Stripes(period) => {
                let odd = cell(a + b, period * 0.5) & 1;
                if odd == 1 { 0.76 } else { 1.05 }
            }
            Texture::Speckle(size) => 0.7 + 0.4 * noise(cell(a, size), cell(b, size)),
        }
}

/// Colour of floor, wall or ceiling at a world point with this inward normal.
pub fn shell_colour(room: &Room, point: &Vector3<f32>, normal: &Vector3<f32>) -> [f32; 3] {
    if normal.z > 0.5 {
        return scaled(FLOOR, boards(point.x, point.y));
    }
    if normal.z < -0.5 {
        return CEILING;
    }
    let wall = match (normal.x < -0.5, normal.y < -0.5, normal.x > 0.5) {
        (true, _, _) => 0,
        (_, true, _) => 1,
        (_, _, true) => 2,
        _ => 3,
    };
    let (_, tangent) = wall_directions(wall);
    let along = point.x * tangent.x as f32 + point.y * tangent.y as f32;
    if let Some(colour) = painted(&room.door(), wall, along, point.z, DOOR) {
        return colour;
    }
    if let Some(colour) = painted(&room.window(), wall, along, point.z, SKY) {
        return colour;
    }
    if point.z < 0.08 {
        return FRAME;
    }
    let plaster = noise(cell(along, 0.02), cell(point.z, 0.02));
    let stripe = if cell(along, 0.25) & 1 == 1 { 0.95 } else { 1.0 };
    scaled(WALL, (0.96 + 0.05 * plaster) * stripe)
}

/// The opening's colour, its frame's colour on its rim and across its middle, none outside it.
fn painted(opening: &Opening, wall: usize, along: f32, z: f32, fill: [f32; 3]) -> Option<[f32; 3]> {
    let [from, to] = opening.along.map(|s| s as f32);
    let [low, high] = opening.z.map(|s| s as f32);
    if opening.wall != wall || along < from || along > to || z < low || z > high {
        return None;
    }
    let middle = (along - (from + to) / 2.0).abs();
    let sill = if low > 0.0 { z - low } else { f32::INFINITY };
    let rim = (along - from).min(to - along).min(high - z).min(sill);
    let crossbar = low > 0.0 && middle < 0.03;
    Some(if rim < 0.07 || crossbar { FRAME } else { fill })
}

fn boards(x: f32, y: f32) -> f32 {
    let row = cell(y, BOARD_M[0]);
    let shifted = x + BOARD_M[1] * noise(row, 17);
    let board = cell(shifted, BOARD_M[1]);
    let into_row = y - row as f32 * BOARD_M[0];
    let into_board = shifted - board as f32 * BOARD_M[1];
    if into_row < 0.005 || into_board < 0.005 {
        return 0.6;
    }
    (0.85 + 0.25 * noise(row, board)) * streaks(x, y)
}

/// Long thin streaks along the first coordinate.
fn streaks(a: f32, b: f32) -> f32 {
    0.88 + 0.16 * noise(cell(a, 0.12), cell(b, 0.012))
}

fn scaled(colour: [f32; 3], by: f32) -> [f32; 3] {
    colour.map(|c| c * by)
}

#[inline]
fn cell(at: f32, size: f32) -> i32 {
    (at / size).floor() as i32
}

/// A number in [0, 1) for a pair of integers, always the same.
#[inline]
fn noise(a: i32, b: i32) -> f32 {
    let mut mixed = (a as u32).wrapping_mul(0x9E37_79B1).wrapping_add((b as u32).wrapping_mul(0x85EB_CA77));
    mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D);
    mixed = (mixed ^ (mixed >> 12)).wrapping_mul(0x297A_2D39);
    (mixed >> 8) as f32 / (1 << 24) as f32
}
