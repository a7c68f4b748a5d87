//! Things of one frame from geometry alone: what is left of the blocks when floor, walls and ceiling are taken away.
//!
//! Blocks that touch, in the image and in space, are one piece. Two kinds of level planes part pieces. A *high* top, at
//! least [`HIGH_M`] over the floor, is a table, a cabinet, a shelf: all that lies on it or under it is its body, one
//! proposal however often something in front of it cuts it apart, so chairs touching a table do not become it; what rises
//! above it stays outside. A *low* top may be a coffee table or a seat, whose back continues it: a piece above it is cut
//! out only when it lies on the inside, spans less than most of the top and does not hang together with parts of the
//! whole that rise beside the top.
//!
//! Dropped: pieces of few blocks, pieces hardly larger than a block, and flat upright pieces wider than
//! [`WALL_WIDTH_M`] that the image border cuts off: walls not known yet.
//!
//! Blocks are in world axes, metres from the camera centre. No allocation once the buffers have their size.

use super::blocks::{BLOCK_PX, Block, Blocks};
use super::links::{are_linked, neighbours};
use super::pieces::{Class, Piece};
use super::tops::{LocalTops, TopPlane};
use crate::frame::{DepthGrid, DepthNoise};
use crate::lift::WallLine;
use nalgebra::Point3;

/// The most proposals of one frame; the largest win.
pub const MAX_PROPOSALS: usize = 64;

/// Farther blocks are left out, metres, and blocks with more noise than this, metres.
const FARTHEST_M: f32 = 5.0;
const MOST_SIGMA_M: f64 = 0.03;

/// How near a plane its blocks lie, metres, besides noise: the floor, a wall, a top.
const ON_FLOOR_M: f32 = 0.02;
const ON_WALL_M: f32 = 0.04;
const ON_TOP_M: f32 = 0.006;

/// In standard deviations of the depth.
const ON_PLANE_SIGMAS: f32 = 2.5;

/// Level surfaces facing down this high over the floor are ceiling, metres.
const CEILING_M: f32 = 1.9;

/// How far beside its outline a top's body reaches, metres.
const BODY_MARGIN_M: f32 = 0.05;

/// How far beside its outline something may stand on a top, metres.
const ON_MARGIN_M: f32 = 0.02;

/// No thing is larger on the ground, metres: what seems so is several, or part of the room.
const MOST_EXTENT_M: f32 = 3.0;

/// A piece that spans more than this share of a low top continues it.
const CONTINUES_SHARE: f32 = 0.6;

/// The least blocks and extent of a proposal, metres.
const LEAST_BLOCKS: u32 = 12;
const LEAST_EXTENT_M: f32 = 0.03;

/// Flat, upright, cut off and wider than this: a wall, metres.
const WALL_WIDTH_M: f32 = 1.5;
const WALL_SHARE: f32 = 0.7;

/// So is what reaches this high over the floor, however narrow, metres.
const WALL_REACH_M: f32 = 1.6;

/// What is known of the room.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Where the camera stands in the world.
    pub camera_in_world: Point3<f64>,
    /// How good the depth is.
    pub noise: &'a DepthNoise,
    /// World height of the floor, metres.
    pub floor_m: f64,
    /// Walls.
    pub walls: &'a [WallLine],
    /// Tops, lowest first.
    pub tops: &'a [TopPlane],
}

/// One thing of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proposal {
    /// Its main part is a level surface that carries things.
    pub is_table: bool,
    /// World height above which nothing belongs to it, metres.
    pub ceiling_m: Option<f64>,
    /// Its blocks: first and last column and row, inclusive.
    pub columns: [usize; 2],
    /// See `columns`.
    pub rows: [usize; 2],
    /// How many blocks.
    pub blocks: u32,
    piece: u16,
}

impl Proposal {
    /// x0, y0, x1, y1 in pixels, ends exclusive.
    pub fn bbox(&self) -> [u32; 4] {
        let px = |block: usize| (block * BLOCK_PX) as u32;
        [px(self.columns[0]), px(self.rows[0]), px(self.columns[1] + 1), px(self.rows[1] + 1)]
    }
}

