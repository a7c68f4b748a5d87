//! `gnomon.json`: what a model folder says of itself in our words.

use super::family::Family;
use super::files;
use super::folder::{KnownBy, ModelEntry, ModelFolder};
use super::rules::{InputRule, Meaning, OutputRule, Precision};
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Its name in the folder.
pub const MANIFEST_NAME: &str = "gnomon.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    family: Family,
    files: BTreeMap<Precision, String>,
    #[serde(default)]
    sha256: BTreeMap<String, String>,
    #[serde(default)]
    input: InputRule,
    #[serde(default)]
    output: OutputRule,
    #[serde(default)]
    labels: Option<Labels>,
    #[serde(default)]
    licence: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "labels is neither a list of texts nor the name of a file")]
enum Labels {
    Listed(Vec<String>),
    File(String),
}

/// Reads it; `None` when the folder has no such file.
pub(super) fn read(folder: &Path) -> Result<Option<ModelFolder>> {
    let path = folder.join(MANIFEST_NAME);
    let Some(text) = files::text_if_there(&path)? else { return Ok(None) };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| files::of_json(&path, &error))?;
    folder_of(folder, manifest).map(Some).map_err(|error| error.within(path.display()))
}

/// The folder that the library holds in itself: what its `gnomon.json` says, without looking for files.
pub(super) fn held(name: &str, text: &str) -> Result<ModelFolder> {
    let manifest: Manifest = serde_json::from_str(text).map_err(|error| files::of_json(Path::new(name), &error))?;
    let entry =
        |(precision, file): (Precision, String)| ModelEntry { precision, path: Path::new(name).into(), name: file };
    Ok(ModelFolder {
        path: Path::new(name).into(),
        family: manifest.family,
        entries: manifest.files.into_iter().map(entry).collect(),
        input: manifest.input,
        output: manifest.output,
        labels: Vec::new(),
        licence: manifest.licence,
        source: manifest.source,
        known_by: KnownBy::Manifest,
        hashes: manifest.sha256,
        held: None,
    })
}

fn folder_of(folder: &Path, manifest: Manifest) -> Result<ModelFolder> {
    manifest.input.check()?;
    manifest.output.check()?;
    if let Some(meaning) = manifest.output.meaning.filter(|meaning| !meanings(manifest.family).contains(meaning)) {
        return Err(Error::io(format!("output meaning is {meaning:?}, which {} does not give", manifest.family)));
    }
    if manifest.files.is_empty() {
        return Err(Error::io("files names none"));
    }
    for (name, hash) in &manifest.sha256 {
        files::inside(folder, name)?;
        files::check_hash(name, hash)?;
    }
    let mut entries = Vec::new();
    for (precision, name) in manifest.files {
        let path = files::inside(folder, &name)?;
        entries.push(ModelEntry { precision, name, path });
    }
    let labels = match manifest.labels {
        None => Vec::new(),
        Some(Labels::File(name)) => files::labels_of_lines(&files::inside(folder, &name)?)?,
        Some(Labels::Listed(labels)) => {
            files::check_labels(&labels)?;
            labels
        }
    };
    Ok(ModelFolder {
        path: folder.to_path_buf(),
        family: manifest.family,
        entries,
        input: manifest.input,
        output: manifest.output,
        labels,
        licence: manifest.licence,
        source: manifest.source,
        known_by: KnownBy::Manifest,
        hashes: manifest.sha256,
        held: None,
    })
}

/// What may come out of a family.
fn meanings(family: Family) -> &'static [Meaning] {
    match family {
        Family::FastestDet | Family::Detr => &[Meaning::Boxes],
        Family::YoloV8 => &[Meaning::Boxes, Meaning::Masks],
        Family::DepthAnythingV2 => &[Meaning::RelativeInverseDepth],
        Family::DepthAnythingV2Metric | Family::UniDepthV2 | Family::DepthAnything3Metric | Family::RoomDepth => {
            &[Meaning::MetricDepth]
        }
        Family::DepthPro => &[Meaning::CanonicalInverseDepth, Meaning::MetricDepth],
        Family::DepthAnything3 => &[Meaning::DepthUpToScale, Meaning::MetricDepth],
        Family::Vggt => &[Meaning::DepthUpToScale],
    }
}
