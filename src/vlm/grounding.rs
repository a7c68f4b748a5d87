//! Boxes and points in a reply's text: back to the picture, and up to the world.
//!
//! Families write places in their own ways ([`Convention`]), and always of the picture as the model was given it: resized,
//! padded, cropped. [`read`] finds them in the text and takes them back through the inverse of the very map that prepared
//! the picture ([`Fit`]), so that a box on a picture that is not square lies where the model saw it. [`lift`] takes one of
//! them through depth to a box in the world.
//!
//! What comes back is in pixels of the original picture, counted from its edges: pixel u covers u to u + 1. Boxes are cut
//! off where the picture ends. What cannot be meant (corners the wrong way round, three numbers for a box, a place beyond
//! the picture, a tag that is not closed) is told with the line it stands on, and the rest is read on.
//!
//! **Lifting** is what a detector's box would go through ([`crate::lift`]): depth tells the thing in the box from what is
//! behind it, and an upright box is fitted to its points. It ends where the camera saw the thing end: a cupboard seen from
//! the front is as deep as what shows of its sides, and what is hidden is not made up. For a point the pixels are taken
//! that hang together with it in depth, floor and known walls left out, no farther than [`POINT_REACH_M`].
//!
//! Not here: which convention a model has (its folder says), and the boxes that a reply tells of the world by itself
//! ([`crate::vlm::constraint::BoxesText`]).

mod planes;

use self::planes::Planes;
use super::constraint::Box7Dof;
use crate::cogmap::MAX_TEXT_BYTES;
use crate::cogmap::tolerant::{Reader, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{DepthGrid, DepthNoise, Frame, Intrinsics, Mask, MetricZ, Pose, Registrar};
use crate::geom::OrientedBox;
use crate::graph::{MAX_REJECTED, Rejected};
use crate::lift::{
    Cloud, Detection, FitOptions, FitScratch, LiftScratch, LiftView, Lifted, Source, WallLine, YawSearch, fit_box,
    lift as lift_detections,
};
use crate::prepare::Fit;
use nalgebra::{Matrix3, Point3, Vector3};

/// The most places of one text.
pub const MAX_FOUND: usize = 4096;

/// Of a thing that is pointed at nothing farther from the point is taken, metres.
pub const POINT_REACH_M: f64 = 1.5;

/// The largest number that is taken for a coordinate.
const MAX_COORDINATE: f64 = 1e6;

/// So near a known plane a pixel belongs to it, metres.
const ON_PLANE_M: f64 = 0.025;

/// A thing whose lowest point is so far above a level, and this share of its height more, stands on it, metres.
const STANDS_GAP_M: f64 = 0.05;
const STANDS_SHARE: f64 = 0.1;

/// A tag, and what stands between two, is looked for so many bytes ahead.
const TAG_BYTES: usize = 1024;

/// Depth is looked for so many pixels round a point.
const POINT_WINDOW_PX: i64 = 3;

/// How a family of models writes places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Convention {
    /// Qwen2-VL: `<|object_ref_start|>a chair<|object_ref_end|><|box_start|>(x1,y1),(x2,y2)<|box_end|>`, thousandths of
    /// the sides. Without the tags, which are special tokens, too; a label is then the words in front.
    ThousandthTags,
    /// Qwen2.5-VL: `[{"bbox_2d":[x1,y1,x2,y2],"label":"chair"}]` or `"point_2d":[x,y]`, in pixels of the network's input;
    /// in a code block or not.
    PixelJson,
    /// Qwen3-VL: the same in thousandths of the sides.
    ThousandthJson,
    /// The same in shares of the sides, 0 to 1, or bare lists `[x1,y1,x2,y2]` and `[x,y]`, as LLaVA writes.
    Shares,
    /// Molmo: `<point x="10.5" y="20.0" alt="chair">chair</point>`, `<points x1=… y1=… x2=…>`, percent of the sides.
    PercentTags,
    /// PaliGemma: `<loc0123><loc0456><loc0789><loc1000> chair`: top, left, bottom, right in 1024ths of the sides; several
    /// with `;` between.
    LocTags,
}

/// Where something is in a picture: pixels counted from its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Region {
    /// Left, top, right, bottom.
    Box([f64; 4]),
    /// x and y.
    Point([f64; 2]),
}

/// Something that a reply says is in the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounded2d {
    /// What the reply calls it; empty if it does not.
    pub label: String,
    /// Where it is in the original picture.
    pub region: Region,
}

