//! Which frames see the most: of all of them, or kept as they come.

use crate::keeper::{Keeper, default_keeper_options};
use crate::select::{default_select_options, select_frames, select_points, select_voxels};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Frame<'a> = crate::bridge::Frame<'a>;
        include!("gnomon-cxx/src/bridge/things.rs.h");
        type OrientedBox = crate::bridge::OrientedBox;
    }

    /// What the edge of a voxel is: so many parts of the shortest side of all points, or a length in their unit.
    #[derive(Debug)]
    enum EdgeKind {
        Shortest,
        Length,
    }

    /// How frames are chosen; begin with default_select_options().
    #[derive(Debug, Clone, Copy)]
    struct SelectOptions {
        /// How many frames are wanted, 1 to 1048576.
        count: u64,
        /// The edge of a voxel, above 0: what edge_kind says.
        edge: f32,
        edge_kind: EdgeKind,
        /// Of points with confidence, those less sure than this share of all are left out: 0 to 1.
        least_quantile: f32,
        /// Points must be surer than this.
        least_confidence: f32,
    }

    /// The points that one frame sees, in a frame common to all.
    #[derive(Debug, Clone, Copy)]
    struct PointMap<'a> {
        /// x, y, z of every point, any unit; those that are not finite are left out.
        xyz: &'a [f32],
        /// One number a point, larger is surer. Empty: every point counts.
        confidence: &'a [f32],
    }

    /// The voxels that one frame sees, by numbers of the caller's.
    #[derive(Debug, Clone)]
    struct VoxelSet {
        voxels: Vec<u64>,
    }

    /// A frame that was chosen.
    #[derive(Debug, Clone, Copy)]
    struct Pick {
        /// Its number among those given, from 0.
        frame: u64,
        /// The how-manieth it was picked, from 0; -1: nothing was left to add, and it fills up.
        order: i64,
        /// Voxels that no frame picked before it sees.
        gain: u64,
    }

    /// Frames that were chosen, and what they see.
    #[derive(Debug, Clone)]
    struct Selection {
        /// By ascending number: exactly as many as are wanted, or all there are.
        picks: Vec<Pick>,
        /// Frames that were picked for what they add; the rest fills up.
        picked: u64,
        /// Voxels that the chosen frames see.
        covered: u64,
        /// Voxels that all frames see.
        seen: u64,
        /// The edge of a voxel, in the unit of the points; 0 where they span no volume and frames were taken evenly, and
        /// where voxels were given.
        edge: f32,
    }

    /// How frames are kept; begin with default_keeper_options().
    #[derive(Debug, Clone, Copy)]
    struct KeeperOptions {
        /// How many frames are kept, 1 to 1048576.
        count: u64,
        /// How many exchanges the log holds, at most 1048576; older ones leave a count.
        log: u64,
        /// The edge of a voxel, 0.001 to 100 metres.
        edge_m: f64,
    }

    /// A keeper in numbers.
    #[derive(Debug, Clone, Copy)]
    struct KeeperFacts {
        /// Frames offered so far.
        offered: u64,
        /// Frames kept.
        kept: u64,
        /// Voxels that they see together.
        covered: u64,
        /// Exchanges in the log.
        logged: u64,
        /// Exchanges that fell out of it.
        forgotten: u64,
    }

    /// What became of a frame that was offered.
    #[derive(Debug, Clone, Copy)]
    struct Swap {
        frame: u64,
        /// Voxels that it added when it came; 0 when it is not kept.
        gain: u64,
        /// With has_gone: the frame that went for it.
        gone: u64,
        /// Voxels that went with that one, which no kept frame sees now.
        loss: u64,
        is_kept: bool,
        /// Whether another went for it; else there was room, or it is not kept.
        has_gone: bool,
    }

    /// A frame that is kept.
    #[derive(Debug, Clone, Copy)]
    struct Kept {
        /// The number it was offered under.
        frame: u64,
        /// Voxels that it sees.
        voxels: u64,
        /// Of these, voxels that no other kept frame sees.
        alone: u64,
    }

    /// A kept frame that sees something of a box.
    #[derive(Debug, Clone, Copy)]
    struct Sight {
        /// The number it was offered under.
        frame: u64,
        /// Voxels of the box that it sees.
        voxels: u64,
    }

    extern "Rust" {
        /// The defaults of a selection: 16 frames.
        fn default_select_options() -> SelectOptions;
        /// Chooses the frames, of at most 4096, that together see the most: greedy maximum coverage of voxels, from depth
        /// and pose.
        fn select_frames(frames: &[Frame<'_>], options: &SelectOptions) -> Result<Selection>;
        /// Likewise, of sets of points: those of a network, say.
        fn select_points(maps: &[PointMap<'_>], options: &SelectOptions) -> Result<Selection>;
        /// Likewise, `count` of sets of voxels.
        fn select_voxels(sets: &[VoxelSet], count: u64) -> Result<Selection>;

        /// The defaults of a keeper: 16 frames, voxels of 10 cm.
        fn default_keeper_options() -> KeeperOptions;
        /// Keeps exactly so many frames of all that it is offered, those that together see the most. Any thread: offers
        /// take turns, a second one throws GNOMON_E_BUSY at once; what is asked waits for an exchange of voxels at most.
        type Keeper;
        /// A keeper of nothing.
        #[Self = "Keeper"]
        fn create(options: &KeeperOptions) -> Result<Box<Keeper>>;
        /// Offers a frame, its depth at its pose, under a number that rises from offer to offer.
        fn offer(self: &Keeper, number: u64, frame: &Frame<'_>) -> Result<Swap>;
        /// Offers points that a frame sees, at most 19200: x, y, z of each, in one world for all, metres.
        fn offer_points(self: &Keeper, number: u64, xyz: &[f64]) -> Result<Swap>;
        /// The keeper in numbers.
        fn info(self: &Keeper) -> KeeperFacts;
        /// The kept frames, in the order in which they came.
        fn kept(self: &Keeper) -> Vec<Kept>;
        /// The newest exchanges, oldest first.
        fn log(self: &Keeper) -> Vec<Swap>;
        /// The kept frames that see something of a box in the world of the offers, those that see most of it first.
        fn seeing(self: &Keeper, obb: &OrientedBox) -> Result<Vec<Sight>>;
    }
}
