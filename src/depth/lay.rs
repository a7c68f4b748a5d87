//! How a picture is laid into a network's input, by the rule of its family, and the way back.
//!
//! Where a graph takes one size alone, the rule bends as little as it can, and says so in [`InputPlan::words`]: Depth
//! Anything and Depth Pro are stretched to it, UniDepth's margin is chosen so that the ratio becomes the input's, VGGT's
//! picture is put into it whole with white around, which its release offers as mode "pad".

use super::size::{
    Size, at_least, by_area, by_the_lesser_change, by_width, longest_side, nearest_multiples_ties_up, padded_to_ratio,
    within,
};
use crate::error::{Error, Result};
use crate::frame::Intrinsics;
use crate::models::{ChannelOrder, Family, InputRule, Resample};
use crate::prepare::{Corners, Filter, Fit, OpenCvFilter, Order, Pad, PillowFilter, Rgb, Rule, resize_f32, resize_rgb};

/// The most pixels of one picture in a network's input: twice what Depth Pro takes. Beyond it is a strip, not a picture.
const MAX_INPUT_PIXELS: usize = 1 << 22;

const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// `interpolate(mode="bilinear", align_corners=False)`.
const BILINEAR: Filter = Filter::Torch { corners: Corners::HalfPixel, cubic: false, antialias: false };
/// `interpolate(mode="bilinear", align_corners=True)`.
const BILINEAR_ALIGNED: Filter = Filter::Torch { corners: Corners::Aligned, cubic: false, antialias: false };
/// `interpolate(mode="bicubic", align_corners=False)`.
const BICUBIC: Filter = Filter::Torch { corners: Corners::HalfPixel, cubic: true, antialias: false };

/// How a picture of one size would be laid into the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputPlan {
    /// Width and height of the input, pixels.
    pub network: (usize, usize),
    /// What is done to the picture, in words.
    pub words: String,
}

/// To which size a picture is brought.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sizing {
    AtLeast { least: Size, multiple: usize },
    LesserChange { to: Size, multiple: usize, keep_aspect: bool },
    Stretch { to: Size },
    Area { ratios: [f64; 2], areas: [f64; 2], multiple: usize },
    RatioOf { to: Size },
    LongestSide { longest: usize, multiple: usize },
    Width { width: usize, multiple: usize },
    Within { into: Size, multiple: usize },
}

/// A family's rule, bent to what the folder and the graph say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    sizing: Sizing,
    rule: Rule,
    /// DA3 has another filter where a picture grows.
    growing: Option<Filter>,
    /// How maps come back to the picture's size.
    pub back: Filter,
}

/// Where one picture lies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lay {
    /// Width and height of the picture.
    pub source: Size,
    /// Pixels put left of it and above it before it is resized.
    margin: Size,
    /// The picture with its margin, and the input.
    fit: Fit,
    /// It is brought to this size first.
    middle: Option<Size>,
    /// What the release scales the camera by; not quite what the picture is scaled by where sides are rounded.
    camera_scale: (f64, f64),
}

