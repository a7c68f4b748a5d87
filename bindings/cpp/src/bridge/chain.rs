//! A scene as triplets, written and read back.

use crate::chain::{Chain, default_chain_options};
use crate::triplets::read_triplets;

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/snapshot.rs.h");
        type Snapshot = crate::bridge::Snapshot;
    }

    /// In which order a chain places things.
    #[derive(Debug)]
    enum ChainOrder {
        FirstSeen,
        BestFirst,
    }

    /// How a chain is built and written; begin with default_chain_options().
    #[derive(Debug, Clone, Copy)]
    struct ChainOptions {
        order: ChainOrder,
        /// How many of the placed things nearest to a new one may place it, 2 to 64.
        neighbours: u32,
        /// Whether lines tell the size of their cells.
        units: bool,
    }

    /// What an update of a chain changed.
    #[derive(Debug, Clone, Copy)]
    struct ChainChange {
        /// Lines there are now.
        lines: usize,
        /// Of these, how many are new or have other bytes than before.
        lines_changed: usize,
        /// Lines of things that are gone.
        lines_removed: usize,
    }

    /// A triplet as a text tells it: stand at a, face b, locate c. Grid coordinates are 0 to 10, x to the right and y
    /// ahead; a is at 5, 5.
    #[derive(Debug, Clone)]
    struct Triplet {
        /// Number of the line, as it is written.
        t: u64,
        a: String,
        b: String,
        /// Empty in the record of a pair.
        c: String,
        b_xy: [f64; 2],
        /// 0 where has_c is false.
        c_xy: [f64; 2],
        /// Metres a cell; 0 in a text without units.
        cell_m: f64,
        /// True when the heading is not that from a to b, which are in one spot.
        fallback: bool,
        has_c: bool,
    }

    /// What was left out of a text that was read.
    #[derive(Debug, Clone)]
    struct Rejected {
        /// Line of the text, from 1.
        line: usize,
        reason: String,
    }

    /// What was read of a text of triplets, in its order.
    #[derive(Debug, Clone)]
    struct Triplets {
        list: Vec<Triplet>,
        /// The first 1000 of what was left out.
        rejected: Vec<Rejected>,
        /// How much was left out.
        rejected_in_all: usize,
    }

    extern "Rust" {
        /// The defaults of a chain.
        fn default_chain_options() -> ChainOptions;

        /// A scene as triplets, a line a thing, kept up to date. One call at a time.
        type Chain;
        /// The chain of nothing.
        #[Self = "Chain"]
        fn begin(options: &ChainOptions) -> Result<Box<Chain>>;
        /// Brings it up to a snapshot. When it throws, the chain is as it was.
        fn update(self: &mut Chain, snapshot: &Snapshot) -> Result<ChainChange>;
        /// The lines, each with its line break.
        fn text(self: &Chain) -> String;

        /// Reads the triplets of a text: of a chain, or what a model made of its lines. `known` are the names there are, at
        /// most 262144; empty: any. What cannot be meant is left out and told; only a text too long is refused.
        fn read_triplets(text: &str, known: &[&str]) -> Result<Triplets>;
    }

    impl Vec<Triplet> {}
    impl Vec<Rejected> {}
}
