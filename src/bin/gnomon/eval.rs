//! `gnomon eval`: how well the map fits rendered rooms, and how well one saved scene fits its truth.

use crate::table::table;
use clap::{Args as ClapArgs, Subcommand};
use gnomon::eval::{Besides, Comparison, RoomEvalOptions, RoomTable, Row, SceneTruth, Tally, compare, eval_rooms};
use gnomon::scene::{MAX_SCENE_BYTES, scene_from_json};
use gnomon::{Error, Result};
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Walk through rendered rooms, clean and noisy, and compare the map with the truth
    Room(RoomArgs),
    /// Compare one scene with its truth, thing by thing
    Scene(SceneArgs),
}

#[derive(ClapArgs)]
struct SceneArgs {
    /// A scene.json, as `gnomon run` writes it
    #[arg(long, value_name = "F.json")]
    scene: PathBuf,
    /// A truth.json, as `gnomon make-data` writes it
    #[arg(long, value_name = "F.json")]
    truth: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
struct RoomArgs {
    /// How many rooms
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    /// Seed of the first room
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Frames of each walk
    #[arg(long, default_value_t = 120)]
    frames: usize,
    /// Also list what was missed, doubled or imagined
    #[arg(long)]
    mistakes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::Room(args) => run_room(args),
        What::Scene(args) => run_scene(args),
    }
}

fn run_scene(args: &SceneArgs) -> Result<ExitCode> {
    let of = |path: &Path, error: Error| error.within(path.display());
    let truth = SceneTruth::from_json(&read(&args.truth)?).map_err(|error| of(&args.truth, error))?;
    let scene = scene_from_json(&read(&args.scene)?).map_err(|error| of(&args.scene, error))?;
    let comparison = compare(&truth, &scene);
    crate::say(&if args.json { crate::pretty(&comparison.to_json()) } else { beside(&comparison) })?;
    Ok(ExitCode::SUCCESS)
}

/// A whole text file no larger than a scene may be.
fn read(path: &Path) -> Result<String> {
    let failed = |error: std::io::Error| Error::io(format!("{} cannot be read: {error}", path.display()));
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_SCENE_BYTES as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() > MAX_SCENE_BYTES {
        return Err(Error::io(format!("{} is larger than {MAX_SCENE_BYTES} bytes", path.display())));
    }
    Ok(text)
}

/// Each true thing beside what was found, what the map has besides, and a summary.
fn beside(comparison: &Comparison) -> String {
    let rows: Vec<Vec<String>> = comparison.rows.iter().map(row_beside).collect();
    let mut text = table(&["truth", "found", "centre cm", "size cm", "IoU", "yaw °"], &rows);
    for other in &comparison.unmatched {
        let why = match other.why {
            Besides::Duplicate => "lies on a thing that was found already",
            Besides::Misfit => "lies on a thing, too far off to be it",
            Besides::Ghost => "lies on nothing",
        };
        let _ = writeln!(text, "{}: {why}", other.object.name);
    }
    let _ = write!(
        text,
        "\nfound {} of {} seen well enough to be asked for; of all {} found: labels right {}",
        comparison.counted_found(),
        comparison.counted(),
        comparison.found_len(),
        comparison.labels_right()
    );
    if let (Some(centre_m), Some(iou)) = (comparison.centre_m_p50(), comparison.iou_p50()) {
        let _ = write!(text, ", median centre error {:.1} cm, median IoU {iou:.2}", centre_m * 100.0);
    }
    let _ = writeln!(
        text,
        "; besides: {} doubled, {} too far off, {} on nothing",
        comparison.besides(Besides::Duplicate),
        comparison.besides(Besides::Misfit),
        comparison.besides(Besides::Ghost)
    );
    text
}

fn row_beside(row: &Row) -> Vec<String> {
    let label = row.truth.label.clone();
    match &row.found {
        Some((object, found)) => vec![
            label,
            object.name.to_string(),
            format!("{:.1}", found.centre_m * 100.0),
            format!("{:.1}", found.size_m * 100.0),
            format!("{:.2}", found.iou),
            found.yaw_deg.map_or_else(|| "round".into(), |yaw_deg| format!("{yaw_deg:.1}")),
        ],
        None if row.truth.counted => vec![label, "not found".into()],
        None => vec![label, "(hardly seen)".into()],
    }
}

fn run_room(args: &RoomArgs) -> Result<ExitCode> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let options = RoomEvalOptions { first_seed: args.first_seed, seeds: args.seeds, frames: args.frames, threads };
    let table = eval_rooms(&options)?;
    crate::say(&if args.json { crate::pretty(&table.to_json()) } else { as_text(&table, args.mistakes) })?;
    Ok(ExitCode::SUCCESS)
}

fn as_text(table: &RoomTable, mistakes: bool) -> String {
    let mut text = format!(
        "{:<28}{:>6}{:>8}{:>8}{:>8}{:>10}{:>7}{:>8}{:>8}{:>9}{:>10}\n",
        "", "n", "recall", "double", "ghosts", "centre m", "IoU", "yaw °", "labels", "sigma90", "radius m"
    );
    for (name, tally) in table.rows() {
        row(&mut text, name, tally);
    }
    if mistakes {
        for (name, tally) in
            table.rows().into_iter().filter(|(name, _)| matches!(*name, "clean" | "noisy" | "without detections"))
        {
            for mistake in tally.mistakes() {
                let _ = writeln!(text, "{name}, {mistake}");
            }
        }
    }
    text
}

fn row(text: &mut String, name: &str, tally: &Tally) {
    let _ = writeln!(
        text,
        "{:<28}{:>6}{:>8.3}{:>8.3}{:>8.3}{:>10.4}{:>7.3}{:>8.2}{:>8.3}{:>9.3}{:>10.4}",
        name,
        tally.n(),
        tally.recall(),
        tally.duplicates(),
        tally.ghosts(),
        tally.centre_m_p50(),
        tally.iou_p50(),
        tally.yaw_deg_p50(),
        tally.label_accuracy(),
        tally.sigma90(),
        tally.radius_m_p50()
    );
}
