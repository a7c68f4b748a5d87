//! What kind of place a block lies at, and the pieces that blocks of one kind make.

use super::blocks::Blocks;
use super::tops::LocalTop;

/// Where a block lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Floor, wall, ceiling, too far, or no depth.
    Gone,
    Free,
    /// On or under a high top.
    Body(u8),
    /// Over a top.
    Above(u8),
}

/// Blocks that hang together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub class: Class,
    pub blocks: u32,
    pub low: [f32; 3],
    pub high: [f32; 3],
    pub columns: [usize; 2],
    pub rows: [usize; 2],
    /// Ends along the sides of the top it is over, metres.
    along: [f32; 2],
    across: [f32; 2],
}

impl Piece {
    pub fn empty(class: Class) -> Self {
        Self {
            class,
            blocks: 0,
            low: [f32::MAX; 3],
            high: [f32::MIN; 3],
            columns: [usize::MAX, 0],
            rows: [usize::MAX, 0],
            along: [f32::MAX, f32::MIN],
            across: [f32::MAX, f32::MIN],
        }
    }

    pub fn take(&mut self, blocks: &Blocks, at: usize) {
        let (column, row) = (at % blocks.width, at / blocks.width);
        let point = blocks.blocks[at].point;
        self.absorb(&Self {
            blocks: 1,
            low: point,
            high: point,
            columns: [column; 2],
            rows: [row; 2],
            ..Self::empty(self.class)
        });
    }

    pub fn is_cut_off(&self, blocks: &Blocks) -> bool {
        self.columns[0] == 0
            || self.rows[0] == 0
            || self.columns[1] + 1 == blocks.width
            || self.rows[1] + 1 == blocks.height
    }

    /// How much of the top it is over it spans, along the side where that is most.
    pub fn span_share(&self, top: &LocalTop) -> f32 {
        ((self.along[1] - self.along[0]) / top.side[0]).max((self.across[1] - self.across[0]) / top.side[1])
    }

    pub fn take_along(&mut self, point: [f32; 3], [cos, sin]: [f32; 2]) {
        let (along, across) = (point[0] * cos + point[1] * sin, point[1] * cos - point[0] * sin);
        self.along = [self.along[0].min(along), self.along[1].max(along)];
        self.across = [self.across[0].min(across), self.across[1].max(across)];
    }

    pub fn absorb(&mut self, other: &Self) {
        self.blocks += other.blocks;
        for k in 0..3 {
            self.low[k] = self.low[k].min(other.low[k]);
            self.high[k] = self.high[k].max(other.high[k]);
        }
        self.columns = [self.columns[0].min(other.columns[0]), self.columns[1].max(other.columns[1])];
        self.rows = [self.rows[0].min(other.rows[0]), self.rows[1].max(other.rows[1])];
    }
}
