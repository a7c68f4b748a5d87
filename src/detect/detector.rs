//! A detector that is loaded: from a picture to what is in it.

use super::graph::{self, PictureInput};
use super::masks::MaskMaps;
use super::options::{DetectOptions, Found};
use super::suppress::{Candidate, suppress};
use super::{detr, fastest_det, yolo};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::ImageView;
use crate::models::{Activation, Family, ModelFolder, Precision};
use crate::prepare::{Anchor, Fit, Rgb, Rule};
use crate::runtime::{Control, Floats, Outputs, Runtime, Session, SessionOptions};
use std::sync::Arc;
use std::time::Duration;

/// How the network's output is read.
enum Head {
    FastestDet { output: String },
    Yolo { boxes: String, maps: Option<String> },
    Detr { names: [&'static str; 2], activation: Activation },
}

/// A detector that is loaded. Any thread may use it; pictures wait for their turn ([`Session`]).
pub struct Detector {
    session: Session,
    folder: ModelFolder,
    head: Head,
    input: PictureInput,
    /// Width and height of the network's input, pixels.
    size: (usize, usize),
    rule: Rule,
    min_score: f32,
    iou: f32,
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector")
            .field("family", &self.folder.family)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Detector {
    /// Loads the detector of a folder, of `precision` or else the first it has. Fails with [`ErrorKind::Unsupported`] if
    /// the folder's family is no detector, [`ErrorKind::Model`] if the graph does not take and give what its family does
    /// or has another number of classes than labels are named, and as [`ModelFolder::session`] does.
    pub fn open(
        runtime: &Arc<Runtime>,
        folder: &ModelFolder,
        precision: Option<Precision>,
        options: &SessionOptions,
    ) -> Result<Self> {
        folder.expect(&Family::DETECTORS)?;
        let entry = folder.entry(precision)?;
        let session = folder.session(runtime, precision, options)?;
        Self::of(session, folder.clone())
            .map_err(|error| error.within(format_args!("{}: as {}", entry.path.display(), folder.family)))
    }

    fn of(session: Session, folder: ModelFolder) -> Result<Self> {
        check_rule(&folder)?;
        let input = graph::picture_input(session.inputs())?;
        let (head, classes) = match folder.family {
            Family::FastestDet => {
                let (output, classes) = fastest_det::output(&session)?;
                (Head::FastestDet { output }, classes)
            }
            Family::YoloV8 => {
                let yolo::YoloOutputs { boxes, maps, classes } = yolo::outputs(&session)?;
                (Head::Yolo { boxes, maps }, classes)
            }
            _ => {
                let found = detr::outputs(&session)?;
                let activation = folder.output.scores.unwrap_or(Activation::Sigmoid);
                // Logits may have a class more than there are names: "nothing", or one that was never used.
                let classes = found.classes.map(|classes| classes.min(folder.labels.len()));
                (Head::Detr { names: [found.logits, found.boxes], activation }, classes)
            }
        };
        if let Some(classes) = classes {
            graph::check_labels(&folder.labels, classes)?;
        }
        let (rule, side, min_score, iou) = match folder.family {
            Family::FastestDet => (fastest_det::rule(), fastest_det::SIDE, fastest_det::MIN_SCORE, fastest_det::IOU),
            Family::YoloV8 => (yolo::rule(), yolo::SIDE, yolo::MIN_SCORE, yolo::IOU),
            _ => (detr::rule(), detr::SIDE, detr::MIN_SCORE, 1.0),
        };
        let size = graph::input_size(&input, folder.input.size, side)?;
        let rule = folder.input.over(rule);
        let min_score = folder.output.min_score.unwrap_or(min_score);
        let iou = folder.output.iou.unwrap_or(iou);
        Ok(Self { session, folder, head, input, size, rule, min_score, iou })
    }

    /// The session it runs in: providers, remarks, memory.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The folder it is of.
    pub fn folder(&self) -> &ModelFolder {
        &self.folder
    }

    /// Width and height of the network's input, pixels.
    pub fn input_size(&self) -> (usize, usize) {
        self.size
    }

    /// Whether what it finds has masks.
    pub fn has_masks(&self) -> bool {
        matches!(self.head, Head::Yolo { maps: Some(_), .. })
    }

    /// Runs the network once on zeros, so that the first picture does not wait for what is made at the first run.
    pub fn warm_up(&self, control: &Control) -> Result<Duration> {
        let begun = std::time::Instant::now();
        self.run(&vec![0.0; 3 * self.size.0 * self.size.1], control)?;
        Ok(begun.elapsed())
    }

    /// What is in a picture, surest first. Fails with [`ErrorKind::Model`] if the network gives what no detector does,
    /// [`ErrorKind::Cancelled`] if `control` stopped it.
    pub fn detect(&self, picture: &ImageView<'_>, options: &DetectOptions, control: &Control) -> Result<Vec<Found>> {
        self.detect_rgb(&Rgb::of(picture)?, options, control)
    }

    /// As [`detect`](Self::detect), of a picture that is ours.
    pub fn detect_rgb(&self, picture: &Rgb, options: &DetectOptions, control: &Control) -> Result<Vec<Found>> {
        options.check()?;
        let fit = match self.folder.family {
            Family::YoloV8 => Fit::letterbox(picture.size(), self.size, Anchor::Centre)?,
            _ => Fit::stretch(picture.size(), self.size)?,
        };
        let mut tensor = Vec::new();
        self.rule.tensor(picture, &fit, &mut tensor)?;
        let outputs = self.run(&tensor, control)?;
        self.read(&outputs, &fit, options)
    }

    fn run(&self, tensor: &[f32], control: &Control) -> Result<Outputs> {
        let shape = [1, 3, self.size.1, self.size.0];
        let floats = Floats::new(tensor, self.input.dtype);
        self.session.run_with(&[(&self.input.name, floats.view(&shape)?.into())], control)
    }

    fn read(&self, outputs: &Outputs, fit: &Fit, options: &DetectOptions) -> Result<Vec<Found>> {
        let min_score = options.min_score.unwrap_or(self.min_score);
        let iou = options.iou.unwrap_or(self.iou);
        let whole = fit.from();
        match &self.head {
            Head::FastestDet { output } => {
                let kept = suppress(fastest_det::read(outputs, output, min_score)?, iou, options.max);
                Ok(kept.iter().filter_map(|one| self.found(one, shares_of(one.edges, whole))).collect())
            }
            Head::Detr { names, activation } => {
                let mut kept = detr::read(outputs, *names, *activation, min_score)?;
                kept.truncate(options.max);
                Ok(kept.iter().filter_map(|one| self.found(one, shares_of(one.edges, whole))).collect())
            }
            Head::Yolo { boxes, maps } => {
                let maps = maps.as_ref().map(|name| MaskMaps::of(outputs, name, whole)).transpose()?;
                let coefficients = maps.as_ref().map_or(0, MaskMaps::count);
                let kept = suppress(yolo::read(outputs, boxes, coefficients, min_score)?, iou, options.max);
                let place = |one: &Candidate| fit.box_to_source(one.edges.map(f64::from)).map(|edge| edge as f32);
                let found = kept.iter().filter_map(|one| Some((one, self.found(one, place(one))?)));
                let Some(maps) = maps else { return Ok(found.map(|(_, found)| found).collect()) };
                let (numbers, [rows, columns]) = graph::floats::<2>(outputs, boxes)?;
                let masked = found.filter_map(|(one, found)| {
                    let first = rows - coefficients;
                    let own: Vec<f32> = (first..rows).map(|row| numbers[row * columns + one.at]).collect();
                    // A box in which nothing is above zero is no thing.
                    let mask = maps.mask(&own, found.bbox)?;
                    Some(Found { mask: Some(mask), ..found })
                });
                Ok(masked.collect())
            }
        }
    }

    /// `None` for a box that holds nothing, or whose numbers are none.
    fn found(&self, one: &Candidate, bbox: [f32; 4]) -> Option<Found> {
        let [x0, y0, x1, y1] = bbox;
        let is_box = x0 < x1 && y0 < y1 && bbox.iter().all(|edge| edge.abs() <= 1e6);
        let label = self.folder.label(one.class).into();
        is_box.then_some(Found { class: one.class, label, score: one.score, bbox, mask: None })
    }
}

/// Edges in shares of the picture, in its pixels.
fn shares_of([x0, y0, x1, y1]: [f32; 4], (width, height): (usize, usize)) -> [f32; 4] {
    let (width, height) = (width as f32, height as f32);
    [x0 * width, y0 * height, x1 * width, y1 * height]
}

/// Refuses what a folder says of its input and a detector does not do.
fn check_rule(folder: &ModelFolder) -> Result<()> {
    let is_letterboxed = folder.family == Family::YoloV8;
    let unsupported = |what: String| Err(Error::new(ErrorKind::Unsupported, what));
    match (folder.input.keep_aspect, folder.input.multiple_of) {
        (Some(keep), _) if keep != is_letterboxed => {
            unsupported(format!("input keep_aspect is {keep}, {} takes {is_letterboxed}", folder.family))
        }
        (_, Some(multiple)) => unsupported(format!("input multiple_of is {multiple}, a detector's input has one size")),
        _ => Ok(()),
    }
}