impl Recipe {
    /// The rule of `family`; `said` is what the folder says, `fixed` the size that the graph takes, if it is one alone.
    pub(super) fn new(family: Family, said: &InputRule, fixed: Option<Size>) -> Result<Self> {
        let imagenet = |filter, float_resize| Rule {
            filter,
            order: Order::Rgb,
            scale: 1.0 / 255.0,
            mean: IMAGENET_MEAN,
            std: IMAGENET_STD,
            pad: Pad::Tensor([0.0; 3]),
            float_resize,
        };
        let plain = |mean: f32, std: f32, filter, float_resize, pad: f32| Rule {
            mean: [mean; 3],
            std: [std; 3],
            pad: Pad::Tensor([pad; 3]),
            ..imagenet(filter, float_resize)
        };
        let size = said.size.map(|[width, height]| (width as usize, height as usize));
        let square = |side: usize| size.unwrap_or((side, side));
        let longest = |side: usize| size.map_or(side, |(width, height)| width.max(height));
        let multiple = said.multiple_of.map_or(14, |multiple| multiple as usize);
        let cubic = Filter::OpenCv(OpenCvFilter::Cubic);
        let (mut sizing, mut rule, back, growing) = match family {
            Family::DepthAnythingV2 | Family::DepthAnythingV2Metric => match said.resample.and_then(pillow) {
                Some(filter) => {
                    let keep_aspect = said.keep_aspect.unwrap_or(false);
                    let multiple = said.multiple_of.unwrap_or(1) as usize;
                    let sizing = Sizing::LesserChange { to: square(518), multiple, keep_aspect };
                    (sizing, imagenet(filter, false), BICUBIC, None)
                }
                None => {
                    (Sizing::AtLeast { least: square(518), multiple }, imagenet(cubic, true), BILINEAR_ALIGNED, None)
                }
            },
            Family::DepthPro => {
                (Sizing::Stretch { to: square(1536) }, plain(0.5, 0.5, BILINEAR, true, 0.0), BILINEAR, None)
            }
            Family::UniDepthV2 => {
                let sizing = match size {
                    Some(to) => Sizing::RatioOf { to },
                    None => Sizing::Area { ratios: [0.5, 2.5], areas: [200_000.0, 600_000.0], multiple },
                };
                (sizing, imagenet(BILINEAR, true), BILINEAR, None)
            }
            Family::DepthAnything3 | Family::DepthAnything3Metric => {
                let sizing = Sizing::LongestSide { longest: longest(504), multiple };
                (sizing, imagenet(Filter::OpenCv(OpenCvFilter::Area), false), BILINEAR, Some(cubic))
            }
            Family::Vggt => {
                let bicubic = Filter::Pillow(PillowFilter::Bicubic);
                let sizing = Sizing::Width { width: size.map_or(518, |(width, _)| width), multiple };
                (sizing, plain(0.0, 1.0, bicubic, false, 1.0), BILINEAR, None)
            }
            Family::RoomDepth => {
                let to = size.unwrap_or((160, 120));
                let area = Filter::OpenCv(OpenCvFilter::Area);
                let linear = Filter::OpenCv(OpenCvFilter::Linear);
                (Sizing::Stretch { to }, plain(0.0, 1.0, area, false, 0.0), BILINEAR, Some(linear))
            }
            other => return Err(Error::new(crate::ErrorKind::Unsupported, format!("{other} gives no depth"))),
        };
        if let Some(to) = fixed {
            sizing = match family {
                Family::UniDepthV2 => Sizing::RatioOf { to },
                Family::Vggt => Sizing::Within { into: to, multiple },
                _ => Sizing::Stretch { to },
            };
        }
        rule.order = match said.order {
            Some(ChannelOrder::Bgr) => Order::Bgr,
            _ => Order::Rgb,
        };
        rule.scale = said.scale.unwrap_or(rule.scale);
        rule.mean = said.mean.unwrap_or(rule.mean);
        rule.std = said.std.unwrap_or(rule.std);
        // Depth Pro's processor names a filter of Pillow and resizes with torch's, without antialias.
        let growing = match said.resample.filter(|_| family != Family::DepthPro) {
            Some(resample) => {
                (rule.filter, rule.float_resize) = filter_of(resample, rule.float_resize);
                None
            }
            None => growing,
        };
        Ok(Self { sizing, rule, growing, back })
    }

    /// Where pictures of these sizes lie, in one input size for all. Fails with numbers where that would be too large.
    pub(super) fn lay(&self, sources: &[Size]) -> Result<Vec<Lay>> {
        let mut lays = sources.iter().map(|source| self.lay_one(*source)).collect::<Result<Vec<_>>>()?;
        // VGGT puts smaller ones into the largest, white around; Depth Anything 3 cuts larger ones to the smallest.
        let grows = matches!(self.sizing, Sizing::Width { .. });
        let of_all = |a: usize, b: usize| if grows { a.max(b) } else { a.min(b) };
        let sizes = lays.iter().map(|lay| lay.fit.network());
        let common = sizes.reduce(|a, b| (of_all(a.0, b.0), of_all(a.1, b.1)));
        for lay in &mut lays {
            if let Some(common) = common.filter(|common| *common != lay.fit.network()) {
                let scaled = lay.fit.scaled();
                let offset = |room: usize, side: usize| match room.checked_sub(side) {
                    Some(over) => (over / 2) as i64,
                    None => -(((side - room) / 2) as i64),
                };
                let at = (offset(common.0, scaled.0), offset(common.1, scaled.1));
                lay.fit = Fit::of(lay.fit.from(), scaled, at, common)?;
            }
        }
        Ok(lays)
    }

