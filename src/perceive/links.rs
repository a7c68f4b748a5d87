//! Which blocks of a frame belong together: neighbours in the image that are neighbours in space.

use super::blocks::Blocks;
use crate::frame::DepthNoise;

/// Neighbouring blocks farther apart than this are of two pieces, metres: at no distance more than the last.
const LINK_M: f32 = 0.015;
const LINK_BLOCKS: f32 = 2.0;
const MOST_LINK_M: f32 = 0.07;

/// The same for neighbours on one even surface, metres.
const SLANT_LINK_M: f32 = 0.12;

/// The four neighbours of a block; where one has no depth the next: a hole one block wide does not part a thing.
pub(super) fn neighbours(blocks: &Blocks, at: usize) -> impl Iterator<Item = usize> + use<'_> {
    let (width, height) = (blocks.width, blocks.height);
    let (column, row) = (at % width, at / width);
    let step = move |dx: isize, dy: isize| {
        let (c, r) = (column.checked_add_signed(dx)?, row.checked_add_signed(dy)?);
        (c < width && r < height).then_some(r * width + c)
    };
    [(-1, 0), (1, 0), (0, -1), (0, 1)].into_iter().filter_map(move |(dx, dy)| {
        let next = step(dx, dy)?;
        if blocks.blocks[next].has_depth() { Some(next) } else { step(2 * dx, 2 * dy) }
    })
}

/// True for neighbours near in space, and for those of one even surface that is seen at a slant.
pub(super) fn are_linked(blocks: &Blocks, a: usize, b: usize, noise: &DepthNoise) -> bool {
    let (a, b) = (&blocks.blocks[a], &blocks.blocks[b]);
    let z = a.z.min(b.z);
    let sigma_m = noise.sigma_m(f64::from(z)) as f32;
    let reach = (LINK_M + LINK_BLOCKS * blocks.side_at_1m * z * a.stretch + 2.0 * sigma_m).min(MOST_LINK_M);
    let apart: [f32; 3] = std::array::from_fn(|k| a.point[k] - b.point[k]);
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let apart2 = dot(apart, apart);
    let is_even = || {
        a.has_normal()
            && b.has_normal()
            && dot(a.normal, b.normal) > 0.9
            && dot(a.normal, apart).abs().max(dot(b.normal, apart).abs()) < 0.01 + sigma_m
    };
    apart2 < reach * reach || apart2 < SLANT_LINK_M * SLANT_LINK_M && is_even()
}
