//! A thing inside its 2D box, told from its background by depth alone.
//!
//! The box is looked at through a coarse lattice of pixels. Neighbours at nearly the same depth belong together; pixels
//! on a known level plane, on the floor and on known walls form groups of their own. A detector's box is tight: the
//! thing ends at its rim, and what goes on outside along most of where it meets the rim is background, or stands in
//! front. So are the floor and walls. All the rest is the thing: a chair's seat, back and legs may be groups apart.
//! Where next to nothing rests, the thing is as thin as a rug, a book or a picture, and the heaviest plane is it; of a
//! level one only the middle, for what lies flat and is seen at a slant leaves the corners of its box empty.
//!
//! Not here: masks (`lifter.rs`), which are better whenever a detector gives them.

use super::lifter::{LiftView, WallLine, is_solid, rotate, rotation_rows};

/// Lattice points along the longer side of the box.
const LATTICE: usize = 64;

/// How near a level plane a point must be to be part of it, metres.
const ON_PLANE_M: f64 = 0.02;

/// Share of the weight that must rest when the background is taken away.
const LEAST_SHARE: f32 = 0.1;

/// What crosses the rim at fewer places than this may still be the thing.
const LEAST_CROSSINGS: u32 = 3;

/// Share of the weight that the floor must have to be the thing: of most things without depth it is only what is seen.
const FLOOR_SHARE: f32 = 0.9;

/// Squared distance from the middle of its box, in sides of the box, that what lies flat is supposed to reach.
const FLAT_REACH_2: f32 = 0.16;

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
    Floor,
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
    /// Places on the rim of the box that it has, and those where it goes on outside.
    touches: u32,
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
        (-6.0 * self.off_middle_2(at)).exp()
    }

    /// Squared distance from the middle, in sides of the box.
    fn off_middle_2(&self, at: usize) -> f32 {
        let dx = (at % self.columns) as f32 / self.columns as f32 - 0.5;
        let dy = (at / self.columns) as f32 / self.rows as f32 - 0.5;
        dx * dx + dy * dy
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
    let Some(chosen) = choose(&scratch.groups) else { return };
    let is_chosen = |at: usize, number: u32| {
        let Some(group) = scratch.groups.get(number as usize) else { return false };
        match chosen {
            Chosen::Foreground => !group.is_background(),
            Chosen::One(one) => {
                let fills_box = group.plane == Plane::Wall || !group.is_background();
                number == one && (fills_box || lattice.off_middle_2(at) < FLAT_REACH_2)
            }
        }
    };
    for (at, _) in scratch.group_of.iter().enumerate().filter(|(at, group)| is_chosen(*at, **group)) {
        let [u, v] = lattice.pixel(at);
        pixels.push((u as u32, v as u32));
    }
}

enum Chosen {
    /// All that is not background.
    Foreground,
    /// One group: a plane.
    One(u32),
}

fn choose(groups: &[Group]) -> Option<Chosen> {
    let total: f32 = groups.iter().map(|group| group.weight).sum();
    let foreground: f32 = groups.iter().filter(|group| !group.is_background()).map(|group| group.weight).sum();
    if foreground >= LEAST_SHARE * total && foreground > 0.0 {
        return Some(Chosen::Foreground);
    }
    let least = |group: &Group| if group.plane == Plane::Floor { FLOOR_SHARE * total } else { 0.0 };
    let planes = (0u32..).zip(groups).filter(|(_, group)| group.plane != Plane::No && group.weight >= least(group));
    planes.max_by(|a, b| a.1.weight.total_cmp(&b.1.weight)).map(|(at, _)| Chosen::One(at))
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
        let is_on = |height: &f64| (z - height).abs() < tolerance_m;
        let plane = if view.floor_m.as_ref().is_some_and(is_on) {
            Plane::Floor
        } else if view.level_heights_m.iter().any(is_on) {
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
    /// True for what cannot be a thing that ends at the rim.
    fn is_background(&self) -> bool {
        matches!(self.plane, Plane::Floor | Plane::Wall)
            || self.crossings >= LEAST_CROSSINGS && 2 * self.crossings >= self.touches
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
        groups[group as usize].touches += u32::from(outside.z > 0.0);
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
        let mut group = Group { plane: nodes[seed].plane, weight: 0.0, touches: 0, crossings: 0 };
        group_of[seed] = number;
        stack.push(seed as u32);
        while let Some(at) = stack.pop() {
            let at = at as usize;
            let (column, row) = (at % columns, at / columns);
            group.weight += lattice.weight(at);
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
