//! Depth families against their published rules, recorded by `tests/golden/depth/make.py`: networks of a few seeded layers
//! written here, pictures of odd sizes. Tests print `not run: no ONNX Runtime` where there is none.

#![cfg(feature = "onnx")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::runtime;
use gnomon::ErrorKind;
use gnomon::depth::{Depth, DepthMap, DepthNet, GeometryNet, Stance};
use gnomon::frame::{ImageView, Intrinsics, PixelFormat, pose_from_matrix};
use gnomon::models::{ModelFolder, ROOM_DEPTH};
use gnomon::runtime::{Control, Runtime, SessionOptions};
use serde::Deserialize;
use testing::{Attribute, Dim, F32, Graph, I64};

/// `TensorProto.DataType.FLOAT16`.
const F16: u64 = 10;

/// What the recording's five digits and other orders of adding may make, as a part of the number.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct OnePicture {
    processor: serde_json::Value,
    cases: Vec<Single>,
}

#[derive(Deserialize)]
struct Single {
    family: String,
    variant: String,
    size: [u32; 2],
    network: [usize; 2],
    depth: Vec<f64>,
    confidence: Option<Vec<f64>>,
    given: Option<[f64; 4]>,
    camera: Option<[f64; 4]>,
    sky: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct ManyPictures {
    cases: Vec<Many>,
}

#[derive(Deserialize)]
struct Many {
    family: String,
    variant: String,
    sizes: Vec<[u32; 2]>,
    network: [usize; 2],
    views: Vec<TrueView>,
}

#[derive(Deserialize)]
struct TrueView {
    depth: Vec<f64>,
    confidence: Vec<f64>,
    camera: [f64; 4],
    world_from_camera: [f64; 12],
    points: Option<[Vec<f64>; 3]>,
    points_confidence: Option<Vec<f64>>,
}

fn recorded<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/depth").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("a recording")).expect("what was recorded")
}

/// The picture of `make.py`.
fn picture(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for c in 0..3 {
                let value = x * x * 3 + y * y * 5 + x * y * (7 * c + seed) + 40 * c * x + 1000 * seed;
                pixels.push((value / 16 % 256) as u8);
            }
        }
    }
    pixels
}

/// The numbers of `make.py`, in [-1, 1).
fn seeded(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32) / 8_388_608.0 - 1.0
    };
    (0..count).map(next).collect()
}

/// The graphs of `make.py`'s networks.
trait Layers: Sized {
    /// A 1 x 1 convolution of x.
    fn layer(self, x: &str, seed: u32, bias: f32, out: u64, name: &str) -> Self;
    /// Means over the pixels of x: [n, 3].
    fn means(self, x: &str, name: &str) -> Self;
    /// Without side `axis`, or with one more there.
    fn squeeze(self, operator: &str, x: &str, axis: i64, name: &str) -> Self;
    fn add(self, x: &str, number: f32, name: &str) -> Self;
}

impl Layers for Graph {
    fn layer(self, x: &str, seed: u32, bias: f32, out: u64, name: &str) -> Self {
        let weights: Vec<f32> = seeded(seed, 3 * out as usize).iter().map(|number| 0.3 * number).collect();
        let (weight, shift) = (format!("weight {seed}"), format!("bias {seed}"));
        self.weight(&weight, &[out, 3, 1, 1], &weights).weight(&shift, &[out], &vec![bias; out as usize]).node(
            "Conv",
            &[x, &weight, &shift],
            &[name],
        )
    }

    fn means(self, x: &str, name: &str) -> Self {
        let attributes = vec![("axes", Attribute::Ints(vec![2, 3])), ("keepdims", Attribute::Int(0))];
        self.node_with("ReduceMean", &[x], &[name], attributes)
    }

    fn squeeze(self, operator: &str, x: &str, axis: i64, name: &str) -> Self {
        let axes = format!("axes of {name}");
        self.weight_i64(&axes, &[1], &[axis]).node(operator, &[x, &axes], &[name])
    }

    fn add(self, x: &str, number: f32, name: &str) -> Self {
        let constant = format!("constant of {name}");
        self.weight(&constant, &[], &[number]).node("Add", &[x, &constant], &[name])
    }
}

