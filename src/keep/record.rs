//! A recording on disk: its records, and what stands in each.
//!
//! The file begins with a line that says what it is and of which version; records follow. A record is its length (u32), its
//! kind (u8), a CRC-32 of these and of what follows (u32), and then so many bytes; numbers little-endian. What a record
//! holds is JSON; of a frame also pixels, packed, after the length of its JSON (u32).
//!
//! Numbers of the JSON keep every bit. Depth is kept as it came, in its own format: each value less its left neighbour's,
//! folded so that small differences are small numbers, one plane for each byte of them, which packs well. Colours are not
//! kept: the scene does not look at them.

use super::pack::{pack, unpack};
use crate::error::{Error, Result};
use crate::frame::{
    DepthCamera, DepthFormat, DepthNoise, Distortion, DistortionModel, Frame, Intrinsics, MAX_COORDINATE_M, Mask,
    MetricZ, Pose, Up,
};
use crate::lift::{Detection, MAX_DETECTIONS, OwnedDetection};
use crate::scene::{ObjectSource, PoseNoise, SceneOptions};
use nalgebra::{Quaternion, Translation3, UnitQuaternion};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{self, Read};

/// The version of recordings that this library writes, and the newest it reads.
pub const RECORDING_VERSION: u32 = 1;

/// The most bytes of one record, and the most its pixels take unpacked: those of a frame of 5800 × 5800 counts.
pub const MAX_RECORD_BYTES: usize = 64 << 20;

/// What stands before the version in the first line.
const FIRST_WORD: &str = "gnomon.recording ";

/// Bytes of the first line.
pub(super) const FIRST_LINE_BYTES: usize = FIRST_WORD.len() + 4;

/// Bytes before what a record holds.
pub(super) const HEAD_BYTES: usize = 9;

/// What a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// What the scene was told before its first frame.
    Begin = 1,
    /// A frame and its detections.
    Frame = 2,
    /// What the scene made of the frame.
    Outcome = 3,
    /// The scene was published, and what had happened.
    Published = 4,
    /// Readers of triplets were told.
    Told = 5,
    /// An operator's word.
    Edit = 6,
    /// Corrected keyframes.
    Poses = 7,
    /// The end, and the digest of what came out.
    End = 8,
    /// The recording was full: what came later is not in it.
    Full = 9,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Begin,
        Self::Frame,
        Self::Outcome,
        Self::Published,
        Self::Told,
        Self::Edit,
        Self::Poses,
        Self::End,
        Self::Full,
    ];
}

pub(super) fn first_line() -> String {
    format!("{FIRST_WORD}{RECORDING_VERSION:03}\n")
}

/// Reads the first line. Errors: no recording, another version.
pub(super) fn read_first_line(from: &mut impl Read) -> Result<()> {
    let mut line = [0; FIRST_LINE_BYTES];
    from.read_exact(&mut line).map_err(|error| Error::io(format!("recording cannot be read: {error}")))?;
    let version = std::str::from_utf8(&line).ok().and_then(|line| line.strip_prefix(FIRST_WORD)?.strip_suffix('\n'));
    match version.and_then(|version| version.parse::<u32>().ok()) {
        Some(RECORDING_VERSION) => Ok(()),
        Some(other) => Err(Error::new(
            crate::error::ErrorKind::Unsupported,
            format!("recording has version {other}, expected {RECORDING_VERSION}: it needs another gnomon"),
        )),
        None => Err(Error::io("this is no recording: its first line does not say so")),
    }
}

/// A record as it stands in the file.
pub(super) fn framed(kind: Kind, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD_BYTES + body.len());
    out.extend((body.len() as u32).to_le_bytes());
    out.push(kind as u8);
    let mut crc = crc32fast::Hasher::new();
    crc.update(&out);
    crc.update(body);
    out.extend(crc.finalize().to_le_bytes());
    out.extend(body);
    out
}

