//! The points that speak for one thing: thinned to cells, averaged inside each, bounded in number.
//!
//! A cell keeps the running mean of the points that fell into it, so noise shrinks where a surface is seen again and
//! again, and a stray point stays a cell that one frame saw once. When a cloud has more than [`MAX_CELLS`] cells its
//! cells grow by half and are merged. Coordinates are metres from the cloud's origin, world axes.
//!
//! Cost: one hash look-up a point. No allocation once the cloud has reached the size that its thing needs.

use nalgebra::{Point3, Vector3};

/// The most cells one thing keeps.
pub const MAX_CELLS: usize = 1536;

/// Beyond this many hits a cell's mean follows new points at a steady rate.
const MEAN_OVER_HITS: u16 = 40;

/// Side of a new cloud's cells, in standard deviations of its points, at least.
const CELL_SIGMAS: f32 = 0.8;

const EDGE_GROWTH: f32 = 1.5;

/// What is added to it is rounded to a whole number, up to four million either way: its last bits.
pub(super) const NO_FRACTION: f32 = 12_582_912.0;
const EMPTY: u16 = u16::MAX;

/// The points of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Mean of its points, metres from the cloud's origin.
    pub mean: [f32; 3],
    /// Points that fell into it; saturates.
    pub hits: u16,
    /// Frames that put points into it; saturates.
    pub frames: u16,
    /// The newest of these frames.
    pub last_frame: u32,
    /// The keyframe its newest points hang on.
    pub keyframe: u32,
    /// Least standard deviation of its points, metres.
    pub sigma_m: f32,
}

/// What the points of one sighting have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// The frame that saw them.
    pub frame: u32,
    /// The keyframe they hang on.
    pub keyframe: u32,
    /// Standard deviation of a point, metres.
    pub sigma_m: f32,
}

/// A bounded set of cells.
#[derive(Debug, Clone)]
pub struct Cloud {
    origin: Point3<f64>,
    edge_m: f32,
    cells_per_m: f32,
    cells: Vec<Cell>,
    table: Vec<u16>,
}

impl Cloud {
    /// An empty cloud for a thing of about `extent_m` around `origin`, whose points have this standard deviation: cells
    /// narrower than the noise would see each point once, and could not tell a stray one.
    pub fn new(origin: Point3<f64>, extent_m: f32, sigma_m: f32) -> Self {
        let edge_m = (extent_m / 40.0).max(CELL_SIGMAS * sigma_m).clamp(0.005, 0.05);
        Self { origin, edge_m, cells_per_m: edge_m.recip(), cells: Vec::with_capacity(32), table: vec![EMPTY; 64] }
    }

    /// The world position that cell means are measured from.
    pub fn origin(&self) -> Point3<f64> {
        self.origin
    }

    /// Side of a cell, metres.
    pub fn edge_m(&self) -> f32 {
        self.edge_m
    }

    /// The cells, in the order they were first seen.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Reads all cells in order.
    ///
    /// PERF: clouds of other places than the last lie in far memory, which streams what is read in order; each point of a
    /// sighting would wait for its cell otherwise.
    pub fn call_up(&self) {
        let hits = self.cells.iter().step_by(2).fold(0u32, |sum, cell| sum + u32::from(cell.hits));
        let slots = self.table.iter().step_by(32).fold(0u32, |sum, at| sum + u32::from(*at));
        std::hint::black_box((hits, slots));
    }

    /// A cell's mean in the world.
    pub fn in_world(&self, cell: &Cell) -> Point3<f64> {
        self.origin + Vector3::from(cell.mean.map(f64::from))
    }

    /// Takes in one point, metres from the origin.
    pub fn insert(&mut self, point: [f32; 3], source: &Source) {
        let slot = self.find(point);
        match self.table[slot] {
            EMPTY => {
                if self.cells.len() >= MAX_CELLS {
                    self.coarsen();
                    return self.insert(point, source);
                }
                let Source { frame, keyframe, sigma_m } = *source;
                self.add(slot, Cell { mean: point, hits: 1, frames: 1, last_frame: frame, keyframe, sigma_m });
            }
            at => {
                let cell = &mut self.cells[at as usize];
                cell.hits = cell.hits.saturating_add(1);
                let rate = 1.0 / f32::from(cell.hits.min(MEAN_OVER_HITS));
                for (mean, p) in cell.mean.iter_mut().zip(point) {
                    *mean += (p - *mean) * rate;
                }
                cell.sigma_m = cell.sigma_m.min(source.sigma_m);
                if cell.last_frame != source.frame {
                    cell.frames = cell.frames.saturating_add(1);
                    cell.last_frame = source.frame;
                    cell.keyframe = source.keyframe;
                }
            }
        }
    }

    /// Takes in the cells of another cloud: two things that turned out to be one.
    pub fn absorb(&mut self, other: &Cloud) {
        let shift = (other.origin - self.origin).map(|v| v as f32);
        for cell in &other.cells {
            let point = [cell.mean[0] + shift.x, cell.mean[1] + shift.y, cell.mean[2] + shift.z];
            self.insert_cell(Cell { mean: point, ..*cell });
        }
    }

    /// Keeps only the cells that `keep` wants.
    pub fn retain(&mut self, keep: impl FnMut(&Cell) -> bool) {
        let before = self.cells.len();
        self.cells.retain(keep);
        if self.cells.len() != before {
            self.rebuild_table(self.table.len());
        }
    }

