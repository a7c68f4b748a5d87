//! `gnomon eval vlm`: questions of VSI-Bench and MSMU-Bench, answered by a vision-language model from pictures.
//!
//! What was answered is appended to a file, a line a question, and never asked again: a run that was stopped goes on
//! where it stood. The first line says with what the answers were made; of another run's file nothing is taken.
//!
//! The pictures of a question lie in the folder of `--images`: those that it names; or of its scene the frame that it is
//! about (`SCENE/…7.png`), some frames evenly (`SCENE/*`), or the one there is (`SCENE.png`).

use crate::eval_vsi::as_text;
use crate::talk::{TalkArgs, picture};
use gnomon::eval::{BenchMarks, BenchQuestion, read_questions};
use gnomon::score::{Reading, VsiType};
use gnomon::select::uniform;
use gnomon::sequence::{number_in_name, pictures_in};
use gnomon::vlm::{Request, Vlm};
use gnomon::{Error, ErrorKind, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Args {
    /// A folder with a vision-language model
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Questions, one JSON object a line, as VSI-Bench has them and MSMU-Bench
    #[arg(long, value_name = "Q.jsonl")]
    questions: PathBuf,
    /// The pictures: a folder or a file for each scene, or the files that the questions name
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// Where answers go, and are taken from [default: out/vlm/QUESTIONS-MODEL.jsonl]
    #[arg(long, value_name = "F.jsonl")]
    out: Option<PathBuf>,
    /// Frames of a scene that the model is shown, evenly from the first to the last
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    frames: u16,
    /// How answers are read: official, as VSI-Bench's release does it, or lenient, as people do
    #[arg(long, default_value = "official")]
    reading: HowRead,
    /// Answer so many questions more, and no others
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Also list what was not answered fully right
    #[arg(long)]
    mistakes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    talk: TalkArgs,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum HowRead {
    Official,
    Lenient,
}

/// One line of the file of answers.
#[derive(Serialize, Deserialize)]
struct Record {
    id: u64,
    scene: String,
    question_type: String,
    question: String,
    text: String,
    prompt_tokens: usize,
    new_tokens: usize,
    ms: f64,
}

/// Asks what was not answered yet, and marks all that was.
pub fn run(args: &Args) -> Result<String> {
    let path = args.questions.display();
    let text =
        fs::read_to_string(&args.questions).map_err(|error| Error::io(format!("{path} cannot be read: {error}")))?;
    let questions = read_questions(&text).map_err(|error| error.within(path))?;
    let out = args.out.clone().unwrap_or_else(|| usual_out(args));
    let mut answers = Answers::open(&out, &run_of(args))?;
    let known = answers.done.len();
    let (mut failures, mut asked) = (Vec::new(), 0);
    let open: Vec<&BenchQuestion> = questions.iter().filter(|question| !answers.has(question)).collect();
    let open = &open[..args.limit.unwrap_or(usize::MAX).min(open.len())];
    if !open.is_empty() {
        let mut model = args.talk.open(&args.model)?;
        let bar = progress_bar(questions.len(), known);
        for question in open {
            // What cannot be answered is told in the end, and asked again by the next run.
            match answer(args, &mut model, question) {
                Ok(record) => answers.add(record)?,
                Err(error) => failures.push(error.within(format_args!("question {}", question.id))),
            }
            asked += 1;
            bar.inc(1);
        }
        bar.finish_and_clear();
    }
    let reading = match args.reading {
        HowRead::Official => Reading::Official,
        HowRead::Lenient => Reading::Lenient,
    };
    let mut marks = BenchMarks::default();
    for question in &questions {
        if let Some(record) = answers.done.get(&question.id).filter(|record| record.question == question.question) {
            marks.add_words(question, reading, &record.text)?;
        }
    }
    let failed = failures.len();
    if let (true, Some(first)) = (failed == asked && known == 0, failures.first()) {
        return Err(Error::new(first.kind(), format!("none of {failed} questions could be asked: {first}")));
    }
    failures.iter().for_each(|failure| eprintln!("gnomon: {failure}"));
    let answered = questions.iter().filter(|question| answers.has(question)).count();
    if args.json {
        let mut json = marks.to_json();
        json["answered"] = answered.into();
        json["questions"] = questions.len().into();
        json["asked_now"] = asked.into();
        json["failed"] = failed.into();
        json["answers"] = out.display().to_string().into();
        return Ok(crate::pretty(&json));
    }
    let head = format!(
        "{answered} of {} questions answered, {asked} asked now, {failed} could not be: {}\n",
        questions.len(),
        out.display()
    );
    Ok(head + &as_text(&marks, args.mistakes))
}

fn usual_out(args: &Args) -> PathBuf {
    let name = |path: &Path| path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let model = args.model.canonicalize().unwrap_or_else(|_| args.model.clone());
    let model = model.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    PathBuf::from(format!("out/vlm/{}-{model}.jsonl", name(&args.questions)))
}

/// What answers depend on, questions and pictures aside.
fn run_of(args: &Args) -> Value {
    json!({"run": {
        "version": gnomon::VERSION,
        "model": args.model.display().to_string(),
        "images": args.images.display().to_string(),
        "frames": args.frames,
        "talk": args.talk.document(),
    }})
}

fn progress_bar(questions: usize, done: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} questions, {per_sec}, {eta} left");
    let bar = ProgressBar::new(questions as u64).with_position(done as u64);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The answers of a file, and the file.
struct Answers {
    path: PathBuf,
    file: File,
    done: BTreeMap<u64, Record>,
}

impl Answers {
    /// Reads the answers that there are; makes the file if there is none. A last line that was cut off is taken away.
    fn open(path: &Path, run: &Value) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io(format!("{} cannot be used: {error}", path.display()));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.map_err(failed)?,
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        file.set_len(whole as u64).map_err(failed)?;
        let mut lines = (1..).zip(text[..whole].lines());
        let mut done = BTreeMap::new();
        match lines.next() {
            None => writeln!(file, "{run}").map_err(failed)?,
            Some((_, line)) if serde_json::from_str::<Value>(line).ok().as_ref() == Some(run) => {}
            Some(_) => {
                return Err(Error::state(format!(
                    "{} has answers that were made otherwise: give another --out, or take it away",
                    path.display()
                )));
            }
        }
        for (number, line) in lines {
            let record: Record = serde_json::from_str(line)
                .map_err(|error| Error::io(format!("{} line {number}: {error}", path.display())))?;
            done.insert(record.id, record);
        }
        Ok(Self { path: path.to_owned(), file, done })
    }

    fn has(&self, question: &BenchQuestion) -> bool {
        self.done.get(&question.id).is_some_and(|record| record.question == question.question)
    }

    fn add(&mut self, record: Record) -> Result<()> {
        let failed = |error: std::io::Error| Error::io(format!("{} cannot be written: {error}", self.path.display()));
        let line = serde_json::to_string(&record).map_err(|error| Error::io(error.to_string()))?;
        writeln!(self.file, "{line}").and_then(|()| self.file.flush()).map_err(failed)?;
        self.done.insert(record.id, record);
        Ok(())
    }
}

fn answer(args: &Args, model: &mut Vlm, question: &BenchQuestion) -> Result<Record> {
    let begun = Instant::now();
    let images = pictures_of(args, question)?.iter().map(|path| picture(path)).collect::<Result<Vec<_>>>()?;
    let request = args.talk.request(Request::question(words_of(question, images.len()), images));
    let reply = args.talk.answer(model, &request, |_| Ok(()))?;
    Ok(Record {
        id: question.id,
        scene: question.scene.clone(),
        question_type: question.question_type.clone(),
        question: question.question.clone(),
        text: reply.text,
        prompt_tokens: reply.statistics.prompt_tokens,
        new_tokens: reply.statistics.new_tokens,
        ms: begun.elapsed().as_secs_f64() * 1e3,
    })
}

/// The question, as models are asked in VSI-Bench; of MSMU-Bench its words alone.
fn words_of(question: &BenchQuestion, pictures: usize) -> String {
    if VsiType::of_key(&question.question_type).is_none() {
        return question.question.clone();
    }
    let frames = if pictures > 1 { "These are frames of a video.\n" } else { "" };
    match &question.options {
        Some(options) => format!(
            "{frames}{}\nOptions:\n{}\nAnswer with the option's letter from the given choices directly.",
            question.question,
            options.join("\n")
        ),
        None => format!("{frames}{}\nPlease answer the question using a single word or phrase.", question.question),
    }
}

/// Where the pictures of a question lie.
fn pictures_of(args: &Args, question: &BenchQuestion) -> Result<Vec<PathBuf>> {
    if !question.images.is_empty() {
        return question.images.iter().map(|name| inside(&args.images, name)).collect();
    }
    let scene = inside(&args.images, &question.scene)?;
    if !scene.is_dir() {
        let file = ["png", "jpg", "jpeg"].map(|end| inside(&args.images, &format!("{}.{end}", question.scene)));
        let file = file.into_iter().flatten().find(|path| path.is_file());
        return file.map(|path| vec![path]).ok_or_else(|| {
            Error::io(format!("{} is neither a folder nor a picture: expected the scene's frames", scene.display()))
        });
    }
    let all = pictures_in(&scene)?;
    if let Some(view) = question.view {
        let is_it = |path: &&PathBuf| number_in_name(path) == Some(view);
        return all.iter().find(is_it).map(|path| vec![path.clone()]).ok_or_else(|| {
            Error::io(format!("{} has no picture of number {view} among its {}", scene.display(), all.len()))
        });
    }
    if all.is_empty() {
        return Err(Error::io(format!("{} has no pictures", scene.display())));
    }
    Ok(uniform(all.len(), usize::from(args.frames)).into_iter().map(|at| all[at].clone()).collect())
}

/// A name within a folder; a name that leads out of it is refused.
fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    match is_plain && !name.is_empty() {
        true => Ok(folder.join(name)),
        false => Err(Error::new(ErrorKind::Io, format!("\"{name}\" is no name within the folder of pictures"))),
    }
}