/// The next record, or why there is none.
pub(super) enum Next {
    Record(Kind, Vec<u8>),
    /// The file ends after a whole record.
    End,
    /// What follows is not a whole record.
    Broken(&'static str),
}

pub(super) fn next_record(from: &mut impl Read) -> Result<Next> {
    let failed = |error: io::Error| Error::io(format!("recording cannot be read: {error}"));
    let mut head = Vec::with_capacity(HEAD_BYTES);
    from.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(failed)?;
    let Ok(head) = <[u8; HEAD_BYTES]>::try_from(head.as_slice()) else {
        return Ok(if head.is_empty() { Next::End } else { Next::Broken("it is cut") });
    };
    let [l0, l1, l2, l3, kind_byte, c0, c1, c2, c3] = head;
    let length = u32::from_le_bytes([l0, l1, l2, l3]);
    if length as usize > MAX_RECORD_BYTES {
        return Ok(Next::Broken("its length is beyond any record's"));
    }
    // Grows as bytes come: the length is only a claim.
    let mut body = Vec::new();
    from.by_ref().take(u64::from(length)).read_to_end(&mut body).map_err(failed)?;
    if body.len() < length as usize {
        return Ok(Next::Broken("it is cut"));
    }
    let mut crc = crc32fast::Hasher::new();
    crc.update(&head[..5]);
    crc.update(&body);
    if crc.finalize() != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Ok(Next::Broken("its checksum does not fit"));
    }
    match Kind::ALL.into_iter().find(|kind| *kind as u8 == kind_byte) {
        Some(kind) => Ok(Next::Record(kind, body)),
        None => Ok(Next::Broken("its kind is not known")),
    }
}

pub(super) fn to_json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::io(format!("record cannot be written: {error}")))
}

pub(super) fn of_json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| Error::io(format!("record cannot be read: {error}")))
}

/// The first record.
#[derive(Serialize, Deserialize)]
pub(super) struct Begin {
    /// The version that recorded.
    pub gnomon: String,
    pub inputs: Vec<String>,
    pub options: Options,
    /// True where lengths are metres times an unknown factor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_up_to_scale: bool,
}

/// [`SceneOptions`] as they are recorded.
#[derive(Serialize, Deserialize)]
pub(super) struct Options {
    up: String,
    from_geometry: bool,
    depth_noise: [f64; 3],
    pose_noise: [f64; 4],
    movable_labels: Vec<String>,
    movable_memory_ns: i64,
    confirm_after: u32,
    confirm_proposed_after: u32,
    remove_after: u32,
    relocate_within_ns: i64,
    relocate_size_ratio: f64,
    keyframe_distance_m: f64,
    keyframe_angle_rad: f64,
    drift_memory_m: f64,
}

impl Options {
    pub fn of(options: &SceneOptions) -> Self {
        let (depth, pose) = (options.depth_noise, options.pose_noise);
        Self {
            up: options.up.word().into_owned(),
            from_geometry: options.source == ObjectSource::Geometry,
            depth_noise: [depth.base_m, depth.per_m2, depth.nearest_m],
            pose_noise: [pose.translation_m, pose.rotation_rad, pose.drift_per_m, pose.heading_drift_rad_per_m],
            movable_labels: options.movable_labels.clone(),
            movable_memory_ns: options.movable_memory_ns,
            confirm_after: options.confirm_after,
            confirm_proposed_after: options.confirm_proposed_after,
            remove_after: options.remove_after,
            relocate_within_ns: options.relocate_within_ns,
            relocate_size_ratio: options.relocate_size_ratio,
            keyframe_distance_m: options.keyframe_distance_m,
            keyframe_angle_rad: options.keyframe_angle_rad,
            drift_memory_m: options.drift_memory_m,
        }
    }

