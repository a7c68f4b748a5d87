//! What both languages see, a cxx bridge for each noun: structs and enums of both, and what C++ may call of Rust's own
//! types. What the calls do stands in the module of the same name outside this one.
//!
//! Bridges share their types by `extern "C++"` aliases, which the C++ compiler checks against the header that declares
//! them. `build.rs` lists them in the order in which they include each other.

mod answer;
mod camera;
mod chain;
mod cogmap;
#[cfg(feature = "onnx")]
mod converse;
mod graph;
#[cfg(feature = "onnx")]
mod grounding;
mod live;
#[cfg(feature = "onnx")]
mod network;
mod relation;
mod scene;
mod score;
mod select;
mod snapshot;
mod things;
mod told;
#[cfg(feature = "onnx")]
mod views;
#[cfg(feature = "onnx")]
mod vlm;

pub use answer::ffi::{
    AnswerFacts, Ask, AskOptions, AskedFrom, Contact, Evidence, Extent, Judgement, Judging, MarginUnit, Measure,
    Question, Sectors, Side, Step, Synonyms, Unit, ValueKind, Verdict, Vocabulary,
};
pub use camera::ffi::{Detection, Distortion, Frame, Image, Intrinsics, Lens, Mask, PixelFormat};
pub use chain::ffi::{
    ChainChange, ChainOptions, ChainOrder, Gauge, Loop, Place, PlacementError, Rejected, Triplet, Triplets,
};
pub use cogmap::ffi::{Cell, CellState, CogMapOptions, MapBeyond, MapObject};
#[cfg(feature = "onnx")]
pub use converse::ffi::{AlbumOptions, ConverseOptions, Facts, SaidFacts, Silence};
pub use graph::ffi::{GraphChange, GraphOptions, GraphRelation, GraphReport};
#[cfg(feature = "onnx")]
pub use grounding::ffi::{Convention, Grounded, Region};
pub use live::ffi::{
    Buffers, Explanation, Link, Listener, Parts, PipelineOptions, PipelineStatistics, Published, StageStatistics,
};
#[cfg(feature = "onnx")]
pub use network::ffi::{
    DepthFacts, DepthMeaning, DetectOptions, Found, NetworkFacts, NetworkOptions, Provider, RuntimeFacts,
};
pub use relation::ffi::{Axis, Relation, RelationKind, RelationOptions};
pub use scene::ffi::{FrameReport, KeyframePose, Recording, Replayed, SceneOptions, Source, StageTime, Tail, Up};
pub use score::ffi::{EditDistance, MraKind, Reading, Spread};
pub use select::ffi::{
    EdgeKind, KeeperFacts, KeeperOptions, Kept, Pick, PointMap, SelectOptions, Selection, Sight, Swap, VoxelSet,
};
pub use snapshot::ffi::Budget;
pub use things::ffi::{
    DiffOptions, Edit, EditKind, Event, EventKind, Keyframe, Label, Object, ObjectState, OrientedBox, Point,
    Provenance, SameBy, SceneDiff, SceneInfo, Support, SupportKind,
};
pub use told::ffi::{ToldCount, ToldThing, Whereabouts};
#[cfg(feature = "onnx")]
pub use views::ffi::ViewFacts;
#[cfg(feature = "onnx")]
pub use vlm::ffi::{
    Constraint, ConstraintKind, Ended, Fit, Grid, Message, Piece, Reply, ReplyStatistics, Role, Video, VlmFacts,
    VlmOptions, VlmRequest, WhenBusy,
};

// Rust's own types, as the bridges name them.
pub(crate) use crate::answer::Answer;
pub(crate) use crate::cogmap::CogMap;
#[cfg(feature = "onnx")]
pub(crate) use crate::network::{DepthNet, Detector, Run};
pub(crate) use crate::snapshot::Snapshot;
#[cfg(feature = "onnx")]
pub(crate) use crate::vlm::Vlm;
