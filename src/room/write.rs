//! A sequence as files, in a layout that other programs read too.
//!
//! - `images/00000.png`: 8-bit RGB; `depth/00000.png`: 16-bit millimetres, 0 for none.
//! - `poses.txt`: a line a frame, `world_from_camera` as 4 x 4 numbers, row-major; `K.txt`: the 3 x 3 intrinsics.
//! - `detections.jsonl`: a line a detection, its mask as uncompressed COCO runs (column-major over the whole image,
//!   the first run is of zeros).
//! - `truth.json`: the objects' boxes, and which of them were seen enough to be asked for.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use serde_json::json;

use super::camera::RoomCamera;
use super::detect::RoomDetection;
use super::sequence::{RoomFrame, RoomSequence, SeenCounter};

/// Writes all frames and the truth into `dir`, made if need be, and calls `written` with each frame's index.
///
/// # Errors
/// Whatever the file system refuses.
pub fn write_sequence(
    dir: &Path,
    sequence: &mut RoomSequence<'_>,
    mut written: impl FnMut(usize),
) -> io::Result<()> {
    fs::create_dir_all(dir.join("images"))?;
    fs::create_dir_all(dir.join("depth"))?;
    fs::write(
        dir.join("K.txt"),
        intrinsics_text(&sequence.options().camera),
    )?;
    let mut poses = BufWriter::new(File::create(dir.join("poses.txt"))?);
    let mut detections = BufWriter::new(File::create(dir.join("detections.jsonl"))?);
    let mut seen = SeenCounter::default();
    for index in 0..sequence.len() {
        let frame = sequence.frame(index);
        write_images(dir, index, &frame)?;
        writeln!(poses, "{}", pose_line(&frame))?;
        for detection in &frame.detections {
            writeln!(
                detections,
                "{}",
                detection_line(index, detection, &frame.camera)
            )?;
        }
        seen.add(&frame);
        written(index);
    }
    poses.flush()?;
    detections.flush()?;
    let truth = json!({ "objects": sequence.room().truth(), "counted": seen.counted() });
    fs::write(dir.join("truth.json"), format!("{truth:#}\n"))
}

fn intrinsics_text(camera: &RoomCamera) -> String {
    let RoomCamera { fx, fy, cx, cy, .. } = camera;
    format!("{fx} 0 {cx}\n0 {fy} {cy}\n0 0 1\n")
}

fn write_images(dir: &Path, index: usize, frame: &RoomFrame) -> io::Result<()> {
    let name = format!("{index:05}.png");
    let size = [frame.camera.width, frame.camera.height];
    let rgb = dir.join("images").join(&name);
    write_png(&rgb, &frame.rgb, size, ExtendedColorType::Rgb8)?;
    let millimetres: Vec<u8> = frame
        .depth_m
        .iter()
        .flat_map(|&z| depth_mm(z).to_ne_bytes())
        .collect();
    let depth = dir.join("depth").join(&name);
    write_png(&depth, &millimetres, size, ExtendedColorType::L16)
}

/// Samples of 16 bits are given in this machine's byte order.
fn write_png(
    path: &Path,
    bytes: &[u8],
    size: [u32; 2],
    colour: ExtendedColorType,
) -> io::Result<()> {
    let file = BufWriter::new(File::create(path)?);
    PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::Sub)
        .write_image(bytes, size[0], size[1], colour)
        .map_err(io::Error::other)
}

/// Whole millimetres; 0 for no depth and for what 16 bits cannot hold.
fn depth_mm(z_m: f32) -> u16 {
    let millimetres = (z_m * 1000.0).round();
    if millimetres > 0.0 && millimetres <= f32::from(u16::MAX) {
        millimetres as u16
    } else {
        0
    }
}

fn pose_line(frame: &RoomFrame) -> String {
    let matrix = frame.world_from_camera.to_homogeneous();
    // The storage is column-major.
    let numbers: Vec<String> = matrix.transpose().iter().map(f64::to_string).collect();
    numbers.join(" ")
}

fn detection_line(
    index: usize,
    detection: &RoomDetection,
    camera: &RoomCamera,
) -> serde_json::Value {
    json!({
        "frame": index,
        "label": detection.label,
        "score": detection.score,
        "box": detection.bbox,
        "mask": { "size": [camera.height, camera.width], "counts": coco_runs(detection, camera) },
    })
}

/// Lengths of alternating runs of zeros and ones down the columns of the whole image.
fn coco_runs(detection: &RoomDetection, camera: &RoomCamera) -> Vec<u32> {
    let mut runs = vec![0];
    let mut counted = 0;
    for column in 0..detection.mask_w {
        for row in 0..detection.mask_h {
            if detection.mask[(row * detection.mask_w + column) as usize] == 0 {
                continue;
            }
            let at = (detection.mask_x + column) * camera.height + detection.mask_y + row;
            extend_runs(&mut runs, at - counted);
            counted = at + 1;
        }
    }
    let rest = camera.width * camera.height - counted;
    if rest > 0 {
        extend_zeros(&mut runs, rest);
    }
    runs
}

/// Appends so many zeros, then a one.
fn extend_runs(runs: &mut Vec<u32>, zeros: u32) {
    if zeros > 0 || runs.len() == 1 {
        extend_zeros(runs, zeros);
        runs.push(0);
    }
    if let Some(ones) = runs.last_mut() {
        *ones += 1;
    }
}

/// Zeros go to the first run while it is the only one, else to a new run.
fn extend_zeros(runs: &mut Vec<u32>, zeros: u32) {
    match runs.as_mut_slice() {
        [first] => *first += zeros,
        _ => runs.push(zeros),
    }
}
