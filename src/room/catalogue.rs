//! What a room can hold: each kind is built from a few solids, with sizes drawn anew for each piece.
//!
//! A kind is modelled with x to its right, y to its back and z up. [`Kind::build`] then turns the model by a quarter
//! where that makes it longer along x than along y, and puts the origin in the middle of its base.

use std::f64::consts::{FRAC_PI_2, PI};

use nalgebra::Vector3;
use rand::{Rng, RngExt};

use super::shape::{Paint, Part, Shape, Texture};

/// Where a kind belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// On the floor, its back to a wall.
    Wall,
    /// On the floor, anywhere, at any yaw.
    Floor,
    /// On a table, a desk, a shelf or a cabinet.
    Top,
    /// Hung on a wall.
    Hung,
}

/// A flat top that things can stand on, about the middle of the box; metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Top {
    /// Half extents along length and width.
    Rectangle([f64; 2]),
    /// A disc of this radius.
    Disc(f64),
}

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is named as the thing it stands for")]
pub enum Kind {
    Table,
    Desk,
    CoffeeTable,
    Chair,
    Stool,
    Sofa,
    Armchair,
    Shelf,
    Cabinet,
    FloorLamp,
    FloorPlant,
    Bin,
    Ball,
    Carton,
    Pouf,
    Cup,
    Bottle,
    Book,
    Phone,
    Bowl,
    Clock,
    Plant,
    ToyCube,
    Remote,
    Keyboard,
    Laptop,
    Tablet,
    Tray,
    Monitor,
    DeskLamp,
    Vase,
    Speaker,
    Picture,
    Television,
}

/// All labels of the catalogue, each once.
pub const LABELS: [&str; 33] = [
    "table",
    "desk",
    "coffee table",
    "chair",
    "stool",
    "sofa",
    "armchair",
    "shelf",
    "cabinet",
    "floor lamp",
    "plant",
    "bin",
    "ball",
    "box",
    "pouf",
    "cup",
    "bottle",
    "book",
    "phone",
    "bowl",
    "clock",
    "toy cube",
    "remote",
    "keyboard",
    "laptop",
    "tablet",
    "tray",
    "monitor",
    "desk lamp",
    "vase",
    "speaker",
    "picture",
    "television",
];

/// One piece of a kind, in its own frame.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its solids.
    pub parts: Vec<Part>,
    /// Length along x, width along y, height along z; metres, length >= width.
    pub size: [f64; 3],
    /// Angle of its back in its own frame, radians.
    pub back_rad: f64,
    /// Whether it looks the same at every yaw, as far as its box can tell.
    pub round: bool,
    /// The top it offers, if any.
    pub top: Option<Top>,
}

