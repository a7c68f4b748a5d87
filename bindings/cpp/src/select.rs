//! Which of many frames see the most, all of them at hand.

use crate::bridge::{EdgeKind, Frame, Pick, PointMap, SelectOptions, Selection, VoxelSet};
use crate::convert::{frame_of, no_such};
use crate::held::{Failure, held};
use gnomon::select::{self, Edge, PointSampler, VoxelSets, fill, greedy, select, select_sampled};
use gnomon::{Error, Result as Outcome};

/// The most frames with depth that are chosen among at once: their points take a few hundred kilobytes each.
const MAX_FRAMES: usize = 4096;

/// The most sets of points or voxels that are chosen among at once.
const MAX_SETS: usize = 1 << 20;

/// The defaults of a selection.
pub fn default_select_options() -> SelectOptions {
    let select::SelectOptions { count, edge, least_quantile, least_confidence } = select::SelectOptions::default();
    let (edge_kind, edge) = match edge {
        Edge::Shortest(parts) => (EdgeKind::Shortest, parts),
        Edge::Length(length) => (EdgeKind::Length, length),
    };
    SelectOptions { count: count as u64, edge, edge_kind, least_quantile, least_confidence }
}

impl SelectOptions {
    fn read(&self) -> Outcome<select::SelectOptions> {
        let edge = match self.edge_kind {
            EdgeKind::Shortest => Edge::Shortest(self.edge),
            EdgeKind::Length => Edge::Length(self.edge),
            other => return Err(no_such("edge_kind", other.repr)),
        };
        let Self { least_quantile, least_confidence, .. } = *self;
        Ok(select::SelectOptions { count: count_of(self.count)?, edge, least_quantile, least_confidence })
    }
}

fn count_of(count: u64) -> Outcome<usize> {
    match usize::try_from(count) {
        Ok(count @ 1..=MAX_SETS) => Ok(count),
        _ => Err(Error::argument(format!("count is {count}, expected 1 to {MAX_SETS}"))),
    }
}

fn check_many(n: usize, most: usize) -> Outcome<()> {
    if n > most {
        return Err(Error::argument(format!("{n} frames, expected at most {most}")));
    }
    Ok(())
}

fn map_of<'a>(at: usize, map: &PointMap<'a>) -> Outcome<select::PointMap<'a>> {
    let (points, rest) = map.xyz.as_chunks();
    if !rest.is_empty() {
        let sentence = format!("xyz of frame {at} has {} numbers, expected three a point", map.xyz.len());
        return Err(Error::argument(sentence));
    }
    Ok(select::PointMap { points, confidence: (!map.confidence.is_empty()).then_some(map.confidence) })
}

fn picks_of(frames: &[usize], picks: &[select::Pick]) -> Vec<Pick> {
    let one = |&frame: &usize| {
        let at = picks.iter().position(|pick| pick.frame == frame);
        Pick {
            frame: frame as u64,
            order: at.map_or(-1, |at| at as i64),
            gain: at.map_or(0, |at| picks[at].gain as u64),
        }
    };
    frames.iter().map(one).collect()
}

fn selection_of(ours: &select::Selection) -> Selection {
    Selection {
        picks: picks_of(&ours.frames, &ours.picks),
        picked: ours.picks.len() as u64,
        covered: ours.covered as u64,
        seen: ours.seen as u64,
        edge: ours.edge.unwrap_or(0.0),
    }
}

/// Chooses frames by what their depth sees. Errors: options out of range, a frame that cannot be meant.
pub fn select_frames(frames: &[Frame<'_>], options: &SelectOptions) -> Result<Selection, Failure> {
    held(|| {
        let options = options.read()?;
        check_many(frames.len(), MAX_FRAMES)?;
        let mut sampler = PointSampler::default();
        let points_of = |(at, frame): (usize, &Frame<'_>)| {
            let points = frame_of(frame).and_then(|frame| sampler.points(&frame));
            points.map_err(|error| error.within(format_args!("frame {at}")))
        };
        let points = frames.iter().enumerate().map(points_of).collect::<Outcome<Vec<_>>>()?;
        Ok(selection_of(&select_sampled(&points, &options)?))
    })
}

/// Chooses frames by the points they see. Errors: options out of range, numbers that are no points.
pub fn select_points(maps: &[PointMap<'_>], options: &SelectOptions) -> Result<Selection, Failure> {
    held(|| {
        let options = options.read()?;
        check_many(maps.len(), MAX_SETS)?;
        let maps = maps.iter().enumerate().map(|(at, map)| map_of(at, map)).collect::<Outcome<Vec<_>>>()?;
        Ok(selection_of(&select(&maps, &options)?))
    })
}

/// Chooses frames by the voxels they see. Errors: too many frames, no count.
pub fn select_voxels(sets: &[VoxelSet], count: u64) -> Result<Selection, Failure> {
    held(|| {
        check_many(sets.len(), MAX_SETS)?;
        let count = count_of(count)?;
        let keys: Vec<Vec<u64>> = sets.iter().map(|set| set.voxels.clone()).collect();
        let sets = VoxelSets::of_keys(&keys)?;
        let picks = greedy(&sets, count);
        let chosen: Vec<usize> = picks.iter().map(|pick| pick.frame).collect();
        Ok(Selection {
            picks: picks_of(&fill(&chosen, keys.len(), count), &picks),
            picked: picks.len() as u64,
            covered: sets.covered_by(chosen) as u64,
            seen: sets.covered_by(0..keys.len()) as u64,
            edge: 0.0,
        })
    })
}
