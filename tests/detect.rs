//! Detectors end to end, against what NumPy, Pillow and OpenCV make of the same pictures and networks
//! (`tests/golden/detect/make.py`). The networks of most tests are written here: a few convolutions of seeded weights, with
//! the names, types and open sides of each family. Tests that need ONNX Runtime or recorded data say when they do not run.

#![cfg(feature = "onnx")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use common::runtime;
use gnomon::detect::{DetectOptions, Detector, Found};
use gnomon::frame::{ImageView, Mask, PixelFormat, decode_coco_rle};
use gnomon::models::{Family, ModelFolder};
use gnomon::prepare::{Filter, Fit, OpenCvFilter, Order, Pad, Rgb, Rule};
use gnomon::runtime::{Cancel, Control, PATH_VARIABLE, Runtime, Session, SessionOptions, TensorView};
use gnomon::{Error, ErrorKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testing::{Attribute, Dim, F32, Graph, I64};

const F16: u64 = 10;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/detect")
}

fn picture_of(path: &Path) -> Rgb {
    let picture = image::open(path).expect("a picture").into_rgb8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Rgb::new(width, height, picture.into_raw()).expect("a picture")
}

// --- what was recorded ---

#[derive(Deserialize)]
struct Recording<T> {
    recorded: T,
}

#[derive(Deserialize)]
struct Case {
    picture: String,
    network: String,
    found: Vec<Truth>,
}

#[derive(Deserialize)]
struct Truth {
    class: usize,
    score: f32,
    #[serde(rename = "box")]
    bbox: [f32; 4],
    counts: Option<Vec<u32>>,
}

fn recorded<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let text = std::fs::read_to_string(golden().join(name)).expect("a recording");
    serde_json::from_str::<Recording<T>>(&text).expect("what was recorded").recorded
}

fn cases_of(network: &str) -> Vec<Case> {
    let cases: Vec<Case> = recorded("found.json");
    let own: Vec<Case> = cases.into_iter().filter(|case| case.network == network).collect();
    assert_eq!(own.len(), 3, "{network} was recorded on three pictures");
    own
}

/// Fails unless both are the same things in the same order.
fn assert_same(found: &[Found], truth: &[Truth], size: (usize, usize), tolerance: f32, what: &str) {
    let list: Vec<(usize, f32)> = found.iter().map(|one| (one.class, one.score)).collect();
    assert_eq!(found.len(), truth.len(), "{what}: {list:?}");
    for (at, (found, truth)) in found.iter().zip(truth).enumerate() {
        assert_eq!(found.class, truth.class, "{what} {at}");
        assert!((found.score - truth.score).abs() <= tolerance, "{what} {at}: {} {}", found.score, truth.score);
        for (ours, theirs) in found.bbox.iter().zip(truth.bbox) {
            assert!((ours - theirs).abs() <= tolerance, "{what} {at}: {:?} {:?}", found.bbox, truth.bbox);
        }
        assert_eq!(found.mask.is_some(), truth.counts.is_some(), "{what} {at}: masks");
        if let (Some(mask), Some(counts)) = (&found.mask, &truth.counts) {
            assert_same_mask(mask, counts, size, &format!("{what} {at}"));
        }
    }
}

fn assert_same_mask(mask: &Mask, counts: &[u32], (width, height): (usize, usize), what: &str) {
    let truth = decode_coco_rle(counts, width as u32, height as u32).expect("a mask");
    let (ours, theirs) = (mask.view().expect("a mask"), truth.view().expect("a mask"));
    let (mut inside, mut different) = (0, 0);
    for (u, v) in (0..height as u32).flat_map(|v| (0..width as u32).map(move |u| (u, v))) {
        inside += usize::from(theirs.contains(u, v));
        different += usize::from(ours.contains(u, v) != theirs.contains(u, v));
    }
    assert!(inside > 0 && different * 1000 <= inside, "{what}: {different} of {inside} pixels differ");
}

// --- the networks ---

/// The generator of `make.py`.
fn weights(seed: u32, count: usize, scale: f32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / (1 << 24) as f32 - 0.5) * scale
    };
    (0..count).map(|_| next()).collect()
}

