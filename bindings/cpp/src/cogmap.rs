//! The observer, and the map round it.

use crate::bridge::{Cell, CellState, CogMapOptions, MapBeyond, MapObject};
use crate::convert::pose_of;
use crate::held::{Failure, held};
use crate::snapshot::Snapshot;
use gnomon::Result as Outcome;
use gnomon::cogmap::{self, LocalCogMap, LocalFrame, MapCell, Scale};
use gnomon::scene::{self, ObjectId};

/// Someone on the ground who looks somewhere.
pub struct Observer(pub(crate) LocalFrame);

/// 10 x 10 cells round an observer.
pub struct CogMap(LocalCogMap);

/// The defaults of a map.
pub fn default_cogmap_options() -> CogMapOptions {
    let ours = cogmap::CogMapOptions::default();
    let cell_m = if let Scale::Fixed(cell_m) = ours.scale { cell_m } else { 0.5 };
    CogMapOptions { cell_m, hold: Vec::new(), beyond_m: ours.beyond_m, max_path_age_m: 0.0 }
}

fn options_of(given: &CogMapOptions) -> cogmap::CogMapOptions {
    let scale = match &given.hold[..] {
        [] => Scale::Fixed(given.cell_m),
        ids => Scale::Holding(ids.iter().map(|&id| ObjectId(id)).collect()),
    };
    let max_path_age_m = (given.max_path_age_m != 0.0).then_some(given.max_path_age_m);
    cogmap::CogMapOptions { scale, beyond_m: given.beyond_m, max_path_age_m }
}

impl Observer {
    fn made(make: impl FnOnce() -> Outcome<LocalFrame>) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(make()?))))
    }

    /// Standing at a place, facing a heading. Errors: numbers that are not finite.
    pub fn at(origin: [f64; 2], heading_rad: f64) -> Result<Box<Self>, Failure> {
        Self::made(|| LocalFrame::new(origin, heading_rad))
    }

    /// Standing under a camera. Errors: no pose, or one that looks straight up or down.
    pub fn under_camera(world_from_camera: [f64; 16]) -> Result<Box<Self>, Failure> {
        Self::made(|| LocalFrame::from_pose(&pose_of(&world_from_camera, "world_from_camera")?))
    }

    /// Standing under the newest camera. Errors: it looks straight up or down.
    pub fn newest(snapshot: &Snapshot) -> Result<Box<Self>, Failure> {
        Self::made(|| LocalFrame::from_pose(&snapshot.0.world_from_camera()))
    }

    /// Standing at A, facing B. Errors: unknown things, or one place.
    pub fn facing(snapshot: &Snapshot, a: u64, b: u64) -> Result<Box<Self>, Failure> {
        Self::made(|| LocalFrame::standing_at_object(&snapshot.0, ObjectId(a), ObjectId(b), None))
    }

    /// World x and y, metres.
    pub fn origin(&self) -> [f64; 2] {
        self.0.origin()
    }

    /// Radians counter-clockwise from world +X.
    pub fn heading_rad(&self) -> f64 {
        self.0.heading_rad()
    }
}

fn cell_of(cell: &MapCell) -> Cell {
    let [low_m, high_m] = cell.height_m.unwrap_or_default();
    Cell {
        state: match cell.state {
            cogmap::CellState::Unknown => CellState::Unknown,
            cogmap::CellState::Free => CellState::Free,
            cogmap::CellState::Occupied => CellState::Occupied,
        },
        has_height: cell.height_m.is_some(),
        low_m,
        high_m,
        last_seen_ns: cell.last_seen_ns.unwrap_or(i64::MIN),
        objects: cell.objects.iter().map(|id| id.0).collect(),
    }
}

fn object_of(object: &cogmap::MapObject) -> MapObject {
    let (name, label) = (object.thing.name.to_string(), object.thing.label.to_string());
    MapObject { id: object.thing.id.0, name, label, grid: object.grid, sigma: object.sigma }
}

fn beyond_of(beyond: &cogmap::Beyond) -> MapBeyond {
    let (name, label) = (beyond.thing.name.to_string(), beyond.thing.label.to_string());
    MapBeyond { id: beyond.thing.id.0, name, label, bearing_deg: beyond.bearing_deg, distance_m: beyond.distance_m }
}

impl CogMap {
    pub(crate) fn build(snapshot: &scene::Snapshot, observer: &Observer, options: &CogMapOptions) -> Outcome<Self> {
        LocalCogMap::build(snapshot, &observer.0, &options_of(options)).map(Self)
    }

    /// Metres per cell.
    pub fn cell_m(&self) -> f64 {
        self.0.cell_m
    }

    /// The hundred cells.
    pub fn cells(&self) -> Vec<Cell> {
        self.0.cells().iter().map(cell_of).collect()
    }

    /// Things inside.
    pub fn objects(&self) -> Vec<MapObject> {
        self.0.objects.iter().map(object_of).collect()
    }

    /// Things outside.
    pub fn beyond(&self) -> Vec<MapBeyond> {
        self.0.beyond.iter().map(beyond_of).collect()
    }

    /// −1 unknown, 0 free, 100 occupied; x ahead, y left.
    pub fn occupancy(&self) -> Vec<i8> {
        self.0.occupancy_grid().data.to_vec()
    }

    /// One line of text.
    pub fn text(&self) -> String {
        self.0.to_text()
    }

    /// All of it as JSON.
    pub fn json(&self) -> String {
        self.0.to_json().to_string()
    }

    /// A drawing of characters.
    pub fn ascii(&self) -> String {
        self.0.to_ascii()
    }

    /// A picture.
    pub fn svg(&self) -> String {
        self.0.to_svg()
    }

    /// A PNG file. Errors: it cannot be made.
    pub fn png(&self) -> Result<Vec<u8>, Failure> {
        held(|| self.0.to_png())
    }
}
