//! A sequence as files, in a layout that other programs read too.
//!
//! - `images/00000.png`: 8-bit RGB; `depth/00000.png`: 16-bit millimetres, 0 for none.
//! - `poses.txt`: a line a frame, `world_from_camera` as 4 x 4 numbers, row-major; `K.txt`: the 3 x 3 intrinsics.
//! - `detections.jsonl`: a line a detection, its mask as uncompressed COCO runs (column-major over the whole image,
//!   the first run is of zeros).
//! - `truth.json`: the objects' boxes, and which of them were seen enough to be asked for.
//!
//! Or the layout "raw", for readers without a picture library: `images/00000.ppm` (binary PPM, 8 bits),
//! `depth/00000.pgm` (binary PGM, 16 bits, most significant byte first, millimetres), `poses.txt`, `K.txt` and
//! `truth.json` as above, and `detections.txt`: a line a detection, `frame label score x0 y0 x1 y1`, blanks in labels
//! as underscores, no masks. A folder holds one layout or the other: readers of the first would take the pictures of
//! the second for more frames.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use serde_json::json;

use super::camera::RoomCamera;
use super::detect::RoomDetection;
use super::sequence::{RoomFrame, RoomSequence, SeenCounter};
use super::views::RoomView;

/// Writes views of one size into `dir`, made if need be: `colour.u8`, three bytes a pixel, and `depth.u16`, millimetres, the
/// least significant byte first, picture after picture, row after row; `views.json`: `size`, width and height,
/// `cameras`, fx, fy, cx, cy of each, and `stances`, up in the camera's axes and metres over the floor of each.
///
/// # Errors
/// Whatever the file system refuses.
pub fn write_views(dir: &Path, views: &[RoomView]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut colour = BufWriter::new(File::create(dir.join("colour.u8"))?);
    let mut depth = BufWriter::new(File::create(dir.join("depth.u16"))?);
    for view in views {
        colour.write_all(&view.rgb)?;
        let millimetres: Vec<u8> = view.depth_m.iter().flat_map(|&z| depth_mm(z).to_le_bytes()).collect();
        depth.write_all(&millimetres)?;
    }
    colour.flush()?;
    depth.flush()?;
    let size = views.first().map_or([0, 0], |view| [view.camera.width, view.camera.height]);
    let cameras: Vec<[f64; 4]> =
        views.iter().map(|view| [view.camera.fx, view.camera.fy, view.camera.cx, view.camera.cy]).collect();
    let stances: Vec<[f64; 4]> = views.iter().map(|view| view.stance).collect();
    fs::write(dir.join("views.json"), format!("{}\n", json!({ "size": size, "cameras": cameras, "stances": stances })))
}

/// How pictures and detections are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Png,
    Raw,
}

/// Writes all frames and the truth into `dir`, made if need be, and calls `written` with each frame's index.
///
/// # Errors
/// Whatever the file system refuses.
pub fn write_sequence(dir: &Path, sequence: &mut RoomSequence<'_>, written: impl FnMut(usize)) -> io::Result<()> {
    write_layout(dir, sequence, Layout::Png, written)
}

/// As [`write_sequence`], in the layout "raw": portable pixmaps, detections as words without masks.
///
/// # Errors
/// Whatever the file system refuses.
pub fn write_raw_sequence(dir: &Path, sequence: &mut RoomSequence<'_>, written: impl FnMut(usize)) -> io::Result<()> {
    write_layout(dir, sequence, Layout::Raw, written)
}

