//! Cameras, poses and depth from pictures alone: what a network says of a few pictures at a time, joined into one track.
//!
//! A network of many views ([`GeometryNet`](crate::depth::GeometryNet)) takes a bounded number of pictures at once, and each
//! answer has a gauge of its own: a world about its first camera, and a unit of its own. So the pictures are cut into windows
//! that share some ([`windows`]), and each window is brought to the ones before it by the similarity that the shared pictures
//! tell ([`Joiner`]): the unit from what both say of the same pixels' depth and of the way between shared cameras, robustly and
//! with a sigma as a scale from any other cue ([`ScaleEstimate`](crate::scale::ScaleEstimate)); then rotation, then shift.
//!
//! ```text
//! pictures -> windows -> views (poses, K, depth, confidence; a gauge each) -> Track (one gauge)
//!          -> Floor (which way is up, where the floor is) -> cues -> factor -> Track in metres, Z up, floor at 0
//! ```
//!
//! Up is found without metres ([`Floor::find`]): the direction that most of the surface below the cameras faces, then the lowest
//! level that is large. The cues that a track can be held against are in `cues.rs`; [`crate::scale`] joins them. A track whose
//! factor nothing tells is brought to [`Track::likely_factor`], so that thresholds meant for rooms do their work, and the
//! scene that is made of it must be told so ([`Scene::set_up_to_scale`](crate::scene::Scene::set_up_to_scale)).
//!
//! Windows are joined one to the next and nothing is closed: errors of unit and heading add up along a long walk, and
//! [`Track::joints`] says how well each fits. Nothing here runs a network or reads a picture. Pure, no randomness, one thread.

mod cues;
mod floor;
mod join;
mod track;

pub use floor::Floor;
pub use join::{Joiner, windows};
pub use track::{Joint, Track, TrackFrame};
