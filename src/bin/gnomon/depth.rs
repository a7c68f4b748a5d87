//! `gnomon depth`: a network's depth of a picture or of a recorded sequence, and how far it is from the sensor's.
//!
//! Metres are written as 16-bit PNG in millimetres; depth that is none is not, and the report says why. A preview in
//! colours is written of any: near is bright, far is dark, black is none. `gnomon run --depth-model` opens its network here.

use crate::network::{NetworkArgs, ran_on, runtime};
use crate::output::OutDir;
use crate::pictures::Recorder;
use crate::source::open_for_pictures;
use crate::timing::{StageLog, nearest};
use crate::{pretty, say, table};
use gnomon::depth::{Depth, DepthMap, DepthNet, Stance};
use gnomon::frame::{DepthNoise, Frame, ImageView, Intrinsics, PixelFormat, Up};
use gnomon::models::{Family, ModelFolder, Precision, ROOM_DEPTH};
use gnomon::runtime::Control;
use gnomon::scene::{ObjectSource, SceneOptions};
use gnomon::score::{DepthScore, DepthTally};
use gnomon::sequence::{Lens, SequenceOptions, read_picture};
use gnomon::silhouette::{SilhouetteOptions, Silhouettes};
use gnomon::{Error, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// A picture, or the folder of a sequence
    input: PathBuf,
    #[command(flatten)]
    net: NetArgs,
    /// Where the results go [default: out/<name of the picture or sequence>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Camera of the picture, or colour camera of the sequence: fx,fy,cx,cy and the lens as `gnomon run` takes it
    #[arg(long, value_name = "NUMBERS", value_parser = Lens::parse)]
    intrinsics: Option<Lens>,
    /// Of a sequence, every N-th frame alone
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Metres per count of the sensor's depth, or counts per metre when above 1
    #[arg(long, value_name = "S")]
    depth_scale: Option<f64>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Which network, and what it is to run on.
#[derive(clap::Args)]
struct NetArgs {
    /// A model folder, an .onnx file with --family, or gnomon:room, the network that gnomon holds in itself: it knows
    /// rendered rooms alone
    #[arg(long, value_name = "DIR|FILE")]
    model: PathBuf,
    /// Family of a model that does not say it: depth_anything_v2, depth_anything_v2_metric, depth_pro, unidepth_v2,
    /// depth_anything_3, depth_anything_3_metric, vggt, room_depth
    #[arg(long, value_name = "F", value_parser = Family::parse)]
    family: Option<Family>,
    /// Which of the folder's files: fp32, fp16, q8, int8, uint8, q4, q4f16, bnb4 [default: the first there is]
    #[arg(long, value_name = "WORD", value_parser = Precision::parse)]
    precision: Option<Precision>,
    #[command(flatten)]
    network: NetworkArgs,
}

/// The words of `gnomon eval room --colour` that name a depth network.
#[derive(clap::Args)]
pub struct ColourArgs {
    /// Which network gives the depth: a model folder, or gnomon:room, the one that gnomon holds in itself
    #[arg(long, value_name = "DIR", default_value = ROOM_DEPTH, requires = "colour")]
    depth_model: PathBuf,
    #[command(flatten)]
    network: NetworkArgs,
}

impl ColourArgs {
    /// Loads it.
    pub fn open(&self) -> Result<DepthNet> {
        let folder = ModelFolder::open(&self.depth_model, None, None)?;
        DepthNet::open(&runtime()?, &folder, None, &self.network.session_options())
    }
}

/// The words of `gnomon run` that name a depth network.
#[derive(clap::Args)]
pub struct RunArgs {
    /// Metric depth by this network; the sensor's is not read, and need not be there: a model folder, an .onnx file with
    /// --depth-family, or gnomon:room, the network that gnomon holds in itself: it knows rendered rooms alone
    #[arg(long, value_name = "DIR|FILE")]
    depth_model: Option<PathBuf>,
    /// Family of a depth model that does not say it
    #[arg(long, value_name = "F", value_parser = Family::parse, requires = "depth_model")]
    depth_family: Option<Family>,
    /// Where the floor is in the sequence's world, z up, metres: gnomon:room is better where it is told
    #[arg(long, value_name = "M", requires = "depth_model", allow_hyphen_values = true)]
    floor: Option<f64>,
    /// Leave the network's depth of things as it is: else their outlines say where they are, once the camera has moved
    #[arg(long, requires = "depth_model")]
    no_silhouettes: bool,
}

impl NetArgs {
    fn open(&self) -> Result<DepthNet> {
        let folder = ModelFolder::open(&self.model, self.family, None)?;
        DepthNet::open(&runtime()?, &folder, self.precision, &self.network.session_options())
    }
}

/// A network that gives metres, for a run.
pub struct DepthModel {
    net: DepthNet,
    floor_m: Option<f64>,
    has_silhouettes: bool,
}

impl RunArgs {
    /// Whether a network was named.
    pub fn is_named(&self) -> bool {
        self.depth_model.is_some()
    }

    /// Opens the network that was named, if one was. Refuses one that gives no metres.
    pub fn open(&self, network: &NetworkArgs) -> Result<Option<DepthModel>> {
        let Some(model) = &self.depth_model else { return Ok(None) };
        let folder = ModelFolder::open(model, self.depth_family, None)?;
        let net = DepthNet::open(&runtime()?, &folder, None, &network.session_options())?;
        net.expect_metric().map_err(|error| error.within(model.display()))?;
        Ok(Some(DepthModel { net, floor_m: self.floor, has_silhouettes: !self.no_silhouettes }))
    }
}

impl DepthModel {
    /// What it is and what it runs on.
    pub fn words(&self) -> String {
        let session = self.net.session();
        let remarks = session.remarks().iter().map(|remark| format!("; {remark}")).collect::<String>();
        format!("{} on {}{remarks}", self.net.family(), ran_on(session))
    }

    /// The network.
    pub fn into_net(self) -> DepthNet {
        self.net
    }

    /// How good its metres are, where that is known: better where outlines place what is detected.
    pub fn noise(&self, options: &SceneOptions) -> Option<DepthNoise> {
        let noise = self.net.depth_noise();
        if self.places(options) { noise.map(|_| Silhouettes::depth_noise()) } else { noise }
    }

    /// Whether outlines say where things are in a scene of these options: not where nobody says what is detected, nor where it
    /// is not known which way is up.
    fn places(&self, options: &SceneOptions) -> bool {
        self.has_silhouettes && options.source == ObjectSource::Detections && options.up != Up::Auto
    }

    /// How outlines are taken in a scene of these options, where they are.
    pub fn silhouettes(&self, options: &SceneOptions) -> Option<SilhouetteOptions> {
        let movable_labels = options.movable_labels.clone();
        self.places(options).then(|| SilhouetteOptions { movable_labels, ..SilhouetteOptions::default() })
    }

    /// Metres of a frame's picture, row-major, 0 for none and for sky.
    pub fn metres(&self, frame: &Frame<'_>, stages: &mut StageLog) -> Result<Vec<f32>> {
        let began = Instant::now();
        let picture = frame.colour.as_ref().ok_or_else(|| Error::argument("the frame has no picture"))?;
        let stance = self.floor_m.map(|floor_m| Stance::of(&frame.world_from_camera, floor_m)).transpose()?;
        let (camera, control) = (Some(&frame.intrinsics), Control::default());
        let estimate = self.net.estimate_standing(picture, camera, stance.as_ref(), &control)?;
        stages.add("depth", began.elapsed());
        Ok(estimate.without_sky().metric()?.map().values().to_vec())
    }
}

/// One picture's depth, in figures.
struct Row {
    name: String,
    range: [f32; 3],
    share: f64,
    latency: Duration,
    score: Option<DepthScore>,
}

/// All that is reported.
struct Report {
    rows: Vec<Row>,
    tally: DepthTally,
    kind: &'static str,
    /// Why there are no millimetres.
    why_not: Option<String>,
    remarks: Vec<String>,
    plan: String,
    files: Vec<PathBuf>,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let net = args.net.open()?;
    let report = if args.input.is_dir() { of_sequence(args, &net) } else { of_picture(args, &net) }?;
    say(&if args.json { pretty(&report.document(&net)) } else { report.text(&net) })?;
    Ok(ExitCode::SUCCESS)
}

fn of_picture(args: &Args, net: &DepthNet) -> Result<Report> {
    let (width, height, pixels) = read_picture(&args.input)?;
    let picture = ImageView::new(&pixels, width, height, 0, PixelFormat::Rgb8)?;
    let camera = args.intrinsics.map(|lens| lens.at_size(width, height)).transpose()?;
    let name = args.input.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut work = Work::new(args, net, &name, (width, height))?;
    work.take(&name, &picture, camera.as_ref(), None)?;
    Ok(work.report())
}

fn of_sequence(args: &Args, net: &DepthNet) -> Result<Report> {
    let (depth_scale, intrinsics) = (args.depth_scale, args.intrinsics);
    let options = SequenceOptions { depth_scale, intrinsics, ..SequenceOptions::default() };
    let sequence = open_for_pictures(&args.input, options)?;
    if sequence.is_empty() {
        return Err(Error::io(format!("{}: no frame can be used", args.input.display())));
    }
    let (mut recorder, mut work) = (Recorder::default(), None);
    for at in (0..sequence.len()).step_by(args.every as usize) {
        let loaded = sequence.load(at)?;
        let name = format!("frame-{:06}", loaded.frame);
        let shot = recorder.shot(loaded)?;
        let picture = shot.view()?;
        let work = match &mut work {
            Some(work) => work,
            none => none.insert(Work::new(args, net, sequence.name(), (picture.width(), picture.height()))?),
        };
        work.take(&name, &picture, Some(&shot.intrinsics), Some(&shot.truth_m))
            .map_err(|error| error.within(&shot.name))?;
    }
    work.map(Work::report).ok_or_else(|| Error::io(format!("{}: no frame was taken", args.input.display())))
}

/// A report in the making.
struct Work<'a> {
    net: &'a DepthNet,
    out: OutDir,
    report: Report,
}