    /// The options; whether they can be meant is for the scene to say.
    pub fn read(self) -> Result<SceneOptions> {
        let [base_m, per_m2, nearest_m] = self.depth_noise;
        let [translation_m, rotation_rad, drift_per_m, heading_drift_rad_per_m] = self.pose_noise;
        Ok(SceneOptions {
            up: Up::parse(&self.up)?,
            source: if self.from_geometry { ObjectSource::Geometry } else { ObjectSource::Detections },
            depth_noise: DepthNoise { base_m, per_m2, nearest_m },
            pose_noise: PoseNoise { translation_m, rotation_rad, drift_per_m, heading_drift_rad_per_m },
            movable_labels: self.movable_labels,
            movable_memory_ns: self.movable_memory_ns,
            confirm_after: self.confirm_after,
            confirm_proposed_after: self.confirm_proposed_after,
            remove_after: self.remove_after,
            relocate_within_ns: self.relocate_within_ns,
            relocate_size_ratio: self.relocate_size_ratio,
            keyframe_distance_m: self.keyframe_distance_m,
            keyframe_angle_rad: self.keyframe_angle_rad,
            drift_memory_m: self.drift_memory_m,
        })
    }
}

/// x, y, z, and the quaternion x, y, z, w, to the last bit.
#[derive(Serialize, Deserialize, Clone, Copy)]
pub(super) struct PoseRecord([f64; 7]);

impl PoseRecord {
    pub fn of(pose: &Pose) -> Self {
        let (t, q) = (pose.translation.vector, pose.rotation.quaternion());
        Self([t.x, t.y, t.z, q.i, q.j, q.k, q.w])
    }

    pub fn read(self) -> Result<Pose> {
        let [x, y, z, i, j, k, w] = self.0;
        let quaternion = Quaternion::new(w, i, j, k);
        let is_pose = (quaternion.norm() - 1.0).abs() < 1e-6 && [x, y, z].iter().all(|v| v.abs() <= MAX_COORDINATE_M);
        if !is_pose {
            return Err(Error::io(format!("pose {:?} is none", self.0)));
        }
        // As it was: made unit once more it would not have the same bits.
        Ok(Pose::from_parts(Translation3::new(x, y, z), UnitQuaternion::new_unchecked(quaternion)))
    }
}

#[derive(Serialize, Deserialize)]
struct CameraRecord<'a> {
    size: [u32; 2],
    focal: [f64; 2],
    centre: [f64; 2],
    lens: Cow<'a, str>,
    coefficients: Vec<f64>,
}

impl CameraRecord<'_> {
    fn of(camera: &Intrinsics) -> Self {
        Self {
            size: [camera.width, camera.height],
            focal: [camera.fx, camera.fy],
            centre: [camera.cx, camera.cy],
            lens: Cow::Borrowed(camera.distortion.model().word()),
            coefficients: camera.distortion.coefficients().to_vec(),
        }
    }

    fn read(&self) -> Result<Intrinsics> {
        let ([width, height], [fx, fy], [cx, cy]) = (self.size, self.focal, self.centre);
        let distortion = Distortion::new(DistortionModel::parse(&self.lens)?, &self.coefficients)?;
        let camera = Intrinsics { width, height, fx, fy, cx, cy, distortion };
        camera.check()?;
        Ok(camera)
    }
}

#[derive(Serialize, Deserialize)]
struct FrameHead<'a> {
    stamp_ns: i64,
    camera_id: u32,
    pose: PoseRecord,
    #[serde(borrow)]
    camera: CameraRecord<'a>,
    depth_camera: Option<(CameraRecord<'a>, PoseRecord)>,
    depth_size: [u32; 2],
    /// Metres per count; none where depth is metres.
    depth_unit: Option<f32>,
    detections: Vec<DetectionHead<'a>>,
}

#[derive(Serialize, Deserialize)]
struct DetectionHead<'a> {
    #[serde(borrow)]
    label: Cow<'a, str>,
    score: f32,
    bbox: [f32; 4],
    /// x, y, width, height.
    mask: Option<[u32; 4]>,
    feature: Option<u32>,
}

