//! How two things lie to each other.

use crate::relation::default_relation_options;

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
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

    /// Whether a relation holds, and by how much.
    #[derive(Debug, Clone, Copy)]
    struct Relation {
        holds: bool,
        /// True where the margin is a ratio, false where it is metres.
        is_ratio: bool,
        /// How far from the border of the answer; 0 or more where it holds.
        margin: f64,
    }

    extern "Rust" {
        /// The defaults of relations.
        fn default_relation_options() -> RelationOptions;
    }
}
