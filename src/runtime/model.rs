//! What a model file says of itself, read before ONNX Runtime sees it, and what makes it one to refuse.
//!
//! A model comes from outside. The runtime that would load it is a large program that trusts much of it: lengths, sizes
//! of tensors, the names of the files in which weights lie. Here the file is walked once, its weights passed over, and
//! refused with a sentence if it is no ONNX model, is cut short, claims numbers that it does not hold, or names weights
//! outside its own folder. Weights in files of their own must be plain files below the folder of the model, no link
//! out of it, and as long as is claimed.
//!
//! Not looked at: whether the operators exist and fit together. The runtime says that when it loads the model. What a
//! graph makes while it runs (a node that fills 4 GB) is not bounded here either.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use super::wire::{Bytes, Field, Wire};
use crate::error::{Error, ErrorKind, Result};

/// Bounds of what a model may be.
#[derive(Debug, Clone, Copy)]
pub struct ModelLimits {
    /// Of the file itself. Protocol buffers end at 2 GiB.
    pub file_bytes: u64,
    /// Of all files that weights lie in, together.
    pub external_bytes: u64,
    /// Nodes, graphs inside graphs included. The largest models known have some 100,000.
    pub nodes: usize,
    /// Weights, as above.
    pub tensors: usize,
}

impl Default for ModelLimits {
    fn default() -> Self {
        Self { file_bytes: (1 << 31) - 1, external_bytes: 1 << 38, nodes: 1_000_000, tensors: 1_000_000 }
    }
}

/// Longer than any name that a tool writes.
const MAX_NAME_BYTES: u64 = 1 << 16;
/// Of what is noted beside a graph, the longest that is held, and how many.
const MAX_NOTE_BYTES: u64 = 1 << 20;
const MAX_NOTES: usize = 256;
const MAX_DIMENSIONS: usize = 64;
/// Inputs or outputs of one node.
const MAX_ENDS: usize = 1 << 16;

/// One side of a tensor that a graph takes, gives or makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// So many.
    Fixed(usize),
    /// As many as the caller likes; the same name is the same number everywhere.
    Named(String),
    /// Not said.
    Any,
}

impl Side {
    /// How many, where that is fixed.
    pub fn fixed(&self) -> Option<usize> {
        match self {
            Self::Fixed(size) => Some(*size),
            _ => None,
        }
    }
}

/// A tensor that the graph declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    /// Of `TensorProto.DataType`; 0 for what is no tensor.
    pub element: u32,
    pub shape: Vec<Side>,
}

/// Where the bytes of a model are.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// In a file.
    File(&'a Path),
    /// In the program itself, under a name.
    Held { name: &'a str, bytes: &'static [u8] },
}

impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Held { name, .. } => f.write_str(name),
        }
    }
}

/// What a model file says of itself.
#[derive(Debug, Clone, Default)]
pub struct ModelFile {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// The graph's own name.
    pub graph: String,
    /// Who wrote it: "pytorch".
    pub producer: String,
    /// The versions of the operators by domain; "" is ONNX itself.
    pub opsets: BTreeMap<String, u64>,
    /// Nodes, graphs inside graphs included.
    pub nodes: usize,
    /// Weights, as above.
    pub tensors: usize,
    /// Bytes of all weights, wherever they lie.
    pub weight_bytes: u64,
    /// Bytes of the weights that lie in other files.
    pub external_bytes: u64,
    /// The files of weights, relative to the model's folder, in order of name.
    pub external_files: Vec<PathBuf>,
    /// How many nodes there are of each operator, graphs inside graphs included.
    pub operators: BTreeMap<String, usize>,
    /// What whoever wrote it noted beside the graph, by key.
    pub metadata: BTreeMap<String, String>,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) declared: BTreeMap<String, Declared>,
    /// What each node of the outermost graph takes and makes, in the order of the file.
    pub(super) steps: Vec<Step>,
    pub(super) initializers: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
}

impl ModelFile {
    /// Reads what `path` says. Fails with [`ErrorKind::Io`] if it is not there, with [`ErrorKind::Model`] if it is not to
    /// be trusted.
    pub fn read(path: &Path, limits: &ModelLimits) -> Result<Self> {
        Self::read_from(Origin::File(path), limits)
    }