impl<'a> Work<'a> {
    fn new(args: &Args, net: &'a DepthNet, name: &str, (width, height): (u32, u32)) -> Result<Self> {
        let plan = net.plan(width as usize, height as usize)?;
        let report = Report {
            rows: Vec::new(),
            tally: DepthTally::default(),
            kind: "",
            why_not: None,
            remarks: net.session().remarks().to_vec(),
            plan: format!("{width}x{height} {}", plan.words),
            files: Vec::new(),
        };
        let out = OutDir::create(&args.out.clone().unwrap_or_else(|| Path::new("out").join(name)))?;
        Ok(Self { net, out, report })
    }

    /// One picture: estimated, compared with `truth_m`, written.
    fn take(
        &mut self,
        name: &str,
        picture: &ImageView<'_>,
        camera: Option<&Intrinsics>,
        truth_m: Option<&[f32]>,
    ) -> Result<()> {
        let began = Instant::now();
        let estimate = self.net.estimate(picture, camera, &Control::default())?;
        let latency = began.elapsed();
        let (map, report) = (estimate.depth.map(), &mut self.report);
        report.kind = estimate.depth.words();
        for remark in &estimate.remarks {
            if !report.remarks.contains(remark) {
                report.remarks.push(remark.clone());
            }
        }
        let mut score = None;
        match estimate.metric() {
            Ok(metric) => {
                write_millimetres(&mut self.out, name, map, &metric.millimetres())?;
                score = truth_m.map(|truth| DepthScore::of(map.values(), truth)).transpose()?.flatten();
            }
            Err(error) => report.why_not = Some(error.to_string()),
        }
        write_preview(&mut self.out, name, &estimate.depth)?;
        if let Some(score) = &score {
            report.tally.add(score);
        }
        // The network fails where there is none at all.
        let range = map.range().map_or([0.0; 3], |range| [range.min, range.median, range.max]);
        let share = map.count() as f64 / map.values().len() as f64;
        report.rows.push(Row { name: name.into(), range, share, latency, score });
        Ok(())
    }

