//! Boxes and points that a model's words name in a picture: in the picture's own pixels, and lifted to the world.

use crate::bridge::{self, Fit, Frame, Grounded, OrientedBox, Rejected};
use crate::convert::{coded, frame_of};
use crate::held::{Failure, held};
use gnomon::vlm::grounding::{Convention, Grounded2d, GroundedText, Region, read};
use gnomon::{Result as Outcome, prepare};

const CONVENTIONS: [Convention; 6] = [
    Convention::ThousandthTags,
    Convention::PixelJson,
    Convention::ThousandthJson,
    Convention::Shares,
    Convention::PercentTags,
    Convention::LocTags,
];

/// What was read of a model's words about one picture.
pub struct Grounding {
    read: GroundedText,
    placed: prepare::Fit,
}

/// The fit of a picture that a model sees as it is.
pub fn whole(width: u32, height: u32) -> Fit {
    Fit {
        from_width: width,
        from_height: height,
        scaled_width: width,
        scaled_height: height,
        offset_x: 0,
        offset_y: 0,
        network_width: width,
        network_height: height,
    }
}

impl From<&prepare::Fit> for Fit {
    fn from(ours: &prepare::Fit) -> Self {
        let (from, scaled, offset, network) = (ours.from(), ours.scaled(), ours.offset(), ours.network());
        // Sides are bounded to 16384, and an offset beyond the sides leaves nothing of the picture.
        Self {
            from_width: from.0 as u32,
            from_height: from.1 as u32,
            scaled_width: scaled.0 as u32,
            scaled_height: scaled.1 as u32,
            offset_x: offset.0 as i32,
            offset_y: offset.1 as i32,
            network_width: network.0 as u32,
            network_height: network.1 as u32,
        }
    }
}

impl Fit {
    fn read(&self) -> Outcome<prepare::Fit> {
        let size = |width: u32, height: u32| (width as usize, height as usize);
        prepare::Fit::of(
            size(self.from_width, self.from_height),
            size(self.scaled_width, self.scaled_height),
            (self.offset_x.into(), self.offset_y.into()),
            size(self.network_width, self.network_height),
        )
    }
}

impl From<&Grounded2d> for Grounded {
    fn from(ours: &Grounded2d) -> Self {
        let (kind, region) = match ours.region {
            Region::Box(edges) => (bridge::Region::Box, edges),
            Region::Point([x, y]) => (bridge::Region::Point, [x, y, 0.0, 0.0]),
        };
        Self { label: ours.label.clone(), kind, region }
    }
}

impl Grounding {
    /// Reads all places. Errors: a text that is too long, a fit that cannot be meant.
    pub fn read(text: &str, convention: bridge::Convention, fit: &Fit) -> Result<Box<Self>, Failure> {
        held(|| {
            let convention = coded(convention.repr, &CONVENTIONS, "convention")?;
            let placed = fit.read()?;
            Ok(Box::new(Self { read: read(text, convention, &placed)?, placed }))
        })
    }

    /// The places.
    pub fn list(&self) -> Vec<Grounded> {
        self.read.found.iter().map(Grounded::from).collect()
    }

    /// What was left out.
    pub fn rejected(&self) -> Vec<Rejected> {
        self.read.rejected.iter().map(Rejected::from).collect()
    }

    /// How much was left out.
    pub fn rejected_in_all(&self) -> usize {
        self.read.rejected_in_all
    }

    /// Lifts a place to a box. Errors: no such place, another camera than the picture's, too little depth.
    pub fn lift(&self, index: usize, frame: &Frame<'_>) -> Result<OrientedBox, Failure> {
        held(|| Ok((&self.read.lift(index, &self.placed, &frame_of(frame)?)?.oriented()).into()))
    }
}
