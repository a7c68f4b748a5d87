//! The relations that need no observer, kept up to date while the scene changes.
//!
//! Two things are compared when the upright bounds of their boxes come within `reach_m` of each other along every axis.
//! Of each such pair the relations that hold are kept: on, under, above, below, inside of both orders; touching and near,
//! which are mutual, once, from the smaller id to the larger. What is said of size alone is not listed: it would be said
//! of every pair.
//!
//! [`RelationGraph::update`] compares anew what a thing with a changed box has to do with others, and nothing else. The
//! result equals that of a graph that knew nothing before. Cost: a glance at each thing, and for each one that changed
//! the search of its neighbourhood and some microseconds a neighbour.

use super::relations::{Needs, Relation, RelationKind, RelationOptions, margin_of};
use crate::error::{Error, Result};
use crate::scene::{Object, ObjectId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The farthest that things may be compared, metres.
pub const MAX_REACH_M: f64 = 100.0;

/// The search is wider by this, so that rounding in it excludes none; what is found is compared exactly.
const ROUNDING_M: f64 = 1e-6;

/// The kinds that are listed, ascending.
const LISTED: [RelationKind; 7] = [
    RelationKind::On,
    RelationKind::Under,
    RelationKind::Above,
    RelationKind::Below,
    RelationKind::Inside,
    RelationKind::Touching,
    RelationKind::Near,
];

/// What is compared, and where lines are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphOptions {
    /// The thresholds.
    pub relations: RelationOptions,
    /// How far apart two things may be, along each axis, to be compared, metres. Default 1.
    pub reach_m: f64,
}

impl Default for GraphOptions {
    fn default() -> Self {
        Self { relations: RelationOptions::default(), reach_m: 1.0 }
    }
}

impl GraphOptions {
    /// Refuses numbers that cannot be meant: the reach is at least the gap of what is near or touches.
    pub fn check(&self) -> Result<()> {
        self.relations.check()?;
        let least_m = self.relations.near_m.max(self.relations.touching_m).max(self.relations.on_gap_m);
        if !(least_m..=MAX_REACH_M).contains(&self.reach_m) {
            return Err(Error::argument(format!(
                "reach_m is {}, expected at least the widest gap that counts, {least_m}, and at most {MAX_REACH_M}",
                self.reach_m
            )));
        }
        Ok(())
    }
}

/// What an update of the graph did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GraphChange {
    /// Things that are new or whose box changed.
    pub changed: usize,
    /// Things that are there no more.
    pub removed: usize,
    /// Pairs that were compared.
    pub pairs_compared: usize,
}

/// A relation that holds since an update, or holds no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelationChange {
    /// The relation. Of one that ended, as it was when it was last listed.
    pub relation: Relation,
    /// True when it began, false when it ended.
    pub began: bool,
}

/// Relations of a scene that hold for everyone.
#[derive(Debug, Clone, Default)]
pub struct RelationGraph {
    options: GraphOptions,
    objects: BTreeMap<ObjectId, Arc<Object>>,
    /// With whom a thing has relations, in either order.
    partners: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    /// Relations by (a, b), each list by ascending kind.
    relations: BTreeMap<(ObjectId, ObjectId), Vec<Relation>>,
}

