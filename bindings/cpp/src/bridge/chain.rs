//! A scene as triplets, written and read back.

use crate::chain::{Chain, default_chain_options};
use crate::layout::Layout;
use crate::triplets::{read_triplets, triplets_error};

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
        /// A smaller move of a thing is never told, metres.
        least_bound_m: f64,
        /// Standard deviations of a thing's place that count as no news.
        sigmas: f64,
        /// A larger move is always told, metres.
        most_bound_m: f64,
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

    /// What triplets leave open. `Gauge gauge{};` leaves it to the first triplet: its a, its b, how far apart they are.
    #[derive(Debug, Clone)]
    struct Gauge {
        /// The thing at 0, 0.
        origin: String,
        /// The thing straight ahead of it.
        ahead: String,
        /// How far apart they are, metres.
        baseline_m: f64,
    }

    /// Where a thing is. Of a layout: metres to the right of its origin and ahead. Of truth: world x and y, metres.
    #[derive(Debug, Clone)]
    struct Place {
        name: String,
        at: [f64; 2],
    }

    /// A triplet that located what had a place already.
    #[derive(Debug, Clone, Copy)]
    struct Loop {
        /// Its index among the triplets, from 0.
        triplet: u64,
        /// Distance between the place the thing has and that of the triplet, metres.
        residual_m: f64,
    }

    /// How far told places are off.
    #[derive(Debug, Clone, Copy)]
    struct PlacementError {
        /// Mean distance over the things that were placed, cells; 0 when none was.
        mean_cells: f64,
        /// Things that were placed.
        placed: u64,
        /// Things that were to be placed.
        things: u64,
    }

    extern "Rust" {
        /// The defaults of a chain.
        fn default_chain_options() -> ChainOptions;

        /// A scene as triplets, a line a thing, kept up to date. One call at a time.
        type Chain;
        /// The chain of nothing.
        #[Self = "Chain"]
        fn begin(options: &ChainOptions) -> Result<Box<Chain>>;
        /// The chain that was saved with a scene by save(), with the lines it had; the options' bounds are not looked at.
        /// Throws GNOMON_E_STATE where none was saved.
        #[Self = "Chain"]
        fn load(path: &str, options: &ChainOptions) -> Result<Box<Chain>>;
        /// Saves a snapshot as Snapshot::save does, with what the chain's readers were told; the bytes of the file.
        fn save(self: &Chain, snapshot: &Snapshot, path: &str) -> Result<u64>;
        /// Brings it up to a snapshot. When it throws, the chain is as it was.
        fn update(self: &mut Chain, snapshot: &Snapshot) -> Result<ChainChange>;
        /// The lines, each with its line break.
        fn text(self: &Chain) -> String;

        /// Reads the triplets of a text: of a chain, or what a model made of its lines. `known` are the names there are, at
        /// most 262144; empty: any. What cannot be meant is left out and told; only a text too long is refused.
        fn read_triplets(text: &str, known: &[&str]) -> Result<Triplets>;

        /// How far triplets are from the truth, each in the cells of its own grid; `truth` in the order in which things
        /// were first seen.
        fn triplets_error(triplets: &[Triplet], truth: &[Place]) -> Result<PlacementError>;

        /// Places composed of triplets. Never changes.
        type Layout;
        /// Composes triplets to places. Throws where the gauge is left to a first triplet that is not there or tells no
        /// length.
        #[Self = "Layout"]
        fn compose(triplets: &[Triplet], gauge: &Gauge) -> Result<Box<Layout>>;
        /// What fixes where it begins.
        fn gauge(self: &Layout) -> Gauge;
        /// The places, by name.
        fn places(self: &Layout) -> Vec<Place>;
        /// How well triplets agree that locate one thing again, in the order in which they were composed.
        fn loops(self: &Layout) -> Vec<Loop>;
        /// Indices of triplets that could not be used: a or b never got a place, or both are in one spot.
        fn unused(self: &Layout) -> Vec<u64>;
        /// Triplets with a fallback heading: taken to face as the layout does.
        fn by_fallback(self: &Layout) -> u64;
        /// How far it is from the truth, cells of `cell_m` metres; the truth must hold the gauge's two things.
        fn error(self: &Layout, truth: &[Place], cell_m: f64) -> Result<PlacementError>;
    }

    impl Vec<Triplet> {}
    impl Vec<Rejected> {}
}
