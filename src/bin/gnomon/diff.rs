//! `gnomon diff`: two saved scenes compared, thing by thing.

use gnomon::Result;
use gnomon::keep::load_snapshot;
use gnomon::scene::{DiffOptions, SameBy, diff};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A scene.json or scene.json.zst: as it was
    before: PathBuf,
    /// Another of the same world: as it is
    after: PathBuf,
    /// How things are found again [default: by id where both scenes began with the same frame, otherwise by place]
    #[arg(long, value_enum)]
    by: Option<By>,
    /// A centre this near is at its place
    #[arg(long, value_name = "M", default_value_t = DiffOptions::default().least_move_m)]
    least_move_m: f64,
    /// A side that differs by no more has its length
    #[arg(long, value_name = "M", default_value_t = DiffOptions::default().least_resize_m)]
    least_resize_m: f64,
    /// What is within so many standard deviations is no change
    #[arg(long, value_name = "N", default_value_t = DiffOptions::default().sigmas)]
    sigmas: f64,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum By {
    Id,
    Place,
}

/// Prints what changed. Exit code 3 when something did.
pub fn run(args: &Args) -> Result<ExitCode> {
    let options = DiffOptions {
        same_by: match args.by {
            None => SameBy::Told,
            Some(By::Id) => SameBy::Id,
            Some(By::Place) => SameBy::Place,
        },
        least_move_m: args.least_move_m,
        least_resize_m: args.least_resize_m,
        sigmas: args.sigmas,
    };
    options.check()?;
    let found = diff(&load_snapshot(&args.before)?, &load_snapshot(&args.after)?, &options);
    crate::say(&if args.json { crate::pretty(&found.to_json()) } else { found.words() })?;
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
