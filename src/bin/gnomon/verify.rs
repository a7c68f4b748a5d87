//! `gnomon models verify`: does a model folder do here what its family promises? One command, one verdict.
//!
//! The folder is read and held against its hashes, the graph against its family, the plan against memory; then the network
//! looks at pictures: of a recorded sequence with a depth sensor, or of a rendered room, of which figures are told and
//! nothing is judged but that something comes out. The first thing wrong ends it.
//!
//! What is judged on a sequence, generously, since sensors err too: metres have an AbsRel of at most 0.5 to the sensor's;
//! depth without metres has at least 0.5 of rank correlation with it; a detector finds something in some picture. A network
//! fed the wrong way round, upside down or in the wrong colours fails these; one a little worse than another does not. A
//! vision-language model is asked instead (`verify_vlm.rs`).

use crate::machine;
use crate::network::{ModelArgs, Net, ran_on};
use crate::pictures::{Shot, shots};
use crate::timing::nearest;
use crate::{pretty, say, verify_vlm};
use clap::Args as ClapArgs;
use gnomon::depth::{Depth, DepthNet};
use gnomon::detect::{DetectOptions, Detector};
use gnomon::runtime::Control;
use gnomon::score::{DepthScore, DepthTally, rank_correlation};
use gnomon::vlm;
use gnomon::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// The greatest AbsRel to a sensor that passes for metres.
const MAX_ABS_REL: f64 = 0.5;

/// The least rank correlation with a sensor that passes for depth.
const MIN_RANK_CORRELATION: f64 = 0.5;

/// How many times the plan the memory may be, beside what the runtime takes for itself.
const MAX_OF_PLAN: f64 = 2.0;

/// What ONNX Runtime takes for itself, bytes.
const OWN_BYTES: u64 = 64 << 20;

