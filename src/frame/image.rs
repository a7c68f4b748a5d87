//! Colour images, borrowed, in the layouts that cameras and robots send them in.
//!
//! | format | name in ROS | bytes of a row | what they are |
//! |---|---|---|---|
//! | [`Rgb8`](PixelFormat::Rgb8) | `rgb8` | 3 × width | R G B |
//! | [`Bgr8`](PixelFormat::Bgr8) | `bgr8` | 3 × width | B G R |
//! | [`Rgba8`](PixelFormat::Rgba8) | `rgba8` | 4 × width | R G B A; A is not looked at |
//! | [`Bgra8`](PixelFormat::Bgra8) | `bgra8` | 4 × width | B G R A; A is not looked at |
//! | [`Mono8`](PixelFormat::Mono8) | `mono8` | width | grey |
//! | [`Mono16`](PixelFormat::Mono16) | `mono16` | 2 × width | grey in the machine's byte order; its high byte is taken |
//! | [`Yuyv`](PixelFormat::Yuyv) | `yuyv`, `yuv422_yuy2` | 2 × width | Y U Y V for two pixels; even widths |
//! | [`Uyvy`](PixelFormat::Uyvy) | `uyvy`, `yuv422` | 2 × width | U Y V Y for two pixels; even widths |
//! | [`Nv12`](PixelFormat::Nv12) | `nv12` | width | `height` rows of Y, then `height`/2 rows of U V, each for 2 × 2 pixels; all rows at one stride; even sides |
//!
//! [`ImageView::rgb_row`] is the one way to look at them: a row, red green blue, whatever the format. The bytes are
//! OpenCV's, to the last bit; how YUV becomes RGB stands in `colour.rs`.

use super::MAX_SIDE_PX;
use super::colour::{Chroma, rgb_of_pair};
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
    /// Four bytes a pixel: red, green, blue, and one that is not looked at.
    Rgba8,
    /// Four bytes a pixel: blue, green, red, and one that is not looked at.
    Bgra8,
    /// YUV 4:2:2, four bytes for two pixels: Y U Y V. Width even.
    Yuyv,
    /// YUV 4:2:2, four bytes for two pixels: U Y V Y. Width even.
    Uyvy,
    /// YUV 4:2:0: rows of luma, then half as many rows of U V at the same stride. Width and height even.
    Nv12,
    /// Two bytes a pixel, in the machine's byte order; the high byte is the grey of `mono8`.
    Mono16,
}

impl PixelFormat {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Rgb8,
        Self::Bgr8,
        Self::Mono8,
        Self::Rgba8,
        Self::Bgra8,
        Self::Yuyv,
        Self::Uyvy,
        Self::Nv12,
        Self::Mono16,
    ];

    /// The word ROS has for it, which `nv12` follows.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rgb8 => "rgb8",
            Self::Bgr8 => "bgr8",
            Self::Mono8 => "mono8",
            Self::Rgba8 => "rgba8",
            Self::Bgra8 => "bgra8",
            Self::Yuyv => "yuyv",
            Self::Uyvy => "uyvy",
            Self::Nv12 => "nv12",
            Self::Mono16 => "mono16",
        }
    }

    /// Bytes that a row of pixels takes; of `nv12`, a row of luma.
    pub fn row_bytes(self, width: u32) -> usize {
        let each = match self {
            Self::Rgba8 | Self::Bgra8 => 4,
            Self::Rgb8 | Self::Bgr8 => 3,
            Self::Yuyv | Self::Uyvy | Self::Mono16 => 2,
            Self::Mono8 | Self::Nv12 => 1,
        };
        width as usize * each
    }

    /// Rows of bytes that an image takes, chroma included.
    pub fn rows(self, height: u32) -> usize {
        let height = height as usize;
        if self == Self::Nv12 { height + height / 2 } else { height }
    }

    fn check_even(self, width: u32, height: u32) -> Result<()> {
        let pairs = matches!(self, Self::Yuyv | Self::Uyvy | Self::Nv12);
        if pairs && !width.is_multiple_of(2) {
            return Err(Error::argument(format!(
                "image of {} is {width} pixels wide, expected an even width: two pixels share their colour",
                self.word()
            )));
        }
        if self == Self::Nv12 && !height.is_multiple_of(2) {
            return Err(Error::argument(format!(
                "image of {} is {height} pixels high, expected an even height: two rows share their colour",
                self.word()
            )));
        }
        Ok(())
    }
}