impl Kind {
    /// The word a detector would say.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Table => "table",
            Kind::Desk => "desk",
            Kind::CoffeeTable => "coffee table",
            Kind::Chair => "chair",
            Kind::Stool => "stool",
            Kind::Sofa => "sofa",
            Kind::Armchair => "armchair",
            Kind::Shelf => "shelf",
            Kind::Cabinet => "cabinet",
            Kind::FloorLamp => "floor lamp",
            Kind::FloorPlant | Kind::Plant => "plant",
            Kind::Bin => "bin",
            Kind::Ball => "ball",
            Kind::Carton => "box",
            Kind::Pouf => "pouf",
            Kind::Cup => "cup",
            Kind::Bottle => "bottle",
            Kind::Book => "book",
            Kind::Phone => "phone",
            Kind::Bowl => "bowl",
            Kind::Clock => "clock",
            Kind::ToyCube => "toy cube",
            Kind::Remote => "remote",
            Kind::Keyboard => "keyboard",
            Kind::Laptop => "laptop",
            Kind::Tablet => "tablet",
            Kind::Tray => "tray",
            Kind::Monitor => "monitor",
            Kind::DeskLamp => "desk lamp",
            Kind::Vase => "vase",
            Kind::Speaker => "speaker",
            Kind::Picture => "picture",
            Kind::Television => "television",
        }
    }

    /// Where it belongs.
    pub fn home(self) -> Home {
        match self {
            Kind::Desk | Kind::Sofa | Kind::Shelf | Kind::Cabinet => Home::Wall,
            Kind::Table
            | Kind::CoffeeTable
            | Kind::Chair
            | Kind::Stool
            | Kind::Armchair
            | Kind::FloorLamp
            | Kind::FloorPlant
            | Kind::Bin
            | Kind::Ball
            | Kind::Carton
            | Kind::Pouf => Home::Floor,
            Kind::Picture | Kind::Television => Home::Hung,
            _ => Home::Top,
        }
    }

    /// A piece of this kind, its sizes drawn from `rng`.
    pub fn build(self, rng: &mut impl Rng) -> Model {
        let mut sketch = Sketch::default();
        match self {
            Kind::Table => table(&mut sketch, rng),
            Kind::Desk => desk(&mut sketch, rng),
            Kind::CoffeeTable => coffee_table(&mut sketch, rng),
            Kind::Chair => chair(&mut sketch, rng),
            Kind::Stool => stool(&mut sketch, rng),
            Kind::Sofa => sofa(&mut sketch, rng, [1.5, 1.9]),
            Kind::Armchair => sofa(&mut sketch, rng, [0.78, 0.85]),
            Kind::Shelf => shelf(&mut sketch, rng),
            Kind::Cabinet => cabinet(&mut sketch, rng),
            Kind::FloorLamp => floor_lamp(&mut sketch, rng),
            Kind::FloorPlant => plant(&mut sketch, rng, 2.6),
            Kind::Bin => bin(&mut sketch, rng),
            Kind::Ball => ball(&mut sketch, rng),
            Kind::Carton => carton(&mut sketch, rng),
            Kind::Pouf => pouf(&mut sketch, rng),
            Kind::Cup => cup(&mut sketch, rng),
            Kind::Bottle => bottle(&mut sketch, rng),
            Kind::Book => book(&mut sketch, rng),
            Kind::Phone => slab(&mut sketch, rng, [0.155, 0.076, 0.012], CHARCOAL),
            Kind::Bowl => bowl(&mut sketch, rng),
            Kind::Clock => clock(&mut sketch, rng),
            Kind::Plant => plant(&mut sketch, rng, 1.0),
            Kind::ToyCube => toy_cube(&mut sketch, rng),
            Kind::Remote => slab(&mut sketch, rng, [0.20, 0.055, 0.025], NAVY),
            Kind::Keyboard => keyboard(&mut sketch, rng),
            Kind::Laptop => laptop(&mut sketch, rng),
            Kind::Tablet => slab(&mut sketch, rng, [0.26, 0.19, 0.012], SLATE),
            Kind::Tray => tray(&mut sketch, rng),
            Kind::Monitor => monitor(&mut sketch, rng),
            Kind::DeskLamp => desk_lamp(&mut sketch, rng),
            Kind::Vase => vase(&mut sketch, rng),
            Kind::Speaker => speaker(&mut sketch, rng),
            Kind::Picture => picture(&mut sketch, rng),
            Kind::Television => television(&mut sketch, rng),
        }
        sketch.finish()
    }
}

const OAK: Paint = paint([0.72, 0.52, 0.32], Texture::Wood);
const WALNUT: Paint = paint([0.45, 0.29, 0.18], Texture::Wood);
const BIRCH: Paint = paint([0.86, 0.76, 0.58], Texture::Wood);
const CHARCOAL: Paint = paint([0.16, 0.16, 0.18], Texture::Plain);
const SLATE: Paint = paint([0.30, 0.34, 0.38], Texture::Plain);
const NAVY: Paint = paint([0.13, 0.16, 0.34], Texture::Checker(0.015));
const STEEL: Paint = paint([0.62, 0.64, 0.66], Texture::Plain);
const CREAM: Paint = paint([0.93, 0.89, 0.78], Texture::Plain);
const LEAF: Paint = paint([0.18, 0.46, 0.18], Texture::Speckle(0.03));
const CLAY: Paint = paint([0.70, 0.36, 0.24], Texture::Plain);
const SCREEN: Paint = paint([0.16, 0.30, 0.48], Texture::Checker(0.06));

const fn paint(colour: [f32; 3], texture: Texture) -> Paint {
    Paint { colour, texture }
}

/// Parts as they are put together, before the frame is settled.
#[derive(Default)]
struct Sketch {
    parts: Vec<Part>,
    round: bool,
    has_top: bool,
}

