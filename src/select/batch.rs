//! All frames are there: which of them see the most?

use super::block;
use super::greedy::{Pick, fill, greedy};
use super::voxels::VoxelSets;
use crate::error::{Error, Result};

/// The most frames that are chosen among at once.
const MAX_FRAMES: usize = 1 << 20;

/// The most voxels along an axis: positions are 32-bit floats, and finer than this they are noise.
const MAX_SIDE: f32 = (1 << 21) as f32;

/// Voxels in a box of which bits are kept for all, whether somebody sees them or not.
const DENSE_CELLS: u64 = 1 << 22;

/// The points that one frame sees.
#[derive(Debug, Clone, Copy)]
pub struct PointMap<'a> {
    /// Positions in a frame common to all, any unit. Those that are not finite are left out.
    pub points: &'a [[f32; 3]],
    /// One number a point, larger is surer; without it every point counts.
    pub confidence: Option<&'a [f32]>,
}

/// How long the edge of a voxel is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edge {
    /// The shortest side of the box around all points, divided by so many: what Spatial-MLLM's released code does, with
    /// 20. A side shorter than a hundred-thousandth of the longest is no side.
    Shortest(f32),
    /// Fixed, in the unit of the points.
    Length(f32),
}

/// How frames are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectOptions {
    /// How many frames are wanted.
    pub count: usize,
    /// The voxels.
    pub edge: Edge,
    /// Points less sure than this share of all are left out: 0.5 is the median. Linear between ranks.
    pub least_quantile: f32,
    /// Points must be surer than this.
    pub least_confidence: f32,
}

impl Default for SelectOptions {
    /// 16 frames, the shortest side by 20, above the median and 0.1: the numbers of the released code.
    fn default() -> Self {
        Self { count: 16, edge: Edge::Shortest(20.0), least_quantile: 0.5, least_confidence: 0.1 }
    }
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The chosen frames, ascending: exactly as many as wanted, or all there are.
    pub frames: Vec<usize>,
    /// Those that were picked for what they add, in the order of picking. The rest of `frames` fills up: greedy ends when
    /// no frame adds anything, and the frame farthest in number from those chosen is added each time.
    pub picks: Vec<Pick>,
    /// The edge of a voxel in the unit of the points; `None` when the points span no volume and the frames were taken
    /// evenly.
    pub edge: Option<f32>,
    /// Voxels that the chosen frames see.
    pub covered: usize,
    /// Voxels that all frames see.
    pub seen: usize,
    /// Which voxels each frame sees, to compare with other choices; no voxel without an edge.
    pub sets: VoxelSets,
}

/// Numbers of up to `most` of `frames` frames, evenly from the first to the last, rounded down: with 128 the candidates of
/// the released code.
pub fn uniform(frames: usize, most: usize) -> Vec<usize> {
    let count = frames.min(most);
    let step = if count > 1 { (frames - 1) as f64 / (count - 1) as f64 } else { 0.0 };
    (0..count).map(|at| if at + 1 == count && at > 0 { frames - 1 } else { (at as f64 * step) as usize }).collect()
}

