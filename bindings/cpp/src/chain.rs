//! The triplet chain with its published list.

use crate::bridge::{ChainChange, ChainOptions, ChainOrder};
use crate::convert::no_such;
use crate::held::{Failure, Whole, held};
use crate::snapshot::Snapshot;
use gnomon::graph::{self, Order, PublishOptions, PublishedList};

/// A scene as triplets, kept up to date.
pub struct Chain(Whole<Written>);

struct Written {
    list: PublishedList,
    chain: graph::Chain,
}

/// The defaults of a chain.
pub fn default_chain_options() -> ChainOptions {
    let ours = graph::ChainOptions::default();
    ChainOptions {
        order: ChainOrder::FirstSeen,
        neighbours: ours.neighbours.try_into().unwrap_or(u32::MAX),
        units: ours.units,
    }
}

impl Chain {
    /// The chain of nothing. Errors: options out of range.
    pub fn begin(options: &ChainOptions) -> Result<Box<Self>, Failure> {
        held(|| {
            let order = match options.order {
                ChainOrder::FirstSeen => Order::FirstSeen,
                ChainOrder::BestFirst => Order::BestFirst,
                other => return Err(no_such("order", other.repr)),
            };
            let asked = graph::ChainOptions { neighbours: options.neighbours as usize, order, units: options.units };
            let list = PublishedList::new(PublishOptions::default())?;
            Ok(Box::new(Self(Whole::new(Written { list, chain: graph::Chain::new(asked)? }))))
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