const FREE: [Dim<'static>; 4] = [Dim::Named("batch"), Dim::Is(3), Dim::Named("height"), Dim::Named("width")];

fn depth_anything_v2(input: &str, output: &str, sides: &[Dim<'_>; 4], is_metric: bool) -> Vec<u8> {
    let graph = Graph::new("depth").input(input, F32, sides).output(output, F32, &[sides[0], sides[2], sides[3]]);
    let graph = match is_metric {
        false => graph.layer(input, 1, 0.4, 1, "a").node("Relu", &["a"], &["b"]),
        true => graph
            .layer(input, 2, -0.5, 1, "a")
            .node("Sigmoid", &["a"], &["share"])
            .weight("far", &[], &[20.0])
            .node("Mul", &["share", "far"], &["b"]),
    };
    graph.squeeze("Squeeze", "b", 1, output).model()
}

/// `told` is the second output's name, if there is one.
fn depth_pro(told: Option<&str>) -> Vec<u8> {
    let sides = [Dim::Named("batch"), Dim::Is(3), Dim::Is(1536), Dim::Is(1536)];
    let mut graph = Graph::new("depth pro")
        .input("pixel_values", F32, &sides)
        .output("predicted_depth", F32, &[Dim::Named("batch"), Dim::Is(1), Dim::Is(1536), Dim::Is(1536)])
        .layer("pixel_values", 3, 0.15, 1, "a")
        .node("Relu", &["a"], &["predicted_depth"]);
    if let Some(told) = told {
        let attributes = vec![("axes", Attribute::Ints(vec![1, 2, 3])), ("keepdims", Attribute::Int(0))];
        graph = graph
            .output(told, F32, &[Dim::Named("batch")])
            .node_with("ReduceMean", &["pixel_values"], &["mean"], attributes)
            .weight("five", &[], &[5.0])
            .node("Mul", &["mean", "five"], &["more"])
            .add("more", 55.0, told);
    }
    graph.model()
}

/// `camera` is fx, fy, cx, cy of the input.
fn unidepth(sides: &[Dim<'_>; 4], camera: [f32; 4], takes_rays: bool) -> Vec<u8> {
    let [fx, fy, cx, cy] = camera;
    let graph = Graph::new("unidepth")
        .input("rgbs", F32, sides)
        .output("pts_3d", F32, sides)
        .output("confidence", F32, &[sides[0], Dim::Is(1), sides[2], sides[3]])
        .output("intrinsics", F32, &[Dim::Is(1), Dim::Is(3), Dim::Is(3)])
        .weight("camera", &[1, 3, 3], &[fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0])
        .node("Identity", &["camera"], &["intrinsics"])
        .layer("rgbs", 6, 0.0, 1, "a")
        .node("Sigmoid", &["a"], &["confidence"]);
    match takes_rays {
        false => graph.layer("rgbs", 4, 2.0, 3, "pts_3d"),
        true => graph.input("rays", F32, sides).layer("rgbs", 5, 1.0, 1, "b").node("Exp", &["b"], &["radius"]).node(
            "Mul",
            &["rays", "radius"],
            &["pts_3d"],
        ),
    }
    .model()
}

fn depth_anything_3_metric() -> Vec<u8> {
    let sides = [FREE[0], Dim::Is(1), FREE[2], FREE[3]];
    Graph::new("metric")
        .input("pixel_values", F32, &FREE)
        .output("depth", F32, &sides)
        .output("sky", F32, &sides)
        .layer("pixel_values", 7, 1.5, 1, "a")
        .node("Exp", &["a"], &["depth"])
        .layer("pixel_values", 8, -1.2, 1, "b")
        .node("Sigmoid", &["b"], &["sky"])
        .model()
}

/// Views of [1, n, 3, h, w]: `maps` names depth and its confidence with their seeds and shifts.
fn views(name: &str, fixed: Option<[u64; 2]>, maps: [(&str, u32, f32); 2], with_last: bool) -> Graph {
    let [height, width] = fixed.map_or([Dim::Named("height"), Dim::Named("width")], |fixed| fixed.map(Dim::Is));
    let mut graph = Graph::new("views")
        .input(name, F32, &[Dim::Is(1), Dim::Named("views"), Dim::Is(3), height, width])
        .squeeze("Squeeze", name, 0, "x")
        .means("x", "means");
    for (at, (output, seed, bias)) in maps.into_iter().enumerate() {
        let (raw, lifted, turned) = (format!("raw {output}"), format!("exp {output}"), format!("turned {output}"));
        graph = graph.layer("x", seed, bias, 1, &raw).node("Exp", &[&raw], &[&lifted]);
        let whole = if at == 0 { lifted } else { format!("one more {output}") };
        if at > 0 {
            graph = graph.add(&format!("exp {output}"), 1.0, &whole);
        }
        let attributes = vec![("perm", Attribute::Ints(vec![1, 0, 2, 3]))];
        let sides = [Dim::Is(1), Dim::Named("views"), height, width];
        graph = match with_last && at == 0 {
            true => graph
                .output(output, F32, &[sides[0], sides[1], sides[2], sides[3], Dim::Is(1)])
                .node_with("Transpose", &[&whole], &[&turned], attributes)
                .squeeze("Unsqueeze", &turned, 4, output),
            false => graph.output(output, F32, &sides).node_with("Transpose", &[&whole], &[output], attributes),
        };
    }
    graph
}

fn with_code(graph: Graph) -> Graph {
    let weights: Vec<f32> = seeded(9, 27).iter().map(|number| 0.2 * number).collect();
    graph
        .output("pose_enc", F32, &[Dim::Is(1), Dim::Named("views"), Dim::Is(9)])
        .weight("code weights", &[3, 9], &weights)
        .weight("code base", &[9], &[0.1, -0.2, 0.3, 0.1, 0.2, -0.1, 0.9, 0.9, 1.1])
        .node("MatMul", &["means", "code weights"], &["code of means"])
        .node("Add", &["code of means", "code base"], &["codes"])
        .squeeze("Unsqueeze", "codes", 0, "pose_enc")
}

/// `camera_from_world` and cameras as matrices.
fn with_matrices(graph: Graph) -> Graph {
    let turn = nalgebra::Quaternion::new(0.9, 0.1, -0.3, 0.2);
    let turn = nalgebra::UnitQuaternion::from_quaternion(turn).to_rotation_matrix().inverse();
    let turn = turn.matrix().cast::<f32>();
    // The translation of camera_from_world is -R^T t, t half of the means.
    let mut base = vec![0.0; 12];
    let mut weights = vec![0.0; 36];
    for row in 0..3 {
        for column in 0..3 {
            base[4 * row + column] = turn[(row, column)];
            weights[12 * column + 4 * row + 3] = -0.5 * turn[(row, column)];
        }
    }
    let camera = [400.0, 0.0, 250.0, 0.0, 410.0, 150.0, 0.0, 0.0, 1.0];
    let mut by_means = [0.0; 27];
    (by_means[0], by_means[9 + 4], by_means[18 + 2]) = (20.0, 20.0, 10.0);
    graph
        .output("extrinsics", F32, &[Dim::Is(1), Dim::Named("views"), Dim::Is(3), Dim::Is(4)])
        .output("intrinsics", F32, &[Dim::Is(1), Dim::Named("views"), Dim::Is(3), Dim::Is(3)])
        .weight("motion weights", &[3, 12], &weights)
        .weight("motion base", &[12], &base)
        .weight("camera weights", &[3, 9], &by_means)
        .weight("camera base", &[9], &camera)
        .weight_i64("motion sides", &[4], &[1, -1, 3, 4])
        .weight_i64("camera sides", &[4], &[1, -1, 3, 3])
        .node("MatMul", &["means", "motion weights"], &["moved"])
        .node("Add", &["moved", "motion base"], &["motions"])
        .node("Reshape", &["motions", "motion sides"], &["extrinsics"])
        .node("MatMul", &["means", "camera weights"], &["bent"])
        .node("Add", &["bent", "camera base"], &["cameras"])
        .node("Reshape", &["cameras", "camera sides"], &["intrinsics"])
}

fn depth_anything_3(by_code: bool) -> Vec<u8> {
    let graph = views("pixel_values", None, [("depth", 10, 0.5), ("depth_conf", 11, 0.0)], false);
    if by_code { with_code(graph) } else { with_matrices(graph) }.model()
}

fn vggt(fixed: Option<[u64; 2]>) -> Vec<u8> {
    let graph = with_code(views("images", fixed, [("depth", 12, 0.5), ("depth_conf", 13, 0.0)], true));
    let [height, width] = fixed.map_or([Dim::Named("height"), Dim::Named("width")], |fixed| fixed.map(Dim::Is));
    graph
        .output("world_points", F32, &[Dim::Is(1), Dim::Named("views"), height, width, Dim::Is(3)])
        .output("world_points_conf", F32, &[Dim::Is(1), Dim::Named("views"), height, width])
        .layer("x", 14, 0.2, 3, "points first")
        .node_with("Transpose", &["points first"], &["points"], vec![("perm", Attribute::Ints(vec![0, 2, 3, 1]))])
        .squeeze("Unsqueeze", "points", 0, "world_points")
        .layer("x", 15, 0.3, 1, "surer")
        .node("Exp", &["surer"], &["surely"])
        .add("surely", 1.0, "sure")
        .node_with("Transpose", &["sure"], &["world_points_conf"], vec![("perm", Attribute::Ints(vec![1, 0, 2, 3]))])
        .model()
}

struct Folder(tempfile::TempDir);

impl Folder {
    /// A model folder with `gnomon.json`; `more` is what it says besides the family, with a comma before.
    fn of(family: &str, more: &str, bytes: &[u8]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.put("net.onnx", bytes);
        let text = format!("{{\"family\": \"{family}\", \"files\": {{\"fp32\": \"net.onnx\"}}{more}}}");
        folder.put("gnomon.json", text.as_bytes());
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    fn open(&self) -> ModelFolder {
        ModelFolder::open(self.0.path(), None, None).expect("a model folder")
    }

    fn net(&self, runtime: &Arc<Runtime>) -> gnomon::Result<DepthNet> {
        DepthNet::open(runtime, &self.open(), None, &SessionOptions::default())
    }

    fn geometry(&self, runtime: &Arc<Runtime>) -> gnomon::Result<GeometryNet> {
        GeometryNet::open(runtime, &self.open(), None, &SessionOptions::default())
    }
}

/// The greatest difference as a part of the truth, of numbers below 1 as it is.
fn difference(found: impl Iterator<Item = f32>, truth: &[f64]) -> f64 {
    let found: Vec<f32> = found.collect();
    assert_eq!(found.len(), truth.len());
    let off = |(found, truth): (&f32, &f64)| (f64::from(*found) - truth).abs() / truth.abs().max(1.0);
    found.iter().zip(truth).map(off).fold(0.0, f64::max)
}

/// Every third pixel of every third row.
fn thinned(map: &DepthMap) -> impl Iterator<Item = f32> {
    map.values().chunks(map.width()).step_by(3).flat_map(|row| row.iter().step_by(3).copied())
}

fn assert_near(what: &str, found: impl Iterator<Item = f32>, truth: &[f64], tolerance: f64) {
    let off = difference(found, truth);
    println!("{what}: off by {off:.1e} at most");
    assert!(off <= tolerance, "{what}: off by {off:e}, expected at most {tolerance:e}");
}

fn assert_camera(what: &str, found: &Intrinsics, truth: &[f64; 4]) {
    let found = [found.fx, found.fy, found.cx, found.cy];
    let off = found.iter().zip(truth).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max);
    assert!(off < 1e-4, "{what}: camera {found:?}, expected {truth:?}");
}

fn pinhole([width, height]: [u32; 2], [fx, fy, cx, cy]: [f64; 4]) -> Intrinsics {
    Intrinsics::pinhole(width, height, fx, fy, cx, cy).expect("a camera")
}

/// The folder of a recorded case.
fn folder_of(case: &Single, processor: &serde_json::Value) -> Folder {
    match (case.family.as_str(), case.variant.as_str()) {
        ("depth_anything_v2", "hugging face") => {
            let folder = Folder(tempfile::tempdir().expect("a folder"));
            folder.put("config.json", b"{\"model_type\": \"depth_anything\"}");
            folder.put("preprocessor_config.json", processor.to_string().as_bytes());
            folder.put("onnx/model.onnx", &depth_anything_v2("pixel_values", "predicted_depth", &FREE, false));
            folder
        }
        (family @ "depth_anything_v2", "fixed") => {
            let sides = [Dim::Is(1), Dim::Is(3), Dim::Is(98), Dim::Is(140)];
            Folder::of(family, "", &depth_anything_v2("image", "depth", &sides, false))
        }
        (family @ "depth_anything_v2", _) => {
            Folder::of(family, "", &depth_anything_v2("input", "output", &FREE, false))
        }
        (family @ "depth_anything_v2_metric", _) => {
            Folder::of(family, "", &depth_anything_v2("pixel_values", "predicted_depth", &FREE, true))
        }
        (family @ "depth_pro", _) => Folder::of(family, "", &depth_pro(Some("field_of_view"))),
        (family @ "unidepth_v2", "fixed") => {
            let sides = [Dim::Is(1), Dim::Is(3), Dim::Is(84), Dim::Is(126)];
            Folder::of(family, "", &unidepth(&sides, [100.0, 105.0, 60.0, 40.0], false))
        }
        (family @ "unidepth_v2", variant) => {
            Folder::of(family, "", &unidepth(&FREE, [500.0, 510.0, 300.0, 200.0], variant == "rays"))
        }
        (family, _) => Folder::of(family, "", &depth_anything_3_metric()),
    }
}

/// What a family's depth is.
fn kind(depth: &Depth) -> &'static str {
    match depth {
        Depth::MetricZ(_) => "metres",
        Depth::UpToScaleZ(_) => "up to scale",
        Depth::AffineInverseDepth(_) => "inverse",
    }
}

#[test]
fn depth_of_one_picture_is_what_the_published_rules_make_of_it() {
    let Some(runtime) = runtime() else { return };
    let recording: OnePicture = recorded("one_picture.json");
    assert_eq!(recording.cases.len(), 33);
    for case in &recording.cases {
        let [width, height] = case.size;
        let what = format!("{} ({}) of {width}x{height}", case.family, case.variant);
        let net = folder_of(case, &recording.processor).net(&runtime).expect("a network of the family");
        let pixels = picture(width, height, 1);
        let view = ImageView::new(&pixels, width, height, 0, PixelFormat::Rgb8).expect("a picture");
        let plan = net.plan(width as usize, height as usize).expect("a plan");
        assert_eq!(plan.network, (case.network[0], case.network[1]), "{what}: {}", plan.words);
        let given = case.given.map(|camera| pinhole(case.size, camera));
        let estimate = net.estimate(&view, given.as_ref(), &Control::default()).expect("depth");
        let map = estimate.depth.map();
        assert_eq!((map.width(), map.height()), (width as usize, height as usize));
        assert_near(&what, map.values().iter().copied(), &case.depth, TOLERANCE);
        let truth = match (case.family.as_str(), case.given) {
            ("depth_anything_v2", _) => "inverse",
            ("depth_anything_3_metric", None) => "up to scale",
            _ => "metres",
        };
        assert_eq!(kind(&estimate.depth), truth, "{what}");
        assert_eq!(estimate.metric().is_ok(), truth == "metres");
        if let Some(truth) = &case.confidence {
            let confidence = estimate.confidence.as_ref().expect("it is told");
            assert_near(&format!("{what}, confidence"), thinned(confidence), truth, TOLERANCE);
        }
        if let Some(truth) = &case.camera {
            assert_camera(&what, &estimate.intrinsics.expect("it is told"), truth);
        }
        if let Some(score) = &case.sky {
            let sky = estimate.sky.as_ref().expect("it is told");
            let clear = sky.iter().zip(score).filter(|(_, score)| (**score - 0.3).abs() > 1e-4);
            let (is_right, count) = clear
                .fold((0, 0), |(right, count), (sky, score)| (right + usize::from(*sky == (*score >= 0.3)), count + 1));
            assert!(count > sky.len() / 2 && is_right == count, "{what}: sky of {is_right} of {count} pixels");
            let without = estimate.clone().without_sky();
            assert!(without.depth.map().values().iter().zip(sky).all(|(z, sky)| !sky || *z == 0.0));
            assert!(without.depth.map().count() > 0);
        }
    }
}

#[test]
fn depth_cameras_and_poses_of_many_pictures_are_what_the_published_rules_make_of_them() {
    let Some(runtime) = runtime() else { return };
    let recording: ManyPictures = recorded("many_pictures.json");
    assert_eq!(recording.cases.len(), 12);
    for case in &recording.cases {
        let what = format!("{} ({}) of {:?}", case.family, case.variant, case.sizes);
        let bytes = match (case.family.as_str(), case.variant.as_str()) {
            ("vggt", "fixed") => vggt(Some([518, 518])),
            ("vggt", _) => vggt(None),
            (_, variant) => depth_anything_3(variant == "code"),
        };
        let net = Folder::of(&case.family, "", &bytes).geometry(&runtime).expect("a network of the family");
        let pixels: Vec<Vec<u8>> = (1..).zip(&case.sizes).map(|(seed, [w, h])| picture(*w, *h, seed)).collect();
        let sizes = pixels.iter().zip(&case.sizes);
        let view = |(pixels, [w, h]): (&'_ Vec<u8>, &[u32; 2])| (pixels.clone(), *w, *h);
        let owned: Vec<_> = sizes.map(view).collect();
        let pictures: Vec<ImageView<'_>> = owned
            .iter()
            .map(|(pixels, w, h)| ImageView::new(pixels, *w, *h, 0, PixelFormat::Rgb8).expect("a picture"))
            .collect();
        let views = net.estimate(&pictures, &Control::default()).expect("views");
        assert_eq!(views.len(), case.views.len());
        if let [[w, h]] = case.sizes[..] {
            let plan = net.plan(w as usize, h as usize).expect("a plan");
            assert_eq!(plan.network, (case.network[0], case.network[1]), "{what}: {}", plan.words);
        }
        for (view, truth) in views.iter().zip(&case.views) {
            assert_eq!(kind(&view.depth), "up to scale");
            assert_near(&what, view.depth.map().values().iter().copied(), &truth.depth, TOLERANCE);
            let confidence = view.confidence.as_ref().expect("it is told");
            assert_near(&format!("{what}, confidence"), thinned(confidence), &truth.confidence, TOLERANCE);
            assert_camera(&what, &view.intrinsics, &truth.camera);
            let pose = view.world_from_camera.to_homogeneous();
            let rows: Vec<f32> = (0..12).map(|at| pose[(at / 4, at % 4)] as f32).collect();
            assert_near(&format!("{what}, pose"), rows.into_iter(), &truth.world_from_camera, TOLERANCE);
            if let (Some(axes), Some(sure)) = (&truth.points, &truth.points_confidence) {
                let points = view.points_in_world.as_ref().expect("they are told");
                for (axis, truth) in axes.iter().enumerate() {
                    let rows = points.chunks(view.depth.map().width()).step_by(3);
                    let found = rows.flat_map(|row| row.iter().step_by(3).map(|point| point[axis]));
                    assert_near(&format!("{what}, points"), found, truth, TOLERANCE);
                }
                let found = view.points_confidence.as_ref().expect("it is told");
                assert_near(&format!("{what}, confidence of points"), thinned(found), sure, TOLERANCE);
            }
        }
    }
}

fn rgb_view(pixels: &[u8], width: u32, height: u32) -> ImageView<'_> {
    ImageView::new(pixels, width, height, 0, PixelFormat::Rgb8).expect("a picture")
}

fn small(input: &str) -> Graph {
    let sides = [Dim::Is(1), Dim::Is(3), Dim::Is(28), Dim::Is(42)];
    Graph::new("small").input(input, F32, &sides)
}

const SMALL: [Dim<'static>; 3] = [Dim::Is(1), Dim::Is(28), Dim::Is(42)];

#[test]
fn numbers_of_16_bits_are_taken_and_given() {
    let Some(runtime) = runtime() else { return };
    let sides = [Dim::Is(1), Dim::Is(3), Dim::Is(28), Dim::Is(42)];
    let half = Graph::new("half")
        .input("pixel_values", F16, &sides)
        .output("predicted_depth", F16, &[Dim::Is(1), Dim::Is(1), Dim::Is(28), Dim::Is(42)])
        .node_with("Cast", &["pixel_values"], &["x"], vec![("to", Attribute::Int(F32 as i64))])
        .layer("x", 1, 0.4, 1, "a")
        .node("Relu", &["a"], &["b"])
        .node_with("Cast", &["b"], &["predicted_depth"], vec![("to", Attribute::Int(F16 as i64))])
        .model();
    let full = depth_anything_v2("pixel_values", "predicted_depth", &sides, false);
    let pixels = picture(37, 23, 1);
    let depth = |bytes: &[u8]| {
        let net = Folder::of("depth_anything_v2", "", bytes).net(&runtime).expect("a network");
        let estimate = net.estimate(&rgb_view(&pixels, 37, 23), None, &Control::default()).expect("depth");
        estimate.depth.map().values().to_vec()
    };
    let truth: Vec<f64> = depth(&full).into_iter().map(f64::from).collect();
    assert_near("16 bits", depth(&half).into_iter(), &truth, 4e-3);
}

#[test]
fn a_pixel_without_a_number_has_no_depth_and_a_picture_without_any_is_an_error() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(42, 28, 1);
    let estimate = |graph: Graph| {
        let net = Folder::of("depth_anything_v2_metric", "", &graph.model()).net(&runtime).expect("a network");
        net.estimate(&rgb_view(&pixels, 42, 28), None, &Control::default())
    };
    // The logarithm of a red that is below the mean is NaN.
    let holes = small("x").output("depth", F32, &[Dim::Is(1), Dim::Is(3), Dim::Is(28), Dim::Is(42)]).node(
        "Log",
        &["x"],
        &["depth"],
    );
    let error = estimate(holes).expect_err("three planes are no map");
    assert!(error.to_string().contains("[1, 3, 28, 42], expected [1, 28, 42]"), "{error}");
    let holes = small("x")
        .output("depth", F32, &[Dim::Is(1), Dim::Is(1), Dim::Is(28), Dim::Is(42)])
        .weight("red", &[1, 3, 1, 1], &[1.0, 0.0, 0.0])
        .node("Conv", &["x", "red"], &["a"])
        .node("Log", &["a"], &["depth"]);
    let depth = estimate(holes).expect("some pixels have depth");
    let count = depth.depth.map().count();
    assert!(count > 50 && count < 42 * 28 - 50, "{count} of {} pixels", 42 * 28);
    assert!(depth.depth.map().values().iter().all(|z| z.is_finite()));
    let none = small("x").output("depth", F32, &SMALL).weight("nan", &[1, 28, 42], &[f32::NAN; 28 * 42]);
    let error = estimate(none.node("Identity", &["nan"], &["depth"])).expect_err("no depth at all");
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().contains("no depth at all"), "{error}");
}

#[test]
fn a_graph_that_is_not_of_the_family_is_refused_with_what_was_expected_and_what_is_there() {
    let Some(runtime) = runtime() else { return };
    let refusal = |family: &str, graph: Graph| {
        let error = Folder::of(family, "", &graph.model()).net(&runtime).expect_err("not of the family");
        assert_eq!(error.kind(), ErrorKind::Model, "{error}");
        error.to_string()
    };
    let ok = |name: &str| small("x").output(name, F32, &SMALL).weight("w", &[1, 28, 42], &[1.0; 28 * 42]);
    let said = refusal("depth_anything_v2", ok("boxes").node("Identity", &["w"], &["boxes"]));
    assert!(said.contains("predicted_depth or depth") && said.contains("\"boxes\" f32 [1, 28, 42]"), "{said}");
    let other = Graph::new("other")
        .input("tokens", I64, &[Dim::Is(1), Dim::Named("n")])
        .output("depth", I64, &[Dim::Is(1), Dim::Named("n")])
        .node("Identity", &["tokens"], &["depth"]);
    let said = refusal("depth_anything_v2", other);
    assert!(said.contains("an input pixel_values") && said.contains("\"tokens\" i64 [1, n]"), "{said}");
    let grey = Graph::new("grey")
        .input("image", F32, &[Dim::Is(1), Dim::Is(1), Dim::Is(28), Dim::Is(42)])
        .output("depth", F32, &[Dim::Is(1), Dim::Is(1), Dim::Is(28), Dim::Is(42)])
        .node("Identity", &["image"], &["depth"]);
    assert!(refusal("depth_anything_v2", grey).contains("[n, 3, height, width]"));
    let two = ok("depth").node("Identity", &["w"], &["depth"]).input("mask", F32, &SMALL);
    let two = two.output("twice", F32, &SMALL).node("Identity", &["mask"], &["twice"]);
    assert!(refusal("depth_pro", two).contains("no other inputs than the picture"));
    let said = refusal("unidepth_v2", ok("depth").node("Identity", &["w"], &["depth"]));
    assert!(said.contains("pts_3d"), "{said}");
    let whole = small("x").output("depth", I64, &[Dim::Is(1), Dim::Is(3), Dim::Is(28), Dim::Is(42)]).node_with(
        "Cast",
        &["x"],
        &["depth"],
        vec![("to", Attribute::Int(I64 as i64))],
    );
    assert!(refusal("depth_anything_v2", whole).contains("\"depth\" as f32 or f16"));
    let sides = [Dim::Is(1), Dim::Is(2), Dim::Is(3), Dim::Is(28), Dim::Is(42)];
    let pairs = Graph::new("pairs").input("images", F32, &sides).output("depth", F32, &SMALL);
    let said = refusal("vggt", pairs.weight("w", &[1, 28, 42], &[1.0; 28 * 42]).node("Identity", &["w"], &["depth"]));
    assert!(said.contains("2 pictures at once"), "{said}");
    let blind = views("images", Some([28, 42]), [("depth", 12, 0.5), ("depth_conf", 13, 0.0)], true).model();
    let error = Folder::of("vggt", "", &blind).geometry(&runtime).expect_err("no cameras");
    assert!(error.kind() == ErrorKind::Model && error.to_string().contains("pose_enc"), "{error}");
}

#[test]
fn a_camera_that_cannot_be_is_the_models_fault_and_one_of_another_size_the_callers() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(37, 23, 1);
    let folder = |code: [f32; 9]| {
        let graph = views("images", Some([28, 42]), [("depth", 12, 0.5), ("depth_conf", 13, 0.0)], true)
            .output("pose_enc", F32, &[Dim::Is(1), Dim::Is(1), Dim::Is(9)])
            .weight("code", &[1, 1, 9], &code)
            .node("Identity", &["code"], &["pose_enc"]);
        Folder::of("vggt", "", &graph.model())
    };
    for (code, what) in [
        ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0], "quaternion"),
        ([f32::NAN, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0], "pose is at"),
        ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0], "fy is"),
    ] {
        let net = folder(code).geometry(&runtime).expect("a network");
        let error = net.estimate(&[rgb_view(&pixels, 37, 23)], &Control::default()).expect_err("no camera");
        assert!(error.kind() == ErrorKind::Model && error.to_string().contains(what), "{error}");
        assert!(error.to_string().starts_with("view 0"), "{error}");
    }
    let net = folder([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]).geometry(&runtime).expect("a network");
    assert!(net.estimate(&[rgb_view(&pixels, 37, 23)], &Control::default()).is_ok());
    assert_eq!(net.estimate(&[], &Control::default()).expect_err("no picture").kind(), ErrorKind::Argument);
    let metric = Folder::of("depth_anything_3_metric", "", &depth_anything_3_metric());
    let net = metric.net(&runtime).expect("a network");
    let camera = pinhole([38, 23], [30.0, 30.0, 18.0, 11.0]);
    let error = net.estimate(&rgb_view(&pixels, 37, 23), Some(&camera), &Control::default()).expect_err("other size");
    assert!(error.kind() == ErrorKind::Argument && error.to_string().contains("38x23"), "{error}");
}

