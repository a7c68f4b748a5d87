//! A real recording of an office: a long table with chairs round it, taken by a headset, poses y-up.
//!
//! The folder is named by `GNOMON_TEST_DATA` and holds `hololens_table/`: `images/`, `depth/`, `poses.txt`, `K.txt`.

use gnomon::frame::Up;
use gnomon::geom::polygon::{convex_hull, smallest_rectangle};
use gnomon::scene::{ObjectSource, Scene, SceneOptions, Support, SupportKind};
use gnomon::sequence::{Sequence, SequenceOptions};
use std::path::Path;

/// Measured in the recording, metres.
const FLOOR_M: f64 = -1.535;
const TABLE_TOP_M: f64 = -0.779;

fn sides(support: &Support) -> [f64; 2] {
    let outline = convex_hull(support.polygon.iter().map(|p| [p.x, p.y]).collect());
    smallest_rectangle(&outline).map_or([0.0; 2], |(_, sides, _)| sides)
}

/// The largest support at the height of the table top.
fn long_table(supports: &[std::sync::Arc<Support>]) -> Option<&Support> {
    let tables = supports.iter().filter(|s| s.kind == SupportKind::Table && (s.offset_m - TABLE_TOP_M).abs() < 0.05);
    tables.max_by(|a, b| a.area_m2.total_cmp(&b.area_m2)).map(|s| &**s)
}

#[test]
fn a_long_table_seen_piece_by_piece_is_one_support_at_its_height() {
    let Some(data) = std::env::var_os("GNOMON_TEST_DATA") else {
        println!("not run: GNOMON_TEST_DATA unset");
        return;
    };
    let folder = Path::new(&data).join("hololens_table");
    let sequence = Sequence::open(&folder, &SequenceOptions::default()).expect("the recording");
    let options = SceneOptions { up: Up::Y, source: ObjectSource::Geometry, ..SceneOptions::default() };
    let mut scene = Scene::new(options).expect("options");
    let mut after_40: Vec<[f64; 2]> = Vec::new();
    for i in 0..sequence.len() {
        let loaded = sequence.load(i).expect("a frame");
        scene.integrate(&loaded.as_frame().expect("a frame"), &[]).expect("taken in");
        let snapshot = scene.publish();
        if i >= 40 {
            after_40.push(long_table(snapshot.supports()).map(sides).expect("the table is known by now"));
        }
    }
    let snapshot = scene.snapshot();
    let floors: Vec<_> = snapshot.supports().iter().filter(|s| s.kind == SupportKind::Floor).collect();
    assert_eq!(floors.len(), 1, "one floor");
    assert!((floors[0].offset_m - FLOOR_M).abs() < 0.02, "floor at {}", floors[0].offset_m);
    let table = long_table(snapshot.supports()).expect("the table");
    assert!((table.offset_m - TABLE_TOP_M).abs() < 0.02, "table top at {}", table.offset_m);
    let [length, width] = sides(table);
    assert!((length - 3.2).abs() <= 0.15 && (1.1..=1.4).contains(&width), "{length} x {width}");
    for k in 0..2 {
        let of_side = || after_40.iter().map(|sides| sides[k]);
        let change = of_side().fold(f64::MIN, f64::max) - of_side().fold(f64::MAX, f64::min);
        assert!(change < 0.05, "side {k} changes by {change} after frame 40: {:?}", after_40);
    }
    println!("real data: ran hololens_table");
}
