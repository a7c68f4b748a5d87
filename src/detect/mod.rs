//! Detectors: a picture goes in, boxes with labels come out, and masks where the network has them.
//!
//! Three families of networks are known, each fed and read by the rule that its makers published:
//!
//! | family | input | output | overlapping boxes |
//! |---|---|---|---|
//! | `fastest_det` | stretched to 352×352, blue first, /255 | one grid: object, box, classes (`fastest_det.rs`) | dropped |
//! | `yolo_v8` | letterboxed to 640×640 on grey 114, /255 | columns: box, classes, perhaps mask coefficients (`yolo.rs`, `masks.rs`) | dropped |
//! | `detr` | stretched to 640×640, /255 | logits and boxes of queries (`detr.rs`) | kept: queries do not repeat |
//!
//! What a folder says of size, colours and normalisation goes before that ([`InputRule`](crate::models::InputRule)), as does
//! a size that the graph has fixed. Every input and output of the graph is looked at before the first picture, and one that
//! is not the family's is refused with what was expected (`graph.rs`).
//!
//! Boxes are by their edges, in pixels of the picture as it was given: 0 is its left or upper edge, its width the right
//! one. Boxes of different classes never drop each other (`suppress.rs`). What is found is sorted, surest first.
//!
//! ```no_run
//! use gnomon::detect::{DetectOptions, Detector};
//! use gnomon::frame::{ImageView, PixelFormat};
//! use gnomon::models::ModelFolder;
//! use gnomon::runtime::{Control, FindOptions, Runtime, SessionOptions};
//! use std::path::Path;
//!
//! let folder = ModelFolder::open(Path::new("rtdetr"), None, None)?;
//! let runtime = Runtime::find(&FindOptions::default())?;
//! let detector = Detector::open(&runtime, &folder, None, &SessionOptions::default())?;
//! let pixels = vec![0; 3 * 640 * 480];
//! let picture = ImageView::new(&pixels, 640, 480, 0, PixelFormat::Rgb8)?;
//! for found in detector.detect(&picture, &DetectOptions::default(), &Control::default())? {
//!     println!("{} {:.2} {:?}", found.label, found.score, found.bbox);
//! }
//! # Ok::<(), gnomon::Error>(())
//! ```
//!
//! Not here: where things are in the world. A [`Found`] is a [`Detection`](crate::lift::Detection), which a scene takes.

mod detector;
mod detr;
mod fastest_det;
mod graph;
mod masks;
mod options;
mod suppress;
mod yolo;

pub use detector::Detector;
pub use options::{DetectOptions, Found};