    /// As [`read`](Self::read), of a file or of what is held. What is held can have no weights in other files.
    pub(super) fn read_from(origin: Origin<'_>, limits: &ModelLimits) -> Result<Self> {
        Self::read_unnamed(origin, limits).map_err(|error| error.within(origin))
    }

    /// The inputs and their sides, where `sides` gives numbers to those with a name alone.
    pub(crate) fn input_shapes(&self, sides: &[(String, usize)]) -> Vec<(String, Vec<Option<usize>>)> {
        let size = |side: &Side| match side {
            Side::Fixed(size) => Some(*size),
            Side::Named(name) => sides.iter().find(|(known, _)| known == name).map(|(_, size)| *size),
            Side::Any => None,
        };
        let shape = |name: &String| {
            let declared = self.declared.get(name).map_or(&[][..], |declared| &declared.shape);
            (name.clone(), declared.iter().map(size).collect())
        };
        self.inputs.iter().map(shape).collect()
    }

    fn read_unnamed(origin: Origin<'_>, limits: &ModelLimits) -> Result<Self> {
        let (path, (input, bytes)): (&Path, (Box<dyn Bytes>, u64)) = match origin {
            Origin::File(path) => (path, open(path).map(|(file, bytes)| (Box::new(file) as _, bytes))?),
            Origin::Held { bytes, .. } => (Path::new(""), (Box::new(Cursor::new(bytes)), bytes.len() as u64)),
        };
        if bytes > limits.file_bytes {
            let most = limits.file_bytes;
            return Err(refused(format!("the file has {bytes} bytes, at most {most} are taken")));
        }
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let model = Self { file_bytes: bytes, ..Self::default() };
        let mut walk = Walk { model, limits, folder, external: BTreeMap::new(), seen_graph: false };
        walk.model(&mut Wire::new(input, bytes), bytes).map_err(|error| hint(path, error))?;
        walk.finish()
    }
}

/// Opens what is a file: a pipe would make us wait.
fn open(path: &Path) -> Result<(File, u64)> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::io("is not there"),
        _ => Error::io(format!("cannot be looked at: {error}")),
    })?;
    if !metadata.is_file() {
        return Err(Error::io("is not a file"));
    }
    let file = File::open(path).map_err(|error| Error::io(format!("cannot be opened: {error}")))?;
    Ok((file, metadata.len()))
}

/// Says what the file is instead, where that is plain to see.
fn hint(path: &Path, error: Error) -> Error {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    if read.is_ok() && head.starts_with(b"version https://git-lfs") {
        return refused("is the stand-in that Git LFS leaves: fetch the file itself".into());
    }
    error.within("is no whole ONNX model")
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Model, message)
}

struct Walk<'a> {
    model: ModelFile,
    limits: &'a ModelLimits,
    folder: &'a Path,
    /// Files of weights and how long they are.
    external: BTreeMap<PathBuf, u64>,
    seen_graph: bool,
}

/// What a tensor says of itself, in whichever order.
#[derive(Default)]
struct Weight {
    name: String,
    dimensions: Vec<u64>,
    element: u32,
    is_external: bool,
    location: Option<String>,
    offset: u64,
    length: Option<u64>,
    /// Bytes of `raw_data`, and of any other field of numbers.
    raw_bytes: Option<u64>,
    listed_bytes: u64,
    listed: u64,
}

