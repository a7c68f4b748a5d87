//! `gnomon make-questions`: questions about rendered rooms with their answers, and the boxes they are answered from.
//!
//! The seeds make everything: the same command writes the same bytes. The walk asked about is the one that `gnomon
//! make-data room` writes with the same seed and number of frames.

use crate::say;
use clap::Args as ClapArgs;
use gnomon::room::{RoomCamera, RoomOptions, counts_by_type, write_questions};
use gnomon::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(ClapArgs)]
pub struct Args {
    /// How many rooms: those of seeds 0, 1, 2 ...
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// One room alone
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Frames of each walk; 120 make a lap
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(30..=2000))]
    frames: u64,
    /// Pictures this many times smaller than 640 x 480
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    reduce: u32,
    /// Where questions.jsonl and boxes.json go: made if need be, files of these names written anew
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let seeds = args.seed.map_or(0..args.seeds, |seed| seed..seed.saturating_add(1));
    let camera = RoomCamera::default().reduced(args.reduce);
    let options = RoomOptions { frames: args.frames as usize, camera, ..RoomOptions::default() };
    let (mut rooms, mut all) = (0, Vec::new());
    write_questions(&args.out, seeds, options, |_, questions| {
        rooms += 1;
        all.extend_from_slice(questions);
    })
    .map_err(|error| Error::io(format!("{} cannot be written: {error}", args.out.display())))?;
    let mut text = format!("{}: {} questions about {rooms} rooms\n", args.out.display(), all.len());
    for count in counts_by_type(&all) {
        text += &format!("  {:<28}{:>6}\n", count.question_type, count.questions);
    }
    say(&text)?;
    Ok(ExitCode::SUCCESS)
}
