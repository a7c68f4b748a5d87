//! What may stand in the stages before the scene: something that finds things, something that makes depth.

use crate::error::Result;
use crate::frame::{ImageView, Intrinsics, MetricZ};
use crate::lift::OwnedDetection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a stage is told of the frame's turn.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    pub(super) within: Option<Duration>,
    pub(super) closing: &'a AtomicBool,
}

impl Turn<'_> {
    /// What is left of the frame's deadline; `None`: it has none.
    pub fn within(&self) -> Option<Duration> {
        self.within
    }

    /// Whether the pipeline closes: what is made now nobody sees.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}

/// Called from another thread when the pipeline closes, once: what runs should end soon.
pub type Stopper = Box<dyn Fn() + Send + Sync>;

/// A detector. On an error or a panic, which are counted, the frame goes on without detections.
pub trait Detect: Send {
    /// What is in a picture, appended to `out`, which is empty.
    fn detect(&mut self, picture: &ImageView<'_>, turn: &Turn<'_>, out: &mut Vec<OwnedDetection>) -> Result<()>;

    /// What ends a [`detect`](Self::detect) that runs, if anything does.
    fn stopper(&self) -> Option<Stopper> {
        None
    }
}

/// Depth made from a picture: metres along the optical axis in the pixels of the colour camera, 0 for "none".
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MadeDepth {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Metres, row-major.
    pub metres: Vec<f32>,
}

impl MadeDepth {
    pub(super) fn view(&self) -> Result<MetricZ<'_>> {
        MetricZ::from_metres(&self.metres, self.width, self.height)
    }
}

/// A depth network. On an error or a panic, which are counted, the frame is dropped: without depth there are no places.
pub trait EstimateDepth: Send {
    /// The depth of a picture, into `out`, which is empty.
    fn estimate(
        &mut self,
        picture: &ImageView<'_>,
        camera: &Intrinsics,
        turn: &Turn<'_>,
        out: &mut MadeDepth,
    ) -> Result<()>;

    /// What ends an [`estimate`](Self::estimate) that runs, if anything does.
    fn stopper(&self) -> Option<Stopper> {
        None
    }
}

#[cfg(feature = "onnx")]
pub use of_models::{DepthStage, DetectorStage};

#[cfg(feature = "onnx")]
mod of_models {
    use super::*;
    use crate::depth::DepthNet;
    use crate::detect::{DetectOptions, Detector};
    use crate::runtime::{Cancel, Control};
    use std::sync::Arc;

    /// A [`Detector`] as a stage.
    #[derive(Debug)]
    pub struct DetectorStage {
        detector: Arc<Detector>,
        options: DetectOptions,
        cancel: Cancel,
    }

    impl DetectorStage {
        /// Detects with these options; ends within a node of the graph when the pipeline closes or the deadline passes.
        pub fn new(detector: Arc<Detector>, options: DetectOptions) -> Self {
            Self { detector, options, cancel: Cancel::new() }
        }
    }

    impl Detect for DetectorStage {
        fn detect(&mut self, picture: &ImageView<'_>, turn: &Turn<'_>, out: &mut Vec<OwnedDetection>) -> Result<()> {
            let control = Control { cancel: Some(self.cancel.clone()), within: turn.within() };
            let found = self.detector.detect(picture, &self.options, &control)?;
            out.extend(found.into_iter().map(OwnedDetection::from));
            Ok(())
        }

        fn stopper(&self) -> Option<Stopper> {
            let cancel = self.cancel.clone();
            Some(Box::new(move || cancel.stop()))
        }
    }

    /// A [`DepthNet`] as a stage, nothing in the sky. One whose depth is not metric fails each frame, and says so.
    #[derive(Debug)]
    pub struct DepthStage {
        net: Arc<DepthNet>,
        cancel: Cancel,
    }

    impl DepthStage {
        /// Ends within a node of the graph when the pipeline closes or the deadline passes.
        pub fn new(net: Arc<DepthNet>) -> Self {
            Self { net, cancel: Cancel::new() }
        }
    }

    impl EstimateDepth for DepthStage {
        fn estimate(
            &mut self,
            picture: &ImageView<'_>,
            camera: &Intrinsics,
            turn: &Turn<'_>,
            out: &mut MadeDepth,
        ) -> Result<()> {
            let control = Control { cancel: Some(self.cancel.clone()), within: turn.within() };
            let estimate = self.net.estimate(picture, Some(camera), &control)?.without_sky();
            let map = estimate.metric()?.map();
            (out.width, out.height) = (map.width() as u32, map.height() as u32);
            out.metres.clear();
            out.metres.extend_from_slice(map.values());
            Ok(())
        }

        fn stopper(&self) -> Option<Stopper> {
            let cancel = self.cancel.clone();
            Some(Box::new(move || cancel.stop()))
        }
    }
}