impl Walk<'_> {
    fn model(&mut self, wire: &mut Wire, bytes: u64) -> Result<()> {
        wire.message(bytes, |wire, number, field| match (number, field) {
            (2, Field::Bytes(length)) => {
                self.model.producer = wire.text(length, MAX_NAME_BYTES)?;
                Ok(())
            }
            (7, Field::Bytes(length)) => {
                self.seen_graph = true;
                self.graph(wire, length, true)
            }
            (8, Field::Bytes(length)) => self.opset(wire, length),
            (14, Field::Bytes(length)) => self.note(wire, length),
            // Functions of the model's own: their nodes may hold weights.
            (25, Field::Bytes(length)) => wire.message(length, |wire, number, field| match (number, field) {
                (7, Field::Bytes(length)) => self.node(wire, length, false),
                _ => Ok(()),
            }),
            _ => Ok(()),
        })
    }

    fn opset(&mut self, wire: &mut Wire, length: u64) -> Result<()> {
        let (mut domain, mut version) = (String::new(), 0);
        wire.message(length, |wire, number, field| {
            match (number, field) {
                (1, Field::Bytes(length)) => domain = wire.text(length, MAX_NAME_BYTES)?,
                (2, Field::Number(given)) => version = given,
                _ => {}
            }
            Ok(())
        })?;
        self.model.opsets.insert(domain, version);
        Ok(())
    }

    /// An entry of the notes; one that is too long to be held is passed over.
    fn note(&mut self, wire: &mut Wire, length: u64) -> Result<()> {
        let (mut key, mut value) = (String::new(), String::new());
        wire.message(length, |wire, number, field| {
            match (number, field) {
                (1, Field::Bytes(length)) if length <= MAX_NAME_BYTES => key = wire.text(length, MAX_NAME_BYTES)?,
                (2, Field::Bytes(length)) if length <= MAX_NOTE_BYTES => value = wire.text(length, MAX_NOTE_BYTES)?,
                _ => {}
            }
            Ok(())
        })?;
        if self.model.metadata.len() < MAX_NOTES {
            self.model.metadata.insert(key, value);
        }
        Ok(())
    }

    fn graph(&mut self, wire: &mut Wire, length: u64, is_outermost: bool) -> Result<()> {
        wire.message(length, |wire, number, field| {
            let Field::Bytes(length) = field else { return Ok(()) };
            match number {
                1 => self.node(wire, length, is_outermost)?,
                2 if is_outermost => self.model.graph = wire.text(length, MAX_NAME_BYTES)?,
                5 => self.tensor(wire, length, is_outermost)?,
                15 => wire.message(length, |wire, number, field| match (number, field) {
                    // The values and the indices of a sparse tensor.
                    (1 | 2, Field::Bytes(length)) => self.tensor(wire, length, false),
                    _ => Ok(()),
                })?,
                11..=13 if is_outermost => {
                    let (name, declared) = value(wire, length)?;
                    match number {
                        11 => self.model.inputs.push(name.clone()),
                        12 => self.model.outputs.push(name.clone()),
                        _ => {}
                    }
                    self.model.declared.insert(name, declared);
                }
                _ => {}
            }
            Ok(())
        })
    }

    fn node(&mut self, wire: &mut Wire, length: u64, is_outermost: bool) -> Result<()> {
        self.model.nodes += 1;
        if self.model.nodes > self.limits.nodes {
            return Err(wire.broken(&format!("there are more than {} nodes", self.limits.nodes)));
        }
        let mut step = Step::default();
        wire.message(length, |wire, number, field| {
            let Field::Bytes(length) = field else { return Ok(()) };
            match number {
                1 | 2 if is_outermost => {
                    let ends = if number == 1 { &mut step.inputs } else { &mut step.outputs };
                    if ends.len() == MAX_ENDS {
                        return Err(wire.broken("a node has too many ends"));
                    }
                    ends.push(wire.text(length, MAX_NAME_BYTES)?);
                    Ok(())
                }
                4 => {
                    let operator = wire.text(length, MAX_NAME_BYTES)?;
                    *self.model.operators.entry(operator).or_default() += 1;
                    Ok(())
                }
                5 => self.attribute(wire, length),
                _ => Ok(()),
            }
        })?;
        if is_outermost {
            self.model.steps.push(step);
        }
        Ok(())
    }

    /// An attribute may hold a tensor or a graph, or several.
    fn attribute(&mut self, wire: &mut Wire, length: u64) -> Result<()> {
        wire.message(length, |wire, number, field| match (number, field) {
            (5 | 10, Field::Bytes(length)) => self.tensor(wire, length, false),
            (6 | 11, Field::Bytes(length)) => self.graph(wire, length, false),
            _ => Ok(()),
        })
    }

    fn tensor(&mut self, wire: &mut Wire, length: u64, is_outermost: bool) -> Result<()> {
        let mut weight = Weight::default();
        wire.message(length, |wire, number, field| {
            match (number, field) {
                (1, field) => wire.numbers(field, MAX_DIMENSIONS, &mut weight.dimensions)?,
                (2, Field::Number(element)) => weight.element = u32::try_from(element).unwrap_or(u32::MAX),
                // Packed, or one at a time.
                (4..=7 | 10 | 11, Field::Bytes(bytes)) => {
                    weight.listed_bytes += bytes;
                    weight.listed += 1;
                }
                (4 | 5 | 7 | 10 | 11, _) => {
                    weight.listed_bytes += if number == 10 {
                        8
                    } else if number == 4 {
                        4
                    } else {
                        1
                    };
                    weight.listed += 1;
                }
                (8, Field::Bytes(length)) => weight.name = wire.text(length, MAX_NAME_BYTES)?,
                (9, Field::Bytes(bytes)) => weight.raw_bytes = Some(bytes),
                (13, Field::Bytes(length)) => entry(wire, length, &mut weight)?,
                (14, Field::Number(location)) => weight.is_external = location == 1,
                _ => {}
            }
            Ok(())
        })?;
        self.check_weight(&weight).map_err(|error| error.within(format_args!("weight {:?}", weight.name)))?;
        if is_outermost {
            self.model.initializers.push(weight.name);
        }
        Ok(())
    }

    fn check_weight(&mut self, weight: &Weight) -> Result<()> {
        self.model.tensors += 1;
        if self.model.tensors > self.limits.tensors {
            return Err(refused(format!("there are more than {} weights", self.limits.tensors)));
        }
        let Some(bits) = element_bits(weight.element) else {
            // Texts have no size of their own; what they hold is in the file.
            return if weight.element == TEXT && !weight.is_external {
                self.model.weight_bytes += weight.listed_bytes;
                Ok(())
            } else {
                Err(refused(format!("its numbers are of no known type ({})", weight.element)))
            };
        };
        let count = weight.dimensions.iter().try_fold(1u64, |count, side| count.checked_mul(*side));
        let claimed = count.and_then(|count| count.checked_mul(bits)).map(|bits| bits.div_ceil(8));
        let (Some(count), Some(claimed)) = (count, claimed) else {
            return Err(refused(format!("shape {:?} is beyond all bounds", weight.dimensions)));
        };
        if weight.is_external {
            self.check_external(weight, claimed)?;
            self.model.external_bytes = self.model.external_bytes.saturating_add(claimed);
        } else if let Some(held) = weight.raw_bytes {
            if held != claimed {
                return Err(refused(format!("claims {claimed} bytes, holds {held}")));
            }
        } else {
            // A number of the fields for whole numbers takes a byte at least; those of f32 and f64 take what they take.
            let holds_enough = match weight.element {
                1 | 11 | 14 | 15 => weight.listed_bytes == claimed,
                _ => weight.listed_bytes >= count.saturating_mul(bits.min(8)).div_ceil(8),
            };
            if !holds_enough {
                let held = weight.listed_bytes;
                return Err(refused(format!("claims {count} numbers in {claimed} bytes, holds {held} bytes")));
            }
        }
        self.model.weight_bytes = self.model.weight_bytes.saturating_add(claimed);
        Ok(())
    }

    fn check_external(&mut self, weight: &Weight, claimed: u64) -> Result<()> {
        let location = weight.location.as_deref().unwrap_or("");
        let file_bytes = self.external_file(location)?;
        let length = weight.length.unwrap_or(claimed);
        if length != claimed {
            return Err(refused(format!("claims {claimed} bytes, but {length} of {location:?}")));
        }
        if weight.offset.checked_add(length).is_none_or(|end| end > file_bytes) {
            let offset = weight.offset;
            return Err(refused(format!("names {length} bytes at {offset} of {location:?}, which has {file_bytes}")));
        }
        Ok(())
    }

    /// How long a file of weights is, if it may be one.
    fn external_file(&mut self, location: &str) -> Result<u64> {
        let relative = Path::new(location);
        if let Some(bytes) = self.external.get(relative) {
            return Ok(*bytes);
        }
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if location.is_empty() || location.contains('\\') || !relative.components().all(is_plain) {
            return Err(refused(format!("names the file {location:?}: weights must lie in the model's folder")));
        }
        let real = |path: &Path| {
            let real = std::fs::canonicalize(path);
            real.map_err(|error| refused(format!("names the file {location:?}, which cannot be found: {error}")))
        };
        let (folder, file) = (real(self.folder)?, real(&self.folder.join(relative))?);
        if !file.starts_with(&folder) {
            return Err(refused(format!(
                "names the file {location:?}, a link to {}: weights must lie in the model's folder",
                file.display()
            )));
        }
        let (_, bytes) = open(&file).map_err(|error| refused(error.within(location).to_string()))?;
        self.external.insert(relative.to_path_buf(), bytes);
        Ok(bytes)
    }

    fn finish(mut self) -> Result<ModelFile> {
        if !self.seen_graph {
            return Err(refused("is no whole ONNX model: it has no graph".into()));
        }
        if self.model.opsets.is_empty() {
            return Err(refused("is no whole ONNX model: it does not say which operators it speaks of".into()));
        }
        if self.model.outputs.is_empty() {
            return Err(refused("the graph gives nothing".into()));
        }
        if self.model.external_bytes > self.limits.external_bytes {
            let (has, most) = (self.model.external_bytes, self.limits.external_bytes);
            return Err(refused(format!("the weights in other files have {has} bytes, at most {most} are taken")));
        }
        self.model.external_files = self.external.into_keys().collect();
        // Weights may stand among the inputs as well, in models of old.
        let weights: std::collections::BTreeSet<&String> = self.model.initializers.iter().collect();
        self.model.inputs.retain(|name| !weights.contains(name));
        Ok(self.model)
    }
}

