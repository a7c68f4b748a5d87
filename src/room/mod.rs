//! A rendered room with truth: posed RGB-D frames whose every box, label, mask and depth is known exactly.
//!
//! It is what the crate is measured on and demonstrated with, where no recording with such truth can be had. It
//! knows nothing of the rest of the crate, so that it cannot share its errors.
//!
//! ```
//! use gnomon::room::{Room, RoomOptions, RoomSequence, degrade};
//!
//! let room = Room::generate(7);
//! let mut sequence = RoomSequence::new(&room, RoomOptions::default());
//! let clean = sequence.render(0);
//! let noisy = degrade(&clean, 7, 0);
//! assert_eq!(sequence.len(), 120);
//! assert_eq!(clean.depth_m.len(), 640 * 480);
//! assert!(noisy.depth_m.iter().any(|z| z.is_nan()));
//! ```
//!
//! From the bottom up: a **kind** of the catalogue is built of a few solids (`catalogue.rs`, `shape.rs`); a **room**
//! places twenty to thirty of them so that none meets another (`layout.rs`, `footprint.rs`, `object.rs`); the
//! **walk** leads round it and the **path** decides where to look (`walk.rs`, `path.rs`); a frame is ray-cast
//! (`render.rs`, `texture.rs`), turned into detections (`detect.rs`), made worse on request (`noise.rs`), taken in
//! order (`sequence.rs`) and written as files (`write.rs`). `views.rs` looks at a room through many cameras, for networks
//! to learn from. `questions/` asks about a room and knows the answers.
//!
//! Frames: world z up, floor at z = 0, middle of the room at x = y = 0; camera x right, y down, z forward, pixel
//! centres at integer (u, v). Metres, radians, nanoseconds. Everything follows from seeds.
//!
//! Not here: shadows, reflections, lens distortion, rolling shutter, blur, things that move while the camera does.

mod camera;
mod catalogue;
mod detect;
mod footprint;
mod layout;
mod noise;
mod object;
mod path;
mod questions;
mod render;
mod sequence;
mod shape;
mod texture;
mod views;
mod walk;
mod write;

pub use camera::RoomCamera;
pub use catalogue::{Home, Kind, LABELS, Model, Top};
pub use detect::{CLEAN_SCORE, DETECTED_PX, RoomDetection};
pub use footprint::Footprint;
pub use layout::{Opening, Room};
pub use noise::{
    FALSE_SHARE, FLYING_SHARE, GRAZING_COS, HOLE_SHARE, MISSED_SHARE, POSITION_SIGMA_M, ROTATION_SIGMA_DEG,
    WRONG_LABEL_SHARE, degrade, depth_sigma_m,
};
pub use object::{Place, PlacedObject, TruthObject};
pub use path::{CAMERA_HEIGHT_M, LAP_FRAMES};
pub use questions::{
    GOOD_PX, PictureView, QuestionCount, RoomAnswer, RoomQuestion, RoomSurvey, SLIGHT_PX, SceneBox, SceneBoxes,
    SceneView, WORDINGS, boxes_of, counts_by_type, questions_of, scene_name, write_questions,
};
pub use render::Rendered;
pub use sequence::{COUNTED_FRAMES, COUNTED_PX, FRAME_NS, RoomFrame, RoomOptions, RoomSequence, SeenCounter};
pub use shape::{Paint, Part, Shape, Texture};
pub use views::{FOCAL_PX, RoomView, views_of};
pub use walk::{CLEARANCE_M, Walk};
pub use write::{write_raw_sequence, write_sequence, write_views};
