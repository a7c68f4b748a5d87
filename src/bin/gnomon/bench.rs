//! `gnomon bench`: what a network costs here, by provider.

use crate::network::{ModelArgs, ran_on};
use crate::pictures::shots;
use crate::timing::nearest;
use crate::{pretty, say, table};
use clap::Args as ClapArgs;
use gnomon::Result;
use gnomon::models::ModelFolder;
use gnomon::runtime::{Provider, SessionOptions};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(ClapArgs)]
pub struct Args {
    /// The network; each of --providers is tried by itself
    #[command(flatten)]
    model: ModelArgs,
    /// Pictures of this sequence [default: of a rendered room]
    #[arg(long, value_name = "SEQUENCE")]
    sequence: Option<PathBuf>,
    /// How many times it looks
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    rounds: u16,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What one provider did.
struct Row {
    asked: String,
    ran_on: String,
    load: Duration,
    first: Duration,
    /// The others, sorted.
    rest: Vec<Duration>,
    remarks: Vec<String>,
}

impl Row {
    fn at(&self, share: f64) -> Duration {
        nearest(&self.rest, share).unwrap_or(self.first)
    }

    fn document(&self) -> Value {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        json!({
            "asked": self.asked, "ran_on": self.ran_on, "load_ms": ms(self.load), "first_ms": ms(self.first),
            "p50_ms": ms(self.at(0.5)), "p99_ms": ms(self.at(0.99)), "rounds": self.rest.len(), "remarks": self.remarks,
        })
    }
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let folder = args.model.folder()?;
    let mut rows = Vec::new();
    for provider in args.model.network.provider_names() {
        rows.push(measure(args, &folder, &provider)?);
    }
    if args.json {
        let providers: Vec<Value> = rows.iter().map(Row::document).collect();
        say(&pretty(&json!({ "family": folder.family.word(), "providers": providers })))?;
    } else {
        say(&text_of(&rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(args: &Args, folder: &ModelFolder, provider: &str) -> Result<Row> {
    let shots = shots(args.sequence.as_deref(), usize::from(args.rounds).min(16))?;
    let options = SessionOptions { providers: vec![Provider::named(provider)], ..args.model.network.session_options() };
    let began = Instant::now();
    let net = args.model.open(folder, &options)?;
    let load = began.elapsed();
    let mut times = Vec::new();
    for shot in shots.iter().cycle().take(usize::from(args.rounds) + 1) {
        let (view, began) = (shot.view()?, Instant::now());
        net.look(&view, &shot.intrinsics)?;
        times.push(began.elapsed());
    }
    let first = times.remove(0);
    times.sort_unstable();
    let session = net.session();
    let (ran_on, remarks) = (ran_on(session), session.remarks().to_vec());
    Ok(Row { asked: provider.into(), ran_on, load, first, rest: times, remarks })
}

fn text_of(rows: &[Row]) -> String {
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    let cells = rows.iter().map(|row| {
        vec![row.asked.clone(), row.ran_on.clone(), ms(row.load), ms(row.first), ms(row.at(0.5)), ms(row.at(0.99))]
    });
    let heading = ["asked", "ran on", "load ms", "first ms", "p50 ms", "p99 ms"];
    let mut text = table::table(&heading, &cells.collect::<Vec<_>>());
    for remark in rows.iter().flat_map(|row| &row.remarks) {
        text += &format!("{remark}\n");
    }
    text
}
