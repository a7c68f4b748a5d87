//! Pictures, lenses and registered depth against what OpenCV makes of them, recorded by `tools/record_opencv.py`.

use gnomon::frame::{
    DepthCamera, DepthGrid, Distortion, DistortionModel, Frame, ImageView, Intrinsics, MetricZ, PixelFormat, Pose,
    Registrar, pose_from_matrix,
};
use nalgebra::Point3;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Recording<T> {
    recorded: T,
}

fn recorded<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/opencv").join(name);
    let text = std::fs::read_to_string(path).expect("a recording");
    serde_json::from_str::<Recording<T>>(&text).expect("what was recorded").recorded
}

fn from_hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("hex")).collect()
}

#[derive(Deserialize)]
struct Picture {
    format: String,
    width: u32,
    height: u32,
    stride: usize,
    bytes: String,
    rgb: String,
}

fn format_of(word: &str) -> PixelFormat {
    PixelFormat::ALL.into_iter().find(|format| format.word() == word).expect("a format")
}

/// The recording has 16-bit numbers with the low byte first.
fn in_machine_order(picture: &Picture, mut bytes: Vec<u8>) -> Vec<u8> {
    if picture.format == "mono16" && cfg!(target_endian = "big") {
        for row in bytes.chunks_mut(picture.stride) {
            let pixels = row.len().min(2 * picture.width as usize);
            row[..pixels].chunks_exact_mut(2).for_each(<[u8]>::reverse);
        }
    }
    bytes
}

#[test]
fn every_colour_format_becomes_the_bytes_opencv_makes_of_it() {
    let pictures: Vec<Picture> = recorded("colours.json");
    for format in PixelFormat::ALL {
        assert!(pictures.iter().filter(|picture| picture.format == format.word()).count() >= 3, "{}", format.word());
    }
    for picture in &pictures {
        let (bytes, truth) = (in_machine_order(picture, from_hex(&picture.bytes)), from_hex(&picture.rgb));
        let (width, height) = (picture.width, picture.height);
        let format = format_of(&picture.format);
        let view = ImageView::new(&bytes, width, height, picture.stride, format).expect("it fits exactly");
        let of = format!("{} {width}x{height}", picture.format);
        let mut row = vec![0; 3 * width as usize];
        for (v, true_row) in (0..height).zip(truth.chunks_exact(row.len())) {
            view.rgb_row(v, &mut row).expect("a row of it");
            assert_eq!(row, true_row, "{of} row {v}");
            for (u, pixel) in (0..width).zip(true_row.chunks_exact(3)) {
                assert_eq!(view.rgb(u, v).expect("inside"), *pixel, "{of} ({u}, {v})");
            }
        }
        let short = &bytes[..bytes.len() - 1];
        assert!(ImageView::new(short, width, height, picture.stride, format).is_err(), "{of}: a byte is missing");
    }
}

#[derive(Deserialize)]
struct Lens {
    name: String,
    model: String,
    coefficients: Vec<f64>,
    camera: [f64; 4],
    points: Vec<[f64; 3]>,
    pixels: Vec<[f64; 2]>,
    directions: Vec<[f64; 2]>,
}

fn camera_of([width, height]: [u32; 2], [fx, fy, cx, cy]: [f64; 4], model: &str, coefficients: &[f64]) -> Intrinsics {
    let model = DistortionModel::parse(model).expect("a model");
    let distortion = Distortion::new(model, coefficients).expect("a lens");
    Intrinsics { distortion, ..Intrinsics::pinhole(width, height, fx, fy, cx, cy).expect("a camera") }
}

#[test]
fn every_lens_projects_and_undistorts_as_opencv_does() {
    let lenses: Vec<Lens> = recorded("lenses.json");
    for model in DistortionModel::ALL {
        assert!(lenses.iter().filter(|lens| lens.model == model.word()).count() >= 2, "{}", model.word());
    }
    for lens in &lenses {
        let camera = camera_of([640, 480], lens.camera, &lens.model, &lens.coefficients);
        assert!(lens.points.len() == 24 && lens.pixels.len() == 24 && lens.directions.len() == 24);
        for ((point, pixel), direction) in lens.points.iter().zip(&lens.pixels).zip(&lens.directions) {
            let [u, v] = camera.project(&Point3::from(*point)).unwrap_or_else(|| panic!("{} {point:?}", lens.name));
            let off_px = (u - pixel[0]).abs().max((v - pixel[1]).abs());
            assert!(off_px <= 1e-6, "{}: {point:?} is {off_px} pixels off", lens.name);
            let ray = camera.ray(pixel[0], pixel[1]).unwrap_or_else(|| panic!("{} {pixel:?}", lens.name));
            let off = (ray.x - direction[0]).abs().max((ray.y - direction[1]).abs());
            assert!(off <= 1e-6 && ray.z == 1.0, "{}: {pixel:?} is {off} off", lens.name);
        }
    }
}

#[derive(Deserialize)]
struct Registered {
    depth_size: [u32; 2],
    colour_size: [u32; 2],
    depth_camera: [f64; 4],
    colour_camera: [f64; 4],
    colour_from_depth: [f64; 16],
    lenses: BTreeMap<String, Vec<f64>>,
    millimetres: Vec<u16>,
    maps: Vec<CarriedOver>,
}

#[derive(Deserialize)]
struct CarriedOver {
    depth_model: String,
    colour_model: String,
    z: Vec<f32>,
}

#[test]
fn depth_of_any_lens_lands_in_the_pixels_of_any_other_with_its_z() {
    let recording: Registered = recorded("registered.json");
    let [width, height] = recording.depth_size;
    assert_eq!(recording.maps.len(), 9);
    let mut registrar = Registrar::default();
    for map in &recording.maps {
        let depth_lens = &recording.lenses[&map.depth_model];
        let colour_lens = &recording.lenses[&map.colour_model];
        let depth_camera = DepthCamera {
            intrinsics: camera_of(recording.depth_size, recording.depth_camera, &map.depth_model, depth_lens),
            colour_from_depth: pose_from_matrix(&recording.colour_from_depth).expect("a pose"),
        };
        let frame = Frame {
            colour: None,
            depth: MetricZ::from_millimetres(&recording.millimetres, width, height).expect("its size"),
            intrinsics: camera_of(recording.colour_size, recording.colour_camera, &map.colour_model, colour_lens),
            depth_camera: Some(depth_camera),
            world_from_camera: Pose::identity(),
            stamp_ns: 0,
            camera_id: 0,
        };
        let mut grid = DepthGrid::default();
        registrar.register(&frame, &mut grid).expect("it fits");
        assert_eq!(grid.z.len(), map.z.len());
        for (at, (z, truth)) in grid.z.iter().zip(&map.z).enumerate() {
            let of = format!("{} to {}, pixel {at}", map.depth_model, map.colour_model);
            assert!((z - truth).abs() <= 2e-6, "{of}: {z} m, expected {truth}");
        }
    }
}