#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Judge it on pictures of this sequence and the depth of its sensor [default: a rendered room, not judged]
    #[arg(long, value_name = "SEQUENCE")]
    sequence: Option<PathBuf>,
    /// How many pictures, taken evenly
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pictures: u16,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What was found out, in the order in which it was: lines for people, keys for programs.
#[derive(Default)]
pub struct Facts {
    pub lines: Vec<(&'static str, String)>,
    pub document: Map<String, Value>,
}

impl Facts {
    pub fn add(&mut self, key: &'static str, words: impl Into<String>, value: impl Into<Value>) {
        self.lines.push((key, words.into()));
        self.document.insert(key.replace(' ', "_"), value.into());
    }
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mut facts = Facts::default();
    let wrong = verify(args, &mut facts).err();
    let verdict = wrong.as_ref().map_or_else(|| "PASS".into(), |error| format!("FAIL: {error}"));
    if args.json {
        let mut document = facts.document;
        document.insert("pass".into(), wrong.is_none().into());
        document.insert("wrong".into(), wrong.as_ref().map(Error::to_string).into());
        say(&pretty(&Value::Object(document)))?;
    } else {
        let lines = facts.lines.iter().map(|(key, words)| format!("{key:<12}{words}\n"));
        say(&format!("{}{verdict}\n", lines.collect::<String>()))?;
    }
    Ok(if wrong.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verify(args: &Args, facts: &mut Facts) -> Result<()> {
    if vlm::Folder::is_one(args.model.path()) {
        return verify_vlm::verify(&args.model, args.model.path(), facts);
    }
    let folder = args.model.folder()?;
    facts.add("family", folder.family.word(), folder.family.word());
    let licence = folder.licence.as_deref().unwrap_or("not told");
    facts.add("licence", licence, folder.licence.as_deref());
    let shots = shots(args.sequence.as_deref(), args.pictures.into())?;
    let before = machine::memory().now_bytes;
    let net = args.model.open(&folder, &args.model.network.session_options())?;
    let hashed = folder.has_hash(args.model.precision());
    facts.add("hash", if hashed { "as told" } else { "none is told" }, hashed);
    let session = net.session();
    facts.add("ran on", ran_on(session), session.providers().to_vec());
    for remark in session.remarks() {
        facts.lines.push(("remark", remark.clone()));
    }
    facts.add("remarks", format!("{}", session.remarks().len()), session.remarks().to_vec());
    let outcome = match &net {
        Net::Depth(net) => depth(net, &shots, args.sequence.is_some(), facts),
        Net::Detector(net) => detections(net, &shots, args.sequence.is_some(), facts),
    };
    outcome?;
    memory(before, session.plan().total_bytes(), facts)
}

fn milliseconds(mut times: Vec<f64>, facts: &mut Facts) {
    times.sort_by(f64::total_cmp);
    let (Some(median), Some(slowest)) = (nearest(&times, 0.5), times.last()) else { return };
    let words = format!("median {median:.1} ms, slowest {slowest:.1} ms of {}", times.len());
    facts.add("latency", words, json!({ "median_ms": median, "slowest_ms": slowest }));
}

fn depth(net: &DepthNet, shots: &[Shot], is_judged: bool, facts: &mut Facts) -> Result<()> {
    let (mut tally, mut times, mut ranks, mut kind) = (DepthTally::default(), Vec::new(), Vec::new(), "");
    for shot in shots {
        let began = Instant::now();
        let estimate = net.estimate(&shot.view()?, Some(&shot.intrinsics), &Control::default());
        let estimate = estimate.map_err(|error| error.within(&shot.name))?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        kind = estimate.depth.words();
        let values = estimate.depth.map().values();
        if let Ok(metric) = estimate.metric()
            && let Some(score) = DepthScore::of(metric.map().values(), &shot.truth_m)?
        {
            tally.add(&score);
        }
        let towards = if matches!(estimate.depth, Depth::AffineInverseDepth(_)) { -1.0 } else { 1.0 };
        ranks.extend(rank_correlation(values, &shot.truth_m)?.map(|rank| towards * rank));
    }
    facts.add("depth", kind, kind);
    milliseconds(times, facts);
    let rank = ranks.iter().sum::<f64>() / ranks.len().max(1) as f64;
    facts.add("ranks", format!("correlation {rank:.3} with the depth known"), rank);
    if let Some(score) = tally.mean() {
        let words = format!("AbsRel {:.3}, delta<1.25 {:.3}", score.abs_rel, score.delta1);
        facts.add("accuracy", words, json!({ "absrel": score.abs_rel, "delta1": score.delta1 }));
        if is_judged && score.abs_rel > MAX_ABS_REL {
            return Err(wrong(format!("AbsRel to the sensor is {:.2}, expected at most {MAX_ABS_REL}", score.abs_rel)));
        }
    }
    if is_judged && ranks.is_empty() {
        return Err(wrong("the sequence has no depth to compare with".into()));
    }
    if is_judged && rank < MIN_RANK_CORRELATION {
        return Err(wrong(format!(
            "rank correlation with the sensor is {rank:.2}, expected at least {MIN_RANK_CORRELATION}: the picture may be fed \
             in the wrong order or size, or near and far be exchanged"
        )));
    }
    Ok(())
}

fn detections(net: &Detector, shots: &[Shot], is_judged: bool, facts: &mut Facts) -> Result<()> {
    let (mut counts, mut times) = (BTreeMap::<String, usize>::new(), Vec::new());
    for shot in shots {
        let began = Instant::now();
        let found = net.detect(&shot.view()?, &DetectOptions::default(), &Control::default());
        let found = found.map_err(|error| error.within(&shot.name))?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        found.iter().for_each(|found| *counts.entry(found.label.to_string()).or_default() += 1);
    }
    milliseconds(times, facts);
    let list: Vec<String> = counts.iter().map(|(label, count)| format!("{count} {label}")).collect();
    let words = if list.is_empty() { "nothing".into() } else { list.join(", ") };
    facts.add("found", format!("{words} in {} pictures", shots.len()), json!(counts));
    if is_judged && counts.is_empty() {
        return Err(wrong(format!("nothing was found in {} pictures", shots.len())));
    }
    Ok(())
}

/// What was taken of memory, beside what was planned; fails where it is far more.
pub fn memory(before: Option<u64>, planned: u64, facts: &mut Facts) -> Result<()> {
    let (Some(before), Some(peak)) = (before, machine::memory().peak_bytes) else { return Ok(()) };
    let (taken, mb) = (peak.saturating_sub(before), |bytes: u64| bytes as f64 / 1e6);
    let words = format!("{:.1} MB at most, planned {:.1} MB", mb(taken), mb(planned));
    facts.add("memory", words, json!({ "taken_bytes": taken, "planned_bytes": planned }));
    if taken.saturating_sub(OWN_BYTES) as f64 > MAX_OF_PLAN * planned as f64 {
        return Err(wrong(format!(
            "{:.0} MB were taken, {MAX_OF_PLAN} times the plan is {:.0} MB",
            mb(taken),
            MAX_OF_PLAN * mb(planned)
        )));
    }
    Ok(())
}

/// Something wrong with a model.
pub fn wrong(sentence: String) -> Error {
    Error::new(ErrorKind::Model, sentence)
}
