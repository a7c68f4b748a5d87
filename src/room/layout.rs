//! Furnishing a room: who stands where, so that nothing meets and the camera can walk round.
//!
//! Against the walls: desk, sofa, shelf, cabinet. In the middle: a table with chairs side by side. Between the two
//! runs the [`Walk`], and loose things stand wherever they fit off it. Then things on tops, and pictures last.
//! A draft that misses one of the promises of [`Room`] is thrown away and drawn again.

use std::f64::consts::{FRAC_PI_2, PI};

use nalgebra::{Rotation2, Vector2};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::catalogue::{Home, Kind, Model, Top};
use super::footprint::Footprint;
use super::object::{Place, PlacedObject, TruthObject};
use super::walk::{CLEARANCE_M, Walk};

/// Loose things on the floor keep this far from each other and from the walls, metres.
const FLOOR_MARGIN_M: f64 = 0.05;
/// Things on one top keep this far from each other, metres.
const TOP_MARGIN_M: f64 = 0.02;
/// Things on a top keep this far from its edge, metres.
const EDGE_M: f64 = 0.01;
/// Same-label neighbours are at most this far apart, metres.
const PAIR_GAP_M: f64 = 0.30;
/// How far a relocated object goes at least, metres.
const RELOCATION_M: f64 = 1.0;
const TRIES: usize = 60;

/// A door or a window: painted on a wall, no object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opening {
    /// 0 to 3 for the walls at +x, +y, -x, -y.
    pub wall: usize,
    /// From and to, along the wall (counter-clockwise about the room), from its middle, metres.
    pub along: [f64; 2],
    /// Heights of its lower and upper edge, metres.
    pub z: [f64; 2],
}

/// A furnished room, its floor at z = 0 and its middle at x = y = 0.
///
/// It is 6 to 8 m by 5 to 6 m and 2.5 to 2.8 m high and holds 20 to 30 upright objects that do not interpenetrate:
/// at least 25 % small, 10 % thin, 30 % of three solids or more, 20 % with length / width below 1.15, and at least
/// two pairs of one label less than 30 cm apart.
#[derive(Clone, Debug)]
pub struct Room {
    seed: u64,
    size: [f64; 3],
    door: Opening,
    window: Opening,
    walk: Walk,
    objects: Vec<PlacedObject>,
}

impl Room {
    /// The room of this seed; the same seed gives the same room.
    pub fn generate(seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        loop {
            if let Some(room) = draft(seed, &mut rng)
                && room.keeps_its_promises()
            {
                return room;
            }
        }
    }

    /// The seed it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Extent along x, y and z, metres.
    pub fn size(&self) -> [f64; 3] {
        self.size
    }

    /// The painted door.
    pub fn door(&self) -> Opening {
        self.door
    }

    /// The painted window.
    pub fn window(&self) -> Opening {
        self.window
    }

    /// The loop the camera walks.
    pub fn walk(&self) -> Walk {
        self.walk
    }

    /// All objects, those removed included.
    pub fn objects(&self) -> &[PlacedObject] {
        &self.objects
    }

    /// Box and support of each object, in the order of [`Room::objects`].
    pub fn truth(&self) -> Vec<TruthObject> {
        self.objects.iter().map(PlacedObject::truth).collect()
    }

    /// Objects that may be moved or removed: present, not hung on a wall, nothing standing on them.
    pub fn movable_indices(&self) -> Vec<usize> {
        (0..self.objects.len()).filter(|&index| self.is_movable(index)).collect()
    }

    /// Takes an object out of the room. False, and nothing done, where it is not movable.
    pub fn remove_object(&mut self, index: usize) -> bool {
        let movable = self.is_movable(index);
        if movable {
            self.objects[index].present = false;
        }
        movable
    }

