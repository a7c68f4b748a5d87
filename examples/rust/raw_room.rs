//! Renders a room and writes it in the layout "raw" that `examples/c/sequence.c` reads.
//!
//! `cargo run --example raw_room -- FOLDER [SEED] [FRAMES]`. Pictures of 320 x 240 pixels; detections without masks.

use gnomon::room::{Room, RoomOptions, RoomSequence};
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("usage: raw_room FOLDER [SEED] [FRAMES]")?);
    let seed = arguments.get(1).map_or(Ok(7), |word| word.parse())?;
    let frames = arguments.get(2).map_or(Ok(30), |word| word.parse())?;

    let room = Room::generate(seed);
    let whole = RoomOptions::default();
    let options = RoomOptions { seed, frames, camera: whole.camera.reduced(2), ..whole };
    let mut sequence = RoomSequence::new(&room, options);
    std::fs::create_dir_all(folder.join("images"))?;
    std::fs::create_dir_all(folder.join("depth"))?;
    let (mut poses, mut detections, mut k) = (String::new(), String::new(), String::new());
    for number in 0..sequence.len() {
        let frame = sequence.frame(number);
        let camera = &frame.camera;
        k = format!("{} 0 {}\n0 {} {}\n0 0 1\n", camera.fx, camera.cx, camera.fy, camera.cy);

        let mut ppm = format!("P6\n{} {}\n255\n", camera.width, camera.height).into_bytes();
        ppm.extend_from_slice(&frame.rgb);
        std::fs::write(folder.join(format!("images/{number:05}.ppm")), ppm)?;
        let mut pgm = format!("P5\n{} {}\n65535\n", camera.width, camera.height).into_bytes();
        pgm.extend(frame.depth_m.iter().flat_map(|&z| {
            let millimetres = (z * 1000.0).round(); // NaN casts to 0: none
            (if millimetres < 65535.0 { millimetres as u16 } else { 0 }).to_be_bytes()
        }));
        std::fs::write(folder.join(format!("depth/{number:05}.pgm")), pgm)?;

        let rows = frame.world_from_camera.to_homogeneous().transpose();
        let numbers: Vec<String> = rows.iter().map(f64::to_string).collect();
        writeln!(poses, "{}", numbers.join(" "))?;
        for detection in &frame.detections {
            let label: String = detection.label.split_whitespace().collect::<Vec<_>>().join("_");
            let [x0, y0, x1, y1] = detection.bbox;
            writeln!(detections, "{number} {label} {} {x0} {y0} {x1} {y1}", detection.score)?;
        }
    }
    std::fs::write(folder.join("K.txt"), k)?;
    std::fs::write(folder.join("poses.txt"), poses)?;
    std::fs::write(folder.join("detections.txt"), detections)?;
    println!("wrote {} frames to {}", sequence.len(), folder.display());
    Ok(())
}
