//! `gnomon models verify` of a vision-language model: is its folder one model, and does it speak here?
//!
//! The folder is read and its files chosen; tokenizer, template and graphs are held against each other; then it is asked in
//! words alone, and about a made picture or video for each of its vision graphs. A reply has words by finite logits: one that
//! is no number ends the reply, and the verdict. What the words say is not judged.

use crate::machine;
use crate::network::{ModelArgs, ran_on, runtime};
use crate::verify::{Facts, memory, wrong};
use gnomon::Result;
use gnomon::runtime::Control;
use gnomon::vlm::{Flow, Folder, Layout, Statistics, Vlm, VlmOptions};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// Looks at a folder; the first thing wrong is the error.
pub fn verify(args: &ModelArgs, path: &Path, facts: &mut Facts) -> Result<()> {
    let folder = Folder::read(path)?;
    facts.add("family", folder.family.word(), folder.family.word());
    let layout = match folder.layout {
        Layout::HuggingFace => "Hugging Face",
        Layout::GenAi => "onnxruntime-genai",
    };
    facts.add("layout", layout, layout);
    let before = machine::memory().now_bytes;
    let began = Instant::now();
    let options =
        VlmOptions { session: args.network.session_options(), precision: args.precision(), ..VlmOptions::default() };
    let mut vlm = Vlm::open(&runtime()?, folder, &VlmOptions { vision_precision: args.precision(), ..options })?;
    let load_s = began.elapsed().as_secs_f64();
    files(&vlm, facts);
    facts.lines.push(("load", format!("{load_s:.2} s")));
    facts.document.insert("load_s".into(), load_s.into());
    let context = vlm.context();
    facts.lines.push(("context", format!("{context} tokens")));
    facts.document.insert("context_tokens".into(), context.into());
    vlm.check_words()?;
    let sum = ask(&mut vlm, facts)?;
    sessions(&vlm, facts);
    speed(&sum, facts);
    memory(before, vlm.plan_bytes(), facts)
}

fn files(vlm: &Vlm, facts: &mut Facts) {
    let embed = vlm.embed_file().map(|file| ("embedding", file));
    let vision = vlm.vision_files().iter().map(|file| ("vision", file));
    let parts = embed.into_iter().chain(vision).chain([("decoder", vlm.decoder_file())]);
    let mut list = Vec::new();
    for (part, file) in parts {
        let name = file.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        facts.lines.push(("file", format!("{name}, {} of {part}", file.precision.word())));
        list.push(json!({ "part": part, "path": file.path.display().to_string(), "precision": file.precision.word() }));
    }
    facts.document.insert("files".into(), list.into());
}

fn sessions(vlm: &Vlm, facts: &mut Facts) {
    let mut list = Vec::new();
    for (part, session) in vlm.sessions() {
        facts.lines.push(("ran on", format!("{} of {part}", ran_on(session))));
        list.push(json!({
            "part": part, "providers": session.providers(), "nodes": session.nodes_by_provider(),
            "remarks": session.remarks(),
        }));
        for remark in session.remarks() {
            facts.lines.push(("remark", remark.clone()));
        }
    }
    facts.document.insert("ran_on".into(), list.into());
}

/// Asks all that there is to ask; gives what it took together.
fn ask(vlm: &mut Vlm, facts: &mut Facts) -> Result<Statistics> {
    let mut sum = Statistics::default();
    let mut list = Vec::new();
    for trial in vlm.trials() {
        vlm.forget()?;
        let reply = vlm.answer(&trial.request, &Control::default(), &mut |_| Flow::GoOn);
        let reply = reply.map_err(|error| error.within(&trial.what))?;
        if reply.token_ids.is_empty() {
            return Err(wrong(format!("{}: the reply has no token", trial.what)));
        }
        let took = &reply.statistics;
        let words = format!("{}: {} tokens of prompt, {} of reply", trial.what, took.prompt_tokens, took.new_tokens);
        facts.lines.push(("asked", words));
        list.push(json!({
            "what": trial.what, "prompt_tokens": took.prompt_tokens, "new_tokens": took.new_tokens,
            "ended": reply.ended.word(), "grids": reply.grids, "vision_ms": took.vision.as_secs_f64() * 1e3,
        }));
        sum.prompt_tokens += took.prompt_tokens;
        sum.new_tokens += took.new_tokens - 1;
        sum.prefill += took.prefill;
        sum.decode += took.decode;
    }
    facts.document.insert("asked".into(), list.into());
    Ok(sum)
}

fn speed(sum: &Statistics, facts: &mut Facts) {
    let rate = |tokens: usize, time: Duration| (!time.is_zero()).then(|| tokens as f64 / time.as_secs_f64());
    let (prefill, decode) = (rate(sum.prompt_tokens, sum.prefill), rate(sum.new_tokens, sum.decode));
    let words = |rate: Option<f64>| rate.map_or_else(|| "none".into(), |rate| format!("{rate:.0} tokens/s"));
    facts.add(
        "speed",
        format!("prompt {}, reply {}", words(prefill), words(decode)),
        json!({ "prefill_tokens_per_s": prefill, "decode_tokens_per_s": decode }),
    );
}