/// Buffers of the search; one per thread.
#[derive(Debug, Clone, Default)]
pub struct ProposeScratch {
    tops: LocalTops,
    class: Vec<Class>,
    piece_of: Vec<u16>,
    pieces: Vec<Piece>,
    joined: Vec<u16>,
    contacts: Vec<Contact>,
    stack: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Contact {
    from: u16,
    to: u16,
    is_higher: bool,
}

const NONE: u16 = u16::MAX;

/// Finds the things of a frame whose blocks are in world axes.
pub fn propose(blocks: &Blocks, known: &Known<'_>, out: &mut Vec<Proposal>, scratch: &mut ProposeScratch) {
    out.clear();
    scratch.tops.place(known);
    scratch.tops.level(blocks);
    scratch.classify(blocks, known);
    scratch.cut_into_pieces(blocks, known);
    scratch.find_contacts(blocks, known);
    scratch.join();
    scratch.gather(out);
    scratch.drop_room(blocks, (known.floor_m - known.camera_in_world.z) as f32, out);
    out.sort_by(|a, b| b.blocks.cmp(&a.blocks).then(a.piece.cmp(&b.piece)));
    out.truncate(MAX_PROPOSALS);
    for proposal in out.iter_mut() {
        if let Class::Body(top) = scratch.pieces[usize::from(proposal.piece)].class {
            proposal.ceiling_m = known.tops.get(usize::from(top)).filter(|top| top.is_high()).map(|top| top.height_m);
        }
    }
}

impl ProposeScratch {
    /// A number for the piece at a pixel, the same for all of a proposal.
    pub fn piece_at(&self, blocks: &Blocks, u: usize, v: usize) -> Option<u16> {
        let (column, row) = (u / BLOCK_PX, v / BLOCK_PX);
        let piece = *self.piece_of.get(row * blocks.width + column).filter(|_| column < blocks.width)?;
        (piece != NONE).then(|| self.root(piece))
    }

    /// Bounds of a piece, metres from the camera centre.
    pub fn bounds(&self, piece: u16) -> ([f32; 3], [f32; 3]) {
        let piece = &self.pieces[usize::from(piece)];
        (piece.low, piece.high)
    }

    /// True for a piece that reaches the image border.
    pub fn is_cut_off(&self, piece: u16, blocks: &Blocks) -> bool {
        self.pieces[usize::from(piece)].is_cut_off(blocks)
    }

    /// Fills `mask` with the pixels of a proposal, row by row of its [`Proposal::bbox`]: of its blocks, those at the
    /// block's own depth, so that what shows behind its outline stays out.
    pub fn paint(&self, proposal: &Proposal, grid: &DepthGrid, blocks: &Blocks, mask: &mut [u8]) {
        let [x0, y0, x1, y1] = proposal.bbox().map(|v| v as usize);
        for (v, line) in (y0..y1).zip(mask.chunks_exact_mut(x1 - x0)) {
            for (u, byte) in (x0..x1).zip(line) {
                let at = v / BLOCK_PX * blocks.width + u / BLOCK_PX;
                let is_mine = self.piece_of[at] != NONE && self.root(self.piece_of[at]) == proposal.piece;
                let z = blocks.blocks[at].z;
                *byte = u8::from(is_mine && (grid.z[v * grid.width + u] - z).abs() < 0.02 + 0.02 * z);
            }
        }
    }

    fn classify(&mut self, blocks: &Blocks, known: &Known<'_>) {
        let floor = (known.floor_m - known.camera_in_world.z) as f32;
        self.class.clear();
        for block in &blocks.blocks {
            let class = if is_gone(block, known, floor) { Class::Gone } else { self.class_by_tops(block, known) };
            self.class.push(class);
        }
    }

    fn class_by_tops(&self, block: &Block, known: &Known<'_>) -> Class {
        let height = block.point[2];
        let tolerance = ON_TOP_M + height_tolerance_m(block, known.noise);
        let mut class = Class::Free;
        for (at, top) in (0u8..).zip(self.tops.iter()) {
            if height <= top.height + tolerance {
                if (top.is_high || top.is_low_table) && self.tops.is_over(top, block, BODY_MARGIN_M) {
                    return Class::Body(at);
                }
            } else if self.tops.is_over(top, block, ON_MARGIN_M) {
                class = Class::Above(at);
            }
        }
        class
    }