impl Sketch {
    /// A box between the given bounds.
    fn cuboid(&mut self, x: [f64; 2], y: [f64; 2], z: [f64; 2], paint: Paint) {
        let half = [x, y, z].map(|[low, high]| (high - low) / 2.0);
        let centre = Vector3::from([x, y, z].map(|[low, high]| (high + low) / 2.0));
        self.parts.push(Part { shape: Shape::Cuboid { half }, centre, paint });
    }

    /// A box of the given size, its middle over (x, y).
    fn block(&mut self, at: [f64; 2], size: [f64; 2], z: [f64; 2], paint: Paint) {
        let [x, y] = at;
        let [l, w] = size.map(|s| s / 2.0);
        self.cuboid([x - l, x + l], [y - w, y + w], z, paint);
    }

    fn cylinder(&mut self, at: [f64; 2], radius: f64, z: [f64; 2], paint: Paint) {
        let half_height = (z[1] - z[0]) / 2.0;
        self.parts.push(Part {
            shape: Shape::Cylinder { radius, half_height },
            centre: Vector3::new(at[0], at[1], z[0] + half_height),
            paint,
        });
    }

    fn sphere(&mut self, radius: f64, centre_z: f64, paint: Paint) {
        self.parts.push(Part { shape: Shape::Sphere { radius }, centre: Vector3::new(0.0, 0.0, centre_z), paint });
    }

    /// Four legs of side `side` under the corners of `size`.
    fn legs(&mut self, size: [f64; 2], side: f64, height: f64, paint: Paint) {
        let [x, y] = size.map(|s| s / 2.0 - side / 2.0);
        for at in [[x, y], [-x, y], [-x, -y], [x, -y]] {
            self.block(at, [side, side], [0.0, height], paint);
        }
    }

    fn finish(mut self) -> Model {
        let (low, high) = bounds(&self.parts);
        let middle = (low + high) / 2.0;
        for part in &mut self.parts {
            part.centre -= Vector3::new(middle.x, middle.y, low.z);
        }
        let mut size = high - low;
        let mut back_rad = FRAC_PI_2;
        if size.y > size.x {
            self.parts.iter_mut().for_each(turn_by_a_quarter);
            size.swap_rows(0, 1);
            back_rad = PI;
        }
        let top = self.has_top.then_some(if self.round {
            Top::Disc(size.x / 2.0)
        } else {
            Top::Rectangle([size.x / 2.0, size.y / 2.0])
        });
        Model { parts: self.parts, size: size.into(), back_rad, round: self.round, top }
    }
}

fn bounds(parts: &[Part]) -> (Vector3<f64>, Vector3<f64>) {
    let nowhere = (Vector3::repeat(f64::INFINITY), Vector3::repeat(f64::NEG_INFINITY));
    parts.iter().fold(nowhere, |(low, high), part| {
        let half = part.shape.half_extents();
        (low.inf(&(part.centre - half)), high.sup(&(part.centre + half)))
    })
}

fn turn_by_a_quarter(part: &mut Part) {
    part.centre = Vector3::new(-part.centre.y, part.centre.x, part.centre.z);
    if let Shape::Cuboid { half } = &mut part.shape {
        half.swap(0, 1);
    }
}

fn between(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    rng.random_range(low..high)
}

fn one_of(rng: &mut impl Rng, paints: &[Paint]) -> Paint {
    paints[rng.random_range(0..paints.len())]
}

/// The paint with its brightness changed a little, so that two of a kind are not twins.
fn varied(rng: &mut impl Rng, paint: Paint) -> Paint {
    let gain = rng.random_range(0.85..1.1f32);
    Paint { colour: paint.colour.map(|c| (c * gain).min(1.0)), ..paint }
}

fn table(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 1.15, 1.45), between(rng, 0.7, 0.82)];
    let height = between(rng, 0.71, 0.76);
    let wood = one_of(rng, &[OAK, WALNUT, BIRCH]);
    sketch.block([0.0, 0.0], size, [height - 0.04, height], wood);
    sketch.legs([size[0] - 0.06, size[1] - 0.06], 0.06, height - 0.04, wood);
    sketch.has_top = true;
}