    fn report(mut self) -> Report {
        self.report.files = self.out.into_written();
        self.report
    }
}

impl Report {
    /// Least of the least, middle of the middles, greatest of the greatest; and the middle and greatest latency, ms.
    fn totals(&self) -> ([f32; 3], [f64; 2]) {
        let middle = |mut numbers: Vec<f64>| {
            numbers.sort_by(f64::total_cmp);
            nearest(&numbers, 0.5).unwrap_or(0.0)
        };
        let column = |at: usize| self.rows.iter().map(move |row| row.range[at]);
        let least = column(0).fold(f32::INFINITY, f32::min);
        let greatest = column(2).fold(0.0, f32::max);
        let median = middle(column(1).map(f64::from).collect()) as f32;
        let times: Vec<f64> = self.rows.iter().map(|row| row.latency.as_secs_f64() * 1e3).collect();
        let slowest = times.iter().copied().fold(0.0, f64::max);
        ([least, median, greatest], [middle(times), slowest])
    }

    fn document(&self, net: &DepthNet) -> Value {
        let score = |score: &DepthScore| {
            json!({
                "abs_rel": score.abs_rel,
                "delta1": score.delta1,
                "compared": score.compared,
                "with_truth": score.with_truth,
            })
        };
        let row = |row: &Row| {
            let [min, median, max] = row.range;
            json!({
                "name": row.name, "min": min, "median": median, "max": max, "share_with_depth": row.share,
                "latency_ms": row.latency.as_secs_f64() * 1e3, "score": row.score.as_ref().map(score),
            })
        };
        let ([min, median, max], [latency, slowest]) = self.totals();
        json!({
            "family": net.family().word(),
            "ran_on": ran_on(net.session()),
            "input": self.plan,
            "depth": self.kind,
            "no_millimetres": self.why_not,
            "remarks": self.remarks,
            "pictures": self.rows.iter().map(row).collect::<Vec<_>>(),
            "min": min, "median": median, "max": max,
            "latency_p50_ms": latency, "latency_max_ms": slowest,
            "score": self.tally.mean().as_ref().map(score),
            "files": self.files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        })
    }

