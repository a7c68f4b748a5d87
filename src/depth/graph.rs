//! What the graph of a family takes and gives, found by name and checked: type, number of sides, sizes.
//!
//! Exporters name things differently, so each value has a few names under which it is known. A graph that gives a needed
//! value under none of them is not of the family, whatever else it gives; values of other names are not looked at. Numbers
//! come as f32 or f16.

use crate::error::{Error, ErrorKind, Result};
use crate::models::Family;
use crate::runtime::{DType, Outputs, Session, ValueSpec};
use std::borrow::Cow;

use super::size::Size;

/// The most pictures of one call: more than any of these networks was trained on.
pub(super) const MAX_VIEWS: usize = 256;

const PICTURE: [&str; 6] = ["pixel_values", "images", "image", "input", "rgbs", "x"];
const DEPTH: [&str; 4] = ["predicted_depth", "depth", "canonical_inverse_depth", "output"];
const CONFIDENCE: [&str; 4] = ["depth_conf", "predicted_depth_conf", "confidence", "conf"];
const FIELD_OF_VIEW: [&str; 3] = ["field_of_view", "fov_deg", "fov"];
const FOCAL: [&str; 1] = ["focallength_px"];
const POINTS: [&str; 2] = ["pts_3d", "points"];
const WORLD_POINTS: [&str; 1] = ["world_points"];
const WORLD_POINTS_CONFIDENCE: [&str; 1] = ["world_points_conf"];
const INTRINSICS: [&str; 2] = ["intrinsics", "intrinsic"];
const EXTRINSICS: [&str; 2] = ["extrinsics", "extrinsic"];
const POSE_CODE: [&str; 1] = ["pose_enc"];
const SKY: [&str; 1] = ["sky"];
const RAYS: [&str; 1] = ["rays"];
const STANCE: [&str; 1] = ["stance"];
const SPREAD: [&str; 1] = ["spread"];

/// The pictures' input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PictureInput {
    pub name: String,
    pub dtype: DType,
    /// Sides before the three of a picture: 1 of [n, 3, h, w], 2 of [1, n, 3, h, w].
    leading: usize,
    /// As many pictures as the graph takes, where it says.
    pub views: Option<usize>,
    /// Width and height, where the graph says.
    pub size: Option<Size>,
}

impl PictureInput {
    pub(super) fn shape(&self, views: usize, (width, height): Size) -> Vec<usize> {
        let picture = [3, height, width];
        let leading: &[usize] = if self.leading == 2 { &[1, views] } else { &[views] };
        leading.iter().chain(&picture).copied().collect()
    }
}

/// The names of what a graph gives, those that its family has.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Graph {
    pub depth: String,
    pub confidence: Option<String>,
    pub field_of_view: Option<String>,
    pub focal: Option<String>,
    pub points: Option<String>,
    pub points_confidence: Option<String>,
    pub intrinsics: Option<String>,
    pub extrinsics: Option<String>,
    pub pose_code: Option<String>,
    pub sky: Option<String>,
    pub rays: Option<String>,
    /// The input of fx, fy, cx, cy, and that of up and height.
    pub pinhole: Option<String>,
    pub stance: Option<String>,
    pub spread: Option<String>,
}

/// Looks the values of a family up in a graph.
struct Lookup<'a> {
    family: Family,
    session: &'a Session,
}

impl<'a> Lookup<'a> {
    fn refused(&self, is_input: bool, what: &str) -> Error {
        let (specs, verb) = if is_input { (self.session.inputs(), "takes") } else { (self.session.outputs(), "gives") };
        let listed: Vec<String> = specs.iter().map(|spec| format!("{:?} {spec}", spec.name)).collect();
        let sentence = format!("not a graph of {}: expected {what}; it {verb} {}", self.family, listed.join(", "));
        Error::new(ErrorKind::Model, sentence)
    }

