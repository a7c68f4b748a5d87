//! What a perfect detector would say of a rendered frame: one detection for each object that shows enough of itself.

use super::camera::RoomCamera;
use super::layout::Room;

/// An object that shows fewer pixels is not detected.
pub const DETECTED_PX: u32 = 100;
/// The score of a detection without noise.
pub const CLEAN_SCORE: f32 = 0.9;

/// A label, a box and a mask on one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomDetection {
    /// The object behind it; none for a false detection.
    pub object: Option<usize>,
    /// One of [`LABELS`](super::LABELS).
    pub label: String,
    /// 0 to 1.
    pub score: f32,
    /// x0, y0, x1, y1 in pixels; x1 and y1 exclusive.
    pub bbox: [f32; 4],
    /// The box's pixels, row-major: 255 inside the object, 0 outside.
    pub mask: Vec<u8>,
    /// Left column of the mask in the image.
    pub mask_x: u32,
    /// Top row of the mask in the image.
    pub mask_y: u32,
    /// Columns of the mask.
    pub mask_w: u32,
    /// Rows of the mask.
    pub mask_h: u32,
}

/// First and last column and row, both inclusive.
#[derive(Clone, Copy)]
struct Extent {
    low: [u32; 2],
    high: [u32; 2],
}

impl RoomDetection {
    /// A detection whose mask is given on a rectangle of the image.
    pub(super) fn on_rectangle(
        object: Option<usize>,
        label: &str,
        score: f32,
        [x, y, w, h]: [u32; 4],
        mask: Vec<u8>,
    ) -> Self {
        Self {
            object,
            label: label.to_owned(),
            score,
            bbox: [x, y, x + w, y + h].map(|edge| edge as f32),
            mask,
            mask_x: x,
            mask_y: y,
            mask_w: w,
            mask_h: h,
        }
    }
}

/// The detections of a frame from its instance ids, in the order of the objects.
pub(super) fn detect(room: &Room, camera: &RoomCamera, ids: &[u16], visible_px: &[u32]) -> Vec<RoomDetection> {
    let extents = extents(camera, ids, visible_px.len());
    let mut detections = Vec::new();
    for (index, object) in room.objects().iter().enumerate() {
        if visible_px[index] < DETECTED_PX {
            continue;
        }
        let Extent { low, high } = extents[index];
        let [w, h] = [high[0] - low[0] + 1, high[1] - low[1] + 1];
        let id = index as u16 + 1;
        let mut mask = Vec::new();
        for v in low[1]..=high[1] {
            let start = (v * camera.width + low[0]) as usize;
            let row = &ids[start..start + w as usize];
            mask.extend(row.iter().map(|&seen| if seen == id { 255 } else { 0 }));
        }
        let rectangle = [low[0], low[1], w, h];
        detections.push(RoomDetection::on_rectangle(Some(index), object.label(), CLEAN_SCORE, rectangle, mask));
    }
    detections
}

fn extents(camera: &RoomCamera, ids: &[u16], objects: usize) -> Vec<Extent> {
    let nothing = Extent { low: [u32::MAX; 2], high: [0; 2] };
    let mut extents = vec![nothing; objects];
    for (v, row) in (0..).zip(ids.chunks(camera.width as usize)) {
        for (u, &id) in (0..).zip(row) {
            if id == 0 {
                continue;
            }
            let extent = &mut extents[usize::from(id) - 1];
            for (axis, at) in [u, v].into_iter().enumerate() {
                extent.low[axis] = extent.low[axis].min(at);
                extent.high[axis] = extent.high[axis].max(at);
            }
        }
    }
    extents
}

#[cfg(test)]
mod tests {
    use super::super::{RoomOptions, RoomSequence};
    use super::*;

    #[test]
    fn a_mask_holds_exactly_the_pixels_of_its_object() {
        for seed in 0..5 {
            let room = Room::generate(seed);
            let mut sequence = RoomSequence::new(&room, RoomOptions::default());
            for index in [0, 40, 80] {
                let frame = sequence.render(index);
                let mut expected: Vec<_> = frame.visible_px.iter().map(|_| 0).collect();
                for found in &frame.detections {
                    let object = found.object.unwrap();
                    assert_eq!(found.label, room.objects()[object].label());
                    assert_eq!(found.mask.len() as u32, found.mask_w * found.mask_h);
                    for (at, &inside) in (0..).zip(&found.mask) {
                        let (u, v) = (found.mask_x + at % found.mask_w, found.mask_y + at / found.mask_w);
                        let id = frame.ids[(v * frame.camera.width + u) as usize];
                        assert_eq!(inside == 255, usize::from(id) == object + 1);
                        expected[object] += u32::from(inside == 255);
                    }
                    assert_eq!(expected[object], frame.visible_px[object]);
                }
                let missing = expected.iter().zip(&frame.visible_px).filter(|(n, _)| **n == 0);
                assert!(missing.into_iter().all(|(_, &pixels)| pixels < DETECTED_PX));
            }
        }
    }

    #[test]
    fn a_box_touches_its_mask_on_all_four_sides() {
        let room = Room::generate(1);
        let mut sequence = RoomSequence::new(&room, RoomOptions::default());
        let mut checked = 0;
        for index in (0..120).step_by(10) {
            for found in sequence.render(index).detections {
                let (w, h) = (found.mask_w as usize, found.mask_h as usize);
                let column = |u: usize| (0..h).any(|v| found.mask[v * w + u] == 255);
                let row = |v: usize| found.mask[v * w..(v + 1) * w].contains(&255);
                assert!(column(0) && column(w - 1) && row(0) && row(h - 1));
                let [x0, y0, x1, y1] = found.bbox;
                assert_eq!([x0, y0], [found.mask_x as f32, found.mask_y as f32]);
                assert_eq!([x1 - x0, y1 - y0], [w as f32, h as f32]);
                checked += 1;
            }
        }
        assert!(checked > 20, "{checked}");
    }
}
