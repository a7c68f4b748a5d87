//! Reads a recorded sequence, integrates every frame, prints the things found, the map round the last camera, and an answer
//! to a question in words.
//!
//! `cargo run --example sequence -- FOLDER [UP]`. The layout "raw" of FOLDER is described in `examples/c/sequence.c`, which
//! does the same and prints the same.

use gnomon::answer::{AskOptions, ask_text};
use gnomon::cogmap::{CogMapOptions, LocalCogMap, LocalFrame};
use gnomon::frame::{Frame, ImageView, Intrinsics, MetricZ, PixelFormat, Up, pose_from_matrix};
use gnomon::lift::Detection;
use gnomon::scene::{Scene, SceneOptions};
use std::error::Error;
use std::path::Path;

const FRAME_NS: i64 = 33_333_333;

/// A picture: width, height and its bytes, as they stand in the file.
struct Picture {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

struct DetectionLine {
    frame: usize,
    label: String,
    score: f32,
    bbox: [f32; 4],
}

/// A binary PNM whose first word is `kind` and whose pixels take `pixel_bytes` each.
fn read_picture(path: &Path, kind: &str, pixel_bytes: usize) -> Result<Picture, Box<dyn Error>> {
    let file = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut at = 0;
    let mut word = || {
        while at < file.len() && (file[at].is_ascii_whitespace() || file[at] == b'#') {
            if file[at] == b'#' {
                at += file[at..].iter().position(|&b| b == b'\n').unwrap_or(file.len() - at - 1);
            }
            at += 1;
        }
        let end = file[at..].iter().position(u8::is_ascii_whitespace).map_or(file.len(), |n| at + n);
        let word = String::from_utf8_lossy(&file[at..end]).into_owned();
        at = end;
        word
    };
    let (found, width, height, _most) = (word(), word().parse()?, word().parse()?, word());
    let bytes = file.get(at + 1..at + 1 + width as usize * height as usize * pixel_bytes);
    match bytes {
        Some(bytes) if found == kind => Ok(Picture { width, height, bytes: bytes.to_vec() }),
        _ => Err(format!("{}: no whole {kind}", path.display()).into()),
    }
}

fn read_numbers(path: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}

fn read_detections(path: &Path) -> Result<Vec<DetectionLine>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let one = |line: &str| -> Result<DetectionLine, Box<dyn Error>> {
        let [frame, label, score, x0, y0, x1, y1] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(format!("\"{line}\" is not: frame label score x0 y0 x1 y1").into());
        };
        Ok(DetectionLine {
            frame: frame.parse()?,
            label: label.to_string(),
            score: score.parse()?,
            bbox: [x0.parse()?, y0.parse()?, x1.parse()?, y1.parse()?],
        })
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(one).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, up) = match &arguments[..] {
        [folder] => (Path::new(folder), "z"),
        [folder, up] => (Path::new(folder), up.as_str()),
        _ => return Err("usage: sequence FOLDER [UP]".into()),
    };
    let k = <[f64; 9]>::try_from(read_numbers(&folder.join("K.txt"))?).map_err(|_| "K.txt: not nine numbers")?;
    let poses = read_numbers(&folder.join("poses.txt"))?;
    let (poses, rest) = poses.as_chunks::<16>();
    if poses.is_empty() || !rest.is_empty() {
        return Err("poses.txt: not sixteen numbers a frame".into());
    }
    let lines = read_detections(&folder.join("detections.txt"))?;

    let mut scene = Scene::new(SceneOptions { up: Up::parse(up)?, ..Default::default() })?;
    for (number, pose) in poses.iter().enumerate() {
        let colour = read_picture(&folder.join(format!("images/{number:05}.ppm")), "P6", 3)?;
        let depth = read_picture(&folder.join(format!("depth/{number:05}.pgm")), "P5", 2)?;
        let (pairs, _) = depth.bytes.as_chunks::<2>();
        let millimetres: Vec<u16> = pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect();
        let frame = Frame {
            colour: Some(ImageView::new(&colour.bytes, colour.width, colour.height, 0, PixelFormat::Rgb8)?),
            depth: MetricZ::from_millimetres(&millimetres, depth.width, depth.height)?,
            intrinsics: Intrinsics::pinhole(colour.width, colour.height, k[0], k[4], k[2], k[5])?,
            depth_camera: None,
            world_from_camera: pose_from_matrix(pose)?,
            stamp_ns: number as i64 * FRAME_NS,
            camera_id: 0,
        };
        let detections: Vec<Detection<'_>> = lines
            .iter()
            .filter(|line| line.frame == number)
            .map(|line| Detection { label: &line.label, score: line.score, bbox: line.bbox, mask: None, feature: None })
            .collect();
        let report = scene.integrate(&frame, &detections)?;
        println!(
            "frame {number}: {} detections, {} lifted, {} known, {} born",
            report.detections, report.lifted, report.associated, report.born
        );
    }

    let snapshot = scene.publish();
    println!("objects: {}", snapshot.len());
    for object in snapshot.objects() {
        let (centre, size) = (object.obb.centre, object.obb.size);
        println!(
            "{} at {:.2} {:.2} {:.2}, size {:.2} {:.2} {:.2}, yaw {:.2}, existence {:.2}, seen {}",
            object.name,
            centre.x,
            centre.y,
            centre.z,
            size.x,
            size.y,
            size.z,
            object.obb.yaw_rad(),
            object.existence,
            object.observations
        );
    }
    let here = LocalFrame::from_pose(&snapshot.world_from_camera())?;
    print!("{}", LocalCogMap::build(&snapshot, &here, &CogMapOptions::default())?.to_ascii());
    let question = "How many chairs are there?";
    println!("{question} {}", ask_text(&snapshot, question, &[], &AskOptions::default())?.sentence());
    Ok(())
}