    fn spec(specs: &'a [ValueSpec], names: &[&str]) -> Option<&'a ValueSpec> {
        names.iter().find_map(|name| specs.iter().find(|spec| spec.name == *name))
    }

    /// The name of an output; `None` if there is none of these names. Fails if it is not made of floats or has another
    /// number of sides.
    fn output(&self, names: &[&str], sides: &[usize]) -> Result<Option<String>> {
        let Some(spec) = Self::spec(self.session.outputs(), names) else { return Ok(None) };
        let is_right = spec.dtype.is_float() && (sides.is_empty() || sides.contains(&spec.shape.len()));
        if is_right {
            return Ok(Some(spec.name.clone()));
        }
        Err(self.refused(false, &format!("{:?} as f32 or f16 {}", spec.name, sides_in_words(sides))))
    }

    fn needed(&self, names: &[&str], sides: &[usize]) -> Result<String> {
        self.output(names, sides)?.ok_or_else(|| {
            let listed = names.join(" or ");
            self.refused(false, &format!("an output {listed} as f32 or f16 {}", sides_in_words(sides)))
        })
    }

    fn picture(&self, is_of_views: bool) -> Result<PictureInput> {
        let listed = PICTURE.join(" or ");
        let refused = || self.refused(true, &format!("an input {listed} as f32 or f16 [n, 3, height, width]"));
        let spec = Self::spec(self.session.inputs(), &PICTURE).ok_or_else(refused)?;
        let leading = match spec.shape.len() {
            sides @ (4 | 5) => sides - 3,
            _ => return Err(refused()),
        };
        let fixed = |at: usize| spec.shape[at].fixed();
        let is_picture = spec.dtype.is_float() && fixed(leading).is_none_or(|channels| channels == 3);
        let is_one_scene = leading == 1 || fixed(0).is_none_or(|scenes| scenes == 1);
        let views = fixed(leading - 1);
        let size = match (fixed(leading + 2), fixed(leading + 1)) {
            (Some(width), Some(height)) if width > 0 && height > 0 => Some((width, height)),
            (None, None) => None,
            // One side that is fixed and one that is free is in no release.
            _ => return Err(refused()),
        };
        let is_for_one = is_of_views || views.is_none_or(|views| views == 1);
        if !(is_picture && is_one_scene && is_for_one && views != Some(0)) {
            return Err(refused());
        }
        Ok(PictureInput { name: spec.name.clone(), dtype: spec.dtype, leading, views, size })
    }

    /// The inputs of the camera's four numbers and of its stance's, beside the picture and nothing else.
    fn pinhole(&self, picture: &PictureInput) -> Result<(String, Option<String>)> {
        let specs = self.session.inputs();
        let of_four = |names: &[&str]| {
            Self::spec(specs, names).filter(|spec| spec.dtype == picture.dtype && spec.shape.len() == 2)
        };
        let (pinhole, stance) = (of_four(&INTRINSICS), of_four(&STANCE));
        match pinhole {
            Some(spec) if specs.len() == 2 + usize::from(stance.is_some()) => {
                Ok((spec.name.clone(), stance.map(|spec| spec.name.clone())))
            }
            _ => {
                let dtype = picture.dtype;
                Err(self.refused(true, &format!("inputs intrinsics and stance as {dtype} [1, 4], and the picture")))
            }
        }
    }

    /// The input of rays, and a refusal of inputs that the family does not have.
    fn rays(&self, picture: &PictureInput) -> Result<Option<String>> {
        let is_taken = self.family == Family::UniDepthV2;
        let rays = if is_taken { Self::spec(self.session.inputs(), &RAYS) } else { None };
        if let Some(rays) = rays.filter(|rays| rays.dtype != picture.dtype || rays.shape.len() != 4) {
            return Err(self.refused(true, &format!("{:?} as {} [1, 3, height, width]", rays.name, picture.dtype)));
        }
        let known = |spec: &&ValueSpec| spec.name != picture.name && rays.is_none_or(|rays| rays.name != spec.name);
        match self.session.inputs().iter().find(known) {
            Some(_) => Err(self.refused(true, "no other inputs than the picture")),
            None => Ok(rays.map(|rays| rays.name.clone())),
        }
    }
}

impl Graph {
    /// Finds what `family` needs in a graph. Fails with [`ErrorKind::Model`], and says what was expected and what is there.
    pub(super) fn of(family: Family, session: &Session) -> Result<(PictureInput, Self)> {
        let lookup = Lookup { family, session };
        let is_of_views = matches!(family, Family::DepthAnything3 | Family::Vggt);
        let picture = lookup.picture(is_of_views)?;
        let mut graph = match family {
            Family::RoomDepth => {
                let (pinhole, stance) = lookup.pinhole(&picture)?;
                Self { pinhole: Some(pinhole), stance, ..Self::default() }
            }
            _ => Self { rays: lookup.rays(&picture)?, ..Self::default() },
        };
        let map = [2, 3, 4, 5];
        match family {
            Family::DepthAnythingV2 | Family::DepthAnythingV2Metric => graph.depth = lookup.needed(&DEPTH, &map)?,
            Family::DepthPro => {
                graph.depth = lookup.needed(&DEPTH, &map)?;
                graph.field_of_view = lookup.output(&FIELD_OF_VIEW, &[])?;
                graph.focal = lookup.output(&FOCAL, &[])?;
            }
            Family::UniDepthV2 => {
                graph.depth = lookup.needed(&POINTS, &[4])?;
                graph.confidence = lookup.output(&CONFIDENCE, &map)?;
                graph.intrinsics = Some(lookup.needed(&INTRINSICS, &[2, 3])?);
            }
            Family::DepthAnything3Metric => {
                graph.depth = lookup.needed(&DEPTH, &map)?;
                graph.sky = lookup.output(&SKY, &map)?;
            }
            Family::RoomDepth => {
                graph.depth = lookup.needed(&DEPTH, &map)?;
                graph.spread = lookup.output(&SPREAD, &map)?;
            }
            Family::DepthAnything3 | Family::Vggt => {
                graph.depth = lookup.needed(&DEPTH, &map)?;
                graph.confidence = lookup.output(&CONFIDENCE, &map)?;
                graph.intrinsics = lookup.output(&INTRINSICS, &[3, 4])?;
                graph.extrinsics = lookup.output(&EXTRINSICS, &[3, 4])?;
                graph.pose_code = lookup.output(&POSE_CODE, &[2, 3])?;
                if family == Family::Vggt {
                    graph.points = lookup.output(&WORLD_POINTS, &[4, 5])?;
                    graph.points_confidence = lookup.output(&WORLD_POINTS_CONFIDENCE, &map)?;
                }
            }
            other => {
                let sentence = format!("{other} gives no depth");
                return Err(Error::new(ErrorKind::Unsupported, sentence));
            }
        }
        Ok((picture, graph))
    }