/// A convolution of the input whose kernel is as wide as its stride.
fn patches(graph: Graph, input: &str, name: &str, seed: u32, channels: u64, side: u64, scale: f32) -> Graph {
    let kernel = format!("{name}_kernel");
    let numbers = weights(seed, (channels * 3 * side * side) as usize, scale);
    let sides = vec![side as i64; 2];
    graph.weight(&kernel, &[channels, 3, side, side], &numbers).node_with(
        "Conv",
        &[input, &kernel],
        &[name],
        vec![("kernel_shape", Attribute::Ints(sides.clone())), ("strides", Attribute::Ints(sides))],
    )
}

fn axis(axis: i64) -> Vec<(&'static str, Attribute)> {
    vec![("axis", Attribute::Int(axis))]
}

fn fastest_det(element: u64) -> Vec<u8> {
    let sides = [Dim::Is(1), Dim::Is(9), Dim::Is(22), Dim::Is(22)];
    let mut graph = Graph::new("fastest_det")
        .input("input.1", element, &[Dim::Is(1), Dim::Is(3), Dim::Is(352), Dim::Is(352)])
        .output("758", element, &sides)
        .node_with("Cast", &["input.1"], &["x"], vec![("to", Attribute::Int(F32 as i64))]);
    graph = patches(graph, "x", "object_logit", 11, 1, 16, 0.6);
    graph = patches(graph, "x", "place", 12, 4, 16, 0.4);
    graph = patches(graph, "x", "class_logit", 13, 4, 16, 0.8);
    graph
        .node("Sigmoid", &["object_logit"], &["object"])
        .node_with("Softmax", &["class_logit"], &["class"], axis(1))
        .node_with("Concat", &["object", "place", "class"], &["all"], axis(1))
        .node_with("Cast", &["all"], &["758"], vec![("to", Attribute::Int(element as i64))])
        .model()
}

fn yolo(size: (u64, u64), masks: u64) -> Vec<u8> {
    let open = [Dim::Named("batch"), Dim::Is(3), Dim::Named("height"), Dim::Named("width")];
    let rows = 4 + 5 + masks;
    let (w, h) = (size.0 as f32, size.1 as f32);
    let mut graph = Graph::new("yolo").input("images", F32, &open);
    graph = graph.output("output0", F32, &[Dim::Named("batch"), Dim::Is(rows), Dim::Named("anchors")]);
    graph = patches(graph, "images", "box_logit", 21, 4, 32, 0.25);
    graph = patches(graph, "images", "class_logit", 22, 5, 32, 0.3);
    graph = graph
        .weight("sides", &[1, 4, 1, 1], &[w, h, w / 2.0, h / 2.0])
        .node("Sigmoid", &["box_logit"], &["share"])
        .node("Mul", &["share", "sides"], &["box"])
        .node("Sigmoid", &["class_logit"], &["class"]);
    let mut parts = vec!["box", "class"];
    if masks > 0 {
        graph = patches(graph, "images", "coefficient", 23, masks, 32, 0.25);
        graph = patches(graph, "images", "output1", 24, masks, 4, 1.0);
        graph =
            graph.output("output1", F32, &[Dim::Named("batch"), Dim::Is(masks), Dim::Named("mh"), Dim::Named("mw")]);
        parts.push("coefficient");
    }
    graph
        .node_with("Concat", &parts, &["grid"], axis(1))
        .weight_i64("flat", &[3], &[1, rows as i64, -1])
        .node("Reshape", &["grid", "flat"], &["output0"])
        .model()
}

