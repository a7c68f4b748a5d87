//! Objects over time: who is who, what is still there, and what readers may hold of it.

mod event;
mod ground;
mod index;
mod object;
mod options;
mod report;
mod save;
mod slots;
mod snapshot;
mod support;
mod tiles;
mod writer;

pub use event::{EVENT_RING, Event, EventKind, Receipt};
pub use ground::{GROUND_CELL_M, Ground, GroundCell, GroundTile, OBSTACLE_HEIGHT_M};
pub use object::{LabelShare, Object, ObjectId, ObjectState};
pub use options::{DepthNoise, ObjectSource, PoseNoise, SceneOptions};
pub use report::{FrameReport, StageTimes};
pub use save::{
    MAX_KEYFRAMES, MAX_POLYGON_POINTS, MAX_SCENE_BYTES, MAX_SUPPORTS, SCENE_FORMAT, SCENE_VERSION, UNBOUNDED_SIGMA, scene_from_json,
    scene_to_json, write_scene_json,
};
pub use snapshot::{Keyframe, Snapshot};
pub use support::{Support, SupportId, SupportKind};
pub use writer::Scene;
