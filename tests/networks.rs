//! The networks of `tests/networks`, which the tests in C, C++ and Python open: small graphs whose answers are plain to see,
//! written here byte by byte. With `GNOMON_WRITE_NETWORKS=1` the files are made anew.

#[path = "../src/runtime/testing.rs"]
mod testing;

use std::path::Path;
use testing::{Attribute, Dim, F32, Graph};

/// A detector of FastestDet's shape: 4 x 4 pixels, 2 x 2 cells. A cell is as much an object as it is bright; its box is the
/// cell, its class "crate".
fn detector() -> Vec<u8> {
    const CHANNELS: usize = 7; // object, dx, dy, w, h, "cup", "crate"
    let mut weights = [0.0; CHANNELS * 12];
    weights[..12].fill(1.0 / 12.0);
    let half = 0.549_306_15; // tanh of it is a half
    let bias = [0.0, half, half, 0.0, 0.0, 0.1, 1.0];
    let pair = || Attribute::Ints(vec![2, 2]);
    Graph::new("detector")
        .input("image", F32, &[Dim::Is(1), Dim::Is(3), Dim::Is(4), Dim::Is(4)])
        .output("cells", F32, &[Dim::Is(1), Dim::Is(CHANNELS as u64), Dim::Is(2), Dim::Is(2)])
        .weight("weights", &[CHANNELS as u64, 3, 2, 2], &weights)
        .weight("bias", &[CHANNELS as u64], &bias)
        .node_with(
            "Conv",
            &["image", "weights", "bias"],
            &["cells"],
            vec![("kernel_shape", pair()), ("strides", pair())],
        )
        .model()
}

/// Depth of Depth Anything V2's shape: 14 x 14 pixels, each 2.
fn depth() -> Vec<u8> {
    let (height, width) = (Dim::Is(14), Dim::Is(14));
    Graph::new("depth")
        .input("pixel_values", F32, &[Dim::Is(1), Dim::Is(3), height, width])
        .output("predicted_depth", F32, &[Dim::Is(1), height, width])
        .weight("weights", &[1, 3, 1, 1], &[0.0; 3])
        .weight("bias", &[1], &[2.0])
        .weight_i64("axes", &[1], &[1])
        .between("map", F32, &[Dim::Is(1), Dim::Is(1), height, width])
        .node("Conv", &["pixel_values", "weights", "bias"], &["map"])
        .node("Squeeze", &["map", "axes"], &["predicted_depth"])
        .model()
}

/// Two views of VGGT's and Depth Anything 3's shape, 14 x 14 pixels each. Depth is 3 and as much more as a pixel is bright;
/// every point is (1, 2, 3), every pixel sure by 5; cameras have the focal length 14, and the second stands 1 to the right of
/// the first.
fn views() -> Vec<u8> {
    let (views, height, width) = (Dim::Is(2), Dim::Is(14), Dim::Is(14));
    let pixels = 2 * 14 * 14;
    let [mut motions, mut cameras] = [vec![0.0; 24], vec![0.0; 18]];
    for view in 0..2 {
        for axis in 0..3 {
            motions[12 * view + 5 * axis] = 1.0;
        }
        cameras[9 * view..][..9].copy_from_slice(&[14.0, 0.0, 7.0, 0.0, 14.0, 7.0, 0.0, 0.0, 1.0]);
    }
    motions[12 + 3] = -1.0; // camera from world
    let perm = vec![("perm", Attribute::Ints(vec![1, 0, 2, 3]))];
    Graph::new("views")
        .input("pixel_values", F32, &[Dim::Is(1), views, Dim::Is(3), height, width])
        .output("depth", F32, &[Dim::Is(1), views, height, width])
        .output("depth_conf", F32, &[Dim::Is(1), views, height, width])
        .output("world_points", F32, &[Dim::Is(1), views, height, width, Dim::Is(3)])
        .output("extrinsics", F32, &[Dim::Is(1), views, Dim::Is(3), Dim::Is(4)])
        .output("intrinsics", F32, &[Dim::Is(1), views, Dim::Is(3), Dim::Is(3)])
        .weight("weights", &[1, 3, 1, 1], &[1.0 / 3.0; 3])
        .weight("bias", &[1], &[3.0])
        .weight("sure", &[1, 2, 14, 14], &vec![5.0; pixels])
        .weight("points", &[1, 2, 14, 14, 3], &[1.0, 2.0, 3.0].repeat(pixels))
        .weight("motions", &[1, 2, 3, 4], &motions)
        .weight("cameras", &[1, 2, 3, 3], &cameras)
        .weight_i64("axes", &[1], &[0])
        .node("Squeeze", &["pixel_values", "axes"], &["pictures"])
        .node("Conv", &["pictures", "weights", "bias"], &["map"])
        .node_with("Transpose", &["map"], &["depth"], perm)
        .node("Identity", &["sure"], &["depth_conf"])
        .node("Identity", &["points"], &["world_points"])
        .node("Identity", &["motions"], &["extrinsics"])
        .node("Identity", &["cameras"], &["intrinsics"])
        .model()
}

#[test]
fn the_recorded_networks_are_those_written_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks");
    for (name, bytes) in
        [("detector/detector.onnx", detector()), ("depth.onnx", depth()), ("views/views.onnx", views())]
    {
        let file = folder.join(name);
        if std::env::var_os("GNOMON_WRITE_NETWORKS").is_some() {
            std::fs::write(&file, &bytes).expect("tests/networks can be written to");
        }
        assert_eq!(std::fs::read(&file).expect("a recorded network"), bytes, "{name}");
    }
}
