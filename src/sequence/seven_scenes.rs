//! `frame-N.color.png`, `frame-N.depth.png`, `frame-N.pose.txt` beside each other.

use super::folders::{Parts, pair};
use super::{Listed, SequenceOptions, listing, text};
use crate::error::Result;
use std::path::Path;

/// True when the folder holds such frames.
pub(super) fn is_here(dir: &Path) -> Result<bool> {
    Ok(!listing::files(dir, is_colour)?.is_empty())
}

/// Lists the frames.
pub(super) fn list(dir: &Path, options: &SequenceOptions) -> Result<Listed> {
    let colours = listing::files(dir, is_colour)?;
    let depths = match options.without_depth {
        true => None,
        false => Some(listing::files(dir, |name| has_ending(name, &[".depth.png"]))?),
    };
    let poses = match options.fixed_pose {
        Some(pose) => vec![Some(pose); colours.len()],
        None => {
            let paths = listing::files(dir, |name| has_ending(name, &[".pose.txt"]))?;
            pair(dir, "pose files", &colours, &paths)?;
            let read =
                |path: &std::path::PathBuf| text::pose(&text::read(path)?).map_err(|error| text::in_file(path, error));
            paths.iter().map(read).collect::<Result<_>>()?
        }
    };
    Parts { colours, depths, poses }.listed(dir)
}

fn is_colour(name: &str) -> bool {
    has_ending(name, &[".color.png", ".color.jpg", ".color.jpeg"])
}

fn has_ending(name: &str, endings: &[&str]) -> bool {
    name.starts_with("frame-") && endings.iter().any(|ending| name.ends_with(ending))
}
