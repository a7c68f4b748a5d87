//! Pictures to try a network on: those of a recorded sequence, or of a rendered room.

use gnomon::Result;
use gnomon::frame::{DepthGrid, ImageView, Intrinsics, PixelFormat, Pose, Registrar};
use gnomon::room::{Room, RoomOptions, RoomSequence};
use gnomon::sequence::{Sequence, SequenceOptions};
use std::path::Path;

/// The rendered room: any will do, so long as it is the same one.
const ROOM: u64 = 7;

/// A picture, its camera, and what is known to be the depth of its pixels.
pub struct Shot {
    pub name: String,
    pub intrinsics: Intrinsics,
    /// Metres in the picture's pixels; 0 where there is none.
    pub truth_m: Vec<f32>,
    rgb: Vec<u8>,
}

impl Shot {
    /// The picture itself.
    pub fn view(&self) -> Result<ImageView<'_>> {
        ImageView::new(&self.rgb, self.intrinsics.width, self.intrinsics.height, 0, PixelFormat::Rgb8)
    }
}

/// Up to `most` pictures, evenly from a sequence; without one from a rendered room.
pub fn shots(sequence: Option<&Path>, most: usize) -> Result<Vec<Shot>> {
    match sequence {
        Some(path) => recorded(path, most),
        None => rendered(most),
    }
}

fn recorded(path: &Path, most: usize) -> Result<Vec<Shot>> {
    // Where the camera was bears on nothing here.
    let options = SequenceOptions { fixed_pose: Some(Pose::identity()), ..SequenceOptions::default() };
    let sequence = Sequence::open(path, &options)?;
    let (mut registrar, mut grid) = (Registrar::default(), DepthGrid::default());
    let chosen = gnomon::select::uniform(sequence.len(), most).into_iter().map(|at| {
        let loaded = sequence.load(at)?;
        registrar.register(&loaded.as_frame()?, &mut grid)?;
        let name = format!("frame {}", loaded.frame);
        Ok(Shot { name, intrinsics: loaded.intrinsics, truth_m: grid.z.clone(), rgb: loaded.rgb })
    });
    chosen.collect()
}

fn rendered(most: usize) -> Result<Vec<Shot>> {
    let room = Room::generate(ROOM);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed: ROOM, ..RoomOptions::default() });
    let chosen = gnomon::select::uniform(walk.len(), most).into_iter().map(|at| {
        let frame = walk.render(at);
        let camera = &frame.camera;
        let intrinsics = Intrinsics::pinhole(camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy)?;
        Ok(Shot { name: format!("room {ROOM}, frame {at}"), intrinsics, truth_m: frame.depth_m, rgb: frame.rgb })
    });
    chosen.collect()
}
