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
pub(super) fn detect(
    room: &Room,
    camera: &RoomCamera,
    ids: &[u16],
    visible_px: &[u32],
) -> Vec<RoomDetection> {
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
        detections.push(RoomDetection::on_rectangle(
            Some(index),
            object.label(),
            CLEAN_SCORE,
            rectangle,
            mask,
        ));
    }
    detections
}

fn extents(camera: &RoomCamera, ids: &[u16], objects: usize) -> Vec<Extent> {
    let nothing = Extent {
        low: [u32::MAX; 2],
        high: [0; 2],
    };
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