#[test]
fn a_camera_that_the_network_believes_in_and_cannot_be_costs_a_remark_and_no_depth() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(37, 23, 1);
    let bytes = unidepth(&FREE, [0.0, f32::NAN, 1e9, 0.0], false);
    let net = Folder::of("unidepth_v2", "", &bytes).net(&runtime).expect("a network");
    let estimate = net.estimate(&rgb_view(&pixels, 37, 23), None, &Control::default()).expect("depth");
    assert!(estimate.metric().is_ok() && estimate.intrinsics.is_none());
    assert!(estimate.remarks.iter().any(|remark| remark.contains("fx is 0")), "{:?}", estimate.remarks);
    let camera = pinhole([37, 23], [30.0, 30.0, 18.0, 11.0]);
    let estimate = net.estimate(&rgb_view(&pixels, 37, 23), Some(&camera), &Control::default()).expect("depth");
    assert!(estimate.remarks.iter().any(|remark| remark.contains("takes no rays")), "{:?}", estimate.remarks);
}

#[test]
fn a_folder_may_say_size_and_unit() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(37, 23, 1);
    let graph = depth_anything_v2("pixel_values", "predicted_depth", &FREE, true);
    let estimate = |more: &str| {
        let net = Folder::of("depth_anything_v2_metric", more, &graph).net(&runtime).expect("a network");
        let plan = net.plan(37, 23).expect("a plan");
        (net.estimate(&rgb_view(&pixels, 37, 23), None, &Control::default()).expect("depth"), plan)
    };
    let (plain, plan) = estimate("");
    assert_eq!((plan.network, plan.words.as_str()), ((840, 518), "resized to 840x518"));
    let (doubled, plan) = estimate(", \"input\": {\"size\": [28, 28]}, \"output\": {\"max_depth_m\": 2.0}");
    assert_eq!(plan.network, (42, 28));
    let ratio = |at: usize| doubled.depth.map().values()[at] / plain.depth.map().values()[at];
    // At an eighteenth of the size the numbers are not quite the same.
    let mean = (0..37 * 23).map(ratio).sum::<f32>() / (37.0 * 23.0);
    assert!((mean - 2.0).abs() < 0.1, "{mean}");
}

