//! Where a picture lies in the input of a network, and the way back.
//!
//! The whole picture is resized to `scaled`, and its corner is put at `offset` of the input: where the input is larger it
//! is padded, where the offset is negative or the picture reaches beyond, it is cropped. All four ways of fitting are
//! this one. Edges of the picture lie on edges of what was scaled, so with pixel centres at integers
//! `u' = (u + 0.5) * scaled / from - 0.5 + offset`, and the way back is the same line solved for u.

use super::filter::Filter;
use super::resize::resize_f32;
use super::rgb::{check_size, filled};
use crate::error::{Error, Result};
use crate::frame::{Intrinsics, MAX_SIDE_PX};

/// Where the picture goes in an input that is larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// As much padding left as right, above as below; an odd pixel goes right and below.
    Centre,
    /// Padding right and below alone.
    TopLeft,
}

/// Where a picture lies in the input of a network. Sizes are (width, height) in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    from: (usize, usize),
    scaled: (usize, usize),
    offset: (i64, i64),
    network: (usize, usize),
}

impl Fit {
    /// The picture of size `from` resized to `scaled`, its corner at `offset` of an input of size `network`.
    ///
    /// Refuses sides of none or beyond 16,384 and an offset that leaves nothing of the picture in the input.
    pub fn of(
        from: (usize, usize),
        scaled: (usize, usize),
        offset: (i64, i64),
        network: (usize, usize),
    ) -> Result<Self> {
        check_size("picture", from)?;
        check_size("scaled picture", scaled)?;
        check_size("network's input", network)?;
        let sees = |scaled: usize, offset: i64, network: usize| offset > -(scaled as i64) && offset < network as i64;
        if !(sees(scaled.0, offset.0, network.0) && sees(scaled.1, offset.1, network.1)) {
            return Err(Error::argument(format!(
                "picture of {}x{} pixels at ({}, {}) lies outside of the input of {}x{}",
                scaled.0, scaled.1, offset.0, offset.1, network.0, network.1
            )));
        }
        Ok(Self { from, scaled, offset, network })
    }

    /// The picture fills the input, whatever becomes of its aspect ratio.
    pub fn stretch(from: (usize, usize), to: (usize, usize)) -> Result<Self> {
        Self::of(from, to, (0, 0), to)
    }

    /// The whole picture in its aspect ratio, as large as fits, with padding where the input is left over.
    ///
    /// Sides are rounded half to even and padding is split as Ultralytics does both.
    pub fn letterbox(from: (usize, usize), to: (usize, usize), anchor: Anchor) -> Result<Self> {
        check_size("picture", from)?;
        check_size("network's input", to)?;
        let ratio = (to.1 as f64 / from.1 as f64).min(to.0 as f64 / from.0 as f64);
        let scaled = (side(from.0, ratio, to.0), side(from.1, ratio, to.1));
        let offset = match anchor {
            Anchor::Centre => (((to.0 - scaled.0) / 2) as i64, ((to.1 - scaled.1) / 2) as i64),
            Anchor::TopLeft => (0, 0),
        };
        Self::of(from, scaled, offset, to)
    }

    /// The picture in its aspect ratio, as small as still fills the input, its middle kept. The longer side is cut down
    /// to whole pixels, and of an odd pixel too many the right and lower edge lose more, as CLIP's rule has it.
    pub fn crop(from: (usize, usize), to: (usize, usize)) -> Result<Self> {
        check_size("picture", from)?;
        check_size("network's input", to)?;
        // Compared as products: which side decides is no matter of rounding.
        let scaled = if to.0 * from.1 >= to.1 * from.0 {
            (to.0, (from.1 * to.0 / from.0).max(to.1))
        } else {
            ((from.0 * to.1 / from.1).max(to.0), to.1)
        };
        let over = |scaled: usize, to: usize| -(((scaled - to) / 2) as i64);
        Self::of(from, scaled, (over(scaled.0, to.0), over(scaled.1, to.1)), to)
    }

    /// Size of the picture, pixels.
    pub fn from(&self) -> (usize, usize) {
        self.from
    }

    /// Size that the picture is resized to, pixels.
    pub fn scaled(&self) -> (usize, usize) {
        self.scaled
    }

    /// Where the resized picture's first pixel lies in the input; negative where it is cropped.
    pub fn offset(&self) -> (i64, i64) {
        self.offset
    }

    /// Size of the network's input, pixels.
    pub fn network(&self) -> (usize, usize) {
        self.network
    }

    /// Pixels of the input per pixel of the picture, along x and y.
    pub fn scale(&self) -> (f64, f64) {
        (self.scaled.0 as f64 / self.from.0 as f64, self.scaled.1 as f64 / self.from.1 as f64)
    }

    /// From pixels of the input to pixels of the picture, centres at integers. It may lie outside the picture.
    pub fn to_source(&self, x: f64, y: f64) -> (f64, f64) {
        let [x, y, ..] = self.edges_to_source([x + 0.5, y + 0.5, 0.0, 0.0]);
        (x - 0.5, y - 0.5)
    }

    /// From pixels of the picture to pixels of the input, centres at integers. It may lie outside the input.
    pub fn to_network(&self, x: f64, y: f64) -> (f64, f64) {
        let [x, y, ..] = self.edges_to_network([x + 0.5, y + 0.5, 0.0, 0.0]);
        (x - 0.5, y - 0.5)
    }

