//! How much of the told chain stays valid while a noisy room is walked through, and how well the lines place things.
//!
//! At every new keyframe the scene is published, the list and the chain are brought up to date, and the share of lines
//! that are new or have other bytes than before is noted; keyframes at which there is no line are passed over. The same is
//! done for a list that publishes every estimate as it stands: what the bounds spare is the difference.
//!
//! At the end of a walk the chain's text is read, composed to a layout, and compared with the published places, in cells
//! of [`CELL_M`](super::CELL_M).

use super::drift::CELL_M;
use super::room::{integrate_room_frame, share};
use super::seeds::Seeds;
use crate::error::Result;
use crate::graph::{
    Chain, ChainChange, ChainOptions, ChainText, GraphOptions, Layout, PublishOptions, PublishedList, RelationGraph,
};
use crate::room::{Room, RoomCamera, RoomOptions, RoomSequence};
use crate::scene::{Scene, SceneOptions, Snapshot};

/// What was found in so many rooms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChainTable {
    /// Rooms walked through.
    pub rooms: usize,
    /// Shares of changed lines, one for each keyframe.
    pub changed_shares: Vec<f64>,
    /// The same, were every estimate published as it stands.
    pub unbounded_shares: Vec<f64>,
    /// Lines at the ends of the walks.
    pub lines: usize,
    /// Relations that the graphs list at the ends of the walks.
    pub relations: usize,
    /// Things to be located at the ends of the walks.
    pub asked: usize,
    /// Of these, how many the layouts place.
    pub placed: usize,
    error_cells: f64,
}

impl ChainTable {
    /// Mean distance of composed places from the published ones, cells of half a metre.
    pub fn error_mean_cells(&self) -> f64 {
        self.error_cells / self.placed as f64
    }

    /// Share of the things to be located that the layouts place.
    pub fn coverage(&self) -> f64 {
        share(self.placed, self.asked)
    }

    /// The table as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let quantiles = |shares: &[f64]| {
            serde_json::json!({
                "mean": shares.iter().sum::<f64>() / shares.len() as f64,
                "p50": quantile(shares, 0.5), "p90": quantile(shares, 0.9),
            })
        };
        serde_json::json!({
            "rooms": self.rooms, "keyframes": self.changed_shares.len(), "lines": self.lines,
            "relations": self.relations, "lines_changed_share": quantiles(&self.changed_shares),
            "lines_changed_share_unbounded": quantiles(&self.unbounded_shares),
            "cell_m": CELL_M, "error_mean_cells": self.error_mean_cells(), "coverage": self.coverage(),
        })
    }

    fn add(&mut self, other: &Self) {
        self.rooms += other.rooms;
        self.changed_shares.extend(&other.changed_shares);
        self.unbounded_shares.extend(&other.unbounded_shares);
        self.lines += other.lines;
        self.relations += other.relations;
        self.asked += other.asked;
        self.placed += other.placed;
        self.error_cells += other.error_cells;
    }
}

/// The value below which this share of all lies; 0 of none.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len().saturating_sub(1)) as f64 * part) as usize).copied().unwrap_or(0.0)
}

/// Walks every noisy room for so many frames.
pub fn eval_chain(seeds: &Seeds, frames: usize) -> Result<ChainTable> {
    let mut total = ChainTable::default();
    let walks = seeds.measure(|seed| Ok(eval_room(seed, frames, RoomCamera::default())?.0))?;
    walks.iter().for_each(|one| total.add(one));
    Ok(total)
}

/// A list and its chain.
struct Telling {
    list: PublishedList,
    chain: Chain,
}

impl Telling {
    fn new(options: PublishOptions) -> Result<Self> {
        Ok(Self { list: PublishedList::new(options)?, chain: Chain::new(ChainOptions::default())? })
    }

    fn update(&mut self, snapshot: &Snapshot) -> Result<ChainChange> {
        self.list.update(snapshot)?;
        self.chain.update(&self.list)
    }
}

/// What one walk gives, and the last text of the chain.
fn eval_room(seed: u64, frames: usize, camera: RoomCamera) -> Result<(ChainTable, String)> {
    let room = Room::generate(seed);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed, frames, noisy: true, camera });
    let mut scene = Scene::new(SceneOptions::default())?;
    let mut told = Telling::new(PublishOptions::default())?;
    let as_it_stands = PublishOptions { least_bound_m: 0.0, sigmas: 0.0, ..PublishOptions::default() };
    let mut unbounded = Telling::new(as_it_stands)?;
    let mut graph = RelationGraph::new(GraphOptions::default())?;
    let mut table = ChainTable { rooms: 1, ..ChainTable::default() };
    let mut keyframes = 0;
    for index in 0..walk.len() {
        integrate_room_frame(&mut scene, &walk.frame(index), true)?;
        let snapshot = scene.publish();
        let now = snapshot.keyframes().count();
        if now == keyframes {
            continue;
        }
        keyframes = now;
        let (change, unbounded_change) = (told.update(&snapshot)?, unbounded.update(&snapshot)?);
        graph.update(&snapshot);
        if change.lines > 0 {
            table.changed_shares.push(change.changed_share());
            table.unbounded_shares.push(unbounded_change.changed_share());
        }
    }
    let text = told.chain.to_text();
    (table.lines, table.relations) = (told.chain.lines().count(), graph.relations().count());
    if let Some(gauge) = told.chain.gauge() {
        let read = ChainText::parse(&text, |name| told.list.named(name).is_some())?;
        let error = Layout::compose(&read.lines, gauge)?.error(&told.list, CELL_M)?;
        (table.asked, table.placed) = (error.total, error.evaluated);
        table.error_cells = error.mean_cells.unwrap_or(0.0) * error.evaluated as f64;
    }
    Ok((table, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_walks_tell_the_same_bytes_of_which_few_change() {
        let walk = || eval_room(4, 80, RoomCamera::default().reduced(4)).expect("a walk");
        let (table, text) = walk();
        assert!(table.lines >= 5 && table.changed_shares.len() >= 10, "{table:?}");
        assert!(quantile(&table.changed_shares, 0.5) <= 0.1, "{table:?}");
        assert!(quantile(&table.changed_shares, 0.5) < quantile(&table.unbounded_shares, 0.5), "{table:?}");
        assert_eq!(table.coverage(), 1.0);
        assert!(table.error_mean_cells() < 1.0, "{table:?}");
        for _ in 0..2 {
            assert_eq!(walk(), (table.clone(), text.clone()));
        }
    }

    #[test]
    fn half_of_all_lie_below_the_middle() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
