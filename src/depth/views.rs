//! Depth, cameras and poses from many pictures of one place.

use super::camera::cameras;
use super::graph::MAX_VIEWS;
use super::lay::InputPlan;
use super::meaning::{Depth, DepthMap};
use super::net::Net;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{ImageView, Intrinsics, Pose};
use crate::models::{Family, ModelFolder, Precision};
use crate::prepare::Rgb;
use crate::runtime::{Control, Runtime, Session, SessionOptions};
use std::sync::Arc;

/// A network that looks at many pictures at once: any thread may ask it; questions wait for their turn.
#[derive(Debug)]
pub struct GeometryNet {
    net: Net,
}

/// What a network says of one of the pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Depth at the picture's size, by what it means. All views share the factor.
    pub depth: Depth,
    /// How sure the network is of each pixel, in its own measure: more is surer.
    pub confidence: Option<DepthMap>,
    /// Where each pixel's point is in the world, row-major, in units of the depth; NaN for "none".
    pub points_in_world: Option<Vec<[f32; 3]>>,
    /// How sure it is of the points.
    pub points_confidence: Option<DepthMap>,
    /// The camera of the picture at its own size.
    pub intrinsics: Intrinsics,
    /// Camera coordinates to the network's world, which is about the first camera's; the translation is in units of the
    /// depth. Axes of a camera are OpenCV's; which way is up, the network does not say.
    pub world_from_camera: Pose,
}

impl GeometryNet {
    /// The families that it opens.
    pub const FAMILIES: [Family; 2] = [Family::DepthAnything3, Family::Vggt];

    /// The most pictures of one call.
    pub const MAX_PICTURES: usize = MAX_VIEWS;

    /// Loads the network of a folder; of `precision` `None` the fullest. Fails as [`super::DepthNet::open`] does, and for a
    /// graph that gives no cameras.
    pub fn open(
        runtime: &Arc<Runtime>,
        folder: &ModelFolder,
        precision: Option<Precision>,
        options: &SessionOptions,
    ) -> Result<Self> {
        folder.expect(&Self::FAMILIES)?;
        let net = Net::open(runtime, folder, precision, options)?;
        if !net.graph.has_cameras() {
            let sentence = "gives no cameras: expected outputs pose_enc, or extrinsics and intrinsics";
            return Err(Error::new(ErrorKind::Model, format!("{}: {sentence}", folder.path.display())));
        }
        Ok(Self { net })
    }

    /// Its family.
    pub fn family(&self) -> Family {
        self.net.family
    }

    /// The network itself: providers, remarks, plan.
    pub fn session(&self) -> &Session {
        &self.net.session
    }

    /// How many pictures it takes at once, where its graph takes so many and no other number.
    pub fn pictures_at_once(&self) -> Option<usize> {
        self.net.input.views
    }

    /// Fails unless what comes out is metres; with [`ErrorKind::Unsupported`], as [`Depth::metric`].
    pub fn expect_metric(&self) -> Result<()> {
        self.net.expect_metric()
    }

    /// What would be done to a picture of this size alone.
    pub fn plan(&self, width: usize, height: usize) -> Result<InputPlan> {
        self.net.recipe.plan((width, height))
    }

    /// Looks at all `pictures` at once; one view for each, in order. Pictures of other shapes than the rest are cut to
    /// the smallest (Depth Anything 3) or put into the largest (VGGT); where one was cut it has no depth.
    ///
    /// Fails with [`ErrorKind::Argument`] for no picture, for more than 256 and for a number that the graph does not take,
    /// otherwise as [`super::DepthNet::estimate`] does, and with [`ErrorKind::Model`] for cameras and poses that cannot be.
    pub fn estimate(&self, pictures: &[ImageView<'_>], control: &Control) -> Result<Vec<View>> {
        let net = &self.net;
        let count = pictures.len();
        let taken = net.input.views.unwrap_or(count);
        if count == 0 || count > MAX_VIEWS || count != taken {
            let wanted = net.input.views.map_or(format!("1 to {MAX_VIEWS}"), |views| views.to_string());
            return Err(Error::argument(format!("{count} pictures were given, expected {wanted}")));
        }
        let pictures = pictures.iter().map(Rgb::of).collect::<Result<Vec<_>>>()?;
        let sizes: Vec<_> = pictures.iter().map(Rgb::size).collect();
        let lays = net.recipe.lay(&sizes)?;
        let network = lays.first().map(super::lay::Lay::network).unwrap_or_default();
        let mut tensor = Vec::new();
        for (picture, lay) in pictures.iter().zip(&lays) {
            net.recipe.tensor(picture, lay, &mut tensor)?;
        }
        let outputs = net.run(&tensor, count, network, &[], control)?;
        let cameras = cameras(net.family, &net.graph, &outputs, &lays)?;
        let mut views = Vec::new();
        for (at, (lay, (intrinsics, world_from_camera))) in lays.iter().zip(cameras).enumerate() {
            let map = |name: &String| net.map(&outputs, name, lay, at, count);
            let depth = map(&net.graph.depth)?;
            net.check_some(&depth).map_err(|error| error.within(format_args!("view {at}")))?;
            let points = net.graph.points.as_ref();
            views.push(View {
                depth: net.typed(depth),
                confidence: net.graph.confidence.as_ref().map(map).transpose()?,
                points_in_world: points.map(|name| net.points(&outputs, name, lay, at, count)).transpose()?,
                points_confidence: net.graph.points_confidence.as_ref().map(map).transpose()?,
                intrinsics,
                world_from_camera,
            });
        }
        Ok(views)
    }
}