    /// Puts an object at (x, y), metres, with this yaw, radians: on the floor, or for what belongs on a top, on the
    /// top found there. False, and nothing done, where it is not movable, meets another object or a wall, or would
    /// hang over an edge. The camera's way is not kept free.
    pub fn move_object(&mut self, index: usize, centre_xy: [f64; 2], yaw: f64) -> bool {
        if !self.is_movable(index) || !(centre_xy[0] + centre_xy[1] + yaw).is_finite() {
            return false;
        }
        let object = &self.objects[index];
        let footprint = object.model.footprint(centre_xy.into(), yaw);
        let standing_on = match object.kind.home() {
            Home::Top => self.support_under(&footprint, index),
            _ => None,
        };
        if object.kind.home() == Home::Top && standing_on.is_none() {
            return false;
        }
        let place = Place {
            centre: footprint.centre,
            base_z: standing_on.map_or(0.0, |support| self.objects[support].z_range()[1]),
            yaw,
            standing_on,
            wall: None,
        };
        let free = self.in_room(&footprint, 0.0) && self.is_free(&object.model, &place, 0.0, Some(index));
        if free {
            self.objects[index].place = place;
        }
        free
    }

    /// Finds an object another free, supported place of its sort at least 1 m away and off the camera's way, and
    /// puts it there. False, and nothing done, where it is not movable or no place was found.
    pub fn relocate(&mut self, index: usize, rng: &mut impl Rng) -> bool {
        if !self.is_movable(index) {
            return false;
        }
        let object = &self.objects[index];
        let (old, model, kind) = (object.centre(), &object.model, object.kind);
        let far = |place: &Place| (place.centre - old.xy()).norm() >= RELOCATION_M;
        let found = (0..TRIES * 10).find_map(|_| {
            let place = match kind.home() {
                Home::Wall => self.try_wall(model, rng, Some(index)),
                Home::Floor => self.try_floor(model, rng, Some(index)),
                Home::Top => {
                    let support = rng.random_range(0..self.objects.len());
                    self.try_top(kind, model, support, rng, Some(index))
                }
                Home::Hung => None,
            };
            place.filter(far)
        });
        if let Some(place) = found {
            self.objects[index].place = place;
        }
        found.is_some()
    }

    fn is_movable(&self, index: usize) -> bool {
        let has_child = || self.objects.iter().any(|other| other.present && other.place.standing_on == Some(index));
        self.objects.get(index).is_some_and(|object| object.present && object.kind.home() != Home::Hung && !has_child())
    }

    fn support_under(&self, footprint: &Footprint, ignored: usize) -> Option<usize> {
        (0..self.objects.len()).find(|&support| {
            let object = &self.objects[support];
            support != ignored && object.present && lies_on_top(footprint, object)
        })
    }

    /// Whether the footprint is inside the walls, `margin_m` off them.
    fn in_room(&self, footprint: &Footprint, margin_m: f64) -> bool {
        let half = Vector2::new(self.size[0], self.size[1]) / 2.0;
        footprint.corners().iter().all(|c| c.x.abs() <= half.x - margin_m && c.y.abs() <= half.y - margin_m)
    }

    /// Whether nothing else is within `margin_m` of this place, on the plan, at overlapping heights.
    fn is_free(&self, model: &Model, place: &Place, margin_m: f64, ignored: Option<usize>) -> bool {
        let grown = model.footprint(place.centre, place.yaw).grown(margin_m);
        let [low, high] = [place.base_z, place.base_z + model.size[2]];
        self.objects.iter().enumerate().all(|(index, other)| {
            let [other_low, other_high] = other.z_range();
            // What rests on a top shares its height, give or take the rounding of one addition.
            let apart = other_low >= high - 1e-9 || low >= other_high - 1e-9;
            !other.present || Some(index) == ignored || apart || !grown.overlaps(&other.footprint())
        })
    }

    /// Whether the footprint is off the camera's way and off the door.
    fn is_off_the_way(&self, footprint: &Footprint) -> bool {
        let (outward, tangent, half) = self.wall_frame(self.door.wall);
        let [from, to] = self.door.along;
        let sill = Footprint {
            centre: outward * (half - 0.3) + tangent * ((from + to) / 2.0),
            half: Vector2::new(0.3, (to - from) / 2.0),
            yaw: outward.y.atan2(outward.x),
        };
        !footprint.overlaps(&sill) && self.walk.points().iter().all(|point| footprint.distance_to(point) >= CLEARANCE_M)
    }

