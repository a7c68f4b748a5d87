//! The saved scene: `scene.json`, what is believed at one moment, written and read.
//!
//! One JSON object, `format` "gnomon.scene", `version` 1; `schema/scene.schema.json` describes every key. Metres,
//! radians, nanoseconds; world Z up; poses are row-major 4×4 `world_from_camera`. One thing per line, so that two
//! scenes can be compared by eye. The same snapshot gives the same bytes, and a scene that was read is written as it
//! stood in the file.
//!
//! For the last of these, numbers keep every digit and rotations of matrices lie on a grid (see [`rows_of`]). `yaw` is
//! written for whoever reads the file and follows from `rotation`; it is not read. An uncertainty without bound is
//! written as [`UNBOUNDED_SIGMA`]. Not saved: the ground, the events, features. Path lengths are found anew from the
//! keyframes. Unknown keys are passed over, so that a version may grow by keys; who knows more of a scene than the snapshot
//! does writes it under a key of its own ([`write_scene_and`]).
//!
//! A text that goes into a file is *sealed* ([`sealed`]): its first line says `"sealed":"sha256"`, its last is the key
//! `checksum` with the SHA-256 of every byte before that line (`head -n -1 scene.json | sha256sum`). Either of the two keys
//! makes the reader ask for both, so that no one alteration unseals a scene. Who edits a file by hand takes both away.

use super::provenance::check_origin;
use super::slots::MAX_SLOTS;
use super::{
    EDIT_RING, Edit, EditRecord, Keyframe, LabelShare, Object, ObjectId, ObjectState, Provenance, Snapshot, Support,
    SupportId, SupportKind,
};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{MAX_COORDINATE_M, Pose, Up, pose_from_matrix};
use crate::geom::OrientedBox;
use crate::lift::MAX_LABEL_BYTES;
use nalgebra::{Point3, Quaternion, UnitQuaternion, Vector3};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io;
use std::sync::Arc;

/// What the key `format` says.
pub const SCENE_FORMAT: &str = "gnomon.scene";

/// The version this library writes, and the newest it reads.
pub const SCENE_VERSION: u64 = 1;

/// The longest text that is read as a scene, bytes.
pub const MAX_SCENE_BYTES: usize = 256 << 20;

/// The most supports in a file.
pub const MAX_SUPPORTS: usize = 65_536;

/// The most corners of one support's outline.
pub const MAX_POLYGON_POINTS: usize = 65_536;

/// The most keyframes in a file.
pub const MAX_KEYFRAMES: usize = 1_000_000;

/// The most labels of one object.
pub const MAX_LABELS: usize = 4096;

/// The longest path walked before the first keyframe of a file, metres.
const MAX_PATH_M: f64 = 1e12;

/// Stands for a standard deviation (or covariance) that is not finite, which JSON cannot say.
pub const UNBOUNDED_SIGMA: f64 = 1e9;

/// How far a rotation or a normal in a file may be from unit length.
const MAX_LENGTH_ERROR: f64 = 1e-3;

/// What is nearer to unit length than this is kept to the last bit: so far off a valid box may be.
const KEPT_LENGTH_ERROR: f64 = 1e-6;

/// Steps of a rotation's grid in one unit: 1e-9 rad apart, far above what rounding moves on the way through a matrix.
const ROTATION_STEPS: f64 = (1u64 << 30) as f64;

/// How every text of this module begins.
const HEAD: &str = "{\"format\":\"gnomon.scene\",\"version\":1";

/// What the key `sealed` says.
const SEALED_BY: &str = "sha256";

/// What the key `scale` says where lengths are metres, as where it is missing, and where they are metres times an unknown factor.
const METRES_WORD: &str = "metres";
const UNKNOWN_WORD: &str = "unknown";

/// Writes the snapshot as `scene.json`.
pub fn write_scene_json(snapshot: &Snapshot, mut out: impl io::Write) -> Result<()> {
    write_scene(snapshot, &mut out).map_err(|error| Error::io(format!("scene cannot be written: {error}")))
}

/// Writes the snapshot as `scene.json` with one key more: `key` is a word, `write_value` writes its value as JSON.
pub(crate) fn write_scene_and<W: io::Write>(
    snapshot: &Snapshot,
    key: &str,
    out: &mut W,
    write_value: impl FnOnce(&mut W) -> io::Result<()>,
) -> Result<()> {
    let write = || {
        write_keys(snapshot, out)?;
        write!(out, ",\n\"{key}\":")?;
        write_value(out)?;
        out.write_all(b"}\n")
    };
    write().map_err(|error| Error::io(format!("scene cannot be written: {error}")))
}