/// A borrowed image: rows of `stride` bytes each, the last of which may end with its pixels.
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
    ///
    /// Refuses sizes that are none or beyond 16,384, odd sides where pixels share their colour, a stride shorter than a
    /// row, and fewer bytes than the rows take.
    pub fn new(data: &'a [u8], width: u32, height: u32, stride: usize, format: PixelFormat) -> Result<Self> {
        check_side("image", width, height)?;
        format.check_even(width, height)?;
        let stride = check_rows("image", data.len(), format.rows(height), stride, format.row_bytes(width))?;
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

    /// Writes row `v` into `out` as red, green, blue, three bytes a pixel. Refuses a row that is not in the image and an
    /// `out` that is not 3 × width bytes long.
    pub fn rgb_row(&self, v: u32, out: &mut [u8]) -> Result<()> {
        let needed = 3 * self.width as usize;
        if v >= self.height || out.len() != needed {
            return Err(Error::argument(format!(
                "row {v} of {} into {} bytes, expected a row of the image and {needed} bytes",
                self.height,
                out.len()
            )));
        }
        let row = self.row(v as usize);
        let pixels = out.as_chunks_mut::<3>().0;
        match self.format {
            PixelFormat::Rgb8 => out.copy_from_slice(row),
            PixelFormat::Bgr8 => each(pixels, row, 3, |p| [p[2], p[1], p[0]]),
            PixelFormat::Rgba8 => each(pixels, row, 4, |p| [p[0], p[1], p[2]]),
            PixelFormat::Bgra8 => each(pixels, row, 4, |p| [p[2], p[1], p[0]]),
            PixelFormat::Mono8 => each(pixels, row, 1, |p| [p[0]; 3]),
            PixelFormat::Mono16 => each(pixels, row, 2, |p| [u16::from_ne_bytes([p[0], p[1]]).to_be_bytes()[0]; 3]),
            PixelFormat::Yuyv => pairs(pixels, row, [0, 1, 2, 3]),
            PixelFormat::Uyvy => pairs(pixels, row, [1, 0, 3, 2]),
            PixelFormat::Nv12 => {
                let shared = self.row(self.height as usize + v as usize / 2);
                let lumas = row.as_chunks::<2>().0.iter().zip(shared.as_chunks::<2>().0);
                for (two, (luma, &[u, v])) in pixels.as_chunks_mut::<2>().0.iter_mut().zip(lumas) {
                    *two = luma.map(|luma| Chroma::new(u, v).rgb(luma));
                }
            }
        }
        Ok(())
    }

    /// The pixel at column `u`, row `v` as red, green, blue; `None` outside the image.
    pub fn rgb(&self, u: u32, v: u32) -> Option<[u8; 3]> {
        if u >= self.width || v >= self.height {
            return None;
        }
        // Two pixels share bytes at most: the pair that this one is of, as an image of its own.
        let (first, wide) = (u & !1, (self.width - (u & !1)).min(2));
        let mut out = [0; 6];
        let at = self.format.row_bytes(first);
        let part = Self { data: &self.data[at..], width: wide, ..*self };
        part.rgb_row(v, &mut out[..3 * wide as usize]).ok()?;
        let [left, right] = [[out[0], out[1], out[2]], [out[3], out[4], out[5]]];
        Some(if u == first { left } else { right })
    }

    /// All its bytes without what lies between rows: one piece where nothing does, else row by row, chroma included.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'a [u8]> {
        pieces(self.data, self.format.rows(self.height), self.stride, self.format.row_bytes(self.width))
    }

    /// The bytes of a row; of `nv12`, those from `height` on are chroma.
    fn row(&self, row: usize) -> &'a [u8] {
        &self.data[row * self.stride..][..self.format.row_bytes(self.width)]
    }
}

