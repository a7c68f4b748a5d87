//! `images/`, `depth/` and `poses.txt`, in numeric order; and what this has in common with `frame-N.*`.

use super::{Entry, Listed, MADE_STEP_NS, SequenceOptions, SkipReason, Skipped, listing, text};
use crate::error::{Error, Result};
use crate::frame::Pose;
use std::path::{Path, PathBuf};

/// Pictures, depths and poses in the same order.
pub(super) struct Parts {
    pub colours: Vec<PathBuf>,
    /// `None` where depth is not read.
    pub depths: Option<Vec<PathBuf>>,
    pub poses: Vec<Option<Pose>>,
}

impl Parts {
    /// Puts them together; what has no pose is skipped.
    pub fn listed(self, dir: &Path) -> Result<Listed> {
        if let Some(depths) = &self.depths {
            pair(dir, "depth images", &self.colours, depths)?;
        }
        let depths = match self.depths {
            Some(depths) => depths.into_iter().map(Some).collect(),
            None => vec![None; self.colours.len()],
        };
        let mut listed = Listed::default();
        for (frame, ((colour, depth), pose)) in self.colours.into_iter().zip(depths).zip(self.poses).enumerate() {
            match pose {
                Some(world_from_camera) => {
                    let stamp_ns = frame as i64 * MADE_STEP_NS;
                    listed.entries.push(Entry { frame, colour, depth, world_from_camera, stamp_ns });
                }
                None => listed.skipped.push(Skipped { frame, reason: SkipReason::LostTracking }),
            }
        }
        Ok(listed)
    }
}

/// Refuses lists that do not belong together: of different length, or with another number in their names.
pub(super) fn pair(dir: &Path, what: &str, colours: &[PathBuf], others: &[PathBuf]) -> Result<()> {
    check_count(dir, what, colours.len(), others.len())?;
    let odd = colours.iter().zip(others).find(|(colour, other)| {
        let number = listing::number_of(colour);
        number.is_some() && number != listing::number_of(other)
    });
    match odd {
        Some((colour, other)) => Err(Error::io(format!(
            "{} and {} stand at the same place of their lists, but their numbers differ: one list has a gap",
            colour.display(),
            other.display()
        ))),
        None => Ok(()),
    }
}

fn check_count(dir: &Path, what: &str, pictures: usize, others: usize) -> Result<()> {
    if pictures != others {
        return Err(Error::io(format!(
            "{} has {pictures} pictures and {others} {what}, expected as many",
            dir.display()
        )));
    }
    Ok(())
}

/// Lists the frames.
pub(super) fn list(dir: &Path, options: &SequenceOptions) -> Result<Listed> {
    let colours = listing::files(&dir.join("images"), listing::is_picture)?;
    let depths = match options.without_depth {
        true => None,
        false => Some(listing::files(&dir.join("depth"), |name| name.to_ascii_lowercase().ends_with(".png"))?),
    };
    let poses = match options.fixed_pose {
        Some(pose) => vec![Some(pose); colours.len()],
        None => read_poses(&dir.join("poses.txt"))?,
    };
    check_count(dir, "poses", colours.len(), poses.len())?;
    Parts { colours, depths, poses }.listed(dir)
}

fn read_poses(path: &Path) -> Result<Vec<Option<Pose>>> {
    let text = text::read(path)?;
    text::lines(&text)
        .map(|(number, line)| text::pose(line).map_err(|error| text::in_line(path, number, error)))
        .collect()
}