    /// Direction out of the room, direction along the wall, distance of the wall from the middle.
    fn wall_frame(&self, wall: usize) -> (Vector2<f64>, Vector2<f64>, f64) {
        let (outward, tangent) = wall_directions(wall);
        (outward, tangent, self.size[wall % 2] / 2.0)
    }

    fn try_floor(&self, model: &Model, rng: &mut impl Rng, ignored: Option<usize>) -> Option<Place> {
        let half = Vector2::new(self.size[0], self.size[1]) / 2.0;
        let place = Place {
            centre: Vector2::new(rng.random_range(-half.x..half.x), rng.random_range(-half.y..half.y)),
            base_z: 0.0,
            yaw: rng.random_range(-PI..PI),
            standing_on: None,
            wall: None,
        };
        self.stands_well(model, &place, FLOOR_MARGIN_M, ignored).then_some(place)
    }

    fn try_wall(&self, model: &Model, rng: &mut impl Rng, ignored: Option<usize>) -> Option<Place> {
        let wall = rng.random_range(0..4);
        let place = self.place_at_wall(model, wall, 0.0, rng)?;
        self.stands_well(model, &place, 0.0, ignored).then_some(place)
    }

    fn stands_well(&self, model: &Model, place: &Place, margin_m: f64, ignored: Option<usize>) -> bool {
        let footprint = model.footprint(place.centre, place.yaw);
        self.in_room(&footprint, margin_m)
            && self.is_off_the_way(&footprint)
            && self.is_free(model, place, margin_m, ignored)
    }

    /// Somewhere along a wall, its back to it.
    fn place_at_wall(&self, model: &Model, wall: usize, base_z: f64, rng: &mut impl Rng) -> Option<Place> {
        let (outward, tangent, half) = self.wall_frame(wall);
        let [depth, breadth] = model.depth_and_breadth();
        let reach = self.size[(wall + 1) % 2] / 2.0 - breadth / 2.0 - FLOOR_MARGIN_M;
        if reach <= 0.0 {
            return None;
        }
        let gap = if base_z > 0.0 { 0.0 } else { rng.random_range(0.005..0.02) };
        let along = rng.random_range(-reach..reach);
        Some(Place {
            centre: outward * (half - gap - depth / 2.0) + tangent * along,
            base_z,
            yaw: outward.y.atan2(outward.x) - model.back_rad,
            standing_on: None,
            wall: Some(wall),
        })
    }

    fn try_hang(&self, model: &Model, rng: &mut impl Rng) -> Option<Place> {
        let wall = rng.random_range(0..4);
        let base_z = rng.random_range(1.1..1.3);
        let place = self.place_at_wall(model, wall, base_z, rng)?;
        let (_, tangent, _) = self.wall_frame(wall);
        let along = place.centre.dot(&tangent);
        let reach = model.size[0] / 2.0 + 0.05;
        let covers = |opening: &Opening| {
            opening.wall == wall && along + reach > opening.along[0] && along - reach < opening.along[1]
        };
        let free = !covers(&self.door) && !covers(&self.window) && self.is_free(model, &place, 0.03, None);
        free.then_some(place)
    }

    fn try_top(
        &self,
        kind: Kind,
        model: &Model,
        support: usize,
        rng: &mut impl Rng,
        ignored: Option<usize>,
    ) -> Option<Place> {
        let below = &self.objects[support];
        let half = match below.top().filter(|_| below.present)? {
            Top::Rectangle([l, w]) => Vector2::new(l, w),
            Top::Disc(radius) => Vector2::repeat(radius),
        };
        let local = Vector2::new(rng.random_range(-half.x..half.x), rng.random_range(-half.y..half.y));
        let yaw = if faces_forward(kind) {
            let back_rad = below.place.yaw + below.model.back_rad;
            back_rad - model.back_rad + rng.random_range(-0.25..0.25)
        } else {
            rng.random_range(-PI..PI)
        };
        let place = Place {
            centre: below.place.centre + Rotation2::new(below.place.yaw) * local,
            base_z: below.z_range()[1],
            yaw,
            standing_on: Some(support),
            wall: None,
        };
        let rests = lies_on_top(&model.footprint(place.centre, yaw), below);
        (rests && self.is_free(model, &place, TOP_MARGIN_M, ignored)).then_some(place)
    }

