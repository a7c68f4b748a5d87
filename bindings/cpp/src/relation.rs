//! Where relations draw their lines, and the graph of those that hold for everyone.

use crate::bridge::{self, GraphChange, GraphOptions, GraphRelation, GraphReport, RelationOptions};
use crate::convert::coded;
use crate::held::{Failure, Whole, held};
use crate::snapshot::Snapshot;
use gnomon::graph::{self, BoxAxis, Measure, Relation, RelationChange, RelationKind};

const AXES: [BoxAxis; 4] = [BoxAxis::PlusX, BoxAxis::MinusX, BoxAxis::PlusY, BoxAxis::MinusY];

/// Relations of one scene that need no observer.
pub struct RelationGraph(Whole<Compared>);

struct Compared {
    graph: graph::RelationGraph,
    changes: Vec<RelationChange>,
}

/// The defaults of relations.
pub fn default_relation_options() -> RelationOptions {
    (&graph::RelationOptions::default()).into()
}

/// The defaults of a graph.
pub fn default_graph_options() -> GraphOptions {
    let ours = graph::GraphOptions::default();
    GraphOptions { reach_m: ours.reach_m, relations: (&ours.relations).into() }
}

impl From<&graph::RelationOptions> for RelationOptions {
    fn from(ours: &graph::RelationOptions) -> Self {
        Self {
            side_overlap: ours.side_overlap,
            on_gap_m: ours.on_gap_m,
            height_slack_m: ours.height_slack_m,
            inside_slack_m: ours.inside_slack_m,
            touching_m: ours.touching_m,
            near_m: ours.near_m,
            larger_ratio: ours.larger_ratio,
            taller_m: ours.taller_m,
            facing_rad: ours.facing_rad,
            front: bridge::Axis { repr: place_of(AXES, ours.front) },
        }
    }
}

fn place_of<T: PartialEq>(all: impl IntoIterator<Item = T>, one: T) -> u8 {
    all.into_iter().position(|entry| entry == one).and_then(|at| at.try_into().ok()).unwrap_or(u8::MAX)
}

impl RelationOptions {
    /// The crate's own. Errors: numbers out of range.
    pub fn read(&self) -> gnomon::Result<graph::RelationOptions> {
        let ours = graph::RelationOptions {
            side_overlap: self.side_overlap,
            on_gap_m: self.on_gap_m,
            height_slack_m: self.height_slack_m,
            inside_slack_m: self.inside_slack_m,
            touching_m: self.touching_m,
            near_m: self.near_m,
            larger_ratio: self.larger_ratio,
            taller_m: self.taller_m,
            facing_rad: self.facing_rad,
            front: coded(self.front.repr, &AXES, "front")?,
        };
        ours.check()?;
        Ok(ours)
    }
}

impl From<&Relation> for GraphRelation {
    fn from(ours: &Relation) -> Self {
        Self {
            a: ours.a.0,
            b: ours.b.0,
            kind: bridge::RelationKind { repr: place_of(RelationKind::all(), ours.kind) },
            is_ratio: ours.kind.measure() == Measure::Ratio,
            margin: ours.margin,
        }
    }
}

impl RelationGraph {
    /// The graph of nothing. Errors: options out of range.
    pub fn begin(options: &GraphOptions) -> Result<Box<Self>, Failure> {
        held(|| {
            let asked = graph::GraphOptions { relations: options.relations.read()?, reach_m: options.reach_m };
            let graph = graph::RelationGraph::new(asked)?;
            Ok(Box::new(Self(Whole::new(Compared { graph, changes: Vec::new() }))))
        })
    }

    /// Brings it up to a snapshot.
    pub fn update(&mut self, snapshot: &Snapshot) -> Result<GraphReport, Failure> {
        self.0.change(|compared| {
            let (change, changes) = compared.graph.update_listing(&snapshot.0);
            let began = changes.iter().filter(|change| change.began).count();
            let ended = changes.len() - began;
            compared.changes = changes;
            Ok(GraphReport {
                things_changed: change.changed,
                things_removed: change.removed,
                pairs_compared: change.pairs_compared,
                began,
                ended,
            })
        })
    }

    /// Every relation that holds.
    pub fn relations(&self) -> Vec<GraphRelation> {
        self.0.get().graph.relations().map(GraphRelation::from).collect()
    }

    /// What the newest update changed.
    pub fn changes(&self) -> Vec<GraphChange> {
        let one = |change: &RelationChange| GraphChange { relation: (&change.relation).into(), began: change.began };
        self.0.get().changes.iter().map(one).collect()
    }
}
