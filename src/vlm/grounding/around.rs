//! The pixels of a thing that a point is on.

use super::{ON_PLANE_M, POINT_REACH_M};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{DepthGrid, Mask};
use crate::lift::{LiftView, WallLine};
use nalgebra::Point3;

/// Depth is looked for so many pixels round a point.
const POINT_WINDOW_PX: i64 = 3;

/// The pixels that hang together in depth with the one at `point`, planes that are known and not its own left out.
pub(super) fn around([x, y]: [f64; 2], view: &LiftView<'_>) -> Result<Mask> {
    let grid = view.grid;
    let clamp = |at: f64, side: usize| (at.floor().max(0.0) as usize).min(side.saturating_sub(1));
    let (u, v) = (clamp(x, grid.width), clamp(y, grid.height));
    let Some(seed) = nearest_with_depth(grid, u, v) else {
        return Err(Error::new(ErrorKind::State, "there is no depth at the point"));
    };
    let plane = |at: usize| plane_of(view, at);
    let (own, middle) = (plane(seed), grid.point(seed % grid.width, seed / grid.width));
    let Some(middle) = middle.map(|p| Point3::from(p.map(f64::from))) else {
        return Err(Error::new(ErrorKind::State, "there is no depth at the point"));
    };
    let seed_height_m = (view.world_from_camera * middle).z;
    let is_of_it = |at: usize| match (own, plane(at)) {
        (Some(Plane::Level(a)), Some(Plane::Level(b))) => b >= a,
        (None | Some(Plane::Level(_)), None) => true,
        // What is level above the point may be the thing's own top, what is below carries it.
        (None, Some(Plane::Level(height_m))) => height_m > seed_height_m,
        (own, plane) => own == plane,
    };
    let reaches = |from: usize, to: usize| {
        let Some(p) = grid.point(to % grid.width, to / grid.width) else { return false };
        let z = grid.z[from];
        let tolerance_m = 3.0 * view.noise.sigma_m(f64::from(z)) as f32 + 0.012 * z;
        nalgebra::distance(&Point3::from(p.map(f64::from)), &middle) <= POINT_REACH_M
            && (grid.z[to] - z).abs() <= tolerance_m
            && is_of_it(to)
    };
    Ok(flood(grid, seed, reaches))
}

/// All pixels that can be reached from `seed` in steps to one of the four neighbours.
fn flood(grid: &DepthGrid, seed: usize, reaches: impl Fn(usize, usize) -> bool) -> Mask {
    let mut data = vec![0u8; grid.width * grid.height];
    let mut open = vec![seed];
    data[seed] = 1;
    let (mut low, mut high) = ([usize::MAX; 2], [0usize; 2]);
    while let Some(at) = open.pop() {
        let (u, v) = (at % grid.width, at / grid.width);
        low = [low[0].min(u), low[1].min(v)];
        high = [high[0].max(u), high[1].max(v)];
        let neighbours = [
            (u > 0).then(|| at - 1),
            (u + 1 < grid.width).then(|| at + 1),
            (v > 0).then(|| at - grid.width),
            (v + 1 < grid.height).then(|| at + grid.width),
        ];
        for next in neighbours.into_iter().flatten() {
            if data[next] == 0 && reaches(at, next) {
                data[next] = 1;
                open.push(next);
            }
        }
    }
    let (width, height) = (high[0] - low[0] + 1, high[1] - low[1] + 1);
    let rows = (low[1]..=high[1]).flat_map(|v| &data[v * grid.width + low[0]..][..width]);
    // Sides are at most MAX_SIDE_PX.
    Mask {
        data: rows.copied().collect(),
        x: low[0] as u32,
        y: low[1] as u32,
        width: width as u32,
        height: height as u32,
    }
}

fn nearest_with_depth(grid: &DepthGrid, u: usize, v: usize) -> Option<usize> {
    let window = -POINT_WINDOW_PX..=POINT_WINDOW_PX;
    let pixels = window.clone().flat_map(|dv| window.clone().map(move |du| (du, dv)));
    let inside = pixels.filter_map(|(du, dv)| {
        let (u, v) = (u.checked_add_signed(du as isize)?, v.checked_add_signed(dv as isize)?);
        (u < grid.width && v < grid.height).then_some((du * du + dv * dv, v * grid.width + u))
    });
    inside.filter(|&(_, at)| grid.z[at] > 0.0).min().map(|(_, at)| at)
}

/// A plane of the room.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Plane {
    Floor,
    /// With its height in the world, metres.
    Level(f64),
    /// With its number.
    Wall(usize),
}

/// Which known plane a pixel lies on, by its number.
fn plane_of(view: &LiftView<'_>, at: usize) -> Option<Plane> {
    let [x, y, z] = view.grid.point(at % view.grid.width, at / view.grid.width)?.map(f64::from);
    let p = view.world_from_camera * Point3::new(x, y, z);
    let tolerance_m = ON_PLANE_M + view.noise.sigma_m(z);
    let is_on = |height: &f64| (p.z - height).abs() <= tolerance_m;
    if view.floor_m.as_ref().is_some_and(is_on) {
        return Some(Plane::Floor);
    }
    let off = |wall: &WallLine| wall.normal[0] * p.x + wall.normal[1] * p.y - wall.offset_m;
    let along = |wall: &WallLine| wall.axis[0] * p.x + wall.axis[1] * p.y;
    let is_wall =
        |wall: &WallLine| off(wall).abs() <= tolerance_m && (wall.ends_m[0]..wall.ends_m[1]).contains(&along(wall));
    let wall = || view.walls.iter().position(is_wall).map(Plane::Wall);
    view.level_heights_m.iter().copied().find(|height| is_on(height)).map(Plane::Level).or_else(wall)
}