    fn keeps_its_promises(&self) -> bool {
        let count = self.objects.len();
        let at_least = |share: f64, holds: fn(&PlacedObject) -> bool| {
            let held = self.objects.iter().filter(|object| holds(object)).count();
            held as f64 >= share * count as f64
        };
        (20..=30).contains(&count)
            && at_least(0.25, PlacedObject::is_small)
            && at_least(0.10, PlacedObject::is_thin)
            && at_least(0.30, PlacedObject::is_compound)
            && at_least(0.20, PlacedObject::is_squarish)
            && self.close_pairs() >= 2
    }

    /// Pairs of one label less than 30 cm apart.
    pub fn close_pairs(&self) -> usize {
        let present: Vec<_> = self.objects.iter().filter(|o| o.present).collect();
        let mut pairs = 0;
        for (index, one) in present.iter().enumerate() {
            for other in &present[index + 1..] {
                let twins = one.label() == other.label();
                pairs += usize::from(twins && one.gap_m(other) < PAIR_GAP_M);
            }
        }
        pairs
    }

    fn put(&mut self, kind: Kind, model: Model, place: Place) -> usize {
        self.objects.push(PlacedObject { kind, model, place, present: true });
        self.objects.len() - 1
    }
}

/// Out of the room and along the wall (counter-clockwise), for the walls at +x, +y, -x, -y.
pub(super) fn wall_directions(wall: usize) -> (Vector2<f64>, Vector2<f64>) {
    let outward = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][wall % 4];
    let outward = Vector2::new(outward.0, outward.1);
    (outward, Vector2::new(-outward.y, outward.x))
}

/// Whether all of the footprint is on the object's top.
fn lies_on_top(footprint: &Footprint, below: &PlacedObject) -> bool {
    let local_from_world = Rotation2::new(-below.place.yaw);
    below.top().is_some_and(|top| {
        footprint.corners().iter().all(|corner| {
            let local = local_from_world * (corner - below.place.centre);
            match top {
                Top::Rectangle([l, w]) => local.x.abs() <= l - EDGE_M && local.y.abs() <= w - EDGE_M,
                Top::Disc(radius) => local.norm() <= radius - EDGE_M,
            }
        })
    })
}

/// Things that people turn the way their furniture faces.
fn faces_forward(kind: Kind) -> bool {
    matches!(kind, Kind::Monitor | Kind::Keyboard | Kind::Laptop | Kind::Speaker | Kind::Clock)
}

fn draft(seed: u64, rng: &mut Pcg64Mcg) -> Option<Room> {
    let mut room = empty_room(seed, rng);
    for kind in [Kind::Sofa, Kind::Desk, Kind::Cabinet, Kind::Shelf] {
        furnish(&mut room, kind, rng, Room::try_wall)?;
    }
    let table = furnish_middle(&mut room, rng)?;
    for kind in some_of(rng, &LOOSE, 3..=5) {
        furnish(&mut room, kind, rng, Room::try_floor)?;
    }
    furnish_tops(&mut room, table, rng)?;
    for kind in some_of(rng, &[Kind::Picture, Kind::Picture, Kind::Television], 2..=3) {
        furnish(&mut room, kind, rng, |room, model, rng, _| room.try_hang(model, rng))?;
    }
    Some(room)
}

const LOOSE: [Kind; 11] = [
    Kind::Stool,
    Kind::Stool,
    Kind::FloorLamp,
    Kind::FloorPlant,
    Kind::Bin,
    Kind::Ball,
    Kind::Carton,
    Kind::Pouf,
    Kind::Armchair,
    Kind::CoffeeTable,
    Kind::Chair,
];

fn empty_room(seed: u64, rng: &mut Pcg64Mcg) -> Room {
    let size = [rng.random_range(6.0..8.0), rng.random_range(5.0..6.0), rng.random_range(2.5..2.8)];
    let first = rng.random_range(0..4);
    let second = (first + rng.random_range(1..4)) % 4;
    let mut opening = |wall: usize, breadth: f64, z: [f64; 2]| {
        let reach = size[(wall + 1) % 2] / 2.0 - breadth / 2.0 - 0.2;
        let along = rng.random_range(-reach..reach);
        Opening { wall, along: [along - breadth / 2.0, along + breadth / 2.0], z }
    };
    Room {
        seed,
        size,
        door: opening(first, 0.9, [0.0, 2.02]),
        window: opening(second, 1.4, [0.9, 2.1]),
        walk: Walk::in_room(size[0], size[1]),
        objects: Vec::new(),
    }
}