/// A frame and its detections as the body of a record. Errors: more than a record holds.
pub(super) fn frame_body(frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<Vec<u8>> {
    let depth = &frame.depth;
    let head = FrameHead {
        stamp_ns: frame.stamp_ns,
        camera_id: frame.camera_id,
        pose: PoseRecord::of(&frame.world_from_camera),
        camera: CameraRecord::of(&frame.intrinsics),
        depth_camera: frame
            .depth_camera
            .map(|camera| (CameraRecord::of(&camera.intrinsics), PoseRecord::of(&camera.colour_from_depth))),
        depth_size: [depth.width(), depth.height()],
        depth_unit: match depth.format() {
            DepthFormat::U16 { metres_per_unit } => Some(metres_per_unit),
            DepthFormat::F32Metres => None,
        },
        detections: detections.iter().map(detection_head).collect(),
    };
    // What no frame can have would not be read back.
    head.pose.read()?;
    head.camera.read()?;
    if let Some((camera, pose)) = &head.depth_camera {
        camera.read()?;
        pose.read()?;
    }
    let json = to_json(&head)?;
    let size = pixel_bytes(&head)?;
    let mut pixels = Vec::with_capacity(size);
    flatten_depth(depth, &mut pixels);
    for detection in detections {
        if let Some(mask) = &detection.mask {
            (mask.y..mask.y + mask.height).for_each(|v| pixels.extend(mask.row(v)));
        }
        pixels.extend(detection.feature.unwrap_or_default().iter().flat_map(|v| v.to_le_bytes()));
    }
    let packed = pack(&pixels);
    let mut body = Vec::with_capacity(4 + json.len() + packed.len());
    body.extend((json.len() as u32).to_le_bytes());
    body.extend(json);
    body.extend(packed);
    if body.len() > MAX_RECORD_BYTES {
        return Err(Error::io(format!("frame has {} bytes, expected at most {MAX_RECORD_BYTES}", body.len())));
    }
    Ok(body)
}

fn detection_head<'a>(detection: &Detection<'a>) -> DetectionHead<'a> {
    DetectionHead {
        label: Cow::Borrowed(detection.label),
        score: detection.score,
        bbox: detection.bbox,
        mask: detection.mask.map(|mask| [mask.x, mask.y, mask.width, mask.height]),
        feature: detection.feature.map(|feature| feature.len() as u32),
    }
}

/// Bytes of all pixels, masks and features. Errors: more than a record holds.
fn pixel_bytes(head: &FrameHead<'_>) -> Result<usize> {
    let [width, height] = head.depth_size.map(u64::from);
    let each = if head.depth_unit.is_some() { 2 } else { 4 };
    let depth = width.saturating_mul(height).saturating_mul(each);
    // One sum at a time: taken together, compilers read what an absent mask would be, and memory checkers object.
    let masks = head.detections.iter().filter_map(|detection| detection.mask);
    let with_masks = masks.fold(depth, |sum, [_, _, w, h]| sum.saturating_add(u64::from(w) * u64::from(h)));
    let features = head.detections.iter().filter_map(|detection| detection.feature);
    let all = features.fold(with_masks, |sum, numbers| sum.saturating_add(4 * u64::from(numbers)));
    match usize::try_from(all) {
        Ok(all) if all <= MAX_RECORD_BYTES => Ok(all),
        _ => Err(Error::io(format!("frame has {all} bytes of pixels, expected at most {MAX_RECORD_BYTES}"))),
    }
}

/// A frame out of a recording, owning what a [`Frame`] borrows.
pub(super) struct OwnedFrame {
    pub stamp_ns: i64,
    camera_id: u32,
    world_from_camera: Pose,
    intrinsics: Intrinsics,
    depth_camera: Option<DepthCamera>,
    depth_size: [u32; 2],
    depth_format: DepthFormat,
    depth: Vec<u8>,
    detections: Vec<OwnedDetection>,
}

