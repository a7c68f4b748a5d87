//! Which of many frames see the most, all of them at hand.

use super::frame::{gnomon_frame, read_frame};
use super::growth::{self, Growing, Headed, growing};
use super::guard::{DONE, guard};
use super::status::*;
use super::text::slice_of;
use crate::select::{
    Edge, Pick, PointMap, PointSampler, SelectOptions, Selection, VoxelSets, fill, greedy, select, select_sampled,
};

/// The most frames with depth that are chosen among at once: their points take a few hundred kilobytes each.
const MAX_FRAMES: usize = 4096;

/// The most sets of points or voxels that are chosen among at once.
const MAX_SETS: usize = 1 << 20;

/// The most points or voxels of one frame.
const MAX_OF_A_FRAME: usize = 1 << 28;

/// How frames are chosen. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_select_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How many frames are wanted, 1 to 1048576. Default 16.
    pub count: u64,
    /// The edge of a voxel, above 0: what .edge_kind says. Default 20 parts of the shortest side.
    pub edge: f64,
    /// Of points with confidence, those less sure than this share of all are left out: 0 to 1. Default 0.5, the median.
    pub least_quantile: f64,
    /// Points must be surer than this. Default 0.1.
    pub least_confidence: f64,
    /// GNOMON_EDGE_*.
    pub edge_kind: i32,
    /// 0.
    pub reserved: u32,
}

/// The points that one frame sees, in a frame common to all. Set to zero before use; its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_point_map {
    /// x, y, z of every point, any unit; those that are not finite are left out.
    pub points: *const f32,
    /// How many points, three numbers each.
    pub points_len: usize,
    /// One number a point, larger is surer.
    pub confidence: *const f32,
    /// As many as points; 0: every point counts.
    pub confidence_len: usize,
}

/// The voxels that one frame sees, numbered by the caller. Set to zero before use; its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_voxel_set {
    /// Numbers of voxels, in any order; they may repeat.
    pub voxels: *const u64,
    /// How many.
    pub len: usize,
}

/// A frame that was chosen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_pick {
    /// Its number among those given, from 0.
    pub frame: u64,
    /// The how-manieth it was picked, from 0; -1: nothing was left to add, and it fills up.
    pub order: i64,
    /// Voxels that no frame picked before it sees.
    pub gain: u64,
}

/// What the chosen frames see. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_selection_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Frames that were picked for what they add; the rest fills up.
    pub picked: u64,
    /// Voxels that the chosen frames see.
    pub covered: u64,
    /// Voxels that all frames see.
    pub seen: u64,
    /// The edge of a voxel, in the unit of the points; 0 where they span no volume and frames were taken evenly, and
    /// where voxels were given.
    pub edge: f64,
}

growing! {
    gnomon_select_options 48;
    gnomon_point_map 32;
    gnomon_voxel_set 16;
    gnomon_pick 24;
    gnomon_selection_facts 40;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_select_options {
    fn defaults() -> Self {
        let ours = SelectOptions::default();
        let (edge_kind, edge) = match ours.edge {
            Edge::Shortest(parts) => (GNOMON_EDGE_SHORTEST, parts),
            Edge::Length(length) => (GNOMON_EDGE_LENGTH, length),
        };
        Self {
            struct_size: 0,
            abi_version: 0,
            count: ours.count as u64,
            edge: f64::from(edge),
            least_quantile: f64::from(ours.least_quantile),
            least_confidence: LEAST_CONFIDENCE,
            edge_kind,
            reserved: 0,
        }
    }
}

/// That of the core, as C writes it.
const LEAST_CONFIDENCE: f64 = 0.1;

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_selection_facts {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, picked: 0, covered: 0, seen: 0, edge: 0.0 }
    }
}

const NO_POINTS: gnomon_point_map =
    gnomon_point_map { points: std::ptr::null(), points_len: 0, confidence: std::ptr::null(), confidence_len: 0 };
const NO_VOXELS: gnomon_voxel_set = gnomon_voxel_set { voxels: std::ptr::null(), len: 0 };

/// A number that is finite as 32 bits too.
fn narrow(value: f64, what: &str) -> Result<f32, Fault> {
    match value as f32 {
        narrowed if narrowed.is_finite() => Ok(narrowed),
        _ => Err(Fault::argument(format!("{what} is {value}, expected a finite number of 32 bits"))),
    }
}

