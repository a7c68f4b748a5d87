//! Masks of YOLO: a weighted sum of the network's maps, brought to the picture's size, above zero and inside the box.
//!
//! The maps have a quarter of the input's size, and the letterbox's padding seldom ends on a whole one of their pixels. As in
//! Ultralytics' masks at the picture's own size, they are first enlarged by the smallest of 1, 2 and 4 at which it does, then
//! cropped, then resized; both times by torch's bilinear rule (half-pixel corners). Both are linear along each axis, so
//! their weights are multiplied beforehand ([`Taps`]), and only pixels in the box are made.

use super::graph::floats;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Mask;
use crate::prepare::{Anchor, Fit};
use crate::runtime::Outputs;
use std::ops::Range;

/// The input's side in sides of the maps, by which Ultralytics reckons where padding ends.
const MAP_STRIDE: usize = 4;

/// The maps of one picture, and where the picture lies in them.
pub(super) struct MaskMaps<'a> {
    maps: std::borrow::Cow<'a, [f32]>,
    count: usize,
    size: (usize, usize),
    picture: (usize, usize),
    /// The enlargement, and what is left after cropping.
    enlarged: usize,
    fit: Fit,
}

/// Of one pixel of the picture along one axis: pixels of the map and their weights.
type Taps = [(usize, f32); 4];

impl<'a> MaskMaps<'a> {
    /// The maps that a network gave for a picture of this size.
    pub fn of(outputs: &'a Outputs, name: &str, picture: (usize, usize)) -> Result<Self> {
        let (maps, [count, rows, columns]) = floats::<3>(outputs, name)?;
        let enlarged = enlargement(picture, (columns, rows))?;
        let fit = Fit::letterbox(picture, (columns * enlarged, rows * enlarged), Anchor::Centre)?;
        Ok(Self { maps, count, size: (columns, rows), picture, enlarged, fit })
    }

    /// How many coefficients a box has for them.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The mask of a box, by its edges in the picture; `None` if no pixel in it is above zero.
    pub fn mask(&self, coefficients: &[f32], bbox: [f32; 4]) -> Option<Mask> {
        let columns = pixels_between(bbox[0], bbox[2], self.picture.0);
        let rows = pixels_between(bbox[1], bbox[3], self.picture.1);
        let across = self.taps(columns.clone(), self.picture.0, self.size.0, self.fit.scaled().0, self.fit.offset().0);
        let down = self.taps(rows.clone(), self.picture.1, self.size.1, self.fit.scaled().1, self.fit.offset().1);
        let needed = span(&down)?;
        let wide = span(&across)?;
        // Rows of the map, each already as wide as the box.
        let mut narrow = Vec::new();
        for row in needed.clone() {
            let sums = self.row(coefficients, row, wide.clone());
            let pixel = |taps: &Taps| taps.iter().map(|(at, weight)| sums[at - wide.start] * weight).sum::<f32>();
            narrow.extend(across.iter().map(pixel));
        }
        let width = columns.len();
        let mut data = Vec::new();
        for taps in &down {
            for column in 0..width {
                let value: f32 = taps.iter().map(|(row, w)| narrow[(row - needed.start) * width + column] * w).sum();
                data.push(if value > 0.0 { 255 } else { 0 });
            }
        }
        let is_empty = data.iter().all(|byte| *byte == 0);
        // Within the picture, whose sides are at most MAX_SIDE_PX.
        let [x, y, width, height] = [columns.start, rows.start, width, rows.len()].map(|number| number as u32);
        (!is_empty).then_some(Mask { data, x, y, width, height })
    }

    /// Part of one row of the weighted sum.
    fn row(&self, coefficients: &[f32], row: usize, columns: Range<usize>) -> Vec<f32> {
        let mut sums = vec![0.0; columns.len()];
        for (map, coefficient) in self.maps.chunks_exact(self.size.0 * self.size.1).zip(coefficients) {
            let pixels = &map[row * self.size.0..][columns.clone()];
            sums.iter_mut().zip(pixels).for_each(|(sum, pixel)| *sum += coefficient * pixel);
        }
        sums
    }

