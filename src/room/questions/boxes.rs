//! The boxes of rooms, in the layout of VSI-Bench's metadata and with what answers need besides: when each box is first
//! seen well, the floor's outline, the cameras of the pictures that are asked about.

use std::collections::BTreeMap;

use nalgebra::Rotation2;
use serde::Serialize;

use super::super::layout::Room;
use super::super::object::TruthObject;
use super::scene_name;
use super::survey::{PictureView, RoomSurvey};
use super::vsi::{floor_polygon, polygon_area};

/// What is known of one room. World frame, metres.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SceneBoxes {
    /// Its name.
    pub video_path: String,
    /// Where it comes from.
    pub dataset: &'static str,
    /// Area of the floor, square metres.
    pub room_size: f64,
    /// Middle of the room.
    pub room_center: [f64; 3],
    /// How many of each category.
    pub object_counts: BTreeMap<&'static str, usize>,
    /// The boxes of each category.
    pub object_bbox: BTreeMap<&'static str, Vec<SceneBox>>,
    /// Corners of the floor, counter-clockwise.
    pub floor_polygon: [[f64; 2]; 4],
    /// The cameras of the frames that are asked about.
    pub views: BTreeMap<usize, SceneView>,
}

/// One oriented box.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SceneBox {
    /// Its middle.
    pub centroid: [f64; 3],
    /// Its sides along its axes.
    pub axes_lengths: [f64; 3],
    /// Its axes, one a row, in world coordinates.
    pub normalized_axes: [f64; 9],
    /// Least x, y and z of any of its corners.
    pub min: [f64; 3],
    /// Greatest x, y and z of any of its corners.
    pub max: [f64; 3],
    /// First frame that shows it well; none where no frame does.
    #[serde(rename = "first_frame")]
    pub first_frame: Option<usize>,
}

/// The camera of one frame, pixel centres at integer (u, v).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SceneView {
    /// 4 x 4, row-major; camera x right, y down, z forward.
    pub world_from_camera: Vec<f64>,
    /// Focal length along u, pixels.
    pub fx: f64,
    /// Focal length along v, pixels.
    pub fy: f64,
    /// Principal point, pixels.
    pub cx: f64,
    /// Principal point, pixels.
    pub cy: f64,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// The boxes of the things that are in a room, with what its survey saw.
pub fn boxes_of(room: &Room, survey: &RoomSurvey) -> SceneBoxes {
    let floor_polygon = floor_polygon(room.size());
    let mut object_bbox: BTreeMap<_, Vec<SceneBox>> = BTreeMap::new();
    for (thing, first_frame) in room.truth().iter().zip(&survey.first_frame).filter(|(thing, _)| thing.present) {
        object_bbox.entry(thing.label).or_default().push(scene_box(thing, *first_frame));
    }
    SceneBoxes {
        video_path: scene_name(room.seed()),
        dataset: "gnomon rendered rooms",
        room_size: polygon_area(&floor_polygon),
        room_center: [0.0, 0.0, room.size()[2] / 2.0],
        object_counts: object_bbox.iter().map(|(label, boxes)| (*label, boxes.len())).collect(),
        object_bbox,
        floor_polygon,
        views: survey.views.iter().map(|view| (view.frame, scene_view(survey, view))).collect(),
    }
}

fn scene_box(thing: &TruthObject, first_frame: Option<usize>) -> SceneBox {
    let world_from_box = Rotation2::new(thing.yaw);
    let (sin, cos) = (world_from_box[(1, 0)], world_from_box[(0, 0)]);
    let axes = [[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]];
    let reach = |along: usize| (0..3).map(|axis| axes[axis][along].abs() * thing.size[axis] / 2.0).sum::<f64>();
    let reach = [reach(0), reach(1), reach(2)];
    SceneBox {
        centroid: thing.centre,
        axes_lengths: thing.size,
        normalized_axes: std::array::from_fn(|i| axes[i / 3][i % 3]),
        min: std::array::from_fn(|i| thing.centre[i] - reach[i]),
        max: std::array::from_fn(|i| thing.centre[i] + reach[i]),
        first_frame,
    }
}

fn scene_view(survey: &RoomSurvey, view: &PictureView) -> SceneView {
    let camera = &survey.camera;
    // The storage is column-major.
    let rows = view.world_from_camera.to_homogeneous().transpose();
    SceneView {
        world_from_camera: rows.iter().copied().collect(),
        fx: camera.fx,
        fy: camera.fy,
        cx: camera.cx,
        cy: camera.cy,
        width: camera.width,
        height: camera.height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_reaches_as_far_as_its_corners() {
        let turned = TruthObject {
            label: "desk",
            centre: [1.0, 2.0, 0.4],
            size: [2.0, 1.0, 0.8],
            yaw: std::f64::consts::FRAC_PI_6,
            round: false,
            standing_on: None,
            on_wall: false,
            present: true,
        };
        let found = scene_box(&turned, None);
        // cos 30° + sin 30° / 2 along x, sin 30° + cos 30° / 2 along y.
        let (x, y) = (0.75f64.sqrt() + 0.25, 0.5 + 0.75f64.sqrt() / 2.0);
        for (found, expected) in found.max.iter().zip([1.0 + x, 2.0 + y, 0.8]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert!((found.min[0] - (1.0 - x)).abs() < 1e-12 && found.min[2].abs() < 1e-12);
        let [a, b] = [&found.normalized_axes[..3], &found.normalized_axes[3..6]];
        assert!(a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>().abs() < 1e-12);
        let text = serde_json::to_string(&found).unwrap();
        for key in ["centroid", "axesLengths", "normalizedAxes", "min", "max", "first_frame"] {
            assert!(text.contains(&format!("\"{key}\":")), "{text}");
        }
    }
}
