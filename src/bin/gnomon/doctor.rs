//! `gnomon doctor`: what this machine is, whether a made-up scene comes out right on it, and which ONNX Runtime it has for
//! networks. Without one the rest works, so it is told and not held against the machine.
//!
//! The scene: a floor, and on it a box, seen by a camera walking past in five steps. The depth images are arithmetic:
//! each pixel's ray is cut with the floor and with the box. Everything happens in memory.

use crate::{machine, pretty, say};
use gnomon::Result;
use gnomon::frame::{Frame, Intrinsics, MetricZ, Pose};
use gnomon::geom::OrientedBox;
use gnomon::lift::Detection;
use gnomon::scene::{Scene, SceneOptions, Snapshot};
use nalgebra::{Point3, UnitQuaternion, Vector3};
use serde_json::json;
use std::io::IsTerminal;
use std::process::ExitCode;

const FRAMES: u32 = 5;
const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// How far the box may come out from where it is, metres: centre and sides. Its far side is never seen.
const TOLERANCE_M: f64 = 0.15;

#[derive(clap::Args)]
pub struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let trial = try_scene().and_then(|snapshot| judge(&snapshot));
    let failure = trial.as_ref().err().map(ToString::to_string);
    let processors = machine::processors();
    let is_terminal = std::io::stdout().is_terminal();
    let memory = machine::available_bytes();
    let networks = Networks::find();
    if args.json {
        say(&pretty(&json!({
            "version": gnomon::VERSION,
            "processors": processors,
            "terminal": is_terminal,
            "memory_available_bytes": memory,
            "scene": failure.as_deref().unwrap_or("ok"),
            "networks": networks.document(),
            "ok": failure.is_none(),
        })))?;
    } else {
        let or_unknown = |number: Option<u64>| number.map_or_else(|| "unknown".into(), |number| number.to_string());
        say(&format!(
            "version     {}\nprocessors  {}\nterminal    {}\nmemory      {} MiB available\nscene       {}\nnetworks    {}\n",
            gnomon::VERSION,
            or_unknown(processors.map(|count| count as u64)),
            if is_terminal { "yes" } else { "no" },
            or_unknown(memory.map(|bytes| bytes >> 20)),
            failure.as_deref().unwrap_or("ok"),
            networks.words(),
        ))?;
    }
    trial.map(|()| ExitCode::SUCCESS)
}

/// The ONNX Runtime of this machine.
enum Networks {
    Found(std::sync::Arc<gnomon::runtime::Runtime>),
    Missing(String),
}

impl Networks {
    fn find() -> Self {
        let options = gnomon::runtime::FindOptions { path: None, python: true };
        match gnomon::runtime::Runtime::find(&options) {
            Ok(runtime) => Self::Found(runtime),
            Err(error) => Self::Missing(error.to_string()),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Found(runtime) => format!(
                "ONNX Runtime {} of {}: {}",
                runtime.version(),
                runtime.path().display(),
                runtime.providers().join(", ")
            ),
            Self::Missing(why) => why.clone(),
        }
    }

    fn document(&self) -> serde_json::Value {
        match self {
            Self::Found(runtime) => json!({
                "onnxruntime": runtime.version(),
                "path": runtime.path().display().to_string(),
                "providers": runtime.providers(),
            }),
            Self::Missing(why) => json!({ "onnxruntime": null, "why": why }),
        }
    }
}

/// The box on the floor, metres, in the world (Z up).
fn truth() -> OrientedBox {
    OrientedBox::upright(Point3::new(0.0, 0.0, 0.25), Vector3::new(0.6, 0.4, 0.5), 0.0)
}

fn try_scene() -> Result<Snapshot> {
    let camera = Intrinsics::pinhole(WIDTH, HEIGHT, 130.0, 130.0, 79.5, 59.5)?;
    let mut scene = Scene::new(SceneOptions::default())?;
    for step in 0..FRAMES {
        let world_from_camera = camera_at(step);
        let view = draw(&camera, &world_from_camera);
        let frame = Frame {
            colour: None,
            depth: MetricZ::from_metres(&view.metres, WIDTH, HEIGHT)?,
            intrinsics: camera,
            depth_camera: None,
            world_from_camera,
            stamp_ns: i64::from(step) * 100_000_000,
            camera_id: 0,
        };
        let mask = gnomon::frame::MaskView::new(&view.is_box, 0, 0, WIDTH, HEIGHT, 0)?;
        let detection = Detection { label: "box", score: 0.9, bbox: view.bbox, mask: Some(mask), feature: None };
        scene.integrate(&frame, &[detection])?;
    }
    Ok(scene.publish())
}

/// Walks a fifth of a circle round the box, 2 m away and 1.4 m up, looking at it.
fn camera_at(step: u32) -> Pose {
    let angle = 0.3 + 0.3 * f64::from(step);
    let eye = Point3::new(2.0 * angle.cos(), 2.0 * angle.sin(), 1.4);
    let forward = truth().centre - eye;
    // The camera's y is down: a frame that looks along z with −y up is `face_towards` with up = −Z.
    Pose::from_parts(eye.coords.into(), UnitQuaternion::face_towards(&forward, &-Vector3::z()))
}

/// What the camera sees.
struct View {
    metres: Vec<f32>,
    is_box: Vec<u8>,
    /// x0, y0, x1, y1 of the box, pixels, exclusive.
    bbox: [f32; 4],
}