    /// Whether the graph tells where the cameras are.
    pub(super) fn has_cameras(&self) -> bool {
        self.pose_code.is_some() || (self.extrinsics.is_some() && self.intrinsics.is_some())
    }
}

fn sides_in_words(sides: &[usize]) -> String {
    let listed: Vec<String> = sides.iter().map(usize::to_string).collect();
    format!("of {} sides", listed.join(" or "))
}

/// The numbers of an output whose sides, those of 1 aside, are these. Fails with [`ErrorKind::Model`] if they are not.
pub(super) fn shaped<'a>(outputs: &'a Outputs, name: &str, sides: &[usize]) -> Result<Cow<'a, [f32]>> {
    let tensor = outputs.get(name)?;
    let meant = |shape: &[usize]| shape.iter().copied().filter(|side| *side != 1).collect::<Vec<_>>();
    if meant(tensor.shape()) != meant(sides) {
        return Err(Error::new(
            ErrorKind::Model,
            format!("output {name:?} is {:?}, expected {sides:?} with or without sides of 1", tensor.shape()),
        ));
    }
    tensor.floats()
}

/// The one number of an output.
pub(super) fn number(outputs: &Outputs, name: &str) -> Result<f64> {
    shaped(outputs, name, &[]).and_then(|numbers| {
        let first = numbers.first().ok_or_else(|| Error::new(ErrorKind::Model, format!("output {name:?} is empty")));
        first.map(|number| f64::from(*number))
    })
}
