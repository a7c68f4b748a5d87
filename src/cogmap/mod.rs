//! What is around the observer, small enough to be told: the LocalCogMap, triplets, and the global baseline.
//!
//! The idea of a local 10 × 10 map seen from above, and of telling a scene by triplets of things, is that of "Structured
//! Scene Reasoning" (arXiv 2603.00409). That work's origin, orientation, scale and text are not public; everything
//! written here is gnomon's own proposal.
//!
//! The observer stands exactly on the corner the four middle cells share, grid coordinates (5.0, 5.0), and faces +y; +x
//! is its right. Every axis is a border between cells, so left and right, ahead and behind survive the grid. With the
//! unit forward `f`, right `r = (f_y, -f_x)` and `s` metres per cell, the point P lies at
//! `g = (5 + (P - origin)·r / s, 5 + (P - origin)·f / s)`, in the cell `floor(g)`: i to the right, j ahead.
//!
//! - [`LocalFrame`]: where the observer stands, from a camera's pose, from two things, or from a heading.
//! - [`LocalCogMap`]: what is known of each cell, which things are inside, which lie beyond and where.
//! - [`Triplet`]: stand at A, face B, where is C; with answers in words and how close the call was ([`direction`]).
//! - [`GlobalCogMap`]: all things in one grid, the baseline, and [`placement_error`].
//! - [`MapText`]: the map as one line for a language model, and its parser.
//! - pictures for terminals, SVG and PNG, and the whole map from above ([`top_view_svg`], [`top_view_png`]).
//!
//! Building costs what is near, not what the map holds. Nothing here changes a scene or keeps anything between calls.

mod cover;
pub mod direction;
mod drawing;
mod font;
mod global;
pub mod grid;
mod local_frame;
mod observer;
mod picture;
mod text;
pub(crate) mod tolerant;
mod top_view;
mod triplet;

#[cfg(test)]
pub(crate) mod testing;

pub use global::{GlobalCogMap, GlobalPlace, PlacementError, placement_error};
pub use local_frame::{LocalFrame, MIN_BASELINE_M};
pub use observer::{
    Beyond, COVERED_SHARE, CellState, CogMapOptions, LocalCogMap, MAX_BEYOND, MapCell, MapObject, OBSTACLE_POINTS,
    OccupancyGrid, Scale,
};
pub use text::{MAX_TEXT_BYTES, MapText};
pub use top_view::{MAX_VIEW_PX, top_view_png, top_view_svg};
pub use triplet::Triplet;