/// What was read of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroundedText {
    /// The places, in the order of the text.
    pub found: Vec<Grounded2d>,
    /// The first [`MAX_REJECTED`] that were left out.
    pub rejected: Vec<Rejected>,
    /// How many were left out in all.
    pub rejected_in_all: usize,
}

/// Reads all places of a reply about one picture, which lies in what the model was given as `placed` says.
///
/// Refused is only a text that is too long; what is wrong with single places is told in [`GroundedText::rejected`].
pub fn read(text: &str, convention: Convention, placed: &Fit) -> Result<GroundedText> {
    if text.len() > MAX_TEXT_BYTES {
        let length = text.len();
        return Err(Error::argument(format!("reply has {length} bytes, expected at most {MAX_TEXT_BYTES}")));
    }
    let mut gathered =
        Gathered { text, placed, unit: convention.unit(placed), counted: (0, 1), read: GroundedText::default() };
    match convention {
        Convention::ThousandthTags => read_pairs(&mut gathered),
        Convention::PixelJson | Convention::ThousandthJson => read_json(&mut gathered, false),
        Convention::Shares => read_json(&mut gathered, true),
        Convention::PercentTags => read_points(&mut gathered),
        Convention::LocTags => read_locs(&mut gathered),
    }
    Ok(gathered.read)
}

/// Lifts what a reply found through the depth of the same picture, which must show the room's planes by itself: see
/// [`lift_in`].
///
/// `depth` has the picture's pixels, `intrinsics` are those of the picture, `world_from_camera` leads to a world with Z
/// up. An error: a size that does not fit, or too little depth where the thing is.
pub fn lift(
    found: &Grounded2d,
    depth: &MetricZ<'_>,
    intrinsics: &Intrinsics,
    world_from_camera: &Pose,
) -> Result<Box7Dof> {
    let frame = Frame {
        colour: None,
        depth: *depth,
        intrinsics: *intrinsics,
        depth_camera: None,
        world_from_camera: *world_from_camera,
        stamp_ns: 0,
        camera_id: 0,
    };
    let mut grid = DepthGrid::default();
    Registrar::default().register(&frame, &mut grid)?;
    let noise = DepthNoise::default();
    let planes = Planes::of(&grid, world_from_camera, &noise);
    let view = LiftView {
        grid: &grid,
        world_from_camera,
        noise: &noise,
        level_heights_m: &planes.heights_m,
        floor_m: planes.floor_m,
        walls: &planes.walls,
    };
    lift_in(found, &view)
}

/// Lifts what a reply found to an upright box in the world of `view`, whose known floor, tables and walls tell the thing
/// from what it stands on and hangs at.
pub fn lift_in(found: &Grounded2d, view: &LiftView<'_>) -> Result<Box7Dof> {
    let named = |error: Error| error.within(format!("\"{}\"", found.label));
    let mask;
    let (bbox, mask) = match found.region {
        Region::Box(edges) => (edges.map(|edge| edge as f32), None),
        Region::Point(point) => {
            mask = around(point, view).map_err(named)?;
            let [x, y, width, height] = [mask.x, mask.y, mask.width, mask.height].map(|side| side as f32);
            ([x, y, x + width, y + height], Some(mask.view()?))
        }
    };
    // A label of some kind: what is lifted is called after the reply, not after the detection.
    let detection = Detection { label: "thing", score: 1.0, bbox, mask, feature: None };
    detection.check().map_err(named)?;
    let (mut lifted, mut scratch) = (Lifted::default(), LiftScratch::default());
    lift_detections(view, &[detection], &mut lifted, &mut scratch);
    let obb = lifted.observations.first().and_then(|seen| {
        let points = &lifted.points[seen.first..seen.first + seen.count];
        let sigma_m = view.noise.sigma_m(f64::from(seen.depth_m)) as f32;
        let reach = (0..3).map(|k| seen.high[k] - seen.low[k]).fold(0.0, f32::max);
        let camera_in_world = Point3::from(view.world_from_camera.translation.vector);
        let mut cloud = Cloud::new(camera_in_world + Vector3::from(seen.mean.map(f64::from)), reach, sigma_m);
        let source = Source { frame: 0, keyframe: 0, sigma_m };
        for p in points {
            cloud.insert(std::array::from_fn(|k| p[k] - seen.mean[k]), &source);
        }
        let ray = Vector3::from(seen.mean).try_normalize(1e-6)?;
        let noise_m2: Matrix3<f32> = ray * ray.transpose() * (sigma_m * sigma_m);
        let options = FitOptions { noise_m2, yaw: YawSearch::Everywhere, least_frames: 1 };
        fit_box(&cloud, &options, &mut FitScratch::default())
    });
    match obb {
        Some(fit) => Ok(Box7Dof::of(&found.label, &settled(&fit.obb, view))),
        None => Err(named(Error::new(ErrorKind::State, "there is too little depth where it is seen"))),
    }
}

