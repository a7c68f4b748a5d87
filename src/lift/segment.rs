//! A thing inside its 2D box, told from its background by depth alone.
//!
//! The box is looked at through a coarse lattice of pixels. Neighbours at nearly the same depth belong together; pixels
//! on known level planes (the floor, the table it stands on) form a group of their own. The group with the most weight
//! near the middle of the box is the thing. A plane is chosen only when nothing else weighs a quarter of the whole: then
//! the detection means the plane itself, a table or a rug.
//!
//! Not here: masks (`lifter.rs`), which are better whenever a detector gives them.

use super::lifter::{LiftView, is_solid, rotate, rotation_rows};

/// Lattice points along the longer side of the box.
const LATTICE: usize = 64;

/// How near a level plane a point must be to be part of it, metres.
const ON_PLANE_M: f64 = 0.02;

/// A group weighing less than this share gives way to the plane.
const LEAST_SHARE: f32 = 0.25;

const NONE: u32 = u32::MAX;

/// Buffers of the segmentation.
#[derive(Debug, Clone, Default)]
pub struct SegmentScratch {
    nodes: Vec<Node>,
    group_of: Vec<u32>,
    weights: Vec<(f32, bool)>,
    stack: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    z: f32,
    on_plane: bool,
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
    let stride = (u1 - u0).max(v1 - v0).div_ceil(LATTICE).max(1);
    let (columns, rows) = ((u1 - u0).div_ceil(stride), (v1 - v0).div_ceil(stride));
    read_lattice(view, [u0, v0], stride, columns, rows, &mut scratch.nodes);
    let weight = |i: usize| {
        let dx = (i % columns) as f32 / columns as f32 - 0.5;
        let dy = (i / columns) as f32 / rows as f32 - 0.5;
        (-6.0 * (dx * dx + dy * dy)).exp()
    };
    group(scratch, columns, rows, stride as f32, weight);
    let Some(chosen) = choose(&scratch.weights) else { return };
    for (i, &group) in scratch.group_of.iter().enumerate() {
        if group == chosen {
            pixels.push(((u0 + i % columns * stride) as u32, (v0 + i / columns * stride) as u32));
        }
    }
}

fn read_lattice(
    view: &LiftView<'_>,
    [u0, v0]: [usize; 2],
    stride: usize,
    columns: usize,
    rows: usize,
    nodes: &mut Vec<Node>,
) {
    let rotation = rotation_rows(view.world_from_camera);
    let camera_height = view.world_from_camera.translation.z;
    nodes.clear();
    nodes.extend((0..rows * columns).map(|i| {
        let (u, v) = (u0 + i % columns * stride, v0 + i / columns * stride);
        match view.grid.point(u, v) {
            Some(p) if is_solid(view, u, v) => {
                let height = f64::from(rotate(&rotation, p)[2]) + camera_height;
                let tolerance = ON_PLANE_M + 1.5 * view.noise.sigma_m(f64::from(p[2]));
                Node { z: p[2], on_plane: view.level_heights_m.iter().any(|h| (height - h).abs() < tolerance) }
            }
            _ => Node { z: 0.0, on_plane: false },
        }
    }));
}

/// Flood fill over lattice neighbours (two steps, so that a hole one pixel wide does not part a thing).
fn group(scratch: &mut SegmentScratch, columns: usize, rows: usize, stride: f32, weight: impl Fn(usize) -> f32) {
    let SegmentScratch { nodes, group_of, weights, stack } = scratch;
    group_of.clear();
    group_of.resize(nodes.len(), NONE);
    weights.clear();
    for seed in 0..nodes.len() {
        if nodes[seed].z <= 0.0 || group_of[seed] != NONE {
            continue;
        }
        let number = weights.len() as u32;
        let mut total = 0.0;
        group_of[seed] = number;
        stack.push(seed as u32);
        while let Some(at) = stack.pop() {
            let at = at as usize;
            total += weight(at);
            let (column, row) = (at % columns, at / columns);
            for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-2, 0), (2, 0), (0, -2), (0, 2)] {
                let (Some(c), Some(r)) = (column.checked_add_signed(dx), row.checked_add_signed(dy)) else { continue };
                if c >= columns || r >= rows {
                    continue;
                }
                let next = r * columns + c;
                let (a, b) = (nodes[at], nodes[next]);
                let reach = (0.03 + 0.004 * stride * a.z) * (dx.abs() + dy.abs()) as f32;
                if group_of[next] == NONE && b.z > 0.0 && a.on_plane == b.on_plane && (a.z - b.z).abs() < reach {
                    group_of[next] = number;
                    stack.push(next as u32);
                }
            }
        }
        weights.push((total, nodes[seed].on_plane));
    }
}

fn choose(weights: &[(f32, bool)]) -> Option<u32> {
    let total: f32 = weights.iter().map(|w| w.0).sum();
    let heaviest = |on_plane: bool| {
        let of_kind = weights.iter().enumerate().filter(|(_, w)| w.1 == on_plane);
        of_kind.max_by(|a, b| a.1.0.total_cmp(&b.1.0)).map(|(i, w)| (i as u32, w.0))
    };
    match (heaviest(false), heaviest(true)) {
        (Some((thing, weight)), _) if weight >= LEAST_SHARE * total => Some(thing),
        (_, Some((plane, _))) => Some(plane),
        (Some((thing, _)), None) => Some(thing),
        (None, None) => None,
    }
}