    /// Pieces of one class; a high top's body is one piece wherever it is seen.
    fn cut_into_pieces(&mut self, blocks: &Blocks, known: &Known<'_>) {
        self.piece_of.clear();
        self.piece_of.resize(blocks.blocks.len(), NONE);
        self.pieces.clear();
        for top in 0..self.tops.len() as u8 {
            self.pieces.push(Piece::empty(Class::Body(top)));
        }
        for at in 0..blocks.blocks.len() {
            if let Class::Body(top) = self.class[at] {
                self.piece_of[at] = u16::from(top);
                self.pieces[usize::from(top)].take(blocks, at);
            }
        }
        for seed in 0..blocks.blocks.len() {
            let is_open = self.class[seed] != Class::Gone && self.piece_of[seed] == NONE;
            if is_open && self.pieces.len() < usize::from(NONE) {
                self.grow(seed, blocks, known.noise);
            }
        }
    }

    /// A new piece of all that hangs together with a block.
    fn grow(&mut self, seed: usize, blocks: &Blocks, noise: &DepthNoise) {
        let number = self.pieces.len() as u16;
        let mut piece = Piece::empty(self.class[seed]);
        self.piece_of[seed] = number;
        self.stack.push(seed as u32);
        while let Some(at) = self.stack.pop() {
            let at = at as usize;
            piece.take(blocks, at);
            if let Class::Above(top) = piece.class {
                piece.take_along(blocks.blocks[at].point, self.tops[usize::from(top)].axis);
            }
            for next in neighbours(blocks, at) {
                let is_open = self.piece_of[next] == NONE && self.class[next] == self.class[at];
                if is_open && are_linked(blocks, at, next, noise) {
                    self.piece_of[next] = number;
                    self.stack.push(next as u32);
                }
            }
        }
        self.pieces.push(piece);
    }

    /// Where pieces over a top touch others, and where a low top's body touches what is free.
    fn find_contacts(&mut self, blocks: &Blocks, known: &Known<'_>) {
        self.contacts.clear();
        for at in 0..blocks.blocks.len() {
            let top = match self.class[at] {
                Class::Above(top) => top,
                Class::Body(top) if !self.tops[usize::from(top)].is_high => top,
                _ => continue,
            };
            for next in neighbours(blocks, at) {
                if self.piece_of[next] != self.piece_of[at]
                    && self.may_join(self.class[at], self.class[next])
                    && are_linked(blocks, at, next, known.noise)
                {
                    let block = &blocks.blocks[next];
                    let over = self.tops[usize::from(top)].height + ON_TOP_M;
                    self.contacts.push(Contact {
                        from: self.piece_of[at],
                        to: self.piece_of[next],
                        is_higher: block.point[2] > over + height_tolerance_m(block, known.noise),
                    });
                }
            }
        }
        self.contacts.sort_unstable();
    }

    fn may_join(&self, from: Class, to: Class) -> bool {
        match (from, to) {
            (Class::Body(_), Class::Free) | (Class::Above(_), Class::Free | Class::Above(_)) => true,
            (Class::Above(_), Class::Body(top)) => !self.tops[usize::from(top)].is_high,
            _ => false,
        }
    }

    /// Joins pieces over tops with those that they continue.
    fn join(&mut self) {
        self.joined.clear();
        self.joined.extend(0..self.pieces.len() as u16);
        let mut first = 0;
        while first < self.contacts.len() {
            let from = self.contacts[first].from;
            let count = self.contacts[first..].iter().take_while(|c| c.from == from).count();
            self.join_one(from, first..first + count);
            first += count;
        }
    }

