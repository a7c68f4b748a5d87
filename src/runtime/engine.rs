//! Engines that TensorRT builds: what they are kept under, and keeping them so that a part of one is never taken for one.
//!
//! An engine is right for one model, one ONNX Runtime, one TensorRT, one kind of GPU, one precision and one set of shapes;
//! ONNX Runtime's own cache looks at few of these. So each such combination has a folder of its own below
//! [`TensorRt::folder`], named by a hash of all of them ([`EngineKey`]). Where the GPU cannot be named nothing is kept.
//!
//! A folder is built under another name, and renamed when it is whole: a list of its files with length and hash is
//! written last, flushed to the disk first. Found again, the list must fit; what does not is removed and built anew. A
//! build that was killed leaves a folder that nobody takes, and which the next build removes, because the lock that its
//! builder held is free. Two who build the same at a time both get theirs; one is kept.
//!
//! A session goes on writing where it was told to. Engines that it builds later, for shapes that it was not opened with, go
//! to a folder that is no longer there, and are not kept; or, where the folder was found, into it: its list then does not
//! fit, and the next start builds anew. A graph with open sides is therefore best opened with
//! [`super::SessionOptions::sides`] and [`super::SessionOptions::warm_up`].
//!
//! Not run on TensorRT: neither it nor a GPU was at hand. Keys, options, folders and their faults are tested without one.

use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::hash::{file_hash, hex};
use crate::error::{Error, ErrorKind, Result};

/// How TensorRT is to build and where its engines are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TensorRt {
    /// The folder of kept engines; it is made. `None` keeps none: each start builds anew, which takes minutes.
    pub folder: Option<PathBuf>,
    /// Whether layers may compute with half floats.
    pub fp16: bool,
    /// Whether layers may compute with whole numbers of 8 bits: of a model that holds its scales (QDQ), or with `int8_table`.
    pub int8: bool,
    /// A table of calibration as ONNX Runtime's tools write it, for a model without scales of its own.
    pub int8_table: Option<PathBuf>,
}

/// Where the engines of a session came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineReport {
    /// The folder that holds them.
    pub folder: PathBuf,
    /// Whether they were there before.
    pub was_kept: bool,
}

/// The file that says what a folder is for and lists what is in it; there once all else is.
const LIST: &str = "engines.txt";
const TABLE: &str = "int8.table";
const BUILDING: &str = ".building-";
const LOCK: &str = ".lock";

/// All that an engine depends on.
pub(super) struct EngineFacts<'a> {
    /// The hash of the model's files, in hexadecimal digits.
    pub model: &'a str,
    pub onnx_runtime: &'a str,
    /// As TensorRT says it; `None` where it does not.
    pub tensorrt: Option<&'a str>,
    /// Name and compute capability.
    pub gpu: &'a str,
    pub options: &'a TensorRt,
    /// The hash of the table of calibration.
    pub int8_table: Option<&'a str>,
    /// Of each input; `None` for a side that is not fixed.
    pub shapes: &'a [(String, Vec<Option<usize>>)],
    /// What the caller tells TensorRT besides.
    pub given: &'a [(String, String)],
}

/// What an engine is kept under.
pub(super) struct EngineKey {
    text: String,
    name: String,
}

impl EngineKey {
    pub fn of(facts: &EngineFacts<'_>) -> Self {
        let mut text = String::from("gnomon engines 1\n");
        let mut line = |name: &str, value: &str| {
            // A name from outside may hold anything; a line is a line.
            let _ = writeln!(text, "{name} {}", value.escape_debug());
        };
        line("model", facts.model);
        line("onnxruntime", facts.onnx_runtime);
        line("tensorrt", facts.tensorrt.unwrap_or("unknown"));
        line("gpu", facts.gpu);
        line("fp16", if facts.options.fp16 { "1" } else { "0" });
        line("int8", if facts.options.int8 { "1" } else { "0" });
        line("int8-table", facts.int8_table.unwrap_or("none"));
        for (name, shape) in facts.shapes {
            let sides: Vec<String> =
                shape.iter().map(|side| side.map_or_else(|| "?".into(), |side| side.to_string())).collect();
            line("input", &format!("{name} {}", sides.join("x")));
        }
        let mut given: Vec<&(String, String)> = facts.given.iter().collect();
        given.sort();
        for (key, value) in given {
            line("option", &format!("{key}={value}"));
        }
        let model = facts.model.get(..12).unwrap_or(facts.model);
        let name = format!("{model}-{}", &hex(Sha256::digest(text.as_bytes()).as_slice())[..24]);
        Self { text, name }
    }

