//! Networks that look at many pictures at once.

use crate::bridge::{Image, NetworkFacts, NetworkOptions, ViewFacts};
use crate::convert::rows_of;
use crate::held::{Failure, held};
use crate::network::{Run, image_of, meaning_of, picture_of, pinhole_of};
use gnomon::depth::{self, DepthMap, View};
use gnomon::{Error, Result as Outcome};

/// A network that looks at many pictures at once.
pub struct GeometryNet {
    net: depth::GeometryNet,
    facts: NetworkFacts,
}

/// What a network says of pictures that it saw together.
pub struct Views(Vec<View>);

impl GeometryNet {
    /// Loads a network. Errors: as [`crate::Detector::open`], a graph that gives no cameras.
    pub fn open(path: &str, options: &NetworkOptions, run: &Run) -> Result<Box<Self>, Failure> {
        held(|| {
            let ready = options.ready(path, run)?;
            let net = depth::GeometryNet::open(&ready.runtime, &ready.folder, ready.precision, &ready.session)?;
            let facts = NetworkFacts { gives_metres: net.expect_metric().is_ok(), ..ready.facts(net.session())? };
            Ok(Box::new(Self { net, facts }))
        })
    }

    /// What it is and what really runs it.
    pub fn info(&self) -> NetworkFacts {
        self.facts.clone()
    }

    /// Looks at pictures of one place. Errors: none or too many, a run that was stopped.
    pub fn estimate(&self, pictures: &[Image<'_>], run: &Run) -> Result<Box<Views>, Failure> {
        held(|| {
            let (n, most) = (pictures.len(), depth::GeometryNet::MAX_PICTURES);
            if !(1..=most).contains(&n) {
                return Err(Error::argument(format!("{n} pictures, expected 1 to {most}")));
            }
            let one = |(at, image)| picture_of(image, &format!("picture {at}"));
            let pictures = pictures.iter().enumerate().map(one).collect::<Outcome<Vec<_>>>()?;
            Ok(Box::new(Views(self.net.estimate(&pictures, &run.0)?)))
        })
    }
}

fn numbers(map: Option<&DepthMap>) -> &[f32] {
    map.map_or(&[], DepthMap::values)
}

impl Views {
    fn view(&self, at: usize) -> Outcome<&View> {
        let there = self.0.len();
        self.0.get(at).ok_or_else(|| Error::argument(format!("view {at} of {there}, expected one below that")))
    }

    /// How many pictures there are.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// What is said of a picture. Errors: there is no such.
    pub fn info(&self, at: usize) -> Result<ViewFacts, Failure> {
        held(|| {
            let view = self.view(at)?;
            Ok(ViewFacts {
                meaning: meaning_of(&view.depth),
                width: view.depth.map().width() as u32,
                height: view.depth.map().height() as u32,
                intrinsics: pinhole_of(&view.intrinsics),
                world_from_camera: rows_of(&view.world_from_camera),
            })
        })
    }

    /// One number a pixel. Errors: there is no such picture.
    pub fn values(&self, at: usize) -> Result<&[f32], Failure> {
        held(|| Ok(self.view(at)?.depth.map().values()))
    }

    /// How sure the network is of each pixel. Errors: there is no such picture.
    pub fn confidence(&self, at: usize) -> Result<&[f32], Failure> {
        held(|| Ok(numbers(self.view(at)?.confidence.as_ref())))
    }

    /// Each pixel's point. Errors: there is no such picture.
    pub fn points(&self, at: usize) -> Result<&[f32], Failure> {
        held(|| Ok(self.view(at)?.points_in_world.as_deref().unwrap_or_default().as_flattened()))
    }

    /// How sure the network is of each point. Errors: there is no such picture.
    pub fn points_confidence(&self, at: usize) -> Result<&[f32], Failure> {
        held(|| Ok(numbers(self.view(at)?.points_confidence.as_ref())))
    }

    /// As the depth of a frame. Errors: it is not metres, there is no such picture.
    pub fn image(&self, at: usize) -> Result<Image<'_>, Failure> {
        held(|| image_of(self.view(at)?.depth.metric()?))
    }
}