    /// Moves every cell; cells that come to lie together are merged.
    pub fn transform(&mut self, mut moved: impl FnMut(&Cell, Point3<f64>) -> Point3<f64>) {
        let cells = std::mem::take(&mut self.cells);
        self.table.fill(EMPTY);
        for cell in cells {
            let world = self.origin + Vector3::from(cell.mean.map(f64::from));
            let from_origin = moved(&cell, world) - self.origin;
            self.insert_cell(Cell { mean: [from_origin.x as f32, from_origin.y as f32, from_origin.z as f32], ..cell });
        }
    }

    fn insert_cell(&mut self, cell: Cell) {
        if self.cells.len() >= MAX_CELLS {
            self.coarsen();
        }
        let slot = self.find(cell.mean);
        match self.table[slot] {
            EMPTY => self.add(slot, cell),
            at => merge(&mut self.cells[at as usize], &cell),
        }
    }

    /// Puts a new cell into the free slot `slot`.
    fn add(&mut self, slot: usize, cell: Cell) {
        self.table[slot] = self.cells.len() as u16;
        self.cells.push(cell);
        if self.cells.len() * 2 > self.table.len() {
            self.rebuild_table(self.table.len() * 2);
        }
    }

    fn coarsen(&mut self) {
        while self.cells.len() * 10 > MAX_CELLS * 7 {
            self.edge_m *= EDGE_GROWTH;
            self.cells_per_m = self.edge_m.recip();
            self.table.fill(EMPTY);
            let mut kept = 0;
            for i in 0..self.cells.len() {
                let cell = self.cells[i];
                let slot = self.find_among(cell.mean, kept);
                match self.table[slot] {
                    EMPTY => {
                        self.table[slot] = kept as u16;
                        self.cells[kept] = cell;
                        kept += 1;
                    }
                    at => merge(&mut self.cells[at as usize], &cell),
                }
            }
            self.cells.truncate(kept);
            // Merged means may have crossed a cell border; the table must say where they lie now.
            self.rebuild_table(self.table.len());
        }
    }

    fn rebuild_table(&mut self, size: usize) {
        self.table.clear();
        self.table.resize(size, EMPTY);
        for i in 0..self.cells.len() {
            let slot = self.free_slot(self.key(self.cells[i].mean));
            self.table[slot] = i as u16;
        }
    }

    /// First slot that holds the point's cell, or the free slot where it belongs.
    fn find(&self, point: [f32; 3]) -> usize {
        self.find_among(point, self.cells.len())
    }

    fn find_among(&self, point: [f32; 3], count: usize) -> usize {
        let key = self.key(point);
        let mut slot = self.hash(key);
        loop {
            match self.table[slot] {
                EMPTY => return slot,
                at if (at as usize) < count && self.key(self.cells[at as usize].mean) == key => return slot,
                _ => slot = (slot + 1) & (self.table.len() - 1),
            }
        }
    }

    fn free_slot(&self, key: [u32; 3]) -> usize {
        let mut slot = self.hash(key);
        while self.table[slot] != EMPTY {
            slot = (slot + 1) & (self.table.len() - 1);
        }
        slot
    }

    /// The cell's number along each axis, as the bits of a float that has no room for a fraction: `floor` is a library call
    /// on plain x86-64.
    fn key(&self, point: [f32; 3]) -> [u32; 3] {
        point.map(|v| (v * self.cells_per_m - 0.5 + NO_FRACTION).to_bits())
    }

    fn hash(&self, [x, y, z]: [u32; 3]) -> usize {
        let mixed = x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663) ^ z.wrapping_mul(83_492_791);
        (mixed ^ (mixed >> 15)) as usize & (self.table.len() - 1)
    }
}

fn merge(into: &mut Cell, from: &Cell) {
    let (a, b) = (f32::from(into.hits), f32::from(from.hits));
    for (mean, other) in into.mean.iter_mut().zip(from.mean) {
        *mean = (*mean * a + other * b) / (a + b);
    }
    into.hits = into.hits.saturating_add(from.hits);
    into.frames = into.frames.max(from.frames);
    into.sigma_m = into.sigma_m.min(from.sigma_m);
    if from.last_frame > into.last_frame {
        into.last_frame = from.last_frame;
        into.keyframe = from.keyframe;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surface_seen_again_and_again_is_averaged_and_bounded() {
        let mut cloud = Cloud::new(Point3::new(5.0, 0.0, 1.0), 0.5, 0.0);
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        for frame in 0..60 {
            for _ in 0..1000 {
                let source = Source { frame, keyframe: 0, sigma_m: 0.001 };
                cloud.insert([random(), random() * 2.0, 0.004 + random() * 0.002], &source);
            }
        }
        assert!(cloud.cells().len() <= MAX_CELLS && cloud.cells().len() > 300);
        assert!(cloud.cells().iter().all(|c| c.frames > 5 && (c.mean[2] - 0.004).abs() < 0.001));
        let total: u32 = cloud.cells().iter().map(|c| u32::from(c.hits)).sum();
        assert_eq!(total, 60_000);
    }

    #[test]
    fn transforming_there_and_back_keeps_the_points() {
        let mut cloud = Cloud::new(Point3::origin(), 0.4, 0.0);
        for i in 0..200 {
            cloud.insert(
                [0.03 * (i % 14) as f32, 0.03 * (i / 14) as f32, 0.0],
                &Source { frame: 0, keyframe: 0, sigma_m: 0.001 },
            );
        }
        let before = cloud.cells().len();
        let shift = Vector3::new(0.5, -0.25, 1.0);
        cloud.transform(|_, p| p + shift);
        cloud.transform(|_, p| p - shift);
        assert_eq!(cloud.cells().len(), before);
        assert!(cloud.cells().iter().any(|c| (c.mean[0] - 0.39).abs() < 1e-5));
    }
}