#[test]
fn depth_pro_needs_a_camera_where_the_graph_tells_no_field_of_view() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(37, 23, 1);
    let view = rgb_view(&pixels, 37, 23);
    let net = Folder::of("depth_pro", "", &depth_pro(None)).net(&runtime).expect("a network");
    let error = net.estimate(&view, None, &Control::default()).expect_err("no focal length");
    assert!(error.kind() == ErrorKind::Argument && error.to_string().contains("intrinsics must be given"), "{error}");
    let camera = pinhole([37, 23], [33.3, 33.3, 18.0, 11.0]);
    assert!(net.estimate(&view, Some(&camera), &Control::default()).expect("depth").metric().is_ok());
}

#[test]
fn depth_pros_metres_are_turned_to_the_camera_that_is_given() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(37, 23, 1);
    let view = rgb_view(&pixels, 37, 23);
    // Metres everywhere 2, reckoned with a focal length of 768 pixels: half of the input's width.
    let sides = [Dim::Is(1), Dim::Is(3), Dim::Is(28), Dim::Is(42)];
    let graph = Graph::new("metres")
        .input("pixel_values", F32, &sides)
        .output("predicted_depth", F32, &SMALL)
        .output("focallength_px", F32, &[Dim::Is(1)])
        .weight("two", &[1, 28, 42], &[2.0; 28 * 42])
        .weight("focal", &[1], &[21.0])
        .node("Identity", &["two"], &["predicted_depth"])
        .node("Identity", &["focal"], &["focallength_px"]);
    let net = Folder::of("depth_pro", "", &graph.model()).net(&runtime).expect("a network");
    let metres = |camera: Option<&Intrinsics>| {
        let estimate = net.estimate(&view, camera, &Control::default()).expect("depth");
        let told = estimate.intrinsics.expect("it is told").fx;
        (estimate.metric().expect("metres").map().at(18, 11).expect("a depth"), told)
    };
    assert_eq!(metres(None), (2.0, 18.5));
    let twice = pinhole([37, 23], [37.0, 37.0, 18.0, 11.0]);
    assert_eq!(metres(Some(&twice)), (4.0, 18.5), "a focal length twice as long sees twice as far");
}

