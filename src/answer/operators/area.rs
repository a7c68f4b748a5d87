//! The area of the room.
//!
//! Of a complete list it is what is known, or the outlines of its floors. A floor that a robot saw is smaller than the
//! room: furniture hides its edges. So a floor that fills most of the rectangle round it (aligned with the walls, where
//! some were seen) is taken for a rectangular room, whose sides are where walls stand, if any stands near. Any
//! other shape counts with the outline that was seen.

use super::{Outcome, Work};
use crate::answer::draws::normal;
use crate::answer::reply::{Unknown, Value, Why};
use crate::geom::polygon::{area_m2, convex_hull, smallest_rectangle};
use crate::scene::{Snapshot, Support, SupportKind};

/// A floor that fills this share of the rectangle round it is taken for all of it.
const RECTANGULAR_FROM: f64 = 0.8;

/// A wall ends the floor when it is at most so far from the edge seen, metres.
const WALL_REACH_M: f64 = 1.2;

/// A wall is along an axis when its normal is within about 10 degrees.
const ALIGNED_COS: f64 = 0.985;

/// How well the place of a wall is known, metres.
const WALL_SIGMA_M: f64 = 0.02;

/// Names the numbers drawn for the four sides.
const SEED: u64 = u64::MAX;

/// A rectangle whose sides are known more or less.
struct Sides {
    low: [f64; 2],
    high: [f64; 2],
    /// Standard deviation of low x, low y, high x, high y.
    sigma_m: [f64; 4],
}

impl Work<'_> {
    pub(super) fn room_area(&mut self) -> Outcome {
        let options = self.facts.options;
        let outlines = outlines(self.facts.snapshot);
        let seen: f64 = outlines.iter().map(|outline| area_m2(outline).abs()).sum();
        let exact = |area: f64| self.measured(Value::Area(area), area, 1.0, |_| area);
        match options.room_area_m2 {
            Some(area) => return Ok(exact(area)),
            None if seen <= 0.0 => return Err(Unknown::new(Why::NotYetObserved, "no floor has been seen")),
            None if options.complete => return Ok(exact(seen)),
            None => {}
        }
        let edge_m = options.floor_edge_sigma_m;
        if let Some(sides) = rectangle(self.facts.snapshot, &outlines, edge_m) {
            let area = sides.area(|_| 0.0);
            return Ok(self.measured(Value::Area(area), area, 1.0, |k| sides.area(|side| normal(SEED, k, side))));
        }
        let edge_m = edge_m * 4.0 * seen.sqrt();
        Ok(self.measured(Value::Area(seen), seen, 1.0, |k| (seen + edge_m * normal(SEED, k, 0)).max(0.0)))
    }
}

impl Sides {
    fn area(&self, drawn: impl Fn(u64) -> f64) -> f64 {
        let side = |axis: usize| {
            let low = self.low[axis] + self.sigma_m[axis] * drawn(axis as u64);
            let high = self.high[axis] + self.sigma_m[axis + 2] * drawn(axis as u64 + 2);
            (high - low).max(0.0)
        };
        side(0) * side(1)
    }
}

fn outlines(snapshot: &Snapshot) -> Vec<Vec<[f64; 2]>> {
    let floors = snapshot.supports().iter().filter(|support| support.kind == SupportKind::Floor);
    floors.map(|floor| floor.polygon.iter().map(|p| [p.x, p.y]).collect()).collect()
}

/// The room as a rectangle, if the floor seen fills one.
fn rectangle(snapshot: &Snapshot, outlines: &[Vec<[f64; 2]>], edge_sigma_m: f64) -> Option<Sides> {
    let hull = convex_hull(outlines.concat());
    let walls: Vec<&Support> =
        snapshot.supports().iter().map(|s| &**s).filter(|s| s.kind == SupportKind::Wall).collect();
    let largest = walls.iter().max_by(|a, b| a.area_m2.total_cmp(&b.area_m2).then(b.id.cmp(&a.id)));
    let yaw_rad = match largest {
        Some(wall) => wall.normal.y.atan2(wall.normal.x),
        None => smallest_rectangle(&hull)?.2,
    };
    let (sin, cos) = yaw_rad.sin_cos();
    let axes = [[cos, sin], [-sin, cos]];
    let along = |p: &[f64; 2], axis: [f64; 2]| p[0] * axis[0] + p[1] * axis[1];
    let least = axes.map(|axis| hull.iter().map(|p| along(p, axis)).fold(f64::INFINITY, f64::min));
    let most = axes.map(|axis| hull.iter().map(|p| along(p, axis)).fold(f64::NEG_INFINITY, f64::max));
    let mut sides = Sides { low: least, high: most, sigma_m: [edge_sigma_m; 4] };
    if area_m2(&hull) < RECTANGULAR_FROM * sides.area(|_| 0.0) {
        return None;
    }
    for (k, axis) in axes.iter().enumerate() {
        // A normal points to where the wall was seen from: into the room.
        for (inward, side) in [(1.0, &mut sides.low[k]), (-1.0, &mut sides.high[k])] {
            let faces = |wall: &&&Support| inward * along(&[wall.normal.x, wall.normal.y], *axis) >= ALIGNED_COS;
            let places = walls.iter().filter(faces).map(|wall| inward * wall.offset_m);
            let near = places.filter(|place| (place - *side).abs() <= WALL_REACH_M);
            if let Some(place) = near.min_by(|a, b| (a - *side).abs().total_cmp(&(b - *side).abs())) {
                *side = place;
                sides.sigma_m[k + if inward > 0.0 { 0 } else { 2 }] = WALL_SIGMA_M;
            }
        }
    }
    Some(sides)
}
