//! The relations of a scene that hold for everyone, kept up to date.
//!
//! Two updates at once: the second is told GNOMON_E_BUSY. Readers wait for the update under way, which compares only what
//! changed.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::relation::{gnomon_relation_options, margin_unit, read_thresholds};
use super::scene::empty_place;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use crate::graph::{GraphOptions, Relation, RelationChange, RelationGraph, RelationKind};
use parking_lot::{Mutex, RwLock};

/// Relations of one scene that need no observer, for one writer. Any thread, one update at a time (GNOMON_E_BUSY); const
/// calls at any time. Depends on no other handle.
pub struct gnomon_relation_graph {
    poison: Poison,
    updating: Mutex<()>,
    state: RwLock<State>,
}

struct State {
    graph: RelationGraph,
    changes: Vec<RelationChange>,
}

impl Handle for gnomon_relation_graph {
    const NAME: &'static str = "graph";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_relation_graph>();
};

/// What a graph compares. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_graph_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How far apart two things may be, along each axis, to be compared: metres, at most 100, and no less than the gaps of
    /// what is near, touching and on.
    pub reach_m: f64,
    /// The thresholds; borrowed for the call, its observer's fields are not looked at. NULL, the default: the defaults.
    pub relations: *const gnomon_relation_options,
}

/// What an update of a graph did. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_graph_report {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Things that are new or whose box changed.
    pub things_changed: u64,
    /// Things that are there no more.
    pub things_removed: u64,
    /// Pairs that were compared.
    pub pairs_compared: u64,
    /// Relations that began: gnomon_relation_graph_changes.
    pub began: u64,
    /// Relations that ended.
    pub ended: u64,
}

/// A relation of two things that holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_graph_relation {
    /// Id of the one.
    pub a: u64,
    /// Id of the other.
    pub b: u64,
    /// GNOMON_RELATION_*: what a is to b.
    pub kind: i32,
    /// GNOMON_MARGIN_*.
    pub margin_unit: i32,
    /// How far from not holding; never negative.
    pub margin: f64,
}

/// A relation that began or ended. One that goes on with another margin did neither.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_graph_change {
    /// The relation; of one that ended, as it last was.
    pub relation: gnomon_graph_relation,
    /// 1 when it began, 0 when it ended.
    pub began: u32,
    /// 0.
    pub reserved: u32,
}

growing! {
    gnomon_graph_options 24;
    gnomon_graph_report 48;
    gnomon_graph_relation 32;
    gnomon_graph_change 40;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_graph_options {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, reach_m: GraphOptions::default().reach_m, relations: std::ptr::null() }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_graph_report {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            things_changed: 0,
            things_removed: 0,
            pairs_compared: 0,
            began: 0,
            ended: 0,
        }
    }
}

impl gnomon_graph_relation {
    fn of(relation: &Relation) -> Self {
        let kind = RelationKind::all().position(|kind| kind == relation.kind);
        Self {
            a: relation.a.0,
            b: relation.b.0,
            kind: kind.and_then(|kind| kind.try_into().ok()).unwrap_or(-1),
            margin_unit: margin_unit(relation.kind),
            margin: relation.margin,
        }
    }
}

impl gnomon_graph_change {
    fn of(change: &RelationChange) -> Self {
        let relation = gnomon_graph_relation::of(&change.relation);
        Self { relation, began: u32::from(change.began), reserved: 0 }
    }
}

/// Fills in the defaults of a graph's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_graph_options_init(options: *mut gnomon_graph_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in an empty report; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_graph_report_init(report: *mut gnomon_graph_report, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(report, size) }
}

/// Makes the graph of nothing. options may be NULL: all defaults. Free it with gnomon_relation_graph_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_graph_new(
    options: *const gnomon_graph_options,
    out: *mut *mut gnomon_relation_graph,
) -> gnomon_status {
    guard("gnomon_relation_graph_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "graph") }?;
        let asked = match options.is_null() {
            true => gnomon_graph_options::defaults(),
            // SAFETY: the caller's options.
            false => unsafe { growth::read(options) }?,
        };
        // SAFETY: the caller's thresholds, borrowed for this call.
        let relations = unsafe { read_thresholds(asked.relations) }?;
        let graph = RelationGraph::new(GraphOptions { relations, reach_m: asked.reach_m })?;
        let state = RwLock::new(State { graph, changes: Vec::new() });
        let handle = Box::new(gnomon_relation_graph { poison: Poison::default(), updating: Mutex::new(()), state });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a graph; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_graph_free(graph: *mut gnomon_relation_graph) {
    release(|| {
        if !graph.is_null() {
            // SAFETY: came from gnomon_relation_graph_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(graph) });
        }
    })
}

/// Brings the graph up to what the snapshot shows; only what changed is compared anew. report may be NULL. Give it
/// snapshots of one scene, in their order.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_graph_update(
    graph: *mut gnomon_relation_graph,
    snapshot: *const gnomon_snapshot,
    report: *mut gnomon_graph_report,
) -> gnomon_status {
    guard("gnomon_relation_graph_update", |call| {
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(report) }?;
        // SAFETY: the caller's handle; asked for last, so that it is the one a panic makes unusable.
        let handle = unsafe { call.handle(graph.cast_const()) }?;
        let _alone = handle
            .updating
            .try_lock()
            .ok_or_else(|| Fault::new(GNOMON_E_BUSY, "another call that changes this graph is running"))?;
        let mut state = handle.state.write();
        let (change, changes) = state.graph.update_listing(snapshot);
        let began = changes.iter().filter(|change| change.began).count();
        let told = gnomon_graph_report {
            things_changed: change.changed as u64,
            things_removed: change.removed as u64,
            pairs_compared: change.pairs_compared as u64,
            began: began as u64,
            ended: (changes.len() - began) as u64,
            ..gnomon_graph_report::defaults()
        };
        state.changes = changes;
        drop(state);
        log::debug!("relations: {} began, {} ended, {} pairs compared", told.began, told.ended, told.pairs_compared);
        if let Some(place) = place {
            // SAFETY: checked above.
            unsafe { place.write(&told) };
        }
        DONE
    })
}

/// Every relation that holds after the newest update, by ascending a, b, kind: on, under, above, below, inside of both
/// orders; touching and near once, from the smaller id to the larger. out, relation_size and n as in
/// gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_graph_list(
    graph: *const gnomon_relation_graph,
    out: *mut gnomon_graph_relation,
    relation_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_relation_graph_list", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(graph) }?;
        let relations: Vec<_> = handle.state.read().graph.relations().map(gnomon_graph_relation::of).collect();
        // SAFETY: the caller's room.
        unsafe { growth::fill(relations.into_iter(), out, relation_size, n) }?;
        DONE
    })
}

/// What began and what ended with the newest update, by ascending a, b, kind. out, change_size and n as in
/// gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_graph_changes(
    graph: *const gnomon_relation_graph,
    out: *mut gnomon_graph_change,
    change_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_relation_graph_changes", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(graph) }?;
        let state = handle.state.read();
        // SAFETY: the caller's room.
        unsafe { growth::fill(state.changes.iter().map(gnomon_graph_change::of), out, change_size, n) }?;
        DONE
    })
}
