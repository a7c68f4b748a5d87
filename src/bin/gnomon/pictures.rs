//! Pictures to try a network on: those of a recorded sequence, or of a rendered room.

use crate::source::open_for_pictures;
use gnomon::Result;
use gnomon::eval::intrinsics_of;
use gnomon::frame::{DepthGrid, ImageView, Intrinsics, PixelFormat, Registrar};
use gnomon::room::{Room, RoomOptions, RoomSequence};
use gnomon::select::uniform;
use gnomon::sequence::{LoadedFrame, SequenceOptions};
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

/// Makes pictures of a sequence's frames, the sensor's depth brought into their pixels.
#[derive(Default)]
pub struct Recorder {
    registrar: Registrar,
    grid: DepthGrid,
}

impl Recorder {
    /// The picture of a frame.
    pub fn shot(&mut self, loaded: LoadedFrame) -> Result<Shot> {
        self.registrar.register(&loaded.as_frame()?, &mut self.grid)?;
        let name = format!("frame {}", loaded.frame);
        Ok(Shot { name, intrinsics: loaded.intrinsics, truth_m: self.grid.z.clone(), rgb: loaded.rgb })
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
    let sequence = open_for_pictures(path, SequenceOptions::default())?;
    let mut recorder = Recorder::default();
    uniform(sequence.len(), most).into_iter().map(|at| recorder.shot(sequence.load(at)?)).collect()
}

fn rendered(most: usize) -> Result<Vec<Shot>> {
    let room = Room::generate(ROOM);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed: ROOM, ..RoomOptions::default() });
    let chosen = uniform(walk.len(), most).into_iter().map(|at| {
        let frame = walk.render(at);
        let intrinsics = intrinsics_of(&frame.camera)?;
        Ok(Shot { name: format!("room {ROOM}, frame {at}"), intrinsics, truth_m: frame.depth_m, rgb: frame.rgb })
    });
    chosen.collect()
}
