//! Depth from pictures: networks of eight families, fed and read exactly as their releases do, and depth that says what
//! it means.
//!
//! Two questions go wrong most often with depth networks: how the picture is to be made ready, and what the numbers
//! are. The first is answered here by family ([`Family`](crate::models::Family)), the second by type ([`Depth`]):
//!
//! | family | the picture | what comes out | [`Depth`] |
//! |---|---|---|---|
//! | `depth_anything_v2` | smaller side 518, sides multiples of 14, OpenCV's cubic on floats | inverse depth, back by corners that meet | `AffineInverseDepth` |
//! | `depth_anything_v2_metric` | the same | metres, back as above | `MetricZ` |
//! | `depth_pro` | stretched to 1536 x 1536, torch's bilinear | inverse depth of a camera one picture wide, and a field of view | `MetricZ` |
//! | `unidepth_v2` | ratio in [0.5, 2.5] by a margin, 0.2 to 0.6 million pixels, torch's bilinear | points, camera, confidence | `MetricZ` |
//! | `depth_anything_3` | longer side 504, then multiples of 14, OpenCV's area or cubic | depth, confidence, cameras, poses | `UpToScaleZ` |
//! | `depth_anything_3_metric` | the same | depth of a camera with a focal length of 300 pixels, sky | `MetricZ` where the camera is known, else `UpToScaleZ` |
//! | `room_depth` | stretched to the graph's size, OpenCV's area; the camera's four numbers, its stance | metres, and the spread of their logarithm | `MetricZ` |
//! | `vggt` | width 518, height a multiple of 14 and at most 518, Pillow's bicubic | depth, points, confidence, cameras, poses | `UpToScaleZ` |
//!
//! The rules are those of the releases, read in their repositories: DepthAnything/Depth-Anything-V2 a561b84,
//! apple/ml-depth-pro 9efe5c1, lpiccinelli-eth/UniDepth 8d8cfe4, ByteDance-Seed/Depth-Anything-3 2c21ea8,
//! facebookresearch/vggt. Where a Hugging Face folder of Depth Anything V2 brings a `preprocessor_config.json` that
//! names a filter of Pillow, its rule counts instead, from the size (the side that changes less decides) to the way
//! back (torch's bicubic): that is what its image processor on Pillow does, and the figures of the two differ. (The
//! processor on torchvision, which newer releases of transformers prefer, differs from that by a grey level here and
//! there.) `gnomon.json` may set size, filter, order, mean and deviation one by one. A graph that takes one size alone
//! is respected (`lay.rs`), and [`DepthNet::plan`] says what is done.
//!
//! Departures, each where a release would fail or draw lots: a side that would be rounded to nothing gets 14 pixels;
//! UniDepth's margin, which rounding makes -1 for one size in forty, is 0 then; sky is filled by all pixels, not by 100
//! 000 of them drawn at random; a map is brought back to the picture's size also by Depth Anything 3 and VGGT, whose
//! releases leave it at the network's (torch's bilinear). Depth Pro graphs that tell `focallength_px` instead of a
//! field of view give metres already; they are turned into inverse depth and go on.
//!
//! `room_depth` is our own (`tools/train_depth`): it must be given the camera, and is better where it is told how the camera
//! stands as well ([`Stance`], [`DepthNet::estimate_standing`]); its map is brought to the picture's size with
//! its steps kept (`enlarge.rs`), and its confidence is 1 over the spread.
//!
//! Numbers that no depth can be (NaN, infinite, 0 and below) are "none", 0; a picture without any depth is an error.
//! Values are found by name and checked by type and shape, at opening and after each run (`graph.rs`). Cameras and poses
//! are turned into gnomon's words in `camera.rs`.
//!
//! ```no_run
//! use gnomon::depth::DepthNet;
//! use gnomon::frame::{ImageView, Intrinsics, PixelFormat};
//! use gnomon::models::ModelFolder;
//! use gnomon::runtime::{Control, FindOptions, Runtime, SessionOptions};
//! use std::path::Path;
//!
//! let runtime = Runtime::find(&FindOptions::default())?;
//! let folder = ModelFolder::open(Path::new("depth-anything-v2-metric"), None, None)?;
//! let net = DepthNet::open(&runtime, &folder, None, &SessionOptions::default())?;
//! let pixels = vec![0; 3 * 640 * 480];
//! let picture = ImageView::new(&pixels, 640, 480, 0, PixelFormat::Rgb8)?;
//! let camera = Intrinsics::pinhole(640, 480, 525.0, 525.0, 319.5, 239.5)?;
//! let estimate = net.estimate(&picture, Some(&camera), &Control::default())?;
//! let depth = estimate.metric()?.view()?; // for a frame; fails for depth that is not metric, and says so
//! # Ok::<(), gnomon::Error>(())
//! ```
//!
//! Not here: fitting relative depth to metres, and what becomes of depth (`lift`, `scene`).

mod camera;
mod enlarge;
mod graph;
mod lay;
mod meaning;
mod net;
mod size;
mod sky;
mod stance;
mod views;

pub use lay::InputPlan;
pub use meaning::{Depth, DepthMap, DepthRange, MetricDepth};
pub use net::{DepthNet, Estimate};
pub use stance::Stance;
pub use views::{GeometryNet, View};
