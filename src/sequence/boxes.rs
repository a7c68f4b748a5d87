//! Annotated rooms: the box lists of VSI-Bench (`*_meta_info_*.json`), one file for many scenes.
//!
//! A scene has `object_bbox`: categories, each a list of `{centroid[3], axesLengths[3], normalizedAxes[9]}`; the rows of
//! `normalizedAxes` are the axes of the box in the world (Z up, metres). `room_size` is the area of the floor, m².
//! Optional, beyond VSI-Bench: a box's `first_frame` (index of the first frame that saw it; stamps are made as for
//! sequences), a scene's `floor_polygon` [[x, y]…] and its `views`, frame index to `{world_from_camera[16], fx, fy, cx,
//! cy, width, height}`. Other keys are passed over.
//!
//! Boxes are taken as exact: no sigma, existence 1. Things get ids in the order of the file and names `category#k`.

use super::MADE_STEP_NS;
use crate::error::{Error, Result};
use crate::frame::{Intrinsics, MAX_COORDINATE_M, Pose, pose_from_matrix};
use crate::geom::{OrientedBox, polygon};
use crate::scene::{
    LabelShare, MAX_SCENE_BYTES, Object, ObjectId, ObjectState, Snapshot, Support, SupportId, SupportKind,
};
use nalgebra::{Matrix3, Point3, Rotation3, UnitQuaternion, Vector3};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How far the axes of a box may be from orthonormal.
const MAX_AXES_ERROR: f64 = 1e-3;

/// One annotated room.
#[derive(Debug, Clone)]
pub struct BoxScene {
    /// Its boxes, and its floor where the file has an outline.
    pub snapshot: Snapshot,
    /// The area of the floor, m², if annotated.
    pub room_area_m2: Option<f64>,
    /// Pictures that questions may be about: frame index to pose and camera.
    pub views: BTreeMap<u64, (Pose, Intrinsics)>,
}

#[derive(Deserialize)]
struct SceneRecord {
    // A map in the order of the file: ids follow it.
    object_bbox: serde_json::Map<String, serde_json::Value>,
    room_size: Option<f64>,
    #[serde(default)]
    floor_polygon: Vec<[f64; 2]>,
    #[serde(default)]
    views: BTreeMap<String, ViewRecord>,
}

#[derive(Deserialize)]
struct BoxRecord {
    centroid: [f64; 3],
    #[serde(rename = "axesLengths")]
    axes_lengths: [f64; 3],
    #[serde(rename = "normalizedAxes")]
    normalized_axes: [f64; 9],
    first_frame: Option<u32>,
}

#[derive(Deserialize)]
struct ViewRecord {
    world_from_camera: [f64; 16],
    fx: f64,
    fy: f64,
    cx: f64,
    cy: f64,
    width: u32,
    height: u32,
}

/// Every scene of a file, by name.
pub fn read_box_scenes(path: &Path) -> Result<BTreeMap<String, BoxScene>> {
    let text = super::text::read(path)?;
    if text.len() > MAX_SCENE_BYTES {
        let is = text.len();
        return Err(Error::io(format!("{}: {is} bytes, expected at most {MAX_SCENE_BYTES}", path.display())));
    }
    let records: BTreeMap<String, SceneRecord> =
        serde_json::from_str(&text).map_err(|error| Error::io(format!("{}: {error}", path.display())))?;
    let scenes = records.iter().map(|(name, record)| {
        let scene = record.read().map_err(|error| error.within(format!("{}: scene {name}", path.display())))?;
        Ok((name.clone(), scene))
    });
    scenes.collect()
}

impl SceneRecord {
    fn read(&self) -> Result<BoxScene> {
        let mut objects = Vec::new();
        for (category, boxes) in &self.object_bbox {
            let boxes: Vec<BoxRecord> = serde_json::from_value(boxes.clone())
                .map_err(|error| Error::io(format!("boxes of \"{category}\": {error}")))?;
            for (k, record) in boxes.iter().enumerate() {
                let name = format!("{category}#{}", k + 1);
                let id = ObjectId(objects.len() as u64);
                objects.push(record.read(id, category, &name).map_err(|error| error.within(&name))?);
            }
        }
        if let Some(area) = self.room_size.filter(|area| !(area.is_finite() && *area > 0.0)) {
            return Err(Error::io(format!("room_size is {area}, expected more than 0 m²")));
        }
        let newest = objects.iter().map(|object| object.last_seen_ns).max().unwrap_or(0);
        let views = self.views.iter().map(|(frame, view)| view.read(frame));
        Ok(BoxScene {
            snapshot: Snapshot::of(objects, self.floor(), newest)?,
            room_area_m2: self.room_size,
            views: views.collect::<Result<_>>()?,
        })
    }

