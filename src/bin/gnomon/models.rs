//! `gnomon models`: model files looked at before they are trusted: which there are (`list`), what they will take of memory
//! (`plan`), whether they are whole and load (`check`), whether they do what they promise (`verify`); and the engines of
//! TensorRT built before they are needed (`prebuild`).
//!
//! The graphs of a vision-language model are told one by one, and then together with what its decoder keeps of a full context.

use crate::network::ModelArgs;
use crate::{pretty, say, table, verify};
use gnomon::models::{MANIFEST_NAME, ModelFolder, Precision};
use gnomon::runtime::{
    FindOptions, LoadState, ModelFile, ModelLimits, Plan, Progress, Provider, Runtime, Session, SessionOptions,
    TensorRt,
};
use gnomon::vlm::{self, FolderPlan};
use gnomon::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List the model folders below a folder
    List(List),
    /// Say what models will take of memory, before they are loaded
    Plan(Models),
    /// Say whether models are whole, and load them if there is an ONNX Runtime
    Check(Models),
    /// Say whether a network does here what its family promises
    Verify(Box<verify::Args>),
    /// Build the engines of TensorRT, which takes minutes, and keep them
    Prebuild(Box<Prebuild>),
}

#[derive(clap::Args)]
struct List {
    /// Every folder below it that a network can be opened from
    path: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Prebuild {
    #[command(flatten)]
    model: ModelArgs,
    /// Where engines are kept
    #[arg(long, value_name = "DIR")]
    engines: PathBuf,
    /// Let layers compute with half floats
    #[arg(long)]
    fp16: bool,
    /// Let layers compute with whole numbers of 8 bits, of a model that holds its scales
    #[arg(long)]
    int8: bool,
}

#[derive(clap::Args)]
struct Models {
    /// A model, or a folder: every .onnx file below it
    path: PathBuf,
    /// A number for a side that has a name alone, as batch=1
    #[arg(long = "side", value_name = "NAME=NUMBER", value_parser = side)]
    sides: Vec<(String, usize)>,
    /// Refuse what takes more memory than this, MB
    #[arg(long, value_name = "MB")]
    budget: Option<u64>,
    /// Of a vision-language model, the precision that is summed up [default: the fullest there is]
    #[arg(long, value_name = "WORD", value_parser = Precision::parse)]
    precision: Option<Precision>,
    /// Of a vision-language model, tokens of prompt and reply together [default: as the folder says]
    #[arg(long, value_name = "TOKENS")]
    context: Option<usize>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Models {
    fn sides(&self) -> Vec<(&str, usize)> {
        self.sides.iter().map(|(name, number)| (name.as_str(), *number)).collect()
    }

    fn budget_bytes(&self) -> u64 {
        self.budget.map_or(u64::MAX, |megabytes| megabytes.saturating_mul(1_000_000))
    }
}

fn side(text: &str) -> std::result::Result<(String, usize), String> {
    let (name, number) = text.split_once('=').ok_or("expected NAME=NUMBER")?;
    let number = number.parse().map_err(|_| format!("{number:?} is no whole number"))?;
    Ok((name.to_string(), number))
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::List(args) => list(args),
        What::Plan(models) => look_at(models, false),
        What::Check(models) => look_at(models, true),
        What::Verify(args) => verify::run(args),
        What::Prebuild(args) => prebuild(args),
    }
}

fn list(args: &List) -> Result<ExitCode> {
    let mut rows = Vec::new();
    let mut documents = Vec::new();
    for path in folders_below(&args.path)? {
        // What is no model folder is passed over; what is one and is broken is told.
        let name = path.display().to_string();
        if vlm::Folder::is_one(&path) {
            let (document, row) = vision_language_row(&path, name);
            documents.push(document);
            rows.push(row);
            continue;
        }
        match ModelFolder::open(&path, None, None) {
            Ok(folder) => {
                let precisions: Vec<&str> = folder.entries.iter().map(|entry| entry.precision.word()).collect();
                let licence = folder.licence.as_deref();
                documents.push(json!({
                    "folder": name, "family": folder.family.word(), "precisions": precisions, "licence": licence,
                    "source": folder.source, "labels": folder.labels.len(),
                }));
                rows.push(vec![name, folder.family.word().into(), precisions.join(" "), licence.unwrap_or("-").into()]);
            }
            Err(error) if path.join(MANIFEST_NAME).is_file() => {
                documents.push(json!({ "folder": name, "error": error.to_string() }));
                rows.push(vec![name, "refused".into(), String::new(), error.to_string()]);
            }
            Err(_) => (),
        }
    }
    if args.json {
        say(&pretty(&json!({ "models": documents })))?;
    } else if rows.is_empty() {
        say(&format!("{}: no model folder lies below\n", args.path.display()))?;
    } else {
        say(&table::table(&["folder", "family", "precisions", "licence"], &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the list tells of the folder of a vision-language model.
fn vision_language_row(path: &Path, name: String) -> (Value, Vec<String>) {
    match vlm::Folder::read(path) {
        Ok(folder) => {
            let precisions: Vec<&str> = folder.decoder.iter().map(|file| file.precision.word()).collect();
            let document = json!({
                "folder": name, "family": folder.family.word(), "precisions": precisions,
                "context_tokens": folder.context, "has_vision": !folder.vision.is_empty(),
            });
            (document, vec![name, folder.family.word().into(), precisions.join(" "), "-".into()])
        }
        Err(error) => {
            let document = json!({ "folder": name, "error": error.to_string() });
            (document, vec![name, "refused".into(), String::new(), error.to_string()])
        }
    }
}

fn prebuild(args: &Prebuild) -> Result<ExitCode> {
    let folder = args.model.folder()?;
    let told = |state: &LoadState| eprintln!("{}: {:.0} s", state.phase, state.elapsed.as_secs_f64());
    let kept = Some(args.engines.clone());
    let options = SessionOptions {
        providers: vec![Provider::named("tensorrt")],
        require: true,
        warm_up: true,
        progress: Some(Progress::new(Duration::from_secs(10), told)),
        tensorrt: TensorRt { folder: kept, fp16: args.fp16, int8: args.int8, ..TensorRt::default() },
        ..args.model.network.session_options()
    };
    let net = args.model.open(&folder, &options)?;
    let engines = net.session().engines().ok_or_else(|| Error::new(ErrorKind::Runtime, "TensorRT built no engine"))?;
    let word = if engines.was_kept { "were there" } else { "are built" };
    say(&format!("engines {word}: {}\n", engines.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn look_at(models: &Models, is_check: bool) -> Result<ExitCode> {
    let files = files_below(&models.path)?;
    let runtime = is_check.then(|| Runtime::find(&FindOptions { path: None, python: true }));
    let mut is_fine = true;
    let mut rows = Vec::new();
    let mut documents = Vec::new();
    for file in &files {
        let outcome = look(file, models, runtime.as_ref());
        is_fine &= outcome.is_ok();
        let name = file.display().to_string();
        match outcome {
            Ok(seen) => {
                documents.push(seen.document(&name));
                rows.push(vec![name, seen.plan.to_string(), seen.load.unwrap_or_default()]);
            }
            Err(error) => {
                documents.push(json!({"model": name, "error": error.to_string()}));
                rows.push(vec![name, "refused".into(), error.to_string()]);
            }
        }
    }
    let mut folders = Vec::new();
    for path in vision_language_folders(&models.path)? {
        let name = path.display().to_string();
        match look_at_folder(&path, models) {
            Ok(plan) => {
                let words = format!("{}: {plan}", parts_of(&plan));
                rows.push(vec![name.clone(), words, format!("cache {}", plan.cache)]);
                folders.push(document_of(&name, &plan));
            }
            Err(error) => {
                is_fine = false;
                rows.push(vec![name.clone(), "refused".into(), error.to_string()]);
                folders.push(json!({"folder": name, "error": error.to_string()}));
            }
        }
    }
    if models.json {
        say(&pretty(&json!({"models": documents, "folders": folders, "ok": is_fine})))?;
    } else {
        say(&table::table(&["model", "memory", if is_check { "loads" } else { "" }], &rows))?;
    }
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The folders of vision-language models: this one, and those below it.
fn vision_language_folders(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    Ok(folders_below(path)?.into_iter().filter(|path| vlm::Folder::is_one(path)).collect())
}

fn look_at_folder(path: &Path, models: &Models) -> Result<FolderPlan> {
    let plan = vlm::Folder::read(path)?.plan(models.precision, &models.sides(), models.context)?;
    plan.check(models.budget_bytes())?;
    Ok(plan)
}

/// "embedding fp32, vision fp32, decoder q4".
fn parts_of(plan: &FolderPlan) -> String {
    let mut parts: Vec<String> =
        plan.graphs.iter().map(|graph| format!("{} {}", graph.part, graph.precision)).collect();
    parts.dedup();
    parts.join(", ")
}

fn document_of(name: &str, plan: &FolderPlan) -> Value {
    let graph = |graph: &vlm::GraphPlan| {
        json!({
            "part": graph.part,
            "precision": graph.precision.word(),
            "model": graph.path.display().to_string(),
            "weight_bytes": graph.plan.weight_bytes,
            "activation_bytes": graph.plan.activation_bytes,
            "values_without_shape": graph.plan.unknown_values,
        })
    };
    json!({
        "folder": name,
        "graphs": plan.graphs.iter().map(graph).collect::<Vec<_>>(),
        "weight_bytes": plan.weight_bytes(),
        "activation_bytes": plan.activation_bytes(),
        "cache_layers": plan.cache.layers,
        "cache_bytes_per_1000_tokens": plan.cache.bytes(1000),
        "context_tokens": plan.context,
        "cache_bytes": plan.cache_bytes(),
        "total_bytes": plan.total_bytes(),
    })
}

struct Seen {
    model: ModelFile,
    plan: Plan,
    /// How loading went, where it was tried.
    load: Option<String>,
}

impl Seen {
    fn document(&self, name: &str) -> Value {
        json!({
            "model": name,
            "file_bytes": self.model.file_bytes,
            "weight_bytes": self.plan.weight_bytes,
            "external_bytes": self.plan.external_bytes,
            "activation_bytes": self.plan.activation_bytes,
            "values": self.plan.values,
            "values_without_shape": self.plan.unknown_values,
            "total_bytes": self.plan.total_bytes(),
            "cache_layers": self.plan.cache.layers,
            "cache_bytes_per_1000_tokens": self.plan.cache.bytes(1000),
            "loads": self.load,
        })
    }
}

fn look(file: &Path, models: &Models, runtime: Option<&Result<Arc<Runtime>>>) -> Result<Seen> {
    let model = ModelFile::read(file, &ModelLimits::default())?;
    let plan = Plan::of(&model, &models.sides());
    plan.check(models.budget_bytes())?;
    let load = match runtime {
        None => None,
        Some(Err(_)) => Some("not tried: no ONNX Runtime, see `gnomon doctor`".into()),
        Some(Ok(runtime)) => {
            let options = SessionOptions { sides: models.sides.clone(), ..SessionOptions::default() };
            let session = Session::open(runtime, file, &options)?;
            let list = |specs: &[gnomon::runtime::ValueSpec]| {
                specs.iter().map(|spec| format!("{} {spec}", spec.name)).collect::<Vec<_>>().join(", ")
            };
            Some(format!("{} -> {}", list(session.inputs()), list(session.outputs())))
        }
    };
    Ok(Seen { model, plan, load })
}

/// A folder and every folder below it, in order of name. A linked folder is not gone into: it may lead round.
fn folders_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let found = entries_of(&folder)?.into_iter().filter(|(_, kind)| kind.is_dir());
        folders.extend(found.map(|(path, _)| path));
        all.push(folder);
    }
    all.sort();
    Ok(all)
}

fn entries_of(folder: &Path) -> Result<Vec<(PathBuf, FileType)>> {
    let unreadable = |error| Error::io(format!("{}: cannot be listed: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    entries.map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))).map_err(unreadable)).collect()
}

/// The file itself, or every `.onnx` below a folder, in order of name.
fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    for folder in folders_below(path)? {
        let found = entries_of(&folder)?.into_iter().filter(|(_, kind)| !kind.is_dir()).map(|(path, _)| path);
        files.extend(found.filter(|path| path.extension().is_some_and(|extension| extension == "onnx")));
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::io(format!("{}: no .onnx file lies below", path.display())));
    }
    Ok(files)
}