fn desk(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, w, h) = (between(rng, 1.2, 1.5), between(rng, 0.6, 0.7), between(rng, 0.72, 0.75));
    let (x, y, under) = (l / 2.0, w / 2.0, h - 0.03);
    sketch.cuboid([-x, x], [-y, y], [under, h], BIRCH);
    sketch.cuboid([-x, -x + 0.03], [-y + 0.03, y], [0.0, under], BIRCH);
    sketch.cuboid([x - 0.03, x], [-y + 0.03, y], [0.0, under], BIRCH);
    sketch.cuboid([-x + 0.03, x - 0.03], [y - 0.02, y], [0.35, under], BIRCH);
    sketch.cuboid([x - 0.42, x - 0.03], [-y + 0.04, y - 0.02], [0.12, under], CREAM);
    sketch.has_top = true;
}

fn coffee_table(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.36, 0.45), between(rng, 0.42, 0.5));
    let wood = one_of(rng, &[OAK, WALNUT]);
    sketch.cylinder([0.0, 0.0], radius, [height - 0.035, height], wood);
    sketch.cylinder([0.0, 0.0], 0.05, [0.03, height - 0.035], STEEL);
    sketch.cylinder([0.0, 0.0], radius * 0.6, [0.0, 0.03], STEEL);
    sketch.round = true;
    sketch.has_top = true;
}

fn chair(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, w) = (between(rng, 0.42, 0.46), between(rng, 0.43, 0.47));
    let (seat, height) = (between(rng, 0.44, 0.48), between(rng, 0.84, 0.95));
    let wood = paint([0.62, 0.34, 0.22], Texture::Wood);
    let cloth = varied(rng, paint([0.66, 0.30, 0.26], Texture::Checker(0.06)));
    sketch.legs([l, w], 0.04, seat - 0.05, wood);
    sketch.block([0.0, 0.0], [l, w], [seat - 0.05, seat], cloth);
    let (x, y) = (l / 2.0, w / 2.0);
    sketch.cuboid([-x, x], [y - 0.04, y], [seat, height], wood);
}

fn stool(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.17, 0.2), between(rng, 0.44, 0.62));
    let wood = varied(rng, OAK);
    sketch.cylinder([0.0, 0.0], radius, [height - 0.04, height], wood);
    let side = radius * 1.3;
    sketch.legs([side, side], 0.035, height - 0.04, wood);
    sketch.round = true;
}

/// Base, back and two arms: a sofa, or with little length an armchair.
fn sofa(sketch: &mut Sketch, rng: &mut impl Rng, lengths: [f64; 2]) {
    let (l, w) = (between(rng, lengths[0], lengths[1]), between(rng, 0.76, 0.84));
    let (seat, arm, height) = (0.42, 0.58, between(rng, 0.78, 0.86));
    let cloth = varied(rng, paint([0.32, 0.42, 0.52], Texture::Speckle(0.02)));
    let darker = Paint { colour: cloth.colour.map(|c| c * 0.85), ..cloth };
    let (x, y) = (l / 2.0, w / 2.0);
    sketch.cuboid([-x + 0.15, x - 0.15], [-y, y - 0.2], [0.05, seat], cloth);
    sketch.cuboid([-x, x], [y - 0.2, y], [0.05, height], darker);
    sketch.cuboid([-x, -x + 0.15], [-y, y - 0.2], [0.0, arm], darker);
    sketch.cuboid([x - 0.15, x], [-y, y - 0.2], [0.0, arm], darker);
}

/// Sides, back and boards; low enough for its top to be seen.
fn shelf(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, w, h) = (between(rng, 0.8, 1.1), between(rng, 0.28, 0.36), between(rng, 0.8, 1.05));
    let wood = one_of(rng, &[OAK, WALNUT]);
    let (x, y, thick) = (l / 2.0, w / 2.0, 0.02);
    sketch.cuboid([-x, -x + thick], [-y, y], [0.0, h - thick], wood);
    sketch.cuboid([x - thick, x], [-y, y], [0.0, h - thick], wood);
    sketch.cuboid([-x + thick, x - thick], [y - 0.01, y], [0.0, h - thick], CREAM);
    sketch.cuboid([-x, x], [-y, y], [h - thick, h], wood);
    for board in 0..3 {
        let z = 0.05 + f64::from(board) * (h - 0.07) / 3.0;
        let inner = [-x + thick, x - thick];
        sketch.cuboid(inner, [-y, y - 0.01], [z, z + thick], wood);
    }
    sketch.has_top = true;
}

