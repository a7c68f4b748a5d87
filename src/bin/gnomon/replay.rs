//! `gnomon replay`: the scene of a recorded run made again, byte for byte.

use gnomon::keep::{Replay, save_scene};
use gnomon::{Error, Result};
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A recording, as `gnomon run --record` writes it
    recording: PathBuf,
    /// Where the scene goes; packed when it ends with .zst [default: the recording's name with .scene.json]
    #[arg(long, value_name = "F.json")]
    out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Replays and saves. Exit code 3 when the recording is not whole, 1 when the scene is not the one recorded.
pub fn run(args: &Args) -> Result<ExitCode> {
    let of_file = |error: Error| error.within(args.recording.display());
    let file = File::open(&args.recording)
        .map_err(|error| Error::io(format!("{} cannot be read: {error}", args.recording.display())))?;
    let replayed = Replay::open(BufReader::new(file)).and_then(Replay::finish).map_err(of_file)?;
    let out = args.out.clone().unwrap_or_else(|| args.recording.with_extension("scene.json"));
    save_scene(&out, &replayed.told)?;
    let is_whole = replayed.tail == gnomon::keep::Tail::Whole;
    let text = if args.json {
        crate::pretty(&json!({
            "recording": args.recording.display().to_string(),
            "recorded_by": replayed.version,
            "frames": replayed.frames,
            "objects": replayed.told.snapshot.len(),
            "whole": is_whole,
            "tail": replayed.tail.sentence(),
            "differs": replayed.differs,
            "scene": out.display().to_string(),
        }))
    } else {
        let things = replayed.told.snapshot.len();
        format!("{} frames, {things} things: {}\n{}\n", replayed.frames, replayed.tail.sentence(), out.display())
    };
    crate::say(&text)?;
    if let Some(difference) = &replayed.differs {
        let by = &replayed.version;
        return Err(of_file(Error::io(format!(
            "gnomon {} decided otherwise than gnomon {by}, which recorded: {difference}",
            gnomon::VERSION
        ))));
    }
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
