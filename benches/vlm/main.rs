//! A model that does what it is told on its standard input, a line each, and answers with a line of JSON: the one of the
//! runtimes that `peers.py` measures which is ours. It measures the processor's time from outside, of all alike.
//!
//! | line | what is done |
//! |---|---|
//! | `prefill N K` | the K-th prompt of N tokens, nothing of which is known |
//! | `decode N` | the last prompt again, all of which is known, and N tokens after it |
//! | `look N` | a question of N tokens about a picture, nothing of which is known |
//! | `again N` | another question about the same picture |
//!
//! Without a line to read it ends: so it does under `cargo bench` alone.

#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gnomon::prepare::Rgb;
use gnomon::runtime::{Control, FindOptions, Runtime, SessionOptions};
use gnomon::vlm::{Flow, Folder, Reply, Request, Vlm, VlmOptions};

/// Letters, each a token of its own, of which no two prompts begin alike.
fn words(count: usize, round: usize) -> String {
    (0..count).map(|k| char::from(b'a' + ((k * 7 + round * 5) % 26) as u8)).collect()
}

fn picture() -> gnomon::Result<Arc<Rgb>> {
    const SIDES: (usize, usize) = (448, 336);
    let bytes = (0..3 * SIDES.0 * SIDES.1).map(|k| ((k * 2_654_435_761) >> 13) as u8).collect();
    Rgb::new(SIDES.0, SIDES.1, bytes).map(Arc::new)
}

fn told(reply: &Reply, ms: f64) -> serde_json::Value {
    let s = &reply.statistics;
    serde_json::json!({
        "prompt": s.prompt_tokens, "reused": s.reused_tokens, "new": s.new_tokens, "ms": ms,
        "prepare_ms": s.prepare.as_secs_f64() * 1e3, "vision_ms": s.vision.as_secs_f64() * 1e3,
        "prefill_ms": s.prefill.as_secs_f64() * 1e3, "run_ms": s.run.as_secs_f64() * 1e3,
        "first_ms": s.first_token.as_secs_f64() * 1e3, "tokens": reply.token_ids,
    })
}

fn main() -> gnomon::Result<()> {
    let Some(folder) = std::env::args().nth(1).filter(|word| !word.starts_with('-')) else {
        println!("benches/vlm: run by scripts/bench-vlm.sh, which makes the model");
        return Ok(());
    };
    let runtime = Runtime::find(&FindOptions::default())?;
    let session = SessionOptions { threads: 1, ..SessionOptions::default() };
    let options = VlmOptions { session, context: Some(512), ..VlmOptions::default() };
    let mut vlm = Vlm::open(&runtime, Folder::read(Path::new(&folder))?, &options)?;
    let plan = serde_json::json!({ "plan_bytes": vlm.plan_bytes(), "shares": vlm.shares_cache() });
    println!("{plan}");
    let (mut last, mut round) = (String::new(), 0);
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap_or_default();
        let mut parts = line.split(' ');
        let what = parts.next().unwrap_or_default();
        let mut number = || parts.next().and_then(|word| word.parse::<usize>().ok());
        let count = number().unwrap_or(1);
        round = number().unwrap_or(round + 1);
        let mut request = Request { max_new_tokens: 1, ..Request::question("", Vec::new()) };
        match what {
            "prefill" => {
                last = words(count, round);
                vlm.forget()?;
            }
            "decode" => request.max_new_tokens = count,
            "look" => {
                vlm.forget()?;
                request.images = vec![picture()?];
                last = format!("<|vision_start|><|image_pad|><|vision_end|>{}", words(count, round));
            }
            _ => {
                request.images = vec![picture()?];
                last = format!("<|vision_start|><|image_pad|><|vision_end|>{}", words(count, round));
            }
        }
        request.raw = Some(last.clone());
        let begun = Instant::now();
        let reply = vlm.answer(&request, &Control::default(), &mut |_| Flow::GoOn)?;
        println!("{}", told(&reply, begun.elapsed().as_secs_f64() * 1e3));
        let _ = std::io::stdout().flush();
    }
    Ok(())
}
