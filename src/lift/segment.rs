//! A thing inside its 2D box, told from its background by depth alone.
//!
//! The box is looked at through a coarse lattice of pixels. Neighbours at nearly the same depth belong together; pixels
//! on known level planes (the floor, the table it stands on) and pixels on known walls form groups of their own. A
//! detector's box is tight: the thing reaches to all four sides and ends there, its background goes on outside. So each
//! group is worth its weight near the middle of the box, less what it lacks to the sides, less what of the box's rim it
//! crosses; a plane is worth a quarter of that. The group worth most is the thing: a table, a rug or a picture wins as
//! a plane when nothing stands out of it.
//!
//! Not here: masks (`lifter.rs`), which are better whenever a detector gives them.

use super::lifter::{LiftView, WallLine, is_solid, rotate, rotation_rows};

/// Lattice points along the longer side of the box.
const LATTICE: usize = 64;

/// How near a level plane a point must be to be part of it, metres.
const ON_PLANE_M: f64 = 0.02;

/// What a plane is worth: most detections mean what stands on it or hangs before it.
const PLANE_WORTH: f32 = 0.25;

/// What any group is worth at least of its weight: a thing on a plane it cannot be told from crosses all of the rim.
const LEAST_WORTH: f32 = 0.03;

/// Pixels beyond the box where what crosses its rim is looked for, at least.
const BEYOND_PX: usize = 3;

const NONE: u32 = u32::MAX;

/// Buffers of the segmentation.
#[derive(Debug, Clone, Default)]
pub struct SegmentScratch {
    nodes: Vec<Node>,
    group_of: Vec<u32>,
    groups: Vec<Group>,
    stack: Vec<u32>,
}

/// Which known plane of the room a point lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plane {
    No,
    Level,
    Wall,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    z: f32,
    plane: Plane,
}

/// What hangs together in depth.
#[derive(Debug, Clone, Copy)]
struct Group {
    plane: Plane,
    weight: f32,
    low: [usize; 2],
    high: [usize; 2],
    /// Places on the rim of the box where it goes on outside.
    crossings: u32,
}

/// The lattice laid over the box.
#[derive(Clone, Copy)]
struct Lattice {
    first: [usize; 2],
    stride: usize,
    columns: usize,
    rows: usize,
}

impl Lattice {
    fn over([u0, v0, u1, v1]: [usize; 4]) -> Self {
        let stride = (u1 - u0).max(v1 - v0).div_ceil(LATTICE).max(1);
        Self { first: [u0, v0], stride, columns: (u1 - u0).div_ceil(stride), rows: (v1 - v0).div_ceil(stride) }
    }

    fn pixel(&self, at: usize) -> [usize; 2] {
        [self.first[0] + at % self.columns * self.stride, self.first[1] + at / self.columns * self.stride]
    }

    /// 1 in the middle of the box, less towards its corners.
    fn weight(&self, at: usize) -> f32 {
        let dx = (at % self.columns) as f32 / self.columns as f32 - 0.5;
        let dy = (at / self.columns) as f32 / self.rows as f32 - 0.5;
        (-6.0 * (dx * dx + dy * dy)).exp()
    }

    /// Places on the rim, those in the corners twice.
    fn rim(&self) -> usize {
        2 * (self.columns + self.rows)
    }
}

/// Appends the pixels of the thing inside `[u0, v0, u1, v1]` to `pixels`.
pub(super) fn segment(
    view: &LiftView<'_>,
    [u0, v0, u1, v1]: [usize; 4],
    scratch: &mut SegmentScratch,
    pixels: &mut Vec<(u32, u32)>,
) {
    if u0 >= u1 || v0 >= v1 {
        return;
    }
    let lattice = Lattice::over([u0, v0, u1, v1]);
    let look = Look { view, rotation: rotation_rows(view.world_from_camera) };
    scratch.nodes.clear();
    scratch.nodes.extend((0..lattice.rows * lattice.columns).map(|at| look.node(lattice.pixel(at))));
    group(scratch, &lattice);
    count_crossings(scratch, &lattice, &look, [u1, v1]);
    let worth = |group: &Group| group.worth(&lattice);
    let best = (0u32..).zip(&scratch.groups).max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)));
    let Some((chosen, _)) = best else { return };
    for (at, _) in scratch.group_of.iter().enumerate().filter(|(_, group)| **group == chosen) {
        let [u, v] = lattice.pixel(at);
        pixels.push((u as u32, v as u32));
    }
}

/// A frame as it is asked for single pixels.
struct Look<'a> {
    view: &'a LiftView<'a>,
    rotation: [[f32; 3]; 3],
}

