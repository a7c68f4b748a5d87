//! `sequence.json`: what a recording says of itself.

use super::{Lens, text};
use crate::error::{Error, Result};
use crate::frame::{DistortionModel, Pose, Up, pose_from_parts};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Its name in the folder.
pub(super) const FILE_NAME: &str = "sequence.json";

#[derive(Default)]
pub(super) struct Config {
    pub layout: Option<String>,
    pub depth_scale: Option<f64>,
    pub lens: Option<Lens>,
    pub depth_lens: Option<Lens>,
    pub colour_from_depth: Option<Pose>,
    pub up: Option<Up>,
}

#[derive(Deserialize)]
struct Keys {
    layout: Option<String>,
    depth_scale: Option<f64>,
    intrinsics: Option<Vec<f64>>,
    depth_intrinsics: Option<Vec<f64>>,
    distortion_model: Option<String>,
    depth_distortion_model: Option<String>,
    color_from_depth: Option<[f64; 7]>,
    up: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, serde::de::IgnoredAny>,
}

/// Reads it; every key `None` when the folder has no such file.
pub(super) fn read(dir: &Path) -> Result<Config> {
    let path = dir.join(FILE_NAME);
    if !path.is_file() {
        return Ok(Config::default());
    }
    let keys: Keys =
        serde_json::from_str(&text::read(&path)?).map_err(|error| Error::io(format!("{}: {error}", path.display())))?;
    for other in keys.others.keys() {
        log::warn!("{}: key \"{other}\" is not known and passed over", path.display());
    }
    config_of(&keys).map_err(|error| error.within(path.display()))
}

fn config_of(keys: &Keys) -> Result<Config> {
    Ok(Config {
        layout: keys.layout.clone(),
        depth_scale: keys.depth_scale,
        lens: lens_of("intrinsics", keys.intrinsics.as_deref(), keys.distortion_model.as_deref())?,
        depth_lens: lens_of(
            "depth_intrinsics",
            keys.depth_intrinsics.as_deref(),
            keys.depth_distortion_model.as_deref(),
        )?,
        colour_from_depth: match keys.color_from_depth {
            Some([x, y, z, qx, qy, qz, qw]) => {
                Some(pose_from_parts([x, y, z], [qx, qy, qz, qw]).map_err(|error| error.within("color_from_depth"))?)
            }
            None => None,
        },
        up: keys.up.as_deref().map(Up::parse).transpose()?,
    })
}

fn lens_of(key: &str, numbers: Option<&[f64]>, model: Option<&str>) -> Result<Option<Lens>> {
    let model = model.map(DistortionModel::parse).transpose().map_err(|error| error.within(key))?;
    match numbers {
        Some(numbers) => Lens::from_numbers(numbers, model).map(Some).map_err(|error| error.within(key)),
        None if model.is_some() => Err(Error::argument(format!("a distortion model is given without {key}"))),
        None => Ok(None),
    }
}
