//! Where the detections of a run come from: nowhere, a file, or a detector that looks at each picture.

use crate::run::Args;
use gnomon::lift::{Detection, OwnedDetection};
use gnomon::sequence::{DetectionsFile, ListedDetection, LoadedFrame, Sequence};
use gnomon::{Error, Result};
use serde_json::{Value, json};
use std::path::Path;

/// Where detections come from.
pub enum Detections {
    /// Nowhere: things come from geometry alone.
    None,
    /// A file.
    File { file: DetectionsFile, name: String },
    /// A network.
    Network { detector: Box<gnomon::detect::Detector>, options: gnomon::detect::DetectOptions },
}

impl Detections {
    /// What the command line asks for.
    pub fn of(args: &Args, sequence: &Sequence) -> Result<Self> {
        if let Some(path) = &args.detector {
            let detector = Box::new(args.network.open(path)?);
            return Ok(Self::Network { detector, options: args.network.options() });
        }
        let Some(path) = &args.detections else { return Ok(Self::None) };
        let file = DetectionsFile::open(path)?;
        check_reach(&file, path, sequence)?;
        Ok(Self::File { file, name: path.display().to_string() })
    }

    /// What is said of a frame.
    pub fn for_frame(&mut self, loaded: &LoadedFrame) -> Result<Vec<OwnedDetection>> {
        match self {
            Self::None => Ok(Vec::new()),
            Self::File { file, name } => {
                let found = file.for_frame(loaded.frame)?;
                check_masks(&found, loaded, name)?;
                Ok(found.into_iter().map(|listed| listed.detection).collect())
            }
            Self::Network { detector, options } => {
                let frame = loaded.as_frame()?;
                let Some(picture) = frame.colour else { return Ok(Vec::new()) };
                let found = detector.detect(&picture, options, &gnomon::runtime::Control::default());
                let found = found.map_err(|error| error.within(format_args!("frame {}", loaded.frame)))?;
                Ok(found.into_iter().map(OwnedDetection::from).collect())
            }
        }
    }

    /// For people, where there is more to say than the command line did.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Network { detector, .. } => Some(crate::network::words_of(detector)),
            _ => None,
        }
    }

    /// The same for programs.
    pub fn document(&self) -> Value {
        match self {
            Self::None => json!("geometry"),
            Self::File { name, .. } => json!(name),
            Self::Network { detector, .. } => crate::network::document_of(detector),
        }
    }
}

/// Borrows all, as a scene takes them.
pub fn borrowed(found: &[OwnedDetection]) -> Result<Vec<Detection<'_>>> {
    found.iter().map(OwnedDetection::as_detection).collect()
}

/// Detections of another sequence are more likely than a few pictures missing at its end.
fn check_reach(file: &DetectionsFile, path: &Path, sequence: &Sequence) -> Result<()> {
    let pictures = sequence.len() + sequence.skipped().len();
    match file.last_frame() {
        Some(last) if last >= pictures => Err(Error::io(format!(
            "{} speaks of frame {last}, the sequence has {pictures} frames from 0",
            path.display()
        ))),
        _ => Ok(()),
    }
}

fn check_masks(found: &[ListedDetection], loaded: &LoadedFrame, file: &str) -> Result<()> {
    let picture = (loaded.intrinsics.width, loaded.intrinsics.height);
    for ListedDetection { line, detection } in found {
        if let Some(mask) = detection.mask.as_ref().filter(|mask| (mask.width, mask.height) != picture) {
            return Err(Error::io(format!(
                "{file} line {line}: mask is {}x{} pixels, picture {} is {}x{}",
                mask.width, mask.height, loaded.frame, picture.0, picture.1
            )));
        }
    }
    Ok(())
}