/// The box with its bottom on the highest known level that is close under it.
fn settled(obb: &OrientedBox, view: &LiftView<'_>) -> OrientedBox {
    let (low, high) = (obb.centre.z - 0.5 * obb.size.z, obb.centre.z + 0.5 * obb.size.z);
    let gap = STANDS_GAP_M + STANDS_SHARE * obb.size.z;
    let levels = view.level_heights_m.iter().copied().chain(view.floor_m);
    let under = levels.filter(|level| (low - gap..low + ON_PLANE_M).contains(level) && high - level > 0.01);
    let Some(bottom) = under.reduce(f64::max) else { return *obb };
    let mut settled = *obb;
    (settled.size.z, settled.centre.z) = (high - bottom, 0.5 * (high + bottom));
    settled
}

impl Convention {
    /// Pixels of the network's input per unit of the text, along x and y.
    fn unit(self, placed: &Fit) -> [f64; 2] {
        let whole = match self {
            Self::PixelJson => return [1.0, 1.0],
            Self::ThousandthTags | Self::ThousandthJson => 1000.0,
            Self::Shares => 1.0,
            Self::PercentTags => 100.0,
            Self::LocTags => 1024.0,
        };
        let (width, height) = placed.network();
        [width as f64 / whole, height as f64 / whole]
    }
}

/// What was found so far, and what takes it back to the picture.
struct Gathered<'t> {
    text: &'t str,
    placed: &'t Fit,
    unit: [f64; 2],
    /// A byte of the text and the line it is on.
    counted: (usize, usize),
    read: GroundedText,
}

impl Gathered<'_> {
    /// Takes in what stands at byte `at`: 4 numbers for a box, 2 for a point.
    fn take(&mut self, at: usize, label: &str, numbers: &[f64]) {
        match self.region(numbers) {
            Ok(_) if self.read.found.len() == MAX_FOUND => self.reject(at, format!("more than {MAX_FOUND} places")),
            Ok(region) => self.read.found.push(Grounded2d { label: label.trim().to_owned(), region }),
            Err(reason) => self.reject(at, reason),
        }
    }

    fn reject(&mut self, at: usize, reason: String) {
        let (from, line) = self.counted;
        if at >= from {
            self.counted = (at, line + self.text[from..at].matches('\n').count());
        }
        self.read.rejected_in_all += 1;
        if self.read.rejected.len() < MAX_REJECTED {
            self.read.rejected.push(Rejected { line: self.counted.1, reason });
        }
    }

    fn region(&self, numbers: &[f64]) -> std::result::Result<Region, String> {
        if let Some(wild) = numbers.iter().find(|number| number.abs().is_nan() || number.abs() > MAX_COORDINATE) {
            return Err(format!("{wild} is no coordinate"));
        }
        let [unit_x, unit_y] = self.unit;
        let (width, height) = self.placed.from();
        match *numbers {
            [x1, y1, x2, y2] => {
                if x1 >= x2 || y1 >= y2 {
                    return Err(format!("box ({x1}, {y1}) to ({x2}, {y2}) has no inside"));
                }
                let edges = [x1 * unit_x, y1 * unit_y, x2 * unit_x, y2 * unit_y];
                let [left, top, right, bottom] = self.placed.box_to_source(edges);
                if left >= right || top >= bottom {
                    return Err(format!("box ({x1}, {y1}) to ({x2}, {y2}) lies beyond the picture"));
                }
                Ok(Region::Box([left, top, right, bottom]))
            }
            [x, y] => {
                // Edges are half a pixel before the middles that `to_source` counts from.
                let (u, v) = self.placed.to_source(x * unit_x - 0.5, y * unit_y - 0.5);
                let (u, v) = (u + 0.5, v + 0.5);
                let inside = (0.0..=width as f64).contains(&u) && (0.0..=height as f64).contains(&v);
                if inside {
                    Ok(Region::Point([u, v]))
                } else {
                    Err(format!("point ({x}, {y}) lies beyond the picture"))
                }
            }
            _ => Err(format!("{} numbers, expected 4 of a box or 2 of a point", numbers.len())),
        }
    }
}