    fn join_one(&mut self, from: u16, range: std::ops::Range<usize>) {
        let piece = self.pieces[usize::from(from)];
        let continues = match piece.class {
            Class::Above(top) => {
                let top = self.tops[usize::from(top)];
                !top.is_high && (piece.blocks < LEAST_BLOCKS || piece.span_share(&top) >= CONTINUES_SHARE)
            }
            _ => true,
        };
        let mut at = range.start;
        while at < range.end {
            let to = self.contacts[at].to;
            let (mut touching, mut higher) = (0u32, 0u32);
            while at < range.end && self.contacts[at].to == to {
                touching += 1;
                higher += u32::from(self.contacts[at].is_higher);
                at += 1;
            }
            let smaller = piece.blocks.min(self.pieces[usize::from(to)].blocks) as f32;
            if continues && touching >= 2 || higher >= 3 && higher as f32 >= 0.5 * smaller.sqrt() {
                self.unite(from, to);
            }
        }
    }

    fn root(&self, mut piece: u16) -> u16 {
        while self.joined[usize::from(piece)] != piece {
            piece = self.joined[usize::from(piece)];
        }
        piece
    }

    fn unite(&mut self, a: u16, b: u16) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let (into, from) = (a.min(b), a.max(b));
        self.joined[usize::from(from)] = into;
        let gone = self.pieces[usize::from(from)];
        let whole = &mut self.pieces[usize::from(into)];
        whole.absorb(&gone);
        // A body with something beside it is no table any more; a sliver over a top says nothing of what it lies on.
        if !matches!(gone.class, Class::Above(_)) || !matches!(whole.class, Class::Body(_)) {
            whole.class = Class::Free;
        }
    }

    fn gather(&self, out: &mut Vec<Proposal>) {
        for number in 0..self.pieces.len() as u16 {
            let piece = &self.pieces[usize::from(number)];
            let extent = (0..3).map(|k| piece.high[k] - piece.low[k]).fold(0.0, f32::max);
            if self.joined[usize::from(number)] != number || piece.blocks < LEAST_BLOCKS || extent < LEAST_EXTENT_M {
                continue;
            }
            let top = match piece.class {
                Class::Body(top) => Some(&self.tops[usize::from(top)]),
                _ => None,
            };
            out.push(Proposal {
                is_table: top.is_some_and(|top| top.is_high || top.is_low_table),
                ceiling_m: None,
                columns: piece.columns,
                rows: piece.rows,
                blocks: piece.blocks,
                piece: number,
            });
        }
    }

    /// Drops what is part of the room.
    fn drop_room(&self, blocks: &Blocks, floor: f32, out: &mut Vec<Proposal>) {
        out.retain(|proposal| {
            let piece = &self.pieces[usize::from(proposal.piece)];
            let width = (piece.high[0] - piece.low[0]).hypot(piece.high[1] - piece.low[1]);
            let is_cut_off = piece.is_cut_off(blocks);
            let is_body = matches!(piece.class, Class::Body(_));
            if width > MOST_EXTENT_M && !is_body {
                return false;
            }
            let is_wide = width >= WALL_WIDTH_M || piece.high[2] - floor >= WALL_REACH_M;
            !is_wide || !is_cut_off || !self.is_flat_and_upright(blocks, proposal)
        });
    }

    fn is_flat_and_upright(&self, blocks: &Blocks, proposal: &Proposal) -> bool {
        let mine = || {
            let rows = proposal.rows[0]..=proposal.rows[1];
            rows.flat_map(|row| {
                (proposal.columns[0]..=proposal.columns[1]).map(move |column| row * blocks.width + column)
            })
            .filter(|&at| self.piece_of[at] != NONE && self.root(self.piece_of[at]) == proposal.piece)
            .map(|at| &blocks.blocks[at])
        };
        let (mut normal, mut middle, mut count) = ([0.0f32; 2], [0.0f32; 2], 0.0f32);
        for block in mine().filter(|b| b.has_normal() && b.normal[2].abs() < 0.3) {
            for k in 0..2 {
                normal[k] += block.normal[k];
                middle[k] += block.point[k];
            }
            count += 1.0;
        }
        let norm = normal[0].hypot(normal[1]);
        if norm < 0.8 * count || count < 1.0 {
            return false;
        }
        let (normal, middle) = (normal.map(|n| n / norm), middle.map(|m| m / count));
        let flat = mine().filter(|b| {
            ((b.point[0] - middle[0]) * normal[0] + (b.point[1] - middle[1]) * normal[1]).abs() < 0.06 + 0.01 * b.z
        });
        flat.count() as f32 >= WALL_SHARE * proposal.blocks as f32
    }
}

