//! Structs of both languages to the crate's own, and back.

use crate::bridge::{self, EditKind, Lens, PixelFormat};
use gnomon::frame::{
    self, DepthCamera, DepthFormat, Distortion, DistortionModel, ImageView, Intrinsics, MAX_COORDINATE_M, MaskView,
    MetricZ, Pose, pose_from_matrix, pose_from_parts,
};
use gnomon::geom::OrientedBox;
use gnomon::pipeline::BorrowedFrame;
use gnomon::scene::{EditRecord, ObjectId};
use gnomon::{Error, Result, lift, scene};
use std::path::Path;

/// A pose as 16 numbers, row by row.
pub fn rows_of(pose: &Pose) -> [f64; 16] {
    let matrix = pose.to_homogeneous();
    std::array::from_fn(|at| matrix[(at / 4, at % 4)])
}

/// A pose that a caller gave; `what` names it in sentences.
pub fn pose_of(rows: &[f64; 16], what: &str) -> Result<Pose> {
    pose_from_matrix(rows).map_err(|error| error.within(what))
}

/// A value of an enum that C++ may have made up from a number.
pub fn no_such(what: &str, number: u8) -> Error {
    Error::argument(format!("{what} is {number}, which has no name"))
}

/// The entry of `all` that a value of an enum stands for; `all` is in the enum's order.
pub fn coded<T: Copy>(number: u8, all: &[T], what: &str) -> Result<T> {
    all.get(usize::from(number)).copied().ok_or_else(|| no_such(what, number))
}

impl bridge::Distortion {
    /// A pinhole.
    pub const NONE: Self = Self { lens: Lens::PlumbBob, coefficients: [0.0; 8] };

    fn read(&self) -> Result<Distortion> {
        let model = coded(self.lens.repr, &DistortionModel::ALL, "lens")?;
        let names = model.coefficient_names();
        let (own, spare) = self.coefficients.split_at(names.len());
        if spare.iter().any(|k| *k != 0.0) {
            let (word, names) = (model.word(), names.join(", "));
            return Err(Error::argument(format!("{word} has {names} alone, expected 0 after them")));
        }
        Distortion::new(model, own)
    }
}

impl bridge::Intrinsics {
    /// No camera.
    pub const NONE: Self =
        Self { width: 0, height: 0, fx: 0.0, fy: 0.0, cx: 0.0, cy: 0.0, distortion: bridge::Distortion::NONE };

    /// The camera, checked; `what` names it in sentences.
    pub fn read(&self, what: &str) -> Result<Intrinsics> {
        let camera = Intrinsics {
            width: self.width,
            height: self.height,
            fx: self.fx,
            fy: self.fy,
            cx: self.cx,
            cy: self.cy,
            distortion: self.distortion.read().map_err(|error| error.within(what))?,
        };
        camera.check().map_err(|error| error.within(what))?;
        Ok(camera)
    }
}

impl<'a> bridge::Image<'a> {
    /// The picture, checked, where there is one; `what` names it in sentences.
    pub fn read_colour(&self, what: &str) -> Result<Option<ImageView<'a>>> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let format = match self.format {
            PixelFormat::Rgb8 => frame::PixelFormat::Rgb8,
            PixelFormat::Bgr8 => frame::PixelFormat::Bgr8,
            PixelFormat::Mono8 => frame::PixelFormat::Mono8,
            PixelFormat::Rgba8 => frame::PixelFormat::Rgba8,
            PixelFormat::Bgra8 => frame::PixelFormat::Bgra8,
            PixelFormat::Yuyv => frame::PixelFormat::Yuyv,
            PixelFormat::Uyvy => frame::PixelFormat::Uyvy,
            PixelFormat::Nv12 => frame::PixelFormat::Nv12,
            PixelFormat::Mono16 => frame::PixelFormat::Mono16,
            other => {
                let sentence = format!("{what}.format is {}, expected one of colour: Rgb8 to Mono16", other.repr);
                return Err(Error::argument(sentence));
            }
        };
        let view = ImageView::new(self.bytes, self.width, self.height, self.stride, format);
        view.map(Some).map_err(|error| error.within(what))
    }

    fn read_depth(&self, unit_m: f32) -> Result<MetricZ<'a>> {
        let metres_per_unit = if unit_m == 0.0 { 0.001 } else { unit_m };
        let format = match self.format {
            PixelFormat::DepthU16 => DepthFormat::U16 { metres_per_unit },
            PixelFormat::DepthF32M => DepthFormat::F32Metres,
            other => {
                return Err(Error::argument(format!("depth.format is {}, expected DepthU16 or DepthF32M", other.repr)));
            }
        };
        MetricZ::new(self.bytes, self.width, self.height, self.stride, format).map_err(|error| error.within("depth"))
    }
}

