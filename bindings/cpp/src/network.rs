//! Detectors and depth networks, and what is the same for all networks: how they are opened, stopped and told of.

use crate::bridge::{
    DepthFacts, DepthMeaning, DetectOptions, Detection, Found, Image, Intrinsics, Mask, NetworkFacts, NetworkOptions,
    PixelFormat, Provider, RuntimeFacts,
};
use crate::held::{Failure, held};
use gnomon::depth::{self, Depth, Estimate, MetricDepth};
use gnomon::frame::ImageView;
use gnomon::models::{Family, ModelFolder, Precision};
use gnomon::runtime::{Cancel, Control, FindOptions, Runtime, Session, SessionOptions, TensorRt};
use gnomon::{Error, Result as Outcome, detect, frame, runtime};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The most providers that are asked.
const MAX_PROVIDERS: usize = 64;

/// The most threads of a network.
const MAX_THREADS: u32 = 1024;

/// In options: as the folder or the family has it.
const AS_IS: f32 = -1.0;

/// What may end runs.
pub struct Run(pub(crate) Control);

/// A detector that is loaded.
pub struct Detector {
    pub(crate) detector: Arc<detect::Detector>,
    facts: NetworkFacts,
}

/// A depth network that is loaded.
pub struct DepthNet {
    pub(crate) net: Arc<depth::DepthNet>,
    facts: NetworkFacts,
}

/// Depth of one picture.
pub struct DepthMap {
    estimate: Estimate,
    /// The same with nothing in the sky, where there is one.
    without_sky: Option<Estimate>,
}

/// The library of ONNX Runtime. Errors: there is none that can be used.
pub fn find_runtime(path: &str) -> Result<RuntimeFacts, Failure> {
    held(|| {
        let runtime = runtime_at(path)?;
        Ok(RuntimeFacts {
            path: runtime.path().display().to_string(),
            version: runtime.version().into(),
            providers: runtime.providers().to_vec(),
        })
    })
}

/// The runtime at a path; an empty one: wherever it is.
pub fn runtime_at(path: &str) -> Outcome<Arc<Runtime>> {
    Runtime::find(&FindOptions { path: said(path).map(PathBuf::from), python: false })
}

/// A text that may be empty, which says nothing.
fn said(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The path of a model, not empty.
pub fn model_path(path: &str) -> Outcome<&Path> {
    said(path).map(Path::new).ok_or_else(|| Error::argument("path is empty, expected a model folder or an .onnx file"))
}

/// A precision by its word; an empty one says nothing.
pub fn precision_of(word: &str) -> Outcome<Option<Precision>> {
    said(word).map(Precision::parse).transpose()
}

/// The picture, which must be there; `what` names it in sentences.
pub fn picture_of<'a>(image: &Image<'a>, what: &str) -> Outcome<ImageView<'a>> {
    let picture = image.read_colour(what)?;
    picture.ok_or_else(|| Error::argument(format!("{what} has no bytes, expected a picture")))
}

/// A time for a run; 0: as long as it takes.
pub fn within_of(within_ns: i64) -> Outcome<Option<Duration>> {
    match u64::try_from(within_ns) {
        Ok(0) => Ok(None),
        Ok(ns) => Ok(Some(Duration::from_nanos(ns))),
        Err(_) => Err(Error::argument(format!("within_ns is {within_ns}, expected 0 or more"))),
    }
}

/// What really runs a session.
pub fn providers_of<'a>(
    names: &'a [String],
    nodes: Option<&'a std::collections::BTreeMap<String, usize>>,
) -> Vec<Provider> {
    let nodes_of = |name: &String| nodes.map_or(-1, |nodes| nodes.get(name).copied().unwrap_or(0) as i64);
    names.iter().map(|name| Provider { name: name.clone(), nodes: nodes_of(name) }).collect()
}

/// The defaults of a network.
pub fn default_network_options() -> NetworkOptions {
    let ours = SessionOptions::default();
    NetworkOptions {
        runtime_path: String::new(),
        family: String::new(),
        labels: String::new(),
        precision: String::new(),
        providers: Vec::new(),
        require_providers: ours.require,
        threads: ours.threads as u32,
        memory_budget_bytes: 0,
        engines: String::new(),
        fp16: ours.tensorrt.fp16,
        int8: ours.tensorrt.int8,
    }
}

