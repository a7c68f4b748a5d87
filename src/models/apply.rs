//! What a folder says of the input, put onto the family's own rule.

use super::rules::{ChannelOrder, InputRule, Resample};
use crate::prepare::{Corners, Filter, OpenCvFilter, Order, Pad, PillowFilter, Rule};

impl Resample {
    /// The filter, and whether it runs on floats.
    pub fn filter(self) -> (Filter, bool) {
        let torch = |antialias| (Filter::Torch { corners: Corners::HalfPixel, cubic: false, antialias }, true);
        match self {
            Self::PillowBox => (Filter::Pillow(PillowFilter::Box), false),
            Self::PillowBilinear => (Filter::Pillow(PillowFilter::Bilinear), false),
            Self::PillowBicubic => (Filter::Pillow(PillowFilter::Bicubic), false),
            Self::OpencvLinear => (Filter::OpenCv(OpenCvFilter::Linear), false),
            Self::OpencvCubic => (Filter::OpenCv(OpenCvFilter::Cubic), false),
            Self::OpencvArea => (Filter::OpenCv(OpenCvFilter::Area), false),
            Self::TorchBilinear => torch(false),
            Self::TorchBilinearAntialias => torch(true),
        }
    }
}

impl InputRule {
    /// `family` with what this says otherwise.
    pub fn over(&self, family: Rule) -> Rule {
        let (filter, float_resize) = self.resample.map_or((family.filter, family.float_resize), Resample::filter);
        let order = self.order.map_or(family.order, |order| match order {
            ChannelOrder::Rgb => Order::Rgb,
            ChannelOrder::Bgr => Order::Bgr,
        });
        Rule {
            filter,
            float_resize,
            order,
            scale: self.scale.unwrap_or(family.scale),
            mean: self.mean.unwrap_or(family.mean),
            std: self.std.unwrap_or(family.std),
            pad: self.pad.map_or(family.pad, |byte| Pad::Colour([f32::from(byte); 3])),
        }
    }
}
