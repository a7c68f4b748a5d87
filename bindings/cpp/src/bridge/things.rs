//! What a scene holds: things, supports, keyframes and what happened.

use crate::shapes::{box_gap, box_iou};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
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

    /// A label of a thing.
    #[derive(Debug, Clone)]
    struct Label {
        label: String,
        /// Its share of the evidence, 0 to 1.
        probability: f64,
    }

    /// A point in gnomon's world, metres.
    #[derive(Debug, Clone, Copy)]
    struct Point {
        x: f64,
        y: f64,
        z: f64,
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

    /// What an operator says of a thing.
    #[derive(Debug)]
    enum EditKind {
        /// It is called `word`, without #.
        Rename,
        /// It is a `word`.
        Relabel,
        /// It is not there.
        Delete,
        /// It is the same as `into`, which lives on.
        Merge,
        /// It stands at `obb`.
        Pin,
        /// It may be moved again.
        Unpin,
    }

    /// What an operator says of one thing. `Edit edit{};` is empty; what its kind does not use stays so.
    #[derive(Debug, Clone)]
    struct Edit {
        kind: EditKind,
        /// Id of the thing.
        thing: u64,
        /// Merge: id of the thing that lives on.
        into: u64,
        /// Rename: its name. Relabel: what it is.
        word: String,
        /// Pin: where it stands.
        obb: OrientedBox,
        /// Who says it, in the caller's words.
        who: String,
        /// When, on the caller's clock.
        stamp_ns: i64,
        /// In results: rises by one from edit to edit. Else 0.
        sequence: u64,
    }

    /// Where a scene comes from, and what fell out of its rings.
    #[derive(Debug, Clone)]
    struct Provenance {
        /// The version of gnomon that took the frames in; empty where it is not known.
        version: String,
        /// What went in, as Scene::set_inputs named it.
        inputs: Vec<String>,
        /// Stamp of the first frame taken in; the smallest int64_t before it, and where it is not known.
        first_stamp_ns: i64,
        /// How many edits are remembered, at most 1024.
        edits: u64,
        /// How many fell out; what they said holds all the same.
        edits_forgotten: u64,
        events_forgotten: u64,
        keyframes_forgotten: u64,
    }

    /// How things of two snapshots are found in each other: as the snapshots tell, by their ids, by their places.
    #[derive(Debug)]
    enum SameBy {
        Told,
        Id,
        Place,
    }

    /// What counts as a change; begin with default_diff_options().
    #[derive(Debug, Clone, Copy)]
    struct DiffOptions {
        same_by: SameBy,
        /// A centre this near is at its place, metres.
        least_move_m: f64,
        /// A side that differs by no more has its length, metres.
        least_resize_m: f64,
        /// What is within so many standard deviations of both is no change, 0 to 1000.
        sigmas: f64,
    }

    /// What differs between two snapshots.
    #[derive(Debug, Clone)]
    struct SceneDiff {
        /// Things in the second snapshot alone.
        came: u64,
        /// Things in the first snapshot alone.
        went: u64,
        /// Things in both that moved, are called otherwise, or have another size.
        changed: u64,
        /// Of these, how many moved.
        moved: u64,
        /// How many are in both as they were.
        same: u64,
        /// Whether things were found again by id, else by place.
        by_id: bool,
        /// In words, a line for each change.
        words: String,
        json: String,
    }

    extern "Rust" {
        /// Distance between the closest points of two boxes, metres; 0 where they touch or overlap.
        fn box_gap(first: &OrientedBox, second: &OrientedBox) -> Result<f64>;
        /// Volume two boxes share over the volume they fill together, 0 to 1.
        fn box_iou(first: &OrientedBox, second: &OrientedBox) -> Result<f64>;
    }

    impl Vec<Object> {}
    impl Vec<Edit> {}
    impl Vec<Label> {}
    impl Vec<Support> {}
    impl Vec<Event> {}
    impl Vec<Keyframe> {}
}