impl NetworkOptions {
    /// How a session is opened. Errors: too many or too few, texts that name no provider.
    pub fn session(&self, run: &Run) -> Outcome<SessionOptions> {
        let providers = self.providers.len();
        if providers > MAX_PROVIDERS {
            return Err(Error::argument(format!("{providers} providers, expected at most {MAX_PROVIDERS}")));
        }
        if !(1..=MAX_THREADS).contains(&self.threads) {
            return Err(Error::argument(format!("threads is {}, expected 1 to {MAX_THREADS}", self.threads)));
        }
        Ok(SessionOptions {
            providers: self.providers.iter().map(|text| runtime::Provider::parse(text)).collect::<Outcome<_>>()?,
            require: self.require_providers,
            threads: self.threads as usize,
            budget_bytes: (self.memory_budget_bytes > 0).then_some(self.memory_budget_bytes),
            tensorrt: TensorRt {
                folder: said(&self.engines).map(PathBuf::from),
                fp16: self.fp16,
                int8: self.int8,
                ..TensorRt::default()
            },
            control: run.0.clone(),
            ..SessionOptions::default()
        })
    }

    /// The folder read and the runtime found. Errors: either is not there, or not what the options say.
    pub fn ready(&self, path: &str, run: &Run) -> Outcome<Ready> {
        let (path, precision, session) = (model_path(path)?, precision_of(&self.precision)?, self.session(run)?);
        let family = said(&self.family).map(Family::parse).transpose()?;
        let folder = ModelFolder::open(path, family, said(&self.labels).map(Path::new))?;
        folder.entry(precision)?;
        Ok(Ready { runtime: runtime_at(&self.runtime_path)?, folder, precision, session })
    }
}

/// What there is once the folder is read and the runtime found.
pub struct Ready {
    /// The runtime.
    pub runtime: Arc<Runtime>,
    /// The folder.
    pub folder: ModelFolder,
    /// Which of its files; `None`: the fullest.
    pub precision: Option<Precision>,
    /// How it is loaded.
    pub session: SessionOptions,
}

impl Ready {
    /// What was loaded and what really runs it; what it gives is left to the caller.
    pub fn facts(&self, session: &Session) -> Outcome<NetworkFacts> {
        let entry = self.folder.entry(self.precision)?;
        Ok(NetworkFacts {
            family: self.folder.family.word().into(),
            precision: entry.precision.word().into(),
            path: entry.path.display().to_string(),
            licence: self.folder.licence.clone().unwrap_or_default(),
            runtime_path: self.runtime.path().display().to_string(),
            runtime_version: self.runtime.version().into(),
            providers: providers_of(session.providers(), session.nodes_by_provider()),
            remarks: session.remarks().to_vec(),
            weight_bytes: session.plan().weight_bytes,
            activation_bytes: session.plan().activation_bytes,
            gives_masks: false,
            gives_metres: false,
        })
    }
}

impl Run {
    /// Ended by stop alone.
    pub fn unlimited() -> Box<Self> {
        Box::new(Self(Control { cancel: Some(Cancel::new()), within: None }))
    }

    /// Ended by the clock too. Errors: a time below 0.
    pub fn within(nanoseconds: i64) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(Control { cancel: Some(Cancel::new()), within: within_of(nanoseconds)? }))))
    }

    /// Stops every run that was given this.
    pub fn stop(&self) {
        if let Some(cancel) = &self.0.cancel {
            cancel.stop();
        }
    }
}

/// The defaults of a detector.
pub fn default_detect_options() -> DetectOptions {
    DetectOptions { min_score: AS_IS, iou: AS_IS, most: detect::DetectOptions::default().max as u32 }
}

impl DetectOptions {
    /// The crate's own. Errors: numbers out of range.
    pub fn read(&self) -> Outcome<detect::DetectOptions> {
        let said = |number: f32| (number != AS_IS).then_some(number);
        let ours =
            detect::DetectOptions { min_score: said(self.min_score), iou: said(self.iou), max: self.most as usize };
        ours.check()?;
        Ok(ours)
    }
}

impl From<detect::Found> for Found {
    fn from(ours: detect::Found) -> Self {
        let none = frame::Mask { data: Vec::new(), x: 0, y: 0, width: 0, height: 0 };
        let mask = ours.mask.unwrap_or(none);
        Self {
            label: ours.label.to_string(),
            score: ours.score,
            bbox: ours.bbox,
            mask: mask.data,
            mask_x: mask.x,
            mask_y: mask.y,
            mask_width: mask.width,
            mask_height: mask.height,
        }
    }
}

impl Found {
    /// As a scene takes it.
    pub fn detection(&self) -> Detection<'_> {
        let mask = Mask {
            bytes: &self.mask,
            stride: 0,
            x: self.mask_x,
            y: self.mask_y,
            width: self.mask_width,
            height: self.mask_height,
        };
        Detection { label: &self.label, score: self.score, bbox: self.bbox, mask, feature: &[] }
    }
}