#[test]
fn a_strip_is_refused_before_the_network_is_asked() {
    let Some(runtime) = runtime() else { return };
    let graph = depth_anything_v2("pixel_values", "predicted_depth", &FREE, false);
    let net = Folder::of("depth_anything_v2", "", &graph).net(&runtime).expect("a network");
    let pixels = vec![0; 3 * 4000];
    let error = net.estimate(&rgb_view(&pixels, 4000, 1), None, &Control::default()).expect_err("a strip");
    assert!(error.kind() == ErrorKind::Argument && error.to_string().contains("4000x1"), "{error}");
}

#[test]
fn relative_depth_gives_no_metres_and_says_what_would() {
    let Some(runtime) = runtime() else { return };
    let pixels = picture(37, 23, 1);
    let view = rgb_view(&pixels, 37, 23);
    let refusal = |family: &str, bytes: &[u8]| {
        let net = Folder::of(family, "", bytes).net(&runtime).expect("a network");
        let estimate = net.estimate(&view, None, &Control::default()).expect("depth");
        let error = estimate.metric().expect_err("no metres");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        error.to_string()
    };
    let relative = depth_anything_v2("pixel_values", "predicted_depth", &FREE, false);
    assert!(refusal("depth_anything_v2", &relative).contains("depth_anything_v2_metric"));
    assert!(refusal("vggt", &vggt(None)).contains("unknown factor"));
    let said = refusal("depth_anything_3_metric", &depth_anything_3_metric());
    assert!(said.contains("give intrinsics"), "{said}");
}