/// A few of the kinds, in random order.
fn some_of(rng: &mut Pcg64Mcg, kinds: &[Kind], count: std::ops::RangeInclusive<usize>) -> Vec<Kind> {
    let mut left = kinds.to_vec();
    let count = rng.random_range(count);
    (0..count).map(|_| left.swap_remove(rng.random_range(0..left.len()))).collect()
}

/// Builds one and puts it where `try_place` first agrees.
fn furnish(
    room: &mut Room,
    kind: Kind,
    rng: &mut Pcg64Mcg,
    try_place: impl Fn(&Room, &Model, &mut Pcg64Mcg, Option<usize>) -> Option<Place>,
) -> Option<usize> {
    let model = kind.build(rng);
    let place = (0..TRIES * 4).find_map(|_| try_place(room, &model, rng, None))?;
    Some(room.put(kind, model, place))
}

/// A table inside the loop with two chairs side by side, and a third across from them where there is space.
fn furnish_middle(room: &mut Room, rng: &mut Pcg64Mcg) -> Option<usize> {
    let table = Kind::Table.build(rng);
    let chairs = [(); 3].map(|()| Kind::Chair.build(rng));
    let reach = room.walk.half() * 0.5;
    for attempt in 0..TRIES * 8 {
        // Any yaw at first, then ever closer to the walls' directions: small rooms have no space for more.
        let freedom = 1.0 - attempt as f64 / (TRIES * 8) as f64;
        let quarter = if attempt % 2 == 0 { 0.0 } else { PI };
        let place = Place {
            centre: Vector2::new(rng.random_range(-reach.x..reach.x), rng.random_range(-reach.y..reach.y)),
            base_z: 0.0,
            yaw: quarter + freedom * rng.random_range(-FRAC_PI_2..FRAC_PI_2),
            standing_on: None,
            wall: None,
        };
        let gap = rng.random_range(0.1..0.2);
        let seats = seats_at(&table, &place, &chairs, gap, rng);
        let stands = |model: &Model, place: &Place| room.stands_well(model, place, FLOOR_MARGIN_M, None);
        if !stands(&table, &place) || !(0..2).all(|i| stands(&chairs[i], &seats[i])) {
            continue;
        }
        let third = stands(&chairs[2], &seats[2]);
        let index = room.put(Kind::Table, table, place);
        let seated = if third { 3 } else { 2 };
        for (chair, seat) in chairs.into_iter().zip(seats).take(seated) {
            room.put(Kind::Chair, chair, seat);
        }
        return Some(index);
    }
    None
}

/// Two seats on one long side, `gap_m` apart, and one on the other; backs away from the table.
fn seats_at(table: &Model, at: &Place, chairs: &[Model; 3], gap_m: f64, rng: &mut Pcg64Mcg) -> [Place; 3] {
    let world_from_table = Rotation2::new(at.yaw);
    let mut seat = |chair: &Model, side: f64, along: f64| {
        let [depth, breadth] = chair.depth_and_breadth();
        let across = table.size[1] / 2.0 + 0.09 + depth / 2.0;
        let local = Vector2::new(along * (breadth + gap_m) / 2.0, side * across);
        Place {
            centre: at.centre + world_from_table * local,
            base_z: 0.0,
            yaw: at.yaw + side * FRAC_PI_2 - chair.back_rad + rng.random_range(-0.08..0.08),
            standing_on: None,
            wall: None,
        }
    };
    [seat(&chairs[0], 1.0, -1.0), seat(&chairs[1], 1.0, 1.0), seat(&chairs[2], -1.0, 0.0)]
}

