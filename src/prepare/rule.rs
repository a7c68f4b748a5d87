//! The whole way from a picture to a network's input.

use super::filter::Filter;
use super::fit::{Fit, seen};
use super::resize::{resize_f32, resize_rgb};
use super::rgb::{Rgb, filled};
use crate::error::{Error, Result};

/// Which colour comes first in the tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// What is put where the input holds nothing of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pad {
    /// A colour, 0 to 255 each in the order red, green, blue: it is scaled and normalised as pixels are.
    Colour([f32; 3]),
    /// Values of the tensor, in the tensor's order: padding that is put around what is normalised already.
    Tensor([f32; 3]),
}

/// How pixels become a tensor: `(value * scale - mean) / std`, one plane a channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// How the picture is resized.
    pub filter: Filter,
    /// Which colour comes first.
    pub order: Order,
    /// What a byte is multiplied by: 1/255 mostly.
    pub scale: f32,
    /// What is subtracted, in the tensor's order of channels.
    pub mean: [f32; 3],
    /// What is divided by, in the tensor's order of channels.
    pub std: [f32; 3],
    /// What stands around the picture.
    pub pad: Pad,
    /// The picture becomes floats first and is resized then: nothing is rounded to 8 bits between.
    pub float_resize: bool,
}

impl Rule {
    /// `picture` as a tensor of 1 × 3 × H × W in `out`, which is resized to it; H and W are those of `fit.network()`.
    ///
    /// Refuses a picture that is not of the size that `fit` was made for, and numbers that are no scale, mean or deviation.
    pub fn tensor(&self, picture: &Rgb, fit: &Fit, out: &mut Vec<f32>) -> Result<()> {
        self.check()?;
        picture.check()?;
        if picture.size() != fit.from() {
            return Err(Error::argument(format!(
                "picture is {}x{} pixels, expected {}x{}",
                picture.width,
                picture.height,
                fit.from().0,
                fit.from().1
            )));
        }
        let (width, height) = fit.network();
        let resized = self.resized(picture, fit.scaled())?;
        out.clear();
        out.try_reserve_exact(3 * width * height).map_err(|_| {
            Error::new(crate::ErrorKind::NoMemory, format!("no memory for a tensor of 3x{height}x{width}"))
        })?;
        let columns = seen(fit.scaled().0, fit.offset().0, width);
        let rows = seen(fit.scaled().1, fit.offset().1, height);
        for channel in 0..3 {
            let colour = match self.order {
                Order::Rgb => channel,
                Order::Bgr => 2 - channel,
            };
            let plane = &resized[colour * fit.scaled().0 * fit.scaled().1..];
            let value = |v: f32| (v * self.scale - self.mean[channel]) / self.std[channel];
            let pad = match self.pad {
                Pad::Colour(rgb) => value(rgb[colour]),
                Pad::Tensor(values) => values[channel],
            };
            for y in 0..height {
                for x in 0..width {
                    let inside = rows.contains(&y) && columns.contains(&x);
                    let at = |v: usize, offset: i64| (v as i64 - offset) as usize;
                    out.push(if inside {
                        value(plane[at(y, fit.offset().1) * fit.scaled().0 + at(x, fit.offset().0)])
                    } else {
                        pad
                    });
                }
            }
        }
        Ok(())
    }

    fn resized(&self, picture: &Rgb, scaled: (usize, usize)) -> Result<Vec<f32>> {
        let planar = |picture: &Rgb| -> Result<Vec<f32>> {
            let mut planes = filled(picture.data.len(), 0.0)?;
            for (channel, plane) in planes.chunks_exact_mut(picture.width * picture.height).enumerate() {
                for (value, pixel) in plane.iter_mut().zip(picture.data.as_chunks::<3>().0) {
                    *value = f32::from(pixel[channel]);
                }
            }
            Ok(planes)
        };
        if self.float_resize {
            resize_f32(&planar(picture)?, 3, picture.size(), scaled, self.filter)
        } else {
            planar(&resize_rgb(picture, scaled.0, scaled.1, self.filter)?)
        }
    }

    fn check(&self) -> Result<()> {
        let usable = self.scale.is_finite()
            && self.mean.iter().all(|mean| mean.is_finite())
            && self.std.iter().all(|std| std.is_finite() && *std > 0.0);
        if !usable {
            return Err(Error::argument(format!(
                "scale {}, mean {:?}, deviation {:?}: expected finite numbers and deviations above 0",
                self.scale, self.mean, self.std
            )));
        }
        Ok(())
    }
}