/// The caller's frame, checked. Images stay where they are.
pub fn frame_of<'a>(frame: &bridge::Frame<'a>) -> Result<frame::Frame<'a>> {
    Ok(frame::Frame {
        colour: frame.colour.read_colour("colour")?,
        depth: frame.depth.read_depth(frame.depth_unit_m)?,
        intrinsics: frame.intrinsics.read("intrinsics")?,
        depth_camera: depth_camera_of(frame)?,
        world_from_camera: pose_of(&frame.world_from_camera, "world_from_camera")?,
        stamp_ns: frame.stamp_ns,
        camera_id: frame.camera_id,
    })
}

/// The caller's frame for a pipeline, which may lack depth, and its pose where `has_pose` says so.
pub fn live_frame_of<'a>(frame: &bridge::Frame<'a>, has_pose: bool) -> Result<BorrowedFrame<'a>> {
    let depth = (!frame.depth.bytes.is_empty()).then(|| frame.depth.read_depth(frame.depth_unit_m));
    let pose = has_pose.then(|| pose_of(&frame.world_from_camera, "world_from_camera"));
    Ok(BorrowedFrame {
        colour: frame.colour.read_colour("colour")?,
        depth: depth.transpose()?,
        intrinsics: frame.intrinsics.read("intrinsics")?,
        depth_camera: depth_camera_of(frame)?,
        world_from_camera: pose.transpose()?,
        stamp_ns: frame.stamp_ns,
        camera_id: frame.camera_id,
        detections: None,
    })
}

fn depth_camera_of(frame: &bridge::Frame<'_>) -> Result<Option<DepthCamera>> {
    Ok(match frame.depth_intrinsics.width {
        0 => None,
        _ => Some(DepthCamera {
            intrinsics: frame.depth_intrinsics.read("depth_intrinsics")?,
            colour_from_depth: pose_of(&frame.colour_from_depth, "colour_from_depth")?,
        }),
    })
}

/// The caller's detections, checked. Labels, masks and features stay where they are.
pub fn detections_of<'a>(detections: &[bridge::Detection<'a>]) -> Result<Vec<lift::Detection<'a>>> {
    if detections.len() > lift::MAX_DETECTIONS {
        let (n, most) = (detections.len(), lift::MAX_DETECTIONS);
        return Err(Error::argument(format!("{n} detections in one frame, expected at most {most}")));
    }
    let one = |(number, given): (usize, &bridge::Detection<'a>)| {
        detection_of(given).map_err(|error| error.within(format_args!("detection {number}")))
    };
    detections.iter().enumerate().map(one).collect()
}

fn detection_of<'a>(given: &bridge::Detection<'a>) -> Result<lift::Detection<'a>> {
    let mask = given.mask;
    let mask = match mask.bytes {
        [] => None,
        bytes => Some(MaskView::new(bytes, mask.x, mask.y, mask.width, mask.height, mask.stride)?),
    };
    let feature = (!given.feature.is_empty()).then_some(given.feature);
    let detection = lift::Detection { label: given.label, score: given.score, bbox: given.bbox, mask, feature };
    detection.check()?;
    Ok(detection)
}

/// The path of a file, not empty.
pub fn file_path(path: &str) -> Result<&Path> {
    match path {
        "" => Err(Error::argument("path is empty, expected that of a file")),
        path => Ok(Path::new(path)),
    }
}

/// What an operator says, checked. Errors: a code without a name, a box that is none, what the kind does not use.
pub fn edit_of(said: &bridge::Edit) -> Result<scene::Edit> {
    let bridge::Edit { kind, thing, into, ref word, obb, sequence, .. } = *said;
    let thing = ObjectId(thing);
    let (edit, uses) = match kind {
        EditKind::Rename => (scene::Edit::Rename { thing, name: word.as_str().into() }, "word"),
        EditKind::Relabel => (scene::Edit::Relabel { thing, label: word.as_str().into() }, "word"),
        EditKind::Delete => (scene::Edit::Delete { thing }, ""),
        EditKind::Merge => (scene::Edit::Merge { thing, into: ObjectId(into) }, "into"),
        EditKind::Pin => (scene::Edit::Pin { thing, obb: obb.read("obb")? }, "obb"),
        EditKind::Unpin => (scene::Edit::Unpin { thing }, ""),
        other => return Err(no_such("kind", other.repr)),
    };
    let has_box = [&obb.centre[..], &obb.size, &obb.world_from_box].concat().iter().any(|number| *number != 0.0);
    let set = [("into", into != 0), ("word", !word.is_empty()), ("obb", has_box), ("sequence", sequence != 0)];
    match set.into_iter().find(|(field, is_set)| *is_set && *field != uses) {
        Some((field, _)) => Err(Error::argument(format!("{field} is set, which an edit of this kind does not use"))),
        None => Ok(edit),
    }
}

