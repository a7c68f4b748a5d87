//! `gnomon select`: which frames of a recorded sequence are worth keeping, beside the same number taken evenly.

use crate::source::Source;
use crate::{pretty, say, table};
use clap::{Args as ClapArgs, ValueEnum};
use gnomon::Result;
use gnomon::frame::Frame;
use gnomon::select::{Edge, KeepOptions, Keeper, PointSampler, SelectOptions, select_sampled, uniform};
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// How many frames
    #[arg(short = 'k', long = "frames", value_name = "K", default_value_t = 16, value_parser = count)]
    frames: usize,
    /// How: the best of all, or as a robot would that meets them one after another
    #[arg(long, default_value = "greedy")]
    method: Method,
    /// Edge of a voxel, metres [default: greedy the shortest side of the place by 20, stream 0.10]
    #[arg(long, value_name = "M")]
    edge: Option<f32>,
    /// Choose among at most so many frames, taken evenly (greedy alone)
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = count)]
    candidates: usize,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Method {
    Greedy,
    Stream,
}

fn count(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=4096) => Ok(count),
        _ => Err("expected 1 to 4096".into()),
    }
}

/// A frame that was chosen.
struct Chosen {
    /// Its number in the sequence.
    frame: usize,
    stamp_ns: i64,
    /// Voxels it adds to those picked before it, or of a stream to all others; `None` where it only fills up.
    adds: Option<usize>,
}

/// What was chosen, and what it sees of all there is.
struct Choice {
    chosen: Vec<Chosen>,
    edge_m: Option<f64>,
    covered: usize,
    evenly_covered: usize,
    seen: usize,
}

/// The points of the frames that are chosen among.
struct Looked {
    frame: usize,
    stamp_ns: i64,
    points: Vec<[f64; 3]>,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let choice = match args.method {
        Method::Greedy => greedily(&look(args, args.candidates)?, args)?,
        Method::Stream => streaming(&look(args, usize::MAX)?, args)?,
    };
    say(&if args.json { pretty(&document_of(&choice)) } else { text_of(&choice) })?;
    Ok(ExitCode::SUCCESS)
}

fn look(args: &Args, most: usize) -> Result<Vec<Looked>> {
    let sequence = args.source.open()?;
    let mut sampler = PointSampler::default();
    let looked = uniform(sequence.len(), most).into_iter().map(|i| {
        let loaded = sequence.load(i)?;
        let frame: Frame<'_> = loaded.as_frame()?;
        Ok(Looked { frame: loaded.frame, stamp_ns: frame.stamp_ns, points: sampler.points(&frame)? })
    });
    looked.collect()
}

fn greedily(looked: &[Looked], args: &Args) -> Result<Choice> {
    let points: Vec<Vec<[f64; 3]>> = looked.iter().map(|look| look.points.clone()).collect();
    let usual = SelectOptions::default();
    let edge = args.edge.map_or(usual.edge, Edge::Length);
    let options = SelectOptions { count: args.frames, edge, ..usual };
    let selection = select_sampled(&points, &options)?;
    let adds = |at: usize| selection.picks.iter().find(|pick| pick.frame == at).map(|pick| pick.gain);
    let chosen = selection.frames.iter().map(|&at| chosen_of(&looked[at], adds(at)));
    Ok(Choice {
        chosen: chosen.collect(),
        edge_m: selection.edge.map(f64::from),
        covered: selection.covered,
        evenly_covered: selection.sets.covered_by(uniform(looked.len(), args.frames)),
        seen: selection.seen,
    })
}

fn streaming(looked: &[Looked], args: &Args) -> Result<Choice> {
    let usual = KeepOptions::default();
    let edge_m = args.edge.map_or(usual.edge_m, f64::from);
    let mut keeper = Keeper::new(KeepOptions { count: args.frames, edge_m, ..usual })?;
    for (at, look) in (0u64..).zip(looked) {
        keeper.offer(at, &look.points)?;
    }
    let every: Vec<usize> = (0..looked.len()).collect();
    let chosen = keeper.kept().iter().map(|kept| chosen_of(&looked[kept.frame as usize], Some(kept.alone)));
    Ok(Choice {
        chosen: chosen.collect(),
        edge_m: Some(edge_m),
        covered: keeper.covered(),
        evenly_covered: seen_by(looked, &uniform(looked.len(), args.frames), edge_m)?,
        seen: seen_by(looked, &every, edge_m)?,
    })
}

fn chosen_of(look: &Looked, adds: Option<usize>) -> Chosen {
    Chosen { frame: look.frame, stamp_ns: look.stamp_ns, adds }
}

/// How many voxels some of the frames see together.
fn seen_by(looked: &[Looked], frames: &[usize], edge_m: f64) -> Result<usize> {
    let mut keeper = Keeper::new(KeepOptions { count: frames.len().max(1), edge_m, log: 0 })?;
    for &at in frames {
        keeper.offer(at as u64, &looked[at].points)?;
    }
    Ok(keeper.covered())
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

fn document_of(choice: &Choice) -> Value {
    let frames = choice
        .chosen
        .iter()
        .map(|chosen| json!({ "frame": chosen.frame, "stamp_ns": chosen.stamp_ns, "adds_voxels": chosen.adds }));
    json!({
        "frames": frames.collect::<Vec<_>>(),
        "edge_m": choice.edge_m,
        "covered_voxels": choice.covered,
        "evenly_taken_voxels": choice.evenly_covered,
        "seen_voxels": choice.seen,
    })
}

fn text_of(choice: &Choice) -> String {
    let rows = choice.chosen.iter().map(|chosen| {
        let adds = chosen.adds.map_or_else(|| "fills up".into(), |adds| adds.to_string());
        vec![chosen.frame.to_string(), format!("{:.3}", chosen.stamp_ns as f64 / 1e9), adds]
    });
    let mut text = table::table(&["frame", "time s", "adds voxels"], &rows.collect::<Vec<_>>());
    match choice.edge_m {
        Some(edge_m) => {
            text += &format!(
                "{} frames see {:.1} % of {} voxels of {:.1} cm; as many taken evenly {:.1} %\n",
                choice.chosen.len(),
                100.0 * share(choice.covered, choice.seen),
                choice.seen,
                100.0 * edge_m,
                100.0 * share(choice.evenly_covered, choice.seen),
            );
        }
        None => text += "the points span no volume: the frames are taken evenly\n",
    }
    text
}