fn cabinet(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 0.7, 1.1), between(rng, 0.4, 0.48)];
    let height = between(rng, 0.6, 0.85);
    let body = varied(rng, paint([0.82, 0.80, 0.74], Texture::Stripes(0.2)));
    sketch.block([0.0, 0.0], size, [0.0, height], body);
    sketch.has_top = true;
}

fn floor_lamp(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.17, 0.22), between(rng, 1.35, 1.6));
    sketch.cylinder([0.0, 0.0], 0.14, [0.0, 0.03], CHARCOAL);
    sketch.cylinder([0.0, 0.0], 0.015, [0.03, height - 0.26], STEEL);
    sketch.cylinder([0.0, 0.0], radius, [height - 0.26, height], CREAM);
    sketch.round = true;
}

fn plant(sketch: &mut Sketch, rng: &mut impl Rng, scale: f64) {
    let pot = between(rng, 0.055, 0.065) * scale;
    let crown = between(rng, 0.08, 0.1) * scale;
    let rim = 2.0 * pot;
    sketch.cylinder([0.0, 0.0], pot, [0.0, rim], CLAY);
    sketch.sphere(crown, rim + crown * 0.8, LEAF);
    sketch.round = true;
}

fn bin(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.12, 0.16), between(rng, 0.3, 0.42));
    sketch.cylinder([0.0, 0.0], radius, [0.0, height], varied(rng, SLATE));
    sketch.round = true;
}

fn ball(sketch: &mut Sketch, rng: &mut impl Rng) {
    let radius = between(rng, 0.1, 0.14);
    let leather = paint([0.85, 0.40, 0.12], Texture::Checker(0.08));
    sketch.sphere(radius, radius, leather);
    sketch.round = true;
}

fn carton(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 0.35, 0.55), between(rng, 0.28, 0.4)];
    let height = between(rng, 0.22, 0.4);
    let board = varied(rng, paint([0.66, 0.50, 0.32], Texture::Stripes(0.11)));
    sketch.block([0.0, 0.0], size, [0.0, height], board);
}

fn pouf(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.22, 0.3), between(rng, 0.35, 0.42));
    let wool = varied(rng, paint([0.55, 0.25, 0.45], Texture::Stripes(0.08)));
    sketch.cylinder([0.0, 0.0], radius, [0.0, height], wool);
    sketch.round = true;
}

fn cup(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.038, 0.048), between(rng, 0.09, 0.12));
    let glaze = varied(rng, paint([0.90, 0.90, 0.92], Texture::Stripes(0.04)));
    sketch.cylinder([0.0, 0.0], radius, [0.0, height], glaze);
    sketch.round = true;
}

fn bottle(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.034, 0.042), between(rng, 0.23, 0.29));
    let glass = varied(rng, paint([0.14, 0.42, 0.28], Texture::Plain));
    let shoulder = height * 0.65;
    sketch.cylinder([0.0, 0.0], radius, [0.0, shoulder], glass);
    sketch.cylinder([0.0, 0.0], radius * 0.4, [shoulder, height - 0.02], glass);
    sketch.cylinder([0.0, 0.0], radius * 0.45, [height - 0.02, height], CREAM);
    sketch.round = true;
}

fn book(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 0.2, 0.26), between(rng, 0.14, 0.18)];
    let height = between(rng, 0.02, 0.045);
    let cover = varied(rng, paint([0.70, 0.16, 0.20], Texture::Stripes(0.07)));
    sketch.block([0.0, 0.0], size, [0.0, height], cover);
}

/// A flat piece of these sizes, give or take a tenth of its plan.
fn slab(sketch: &mut Sketch, rng: &mut impl Rng, size: [f64; 3], paint: Paint) {
    let gain = between(rng, 0.9, 1.1);
    let plan = [size[0] * gain, size[1] * gain];
    sketch.block([0.0, 0.0], plan, [0.0, size[2]], paint);
}

