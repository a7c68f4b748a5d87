//! Model folders as they come from outside: those that say what they are, and those that lie.

#![cfg(feature = "onnx")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use common::runtime;
use gnomon::models::{Family, KnownBy, ModelFolder, Precision, Resample};
use gnomon::runtime::SessionOptions;
use gnomon::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use testing::{Dim, F32, Graph};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        files.iter().for_each(|(name, text)| drop(folder.put(name, text.as_bytes())));
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn open(&self) -> gnomon::Result<ModelFolder> {
        ModelFolder::open(self.path(), None, None)
    }

    fn refused(&self) -> Error {
        self.open().expect_err("it lies")
    }
}

#[test]
fn a_folder_says_what_it_is_in_gnomon_json() {
    let folder = Folder::of(&[
        ("net.onnx", ""),
        ("half.onnx", ""),
        ("names.txt", "cup\nchair\n\ntable \n\n"),
        (
            "gnomon.json",
            r#"{"family": "yolo_v8", "files": {"fp16": "half.onnx", "fp32": "net.onnx"}, "labels": "names.txt",
                "input": {"size": [320, 192], "resample": "opencv_area", "order": "bgr", "mean": [1, 2, 3], "pad": 7},
                "output": {"meaning": "masks", "iou": 0.5}, "licence": "MIT", "source": "a shelf"}"#,
        ),
    ]);
    let read = folder.open().expect("a folder");
    assert_eq!((read.family, read.known_by), (Family::YoloV8, KnownBy::Manifest));
    assert_eq!(read.entry(None).expect("a file").name, "net.onnx", "full precision first");
    assert_eq!(read.entry(Some(Precision::Fp16)).expect("a file").path, folder.path().join("half.onnx"));
    let error = read.entry(Some(Precision::Q4)).expect_err("no such file").to_string();
    assert!(error.contains("q4") && error.contains("fp32, fp16"), "{error}");
    assert_eq!(read.input.size, Some([320, 192]));
    assert_eq!((read.input.resample, read.input.pad), (Some(Resample::OpencvArea), Some(7)));
    assert_eq!((read.input.mean, read.input.std), (Some([1.0, 2.0, 3.0]), None));
    assert_eq!(read.output.iou, Some(0.5));
    assert_eq!((read.licence.as_deref(), read.source.as_deref()), (Some("MIT"), Some("a shelf")));
    assert_eq!(["chair", "class 2", "table", "class 4"], [1, 2, 3, 4].map(|class| read.label(class).into_owned())[..]);
    let other = ModelFolder::open(folder.path(), Some(Family::Detr), None).expect_err("another family").to_string();
    assert!(other.contains("yolo_v8, not detr"), "{other}");
    let labels = folder.put("mine.txt", b"a\nb");
    let read = ModelFolder::open(folder.path(), Some(Family::YoloV8), Some(&labels)).expect("labels of the caller");
    assert_eq!(read.labels, ["a", "b"]);
}