/// Chooses the frames that together see the most voxels.
///
/// # Errors
/// More than a million frames, confidences that are not one a point, options out of range, voxels too small for memory.
pub fn select(frames: &[PointMap<'_>], options: &SelectOptions) -> Result<Selection> {
    check(frames, options)?;
    let least = least_confidence(frames, options);
    let Some((sets, edge)) = voxelise(frames, least, options)? else {
        let sets = VoxelSets::new(frames.len(), 0)?;
        let frames = uniform(frames.len(), options.count);
        return Ok(Selection { frames, picks: Vec::new(), edge: None, covered: 0, seen: 0, sets });
    };
    let picks = greedy(&sets, options.count);
    let chosen: Vec<usize> = picks.iter().map(|pick| pick.frame).collect();
    Ok(Selection {
        frames: fill(&chosen, frames.len(), options.count),
        covered: picks.iter().map(|pick| pick.gain).sum(),
        seen: sets.covered_by(0..frames.len()),
        picks,
        edge: Some(edge),
        sets,
    })
}

/// As [`select`], of points that [`PointSampler`](super::PointSampler) took: near the first of them 32-bit numbers are
/// fine enough for any place.
///
/// # Errors
/// As [`select`].
pub fn select_sampled(frames: &[Vec<[f64; 3]>], options: &SelectOptions) -> Result<Selection> {
    let origin = frames.iter().find_map(|points| points.first().copied()).unwrap_or_default();
    let near = |point: &[f64; 3]| std::array::from_fn(|k| (point[k] - origin[k]) as f32);
    let points: Vec<Vec<[f32; 3]>> = frames.iter().map(|points| points.iter().map(near).collect()).collect();
    let maps: Vec<PointMap<'_>> = points.iter().map(|points| PointMap { points, confidence: None }).collect();
    select(&maps, options)
}

fn check(frames: &[PointMap<'_>], options: &SelectOptions) -> Result<()> {
    if frames.len() > MAX_FRAMES {
        return Err(Error::argument(format!("{} frames, expected at most {MAX_FRAMES}", frames.len())));
    }
    for (number, frame) in frames.iter().enumerate() {
        if let Some(confidence) = frame.confidence.filter(|confidence| confidence.len() != frame.points.len()) {
            return Err(Error::argument(format!(
                "frame {number} has {} points and {} confidences, expected one a point",
                frame.points.len(),
                confidence.len()
            )));
        }
    }
    let (Edge::Shortest(number) | Edge::Length(number)) = options.edge;
    if !(number.is_finite() && number > 0.0) {
        return Err(Error::argument(format!("edge is {:?}, expected a number above 0", options.edge)));
    }
    if !(0.0..=1.0).contains(&options.least_quantile) {
        return Err(Error::argument(format!("least_quantile is {}, expected 0 to 1", options.least_quantile)));
    }
    if options.least_confidence.is_nan() {
        return Err(Error::argument("least_confidence is not a number"));
    }
    Ok(())
}

/// The confidence at which a point begins to count; nothing where no frame has any.
fn least_confidence(frames: &[PointMap<'_>], options: &SelectOptions) -> f32 {
    let numbers = frames.iter().filter_map(|frame| frame.confidence).flatten().copied();
    let mut numbers: Vec<f32> = numbers.filter(|number| !number.is_nan()).collect();
    let Some(last) = numbers.len().checked_sub(1) else { return f32::NEG_INFINITY };
    let rank = f64::from(options.least_quantile) * last as f64;
    let below = rank as usize;
    let (_, &mut low, above) = numbers.select_nth_unstable_by(below, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    between(low, high, (rank - below as f64) as f32)
}

/// Part of the way from `low` to `high`, rounded as NumPy's percentile rounds it.
fn between(low: f32, high: f32, part: f32) -> f32 {
    if part >= 0.5 { high - (high - low) * (1.0 - part) } else { low + (high - low) * part }
}

/// Where voxels lie: 32-bit numbers throughout, as the released code has them.
pub(super) struct Grid {
    pub min: [f32; 3],
    pub edge: f32,
    pub sides: [u64; 3],
}

impl Grid {
    /// `None` when the points span no volume.
    fn around(min: [f32; 3], max: [f32; 3], edge: Edge) -> Result<Option<Self>> {
        let extent: [f32; 3] = std::array::from_fn(|k| max[k] - min[k]);
        let longest = extent.iter().copied().fold(0.0, f32::max);
        let edge = match edge {
            Edge::Length(edge) => edge,
            Edge::Shortest(parts) => {
                let sides = extent.iter().copied().filter(|side| *side > 0.0 && longest / side * parts < MAX_SIDE);
                match sides.min_by(f32::total_cmp) {
                    Some(side) => side / parts,
                    None => return Ok(None),
                }
            }
        };
        if !(edge > 0.0 && longest / edge < MAX_SIDE) {
            return Err(Error::argument(format!("voxels of {edge} over points {longest} apart are too small")));
        }
        let sides = extent.map(|side| (side / edge) as u64 + 1);
        Ok(Some(Self { min, edge, sides }))
    }

    fn cells(&self) -> u64 {
        self.sides.iter().product()
    }

    /// The number of the voxel that holds a point of the box.
    #[inline]
    fn cell(&self, point: &[f32; 3]) -> u64 {
        let [x, y, z]: [u64; 3] = std::array::from_fn(|k| ((point[k] - self.min[k]) / self.edge) as u64);
        (x * self.sides[1] + y) * self.sides[2] + z
    }
}

fn voxelise(frames: &[PointMap<'_>], least: f32, options: &SelectOptions) -> Result<Option<(VoxelSets, f32)>> {
    let above = options.least_confidence;
    let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
    frames.iter().for_each(|frame| block::widen(frame, least, above, &mut min, &mut max));
    if min[0] > max[0] {
        return Ok(None);
    }
    let Some(grid) = Grid::around(min, max, options.edge)? else { return Ok(None) };
    let sets = if grid.cells() <= DENSE_CELLS {
        let mut sets = VoxelSets::new(frames.len(), grid.cells() as usize)?;
        let mut cells = vec![0u8; grid.cells() as usize];
        for (number, frame) in frames.iter().enumerate() {
            cells.fill(0);
            block::mark(frame, least, above, &grid, &mut cells);
            block::pack(&cells, sets.row_mut(number));
        }
        sets
    } else {
        let mut keys: Vec<Vec<u64>> = vec![Vec::new(); frames.len()];
        for (keys, frame) in keys.iter_mut().zip(frames) {
            for_counted(frame, least, above, |point| keys.push(grid.cell(point)));
            keys.sort_unstable();
            keys.dedup();
        }
        VoxelSets::of_keys(&keys)?
    };
    Ok(Some((sets, grid.edge)))
}

/// Calls for every point of a frame that counts.
#[inline]
fn for_counted(frame: &PointMap<'_>, least: f32, above: f32, mut call: impl FnMut(&[f32; 3])) {
    let is_finite = |point: &[f32; 3]| (point[0] + point[1] + point[2]).is_finite();
    match frame.confidence {
        None => frame.points.iter().filter(|point| is_finite(point)).for_each(call),
        Some(confidence) => {
            for (point, &sure) in frame.points.iter().zip(confidence) {
                if sure >= least && sure > above && is_finite(point) {
                    call(point);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    /// What tests/golden/select/make.py wrote.
    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        count: usize,
        points: Vec<Vec<[f32; 3]>>,
        confidence: Vec<Vec<f32>>,
        edge: f32,
        voxels: Vec<usize>,
        picks: Vec<usize>,
    }

    #[test]
    fn picks_are_those_of_the_published_rule() {
        let golden: Golden =
            serde_json::from_str(include_str!("../../tests/golden/select/cases.json")).expect("the recorded cases");
        assert!(golden.cases.len() >= 6);
        for case in &golden.cases {
            let frames: Vec<PointMap<'_>> = case
                .points
                .iter()
                .zip(&case.confidence)
                .map(|(points, confidence)| PointMap { points, confidence: Some(confidence) })
                .collect();
            let options = SelectOptions { count: case.count, ..SelectOptions::default() };
            let least = least_confidence(&frames, &options);
            let (sets, edge) = voxelise(&frames, least, &options).expect("sizes").expect("a volume");
            assert_eq!(edge, case.edge, "{}", case.name);
            let voxels: Vec<usize> = (0..frames.len()).map(|frame| sets.count(frame)).collect();
            assert_eq!(voxels, case.voxels, "{}", case.name);
            let selection = select(&frames, &options).expect("sizes");
            let picks: Vec<usize> = selection.picks.iter().map(|pick| pick.frame).collect();
            assert_eq!(picks, case.picks, "{}", case.name);
            assert_eq!(selection.frames.len(), case.count.min(frames.len()), "{}", case.name);
            assert_eq!(selection.covered, sets.covered_by(picks), "{}", case.name);
        }
    }

    #[test]
    fn uniform_frames_are_even_and_rounded_down() {
        assert_eq!(uniform(10, 4), [0, 3, 6, 9]);
        assert_eq!(uniform(11, 4), [0, 3, 6, 10]);
        assert_eq!(uniform(3, 128), [0, 1, 2]);
        assert_eq!(uniform(1, 128), [0]);
        assert!(uniform(0, 128).is_empty());
    }

    #[test]
    fn without_a_volume_frames_are_taken_evenly() {
        let still = [[1.0f32, 2.0, 3.0]; 4];
        let frames = vec![PointMap { points: &still, confidence: None }; 9];
        let options = SelectOptions { count: 3, ..SelectOptions::default() };
        let selection = select(&frames, &options).expect("sizes");
        assert_eq!((selection.frames, selection.edge), (vec![0, 4, 8], None));
        let none = select(&[], &options).expect("no frame");
        assert!(none.frames.is_empty());
    }

    #[test]
    fn a_flat_place_is_measured_by_its_shortest_side_that_is_one() {
        let flat: Vec<[f32; 3]> = (0..100).map(|k| [(k % 10) as f32, (k / 10) as f32 * 0.5, 7.0]).collect();
        let frames = [PointMap { points: &flat, confidence: None }];
        let selection = select(&frames, &SelectOptions::default()).expect("sizes");
        assert_eq!(selection.edge, Some(4.5 / 20.0));
        assert_eq!((selection.covered, selection.seen), (100, 100));
    }

    #[test]
    fn a_long_thin_place_is_counted_without_a_bit_for_every_cell() {
        let thin: Vec<[f32; 3]> = (0..200u16).map(|k| [f32::from(k) * 50.0, f32::from(k), f32::from(k % 3)]).collect();
        let frames = [PointMap { points: &thin, confidence: None }];
        let selection = select(&frames, &SelectOptions { count: 1, ..SelectOptions::default() }).expect("sizes");
        assert_eq!((selection.covered, selection.seen), (200, 200));
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_sentence() {
        let points = [[0.0f32; 3], [1.0, 2.0, 3.0]];
        let with = |options: SelectOptions, confidence: Option<&[f32]>| {
            select(&[PointMap { points: &points, confidence }], &options).expect_err("refused").to_string()
        };
        let usual = SelectOptions::default();
        assert_eq!(with(usual, Some(&[1.0])), "frame 0 has 2 points and 1 confidences, expected one a point");
        let edge = SelectOptions { edge: Edge::Length(0.0), ..usual };
        assert_eq!(with(edge, None), "edge is Length(0.0), expected a number above 0");
        let tiny = SelectOptions { edge: Edge::Length(1e-9), ..usual };
        assert_eq!(with(tiny, None), "voxels of 0.000000001 over points 3 apart are too small");
        let quantile = SelectOptions { least_quantile: 1.5, ..usual };
        assert_eq!(with(quantile, None), "least_quantile is 1.5, expected 0 to 1");
    }

    #[test]
    fn points_that_are_not_finite_and_those_that_are_unsure_are_left_out() {
        let points = [[0.0f32; 3], [1.0, 1.0, 1.0], [f32::NAN, 0.0, 0.0], [0.0, f32::INFINITY, 0.0], [500.0, 0.0, 0.0]];
        let confidence = [1.0f32, 1.0, 1.0, 1.0, 0.05];
        let options = SelectOptions { least_quantile: 0.0, ..SelectOptions::default() };
        let selection =
            select(&[PointMap { points: &points, confidence: Some(&confidence) }], &options).expect("sizes");
        assert_eq!((selection.seen, selection.edge), (2, Some(0.05)));
    }
}
