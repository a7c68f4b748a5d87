//! Which recorded sequence, and what its folder does not say.

use clap::Args as ClapArgs;
use gnomon::frame::{Pose, pose_from_parts};
use gnomon::sequence::{Lens, Sequence, SequenceOptions};
use gnomon::{Error, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(ClapArgs)]
pub struct Source {
    /// Folder of the sequence: TUM RGB-D, 7-Scenes, or images/ depth/ poses.txt K.txt
    pub sequence: PathBuf,
    /// The camera stood still: poses are not read
    #[arg(long = "static")]
    pub stands_still: bool,
    /// Metres per count of depth, or counts per metre when above 1
    #[arg(long, value_name = "S")]
    depth_scale: Option<f64>,
    /// Colour camera: fx,fy,cx,cy and the lens as ROS has it: [,k1,k2,p1,p2,k3[,k4,k5,k6]], or
    /// equidistant,fx,fy,cx,cy,k1,k2,k3,k4
    #[arg(long, value_name = "NUMBERS", value_parser = Lens::parse)]
    intrinsics: Option<Lens>,
    /// Depth camera, when depth is not registered to colour: as --intrinsics
    #[arg(long, value_name = "NUMBERS", value_parser = Lens::parse)]
    depth_intrinsics: Option<Lens>,
    /// Depth camera coordinates to colour camera coordinates: tx,ty,tz,qx,qy,qz,qw
    #[arg(long, value_name = "NUMBERS", value_parser = parse_pose, allow_hyphen_values = true)]
    #[arg(requires = "depth_intrinsics")]
    color_from_depth: Option<Pose>,
}

impl Source {
    /// Opens it. Errors: a folder that is none, and one of which no frame can be used.
    pub fn open(&self) -> Result<Sequence> {
        self.opened(false)
    }

    /// The same for depth that comes from elsewhere: the sensor's is not read, and need not be there.
    pub fn open_without_depth(&self) -> Result<Sequence> {
        self.opened(true)
    }

    fn opened(&self, without_depth: bool) -> Result<Sequence> {
        let options = SequenceOptions {
            depth_scale: self.depth_scale,
            intrinsics: self.intrinsics,
            depth_intrinsics: self.depth_intrinsics,
            colour_from_depth: self.color_from_depth,
            fixed_pose: self.stands_still.then(Pose::identity),
            without_depth,
        };
        let sequence = Sequence::open(&self.sequence, &options)?;
        if sequence.is_empty() {
            let place = self.sequence.display();
            return Err(Error::io(format!("{place}: no frame can be used{}", why_not(&sequence))));
        }
        Ok(sequence)
    }
}

/// Opens a sequence for its pictures: where the camera was bears on nothing.
pub fn open_for_pictures(path: &Path, options: SequenceOptions) -> Result<Sequence> {
    Sequence::open(path, &SequenceOptions { fixed_pose: Some(Pose::identity()), ..options })
}

fn parse_pose(text: &str) -> Result<Pose> {
    let numbers: Vec<f64> = text.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    match (numbers.as_slice(), text.split(',').count()) {
        (&[x, y, z, qx, qy, qz, qw], 7) => pose_from_parts([x, y, z], [qx, qy, qz, qw]),
        _ => Err(Error::argument(format!("\"{text}\" where seven numbers tx,ty,tz,qx,qy,qz,qw were expected"))),
    }
}

fn why_not(sequence: &Sequence) -> String {
    skipped_by_reason(sequence).into_iter().map(|(reason, count)| format!(", {count} frames: {reason}")).collect()
}

/// How many frames cannot be used, by reason.
pub fn skipped_by_reason(sequence: &Sequence) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for skipped in sequence.skipped() {
        *counts.entry(skipped.reason.words()).or_default() += 1;
    }
    counts
}