    /// A box (left, top, right, bottom) by its edges, 0 being the edge of the input, to edges in the picture, cut off
    /// where the picture ends.
    pub fn box_to_source(&self, edges: [f64; 4]) -> [f64; 4] {
        let [left, top, right, bottom] = self.edges_to_source(edges);
        let (width, height) = (self.from.0 as f64, self.from.1 as f64);
        [left.clamp(0.0, width), top.clamp(0.0, height), right.clamp(0.0, width), bottom.clamp(0.0, height)]
    }

    /// A box (left, top, right, bottom) by its edges, 0 being the edge of the picture, to edges in the input. It may
    /// reach beyond the input.
    pub fn box_to_network(&self, edges: [f64; 4]) -> [f64; 4] {
        self.edges_to_network(edges)
    }

    /// The camera that would have taken the network's input: what `camera` is to the picture. Lens distortion stays.
    ///
    /// Refuses a camera of another size, and one that no [`Intrinsics`] may be: a crop may push the principal point out.
    pub fn intrinsics(&self, camera: &Intrinsics) -> Result<Intrinsics> {
        camera.check()?;
        if (camera.width as usize, camera.height as usize) != self.from {
            return Err(Error::argument(format!(
                "intrinsics are for {}x{} pixels, expected the picture's {}x{}",
                camera.width, camera.height, self.from.0, self.from.1
            )));
        }
        let (scale_x, scale_y) = self.scale();
        let (cx, cy) = self.to_network(camera.cx, camera.cy);
        let (fx, fy) = (camera.fx * scale_x, camera.fy * scale_y);
        // Both sides are at most MAX_SIDE_PX.
        let (width, height) = (self.network.0 as u32, self.network.1 as u32);
        let seen = Intrinsics { width, height, fx, fy, cx, cy, distortion: camera.distortion };
        seen.check()?;
        Ok(seen)
    }

    /// A map of the input's size, one value a pixel, as a map of the picture's size: padding is cut off and the rest
    /// resized back. Where the input was cropped the picture's edges are not in the map; there `outside` is put.
    pub fn depth_to_source(&self, map: &[f32], filter: Filter, outside: f32) -> Result<Vec<f32>> {
        if map.len() != self.network.0 * self.network.1 {
            return Err(Error::argument(format!(
                "map has {} values, expected {}x{} of the network's input",
                map.len(),
                self.network.0,
                self.network.1
            )));
        }
        let (columns, rows) =
            (seen(self.scaled.0, self.offset.0, self.network.0), seen(self.scaled.1, self.offset.1, self.network.1));
        let (width, height) = (columns.len(), rows.len());
        let mut inner = filled(0, 0.0)?;
        for row in rows.clone() {
            inner.extend_from_slice(&map[row * self.network.0..][columns.clone()]);
        }
        if (width, height) == self.scaled {
            return resize_f32(&inner, 1, self.scaled, self.from, filter);
        }
        let (left, top, right, bottom) = self.part_seen();
        let part = resize_f32(&inner, 1, (width, height), (right - left, bottom - top), filter)?;
        let mut whole = filled(self.from.0 * self.from.1, outside)?;
        for (row, part) in (top..bottom).zip(part.chunks_exact(right - left)) {
            whole[row * self.from.0..][left..right].copy_from_slice(part);
        }
        Ok(whole)
    }

    /// The picture's pixels, in whole ones, that the input holds: left, top, right, bottom, the last two exclusive.
    fn part_seen(&self) -> (usize, usize, usize, usize) {
        let edges = [0.0, 0.0, self.network.0 as f64, self.network.1 as f64];
        let [left, top, right, bottom] = self.box_to_source(edges).map(|edge| edge.round() as usize);
        let (left, top) = (left.min(self.from.0 - 1), top.min(self.from.1 - 1));
        (left, top, right.max(left + 1), bottom.max(top + 1))
    }

    fn edges_to_source(&self, [left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
        let x = |x: f64| (x - self.offset.0 as f64) * self.from.0 as f64 / self.scaled.0 as f64;
        let y = |y: f64| (y - self.offset.1 as f64) * self.from.1 as f64 / self.scaled.1 as f64;
        [x(left), y(top), x(right), y(bottom)]
    }

    fn edges_to_network(&self, [left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
        let x = |x: f64| x * self.scaled.0 as f64 / self.from.0 as f64 + self.offset.0 as f64;
        let y = |y: f64| y * self.scaled.1 as f64 / self.from.1 as f64 + self.offset.1 as f64;
        [x(left), y(top), x(right), y(bottom)]
    }
}

/// A side at `ratio`, in whole pixels: never none, never more than there is room for.
fn side(from: usize, ratio: f64, room: usize) -> usize {
    ((from as f64 * ratio).round_ties_even() as usize).clamp(1, room.min(MAX_SIDE_PX as usize))
}

/// The columns of the input, or its rows, that hold the picture.
pub(super) fn seen(scaled: usize, offset: i64, network: usize) -> std::ops::Range<usize> {
    let end = (scaled as i64 + offset).min(network as i64);
    offset.max(0) as usize..end.max(0) as usize
}
