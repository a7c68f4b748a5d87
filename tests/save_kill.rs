//! A process that is killed while it saves: the last good file is there, whole, and is what was saved.
//!
//! A child saves one scene after another and says so; it is killed at a moment drawn from a seed. `GNOMON_KILLS` says how
//! often (40 by default; `make test-long` asks for more).

use gnomon::geom::OrientedBox;
use gnomon::graph::ToldScene;
use gnomon::keep::{load_scene, save_scene};
use gnomon::scene::{LabelShare, Object, ObjectId, ObjectState, Snapshot};
use nalgebra::{Point3, Vector3};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const PATH: &str = "GNOMON_SAVE_TO";
const FIRST: &str = "GNOMON_SAVE_FROM";

/// The scene that is saved as number `n`: no two are alike, and they differ in length.
fn state(n: i64) -> ToldScene {
    let thing = |k: i64| Object {
        id: ObjectId(k as u64 + 1),
        label: "chair".into(),
        name: format!("chair#{}", k + 1).into(),
        labels: Box::new([LabelShare { label: "chair".into(), probability: 1.0 }]),
        obb: OrientedBox::upright(Point3::new(k as f64, n as f64 / 7.0, 0.5), Vector3::new(0.5, 0.4, 1.0), 0.3),
        centre_cov_m2: [1e-4, 0.0, 0.0, 1e-4, 0.0, 1e-4],
        size_sigma_m: [0.01; 3],
        yaw_sigma_rad: 0.01,
        existence: 0.9,
        truncated: false,
        state: ObjectState::Confirmed,
        first_seen_ns: 0,
        last_seen_ns: n,
        observations: 3,
        last_seen_path_m: 0.0,
        feature: None,
    };
    let things = (0..1 + n * 37 % 200).map(thing).collect();
    ToldScene { snapshot: Snapshot::of(things, vec![], n).expect("a scene"), published: None }
}

/// Not a test of its own: what the test below starts and kills.
#[test]
#[ignore = "the child of the test below"]
fn child_that_saves_until_it_is_killed() {
    let (Some(path), Ok(first)) = (std::env::var_os(PATH).map(PathBuf::from), std::env::var(FIRST)) else { return };
    for n in first.parse::<i64>().expect("a number").. {
        save_scene(&path, &state(n)).expect("saved");
        println!("saved {n}");
    }
}

/// Starts a child, kills it after `wait` from its first word on, and returns the last number that it said was saved.
fn saved_until_killed(path: &Path, first: i64, wait: Duration) -> i64 {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["child_that_saves_until_it_is_killed", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(PATH, path)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let is_running = lines.any(|line| line.contains("saved "));
    assert!(is_running, "the child ended by itself");
    std::thread::sleep(wait);
    child.kill().expect("it runs");
    child.wait().expect("it ended");
    let number = |line: String| line.split_once("saved ")?.1.parse().ok();
    lines.filter_map(number).last().unwrap_or(first)
}

#[test]
fn a_kill_at_any_moment_loses_nothing_of_the_last_good_file() {
    let kills: u32 = std::env::var("GNOMON_KILLS").map_or(40, |count| count.parse().expect("a number"));
    let dir = tempfile::tempdir().expect("a folder");
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    for name in ["scene.json", "scene.json.zst"] {
        let path = dir.path().join(name);
        let (mut next, mut between) = (0, 0);
        for kill in 0..kills.div_ceil(2) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let last = saved_until_killed(&path, next, Duration::from_micros(seed % 12_000));
            let loaded = load_scene(&path).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
            let there = loaded.snapshot.stamp_ns();
            assert!((last..=last + 1).contains(&there), "kill {kill}: {there} is there, {last} was saved last");
            assert_eq!(loaded.to_json(), state(there).to_json(), "kill {kill}");
            between += u32::from(dir.path().join(format!(".{name}.saving")).is_file());
            next = there + 1;
        }
        println!("{name}: {} scenes saved, {between} of {} kills in the middle of a save", next, kills.div_ceil(2));
    }
    let litter = std::fs::read_dir(dir.path()).expect("a folder").count();
    assert!(litter <= 4, "{litter} files after {kills} kills");
}