#[derive(Deserialize)]
struct RoomDepth {
    intrinsics: [f64; 4],
    pitch_rad: f64,
    over_floor_m: f64,
    depth: Vec<f64>,
    spread: Vec<f64>,
    without_stance: Vec<f64>,
}

/// The picture of `tools/train_depth/export.py`, each pixel a square of so many a side.
fn boards(side: usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    for row in 0..120 * side {
        for column in 0..160 * side {
            let (u, v) = (column / side, row / side);
            let planes = [(u * 3 / 2 + v) % 256, (255 - v * 2) % 256, 96 + 64 * ((u / 16 + v / 12) % 2)];
            pixels.extend(planes.map(|byte| byte as u8));
        }
    }
    pixels
}

#[test]
fn the_network_that_the_library_holds_says_what_it_said_where_it_was_exported() {
    let Some(runtime) = runtime() else { return };
    let recorded: RoomDepth = recorded("room.json");
    let folder = ModelFolder::open(Path::new(ROOM_DEPTH), None, None).expect("the library holds it");
    let net = DepthNet::open(&runtime, &folder, None, &SessionOptions::default()).expect("a network of metres");
    // Looking along the world's x, and down.
    let (sin, cos) = recorded.pitch_rad.sin_cos();
    let world_from_camera =
        [[0.0, -sin, cos, 5.0], [-1.0, 0.0, 0.0, 6.0], [0.0, -cos, -sin, recorded.over_floor_m], [0.0, 0.0, 0.0, 1.0]];
    let pose = pose_from_matrix(&world_from_camera.concat().try_into().expect("16 numbers")).expect("a pose");
    let stance = Stance::of(&pose, 0.0).expect("above the floor");
    let [fx, fy, cx, cy] = recorded.intrinsics;
    let camera = Intrinsics::pinhole(160, 120, fx, fy, cx, cy).expect("a camera");
    let pixels = boards(1);
    let estimate = |stance| {
        let (picture, control) = (rgb_view(&pixels, 160, 120), Control::default());
        net.estimate_standing(&picture, Some(&camera), stance, &control).expect("depth")
    };
    let every = |map: &DepthMap| -> Vec<f64> {
        let rows = (0..120).step_by(12).flat_map(|v| (0..160).step_by(16).map(move |u| (u, v)));
        rows.map(|(u, v)| f64::from(map.at(u, v).expect("a number"))).collect()
    };
    let near = |found: &[f64], wanted: &[f64]| {
        assert_eq!(found.len(), wanted.len());
        for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            assert!((found - wanted).abs() < 2e-3 * wanted, "{at}: {found}, {wanted} was recorded");
        }
    };
    let told = estimate(Some(&stance));
    near(&every(told.metric().expect("metres").map()), &recorded.depth);
    let spread: Vec<f64> = every(told.confidence.as_ref().expect("spread")).iter().map(|sure| 1.0 / sure).collect();
    near(&spread, &recorded.spread);
    near(&every(estimate(None).depth.map()), &recorded.without_stance);

    // The same picture four times as large: made smaller by the same rule, and its camera with it.
    let large = Intrinsics::pinhole(640, 480, 4.0 * fx, 4.0 * fy, 4.0 * cx + 1.5, 4.0 * cy + 1.5).expect("a camera");
    let pixels = boards(4);
    let picture = rgb_view(&pixels, 640, 480);
    let control = Control::default();
    let whole = net.estimate_standing(&picture, Some(&large), Some(&stance), &control).expect("depth");
    for (at, small) in told.depth.map().values().iter().enumerate() {
        let (u, v) = (at % 160 * 4 + 1, at / 160 * 4 + 1);
        let z = whole.depth.map().at(u, v).expect("a depth");
        assert!((z / small).max(small / z) < 1.07, "{u}, {v}: {z}, {small}");
    }
    let error = net.estimate(&picture, None, &control).expect_err("no camera");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(error.to_string().contains("intrinsics must be given"), "{error}");
}