fn draw(camera: &Intrinsics, world_from_camera: &Pose) -> View {
    let mut view = View {
        metres: Vec::new(),
        is_box: Vec::new(),
        bbox: [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY],
    };
    let eye = Point3::from(world_from_camera.translation.vector);
    for v in 0..HEIGHT {
        for u in 0..WIDTH {
            // The ray has z = 1 in the camera, so the distance along it is the depth.
            let ray = camera.ray(f64::from(u), f64::from(v)).expect("a pinhole has every ray");
            let ray = world_from_camera * ray;
            let (on_box, on_floor) = (depth_of_box(&truth(), &eye, &ray), depth_of_floor(&eye, &ray));
            let is_box = on_box < on_floor;
            let depth = on_box.min(on_floor);
            view.metres.push(if depth.is_finite() { depth as f32 } else { 0.0 });
            view.is_box.push(u8::from(is_box));
            if is_box {
                let (u, v, [x0, y0, x1, y1]) = (u as f32, v as f32, view.bbox);
                view.bbox = [x0.min(u), y0.min(v), x1.max(u + 1.0), y1.max(v + 1.0)];
            }
        }
    }
    view
}

/// Where a ray meets z = 0, in lengths of the ray; infinite when it does not.
fn depth_of_floor(eye: &Point3<f64>, ray: &Vector3<f64>) -> f64 {
    if ray.z < 0.0 { -eye.z / ray.z } else { f64::INFINITY }
}

/// Where a ray enters an upright, unturned box: the last of its three slabs to be entered, if none was left before.
fn depth_of_box(obb: &OrientedBox, eye: &Point3<f64>, ray: &Vector3<f64>) -> f64 {
    let (low, high) = obb.bounds();
    let (mut entered, mut left) = (0.0f64, f64::INFINITY);
    for axis in 0..3 {
        let (a, b) = ((low[axis] - eye[axis]) / ray[axis], (high[axis] - eye[axis]) / ray[axis]);
        entered = entered.max(a.min(b));
        left = left.min(a.max(b));
    }
    if entered < left { entered } else { f64::INFINITY }
}

/// Whether the box came out where it is.
fn judge(snapshot: &Snapshot) -> Result<()> {
    let failed = |what: String| Err(gnomon::Error::state(format!("the made-up scene came out wrong: {what}")));
    let Some(object) = snapshot.objects().next() else {
        return failed(format!("no thing after {FRAMES} frames, expected one box"));
    };
    if snapshot.len() != 1 {
        return failed(format!("{} things, expected one box", snapshot.len()));
    }
    let (got, expected) = (object.obb, truth());
    let off = (got.centre - expected.centre).norm();
    if off > TOLERANCE_M {
        return failed(format!("the box is {off:.3} m off, expected at most {TOLERANCE_M}"));
    }
    let (got_low, got_high) = got.bounds();
    let (low, high) = expected.bounds();
    let off = (got_low - low).amax().max((got_high - high).amax());
    if off > TOLERANCE_M {
        return failed(format!("a side of the box is {off:.3} m off, expected at most {TOLERANCE_M}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomon::scene::scene_from_json;

    #[test]
    fn every_pixel_of_the_drawn_box_lies_on_its_surface_and_every_other_on_the_floor() {
        let camera = Intrinsics::pinhole(WIDTH, HEIGHT, 130.0, 130.0, 79.5, 59.5).expect("a camera");
        for step in 0..FRAMES {
            let pose = camera_at(step);
            let view = draw(&camera, &pose);
            let mut on_box = 0;
            for (i, (&z, &is_box)) in view.metres.iter().zip(&view.is_box).enumerate() {
                let (u, v) = (i as u32 % WIDTH, i as u32 / WIDTH);
                let point = pose * Point3::from(camera.ray(f64::from(u), f64::from(v)).expect("a ray") * f64::from(z));
                if is_box == 1 {
                    on_box += 1;
                    let depth_inside = truth().size * 0.5 - truth().to_box(&point).abs();
                    assert!(depth_inside.min().abs() < 1e-5, "{u} {v}: {point}");
                } else if z > 0.0 {
                    assert!(point.z.abs() < 1e-5, "{u} {v}: {point}");
                }
            }
            assert!(on_box > 500, "{on_box} pixels");
            let [x0, y0, x1, y1] = view.bbox;
            assert!(x0 > 0.0 && y0 > 0.0 && x1 < WIDTH as f32 && y1 < HEIGHT as f32, "all of it is in view");
        }
    }

    fn found(center: &str, size: &str) -> Snapshot {
        let object = format!(
            r#"{{"id": 1, "label": "box", "name": "box#1", "labels": {{"box": 1}}, "center": {center}, "size": {size},
            "rotation": [0, 0, 0, 1], "yaw": 0, "cov": [0, 0, 0, 0, 0, 0], "size_sigma": [0, 0, 0], "yaw_sigma": 0,
            "existence": 1, "truncated": false, "state": "confirmed", "first_seen_ns": 0, "last_seen_ns": 0,
            "observations": 5}}"#
        );
        scene_from_json(&format!(
            r#"{{"format": "gnomon.scene", "version": 1, "world_from_input": [1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1],
            "up": "z", "objects": [{object}], "supports": [], "keyframes": []}}"#
        ))
        .expect("a scene")
    }

    #[test]
    fn a_box_in_its_place_passes_and_one_elsewhere_does_not() {
        assert!(judge(&found("[0.02, -0.03, 0.26]", "[0.62, 0.38, 0.5]")).is_ok());
        assert!(judge(&found("[0.3, 0, 0.25]", "[0.6, 0.4, 0.5]")).is_err());
        assert!(judge(&found("[0, 0, 0.25]", "[1.2, 0.4, 0.5]")).is_err());
        let empty = Snapshot::of(Vec::new(), Vec::new(), 0).expect("empty");
        assert!(judge(&empty).expect_err("nothing there").to_string().contains("no thing after 5 frames"));
    }
}
