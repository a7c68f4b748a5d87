//! `gnomon ask --scene --model`: a question that geometry answers and a model too, and whether the map agrees with it.

use crate::ask::{Args, facts};
use clap::ValueEnum;
use gnomon::converse::{Album, AlbumOptions, Budget, ConverseOptions, Facts, ask};
use gnomon::sequence::{Sequence, SequenceOptions};
use gnomon::vlm::Engine;
use gnomon::{Error, Result, answer::Verdict};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Where nobody says how long a model may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a model is shown and told of a scene.
#[derive(clap::Args)]
pub struct SceneArgs {
    /// The recorded sequence that the scene was made of: the model is shown its frames that see what is asked about
    #[arg(long, value_name = "DIR", requires = "model")]
    sequence: Option<PathBuf>,
    /// The most pictures that the model is shown
    #[arg(long, value_name = "N", default_value_t = 4, requires = "sequence")]
    max_images: usize,
    /// The most tokens of what the model is told in words
    #[arg(long, value_name = "N", default_value_t = 1024, requires = "model")]
    text_tokens: usize,
    /// What of the map the model is told
    #[arg(long, default_value = "scene", requires = "model")]
    tell: Tell,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tell {
    /// Nothing
    Nothing,
    /// Things and places
    Scene,
    /// The same, and what was measured for the question
    Measured,
}

/// Prints the model's words, the verdict and what was measured. Exit code 4 when the map contradicts the model, or else 3
/// when neither knows.
pub fn run(args: &Args, model: &Path, question: &str) -> Result<ExitCode> {
    let (snapshot, ask_options) = facts(args)?;
    let album = album(args.of_scene.sequence.as_deref())?;
    let engine = Engine::start(Box::new(args.talk.open(model)?), 1)?;
    let options = ConverseOptions {
        ask: gnomon::answer::AskOptions { least_probability: args.least_probability, ..ask_options },
        budget: Budget {
            images: args.of_scene.max_images,
            text_tokens: args.of_scene.text_tokens,
            new_tokens: args.talk.max_new_tokens,
            time: args.talk.seconds.unwrap_or(PATIENCE),
        },
        facts: match args.of_scene.tell {
            Tell::Nothing => Facts::Nothing,
            Tell::Scene => Facts::Scene,
            Tell::Measured => Facts::SceneAndMeasured,
        },
        sampling: args.talk.sampling(),
        ..ConverseOptions::default()
    };
    let told = ask(&snapshot, &album, question, &args.options, Some(&engine), &options)?;
    crate::say(&if args.json { crate::pretty(&told.to_json()) } else { told.sentence() + "\n" })?;
    Ok(match (told.verdict(), told.value()) {
        (Some(Verdict::Contradicts), _) => ExitCode::from(4),
        (_, None) => ExitCode::from(3),
        (_, Some(_)) => ExitCode::SUCCESS,
    })
}

fn album(sequence: Option<&Path>) -> Result<Album> {
    let mut album = Album::new(AlbumOptions::default())?;
    let Some(path) = sequence else { return Ok(album) };
    let sequence = Sequence::open(path, &SequenceOptions::default())?;
    if sequence.is_empty() {
        return Err(Error::io(format!("{}: no frame can be used", path.display())));
    }
    for at in 0..sequence.len() {
        let loaded = sequence.load(at)?;
        album.offer(loaded.frame as u64, &loaded.as_frame()?)?;
    }
    Ok(album)
}
