//! gnomon for C++ programs that build Rust with their own: the crate's nouns over a [cxx](https://cxx.rs) bridge.
//!
//! It stands on the Rust API, not on the C ABI. `Scene`, `Snapshot`, `Observer`, `CogMap`, `Answer`, `Chain`,
//! `RelationGraph` and `Told` are Rust's own, held by `rust::Box`; what is plain data (a frame, a thing, a question) is a
//! struct of both languages. Images, masks, features and texts go in as `rust::Slice` and `rust::Str`: borrowed for the
//! call, never copied.
//!
//! What fails throws `rust::Error`, whose `what()` is the name that `gnomon.h` gives the kind, a colon, and the library's
//! sentence: `GNOMON_E_STATE: stamp 5 ns ...`. A panic is caught and thrown as `GNOMON_E_PANIC`; the scene or chain it
//! happened in answers nothing else from then on (`held`). Programs that link the prebuilt library use `gnomon.hpp`.
//!
//! Metres, radians, nanoseconds; camera x right, y down, z forward; world Z up; a pose is 4 x 4 numbers, row by row.

mod answer;
mod ask;
mod chain;
mod cogmap;
mod convert;
mod held;
mod question;
mod relation;
mod scene;
mod score;
mod select;
mod snapshot;
mod told;
mod triplets;

pub use answer::Answer;
pub use chain::Chain;
pub use cogmap::{CogMap, Observer};
pub use relation::RelationGraph;
pub use scene::Scene;
pub use snapshot::Snapshot;
pub use told::Told;

use ask::default_ask_options;
use chain::default_chain_options;
use cogmap::default_cogmap_options;
use relation::{default_graph_options, default_relation_options};
use scene::default_scene_options;
use score::{
    reward_advantages, reward_choice, reward_format, reward_numeric, reward_text, score_mra, score_msmu, score_vsi,
};
use select::select_voxels;
use triplets::read_triplets;

/// The version of the library.
fn version() -> &'static str {
    gnomon::VERSION
}