    fn taps(&self, pixels: Range<usize>, picture: usize, map: usize, kept: usize, offset: i64) -> Vec<Taps> {
        let offset = offset.max(0) as usize;
        let one = |pixel: usize| {
            let [(a, at_a), (b, at_b)] = between(pixel, kept as f32 / picture as f32, kept);
            let enlarged = |at: usize| between(at + offset, 1.0 / self.enlarged as f32, map);
            let ([(a0, w0), (a1, w1)], [(b0, v0), (b1, v1)]) = (enlarged(a), enlarged(b));
            [(a0, at_a * w0), (a1, at_a * w1), (b0, at_b * v0), (b1, at_b * v1)]
        };
        pixels.map(one).collect()
    }
}

/// The two pixels of `size` that a pixel lies between after scaling, and their weights.
fn between(pixel: usize, scale: f32, size: usize) -> [(usize, f32); 2] {
    let at = (scale * (pixel as f32 + 0.5) - 0.5).max(0.0);
    let first = (at as usize).min(size - 1);
    let weight = at - first as f32;
    [(first, 1.0 - weight), ((first + 1).min(size - 1), weight)]
}

/// The smallest enlargement at which padding ends on whole pixels.
fn enlargement(picture: (usize, usize), (columns, rows): (usize, usize)) -> Result<usize> {
    let input = (columns * MAP_STRIDE, rows * MAP_STRIDE);
    let fit = Fit::letterbox(picture, input, Anchor::Centre).map_err(|error| {
        Error::new(ErrorKind::Model, format!("the network gives masks of {columns}x{rows} pixels: {error}"))
    })?;
    let padding = (input.0 - fit.scaled().0) | (input.1 - fit.scaled().1);
    Ok(match (padding | (padding / 2)) % 4 {
        0 => 1,
        2 => 2,
        _ => 4,
    })
}

/// Pixels of a side of the picture whose number is at `from` or above, and below `to`.
fn pixels_between(from: f32, to: f32, side: usize) -> Range<usize> {
    let pixel = |edge: f32| (edge.ceil().max(0.0) as usize).min(side);
    pixel(from)..pixel(to).max(pixel(from))
}

/// The pixels of the map that any of these looks at.
fn span(taps: &[Taps]) -> Option<Range<usize>> {
    let all = || taps.iter().flatten().map(|(at, _)| *at);
    Some(all().min()?..all().max()? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_enlarged_until_the_padding_ends_on_a_whole_pixel() {
        // 640 x 360 fits into 640 x 640 with 280 rows of padding, 540 x 360 with 213, 640 x 362 with 278.
        assert_eq!(enlargement((640, 360), (160, 160)).expect("a size"), 1);
        assert_eq!(enlargement((540, 360), (160, 160)).expect("a size"), 4);
        assert_eq!(enlargement((640, 362), (160, 160)).expect("a size"), 4);
        assert_eq!(enlargement((640, 364), (160, 160)).expect("a size"), 2);
    }

    #[test]
    fn weights_of_a_pixel_add_up_to_one() {
        for pixel in [0, 3, 9] {
            let [(a, wa), (b, wb)] = between(pixel, 0.5, 5);
            assert!(a <= b && b < 5 && (wa + wb - 1.0).abs() < 1e-6 && wa >= 0.0 && wb >= 0.0, "{pixel}: {a} {b}");
        }
    }

    #[test]
    fn a_box_holds_the_pixels_whose_numbers_lie_in_it() {
        assert_eq!(pixels_between(0.5, 3.0, 10), 1..3);
        assert_eq!(pixels_between(2.0, 3.5, 10), 2..4);
        assert_eq!(pixels_between(9.5, 12.0, 10), 10..10);
    }
}