    fn text(&self, net: &DepthNet) -> String {
        let ([min, median, max], [latency, slowest]) = self.totals();
        let mut rows = vec![
            vec!["family".into(), net.family().to_string()],
            vec!["ran on".into(), ran_on(net.session())],
            vec!["input".into(), self.plan.clone()],
            vec!["depth".into(), format!("{}, {min:.3} to {max:.3}, middle {median:.3}", self.kind)],
        ];
        rows.push(match self.rows.as_slice() {
            [one] => vec!["with depth".into(), format!("{:.1} % of the pixels", 100.0 * one.share)],
            many => vec!["pictures".into(), many.len().to_string()],
        });
        let times = format!("{latency:.1} ms");
        let times = if self.rows.len() > 1 { format!("{times} mostly, {slowest:.1} ms at most") } else { times };
        rows.push(vec!["latency".into(), times]);
        if let Some(mean) = self.tally.mean() {
            let share = 100.0 * mean.compared as f64 / mean.with_truth.max(1) as f64;
            let marks = format!("AbsRel {:.4}, delta < 1.25 {:.4}", mean.abs_rel, mean.delta1);
            rows.push(vec!["to the sensor".into(), format!("{marks}, of {share:.1} % of its pixels")]);
        }
        for remark in &self.remarks {
            rows.push(vec!["remark".into(), remark.clone()]);
        }
        if let Some(why_not) = &self.why_not {
            rows.push(vec!["no millimetres".into(), why_not.clone()]);
        }
        let folder = self.files.first().and_then(|path| path.parent()).unwrap_or(Path::new("."));
        rows.push(vec!["written".into(), format!("{} files in {}", self.files.len(), folder.display())]);
        table::table(&["", ""], &rows).trim_start().to_string()
    }
}

fn write_millimetres(out: &mut OutDir, name: &str, map: &DepthMap, millimetres: &[u16]) -> Result<()> {
    // The encoder takes the machine's byte order.
    let bytes: Vec<u8> = millimetres.iter().flat_map(|count| count.to_ne_bytes()).collect();
    write_png(out, &format!("{name}.depth.png"), map, &bytes, ExtendedColorType::L16)
}

fn write_preview(out: &mut OutDir, name: &str, depth: &Depth) -> Result<()> {
    write_png(out, &format!("{name}.preview.png"), depth.map(), &preview(depth), ExtendedColorType::Rgb8)
}

fn write_png(out: &mut OutDir, name: &str, map: &DepthMap, bytes: &[u8], colour: ExtendedColorType) -> Result<()> {
    out.write(name, |file| {
        let written = PngEncoder::new(file).write_image(bytes, map.width() as u32, map.height() as u32, colour);
        written.map_err(|error| Error::io(error.to_string()))
    })
}

/// Colours from far to near.
const COLOURS: [[f32; 3]; 5] =
    [[20.0, 16.0, 80.0], [60.0, 80.0, 170.0], [60.0, 170.0, 150.0], [230.0, 190.0, 70.0], [255.0, 250.0, 220.0]];

/// Inverse depth between its 2nd and 98th hundredth, in colours: what is beyond has the outermost ones; none is black.
fn preview(depth: &Depth) -> Vec<u8> {
    let is_inverse = matches!(depth, Depth::AffineInverseDepth(_));
    let nearness = |value: f32| if is_inverse { value } else { 1.0 / value };
    let values = depth.map().values();
    let mut known: Vec<f32> = values.iter().filter(|value| **value > 0.0).map(|value| nearness(*value)).collect();
    known.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| known.get((share * known.len() as f64) as usize).copied().unwrap_or(0.0);
    let (far, near) = (at(0.02), at(0.98));
    let colour = |value: f32| {
        if value <= 0.0 {
            return [0; 3];
        }
        let along = ((nearness(value) - far) / (near - far).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
        let step = along * (COLOURS.len() - 1) as f32;
        let first = (step as usize).min(COLOURS.len() - 2);
        let part = step - first as f32;
        let mix = |channel: usize| COLOURS[first][channel] * (1.0 - part) + COLOURS[first + 1][channel] * part;
        [mix(0) as u8, mix(1) as u8, mix(2) as u8]
    };
    values.iter().flat_map(|value| colour(*value)).collect()
}
