//! What things are to each other: relations with margins, and the scene told as a chain of triplets.
//!
//! **Relations** ([`relation`], [`RelationKind`]) are questions about two or three things with a yes or no and a signed
//! margin: how far from the border of the answer the things are. Every threshold is an option ([`RelationOptions`]); each
//! relation stands in a file of its own under `relations/`, with its words, formula and tests. [`RelationGraph`] keeps
//! those that need no observer up to date while the scene changes.
//!
//! **The chain** tells a language model where things are, a line a thing, so that what it has read stays valid while the
//! scene grows:
//!
//! - [`PublishedList`]: what was told of which thing, changed only when it has to be;
//! - [`ToldScene`]: a scene saved with its list, so that a chain goes on after loading as it was;
//! - [`Chain`]: the triplets, a pure function of the list, from scratch or incremental with the same bytes;
//! - [`TripletText`], [`ChainText`]: a line, its tolerant reader;
//! - [`Layout`]: triplets composed to places, loop residuals, and errors in cells.
//!
//! The idea of telling a scene by triplets is that of "Structured Scene Reasoning" (arXiv 2603.00409); order, cost,
//! bounds and text are gnomon's own. World: metric, Z up. Nothing here changes a scene or depends on a clock.

mod chain;
mod layout;
mod nearest;
mod published;
mod relation_graph;
mod relations;
mod saved;
mod text;

#[cfg(test)]
mod tests;

pub use chain::{Chain, ChainChange, ChainLine, ChainOptions, MAX_NEIGHBOURS, Order};
pub use layout::{Gauge, Layout, LoopResidual, triplet_error};
pub use published::{NO_HEADING, PublishOptions, PublishedChange, PublishedList, PublishedThing};
pub use relation_graph::{GraphChange, GraphOptions, MAX_REACH_M, RelationChange, RelationGraph};
pub use relations::{BoxAxis, Measure, Needs, Relation, RelationKind, RelationOptions, relation, relation_margin};
pub use saved::ToldScene;
pub use text::{ChainText, MAX_REJECTED, Rejected, TripletText};
