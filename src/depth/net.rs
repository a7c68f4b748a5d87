//! Depth from one picture.

use super::camera::{one_camera, pinhole_of};
use super::enlarge::enlarged;
use super::graph::{Graph, PictureInput, number, shaped};
use super::lay::{InputPlan, Lay, Recipe, check_camera};
use super::meaning::{Depth, DepthMap, MetricDepth, not_metric};
use super::size::Size;
use super::sky;
use super::stance::Stance;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{DepthNoise, ImageView, Intrinsics};
use crate::models::{Family, Meaning, ModelFolder, Precision};
use crate::prepare::Rgb;
use crate::runtime::{Control, Floats, Outputs, Runtime, Session, SessionOptions};
use std::path::Path;
use std::sync::Arc;

/// Depth Pro's inverse depth is kept within these before it is turned round, 1/m: depths of 0.1 mm to 10 km.
const INVERSE_BOUNDS: [f32; 2] = [1e-4, 1e4];
/// The focal length, pixels, of the camera that Depth Anything 3's metric model believes to see through.
const CANONICAL_FOCAL_PX: f64 = 300.0;
/// What the network of rendered rooms is off by, of rooms that it has not seen.
const ROOM_DEPTH_NOISE: DepthNoise = DepthNoise { base_m: 0.02, per_m2: 0.006, nearest_m: 0.4 };

/// A depth network that is loaded: any thread may ask it; questions wait for their turn.
#[derive(Debug)]
pub struct DepthNet {
    pub(super) net: Net,
}

/// What is the same for one picture and for many.
#[derive(Debug)]
pub(super) struct Net {
    pub family: Family,
    pub session: Session,
    pub input: PictureInput,
    pub graph: Graph,
    pub recipe: Recipe,
    /// What an output of 1 stands for, metres.
    unit_m: f32,
    /// What comes out is metres, where the camera is known.
    pub is_metric: bool,
    /// The folder says that Depth Pro's graph turns inverse depth into metres itself.
    gives_metres: bool,
}

/// What a graph takes beside the picture.
pub(super) struct Beside<'a> {
    name: &'a str,
    shape: Vec<usize>,
    numbers: Vec<f32>,
}

/// Depth of one picture, pixel for pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Depth, by what it means.
    pub depth: Depth,
    /// How sure the network is of each pixel, in its own measure: more is surer.
    pub confidence: Option<DepthMap>,
    /// The camera that the network believes to see through.
    pub intrinsics: Option<Intrinsics>,
    /// The pixels that are sky, where the network tells. Their depth is what its release puts there: that of what is
    /// farthest.
    pub sky: Option<Vec<bool>>,
    /// What was not as it could be: a camera that was given and not used, say.
    pub remarks: Vec<String>,
}

impl Estimate {
    /// The metres; see [`Depth::metric`].
    pub fn metric(&self) -> Result<&MetricDepth> {
        match (self.depth.metric(), self.remarks.first()) {
            (Err(error), Some(remark)) => Err(Error::new(error.kind(), format!("{error} ({remark})"))),
            (outcome, _) => outcome,
        }
    }

    /// The same without depth in the sky: a map has no use for what stands in for infinity.
    pub fn without_sky(mut self) -> Self {
        if let Some(sky) = &self.sky {
            self.depth.map_mut().clear(sky);
        }
        self
    }
}

impl DepthNet {
    /// The families that it opens.
    pub const FAMILIES: [Family; 8] = [
        Family::DepthAnythingV2,
        Family::DepthAnythingV2Metric,
        Family::DepthPro,
        Family::UniDepthV2,
        Family::DepthAnything3,
        Family::DepthAnything3Metric,
        Family::Vggt,
        Family::RoomDepth,
    ];

