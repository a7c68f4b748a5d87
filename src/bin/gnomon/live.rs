//! `gnomon run --live`: a recorded sequence is played into a pipeline as cameras would, and the pipeline says what became of
//! it. What comes too fast is dropped, as on a robot: the map need not be that of a plain run.

use crate::depth::DepthModel;
use crate::detections::{Detections, borrowed};
use crate::run::Args;
use crate::{machine, output, pretty, say, table};
use gnomon::graph::{Chain, ChainOptions, PublishedList, ToldScene};
use gnomon::pipeline::{
    BorrowedFrame, DepthStage, Detect, DetectorStage, EstimateDepth, Pipeline, PipelineOptions, PipelineStatistics,
    Stages,
};
use gnomon::scene::{Scene, SceneOptions};
use gnomon::sequence::Sequence;
use gnomon::{Error, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most frames a second that a sequence may be played at.
const MAX_RATE_HZ: f64 = 10_000.0;

/// How long is waited for the last frames.
const SETTLE: Duration = Duration::from_secs(60);

/// Reads a rate.
pub fn parse_rate(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= MAX_RATE_HZ => Ok(rate),
        _ => Err(format!("expected frames a second, above 0 and at most {MAX_RATE_HZ}")),
    }
}

/// Plays the sequence and reports.
pub fn run(
    args: &Args,
    sequence: &Sequence,
    mut detections: Detections,
    depth_model: Option<DepthModel>,
    options: SceneOptions,
    inputs: &[&str],
) -> Result<ExitCode> {
    let without_depth = depth_model.is_some();
    let silhouettes = depth_model.as_ref().and_then(|model| model.silhouettes(&options));
    let mut scene = Scene::new(options)?;
    scene.set_inputs(inputs)?;
    let mut stages = Stages { silhouettes, ..Stages::default() };
    if let Some(model) = depth_model {
        stages.depth = Some(Box::new(DepthStage::new(Arc::new(model.into_net()))) as Box<dyn EstimateDepth>);
    }
    if let Detections::Network { detector, options } = detections {
        stages.detect = Some(Box::new(DetectorStage::new(detector.into(), options)) as Box<dyn Detect>);
        detections = Detections::None;
    }
    let brings_detections = matches!(detections, Detections::File { .. });
    let pipeline = Pipeline::open(scene, PipelineOptions::default(), stages)?;
    let began = Instant::now();
    let mut first_ns = None;
    for i in 0..sequence.len() {
        let loaded = sequence.load(i)?;
        let frame = loaded.as_frame()?;
        let found = detections.for_frame(&loaded)?;
        let views = borrowed(&found)?;
        let into = frame.stamp_ns.saturating_sub(*first_ns.get_or_insert(frame.stamp_ns));
        let due = match args.rate {
            Some(rate) => Duration::from_secs_f64(i as f64 / rate),
            None => Duration::from_nanos(u64::try_from(into).unwrap_or(0)),
        };
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        let mut live = BorrowedFrame::from(frame);
        live.depth = live.depth.filter(|_| !without_depth);
        live.detections = brings_detections.then_some(&views);
        pipeline.push_copy(&live).map_err(|error| error.within(format_args!("frame {}", loaded.frame)))?;
    }
    let played = began.elapsed();
    let settled = pipeline.settle(SETTLE);
    let (statistics, explanation) = (pipeline.statistics(), pipeline.explain());
    pipeline.close();
    if !settled {
        eprintln!("gnomon: {} frames were still under way after {} s", statistics.under_way, SETTLE.as_secs());
    }
    let told = ToldScene { snapshot: pipeline.snapshot(), published: None };
    let files = write(args, sequence, &told, &statistics, played)?;
    let named: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let report = if args.json {
        let explanation: Value = serde_json::from_str(&explanation.to_json())
            .map_err(|error| Error::io(format!("the explanation cannot be read back: {error}")))?;
        pretty(&json!({
            "sequence": sequence.name(),
            "played_s": played.as_secs_f64(),
            "statistics": statistics,
            "explanation": explanation,
            "objects": told.snapshot.len(),
            "files": named,
        }))
    } else {
        let mut text = text_of(sequence, &statistics, played);
        let _ = writeln!(text, "\n{explanation}");
        if !told.snapshot.is_empty() {
            let _ = write!(text, "\n{}", table::objects(&told.snapshot));
        }
        let _ = write!(text, "\n{}\n", named.join("\n"));
        text
    };
    say(&report)?;
    Ok(ExitCode::SUCCESS)
}

fn write(
    args: &Args,
    sequence: &Sequence,
    told: &ToldScene,
    statistics: &PipelineStatistics,
    played: Duration,
) -> Result<Vec<PathBuf>> {
    let out_dir = args.out.clone().unwrap_or_else(|| Path::new("out").join(sequence.name()));
    let chain = Chain::of(&PublishedList::default(), ChainOptions::default())?;
    let memory = machine::memory();
    let timing = json!({
        "frames": statistics.published,
        "skipped": sequence.skipped().len(),
        "wall_s": played.as_secs_f64(),
        "rss_bytes": memory.now_bytes,
        "rss_peak_bytes": memory.peak_bytes,
        "stages": statistics.stages,
    });
    output::write_all(&out_dir, args.zst, told, &chain, &timing)
}

fn text_of(sequence: &Sequence, statistics: &PipelineStatistics, played: Duration) -> String {
    let seconds = played.as_secs_f64();
    let mut text = format!(
        "{}: {} frames played in {seconds:.2} s, {} published\n",
        sequence.name(),
        statistics.pushed,
        statistics.published
    );
    for (reason, count) in statistics.dropped.by_reason().iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "dropped: {count} frames, {reason}");
    }
    for stage in statistics.stages.iter().filter(|stage| stage.runs > 0) {
        let (p50, p99) = (stage.p50_s * 1e3, stage.p99_s * 1e3);
        let _ = write!(text, "stage {:<7} p50 {p50:8.2} ms  p99 {p99:8.2} ms  {} frames", stage.stage, stage.runs);
        if stage.errors + stage.panics > 0 {
            let _ = write!(text, ", {} failed", stage.errors + stage.panics);
        }
        text += "\n";
    }
    text
}
