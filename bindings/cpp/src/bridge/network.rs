//! Detectors and depth networks.

use crate::network::{
    DepthMap, DepthNet, Detector, Run, default_detect_options, default_network_options, find_runtime,
};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Detection<'a> = crate::bridge::Detection<'a>;
        type Image<'a> = crate::bridge::Image<'a>;
        type Intrinsics = crate::bridge::Intrinsics;
    }

    /// The library of ONNX Runtime that this process has.
    #[derive(Debug, Clone)]
    struct RuntimeFacts {
        path: String,
        version: String,
        /// What it can run on, as it names it.
        providers: Vec<String>,
    }

    /// How a network is opened; begin with default_network_options().
    #[derive(Debug, Clone)]
    struct NetworkOptions {
        /// The library of ONNX Runtime, or its folder, which then must do; empty: $GNOMON_ORT_PATH, else where libraries lie.
        runtime_path: String,
        /// "fastest_det", "depth_anything_v2": what a bare .onnx file is; empty: the folder says.
        family: String,
        /// A text file with the names of classes, one a line, that counts before the folder's; empty: the folder's.
        labels: String,
        /// "fp32", "fp16", "int8", "q4": which of a folder's files; empty: the fullest that it has.
        precision: String,
        /// What to run on, in order: "cuda", "tensorrt:device_id=1", or another as ONNX Runtime names it. Empty: the
        /// processor.
        providers: Vec<String>,
        /// Whether every provider must be had and the first must get a node; else a remark tells.
        require_providers: bool,
        /// Threads inside one node, 1 to 1024.
        threads: u32,
        /// The most that weights and activations may take, bytes; 0: anything.
        memory_budget_bytes: u64,
        /// The folder where engines of TensorRT are kept from start to start; empty: each start builds anew.
        engines: String,
        /// Whether engines may compute with half floats.
        fp16: bool,
        /// Whether engines may compute with whole numbers of 8 bits, of a model that holds its scales.
        int8: bool,
    }

    /// What a network runs on.
    #[derive(Debug, Clone)]
    struct Provider {
        name: String,
        /// How many nodes of the graph it got; -1: ONNX Runtime does not tell.
        nodes: i64,
    }

    /// What a network is and what really runs it.
    #[derive(Debug, Clone)]
    struct NetworkFacts {
        family: String,
        precision: String,
        /// The file.
        path: String,
        /// Under what terms it may be used, in the folder's words; may be empty.
        licence: String,
        runtime_path: String,
        runtime_version: String,
        /// In order.
        providers: Vec<Provider>,
        /// What is not as it was asked for, in sentences.
        remarks: Vec<String>,
        weight_bytes: u64,
        activation_bytes: u64,
        /// Whether a detector tells which pixels belong to a thing.
        gives_masks: bool,
        /// Whether a depth network gives metres for pictures of a known camera.
        gives_metres: bool,
    }

    /// What is wanted of one picture; begin with default_detect_options().
    #[derive(Debug, Clone, Copy)]
    struct DetectOptions {
        /// Only what has a score above this is told, 0 to 1; -1: as the folder or the family has it.
        min_score: f32,
        /// Of two boxes of one class that overlap by more than this the weaker is dropped, 0 to 1; -1: likewise.
        iou: f32,
        /// The most that are told, surest first.
        most: u32,
    }

    /// One thing in a picture; detection() is what Scene::integrate takes.
    #[derive(Debug, Clone)]
    struct Found {
        label: String,
        score: f32,
        /// x0, y0, x1, y1 in pixels of the picture, x1 and y1 exclusive. May reach over the border.
        bbox: [f32; 4],
        /// One byte a pixel, not 0 inside; empty where the network does not tell.
        mask: Vec<u8>,
        mask_x: u32,
        mask_y: u32,
        mask_width: u32,
        mask_height: u32,
    }

    /// What the numbers of a depth map are: metres along the axis, those up to a factor, or a number larger where it is
    /// nearer.
    #[derive(Debug)]
    enum DepthMeaning {
        MetricZ,
        UpToScaleZ,
        AffineInverse,
    }

    /// A depth map in words and numbers.
    #[derive(Debug, Clone)]
    struct DepthFacts {
        meaning: DepthMeaning,
        width: u32,
        height: u32,
        /// Whether the network believes to see through a camera: the field after it.
        has_camera: bool,
        intrinsics: Intrinsics,
        /// What was not as it could be: a camera that was given and not used, say.
        remarks: Vec<String>,
    }

    extern "Rust" {
        /// The library of ONNX Runtime of this process, which the first call finds: at `path`, or with an empty one where
        /// NetworkOptions::runtime_path says. Throws GNOMON_E_RUNTIME with every place that was tried.
        fn find_runtime(path: &str) -> Result<RuntimeFacts>;
        /// The defaults of a network: on the processor, two threads.
        fn default_network_options() -> NetworkOptions;
        /// The defaults of a detector.
        fn default_detect_options() -> DetectOptions;

        /// What may end runs: a time, and stop() from any thread. One for many runs.
        type Run;
        /// Runs end by stop() alone.
        #[Self = "Run"]
        fn unlimited() -> Box<Run>;
        /// Each run that takes longer, the wait for other calls included, throws GNOMON_E_CANCELLED.
        #[Self = "Run"]
        fn within(nanoseconds: i64) -> Result<Box<Run>>;
        /// Stops every run that was given this, those in line and those yet to come: they throw GNOMON_E_CANCELLED.
        fn stop(self: &Run);

        /// As Scene::integrate takes it; borrows this.
        unsafe fn detection<'a>(self: &'a Found) -> Detection<'a>;

        /// A detector that is loaded. Any thread: pictures are looked at one after another.
        type Detector;
        /// Loads the detector of a model folder, or of an .onnx file whose family the options name. Throws
        /// GNOMON_E_RUNTIME without ONNX Runtime, _IO or _MODEL for what is no network, _DEVICE for a provider that is
        /// required and not there.
        #[Self = "Detector"]
        fn open(path: &str, options: &NetworkOptions, run: &Run) -> Result<Box<Detector>>;
        /// What it is and what really runs it.
        fn info(self: &Detector) -> NetworkFacts;
        /// What is in a picture, surest first.
        fn detect(self: &Detector, picture: &Image<'_>, options: &DetectOptions, run: &Run) -> Result<Vec<Found>>;

        /// A depth network that is loaded. Any thread: pictures are looked at one after another.
        type DepthNet;
        /// Loads a depth network, as Detector::open.
        #[Self = "DepthNet"]
        fn open(path: &str, options: &NetworkOptions, run: &Run) -> Result<Box<DepthNet>>;
        /// What it is and what really runs it.
        fn info(self: &DepthNet) -> NetworkFacts;
        /// Depth of a picture of this camera. Width 0, as of `{}`: its camera is not known; some networks find it, some
        /// give no metres then, some refuse.
        fn estimate(self: &DepthNet, picture: &Image<'_>, camera: &Intrinsics, run: &Run) -> Result<Box<DepthMap>>;

        /// Depth of one picture, pixel for pixel. Never changes; outlives its network.
        type DepthMap;
        /// What the numbers are, and of what camera.
        fn info(self: &DepthMap) -> DepthFacts;
        /// One number a pixel, row after row, 0: none there.
        fn values(self: &DepthMap) -> &[f32];
        /// How sure the network is of each pixel, in its own measure; empty where it does not tell.
        fn confidence(self: &DepthMap) -> &[f32];
        /// 1 for each pixel that is sky; empty where the network does not tell.
        fn sky(self: &DepthMap) -> Vec<u8>;
        /// As Frame::depth takes it, nothing in the sky; borrows this. Throws GNOMON_E_UNSUPPORTED for depth that is not
        /// metres.
        unsafe fn image<'a>(self: &'a DepthMap) -> Result<Image<'a>>;
    }

    impl Vec<Provider> {}
}

/// Says under which name other bridges know a type of Rust's own.
macro_rules! shared {
    ($($name:ident $id:literal)*) => {$(
        // SAFETY: the id is the name that the bridge above gives it; other bridges pass it by reference alone.
        unsafe impl cxx::ExternType for $name {
            type Id = cxx::type_id!($id);
            type Kind = cxx::kind::Opaque;
        }
    )*};
}

shared! {
    Run "gnomon::cxx::Run"
    Detector "gnomon::cxx::Detector"
    DepthNet "gnomon::cxx::DepthNet"
}
