//! The program as people call it, and a sequence for it to look at.

#![allow(dead_code, reason = "each test that takes it in uses a part")]

use image::{ImageBuffer, Luma, Rgb};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in a folder.
pub fn gnomon(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gnomon")).args(words).current_dir(folder).output().expect("the program starts")
}

/// Runs the program in a folder and gives what it prints; it must succeed.
pub fn works(words: &[&str], folder: &Path) -> String {
    let output = gnomon(words, folder);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// An annotated room named "den" as boxes: a sofa of 0.8 m and, 3 m along x, a tv of 0.6 m.
pub fn write_den(path: &Path) {
    let a_box = |x: f64, height: f64| {
        serde_json::json!({"centroid": [x, 0.0, height / 2.0], "axesLengths": [1.0, 1.0, height],
            "normalizedAxes": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]})
    };
    let boxes = serde_json::json!({"den": {"object_bbox": {"sofa": [a_box(0.0, 0.8)], "tv": [a_box(3.0, 0.6)]}}});
    fs::write(path, boxes.to_string()).expect("written");
}

/// Makes a sequence of `frames` pictures of 320 x 240 pixels, taken 2 m above a floor, looking down on it, 10 cm from one to
/// the next; colours and millimetres by pixel, in each the same.
pub fn write_walk(
    folder: &Path,
    frames: usize,
    colour: impl Fn(u32, u32) -> [u8; 3],
    depth_mm: impl Fn(u32, u32) -> u16,
) {
    let mut poses = String::new();
    for part in ["images", "depth"] {
        fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    for i in 0..frames {
        let picture = ImageBuffer::from_fn(320, 240, |x, y| Rgb(colour(x, y)));
        picture.save(folder.join(format!("images/{i}.png"))).expect("written");
        let depth = ImageBuffer::from_fn(320, 240, |x, y| Luma([depth_mm(x, y)]));
        depth.save(folder.join(format!("depth/{i}.png"))).expect("written");
        poses += &format!("1 0 0 0.{i} 0 -1 0 0 0 0 -1 2 0 0 0 1\n");
    }
    fs::write(folder.join("poses.txt"), poses).expect("written");
    fs::write(folder.join("K.txt"), "240 0 159.5\n0 240 119.5\n0 0 1\n").expect("written");
}
