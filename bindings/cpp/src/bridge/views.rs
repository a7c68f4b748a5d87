//! Pictures of one place, looked at together.

use crate::views::{GeometryNet, Views};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Image<'a> = crate::bridge::Image<'a>;
        type Intrinsics = crate::bridge::Intrinsics;
        include!("gnomon-cxx/src/bridge/network.rs.h");
        type DepthMeaning = crate::bridge::DepthMeaning;
        type NetworkFacts = crate::bridge::NetworkFacts;
        type NetworkOptions = crate::bridge::NetworkOptions;
        type Run = crate::bridge::Run;
    }

    /// What a network says of one of the pictures, but for its numbers.
    #[derive(Debug, Clone, Copy)]
    struct ViewFacts {
        /// What its numbers are; all views share the factor.
        meaning: DepthMeaning,
        width: u32,
        height: u32,
        /// The camera that the network believes to see through.
        intrinsics: Intrinsics,
        /// Into the network's world, which is about the first camera's; the translation in units of values. Which way is
        /// up, the network does not say.
        world_from_camera: [f64; 16],
    }

    extern "Rust" {
        /// A network that looks at many pictures at once: depth, points, cameras and poses. Any thread: calls are served
        /// one after another.
        type GeometryNet;
        /// Loads the network of a model folder, or of an .onnx file whose family the options name (depth_anything_3,
        /// vggt). Throws as Detector::open, and GNOMON_E_MODEL for a graph that gives no cameras.
        #[Self = "GeometryNet"]
        fn open(path: &str, options: &NetworkOptions, run: &Run) -> Result<Box<GeometryNet>>;
        /// What it is and what really runs it.
        fn info(self: &GeometryNet) -> NetworkFacts;
        /// Looks at 1 to 256 pictures of one place, of any sizes.
        fn estimate(self: &GeometryNet, pictures: &[Image<'_>], run: &Run) -> Result<Box<Views>>;

        /// What a network says of pictures that it saw together, by their numbers. Never changes; outlives its network.
        type Views;
        /// How many pictures there are.
        fn size(self: &Views) -> usize;
        /// What is said of a picture.
        fn info(self: &Views, at: usize) -> Result<ViewFacts>;
        /// One number a pixel, row after row, 0: none there.
        fn values(self: &Views, at: usize) -> Result<&[f32]>;
        /// How sure the network is of each pixel, in its own measure; empty where it does not tell.
        fn confidence(self: &Views, at: usize) -> Result<&[f32]>;
        /// x, y, z of each pixel's point in the network's world, in units of values, NaN: none there; empty where there
        /// are none.
        fn points(self: &Views, at: usize) -> Result<&[f32]>;
        /// How sure the network is of each point; empty where it does not tell.
        fn points_confidence(self: &Views, at: usize) -> Result<&[f32]>;
        /// Depth as Frame::depth takes it; borrows this. Throws GNOMON_E_UNSUPPORTED for depth that is not metres.
        unsafe fn image<'a>(self: &'a Views, at: usize) -> Result<Image<'a>>;
    }
}
