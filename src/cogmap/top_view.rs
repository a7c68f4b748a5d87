//! The whole map from above: everything that is believed to be there, what carries and bounds it, and the camera's path.
//!
//! World +x is right and +y is up. Floors are pale, table tops darker, walls dark lines; things are their footprints with
//! names; the path goes through the kept frames and ends in an arrow at the camera. Costs the whole map: for people, not
//! for every frame.

use super::drawing::{Colour, Drawing, INK, WHITE, colour_of};
use crate::error::{Error, Result};
use crate::scene::{Snapshot, Support, SupportKind};
use image::RgbImage;
use nalgebra::Vector3;

/// The longest side of a top view, pixels; a scale that asks for more is lowered.
pub const MAX_VIEW_PX: u32 = 4096;

/// Pixels per metre of the SVG view, unless [`MAX_VIEW_PX`] lowers it.
const SVG_PX_PER_M: f64 = 100.0;

/// Round the map, pixels.
const MARGIN_PX: f64 = 40.0;

const FLOOR: Colour = [241, 243, 245, 255];
const TABLE: Colour = [233, 219, 196, 160];
const WALL: Colour = [73, 80, 87, 255];
const PATH: Colour = [34, 139, 230, 255];

/// The map from above as an SVG document.
pub fn top_view_svg(snapshot: &Snapshot) -> String {
    drawing(snapshot, SVG_PX_PER_M).svg()
}

/// The map from above as pixels, at `px_per_m` pixels per metre or as many as fit [`MAX_VIEW_PX`] a side.
pub fn top_view_png(snapshot: &Snapshot, px_per_m: f64) -> Result<RgbImage> {
    if !(px_per_m > 0.0 && px_per_m.is_finite()) {
        return Err(Error::argument(format!("px_per_m is {px_per_m}, expected more than 0 and finite")));
    }
    Ok(drawing(snapshot, px_per_m).pixels())
}

/// From the world's ground to the sheet.
struct Sheet {
    low: [f64; 2],
    high: [f64; 2],
    px_per_m: f64,
}

impl Sheet {
    /// Holds every point; one metre square where there are none.
    fn holding(points: impl Iterator<Item = [f64; 2]>, px_per_m: f64) -> Self {
        let empty = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let (low, high) = points.fold(empty, |(low, high), p| {
            (std::array::from_fn(|k| low[k].min(p[k])), std::array::from_fn(|k| high[k].max(p[k])))
        });
        let (low, high) = if low[0] <= high[0] { (low, high) } else { ([-0.5; 2], [0.5; 2]) };
        let extent_m = (high[0] - low[0]).max(high[1] - low[1]).max(1e-3);
        let most = (f64::from(MAX_VIEW_PX) - 2.0 * MARGIN_PX - 1.0) / extent_m;
        Self { low, high, px_per_m: px_per_m.min(most) }
    }

    fn size_px(&self) -> [u32; 2] {
        std::array::from_fn(|k| ((self.high[k] - self.low[k]) * self.px_per_m + 2.0 * MARGIN_PX).ceil() as u32)
    }

    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [MARGIN_PX + (x - self.low[0]) * self.px_per_m, MARGIN_PX + (self.high[1] - y) * self.px_per_m]
    }
}

fn drawing(snapshot: &Snapshot, px_per_m: f64) -> Drawing {
    let footprints: Vec<_> = snapshot.objects().map(|object| (object, object.obb.footprint())).collect();
    let path: Vec<[f64; 2]> = camera_path(snapshot);
    let supports = || snapshot.supports().iter().flat_map(|support| outline(support));
    let things = footprints.iter().flat_map(|(_, footprint)| footprint.iter().copied());
    let sheet = Sheet::holding(things.chain(path.iter().copied()).chain(supports()), px_per_m);
    let [width, height] = sheet.size_px();
    let mut drawing = Drawing::new(width, height);
    draw_supports(&mut drawing, snapshot, &sheet);
    for (object, footprint) in &footprints {
        let points: Vec<_> = footprint.iter().map(|p| sheet.place(*p)).collect();
        drawing.outlined(points, colour_of(object.id.0, 110), 2.0, colour_of(object.id.0, 255));
    }
    drawing.line(path.iter().map(|p| sheet.place(*p)).collect(), 2.0, PATH);
    draw_camera(&mut drawing, snapshot, &sheet);
    draw_scale(&mut drawing, &sheet, [width, height]);
    for (object, _) in &footprints {
        drawing.name(sheet.place([object.obb.centre.x, object.obb.centre.y]), &object.name, INK);
    }
    drawing
}

fn outline(support: &Support) -> Vec<[f64; 2]> {
    support.polygon.iter().map(|p| [p.x, p.y]).filter(|p| p.iter().all(|m| m.is_finite())).collect()
}

fn camera_path(snapshot: &Snapshot) -> Vec<[f64; 2]> {
    let kept = snapshot.keyframes().map(|keyframe| keyframe.world_from_camera);
    let now = (snapshot.frames() > 0).then(|| snapshot.world_from_camera());
    kept.chain(now).map(|pose| [pose.translation.vector.x, pose.translation.vector.y]).collect()
}