/// A key and a value of where a weight lies.
fn entry(wire: &mut Wire, length: u64, weight: &mut Weight) -> Result<()> {
    let (mut key, mut value) = (String::new(), String::new());
    wire.message(length, |wire, number, field| {
        match (number, field) {
            (1, Field::Bytes(length)) => key = wire.text(length, MAX_NAME_BYTES)?,
            (2, Field::Bytes(length)) => value = wire.text(length, MAX_NAME_BYTES)?,
            _ => {}
        }
        Ok(())
    })?;
    let number = || value.parse::<u64>().map_err(|_| wire.broken(&format!("{key} {value:?} is no whole number")));
    match key.as_str() {
        "location" => weight.location = Some(value),
        "offset" => weight.offset = number()?,
        "length" => weight.length = Some(number()?),
        _ => {}
    }
    Ok(())
}

/// The name and the type of an input, an output or a value in between.
fn value(wire: &mut Wire, length: u64) -> Result<(String, Declared)> {
    let mut name = String::new();
    let mut declared = Declared { element: 0, shape: Vec::new() };
    wire.message(length, |wire, number, field| match (number, field) {
        (1, Field::Bytes(length)) => {
            name = wire.text(length, MAX_NAME_BYTES)?;
            Ok(())
        }
        (2, Field::Bytes(length)) => wire.message(length, |wire, number, field| match (number, field) {
            (1, Field::Bytes(length)) => tensor_type(wire, length, &mut declared),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    Ok((name, declared))
}

fn tensor_type(wire: &mut Wire, length: u64, declared: &mut Declared) -> Result<()> {
    wire.message(length, |wire, number, field| {
        match (number, field) {
            (1, Field::Number(element)) => declared.element = u32::try_from(element).unwrap_or(0),
            (2, Field::Bytes(length)) => wire.message(length, |wire, number, field| match (number, field) {
                (1, Field::Bytes(_)) if declared.shape.len() == MAX_DIMENSIONS => {
                    Err(wire.broken(&format!("a tensor has more than {MAX_DIMENSIONS} sides")))
                }
                (1, Field::Bytes(length)) => {
                    declared.shape.push(side(wire, length)?);
                    Ok(())
                }
                _ => Ok(()),
            })?,
            _ => {}
        }
        Ok(())
    })
}

fn side(wire: &mut Wire, length: u64) -> Result<Side> {
    let mut side = Side::Any;
    wire.message(length, |wire, number, field| {
        match (number, field) {
            // A negative number is a side that is not known.
            (1, Field::Number(count)) => {
                side = i64::try_from(count).map_or(Side::Any, |count| Side::Fixed(count as usize))
            }
            (2, Field::Bytes(length)) => {
                let name = wire.text(length, MAX_NAME_BYTES)?;
                side = if name.is_empty() { Side::Any } else { Side::Named(name) };
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(side)
}

const TEXT: u32 = 8;

/// Bits of one number, by `TensorProto.DataType`.
pub(super) fn element_bits(element: u32) -> Option<u64> {
    Some(match element {
        2 | 3 | 9 | 17..=20 | 24 => 8,
        4 | 5 | 10 | 16 => 16,
        1 | 6 | 12 => 32,
        7 | 11 | 13 | 14 => 64,
        15 => 128,
        21..=23 => 4,
        25 | 26 => 2,
        _ => return None,
    })
}
