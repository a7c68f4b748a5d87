//! A model folder that was read.

use super::family::Family;
use super::rules::{InputRule, OutputRule, Precision};
use super::{embedded, files, manifest, public};
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{Origin, Runtime, Session, SessionOptions};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who said what a network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// `gnomon.json` in the folder.
    Manifest,
    /// `config.json` in the layout of Hugging Face.
    HuggingFace,
    /// The caller, who named the family of a file.
    Caller,
}

/// One file of a model, of those that differ in precision alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelEntry {
    /// How its weights are held.
    pub precision: Precision,
    /// Its name in the folder.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What a folder says of the network in it. See the module for its layout.
#[derive(Debug, Clone)]
pub struct ModelFolder {
    /// The folder; of a bare file, the one that it lies in.
    pub path: PathBuf,
    /// How it is fed and read.
    pub family: Family,
    /// Its files, at least one, in the order of [`Precision::ALL`].
    pub entries: Vec<ModelEntry>,
    /// What is different from the family's rule of input.
    pub input: InputRule,
    /// What is different from the family's rule of output.
    pub output: OutputRule,
    /// The names of classes by number; empty where none are given, as is a number without a name.
    pub labels: Vec<String>,
    /// Under what terms it may be used, in the folder's words.
    pub licence: Option<String>,
    /// Where it is from.
    pub source: Option<String>,
    /// Who said all this.
    pub known_by: KnownBy,
    /// What each file must be, by name.
    pub(super) hashes: BTreeMap<String, String>,
    /// The network itself, where the library holds it.
    pub(super) held: Option<&'static [u8]>,
}

impl ModelFolder {
    /// The network of metric depth that the library holds in itself; [`open`](Self::open) of the path
    /// [`ROOM_DEPTH`](super::ROOM_DEPTH) is the same. It knows rendered rooms alone: see `models/depth-room/README.md`.
    ///
    /// Fails with [`ErrorKind::Model`] if the library was built of broken parts.
    pub fn room_depth() -> Result<Self> {
        embedded::room_depth()
    }

    /// Reads what a folder says, or takes a bare `.onnx` file, whose family the caller must name. `labels` names a text
    /// file, one label a line, that counts instead of the folder's labels. The network itself is not looked at.
    ///
    /// Fails with [`ErrorKind::Io`] for what cannot be read, [`ErrorKind::Model`] for names that lead out of the folder,
    /// [`ErrorKind::Argument`] for a family that is not named or is not the folder's, [`ErrorKind::Unsupported`] for what
    /// is of no family that is known.
    pub fn open(path: &Path, family: Option<Family>, labels: Option<&Path>) -> Result<Self> {
        let mut folder = if path == Path::new(embedded::ROOM_DEPTH) {
            Self::of_held(family)
        } else if path.is_dir() {
            Self::of_folder(path, family)
        } else {
            Self::of_file(path, family)
        }?;
        if let Some(labels) = labels {
            folder.labels = files::labels_of_lines(labels)?;
        }
        Ok(folder)
    }

    fn of_held(family: Option<Family>) -> Result<Self> {
        let folder = Self::room_depth()?;
        match family {
            Some(named) if named != folder.family => Err(Error::argument(format!(
                "{}: is of the family {}, not {named}",
                embedded::ROOM_DEPTH,
                folder.family
            ))),
            _ => Ok(folder),
        }
    }

    fn of_folder(path: &Path, family: Option<Family>) -> Result<Self> {
        if let Some(folder) = manifest::read(path)? {
            return match family {
                Some(named) if named != folder.family => Err(Error::argument(format!(
                    "{}: is of the family {}, not {named}",
                    path.join(manifest::MANIFEST_NAME).display(),
                    folder.family
                ))),
                _ => Ok(folder),
            };
        }
        if let Some(folder) = public::read(path, family)? {
            return Ok(folder);
        }
        let path = path.display();
        Err(Error::io(format!(
            "{path}: is no model folder: expected gnomon.json, or config.json with model.onnx or onnx/model.onnx"
        )))
    }

    fn of_file(path: &Path, family: Option<Family>) -> Result<Self> {
        let named = path.display();
        if !path.is_file() {
            return Err(Error::io(format!("{named}: is not there")));
        }
        let Some(family) = family else {
            let words = Family::ALL.map(Family::word).join(", ");
            return Err(Error::argument(format!("{named}: a file alone does not say its family: name one of {words}")));
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        Ok(Self {
            path: folder.to_path_buf(),
            family,
            entries: vec![ModelEntry { precision: Precision::Fp32, name, path: path.to_path_buf() }],
            input: InputRule::default(),
            output: OutputRule::default(),
            labels: Vec::new(),
            licence: None,
            source: None,
            known_by: KnownBy::Caller,
            hashes: BTreeMap::new(),
            held: None,
        })
    }

    /// The file of a precision; of `None` the first there is, full precision before less. Fails with those there are.
    pub fn entry(&self, precision: Option<Precision>) -> Result<&ModelEntry> {
        let found = self.entries.iter().find(|entry| precision.is_none_or(|precision| precision == entry.precision));
        found.ok_or_else(|| {
            let there: Vec<&str> = self.entries.iter().map(|entry| entry.precision.word()).collect();
            let asked = precision.map_or("any", Precision::word);
            let path = self.path.display();
            Error::argument(format!("{path}: has no file of precision {asked}, it has {}", there.join(", ")))
        })
    }

    /// Whether the folder gives a hash for the file of a precision.
    pub fn has_hash(&self, precision: Option<Precision>) -> bool {
        self.entry(precision).is_ok_and(|entry| self.hashes.contains_key(&entry.name))
    }

    /// Loads the network of a precision ([`entry`](Self::entry)), after its files are compared with their hashes, where
    /// the folder gives any: each byte is read once for that. Fails with [`ErrorKind::Model`] where they differ, and as
    /// [`Session::open`] does.
    pub fn session(
        &self,
        runtime: &Arc<Runtime>,
        precision: Option<Precision>,
        options: &SessionOptions,
    ) -> Result<Session> {
        let entry = self.entry(precision)?;
        if let Some(bytes) = self.held {
            let name = embedded::ROOM_DEPTH;
            return Session::open_from(runtime, Origin::Held { name, bytes }, options);
        }
        files::compare(&self.path, &entry.name, &self.hashes)?;
        Session::open(runtime, &entry.path, options)
    }

    /// Fails unless the network is one of these families.
    pub fn expect(&self, families: &[Family]) -> Result<()> {
        if families.contains(&self.family) {
            return Ok(());
        }
        let words: Vec<&str> = families.iter().map(|family| family.word()).collect();
        let (path, family) = (self.path.display(), self.family);
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("{path}: is of the family {family}, expected one of {}", words.join(", ")),
        ))
    }

    /// The name of a class; "class 7" where none is given.
    pub fn label(&self, class: usize) -> Cow<'_, str> {
        match self.labels.get(class) {
            Some(label) if !label.is_empty() => Cow::Borrowed(label),
            _ => Cow::Owned(format!("class {class}")),
        }
    }
}
