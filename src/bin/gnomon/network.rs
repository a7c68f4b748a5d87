//! What commands that run networks share: which network, where it runs, what came of that.

use gnomon::Result;
use gnomon::depth::DepthNet;
use gnomon::detect::{DetectOptions, Detector};
use gnomon::frame::{ImageView, Intrinsics};
use gnomon::models::{Family, ModelFolder, Precision};
use gnomon::runtime::{Control, FindOptions, Provider, Runtime, Session, SessionOptions};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// The ONNX Runtime of this machine.
pub fn runtime() -> Result<Arc<Runtime>> {
    Runtime::find(&FindOptions { path: None, python: true })
}

impl NetworkArgs {
    /// The providers asked for, by name: the processor where none is.
    pub fn provider_names(&self) -> Vec<String> {
        if self.providers.is_empty() { vec!["cpu".into()] } else { self.providers.clone() }
    }

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
    pub network: NetworkArgs,
}

impl DetectorArgs {
    /// Loads the detector of a folder or a file.
    pub fn open(&self, path: &Path) -> Result<Detector> {
        let folder = ModelFolder::open(path, self.family, self.labels.as_deref())?;
        Detector::open(&runtime()?, &folder, self.precision, &self.network.session_options())
    }

    /// What is wanted of each picture.
    pub fn options(&self) -> DetectOptions {
        let usual = DetectOptions::default();
        DetectOptions { min_score: self.min_score, iou: self.iou, max: self.max.unwrap_or(usual.max) }
    }
}

/// A network that looks at pictures, of any family.
pub enum Net {
    Depth(Box<DepthNet>),
    Detector(Box<Detector>),
}

impl Net {
    fn open(folder: &ModelFolder, precision: Option<Precision>, options: &SessionOptions) -> Result<Self> {
        let runtime = runtime()?;
        Ok(if folder.family.is_detector() {
            Self::Detector(Box::new(Detector::open(&runtime, folder, precision, options)?))
        } else {
            Self::Depth(Box::new(DepthNet::open(&runtime, folder, precision, options)?))
        })
    }

    /// The network itself.
    pub fn session(&self) -> &Session {
        match self {
            Self::Depth(net) => net.session(),
            Self::Detector(net) => net.session(),
        }
    }

    /// Looks at a picture.
    pub fn look(&self, picture: &ImageView<'_>, camera: &Intrinsics) -> Result<()> {
        match self {
            Self::Depth(net) => net.estimate(picture, Some(camera), &Control::default()).map(drop),
            Self::Detector(net) => net.detect(picture, &DetectOptions::default(), &Control::default()).map(drop),
        }
    }
}

/// Which network, and what it is to run on.
#[derive(clap::Args)]
pub struct ModelArgs {
    /// A model folder, or an .onnx file with --family
    #[arg(value_name = "DIR|FILE")]
    model: PathBuf,
    /// The model's family, where its folder does not say
    #[arg(long, value_parser = Family::parse)]
    family: Option<Family>,
    /// Names of a detector's classes, one a line
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Which of the folder's files: fp32, fp16, q8, int8, uint8, q4, q4f16, bnb4 [default: the first there is]
    #[arg(long, value_name = "WORD", value_parser = Precision::parse)]
    precision: Option<Precision>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

impl ModelArgs {
    /// Reads the folder, loads nothing.
    pub fn folder(&self) -> Result<ModelFolder> {
        ModelFolder::open(&self.model, self.family, self.labels.as_deref())
    }

    /// The folder, or the file.
    pub fn path(&self) -> &Path {
        &self.model
    }

    /// The precision asked for.
    pub fn precision(&self) -> Option<Precision> {
        self.precision
    }

    /// Loads the network of a folder.
    pub fn open(&self, folder: &ModelFolder, options: &SessionOptions) -> Result<Net> {
        Net::open(folder, self.precision, options)
    }
}

/// What a session runs on, by share of its nodes where the runtime tells.
pub fn ran_on(session: &Session) -> String {
    let Some(nodes) = session.nodes_by_provider().filter(|nodes| !nodes.is_empty()) else {
        return session.providers().first().cloned().unwrap_or_default();
    };
    let all: usize = nodes.values().sum();
    let shares: Vec<String> = nodes.iter().map(|(name, count)| format!("{name} {count} of {all} nodes")).collect();
    shares.join(", ")
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