#[test]
fn a_manifest_that_lies_is_refused_with_its_name_and_the_cause() {
    let with = |text: &str| Folder::of(&[("net.onnx", ""), ("gnomon.json", text)]).refused().to_string();
    let near = |rest: &str| with(&format!(r#"{{"family": "detr", "files": {{"fp32": "net.onnx"}}, {rest}}}"#));
    for (sentence, cause) in [
        (with("{"), "EOF"),
        (with(r#"{"family": "detr"}"#), "missing field `files`"),
        (with(r#"{"family": "yolo", "files": {}}"#), "unknown variant `yolo`, expected"),
        (with(r#"{"family": "detr", "files": {}}"#), "files names none"),
        (with(r#"{"family": "detr", "files": {"fp9": "net.onnx"}}"#), "unknown variant `fp9`"),
        (near(r#""lables": []"#), "unknown field `lables`"),
        (near(r#""input": {"sise": 3}"#), "unknown field `sise`"),
        (near(r#""input": {"size": [0, 9]}"#), "0x9"),
        (near(r#""input": {"std": [1, 0, 1]}"#), "std"),
        (near(r#""input": {"scale": -1}"#), "scale"),
        (near(r#""output": {"iou": 1.5}"#), "iou is 1.5"),
        (near(r#""output": {"meaning": "metric_depth"}"#), "which detr does not give"),
        (near(r#""labels": []"#), "names no label"),
        (near(r#""labels": 3"#), "neither a list of texts nor the name of a file"),
        (near(r#""labels": "gone.txt""#), "\"gone.txt\" is not that of a file"),
        (near(r#""sha256": {"net.onnx": "12"}"#), "64 hexadecimal digits"),
    ] {
        assert!(sentence.contains("gnomon.json") && sentence.contains(cause), "{cause}: {sentence}");
    }
}

#[test]
fn a_name_leads_to_a_file_in_the_folder_and_nowhere_else() {
    let outside = Folder::of(&[("secret.onnx", "")]);
    let secret = outside.path().join("secret.onnx").display().to_string();
    for name in
        ["../secret.onnx", &secret, "a/../../b.onnx", "./net.onnx", "", "a\\\\b", "C:net.onnx", "sub", "gone.onnx"]
    {
        let manifest = format!(r#"{{"family": "detr", "files": {{"fp32": "{name}"}}}}"#);
        let folder = Folder::of(&[("net.onnx", ""), ("sub/x", ""), ("gnomon.json", &manifest)]);
        assert_eq!(folder.refused().kind(), ErrorKind::Model, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_refused_unless_it_is_the_cache_of_hugging_face() {
    let manifest = r#"{"family": "detr", "files": {"fp32": "net.onnx"}}"#;
    let cache = Folder::of(&[("models/blobs/1234", ""), ("models/other/1234", ""), ("gnomon.json", manifest)]);
    for (place, target, is_fine) in [
        ("models/snapshots/abc", "../../blobs/1234", true),
        ("models/snapshots/def", "../../other/1234", false),
        ("models/loose/abc", "../../blobs/1234", false),
    ] {
        let folder = cache.path().join(place);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::os::unix::fs::symlink(target, folder.join("net.onnx")).expect("a link");
        std::fs::write(folder.join("gnomon.json"), manifest).expect("a file");
        let opened = ModelFolder::open(&folder, None, None);
        assert_eq!(opened.is_ok(), is_fine, "{place}: {opened:?}");
    }
}

#[test]
fn a_text_that_does_not_end_is_not_read() {
    let folder = Folder::of(&[("net.onnx", "")]);
    folder.put("gnomon.json", &vec![b' '; 9 << 20]);
    assert!(folder.refused().to_string().contains("longer than"));
    folder.put("gnomon.json", &[b'['; 100_000]);
    assert_eq!(folder.refused().kind(), ErrorKind::Io, "brackets in brackets");
    folder.put("gnomon.json", &[0xff, 0xfe]);
    assert!(folder.refused().to_string().contains("UTF-8"));
}

const RT_DETR: &str = r#"{"model_type": "rt_detr", "architectures": ["RTDetrForObjectDetection"],
    "id2label": {"0": "person", "2": "car"}, "d_model": 256}"#;
const RT_DETR_INPUT: &str = r#"{"do_normalize": false, "do_pad": false, "do_rescale": true, "do_resize": true,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 2,
    "rescale_factor": 0.00392156862745098, "size": {"height": 480, "width": 640}}"#;

#[test]
fn a_public_folder_is_known_by_its_configuration() {
    let folder = Folder::of(&[
        ("config.json", RT_DETR),
        ("preprocessor_config.json", RT_DETR_INPUT),
        ("onnx/model.onnx", ""),
        ("onnx/model_quantized.onnx", ""),
        ("README.md", "---\nlibrary_name: x\nlicense: apache-2.0\n---\n# A network\n"),
    ]);
    let read = folder.open().expect("a folder");
    assert_eq!((read.family, read.known_by), (Family::Detr, KnownBy::HuggingFace));
    assert_eq!(read.labels, ["person", "", "car"]);
    assert_eq!(read.input.size, Some([640, 480]), "width first");
    assert_eq!((read.input.mean, read.input.std), (Some([0.0; 3]), Some([1.0; 3])), "not normalised");
    assert_eq!(read.input.resample, Some(Resample::PillowBilinear));
    assert_eq!(read.licence.as_deref(), Some("apache-2.0"));
    let names: Vec<&str> = read.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["onnx/model.onnx", "onnx/model_quantized.onnx"]);

    let metric = r#"{"model_type": "depth_anything", "depth_estimation_type": "metric", "max_depth": 20}"#;
    let input = r#"{"size": {"height": 518, "width": 518}, "resample": 3, "keep_aspect_ratio": true,
        "ensure_multiple_of": 14, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}"#;
    let files = [("config.json", metric), ("preprocessor_config.json", input), ("onnx/model_fp16.onnx", "")];
    let read = Folder::of(&files).open().expect("a folder");
    assert_eq!(read.family, Family::DepthAnythingV2Metric);
    assert_eq!((read.input.keep_aspect, read.input.multiple_of), (Some(true), Some(14)));
    assert_eq!(read.entry(None).expect("the only one").precision, Precision::Fp16);
}

#[test]
fn a_public_folder_that_is_not_known_is_refused_with_what_it_says() {
    let model = ("onnx/model.onnx", "");
    let refused = |files: &[(&str, &str)]| Folder::of(files).refused();
    let error = refused(&[model, ("config.json", r#"{"model_type": "bert"}"#)]);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("\"bert\""), "{error}");
    let error = refused(&[model, ("config.json", RT_DETR), ("preprocessor_config.json", r#"{"resample": 1}"#)]);
    assert!(error.to_string().contains("resample is 1"), "{error}");
    let edges = r#"{"size": {"longest_edge": 1333, "shortest_edge": 800}}"#;
    let error = refused(&[model, ("config.json", RT_DETR), ("preprocessor_config.json", edges)]);
    assert!(error.to_string().contains("longest_edge, shortest_edge"), "{error}");
    let far = r#"{"model_type": "rt_detr", "id2label": {"4000000000": "x"}}"#;
    assert!(refused(&[model, ("config.json", far)]).to_string().contains("beyond"));
    let error = refused(&[model]);
    assert!(error.to_string().contains("expected gnomon.json"), "{error}");
    let folder = Folder::of(&[model, ("config.json", RT_DETR)]);
    let error = ModelFolder::open(folder.path(), Some(Family::Vggt), None).expect_err("another family").to_string();
    assert!(error.contains("of the family detr, not vggt"), "{error}");
    let folder = Folder::of(&[model]);
    let read = ModelFolder::open(folder.path(), Some(Family::Vggt), None).expect("the caller's word");
    assert_eq!(read.known_by, KnownBy::Caller);
}

#[test]
fn a_bare_file_opens_with_a_family_and_labels_of_lines() {
    let folder = Folder::of(&[("net.onnx", ""), ("names", "person\r\nbicycle\r\n")]);
    let (file, names) = (folder.path().join("net.onnx"), folder.path().join("names"));
    let error = ModelFolder::open(&file, None, None).expect_err("no family").to_string();
    assert!(error.contains("fastest_det"), "{error}");
    let read = ModelFolder::open(&file, Some(Family::FastestDet), Some(&names)).expect("a file");
    assert_eq!(read.labels, ["person", "bicycle"]);
    assert!(read.expect(&[Family::Detr]).is_err() && read.expect(&[Family::Detr, Family::FastestDet]).is_ok());
    let error = ModelFolder::open(&folder.path().join("gone.onnx"), Some(Family::Detr), None).expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Io);
    folder.put("names", b" \n\n");
    let error = ModelFolder::open(&file, Some(Family::FastestDet), Some(&names)).expect_err("no label");
    assert!(error.to_string().contains("names no label"), "{error}");
}

/// By `sha256sum` of what `testing::affine` and `outside` write, and of sixteen zero bytes.
const HASH_OF_AFFINE: &str = "a27f73548742032aa74f7dd7d862fdfec8b29cc51835b3c3e69d31f1be0b195c";
const HASH_OF_OUTSIDE: &str = "8ddeb82e23be108d885b7b017f2024a6171f49bccb9fb1eff5f31bd5c86f5e67";
const HASH_OF_ZEROS: &str = "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb";

/// y = x + w with w in a file of its own.
fn outside() -> Vec<u8> {
    Graph::new("outside")
        .input("x", F32, &[Dim::Is(4)])
        .output("y", F32, &[Dim::Is(4)])
        .external_weight("w", &[4], &[("location", "w.bin"), ("length", "16")])
        .node("Add", &["x", "w"], &["y"])
        .model()
}

#[test]
fn a_file_that_is_not_the_one_of_its_hash_is_not_loaded() {
    let Some(runtime) = runtime() else { return };
    let folder = Folder::new();
    folder.put("sub/net.onnx", &testing::affine());
    folder.put("sub/outside.onnx", &outside());
    folder.put("sub/w.bin", &[0; 16]);
    let load = |file: &str, hashes: &str| {
        let text = format!(r#"{{"family": "detr", "files": {{"fp32": "{file}"}}, "sha256": {{{hashes}}}}}"#);
        folder.put("gnomon.json", text.as_bytes());
        folder.open().expect("a folder").session(&runtime, None, &SessionOptions::default())
    };
    load("sub/net.onnx", &format!(r#""sub/net.onnx": "{}""#, HASH_OF_AFFINE.to_uppercase())).expect("the right hash");
    let error = load("sub/net.onnx", &format!(r#""sub/net.onnx": "{HASH_OF_ZEROS}""#)).expect_err("another hash");
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().contains(HASH_OF_AFFINE), "{error}");
    let model = format!(r#""sub/outside.onnx": "{HASH_OF_OUTSIDE}""#);
    let error = load("sub/outside.onnx", &model).expect_err("the weights have none");
    assert!(error.to_string().contains("sub/w.bin: holds weights"), "{error}");
    let both = format!(r#"{model}, "sub/w.bin": "{HASH_OF_ZEROS}""#);
    load("sub/outside.onnx", &both).expect("both are right");
    folder.put("sub/w.bin", &[1; 16]);
    assert_eq!(load("sub/outside.onnx", &both).expect_err("other weights").kind(), ErrorKind::Model);
    load("sub/outside.onnx", "").expect("without a hash nothing is compared");
}
