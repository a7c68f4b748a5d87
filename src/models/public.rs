//! Folders as Hugging Face has them: `config.json`, `preprocessor_config.json`, `onnx/model.onnx`, `README.md`.
//!
//! | `model_type` | family |
//! |---|---|
//! | `rt_detr`, `rt_detr_v2`, `d_fine`, `rf_detr` | `detr` |
//! | `yolov8`, `yolo11` | `yolo_v8` |
//! | `depth_anything`, `depth_estimation_type` not `metric` | `depth_anything_v2` |
//! | `depth_anything`, `depth_estimation_type` `metric` | `depth_anything_v2_metric` |
//! | `depth_pro` | `depth_pro` |
//!
//! `id2label` gives the labels. Of `preprocessor_config.json` is read what bears on numbers: size, resampling (Pillow's
//! numbers 2, 3 and 4), the factor of bytes, mean and deviation. These files hold much else, so unknown keys are passed
//! over here. A folder of another type opens where the caller names the family.

use super::family::Family;
use super::files;
use super::folder::{KnownBy, ModelEntry, ModelFolder};
use super::rules::{InputRule, OutputRule, Precision, Resample};
use crate::error::{Error, ErrorKind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

const CONFIG_NAME: &str = "config.json";
const PREPROCESSOR_NAME: &str = "preprocessor_config.json";

/// What exporters call the file of each precision, between `model` and `.onnx`.
pub(crate) const SUFFIXES: [(Precision, &str); 8] = [
    (Precision::Fp32, ""),
    (Precision::Fp16, "_fp16"),
    (Precision::Q8, "_quantized"),
    (Precision::Int8, "_int8"),
    (Precision::Uint8, "_uint8"),
    (Precision::Q4, "_q4"),
    (Precision::Q4f16, "_q4f16"),
    (Precision::Bnb4, "_bnb4"),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    model_type: Option<String>,
    depth_estimation_type: Option<String>,
    id2label: BTreeMap<usize, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Preprocessor {
    size: Option<Size>,
    resample: Option<u32>,
    do_resize: Option<bool>,
    do_rescale: Option<bool>,
    rescale_factor: Option<f32>,
    do_normalize: Option<bool>,
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
    keep_aspect_ratio: Option<bool>,
    ensure_multiple_of: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "size is neither a number nor {\"height\", \"width\"}")]
enum Size {
    Both { height: u32, width: u32 },
    Square(u32),
    Other(BTreeMap<String, serde_json::Value>),
}

/// Reads it; `None` when there is no model in the places that these folders have. `family` is the caller's word.
pub(super) fn read(folder: &Path, family: Option<Family>) -> Result<Option<ModelFolder>> {
    let entries = entries_of(folder)?;
    let config_path = folder.join(CONFIG_NAME);
    let config: Option<Config> = match files::text_if_there(&config_path)? {
        Some(text) => Some(serde_json::from_str(&text).map_err(|error| files::of_json(&config_path, &error))?),
        None => None,
    };
    if entries.is_empty() || (config.is_none() && family.is_none()) {
        return Ok(None);
    }
    let known_by = if config.is_some() { KnownBy::HuggingFace } else { KnownBy::Caller };
    let config = config.unwrap_or_default();
    let family = family_of(&config, family).map_err(|error| error.within(config_path.display()))?;
    let labels = match config.id2label.is_empty() || !family.is_detector() {
        true => Vec::new(),
        false => files::labels_of_numbers(&config.id2label).map_err(|error| error.within(config_path.display()))?,
    };
    Ok(Some(ModelFolder {
        path: folder.to_path_buf(),
        family,
        entries,
        input: input_of(folder)?,
        output: OutputRule::default(),
        labels,
        licence: licence_of(folder)?,
        source: None,
        known_by,
        hashes: BTreeMap::new(),
        held: None,
    }))
}

fn entries_of(folder: &Path) -> Result<Vec<ModelEntry>> {
    let mut entries = Vec::new();
    for (precision, suffix) in SUFFIXES {
        for place in ["onnx/", ""] {
            let name = format!("{place}model{suffix}.onnx");
            if folder.join(&name).is_file() {
                let path = files::inside(folder, &name).map_err(|error| error.within(folder.display()))?;
                entries.push(ModelEntry { precision, name, path });
                break;
            }
        }
    }
    Ok(entries)
}

fn family_of(config: &Config, named: Option<Family>) -> Result<Family> {
    let known = match config.model_type.as_deref() {
        Some("rt_detr" | "rt_detr_v2" | "d_fine" | "rf_detr") => Some(Family::Detr),
        Some("yolov8" | "yolo11") => Some(Family::YoloV8),
        Some("depth_anything") if config.depth_estimation_type.as_deref() == Some("metric") => {
            Some(Family::DepthAnythingV2Metric)
        }
        Some("depth_anything") => Some(Family::DepthAnythingV2),
        Some("depth_pro") => Some(Family::DepthPro),
        _ => None,
    };
    let kind = config.model_type.as_deref().unwrap_or("none");
    match (known, named) {
        (Some(known), Some(named)) if known != named => {
            Err(Error::argument(format!("model_type is {kind:?}, of the family {known}, not {named}")))
        }
        (Some(family), _) | (None, Some(family)) => Ok(family),
        (None, None) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("model_type is {kind:?}, which is of no family that is known: name one, or write gnomon.json"),
        )),
    }
}