    fn lay_one(&self, source: Size) -> Result<Lay> {
        let (mut margin, mut middle, mut camera_scale) = ((0, 0), None, None);
        let fit = match self.sizing {
            Sizing::AtLeast { least, multiple } => self.stretched(source, at_least(source, least, multiple)),
            Sizing::LesserChange { to, multiple, keep_aspect } => {
                self.stretched(source, by_the_lesser_change(source, to, multiple, keep_aspect))
            }
            Sizing::Stretch { to } => self.stretched(source, to),
            Sizing::Area { ratios, areas, multiple } => {
                let padded;
                (margin, padded) = padded_to_ratio(source, ratios);
                let (factor, to) = by_area(padded, areas, multiple);
                camera_scale = Some((factor, factor));
                self.stretched(padded, to)
            }
            Sizing::RatioOf { to } => {
                let padded;
                (margin, padded) = padded_to_ratio(source, [to.0 as f64 / to.1 as f64; 2]);
                self.stretched(padded, to)
            }
            Sizing::LongestSide { longest, multiple } => {
                let first = longest_side(source, longest);
                middle = Some(first);
                self.stretched(source, nearest_multiples_ties_up(first, multiple))
            }
            Sizing::Width { width, multiple } => {
                let scaled = by_width(source, width, multiple);
                let over = scaled.1.saturating_sub(width);
                check(source, (scaled.0, scaled.1 - over))?;
                Fit::of(source, scaled, (0, -((over / 2) as i64)), (scaled.0, scaled.1 - over))
            }
            Sizing::Within { into, multiple } => {
                let by_width = by_width(source, into.0, multiple);
                let scaled = if by_width == into { into } else { within(source, into, multiple) };
                check(source, into)?;
                let at = ((into.0 - scaled.0) / 2, (into.1 - scaled.1) / 2);
                Fit::of(source, scaled, (at.0 as i64, at.1 as i64), into)
            }
        }
        .map_err(|error| error.within(format_args!("a picture of {}x{} pixels", source.0, source.1)))?;
        Ok(Lay { source, margin, middle, camera_scale: camera_scale.unwrap_or(fit.scale()), fit })
    }

    fn stretched(&self, from: Size, to: Size) -> Result<Fit> {
        check(from, to)?;
        Fit::stretch(from, to)
    }

    /// One picture as the input holds it: 3 planes, added to `out`.
    pub(super) fn tensor(&self, picture: &Rgb, lay: &Lay, out: &mut Vec<f32>) -> Result<()> {
        let mut tensor = Vec::new();
        if lay.margin != (0, 0) || lay.fit.from() != lay.source {
            tensor = self.with_margin(picture, lay)?;
        } else if let Some(middle) = lay.middle {
            let resized = self.resized(picture, middle)?;
            let (scaled, at) = (lay.fit.scaled(), lay.fit.offset());
            let rule = Rule { filter: self.filter(middle, scaled), ..self.rule };
            rule.tensor(&resized, &Fit::of(middle, scaled, at, lay.fit.network())?, &mut tensor)?;
        } else {
            let rule = Rule { filter: self.filter(lay.source, lay.fit.scaled()), ..self.rule };
            rule.tensor(picture, &lay.fit, &mut tensor)?;
        }
        match out.is_empty() {
            true => *out = tensor,
            false => out.extend_from_slice(&tensor),
        }
        Ok(())
    }

    fn filter(&self, from: Size, to: Size) -> Filter {
        self.growing.filter(|_| to.0 > from.0 || to.1 > from.1).unwrap_or(self.rule.filter)
    }

    fn resized(&self, picture: &Rgb, to: Size) -> Result<Rgb> {
        match picture.size() == to {
            true => Ok(picture.clone()),
            false => resize_rgb(picture, to.0, to.1, self.filter(picture.size(), to)),
        }
    }

    /// Normalised first, then zeros around it, then resized with them: the margin bleeds into the picture's edge.
    fn with_margin(&self, picture: &Rgb, lay: &Lay) -> Result<Vec<f32>> {
        let as_it_is = Fit::of(lay.source, lay.source, (lay.margin.0 as i64, lay.margin.1 as i64), lay.fit.from())?;
        let mut padded = Vec::new();
        Rule { pad: Pad::Tensor([0.0; 3]), ..self.rule }.tensor(picture, &as_it_is, &mut padded)?;
        resize_f32(&padded, 3, lay.fit.from(), lay.fit.network(), self.rule.filter)
    }

    /// What would be done to a picture of this size.
    pub(super) fn plan(&self, source: Size) -> Result<InputPlan> {
        let lay = self.lay_one(source)?;
        let ((scaled, network), (width, height)) = ((lay.fit.scaled(), lay.fit.network()), lay.fit.from());
        let mut words = match self.sizing {
            Sizing::Stretch { .. } => "stretched".to_string(),
            Sizing::Area { .. } | Sizing::RatioOf { .. } if (width, height) != source => {
                format!("padded to {width}x{height}, then resized")
            }
            Sizing::LongestSide { .. } => match lay.middle {
                Some(middle) if middle != scaled => format!("resized to {}x{}, then", middle.0, middle.1),
                _ => "resized".to_string(),
            },
            _ => "resized".to_string(),
        };
        words += &format!(" to {}x{}", scaled.0, scaled.1);
        if scaled.0 > network.0 || scaled.1 > network.1 {
            words += &format!(", cut to {}x{}", network.0, network.1);
        } else if scaled != network {
            words += &format!(", put into {}x{}", network.0, network.1);
        }
        Ok(InputPlan { network, words })
    }
}