impl OwnedFrame {
    pub fn read(body: &[u8]) -> Result<Self> {
        let cut = || Error::io("frame is shorter than it says");
        let (length, rest) = body.split_first_chunk::<4>().ok_or_else(cut)?;
        let (json, packed) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(cut)?;
        let head: FrameHead<'_> = of_json(json)?;
        if head.detections.len() > MAX_DETECTIONS {
            return Err(Error::io(format!(
                "frame has {} detections, expected at most {MAX_DETECTIONS}",
                head.detections.len()
            )));
        }
        let size = pixel_bytes(&head)?;
        let pixels = unpack(packed, size)?;
        if pixels.len() != size {
            return Err(Error::io(format!("frame has {} bytes of pixels, expected {size}", pixels.len())));
        }
        let mut rest = pixels.as_slice();
        let depth_format = match head.depth_unit {
            Some(metres_per_unit) => DepthFormat::U16 { metres_per_unit },
            None => DepthFormat::F32Metres,
        };
        let [width, height] = head.depth_size;
        let depth_bytes = width as usize * height as usize * depth_format.bytes_per_pixel();
        let depth = unflatten_depth(taken(&mut rest, depth_bytes)?, width as usize, depth_format);
        let detections =
            head.detections.iter().map(|detection| detection.read(&mut rest)).collect::<Result<Vec<_>>>()?;
        let camera_of = |(camera, pose): &(CameraRecord<'_>, PoseRecord)| {
            Ok(DepthCamera { intrinsics: camera.read()?, colour_from_depth: pose.read()? })
        };
        Ok(Self {
            stamp_ns: head.stamp_ns,
            camera_id: head.camera_id,
            world_from_camera: head.pose.read()?,
            intrinsics: head.camera.read()?,
            depth_camera: head.depth_camera.as_ref().map(camera_of).transpose()?,
            depth_size: head.depth_size,
            depth_format,
            depth,
            detections,
        })
    }

    pub fn frame(&self) -> Result<Frame<'_>> {
        let [width, height] = self.depth_size;
        Ok(Frame {
            colour: None,
            depth: MetricZ::new(&self.depth, width, height, 0, self.depth_format)?,
            intrinsics: self.intrinsics,
            depth_camera: self.depth_camera,
            world_from_camera: self.world_from_camera,
            stamp_ns: self.stamp_ns,
            camera_id: self.camera_id,
        })
    }

    pub fn detections(&self) -> Result<Vec<Detection<'_>>> {
        self.detections.iter().map(OwnedDetection::as_detection).collect()
    }
}

impl DetectionHead<'_> {
    fn read(&self, rest: &mut &[u8]) -> Result<OwnedDetection> {
        let mask = match self.mask {
            Some([x, y, width, height]) => {
                Some(Mask { data: taken(rest, width as usize * height as usize)?.to_vec(), x, y, width, height })
            }
            None => None,
        };
        let feature = match self.feature {
            Some(length) => {
                let bytes = taken(rest, 4 * length as usize)?;
                Some(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
            }
            None => None,
        };
        Ok(OwnedDetection { label: self.label.as_ref().into(), score: self.score, bbox: self.bbox, mask, feature })
    }
}

fn taken<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (first, after) = rest.split_at_checked(count).ok_or_else(|| Error::io("frame is shorter than it says"))?;
    *rest = after;
    Ok(first)
}

/// Differences from the left neighbour, folded, a plane for each byte, the highest first.
fn flatten_depth(depth: &MetricZ<'_>, out: &mut Vec<u8>) {
    let bytes = depth.format().bytes_per_pixel();
    let (begin, count) = (out.len(), depth.width() as usize * depth.height() as usize);
    out.resize(begin + count * bytes, 0);
    let planes = &mut out[begin..];
    let mut at = 0;
    for v in 0..depth.height() {
        let mut left = 0u32;
        for pixel in depth.row(v).chunks_exact(bytes) {
            let value = match *pixel {
                [a, b] => u32::from(u16::from_ne_bytes([a, b])),
                [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]),
                _ => 0,
            };
            let folded = fold(value, left, bytes).to_be_bytes();
            for (plane, byte) in folded[4 - bytes..].iter().enumerate() {
                planes[plane * count + at] = *byte;
            }
            (left, at) = (value, at + 1);
        }
    }
}

