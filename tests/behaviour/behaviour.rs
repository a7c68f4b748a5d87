//! The job of README.md, through the crate.

use gnomon::answer::{AskOptions, ask_text, verdict_text};
use gnomon::cogmap::{CogMapOptions, LocalCogMap, LocalFrame};
use gnomon::frame::{Distortion, Frame, ImageView, Intrinsics, MaskView, MetricZ, PixelFormat, pose_from_matrix};
use gnomon::graph::ToldScene;
use gnomon::graph::{Chain, ChainOptions, ChainText, GraphOptions, PublishOptions, PublishedList, RelationGraph};
use gnomon::graph::{RelationKind, RelationOptions, relation};
use gnomon::keep::{load_snapshot, save_scene};
use gnomon::lift::Detection;
use gnomon::scene::{DiffOptions, FrameReport, Scene, SceneOptions, Snapshot, diff};
use gnomon::select::{VoxelSets, fill, greedy};
use gnomon::{ErrorKind, Result};

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;
const MASK: [u8; 40 * 44] = [255; 40 * 44];

struct Thing {
    label: &'static str,
    columns: [u32; 2],
    rows: [u32; 2],
    depth_mm: u16,
    score: f32,
}

const THINGS: [Thing; 3] = [
    Thing { label: "crate", columns: [60, 100], rows: [50, 90], depth_mm: 2000, score: 0.875 },
    Thing { label: "chest", columns: [10, 40], rows: [56, 100], depth_mm: 1500, score: 0.75 },
    Thing { label: "bin", columns: [115, 150], rows: [50, 85], depth_mm: 2400, score: 0.625 },
];

fn depth_at(u: u32, v: u32) -> u16 {
    let within = |[from, to]: [u32; 2], at: u32| (from..to).contains(&at);
    let thing = THINGS.iter().rev().find(|thing| within(thing.columns, u) && within(thing.rows, v));
    let behind = if v > 60 { (60_000 / (v - 60)).min(3000) } else { 3000 };
    thing.map_or(behind as u16, |thing| thing.depth_mm)
}

fn frame_at(depth_mm: &[u16], number: i64) -> Result<Frame<'_>> {
    let x = number as f64 / 1000.0;
    Ok(Frame {
        colour: None,
        depth: MetricZ::from_millimetres(depth_mm, WIDTH, HEIGHT)?,
        intrinsics: Intrinsics::pinhole(WIDTH, HEIGHT, 100.0, 100.0, 80.0, 60.0)?,
        depth_camera: None,
        world_from_camera: pose_from_matrix(&[0., 0., 1., x, -1., 0., 0., 0., 0., -1., 0., 0.6, 0., 0., 0., 1.])?,
        stamp_ns: 1_000_000_000 + number * 100_000_000,
        camera_id: 0,
    })
}

fn integrate(scene: &mut Scene, frame: &Frame<'_>) -> Result<FrameReport> {
    let detection = |thing: &Thing| {
        let ([left, right], [top, bottom]) = (thing.columns, thing.rows);
        let bytes = &MASK[..((right - left) * (bottom - top)) as usize];
        Ok(Detection {
            label: thing.label,
            score: thing.score,
            bbox: [left as f32, top as f32, right as f32, bottom as f32],
            mask: Some(MaskView::new(bytes, left, top, right - left, bottom - top, 0)?),
            feature: None,
        })
    };
    scene.integrate(frame, &THINGS.iter().map(detection).collect::<Result<Vec<_>>>()?)
}

fn print_things(snapshot: &Snapshot) {
    println!("things: {}", snapshot.len());
    for object in snapshot.objects() {
        let (at, size) = (object.obb.centre, object.obb.size);
        print!(
            "{} at {:.3} {:.3} {:.3}, size {:.3} {:.3} {:.3}",
            object.name, at.x, at.y, at.z, size.x, size.y, size.z
        );
        println!(", existence {:.3}, seen {}", object.existence, object.observations);
    }
}

fn print_chain(snapshot: &Snapshot) -> Result<String> {
    let mut chain = Chain::new(ChainOptions::default())?;
    let change = chain.update(&PublishedList::of(snapshot, PublishOptions::default())?)?;
    println!("chain: {} lines, {} changed", change.lines, change.lines_changed);
    print!("{}", chain.to_text());
    Ok(chain.to_text())
}

fn print_relation(snapshot: &Snapshot, observer: &LocalFrame) -> Result<()> {
    let [chest, its_crate] = ["chest#1", "crate#1"].map(|name| snapshot.object_named(name).expect("it was seen").id);
    let options = RelationOptions::default();
    let left = relation(RelationKind::Left, snapshot, [chest, its_crate], None, Some(observer), &options)?;
    println!("left: {}, margin {:.3} m", u32::from(left.holds), left.margin);
    Ok(())
}

