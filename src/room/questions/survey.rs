//! What a walk shows: when each thing is first seen well, and the pictures to ask about.

use nalgebra::{Isometry3, Point3, Rotation2, Vector2};

use super::super::camera::RoomCamera;
use super::super::layout::Room;
use super::super::object::TruthObject;
use super::super::sequence::{COUNTED_FRAMES, COUNTED_PX, RoomFrame, RoomSequence};

/// A thing is seen well from so many pixels on, in pictures of 640 x 480; in others from the same share on.
pub const GOOD_PX: u32 = COUNTED_PX;
/// Below this a thing counts as not shown at all; again of 640 x 480.
pub const SLIGHT_PX: u32 = 50;
/// Who would say that a thing appears from a quarter of the pixels on must say the same order.
const EARLY_PX: u32 = GOOD_PX / 4;
/// Pictures asked about in one room.
const MAX_VIEWS: usize = 4;
const MIN_VIEWS: usize = 2;
/// Share of its projected box that what is shown of a thing must span, along u and v.
const UNHIDDEN_SHARE: f64 = 0.6;

/// What the frames of a walk show, and which of them are asked about. Objects are in the order of [`Room::objects`].
#[derive(Clone, Debug)]
pub struct RoomSurvey {
    /// The camera of all frames.
    pub camera: RoomCamera,
    /// The first frame that shows each object well; none where no frame does.
    pub first_frame: Vec<Option<usize>>,
    /// The first frame that shows a quarter of that.
    pub(super) first_glimpse: Vec<Option<usize>>,
    /// In how many frames each object is seen well.
    pub good_frames: Vec<u32>,
    /// The pictures to ask about, by ascending frame.
    pub views: Vec<PictureView>,
}

/// One picture and what it shows.
#[derive(Clone, Debug)]
pub struct PictureView {
    /// Index of the frame in the walk.
    pub frame: usize,
    /// Where the camera is.
    pub world_from_camera: Isometry3<f64>,
    /// Whether each object is shown well, whole and hardly hidden.
    pub shown_whole: Vec<bool>,
    /// Pixels of each object, in proportion to a picture of 640 x 480.
    pub visible_px: Vec<u32>,
    ids: Vec<u16>,
}

/// What one frame shows, before it is chosen.
struct Glance {
    visible_px: Vec<u32>,
    shown_whole: Vec<bool>,
}

impl RoomSurvey {
    /// Renders every frame of a walk once, without noise.
    pub fn of(sequence: &mut RoomSequence<'_>) -> Self {
        let room = sequence.room();
        let glances: Vec<Glance> = (0..sequence.len()).map(|i| Glance::of(room, &sequence.render(i))).collect();
        let things = 0..room.objects().len();
        let first_with = |px: u32| {
            let first = |thing| glances.iter().position(|glance| glance.visible_px[thing] >= px);
            things.clone().map(first).collect()
        };
        let good = |thing| glances.iter().filter(|glance| glance.visible_px[thing] >= GOOD_PX).count() as u32;
        let mut survey = Self {
            camera: sequence.options().camera,
            first_frame: first_with(GOOD_PX),
            first_glimpse: first_with(EARLY_PX),
            good_frames: things.clone().map(good).collect(),
            views: Vec::new(),
        };
        let chosen = survey.choose(room, &glances);
        survey.views =
            chosen.into_iter().map(|frame| view_of(frame, &glances[frame], sequence.render(frame))).collect();
        survey
    }

    /// Whether a thing is in the room and seen well often enough to be asked for.
    pub(super) fn is_known(&self, room: &Room, thing: usize) -> bool {
        room.objects()[thing].present && self.good_frames[thing] >= COUNTED_FRAMES
    }

    /// Frames that show the most things whole, each mostly others than those before. Things with a category of their
    /// own count: the others can hardly be asked for.
    fn choose(&self, room: &Room, glances: &[Glance]) -> Vec<usize> {
        let objects = room.objects();
        let alone =
            |thing: usize| objects.iter().filter(|o| o.present && o.label() == objects[thing].label()).count() == 1;
        let askable: Vec<usize> = (0..objects.len()).filter(|&t| self.is_known(room, t) && alone(t)).collect();
        let mut covered = vec![false; objects.len()];
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < MAX_VIEWS {
            let shows = |frame: usize, thing: &&usize| glances[frame].shown_whole[**thing];
            let worth = |frame: usize| {
                let whole = askable.iter().filter(|thing| shows(frame, thing)).count();
                let new = askable.iter().filter(|thing| shows(frame, thing) && !covered[**thing]).count();
                (new + whole, new)
            };
            let free = (0..glances.len()).filter(|frame| !chosen.contains(frame));
            let Some(best) = free.rev().max_by_key(|&frame| worth(frame)) else { break };
            if worth(best).1 == 0 && chosen.len() >= MIN_VIEWS {
                break;
            }
            askable.iter().filter(|thing| shows(best, thing)).for_each(|&thing| covered[thing] = true);
            chosen.push(best);
        }
        chosen.sort_unstable();
        chosen
    }
}

impl PictureView {
    /// Where the centre of an object's box is, in shares of the picture from its upper left corner.
    pub(super) fn place_of(&self, camera: &RoomCamera, object: &TruthObject) -> Option<[f64; 2]> {
        let at = pixel(camera, &self.world_from_camera, &Point3::from(object.centre))?;
        Some([(at.x + 0.5) / f64::from(camera.width), (at.y + 0.5) / f64::from(camera.height)])
    }