/// The bytes that [`flatten_depth`] was given, in this machine's order, rows closely packed.
fn unflatten_depth(planes: &[u8], width: usize, format: DepthFormat) -> Vec<u8> {
    let bytes = format.bytes_per_pixel();
    let count = planes.len() / bytes;
    let mut out = Vec::with_capacity(planes.len());
    let mut left = 0u32;
    for at in 0..count {
        if at % width == 0 {
            left = 0;
        }
        let folded = (0..bytes).fold(0u32, |sum, plane| sum << 8 | u32::from(planes[plane * count + at]));
        left = unfold(folded, left, bytes);
        match format {
            DepthFormat::U16 { .. } => out.extend((left as u16).to_ne_bytes()),
            DepthFormat::F32Metres => out.extend(left.to_ne_bytes()),
        }
    }
    out
}

/// The difference of two numbers of so many bytes, signs in the lowest bit: 0, −1, 1, −2 are 0, 1, 2, 3.
fn fold(value: u32, left: u32, bytes: usize) -> u32 {
    if bytes == 2 {
        let difference = (value as u16).wrapping_sub(left as u16).cast_signed();
        return u32::from((difference << 1 ^ difference >> 15).cast_unsigned());
    }
    let difference = value.wrapping_sub(left).cast_signed();
    (difference << 1 ^ difference >> 31).cast_unsigned()
}

fn unfold(folded: u32, left: u32, bytes: usize) -> u32 {
    let difference = (folded >> 1) ^ (folded & 1).wrapping_neg();
    let value = left.wrapping_add(difference);
    if bytes == 2 { value & 0xFFFF } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_of_either_format_comes_back_to_the_last_bit() {
        let counts = [0u16, 65535, 1000, 1001, 999, 0, 40000, 20000, 7];
        let metres = [0.0f32, f32::NAN, -1.5, 2.0, 2.0000002, f32::INFINITY, f32::MIN_POSITIVE, 1e30, -0.0];
        let views =
            [MetricZ::from_millimetres(&counts, 3, 3).expect("3x3"), MetricZ::from_metres(&metres, 3, 3).expect("3x3")];
        let bytes: [&[u8]; 2] = [bytemuck::cast_slice(&counts), bytemuck::cast_slice(&metres)];
        for (view, bytes) in views.iter().zip(bytes) {
            let mut planes = vec![9; 5];
            flatten_depth(view, &mut planes);
            assert_eq!(unflatten_depth(&planes[5..], 3, view.format()), bytes);
        }
    }

    #[test]
    fn a_record_altered_anywhere_is_not_taken() {
        let record = framed(Kind::Told, b"{\"a\":1}");
        for at in 0..record.len() {
            let mut altered = record.clone();
            altered[at] ^= 0x10;
            assert!(matches!(next_record(&mut altered.as_slice()), Ok(Next::Broken(_))), "byte {at}");
            assert!(matches!(next_record(&mut &record[..at]), Ok(Next::Broken(_) | Next::End)), "cut at {at}");
        }
        assert!(matches!(next_record(&mut record.as_slice()), Ok(Next::Record(Kind::Told, _))));
    }

    #[test]
    fn options_come_back_as_they_were() {
        let options = SceneOptions {
            up: Up::Vector([0.1, -1.0 / 3.0, 0.7]),
            source: ObjectSource::Geometry,
            movable_labels: vec!["cat".into(), "ä\"".into()],
            drift_memory_m: 0.1 + 0.2,
            ..Default::default()
        };
        let json = to_json(&Options::of(&options)).expect("JSON");
        assert_eq!(of_json::<Options>(&json).expect("options").read().expect("options"), options);
    }
}
