//! What commands that run networks share: where networks run, and how a detector is opened.

use gnomon::Result;
use gnomon::detect::{DetectOptions, Detector};
use gnomon::models::{Family, ModelFolder, Precision};
use gnomon::runtime::{FindOptions, Provider, Runtime, SessionOptions};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct NetworkArgs {
    /// What networks run on, in order of preference: cuda, tensorrt, cpu, or as ONNX Runtime names it [default: cpu]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    providers: Vec<String>,
    /// Fail where a provider that was asked for cannot be had
    #[arg(long, requires = "providers")]
    require: bool,
    /// Threads of a network on the processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl NetworkArgs {
    /// How sessions are opened.
    pub fn session_options(&self) -> SessionOptions {
        let usual = SessionOptions::default();
        SessionOptions {
            providers: self.providers.iter().map(Provider::named).collect(),
            require: self.require,
            threads: self.threads.map_or(usual.threads, usize::from),
            ..usual
        }
    }
}

#[derive(clap::Args)]
pub struct DetectorArgs {
    /// Family of a detector that does not say it: fastest_det, yolo_v8, detr
    #[arg(long, value_parser = Family::parse)]
    family: Option<Family>,
    /// Names of the detector's classes, one a line
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Which of the detector's files: fp32, fp16, q8, int8, uint8, q4, q4f16, bnb4 [default: the first there is]
    #[arg(long, value_name = "WORD", value_parser = Precision::parse)]
    precision: Option<Precision>,
    /// Tell only what the detector is surer of than this, 0 to 1 [default: the folder's or the family's]
    #[arg(long, value_name = "SCORE")]
    min_score: Option<f32>,
    /// Drop the weaker of two boxes of one class that overlap by more than this, 0 to 1 [default: likewise]
    #[arg(long, value_name = "SHARE")]
    iou: Option<f32>,
    /// The most that are told of one picture
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    #[command(flatten)]
    network: NetworkArgs,
}

impl DetectorArgs {
    /// Loads the detector of a folder or a file.
    pub fn open(&self, path: &Path) -> Result<Detector> {
        let folder = ModelFolder::open(path, self.family, self.labels.as_deref())?;
        let runtime = Runtime::find(&FindOptions { path: None, python: true })?;
        Detector::open(&runtime, &folder, self.precision, &self.session_options())
    }

    /// How sessions are opened.
    pub fn session_options(&self) -> SessionOptions {
        self.network.session_options()
    }

    /// What is wanted of each picture.
    pub fn options(&self) -> DetectOptions {
        let usual = DetectOptions::default();
        DetectOptions { min_score: self.min_score, iou: self.iou, max: self.max.unwrap_or(usual.max) }
    }
}

/// What a detector is and what it runs on.
pub fn document_of(detector: &Detector) -> Value {
    let folder = detector.folder();
    json!({
        "model": folder.path.display().to_string(),
        "family": folder.family.word(),
        "licence": folder.licence,
        "input": detector.input_size(),
        "masks": detector.has_masks(),
        "providers": detector.session().providers(),
        "nodes": detector.session().nodes_by_provider(),
        "remarks": detector.session().remarks(),
    })
}

/// The same for people.
pub fn words_of(detector: &Detector) -> String {
    let (width, height) = detector.input_size();
    let folder = detector.folder();
    let providers = detector.session().providers().join(", ");
    format!("{} of {}, {width}x{height}, on {providers}", folder.family, folder.path.display())
}
