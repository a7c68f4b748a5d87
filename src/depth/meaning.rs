//! What a depth network's numbers mean, in the type: metres, depth times a factor, or inverse depth with a factor and a
//! shift.
//!
//! Only metres can be put into a map. They are a type of their own, [`MetricDepth`], which a network that gives metres makes,
//! or [`Depth::scaled`] and [`Depth::aligned`] from what tells the factor; so what needs metres asks for it and cannot be
//! handed anything else. [`Depth::metric`] is the door, and says why it is shut.

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{MAX_SIDE_PX, MetricZ};
use crate::scale::{InverseAlignment, ScaleEstimate};

/// One number for each pixel of a picture, row-major. 0 is "none": the network gave no number there, or one that no
/// depth can be.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthMap {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// The least, the middle and the greatest of a map's numbers; pixels without one are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthRange {
    /// The least.
    pub min: f32,
    /// The middle one; of an even number the upper of two.
    pub median: f32,
    /// The greatest.
    pub max: f32,
}

impl DepthMap {
    /// A map of `values`; what is not finite or not above 0 becomes "none". Fails if they are not `width * height` many.
    pub fn new(width: usize, height: usize, mut values: Vec<f32>) -> Result<Self> {
        let most = MAX_SIDE_PX as usize;
        if width == 0 || height == 0 || width > most || height > most || values.len() != width * height {
            return Err(Error::argument(format!(
                "a map of {width}x{height} pixels with {} numbers, expected 1 to {most} a side and a number each",
                values.len()
            )));
        }
        values.iter_mut().filter(|value| !(value.is_finite() && **value > 0.0)).for_each(|value| *value = 0.0);
        Ok(Self { width, height, values })
    }

    /// Width, pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The numbers, row-major, 0 for "none".
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The number at column `u`, row `v`; `None` where there is none and outside the picture.
    pub fn at(&self, u: usize, v: usize) -> Option<f32> {
        let inside = u < self.width && v < self.height;
        inside.then(|| self.values[v * self.width + u]).filter(|value| *value > 0.0)
    }

    /// How many pixels have a number.
    pub fn count(&self) -> usize {
        self.values.iter().filter(|value| **value > 0.0).count()
    }

    /// The least, the middle and the greatest; `None` if no pixel has a number.
    pub fn range(&self) -> Option<DepthRange> {
        let mut known: Vec<f32> = self.values.iter().copied().filter(|value| *value > 0.0).collect();
        known.sort_unstable_by(f32::total_cmp);
        let (min, max) = (known.first().copied()?, known.last().copied()?);
        Some(DepthRange { min, median: known[known.len() / 2], max })
    }

    fn made_metric(&self, metres: impl Fn(f32) -> Option<f64>) -> Result<MetricDepth> {
        let metres = |value: &f32| if *value > 0.0 { metres(*value).map_or(0.0, |metres| metres as f32) } else { 0.0 };
        Self::new(self.width, self.height, self.values.iter().map(metres).collect()).map(MetricDepth)
    }

    /// Takes the number away from the pixels that `is_out` says.
    pub(super) fn clear(&mut self, is_out: &[bool]) {
        self.values.iter_mut().zip(is_out).filter(|(_, out)| **out).for_each(|(value, _)| *value = 0.0);
    }
}

/// Metres along the optical axis, not along the ray. Made by networks that give metres, and of depth whose factor is told.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDepth(DepthMap);

impl MetricDepth {
    pub(super) fn new(map: DepthMap) -> Self {
        Self(map)
    }

    /// The metres, 0 for "none".
    pub fn map(&self) -> &DepthMap {
        &self.0
    }

    /// As the depth of a frame. What lies beyond [`MAX_DEPTH_M`](crate::frame::MAX_DEPTH_M) is read as "none" there.
    pub fn view(&self) -> Result<MetricZ<'_>> {
        // Sides are those of a map: at most MAX_SIDE_PX.
        MetricZ::from_metres(&self.0.values, self.0.width as u32, self.0.height as u32)
    }

    /// Whole millimetres, 0 for "none": the pixels of a 16-bit depth image. What lies beyond 65.534 m is "none", since 65535
    /// means that too; what is nearer than half a millimetre is 1.
    pub fn millimetres(&self) -> Vec<u16> {
        let whole = |metres: f32| match f64::from(metres) * 1e3 {
            none if none <= 0.0 => 0,
            millimetres => match millimetres.round() {
                far if far > 65534.0 => 0,
                rounded => (rounded as u16).max(1),
            },
        };
        self.0.values.iter().map(|metres| whole(*metres)).collect()
    }
}

/// Depth of a picture, by what its numbers mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Depth {
    /// Metres along the optical axis.
    MetricZ(MetricDepth),
    /// Depth along the optical axis times one factor, above 0 and unknown. Ratios of depths are right; near is small.
    UpToScaleZ(DepthMap),
    /// `a / z + b` with an unknown `a` above 0 and an unknown `b`. It tells what is nearer than what, near being large.
    AffineInverseDepth(DepthMap),
}

impl Depth {
    /// The numbers, whatever they mean.
    pub fn map(&self) -> &DepthMap {
        match self {
            Self::MetricZ(metric) => &metric.0,
            Self::UpToScaleZ(map) | Self::AffineInverseDepth(map) => map,
        }
    }

    pub(super) fn map_mut(&mut self) -> &mut DepthMap {
        match self {
            Self::MetricZ(metric) => &mut metric.0,
            Self::UpToScaleZ(map) | Self::AffineInverseDepth(map) => map,
        }
    }