/// The snapshot as the text of `scene.json`.
pub fn scene_to_json(snapshot: &Snapshot) -> String {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and serde_json writes nothing but UTF-8.
    let written = write_scene(snapshot, &mut bytes);
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a scene. Refuses, in a sentence, what no scene can hold: see the limits of this module.
pub fn scene_from_json(text: &str) -> Result<Snapshot> {
    if text.len() > MAX_SCENE_BYTES {
        return Err(Error::io(format!("scene has {} bytes, expected at most {MAX_SCENE_BYTES}", text.len())));
    }
    check_header(text)?;
    let file: SceneRecord<'_> = serde_json::from_str(text).map_err(not_json)?;
    check_counts(&file)?;
    let keyframes = keyframes_of(&file)?;
    let provenance = file.provenance.map(ProvenanceRecord::read).transpose()?;
    let edits = edits_of(file.edits)?;
    let mut objects = file.objects.into_iter().map(ObjectRecord::read).collect::<Result<Vec<_>>>()?;
    let mut supports = file.supports.into_iter().map(SupportRecord::read).collect::<Result<Vec<_>>>()?;
    supports.sort_by_key(|support| support.id);
    if let Some(pair) = supports.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(Error::io(format!("support id {} comes twice", pair[0].id.0)));
    }
    let walked = Walked::along(&keyframes);
    for object in &mut objects {
        object.last_seen_path_m = walked.until(object.last_seen_ns);
    }
    let snapshot = Snapshot::of(objects, supports, file.stamp_ns.unwrap_or(i64::MIN)).map_err(as_io)?;
    let mut data = Arc::unwrap_or_clone(snapshot.0);
    data.is_metric = match file.scale.as_deref() {
        None | Some(METRES_WORD) => true,
        Some(UNKNOWN_WORD) => false,
        Some(other) => {
            let words = format!("expected \"{METRES_WORD}\" or \"{UNKNOWN_WORD}\"");
            return Err(Error::io(format!("scale is \"{other}\", {words}")));
        }
    };
    data.frames = file.frames;
    data.up = Up::parse(&file.up).map_err(as_io)?;
    data.world_from_input =
        pose_from_matrix(&file.world_from_input).map_err(|e| as_io(e.within("world_from_input")))?;
    data.world_from_camera = keyframes.last().map_or(Pose::identity(), |keyframe| keyframe.world_from_camera);
    data.path_m = keyframes.last().map_or(0.0, |keyframe| keyframe.path_m);
    (data.provenance, data.edits) = (provenance.map(Arc::new), edits);
    data.keyframes = keyframes.into_iter().map(|keyframe| (keyframe.id, keyframe)).collect();
    Ok(Snapshot(Arc::new(data)))
}

fn write_scene(snapshot: &Snapshot, out: &mut impl io::Write) -> io::Result<()> {
    write_keys(snapshot, out)?;
    out.write_all(b"}\n")
}

/// An edit as a line of a saved scene.
pub(crate) fn edit_line(record: &EditRecord) -> impl Serialize {
    EditLine::of(record)
}

/// Reads what [`edit_line`] wrote.
pub(crate) fn edit_record(json: &[u8]) -> Result<EditRecord> {
    let line: EditLine<'_> =
        serde_json::from_slice(json).map_err(|error| Error::io(format!("edit cannot be read: {error}")))?;
    line.read()
}

/// All but the bracket at the end.
fn write_keys(snapshot: &Snapshot, out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    write_value(out, "world_from_input", &rows_of(&snapshot.world_from_input()))?;
    write_value(out, "up", &snapshot.up().word())?;
    if !snapshot.is_metric() {
        write_value(out, "scale", &UNKNOWN_WORD)?;
    }
    write_value(out, "stamp_ns", &Some(snapshot.stamp_ns()).filter(|&stamp| stamp != i64::MIN))?;
    write_value(out, "frames", &snapshot.frames())?;
    if let Some(provenance) = snapshot.provenance() {
        write_value(out, "provenance", &ProvenanceRecord::of(provenance))?;
    }
    if !snapshot.edits().is_empty() {
        write_list(out, "edits", snapshot.edits().iter().map(EditLine::of))?;
    }
    write_list(out, "objects", snapshot.objects().map(|object| ObjectRecord::of(object)))?;
    write_list(out, "supports", snapshot.supports().iter().map(|support| SupportRecord::of(support)))?;
    if let Some(first) = snapshot.keyframes().next().filter(|first| first.id > 0) {
        write_value(out, "keyframes_before", &Before { count: first.id, path_m: first.path_m })?;
    }
    write_list(out, "keyframes", snapshot.keyframes().map(KeyframeRecord::of))
}

fn write_value(out: &mut impl io::Write, key: &str, value: &impl Serialize) -> io::Result<()> {
    write!(out, ",\n\"{key}\":")?;
    Ok(serde_json::to_writer(out, value)?)
}

fn write_list(out: &mut impl io::Write, key: &str, records: impl Iterator<Item: Serialize>) -> io::Result<()> {
    write!(out, ",\n\"{key}\":")?;
    write_lines(out, records)
}

/// A JSON list, one record a line.
pub(crate) fn write_lines(out: &mut impl io::Write, records: impl Iterator<Item: Serialize>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, record) in records.enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &record)?;
    }
    out.write_all(b"]")
}

/// The text of a scene, as this module writes it, with its seal.
pub(crate) fn sealed(text: String) -> String {
    let (Some(body), true) = (text.strip_suffix("}\n"), text.starts_with(HEAD)) else { return text };
    let mut out = String::with_capacity(text.len() + 128);
    out += HEAD;
    out += ",\"sealed\":\"";
    out += SEALED_BY;
    out += "\"";
    out += &body[HEAD.len()..];
    out += ",\n";
    let last_line = seal_of(out.as_bytes());
    out + &last_line
}

