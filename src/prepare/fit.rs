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
use std::ops::Range;

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
    /// resized back. Where the input was cropped the map has nothing of the picture's edges; there `outside` is put.
    pub fn depth_to_source(&self, map: &[f32], filter: Filter, outside: f32) -> Result<Vec<f32>> {
        let (width, height) = self.network;
        if map.len() != width * height {
            return Err(Error::argument(format!(
                "map has {} values, expected {width}x{height} of the network's input",
                map.len()
            )));
        }
        let (columns, rows) = self.seen();
        // What was cropped away goes on as its border ends, so that the filter finds what it wants.
        let nearest = |range: &Range<usize>, at: usize, offset: i64| {
            (at as i64 + offset).clamp(range.start as i64, range.end as i64 - 1) as usize
        };
        let mut scaled = filled(self.scaled.0 * self.scaled.1, outside)?;
        for (y, out) in scaled.chunks_exact_mut(self.scaled.0).enumerate() {
            let row = &map[nearest(&rows, y, self.offset.1) * width..][..width];
            for (x, out) in out.iter_mut().enumerate() {
                *out = row[nearest(&columns, x, self.offset.0)];
            }
        }
        let mut whole = resize_f32(&scaled, 1, self.scaled, self.from, filter)?;
        if (columns.len(), rows.len()) != self.scaled {
            let seen = |at: f64, side: usize| (-0.5..side as f64 - 0.5).contains(&at);
            for (y, row) in whole.chunks_exact_mut(self.from.0).enumerate() {
                for (x, value) in row.iter_mut().enumerate() {
                    let (u, v) = self.to_network(x as f64, y as f64);
                    if !(seen(u, width) && seen(v, height)) {
                        *value = outside;
                    }
                }
            }
        }
        Ok(whole)
    }

    /// The columns and the rows of the input that hold the picture.
    pub(super) fn seen(&self) -> (Range<usize>, Range<usize>) {
        let seen = |scaled: usize, offset: i64, network: usize| {
            offset.max(0) as usize..(scaled as i64 + offset).min(network as i64) as usize
        };
        let along = seen(self.scaled.0, self.offset.0, self.network.0);
        (along, seen(self.scaled.1, self.offset.1, self.network.1))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::{Corners, OpenCvFilter, PillowFilter};
    use proptest::prelude::*;

    const LINEAR: Filter = Filter::Torch { corners: Corners::HalfPixel, cubic: false, antialias: false };

    fn fits(from: (usize, usize), to: (usize, usize)) -> [Fit; 4] {
        [
            Fit::stretch(from, to).expect("a stretch"),
            Fit::letterbox(from, to, Anchor::Centre).expect("a letterbox"),
            Fit::letterbox(from, to, Anchor::TopLeft).expect("a letterbox"),
            Fit::crop(from, to).expect("a crop"),
        ]
    }

    proptest! {
        #[test]
        fn the_way_back_is_the_way_there_reversed(
            from in (1usize..700, 1usize..700), to in (1usize..700, 1usize..700), x in -9.0..700.0, y in -9.0..700.0,
        ) {
            // A picture of one column, cropped, would have more rows than a picture may.
            prop_assume!(700 * to.0.max(to.1) / from.0.min(from.1) <= 16_000);
            for fit in fits(from, to) {
                let (u, v) = fit.to_network(x, y);
                let (back_x, back_y) = fit.to_source(u, v);
                prop_assert!((back_x - x).abs() < 1e-9 && (back_y - y).abs() < 1e-9, "{fit:?}");
            }
        }

        #[test]
        fn a_box_in_the_picture_comes_back_as_it_was(
            from in (32usize..700, 32usize..700), to in (8usize..700, 8usize..700),
            shares in (0.0..0.5, 0.0..0.5, 0.5..1.0, 0.5..1.0),
        ) {
            let (w, h) = (from.0 as f64, from.1 as f64);
            let edges = [shares.0 * w, shares.1 * h, shares.2 * w, shares.3 * h];
            for fit in fits(from, to) {
                let back = fit.box_to_source(fit.box_to_network(edges));
                prop_assert!(back.iter().zip(edges).all(|(a, b)| (a - b).abs() < 1e-9), "{fit:?}");
            }
        }
    }

    #[test]
    fn corners_of_the_picture_are_corners_of_where_it_lies() {
        let fit = Fit::letterbox((640, 480), (320, 320), Anchor::Centre).expect("a fit");
        assert_eq!((fit.scaled(), fit.offset()), ((320, 240), (0, 40)));
        assert_eq!(fit.box_to_network([0.0, 0.0, 640.0, 480.0]), [0.0, 40.0, 320.0, 280.0]);
        assert_eq!(fit.to_network(-0.5, -0.5), (-0.5, 39.5));
        assert_eq!(fit.box_to_source([-5.0, 0.0, 400.0, 300.0]), [0.0, 0.0, 640.0, 480.0]);
    }

    #[test]
    fn a_camera_of_the_input_sees_each_point_where_the_input_has_it() {
        let camera = Intrinsics::pinhole(640, 480, 500.0, 510.0, 321.0, 243.0).expect("a camera");
        let point = nalgebra::Point3::new(0.3, -0.2, 1.7);
        let [u, v] = camera.project(&point).expect("in front");
        for fit in fits((640, 480), (301, 217)) {
            let seen = fit.intrinsics(&camera).expect("a camera").project(&point).expect("in front");
            let (x, y) = fit.to_network(u, v);
            assert!((seen[0] - x).abs() < 1e-9 && (seen[1] - y).abs() < 1e-9, "{fit:?}");
        }
        let other = Intrinsics { width: 641, ..camera };
        assert!(Fit::stretch((640, 480), (64, 64)).expect("a fit").intrinsics(&other).is_err());
    }

    #[test]
    fn depth_comes_back_to_the_pixels_it_is_of() {
        // Depth that rises evenly with u and v is itself again after any linear resize, away from the borders.
        let (from, plane) = ((120, 90), |x: f64, y: f64| (2.0 + 0.01 * x + 0.02 * y) as f32);
        for fit in fits(from, (70, 70)) {
            let (w, h) = fit.network();
            let (columns, rows) = fit.seen();
            let value = |x: usize, y: usize| {
                let (u, v) = fit.to_source(x as f64, y as f64);
                if columns.contains(&x) && rows.contains(&y) { plane(u, v) } else { 99.0 }
            };
            let map: Vec<f32> = (0..w * h).map(|at| value(at % w, at / w)).collect();
            let back = fit.depth_to_source(&map, LINEAR, 0.0).expect("a map");
            let [left, top, right, bottom] = fit.box_to_source([0.0, 0.0, w as f64, h as f64]).map(|e| e as usize);
            for (at, depth) in back.iter().enumerate() {
                let (x, y) = (at % from.0, at / from.0);
                let inside = (left + 2..right - 2).contains(&x) && (top + 2..bottom - 2).contains(&y);
                let (u, v) = fit.to_network(x as f64, y as f64);
                let outside = u < -0.5 || v < -0.5 || u >= w as f64 - 0.5 || v >= h as f64 - 0.5;
                let truth = if outside { 0.0 } else { plane(x as f64, y as f64) };
                let off = (depth - truth).abs();
                assert!(off < 1e-4 || !(inside || outside), "{fit:?}: {depth} at ({x}, {y}), expected {truth}");
            }
        }
    }

    #[test]
    fn hostile_sizes_are_refused() {
        for size in [(0, 1), (1, 0), (16_385, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
            assert!(Fit::stretch(size, (8, 8)).is_err() && Fit::stretch((8, 8), size).is_err());
            assert!(Fit::letterbox(size, (8, 8), Anchor::Centre).is_err() && Fit::crop((8, 8), size).is_err());
            assert!(Fit::letterbox((8, 8), size, Anchor::Centre).is_err() && Fit::crop(size, (8, 8)).is_err());
            assert!(Fit::of((8, 8), size, (0, 0), (8, 8)).is_err());
        }
        for offset in [(8, 0), (0, -8), (i64::MIN, 0), (0, i64::MAX)] {
            assert!(Fit::of((8, 8), (8, 8), offset, (8, 8)).is_err(), "{offset:?}");
        }
        // Cropped, it would be resized to 16 million rows.
        assert!(Fit::crop((1, 16_384), (1024, 1024)).is_err());
        let fit = Fit::stretch((8, 8), (4, 4)).expect("a fit");
        assert!(fit.depth_to_source(&[0.0; 15], Filter::OpenCv(OpenCvFilter::Linear), 0.0).is_err());
        assert!(fit.depth_to_source(&[0.0; 16], Filter::Pillow(PillowFilter::Box), 0.0).is_ok());
    }
}
