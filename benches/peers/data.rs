//! What both sides are given: points of 128 frames of a walk through a rendered room, one frame's depth, and one of a real
//! recording where `GNOMON_TEST_DATA` names a folder that holds `hololens_table/`.

use gnomon::eval::frame_of;
use gnomon::frame::{DepthGrid, Frame, Intrinsics, MetricZ, Pose, Registrar, Up};
use gnomon::room::{Room, RoomOptions, RoomSequence};
use gnomon::scene::{ObjectSource, Scene, SceneOptions};
use gnomon::select::PointSampler;
use gnomon::sequence::{Sequence, SequenceOptions};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Frames chosen among, points of each, and frames wanted.
pub const FRAMES: usize = 128;
pub const POINTS: usize = 100_000;
pub const PICKS: usize = 16;

/// Edge of a voxel of one frame's depth, metres.
pub const EDGE_M: f32 = 0.05;

/// How often a map looks at the real frame before it is measured: what one look alone shows is not believed.
pub const LOOKS: i64 = 15;

/// Which frame of the walk gives its depth.
const SHOWN: usize = 40;

/// One depth image of millimetres.
pub struct Picture {
    pub millimetres: Vec<u16>,
    pub intrinsics: Intrinsics,
    pub world_from_camera: Pose,
    pub up: Up,
    pub of: String,
}

impl Picture {
    pub fn as_frame(&self) -> Frame<'_> {
        let size = self.intrinsics;
        Frame::of_depth(
            MetricZ::from_millimetres(&self.millimetres, size.width, size.height).expect("its size"),
            self.intrinsics,
            self.world_from_camera,
        )
    }

    fn of_metres(metres: &[f32], intrinsics: Intrinsics, world_from_camera: Pose, up: Up, of: &str) -> Self {
        let millimetres = metres.iter().map(|z| (1e3 * z).round() as u16).collect();
        Self { millimetres, intrinsics, world_from_camera, up, of: of.into() }
    }

    fn write(&self, folder: &Path, name: &str) -> Value {
        fs::write(folder.join(name), bytes_of(&self.millimetres, |v| v.to_ne_bytes())).expect("written");
        let lens = self.intrinsics;
        let pose: Vec<f64> = self.world_from_camera.to_homogeneous().transpose().iter().copied().collect();
        let up = if self.up == Up::Y { "y" } else { "z" };
        json!({
            "file": name, "of": self.of, "width": lens.width, "height": lens.height, "up": up,
            "fx": lens.fx, "fy": lens.fy, "cx": lens.cx, "cy": lens.cy, "world_from_camera": pose,
        })
    }

    fn read(folder: &Path, meta: &Value) -> Self {
        let number = |key: &str| meta[key].as_f64().expect("a number");
        let [fx, fy, cx, cy] = ["fx", "fy", "cx", "cy"].map(number);
        let (width, height) = (number("width") as u32, number("height") as u32);
        let bytes = fs::read(folder.join(meta["file"].as_str().expect("a name"))).expect("prepared");
        let pose: Vec<f64> =
            meta["world_from_camera"].as_array().expect("16").iter().filter_map(Value::as_f64).collect();
        Self {
            millimetres: bytes.chunks_exact(2).map(|b| u16::from_ne_bytes([b[0], b[1]])).collect(),
            intrinsics: Intrinsics::pinhole(width, height, fx, fy, cx, cy).expect("a camera"),
            world_from_camera: gnomon::frame::pose_from_matrix(&pose.try_into().expect("16")).expect("a pose"),
            up: if meta["up"] == "y" { Up::Y } else { Up::Z },
            of: meta["of"].as_str().unwrap_or_default().into(),
        }
    }
}

/// All of it.
pub struct Data {
    pub folder: PathBuf,
    pub points: Vec<Vec<[f32; 3]>>,
    pub depth: Picture,
    pub real: Picture,
}