fn write_layout(
    dir: &Path,
    sequence: &mut RoomSequence<'_>,
    layout: Layout,
    mut written: impl FnMut(usize),
) -> io::Result<()> {
    fs::create_dir_all(dir.join("images"))?;
    fs::create_dir_all(dir.join("depth"))?;
    fs::write(dir.join("K.txt"), intrinsics_text(&sequence.options().camera))?;
    let mut poses = BufWriter::new(File::create(dir.join("poses.txt"))?);
    let mut detections = BufWriter::new(File::create(dir.join(layout.detections_name()))?);
    let mut seen = SeenCounter::default();
    for index in 0..sequence.len() {
        let frame = sequence.frame(index);
        match layout {
            Layout::Png => write_images(dir, index, &frame)?,
            Layout::Raw => write_raw_images(dir, index, &frame)?,
        }
        writeln!(poses, "{}", pose_line(&frame))?;
        for detection in &frame.detections {
            match layout {
                Layout::Png => writeln!(detections, "{}", detection_line(index, detection, &frame.camera))?,
                Layout::Raw => writeln!(detections, "{}", raw_detection_line(index, detection))?,
            }
        }
        seen.add(&frame);
        written(index);
    }
    poses.flush()?;
    detections.flush()?;
    let truth = json!({ "objects": sequence.room().truth(), "counted": seen.counted() });
    fs::write(dir.join("truth.json"), format!("{truth:#}\n"))
}

impl Layout {
    fn detections_name(self) -> &'static str {
        match self {
            Self::Png => "detections.jsonl",
            Self::Raw => "detections.txt",
        }
    }
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
    let millimetres: Vec<u8> = frame.depth_m.iter().flat_map(|&z| depth_mm(z).to_ne_bytes()).collect();
    let depth = dir.join("depth").join(&name);
    write_png(&depth, &millimetres, size, ExtendedColorType::L16)
}

/// Samples of 16 bits are given in this machine's byte order.
fn write_png(path: &Path, bytes: &[u8], size: [u32; 2], colour: ExtendedColorType) -> io::Result<()> {
    let file = BufWriter::new(File::create(path)?);
    PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::Sub)
        .write_image(bytes, size[0], size[1], colour)
        .map_err(io::Error::other)
}

fn write_raw_images(dir: &Path, index: usize, frame: &RoomFrame) -> io::Result<()> {
    let size = format!("{} {}", frame.camera.width, frame.camera.height);
    let mut ppm = format!("P6\n{size}\n255\n").into_bytes();
    ppm.extend_from_slice(&frame.rgb);
    fs::write(dir.join(format!("images/{index:05}.ppm")), ppm)?;
    let mut pgm = format!("P5\n{size}\n65535\n").into_bytes();
    pgm.extend(frame.depth_m.iter().flat_map(|&z| depth_mm(z).to_be_bytes()));
    fs::write(dir.join(format!("depth/{index:05}.pgm")), pgm)
}

/// Whole millimetres; 0 for no depth and for what 16 bits cannot hold.
fn depth_mm(z_m: f32) -> u16 {
    let millimetres = (z_m * 1000.0).round();
    if millimetres > 0.0 && millimetres <= f32::from(u16::MAX) { millimetres as u16 } else { 0 }
}

fn pose_line(frame: &RoomFrame) -> String {
    let matrix = frame.world_from_camera.to_homogeneous();
    // The storage is column-major.
    let numbers: Vec<String> = matrix.transpose().iter().map(f64::to_string).collect();
    numbers.join(" ")
}

fn detection_line(index: usize, detection: &RoomDetection, camera: &RoomCamera) -> serde_json::Value {
    // Widened as it is, 0.9 would read 0.8999999761581421.
    let score = (f64::from(detection.score) * 1e4).round() / 1e4;
    json!({
        "frame": index,
        "label": detection.label,
        "score": score,
        "box": detection.bbox,
        "mask": { "size": [camera.height, camera.width], "counts": coco_runs(detection, camera) },
    })
}