fn detr([logits, boxes]: [&str; 2]) -> Vec<u8> {
    let open = [Dim::Named("batch"), Dim::Is(3), Dim::Named("height"), Dim::Named("width")];
    let side = || [Dim::Named("batch"), Dim::Named("queries")];
    let mut graph = Graph::new("detr").input("pixel_values", F32, &open);
    graph = graph.output(logits, F32, &[side()[0], side()[1], Dim::Is(6)]);
    graph = graph.output(boxes, F32, &[side()[0], side()[1], Dim::Is(4)]);
    graph =
        graph.output("class_grid", F32, &[Dim::Named("batch"), Dim::Is(6), Dim::Named("rows"), Dim::Named("columns")]);
    graph = patches(graph, "pixel_values", "class_grid", 31, 6, 16, 0.25);
    graph = patches(graph, "pixel_values", "box_grid", 32, 4, 16, 0.1);
    let swap = || vec![("perm", Attribute::Ints(vec![0, 2, 1]))];
    graph
        .weight_i64("flat", &[3], &[1, 0, -1])
        .node("Reshape", &["class_grid", "flat"], &["class_flat"])
        .node("Reshape", &["box_grid", "flat"], &["box_flat"])
        .node_with("Transpose", &["class_flat"], &[logits], swap())
        .node_with("Transpose", &["box_flat"], &["box_logit"], swap())
        .node("Sigmoid", &["box_logit"], &[boxes])
        .model()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (name, bytes) in files {
            let path = folder.0.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        }
        folder
    }

    fn said(manifest: &str, model: &[u8]) -> Self {
        Self::of(&[("gnomon.json", manifest.as_bytes()), ("net.onnx", model)])
    }

    fn try_open(&self, runtime: &Arc<Runtime>) -> gnomon::Result<Detector> {
        let folder = ModelFolder::open(self.0.path(), None, None)?;
        Detector::open(runtime, &folder, None, &SessionOptions::default())
    }

    fn detector(&self, runtime: &Arc<Runtime>) -> Detector {
        self.try_open(runtime).expect("a detector")
    }
}

/// Fails unless the detector finds in the three pictures what was recorded.
fn assert_finds(detector: &Detector, network: &str) {
    for case in cases_of(network) {
        let picture = picture_of(&golden().join(format!("{}.png", case.picture)));
        let (size, options) = (picture.size(), DetectOptions::default());
        let found = detector.detect_rgb(&picture, &options, &Control::default()).expect("found");
        assert_same(&found, &case.found, size, 1e-3, &format!("{network} in {}", case.picture));
    }
}

// --- each family against its reference ---

#[test]
fn fastest_det_finds_what_its_published_rule_finds() {
    let Some(runtime) = runtime() else { return };
    let folder = Folder::said(r#"{"family": "fastest_det", "files": {"fp32": "net.onnx"}}"#, &fastest_det(F32));
    let detector = folder.detector(&runtime);
    assert_eq!((detector.input_size(), detector.has_masks()), ((352, 352), false));
    assert_finds(&detector, "fastest_det");
}

#[test]
fn yolo_finds_boxes_as_ultralytics_has_them() {
    let Some(runtime) = runtime() else { return };
    let manifest = r#"{"family": "yolo_v8", "files": {"fp32": "net.onnx"}, "labels": ["a", "b", "c", "d", "e"]}"#;
    let detector = Folder::said(manifest, &yolo((640, 640), 0)).detector(&runtime);
    assert_eq!((detector.input_size(), detector.has_masks()), ((640, 640), false), "the family's size");
    assert_finds(&detector, "yolo");
}

#[test]
fn yolo_finds_masks_in_pixels_of_the_picture() {
    let Some(runtime) = runtime() else { return };
    let manifest = r#"{"family": "yolo_v8", "files": {"fp32": "net.onnx"}, "input": {"size": [320, 192]}}"#;
    let detector = Folder::said(manifest, &yolo((320, 192), 3)).detector(&runtime);
    assert_eq!((detector.input_size(), detector.has_masks()), ((320, 192), true), "the folder's size");
    assert_finds(&detector, "yolo_masks");
}

const CONFIG: &[u8] = br#"{"model_type": "d_fine", "id2label": {"0": "cup", "1": "chair", "2": "N/A", "4": "sofa"}}"#;
const PREPROCESSOR: &[u8] = br#"{"do_normalize": true, "do_rescale": true, "do_resize": true, "resample": 2,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "rescale_factor": 0.00392156862745098,
    "size": {"height": 128, "width": 160}}"#;

#[test]
fn detr_finds_the_highest_of_all_queries_and_classes_in_a_folder_as_hugging_face_has_it() {
    let Some(runtime) = runtime() else { return };
    let model = detr(["logits", "pred_boxes"]);
    let files = [("config.json", CONFIG), ("preprocessor_config.json", PREPROCESSOR), ("onnx/model.onnx", &model)];
    let detector = Folder::of(&files).detector(&runtime);
    assert_eq!(detector.input_size(), (160, 128));
    assert_finds(&detector, "detr");
    let picture = picture_of(&golden().join("wide.png"));
    let options = DetectOptions { max: 7, min_score: Some(0.0), iou: None };
    let found = detector.detect_rgb(&picture, &options, &Control::default()).expect("found");
    assert_eq!(found.len(), 7, "surest first, as many as asked for");
    for one in &found {
        assert_eq!(*one.label, *["cup", "chair", "N/A", "class 3", "sofa", "class 5"][one.class]);
    }
}

