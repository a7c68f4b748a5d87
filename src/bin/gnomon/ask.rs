//! `gnomon ask`: a question in words, answered from a saved scene or from annotated boxes; or statements held against it;
//! or a question that a vision-language model answers, about pictures (`ask_model.rs`) or a scene (`ask_scene.rs`).

use crate::ask_scene::SceneArgs;
use crate::talk::TalkArgs;
use clap::CommandFactory;
use gnomon::answer::{AskOptions, Judgement, Verdict, ask_text, verdict_text};
use gnomon::eval::options_of;
use gnomon::keep::load_snapshot;
use gnomon::scene::Snapshot;
use gnomon::sequence::read_box_scenes;
use gnomon::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A scene.json or scene.json.zst, as `gnomon run` writes it
    #[arg(long, value_name = "F.json", required_unless_present_any = ["boxes", "model"], conflicts_with = "boxes")]
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
    pub options: Vec<String>,
    /// Withhold answers less probable than this
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    pub least_probability: f64,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// Take the text as statements, and say of each whether the map agrees with it or contradicts it
    #[arg(long, conflicts_with_all = ["options", "least_probability"])]
    check: bool,
    /// A folder with a vision-language model, which answers
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    model: Option<PathBuf>,
    /// Pictures that the model is asked about
    #[arg(long = "image", value_name = "F", num_args = 1.., requires = "model", conflicts_with_all = ["scene", "boxes"])]
    images: Vec<PathBuf>,
    /// Frames of a video that the model is asked about, after the pictures, separated by commas
    #[arg(long, value_name = "F,...", value_delimiter = ',', requires = "model", conflicts_with_all = ["scene", "boxes"])]
    pub video: Vec<PathBuf>,
    /// Frames of the video in a second
    #[arg(long, value_name = "N", default_value_t = 2.0, requires = "video")]
    pub fps: f64,
    /// Take the question as the whole prompt, without the model's chat template; it holds a placeholder for each picture
    #[arg(long, requires = "model", conflicts_with_all = ["scene", "boxes"])]
    pub raw: bool,
    #[command(flatten)]
    pub talk: TalkArgs,
    #[command(flatten)]
    pub of_scene: SceneArgs,
    /// The question, or with --check the statements
    question: Option<String>,
}

impl Args {
    /// The question, and the pictures: `--image a.png b.png "question"` is read as it is meant.
    fn question(&self) -> (&str, &[PathBuf]) {
        if let Some(question) = &self.question {
            return (question, &self.images);
        }
        match self.images.split_last().map(|(last, rest)| (last.to_str(), rest)) {
            Some((Some(question), images)) if !images.is_empty() => (question, images),
            _ => crate::Cli::command()
                .error(clap::error::ErrorKind::MissingRequiredArgument, "the question is missing")
                .exit(),
        }
    }
}

/// Prints the answer with its evidence. Exit code 3 when it is unknown.
pub fn run(args: &Args) -> Result<ExitCode> {
    let (question, images) = args.question();
    match &args.model {
        Some(model) if args.scene.is_none() && args.boxes.is_none() => {
            return crate::ask_model::run(args, model, question, images);
        }
        Some(model) => return crate::ask_scene::run(args, model, question),
        None => {}
    }
    let (snapshot, options) = facts(args)?;
    if args.check {
        return check(args, question, &snapshot, &options);
    }
    let options = AskOptions { least_probability: args.least_probability, ..options };
    let answer = ask_text(&snapshot, question, &args.options, &options)?;
    crate::say(&if args.json { crate::pretty(&answer.to_json()) } else { answer.sentence() + "\n" })?;
    Ok(if answer.found().is_some() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Prints the judgements. Exit code 4 when one contradicts, or else 3 when one cannot be tested.
fn check(args: &Args, statements: &str, snapshot: &Snapshot, options: &AskOptions) -> Result<ExitCode> {
    let judgements = verdict_text(snapshot, statements, options)?;
    let lines: String = judgements.iter().map(|judgement| judgement.sentence() + "\n").collect();
    let all: serde_json::Value = judgements.iter().map(Judgement::to_json).collect();
    crate::say(&if args.json { crate::pretty(&all) } else { lines })?;
    let any = |verdict: Verdict| judgements.iter().any(|judgement| judgement.verdict == verdict);
    Ok(match (any(Verdict::Contradicts), any(Verdict::Untestable)) {
        (true, _) => ExitCode::from(4),
        (false, true) => ExitCode::from(3),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// What is asked, and how.
pub fn facts(args: &Args) -> Result<(Snapshot, AskOptions)> {
    if let (Some(path), Some(id)) = (&args.boxes, &args.scene_id) {
        let scenes = read_box_scenes(path)?;
        let scene = scenes.get(id).ok_or_else(|| {
            Error::argument(format!("{} has no scene \"{id}\" among its {}", path.display(), scenes.len()))
        })?;
        return Ok((scene.snapshot.clone(), options_of(scene, args.view)?));
    }
    let path = args.scene.as_ref().ok_or_else(|| Error::argument("neither --scene nor --boxes was given"))?;
    Ok((load_snapshot(path)?, AskOptions::default()))
}
