//! TUM RGB-D: `rgb.txt`, `depth.txt` and `groundtruth.txt`, each line a stamp in seconds and what belongs to it.
//!
//! The three were taken at different times. A picture and a depth image belong together when no other pair of the two
//! is nearer, each used once, as the authors' own tool does it; the pose is the nearest in time to the picture.

use super::{Entry, Listed, MAX_FRAMES, MAX_GAP_NS, SequenceOptions, SkipReason, Skipped, text};
use crate::error::{Error, Result};
use crate::frame::{Pose, pose_from_parts};
use std::path::{Path, PathBuf};

/// Partners looked at on either side of a stamp; more within 20 ms no camera delivers.
const NEIGHBOURS: usize = 8;

/// Something and when it was, by ascending stamp.
type Stamped<T> = Vec<(i64, T)>;

/// Lists the frames.
pub(super) fn list(dir: &Path, options: &SequenceOptions) -> Result<Listed> {
    let colours = read_list(&dir.join("rgb.txt"), |rest| file_of(dir, rest))?;
    let depths = match options.without_depth {
        true => Vec::new(),
        false => read_list(&dir.join("depth.txt"), |rest| file_of(dir, rest))?,
    };
    let poses = match options.fixed_pose {
        Some(_) => Vec::new(),
        None => read_list(&dir.join("groundtruth.txt"), pose_of)?,
    };
    let pose_at = |stamp_ns: i64| match options.fixed_pose {
        Some(pose) => Ok(pose),
        None => nearest(&poses, stamp_ns).ok_or(SkipReason::NoPose)?.ok_or(SkipReason::LostTracking),
    };
    let depth_of = associate(&colours, &depths);
    let mut listed = Listed::default();
    for (frame, ((stamp_ns, colour), depth)) in colours.into_iter().zip(depth_of).enumerate() {
        let depth = match (options.without_depth, depth.and_then(|at| depths.get(at))) {
            (true, _) => Ok(None),
            (false, Some((_, depth))) => Ok(Some(depth.clone())),
            (false, None) => Err(SkipReason::NoDepth),
        };
        match depth.and_then(|depth| Ok((depth, pose_at(stamp_ns)?))) {
            Ok((depth, world_from_camera)) => {
                listed.entries.push(Entry { frame, colour, depth, world_from_camera, stamp_ns });
            }
            Err(reason) => listed.skipped.push(Skipped { frame, reason }),
        }
    }
    Ok(listed)
}

/// Reads "stamp rest" lines; stamps may come in any order, but none twice.
fn read_list<T>(path: &Path, read: impl Fn(&str) -> Result<T>) -> Result<Stamped<T>> {
    let text = text::read(path)?;
    let mut list = Vec::new();
    for (number, line) in text::lines(&text) {
        let (stamp, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let entry = stamp_ns(stamp).and_then(|stamp| Ok((stamp, read(rest.trim())?)));
        list.push(entry.map_err(|error| text::in_line(path, number, error))?);
        if list.len() > MAX_FRAMES * 10 {
            return Err(Error::io(format!("{} has more than {} lines", path.display(), MAX_FRAMES * 10)));
        }
    }
    list.sort_by_key(|entry| entry.0);
    match list.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(Error::io(format!("{}: stamp {} ns comes twice", path.display(), pair[0].0))),
        None => Ok(list),
    }
}

fn file_of(dir: &Path, name: &str) -> Result<PathBuf> {
    if name.is_empty() { Err(Error::io("no file name after the stamp")) } else { Ok(dir.join(name)) }
}

/// tx ty tz qx qy qz qw; `None` when not finite.
fn pose_of(rest: &str) -> Result<Option<Pose>> {
    let numbers = text::numbers(rest, ' ')?;
    let &[x, y, z, qx, qy, qz, qw] = numbers.as_slice() else {
        return Err(Error::io(format!("{} numbers after the stamp, expected 7 (tx ty tz qx qy qz qw)", numbers.len())));
    };
    if numbers.iter().any(|number| !number.is_finite()) {
        return Ok(None);
    }
    pose_from_parts([x, y, z], [qx, qy, qz, qw]).map(Some)
}