fn draw_supports(drawing: &mut Drawing, snapshot: &Snapshot, sheet: &Sheet) {
    for kind in [SupportKind::Floor, SupportKind::Table, SupportKind::Wall] {
        for support in snapshot.supports().iter().filter(|support| support.kind == kind) {
            let mut points: Vec<_> = outline(support).into_iter().map(|p| sheet.place(p)).collect();
            match kind {
                SupportKind::Floor => drawing.outlined(points, FLOOR, 1.0, [206, 212, 218, 255]),
                SupportKind::Table => drawing.outlined(points, TABLE, 1.0, [166, 124, 82, 255]),
                SupportKind::Wall => {
                    points.extend(points.first().copied());
                    drawing.line(points, 3.0, WALL);
                }
            }
        }
    }
}

fn draw_camera(drawing: &mut Drawing, snapshot: &Snapshot, sheet: &Sheet) {
    let newest = if snapshot.frames() > 0 {
        Some(snapshot.world_from_camera())
    } else {
        snapshot.keyframes().last().map(|keyframe| keyframe.world_from_camera)
    };
    let Some(world_from_camera) = newest else { return };
    let [x, y] = sheet.place([world_from_camera.translation.vector.x, world_from_camera.translation.vector.y]);
    let axis = world_from_camera.rotation * Vector3::z();
    let length = axis.x.hypot(axis.y).max(1e-6);
    // The sheet's y runs down.
    let (fx, fy) = (axis.x / length, -axis.y / length);
    let at = |ahead: f64, aside: f64| [x + fx * ahead - fy * aside, y + fy * ahead + fx * aside];
    drawing.outlined(vec![at(16.0, 0.0), at(-10.0, 9.0), at(-5.0, 0.0), at(-10.0, -9.0)], PATH, 1.0, WHITE);
}

/// A bar of a round length, lower left.
fn draw_scale(drawing: &mut Drawing, sheet: &Sheet, [width, height]: [u32; 2]) {
    let room_m = (f64::from(width) - 2.0 * MARGIN_PX).max(20.0) / sheet.px_per_m;
    let decade = 10f64.powf(room_m.log10().floor());
    let length_m = if room_m / decade > 4.0 { decade } else { decade / 4.0 };
    let y = f64::from(height) - 12.0;
    let right = MARGIN_PX + length_m * sheet.px_per_m;
    drawing.line(vec![[MARGIN_PX, y - 4.0], [MARGIN_PX, y], [right, y], [right, y - 4.0]], 2.0, INK);
    drawing.name([right + 45.0, y - 5.0], &format!("{length_m} m"), INK);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{boxed, snapshot_of};
    use super::*;
    use crate::frame::Pose;
    use crate::scene::{Ground, Keyframe};
    use nalgebra::{Translation3, UnitQuaternion};

    fn walk() -> Vec<Keyframe> {
        let level = UnitQuaternion::from_matrix(&nalgebra::Matrix3::new(1., 0., 0., 0., 0., 1., 0., -1., 0.));
        (0..5)
            .map(|id| Keyframe {
                id,
                stamp_ns: i64::from(id),
                camera_id: 0,
                world_from_camera: Pose::from_parts(Translation3::new(f64::from(id) - 2.0, -3.0, 1.5), level),
                path_m: f64::from(id),
            })
            .collect()
    }

    #[test]
    fn everything_is_on_the_sheet() {
        let things =
            vec![boxed(1, "sofa#1", [2.0, 3.0], [2.0, 0.9], 0.3), boxed(2, "<table>#1", [-2.0, 1.0], [1.2, 0.8], -0.6)];
        let scene = snapshot_of(things).after_walk(Ground::default(), 4.0, walk());
        let svg = top_view_svg(&scene);
        assert!(svg.contains(">sofa#1</text>") && svg.contains(">&lt;table&gt;#1</text>"));
        assert!(svg.contains("stroke=\"#228be6\""), "the path");
        let picture = top_view_png(&scene, 50.0).expect("a picture");
        assert_eq!(picture.dimensions(), (580, 580));
        let sofa = Sheet { low: [-5.0; 2], high: [5.0; 2], px_per_m: 50.0 }.place([2.7, 3.2]).map(|v| v as u32);
        assert_ne!(picture.get_pixel(sofa[0], sofa[1]).0[..], FLOOR[..3]);
    }

    #[test]
    fn a_view_of_a_continent_stays_within_its_bound() {
        let far = vec![boxed(1, "a#1", [-9e5, 0.0], [1.0, 1.0], 0.0), boxed(2, "b#1", [9e5, 2.0], [1.0, 1.0], 0.0)];
        let picture = top_view_png(&snapshot_of(far), 1000.0).expect("a picture");
        assert!(picture.width() <= MAX_VIEW_PX && picture.height() <= MAX_VIEW_PX);
        let nothing = Snapshot::of(vec![], vec![], 0).expect("empty");
        assert!(top_view_png(&nothing, 100.0).is_ok_and(|picture| picture.width() > 0));
        assert!(top_view_png(&nothing, f64::NAN).is_err() && top_view_png(&nothing, 0.0).is_err());
    }
}