/// The last line of a sealed text whose other lines are these.
fn seal_of(before: &[u8]) -> String {
    let digest = Sha256::digest(before);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"checksum\":\"{hex}\"}}\n")
}

/// Refuses a sealed text that is not what was sealed.
fn check_seal(text: &str, header: &Header) -> Result<()> {
    if header.sealed.is_none() && header.checksum.is_none() {
        return Ok(());
    }
    let begin = text.trim_end_matches('\n').rfind('\n').map_or(0, |newline| newline + 1);
    let (before, last_line) = text.split_at(begin);
    let is_whole = header.sealed.as_deref() == Some(SEALED_BY) && last_line == seal_of(before.as_bytes());
    if is_whole { Ok(()) } else { Err(Error::io("scene was altered after it was saved: its checksum does not fit")) }
}

/// A pose as a row-major 4×4 matrix that comes out the same after being read back.
///
/// A rotation read from a matrix differs from the one written by a few last bits. So the quaternion is scaled until
/// its largest part is 1, the other three are put on a grid of 2⁻³⁰, and the matrix is made of these four: reading
/// cannot move a part off its step, and the second matrix is made of the same four numbers.
fn rows_of(pose: &Pose) -> [f64; 16] {
    let q = pose.rotation.quaternion();
    let parts = [q.w, q.i, q.j, q.k];
    let largest = parts.into_iter().fold(0.0f64, |most, part| if part.abs() > most.abs() { part } else { most });
    let [w, x, y, z] = parts.map(|part| (part / largest * ROTATION_STEPS).round() / ROTATION_STEPS);
    let n = w * w + x * x + y * y + z * z;
    let t = pose.translation.vector;
    // Adding 0 turns −0 into 0, which reads better.
    [
        (w * w + x * x - y * y - z * z) / n,
        2.0 * (x * y - w * z) / n,
        2.0 * (x * z + w * y) / n,
        t.x,
        2.0 * (x * y + w * z) / n,
        (w * w - x * x + y * y - z * z) / n,
        2.0 * (y * z - w * x) / n,
        t.y,
        2.0 * (x * z - w * y) / n,
        2.0 * (y * z + w * x) / n,
        (w * w - x * x - y * y + z * z) / n,
        t.z,
        0.0,
        0.0,
        0.0,
        1.0,
    ]
    .map(|v| v + 0.0)
}

#[derive(Deserialize)]
struct Header {
    format: Option<String>,
    version: Option<u64>,
    sealed: Option<String>,
    checksum: Option<String>,
}

#[derive(Deserialize)]
struct SceneRecord<'a> {
    world_from_input: [f64; 16],
    up: String,
    #[serde(default)]
    scale: Option<Cow<'a, str>>,
    #[serde(default)]
    stamp_ns: Option<i64>,
    #[serde(default)]
    frames: u64,
    #[serde(default)]
    provenance: Option<ProvenanceRecord<'a>>,
    #[serde(default)]
    edits: Vec<EditLine<'a>>,
    objects: Vec<ObjectRecord<'a>>,
    supports: Vec<SupportRecord>,
    #[serde(default)]
    keyframes_before: Option<Before>,
    keyframes: Vec<KeyframeRecord>,
}

/// What fell out of the ring before the first keyframe: how many, and the path walked until it.
#[derive(Serialize, Deserialize)]
struct Before {
    count: u32,
    path_m: f64,
}

#[derive(Serialize, Deserialize)]
struct ObjectRecord<'a> {
    id: u64,
    label: Cow<'a, str>,
    name: Cow<'a, str>,
    labels: Shares,
    center: [f64; 3],
    size: [f64; 3],
    rotation: [f64; 4],
    #[serde(skip_deserializing)]
    yaw: f64,
    cov: [f64; 6],
    size_sigma: [f64; 3],
    yaw_sigma: f64,
    existence: f64,
    truncated: bool,
    state: State,
    first_seen_ns: i64,
    last_seen_ns: i64,
    observations: u32,
}

/// Label shares as a JSON object, most probable first.
struct Shares(Vec<LabelShare>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Confirmed,
    Doubted,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Floor,
    Wall,
    Table,
}

#[derive(Serialize, Deserialize)]
struct ProvenanceRecord<'a> {
    gnomon: Cow<'a, str>,
    inputs: Vec<Cow<'a, str>>,
    first_stamp_ns: Option<i64>,
}

/// One edit. `into` stands where two were made one, the box where one was pinned.
#[derive(Serialize, Deserialize)]
struct EditLine<'a> {
    sequence: u64,
    stamp_ns: i64,
    who: Cow<'a, str>,
    edit: EditWord,
    thing: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    word: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    into: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    center: Option<[f64; 3]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<[f64; 3]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<[f64; 4]>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EditWord {
    Rename,
    Relabel,
    Delete,
    Merge,
    Pin,
    Unpin,
}

#[derive(Serialize, Deserialize)]
struct SupportRecord {
    id: u32,
    kind: Kind,
    normal: [f64; 3],
    offset_m: f64,
    polygon: Vec<[f64; 3]>,
    sigma_m: f64,
    area_m2: f64,
}

#[derive(Serialize, Deserialize)]
struct KeyframeRecord {
    stamp_ns: i64,
    camera: u32,
    pose: [f64; 16],
}

