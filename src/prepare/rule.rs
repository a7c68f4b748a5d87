//! The whole way from a picture to a network's input.

use super::bytes;
use super::filter::Filter;
use super::fit::Fit;
use super::isa::Isa;
use super::plan::Plan;
use super::rgb::Rgb;
use crate::error::{Error, ErrorKind, Result};
use std::ops::Range;

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
    /// `picture` as a tensor of 1 × 3 × H × W in `out`, which becomes as long; H and W are those of `fit.network()`.
    ///
    /// Only what of the picture is in the input is resized, a row at a time, and written once. Refuses a picture that is
    /// not of the size that `fit` was made for, and numbers that are no scale, mean or deviation.
    pub fn tensor(&self, picture: &Rgb, fit: &Fit, out: &mut Vec<f32>) -> Result<()> {
        self.tensor_with(picture, fit, out, Isa::best())
    }

    fn tensor_with(&self, picture: &Rgb, fit: &Fit, out: &mut Vec<f32>, isa: Isa) -> Result<()> {
        self.check()?;
        picture.check()?;
        if picture.size() != fit.from() {
            let ((width, height), (w, h)) = (picture.size(), fit.from());
            return Err(Error::argument(format!("picture is {width}x{height} pixels, expected {w}x{h}")));
        }
        let (columns, rows) = fit.seen();
        self.begin(fit, &columns, &rows, out)?;
        let (width, height) = fit.network();
        let place = |range: &Range<usize>, offset: i64| {
            let at = |edge: usize| (edge as i64 - offset) as usize;
            at(range.start)..at(range.end)
        };
        let part = (place(&columns, fit.offset().0), place(&rows, fit.offset().1));
        let plan = Plan::new(self.filter, fit.from(), fit.scaled(), part.clone(), self.float_resize);
        let steps: [(usize, f32, f32); 3] = std::array::from_fn(|channel| {
            let (scale, shift) = self.step(channel);
            (self.colour(channel), scale, shift)
        });
        let seen = columns.len();
        let at = |channel: usize, row: usize| (channel * height + rows.start + row) * width + columns.start;
        if self.float_resize {
            return bytes::resize_floats(picture, &plan, seen, isa, |row, line| {
                for (channel, (colour, scale, shift)) in steps.iter().enumerate() {
                    let values = &line.values[colour * line.plane..][..seen];
                    isa.normalise_floats(values, *scale, *shift, &mut out[at(channel, row)..][..seen]);
                }
            });
        }
        bytes::resize(picture, &plan, part, fit.scaled().0, isa, |row, line| {
            for (channel, (colour, scale, shift)) in steps.iter().enumerate() {
                let values = &line.values[colour * line.plane..][..seen];
                isa.normalise(values, *scale, *shift, &mut out[at(channel, row)..][..seen]);
            }
        })
    }

    /// Makes `out` as long as the tensor and fills what holds nothing of the picture.
    fn begin(&self, fit: &Fit, columns: &Range<usize>, rows: &Range<usize>, out: &mut Vec<f32>) -> Result<()> {
        let (width, height) = fit.network();
        let len = 3 * width * height;
        if out.try_reserve_exact(len.saturating_sub(out.len())).is_err() {
            return Err(Error::new(ErrorKind::NoMemory, format!("no memory for a tensor of 3x{height}x{width}")));
        }
        out.resize(len, 0.0);
        for (channel, plane) in out.chunks_exact_mut(width * height).enumerate() {
            let pad = self.pad_value(channel);
            for (y, row) in plane.chunks_exact_mut(width).enumerate() {
                if rows.contains(&y) {
                    row[..columns.start].fill(pad);
                    row[columns.end..].fill(pad);
                } else {
                    row.fill(pad);
                }
            }
        }
        Ok(())
    }

    /// Which colour, counted red, green, blue, channel `channel` of the tensor is.
    fn colour(&self, channel: usize) -> usize {
        match self.order {
            Order::Rgb => channel,
            Order::Bgr => 2 - channel,
        }
    }

    fn pad_value(&self, channel: usize) -> f32 {
        let (scale, shift) = self.step(channel);
        match self.pad {
            Pad::Colour(rgb) => rgb[self.colour(channel)] * scale + shift,
            Pad::Tensor(values) => values[channel],
        }
    }

    /// Scale, mean and deviation of a channel as one product and one sum.
    fn step(&self, channel: usize) -> (f32, f32) {
        let (mean, std) = (f64::from(self.mean[channel]), f64::from(self.std[channel]));
        ((f64::from(self.scale) / std) as f32, (-mean / std) as f32)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::{Anchor, OpenCvFilter, PillowFilter};

    const RULE: Rule = Rule {
        filter: Filter::OpenCv(OpenCvFilter::Cubic),
        order: Order::Bgr,
        scale: 1.0 / 255.0,
        mean: [0.1, 0.2, 0.3],
        std: [0.5, 0.25, 2.0],
        pad: Pad::Colour([255.0, 0.0, 51.0]),
        float_resize: false,
    };

    fn picture(width: usize, height: usize) -> Rgb {
        let data = (0..3 * width * height).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        Rgb::new(width, height, data).expect("a picture")
    }

    fn tensor(rule: &Rule, picture: &Rgb, fit: &Fit) -> Vec<f32> {
        let mut out = vec![f32::NAN; 7];
        rule.tensor(picture, fit, &mut out).expect("a tensor");
        out
    }

    #[test]
    fn a_part_of_the_picture_is_that_part_of_the_whole() {
        let picture = picture(61, 37);
        let filters = [OpenCvFilter::Cubic, OpenCvFilter::Linear, OpenCvFilter::Area]
            .map(Filter::OpenCv)
            .into_iter()
            .chain([Filter::Pillow(PillowFilter::Bicubic), Filter::Pillow(PillowFilter::Box)]);
        for (filter, float_resize) in filters.flat_map(|filter| [(filter, false), (filter, true)]) {
            for scaled in [(30, 18), (61, 37), (90, 50), (40, 8)] {
                let rule = Rule { filter, float_resize, ..RULE };
                let whole = tensor(&rule, &picture, &Fit::of((61, 37), scaled, (0, 0), scaled).expect("a fit"));
                let (w, h) = (scaled.0 - 9, scaled.1 - 5);
                let part = tensor(&rule, &picture, &Fit::of((61, 37), scaled, (-4, -3), (w, h)).expect("a fit"));
                for (at, value) in part.iter().enumerate() {
                    let (channel, y, x) = (at / (w * h), at / w % h, at % w);
                    let same = whole[(channel * scaled.1 + y + 3) * scaled.0 + x + 4];
                    assert_eq!(*value, same, "{filter:?} to {scaled:?}, channel {channel} at ({x}, {y})");
                }
            }
        }
    }

    #[test]
    fn padding_is_scaled_as_a_colour_or_put_as_it_is() {
        let fit = Fit::letterbox((8, 4), (8, 8), Anchor::Centre).expect("a fit");
        let colours = tensor(&RULE, &picture(8, 4), &fit);
        // Blue, green, red: 51, 0, 255.
        for (channel, expected) in [(0, (0.2 - 0.1) / 0.5), (1, -0.2 / 0.25), (2, (1.0 - 0.3) / 2.0)] {
            assert!(
                (colours[64 * channel] - expected).abs() < 1e-6 && colours[64 * channel + 63] == colours[64 * channel]
            );
        }
        let values = tensor(&Rule { pad: Pad::Tensor([7.0, 8.0, 9.0]), ..RULE }, &picture(8, 4), &fit);
        assert_eq!([values[0], values[64], values[128 + 63]], [7.0, 8.0, 9.0]);
        assert_eq!(values[16..48], colours[16..48], "what is of the picture is the same");
    }

    #[test]
    fn a_tensor_of_another_picture_is_made_over_the_last() {
        let fit = Fit::letterbox((8, 4), (16, 16), Anchor::TopLeft).expect("a fit");
        let fresh = tensor(&RULE, &picture(8, 4), &fit);
        let mut reused = vec![f32::NAN; 5000];
        RULE.tensor(&picture(8, 4), &fit, &mut reused).expect("a tensor");
        assert_eq!(reused, fresh);
    }

    #[test]
    fn instruction_sets_agree_on_tensors() {
        let fit = Fit::letterbox((61, 37), (48, 48), Anchor::Centre).expect("a fit");
        for rule in [RULE, Rule { float_resize: true, ..RULE }] {
            let mut plain = Vec::new();
            rule.tensor_with(&picture(61, 37), &fit, &mut plain, Isa::Plain).expect("a tensor");
            assert_eq!(tensor(&rule, &picture(61, 37), &fit), plain);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let (picture, fit) = (picture(8, 4), Fit::stretch((8, 4), (4, 4)).expect("a fit"));
        let refused = |rule: Rule, picture: &Rgb, fit: &Fit| rule.tensor(picture, fit, &mut Vec::new()).is_err();
        assert!(!refused(RULE, &picture, &fit));
        assert!(refused(Rule { std: [1.0, 0.0, 1.0], ..RULE }, &picture, &fit));
        assert!(refused(Rule { mean: [f32::NAN; 3], ..RULE }, &picture, &fit));
        assert!(refused(Rule { scale: f32::INFINITY, ..RULE }, &picture, &fit));
        assert!(refused(RULE, &picture, &Fit::stretch((4, 8), (4, 4)).expect("a fit")));
        assert!(refused(RULE, &Rgb { height: 5, ..picture.clone() }, &fit));
    }
}