impl From<&EditRecord> for bridge::Edit {
    fn from(record: &EditRecord) -> Self {
        let bare = Self {
            kind: EditKind::Delete,
            thing: record.edit.thing().0,
            into: 0,
            word: String::new(),
            obb: bridge::OrientedBox::NONE,
            who: record.who.to_string(),
            stamp_ns: record.stamp_ns,
            sequence: record.sequence,
        };
        match &record.edit {
            scene::Edit::Rename { name, .. } => Self { kind: EditKind::Rename, word: name.to_string(), ..bare },
            scene::Edit::Relabel { label, .. } => Self { kind: EditKind::Relabel, word: label.to_string(), ..bare },
            scene::Edit::Delete { .. } => bare,
            scene::Edit::Merge { into, .. } => Self { kind: EditKind::Merge, into: into.0, ..bare },
            scene::Edit::Pin { obb, .. } => Self { kind: EditKind::Pin, obb: obb.into(), ..bare },
            scene::Edit::Unpin { .. } => Self { kind: EditKind::Unpin, ..bare },
        }
    }
}

impl bridge::OrientedBox {
    /// No box.
    pub const NONE: Self = Self { centre: [0.0; 3], size: [0.0; 3], world_from_box: [0.0; 4] };

    /// The crate's own, checked; `what` names it in sentences.
    pub fn read(&self, what: &str) -> Result<OrientedBox> {
        let size = self.size;
        if !size.iter().all(|side| *side > 0.0 && *side <= MAX_COORDINATE_M) {
            let sentence = format!("size of {what} is {size:?} m, expected above 0 and at most {MAX_COORDINATE_M:e}");
            return Err(Error::argument(sentence));
        }
        let world_from_box = pose_from_parts(self.centre, self.world_from_box).map_err(|error| error.within(what))?;
        Ok(OrientedBox {
            centre: world_from_box.translation.vector.into(),
            size: size.into(),
            world_from_box: world_from_box.rotation,
        })
    }
}

impl From<&OrientedBox> for bridge::OrientedBox {
    fn from(obb: &OrientedBox) -> Self {
        Self {
            centre: obb.centre.coords.into(),
            size: obb.size.into(),
            world_from_box: obb.world_from_box.coords.into(),
        }
    }
}

impl From<&scene::Object> for bridge::Object {
    fn from(object: &scene::Object) -> Self {
        let obb = &object.obb;
        Self {
            id: object.id.0,
            label: object.label.to_string(),
            name: object.name.to_string(),
            obb: obb.into(),
            yaw_rad: obb.yaw_rad(),
            centre_cov_m2: object.centre_cov_m2,
            size_sigma_m: object.size_sigma_m,
            yaw_sigma_rad: object.yaw_sigma_rad,
            existence: object.existence,
            state: match object.state {
                scene::ObjectState::Confirmed => bridge::ObjectState::Confirmed,
                scene::ObjectState::Doubted => bridge::ObjectState::Doubted,
            },
            truncated: object.truncated,
            first_seen_ns: object.first_seen_ns,
            last_seen_ns: object.last_seen_ns,
            observations: object.observations,
            feature: object.feature.as_deref().unwrap_or_default().to_vec(),
        }
    }
}

/// A point of Rust as a point of both.
pub fn point_of(xyz: [f64; 3]) -> bridge::Point {
    let [x, y, z] = xyz;
    bridge::Point { x, y, z }
}

impl From<&scene::Support> for bridge::Support {
    fn from(support: &scene::Support) -> Self {
        Self {
            id: support.id.0,
            kind: match support.kind {
                scene::SupportKind::Floor => bridge::SupportKind::Floor,
                scene::SupportKind::Wall => bridge::SupportKind::Wall,
                scene::SupportKind::Table => bridge::SupportKind::Table,
            },
            normal: support.normal.into(),
            offset_m: support.offset_m,
            sigma_m: support.sigma_m,
            area_m2: support.area_m2,
            outline: support.polygon.iter().map(|corner| point_of(corner.coords.into())).collect(),
        }
    }
}

impl From<&scene::Event> for bridge::Event {
    fn from(event: &scene::Event) -> Self {
        let bare = Self {
            sequence: event.sequence,
            stamp_ns: event.stamp_ns,
            object: event.object.0,
            kind: bridge::EventKind::Born,
            into: 0,
            origin: point_of([0.0; 3]),
            place: point_of([0.0; 3]),
            frames_seen_empty: 0,
        };
        match &event.kind {
            scene::EventKind::Born => bare,
            scene::EventKind::Moved { from, to } => Self {
                kind: bridge::EventKind::Moved,
                origin: point_of(from.coords.into()),
                place: point_of(to.coords.into()),
                ..bare
            },
            scene::EventKind::Merged { into } => Self { kind: bridge::EventKind::Merged, into: into.0, ..bare },
            scene::EventKind::Removed(receipt) => Self {
                kind: bridge::EventKind::Removed,
                origin: point_of(receipt.place.coords.into()),
                frames_seen_empty: receipt.frames_seen_empty,
                ..bare
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lens_s_number_is_its_place_among_the_models() {
        let named = |lens: Lens| coded(lens.repr, &DistortionModel::ALL, "lens").map(DistortionModel::word).ok();
        assert_eq!(named(Lens::PlumbBob), Some("plumb_bob"));
        assert_eq!(named(Lens::RationalPolynomial), Some("rational_polynomial"));
        assert_eq!(named(Lens::Equidistant), Some("equidistant"));
        assert_eq!(named(Lens { repr: 3 }), None);
    }
}