fn not_json(error: serde_json::Error) -> Error {
    Error::io(format!("scene cannot be read: {error}"))
}

/// What is wrong in a file is the file's fault, not an argument's.
fn as_io(error: Error) -> Error {
    Error::io(error.to_string())
}

fn check_header(text: &str) -> Result<()> {
    let header: Header = serde_json::from_str(text).map_err(not_json)?;
    match header.format.as_deref() {
        Some(SCENE_FORMAT) => {}
        Some(other) => return Err(Error::io(format!("format is \"{other}\", expected \"{SCENE_FORMAT}\""))),
        None => return Err(Error::io(format!("scene has no format, expected \"{SCENE_FORMAT}\""))),
    }
    match header.version {
        Some(SCENE_VERSION) => check_seal(text, &header),
        Some(other) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("scene has version {other}, expected {SCENE_VERSION}: it needs another gnomon"),
        )),
        None => Err(Error::io(format!("scene has no version, expected {SCENE_VERSION}"))),
    }
}

fn check_counts(file: &SceneRecord<'_>) -> Result<()> {
    let counts = [
        ("objects", file.objects.len(), MAX_SLOTS),
        ("supports", file.supports.len(), MAX_SUPPORTS),
        ("keyframes", file.keyframes.len(), MAX_KEYFRAMES),
    ];
    match counts.into_iter().find(|(_, count, most)| count > most) {
        Some((what, count, most)) => Err(Error::io(format!("scene has {count} {what}, expected at most {most}"))),
        None => Ok(()),
    }
}

/// Finite and no farther from the origin than any world reaches.
fn check_places(what: &str, places: &[f64]) -> Result<()> {
    match places.iter().find(|place| !(-MAX_COORDINATE_M..=MAX_COORDINATE_M).contains(*place)) {
        Some(place) => Err(Error::io(format!("{what} is {place} m, expected within {MAX_COORDINATE_M:e} m"))),
        None => Ok(()),
    }
}

fn check_range(what: &str, value: f64, least: f64, most: f64) -> Result<()> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(Error::io(format!("{what} is {value}, expected {least} to {most:e}")))
    }
}

fn check_label(what: &str, label: &str) -> Result<()> {
    if label.is_empty() || label.len() > MAX_LABEL_BYTES {
        return Err(Error::io(format!("{what} has {} bytes, expected 1 to {MAX_LABEL_BYTES}", label.len())));
    }
    Ok(())
}

fn bounded(sigma: f64) -> f64 {
    if sigma.is_finite() { sigma.clamp(-UNBOUNDED_SIGMA, UNBOUNDED_SIGMA) } else { UNBOUNDED_SIGMA }
}

impl<'a> ObjectRecord<'a> {
    fn of(object: &'a Object) -> Self {
        let (c, s) = (object.obb.centre, object.obb.size);
        // Without −0, or a half turn would be π now and −π after being read.
        let q = object.obb.world_from_box.quaternion().coords.map(|part| part + 0.0);
        let without_signs = OrientedBox { world_from_box: UnitQuaternion::new_unchecked(q.into()), ..object.obb };
        Self {
            id: object.id.0,
            label: Cow::Borrowed(&object.label),
            name: Cow::Borrowed(&object.name),
            labels: Shares(object.labels.to_vec()),
            center: [c.x, c.y, c.z],
            size: [s.x, s.y, s.z],
            rotation: q.into(),
            yaw: without_signs.yaw_rad(),
            cov: object.centre_cov_m2.map(bounded),
            size_sigma: object.size_sigma_m.map(bounded),
            yaw_sigma: bounded(object.yaw_sigma_rad),
            existence: object.existence.clamp(0.0, 1.0),
            truncated: object.truncated,
            state: match object.state {
                ObjectState::Confirmed => State::Confirmed,
                ObjectState::Doubted => State::Doubted,
            },
            first_seen_ns: object.first_seen_ns,
            last_seen_ns: object.last_seen_ns,
            observations: object.observations,
        }
    }

    fn read(self) -> Result<Object> {
        let id = self.id;
        self.read_unnamed().map_err(|error| as_io(error.within(format_args!("object {id}"))))
    }

    fn read_unnamed(self) -> Result<Object> {
        check_label("label", &self.label)?;
        check_label("name", &self.name)?;
        check_places("center", &self.center)?;
        for side in self.size {
            if !(side > 0.0 && side <= MAX_COORDINATE_M) {
                return Err(Error::io(format!("size {side} m, expected more than 0 and at most {MAX_COORDINATE_M:e}")));
            }
        }
        self.cov.iter().try_for_each(|&v| check_range("cov", v, -UNBOUNDED_SIGMA, UNBOUNDED_SIGMA))?;
        self.size_sigma.iter().try_for_each(|&v| check_range("size_sigma", v, 0.0, UNBOUNDED_SIGMA))?;
        check_range("yaw_sigma", self.yaw_sigma, 0.0, UNBOUNDED_SIGMA)?;
        check_range("existence", self.existence, 0.0, 1.0)?;
        Ok(Object {
            id: ObjectId(self.id),
            label: Arc::from(&*self.label),
            name: Arc::from(&*self.name),
            labels: self.labels.read()?,
            obb: OrientedBox {
                centre: Point3::from(self.center),
                size: Vector3::from(self.size),
                world_from_box: rotation_of(self.rotation)?,
            },
            centre_cov_m2: self.cov,
            size_sigma_m: self.size_sigma,
            yaw_sigma_rad: self.yaw_sigma,
            existence: self.existence,
            truncated: self.truncated,
            state: match self.state {
                State::Confirmed => ObjectState::Confirmed,
                State::Doubted => ObjectState::Doubted,
            },
            first_seen_ns: self.first_seen_ns,
            last_seen_ns: self.last_seen_ns,
            observations: self.observations,
            last_seen_path_m: 0.0,
            feature: None,
        })
    }
}

