//! Networks that are fed and read alike.

use crate::error::{Error, Result};
use serde::Deserialize;

/// Networks that are fed and read alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// Boxes: FastestDet, one grid of cells.
    FastestDet,
    /// Boxes, or boxes and masks: Ultralytics' YOLO v8 and 11; the graph tells which.
    YoloV8,
    /// Boxes: RT-DETR, D-FINE, RF-DETR; queries with logits and boxes.
    Detr,
    /// Inverse depth up to scale and shift: Depth Anything V2.
    DepthAnythingV2,
    /// Metres: Depth Anything V2, tuned for metric depth.
    DepthAnythingV2Metric,
    /// Canonical inverse depth with a field of view: Depth Pro.
    DepthPro,
    /// Metres, points and intrinsics: UniDepth V2.
    #[serde(rename = "unidepth_v2")]
    UniDepthV2,
    /// Depth up to scale with poses: Depth Anything 3.
    #[serde(rename = "depth_anything_3")]
    DepthAnything3,
    /// Metres by the focal length: Depth Anything 3, metric.
    #[serde(rename = "depth_anything_3_metric")]
    DepthAnything3Metric,
    /// Depth, points, confidence and poses up to scale: VGGT.
    Vggt,
    /// Metres from a picture and its camera, and how sure of each: trained on rendered rooms by `tools/train_depth`.
    RoomDepth,
}

impl Family {
    /// All there are.
    pub const ALL: [Self; 11] = [
        Self::FastestDet,
        Self::YoloV8,
        Self::Detr,
        Self::DepthAnythingV2,
        Self::DepthAnythingV2Metric,
        Self::DepthPro,
        Self::UniDepthV2,
        Self::DepthAnything3,
        Self::DepthAnything3Metric,
        Self::Vggt,
        Self::RoomDepth,
    ];

    /// Those that give boxes.
    pub const DETECTORS: [Self; 3] = [Self::FastestDet, Self::YoloV8, Self::Detr];

    /// The word used in `gnomon.json` and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::FastestDet => "fastest_det",
            Self::YoloV8 => "yolo_v8",
            Self::Detr => "detr",
            Self::DepthAnythingV2 => "depth_anything_v2",
            Self::DepthAnythingV2Metric => "depth_anything_v2_metric",
            Self::DepthPro => "depth_pro",
            Self::UniDepthV2 => "unidepth_v2",
            Self::DepthAnything3 => "depth_anything_3",
            Self::DepthAnything3Metric => "depth_anything_3_metric",
            Self::Vggt => "vggt",
            Self::RoomDepth => "room_depth",
        }
    }

    /// The family of a word. Fails with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        let known = || Self::ALL.map(Self::word).join(", ");
        let found = Self::ALL.into_iter().find(|family| family.word() == word);
        found.ok_or_else(|| Error::argument(format!("family is \"{word}\", expected one of {}", known())))
    }

    /// True for those that give boxes.
    pub fn is_detector(self) -> bool {
        Self::DETECTORS.contains(&self)
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_one_word_on_the_command_line_and_in_files() {
        for family in Family::ALL {
            assert_eq!(Family::parse(family.word()).expect("its own word"), family);
            let read: Family = serde_json::from_str(&format!("\"{family}\"")).expect("its own word");
            assert_eq!(read, family);
        }
        let error = Family::parse("yolo").expect_err("no such word").to_string();
        assert!(error.contains("yolo_v8") && error.contains("vggt"), "{error}");
    }
}