/// The caller's options; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to as many readable bytes as its `struct_size` says.
unsafe fn read_options(options: *const gnomon_select_options) -> Result<SelectOptions, Fault> {
    if options.is_null() {
        return Ok(SelectOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    if raw.reserved != 0 {
        return Err(Fault::argument(format!("reserved is {}, expected 0", raw.reserved)));
    }
    let edge = narrow(raw.edge, "edge")?;
    Ok(SelectOptions {
        count: read_count(raw.count)?,
        edge: match raw.edge_kind {
            GNOMON_EDGE_SHORTEST => Edge::Shortest(edge),
            GNOMON_EDGE_LENGTH => Edge::Length(edge),
            other => return Err(Fault::argument(format!("edge_kind is {other}, expected one of GNOMON_EDGE_*"))),
        },
        least_quantile: narrow(raw.least_quantile, "least_quantile")?,
        least_confidence: narrow(raw.least_confidence, "least_confidence")?,
    })
}

fn read_count(count: u64) -> Result<usize, Fault> {
    match usize::try_from(count) {
        Ok(count @ 1..=MAX_SETS) => Ok(count),
        _ => Err(Fault::argument(format!("count is {count}, expected 1 to {MAX_SETS}"))),
    }
}

/// Where the picks and the facts go, checked before the work is done.
struct Places {
    out: *mut gnomon_pick,
    pick_size: usize,
    n: *mut usize,
    facts: Option<growth::Place<gnomon_selection_facts>>,
}

impl Places {
    /// # Safety
    /// `n` is NULL or readable and writable, `out` is NULL or has room for `*n` elements of `pick_size` bytes, `facts` is
    /// NULL or set up.
    unsafe fn of(
        (out, pick_size, n): (*mut gnomon_pick, usize, *mut usize),
        facts: *mut gnomon_selection_facts,
        most: usize,
    ) -> Result<Self, Fault> {
        if out.is_null() || n.is_null() {
            return Err(Fault::argument("place for the picks or for their number is NULL"));
        }
        growth::check_bytes::<gnomon_pick>(pick_size)?;
        // SAFETY: not NULL.
        let room = unsafe { n.read_unaligned() };
        if room < most {
            return Err(Fault::argument(format!("room for {room} of {}, there are {most}", gnomon_pick::NAME)));
        }
        // SAFETY: passed on to the caller.
        Ok(Self { out, pick_size, n, facts: unsafe { growth::place(facts) }? })
    }

    /// # Safety
    /// What was true when the places were checked still is.
    unsafe fn write(self, chosen: &Chosen<'_>) -> Result<(), Fault> {
        if let Some(place) = &self.facts {
            let facts = gnomon_selection_facts {
                picked: chosen.picks.len() as u64,
                covered: chosen.picks.iter().map(|pick| pick.gain as u64).sum(),
                seen: chosen.seen as u64,
                edge: chosen.edge,
                ..gnomon_selection_facts::defaults()
            };
            // SAFETY: passed on to the caller.
            unsafe { place.write(&facts) };
        }
        let rows = chosen.frames.iter().map(|&frame| {
            let at = chosen.picks.iter().position(|pick| pick.frame == frame);
            gnomon_pick {
                frame: frame as u64,
                order: at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1),
                gain: at.map_or(0, |at| chosen.picks[at].gain as u64),
            }
        });
        // SAFETY: passed on to the caller.
        unsafe { growth::fill(rows, self.out, self.pick_size, self.n) }
    }
}

struct Chosen<'a> {
    frames: &'a [usize],
    picks: &'a [Pick],
    seen: usize,
    edge: f64,
}

impl<'a> Chosen<'a> {
    fn of(selection: &'a Selection) -> Self {
        let Selection { frames, picks, edge, seen, .. } = selection;
        Self { frames, picks, seen: *seen, edge: edge.map_or(0.0, f64::from) }
    }
}