    /// What the numbers are, in words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::MetricZ(_) => "metres",
            Self::UpToScaleZ(_) => "depth up to an unknown factor",
            Self::AffineInverseDepth(_) => "inverse depth up to an unknown factor and shift",
        }
    }

    /// The metres. Fails with [`ErrorKind::Unsupported`] if the numbers are none, and says what they are and what to do.
    pub fn metric(&self) -> Result<&MetricDepth> {
        match self {
            Self::MetricZ(metric) => Ok(metric),
            Self::UpToScaleZ(_) | Self::AffineInverseDepth(_) => Err(not_metric(self.words())),
        }
    }

    /// Metres, of depth up to a factor and what tells it. Fails with [`ErrorKind::Unsupported`] for any other.
    pub fn scaled(&self, scale: &ScaleEstimate) -> Result<MetricDepth> {
        match self {
            Self::UpToScaleZ(map) => map.made_metric(|value| Some(f64::from(value) * scale.factor)),
            _ => Err(self.not_alike("depth up to an unknown factor")),
        }
    }

    /// Metres, of inverse depth and its scale and shift. Fails with [`ErrorKind::Unsupported`] for any other.
    pub fn aligned(&self, alignment: &InverseAlignment) -> Result<MetricDepth> {
        match self {
            Self::AffineInverseDepth(map) => map.made_metric(|value| alignment.metres(f64::from(value))),
            _ => Err(self.not_alike("inverse depth up to an unknown factor and shift")),
        }
    }

    fn not_alike(&self, expected: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("the numbers are {}, expected {expected}", self.words()))
    }
}

/// What is said where metres are needed and these are given.
pub(super) fn not_metric(words: &str) -> Error {
    let sentence = format!(
        "metres are needed, and the network gives {words}: take a metric model (depth_anything_v2_metric, depth_pro, \
         unidepth_v2, depth_anything_3_metric with the camera's intrinsics)"
    );
    Error::new(ErrorKind::Unsupported, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{Cue, SparsePoint};

    fn map(values: &[f32]) -> DepthMap {
        DepthMap::new(values.len(), 1, values.to_vec()).expect("a row")
    }

    #[test]
    fn what_no_depth_can_be_is_none() {
        let map = map(&[f32::NAN, f32::INFINITY, -1.0, 0.0, 2.5, 1.5, f32::NEG_INFINITY]);
        assert_eq!(map.values(), [0.0, 0.0, 0.0, 0.0, 2.5, 1.5, 0.0]);
        assert_eq!((map.count(), map.at(4, 0), map.at(0, 0), map.at(7, 0)), (2, Some(2.5), None, None));
        assert_eq!(map.range(), Some(DepthRange { min: 1.5, median: 2.5, max: 2.5 }));
        assert!(DepthMap::new(2, 2, vec![1.0; 3]).is_err());
    }

    #[test]
    fn depth_that_is_not_metric_is_refused_where_metres_are_needed() {
        for (depth, what) in [
            (Depth::UpToScaleZ(map(&[1.0])), "depth up to an unknown factor:"),
            (Depth::AffineInverseDepth(map(&[1.0])), "inverse depth up to an unknown factor and shift"),
        ] {
            let error = depth.metric().expect_err("no metres");
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(what) && error.to_string().contains("metric model"), "{error}");
        }
        assert!(Depth::MetricZ(MetricDepth::new(map(&[1.0]))).metric().is_ok());
    }

    #[test]
    fn a_factor_that_is_told_makes_metres_of_the_depth_that_it_is_of() {
        let cue = Cue::from_odometry(2.0, 0.0, 1.0, 0.01).expect("a way");
        let scale = ScaleEstimate::of(&[cue]).expect("a cue");
        let metres = Depth::UpToScaleZ(map(&[3.0, 0.0])).scaled(&scale).expect("metres");
        assert_eq!(metres.map().values(), [1.5, 0.0]);
        let point = |z_m: f64| (8.0 / z_m + 1.0, SparsePoint { pixel: [0.0; 2], z_m, sigma_m: 0.01 });
        let points: Vec<_> = (1..9).map(|k| point(f64::from(k))).collect();
        let alignment = InverseAlignment::from_points(&points).expect("points");
        let inverse = Depth::AffineInverseDepth(map(&[5.0, 0.5, 0.0]));
        let metres = inverse.aligned(&alignment).expect("metres");
        assert!((metres.map().values()[0] - 2.0).abs() < 1e-5 && metres.map().values()[1..] == [0.0, 0.0]);
        let refused = [inverse.scaled(&scale), Depth::UpToScaleZ(map(&[1.0])).aligned(&alignment)];
        refused.into_iter().for_each(|one| assert_eq!(one.expect_err("not alike").kind(), ErrorKind::Unsupported));
    }

    #[test]
    fn millimetres_round_to_the_nearest_and_never_to_none() {
        let metric = MetricDepth::new(map(&[1.2344, 1.2346, 0.0, 1e-5, 65.534, 65.6, 1e4]));
        assert_eq!(metric.millimetres(), [1234, 1235, 0, 1, 65534, 0, 0]);
        let mut metres = Vec::new();
        metric.view().expect("a view").decode_into(&mut metres);
        assert_eq!((metres[0], metres[6]), (1.2344, 0.0), "beyond 200 m there is none");
    }
}