    /// The object that all pixels about a place of the picture show, within `reach` shares of its width; none where
    /// they show several, or none.
    pub(super) fn object_about(&self, camera: &RoomCamera, place: [f64; 2], reach: f64) -> Option<usize> {
        let centre = [place[0] * f64::from(camera.width) - 0.5, place[1] * f64::from(camera.height) - 0.5];
        let reach = reach * f64::from(camera.width);
        let span = |centre: f64, size: u32| {
            let clamp = |x: f64| x.clamp(0.0, f64::from(size - 1)) as u32;
            clamp((centre - reach).round())..=clamp((centre + reach).round())
        };
        let mut about = span(centre[1], camera.height).flat_map(|v| span(centre[0], camera.width).map(move |u| (v, u)));
        let id_at = |(v, u): (u32, u32)| self.ids[(v * camera.width + u) as usize];
        let first = about.next().map(id_at).filter(|&id| id > 0)?;
        about.all(|at| id_at(at) == first).then(|| usize::from(first) - 1)
    }
}

fn view_of(frame: usize, glance: &Glance, rendered: RoomFrame) -> PictureView {
    PictureView {
        frame,
        world_from_camera: rendered.true_world_from_camera,
        shown_whole: glance.shown_whole.clone(),
        visible_px: glance.visible_px.clone(),
        ids: rendered.ids,
    }
}

impl Glance {
    fn of(room: &Room, frame: &RoomFrame) -> Self {
        let extents = extents(frame);
        let whole = RoomCamera::default().pixels() as u64;
        let in_proportion = |&px: &u32| (u64::from(px) * whole / frame.camera.pixels() as u64) as u32;
        let visible_px: Vec<u32> = frame.visible_px.iter().map(in_proportion).collect();
        let is_whole = |(thing, object): (usize, &TruthObject)| {
            visible_px[thing] >= GOOD_PX && extents[thing].is_some_and(|extent| is_whole(frame, object, extent))
        };
        let shown_whole = room.truth().iter().enumerate().map(is_whole).collect();
        Self { visible_px, shown_whole }
    }
}

/// First and last column and row that show each object.
fn extents(frame: &RoomFrame) -> Vec<Option<[[u32; 2]; 2]>> {
    let mut extents = vec![None; frame.visible_px.len()];
    for (v, row) in (0..).zip(frame.ids.chunks(frame.camera.width as usize)) {
        for (u, &id) in (0..).zip(row) {
            let Some(thing) = usize::from(id).checked_sub(1) else { continue };
            let [low, high] = extents[thing].get_or_insert([[u, v]; 2]);
            *low = [low[0].min(u), low[1].min(v)];
            *high = [high[0].max(u), high[1].max(v)];
        }
    }
    extents
}

/// Whether what is shown keeps off the picture's border and spans most of the projected box.
fn is_whole(frame: &RoomFrame, object: &TruthObject, [low, high]: [[u32; 2]; 2]) -> bool {
    let camera = &frame.camera;
    let last = [camera.width - 1, camera.height - 1];
    let pixels = corners(object).map(|corner| pixel(camera, &frame.true_world_from_camera, &corner));
    (0..2).all(|axis| {
        let ends = pixels.iter().try_fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], at| {
            at.map(|at| [least.min(at[axis]), most.max(at[axis])])
        });
        let shown = f64::from(high[axis] - low[axis] + 1);
        let spans = ends.is_some_and(|[least, most]| shown >= UNHIDDEN_SHARE * (most - least));
        low[axis] > 0 && high[axis] < last[axis] && spans
    })
}

fn corners(object: &TruthObject) -> [Point3<f64>; 8] {
    let world_from_box = Rotation2::new(object.yaw);
    std::array::from_fn(|i| {
        let sign = |bit: usize| if i >> bit & 1 == 1 { 0.5 } else { -0.5 };
        let plan = world_from_box * Vector2::new(sign(0) * object.size[0], sign(1) * object.size[1]);
        let [x, y, z] = object.centre;
        Point3::new(x + plan.x, y + plan.y, z + sign(2) * object.size[2])
    })
}

/// Where a point of the world is in the picture, pixels; none behind the camera.
fn pixel(camera: &RoomCamera, world_from_camera: &Isometry3<f64>, point: &Point3<f64>) -> Option<Vector2<f64>> {
    let point = world_from_camera.inverse() * point;
    let at = Vector2::new(camera.fx * point.x / point.z + camera.cx, camera.fy * point.y / point.z + camera.cy);
    (point.z > 0.01).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::super::RoomOptions;
    use super::*;

    #[test]
    fn a_survey_knows_when_things_are_first_seen_and_pictures_that_show_them_whole() {
        let room = Room::generate(2);
        let options = RoomOptions { camera: RoomCamera::default().reduced(4), ..RoomOptions::default() };
        let mut sequence = RoomSequence::new(&room, options);
        let survey = RoomSurvey::of(&mut sequence);
        for thing in 0..room.objects().len() {
            let Some(first) = survey.first_frame[thing] else {
                assert_eq!(survey.good_frames[thing], 0);
                continue;
            };
            assert!(survey.first_glimpse[thing].is_some_and(|glimpse| glimpse <= first));
            assert!(sequence.render(first).visible_px[thing] * 16 >= GOOD_PX);
            assert!(first == 0 || sequence.render(first - 1).visible_px[thing] * 16 < GOOD_PX);
        }
        assert!((MIN_VIEWS..=MAX_VIEWS).contains(&survey.views.len()));
        for view in &survey.views {
            assert!(view.shown_whole.iter().filter(|whole| **whole).count() >= 3);
            let shown = (0..room.objects().len()).filter(|&thing| view.shown_whole[thing]);
            for thing in shown {
                let place = view.place_of(&survey.camera, &room.objects()[thing].truth());
                assert!(place.is_some_and(|at| at.iter().all(|x| (0.0..1.0).contains(x))));
            }
        }
    }
}