/// Fills in the defaults of a selection's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_select_options_init(options: *mut gnomon_select_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_selection_facts_init(facts: *mut gnomon_selection_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Chooses the frames that together see the most, of m frames (at most 4096) of frame_size bytes each, each set up with
/// GNOMON_INIT: greedy maximum coverage of voxels, from depth and pose. Times and numbers of cameras are not looked at.
/// out, ascending by frame: exactly .count picks, or all there are; *n is the room in out, of pick_size bytes each, for
/// that many, and becomes their number. facts and options may be NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_select_frames(
    frames: *const gnomon_frame,
    frame_size: usize,
    m: usize,
    options: *const gnomon_select_options,
    out: *mut gnomon_pick,
    pick_size: usize,
    n: *mut usize,
    facts: *mut gnomon_selection_facts,
) -> gnomon_status {
    guard("gnomon_select_frames", |_| {
        // SAFETY: the caller's options.
        let options = unsafe { read_options(options) }?;
        growth::check_array(frames, frame_size, m, MAX_FRAMES)?;
        // SAFETY: the caller's places.
        let places = unsafe { Places::of((out, pick_size, n), facts, options.count.min(m)) }?;
        let mut sampler = PointSampler::default();
        let mut points_of = |at: usize| {
            // SAFETY: below m, within the caller's array.
            let frame = unsafe { frames.cast::<u8>().add(at * frame_size) }.cast::<gnomon_frame>();
            // SAFETY: as above; 8 readable bytes, as every frame has.
            let said = unsafe { frame.cast::<u32>().read_unaligned() } as usize;
            if said > frame_size {
                return Err(Fault::new(
                    GNOMON_E_ABI,
                    format!("frame {at} has {said} bytes in an array of {frame_size}"),
                ));
            }
            let within = |fault: Fault| Fault::new(fault.status, format!("frame {at}: {}", fault.sentence));
            // SAFETY: the caller's frame, borrowed for this call.
            let frame = unsafe { read_frame(frame) }.map_err(within)?;
            sampler.points(&frame).map_err(|error| within(error.into()))
        };
        let points = (0..m).map(&mut points_of).collect::<Result<Vec<_>, _>>()?;
        let selection = select_sampled(&points, &options)?;
        // SAFETY: checked above.
        unsafe { places.write(&Chosen::of(&selection)) }?;
        DONE
    })
}

/// As gnomon_select_frames, of m sets of points (at most 1048576) of map_size bytes each: those of a network, say.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_select_points(
    maps: *const gnomon_point_map,
    map_size: usize,
    m: usize,
    options: *const gnomon_select_options,
    out: *mut gnomon_pick,
    pick_size: usize,
    n: *mut usize,
    facts: *mut gnomon_selection_facts,
) -> gnomon_status {
    guard("gnomon_select_points", |_| {
        // SAFETY: the caller's options.
        let options = unsafe { read_options(options) }?;
        // SAFETY: the caller's array, borrowed for this call.
        let raw = unsafe { growth::read_array(maps, map_size, m, MAX_SETS, NO_POINTS) }?;
        // SAFETY: the caller's places.
        let places = unsafe { Places::of((out, pick_size, n), facts, options.count.min(m)) }?;
        let one = |(at, map): (usize, &gnomon_point_map)| {
            let what = format!("points of frame {at}");
            // SAFETY: the caller's points, borrowed for this call.
            let points = unsafe { slice_of(map.points.cast(), map.points_len, &what, MAX_OF_A_FRAME) }?;
            let what = format!("confidence of frame {at}");
            // SAFETY: the caller's confidences, borrowed for this call.
            let confidence = unsafe { slice_of(map.confidence, map.confidence_len, &what, MAX_OF_A_FRAME) }?;
            Ok(PointMap { points, confidence: (map.confidence_len > 0).then_some(confidence) })
        };
        let frames = raw.iter().enumerate().map(one).collect::<Result<Vec<_>, Fault>>()?;
        let selection = select(&frames, &options)?;
        // SAFETY: checked above.
        unsafe { places.write(&Chosen::of(&selection)) }?;
        DONE
    })
}

/// As gnomon_select_frames, of m sets of voxels (at most 1048576) of set_size bytes each; count frames are wanted, 1 to
/// 1048576.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_select_voxels(
    sets: *const gnomon_voxel_set,
    set_size: usize,
    m: usize,
    count: u64,
    out: *mut gnomon_pick,
    pick_size: usize,
    n: *mut usize,
    facts: *mut gnomon_selection_facts,
) -> gnomon_status {
    guard("gnomon_select_voxels", |_| {
        let count = read_count(count)?;
        // SAFETY: the caller's array, borrowed for this call.
        let raw = unsafe { growth::read_array(sets, set_size, m, MAX_SETS, NO_VOXELS) }?;
        // SAFETY: the caller's places.
        let places = unsafe { Places::of((out, pick_size, n), facts, count.min(m)) }?;
        let one = |(at, set): (usize, &gnomon_voxel_set)| {
            // SAFETY: the caller's numbers, borrowed for this call.
            let voxels = unsafe { slice_of(set.voxels, set.len, &format!("voxels of frame {at}"), MAX_OF_A_FRAME) }?;
            Ok(voxels.to_vec())
        };
        let keys = raw.iter().enumerate().map(one).collect::<Result<Vec<Vec<u64>>, Fault>>()?;
        let sets = VoxelSets::of_keys(&keys)?;
        let picks = greedy(&sets, count);
        let chosen: Vec<usize> = picks.iter().map(|pick| pick.frame).collect();
        let frames = fill(&chosen, keys.len(), count);
        let seen = sets.covered_by(0..keys.len());
        // SAFETY: checked above.
        unsafe { places.write(&Chosen { frames: &frames, picks: &picks, seen, edge: 0.0 }) }?;
        DONE
    })
}
