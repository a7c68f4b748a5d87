//! `gnomon eval room`: how well the map fits rendered rooms.

use clap::{Args as ClapArgs, Subcommand};
use gnomon::Result;
use gnomon::eval::{RoomEvalOptions, RoomTable, Tally, eval_rooms};
use std::fmt::Write;
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

pub fn run(args: &Args) -> Result<ExitCode> {
    let What::Room(args) = &args.what;
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