// Qwen2-VL.

fn read_pairs(gathered: &mut Gathered<'_>) {
    let text = gathered.text;
    let mut at = 0;
    // What stands since the last place: the label, once its tags are gone.
    let mut label_from = 0;
    while let Some(found) = text[at..].find(['(', '<']) {
        at += found;
        let rest = &text[at..];
        if let Some(tagged) = rest.strip_prefix("<|box_start|>") {
            let tagged = head(tagged);
            let inside = tagged.split("<|box_end|>").next().unwrap_or(tagged);
            let inside = inside.split("<|box_start|>").next().unwrap_or(inside);
            let label = label_before(tail(&text[label_from..at]));
            match pairs(inside) {
                Some((numbers, used)) if inside[used..].trim().is_empty() && tagged.len() > inside.len() => {
                    gathered.take(at, label, &numbers);
                }
                _ => gathered.reject(at, "what is between the tags of a box is not (x1,y1),(x2,y2)".into()),
            }
            at += "<|box_start|>".len() + inside.len();
            label_from = at;
        } else if let Some((numbers, used)) = pairs(rest).filter(|(numbers, _)| numbers.len() == 4) {
            gathered.take(at, label_before(tail(&text[label_from..at])), &numbers);
            at += used;
            label_from = at;
        } else {
            at += 1;
        }
    }
}

/// `(a,b)` or `(a,b),(c,d)` at the beginning, and how many bytes that is.
fn pairs(text: &str) -> Option<(Vec<f64>, usize)> {
    let one = |text: &str| {
        let start = if text.starts_with(' ') { 1 } else { 0 };
        let inside = head(text[start..].strip_prefix('(')?);
        let end = inside.find(')')?;
        let (x, y) = inside[..end].split_once(',')?;
        Some(([x.trim().parse::<f64>().ok()?, y.trim().parse::<f64>().ok()?], start + end + 2))
    };
    let (first, used) = one(text)?;
    let comma = text[used..].strip_prefix(',').map(|rest| text.len() - rest.len());
    match comma.and_then(|from| one(&text[from..]).map(|(second, more)| (second, from + more))) {
        Some((second, used)) => Some(([first, second].concat(), used)),
        None => Some((first.to_vec(), used)),
    }
}

/// The words of a label: between its tags, else the last line in front of a place.
fn label_before(text: &str) -> &str {
    if let Some((_, tagged)) = text.rsplit_once("<|object_ref_start|>") {
        return tagged.split("<|object_ref_end|>").next().unwrap_or(tagged);
    }
    let text = text.rsplit_once("|>").map_or(text, |(_, rest)| rest);
    let line = text.trim_end().rsplit('\n').next().unwrap_or("");
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '-'))
}

/// The first bytes, [`TAG_BYTES`] of them: what is looked at from every place of a text must not be all the rest of it.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(TAG_BYTES)]
}

/// The last bytes, as many.
fn tail(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(TAG_BYTES))..]
}

// Qwen2.5-VL, Qwen3-VL, LLaVA.

fn read_json(gathered: &mut Gathered<'_>, takes_lists: bool) {
    let text = gathered.text;
    let mut reader = Reader::of_lines(text, "the reply");
    let mut at = 0;
    while let Some(found) = text[at..].find(|c| c == '{' || (takes_lists && (c == '[' || c == '('))) {
        at += found;
        let value = reader.read_at(at);
        let mut was_place = true;
        match &value {
            Ok(Value::List(_)) => match value.as_ref().ok().and_then(numbers_of) {
                Some(numbers) if matches!(numbers.len(), 2 | 4) => gathered.take(at, "", &numbers),
                _ => was_place = false,
            },
            Ok(record) => match place_of(record) {
                Some(place) => match numbers_of(place) {
                    Some(numbers) => gathered.take(at, label_of(record), &numbers),
                    None => gathered.reject(at, "a place is not a list of numbers".into()),
                },
                None => was_place = false,
            },
            Err(_) if reader.is_spent() => gathered.reject(at, "the text is too tangled to read on".into()),
            Err(error) if text[at + 1..].trim_start().starts_with(['"', '\'']) => {
                gathered.reject(at, error.to_string());
                was_place = false;
            }
            Err(_) => was_place = false,
        }
        if reader.is_spent() {
            break;
        }
        at = if was_place { reader.at().max(at + 1) } else { at + 1 };
    }
}

