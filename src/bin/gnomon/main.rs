//! The command line: `gnomon run` takes in a recorded sequence, `gnomon detect` and `gnomon depth` ask networks of
//! pictures, `gnomon select` chooses frames, `gnomon ask` answers questions, `gnomon diff` compares
//! saved scenes, `gnomon edit` corrects one, `gnomon replay` makes one again from a recording, `gnomon eval` measures, `gnomon make-data` and
//! `gnomon make-questions` write sequences and questions with truth, `gnomon models` looks at networks before they are
//! trusted, `gnomon doctor` says whether this machine can.
//!
//! One file a subcommand. Each ends with a word on standard output, for people or (`--json`) as one JSON document;
//! everything else goes to standard error. Exit codes: 0 it worked, 1 it failed and standard error says why in a
//! sentence, 2 the command line could not be understood.

mod ask;
mod ask_model;
mod ask_scene;
mod bench;
mod depth;
mod detect;
mod detections;
mod diff;
mod doctor;
mod draw;
mod edit;
mod eval;
mod eval_scene;
mod eval_vlm;
mod eval_vsi;
mod geometry;
mod live;
mod machine;
mod make_data;
mod make_questions;
mod models;
mod network;
mod output;
mod pictures;
mod replay;
mod run;
mod select;
mod source;
mod table;
mod talk;
mod timing;
mod verify;
mod verify_vlm;

use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "gnomon", version = gnomon::VERSION, about = "A sense of space for robots")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take in a recorded sequence and write the map of things
    Run(Box<run::Args>),
    /// Choose the frames that see the most of a place
    Select(Box<select::Args>),
    /// Find things in a picture or a recorded sequence
    Detect(Box<detect::Args>),
    /// Answer a question in words from a saved scene, or from pictures with a model
    Ask(Box<ask::Args>),
    /// Say what changed between two saved scenes
    Diff(diff::Args),
    /// Say what a thing of a saved scene is called, that it is none, or where it stands
    Edit(edit::Args),
    /// Make the scene of a recorded run again
    Replay(replay::Args),
    /// Measure the map against truth
    Eval(eval::Args),
    /// Write a sequence whose truth is known
    MakeData(make_data::Args),
    /// Write questions about rendered rooms, with their answers
    MakeQuestions(make_questions::Args),
    /// Estimate depth of a picture or a sequence with a network
    Depth(Box<depth::Args>),
    /// Look at model files before they are trusted
    Models(models::Args),
    /// Measure what a network costs here, by provider
    Bench(Box<bench::Args>),
    /// Say whether this machine can run gnomon
    Doctor(doctor::Args),
}

/// Warnings of the library, one line each.
struct ToStderr;

impl log::Log for ToStderr {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("gnomon: {}", record.args());
        }
    }

    fn flush(&self) {}
}

fn main() -> ExitCode {
    if log::set_logger(&ToStderr).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Select(args) => select::run(&args),
        Command::Detect(args) => detect::run(&args),
        Command::Ask(args) => ask::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Edit(args) => edit::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::MakeData(args) => make_data::run(&args),
        Command::MakeQuestions(args) => make_questions::run(&args),
        Command::Depth(args) => depth::run(&args),
        Command::Models(args) => models::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Doctor(args) => doctor::run(&args),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("gnomon: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output; whoever closes it early (`| head`) has seen enough.
fn say(text: &str) -> gnomon::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(gnomon::Error::io(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// A JSON document on lines of its own.
fn pretty(document: &serde_json::Value) -> String {
    format!("{document:#}\n")
}