impl<'a> ProvenanceRecord<'a> {
    fn of(provenance: &'a Provenance) -> Self {
        Self {
            gnomon: Cow::Borrowed(&provenance.version),
            inputs: provenance.inputs.iter().map(|input| Cow::Borrowed(&**input)).collect(),
            first_stamp_ns: provenance.first_stamp_ns,
        }
    }

    fn read(self) -> Result<Provenance> {
        let provenance = Provenance {
            version: self.gnomon.into(),
            inputs: self.inputs.into_iter().map(Arc::from).collect(),
            first_stamp_ns: self.first_stamp_ns,
        };
        provenance.check().map_err(|error| as_io(error.within("provenance")))?;
        Ok(provenance)
    }
}

impl<'a> EditLine<'a> {
    pub(crate) fn of(record: &'a EditRecord) -> Self {
        let (edit, word, into, obb) = match &record.edit {
            Edit::Rename { name, .. } => (EditWord::Rename, Some(&**name), None, None),
            Edit::Relabel { label, .. } => (EditWord::Relabel, Some(&**label), None, None),
            Edit::Delete { .. } => (EditWord::Delete, None, None, None),
            Edit::Merge { into, .. } => (EditWord::Merge, None, Some(into.0), None),
            Edit::Pin { obb, .. } => (EditWord::Pin, None, None, Some(obb)),
            Edit::Unpin { .. } => (EditWord::Unpin, None, None, None),
        };
        Self {
            sequence: record.sequence,
            stamp_ns: record.stamp_ns,
            who: Cow::Borrowed(&record.who),
            edit,
            thing: record.edit.thing().0,
            word: word.map(Cow::Borrowed),
            into,
            center: obb.map(|obb| obb.centre.into()),
            size: obb.map(|obb| obb.size.into()),
            rotation: obb.map(|obb| obb.world_from_box.quaternion().coords.into()),
        }
    }

    fn read(self) -> Result<EditRecord> {
        let sequence = self.sequence;
        let refused = |error: Error| as_io(error.within(format_args!("edit {sequence}")));
        check_origin("who", &self.who).map_err(refused)?;
        let (stamp_ns, who) = (self.stamp_ns, Arc::from(&*self.who));
        let edit = self.edit().map_err(refused)?;
        edit.check().map_err(refused)?;
        Ok(EditRecord { sequence, stamp_ns, who, edit })
    }

    fn edit(&self) -> Result<Edit> {
        let thing = ObjectId(self.thing);
        let lacks = |what: &str| Error::io(format!("lacks {what}"));
        let word = || self.word.as_deref().map(Arc::from).ok_or_else(|| lacks("word"));
        Ok(match self.edit {
            EditWord::Rename => Edit::Rename { thing, name: word()? },
            EditWord::Relabel => Edit::Relabel { thing, label: word()? },
            EditWord::Delete => Edit::Delete { thing },
            EditWord::Merge => Edit::Merge { thing, into: ObjectId(self.into.ok_or_else(|| lacks("into"))?) },
            EditWord::Unpin => Edit::Unpin { thing },
            EditWord::Pin => {
                let (Some(center), Some(size), Some(rotation)) = (self.center, self.size, self.rotation) else {
                    return Err(lacks("center, size or rotation"));
                };
                let world_from_box = rotation_of(rotation)?;
                Edit::Pin {
                    thing,
                    obb: OrientedBox { centre: Point3::from(center), size: Vector3::from(size), world_from_box },
                }
            }
        })
    }
}

fn edits_of(lines: Vec<EditLine<'_>>) -> Result<Arc<[EditRecord]>> {
    if lines.len() > EDIT_RING {
        return Err(Error::io(format!("scene has {} edits, expected at most {EDIT_RING}", lines.len())));
    }
    let records = lines.into_iter().map(EditLine::read).collect::<Result<Vec<_>>>()?;
    match records.windows(2).find(|pair| pair[0].sequence >= pair[1].sequence) {
        Some(pair) => Err(Error::io(format!("edit {} follows edit {}", pair[1].sequence, pair[0].sequence))),
        None => Ok(records.into()),
    }
}

fn rotation_of([x, y, z, w]: [f64; 4]) -> Result<UnitQuaternion<f64>> {
    let quaternion = Quaternion::new(w, x, y, z);
    Ok(match length_error("rotation", quaternion.norm())? {
        error if error < KEPT_LENGTH_ERROR => UnitQuaternion::new_unchecked(quaternion),
        _ => UnitQuaternion::from_quaternion(quaternion),
    })
}

