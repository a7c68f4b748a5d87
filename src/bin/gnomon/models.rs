//! `gnomon models`: model files looked at before they are trusted: what they will take of memory (`plan`), and whether they
//! are whole and load (`check`).

use crate::{pretty, say, table};
use gnomon::runtime::{FindOptions, ModelFile, ModelLimits, Plan, Runtime, Session, SessionOptions};
use gnomon::{Error, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Say what models will take of memory, before they are loaded
    Plan(Models),
    /// Say whether models are whole, and load them if there is an ONNX Runtime
    Check(Models),
}

#[derive(clap::Args)]
struct Models {
    /// A model, or a folder: every .onnx file below it
    path: PathBuf,
    /// A number for a side that has a name alone, as batch=1
    #[arg(long = "side", value_name = "NAME=NUMBER", value_parser = side)]
    sides: Vec<(String, usize)>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

fn side(text: &str) -> std::result::Result<(String, usize), String> {
    let (name, number) = text.split_once('=').ok_or("expected NAME=NUMBER")?;
    let number = number.parse().map_err(|_| format!("{number:?} is no whole number"))?;
    Ok((name.to_string(), number))
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let (models, is_check) = match &args.what {
        What::Plan(models) => (models, false),
        What::Check(models) => (models, true),
    };
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
    if models.json {
        say(&pretty(&json!({"models": documents, "ok": is_fine})))?;
    } else {
        say(&table::table(&["model", "memory", if is_check { "loads" } else { "" }], &rows))?;
    }
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
            "loads": self.load,
        })
    }
}

fn look(file: &Path, models: &Models, runtime: Option<&Result<Arc<Runtime>>>) -> Result<Seen> {
    let model = ModelFile::read(file, &ModelLimits::default())?;
    let sides: Vec<(&str, usize)> = models.sides.iter().map(|(name, number)| (name.as_str(), *number)).collect();
    let plan = Plan::of(&model, &sides);
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

/// The file itself, or every `.onnx` below a folder, in order of name.
fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| Error::io(format!("{}: cannot be listed: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            // A linked folder is not gone into: it may lead round.
            if kind.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "onnx") {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::io(format!("{}: no .onnx file lies below", path.display())));
    }
    Ok(files)
}
