//! `gnomon run`: a recorded sequence goes through the library frame by frame; the map and the times are written.
//!
//! One frame is held at a time. Without a detections file or a detector things come from geometry alone. Where a network
//! gives the depth, the sensor's is not read: pictures, poses and the camera will do. Where a network of many views gives
//! poses and cameras too, pictures will do (`geometry.rs`).

use crate::depth::DepthModel;
use crate::detections::{Detections, borrowed};
use crate::geometry::{Geometry, GeometryArgs, Posed, size_cues};
use crate::source::{Source, skipped_by_reason};
use crate::timing::StageLog;
use crate::{machine, output, pretty, say, table};
use gnomon::frame::{MetricZ, Up};
use gnomon::geometry::Track;
use gnomon::graph::{Chain, ChainOptions, ToldScene};
use gnomon::keep::{DEFAULT_RECORDING_BYTES, Recorder, Recording};
use gnomon::scale::ScaleEstimate;
use gnomon::scene::{FrameReport, ObjectSource, SceneOptions, scene_to_json};
use gnomon::sequence::Sequence;
use gnomon::silhouette::Silhouettes;
use gnomon::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use nalgebra::Vector3;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Detections, one JSON object a line; without them things come from geometry alone
    #[arg(long, value_name = "F.jsonl")]
    pub detections: Option<PathBuf>,
    /// A detector that looks at each picture: a model folder, or a file with --family and --labels
    #[arg(long, value_name = "DIR", conflicts_with = "detections")]
    pub detector: Option<PathBuf>,
    #[command(flatten)]
    pub network: crate::network::DetectorArgs,
    /// Which way is up in the sequence's world: x, y, z, -x, -y, -z, auto or a,b,c [default: z; auto with --static]
    #[arg(long, value_parser = Up::parse, allow_hyphen_values = true)]
    up: Option<Up>,
    /// Where the results go [default: out/<name of the sequence>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write scene.json.zst, less than half as large, instead of scene.json
    #[arg(long)]
    pub zst: bool,
    /// Record what goes in and what is decided, for `gnomon replay`
    #[arg(long, value_name = "FILE", conflicts_with = "live")]
    record: Option<PathBuf>,
    /// The most that a recording may take, MiB
    #[arg(long, value_name = "MIB", default_value_t = DEFAULT_RECORDING_BYTES >> 20, requires = "record")]
    record_mib: u64,
    /// Play the frames at their stamps into a pipeline, as cameras would, and say what became of them
    #[arg(long)]
    live: bool,
    /// Play so many frames a second instead
    #[arg(long, value_name = "HZ", requires = "live", value_parser = crate::live::parse_rate)]
    pub rate: Option<f64>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
    /// Labels of things that move by themselves [default: person]
    #[arg(long, value_name = "LABEL,...", value_delimiter = ',')]
    movable: Option<Vec<String>>,
    #[command(flatten)]
    depth_model: crate::depth::RunArgs,
    #[command(flatten)]
    geometry: GeometryArgs,
}

