//! What a folder says of a network's input and output, where it differs from what is usual in its family.

use crate::error::{Error, Result};
use crate::frame::MAX_SIDE_PX;
use serde::Deserialize;

/// How the numbers of a model's weights are held. Public folders name their files so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Precision {
    Fp32,
    Fp16,
    /// 8 bits, whichever the tool chose.
    Q8,
    Int8,
    Uint8,
    Q4,
    Q4f16,
    Bnb4,
}

impl Precision {
    /// All there are, in the order in which one is taken if none is asked for.
    pub const ALL: [Self; 8] =
        [Self::Fp32, Self::Fp16, Self::Q8, Self::Int8, Self::Uint8, Self::Q4, Self::Q4f16, Self::Bnb4];

    /// The word used in `gnomon.json` and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fp32 => "fp32",
            Self::Fp16 => "fp16",
            Self::Q8 => "q8",
            Self::Int8 => "int8",
            Self::Uint8 => "uint8",
            Self::Q4 => "q4",
            Self::Q4f16 => "q4f16",
            Self::Bnb4 => "bnb4",
        }
    }

    /// The precision of a word. Fails with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|precision| precision.word() == word);
        found.ok_or_else(|| {
            Error::argument(format!(
                "precision is \"{word}\", expected one of {}",
                Self::ALL.map(Self::word).join(", ")
            ))
        })
    }
}

impl std::fmt::Display for Precision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// Which colour a network takes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ChannelOrder {
    Rgb,
    Bgr,
}

/// Whose rule of resizing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Resample {
    PillowBox,
    PillowBilinear,
    PillowBicubic,
    OpencvLinear,
    OpencvCubic,
    OpencvArea,
    /// Half-pixel corners, no antialias: `interpolate(mode="bilinear", align_corners=False)`.
    TorchBilinear,
    /// As above with `antialias=True`, on floats.
    TorchBilinearAntialias,
}

/// What is different from the family's own rule of input; `None` keeps the family's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InputRule {
    /// Width and height that the picture is brought to, pixels.
    pub size: Option<[u32; 2]>,
    /// Whether width and height keep their ratio.
    pub keep_aspect: Option<bool>,
    /// Each side is brought to a multiple of this.
    pub multiple_of: Option<u32>,
    /// How it is resized.
    pub resample: Option<Resample>,
    /// Which colour comes first.
    pub order: Option<ChannelOrder>,
    /// What bytes are multiplied with.
    pub scale: Option<f32>,
    /// What is subtracted after that, by channel in the network's order.
    pub mean: Option<[f32; 3]>,
    /// What is divided by after that.
    pub std: Option<[f32; 3]>,
    /// The byte that fills what the picture does not.
    pub pad: Option<u8>,
}

impl InputRule {
    /// Refuses what no rule can mean.
    pub(super) fn check(&self) -> Result<()> {
        let is_side = |side: &u32| (1..=MAX_SIDE_PX).contains(side);
        if let Some([width, height]) = self.size.filter(|size| !size.iter().all(is_side)) {
            return Err(Error::io(format!(
                "input size is {width}x{height} pixels, expected 1 to {MAX_SIDE_PX} a side"
            )));
        }
        if let Some(multiple) = self.multiple_of.filter(|multiple| !(1..=1024).contains(multiple)) {
            return Err(Error::io(format!("input multiple_of is {multiple}, expected 1 to 1024")));
        }
        if let Some(scale) = self.scale.filter(|scale| !(1e-6..=1e3).contains(scale)) {
            return Err(Error::io(format!("input scale is {scale}, expected 0.000001 to 1000")));
        }
        if let Some(mean) = self.mean.filter(|mean| !mean.iter().all(|number| number.abs() <= 1e3)) {
            return Err(Error::io(format!("input mean is {mean:?}, expected numbers up to 1000")));
        }
        if let Some(std) = self.std.filter(|std| !std.iter().all(|number| (1e-6..=1e3).contains(number))) {
            return Err(Error::io(format!("input std is {std:?}, expected numbers from 0.000001 to 1000")));
        }
        Ok(())
    }
}

/// What a network's numbers become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Boxes with labels.
    Boxes,
    /// Boxes with labels and masks.
    Masks,
    /// Metres along the optical axis.
    MetricDepth,
    /// Depth along the optical axis, its scale unknown.
    DepthUpToScale,
    /// Inverse depth, its scale and shift unknown.
    RelativeInverseDepth,
    /// Inverse depth of a camera with a focal length of the picture's width.
    CanonicalInverseDepth,
}

/// What makes scores of logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// Each class for itself.
    Sigmoid,
    /// All classes together; the last is "nothing".
    Softmax,
}

/// What is different from the family's own rule of output; `None` keeps the family's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutputRule {
    /// What comes out. A folder that says other than its family is refused.
    pub meaning: Option<Meaning>,
    /// What makes scores of logits.
    pub scores: Option<Activation>,
    /// The depth that an output of 1 stands for, metres, where the graph ends before it is multiplied in.
    pub max_depth_m: Option<f32>,
    /// The most that two boxes of one class may overlap (intersection over union) before the weaker is dropped.
    pub iou: Option<f32>,
    /// The score below which nothing is told, if the caller does not say.
    pub min_score: Option<f32>,
}

impl OutputRule {
    /// Refuses what no rule can mean.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(depth) = self.max_depth_m.filter(|depth| !(1e-3..=1e4).contains(depth)) {
            return Err(Error::io(format!("output max_depth_m is {depth}, expected 0.001 to 10000")));
        }
        for (key, number) in [("iou", self.iou), ("min_score", self.min_score)] {
            if let Some(number) = number.filter(|number| !(0.0..=1.0).contains(number)) {
                return Err(Error::io(format!("output {key} is {number}, expected 0 to 1")));
            }
        }
        Ok(())
    }
}