/// `rows` rows of `row` bytes at `stride`: one piece where they follow each other closely.
pub(super) fn pieces(data: &[u8], rows: usize, stride: usize, row: usize) -> impl Iterator<Item = &[u8]> {
    let (count, stride, len) = if stride == row { (1, 0, rows * row) } else { (rows, stride, row) };
    (0..count).map(move |at| &data[at * stride..][..len])
}

fn each(pixels: &mut [[u8; 3]], row: &[u8], bytes: usize, rgb: impl Fn(&[u8]) -> [u8; 3]) {
    pixels.iter_mut().zip(row.chunks_exact(bytes)).for_each(|(pixel, bytes)| *pixel = rgb(bytes));
}

fn pairs(pixels: &mut [[u8; 3]], row: &[u8], places: [usize; 4]) {
    let two = pixels.as_chunks_mut::<2>().0.iter_mut();
    two.zip(row.chunks_exact(4)).for_each(|(two, bytes)| *two = rgb_of_pair(bytes, places));
}

pub(super) fn check_side(what: &str, width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 || width > MAX_SIDE_PX || height > MAX_SIDE_PX {
        return Err(Error::argument(format!("{what} is {width}x{height} pixels, expected 1 to {MAX_SIDE_PX} a side")));
    }
    Ok(())
}

/// Checks that `rows` rows of `row` bytes fit into `len` bytes at `stride`; returns the stride with 0 resolved.
pub(super) fn check_rows(what: &str, len: usize, rows: usize, stride: usize, row: usize) -> Result<usize> {
    let stride = if stride == 0 { row } else { stride };
    if stride < row {
        return Err(Error::argument(format!("{what} stride is {stride} bytes, a row of its pixels needs {row}")));
    }
    let needed = rows.checked_sub(1).and_then(|n| stride.checked_mul(n)).and_then(|n| n.checked_add(row));
    match needed {
        Some(needed) if needed <= len => Ok(stride),
        _ => Err(Error::argument(format!(
            "{what} has {len} bytes, {rows} rows of stride {stride} need {}",
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
        assert!(ImageView::new(&[0; 36], 4, 6, 0, PixelFormat::Nv12).is_ok());
        let error = ImageView::new(&[0; 35], 4, 6, 0, PixelFormat::Nv12).expect_err("the last row of chroma is short");
        assert!(error.to_string().contains("9 rows of stride 4 need 36"), "{error}");
    }

    #[test]
    fn pixels_that_share_their_colour_come_in_pairs() {
        let refusal = |width, height, format| {
            ImageView::new(&[0; 1000], width, height, 0, format).expect_err("a half pair").to_string()
        };
        for format in [PixelFormat::Yuyv, PixelFormat::Uyvy, PixelFormat::Nv12] {
            let sentence = refusal(5, 4, format);
            assert!(sentence.contains("5 pixels wide") && sentence.contains(format.word()), "{sentence}");
        }
        assert!(refusal(4, 5, PixelFormat::Nv12).contains("5 pixels high"));
        assert!(ImageView::new(&[0; 1000], 4, 5, 0, PixelFormat::Yuyv).is_ok());
    }

    #[test]
    fn a_row_goes_only_where_it_fits() {
        let view = ImageView::new(&[0; 12], 2, 2, 0, PixelFormat::Rgb8).expect("2x2");
        assert!(view.rgb_row(1, &mut [0; 6]).is_ok());
        assert!(view.rgb_row(2, &mut [0; 6]).is_err() && view.rgb_row(0, &mut [0; 7]).is_err());
        assert!(ImageView::new(&[0; 10], 2, 2, usize::MAX, PixelFormat::Mono8).is_err());
    }
}
