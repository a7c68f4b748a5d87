//! A map of 100,000 things, made, changed, shown, saved and loaded: what spark-dsg's scene graph does with nodes.

use super::data::Data;
use super::field::{Field, THINGS, end_ns, map_of};
use super::rows::{Call, timed};
use super::thing;
use gnomon::geom::OrientedBox;
use gnomon::scene::{Object, Scene, Snapshot, scene_from_json, write_scene_json};
use nalgebra::{Point3, Vector3};
use serde_json::json;
use std::cell::RefCell;
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

/// Things in the map.
const THINGS_IN_MAP: usize = 100_000;

const FRAME_NS: i64 = 33_333_333;

fn objects() -> Vec<Object> {
    let part = |id: u64, by: f64| (id as f64 * by).fract();
    let thing = |id: u64| {
        let centre = Point3::new(300.0 * part(id, 0.754_877_666), 300.0 * part(id, 0.569_840_291), 0.4);
        let size = Vector3::new(0.4, 0.3, 0.8);
        thing::confirmed(
            id,
            &format!("label{}", id % 1000),
            id / 1000 + 1,
            OrientedBox::upright(centre, size, 3.0 * part(id, 0.43)),
        )
    };
    (0..THINGS_IN_MAP as u64).map(thing).collect()
}

/// All of them into an empty map that can be asked by place, id, name and label.
pub fn insert<'d>() -> Call<'d> {
    let objects = objects();
    Box::new(move || {
        let given = objects.clone();
        let (time, snapshot) = timed(|| Snapshot::of(given, vec![], 1).expect("valid things"));
        (time, json!({ "things": snapshot.len() }))
    })
}

thread_local! {
    static MAP: RefCell<Option<Rc<RefCell<Walk>>>> = const { RefCell::new(None) };
}

/// A map and a camera that goes from place to place in it.
struct Walk {
    scene: Scene,
    field: Field,
    turn: usize,
}

impl Walk {
    fn shared() -> Rc<RefCell<Self>> {
        let made = || {
            let mut field = Field::new(640);
            field.stamp_ns = end_ns(THINGS_IN_MAP);
            Rc::new(RefCell::new(Self { scene: map_of(THINGS_IN_MAP), field, turn: 0 }))
        };
        MAP.with_borrow_mut(|map| map.get_or_insert_with(made).clone())
    }

    fn step(&mut self) -> Duration {
        self.turn += 1;
        let place = self.turn * 2_477 % (THINGS_IN_MAP / THINGS);
        self.field.see(&mut self.scene, place, FRAME_NS);
        let times = self.scene.stage_times();
        times.associate + times.fuse + times.doubt
    }
}

/// Twenty things seen again among all: found, their points fused, their boxes fitted anew. By the clock.
pub fn update<'d>() -> Call<'d> {
    let walk = Walk::shared();
    Box::new(move || {
        let mut walk = walk.borrow_mut();
        let time = walk.step();
        walk.scene.publish();
        (time, json!({ "things": THINGS }))
    })
}

/// What readers get after such a change: twenty new things beside all others.
pub fn snapshot<'d>() -> Call<'d> {
    let walk = Walk::shared();
    Box::new(move || {
        let mut walk = walk.borrow_mut();
        walk.step();
        let (time, snapshot) = timed(|| walk.scene.publish());
        (time, json!({ "things": snapshot.len() }))
    })
}

/// `scene.json` on the disk, not synced.
pub fn save(data: &Data) -> Call<'_> {
    let snapshot = Snapshot::of(objects(), vec![], 1).expect("valid things");
    let path = data.folder.join("ours.json");
    Box::new(move || {
        let (time, ()) = timed(|| {
            let mut file = std::io::BufWriter::new(fs::File::create(&path).expect("a file"));
            write_scene_json(&snapshot, &mut file).expect("written");
            file.flush().expect("written");
        });
        (time, json!({ "bytes": fs::metadata(&path).map_or(0, |file| file.len()) }))
    })
}

/// And read again.
pub fn load(data: &Data) -> Call<'_> {
    let (mut write, path) = (save(data), data.folder.join("ours.json"));
    write();
    Box::new(move || {
        let (time, snapshot) = timed(|| {
            let text = fs::read_to_string(black_box(&path)).expect("saved");
            scene_from_json(&text).expect("a scene")
        });
        (time, json!({ "things": snapshot.len() }))
    })
}
