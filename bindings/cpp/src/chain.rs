//! The triplet chain with its published list.

use crate::bridge::{ChainChange, ChainOptions, ChainOrder};
use crate::convert::{file_path, no_such};
use crate::held::{Failure, Whole, held};
use crate::snapshot::Snapshot;
use gnomon::graph::{self, Order, PublishOptions, PublishedList, ToldScene};
use gnomon::keep::{load_scene, save_scene};
use gnomon::{Error, Result as Outcome};

/// A scene as triplets, kept up to date.
pub struct Chain(Whole<Written>);

struct Written {
    list: PublishedList,
    chain: graph::Chain,
}

/// The defaults of a chain.
pub fn default_chain_options() -> ChainOptions {
    let (ours, list) = (graph::ChainOptions::default(), PublishOptions::default());
    ChainOptions {
        order: ChainOrder::FirstSeen,
        neighbours: ours.neighbours.try_into().unwrap_or(u32::MAX),
        units: ours.units,
        least_bound_m: list.least_bound_m,
        sigmas: list.sigmas,
        most_bound_m: list.most_bound_m,
    }
}

impl ChainOptions {
    fn written(&self) -> Outcome<Written> {
        let order = match self.order {
            ChainOrder::FirstSeen => Order::FirstSeen,
            ChainOrder::BestFirst => Order::BestFirst,
            other => return Err(no_such("order", other.repr)),
        };
        let asked = graph::ChainOptions { neighbours: self.neighbours as usize, order, units: self.units };
        let Self { least_bound_m, sigmas, most_bound_m, .. } = *self;
        let list = PublishedList::new(PublishOptions { least_bound_m, sigmas, most_bound_m })?;
        Ok(Written { list, chain: graph::Chain::new(asked)? })
    }
}

impl Chain {
    /// The chain of nothing. Errors: options out of range.
    pub fn begin(options: &ChainOptions) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(Whole::new(options.written()?)))))
    }

    /// The chain that was saved with a scene. Errors: a file that is missing or none, one saved without a chain.
    pub fn load(path: &str, options: &ChainOptions) -> Result<Box<Self>, Failure> {
        held(|| {
            let (mut written, path) = (options.written()?, file_path(path)?);
            let missing = || Error::state(format!("{} was saved without what readers were told", path.display()));
            written.list = load_scene(path)?.published.ok_or_else(missing)?;
            written.chain.update(&written.list)?;
            Ok(Box::new(Self(Whole::new(written))))
        })
    }

    /// Saves a snapshot with what readers were told; the bytes of the file. Errors: a file that cannot be written.
    pub fn save(&self, snapshot: &Snapshot, path: &str) -> Result<u64, Failure> {
        held(|| {
            let told = ToldScene { snapshot: snapshot.0.clone(), published: Some(self.0.get().list.clone()) };
            Ok(save_scene(file_path(path)?, &told)?.file_bytes as u64)
        })
    }

    /// Brings it up to a snapshot. Errors: a snapshot of another scene.
    pub fn update(&mut self, snapshot: &Snapshot) -> Result<ChainChange, Failure> {
        self.0.change(|written| {
            let mut list = written.list.clone();
            list.update(&snapshot.0)?;
            let change = written.chain.update(&list)?;
            written.list = list;
            let graph::ChainChange { lines, lines_changed, lines_removed, .. } = change;
            Ok(ChainChange { lines, lines_changed, lines_removed })
        })
    }

    /// The lines, each with its line break.
    pub fn text(&self) -> String {
        self.0.get().chain.to_text()
    }
}
