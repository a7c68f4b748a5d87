//! Small text files: read whole, within bounds, taken apart into numbers.

use crate::error::{Error, Result};
use crate::frame::{Pose, pose_from_matrix};
use std::fs;
use std::path::Path;

/// The longest text file read whole: the poses of a million frames.
const MAX_TEXT_BYTES: u64 = 512 << 20;

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String> {
    let failed = |error: std::io::Error| Error::io(format!("{} cannot be read: {error}", path.display()));
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > MAX_TEXT_BYTES {
        return Err(Error::io(format!("{} has {bytes} bytes, expected at most {MAX_TEXT_BYTES}", path.display())));
    }
    fs::read_to_string(path).map_err(failed)
}

/// The lines that say something, with their numbers from 1: not blank, not a `#` comment.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Numbers set apart by `separator`; a blank stands for any white space.
pub(super) fn numbers(text: &str, separator: char) -> Result<Vec<f64>> {
    let words: Vec<&str> = if separator == ' ' {
        text.split_whitespace().collect()
    } else {
        text.split(separator).map(str::trim).collect()
    };
    words
        .into_iter()
        .map(|word| word.parse().map_err(|_| Error::argument(format!("\"{word}\" where a number was expected"))))
        .collect()
}

/// The same, from a file.
pub(super) fn in_file(path: &Path, error: Error) -> Error {
    Error::io(format!("{}: {error}", path.display()))
}

/// The same, from a line of a file.
pub(super) fn in_line(path: &Path, line: usize, error: Error) -> Error {
    Error::io(format!("{} line {line}: {error}", path.display()))
}

/// A row-major 4×4 pose; `None` when a number is not finite, the sign of lost tracking.
pub(super) fn pose(text: &str) -> Result<Option<Pose>> {
    let numbers = numbers(text, ' ')?;
    let rows = <[f64; 16]>::try_from(numbers)
        .map_err(|numbers| Error::io(format!("{} numbers, expected 16 (4×4)", numbers.len())))?;
    if rows.iter().any(|number| !number.is_finite()) { Ok(None) } else { pose_from_matrix(&rows).map(Some) }
}