/// The bridge. Everything but `Slice` and `Str` is owned by who holds it.
#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod bridge {
    /// Which way is up in the input's world. `Vector`: as SceneOptions::up_vector says. `Auto`: from the floor.
    #[derive(Debug)]
    enum Up {
        Z,
        X,
        Y,
        NegX,
        NegY,
        NegZ,
        Vector,
        Auto,
    }

    /// Where things come from.
    #[derive(Debug)]
    enum Source {
        Detections,
        Geometry,
    }

    /// How pixels are stored. `None`: there is no image.
    #[derive(Debug)]
    enum PixelFormat {
        None,
        Rgb8,
        Bgr8,
        Mono8,
        /// As Rgb8, with a fourth byte that is not looked at.
        Rgba8,
        /// As Bgr8, with a fourth byte that is not looked at.
        Bgra8,
        /// YUV 4:2:2, Y U Y V for two pixels. Width even.
        Yuyv,
        /// YUV 4:2:2, U Y V Y for two pixels. Width even.
        Uyvy,
        /// YUV 4:2:0: rows of luma, then half as many of U V at the same stride. Width and height even.
        Nv12,
        /// Two bytes of this machine's order, the high one of which is the grey.
        Mono16,
        /// Two bytes of this machine's order, counts of Frame::depth_unit_m; 0 and 65535: none.
        DepthU16,
        /// Four bytes, metres; NaN, infinite, 0 and below: none.
        DepthF32M,
    }

    /// What a lens's coefficients mean, by ROS's names: plumb_bob, rational_polynomial, equidistant (fisheye).
    #[derive(Debug)]
    enum Lens {
        /// k1 k2 p1 p2 k3. All 0: a pinhole.
        PlumbBob,
        /// k1 k2 p1 p2 k3 k4 k5 k6.
        RationalPolynomial,
        /// k1 k2 k3 k4. All 0 is a fisheye too.
        Equidistant,
    }

    /// What the scene thinks of a thing's presence.
    #[derive(Debug)]
    enum ObjectState {
        Confirmed,
        Doubted,
    }

    /// What a support is to a robot.
    #[derive(Debug)]
    enum SupportKind {
        Floor,
        Wall,
        Table,
    }

    /// What happened to a thing.
    #[derive(Debug)]
    enum EventKind {
        Born,
        Moved,
        Merged,
        Removed,
    }

    /// What is known of a cell.
    #[derive(Debug)]
    enum CellState {
        Unknown,
        Free,
        Occupied,
    }

    /// What a statement is worth.
    #[derive(Debug)]
    enum Verdict {
        Agrees,
        Contradicts,
        Untestable,
    }

    /// Relations of A and B; `Between` of A between B and C.
    #[derive(Debug)]
    enum RelationKind {
        Left,
        Right,
        Front,
        Behind,
        On,
        Under,
        Above,
        Below,
        Inside,
        Touching,
        Near,
        Between,
        Larger,
        Taller,
        Facing,
    }

    /// Which of a box's directions is its front.
    #[derive(Debug)]
    enum Axis {
        PlusX,
        MinusX,
        PlusY,
        MinusY,
    }

    /// What is asked of the things of a Question.
    #[derive(Debug)]
    enum Ask {
        /// How many `things[0]` there are.
        Count,
        /// How far `things[0]` is from `things[1]`.
        Distance,
        /// How far `things[0]` is from the camera.
        Range,
        /// A length of `things[0]`: `measure`.
        Length,
        /// All sides of `things[0]`.
        Size,
        /// A length of `things[0]`, from the told ones of those that follow.
        LengthGiven,
        RoomArea,
        /// Which of the others is closest to `things[0]`; inverse: farthest.
        Closest,
        /// Where `things[0]` is to the observer, by `sectors`.
        Direction,
        /// Whether `things[0]` is on a side of the observer, or of `things[1]`.
        SideOf,
        /// Whether `things[0]` is left or right of `things[1]`.
        LeftOrRight,
        /// Which of two is farther to a side.
        WhichSide,
        /// Whether `things[0]` lies to `things[1]` as `contact` says.
        Contact,
        /// Which has the most of `measure`; inverse: the least.
        Most,
        /// Whether `things[0]` has more of `measure` than `things[1]`; inverse: less.
        More,
        /// Where `things[0]` is.
        Position,
        /// What is at `point` in the picture.
        AtPicture,
        /// Whether there is a `things[0]`.
        Exists,
        /// In which order they were first seen.
        FirstSeen,
        /// From `things[0]`, facing `things[1]`, by `steps`: the turns of the blanks.
        Route,
    }

    /// What a thing is measured by. Most and More take all, Length and LengthGiven the lengths.
    #[derive(Debug)]
    enum Measure {
        Height,
        Length,
        Width,
        Longest,
        Shortest,
        Volume,
        Top,
    }

    /// Sides, for an observer.
    #[derive(Debug)]
    enum Side {
        Left,
        Right,
        Front,
        Behind,
    }

    /// Into what the ground round an observer is cut: left, right; left, right, back; the four between; front, back.
    #[derive(Debug)]
    enum Sectors {
        Two,
        Three,
        Four,
        FrontBack,
    }

    /// How two things lie to each other, for everyone.
    #[derive(Debug)]
    enum Contact {
        On,
        Under,
        Above,
        Below,
        Inside,
        Near,
        Touching,
    }

    /// Where something is looked for.
    #[derive(Debug)]
    enum Extent {
        Scene,
        Picture,
    }

    /// Steps of a route: to the next thing, turns that are given, a turn that is asked for.
    #[derive(Debug)]
    enum Step {
        GoTo,
        Left,
        Right,
        Back,
        Blank,
    }

    /// Units of length.
    #[derive(Debug)]
    enum Unit {
        Metre,
        Centimetre,
        Millimetre,
        Inch,
        Foot,
    }

    /// Who looks, in a Question: the view of the options, someone at `origin`, or someone at one thing facing another.
    #[derive(Debug)]
    enum AskedFrom {
        View,
        Heading,
        Things,
    }

    /// In what a budget is counted: bytes, or tokens as they are estimated for language models.
    #[derive(Debug)]
    enum Budget {
        Bytes,
        Tokens,
    }

    /// What a row of a scene's text tells of where a thing is.
    #[derive(Debug)]
    enum Whereabouts {
        Nothing,
        /// x and y of its centre.
        Place,
        /// Its box, to a centimetre and a degree.
        Box,
    }

    /// In which order a chain places things.
    #[derive(Debug)]
    enum ChainOrder {
        FirstSeen,
        BestFirst,
    }

    /// Two ways to reckon mean relative accuracy.
    #[derive(Debug)]
    enum MraKind {
        Official,
        Strict,
    }

    /// How a model's text is read.
    #[derive(Debug)]
    enum Reading {
        Official,
        SpatialMllm,
        SpatialMllmV1,
        Lenient,
    }

    /// How far two texts are apart.
    #[derive(Debug)]
    enum EditDistance {
        InDel,
        Levenshtein,
    }

    /// By which standard deviation of a group advantages are divided: its own, or that it is a sample of.
    #[derive(Debug)]
    enum Spread {
        Population,
        Sample,
    }

    /// How a scene is made; begin with default_scene_options().
    #[derive(Debug, Clone)]
    struct SceneOptions {
        up: Up,
        /// Up::Vector: up in the input's world, of any length.
        up_vector: [f64; 3],
        source: Source,
        /// Labels of what moves by itself: doubted sooner, forgotten after movable_memory_ns unseen.
        movable_labels: Vec<String>,
        movable_memory_ns: i64,
        /// Frames that must see a thing before it is published.
        confirm_after: u32,
        /// Frames that must see a thing found by geometry alone before it is published.
        confirm_proposed_after: u32,
        /// Frames that must see its place empty before it is removed.
        remove_after: u32,
        /// How long a thing that left its place may be found again elsewhere.
        relocate_within_ns: i64,
        /// A new keyframe after the camera moved this far, metres.
        keyframe_distance_m: f64,
        /// A new keyframe after the camera turned this far, radians.
        keyframe_angle_rad: f64,
    }

    /// Rows of stride bytes, the last of which may end with its pixels. Borrowed for the call, never copied.
    #[derive(Debug, Clone, Copy)]
    struct Image<'a> {
        /// The first pixel is the first byte; need not be aligned. Nv12: chroma follows at the same stride. Empty: no image.
        bytes: &'a [u8],
        /// Bytes from row to row; 0: rows follow each other closely.
        stride: usize,
        /// Pixels, 1 to 16384.
        width: u32,
        /// Pixels, 1 to 16384.
        height: u32,
        format: PixelFormat,
    }

    /// What a lens does to directions. `{}` is a pinhole.
    #[derive(Debug, Clone, Copy)]
    struct Distortion {
        lens: Lens,
        /// As many as the lens has, in the order of ROS and OpenCV; 0 after them.
        coefficients: [f64; 8],
    }

    /// A camera; pixel centres are at integer (u, v).
    #[derive(Debug, Clone, Copy)]
    struct Intrinsics {
        /// Size of its images, pixels.
        width: u32,
        /// Size of its images, pixels.
        height: u32,
        fx: f64,
        fy: f64,
        cx: f64,
        cy: f64,
        distortion: Distortion,
    }

    /// What one camera saw at one moment. `Frame frame{};` is one without anything: what is zero takes its default.
    #[derive(Debug, Clone, Copy)]
    struct Frame<'a> {
        /// When the picture was taken, nanoseconds on the caller's clock; rises per camera.
        stamp_ns: i64,
        /// Which camera took it.
        camera_id: u32,
        /// Metres per count of PixelFormat::DepthU16, at most 1. 0: 0.001, millimetres.
        depth_unit_m: f32,
        /// The colour camera: detections are given in its pixels.
        intrinsics: Intrinsics,
        /// Camera (x right, y down, z forward) to the input's world; last row 0 0 0 1.
        world_from_camera: [f64; 16],
        /// Depth along the optical axis.
        depth: Image<'a>,
        /// The picture; without bytes: none.
        colour: Image<'a>,
        /// The depth camera where it is not the colour camera. Width 0: depth is registered to colour.
        depth_intrinsics: Intrinsics,
        /// Depth camera to colour camera; looked at only with depth_intrinsics.
        colour_from_depth: [f64; 16],
    }

    /// Which pixels are the thing: one byte a pixel, not 0 inside. Without bytes: depth tells it from its background.
    #[derive(Debug, Clone, Copy)]
    struct Mask<'a> {
        bytes: &'a [u8],
        /// Bytes from row to row; 0: rows follow each other closely.
        stride: usize,
        /// Column of its first byte in the colour image.
        x: u32,
        /// Row of its first byte in the colour image.
        y: u32,
        width: u32,
        height: u32,
    }

    /// What a detector says of one thing in a frame.
    #[derive(Debug, Clone, Copy)]
    struct Detection<'a> {
        /// What the detector calls it.
        label: &'a str,
        /// How sure the detector is, 0 to 1.
        score: f32,
        /// x0, y0, x1, y1 in pixels of the colour image, x1 and y1 exclusive. May reach over the border.
        bbox: [f32; 4],
        mask: Mask<'a>,
        /// The detector's feature of the thing, or nothing.
        feature: &'a [f32],
    }

    /// What became of one frame.
    #[derive(Debug, Clone, Copy)]
    struct FrameReport {
        /// Number of the frame in this scene, from 0.
        frame: u64,
        /// The keyframe this frame became, or -1.
        keyframe: i64,
        /// False while Up::Auto has not found the floor: the frame was looked at and set aside.
        up_known: bool,
        /// Pixels with depth.
        depth_pixels: u32,
        /// Detections that came in, or were proposed from geometry.
        detections: u32,
        /// Of these, how many had depth enough to become a box.
        lifted: u32,
        /// Of these, how many were recognised as a thing already known.
        associated: u32,
        /// How many began a new thing, not yet published.
        begun: u32,
        /// Things that became believed.
        born: u32,
        /// Things found again elsewhere.
        moved: u32,
        /// Things that turned out to be one with another.
        merged: u32,
        /// Things removed because their place was empty.
        removed: u32,
    }

    /// A keyframe's corrected pose: camera to the input's world.
    #[derive(Debug, Clone, Copy)]
    struct KeyframePose {
        id: u32,
        world_from_camera: [f64; 16],
    }

    /// A kept frame; its pose is in gnomon's world.
    #[derive(Debug, Clone, Copy)]
    struct Keyframe {
        id: u32,
        camera_id: u32,
        stamp_ns: i64,
        /// Path walked until it, metres.
        path_m: f64,
        world_from_camera: [f64; 16],
    }

    /// A snapshot in numbers.
    #[derive(Debug, Clone, Copy)]
    struct SceneInfo {
        /// Stamp of the newest frame taken in; the smallest int64_t before the first.
        stamp_ns: i64,
        /// Frames taken in so far.
        frames: u64,
        /// How many things are believed to be there.
        objects: u64,
        has_floor: bool,
        /// Height of the largest floor, metres; 0 without one.
        floor_height_m: f64,
        /// Length of the path walked so far, metres.
        path_m: f64,
        /// The input's world to gnomon's.
        world_from_input: [f64; 16],
        /// Pose of the camera that took the newest frame, in gnomon's world.
        world_from_camera: [f64; 16],
    }

    /// A box with rotation, in gnomon's world.
    #[derive(Debug, Clone, Copy)]
    struct OrientedBox {
        centre: [f64; 3],
        /// Full side lengths along the box's own x, y, z.
        size: [f64; 3],
        /// Unit quaternion x, y, z, w that turns box axes into world axes.
        world_from_box: [f64; 4],
    }

    /// One physical thing, as believed at the snapshot's moment.
    #[derive(Debug, Clone)]
    struct Object {
        /// Never used again for another.
        id: u64,
        /// The most probable label.
        label: String,
        /// "label#k": the k-th thing that was given this label.
        name: String,
        obb: OrientedBox,
        /// Counter-clockwise angle about +Z from world +X to the box's x, radians.
        yaw_rad: f64,
        /// Covariance of the centre, m^2: xx, xy, xz, yy, yz, zz.
        centre_cov_m2: [f64; 6],
        /// Standard deviation of the sides, metres.
        size_sigma_m: [f64; 3],
        yaw_sigma_rad: f64,
        /// Probability that it is there, 0 to 1.
        existence: f64,
        state: ObjectState,
        /// True when part of it has always been cut off by the image border, so that it may be larger.
        truncated: bool,
        first_seen_ns: i64,
        last_seen_ns: i64,
        /// How many frames saw it.
        observations: u32,
        /// The detector's feature of its best view, or nothing.
        feature: Vec<f32>,
    }

    /// A point in gnomon's world, metres.
    #[derive(Debug, Clone, Copy)]
    struct Point {
        x: f64,
        y: f64,
        z: f64,
    }

    /// A floor, wall or table top: the plane normal . p = offset_m.
    #[derive(Debug, Clone)]
    struct Support {
        id: u32,
        kind: SupportKind,
        /// Unit normal, towards the side it was seen from.
        normal: [f64; 3],
        offset_m: f64,
        /// Standard deviation of the offset, metres.
        sigma_m: f64,
        /// Area seen, m^2.
        area_m2: f64,
        /// Its outline, counter-clockwise seen from the normal's side.
        outline: Vec<Point>,
    }

    /// Something that happened to one thing. What its kind does not have is 0.
    #[derive(Debug, Clone, Copy)]
    struct Event {
        /// Rises by one from event to event.
        sequence: u64,
        /// Stamp of the frame in which it happened.
        stamp_ns: i64,
        /// Id of the thing.
        object: u64,
        kind: EventKind,
        /// Merged: id of the thing that lives on.
        into: u64,
        /// Moved, Removed: where it was.
        origin: Point,
        /// Moved: where it is.
        place: Point,
        /// Removed: how many frames saw its place empty.
        frames_seen_empty: u32,
    }

    /// What a map may be told; begin with default_cogmap_options().
    #[derive(Debug, Clone)]
    struct CogMapOptions {
        /// Metres per cell, 0.05 to 10 in whole centimetres; not looked at where `hold` names things.
        cell_m: f64,
        /// Ids of things that must fit: cells become as large as that needs.
        hold: Vec<u64>,
        /// Things outside the cells are told up to this far from the observer, metres.
        beyond_m: f64,
        /// Things last seen more than this much walked path ago are left out, metres. 0: none is.
        max_path_age_m: f64,
    }

    /// One cell of a map.
    #[derive(Debug, Clone)]
    struct Cell {
        state: CellState,
        /// Whether low_m and high_m are known.
        has_height: bool,
        /// Lowest thing standing in it, metres above the floor.
        low_m: f64,
        /// Highest thing standing in it, metres above the floor.
        high_m: f64,
        /// Stamp of the newest frame that saw its ground or a thing in it; the smallest int64_t when none did.
        last_seen_ns: i64,
        /// Ids of the things whose footprint touches it, ascending.
        objects: Vec<u64>,
    }

    /// A thing whose centre lies in a cell.
    #[derive(Debug, Clone)]
    struct MapObject {
        id: u64,
        name: String,
        label: String,
        /// Its centre in cells: x to the right, y ahead, 0 to 10; the observer is at 5, 5.
        grid: [f64; 2],
        /// Standard deviation of the centre to the right and ahead, cells.
        sigma: [f64; 2],
    }

    /// A thing outside the cells.
    #[derive(Debug, Clone)]
    struct MapBeyond {
        id: u64,
        name: String,
        label: String,
        /// Degrees above -180 and up to 180: 0 ahead, right positive.
        bearing_deg: f64,
        /// Distance of its centre on the ground, metres.
        distance_m: f64,
    }

    /// Words that mean the same: names of categories, in singular or plural, two or more.
    #[derive(Debug, Clone)]
    struct Synonyms {
        words: Vec<String>,
    }

    /// Which words mean the same.
    #[derive(Debug, Clone)]
    struct Vocabulary {
        /// Whether those that gnomon knows do ("couch" and "sofa").
        common: bool,
        /// And these, at most 4096 groups of at most 256 words.
        synonyms: Vec<Synonyms>,
    }

    /// Where relations draw their lines; begin with default_relation_options().
    #[derive(Debug, Clone, Copy)]
    struct RelationOptions {
        /// Left, right, front, behind: how much of the narrower extent may overlap, 0 to 1.
        side_overlap: f64,
        /// On: how far the lowest point may be from the top, metres.
        on_gap_m: f64,
        /// Under, above, below: how far heights may overlap, metres.
        height_slack_m: f64,
        /// Inside: how far out a corner may stand, metres.
        inside_slack_m: f64,
        /// Touching: the widest gap, metres.
        touching_m: f64,
        /// Near: the widest gap, metres.
        near_m: f64,
        /// Larger: the least ratio of volumes.
        larger_ratio: f64,
        /// Taller: the least difference, metres.
        taller_m: f64,
        /// Facing: the widest angle from the front to what is faced, radians.
        facing_rad: f64,
        /// Facing: which of a box's directions is its front.
        front: Axis,
    }

    /// When a statement agrees with the map, and when it contradicts it.
    #[derive(Debug, Clone, Copy)]
    struct Judging {
        /// A told number holds within this share of the true one, 0 to 1.
        tolerance: f64,
        /// One told with "about" holds within this share, 0 to 1; no number within it is contradicted.
        loose_tolerance: f64,
        /// A told length may be off by this as well, metres.
        slack_m: f64,
        /// Agrees from this probability on that it is true.
        agree_from: f64,
        /// Contradicts below this probability that it is true.
        contradict_below: f64,
    }

    /// How a scene is asked; begin with default_ask_options().
    #[derive(Debug, Clone)]
    struct AskOptions {
        /// Whether the two fields after it are the eyes a question is asked through; else the camera of the newest frame.
        has_view: bool,
        /// The camera's pose in gnomon's world.
        view_world_from_camera: [f64; 16],
        /// The camera; questions about places in the picture need it. Width 0: not known.
        view_intrinsics: Intrinsics,
        /// True when the list of things is complete: what is not in it is not there.
        complete: bool,
        /// The area of the floor where it is known from elsewhere, m^2. 0: it is not.
        room_area_m2: f64,
        /// Answers less probable than this are withheld.
        least_probability: f64,
        /// A measure counts as right within this share of the truth.
        tolerance: f64,
        /// Where near, on, inside and the like draw their lines.
        relations: RelationOptions,
        /// Probability that one more of a category was overlooked; not used with `complete`.
        overlooked: f64,
        /// How much later than its first frame a thing may be noticed: standard deviation, nanoseconds.
        first_seen_sigma_ns: f64,
        /// How often a sighting is given a wrong label, 0 to 1; not used with `complete`.
        label_error: f64,
        /// How far the room may go on beyond the floor that was seen: standard deviation, metres.
        floor_edge_sigma_m: f64,
        vocabulary: Vocabulary,
        /// Looked at by Snapshot::check alone.
        judging: Judging,
    }

    /// A question in types; `Question question{};` asks for a count of nothing yet. Things are named by category ("trash
    /// bin") or by name ("chair#2"). What `ask` does not need is checked and not used.
    #[derive(Debug, Clone)]
    struct Question {
        ask: Ask,
        measure: Measure,
        side: Side,
        sectors: Sectors,
        contact: Contact,
        within: Extent,
        /// Farthest, least, less.
        inverse: bool,
        from: AskedFrom,
        /// In what the answer's text tells lengths (areas: its square).
        unit: Unit,
        /// AskedFrom::Heading: stands at this x, y in gnomon's world, metres.
        origin: [f64; 2],
        /// AskedFrom::Heading: faces this way, radians counter-clockwise from world +X.
        heading_rad: f64,
        /// AskedFrom::Things: stands at this thing.
        standing_at: String,
        /// AskedFrom::Things: faces this thing.
        facing: String,
        /// The things it names, at most 64 with those of the observer.
        things: Vec<String>,
        /// Ask::LengthGiven: the told lengths of things[1], things[2] and so on, metres.
        given_m: Vec<f64>,
        /// Ask::Route: one GoTo for each thing from things[2] on. At most 256.
        steps: Vec<Step>,
        /// What may be answered, without letters, at most 64. Empty: anything.
        choices: Vec<String>,
        /// Ask::AtPicture: a place in the picture, 0 to 1: x right, y down.
        point: [f64; 2],
    }

    /// A statement with its verdict.
    #[derive(Debug, Clone)]
    struct Judgement {
        /// The words judged.
        statement: String,
        verdict: Verdict,
        /// The judgement in one line of prose.
        sentence: String,
        /// Why it is untestable, in a word ("no-claim"); empty where it is not.
        reason: String,
        has_probability: bool,
        /// Probability that the statement is true, 0 to 1.
        probability: f64,
    }

    /// Whether a relation holds, and by how much.
    #[derive(Debug, Clone, Copy)]
    struct Relation {
        holds: bool,
        /// True where the margin is a ratio, false where it is metres.
        is_ratio: bool,
        /// How far from the border of the answer; 0 or more where it holds.
        margin: f64,
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

    /// The voxels that one frame sees, by numbers of the caller's.
    #[derive(Debug, Clone)]
    struct VoxelSet {
        voxels: Vec<u64>,
    }

    /// Frames that were chosen.
    #[derive(Debug, Clone)]
    struct Selection {
        /// Numbers of the chosen frames, ascending.
        frames: Vec<u64>,
        /// Voxels that they see.
        covered: u64,
        /// Voxels that all see.
        seen: u64,
    }

    /// What a graph compares; begin with default_graph_options().
    #[derive(Debug, Clone, Copy)]
    struct GraphOptions {
        /// How far apart two things may be, along each axis, to be compared: metres, at most 100, and no less than the gaps
        /// of what is near, touching and on.
        reach_m: f64,
        relations: RelationOptions,
    }

    /// What an update of a graph did.
    #[derive(Debug, Clone, Copy)]
    struct GraphReport {
        /// Things that are new or whose box changed.
        things_changed: usize,
        /// Things that are there no more.
        things_removed: usize,
        pairs_compared: usize,
        /// Relations that began: RelationGraph::changes.
        began: usize,
        /// Relations that ended.
        ended: usize,
    }

    /// A relation of two things that holds: what a is to b.
    #[derive(Debug, Clone, Copy)]
    struct GraphRelation {
        a: u64,
        b: u64,
        kind: RelationKind,
        /// True where the margin is a ratio, false where it is metres.
        is_ratio: bool,
        /// How far from not holding; never negative.
        margin: f64,
    }

    /// A relation that began or ended. One that goes on with another margin did neither.
    #[derive(Debug, Clone, Copy)]
    struct GraphChange {
        /// Of one that ended, as it last was.
        relation: GraphRelation,
        began: bool,
    }

    /// A thing as a row of a scene's text tells it.
    #[derive(Debug, Clone)]
    struct ToldThing {
        /// "category#k".
        name: String,
        told: Whereabouts,
        has_first_seen: bool,
        /// When it was first seen, nanoseconds after the first thing of the scene.
        first_seen_ns: i64,
        /// Whereabouts::Place: x and y of its centre alone; what is not told is 0.
        obb: OrientedBox,
    }

    /// How many there are of a category of which not every thing has a row.
    #[derive(Debug, Clone)]
    struct ToldCount {
        label: String,
        count: u32,
    }

    extern "Rust" {
        /// The version of the library.
        fn version() -> &'static str;

        /// The defaults of a scene.
        fn default_scene_options() -> SceneOptions;
        /// The defaults of a map: cells of half a metre, things beyond up to 10 m.
        fn default_cogmap_options() -> CogMapOptions;
        /// The defaults of a question.
        fn default_ask_options() -> AskOptions;
        /// The defaults of relations.
        fn default_relation_options() -> RelationOptions;
        /// The defaults of a graph: things up to 1 m apart.
        fn default_graph_options() -> GraphOptions;
        /// The defaults of a chain.
        fn default_chain_options() -> ChainOptions;

        /// The map of things, for one writer. One call at a time; snapshots go where they like.
        type Scene;
        /// An empty scene.
        #[Self = "Scene"]
        fn create(options: &SceneOptions) -> Result<Box<Scene>>;
        /// Takes in one frame and what a detector found in it. When it throws, the scene is as it was.
        fn integrate(self: &mut Scene, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport>;
        /// Makes what is believed now visible, and hands it out.
        fn publish(self: &mut Scene) -> Result<Box<Snapshot>>;
        /// What was published last; an empty scene before the first.
        fn snapshot(self: &Scene) -> Box<Snapshot>;
        /// Moves keyframes, and with them what hangs on them. When it throws, the scene is as it was.
        fn update_poses(self: &mut Scene, poses: &[KeyframePose]) -> Result<()>;

        /// The scene at one moment: never changes; any thread, any number at a time. Outlives its scene.
        type Snapshot;
        /// The scene that a text says; see schema/scene.schema.json.
        #[Self = "Snapshot"]
        fn from_json(text: &str) -> Result<Box<Snapshot>>;
        /// The scene of a file, packed or not.
        #[Self = "Snapshot"]
        fn load(path: &str) -> Result<Box<Snapshot>>;
        /// Saves it as scene.json, packed where the path ends with .zst; the bytes of the file.
        fn save(self: &Snapshot, path: &str) -> Result<u64>;
        /// What differs between this and a later one of the same world, a line for each change.
        fn diff(self: &Snapshot, after: &Snapshot) -> Result<String>;
        /// Another handle to the same moment. Shares, copies nothing.
        fn share(self: &Snapshot) -> Box<Snapshot>;
        /// The snapshot in numbers.
        fn info(self: &Snapshot) -> SceneInfo;
        /// Every thing, by ascending id.
        fn objects(self: &Snapshot) -> Vec<Object>;
        /// Whether a thing has this name.
        fn knows(self: &Snapshot, name: &str) -> bool;
        /// The thing of this name. Throws where there is none.
        fn object_named(self: &Snapshot, name: &str) -> Result<Object>;
        /// Floors, walls and table tops.
        fn supports(self: &Snapshot) -> Vec<Support>;
        /// Kept frames.
        fn keyframes(self: &Snapshot) -> Vec<Keyframe>;
        /// What happened, at most the newest 1024.
        fn events(self: &Snapshot) -> Vec<Event>;
        /// The scene as JSON.
        fn json(self: &Snapshot) -> Result<String>;
        /// The map of what is known round an observer.
        fn cogmap(self: &Snapshot, observer: &Observer, options: &CogMapOptions) -> Result<Box<CogMap>>;
        /// Answers a question in words; `choices` as they were offered, or none. What is not known is an answer too.
        fn ask(self: &Snapshot, question: &str, choices: &[&str], options: &AskOptions) -> Result<Box<Answer>>;
        /// Holds what others say against the scene: a judgement for each claim.
        fn check(self: &Snapshot, statements: &str, options: &AskOptions) -> Result<Vec<Judgement>>;
        /// Answers a question in types.
        fn ask_typed(self: &Snapshot, question: &Question, options: &AskOptions) -> Result<Box<Answer>>;
        /// The scene as text for a language model, as much as fits into the budget; first what the question needs. A
        /// question that is empty or not understood gives all things an equal chance, largest first.
        fn scene_text(
            self: &Snapshot,
            question: &str,
            budget: usize,
            unit: Budget,
            options: &AskOptions,
        ) -> Result<String>;
        /// Whether A and B stand in a relation, as the observer sees it; only left, right, front and behind look at who it
        /// is. Not Between.
        fn relation(
            self: &Snapshot,
            kind: RelationKind,
            a: u64,
            b: u64,
            observer: &Observer,
            options: &RelationOptions,
        ) -> Result<Relation>;
        /// Whether A is between B and C.
        fn between(self: &Snapshot, a: u64, b: u64, c: u64) -> Result<Relation>;

        /// Someone on the ground who looks somewhere.
        type Observer;
        /// Standing at x, y and facing this way, radians counter-clockwise from world +X.
        #[Self = "Observer"]
        fn at(origin: [f64; 2], heading_rad: f64) -> Result<Box<Observer>>;
        /// Standing under a camera of gnomon's world, facing where it looks. Throws where that is straight up or down.
        #[Self = "Observer"]
        fn under_camera(world_from_camera: [f64; 16]) -> Result<Box<Observer>>;
        /// Standing under the camera that took the newest frame.
        #[Self = "Observer"]
        fn newest(snapshot: &Snapshot) -> Result<Box<Observer>>;
        /// Standing at the centre of A, facing the centre of B.
        #[Self = "Observer"]
        fn facing(snapshot: &Snapshot, a: u64, b: u64) -> Result<Box<Observer>>;
        /// Where it stands: x, y in gnomon's world.
        fn origin(self: &Observer) -> [f64; 2];
        /// Where it faces, radians counter-clockwise from world +X.
        fn heading_rad(self: &Observer) -> f64;

        /// 10 x 10 cells round an observer. Never changes.
        type CogMap;
        /// Metres per cell.
        fn cell_m(self: &CogMap) -> f64;
        /// The hundred cells: i to the right and j ahead at 10 j + i.
        fn cells(self: &CogMap) -> Vec<Cell>;
        /// Things whose centre lies in a cell, by ascending id.
        fn objects(self: &CogMap) -> Vec<MapObject>;
        /// Things outside the cells, nearest first, at most 64.
        fn beyond(self: &CogMap) -> Vec<MapBeyond>;
        /// The cells as nav_msgs/OccupancyGrid wants them: x ahead, y left; -1 unknown, 0 free, 100 occupied.
        fn occupancy(self: &CogMap) -> Vec<i8>;
        /// The line of text that language models read.
        fn text(self: &CogMap) -> String;
        /// All of it as JSON.
        fn json(self: &CogMap) -> String;
        /// As a drawing of characters.
        fn ascii(self: &CogMap) -> String;
        /// As a picture.
        fn svg(self: &CogMap) -> String;
        /// As a picture of pixels, a PNG file.
        fn png(self: &CogMap) -> Result<Vec<u8>>;

        /// An answer with its evidence, or unknown and why. Never changes.
        type Answer;
        /// The answer in one line of prose, with its evidence.
        fn text(self: &Answer) -> String;
        /// The bare answer, as a benchmark wants it: a number, a letter, a word.
        fn bare(self: &Answer) -> String;
        /// The bare answer with its unit.
        fn with_unit(self: &Answer) -> String;
        /// All of it as JSON.
        fn json(self: &Answer) -> String;
        /// False where the answer is unknown.
        fn is_known(self: &Answer) -> bool;
        /// Why it is unknown, in a word ("never-seen"); empty where it is known.
        fn reason(self: &Answer) -> String;
        /// Probability that it is right; 0 where it is unknown.
        fn probability(self: &Answer) -> f64;
        /// Which choice says so, from 0; -1 without one.
        fn choice(self: &Answer) -> i64;

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

        /// Relations of one scene that need no observer, kept up to date. One call at a time.
        type RelationGraph;
        /// The graph of nothing.
        #[Self = "RelationGraph"]
        fn begin(options: &GraphOptions) -> Result<Box<RelationGraph>>;
        /// Brings it up to a snapshot; only what changed is compared anew. Snapshots of one scene, in their order.
        fn update(self: &mut RelationGraph, snapshot: &Snapshot) -> Result<GraphReport>;
        /// Every relation that holds, by ascending a, b, kind; touching and near once, from the smaller id to the larger.
        fn relations(self: &RelationGraph) -> Vec<GraphRelation>;
        /// What began and what ended with the newest update, by ascending a, b, kind.
        fn changes(self: &RelationGraph) -> Vec<GraphChange>;

        /// A scene as a text tells it. Never changes; depends on nothing else.
        type Told;
        /// Reads what Snapshot::scene_text wrote, or what a model repeated of it. Lines that are none of such a text are
        /// left out and told; only a text too long is refused.
        #[Self = "Told"]
        fn read(text: &str) -> Result<Box<Told>>;
        /// The things that have a row, in the order of the text.
        fn things(self: &Told) -> Vec<ToldThing>;
        /// The categories that are counted, in the order of the text.
        fn counts(self: &Told) -> Vec<ToldCount>;
        /// The triplets, in the order of the text.
        fn triplets(self: &Told) -> Vec<Triplet>;
        /// The lines that were left out, the first 1000 of them.
        fn rejected(self: &Told) -> Vec<Rejected>;
        /// How many lines were left out.
        fn rejected_in_all(self: &Told) -> usize;
        /// The area of the floor that the text tells, m^2; 0 where it tells none.
        fn room_area_m2(self: &Told) -> f64;
        /// Answers a question in words from the text alone, which is taken for complete; `complete` and `room_area_m2` of
        /// the options are not looked at.
        fn ask(self: &Told, question: &str, choices: &[&str], options: &AskOptions) -> Result<Box<Answer>>;

        /// Chooses `count` of the frames that see these voxels, those that together see the most.
        fn select_voxels(sets: &[VoxelSet], count: u64) -> Result<Selection>;

        /// Mean relative accuracy of a number, 0 to 1.
        fn score_mra(kind: MraKind, predicted: f64, truth: f64) -> Result<f64>;
        /// The mark of a model's text for a question of VSI-Bench, 0 to 1.
        fn score_vsi(kind: &str, reading: Reading, text: &str, truth: &str, options: &[&str]) -> Result<f64>;
        /// The mark of a model's text for a question of MSMU-Bench, 0 or 1.
        fn score_msmu(raw_type: &str, truth: &str, response: &str) -> Result<f64>;
        /// 1 where all of the text is a think block and an answer block, else 0.
        fn reward_format(text: &str) -> f64;
        /// 1 where the last answer block, or the text without one, is `truth`, else 0.
        fn reward_choice(text: &str, truth: &str) -> f64;
        /// Strict mean relative accuracy of the number in the answer block, 0 to 1.
        fn reward_numeric(text: &str, truth: f64) -> f64;
        /// How alike the answer block and `truth` are, 0 to 1.
        fn reward_text(text: &str, truth: &str, distance: EditDistance) -> Result<f64>;
        /// How far each reward of a group lies above the mean, in standard deviations. All 0 where the rewards are equal,
        /// one alone, or not finite.
        fn reward_advantages(rewards: &[f64], spread: Spread) -> Result<Vec<f64>>;
    }
}