fn input_of(folder: &Path) -> Result<InputRule> {
    let path = folder.join(PREPROCESSOR_NAME);
    let Some(text) = files::text_if_there(&path)? else { return Ok(InputRule::default()) };
    let said: Preprocessor = serde_json::from_str(&text).map_err(|error| files::of_json(&path, &error))?;
    let rule = rule_of(said).and_then(|rule| rule.check().map(|()| rule));
    rule.map_err(|error| error.within(path.display()))
}

fn rule_of(said: Preprocessor) -> Result<InputRule> {
    if said.do_resize == Some(false) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "do_resize is false, pictures of one size alone are not offered",
        ));
    }
    let resample = match said.resample {
        None => None,
        Some(2) => Some(Resample::PillowBilinear),
        Some(3) => Some(Resample::PillowBicubic),
        Some(4) => Some(Resample::PillowBox),
        Some(number) => {
            let sentence = format!("resample is {number}, expected 2 (bilinear), 3 (bicubic) or 4 (box)");
            return Err(Error::new(ErrorKind::Unsupported, sentence));
        }
    };
    let size = match said.size {
        None => None,
        Some(Size::Both { height, width }) => Some([width, height]),
        Some(Size::Square(side)) => Some([side, side]),
        Some(Size::Other(keys)) => {
            let keys: Vec<&str> = keys.keys().map(String::as_str).collect();
            let sentence = format!("size has {}, expected height and width", keys.join(", "));
            return Err(Error::new(ErrorKind::Unsupported, sentence));
        }
    };
    let is_normalised = said.do_normalize.unwrap_or(true);
    Ok(InputRule {
        size,
        keep_aspect: said.keep_aspect_ratio,
        multiple_of: said.ensure_multiple_of,
        resample,
        order: None,
        scale: if said.do_rescale == Some(false) { Some(1.0) } else { said.rescale_factor },
        mean: if is_normalised { said.image_mean } else { Some([0.0; 3]) },
        std: if is_normalised { said.image_std } else { Some([1.0; 3]) },
        pad: None,
    })
}

/// `license: NAME` in the lines between dashes that open `README.md`.
fn licence_of(folder: &Path) -> Result<Option<String>> {
    let text = files::text_if_there(&folder.join("README.md"))?.unwrap_or_default();
    let head = text.strip_prefix("---").and_then(|rest| Some(rest.split_once("\n---")?.0)).unwrap_or("");
    let line = head.lines().find_map(|line| line.strip_prefix("license:"));
    Ok(line.map(|name| name.trim().to_string()).filter(|name| !name.is_empty()))
}