impl Look<'_> {
    fn node(&self, [u, v]: [usize; 2]) -> Node {
        let view = self.view;
        let Some(p) = view.grid.point(u, v).filter(|_| is_solid(view, u, v)) else {
            return Node { z: 0.0, plane: Plane::No };
        };
        let from_camera = rotate(&self.rotation, p).map(f64::from);
        let camera = view.world_from_camera.translation.vector;
        let [x, y, z] = [0, 1, 2].map(|k| from_camera[k] + camera[k]);
        let tolerance_m = ON_PLANE_M + 1.5 * view.noise.sigma_m(f64::from(p[2]));
        let is_on_wall = |wall: &WallLine| {
            let (normal, axis) = (wall.normal, wall.axis);
            (normal[0] * x + normal[1] * y - wall.offset_m).abs() < tolerance_m
                && (wall.ends_m[0]..wall.ends_m[1]).contains(&(axis[0] * x + axis[1] * y))
        };
        let plane = if view.level_heights_m.iter().any(|height| (z - height).abs() < tolerance_m) {
            Plane::Level
        } else if view.walls.iter().any(is_on_wall) {
            Plane::Wall
        } else {
            Plane::No
        };
        Node { z: p[2], plane }
    }
}

impl Group {
    /// What speaks for this group being the thing.
    fn worth(&self, lattice: &Lattice) -> f32 {
        let sides = [lattice.columns, lattice.rows];
        let mut tight = 1.0;
        for (k, &side) in sides.iter().enumerate() {
            for gap in [self.low[k], side - 1 - self.high[k]] {
                tight *= 1.0 - (1.5 * gap as f32 / side as f32).min(0.9);
            }
        }
        let crossed = (1.5 * self.crossings as f32 / lattice.rim() as f32).min(1.0);
        let of_plane = if self.plane == Plane::No { 1.0 } else { PLANE_WORTH };
        self.weight * of_plane * (tight * (1.0 - crossed)).max(LEAST_WORTH)
    }
}

/// Counts for each group where it goes on outside the box.
fn count_crossings(scratch: &mut SegmentScratch, lattice: &Lattice, look: &Look<'_>, [u1, v1]: [usize; 2]) {
    let SegmentScratch { nodes, group_of, groups, .. } = scratch;
    let ([u0, v0], beyond) = (lattice.first, lattice.stride.max(BEYOND_PX));
    let (width, height) = (look.view.grid.width, look.view.grid.height);
    let mut cross = |at: usize, outside: [Option<usize>; 2]| {
        let ([Some(u), Some(v)], group) = (outside, group_of[at]) else { return };
        if group == NONE || u >= width || v >= height {
            return;
        }
        let (inside, outside) = (nodes[at], look.node([u, v]));
        let reach_m = 0.03 + 0.004 * (lattice.stride + beyond) as f32 * inside.z;
        let goes_on = outside.z > 0.0 && outside.plane == inside.plane && (outside.z - inside.z).abs() < reach_m;
        groups[group as usize].crossings += u32::from(goes_on);
    };
    for row in 0..lattice.rows {
        let v = Some(v0 + row * lattice.stride);
        cross(row * lattice.columns, [u0.checked_sub(beyond), v]);
        cross((row + 1) * lattice.columns - 1, [Some(u1 - 1 + beyond), v]);
    }
    for column in 0..lattice.columns {
        let u = Some(u0 + column * lattice.stride);
        cross(column, [u, v0.checked_sub(beyond)]);
        cross((lattice.rows - 1) * lattice.columns + column, [u, Some(v1 - 1 + beyond)]);
    }
}

/// Flood fill over lattice neighbours (two steps, so that a hole one pixel wide does not part a thing).
fn group(scratch: &mut SegmentScratch, lattice: &Lattice) {
    let SegmentScratch { nodes, group_of, groups, stack } = scratch;
    let (columns, rows, stride) = (lattice.columns, lattice.rows, lattice.stride as f32);
    group_of.clear();
    group_of.resize(nodes.len(), NONE);
    groups.clear();
    for seed in 0..nodes.len() {
        if nodes[seed].z <= 0.0 || group_of[seed] != NONE {
            continue;
        }
        let number = groups.len() as u32;
        let mut group =
            Group { plane: nodes[seed].plane, weight: 0.0, low: [columns, rows], high: [0, 0], crossings: 0 };
        group_of[seed] = number;
        stack.push(seed as u32);
        while let Some(at) = stack.pop() {
            let at = at as usize;
            let (column, row) = (at % columns, at / columns);
            group.weight += lattice.weight(at);
            for (k, place) in [column, row].into_iter().enumerate() {
                group.low[k] = group.low[k].min(place);
                group.high[k] = group.high[k].max(place);
            }
            for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-2, 0), (2, 0), (0, -2), (0, 2)] {
                let (Some(c), Some(r)) = (column.checked_add_signed(dx), row.checked_add_signed(dy)) else { continue };
                if c >= columns || r >= rows {
                    continue;
                }
                let next = r * columns + c;
                let (a, b) = (nodes[at], nodes[next]);
                let reach = (0.03 + 0.004 * stride * a.z) * (dx.abs() + dy.abs()) as f32;
                if group_of[next] == NONE && b.z > 0.0 && a.plane == b.plane && (a.z - b.z).abs() < reach {
                    group_of[next] = number;
                    stack.push(next as u32);
                }
            }
        }
        groups.push(group);
    }
}