    /// The name of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What TensorRT is told: how to build, where to keep it (`folder`), and then what the caller gave. Of shapes it is told
/// nothing: sides that have a number are fixed in the graph before it sees it.
pub(super) fn provider_options(
    options: &TensorRt,
    folder: Option<&Path>,
    given: &[(String, String)],
) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = Vec::new();
    let mut tell = |key: &str, value: String| {
        if !given.iter().any(|(known, _)| known == key) {
            told.push((key.into(), value));
        }
    };
    if options.fp16 {
        tell("trt_fp16_enable", "1".into());
    }
    if options.int8 {
        tell("trt_int8_enable", "1".into());
    }
    if let Some(folder) = folder {
        let folder = folder.display().to_string();
        tell("trt_engine_cache_enable", "1".into());
        tell("trt_engine_cache_path", folder.clone());
        tell("trt_timing_cache_enable", "1".into());
        tell("trt_timing_cache_path", folder);
        if options.int8_table.is_some() {
            // It is looked for in the folder of the engines.
            tell("trt_int8_calibration_table_name", TABLE.into());
        }
    }
    told.extend_from_slice(given);
    told
}

/// The hash of a model: of the file and of the files of its weights, each with its name and length.
pub(super) fn model_hash(path: &Path, external: &[PathBuf]) -> Result<String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut all = Sha256::new();
    all.update(file_hash(path)?.0.as_bytes());
    for name in external {
        let (hash, _) = file_hash(&folder.join(name))?;
        let name = name.to_string_lossy();
        all.update((name.len() as u64).to_le_bytes());
        all.update(name.as_bytes());
        all.update(hash.as_bytes());
    }
    Ok(hex(all.finalize().as_slice()))
}

/// What a cache has under a key.
pub(super) enum Kept {
    /// A whole folder.
    Found(PathBuf),
    /// An empty folder to build in; `why` tells of one that was there and was no good.
    Empty { building: Building, why: Option<String> },
}

/// Looks for the folder of `key`, or makes one to build in.
pub(super) fn look_up(cache: &Path, key: &EngineKey, int8_table: Option<&Path>) -> Result<Kept> {
    std::fs::create_dir_all(cache).map_err(|error| broken(cache, "cannot be made", &error))?;
    let target = cache.join(key.name());
    let mut why = None;
    if std::fs::symlink_metadata(&target).is_ok() {
        match check_whole(&target, key) {
            Ok(()) => return Ok(Kept::Found(target)),
            Err(reason) => {
                why = Some(format!("{}: {reason}; it is built anew", target.display()));
                remove(&target).map_err(|error| broken(&target, "is not whole, and cannot be removed", &error))?;
            }
        }
    }
    sweep(cache);
    let building = Building::begin(cache, key)?;
    if let Some(table) = int8_table {
        let copied = std::fs::copy(table, building.path.join(TABLE));
        copied.map_err(|error| broken(table, "cannot be copied", &error))?;
    }
    Ok(Kept::Empty { building, why })
}

fn broken(path: &Path, what: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{}: {what}: {error}", path.display()))
}

