//! Instance masks: which pixels belong to a detection.

use super::MAX_SIDE_PX;
use super::image::{check_rows, check_side};
use crate::error::{Error, Result};

/// A borrowed mask: a rectangle of bytes, non-zero inside the thing. It may cover the whole image or just the box.
#[derive(Debug, Clone, Copy)]
pub struct MaskView<'a> {
    data: &'a [u8],
    /// Column of its first byte in the image.
    pub x: u32,
    /// Row of its first byte in the image.
    pub y: u32,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    stride: usize,
}

impl<'a> MaskView<'a> {
    /// A view of `data` whose first byte belongs to pixel (x, y). `stride` in bytes; 0 means closely packed.
    pub fn new(data: &'a [u8], x: u32, y: u32, width: u32, height: u32, stride: usize) -> Result<Self> {
        check_side("mask", width, height)?;
        let stride = check_rows("mask", data.len(), height as usize, stride, width as usize)?;
        if x >= MAX_SIDE_PX || y >= MAX_SIDE_PX {
            return Err(Error::argument(format!("mask begins at ({x}, {y}), expected below {MAX_SIDE_PX}")));
        }
        Ok(Self { data, x, y, width, height, stride })
    }

    /// The bytes of image row `v`, of image columns `x .. x + width`; empty outside the mask.
    pub fn row(&self, v: u32) -> &'a [u8] {
        match v.checked_sub(self.y) {
            Some(row) if row < self.height => {
                let start = row as usize * self.stride;
                &self.data[start..start + self.width as usize]
            }
            _ => &[],
        }
    }

    /// True when pixel (u, v) of the image belongs to the thing.
    pub fn contains(&self, u: u32, v: u32) -> bool {
        u.checked_sub(self.x).and_then(|column| self.row(v).get(column as usize)).is_some_and(|&m| m != 0)
    }
}

/// A mask that owns its bytes, closely packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// Non-zero inside, row-major.
    pub data: Vec<u8>,
    /// Column of its first byte in the image.
    pub x: u32,
    /// Row of its first byte in the image.
    pub y: u32,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

impl Mask {
    /// Borrows it.
    pub fn view(&self) -> Result<MaskView<'_>> {
        MaskView::new(&self.data, self.x, self.y, self.width, self.height, 0)
    }
}

/// A full-image mask from COCO run lengths: column-major, the first run is of zeros.
pub fn decode_coco_rle(counts: &[u32], width: u32, height: u32) -> Result<Mask> {
    if width == 0 || height == 0 || width > MAX_SIDE_PX || height > MAX_SIDE_PX {
        return Err(Error::argument(format!("mask is {width}x{height} pixels, expected 1 to {MAX_SIDE_PX} a side")));
    }
    let (columns, rows) = (width as usize, height as usize);
    let total: u64 = counts.iter().map(|&c| u64::from(c)).sum();
    if total != (columns * rows) as u64 {
        return Err(Error::argument(format!(
            "mask runs add up to {total} pixels, {width}x{height} has {}",
            columns * rows
        )));
    }
    let mut data = vec![0u8; columns * rows];
    let mut at = 0usize;
    for (i, &run) in counts.iter().enumerate() {
        if i % 2 == 1 {
            for k in at..at + run as usize {
                data[k % rows * columns + k / rows] = 255;
            }
        }
        at += run as usize;
    }
    Ok(Mask { data, x: 0, y: 0, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coco_runs_go_down_the_columns() {
        let mask = decode_coco_rle(&[1, 2, 3], 2, 3).expect("six pixels");
        assert_eq!(mask.data, [0, 0, 255, 0, 255, 0]);
        assert!(decode_coco_rle(&[1, 2], 2, 3).is_err());
    }

    #[test]
    fn a_cropped_mask_knows_where_it_lies() {
        let mask = Mask { data: vec![0, 1, 1, 0], x: 10, y: 20, width: 2, height: 2 };
        let view = mask.view().expect("valid");
        assert!(view.contains(11, 20) && view.contains(10, 21));
        assert!(!view.contains(10, 20) && !view.contains(9, 20) && !view.contains(12, 20) && !view.contains(11, 22));
    }
}
