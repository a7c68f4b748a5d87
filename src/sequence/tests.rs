use super::*;
use image::{ImageBuffer, Luma, Rgb};
use std::fs;
use tempfile::TempDir;

const TEN_METRES_UP: &str = "1 0 0 0\n0 1 0 0\n0 0 1 10\n0 0 0 1\n";
const SMALL_K: &str = "20 0 7.5\n0 20 5.5\n0 0 1\n";

fn picture(dir: &TempDir, name: &str, red: u8) {
    let picture = ImageBuffer::from_fn(16, 12, |u, _| Rgb([red, u as u8, 0]));
    save(dir, name, |path| picture.save(path));
}

fn depth(dir: &TempDir, name: &str, counts: u16) {
    depth_of_size(dir, name, 16, 12, counts);
}

fn depth_of_size(dir: &TempDir, name: &str, width: u32, height: u32, counts: u16) {
    let depth: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_pixel(width, height, Luma([counts]));
    save(dir, name, |path| depth.save(path));
}

fn save(dir: &TempDir, name: &str, write: impl Fn(&Path) -> image::ImageResult<()>) {
    let path = dir.path().join(name);
    fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
    write(&path).expect("written");
}

fn write(dir: &TempDir, name: &str, text: &str) {
    fs::write(dir.path().join(name), text).expect("written");
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn open(dir: &TempDir) -> Result<Sequence> {
    Sequence::open(dir.path(), &SequenceOptions::default())
}

fn refusal(dir: &TempDir) -> String {
    open(dir).err().expect("refused").to_string()
}

/// Three frames in `images/`, `depth/`, the names skipping a number and out of textual order.
fn in_folders() -> TempDir {
    let dir = folder();
    for (number, red) in [(9, 1), (10, 2), (12, 3)] {
        picture(&dir, &format!("images/{number}.png"), red);
        depth(&dir, &format!("depth/{number}.png"), 1000 + u16::from(red));
    }
    let line = |x: f64| format!("1 0 0 {x} 0 1 0 0 0 0 1 0 0 0 0 1\n");
    write(&dir, "poses.txt", &(line(1.0) + &line(2.0) + &line(3.0)));
    write(&dir, "K.txt", SMALL_K);
    dir
}

fn in_seven_scenes() -> TempDir {
    let dir = folder();
    for number in 0..3 {
        picture(&dir, &format!("frame-{number:06}.color.png"), number);
        depth(&dir, &format!("frame-{number:06}.depth.png"), if number == 2 { 65535 } else { 2000 });
        let pose = if number == 1 { "-inf 0 0 0 0 nan 0 0 0 0 inf 0 0 0 0 1" } else { TEN_METRES_UP };
        write(&dir, &format!("frame-{number:06}.pose.txt"), pose);
    }
    write(&dir, "camera-intrinsics.txt", " 2.0e+01\t0 7.5\n0 20 5.5 \n0 0 1");
    dir
}

/// Pictures at 1.000, 1.033, 1.066, 1.100 s; the second has no depth, the last no pose.
fn in_tum() -> TempDir {
    let dir = folder();
    for (i, name) in ["1.000", "1.033", "1.066", "1.100"].iter().enumerate() {
        picture(&dir, &format!("rgb/{name}.png"), i as u8);
    }
    for name in ["1.010", "1.070", "1.105"] {
        depth(&dir, &format!("depth/{name}.png"), 10_000);
    }
    write(
        &dir,
        "rgb.txt",
        "# color images\n1.000 rgb/1.000.png\n1.033 rgb/1.033.png\n1.066 rgb/1.066.png\n1.100 rgb/1.100.png\n",
    );
    write(&dir, "K.txt", SMALL_K);
    write(&dir, "depth.txt", "1.070 depth/1.070.png\n1.010 depth/1.010.png\n1.105 depth/1.105.png\n");
    write(&dir, "groundtruth.txt", "# x\n1.0010 5 6 7 0 0 0.7071 0.7071\n1.0600 1 2 3 0 0 0 1\n1.0700 4 2 3 0 0 0 1\n");
    dir
}

#[test]
fn folders_are_read_in_numeric_order() {
    let dir = in_folders();
    let sequence = open(&dir).expect("a sequence");
    assert_eq!((sequence.layout(), sequence.len(), sequence.skipped().len()), (Layout::Folders, 3, 0));
    for (i, red) in [1u8, 2, 3].into_iter().enumerate() {
        let loaded = sequence.load(i).expect("a frame");
        assert_eq!((loaded.frame, loaded.stamp_ns), (i, i as i64 * MADE_STEP_NS));
        assert_eq!(loaded.world_from_camera.translation.x, f64::from(red));
        assert_eq!((loaded.intrinsics.fx, loaded.intrinsics.cy, loaded.intrinsics.width), (20.0, 5.5, 16));
        let frame = loaded.as_frame().expect("fits");
        assert_eq!(frame.colour.and_then(|picture| picture.rgb(4, 0)), Some([red, 4, 0]));
        let mut metres = Vec::new();
        frame.depth.decode_into(&mut metres);
        assert!((metres[0] - 1.0 - f32::from(red) * 1e-3).abs() < 1e-6, "{}", metres[0]);
    }
    assert!(sequence.load(3).is_err());
}

#[test]
fn seven_scenes_skips_frames_that_lost_tracking_and_keeps_numbers() {
    let sequence = open(&in_seven_scenes()).expect("a sequence");
    assert_eq!((sequence.layout(), sequence.len()), (Layout::SevenScenes, 2));
    assert_eq!(sequence.skipped(), [Skipped { frame: 1, reason: SkipReason::LostTracking }]);
}

#[test]
fn the_last_count_of_seven_scenes_means_none() {
    let dir = in_seven_scenes();
    let sequence = open(&dir).expect("a sequence");
    let loaded = sequence.load(1).expect("the third frame");
    assert_eq!((loaded.frame, loaded.stamp_ns, loaded.world_from_camera.translation.z), (2, 2 * MADE_STEP_NS, 10.0));
    let mut metres = Vec::new();
    loaded.as_frame().expect("fits").depth.decode_into(&mut metres);
    assert!(metres.iter().all(|z| *z == 0.0));
}

#[test]
fn tum_pairs_by_stamp_and_lists_what_has_no_partner() {
    let dir = in_tum();
    let sequence = open(&dir).expect("a sequence");
    assert_eq!((sequence.layout(), sequence.len()), (Layout::Tum, 2));
    let skipped: Vec<_> = sequence.skipped().iter().map(|skipped| (skipped.frame, skipped.reason)).collect();
    assert_eq!(skipped, [(1, SkipReason::NoDepth), (3, SkipReason::NoPose)]);
    let (first, third) = (sequence.load(0).expect("first"), sequence.load(1).expect("third"));
    assert_eq!((first.stamp_ns, first.world_from_camera.translation.z), (1_000_000_000, 7.0));
    assert!((first.world_from_camera.rotation.angle() - std::f64::consts::FRAC_PI_2).abs() < 1e-3);
    assert_eq!((third.frame, third.stamp_ns, third.world_from_camera.translation.x), (2, 1_066_000_000, 4.0));
    let mut metres = Vec::new();
    first.as_frame().expect("fits").depth.decode_into(&mut metres);
    assert!((metres[5] - 2.0).abs() < 1e-5, "10000 counts of 1/5000 m");
}

#[test]
fn a_tum_recording_without_intrinsics_has_those_of_its_authors() {
    let dir = folder();
    save(&dir, "a.png", |path| ImageBuffer::from_pixel(640, 480, Rgb([1u8, 2, 3])).save(path));
    depth_of_size(&dir, "b.png", 640, 480, 5000);
    write(&dir, "rgb.txt", "0.5 a.png\n");
    write(&dir, "depth.txt", "0.5 b.png\n");
    write(&dir, "groundtruth.txt", "0.5 0 0 0 0 0 0 1\n");
    let camera = open(&dir).and_then(|sequence| sequence.load(0)).expect("a frame").intrinsics;
    assert_eq!((camera.fx, camera.fy, camera.cx, camera.cy), (525.0, 525.0, 319.5, 239.5));
}

#[test]
fn a_camera_that_stood_still_needs_no_poses() {
    let options = SequenceOptions { fixed_pose: Some(Pose::translation(0.0, 0.0, 2.0)), ..Default::default() };
    for (dir, poses) in [(in_folders(), "poses.txt"), (in_tum(), "groundtruth.txt")] {
        fs::remove_file(dir.path().join(poses)).expect("it was there");
        assert!(refusal(&dir).contains(poses));
        let sequence = Sequence::open(dir.path(), &options).expect("a sequence");
        assert_eq!(sequence.load(2).expect("a frame").world_from_camera.translation.z, 2.0);
        assert_eq!(sequence.len(), 3);
    }
}

#[test]
fn sequence_json_wins_over_files_and_options() {
    let dir = in_folders();
    write(
        &dir,
        "sequence.json",
        r#"{"depth_scale": 5000, "intrinsics": [21, 22, 7, 5, 0.1, 0, 0, 0, 0], "up": "-y", "layout": "folders",
            "depth_intrinsics": [20, 20, 7.5, 5.5], "color_from_depth": [0.1, 0, 0, 0, 0, 0, 1]}"#,
    );
    let options = SequenceOptions { depth_scale: Some(0.1), ..Default::default() };
    let sequence = Sequence::open(dir.path(), &options).expect("a sequence");
    assert_eq!(sequence.up(), Some(Up::NegY));
    let loaded = sequence.load(0).expect("a frame");
    assert_eq!(loaded.depth_format, DepthFormat::U16 { metres_per_unit: 1.0 / 5000.0 });
    assert_eq!((loaded.intrinsics.fx, loaded.intrinsics.distortion.coefficients()[0]), (21.0, 0.1));
    assert_eq!(loaded.depth_camera.map(|camera| camera.colour_from_depth.translation.x), Some(0.1));
    for (text, sentence) in [
        (r#"{"layout": "kitti"}"#, "layout is \"kitti\""),
        (r#"{"intrinsics": [1, 2]}"#, "intrinsics are 2 numbers, expected 4"),
        (r#"{"color_from_depth": [0, 0, 0, 0, 0, 0, 1]}"#, "without depth intrinsics"),
        (r#"{"depth_scale": 0}"#, "depth scale is 0"),
        ("{", "EOF"),
    ] {
        write(&dir, "sequence.json", text);
        assert!(refusal(&dir).contains(sentence), "{}", refusal(&dir));
    }
}

#[test]
fn a_lens_is_told_by_its_name_or_the_number_of_its_coefficients() {
    let model = |text: &str| Lens::parse(text).expect(text).distortion.model().word();
    assert_eq!(model("20,20,7,5"), "plumb_bob");
    assert_eq!(model("20,20,7,5,-0.1,0,0,0,0"), "plumb_bob");
    assert_eq!(model("20,20,7,5,0.1,0,0,0,0,0.1,0,0"), "rational_polynomial");
    assert_eq!(model("equidistant,20,20,7,5,0.1,0,0,0"), "equidistant");
    assert_eq!(model("equidistant, 20,20,7,5"), "equidistant");
    for (text, sentence) in [
        ("20,20,7,5,0.1,0,0,0", "8 numbers, expected 4"),
        ("20,20,7", "3 numbers, expected 4"),
        ("equidistant,20,20,7,5,0.1", "1 coefficients, expected 4"),
        ("plumb_bob", "where a number was expected"),
        ("fov,20,20,7,5", "distortion model is \"fov\""),
        ("20,20,7,5,1e9,0,0,0,0", "distortion k1 is 1000000000"),
        ("nan,20,7,5", "intrinsics hold NaN"),
    ] {
        let error = Lens::parse(text).expect_err(text).to_string();
        assert!(error.contains(sentence), "{text}: {error}");
    }
}

#[test]
fn sequence_json_names_the_lenses_of_both_cameras() {
    let dir = in_folders();
    write(
        &dir,
        "sequence.json",
        r#"{"intrinsics": [21, 22, 7, 5, 0.1, 0, 0, 0], "distortion_model": "equidistant",
            "depth_intrinsics": [20, 20, 7.5, 5.5, 0.1, 0, 0, 0, 0, 0.1, 0, 0],
            "depth_distortion_model": "rational_polynomial"}"#,
    );
    let loaded = open(&dir).and_then(|sequence| sequence.load(0)).expect("a frame");
    assert_eq!(loaded.intrinsics.distortion.model().word(), "equidistant");
    let depth = loaded.depth_camera.expect("a depth camera").intrinsics.distortion;
    assert_eq!((depth.model().word(), depth.coefficients().len()), ("rational_polynomial", 8));
    for (text, sentence) in [
        (r#"{"distortion_model": "fov", "intrinsics": [20, 20, 7, 5]}"#, "distortion model is \"fov\""),
        (r#"{"distortion_model": "equidistant", "intrinsics": [20, 20, 7, 5, 1]}"#, "1 coefficients, expected 4"),
        (r#"{"depth_distortion_model": "equidistant"}"#, "without depth_intrinsics"),
    ] {
        write(&dir, "sequence.json", text);
        assert!(refusal(&dir).contains(sentence), "{}", refusal(&dir));
    }
}

#[test]
fn counts_that_do_not_match_are_named() {
    let dir = in_folders();
    write(&dir, "poses.txt", "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1\n");
    assert!(refusal(&dir).contains("3 pictures and 1 poses"), "{}", refusal(&dir));
    write(&dir, "poses.txt", "1 0 0\n");
    assert!(refusal(&dir).contains("poses.txt line 1: 3 numbers, expected 16"), "{}", refusal(&dir));
    let dir = in_seven_scenes();
    fs::remove_file(dir.path().join("frame-000001.depth.png")).expect("it was there");
    assert!(refusal(&dir).contains("3 pictures and 2 depth images"), "{}", refusal(&dir));
    depth(&dir, "frame-000007.depth.png", 1);
    assert!(refusal(&dir).contains("one list has a gap"), "{}", refusal(&dir));
}

#[test]
fn what_is_missing_is_named() {
    let empty = folder();
    assert!(refusal(&empty).contains("holds no sequence"));
    let dir = in_folders();
    fs::remove_file(dir.path().join("K.txt")).expect("it was there");
    assert!(refusal(&dir).contains("fx,fy,cx,cy must be given"), "{}", refusal(&dir));
    let lens = Lens::parse("30,31,7,5").expect("four numbers");
    let options = SequenceOptions { intrinsics: Some(lens), ..Default::default() };
    let loaded = Sequence::open(dir.path(), &options).and_then(|sequence| sequence.load(0)).expect("a frame");
    assert_eq!(loaded.intrinsics.fy, 31.0);
}

#[test]
fn images_that_are_no_depth_are_refused_by_name() {
    let dir = in_folders();
    picture(&dir, "depth/9.png", 1);
    depth_of_size(&dir, "depth/10.png", 8, 6, 1000);
    write(&dir, "depth/12.png", "not a picture");
    let sequence = open(&dir).expect("opening reads no picture");
    for (i, sentence) in
        [(0, "9.png holds pixels of kind"), (1, "10.png is 8x6 pixels and its picture 16x12"), (2, "12.png")]
    {
        let error = sequence.load(i).expect_err("no depth").to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn detections_are_found_by_frame_whatever_their_order() {
    let dir = folder();
    let inside: ImageBuffer<Luma<u8>, Vec<u8>> = ImageBuffer::from_fn(4, 3, |u, v| Luma([u8::from(u == 2 && v == 1)]));
    save(&dir, "masks/a.png", |path| inside.save(path));
    let lines = [
        r#"{"frame": 4, "label": "chair", "score": 0.9, "box": [0, 1, 3, 4], "mask": {"size": [3, 2], "counts": [1, 2, 3]}}"#,
        "",
        r#"{"frame": 0, "label": "cup", "score": 1, "box": [-1.5, 0, 3, 4], "feature": [0.5, -1]}"#,
        r#"{"frame": 4, "label": "Stühle", "score": 0, "box": [0, 0, 3, 4], "mask": {"size": [109, 1], "counts": "5d0X1_O1"}}"#,
        r#"{"score": 0.25, "frame": 4, "label": "table", "box": [0, 0, 3, 4], "mask": "masks/a.png", "feature": null}"#,
    ];
    write(&dir, "d.jsonl", &lines.join("\n"));
    let mut file = DetectionsFile::open(&dir.path().join("d.jsonl")).expect("detections");
    assert_eq!((file.len(), file.last_frame()), (4, Some(4)));
    assert!(file.for_frame(1).expect("none").is_empty());
    let of_four = file.for_frame(4).expect("three");
    let labels: Vec<_> = of_four.iter().map(|detection| (detection.line, &*detection.detection.label)).collect();
    assert_eq!(labels, [(1, "chair"), (4, "Stühle"), (5, "table")]);
    let masks: Vec<_> = of_four.iter().filter_map(|detection| detection.detection.mask.as_ref()).collect();
    assert_eq!((masks[0].width, masks[0].height, &masks[0].data[..]), (2, 3, &[0, 0, 255, 0, 255, 0][..]));
    assert_eq!(masks[1].data.iter().filter(|pixel| **pixel != 0).count(), 20 + 3);
    assert_eq!(masks[2].data.iter().position(|pixel| *pixel != 0), Some(6));
    let of_zero = file.for_frame(0).expect("one");
    let detection = of_zero[0].detection.as_detection().expect("valid");
    assert_eq!((detection.label, detection.feature), ("cup", Some(&[0.5, -1.0][..])));
}

#[test]
fn a_line_that_is_no_detection_is_named() {
    let dir = folder();
    let good = r#"{"frame": 0, "label": "cup", "score": 1, "box": [0, 0, 3, 4]}"#;
    for (bad, sentence) in [
        ("{\"frame\": 0,", "d.jsonl line 2: EOF while parsing"),
        (r#"{"frame": -1, "label": "cup", "score": 1, "box": [0, 0, 3, 4]}"#, "line 2: invalid value: integer `-1`"),
        (r#"{"frame": 0, "label": "cup", "score": 1.5, "box": [0, 0, 3, 4]}"#, "line 2: score of \"cup\" is 1.5"),
        (r#"{"frame": 0, "label": "cup", "score": 1, "box": [3, 0, 3, 4]}"#, "line 2: box of \"cup\""),
        (r#"{"frame": 0, "label": "cup", "score": 1, "box": [3, 0, 3]}"#, "line 2: invalid length 3"),
        (r#"{"frame": 0, "score": 1, "box": [0, 0, 3, 4]}"#, "line 2: missing field `label`"),
        (r#"{"frame": 0, "label": "cup", "score": 1, "box": [0, 0, 3, 4], "mask": 7}"#, "line 2: mask is neither"),
        (r#"{"frame": 0, "label": "cup", "score": NaN, "box": [0, 0, 3, 4]}"#, "line 2: expected"),
    ] {
        write(&dir, "d.jsonl", &format!("{good}\n{bad}\n"));
        let error = DetectionsFile::open(&dir.path().join("d.jsonl")).err().expect(bad).to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn a_mask_that_is_no_mask_is_named_when_its_frame_is_read() {
    let dir = folder();
    for (mask, sentence) in [
        (r#"{"size": [3, 2], "counts": [1, 2]}"#, "line 1: mask runs add up to 3 pixels"),
        (r#"{"size": [3, 2], "counts": "5d"}"#, "line 1: mask string ends"),
        (r#"{"size": [99999, 2], "counts": [1]}"#, "line 1: mask is 2x99999 pixels"),
        (r#"{"size": [4000000000, 4000000000], "counts": [1]}"#, "line 1: the masks of this frame"),
        (r#""none.png""#, "line 1:"),
    ] {
        let line = format!(r#"{{"frame": 0, "label": "cup", "score": 1, "box": [0, 0, 3, 4], "mask": {mask}}}"#);
        write(&dir, "d.jsonl", &line);
        let mut file = DetectionsFile::open(&dir.path().join("d.jsonl")).expect("masks are not looked at yet");
        let error = file.for_frame(0).expect_err(mask).to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn a_sequence_without_depth_is_read_where_that_is_said_and_refused_where_not() {
    let without = SequenceOptions { without_depth: true, ..Default::default() };
    let dir = in_folders();
    fs::write(dir.path().join("sequence.json"), "{\"depth_intrinsics\": [20, 20, 7.5, 5.5]}").expect("written");
    for is_there in [true, false] {
        if !is_there {
            fs::remove_dir_all(dir.path().join("depth")).expect("removed");
        }
        let sequence = Sequence::open(dir.path(), &without).expect("a sequence");
        let loaded = sequence.load(1).expect("a frame");
        assert_eq!((sequence.len(), loaded.rgb[0], loaded.depth_size), (3, 2, [16, 12]));
        assert!(loaded.depth.iter().all(|count| *count == 0) && loaded.depth_camera.is_none());
        assert_eq!(loaded.world_from_camera.translation.vector.x, 2.0);
        assert!(loaded.as_frame().is_ok());
    }
    assert!(refusal(&dir).contains("there are pictures and no depth"), "{}", refusal(&dir));

    let dir = in_seven_scenes();
    for number in 0..3 {
        let name = fs::read_dir(dir.path()).expect("a folder").flatten().map(|entry| entry.path());
        let depths: Vec<_> = name.filter(|path| path.to_string_lossy().ends_with(".depth.png")).collect();
        assert_eq!(depths.len(), 3 - number);
        fs::remove_file(&depths[0]).expect("removed");
    }
    assert_eq!(Sequence::open(dir.path(), &without).expect("a sequence").len(), 2, "one frame lost tracking");
    assert!(open(&dir).is_err());

    let dir = in_tum();
    fs::remove_file(dir.path().join("depth.txt")).expect("removed");
    let sequence = Sequence::open(dir.path(), &without).expect("a sequence");
    let no_pose = [1, 3].map(|frame| Skipped { frame, reason: SkipReason::NoPose });
    assert_eq!((sequence.layout(), sequence.len(), sequence.skipped()), (Layout::Tum, 2, &no_pose[..]));
    assert!(refusal(&dir).contains("there are pictures and no depth"), "{}", refusal(&dir));
}