fn bowl(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.08, 0.11), between(rng, 0.055, 0.075));
    let glaze = varied(rng, paint([0.24, 0.50, 0.66], Texture::Checker(0.04)));
    sketch.cylinder([0.0, 0.0], radius * 0.5, [0.0, 0.012], glaze);
    sketch.cylinder([0.0, 0.0], radius, [0.012, height], glaze);
    sketch.round = true;
}

fn clock(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 0.16, 0.22), between(rng, 0.07, 0.09)];
    let height = between(rng, 0.15, 0.22);
    let face = paint([0.92, 0.82, 0.40], Texture::Checker(0.05));
    sketch.block([0.0, 0.0], size, [0.0, height], face);
}

fn toy_cube(sketch: &mut Sketch, rng: &mut impl Rng) {
    let side = between(rng, 0.07, 0.1);
    let wood = varied(rng, paint([0.92, 0.74, 0.14], Texture::Checker(0.035)));
    sketch.block([0.0, 0.0], [side, side], [0.0, side], wood);
}

fn keyboard(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 0.42, 0.46), between(rng, 0.13, 0.16)];
    let keys = paint([0.30, 0.30, 0.32], Texture::Checker(0.019));
    sketch.block([0.0, 0.0], size, [0.0, 0.028], keys);
}

fn laptop(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, w) = (between(rng, 0.31, 0.36), between(rng, 0.22, 0.25));
    let (x, y) = (l / 2.0, w / 2.0);
    sketch.cuboid([-x, x], [-y, y], [0.0, 0.018], STEEL);
    sketch.cuboid([-x, x], [y - 0.012, y], [0.018, w], STEEL);
    sketch.cuboid([-x + 0.01, x - 0.01], [y - 0.016, y - 0.012], [0.03, w - 0.01], SCREEN);
}

fn tray(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, w, h) = (between(rng, 0.36, 0.44), between(rng, 0.26, 0.31), between(rng, 0.035, 0.048));
    let (x, y, rim) = (l / 2.0, w / 2.0, 0.012);
    let tin = paint([0.26, 0.52, 0.42], Texture::Checker(0.05));
    sketch.cuboid([-x, x], [-y, y], [0.0, 0.01], tin);
    sketch.cuboid([-x, x], [-y, -y + rim], [0.01, h], tin);
    sketch.cuboid([-x, x], [y - rim, y], [0.01, h], tin);
    sketch.cuboid([-x, -x + rim], [-y + rim, y - rim], [0.01, h], tin);
    sketch.cuboid([x - rim, x], [-y + rim, y - rim], [0.01, h], tin);
}

fn monitor(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, h) = (between(rng, 0.5, 0.6), between(rng, 0.42, 0.48));
    let bottom = h - l * 0.58;
    sketch.block([0.0, 0.0], [0.24, 0.18], [0.0, 0.015], CHARCOAL);
    sketch.block([0.0, 0.03], [0.05, 0.03], [0.015, bottom + 0.1], CHARCOAL);
    sketch.block([0.0, 0.0], [l, 0.03], [bottom, h], CHARCOAL);
    let inner = [bottom + 0.02, h - 0.02];
    sketch.block([0.0, -0.0175], [l - 0.04, 0.005], inner, SCREEN);
}

fn desk_lamp(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.09, 0.12), between(rng, 0.36, 0.46));
    sketch.cylinder([0.0, 0.0], 0.08, [0.0, 0.02], STEEL);
    sketch.cylinder([0.0, 0.0], 0.012, [0.02, height - 0.14], STEEL);
    let shade = varied(rng, paint([0.90, 0.66, 0.30], Texture::Plain));
    sketch.cylinder([0.0, 0.0], radius, [height - 0.14, height], shade);
    sketch.round = true;
}

fn vase(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (radius, height) = (between(rng, 0.055, 0.075), between(rng, 0.2, 0.28));
    let glaze = varied(rng, paint([0.36, 0.30, 0.66], Texture::Stripes(0.09)));
    sketch.cylinder([0.0, 0.0], radius, [0.0, height * 0.7], glaze);
    sketch.cylinder([0.0, 0.0], radius * 0.55, [height * 0.7, height], glaze);
    sketch.round = true;
}