fn length_error(what: &str, length: f64) -> Result<f64> {
    let error = (length - 1.0).abs();
    if (0.0..=MAX_LENGTH_ERROR).contains(&error) {
        Ok(error)
    } else {
        Err(Error::io(format!("{what} has length {length}, expected 1")))
    }
}

impl Shares {
    fn read(self) -> Result<Box<[LabelShare]>> {
        let mut shares = self.0;
        for share in &shares {
            check_label("a key of labels", &share.label)?;
            check_range("a share of labels", f64::from(share.probability), 0.0, 1.0)?;
        }
        shares.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Ok(shares.into_boxed_slice())
    }
}

impl Serialize for Shares {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for share in &self.0 {
            map.serialize_entry(&*share.label, &share.probability)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Shares {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Shares;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of labels and their probabilities")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Shares, A::Error> {
                let mut shares = Vec::new();
                while let Some((label, probability)) = map.next_entry::<String, f32>()? {
                    if shares.len() == MAX_LABELS {
                        return Err(A::Error::custom(format!("more than {MAX_LABELS} labels")));
                    }
                    shares.push(LabelShare { label: label.into(), probability });
                }
                Ok(Shares(shares))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl SupportRecord {
    fn of(support: &Support) -> Self {
        Self {
            id: support.id.0,
            kind: match support.kind {
                SupportKind::Floor => Kind::Floor,
                SupportKind::Wall => Kind::Wall,
                SupportKind::Table => Kind::Table,
            },
            normal: support.normal.into(),
            offset_m: support.offset_m,
            polygon: support.polygon.iter().map(|corner| [corner.x, corner.y, corner.z]).collect(),
            sigma_m: bounded(support.sigma_m),
            area_m2: support.area_m2,
        }
    }

    fn read(self) -> Result<Support> {
        let id = self.id;
        self.read_unnamed().map_err(|error| as_io(error.within(format_args!("support {id}"))))
    }

    fn read_unnamed(self) -> Result<Support> {
        if self.polygon.len() > MAX_POLYGON_POINTS {
            return Err(Error::io(format!(
                "polygon has {} corners, expected at most {MAX_POLYGON_POINTS}",
                self.polygon.len()
            )));
        }
        self.polygon.iter().try_for_each(|corner| check_places("polygon", corner))?;
        check_places("offset_m", &[self.offset_m])?;
        check_range("sigma_m", self.sigma_m, 0.0, UNBOUNDED_SIGMA)?;
        check_range("area_m2", self.area_m2, 0.0, MAX_COORDINATE_M * MAX_COORDINATE_M)?;
        let mut normal = Vector3::from(self.normal);
        let length = normal.norm();
        if length_error("normal", length)? >= KEPT_LENGTH_ERROR {
            normal /= length;
        }
        Ok(Support {
            id: SupportId(self.id),
            kind: match self.kind {
                Kind::Floor => SupportKind::Floor,
                Kind::Wall => SupportKind::Wall,
                Kind::Table => SupportKind::Table,
            },
            normal,
            offset_m: self.offset_m,
            polygon: self.polygon.into_iter().map(Point3::from).collect(),
            sigma_m: self.sigma_m,
            area_m2: self.area_m2,
        })
    }
}

impl KeyframeRecord {
    fn of(keyframe: &Keyframe) -> Self {
        Self { stamp_ns: keyframe.stamp_ns, camera: keyframe.camera_id, pose: rows_of(&keyframe.world_from_camera) }
    }
}

fn keyframes_of(file: &SceneRecord<'_>) -> Result<Vec<Keyframe>> {
    let mut keyframes: Vec<Keyframe> = Vec::new();
    let before = file.keyframes_before.as_ref().map_or((0, 0.0), |before| (before.count, before.path_m));
    check_range("path_m of keyframes_before", before.1, 0.0, MAX_PATH_M)?;
    if before.0 > u32::MAX - MAX_KEYFRAMES as u32 {
        return Err(Error::io(format!("keyframes_before counts {}, more than there can be", before.0)));
    }
    for (id, record) in (before.0..).zip(&file.keyframes) {
        let world_from_camera =
            pose_from_matrix(&record.pose).map_err(|error| as_io(error.within(format_args!("keyframe {id}"))))?;
        let path_m = keyframes.last().map_or(before.1, |last| {
            let step = world_from_camera.translation.vector - last.world_from_camera.translation.vector;
            last.path_m + step.norm()
        });
        keyframes.push(Keyframe { id, stamp_ns: record.stamp_ns, camera_id: record.camera, world_from_camera, path_m });
    }
    Ok(keyframes)
}

/// How far the camera had walked at a stamp, as far as keyframes tell.
struct Walked(Vec<(i64, f64)>);

impl Walked {
    fn along(keyframes: &[Keyframe]) -> Self {
        let mut steps: Vec<_> = keyframes.iter().map(|keyframe| (keyframe.stamp_ns, keyframe.path_m)).collect();
        steps.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        Self(steps)
    }

    fn until(&self, stamp_ns: i64) -> f64 {
        let at = self.0.partition_point(|step| step.0 <= stamp_ns);
        at.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0.0, |step| step.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Translation3;
    use proptest::prelude::*;

    fn chair(id: u64) -> Object {
        Object {
            id: ObjectId(id),
            label: "chair".into(),
            name: format!("chair#{id}").into(),
            labels: Box::new([
                LabelShare { label: "chair".into(), probability: 0.9 },
                LabelShare { label: "a \"stool\"\n".into(), probability: 0.1 },
            ]),
            obb: OrientedBox {
                centre: Point3::new(1.0 / 3.0, -2.0, 0.45),
                size: Vector3::new(0.5, 0.45, 0.9),
                world_from_box: UnitQuaternion::from_euler_angles(0.01, -0.02, 1.1),
            },
            centre_cov_m2: [1e-4, 0.0, -1e-6, 2e-4, 0.0, f64::INFINITY],
            size_sigma_m: [0.01, 0.02, f64::NAN],
            yaw_sigma_rad: 0.05,
            existence: 0.97,
            truncated: true,
            state: ObjectState::Doubted,
            first_seen_ns: 1_305_031_102_175_304_000,
            last_seen_ns: 1_305_031_103_175_304_123,
            observations: 17,
            last_seen_path_m: 1.5,
            feature: None,
        }
    }

    fn floor() -> Support {
        Support {
            id: SupportId(3),
            kind: SupportKind::Floor,
            normal: Vector3::z(),
            offset_m: -0.01,
            polygon: vec![Point3::new(0.0, 0.0, -0.01), Point3::new(4.0, 0.0, -0.01), Point3::new(4.0, 3.3, -0.01)],
            sigma_m: 0.002,
            area_m2: 6.6,
        }
    }

    fn room(poses: &[Pose]) -> Snapshot {
        let snapshot = Snapshot::of(vec![chair(7), chair(2)], vec![floor()], 1_305_031_104_000_000_000).expect("valid");
        let mut data = Arc::unwrap_or_clone(snapshot.0);
        data.up = Up::Vector([0.1, -1.0, 0.25]);
        data.world_from_input = Pose::from_parts(Default::default(), data.up.rotation().expect("up").expect("known"));
        let kept = |(id, pose): (u32, &Pose)| {
            let stamp_ns = i64::from(id) * 100;
            (id, Keyframe { id, stamp_ns, camera_id: 1, world_from_camera: *pose, path_m: 0.0 })
        };
        data.keyframes = (0u32..).zip(poses).map(kept).collect();
        Snapshot(Arc::new(data))
    }

    fn edited(key: &str, value: serde_json::Value) -> Result<Snapshot> {
        let mut scene: serde_json::Value = serde_json::from_str(&scene_to_json(&room(&[]))).expect("JSON");
        *scene.pointer_mut(key).expect("the key is there") = value;
        scene_from_json(&scene.to_string())
    }

    #[test]
    fn a_scene_that_was_read_is_written_as_it_stood_in_the_file() {
        let poses = [Pose::identity(), Pose::translation(1.0, -0.5, 1.2), Pose::translation(1.0, 0.1, 1.2)];
        let first = scene_to_json(&room(&poses));
        let read = scene_from_json(&first).expect("just written");
        assert_eq!(scene_to_json(&read), first);
        let truth = room(&poses);
        let (mut expected, got) =
            (Object::clone(truth.objects().next().expect("two")), read.objects().next().expect("two"));
        (expected.size_sigma_m[2], expected.centre_cov_m2[5]) = (UNBOUNDED_SIGMA, UNBOUNDED_SIGMA);
        expected.last_seen_path_m = got.last_seen_path_m;
        assert_eq!(*expected.name, *got.name);
        assert_eq!(expected, **got);
        assert_eq!(truth.supports(), read.supports());
        assert_eq!((read.up(), read.stamp_ns(), read.len()), (truth.up(), truth.stamp_ns(), 2));
        assert!((read.path_m() - (1.0f64.hypot(0.5).hypot(1.2) + 0.6)).abs() < 1e-9);
    }

    #[test]
    fn a_half_turn_and_a_rotation_off_by_rounding_are_written_the_same_after_being_read() {
        for [x, y, z, w] in [[-0.0, -0.0, -1.0, -0.0], [0.0, -0.0, 1.0, 0.0], [0.0, 0.0, 0.6, 0.8 + 5e-7]] {
            let mut turned = chair(1);
            turned.obb.world_from_box = UnitQuaternion::new_unchecked(Quaternion::new(w, x, y, z));
            let text = scene_to_json(&Snapshot::of(vec![turned], Vec::new(), 0).expect("valid"));
            assert!(!text.contains("-0.0,"), "{text}");
            assert_eq!(scene_to_json(&scene_from_json(&text).expect("just written")), text);
        }
    }

    #[test]
    fn keyframes_that_fell_out_are_counted_in_the_file() {
        let text = scene_to_json(&room(&[Pose::identity(), Pose::translation(3.0, 0.0, 0.0)]));
        let later =
            text.replacen("\"keyframes\":", "\"keyframes_before\":{\"count\":70,\"path_m\":12.5},\n\"keyframes\":", 1);
        let read = scene_from_json(&later).expect("a scene");
        assert_eq!((read.keyframes_forgotten(), read.path_m()), (70, 15.5));
        assert_eq!(read.keyframes().map(|keyframe| keyframe.id).collect::<Vec<_>>(), [70, 71]);
        assert_eq!(scene_to_json(&read), later);
        for wrong in [later.replacen(":70", ":4294967295", 1), later.replacen("12.5", "-1", 1)] {
            assert!(scene_from_json(&wrong).expect_err("no count").to_string().contains("keyframes_before"));
        }
    }

    #[test]
    fn an_empty_scene_comes_back_empty() {
        let empty = Snapshot::of(Vec::new(), Vec::new(), i64::MIN).expect("empty");
        let text = scene_to_json(&empty);
        let read = scene_from_json(&text).expect("just written");
        assert!(read.is_empty() && read.stamp_ns() == i64::MIN && scene_to_json(&read) == text);
    }

    #[test]
    fn quarter_and_half_turns_are_written_without_crumbs() {
        for up in [Up::X, Up::Y, Up::Z, Up::NegX, Up::NegY, Up::NegZ] {
            let rotation = up.rotation().expect("valid").expect("not auto");
            let rows = rows_of(&Pose::from_parts(Default::default(), rotation));
            assert!(rows.iter().all(|v| [-1.0, 0.0, 1.0].contains(v)), "{up:?} {rows:?}");
            let read = pose_from_matrix(&rows).expect("a rotation");
            assert!(read.rotation.angle_to(&rotation) < 1e-9 && rows_of(&read) == rows, "{up:?}");
        }
    }

    proptest! {
        #[test]
        fn any_pose_is_written_the_same_after_being_read(
            axis in prop::array::uniform3(-1.0f64..1.0), turn in -3.2f64..3.2, at in prop::array::uniform3(-50.0f64..50.0)
        ) {
            let axis = nalgebra::Unit::try_new(Vector3::from(axis), 1e-3).unwrap_or(Vector3::z_axis());
            let pose = Pose::from_parts(Translation3::from(at), UnitQuaternion::from_axis_angle(&axis, turn));
            let rows = rows_of(&pose);
            let read = pose_from_matrix(&rows).expect("a pose");
            prop_assert!(read.rotation.angle_to(&pose.rotation) < 1e-8);
            prop_assert_eq!(rows_of(&read), rows);
        }
    }

    #[test]
    fn what_no_scene_can_hold_is_refused_in_a_sentence() {
        use serde_json::json;
        let cases = [
            ("/format", json!("other.scene"), "format is \"other.scene\", expected \"gnomon.scene\""),
            ("/version", json!(2), "scene has version 2, expected 1"),
            ("/objects/0/size/1", json!(0.0), "object 2: size 0 m, expected more than 0"),
            ("/objects/0/center/0", json!(1e7), "object 2: center is 10000000 m, expected within 1e6 m"),
            ("/objects/0/rotation", json!([0.0, 0.0, 0.0, 1.01]), "object 2: rotation has length 1.01, expected 1"),
            ("/objects/1/id", json!(2), "object id 2 comes twice"),
            ("/objects/0/state", json!("gone"), "expected `confirmed` or `doubted`"),
            ("/objects/0/existence", json!(1.5), "existence is 1.5"),
            ("/supports/0/normal", json!([0.0, 0.0, 2.0]), "support 3: normal has length 2, expected 1"),
            ("/world_from_input/0", json!(5.0), "world_from_input: pose matrix is no rotation"),
            ("/up", json!("sideways"), "up is \"sideways\""),
            ("/objects/0/cov", json!([0.0, null, 0.0, 0.0, 0.0, 0.0]), "invalid type: null"),
        ];
        for (key, value, sentence) in cases {
            let error = edited(key, value).expect_err(key).to_string();
            assert!(error.contains(sentence), "{key}: {error}");
        }
        assert_eq!(edited("/version", json!(2)).expect_err("newer").kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let text = scene_to_json(&room(&[Pose::identity()]));
        let whole = text.trim_end();
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            assert!(scene_from_json(&whole[..end]).is_err(), "{end} of {}", whole.len());
        }
        assert!(scene_from_json(&text.replace("0.97", "1e999")).is_err());
    }

    #[test]
    fn the_head_says_the_format_and_the_version() {
        assert_eq!(HEAD, format!("{{\"format\":\"{SCENE_FORMAT}\",\"version\":{SCENE_VERSION}"));
    }

    #[test]
    fn a_sealed_scene_is_the_scene_and_its_seal_is_the_digest_of_the_lines_before() {
        let text = scene_to_json(&room(&[Pose::identity()]));
        let with_seal = sealed(text.clone());
        assert_eq!(scene_to_json(&scene_from_json(&with_seal).expect("sealed")), text);
        let (lines, last) = with_seal.trim_end().rsplit_once('\n').expect("lines");
        let digest = Sha256::digest(format!("{lines}\n").as_bytes());
        assert!(last.contains(&digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()), "{last}");
        let unsealed = with_seal.replacen(",\"sealed\":\"sha256\"", "", 1);
        assert!(scene_from_json(&unsealed).expect_err("half a seal").to_string().contains("altered"));
    }

    #[test]
    fn a_rotation_off_by_less_than_a_thousandth_is_made_unit_again() {
        let read = edited("/objects/0/rotation", serde_json::json!([0.0, 0.0, 0.0, 1.0005])).expect("near enough");
        assert!(read.objects().all(|object| object.obb.is_valid()));
    }
}
