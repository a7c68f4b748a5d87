//! Colour images, borrowed.

use super::MAX_SIDE_PX;
use crate::error::{Error, Result};

/// How the bytes of a colour image are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// Three bytes a pixel: red, green, blue.
    Rgb8,
    /// Three bytes a pixel: blue, green, red.
    Bgr8,
    /// One byte a pixel.
    Mono8,
}

impl PixelFormat {
    /// Bytes one pixel takes.
    pub fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Rgb8 | Self::Bgr8 => 3,
            Self::Mono8 => 1,
        }
    }
}

/// A borrowed image: `height` rows of `stride` bytes each, the last of which may end with its pixels.
#[derive(Debug, Clone, Copy)]
pub struct ImageView<'a> {
    data: &'a [u8],
    width: u32,
    height: u32,
    stride: usize,
    format: PixelFormat,
}

impl<'a> ImageView<'a> {
    /// A view of `data`. `stride` is the distance between rows in bytes; 0 means rows follow each other closely.
    pub fn new(data: &'a [u8], width: u32, height: u32, stride: usize, format: PixelFormat) -> Result<Self> {
        let stride = check_rows("image", data.len(), width, height, stride, format.bytes_per_pixel())?;
        Ok(Self { data, width, height, stride, format })
    }

    /// Width, pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height, pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixel format.
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// The pixel at column `u`, row `v` as red, green, blue; `None` outside the image.
    pub fn rgb(&self, u: u32, v: u32) -> Option<[u8; 3]> {
        if u >= self.width || v >= self.height {
            return None;
        }
        let at = v as usize * self.stride + u as usize * self.format.bytes_per_pixel();
        let p = &self.data[at..];
        Some(match self.format {
            PixelFormat::Rgb8 => [p[0], p[1], p[2]],
            PixelFormat::Bgr8 => [p[2], p[1], p[0]],
            PixelFormat::Mono8 => [p[0]; 3],
        })
    }
}

/// Checks that `height` rows of `width` pixels fit into `len` bytes at `stride`; returns the stride with 0 resolved.
pub(super) fn check_rows(
    what: &str,
    len: usize,
    width: u32,
    height: u32,
    stride: usize,
    pixel_bytes: usize,
) -> Result<usize> {
    if width == 0 || height == 0 || width > MAX_SIDE_PX || height > MAX_SIDE_PX {
        return Err(Error::argument(format!("{what} is {width}x{height} pixels, expected 1 to {MAX_SIDE_PX} a side")));
    }
    let row = width as usize * pixel_bytes;
    let stride = if stride == 0 { row } else { stride };
    if stride < row {
        return Err(Error::argument(format!("{what} stride is {stride} bytes, a row of {width} pixels needs {row}")));
    }
    let needed = stride.checked_mul(height as usize - 1).and_then(|n| n.checked_add(row));
    match needed {
        Some(needed) if needed <= len => Ok(stride),
        _ => Err(Error::argument(format!(
            "{what} has {len} bytes, {height} rows of stride {stride} need {}",
            needed.map_or("more than memory holds".into(), |n| n.to_string())
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_row_is_skipped_and_channels_come_out_as_rgb() {
        let bytes = [1, 2, 3, 0, 4, 5, 6];
        let view = ImageView::new(&bytes, 1, 2, 4, PixelFormat::Bgr8).expect("two rows of stride 4");
        assert_eq!(view.rgb(0, 1), Some([6, 5, 4]));
        assert_eq!(view.rgb(1, 0), None);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        let error = ImageView::new(&[0; 10], 2, 2, 5, PixelFormat::Rgb8).expect_err("stride too small");
        assert!(error.to_string().contains('5') && error.to_string().contains('6'), "{error}");
        assert!(ImageView::new(&[0; 11], 2, 2, 0, PixelFormat::Rgb8).is_err());
        assert!(ImageView::new(&[], 0, 2, 0, PixelFormat::Mono8).is_err());
        assert!(ImageView::new(&[0; 10], 2, 2, usize::MAX, PixelFormat::Mono8).is_err());
    }
}
