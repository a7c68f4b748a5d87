//! Relations that need no observer, kept up to date.

use crate::relation::{RelationGraph, default_graph_options};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/relation.rs.h");
        type RelationKind = crate::bridge::RelationKind;
        type RelationOptions = crate::bridge::RelationOptions;
        include!("gnomon-cxx/src/bridge/snapshot.rs.h");
        type Snapshot = crate::bridge::Snapshot;
    }

    /// What a graph compares; begin with default_graph_options().
    #[derive(Debug, Clone, Copy)]
    struct GraphOptions {
        /// How far apart two things may be, along each axis, to be compared: metres, at most 100, and no less than the gaps
        /// of what is near, touching and on.
        reach_m: f64,
        relations: RelationOptions,
    }

    /// What an update of a graph did.
    #[derive(Debug, Clone, Copy)]
    struct GraphReport {
        /// Things that are new or whose box changed.
        things_changed: usize,
        /// Things that are there no more.
        things_removed: usize,
        pairs_compared: usize,
        /// Relations that began: RelationGraph::changes.
        began: usize,
        /// Relations that ended.
        ended: usize,
    }

    /// A relation of two things that holds: what a is to b.
    #[derive(Debug, Clone, Copy)]
    struct GraphRelation {
        a: u64,
        b: u64,
        kind: RelationKind,
        /// True where the margin is a ratio, false where it is metres.
        is_ratio: bool,
        /// How far from not holding; never negative.
        margin: f64,
    }

    /// A relation that began or ended. One that goes on with another margin did neither.
    #[derive(Debug, Clone, Copy)]
    struct GraphChange {
        /// Of one that ended, as it last was.
        relation: GraphRelation,
        began: bool,
    }

    extern "Rust" {
        /// The defaults of a graph: things up to 1 m apart.
        fn default_graph_options() -> GraphOptions;

        /// Relations of one scene that need no observer, kept up to date. One call at a time.
        type RelationGraph;
        /// The graph of nothing.
        #[Self = "RelationGraph"]
        fn begin(options: &GraphOptions) -> Result<Box<RelationGraph>>;
        /// Brings it up to a snapshot; only what changed is compared anew. Snapshots of one scene, in their order.
        fn update(self: &mut RelationGraph, snapshot: &Snapshot) -> Result<GraphReport>;
        /// Every relation that holds, by ascending a, b, kind; touching and near once, from the smaller id to the larger.
        fn relations(self: &RelationGraph) -> Vec<GraphRelation>;
        /// What began and what ended with the newest update, by ascending a, b, kind.
        fn changes(self: &RelationGraph) -> Vec<GraphChange>;
    }
}
