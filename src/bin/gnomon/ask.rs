//! `gnomon ask`: a question in words, answered from a saved scene or from annotated boxes.

use gnomon::answer::{AskOptions, ask_text};
use gnomon::eval::options_of;
use gnomon::scene::{Snapshot, scene_from_json};
use gnomon::sequence::read_box_scenes;
use gnomon::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A scene.json, as `gnomon run` writes it
    #[arg(long, value_name = "F.json", required_unless_present = "boxes", conflicts_with = "boxes")]
    scene: Option<PathBuf>,
    /// Annotated boxes, as VSI-Bench has them; they count as complete: what is not among them is not there
    #[arg(long, value_name = "META.json", requires = "scene_id")]
    boxes: Option<PathBuf>,
    /// Which scene of the boxes
    #[arg(long, value_name = "ID")]
    scene_id: Option<String>,
    /// Frame of the boxes' views that the question is about
    #[arg(long, value_name = "FRAME", requires = "boxes")]
    view: Option<u64>,
    /// An option to choose from; once for each
    #[arg(long = "option", value_name = "TEXT")]
    options: Vec<String>,
    /// Withhold answers less probable than this
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    least_probability: f64,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// The question
    question: String,
}

/// Prints the answer with its evidence. Exit code 3 when it is unknown.
pub fn run(args: &Args) -> Result<ExitCode> {
    let (snapshot, options) = facts(args)?;
    let options = AskOptions { least_probability: args.least_probability, ..options };
    let answer = ask_text(&snapshot, &args.question, &args.options, &options)?;
    crate::say(&if args.json { crate::pretty(&answer.to_json()) } else { answer.sentence() + "\n" })?;
    Ok(if answer.found().is_some() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn facts(args: &Args) -> Result<(Snapshot, AskOptions)> {
    if let (Some(path), Some(id)) = (&args.boxes, &args.scene_id) {
        let scenes = read_box_scenes(path)?;
        let scene = scenes.get(id).ok_or_else(|| {
            Error::argument(format!("{} has no scene \"{id}\" among its {}", path.display(), scenes.len()))
        })?;
        return Ok((scene.snapshot.clone(), options_of(scene, args.view)?));
    }
    let path = args.scene.as_ref().ok_or_else(|| Error::argument("neither --scene nor --boxes was given"))?;
    let text = crate::eval_scene::read(path)?;
    let snapshot = scene_from_json(&text).map_err(|error| error.within(path.display()))?;
    Ok((snapshot, AskOptions::default()))
}