impl Detector {
    /// Loads a detector. Errors: options that cannot be meant, no runtime, no network.
    pub fn open(path: &str, options: &NetworkOptions, run: &Run) -> Result<Box<Self>, Failure> {
        held(|| {
            let ready = options.ready(path, run)?;
            let detector = detect::Detector::open(&ready.runtime, &ready.folder, ready.precision, &ready.session)?;
            let facts = NetworkFacts { gives_masks: detector.has_masks(), ..ready.facts(detector.session())? };
            Ok(Box::new(Self { detector: Arc::new(detector), facts }))
        })
    }

    /// What it is and what really runs it.
    pub fn info(&self) -> NetworkFacts {
        self.facts.clone()
    }

    /// What is in a picture. Errors: no picture, options out of range, a run that was stopped.
    pub fn detect(&self, picture: &Image<'_>, options: &DetectOptions, run: &Run) -> Result<Vec<Found>, Failure> {
        held(|| {
            let found = self.detector.detect(&picture_of(picture, "picture")?, &options.read()?, &run.0)?;
            Ok(found.into_iter().map(Found::from).collect())
        })
    }
}

impl DepthNet {
    /// Loads a depth network. Errors: as [`Detector::open`].
    pub fn open(path: &str, options: &NetworkOptions, run: &Run) -> Result<Box<Self>, Failure> {
        held(|| {
            let ready = options.ready(path, run)?;
            let net = depth::DepthNet::open(&ready.runtime, &ready.folder, ready.precision, &ready.session)?;
            let facts = NetworkFacts { gives_metres: net.expect_metric().is_ok(), ..ready.facts(net.session())? };
            Ok(Box::new(Self { net: Arc::new(net), facts }))
        })
    }

    /// What it is and what really runs it.
    pub fn info(&self) -> NetworkFacts {
        self.facts.clone()
    }

    /// Depth of a picture. Errors: no picture, a camera of another size, a run that was stopped.
    pub fn estimate(&self, picture: &Image<'_>, camera: &Intrinsics, run: &Run) -> Result<Box<DepthMap>, Failure> {
        held(|| {
            let picture = picture_of(picture, "picture")?;
            let camera = (camera.width != 0).then(|| camera.read("camera")).transpose()?;
            let estimate = self.net.estimate(&picture, camera.as_ref(), &run.0)?;
            let without_sky = estimate.sky.is_some().then(|| estimate.clone().without_sky());
            Ok(Box::new(DepthMap { estimate, without_sky }))
        })
    }
}

/// A camera without its lens, which networks do not tell.
pub fn pinhole_of(camera: &frame::Intrinsics) -> Intrinsics {
    let frame::Intrinsics { width, height, fx, fy, cx, cy, .. } = *camera;
    Intrinsics { width, height, fx, fy, cx, cy, ..Intrinsics::NONE }
}

/// What the numbers of a depth map are.
pub fn meaning_of(depth: &Depth) -> DepthMeaning {
    match depth {
        Depth::MetricZ(_) => DepthMeaning::MetricZ,
        Depth::UpToScaleZ(_) => DepthMeaning::UpToScaleZ,
        Depth::AffineInverseDepth(_) => DepthMeaning::AffineInverse,
    }
}

/// Metres as the depth of a frame.
pub fn image_of(metres: &MetricDepth) -> Outcome<Image<'_>> {
    let view = metres.view()?;
    let (bytes, width, height) = (view.bytes(), view.width(), view.height());
    Ok(Image { bytes, stride: 0, width, height, format: PixelFormat::DepthF32M })
}

impl DepthMap {
    /// What the numbers are.
    pub fn info(&self) -> DepthFacts {
        let Estimate { depth, intrinsics, remarks, .. } = &self.estimate;
        DepthFacts {
            meaning: meaning_of(depth),
            width: depth.map().width() as u32,
            height: depth.map().height() as u32,
            has_camera: intrinsics.is_some(),
            intrinsics: intrinsics.as_ref().map_or(Intrinsics::NONE, pinhole_of),
            remarks: remarks.clone(),
        }
    }

    /// One number a pixel.
    pub fn values(&self) -> &[f32] {
        self.estimate.depth.map().values()
    }

    /// How sure the network is of each pixel.
    pub fn confidence(&self) -> &[f32] {
        self.estimate.confidence.as_ref().map_or(&[], depth::DepthMap::values)
    }

    /// Which pixels are sky.
    pub fn sky(&self) -> Vec<u8> {
        self.estimate.sky.iter().flatten().map(|&is_sky| is_sky.into()).collect()
    }

    /// As the depth of a frame. Errors: it is not metres.
    pub fn image(&self) -> Result<Image<'_>, Failure> {
        held(|| image_of(self.without_sky.as_ref().unwrap_or(&self.estimate).metric()?))
    }
}