impl Lay {
    /// Width and height of the input.
    pub(super) fn network(&self) -> Size {
        self.fit.network()
    }

    /// A map of the input as a map of the picture; 0 where the input does not hold the picture.
    pub(super) fn to_source(&self, map: &[f32], filter: Filter) -> Result<Vec<f32>> {
        let padded = self.fit.depth_to_source(map, filter, 0.0)?;
        let (width, _) = self.fit.from();
        if self.fit.from() == self.source {
            return Ok(padded);
        }
        let rows = padded.chunks_exact(width).skip(self.margin.1).take(self.source.1);
        Ok(rows.flat_map(|row| &row[self.margin.0..][..self.source.0]).copied().collect())
    }

    /// The picture's camera from the input's: fx, fy, cx, cy, principal points from the centre of the first pixel.
    pub(super) fn camera_to_source(&self, [fx, fy, cx, cy]: [f64; 4]) -> Result<Intrinsics> {
        let ((scale_x, scale_y), (at_x, at_y)) = (self.camera_scale, self.fit.offset());
        let centre = |c: f64, at: i64, scale: f64, margin: usize| (c + 0.5 - at as f64) / scale - 0.5 - margin as f64;
        Intrinsics::pinhole(
            self.source.0 as u32,
            self.source.1 as u32,
            fx / scale_x,
            fy / scale_y,
            centre(cx, at_x, scale_x, self.margin.0),
            centre(cy, at_y, scale_y, self.margin.1),
        )
    }

    /// The input's camera from the picture's: as above. The lens's distortion stays out.
    pub(super) fn camera_to_network(&self, camera: &Intrinsics) -> [f64; 4] {
        let ((scale_x, scale_y), (at_x, at_y)) = (self.camera_scale, self.fit.offset());
        let centre = |c: f64, at: i64, scale: f64, margin: usize| (c + margin as f64 + 0.5) * scale - 0.5 + at as f64;
        [
            camera.fx * scale_x,
            camera.fy * scale_y,
            centre(camera.cx, at_x, scale_x, self.margin.0),
            centre(camera.cy, at_y, scale_y, self.margin.1),
        ]
    }
}

/// Fails unless the camera is one of pictures of this size.
pub(super) fn check_camera(camera: &Intrinsics, source: Size) -> Result<()> {
    camera.check()?;
    if (camera.width as usize, camera.height as usize) != source {
        return Err(Error::argument(format!(
            "intrinsics are for {}x{} pixels, the picture has {}x{}",
            camera.width, camera.height, source.0, source.1
        )));
    }
    Ok(())
}

fn check(from: Size, to: Size) -> Result<()> {
    if to.0.saturating_mul(to.1) > MAX_INPUT_PIXELS {
        return Err(Error::argument(format!(
            "it would become an input of {}x{} pixels, expected at most {MAX_INPUT_PIXELS} in all: {}x{} is a strip",
            to.0, to.1, from.0, from.1
        )));
    }
    Ok(())
}

fn pillow(resample: Resample) -> Option<Filter> {
    let filter = filter_of(resample, false).0;
    matches!(filter, Filter::Pillow(_)).then_some(filter)
}

/// The filter, and whether floats are resized with it.
fn filter_of(resample: Resample, float_resize: bool) -> (Filter, bool) {
    let torch = |antialias| Filter::Torch { corners: Corners::HalfPixel, cubic: false, antialias };
    match resample {
        Resample::PillowBox => (Filter::Pillow(PillowFilter::Box), false),
        Resample::PillowBilinear => (Filter::Pillow(PillowFilter::Bilinear), false),
        Resample::PillowBicubic => (Filter::Pillow(PillowFilter::Bicubic), false),
        Resample::OpencvLinear => (Filter::OpenCv(OpenCvFilter::Linear), float_resize),
        Resample::OpencvCubic => (Filter::OpenCv(OpenCvFilter::Cubic), float_resize),
        Resample::OpencvArea => (Filter::OpenCv(OpenCvFilter::Area), float_resize),
        Resample::TorchBilinear => (torch(false), true),
        Resample::TorchBilinearAntialias => (torch(true), true),
    }
}