impl RelationGraph {
    /// The graph of nothing, to be updated.
    pub fn new(options: GraphOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { options, ..Self::default() })
    }

    /// Every relation that holds, by ascending (a, b, kind).
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values().flatten()
    }

    /// What holds of `a` to others, by ascending (b, kind).
    pub fn relations_of(&self, a: ObjectId) -> impl Iterator<Item = &Relation> {
        self.relations.range((a, ObjectId(0))..=(a, ObjectId(u64::MAX))).flat_map(|(_, relations)| relations)
    }

    /// How it compares.
    pub fn options(&self) -> &GraphOptions {
        &self.options
    }

    /// Takes in what the snapshot shows.
    pub fn update(&mut self, snapshot: &Snapshot) -> GraphChange {
        let (changed, removed) = self.take_in(snapshot);
        self.compare_anew(snapshot, &changed, &removed).0
    }

    /// As [`Self::update`], and lists what began and what ended, by ascending (a, b, kind). A relation that goes on with
    /// another margin is no change. Costs what was compared.
    pub fn update_listing(&mut self, snapshot: &Snapshot) -> (GraphChange, Vec<RelationChange>) {
        let (changed, removed) = self.take_in(snapshot);
        let (change, forgotten) = self.compare_anew(snapshot, &changed, &removed);
        let key = |relation: &Relation| (relation.a, relation.b, relation.kind);
        let before: BTreeMap<_, _> = forgotten.into_iter().map(|relation| (key(&relation), relation)).collect();
        let mut after = BTreeMap::new();
        for &id in &changed {
            let partners = self.partners.get(&id).into_iter().flatten();
            let pairs = partners.flat_map(|&partner| [(id, partner), (partner, id)]);
            let relations = pairs.filter_map(|pair| self.relations.get(&pair)).flatten();
            after.extend(relations.map(|relation| (key(relation), *relation)));
        }
        let ended =
            before.iter().filter(|(key, _)| !after.contains_key(key)).map(|(key, relation)| (key, relation, false));
        let began =
            after.iter().filter(|(key, _)| !before.contains_key(key)).map(|(key, relation)| (key, relation, true));
        let mut changes: Vec<_> = ended.chain(began).collect();
        changes.sort_by_key(|&(key, ..)| key);
        (change, changes.into_iter().map(|(_, &relation, began)| RelationChange { relation, began }).collect())
    }

    /// Compares what changed with what is round it; returns what was listed of it and of what is gone before.
    fn compare_anew(
        &mut self,
        snapshot: &Snapshot,
        changed: &BTreeSet<ObjectId>,
        removed: &BTreeSet<ObjectId>,
    ) -> (GraphChange, Vec<Relation>) {
        let mut forgotten = Vec::new();
        for &id in changed.iter().chain(removed) {
            self.forget(id, &mut forgotten);
        }
        let mut change = GraphChange { changed: changed.len(), removed: removed.len(), pairs_compared: 0 };
        for object in changed.iter().filter_map(|id| snapshot.object(*id)) {
            for other in self.within_reach(snapshot, object) {
                // Of two changed things the one with the smaller id sees to it.
                if other.id > object.id || !changed.contains(&other.id) {
                    self.compare(object, other);
                    change.pairs_compared += 1;
                }
            }
        }
        (change, forgotten)
    }

    /// Keeps the snapshot's things; tells whose box is new or changed, and who is gone.
    fn take_in(&mut self, snapshot: &Snapshot) -> (BTreeSet<ObjectId>, BTreeSet<ObjectId>) {
        let mut changed = BTreeSet::new();
        for object in snapshot.objects() {
            match self.objects.get_mut(&object.id) {
                Some(known) if Arc::ptr_eq(known, object) => {}
                Some(known) => {
                    if known.obb != object.obb {
                        changed.insert(object.id);
                    }
                    *known = object.clone();
                }
                None => {
                    changed.insert(object.id);
                    self.objects.insert(object.id, object.clone());
                }
            }
        }
        let mut removed = BTreeSet::new();
        if self.objects.len() > snapshot.len() {
            self.objects.retain(|&id, _| {
                let stays = snapshot.object(id).is_some();
                if !stays {
                    removed.insert(id);
                }
                stays
            });
        }
        (changed, removed)
    }

    fn forget(&mut self, id: ObjectId, forgotten: &mut Vec<Relation>) {
        for partner in self.partners.remove(&id).unwrap_or_default() {
            for pair in [(id, partner), (partner, id)] {
                forgotten.extend(self.relations.remove(&pair).unwrap_or_default());
            }
            if let Some(others) = self.partners.get_mut(&partner) {
                others.remove(&id);
            }
        }
    }

    fn within_reach<'s>(&self, snapshot: &'s Snapshot, object: &Object) -> Vec<&'s Arc<Object>> {
        let reach_m = self.options.reach_m;
        let (low, high) = object.obb.bounds();
        let wide_m = reach_m + ROUNDING_M;
        let mut found = snapshot.objects_within([low.x - wide_m, low.y - wide_m], [high.x + wide_m, high.y + wide_m]);
        found.retain(|other| {
            let (least, most) = other.obb.bounds();
            // Asked of both in the same way, so that rounding cannot make the answer depend on who asks.
            let is_close = (0..3).all(|k| least[k] - high[k] <= reach_m && low[k] - most[k] <= reach_m);
            other.id != object.id && is_close
        });
        found
    }

    fn compare(&mut self, one: &Object, other: &Object) {
        let (first, second) = if one.id < other.id { (one, other) } else { (other, one) };
        let is_related = [self.keep(first, second, true), self.keep(second, first, false)].contains(&true);
        if is_related {
            self.partners.entry(first.id).or_default().insert(second.id);
            self.partners.entry(second.id).or_default().insert(first.id);
        }
    }

    /// Keeps what holds of `a` to `b`; true when something does.
    fn keep(&mut self, a: &Object, b: &Object, with_mutual: bool) -> bool {
        let kinds = LISTED.into_iter().filter(|kind| with_mutual || kind.needs() != Needs::NothingAndIsMutual);
        let asked = kinds.map(|kind| {
            let margin = margin_of(kind, [&a.obb, &b.obb], None, None, &self.options.relations);
            Relation { kind, a: a.id, b: b.id, c: None, holds: margin >= 0.0, margin }
        });
        let held: Vec<Relation> = asked.filter(|relation| relation.holds).collect();
        let is_any = !held.is_empty();
        if is_any {
            self.relations.insert((a.id, b.id), held);
        }
        is_any
    }
}

#[cfg(test)]
mod tests {
    use super::super::relations::relation;
    use super::*;
    use crate::cogmap::testing::boxed;
    use nalgebra::{UnitQuaternion, Vector3};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn thing(id: u64, at: [f64; 3], size: [f64; 3]) -> Object {
        let mut thing = boxed(id, &format!("a#{id}"), [at[0], at[1]], [size[0], size[1]], 0.0);
        (thing.obb.centre.z, thing.obb.size.z) = (at[2], size[2]);
        thing
    }

