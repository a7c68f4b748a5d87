//! Files of a folder in numeric order: `frame-10` after `frame-9`.

use super::MAX_FRAMES;
use crate::error::{Error, Result};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// Files in `dir` whose name `wanted` accepts, in numeric order. Hidden files are passed over.
pub(super) fn files(dir: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Error::io(format!("{} cannot be read: {error}", dir.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if let Some(name) = name.to_str().filter(|name| !name.starts_with('.') && wanted(name)) {
            names.push(name.to_owned());
        }
        if names.len() > MAX_FRAMES {
            return Err(Error::io(format!("{} has more than {MAX_FRAMES} files", dir.display())));
        }
    }
    names.sort_by(|a, b| numeric_order(a, b));
    Ok(names.into_iter().map(|name| dir.join(name)).collect())
}

/// The pictures of a folder, in numeric order.
///
/// # Errors
/// A folder that cannot be read or has more than a million files.
pub fn pictures_in(dir: &Path) -> Result<Vec<PathBuf>> {
    files(dir, is_picture)
}

/// The colour pictures of a folder in numeric order, whether it is a sequence or not: those of its `images/` or `rgb/`, or those
/// named `*.color.*`, or all.
///
/// # Errors
/// As [`pictures_in`]; a folder without pictures.
pub fn pictures_of(dir: &Path) -> Result<Vec<PathBuf>> {
    let inner = ["images", "rgb"].map(|name| dir.join(name)).into_iter().find(|inner| inner.is_dir());
    let mut pictures = pictures_in(inner.as_deref().unwrap_or(dir))?;
    let is_colour = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".color."));
    if pictures.iter().any(is_colour) {
        pictures.retain(is_colour);
    }
    match pictures.is_empty() {
        true => Err(Error::io(format!("{} holds no pictures, expected .png, .jpg or .jpeg", dir.display()))),
        false => Ok(pictures),
    }
}

/// The last number in a file's name: 7 of `frame-000007.color.png`.
pub fn number_in_name(path: &Path) -> Option<u64> {
    number_of(path)?.parse().ok()
}

/// True for a name that ends as pictures do.
pub(super) fn is_picture(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".png", ".jpg", ".jpeg"].iter().any(|end| name.ends_with(end))
}

/// The last number in a file's name, without leading zeros: what pairs a picture with its depth.
pub(super) fn number_of(path: &Path) -> Option<&str> {
    let name = path.file_stem()?.to_str()?;
    runs(name).filter(|run| is_number(run)).last().map(without_zeros)
}

/// The last part of a folder's path, even of ".".
pub(super) fn name_of(dir: &Path) -> String {
    let whole = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    whole.file_name().map_or_else(|| "sequence".into(), |name| name.to_string_lossy().into_owned())
}

/// Runs of digits compare as numbers, everything else as text; names that differ in zeros alone compare as text.
fn numeric_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (runs(a), runs(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if is_number(x) && is_number(y) => {
                let (x, y) = (without_zeros(x), without_zeros(y));
                x.len().cmp(&y.len()).then_with(|| x.cmp(y))
            }
            (Some(x), Some(y)) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The text cut where digits begin and end.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).scan(0, |start, run| {
        let from = *start;
        *start += run.len();
        text.get(from..*start)
    })
}

fn is_number(run: &str) -> bool {
    run.starts_with(|c: char| c.is_ascii_digit())
}

fn without_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_comes_after_nine() {
        let mut names =
            vec!["f-10.png", "f-9.png", "f-009b.png", "f-1.png", "f.png", "e-11.png", "f-99999999999999999999999.png"];
        names.sort_by(|a, b| numeric_order(a, b));
        assert_eq!(
            names,
            ["e-11.png", "f-1.png", "f-9.png", "f-009b.png", "f-10.png", "f-99999999999999999999999.png", "f.png"]
        );
    }

    #[test]
    fn the_pictures_of_a_folder_are_those_in_colour() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, "").expect("written");
        };
        let names = || {
            let pictures = pictures_of(dir.path()).expect("pictures");
            pictures
                .iter()
                .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
                .collect::<Vec<_>>()
        };
        assert!(pictures_of(dir.path()).is_err(), "none");
        ["b-10.jpg", "b-9.png", "notes.txt"].into_iter().for_each(write);
        assert_eq!(names(), ["b-9.png", "b-10.jpg"]);
        ["frame-1.color.png", "frame-1.depth.png"].into_iter().for_each(write);
        assert_eq!(names(), ["frame-1.color.png"]);
        ["images/00047.png", "depth/00047.png"].into_iter().for_each(write);
        assert_eq!(names(), ["00047.png"]);
    }

    #[test]
    fn a_picture_and_its_depth_share_their_number() {
        let of = |name| number_of(Path::new(name));
        assert_eq!(of("a/frame-0007.color.png"), of("b/frame-7.depth.png"));
        assert_eq!(of("rgb8_000.png"), of("depth16_0.png"));
        assert_ne!(of("00047.png"), of("00048.png"));
        assert_eq!(of("last.png"), None);
    }
}