/// How far noise lifts a block, metres: depth is off along the ray.
fn height_tolerance_m(block: &Block, noise: &DepthNoise) -> f32 {
    ON_PLANE_SIGMAS * noise.sigma_m(f64::from(block.z)) as f32 * (block.point[2] / block.z).abs()
}

fn is_gone(block: &Block, known: &Known<'_>, floor: f32) -> bool {
    let sigma_m = known.noise.sigma_m(f64::from(block.z));
    if !block.has_depth() || block.z > FARTHEST_M || sigma_m > MOST_SIGMA_M {
        return true;
    }
    let [x, y, height] = block.point;
    let above_floor = height - floor;
    above_floor < ON_FLOOR_M + height_tolerance_m(block, known.noise)
        || above_floor > CEILING_M && block.has_normal() && block.normal[2] < -0.9
        || known.walls.iter().any(|wall| is_on_wall(wall, block, [x, y], known, sigma_m as f32))
}

fn is_on_wall(wall: &WallLine, block: &Block, [x, y]: [f32; 2], known: &Known<'_>, sigma_m: f32) -> bool {
    let (wx, wy) = (known.camera_in_world.x + f64::from(x), known.camera_in_world.y + f64::from(y));
    let distance = wall.normal[0] * wx + wall.normal[1] * wy - wall.offset_m;
    let along = wall.axis[0] * wx + wall.axis[1] * wy;
    let facing = ((wall.normal[0] as f32 * x + wall.normal[1] as f32 * y) / block.z).abs();
    let tolerance = ON_WALL_M + ON_PLANE_SIGMAS * sigma_m * facing;
    // Behind a wall nothing can be seen but through a door.
    (distance.abs() as f32) < tolerance && along > wall.ends_m[0] - 0.2 && along < wall.ends_m[1] + 0.2
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: DepthNoise = DepthNoise { base_m: 0.0005, per_m2: 0.0, nearest_m: 0.0 };
    const CAMERA_M: [f64; 3] = [0.0, -2.0, 1.6];

    /// Blocks of a camera 1.6 m up that looks down at 35° along y, at boxes `[low, high]` on a floor.
    fn look_at(boxes: &[([f64; 3], [f64; 3])]) -> Blocks {
        let (width, height, focal) = (640, 480, 520.0);
        let (sin, cos) = 35f64.to_radians().sin_cos();
        let axes = [[1.0, 0.0, 0.0], [0.0, -sin, cos], [0.0, -cos, -sin]];
        let mut grid = DepthGrid { width, height, ..DepthGrid::default() };
        let mut rays = Vec::new();
        for at in 0..width * height {
            let ray = [((at % width) as f64 - 319.5) / focal, ((at / width) as f64 - 239.5) / focal];
            let turned = axes.map(|row| row[0] * ray[0] + row[1] * ray[1] + row[2]);
            let floor = if turned[2] < 0.0 { -CAMERA_M[2] / turned[2] } else { f64::INFINITY };
            let nearest = boxes.iter().map(|(low, high)| enter(low, high, &turned)).fold(floor, f64::min);
            rays.push(ray.map(|r| r as f32));
            grid.z.push(if nearest.is_finite() { nearest as f32 } else { 0.0 });
        }
        grid.rays = rays.into();
        let mut blocks = Blocks::default();
        blocks.fill(&grid, &axes.map(|row| row.map(|v| v as f32)), &QUIET);
        blocks
    }

    fn enter(low: &[f64; 3], high: &[f64; 3], ray: &[f64; 3]) -> f64 {
        let (mut entered, mut left) = (0.0f64, f64::INFINITY);
        for k in 0..3 {
            let (a, b) = ((low[k] - CAMERA_M[k]) / ray[k], (high[k] - CAMERA_M[k]) / ray[k]);
            entered = entered.max(a.min(b));
            left = left.min(a.max(b));
        }
        if entered < left { entered } else { f64::INFINITY }
    }

    fn top(low: [f64; 2], high: [f64; 2], height_m: f64) -> TopPlane {
        let outline = [low, [high[0], low[1]], high, [low[0], high[1]]];
        let area_m2 = (high[0] - low[0]) * (high[1] - low[1]);
        TopPlane::new(&outline, height_m, 0.0, area_m2).expect("an area")
    }

    /// Proposals, largest first: whether each is a table, and its bounds in the world.
    fn found(boxes: &[([f64; 3], [f64; 3])], tops: &[TopPlane]) -> Vec<(bool, [f64; 3], [f64; 3])> {
        let blocks = look_at(boxes);
        let known = Known { camera_in_world: Point3::from(CAMERA_M), noise: &QUIET, floor_m: 0.0, walls: &[], tops };
        let (mut out, mut scratch) = (Vec::new(), ProposeScratch::default());
        propose(&blocks, &known, &mut out, &mut scratch);
        let in_world = |p: [f32; 3]| std::array::from_fn(|k| f64::from(p[k]) + CAMERA_M[k]);
        let bounds = |p: &Proposal| scratch.bounds(p.piece);
        out.iter().map(|p| (p.is_table, in_world(bounds(p).0), in_world(bounds(p).1))).collect()
    }

    const TABLE: ([f64; 3], [f64; 3]) = ([-0.6, -0.3, 0.0], [0.6, 0.4, 0.74]);

    #[test]
    fn a_box_on_a_table_and_a_chair_that_touches_it_are_three_things() {
        let carton = ([-0.15, 0.0, 0.74], [0.15, 0.2, 0.94]);
        let chair = ([-0.2, -0.7, 0.0], [0.2, -0.31, 0.46]);
        let things = found(&[TABLE, carton, chair], &[top([-0.6, -0.3], [0.6, 0.4], 0.74)]);
        assert_eq!(things.len(), 3, "{things:?}");
        assert_eq!(things.iter().filter(|t| t.0).count(), 1, "{things:?}");
        let on_top = things.iter().find(|t| t.1[2] > 0.7).expect("the carton");
        assert!((on_top.2[2] - 0.94).abs() < 0.03 && (on_top.2[0] - 0.15).abs() < 0.03, "{on_top:?}");
        let seat = things.iter().find(|t| t.2[2] < 0.5).expect("the chair");
        assert!((seat.2[2] - 0.46).abs() < 0.03, "{seat:?}");
    }

    #[test]
    fn a_back_that_continues_a_seat_stays_with_it() {
        let (seat, back) = (([-0.8, -0.3, 0.0], [0.8, 0.3, 0.42]), ([-0.8, 0.3, 0.0], [0.8, 0.5, 0.82]));
        let things = found(&[seat, back], &[top([-0.8, -0.3], [0.8, 0.32], 0.42)]);
        assert_eq!(things.len(), 1, "{things:?}");
        assert!(!things[0].0 && things[0].2[2] > 0.78, "{things:?}");
    }

    #[test]
    fn a_bowl_on_a_low_table_is_cut_out_and_the_table_named() {
        let (table, bowl) = (([-0.4, -0.4, 0.0], [0.4, 0.4, 0.45]), ([-0.1, -0.1, 0.45], [0.1, 0.1, 0.55]));
        let things = found(&[table, bowl], &[top([-0.4, -0.4], [0.4, 0.4], 0.45)]);
        assert_eq!(things.iter().map(|t| t.0).collect::<Vec<_>>(), [true, false], "{things:?}");
    }

    #[test]
    fn a_tablet_on_a_table_is_found_though_the_pose_sinks_the_table() {
        let tablet = ([-0.15, 0.0, 0.74], [0.15, 0.2, 0.75]);
        for known_m in [0.74, 0.73, 0.75] {
            let things = found(&[TABLE, tablet], &[top([-0.6, -0.3], [0.6, 0.4], known_m)]);
            let flat = things.iter().find(|t| !t.0).expect("the tablet");
            assert!(flat.1[2] > 0.743 && (flat.2[0] - flat.1[0] - 0.3).abs() < 0.05, "{known_m}: {things:?}");
        }
    }

    #[test]
    fn bare_floor_proposes_nothing() {
        assert_eq!(found(&[], &[]), []);
    }
}
