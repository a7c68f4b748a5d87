//! What a snapshot tells of one thing.

use crate::geom::OrientedBox;
use std::sync::Arc;

/// Names one physical thing for as long as the scene lives; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ObjectId(pub u64);

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What the scene thinks of a thing's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectState {
    /// Seen often enough to be believed.
    Confirmed,
    /// Believed, but its place was lately seen and looked empty.
    Doubted,
}

impl ObjectState {
    /// The word used in texts and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Doubted => "doubted",
        }
    }
}

/// One label and the share of the evidence that speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelShare {
    /// The label as detections gave it.
    pub label: Arc<str>,
    /// Probability, 0..1; the shares of an object add up to 1.
    pub probability: f32,
}

/// One physical thing, as believed at the snapshot's moment. World: metric, Z up.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its id.
    pub id: ObjectId,
    /// The most probable label.
    pub label: Arc<str>,
    /// `label#k`: the k-th thing that was given this label.
    pub name: Arc<str>,
    /// Every label with evidence, most probable first.
    pub labels: Box<[LabelShare]>,
    /// Where it is and how large.
    pub obb: OrientedBox,
    /// Covariance of the centre, m²: xx, xy, xz, yy, yz, zz.
    pub centre_cov_m2: [f64; 6],
    /// Standard deviation of l, w, h, metres.
    pub size_sigma_m: [f64; 3],
    /// Standard deviation of the yaw, radians.
    pub yaw_sigma_rad: f64,
    /// Probability that it is there, 0..1.
    pub existence: f64,
    /// True when part of it has always been cut off by the image border, so that it may be larger.
    pub truncated: bool,
    /// Believed or doubted.
    pub state: ObjectState,
    /// Stamp of the first frame that saw it.
    pub first_seen_ns: i64,
    /// Stamp of the newest frame that saw it.
    pub last_seen_ns: i64,
    /// How many frames saw it.
    pub observations: u32,
    /// Path the camera had walked when it was last seen, metres.
    pub last_seen_path_m: f64,
    /// The detector's feature of its best view, or none.
    pub feature: Option<Arc<[f32]>>,
}