fn speaker(sketch: &mut Sketch, rng: &mut impl Rng) {
    let size = [between(rng, 0.15, 0.18), between(rng, 0.16, 0.19)];
    let height = between(rng, 0.24, 0.29);
    let felt = paint([0.22, 0.20, 0.20], Texture::Speckle(0.015));
    sketch.block([0.0, 0.0], size, [0.0, height], felt);
}

fn picture(sketch: &mut Sketch, rng: &mut impl Rng) {
    let (l, h) = (between(rng, 0.5, 0.85), between(rng, 0.4, 0.6));
    let motif = one_of(
        rng,
        &[
            paint([0.80, 0.55, 0.30], Texture::Checker(0.12)),
            paint([0.35, 0.60, 0.55], Texture::Speckle(0.08)),
            paint([0.70, 0.40, 0.50], Texture::Stripes(0.16)),
        ],
    );
    let x = l / 2.0;
    sketch.cuboid([-x, x], [-0.01, 0.01], [0.0, h], WALNUT);
    sketch.cuboid([-x + 0.03, x - 0.03], [-0.015, -0.01], [0.03, h - 0.03], motif);
}

fn television(sketch: &mut Sketch, rng: &mut impl Rng) {
    let l = between(rng, 0.95, 1.2);
    let (x, h) = (l / 2.0, l * 0.57);
    sketch.cuboid([-x, x], [-0.02, 0.02], [0.0, h], CHARCOAL);
    sketch.cuboid([-x + 0.02, x - 0.02], [-0.024, -0.02], [0.02, h - 0.02], SCREEN);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    const KINDS: [Kind; 34] = [
        Kind::Table,
        Kind::Desk,
        Kind::CoffeeTable,
        Kind::Chair,
        Kind::Stool,
        Kind::Sofa,
        Kind::Armchair,
        Kind::Shelf,
        Kind::Cabinet,
        Kind::FloorLamp,
        Kind::FloorPlant,
        Kind::Bin,
        Kind::Ball,
        Kind::Carton,
        Kind::Pouf,
        Kind::Cup,
        Kind::Bottle,
        Kind::Book,
        Kind::Phone,
        Kind::Bowl,
        Kind::Clock,
        Kind::Plant,
        Kind::ToyCube,
        Kind::Remote,
        Kind::Keyboard,
        Kind::Laptop,
        Kind::Tablet,
        Kind::Tray,
        Kind::Monitor,
        Kind::DeskLamp,
        Kind::Vase,
        Kind::Speaker,
        Kind::Picture,
        Kind::Television,
    ];

    #[test]
    fn every_model_is_centred_on_its_base_and_longer_than_wide() {
        for kind in KINDS {
            for seed in 0..30 {
                let model = kind.build(&mut Pcg64Mcg::seed_from_u64(seed));
                let (low, high) = bounds(&model.parts);
                let [l, w, h] = model.size;
                assert!(l >= w && w > 0.0 && h > 0.0, "{kind:?} {:?}", model.size);
                let expected = Vector3::new(l / 2.0, w / 2.0, h);
                assert!((high - expected).norm() < 1e-12, "{kind:?}");
                assert!((low + Vector3::new(l / 2.0, w / 2.0, 0.0)).norm() < 1e-12);
            }
        }
    }

    #[test]
    fn each_label_is_listed_once_and_used() {
        for (index, label) in LABELS.iter().enumerate() {
            assert!(!LABELS[..index].contains(label), "{label} twice");
            assert!(KINDS.iter().any(|kind| kind.label() == *label), "{label}");
        }
        assert!(KINDS.iter().all(|kind| LABELS.contains(&kind.label())));
    }

    #[test]
    fn a_round_model_has_no_corner_outside_its_disc() {
        for kind in KINDS {
            let model = kind.build(&mut Pcg64Mcg::seed_from_u64(7));
            if !model.round {
                continue;
            }
            assert_eq!(model.size[0], model.size[1], "{kind:?}");
            for part in &model.parts {
                let half = part.shape.half_extents();
                let reach = match part.shape {
                    Shape::Cuboid { .. } => (part.centre.xy().abs() + half.xy()).norm(),
                    _ => part.centre.xy().norm() + half.x,
                };
                assert!(reach <= model.size[0] / 2.0 + 1e-12, "{kind:?}");
            }
        }
    }
}