    /// Loads the network of a folder; of `precision` `None` the fullest. Fails with [`ErrorKind::Unsupported`] for a family
    /// that gives no depth, with [`ErrorKind::Model`] for a graph that is not of the family, and as
    /// [`ModelFolder::session`] does.
    pub fn open(
        runtime: &Arc<Runtime>,
        folder: &ModelFolder,
        precision: Option<Precision>,
        options: &SessionOptions,
    ) -> Result<Self> {
        let net = Net::open(runtime, folder, precision, options)?;
        if let Some(views) = net.input.views.filter(|views| *views != 1) {
            let path = folder.path.display();
            let sentence = format!("{path}: the graph takes {views} pictures at once, expected one or any number");
            return Err(Error::new(ErrorKind::Model, sentence));
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

    /// What would be done to a picture of this size. Fails for one that would make too large an input.
    pub fn plan(&self, width: usize, height: usize) -> Result<InputPlan> {
        self.net.recipe.plan((width, height))
    }

    /// How good its metres are, where that was measured: for what a scene is told of its frames' depth.
    pub fn depth_noise(&self) -> Option<DepthNoise> {
        (self.net.family == Family::RoomDepth).then_some(ROOM_DEPTH_NOISE)
    }

    /// Fails unless pictures whose camera is known become metres; with [`ErrorKind::Unsupported`], as [`Depth::metric`].
    pub fn expect_metric(&self) -> Result<()> {
        self.net.expect_metric()
    }

    /// Depth of `picture`, at its size. `camera` is the picture's; Depth Pro and UniDepth find a camera themselves where
    /// none is given, and Depth Anything 3's metric model gives no metres then.
    ///
    /// Fails with [`ErrorKind::Argument`] for a camera of another size and for pictures that are strips, with
    /// [`ErrorKind::Model`] if what comes out is not of the shape it must be or holds no depth at all, and as
    /// [`Session::run_with`] does.
    pub fn estimate(
        &self,
        picture: &ImageView<'_>,
        camera: Option<&Intrinsics>,
        control: &Control,
    ) -> Result<Estimate> {
        self.estimate_standing(picture, camera, None, control)
    }

    /// As [`estimate`](Self::estimate), of a camera whose stance is known as well. `room_depth` alone has a use for it; the
    /// others pass it over.
    pub fn estimate_standing(
        &self,
        picture: &ImageView<'_>,
        camera: Option<&Intrinsics>,
        stance: Option<&Stance>,
        control: &Control,
    ) -> Result<Estimate> {
        let net = &self.net;
        let picture = Rgb::of(picture)?;
        if let Some(camera) = camera {
            check_camera(camera, picture.size())?;
        }
        let lays = net.recipe.lay(&[picture.size()])?;
        let lay = lays.first().ok_or_else(|| Error::argument("no picture"))?;
        let mut tensor = Vec::new();
        net.recipe.tensor(&picture, lay, &mut tensor)?;
        let beside = net.beside(camera, stance, lay)?;
        let outputs = net.run(&tensor, 1, lay.network(), &beside, control)?;
        let mut estimate = match net.family {
            Family::DepthPro => net.depth_pro(&outputs, lay, camera),
            Family::UniDepthV2 => net.unidepth(&outputs, lay, camera),
            Family::DepthAnything3Metric => net.depth_anything_3_metric(&outputs, lay, camera),
            Family::RoomDepth => net.room_depth(&outputs, lay),
            _ => net.plain(&outputs, lay),
        }?;
        net.check_some(estimate.depth.map())?;
        if camera.is_some_and(|camera| !camera.distortion.is_none()) && net.uses_camera() {
            estimate.remarks.push("the lens's distortion is not told to the network, its focal length alone".into());
        }
        Ok(estimate)
    }
}

impl Net {
    pub(super) fn open(
        runtime: &Arc<Runtime>,
        folder: &ModelFolder,
        precision: Option<Precision>,
        options: &SessionOptions,
    ) -> Result<Self> {
        folder.expect(&DepthNet::FAMILIES)?;
        let path = folder.entry(precision)?.path.clone();
        let session = folder.session(runtime, precision, options)?;
        let named = |error: Error| error.within(Path::display(&path));
        let (input, graph) = Graph::of(folder.family, &session).map_err(named)?;
        let recipe = Recipe::new(folder.family, &folder.input, input.size).map_err(named)?;
        let unit_m = folder.output.max_depth_m.unwrap_or(1.0);
        let is_metric = match folder.family {
            Family::DepthAnythingV2 | Family::Vggt => false,
            // The nested model scales its views to metres.
            Family::DepthAnything3 => folder.output.meaning == Some(Meaning::MetricDepth),
            _ => true,
        };
        let gives_metres = folder.output.meaning == Some(Meaning::MetricDepth);
        Ok(Self { family: folder.family, session, input, graph, recipe, unit_m, is_metric, gives_metres })
    }

    /// Fails unless pictures whose camera is known become metres.
    pub(super) fn expect_metric(&self) -> Result<()> {
        match (self.is_metric, self.family) {
            (true, _) => Ok(()),
            (false, Family::DepthAnythingV2) => Err(not_metric("inverse depth up to an unknown factor and shift")),
            (false, _) => Err(not_metric("depth up to an unknown factor")),
        }
    }

    /// Whether a camera that is given bears on the depth.
    fn uses_camera(&self) -> bool {
        matches!(self.family, Family::DepthPro | Family::DepthAnything3Metric | Family::RoomDepth)
            || self.graph.rays.is_some()
    }

    /// Runs the graph on pictures that were made ready.
    pub(super) fn run(
        &self,
        tensor: &[f32],
        views: usize,
        network: Size,
        beside: &[Beside<'_>],
        control: &Control,
    ) -> Result<Outputs> {
        let shape = self.input.shape(views, network);
        let picture = Floats::new(tensor, self.input.dtype);
        let numbers: Vec<Floats<'_>> =
            beside.iter().map(|beside| Floats::new(&beside.numbers, self.input.dtype)).collect();
        let mut inputs = vec![(self.input.name.as_str(), picture.view(&shape)?.into())];
        for (beside, numbers) in beside.iter().zip(&numbers) {
            inputs.push((beside.name, numbers.view(&beside.shape)?.into()));
        }
        self.session.run_with(&inputs, control)
    }

    /// What the graph takes of the camera: rays, or four numbers and four of its stance, 0 where that is not known.
    fn beside(&self, camera: Option<&Intrinsics>, stance: Option<&Stance>, lay: &Lay) -> Result<Vec<Beside<'_>>> {
        let (width, height) = lay.network();
        let mut beside = Vec::new();
        let given = |what: &str| {
            let sentence = format!("the graph takes {what}, so the camera's intrinsics must be given");
            camera.ok_or_else(|| Error::argument(sentence))
        };
        if let Some(name) = &self.graph.rays {
            beside.push(Beside { name, shape: vec![1, 3, height, width], numbers: rays_of(given("rays")?, lay) });
        }
        if let Some(name) = &self.graph.pinhole {
            let numbers = lay.camera_to_network(given("a camera")?).map(|number| number as f32);
            beside.push(Beside { name, shape: vec![1, 4], numbers: numbers.to_vec() });
        }
        if let Some(name) = &self.graph.stance {
            let numbers = stance.map_or([0.0; 4], Stance::numbers);
            beside.push(Beside { name, shape: vec![1, 4], numbers: numbers.to_vec() });
        }
        Ok(beside)
    }

    /// Metres and the spread of their logarithm, a quarter of the picture's size or so.
    fn room_depth(&self, outputs: &Outputs, lay: &Lay) -> Result<Estimate> {
        let (width, height) = lay.network();
        let metres = shaped(outputs, &self.graph.depth, &[height, width])?;
        let metres = enlarged(&metres, lay.network(), lay.source);
        let confidence = match &self.graph.spread {
            Some(name) => {
                let spread = shaped(outputs, name, &[height, width])?;
                let sureness: Vec<f32> = spread.iter().map(|spread| 1.0 / spread).collect();
                let (width, height) = lay.source;
                Some(DepthMap::new(width, height, lay.to_source(&sureness, self.recipe.back)?)?)
            }
            None => None,
        };
        let depth = Depth::MetricZ(MetricDepth::new(DepthMap::new(lay.source.0, lay.source.1, metres)?));
        Ok(Estimate { depth, confidence, intrinsics: None, sky: None, remarks: Vec::new() })
    }

    /// Depth Anything V2, relative and metric; one view of Depth Anything 3 and VGGT.
    fn plain(&self, outputs: &Outputs, lay: &Lay) -> Result<Estimate> {
        let depth = self.map(outputs, &self.graph.depth, lay, 0, 1)?;
        let confidence = match &self.graph.confidence {
            Some(name) => Some(self.map(outputs, name, lay, 0, 1)?),
            None => None,
        };
        let intrinsics = match self.family {
            Family::DepthAnything3 | Family::Vggt => one_camera(self.family, &self.graph, outputs, lay)?,
            _ => None,
        };
        Ok(Estimate { depth: self.typed(depth), confidence, intrinsics, sky: None, remarks: Vec::new() })
    }

    /// A map of the family's meaning.
    pub(super) fn typed(&self, map: DepthMap) -> Depth {
        match self.family {
            Family::DepthAnythingV2 => Depth::AffineInverseDepth(map),
            _ if self.is_metric => Depth::MetricZ(MetricDepth::new(map)),
            _ => Depth::UpToScaleZ(map),
        }
    }

    /// One view of an output of maps, at the picture's size.
    pub(super) fn map(&self, outputs: &Outputs, name: &str, lay: &Lay, view: usize, views: usize) -> Result<DepthMap> {
        let (width, height) = lay.network();
        let numbers = shaped(outputs, name, &[views, height, width])?;
        let mut values = lay.to_source(&numbers[view * width * height..][..width * height], self.recipe.back)?;
        if name == self.graph.depth && self.unit_m != 1.0 {
            values.iter_mut().for_each(|value| *value *= self.unit_m);
        }
        DepthMap::new(lay.source.0, lay.source.1, values)
    }

    /// Canonical inverse depth and a field of view; or depth and the focal length that it was reckoned with.
    fn depth_pro(&self, outputs: &Outputs, lay: &Lay, camera: Option<&Intrinsics>) -> Result<Estimate> {
        let ((width, height), (network_width, network_height)) = (lay.source, lay.network());
        let raw = shaped(outputs, &self.graph.depth, &[network_height, network_width])?;
        // Focal lengths in widths of the picture: it is stretched, so pixels across count.
        let mut remarks = Vec::new();
        let told = match self.told_focal(outputs, network_width) {
            // The camera that is given will do.
            Err(error) if camera.is_some() => noted(Err(error), &mut remarks),
            told => told?,
        };
        let given = camera.map(|camera| camera.fx / width as f64);
        let inverse: Vec<f32> = if self.gives_metres || self.graph.focal.is_some() {
            let by_camera = given.zip(told).map_or(1.0, |(given, told)| told / given);
            raw.iter().map(|metres| (by_camera / f64::from(*metres)) as f32).collect()
        } else {
            let focal = given.or(told).ok_or_else(|| {
                Error::argument("the graph tells no field of view, so the camera's intrinsics must be given")
            })?;
            raw.iter().map(|inverse| (f64::from(*inverse) / focal) as f32).collect()
        };
        let inverse = lay.to_source(&inverse, self.recipe.back)?;
        let [least, greatest] = INVERSE_BOUNDS;
        // NaN stays NaN and becomes "none".
        let metres = inverse.iter().map(|inverse| 1.0 / inverse.clamp(least, greatest)).collect();
        let told_px = told.map(|told| told * width as f64);
        let centre = ((width as f64 - 1.0) / 2.0, (height as f64 - 1.0) / 2.0);
        let believed =
            |focal_px| Intrinsics::pinhole(width as u32, height as u32, focal_px, focal_px, centre.0, centre.1);
        let intrinsics = told_px.and_then(|focal_px| noted(believed(focal_px).map(Some), &mut remarks));
        let depth = Depth::MetricZ(MetricDepth::new(DepthMap::new(width, height, metres)?));
        Ok(Estimate { depth, confidence: None, intrinsics, sky: None, remarks })
    }

    /// The focal length that the graph tells, in widths of the picture.
    fn told_focal(&self, outputs: &Outputs, network_width: usize) -> Result<Option<f64>> {
        let told = if let Some(name) = &self.graph.focal {
            number(outputs, name)? / network_width as f64
        } else if let Some(name) = &self.graph.field_of_view {
            let degrees = number(outputs, name)?;
            0.5 / (0.5 * degrees.to_radians()).tan()
        } else {
            return Ok(None);
        };
        match told.is_finite() && told > 0.0 {
            true => Ok(Some(told)),
            false => Err(Error::new(
                ErrorKind::Model,
                format!("the network's focal length is {told} of the picture's width, expected more than 0"),
            )),
        }
    }

    /// Points in the camera's frame: z is the depth.
    fn unidepth(&self, outputs: &Outputs, lay: &Lay, camera: Option<&Intrinsics>) -> Result<Estimate> {
        let (width, height) = lay.network();
        let points = shaped(outputs, &self.graph.depth, &[3, height, width])?;
        let metres = lay.to_source(&points[2 * width * height..], self.recipe.back)?;
        let confidence = match &self.graph.confidence {
            Some(name) => Some(self.map(outputs, name, lay, 0, 1)?),
            None => None,
        };
        let (mut intrinsics, mut remarks) = (None, Vec::new());
        if let Some(name) = &self.graph.intrinsics {
            let numbers = shaped(outputs, name, &[3, 3])?;
            let [fx, fy, cx, cy] = pinhole_of(numbers.first_chunk().ok_or_else(|| Error::argument("no camera"))?);
            let told = lay.camera_to_source([fx, fy, cx - 0.5, cy - 0.5]);
            intrinsics = noted(told.map(Some), &mut remarks);
        }
        if camera.is_some() && self.graph.rays.is_none() {
            remarks.push("the graph takes no rays: the camera that was given is not used".into());
        }
        let depth = Depth::MetricZ(MetricDepth::new(DepthMap::new(lay.source.0, lay.source.1, metres)?));
        Ok(Estimate { depth, confidence, intrinsics, sky: None, remarks })
    }

    /// Depth of a canonical camera: metres by the focal length.
    fn depth_anything_3_metric(&self, outputs: &Outputs, lay: &Lay, camera: Option<&Intrinsics>) -> Result<Estimate> {
        let (width, height) = lay.network();
        let mut raw = shaped(outputs, &self.graph.depth, &[height, width])?.into_owned();
        let mut is_sky = None;
        if let Some(name) = &self.graph.sky {
            let score = shaped(outputs, name, &[height, width])?;
            sky::fill(&mut raw, &score);
            let at_source = lay.to_source(&score, self.recipe.back)?;
            is_sky = Some(at_source.iter().map(|score| sky::is_sky(*score)).collect());
        }
        let mut remarks = Vec::new();
        if let Some(camera) = camera {
            let [fx, fy, ..] = lay.camera_to_network(camera);
            let metres = ((fx + fy) / 2.0 / CANONICAL_FOCAL_PX) as f32;
            raw.iter_mut().for_each(|depth| *depth *= metres);
        } else {
            remarks.push("this model's depth becomes metres by the camera's focal length: give intrinsics".into());
        }
        let map = DepthMap::new(lay.source.0, lay.source.1, lay.to_source(&raw, self.recipe.back)?)?;
        let depth = match camera {
            Some(_) => Depth::MetricZ(MetricDepth::new(map)),
            None => Depth::UpToScaleZ(map),
        };
        Ok(Estimate { depth, confidence: None, intrinsics: None, sky: is_sky, remarks })
    }

    /// Fails if no pixel of a map has a depth.
    pub(super) fn check_some(&self, map: &DepthMap) -> Result<()> {
        if map.count() > 0 {
            return Ok(());
        }
        let sentence = format!(
            "{} gives no depth at all: each of {} pixels is NaN, infinite, 0 or below",
            self.family,
            map.values().len()
        );
        Err(Error::new(ErrorKind::Model, sentence))
    }

    /// An output of points, channels last, one view of it at the picture's size.
    pub(super) fn points(
        &self,
        outputs: &Outputs,
        name: &str,
        lay: &Lay,
        view: usize,
        views: usize,
    ) -> Result<Vec<[f32; 3]>> {
        let (width, height) = lay.network();
        let count = width * height;
        let numbers = shaped(outputs, name, &[views, height, width, 3])?;
        let pixels = &numbers.as_chunks::<3>().0[view * count..][..count];
        let mut points = vec![[f32::NAN; 3]; lay.source.0 * lay.source.1];
        for axis in 0..3 {
            let plane: Vec<f32> = pixels.iter().map(|point| point[axis]).collect();
            let at_source = lay.to_source(&plane, self.recipe.back)?;
            points.iter_mut().zip(at_source).for_each(|(point, number)| point[axis] = number);
        }
        Ok(points)
    }
}

/// What the network says of its camera; where that cannot be, a remark: the depth may do all the same.
fn noted<T>(told: Result<Option<T>>, remarks: &mut Vec<String>) -> Option<T> {
    told.unwrap_or_else(|error| {
        remarks.push(format!("the network's camera is left out: {error}"));
        None
    })
}

/// Directions of length 1 of the input's pixels, three planes. UniDepth's pixels begin at their edge: its 0.5 is our 0.
fn rays_of(camera: &Intrinsics, lay: &Lay) -> Vec<f32> {
    let (width, height) = lay.network();
    let [fx, fy, cx, cy] = lay.camera_to_network(camera);
    let mut rays = vec![0.0; 3 * width * height];
    for v in 0..height {
        for u in 0..width {
            let (x, y) = ((u as f64 - cx) / fx, (v as f64 - cy) / fy);
            let length = (x * x + y * y + 1.0).sqrt();
            for (axis, along) in [x, y, 1.0].into_iter().enumerate() {
                rays[(axis * height + v) * width + u] = (along / length) as f32;
            }
        }
    }
    rays
}