    fn snapshot(things: &[Object]) -> Snapshot {
        Snapshot::of(things.to_vec(), vec![], 1).expect("valid things")
    }

    #[test]
    fn a_cup_on_a_table_is_listed_with_all_it_is() {
        let scene = snapshot(&[
            thing(1, [0.0, 0.0, 0.4], [1.6, 0.8, 0.8]),
            thing(2, [0.3, 0.0, 0.85], [0.1, 0.1, 0.1]),
            thing(3, [9.0, 0.0, 0.5], [1.0, 1.0, 1.0]),
        ]);
        let mut graph = RelationGraph::new(GraphOptions::default()).expect("options");
        assert_eq!(graph.update(&scene), GraphChange { changed: 3, removed: 0, pairs_compared: 1 });
        let listed: Vec<_> = graph.relations().map(|r| (r.a.0, r.b.0, r.kind)).collect();
        let expected = [
            (1, 2, RelationKind::Below),
            (1, 2, RelationKind::Touching),
            (1, 2, RelationKind::Near),
            (2, 1, RelationKind::On),
            (2, 1, RelationKind::Above),
        ];
        assert_eq!(listed, expected);
        assert_eq!(graph.relations_of(ObjectId(2)).count(), 2);
        for listed in graph.relations() {
            let options = RelationOptions::default();
            assert_eq!(
                relation(listed.kind, &scene, [listed.a, listed.b], None, None, &options).expect("asked"),
                *listed
            );
        }
    }

    #[test]
    fn one_changed_thing_is_compared_with_its_neighbours_alone() {
        let mut things: Vec<Object> =
            (0..100).map(|k| thing(k + 1, [3.0 * (k % 10) as f64, 3.0 * (k / 10) as f64, 0.5], [1.0; 3])).collect();
        let mut graph = RelationGraph::new(GraphOptions { reach_m: 2.5, ..GraphOptions::default() }).expect("options");
        graph.update(&snapshot(&things));
        things[55].obb.centre.x += 0.3;
        let change = graph.update(&snapshot(&things));
        assert_eq!(change, GraphChange { changed: 1, removed: 0, pairs_compared: 8 });
        things[55].last_seen_ns += 1;
        assert_eq!(graph.update(&snapshot(&things)), GraphChange::default(), "a newer stamp is no other box");
    }

    #[test]
    fn a_reach_shorter_than_what_is_near_is_refused() {
        let options = GraphOptions { reach_m: 0.4, ..GraphOptions::default() };
        assert!(RelationGraph::new(options).expect_err("too short").to_string().contains("reach_m is 0.4"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

        #[test]
        fn an_updated_graph_is_that_of_one_from_scratch(
            places in prop::collection::vec(prop::array::uniform3(-2.0..2.0f64), 1..14),
            edits in prop::collection::vec((0..3u8, any::<usize>(), prop::array::uniform3(-2.0..2.0f64)), 1..20),
        ) {
            let size = |p: &[f64; 3]| p.map(|v| 0.1 + v.abs() * 0.6);
            let mut things: Vec<Object> = (1..).zip(&places).map(|(id, p)| thing(id, *p, size(p))).collect();
            let mut graph = RelationGraph::new(GraphOptions::default()).expect("options");
            graph.update(&snapshot(&things));
            let mut next_id = things.len() as u64;
            for (what, which, at) in edits {
                let count = things.len();
                match what {
                    0 if count > 0 => {
                        things.remove(which % count);
                    }
                    1 if count > 0 => {
                        let obb = &mut things[which % count].obb;
                        (obb.centre.x, obb.centre.y, obb.centre.z) = (at[0], at[1], at[2]);
                        obb.world_from_box = UnitQuaternion::new(Vector3::new(at[2], at[0], at[1]) * 0.3);
                    }
                    _ => {
                        next_id += 1;
                        things.push(thing(next_id, at, size(&at)));
                    }
                }
                let scene = snapshot(&things);
                let key = |r: &Relation| (r.a, r.b, r.kind);
                let before: BTreeSet<_> = graph.relations().map(key).collect();
                let (_, changes) = graph.update_listing(&scene);
                let after: BTreeSet<_> = graph.relations().map(key).collect();
                let told = |began| changes.iter().filter(move |c| c.began == began).map(|c| key(&c.relation));
                prop_assert!(told(true).eq(after.difference(&before).copied()));
                prop_assert!(told(false).eq(before.difference(&after).copied()));
                let mut anew = RelationGraph::new(GraphOptions::default()).expect("options");
                anew.update(&scene);
                prop_assert!(graph.relations().eq(anew.relations()));
                prop_assert!(graph.relations().all(|relation| relation.holds && relation.margin >= 0.0));
                let order: Vec<_> = graph.relations().map(|r| (r.a, r.b, r.kind)).collect();
                prop_assert!(order.is_sorted());
            }
        }
    }
}