impl Data {
    /// Renders and writes what is not there yet.
    pub fn prepare(folder: &Path) {
        let recording = std::env::var_os("GNOMON_TEST_DATA").map(|data| Path::new(&data).join("hololens_table"));
        let recording = recording.filter(|recording| recording.is_dir());
        let before = fs::read_to_string(folder.join("meta.json")).ok();
        let before: Option<Value> = before.and_then(|text| serde_json::from_str(&text).ok());
        if before.is_some_and(|meta| (meta["real"]["up"] == "y") == recording.is_some()) {
            return;
        }
        fs::create_dir_all(folder).expect("a folder to write to");
        let room = Room::generate(3);
        let options = RoomOptions { seed: 3, noisy: true, frames: FRAMES, ..RoomOptions::default() };
        let mut walk = RoomSequence::new(&room, options);
        let (mut sampler, mut map, mut points) = (PointSampler::default(), Vec::new(), Vec::new());
        let mut shown = None;
        for index in 0..FRAMES {
            let frame = walk.frame(index);
            let posed = frame_of(&frame).expect("a rendered frame");
            sampler.point_map(&posed, &mut map).expect("its size");
            let seen: Vec<&[f32; 3]> = map.iter().filter(|p| p[0].is_finite()).collect();
            points.extend((0..POINTS).map(|k| *seen[k * seen.len() / POINTS]));
            if index == SHOWN {
                let metres: Vec<f32> = frame.depth_m.iter().map(|z| if z.is_finite() { *z } else { 0.0 }).collect();
                let of = "a rendered room";
                shown = Some(Picture::of_metres(&metres, posed.intrinsics, posed.world_from_camera, Up::Z, of));
            }
        }
        fs::write(folder.join("points.f32"), bytes_of(points.as_flattened(), |v| v.to_ne_bytes())).expect("written");
        let shown = shown.expect("a frame of the walk");
        let real = recording.map(|recording| real_picture(&recording));
        let meta = json!({
            "frames": FRAMES, "points": POINTS, "picks": PICKS, "edge_m": EDGE_M, "points_file": "points.f32",
            "depth": shown.write(folder, "depth.u16"),
            "real": real.as_ref().unwrap_or(&shown).write(folder, "real.u16"),
        });
        fs::write(folder.join("meta.json"), meta.to_string()).expect("written");
    }

    /// Reads what [`Self::prepare`] wrote.
    pub fn load(folder: &Path) -> Self {
        let meta = fs::read_to_string(folder.join("meta.json")).expect("prepared");
        let meta: Value = serde_json::from_str(&meta).expect("JSON");
        let bytes = fs::read(folder.join("points.f32")).expect("prepared");
        let number = |at: usize| f32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let point = |at: usize| [number(12 * at), number(12 * at + 4), number(12 * at + 8)];
        let points = (0..FRAMES).map(|frame| (0..POINTS).map(|k| point(frame * POINTS + k)).collect()).collect();
        Self {
            folder: folder.into(),
            points,
            depth: Picture::read(folder, &meta["depth"]),
            real: Picture::read(folder, &meta["real"]),
        }
    }
}

/// Of a recording whose poses are y-up the frame of which a map makes the most things.
fn real_picture(recording: &Path) -> Picture {
    let sequence = Sequence::open(recording, &SequenceOptions::default()).expect("the recording");
    let pictures = (0..sequence.len()).map(|index| {
        let loaded = sequence.load(index).expect("a frame");
        let (frame, mut grid) = (loaded.as_frame().expect("a frame"), DepthGrid::default());
        Registrar::default().register(&frame, &mut grid).expect("its size");
        Picture::of_metres(&grid.z, frame.intrinsics, frame.world_from_camera, Up::Y, "hololens_table")
    });
    pictures.max_by_key(|picture| looked_at(picture).publish().len()).expect("a recording has frames")
}

/// A map that knows the picture, and nothing else, by geometry alone.
pub fn looked_at(picture: &Picture) -> Scene {
    let options = SceneOptions { up: picture.up, source: ObjectSource::Geometry, ..SceneOptions::default() };
    let mut scene = Scene::new(options).expect("options");
    for stamp_ns in 0..LOOKS {
        scene.integrate(&Frame { stamp_ns, ..picture.as_frame() }, &[]).expect("a frame");
    }
    scene
}

fn bytes_of<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|&value| bytes(value)).collect()
}