    fn floor(&self) -> Vec<Support> {
        let area_m2 = polygon::area_m2(&self.floor_polygon);
        let outline = self.floor_polygon.iter().map(|[x, y]| Point3::new(*x, *y, 0.0));
        let floor = Support {
            id: SupportId(0),
            kind: SupportKind::Floor,
            normal: Vector3::z(),
            offset_m: 0.0,
            polygon: if area_m2 < 0.0 { outline.rev().collect() } else { outline.collect() },
            sigma_m: 0.0,
            area_m2: area_m2.abs(),
        };
        if self.floor_polygon.len() < 3 { Vec::new() } else { vec![floor] }
    }
}

impl BoxRecord {
    fn read(&self, id: ObjectId, category: &str, name: &str) -> Result<Object> {
        let label: Arc<str> = category.into();
        let stamp_ns = self.first_frame.map_or(0, |frame| i64::from(frame) * MADE_STEP_NS);
        Ok(Object {
            id,
            label: label.clone(),
            name: name.into(),
            labels: [LabelShare { label, probability: 1.0 }].into(),
            obb: self.obb()?,
            centre_cov_m2: [0.0; 6],
            size_sigma_m: [0.0; 3],
            yaw_sigma_rad: 0.0,
            existence: 1.0,
            truncated: false,
            state: ObjectState::Confirmed,
            first_seen_ns: stamp_ns,
            last_seen_ns: stamp_ns,
            observations: u32::from(self.first_frame.is_some()),
            last_seen_path_m: 0.0,
            feature: None,
        })
    }

    fn obb(&self) -> Result<OrientedBox> {
        let rows = Matrix3::from_row_slice(&self.normalized_axes);
        let off = (rows * rows.transpose() - Matrix3::identity()).abs().max();
        if off.is_nan() || off > MAX_AXES_ERROR {
            return Err(Error::io(format!(
                "normalizedAxes are off orthonormal by {off}, expected at most {MAX_AXES_ERROR}"
            )));
        }
        // A box looks the same with an axis reversed; a rotation needs the right-handed one.
        let mut world_from_box = rows.transpose();
        if world_from_box.determinant() < 0.0 {
            world_from_box.column_mut(2).neg_mut();
        }
        if !self.centroid.iter().all(|m| m.abs() <= MAX_COORDINATE_M) {
            let at = self.centroid;
            return Err(Error::io(format!("centroid is {at:?}, expected finite metres within {MAX_COORDINATE_M:e}")));
        }
        if !self.axes_lengths.iter().all(|m| *m > 0.0 && *m <= MAX_COORDINATE_M) {
            return Err(Error::io(format!("axesLengths are {:?}, expected metres above 0", self.axes_lengths)));
        }
        let rotation = Rotation3::from_matrix_eps(&world_from_box, 1e-12, 50, Rotation3::identity());
        Ok(OrientedBox {
            centre: self.centroid.into(),
            size: self.axes_lengths.into(),
            world_from_box: UnitQuaternion::from_rotation_matrix(&rotation),
        })
    }
}

impl ViewRecord {
    fn read(&self, frame: &str) -> Result<(u64, (Pose, Intrinsics))> {
        let of_view = |error: Error| error.within(format!("view {frame}"));
        let index = frame.parse().map_err(|_| Error::io(format!("view \"{frame}\", expected the index of a frame")))?;
        let pose = pose_from_matrix(&self.world_from_camera).map_err(of_view)?;
        let camera = Intrinsics::pinhole(self.width, self.height, self.fx, self.fy, self.cx, self.cy);
        Ok((index, (pose, camera.map_err(of_view)?)))
    }
}
