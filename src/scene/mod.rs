//! Objects over time: who is who, what is still there, and what readers may hold of it.

mod assign;
mod associate;
mod canonical;
mod correct;
mod diff;
mod doubt;
mod edit;
mod edit_saved;
mod event;
mod find_up;
mod ground;
mod index;
mod keyframes;
mod labels;
mod levels;
mod merge;
mod object;
mod options;
mod patches;
mod proposed;
mod provenance;
mod reader;
mod relocate;
mod replace;
mod report;
mod save;
mod sight;
mod slots;
mod snapshot;
mod store;
mod support;
mod supports;
#[cfg(test)]
pub(crate) mod testing;
mod tiles;
mod track;
mod walls;
mod words;
mod writer;

pub use crate::frame::DepthNoise;
pub(crate) use canonical::{canonical, is_determiner};
pub use diff::{Changed, DiffOptions, SameBy, SceneDiff, diff};
pub use edit::{EDIT_RING, Edit, EditRecord};
pub use event::{EVENT_RING, Event, EventKind, Receipt};
pub(crate) use ground::SIDE as GROUND_TILE_SIDE;
pub use ground::{GROUND_CELL_M, Ground, GroundCell, GroundTile, OBSTACLE_HEIGHT_M};
pub use keyframes::KEYFRAME_RING;
pub use object::{LabelShare, Object, ObjectId, ObjectState};
pub use options::{ObjectSource, PoseNoise, SceneOptions};
pub use provenance::{MAX_INPUTS, MAX_ORIGIN_BYTES, Provenance};
pub use reader::SnapshotReader;
pub use report::{FrameReport, StageTimes};
pub use save::{
    MAX_KEYFRAMES, MAX_POLYGON_POINTS, MAX_SCENE_BYTES, MAX_SUPPORTS, SCENE_FORMAT, SCENE_VERSION, UNBOUNDED_SIGMA,
    scene_from_json, scene_to_json, write_scene_json,
};
pub(crate) use save::{edit_line, edit_record, sealed, write_lines, write_scene_and};
pub use snapshot::{Keyframe, Snapshot};
pub(crate) use snapshot::{SCALE_UNKNOWN, call_up};
pub use support::{Support, SupportId, SupportKind};
pub(crate) use tiles::{TILE_M, tile_of};
pub use writer::Scene;