fn remove(path: &Path) -> std::io::Result<()> {
    if std::fs::symlink_metadata(path)?.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// A folder in which engines are built; removed when dropped before it is kept.
pub(super) struct Building {
    path: PathBuf,
    target: PathBuf,
    text: String,
    lock_path: PathBuf,
    /// Held as long as the builder lives, whatever ends it.
    _lock: File,
}

impl Building {
    fn begin(cache: &Path, key: &EngineKey) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}{BUILDING}{}-{number}", key.name(), std::process::id());
            let (path, lock_path) = (cache.join(&name), cache.join(format!("{name}{LOCK}")));
            let lock = File::create(&lock_path).map_err(|error| broken(&lock_path, "cannot be made", &error))?;
            let locked = lock.try_lock();
            // Who sweeps may have come in between, and taken it for one that was left.
            if locked.is_err() || !is_the_file(&lock, &lock_path) {
                continue;
            }
            // A process of the same number, in another container, may have left one.
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir(&path).map_err(|error| broken(&path, "cannot be made", &error))?;
            return Ok(Self { path, target: cache.join(key.name()), text: key.text.clone(), lock_path, _lock: lock });
        }
    }

    /// Where to build.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it the kept one. Fails, and keeps nothing, if there is no engine in it.
    pub fn keep(self) -> Result<PathBuf> {
        let files = files_of(&self.path)?;
        if !files.iter().any(|(name, ..)| name.ends_with(".engine")) {
            return Err(Error::new(
                ErrorKind::Device,
                format!("TensorRT wrote no engine into {}: nothing is kept", self.path.display()),
            ));
        }
        for (name, ..) in &files {
            flush(&self.path.join(name))?;
        }
        let list = self.path.join(LIST);
        let written = File::create(&list).and_then(|mut file| {
            file.write_all(list_of(&self.text, &files).as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| broken(&list, "cannot be written", &error))?;
        flush(&self.path)?;
        match std::fs::rename(&self.path, &self.target) {
            Ok(()) => {}
            // Another built the same meanwhile, and was first.
            Err(_) if self.target.join(LIST).is_file() => {}
            Err(error) => return Err(broken(&self.target, "cannot be put in place", &error)),
        }
        if let Some(cache) = self.target.parent() {
            flush(cache)?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
        let _ = std::fs::remove_file(&self.lock_path);
    }
}

fn flush(path: &Path) -> Result<()> {
    let flushed = File::open(path).and_then(|file| file.sync_all());
    flushed.map_err(|error| broken(path, "cannot be flushed to the disk", &error))
}

#[cfg(unix)]
fn is_the_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), std::fs::symlink_metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_the_file(_: &File, path: &Path) -> bool {
    path.is_file()
}

/// Removes what builders left that no longer live.
fn sweep(cache: &Path) {
    let Ok(entries) = std::fs::read_dir(cache) else { return };
    let names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    for name in names.iter().filter(|name| name.contains(BUILDING)) {
        let building = cache.join(name.strip_suffix(LOCK).unwrap_or(name));
        let lock_path = cache.join(format!("{}{LOCK}", name.strip_suffix(LOCK).unwrap_or(name)));
        // Held while it is removed.
        let lock = match File::open(&lock_path) {
            Ok(lock) => match lock.try_lock() {
                Ok(()) => Some(lock),
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => continue,
            },
            // A builder has its lock before its folder, and removes it after.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(_) => continue,
        };
        let _ = std::fs::remove_dir_all(&building);
        let _ = std::fs::remove_file(&lock_path);
        drop(lock);
    }
}

/// Name, hash and length of each file of a folder but its list, in order of name.
fn files_of(folder: &Path) -> Result<Vec<(String, String, u64)>> {
    let entries = std::fs::read_dir(folder).map_err(|error| broken(folder, "cannot be read", &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| broken(folder, "cannot be read", &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_plain || name.contains('\n') {
            return Err(Error::new(ErrorKind::Io, format!("{}: {name:?} is no plain file", folder.display())));
        }
        if name != LIST {
            let (hash, length) = file_hash(&entry.path())?;
            files.push((name, hash, length));
        }
    }
    files.sort();
    Ok(files)
}

fn list_of(key: &str, files: &[(String, String, u64)]) -> String {
    files.iter().fold(key.to_string(), |mut text, (name, hash, length)| {
        let _ = writeln!(text, "file {hash} {length} {name}");
        text
    })
}

/// Fails with what is wrong unless the folder holds what its list says, and the list is of this key.
fn check_whole(folder: &Path, key: &EngineKey) -> std::result::Result<(), String> {
    let list =
        std::fs::read_to_string(folder.join(LIST)).map_err(|error| format!("has no list of its files: {error}"))?;
    if !list.starts_with(&key.text) {
        return Err("is of another key".into());
    }
    let files = files_of(folder).map_err(|error| error.to_string())?;
    if list == list_of(&key.text, &files) { Ok(()) } else { Err("does not hold what its list says".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn shapes(side: Option<usize>) -> Vec<(String, Vec<Option<usize>>)> {
        vec![("image".into(), vec![side, Some(3), Some(352), Some(352)]), ("size".into(), vec![Some(1), Some(2)])]
    }

    type Basis = (TensorRt, Vec<(String, Vec<Option<usize>>)>);

    fn basis() -> Basis {
        (TensorRt::default(), shapes(Some(1)))
    }

    fn key_of<'a>((options, shapes): &'a Basis, change: impl FnOnce(&mut EngineFacts<'a>)) -> EngineKey {
        let mut facts = EngineFacts {
            model: MODEL,
            onnx_runtime: "1.31.1",
            tensorrt: Some("101400"),
            gpu: "NVIDIA Orin sm_87",
            options,
            int8_table: None,
            shapes,
            given: &[],
        };
        change(&mut facts);
        EngineKey::of(&facts)
    }

    #[test]
    fn whatever_an_engine_depends_on_changes_its_key() {
        let basis = basis();
        let half = TensorRt { fp16: true, ..TensorRt::default() };
        let eight = TensorRt { int8: true, ..TensorRt::default() };
        let (two, open) = (shapes(Some(2)), shapes(None));
        let given = [("trt_builder_optimization_level".to_string(), "5".to_string())];
        let keys = [
            key_of(&basis, |_| {}),
            key_of(&basis, |facts| facts.model = "0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            key_of(&basis, |facts| facts.onnx_runtime = "1.31.2"),
            key_of(&basis, |facts| facts.tensorrt = Some("101500")),
            key_of(&basis, |facts| facts.tensorrt = None),
            key_of(&basis, |facts| facts.gpu = "NVIDIA Orin sm_89"),
            key_of(&basis, |facts| facts.options = &half),
            key_of(&basis, |facts| facts.options = &eight),
            key_of(&basis, |facts| facts.int8_table = Some(MODEL)),
            key_of(&basis, |facts| facts.shapes = &two),
            key_of(&basis, |facts| facts.shapes = &open),
            key_of(&basis, |facts| facts.given = &given),
        ];
        let names: std::collections::BTreeSet<&str> = keys.iter().map(EngineKey::name).collect();
        assert_eq!(names.len(), keys.len());
        assert!(names.iter().all(|name| name.len() == 12 + 1 + 24), "{names:?}");
        assert_eq!(key_of(&basis, |_| {}).name(), keys[0].name());
    }

    #[test]
    fn a_key_cannot_be_made_to_look_like_another_by_a_name_with_line_breaks() {
        let basis = basis();
        let tricky = [("a".to_string(), "1\noption b=2".to_string())];
        let plain = [("a".to_string(), "1".to_string()), ("b".to_string(), "2".to_string())];
        assert_ne!(
            key_of(&basis, |facts| facts.given = &tricky).text,
            key_of(&basis, |facts| facts.given = &plain).text
        );
    }

    fn told(options: &TensorRt, folder: Option<&Path>, given: &[(&str, &str)]) -> Vec<String> {
        let given: Vec<(String, String)> = given.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let told = provider_options(options, folder, &given);
        told.into_iter().map(|(key, value)| format!("{key}={value}")).collect()
    }

    #[test]
    fn tensorrt_is_told_precision_and_folders_and_the_callers_word_counts() {
        let options = TensorRt { fp16: true, int8: true, int8_table: Some("t".into()), ..TensorRt::default() };
        assert_eq!(
            told(&options, Some(Path::new("/c/k")), &[("device_id", "1")]),
            [
                "trt_fp16_enable=1",
                "trt_int8_enable=1",
                "trt_engine_cache_enable=1",
                "trt_engine_cache_path=/c/k",
                "trt_timing_cache_enable=1",
                "trt_timing_cache_path=/c/k",
                "trt_int8_calibration_table_name=int8.table",
                "device_id=1",
            ]
        );
        assert!(told(&TensorRt::default(), None, &[]).is_empty());
        let half = TensorRt { fp16: true, ..TensorRt::default() };
        assert_eq!(told(&half, None, &[("trt_fp16_enable", "0")]), ["trt_fp16_enable=0"]);
    }

    fn look(cache: &Path) -> Kept {
        look_up(cache, &key_of(&basis(), |_| {}), None).expect("a folder of our own")
    }

    fn building(cache: &Path) -> Building {
        match look(cache) {
            Kept::Empty { building, .. } => building,
            Kept::Found(path) => panic!("{} was taken for an engine", path.display()),
        }
    }

    fn names(cache: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(cache).expect("a folder").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn kept(cache: &Path) -> PathBuf {
        let building = building(cache);
        std::fs::write(building.path().join("a_sm87.engine"), b"engine").expect("ours");
        std::fs::write(building.path().join("a_sm87.timing"), b"times").expect("ours");
        building.keep().expect("whole")
    }

    #[test]
    fn what_was_built_whole_is_found_again_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = folder.path().join("made/when/needed");
        let path = kept(&cache);
        assert_eq!(names(&cache), [path.file_name().expect("a name").to_string_lossy()]);
        assert_eq!(names(&path), ["a_sm87.engine", "a_sm87.timing", LIST]);
        match look(&cache) {
            Kept::Found(found) => assert_eq!(found, path),
            Kept::Empty { why, .. } => panic!("not found: {why:?}"),
        };
    }

    #[test]
    fn a_build_that_was_killed_is_not_taken_and_is_swept_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = folder.path();
        let first = building(cache);
        std::fs::write(first.path().join("a_sm87.engine"), b"half of an eng").expect("ours");
        let left = first.path().to_path_buf();
        // A killed process runs nothing to its end; its lock is free.
        let Building { _lock: lock, .. } = &*std::mem::ManuallyDrop::new(first);
        let other = building(cache);
        assert!(left.is_dir(), "its builder lives");
        drop(other);
        lock.unlock().expect("ours");
        let other = building(cache);
        assert!(!left.exists(), "its builder is gone");
        drop(other);
        assert!(names(cache).is_empty(), "{:?}", names(cache));
    }

    #[test]
    fn a_folder_that_was_changed_in_any_way_is_built_anew() {
        type Change = (&'static str, fn(&Path));
        let changes: [Change; 6] = [
            ("cut", |path| std::fs::write(path.join("a_sm87.engine"), b"eng").expect("ours")),
            ("other bytes", |path| std::fs::write(path.join("a_sm87.engine"), b"enginf").expect("ours")),
            ("one more", |path| std::fs::write(path.join("b_sm87.engine"), b"engine").expect("ours")),
            ("one less", |path| std::fs::remove_file(path.join("a_sm87.timing")).expect("ours")),
            ("no list", |path| std::fs::remove_file(path.join(LIST)).expect("ours")),
            ("another's list", |path| std::fs::write(path.join(LIST), b"gnomon engines 1\nmodel 0\n").expect("ours")),
        ];
        for (name, change) in changes {
            let folder = tempfile::tempdir().expect("a folder");
            let path = kept(folder.path());
            change(&path);
            let Kept::Empty { building, why } = look(folder.path()) else { panic!("{name}: taken for an engine") };
            assert!(why.is_some_and(|why| why.contains("built anew")), "{name}");
            assert!(!path.exists(), "{name}");
            drop(building);
        }
    }

    #[test]
    fn a_build_without_an_engine_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let building = building(folder.path());
        std::fs::write(building.path().join("a_sm87.timing"), b"times").expect("ours");
        assert_eq!(building.keep().expect_err("no engine").kind(), ErrorKind::Device);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn of_two_who_build_the_same_both_go_on_and_one_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, second) = (building(folder.path()), building(folder.path()));
        for (building, engine) in [(&first, "first"), (&second, "second")] {
            std::fs::write(building.path().join("a.engine"), engine).expect("ours");
        }
        let (first, second) = (first.keep().expect("whole"), second.keep().expect("whole"));
        assert_eq!(first, second);
        assert_eq!(std::fs::read_to_string(first.join("a.engine")).expect("there"), "first");
        assert_eq!(names(folder.path()).len(), 1);
    }

    #[test]
    fn a_table_of_calibration_lies_beside_the_engines() {
        let folder = tempfile::tempdir().expect("a folder");
        let table = folder.path().join("table");
        std::fs::write(&table, b"scales").expect("ours");
        let cache = folder.path().join("cache");
        let Kept::Empty { building, .. } = look_up(&cache, &key_of(&basis(), |_| {}), Some(&table)).expect("ours")
        else {
            panic!("nothing was kept")
        };
        assert_eq!(std::fs::read(building.path().join(TABLE)).expect("copied"), b"scales");
        let missing =
            look_up(&cache, &key_of(&basis(), |_| {}), Some(Path::new("/no/such/table"))).err().expect("missing");
        assert!(missing.to_string().contains("/no/such/table: cannot be copied"), "{missing}");
    }

    #[test]
    fn the_hash_of_a_model_is_of_its_weights_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.onnx");
        std::fs::write(&path, b"graph").expect("ours");
        std::fs::write(folder.path().join("w.bin"), b"weights").expect("ours");
        let external = [PathBuf::from("w.bin")];
        let (alone, both) = (model_hash(&path, &[]).expect("there"), model_hash(&path, &external).expect("there"));
        std::fs::write(folder.path().join("w.bin"), b"weighty").expect("ours");
        let other = model_hash(&path, &external).expect("there");
        assert!(alone != both && both != other && alone != other);
        assert_eq!(file_hash(&path).expect("there").1, 5);
    }
}
