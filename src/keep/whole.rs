//! A file that is there whole or not at all.
//!
//! The new bytes go into `.NAME.saving` beside the file, are synced, and take the file's name by renaming; then the folder
//! is synced. Who is killed in between leaves the old file as it was, and at most one `.NAME.saving`, which the next saver
//! takes over: its name is fixed, so that a process that is killed again and again does not fill the disk.
//!
//! Two savers of one file must not share `.NAME.saving`: who writes it holds a lock on it, which ends with the process
//! however it ends. The second is refused. Where a file system knows no locks there is none, and two savers at once are
//! the caller's to avoid.
//!
//! A symbolic link is followed, so that it goes on pointing; a file that is replaced keeps its permissions.

use crate::error::{Error, ErrorKind, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How often the draft is opened anew because somebody renamed it away meanwhile.
const TRIES: usize = 16;

/// Makes the file `path` out of what `fill` writes, or leaves what was there.
///
/// # Errors
/// `State` when another saver is at it; what `fill` says; a sentence when the folder cannot be written.
pub fn write_whole(path: &Path, fill: impl FnOnce(&mut BufWriter<&File>) -> Result<()>) -> Result<()> {
    let failed = |error: io::Error| Error::io(format!("{} cannot be written: {error}", path.display()));
    let place = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let draft_path = draft_beside(&place)?;
    let draft = open_draft(path, &draft_path)?;
    draft.set_len(0).map_err(failed)?;
    // Before there is anything to be read in it.
    if let Ok(replaced) = std::fs::metadata(&place) {
        draft.set_permissions(replaced.permissions()).map_err(failed)?;
    }
    let mut out = BufWriter::new(&draft);
    let filled = fill(&mut out)
        .map_err(|error| error.within(path.display()))
        .and_then(|()| out.flush().map_err(failed))
        .and_then(|()| put_in_place(&draft, &draft_path, &place).map_err(failed));
    if filled.is_err() {
        // A draft that could not be finished is of no use; failing to remove it changes nothing of that.
        let _ = std::fs::remove_file(&draft_path);
    }
    filled
}

fn draft_beside(place: &Path) -> Result<PathBuf> {
    match place.file_name() {
        Some(name) if !place.is_dir() => {
            let mut draft = std::ffi::OsString::from(".");
            draft.push(name);
            draft.push(".saving");
            Ok(place.with_file_name(draft))
        }
        _ => Err(Error::io(format!("{} is no name for a file", place.display()))),
    }
}

/// The draft, locked, and surely the one that lies there: a saver that was just done has renamed its own away.
fn open_draft(path: &Path, draft_path: &Path) -> Result<File> {
    let failed = |error: io::Error| Error::io(format!("{} cannot be written: {error}", path.display()));
    for _ in 0..TRIES {
        let draft = OpenOptions::new().write(true).create(true).truncate(false).open(draft_path).map_err(failed)?;
        match draft.try_lock() {
            Ok(()) if !is_still_there(&draft, draft_path) => {}
            Ok(()) => return Ok(draft),
            Err(TryLockError::WouldBlock) => return Err(taken(path)),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(draft),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(taken(path))
}

fn taken(path: &Path) -> Error {
    Error::new(ErrorKind::State, format!("{} is being saved by another", path.display()))
}

#[cfg(unix)]
fn is_still_there(draft: &File, draft_path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (draft.metadata(), std::fs::metadata(draft_path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_there(_: &File, draft_path: &Path) -> bool {
    draft_path.is_file()
}

fn put_in_place(draft: &File, draft_path: &Path, place: &Path) -> io::Result<()> {
    draft.sync_all()?;
    std::fs::rename(draft_path, place)?;
    // The name lies in the folder: without this a power cut may bring the old one back.
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, text: &str) -> Result<()> {
        write_whole(path, |out| out.write_all(text.as_bytes()).map_err(|error| Error::io(error.to_string())))
    }

    #[test]
    fn what_cannot_be_finished_leaves_what_was_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.txt");
        put(&path, "old").expect("written");
        let refused = write_whole(&path, |out| {
            out.write_all(b"half").expect("into a buffer");
            Err(Error::argument("no more"))
        });
        assert!(refused.expect_err("refused").to_string().ends_with("a.txt: no more"));
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "old");
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_draft_left_by_who_was_killed_is_taken_over() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join(".a.txt.saving"), "something longer than what comes").expect("written");
        put(&dir.path().join("a.txt"), "new").expect("written");
        assert_eq!(std::fs::read_to_string(dir.path().join("a.txt")).expect("there"), "new");
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn the_second_saver_of_a_file_is_refused_while_the_first_is_at_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.txt");
        write_whole(&path, |out| {
            let refused = put(&path, "second").expect_err("the first is at it");
            assert_eq!(refused.kind(), ErrorKind::State);
            out.write_all(b"first").map_err(|error| Error::io(error.to_string()))
        })
        .expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "first");
        put(&path, "third").expect("the first is done");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_goes_on_pointing_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        put(&real, "old").expect("written");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("ours");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        put(&link, "new").expect("written");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&real).expect("there"), "new");
        assert_eq!(std::fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_folder_is_no_place_for_a_file() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(put(dir.path(), "x").is_err());
        let refused = put(&dir.path().join("none/a.txt"), "x").expect_err("no such folder");
        assert!(refused.to_string().contains("none/a.txt cannot be written"), "{refused}");
    }
}
