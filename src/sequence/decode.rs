//! Pictures from files, within bounds.

use crate::error::{Error, Result};
use crate::frame::MAX_SIDE_PX;
use image::{DynamicImage, ImageBuffer, ImageReader, Limits, Luma, Rgb};
use std::path::Path;

/// What decoding one picture may take: the largest colour picture and something for its decoder.
const MAX_DECODE_BYTES: u64 = 1 << 30;

/// A depth image of counts.
pub(super) type Counts = ImageBuffer<Luma<u16>, Vec<u16>>;

/// Reads a colour picture.
pub(super) fn colour(path: &Path) -> Result<ImageBuffer<Rgb<u8>, Vec<u8>>> {
    Ok(open(path)?.into_rgb8())
}

/// Reads a depth image: one channel of 16 bits, anything else is no depth.
pub(super) fn depth(path: &Path) -> Result<Counts> {
    match open(path)? {
        DynamicImage::ImageLuma16(counts) => Ok(counts),
        other => Err(Error::io(format!(
            "{} holds pixels of kind {:?}, expected depth as one channel of 16 bits",
            path.display(),
            other.color()
        ))),
    }
}

/// Reads a mask picture: not black is inside.
pub(super) fn mask(path: &Path) -> Result<ImageBuffer<Luma<u8>, Vec<u8>>> {
    Ok(open(path)?.into_luma8())
}

fn open(path: &Path) -> Result<DynamicImage> {
    let failed = |error: &dyn std::fmt::Display| Error::io(format!("{} cannot be read: {error}", path.display()));
    let mut reader =
        ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(|error| failed(&error))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    reader.limits(limits);
    reader.decode().map_err(|error| failed(&error))
}

/// Reads a picture file, with the bounds of a sequence's: width, height, and red, green, blue of every pixel.
pub fn read_picture(path: &Path) -> Result<(u32, u32, Vec<u8>)> {
    let picture = colour(path)?;
    Ok((picture.width(), picture.height(), picture.into_raw()))
}
