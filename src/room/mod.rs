//! A rendered room with truth.

mod camera;
mod catalogue;
mod footprint;
mod layout;
mod object;
mod path;
mod render;
mod shape;
mod texture;
mod walk;

pub use camera::RoomCamera;
pub use catalogue::{Home, Kind, LABELS, Model, Top};
pub use footprint::Footprint;
pub use layout::{Opening, Room};
pub use object::{Place, PlacedObject, TruthObject};
pub use path::{CAMERA_HEIGHT_M, LAP_FRAMES};
pub use render::Rendered;
pub use shape::{Paint, Part, Shape, Texture};
pub use walk::{CLEARANCE_M, Walk};