fn furnish_tops(room: &mut Room, table: usize, rng: &mut Pcg64Mcg) -> Option<()> {
    let first = top_up(room, table, Kind::Cup, rng)?;
    let beside = |room: &Room, model: &Model, rng: &mut Pcg64Mcg, _: Option<usize>| {
        let near = room.objects[first].place.centre;
        room.try_top(Kind::Cup, model, table, rng, None).filter(|place| (place.centre - near).norm() < 0.3)
    };
    furnish(room, Kind::Cup, rng, beside)?;
    for support in 0..room.objects.len() {
        for kind in things_for(room.objects[support].kind, rng) {
            // A crowded top stays as it is; the promises are checked at the end.
            top_up(room, support, kind, rng);
        }
    }
    Some(())
}

fn top_up(room: &mut Room, support: usize, kind: Kind, rng: &mut Pcg64Mcg) -> Option<usize> {
    furnish(room, kind, rng, |room, model, rng, _| room.try_top(kind, model, support, rng, None))
}

fn things_for(support: Kind, rng: &mut Pcg64Mcg) -> Vec<Kind> {
    use Kind::*;
    let mut things = match support {
        Desk => vec![Monitor, Keyboard],
        Table => vec![Bowl],
        _ => vec![],
    };
    things.extend(match support {
        Table => some_of(rng, &[Bottle, Laptop, Book, Tray, Vase, Tablet], 2..=2),
        Desk => some_of(rng, &[Phone, Cup, DeskLamp, Book], 1..=2),
        Shelf => some_of(rng, &[Clock, Plant, Book, Book, Speaker, Vase], 2..=3),
        Cabinet => some_of(rng, &[Plant, Remote, ToyCube, ToyCube, Tray, Bottle], 2..=2),
        CoffeeTable => some_of(rng, &[Remote, Book, Cup, Bowl, Tablet], 1..=2),
        _ => vec![],
    });
    things
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Vector3;

    fn rooms() -> impl Iterator<Item = Room> {
        (0..40).map(Room::generate)
    }

    fn share(room: &Room, holds: impl Fn(&PlacedObject) -> bool) -> f64 {
        let held = room.objects().iter().filter(|object| holds(object)).count();
        held as f64 / room.objects().len() as f64
    }

    /// Volume shared by the boxes of two objects: none where they only touch.
    fn interpenetrate(one: &PlacedObject, other: &PlacedObject) -> bool {
        let (a, b) = (one.z_range(), other.z_range());
        let shared = a[1].min(b[1]) - a[0].max(b[0]);
        shared > 1e-6 && one.footprint().grown(-1e-6).overlaps(&other.footprint())
    }

    fn assert_consistent(room: &Room) {
        let present: Vec<_> = room.objects().iter().filter(|o| o.present).collect();
        for (index, one) in present.iter().enumerate() {
            for other in &present[index + 1..] {
                let names = (one.label(), other.label());
                assert!(!interpenetrate(one, other), "{}: {names:?}", room.seed());
            }
            assert!(room.in_room(&one.footprint(), -1e-9), "{}", one.label());
            assert!(one.z_range()[1] <= room.size()[2]);
            assert_supported(room, one);
        }
    }

    fn assert_supported(room: &Room, object: &PlacedObject) {
        let truth = object.truth();
        match truth.standing_on {
            Some(below) => {
                let below = &room.objects()[below];
                assert!(below.present && below.place.standing_on.is_none());
                assert_eq!(object.place.base_z, below.z_range()[1]);
                assert!(lies_on_top(&object.footprint(), below), "{}", truth.label);
            }
            None if truth.on_wall => assert!(object.place.base_z > 1.0),
            None => assert_eq!(object.place.base_z, 0.0),
        }
    }

    #[test]
    fn a_room_has_the_promised_size_and_variety() {
        for room in rooms() {
            let [x, y, z] = room.size();
            assert!((6.0..=8.0).contains(&x) && (5.0..=6.0).contains(&y));
            assert!((2.5..=2.8).contains(&z));
            assert!((20..=30).contains(&room.objects().len()));
            assert!(share(&room, |o| o.model.size.iter().all(|&s| s <= 0.3)) >= 0.25);
            assert!(share(&room, |o| o.model.size.iter().any(|&s| s <= 0.05)) >= 0.10);
            assert!(share(&room, |o| o.model.parts.len() >= 3) >= 0.30);
            assert!(share(&room, |o| o.model.size[0] / o.model.size[1] < 1.15) >= 0.20);
            assert!(room.objects().iter().any(|o| o.model.round));
        }
    }

    #[test]
    fn nothing_interpenetrates_hovers_or_leaves_the_room() {
        rooms().for_each(|room| assert_consistent(&room));
    }

    #[test]
    fn two_pairs_of_one_label_are_close() {
        for room in rooms() {
            let count = |label: &str| {
                let twins: Vec<_> = room.objects().iter().filter(|o| o.label() == label).collect();
                let close = |i: usize, j: usize| twins[i].gap_m(twins[j]) < 0.3;
                (0..twins.len()).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|&(i, j)| close(i, j)).count()
            };
            assert!(count("chair") >= 1 && count("cup") >= 1, "{}", room.seed());
            assert!(room.close_pairs() >= 2);
        }
    }

    #[test]
    fn a_truth_box_is_tight_around_its_solids_and_canonical() {
        for room in rooms() {
            for object in room.objects() {
                let truth = object.truth();
                assert!(truth.size[0] >= truth.size[1]);
                assert!((-FRAC_PI_2..FRAC_PI_2).contains(&truth.yaw));
                assert_tight(object, &truth);
            }
        }
    }

    /// Measures the union of the solids along the truth box's axes.
    fn assert_tight(object: &PlacedObject, truth: &TruthObject) {
        let world_from_object = Rotation2::new(object.place.yaw);
        let world_from_box = Rotation2::new(truth.yaw);
        let mut low = Vector3::repeat(f64::INFINITY);
        let mut high = Vector3::repeat(f64::NEG_INFINITY);
        for part in &object.model.parts {
            let centre = object.place.centre + world_from_object * part.centre.xy();
            for axis in 0..2 {
                let direction = world_from_box.matrix().column(axis).into_owned();
                let at = direction.dot(&(centre - Vector2::new(truth.centre[0], truth.centre[1])));
                let in_object = world_from_object.inverse() * direction;
                let half = part.shape.half_extent_along(&in_object);
                // The rest of a round thing lies within its widest disc, whatever the yaw.
                if !truth.round || !matches!(part.shape, super::super::Shape::Cuboid { .. }) {
                    low[axis] = low[axis].min(at - half);
                    high[axis] = high[axis].max(at + half);
                }
            }
            let z = object.place.base_z + part.centre.z - truth.centre[2];
            low.z = low.z.min(z - part.shape.half_extents().z);
            high.z = high.z.max(z + part.shape.half_extents().z);
        }
        let half = Vector3::from(truth.size) / 2.0;
        assert!((high - half).norm() < 1e-9, "{}: {high} {half}", truth.label);
        assert!((low + half).norm() < 1e-9, "{}: {low} {half}", truth.label);
    }

    #[test]
    fn some_furniture_is_at_the_walls_and_some_is_turned_freely() {
        for room in rooms() {
            let off_axis = |o: &PlacedObject| {
                let turns = o.place.yaw / FRAC_PI_2;
                (turns - turns.round()).abs() > 0.02
            };
            let at_wall = |o: &&PlacedObject| o.place.wall.is_some();
            assert!(room.objects().iter().filter(at_wall).count() >= 4);
            assert!(room.objects().iter().filter(at_wall).all(|o| !off_axis(o)));
            assert!(share(&room, |o| !o.model.round && off_axis(o)) > 0.15);
        }
    }

    #[test]
    fn things_stand_on_tables_desks_and_shelves() {
        for room in rooms() {
            for support in ["table", "desk", "shelf", "cabinet"] {
                let carries = room.objects().iter().any(|object| {
                    let below = object.place.standing_on.map(|i| &room.objects()[i]);
                    below.is_some_and(|below| below.label() == support)
                });
                assert!(carries, "room {}: bare {support}", room.seed());
            }
        }
    }

    #[test]
    fn all_floor_furniture_keeps_off_the_walk() {
        for room in rooms() {
            for point in room.walk().points() {
                for object in room.objects() {
                    let distance = object.footprint().distance_to(&point);
                    assert!(distance >= CLEARANCE_M, "{} {distance}", object.label());
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_room_and_another_another() {
        assert_eq!(Room::generate(5).truth(), Room::generate(5).truth());
        assert_ne!(Room::generate(5).truth(), Room::generate(6).truth());
    }

    #[test]
    fn a_relocated_object_is_far_off_supported_and_meets_nothing() {
        let (mut moved, mut tried) = (0, 0);
        for mut room in rooms().take(30) {
            let mut rng = Pcg64Mcg::seed_from_u64(room.seed());
            let way = room.walk().points();
            for index in room.movable_indices() {
                let before = room.objects()[index].place.centre;
                tried += 1;
                if room.relocate(index, &mut rng) {
                    moved += 1;
                    let object = &room.objects()[index];
                    assert!((object.place.centre - before).norm() >= 1.0);
                    let footprint = object.footprint();
                    assert!(way.iter().all(|p| footprint.distance_to(p) >= CLEARANCE_M));
                }
                assert_consistent(&room);
            }
        }
        assert!(moved * 10 >= tried * 9, "{moved} of {tried}");
    }

    #[test]
    fn what_carries_something_or_hangs_stays() {
        for mut room in rooms().take(10) {
            let before = room.truth();
            let mut rng = Pcg64Mcg::seed_from_u64(1);
            for index in 0..before.len() {
                let carries = before.iter().any(|o| o.standing_on == Some(index));
                if carries || before[index].on_wall {
                    assert!(!room.movable_indices().contains(&index));
                    assert!(!room.remove_object(index));
                    assert!(!room.relocate(index, &mut rng));
                    assert!(!room.move_object(index, [0.0, 0.0], 0.0));
                }
            }
            assert_eq!(room.truth(), before);
            assert!(!room.remove_object(before.len()));
        }
    }

    #[test]
    fn a_removed_object_keeps_its_index_and_frees_its_support() {
        let mut room = Room::generate(3);
        let child = room.objects().iter().position(|o| o.place.standing_on.is_some()).unwrap();
        let below = room.objects()[child].place.standing_on.unwrap();
        while let Some(index) =
            room.movable_indices().into_iter().find(|&i| room.objects()[i].place.standing_on == Some(below))
        {
            assert!(room.remove_object(index));
            assert!(!room.truth()[index].present);
            assert!(!room.remove_object(index));
        }
        assert!(room.movable_indices().contains(&below));
    }

    #[test]
    fn a_move_into_something_is_refused_and_a_free_one_is_done() {
        let mut room = Room::generate(4);
        let movable = room.movable_indices();
        let loose = |room: &Room, i: usize| room.objects()[i].kind.home() == Home::Floor;
        let index = *movable.iter().find(|&&i| loose(&room, i)).unwrap();
        let before = room.truth();
        let sofa = before.iter().find(|o| o.label == "sofa").unwrap();
        assert!(!room.move_object(index, [sofa.centre[0], sofa.centre[1]], 0.3));
        assert!(!room.move_object(index, [100.0, 0.0], 0.0));
        assert!(!room.move_object(index, [f64::NAN, 0.0], 0.0));
        assert_eq!(room.truth(), before);
        let on_the_way = room.walk().at(0.0);
        assert!(room.move_object(index, on_the_way.into(), 0.3));
        assert_eq!(room.objects()[index].place.centre, on_the_way);
        assert_consistent(&room);
    }

    #[test]
    fn a_thing_moved_over_another_top_stands_on_it() {
        let mut room = Room::generate(2);
        let small = *room.movable_indices().iter().find(|&&i| room.objects()[i].label() == "cup").unwrap();
        let shelf = room.objects().iter().position(|o| o.label() == "shelf");
        let shelf = shelf.unwrap();
        let mut bare = room.clone();
        for index in bare.movable_indices() {
            if bare.objects()[index].place.standing_on == Some(shelf) {
                assert!(bare.remove_object(index));
            }
        }
        let centre = bare.objects()[shelf].place.centre;
        assert!(bare.move_object(small, centre.into(), 0.0));
        assert_eq!(bare.truth()[small].standing_on, Some(shelf));
        assert_consistent(&bare);
        // On the bare floor there is nothing for a cup to stand on.
        let on_the_way = room.walk().at(0.0);
        assert!(!room.move_object(small, on_the_way.into(), 0.0));
    }
}