fn print_read_back(chain: &str) -> Result<()> {
    let bad = r#"{"t":2,"a":"crate#1","b":"chest#1","c":"bin#1","b_xy":[5.0,8.3],"c_xy":[3.8,10.1],"cell":0.30}"#;
    let read = ChainText::parse(&format!("{chain}{bad}"), |_| true)?;
    println!("read: {} triplets, {} left out", read.lines.len(), read.rejected_in_all);
    for rejected in &read.rejected {
        println!("line {}: {}", rejected.line, rejected.reason);
    }
    Ok(())
}

fn print_what_began(snapshot: &Snapshot) -> Result<()> {
    let (_, changes) = RelationGraph::new(GraphOptions::default())?.update_listing(snapshot);
    println!("began: {}", changes.iter().filter(|change| change.began).count());
    for change in changes.iter().filter(|change| change.began && change.relation.kind == RelationKind::Near) {
        let [a, b] = [change.relation.a, change.relation.b].map(|id| &snapshot.object(id).expect("it was seen").name);
        println!("near: {a} and {b}, margin {:.3} m", change.relation.margin);
    }
    Ok(())
}

fn print_through_fisheye(depth_mm: &[u16]) -> Result<()> {
    let grey = [128; (WIDTH * HEIGHT * 3 / 2) as usize];
    let mut scene = Scene::new(SceneOptions::default())?;
    for number in 0..4 {
        let mut frame = frame_at(depth_mm, number)?;
        frame.intrinsics.distortion = Distortion::equidistant([0.0; 4])?;
        frame.colour = Some(ImageView::new(&grey, WIDTH, HEIGHT, 0, PixelFormat::Nv12)?);
        integrate(&mut scene, &frame)?;
    }
    print_things(&scene.publish());
    Ok(())
}

fn print_what_went(saved: &Snapshot) -> Result<()> {
    let path = std::env::temp_dir().join(format!("gnomon-behaviour-{}.json.zst", std::process::id()));
    save_scene(&path, &ToldScene { snapshot: saved.clone(), published: None })?;
    let loaded = load_snapshot(&path)?;
    std::fs::remove_file(&path).map_err(|error| gnomon::Error::io(error.to_string()))?;
    let nothing = Scene::new(SceneOptions::default())?.snapshot();
    print!("{}", diff(&loaded, &nothing, &DiffOptions::default()).words());
    Ok(())
}

fn print_chosen() -> Result<()> {
    let sets = VoxelSets::of_keys(&[vec![1, 2, 3], vec![3, 4, 5, 6], vec![1, 2, 7], vec![7]])?;
    let picks: Vec<usize> = greedy(&sets, 2).iter().map(|pick| pick.frame).collect();
    let [first, second] = fill(&picks, 4, 2)[..] else { return Ok(()) };
    println!("chosen: {first} {second}, {} of {} voxels", sets.covered_by(picks), sets.covered_by(0..4));
    Ok(())
}

/// The C status that a kind of error has.
fn status_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Argument => "GNOMON_E_ARGUMENT",
        ErrorKind::State => "GNOMON_E_STATE",
        _ => "GNOMON_E_FAIL",
    }
}

fn main() -> Result<()> {
    let depth_mm: Vec<u16> = (0..HEIGHT).flat_map(|v| (0..WIDTH).map(move |u| depth_at(u, v))).collect();
    let mut scene = Scene::new(SceneOptions::default())?;
    for number in 0..8 {
        let report = integrate(&mut scene, &frame_at(&depth_mm, number)?)?;
        let (detections, lifted) = (report.detections, report.lifted);
        println!(
            "frame {number}: {detections} detections, {lifted} lifted, {} known, {} born",
            report.associated, report.born
        );
    }
    let snapshot = scene.publish();
    let here = LocalFrame::from_pose(&snapshot.world_from_camera())?;
    print_things(&snapshot);
    println!("{}", LocalCogMap::build(&snapshot, &here, &CogMapOptions::default())?.to_text());
    let chain = print_chain(&snapshot)?;
    for question in ["How many crates are there?", "How far is the chest from the bin?", "How tall is the zebra?"] {
        println!("{question} {}", ask_text(&snapshot, question, &[], &AskOptions::default())?.sentence());
    }
    let statements = "The chest is to the left of the crate. The bin is 3 m high. What a lovely day.";
    for judgement in verdict_text(&snapshot, statements, &AskOptions::default())? {
        println!("{}", judgement.sentence());
    }
    print_relation(&snapshot, &here)?;

    let refused = integrate(&mut scene, &frame_at(&depth_mm, 0)?).expect_err("the stamp runs backwards");
    println!("{}: {refused}", status_name(refused.kind()));
    println!("frames: {}", scene.publish().frames());
    print_read_back(&chain)?;
    print_what_began(&snapshot)?;
    print_through_fisheye(&depth_mm)?;
    print_what_went(&snapshot)?;
    print_chosen()
}
