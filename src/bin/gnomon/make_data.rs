//! `gnomon make-data`: a walk through a rendered room as a sequence on disk, with its truth beside it; and pictures of many
//! rooms with their depth, for networks to learn from.
//!
//! The seed makes the room, its path and its noise: the same command writes the same bytes.

use crate::say;
use clap::{Args as ClapArgs, Subcommand};
use gnomon::room::{Room, RoomOptions, RoomSequence, views_of, write_raw_sequence, write_sequence, write_views};
use gnomon::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most frames of one walk: at full size they take about 20 GB.
const MAX_FRAMES: u64 = 20_000;

#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A walk through a rendered room: pictures, depth, poses, detections, truth.json
    Room(RoomArgs),
    /// Pictures of many rooms through many cameras, with their depth: what tools/train_depth learns from
    Views(ViewsArgs),
}

#[derive(ClapArgs)]
struct ViewsArgs {
    /// Seed of the first room
    #[arg(long)]
    first_seed: u64,
    /// How many rooms
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1000))]
    rooms: u64,
    /// Pictures of each room
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=120))]
    views: u64,
    /// Pictures this many times smaller than 640 x 480
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    reduce: u32,
    /// Where to: a folder that is empty or not yet there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(ClapArgs)]
struct RoomArgs {
    /// Which room
    #[arg(long)]
    seed: u64,
    /// How many frames; 120 make a lap
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=MAX_FRAMES))]
    frames: u64,
    /// With noise in depth, poses and detections
    #[arg(long)]
    noisy: bool,
    /// Pictures this many times smaller than 640 x 480
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    reduce: u32,
    /// Write the layout of examples/c/sequence.c instead: portable pixmaps, detections without masks
    #[arg(long)]
    raw: bool,
    /// Where to: a folder that is empty or not yet there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::Room(args) => make_room(args),
        What::Views(args) => make_views(args),
    }
}

fn make_views(args: &ViewsArgs) -> Result<ExitCode> {
    check_empty(&args.out)?;
    let seeds = args.first_seed..args.first_seed.saturating_add(args.rooms);
    let views: Vec<_> =
        seeds.flat_map(|seed| views_of(&Room::generate(seed), args.views as usize, args.reduce)).collect();
    write_views(&args.out, &views).map_err(|error| not_written(&args.out, &error))?;
    say(&format!("{}: {} pictures of {} rooms\n", args.out.display(), views.len(), args.rooms))?;
    Ok(ExitCode::SUCCESS)
}

fn make_room(args: &RoomArgs) -> Result<ExitCode> {
    check_empty(&args.out)?;
    let room = Room::generate(args.seed);
    let whole = RoomOptions::default();
    let camera = whole.camera.reduced(args.reduce);
    let options = RoomOptions { seed: args.seed, frames: args.frames as usize, noisy: args.noisy, camera };
    let mut sequence = RoomSequence::new(&room, options);
    let write = if args.raw { write_raw_sequence } else { write_sequence };
    write(&args.out, &mut sequence, |_| ()).map_err(|error| not_written(&args.out, &error))?;
    say(&format!(
        "{}: {} frames of {} x {} pixels, {} things\n",
        args.out.display(),
        sequence.len(),
        camera.width,
        camera.height,
        room.objects().len()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn not_written(dir: &Path, error: &std::io::Error) -> Error {
    Error::io(format!("{} cannot be written: {error}", dir.display()))
}

/// Pictures left over from a longer walk would be taken for its frames.
fn check_empty(dir: &Path) -> Result<()> {
    match std::fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(Error::io(format!("{} is not empty", dir.display()))),
        _ => Ok(()),
    }
}
