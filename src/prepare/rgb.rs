//! A picture that is ours: three bytes a pixel, rows closely packed.

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{ImageView, MAX_SIDE_PX};

/// Red, green, blue, eight bits each; rows follow each other closely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// 3 × width × height bytes: R G B of the first row's first pixel, and so on.
    pub data: Vec<u8>,
}

impl Rgb {
    /// A picture of `data`. Refuses sides of none or beyond 16,384 and any number of bytes but 3 × width × height.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Result<Self> {
        let picture = Self { width, height, data };
        picture.check()?;
        Ok(picture)
    }

    /// A copy of `view` in whatever format.
    pub fn of(view: &ImageView<'_>) -> Result<Self> {
        let (width, height) = (view.width() as usize, view.height() as usize);
        let mut data = filled(3 * width * height, 0)?;
        for (row, v) in data.chunks_exact_mut(3 * width).zip(0..) {
            view.rgb_row(v, row)?;
        }
        Ok(Self { width, height, data })
    }

    /// Width and height, pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The fields are open, so what takes a picture looks again.
    pub(super) fn check(&self) -> Result<()> {
        check_size("picture", self.size())?;
        let needed = 3 * self.width * self.height;
        if self.data.len() != needed {
            return Err(Error::argument(format!(
                "picture of {}x{} pixels has {} bytes, expected {needed}",
                self.width,
                self.height,
                self.data.len()
            )));
        }
        Ok(())
    }
}

/// Refuses sides of none and beyond what any image may have; what passes can be multiplied.
pub(super) fn check_size(what: &str, (width, height): (usize, usize)) -> Result<()> {
    let sides = 1..=MAX_SIDE_PX as usize;
    if sides.contains(&width) && sides.contains(&height) {
        return Ok(());
    }
    Err(Error::argument(format!("{what} is {width}x{height} pixels, expected 1 to {MAX_SIDE_PX} a side")))
}

/// A buffer of `len` times `value`, or an error where there is no memory for it.
pub(super) fn filled<T: Clone>(len: usize, value: T) -> Result<Vec<T>> {
    let mut buffer = Vec::new();
    buffer
        .try_reserve_exact(len)
        .map_err(|_| Error::new(ErrorKind::NoMemory, format!("no memory for {len} values of a picture")))?;
    buffer.resize(len, value);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    #[test]
    fn each_format_becomes_red_green_blue() {
        for format in PixelFormat::ALL {
            let bytes: Vec<u8> = (0..64).collect();
            let view = ImageView::new(&bytes, 4, 2, 17, format).expect("a view");
            let picture = Rgb::of(&view).expect("a picture");
            assert_eq!(picture.size(), (4, 2));
            for (at, pixel) in picture.data.as_chunks::<3>().0.iter().enumerate() {
                assert_eq!(Some(*pixel), view.rgb(at as u32 % 4, at as u32 / 4), "{}", format.word());
            }
        }
    }

    #[test]
    fn a_picture_of_another_number_of_bytes_is_refused() {
        assert!(Rgb::new(2, 2, vec![0; 12]).is_ok());
        let error = Rgb::new(2, 2, vec![0; 11]).expect_err("a byte is missing");
        assert!(error.to_string().contains("11 bytes, expected 12"), "{error}");
        for (width, height) in [(0, 2), (2, 0), (16_385, 1), (usize::MAX, usize::MAX)] {
            assert!(Rgb::new(width, height, vec![]).is_err(), "{width}x{height}");
        }
    }
}
