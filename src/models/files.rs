//! Files of a folder that comes from outside: names that stay in it, texts that end, hashes that are compared.

use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{ModelFile, ModelLimits, file_hash};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The longest text that is read of a folder, bytes. A configuration of 20,000 labels has 1 MB.
const MAX_TEXT_BYTES: u64 = 8 << 20;

/// The most labels, and
const MAX_LABELS: usize = 65_536;
/// the longest of them, bytes.
const MAX_LABEL_BYTES: usize = 1024;

/// A text of the folder; `None` if there is no such file.
pub(super) fn text_if_there(path: &Path) -> Result<Option<String>> {
    text_up_to(path, MAX_TEXT_BYTES)
}

/// A text of at most so many bytes; `None` if there is no such file.
pub(crate) fn text_up_to(path: &Path, most: u64) -> Result<Option<String>> {
    let named = |error: Error| error.within(path.display());
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(named(Error::io(format!("cannot be looked at: {error}")))),
    };
    if !metadata.is_file() {
        return Err(named(Error::io("is not a file")));
    }
    let file = File::open(path).map_err(|error| named(Error::io(format!("cannot be opened: {error}"))))?;
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| named(Error::io(format!("cannot be read: {error}"))))?;
    if bytes.len() as u64 > most {
        return Err(named(Error::io(format!("is longer than {most} bytes"))));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| named(Error::io("is not UTF-8")))
}

/// A text that must be there.
pub(super) fn text(path: &Path) -> Result<String> {
    text_if_there(path)?.ok_or_else(|| Error::io(format!("{}: is not there", path.display())))
}

/// The file that a name of the folder leads to. Fails unless it is a plain file in the folder.
pub(crate) fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let refused = |why: &str| Err(Error::new(ErrorKind::Model, format!("file name {name:?} {why}")));
    if name.is_empty() || name.len() > 1024 {
        return refused("is empty or too long");
    }
    let stays = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !stays || name.contains(['\\', ':', '\0']) {
        return refused("leads out of the folder, expected one like onnx/model.onnx");
    }
    let path = folder.join(name);
    let is_file = std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return refused("is not that of a file in the folder");
    }
    if !is_reached(folder, &path) {
        return refused("is a link out of the folder");
    }
    Ok(path)
}

/// Whether the file that is meant, links followed, lies in the folder. The cache of Hugging Face keeps its files in
/// `blobs` and makes `snapshots/REVISION` of links to them: those count as in the folder.
fn is_reached(folder: &Path, path: &Path) -> bool {
    let (Ok(folder), Ok(real)) = (folder.canonicalize(), path.canonicalize()) else { return false };
    let snapshots = folder.parent().filter(|parent| parent.file_name().is_some_and(|name| name == "snapshots"));
    let blobs = snapshots.and_then(Path::parent).map(|model| model.join("blobs"));
    real.starts_with(&folder) || blobs.is_some_and(|blobs| real.parent() == Some(&blobs))
}

/// One label a line; empty lines at the end are none.
pub(super) fn labels_of_lines(path: &Path) -> Result<Vec<String>> {
    let text = text(path)?;
    let labels: Vec<String> = text.trim_end().lines().map(|line| line.trim().to_string()).collect();
    check_labels(&labels).map_err(|error| error.within(path.display()))?;
    Ok(labels)
}

/// Refuses labels that are too many or too long, and a list of none.
pub(super) fn check_labels(labels: &[String]) -> Result<()> {
    if labels.is_empty() || labels.iter().all(String::is_empty) {
        return Err(Error::io("names no label"));
    }
    if labels.len() > MAX_LABELS {
        return Err(Error::io(format!("names {} labels, at most {MAX_LABELS} are taken", labels.len())));
    }
    match labels.iter().position(|label| label.len() > MAX_LABEL_BYTES) {
        Some(at) => {
            Err(Error::io(format!("label {at} has {} bytes, at most {MAX_LABEL_BYTES} are taken", labels[at].len())))
        }
        None => Ok(()),
    }
}

/// Labels by number, some of which may be missing.
pub(super) fn labels_of_numbers(numbered: &BTreeMap<usize, String>) -> Result<Vec<String>> {
    let count = numbered.keys().next_back().map_or(0, |last| last.saturating_add(1));
    if count > MAX_LABELS {
        return Err(Error::io(format!("label {} is numbered beyond {MAX_LABELS}", count - 1)));
    }
    let labels: Vec<String> = (0..count).map(|at| numbered.get(&at).cloned().unwrap_or_default()).collect();
    check_labels(&labels)?;
    Ok(labels)
}

/// Refuses what is no hash: 64 digits of sixteen.
pub(super) fn check_hash(name: &str, hash: &str) -> Result<()> {
    if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Error::io(format!("sha256 of {name:?} is {hash:?}, expected 64 hexadecimal digits")))
}

/// Compares a model and the files of its weights with the hashes that are given by name. Where the model has one, each file
/// of weights must have one: otherwise the hash would say little.
pub(super) fn compare(folder: &Path, name: &str, hashes: &BTreeMap<String, String>) -> Result<()> {
    let Some(hash) = hashes.get(name) else { return Ok(()) };
    let path = inside(folder, name)?;
    compare_one(&path, hash)?;
    let beside = Path::new(name).parent().unwrap_or(Path::new(""));
    for file in ModelFile::read(&path, &ModelLimits::default())?.external_files {
        let name = beside.join(&file).to_string_lossy().into_owned();
        let hash = hashes.get(&name).ok_or_else(|| {
            Error::new(ErrorKind::Model, format!("{name}: holds weights of a model with a hash, and has none itself"))
        })?;
        compare_one(&inside(folder, &name)?, hash)?;
    }
    Ok(())
}

fn compare_one(path: &Path, expected: &str) -> Result<()> {
    let (found, _) = file_hash(path)?;
    if found == expected.to_ascii_lowercase() {
        return Ok(());
    }
    let path = path.display();
    Err(Error::new(ErrorKind::Model, format!("{path}: its sha256 is {found}, gnomon.json says {expected}")))
}

/// What serde says, as an error of a file.
pub(super) fn of_json(path: &Path, error: &serde_json::Error) -> Error {
    Error::io(format!("{}: {error}", path.display()))
}