fn raw_detection_line(index: usize, detection: &RoomDetection) -> String {
    let label = detection.label.split_whitespace().collect::<Vec<_>>().join("_");
    let [x0, y0, x1, y1] = detection.bbox;
    format!("{index} {label} {} {x0} {y0} {x1} {y1}", detection.score)
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

#[cfg(test)]
mod tests {
    use super::super::{Room, RoomOptions};
    use super::*;
    use serde_json::Value;

    const FRAMES: usize = 6;

    fn written(noisy: bool) -> (tempfile::TempDir, Vec<RoomFrame>, Room) {
        let room = Room::generate(5);
        let options = RoomOptions { seed: 2, frames: FRAMES, noisy, camera: RoomCamera::default().reduced(4) };
        let dir = tempfile::tempdir().unwrap();
        let mut sequence = RoomSequence::new(&room, options);
        let mut told = Vec::new();
        write_sequence(dir.path(), &mut sequence, |index| told.push(index)).unwrap();
        assert_eq!(told, (0..FRAMES).collect::<Vec<_>>());
        let frames = (0..FRAMES).map(|index| sequence.frame(index)).collect();
        drop(sequence);
        (dir, frames, room)
    }

    /// The mask on the whole image, row-major.
    fn decoded(mask: &Value) -> Vec<bool> {
        let number = |value: &Value| value.as_u64().unwrap() as usize;
        let (height, width) = (number(&mask["size"][0]), number(&mask["size"][1]));
        let mut columns = Vec::new();
        for (run, count) in mask["counts"].as_array().unwrap().iter().enumerate() {
            columns.extend(std::iter::repeat_n(run % 2 == 1, number(count)));
        }
        assert_eq!(columns.len(), width * height);
        (0..width * height).map(|at| columns[at % width * height + at / width]).collect()
    }

    #[test]
    fn images_read_back_as_they_were_rendered() {
        let (dir, frames, _) = written(true);
        for (index, frame) in frames.iter().enumerate() {
            let open = |kind: &str| image::open(dir.path().join(format!("{kind}/{index:05}.png")));
            let rgb = open("images").unwrap().into_rgb8();
            assert_eq!(rgb.into_raw(), frame.rgb);
            let depth = open("depth").unwrap().into_luma16().into_raw();
            for (&millimetres, &z) in depth.iter().zip(&frame.depth_m) {
                match millimetres {
                    0 => assert!(z.is_nan()),
                    _ => assert!((f32::from(millimetres) / 1000.0 - z).abs() <= 0.000_51),
                }
            }
        }
    }

    #[test]
    fn poses_read_back_as_they_were_reported() {
        let (dir, frames, _) = written(true);
        let text = fs::read_to_string(dir.path().join("poses.txt")).unwrap();
        assert_eq!(text.lines().count(), FRAMES);
        for (line, frame) in text.lines().zip(&frames) {
            let numbers: Vec<f64> = line.split(' ').map(|n| n.parse().unwrap()).collect();
            let matrix = nalgebra::Matrix4::from_row_slice(&numbers);
            assert_eq!(matrix, frame.world_from_camera.to_homogeneous());
        }
        let text = fs::read_to_string(dir.path().join("K.txt")).unwrap();
        assert_eq!(text, "131.25 0 79.5\n0 131.25 59.5\n0 0 1\n");
    }

    #[test]
    fn detections_read_back_with_their_masks() {
        let (dir, frames, _) = written(true);
        let text = fs::read_to_string(dir.path().join("detections.jsonl")).unwrap();
        let all = || {
            let indexed = frames.iter().enumerate();
            indexed.flat_map(|(index, frame)| frame.detections.iter().map(move |d| (index, d)))
        };
        assert_eq!(text.lines().count(), all().count());
        assert!(all().count() > FRAMES);
        for (line, (index, detection)) in text.lines().zip(all()) {
            let value: Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["frame"], index);
            assert_eq!(value["label"], detection.label.as_str());
            assert_eq!(value["box"][2], f64::from(detection.bbox[2]));
            let mask = decoded(&value["mask"]);
            let set = detection.mask.iter().filter(|&&inside| inside == 255).count();
            assert_eq!(mask.iter().filter(|&&inside| inside).count(), set);
            for (at, &inside) in (0..).zip(&detection.mask) {
                let u = detection.mask_x + at % detection.mask_w;
                let v = detection.mask_y + at / detection.mask_w;
                assert_eq!(mask[(v * 160 + u) as usize], inside == 255);
            }
        }
    }

    #[test]
    fn raw_pictures_and_words_say_what_the_frames_say() {
        let room = Room::generate(5);
        let camera = RoomCamera::default().reduced(4);
        let mut sequence = RoomSequence::new(&room, RoomOptions { seed: 2, frames: FRAMES, noisy: true, camera });
        let dir = tempfile::tempdir().unwrap();
        write_raw_sequence(dir.path(), &mut sequence, |_| ()).unwrap();
        let mut words = String::new();
        for index in 0..FRAMES {
            let frame = sequence.frame(index);
            let ppm = fs::read(dir.path().join(format!("images/{index:05}.ppm"))).unwrap();
            assert_eq!(ppm, [b"P6\n160 120\n255\n", frame.rgb.as_slice()].concat());
            let pgm = fs::read(dir.path().join(format!("depth/{index:05}.pgm"))).unwrap();
            let (header, samples) = pgm.split_at(pgm.len() - 160 * 120 * 2);
            assert_eq!(header, b"P5\n160 120\n65535\n");
            for (pair, &z) in samples.chunks_exact(2).zip(&frame.depth_m) {
                assert_eq!(u16::from_be_bytes([pair[0], pair[1]]), depth_mm(z));
            }
            for d in &frame.detections {
                let [x0, y0, x1, y1] = d.bbox;
                let label = d.label.replace(' ', "_");
                words += &format!("{index} {label} {} {x0} {y0} {x1} {y1}\n", d.score);
            }
        }
        assert!(words.lines().count() > FRAMES);
        assert_eq!(fs::read_to_string(dir.path().join("detections.txt")).unwrap(), words);
        assert!(dir.path().join("truth.json").is_file() && !dir.path().join("detections.jsonl").exists());
    }

    #[test]
    fn a_mask_over_the_whole_image_begins_with_no_zeros() {
        let camera = RoomCamera::default().reduced(160);
        let whole = [0, 0, camera.width, camera.height];
        let full = RoomDetection::on_rectangle(None, "box", 1.0, whole, vec![255; 12]);
        assert_eq!(coco_runs(&full, &camera), [0, 12]);
        let empty = RoomDetection::on_rectangle(None, "box", 1.0, whole, vec![0; 12]);
        assert_eq!(coco_runs(&empty, &camera), [12]);
        let one = RoomDetection::on_rectangle(None, "box", 1.0, [1, 2, 1, 1], vec![255]);
        assert_eq!(coco_runs(&one, &camera), [5, 1, 6]);
    }

    #[test]
    fn the_truth_names_every_object_and_which_count() {
        let (dir, frames, room) = written(false);
        let text = fs::read_to_string(dir.path().join("truth.json")).unwrap();
        let truth: Value = serde_json::from_str(&text).unwrap();
        let mut seen = SeenCounter::default();
        frames.iter().for_each(|frame| seen.add(frame));
        assert_eq!(truth["counted"], json!(seen.counted()));
        let objects = truth["objects"].as_array().unwrap();
        assert_eq!(objects.len(), room.objects().len());
        for (read, object) in objects.iter().zip(room.truth()) {
            assert_eq!(read["label"], object.label);
            for axis in 0..3 {
                // Reading may be one rounding off.
                let off = |key: &str, value: f64| (read[key][axis].as_f64().unwrap() - value).abs();
                assert!(off("center", object.centre[axis]) < 1e-12);
                assert!(off("size", object.size[axis]) < 1e-12);
            }
            assert_eq!(read["round"], object.round);
        }
    }

    #[test]
    fn depth_out_of_range_is_written_as_none() {
        assert_eq!(depth_mm(1.2345), 1235);
        assert_eq!(depth_mm(f32::NAN), 0);
        assert_eq!(depth_mm(f32::INFINITY), 0);
        assert_eq!(depth_mm(70.0), 0);
        assert_eq!(depth_mm(-0.5), 0);
    }
}