#[test]
fn detr_with_a_class_for_nothing_gives_the_likeliest_of_the_others() {
    let Some(runtime) = runtime() else { return };
    let manifest = r#"{"family": "detr", "files": {"fp32": "net.onnx"}, "output": {"scores": "softmax"},
        "input": {"size": [160, 128], "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}"#;
    // The names of another exporter.
    let detector = Folder::said(manifest, &detr(["labels", "dets"])).detector(&runtime);
    assert_finds(&detector, "detr_softmax");
}

#[test]
fn a_network_of_half_precision_is_fed_and_read() {
    let Some(runtime) = runtime() else { return };
    let manifest = r#"{"family": "fastest_det", "files": {"fp16": "net.onnx"}}"#;
    let detector = Folder::said(manifest, &fastest_det(F16)).detector(&runtime);
    let truth = &cases_of("fastest_det")[0];
    let picture = picture_of(&golden().join("wide.png"));
    let options = DetectOptions { max: 5, ..DetectOptions::default() };
    let found = detector.detect_rgb(&picture, &options, &Control::default()).expect("found");
    for (found, truth) in found.iter().zip(&truth.found) {
        assert_eq!(found.class, truth.class);
        assert!((found.score - truth.score).abs() < 5e-3, "{} {}", found.score, truth.score);
        assert!(found.bbox.iter().zip(truth.bbox).all(|(a, b)| (a - b).abs() < 1.0), "{:?}", found.bbox);
    }
}

#[test]
fn a_picture_of_any_format_gives_the_same_as_its_colours() {
    let Some(runtime) = runtime() else { return };
    let folder = Folder::said(r#"{"family": "fastest_det", "files": {"fp32": "net.onnx"}}"#, &fastest_det(F32));
    let (detector, options) = (folder.detector(&runtime), DetectOptions::default());
    let picture = picture_of(&golden().join("square.png"));
    let bgra: Vec<u8> = picture.data.chunks(3).flat_map(|rgb| [rgb[2], rgb[1], rgb[0], 9]).collect();
    let view = ImageView::new(&bgra, 99, 99, 0, PixelFormat::Bgra8).expect("a picture");
    let found = detector.detect(&view, &options, &Control::default()).expect("found");
    assert_eq!(found, detector.detect_rgb(&picture, &options, &Control::default()).expect("found"));
    detector.warm_up(&Control::default()).expect("warm");
    let cancel = Cancel::default();
    cancel.stop();
    let stopped = detector.detect(&view, &options, &Control { within: None, cancel: Some(cancel) });
    assert_eq!(stopped.expect_err("stopped").kind(), ErrorKind::Cancelled);
    let wrong = DetectOptions { min_score: Some(f32::NAN), ..options };
    assert_eq!(detector.detect(&view, &wrong, &Control::default()).expect_err("no score").kind(), ErrorKind::Argument);
}

// --- what is no detector ---

/// A graph of zeros. Sides that have a name alone are the height of the input, known when it runs.
fn one(input: (&str, u64, &[Dim<'_>]), outputs: &[(&str, u64, &[Dim<'_>])]) -> Vec<u8> {
    let mut graph = Graph::new("one")
        .input(input.0, input.1, input.2)
        .node("Shape", &[input.0], &["all_sides"])
        .weight_i64("second", &[1], &[2])
        .node("Gather", &["all_sides", "second"], &["height"]);
    for (name, element, sides) in outputs {
        graph = graph.output(name, *element, sides);
        let mut parts = Vec::new();
        for (at, side) in sides.iter().enumerate() {
            if let Dim::Is(size) = side {
                parts.push(format!("{name}_{at}"));
                graph = graph.weight_i64(&parts[at], &[1], &[*size as i64]);
            } else {
                parts.push("height".into());
            }
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let [sides, zeros] = [format!("{name}_sides"), format!("{name}_zeros")];
        graph = graph
            .node_with("Concat", &parts, &[&sides], axis(0))
            .node("ConstantOfShape", &[&sides], &[&zeros])
            .node_with("Cast", &[&zeros], &[name], vec![("to", Attribute::Int(*element as i64))]);
    }
    graph.model()
}

#[test]
fn a_graph_that_is_not_the_familys_is_refused_with_what_was_expected() {
    let Some(runtime) = runtime() else { return };
    use Dim::{Is, Named};
    let refused = |family: &str, more: &str, model: &[u8]| -> Error {
        let manifest = format!(r#"{{"family": "{family}", "files": {{"fp32": "net.onnx"}}{more}}}"#);
        Folder::said(&manifest, model).try_open(&runtime).expect_err("no such detector")
    };
    let picture: (&str, u64, &[Dim<'_>]) = ("x", F32, &[Is(1), Is(3), Named("h"), Named("w")]);
    let grid: (&str, u64, &[Dim<'_>]) = ("y", F32, &[Is(1), Is(7), Is(2), Is(2)]);
    let rows: (&str, u64, &[Dim<'_>]) = ("y", F32, &[Is(1), Is(7), Is(8)]);
    let maps: (&str, u64, &[Dim<'_>]) = ("p", F32, &[Is(1), Is(3), Is(2), Is(2)]);
    for (family, more, model, cause) in [
        (
            "fastest_det",
            "",
            one(("x", F32, &[Is(1), Is(1), Is(9), Is(9)]), &[grid]),
            "x f32 [1, 1, 9, 9], expected one",
        ),
        ("fastest_det", "", one(("x", I64, &[Is(1), Is(3), Is(9), Is(9)]), &[grid]), "expected one f32 or f16"),
        ("fastest_det", "", one(("x", F32, &[Is(2), Is(3), Is(9), Is(9)]), &[grid]), "[1, 3, height, width]"),
        ("fastest_det", "", one(("x", F32, &[Is(1), Is(3), Is(9), Is(9000)]), &[grid]), "sides up to 4096"),
        ("fastest_det", "", one(picture, &[rows]), "[1, 5 + classes, rows, columns]"),
        ("fastest_det", "", one(picture, &[grid, maps]), "expected one f32"),
        ("fastest_det", "", one(picture, &[("y", I64, &[Is(1), Is(7), Is(2), Is(2)])]), "y i64"),
        ("fastest_det", r#", "labels": ["a"]"#, one(picture, &[grid]), "2 classes, 1 labels"),
        ("yolo_v8", "", one(picture, &[grid]), "4 + classes, boxes"),
        ("yolo_v8", "", one(picture, &[("y", F32, &[Is(1), Is(300), Is(6)])]), "drops overlapping boxes by itself"),
        ("yolo_v8", "", one(picture, &[rows, maps]), "the rest are classes"),
        ("yolo_v8", r#", "labels": ["a"]"#, one(picture, &[rows]), "3 classes, 1 labels"),
        ("yolo_v8", r#", "input": {"keep_aspect": false}"#, one(picture, &[rows]), "keep_aspect is false"),
        ("yolo_v8", r#", "input": {"multiple_of": 32}"#, one(picture, &[rows]), "multiple_of is 32"),
        ("detr", "", one(picture, &[rows]), "expected logits f32 or f16 [1, queries, classes]"),
        (
            "detr",
            r#", "labels": ["a", "b", "c"]"#,
            { one(picture, &[("logits", F32, &[Is(1), Is(9), Is(2)]), ("pred_boxes", F32, &[Is(1), Is(9), Is(4)])]) },
            "2 classes, 3 labels",
        ),
        (
            "detr",
            "",
            { one(picture, &[("logits", F32, &[Is(1), Is(9), Is(2)]), ("pred_boxes", F32, &[Is(1), Is(8), Is(4)])]) },
            "pred_boxes [1, queries, 4]",
        ),
        ("depth_pro", "", one(picture, &[rows]), "family depth_pro, expected one of fastest_det"),
        (
            "yolo_v8",
            r#", "input": {"size": [64, 32]}"#,
            one(("x", F32, &[Is(1), Is(3), Is(64), Is(64)]), &[rows]),
            "64x32",
        ),
    ] {
        let sentence = refused(family, more, &model).to_string();
        assert!(sentence.contains(cause), "{family}, {cause}: {sentence}");
    }
}

#[test]
fn a_network_that_gives_other_than_it_said_is_refused_when_it_does() {
    let Some(runtime) = runtime() else { return };
    use Dim::{Is, Named};
    let picture: (&str, u64, &[Dim<'_>]) = ("x", F32, &[Is(1), Is(3), Named("h"), Named("w")]);
    let looked = |family: &str, outputs: &[(&str, u64, &[Dim<'_>])]| {
        let manifest =
            format!(r#"{{"family": "{family}", "files": {{"fp32": "net.onnx"}}, "input": {{"size": [2, 2]}}}}"#);
        let detector = Folder::said(&manifest, &one(picture, outputs)).detector(&runtime);
        let picture = Rgb::new(5, 7, vec![0; 105]).expect("a picture");
        detector.detect_rgb(&picture, &DetectOptions::default(), &Control::default())
    };
    let n = Named("n");
    for (family, outputs, cause) in [
        ("fastest_det", &[("y", F32, &[Is(1), n, n, n][..])][..], "2 channels, expected more than 5"),
        ("fastest_det", &[("y", F32, &[n, Is(7), n, n])], "the first 1"),
        ("yolo_v8", &[("y", F32, &[Is(1), n, n])], "y has 2 rows"),
        ("yolo_v8", &[("y", F32, &[Is(1), Is(6), n]), ("p", F32, &[Is(1), n, Is(0), n])], "masks of 2x0"),
        ("detr", &[("logits", F32, &[Is(1), n, n]), ("pred_boxes", F32, &[Is(1), n, n])], "expected [2, 4]"),
    ] {
        let error = looked(family, outputs).expect_err("other than it said");
        assert_eq!(error.kind(), ErrorKind::Model, "{family}");
        assert!(error.to_string().contains(cause), "{family}, {cause}: {error}");
    }
    assert!(looked("fastest_det", &[("y", F32, &[Is(1), Is(7), n, n])]).expect("nothing").is_empty());
}

// --- real data ---

#[derive(Deserialize)]
struct Real {
    frames: Vec<RealFrame>,
}

#[derive(Deserialize)]
struct RealFrame {
    picture: String,
    fastest_det: Vec<Truth>,
    yunet_mean_min_max: BTreeMap<String, [f64; 3]>,
}

/// The folder of recorded data, if it is named and has the models.
fn data() -> Option<PathBuf> {
    let data = std::env::var_os("GNOMON_TEST_DATA").map(PathBuf::from);
    let found = data.filter(|data| data.join("models/FastestDet.onnx").is_file());
    if found.is_none() {
        println!("not run: no GNOMON_TEST_DATA/models/FastestDet.onnx");
    }
    found
}

#[test]
fn fastest_det_finds_in_a_recording_what_numpy_finds_with_the_same_network() {
    let (Some(runtime), Some(data)) = (runtime(), data()) else { return };
    let (file, labels) = (data.join("models/FastestDet.onnx"), data.join("models/coco.names"));
    let folder = ModelFolder::open(&file, Some(Family::FastestDet), Some(&labels)).expect("a file");
    let detector = Detector::open(&runtime, &folder, None, &SessionOptions::default()).expect("a detector");
    let real: Real = recorded("real.json");
    assert_eq!(real.frames.len(), 6);
    let (mut count, mut chairs) = (0, 0);
    for frame in &real.frames {
        let picture = picture_of(&data.join("hololens_table/images").join(&frame.picture));
        let found = detector.detect_rgb(&picture, &DetectOptions::default(), &Control::default()).expect("found");
        assert_same(&found, &frame.fastest_det, picture.size(), 1e-3, &frame.picture);
        count += found.len();
        chairs += found.iter().filter(|one| &*one.label == "chair").count();
    }
    assert!(chairs > 0, "chairs are called chairs");
    println!("real data: ran FastestDet on 6 frames of hololens_table, {count} boxes equal, {chairs} of them chairs");
}

#[test]
fn yunet_runs_through_the_same_session() {
    let (Some(runtime), Some(data)) = (runtime(), data()) else { return };
    let path = data.join("models/yunet_s_320_320.onnx");
    let session = Session::open(&runtime, &path, &SessionOptions::default()).expect("a session");
    let rule = Rule {
        filter: Filter::OpenCv(OpenCvFilter::Linear),
        order: Order::Bgr,
        scale: 1.0,
        mean: [0.0; 3],
        std: [1.0; 3],
        pad: Pad::Colour([0.0; 3]),
        float_resize: false,
    };
    let mut tensor = Vec::new();
    for frame in &recorded::<Real>("real.json").frames {
        let picture = picture_of(&data.join("hololens_table/images").join(&frame.picture));
        rule.tensor(&picture, &Fit::stretch(picture.size(), (320, 320)).expect("a fit"), &mut tensor)
            .expect("a tensor");
        let input = TensorView::new(&[1, 3, 320, 320], &tensor).expect("a tensor");
        let outputs = session.run(&[("input", input.into())]).expect("twelve outputs");
        assert_eq!(frame.yunet_mean_min_max.len(), 12);
        for (name, [mean, least, most]) in &frame.yunet_mean_min_max {
            let numbers: &[f32] = outputs.get(name).expect("an output").numbers().expect("floats");
            let sum: f64 = numbers.iter().map(|number| f64::from(*number)).sum();
            let bounds = numbers.iter().fold((f32::MAX, f32::MIN), |(a, b), number| (a.min(*number), b.max(*number)));
            for (ours, theirs) in
                [(sum / numbers.len() as f64, mean), (bounds.0.into(), least), (bounds.1.into(), most)]
            {
                assert!((ours - theirs).abs() <= 1e-3, "{} {name}: {ours} {theirs}", frame.picture);
            }
        }
    }
    println!("real data: ran YuNet on 6 frames of hololens_table");
}

// --- the program ---

#[cfg(feature = "cli")]
mod program {
    use super::*;
    use serde_json::Value;
    use std::process::{Command, Output};

    fn gnomon(words: &[&str], folder: &Path) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gnomon")).args(words).current_dir(folder).output().expect("the program starts")
    }

    fn document(output: &Output) -> Value {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one document")
    }

    /// A detector with masks, and a recording of two frames of one picture.
    fn workplace() -> Folder {
        let manifest = r#"{"family": "yolo_v8", "files": {"fp32": "net.onnx"}, "input": {"size": [320, 192]},
            "labels": ["cup", "chair", "table", "sofa", "lamp"], "licence": "MIT"}"#;
        let picture = std::fs::read(golden().join("square.png")).expect("a picture");
        let mut depth = std::io::Cursor::new(Vec::new());
        let metres: image::ImageBuffer<image::Luma<u16>, Vec<u16>> =
            image::ImageBuffer::from_pixel(99, 99, image::Luma([2000]));
        metres.write_to(&mut depth, image::ImageFormat::Png).expect("a picture");
        Folder::of(&[
            ("net/gnomon.json", manifest.as_bytes()),
            ("net/net.onnx", &yolo((320, 192), 3)),
            ("walk/images/0.png", &picture),
            ("walk/images/1.png", &picture),
            ("walk/depth/0.png", depth.get_ref()),
            ("walk/depth/1.png", depth.get_ref()),
            ("walk/poses.txt", b"1 0 0 0 0 -1 0 0 0 0 -1 2 0 0 0 1\n1 0 0 0.01 0 -1 0 0 0 0 -1 2 0 0 0 1\n"),
            ("walk/K.txt", b"60 0 49\n0 60 49\n0 0 1\n"),
        ])
    }

    #[test]
    fn what_is_found_in_a_picture_is_printed_and_drawn() {
        let Some(_) = runtime() else { return };
        let folder = workplace();
        let words = ["detect", "walk/images/0.png", "--model", "net", "--json", "--out", "drawn.png"];
        let said = document(&gnomon(&words, folder.0.path()));
        let truth = cases_of("yolo_masks").into_iter().find(|case| case.picture == "square").expect("recorded");
        let found = said["found"].as_array().expect("a list");
        assert_eq!(found.len(), truth.found.len());
        for (found, truth) in found.iter().zip(&truth.found) {
            assert_eq!(found["class"], truth.class);
            assert_eq!(found["label"], ["cup", "chair", "table", "sofa", "lamp"][truth.class]);
            assert_eq!(found["mask"]["size"], serde_json::json!([99, 99]));
        }
        assert_eq!((&said["detector"]["family"], &said["detector"]["licence"]), (&"yolo_v8".into(), &"MIT".into()));
        let drawn = image::open(folder.0.path().join("drawn.png")).expect("a picture").into_rgb8();
        let before = image::open(golden().join("square.png")).expect("a picture").into_rgb8();
        assert_eq!(drawn.dimensions(), before.dimensions());
        assert_ne!(drawn, before);
        let told = gnomon(&["detect", "walk/images/0.png", "--model", "net", "--max", "1"], folder.0.path());
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("1 found in") && told.contains("mask px"), "{told}");
    }

    #[test]
    fn a_run_with_a_detector_is_the_run_with_what_it_finds_in_a_file() {
        let Some(_) = runtime() else { return };
        let folder = workplace();
        let there = folder.0.path();
        let output = gnomon(&["detect", "walk", "--model", "net", "--out", "found.jsonl"], there);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let by_file = document(&gnomon(&["run", "walk", "--detections", "found.jsonl", "--json", "--out", "a"], there));
        let by_network = document(&gnomon(&["run", "walk", "--detector", "net", "--json", "--out", "b"], there));
        assert!(by_file["counts"]["lifted"].as_u64() > Some(0), "{}", by_file["counts"]);
        assert_eq!(by_file["counts"], by_network["counts"]);
        assert_eq!(by_network["detections"]["family"], "yolo_v8");
        // Where the things came from is another matter, and so is the seal on it.
        let scene = |name: &str| {
            let text = std::fs::read_to_string(there.join(name).join("scene.json")).expect("a scene");
            let says = |line: &&str| !line.starts_with("\"provenance\"") && !line.starts_with("\"checksum\"");
            text.lines().filter(says).map(str::to_string).collect::<Vec<_>>()
        };
        assert!(scene("a").len() > 4);
        assert_eq!(scene("a"), scene("b"));
        let output = gnomon(&["detect", "walk", "--model", "net", "--out", "drawn"], there);
        assert!(output.status.success() && there.join("drawn/000001.png").is_file());
    }

    #[test]
    fn a_detector_that_cannot_be_is_said_in_a_sentence() {
        let folder = workplace();
        let there = folder.0.path();
        for (words, code, cause) in [
            (&["detect", "walk/images/0.png", "--model", "gone"][..], 1, "is not there"),
            (&["detect", "walk/images/0.png", "--model", "net/net.onnx"], 1, "name one of fastest_det"),
            (&["detect", "walk/images/0.png", "--model", "net", "--family", "detr"], 1, "yolo_v8, not detr"),
            (&["detect", "walk/images/0.png", "--model", "net", "--family", "yolo"], 2, "expected one of"),
            (&["detect", "walk/images/0.png", "--model", "net", "--precision", "q4"], 1, "no file of precision q4"),
            (&["run", "walk", "--detector", "net", "--detections", "x.jsonl"], 2, "cannot be used with"),
        ] {
            if code == 1 && words.contains(&"--precision") && std::env::var_os(PATH_VARIABLE).is_none() {
                continue;
            }
            let output = gnomon(words, there);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
            assert!(said.contains(cause), "{words:?}: {said}");
        }
    }

    #[test]
    fn a_recorded_office_gets_chairs_and_a_dining_table_from_a_network() {
        let (Some(_), Some(data)) = (runtime(), data()) else { return };
        let folder = tempfile::tempdir().expect("a folder");
        let [sequence, model, labels] = ["hololens_table", "models/FastestDet.onnx", "models/coco.names"]
            .map(|name| data.join(name).display().to_string());
        let words =
            ["run", &sequence, "--up", "y", "--detector", &model, "--family", "fastest_det", "--labels", &labels];
        let more = ["--min-score", "0.4", "--json", "--out", "out"];
        let said = document(&gnomon(&[&words[..], &more[..]].concat(), folder.path()));
        let scene = std::fs::read_to_string(folder.path().join("out/scene.json")).expect("a scene");
        let scene: Value = serde_json::from_str(&scene).expect("JSON");
        let objects = scene["objects"].as_array().expect("a list");
        let called = |label: &str| objects.iter().filter(|object| object["label"] == label).count();
        assert!(called("chair") >= 4, "{} chairs", called("chair"));
        assert!(called("diningtable") >= 1, "{} dining tables", called("diningtable"));
        let counts = |key: &str| said["counts"][key].as_u64().expect("a number");
        assert!(counts("outvoted") * 10 > counts("associated"), "{}", said["counts"]);
        println!(
            "real data: {} chairs and {} dining tables; {} of {} labels outvoted",
            called("chair"),
            called("diningtable"),
            counts("outvoted"),
            counts("associated")
        );
    }
}
