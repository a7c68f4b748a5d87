//! Upright patches of one frame: where walls may be.
//!
//! Blocks with a level normal vote for (direction, distance from the camera); the strongest bin gathers its inliers,
//! which are taken out, and so on. World axes, metres from the camera centre.

use super::blocks::{Block, Blocks};
use std::f32::consts::TAU;

const DIRECTIONS: usize = 60;
const DISTANCE_BIN_M: f32 = 0.06;
const FARTHEST_M: f32 = 6.0;
const DISTANCES: usize = (FARTHEST_M / DISTANCE_BIN_M) as usize;

/// The least area of a patch, m².
const LEAST_AREA_M2: f32 = 0.4;

/// The most patches of one frame.
const MOST: usize = 6;

const NEAR_NORMAL_COS: f32 = 0.97;
const NEAR_PLANE_M: f32 = 0.06;

/// One upright patch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UprightPatch {
    /// Unit normal on the ground, towards the camera.
    pub normal: [f32; 2],
    /// `normal · p` of its points, metres from the camera centre (negative).
    pub offset_m: f32,
    /// Area, m².
    pub area_m2: f32,
}

/// Buffers of the search.
#[derive(Debug, Clone, Default)]
pub struct UprightScratch {
    votes: Vec<f32>,
    /// The upright blocks, ascending.
    upright: Vec<u32>,
    /// For each block the patch it belongs to, or `u8::MAX`.
    pub patch_of: Vec<u8>,
}

/// True for a block that may be part of a wall.
fn is_upright(block: &Block) -> bool {
    block.has_normal() && block.normal[2].abs() < 0.25 && block.z < FARTHEST_M
}

/// Finds the upright patches of a frame whose blocks are in world axes.
pub fn upright_patches(blocks: &Blocks, out: &mut Vec<UprightPatch>, scratch: &mut UprightScratch) {
    out.clear();
    scratch.patch_of.clear();
    scratch.patch_of.resize(blocks.blocks.len(), u8::MAX);
    scratch.votes.clear();
    scratch.votes.resize(DIRECTIONS * DISTANCES, 0.0);
    scratch.upright.clear();
    let upright = (0u32..).zip(&blocks.blocks).filter(|(_, block)| is_upright(block));
    scratch.upright.extend(upright.map(|(at, _)| at));
    for &at in &scratch.upright {
        let block = &blocks.blocks[at as usize];
        if let Some(bin) = bin_of(block) {
            scratch.votes[bin] += block.area_m2;
        }
    }
    while out.len() < MOST {
        let strongest = scratch
            .votes
            .iter()
            .enumerate()
            .fold((0, 0.0f32), |best, (at, &v)| if v > best.1 { (at, v) } else { best });
        if strongest.1 < 0.25 * LEAST_AREA_M2 {
            return;
        }
        let direction = (strongest.0 / DISTANCES) as f32 * TAU / DIRECTIONS as f32 + 0.5 * TAU / DIRECTIONS as f32;
        let distance = (strongest.0 % DISTANCES) as f32 * DISTANCE_BIN_M + 0.5 * DISTANCE_BIN_M;
        let first = UprightPatch { normal: [direction.cos(), direction.sin()], offset_m: -distance, area_m2: 0.0 };
        let patch = refine(blocks, &refine(blocks, &first, scratch), scratch);
        scratch.votes[strongest.0] = 0.0;
        if patch.area_m2 < LEAST_AREA_M2 {
            continue;
        }
        let number = out.len() as u8;
        for &at in &scratch.upright {
            let (at, block) = (at as usize, &blocks.blocks[at as usize]);
            if scratch.patch_of[at] == u8::MAX && is_near(block, &patch) {
                scratch.patch_of[at] = number;
                if let Some(bin) = bin_of(block) {
                    scratch.votes[bin] = (scratch.votes[bin] - block.area_m2).max(0.0);
                }
            }
        }
        out.push(patch);
    }
}

fn bin_of(block: &Block) -> Option<usize> {
    let [x, y, _] = block.normal;
    let direction = (y.atan2(x).rem_euclid(TAU) / TAU * DIRECTIONS as f32) as usize % DIRECTIONS;
    let distance = -(x * block.point[0] + y * block.point[1]);
    (0.0..FARTHEST_M)
        .contains(&distance)
        .then(|| direction * DISTANCES + ((distance / DISTANCE_BIN_M) as usize).min(DISTANCES - 1))
}

fn is_near(block: &Block, patch: &UprightPatch) -> bool {
    let [x, y] = patch.normal;
    block.normal[0] * x + block.normal[1] * y > NEAR_NORMAL_COS
        && (block.point[0] * x + block.point[1] * y - patch.offset_m).abs() < NEAR_PLANE_M + 0.01 * block.z
}

fn refine(blocks: &Blocks, patch: &UprightPatch, scratch: &UprightScratch) -> UprightPatch {
    let (mut normal, mut area) = ([0.0f32; 2], 0.0f32);
    let mine = || {
        let free = scratch.upright.iter().filter(|&&at| scratch.patch_of[at as usize] == u8::MAX);
        free.map(|&at| &blocks.blocks[at as usize]).filter(|b| is_near(b, patch))
    };
    for b in mine() {
        normal[0] += b.normal[0] * b.area_m2;
        normal[1] += b.normal[1] * b.area_m2;
        area += b.area_m2;
    }
    let norm = normal[0].hypot(normal[1]);
    if norm <= 0.0 {
        return UprightPatch { area_m2: 0.0, ..*patch };
    }
    let normal = normal.map(|n| n / norm);
    let offset_m = mine().map(|b| (b.point[0] * normal[0] + b.point[1] * normal[1]) * b.area_m2).sum::<f32>() / area;
    UprightPatch { normal, offset_m, area_m2: area }
}