/// What gives a frame its depth.
#[derive(Clone, Copy)]
enum DepthFrom<'a> {
    Sensor,
    Network(&'a DepthModel),
    /// With its poses and cameras: those of the sequence.
    Track(&'a Track),
}

/// What the metres of a run from pictures alone rest on.
enum Metres {
    /// On cues.
    Scaled(ScaleEstimate),
    /// On the network's word.
    Network,
    /// On nothing.
    Unknown,
}

/// What became of all frames together.
#[derive(Default)]
struct Totals {
    frames: u64,
    up_unknown: u64,
    detections: u64,
    lifted: u64,
    associated: u64,
    outvoted: u64,
    born: u64,
    moved: u64,
    merged: u64,
    removed: u64,
}

/// A run that is over.
struct Finished {
    /// The scene, and what readers of triplets were told: at every new keyframe, and at the end.
    told: ToldScene,
    recording: Recording,
    totals: Totals,
    stages: StageLog,
    wall: Duration,
    /// What gave the depth, where it was not the sensor.
    depth_from: Option<String>,
    /// Of a run from pictures alone.
    metres: Option<Metres>,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    if let Some(geometry) = args.geometry.look(&args.source.sequence, args.up, &args.network.network)? {
        return of_pictures(args, geometry);
    }
    let has_model = args.depth_model.is_named();
    let sequence = if has_model { args.source.open_without_depth() } else { args.source.open() }?;
    let mut detections = Detections::of(args, &sequence)?;
    let depth_model = args.depth_model.open(&args.network.network)?;
    let mut options = args.scene_options(&sequence, &detections);
    if let Some(noise) = depth_model.as_ref().and_then(|model| model.noise(&options)) {
        options.depth_noise = noise;
    }
    let inputs = inputs_of(&sequence, &detections, depth_model.as_ref());
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    if args.live {
        return crate::live::run(args, &sequence, detections, depth_model, options, &inputs);
    }
    let recorder = args.recording(Recorder::new(options, &inputs)?)?;
    let depth = depth_model.as_ref().map_or(DepthFrom::Sensor, DepthFrom::Network);
    let mut finished = take_in(&sequence, &mut detections, depth, recorder)?;
    finished.depth_from = depth_model.as_ref().map(DepthModel::words);
    report(args, &sequence, &detections, &finished)
}

/// From pictures alone: poses, cameras and depth as a network of many views has them.
fn of_pictures(args: &Args, geometry: Geometry) -> Result<ExitCode> {
    let known = args.geometry.known_sizes();
    let mut cues = Vec::new();
    if !known.is_empty() {
        // Things are met in a scene that is about as large as a room, and measured there.
        let Posed { sequence, track, factor } = geometry.clone().posed(None)?;
        let mut detections = Detections::of(args, &sequence)?;
        if matches!(detections, Detections::None) {
            return Err(Error::argument("--known-sizes needs things with labels: give --detections or --detector"));
        }
        let recorder = Recorder::new(args.scene_options(&sequence, &detections), &[])?;
        let finished = take_in(&sequence, &mut detections, DepthFrom::Track(&track), recorder)?;
        cues = size_cues(&finished.told.snapshot, known, factor)?;
    }
    let scale = geometry.scale(cues)?;
    let (words, gives_metres) = (geometry.words().to_owned(), geometry.is_metric());
    let Posed { sequence, track, .. } = geometry.posed(scale.as_ref())?;
    let mut detections = Detections::of(args, &sequence)?;
    let mut inputs = inputs_of(&sequence, &detections, None);
    inputs.push(format!("geometry: {words}"));
    let metres = match scale {
        Some(scale) => Metres::Scaled(scale),
        None if gives_metres => Metres::Network,
        None => Metres::Unknown,
    };
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let mut recorder = Recorder::new(args.scene_options(&sequence, &detections), &inputs)?;
    if matches!(metres, Metres::Unknown) {
        recorder.set_up_to_scale()?;
    }
    let recorder = args.recording(recorder)?;
    let mut finished = take_in(&sequence, &mut detections, DepthFrom::Track(&track), recorder)?;
    finished.depth_from = Some(words);
    finished.metres = Some(metres);
    report(args, &sequence, &detections, &finished)
}

/// Writes the results and says what they are.
fn report(args: &Args, sequence: &Sequence, detections: &Detections, finished: &Finished) -> Result<ExitCode> {
    let out_dir = args.out.clone().unwrap_or_else(|| Path::new("out").join(sequence.name()));
    let timing = timing_of(sequence, finished);
    let list = finished.told.published.clone().unwrap_or_default();
    let chain = Chain::of(&list, ChainOptions::default())?;
    let mut files = output::write_all(&out_dir, args.zst, &finished.told, &chain, &timing)?;
    files.extend(args.record.clone());
    let report = if args.json {
        pretty(&document_of(sequence, detections, finished, &timing, &files)?)
    } else {
        text_of(sequence, detections, finished, &timing, &files)
    };
    say(&report)?;
    if let Some(why) = &finished.recording.ended {
        eprintln!("gnomon: the recording is not whole: {why}");
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// Begins the recording that is asked for.
    fn recording(&self, mut recorder: Recorder) -> Result<Recorder> {
        if let Some(path) = &self.record {
            let failed = |error| Error::io(format!("{} cannot be written: {error}", path.display()));
            let file = std::fs::File::create(path).map_err(failed)?;
            recorder.record_into(Box::new(file), self.record_mib << 20)?;
        }
        Ok(recorder)
    }

    fn scene_options(&self, sequence: &Sequence, detections: &Detections) -> SceneOptions {
        let otherwise = if self.source.stands_still { Up::Auto } else { Up::Z };
        // A track from pictures is upright already.
        let told = self.up.filter(|_| !self.geometry.is_named());
        let mut options = SceneOptions {
            up: sequence.up().or(told).unwrap_or(otherwise),
            source: match detections {
                Detections::None => ObjectSource::Geometry,
                _ => ObjectSource::Detections,
            },
            ..Default::default()
        };
        if let Some(labels) = &self.movable {
            options.movable_labels = labels.clone();
        }
        options
    }
}

/// What goes in, for whoever finds the scene later.
fn inputs_of(sequence: &Sequence, detections: &Detections, depth_model: Option<&DepthModel>) -> Vec<String> {
    let said_by = match detections {
        Detections::None => "geometry".into(),
        Detections::File { name, .. } => name.clone(),
        Detections::Network { .. } => detections.words().unwrap_or_default(),
    };
    let mut inputs = vec![format!("{} ({})", sequence.name(), sequence.layout().word()), format!("things: {said_by}")];
    inputs.extend(depth_model.map(|model| format!("depth: {}", model.words())));
    inputs
}

fn take_in(
    sequence: &Sequence,
    detections: &mut Detections,
    depth_from: DepthFrom<'_>,
    mut recorder: Recorder,
) -> Result<Finished> {
    let mut stages = StageLog::default();
    let mut totals = Totals::default();
    let options = recorder.scene().options();
    let mut silhouettes = match depth_from {
        DepthFrom::Network(model) => {
            let taken = model.silhouettes(options).map(Silhouettes::new).transpose()?;
            taken.zip(options.up.rotation()?)
        }
        DepthFrom::Sensor | DepthFrom::Track(_) => None,
    };
    let progress = progress_bar(sequence.len());
    let began = Instant::now();
    for i in 0..sequence.len() {
        let load_began = Instant::now();
        let loaded = sequence.load(i)?;
        stages.add("load", load_began.elapsed());
        let mut frame = loaded.as_frame()?;
        let detect_began = Instant::now();
        let found = detections.for_frame(&loaded)?;
        stages.add("detect", detect_began.elapsed());
        let found = borrowed(&found)?;
        let made;
        let (width, height) = (frame.intrinsics.width, frame.intrinsics.height);
        match depth_from {
            DepthFrom::Sensor => {}
            DepthFrom::Network(model) => {
                let mut metres = model.metres(&frame, &mut stages)?;
                if let Some((silhouettes, upright_from_input)) = &mut silhouettes {
                    let outlines_began = Instant::now();
                    let pose = *upright_from_input * frame.world_from_camera;
                    silhouettes.refine(&frame.intrinsics, &pose, &found, &mut metres)?;
                    stages.add("outlines", outlines_began.elapsed());
                }
                made = metres;
                (frame.depth, frame.depth_camera) = (MetricZ::from_metres(&made, width, height)?, None);
            }
            DepthFrom::Track(track) => {
                let depth = track.frames().get(i).map(|posed| posed.depth.as_slice()).unwrap_or_default();
                frame.depth = MetricZ::from_metres(depth, width, height)?;
            }
        }
        let frame_began = Instant::now();
        let report =
            recorder.integrate(&frame, &found).map_err(|error| error.within(format_args!("frame {}", loaded.frame)))?;
        recorder.publish();
        for (name, time) in recorder.scene().stage_times().stages() {
            stages.add(name, time);
        }
        stages.add("frame", frame_began.elapsed());
        if report.keyframe.is_some() || i + 1 == sequence.len() {
            recorder.tell()?;
        }
        totals.add(&report);
        progress.inc(1);
    }
    progress.finish_and_clear();
    let wall = began.elapsed();
    let (told, recording) = recorder.finish();
    Ok(Finished { told, recording, totals, stages, wall, depth_from: None, metres: None })
}

fn progress_bar(frames: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} frames, {per_sec}, {eta} left");
    ProgressBar::new(frames as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Totals {
    fn add(&mut self, report: &FrameReport) {
        self.frames += 1;
        self.up_unknown += u64::from(!report.up_known);
        self.detections += u64::from(report.detections);
        self.lifted += u64::from(report.lifted);
        self.associated += u64::from(report.associated);
        self.outvoted += u64::from(report.outvoted);
        self.born += u64::from(report.born);
        self.moved += u64::from(report.moved);
        self.merged += u64::from(report.merged);
        self.removed += u64::from(report.removed);
    }

    fn document(&self) -> Value {
        json!({
            "frames_before_up_was_known": self.up_unknown,
            "detections": self.detections,
            "lifted": self.lifted,
            "associated": self.associated,
            "outvoted": self.outvoted,
            "born": self.born,
            "moved": self.moved,
            "merged": self.merged,
            "removed": self.removed,
        })
    }
}

fn timing_of(sequence: &Sequence, finished: &Finished) -> Value {
    let memory = machine::memory();
    let wall_s = finished.wall.as_secs_f64();
    json!({
        "frames": finished.totals.frames,
        "skipped": sequence.skipped().len(),
        "wall_s": (wall_s * 1e6).round() / 1e6,
        "rss_bytes": memory.now_bytes,
        "rss_peak_bytes": memory.peak_bytes,
        "stages": finished.stages.summary(),
    })
}

fn document_of(
    sequence: &Sequence,
    detections: &Detections,
    finished: &Finished,
    timing: &Value,
    files: &[PathBuf],
) -> Result<Value> {
    let scene: Value = serde_json::from_str(&scene_to_json(&finished.told.snapshot))
        .map_err(|error| Error::io(format!("scene cannot be read back: {error}")))?;
    Ok(json!({
        "sequence": sequence.name(),
        "layout": sequence.layout().word(),
        "detections": detections.document(),
        "depth": finished.depth_from.as_deref().unwrap_or("sensor"),
        "scale": match &finished.metres {
            None => json!("sensor"),
            Some(Metres::Scaled(scale)) => crate::geometry::document_of(scale),
            Some(Metres::Network) => json!("network"),
            Some(Metres::Unknown) => json!("unknown"),
        },
        "up": scene.get("up"),
        "world_from_input": scene.get("world_from_input"),
        "objects": scene.get("objects"),
        "supports": scene.get("supports"),
        "counts": finished.totals.document(),
        "skipped": skipped_by_reason(sequence),
        "timing": timing,
        "files": files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
    }))
}

fn text_of(
    sequence: &Sequence,
    detections: &Detections,
    finished: &Finished,
    timing: &Value,
    files: &[PathBuf],
) -> String {
    let (snapshot, totals) = (&finished.told.snapshot, &finished.totals);
    let seconds = finished.wall.as_secs_f64();
    let mut text = format!(
        "{}: {} frames ({}) in {seconds:.2} s, {} things, {} supports\n",
        sequence.name(),
        totals.frames,
        sequence.layout().word(),
        snapshot.len(),
        snapshot.supports().len()
    );
    if let Some(words) = &finished.depth_from {
        text += &format!("depth: {words}\n");
    }
    match &finished.metres {
        None => {}
        Some(Metres::Scaled(scale)) => text += &crate::geometry::text_of(scale),
        Some(Metres::Network) => text += "scale: the network's own metres\n",
        Some(Metres::Unknown) => {
            text += "scale: unknown; lengths are no metres, and answers about metres are refused. --camera-height, --odometry, \
                     --points or --known-sizes tell it\n";
        }
    }
    for (reason, count) in skipped_by_reason(sequence) {
        text += &format!("skipped: {count} frames, {reason}\n");
    }
    if totals.up_unknown > 0 {
        text += &format!("set aside until the floor was found: {} frames\n", totals.up_unknown);
    }
    if snapshot.up() == Up::Auto && totals.up_unknown < totals.frames {
        let up = snapshot.world_from_input().rotation.inverse() * Vector3::z();
        text += &format!("up: auto, found {:.4} {:.4} {:.4} in the input's world\n", up.x, up.y, up.z);
    }
    text += &format!(
        "detections: {} seen, {} lifted, {} recognised; things: {} born, {} moved, {} merged, {} removed\n",
        totals.detections, totals.lifted, totals.associated, totals.born, totals.moved, totals.merged, totals.removed
    );
    if let Some(words) = detections.words() {
        text += &format!("detector: {words}\n");
    }
    if totals.outvoted > 0 {
        let share = 100.0 * totals.outvoted as f64 / totals.associated as f64;
        text += &format!(
            "labels: {} of {} recognised ({share:.1} %) were called otherwise than their thing, and outvoted\n",
            totals.outvoted, totals.associated
        );
    }
    if let Some(peak) = timing["rss_peak_bytes"].as_u64() {
        text += &format!("memory: {} MiB at most\n", peak >> 20);
    }
    if !snapshot.is_empty() {
        text += &format!("\n{}", table::objects(snapshot));
    }
    if !snapshot.supports().is_empty() {
        text += &format!("\n{}", table::supports(snapshot));
    }
    text += "\n";
    for path in files {
        text += &format!("{}\n", path.display());
    }
    text
}