/// Seconds as nanoseconds, digit by digit: an f64 of today's seconds cannot tell 100 ns apart.
fn stamp_ns(seconds: &str) -> Result<i64> {
    let refused = || Error::io(format!("stamp is \"{seconds}\", expected seconds as in 1305031102.175304"));
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    if !(whole.chars().chain(fraction.chars())).all(|c| c.is_ascii_digit()) || fraction.len() > 18 {
        return Err(refused());
    }
    let nanoseconds: i64 = format!("{fraction:0<9.9}").parse().map_err(|_| refused())?;
    let whole: i64 = whole.parse().map_err(|_| refused())?;
    whole.checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(nanoseconds)).ok_or_else(refused)
}

/// For every picture the depth image that belongs to it, each used once: the nearest pairs first.
fn associate<A, B>(colours: &Stamped<A>, depths: &Stamped<B>) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (c, (stamp, _)) in colours.iter().enumerate() {
        let at = depths.partition_point(|depth| depth.0 < *stamp);
        let first = at.saturating_sub(NEIGHBOURS);
        for (d, (depth_stamp, _)) in (first..).zip(depths.iter().skip(first)).take_while(|(d, _)| *d < at + NEIGHBOURS)
        {
            let gap = depth_stamp.abs_diff(*stamp);
            if gap <= MAX_GAP_NS as u64 {
                pairs.push((gap, c, d));
            }
        }
    }
    pairs.sort_unstable();
    let mut depth_of = vec![None; colours.len()];
    let mut taken = vec![false; depths.len()];
    for (_, c, d) in pairs {
        if depth_of[c].is_none() && !taken[d] {
            depth_of[c] = Some(d);
            taken[d] = true;
        }
    }
    depth_of
}

/// The entry nearest to the stamp, if any is near enough; of two as near, the earlier.
fn nearest<T: Copy>(list: &Stamped<T>, stamp_ns: i64) -> Option<T> {
    let at = list.partition_point(|entry| entry.0 < stamp_ns);
    let around = list.get(at.saturating_sub(1)..(at + 1).min(list.len()))?;
    let (stamp, value) = around.iter().min_by_key(|entry| entry.0.abs_diff(stamp_ns))?;
    (stamp.abs_diff(stamp_ns) <= MAX_GAP_NS as u64).then_some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_every_digit() {
        assert_eq!(stamp_ns("1305031102.175304").expect("seconds"), 1_305_031_102_175_304_000);
        assert_eq!(stamp_ns("5").expect("seconds"), 5_000_000_000);
        assert_eq!(stamp_ns("0.1234567891").expect("seconds"), 123_456_789);
        for bad in ["", ".", "-1", "1e9", "99999999999999", "1.2.3", "nan"] {
            assert!(stamp_ns(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_nearest_pair_wins_and_each_is_used_once() {
        let ms = |list: &[i64]| list.iter().map(|ms| (ms * 1_000_000, ())).collect::<Stamped<()>>();
        // The second picture is nearer to the only depth image between them, so the first takes the one before.
        assert_eq!(associate(&ms(&[20, 33]), &ms(&[5, 30])), [Some(0), Some(1)]);
        assert_eq!(associate(&ms(&[20, 33]), &ms(&[30])), [None, Some(0)]);
        assert_eq!(associate(&ms(&[0]), &ms(&[20])), [Some(0)]);
        assert_eq!(associate(&ms(&[0]), &ms(&[21])), [None]);
    }

    #[test]
    fn a_pose_farther_than_20_ms_is_none() {
        let poses: Stamped<u8> = vec![(0, 1), (30_000_000, 2)];
        assert_eq!(nearest(&poses, 14_000_000), Some(1));
        assert_eq!(nearest(&poses, 16_000_000), Some(2));
        assert_eq!(nearest(&poses, 50_000_000), Some(2));
        assert_eq!(nearest(&poses, 50_000_001), None);
        assert_eq!(nearest::<u8>(&Vec::new(), 0), None);
    }
}