fn place_of(record: &Value) -> Option<&Value> {
    ["bbox_2d", "point_2d", "bbox", "box", "point"].iter().find_map(|key| record.field(key))
}

fn label_of(record: &Value) -> &str {
    ["label", "name"]
        .iter()
        .find_map(|key| match record.field(key) {
            Some(Value::Text(label)) => Some(label.as_str()),
            _ => None,
        })
        .unwrap_or("")
}

/// The numbers of a list, also of a list of pairs.
fn numbers_of(value: &Value) -> Option<Vec<f64>> {
    let Value::List(values) = value else { return None };
    let mut numbers = Vec::new();
    for value in values.iter().take(8) {
        match value {
            Value::Number(number) => numbers.push(*number),
            Value::List(pair) => match pair.as_slice() {
                [Value::Number(x), Value::Number(y)] => numbers.extend([*x, *y]),
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(numbers)
}

// Molmo.

fn read_points(gathered: &mut Gathered<'_>) {
    let text = gathered.text;
    let mut at = 0;
    while let Some(found) = text[at..].find("<point") {
        at += found;
        let rest = &text[at + "<point".len()..];
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        let Some(end) = head(rest).find('>').filter(|_| rest.starts_with(char::is_whitespace)) else {
            gathered.reject(at, "a tag of a point is not closed".into());
            at += 1;
            continue;
        };
        let attributes = attributes(&rest[..end]);
        let alt = attributes.iter().find(|(key, _)| *key == "alt").map(|(_, value)| *value);
        let label = alt.or_else(|| head(&rest[end + 1..]).split('<').next()).unwrap_or("");
        let number = |key: &str| attributes.iter().find(|(name, _)| *name == key)?.1.trim().parse::<f64>().ok();
        let mut any = false;
        for (key, _) in &attributes {
            let Some(which) = key.strip_prefix('x').filter(|which| which.bytes().all(|b| b.is_ascii_digit())) else {
                continue;
            };
            any = true;
            match (number(key), number(&format!("y{which}"))) {
                (Some(x), Some(y)) => gathered.take(at, label, &[x, y]),
                _ => gathered.reject(at, format!("point {key} lacks a number")),
            }
        }
        if !any {
            gathered.reject(at, "a tag of a point has no x".into());
        }
        at = text.len() - rest.len() + end;
    }
}

/// `key="value"` or `key='value'`, as many as there are.
fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((value, more)) = after[1..].split_once(quote) else { break };
        found.push((key.trim(), value));
        rest = more;
    }
    found
}

// PaliGemma.

fn read_locs(gathered: &mut Gathered<'_>) {
    let text = gathered.text;
    let mut at = 0;
    while let Some(found) = text[at..].find("<loc") {
        at += found;
        let (mut numbers, mut end) = (Vec::new(), at);
        while let Some((number, used)) = loc(&text[end..]) {
            numbers.push(number);
            end += used;
        }
        let label = head(&text[end..]).split([';', '<', '\n']).next().unwrap_or("");
        match *numbers.as_slice() {
            [top, left, bottom, right] => gathered.take(at, label, &[left, top, right, bottom]),
            [y, x] => gathered.take(at, label, &[x, y]),
            _ => gathered.reject(at, format!("{} places in a row, expected 4 of a box or 2 of a point", numbers.len())),
        }
        at = end.max(at + 1);
    }
}

/// `<loc0123>` at the beginning.
fn loc(text: &str) -> Option<(f64, usize)> {
    let digits = text.strip_prefix("<loc")?.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    text[8..].starts_with('>').then(|| digits.parse().ok().map(|number| (number, 9)))?
}

/// The pixels that hang together in depth with the one at `point`, planes that are known and not its own left out.
fn around([x, y]: [f64; 2], view: &LiftView<'_>) -> Result<Mask> {
    let grid = view.grid;
    let clamp = |at: f64, side: usize| (at.floor().max(0.0) as usize).min(side.saturating_sub(1));
    let (u, v) = (clamp(x, grid.width), clamp(y, grid.height));
    let Some(seed) = nearest_with_depth(grid, u, v) else {
        return Err(Error::new(ErrorKind::State, "there is no depth at the point"));
    };
    let plane = |at: usize| plane_of(view, at);
    let (own, middle) = (plane(seed), grid.point(seed % grid.width, seed / grid.width));
    let Some(middle) = middle.map(|p| Point3::from(p.map(f64::from))) else {
        return Err(Error::new(ErrorKind::State, "there is no depth at the point"));
    };
    let seed_height_m = (view.world_from_camera * middle).z;
    let is_of_it = |at: usize| match (own, plane(at)) {
        (Some(Plane::Level(a)), Some(Plane::Level(b))) => b >= a,
        (None | Some(Plane::Level(_)), None) => true,
        // What is level above the point may be the thing's own top, what is below carries it.
        (None, Some(Plane::Level(height_m))) => height_m > seed_height_m,
        (own, plane) => own == plane,
    };
    let mut data = vec![0u8; grid.width * grid.height];
    let mut open = vec![seed];
    data[seed] = 1;
    let (mut low, mut high) = ([usize::MAX; 2], [0usize; 2]);
    while let Some(at) = open.pop() {
        let (u, v) = (at % grid.width, at / grid.width);
        low = [low[0].min(u), low[1].min(v)];
        high = [high[0].max(u), high[1].max(v)];
        let z = grid.z[at];
        let tolerance = 3.0 * view.noise.sigma_m(f64::from(z)) as f32 + 0.012 * z;
        let neighbours = [
            (u > 0).then(|| at - 1),
            (u + 1 < grid.width).then(|| at + 1),
            (v > 0).then(|| at - grid.width),
            (v + 1 < grid.height).then(|| at + grid.width),
        ];
        for next in neighbours.into_iter().flatten() {
            let Some(p) = grid.point(next % grid.width, next / grid.width).filter(|_| data[next] == 0) else {
                continue;
            };
            let is_near = nalgebra::distance(&Point3::from(p.map(f64::from)), &middle) <= POINT_REACH_M;
            if is_near && (grid.z[next] - z).abs() <= tolerance && is_of_it(next) {
                data[next] = 1;
                open.push(next);
            }
        }
    }
    let (width, height) = (high[0] - low[0] + 1, high[1] - low[1] + 1);
    let rows = (low[1]..=high[1]).flat_map(|v| &data[v * grid.width + low[0]..][..width]);
    // Sides are at most MAX_SIDE_PX.
    Ok(Mask {
        data: rows.copied().collect(),
        x: low[0] as u32,
        y: low[1] as u32,
        width: width as u32,
        height: height as u32,
    })
}

fn nearest_with_depth(grid: &DepthGrid, u: usize, v: usize) -> Option<usize> {
    let window = -POINT_WINDOW_PX..=POINT_WINDOW_PX;
    let pixels = window.clone().flat_map(|dv| window.clone().map(move |du| (du, dv)));
    let inside = pixels.filter_map(|(du, dv)| {
        let (u, v) = (u.checked_add_signed(du as isize)?, v.checked_add_signed(dv as isize)?);
        (u < grid.width && v < grid.height).then_some((du * du + dv * dv, v * grid.width + u))
    });
    inside.filter(|&(_, at)| grid.z[at] > 0.0).min().map(|(_, at)| at)
}

/// A plane of the room.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Plane {
    Floor,
    /// With its height in the world, metres.
    Level(f64),
    /// With its number.
    Wall(usize),
}

/// Which known plane a pixel lies on, by its number.
fn plane_of(view: &LiftView<'_>, at: usize) -> Option<Plane> {
    let [x, y, z] = view.grid.point(at % view.grid.width, at / view.grid.width)?.map(f64::from);
    let p = view.world_from_camera * Point3::new(x, y, z);
    let tolerance_m = ON_PLANE_M + view.noise.sigma_m(z);
    let is_on = |height: &f64| (p.z - height).abs() <= tolerance_m;
    if view.floor_m.as_ref().is_some_and(is_on) {
        return Some(Plane::Floor);
    }
    let off = |wall: &WallLine| wall.normal[0] * p.x + wall.normal[1] * p.y - wall.offset_m;
    let along = |wall: &WallLine| wall.axis[0] * p.x + wall.axis[1] * p.y;
    let is_wall =
        |wall: &WallLine| off(wall).abs() <= tolerance_m && (wall.ends_m[0]..wall.ends_m[1]).contains(&along(wall));
    let wall = || view.walls.iter().position(is_wall).map(Plane::Wall);
    view.level_heights_m.iter().copied().find(|height| is_on(height)).map(Plane::Level).or_else(wall)
}

#[cfg(test)]
mod tests;
