//! Our side of the bench against peers: what is measured, one call at a time, of one thread.
//!
//! - `cargo bench --bench peers --features cli` measures ours alone and prints it.
//! - `peers prepare FOLDER` writes the data that both sides read: `meta.json` says what is in it.
//! - `peers serve FOLDER` reads names of rows from standard input, measures each for a while and answers with a line of
//!   JSON: the least time of a call that the process was on a processor, seconds, and what came out. `peers.py` asks it
//!   in turn with the peers.

mod data;
#[path = "../common/field.rs"]
mod field;
mod rows;
mod spark;
#[path = "../common/thing.rs"]
mod thing;

use data::Data;
use rows::{Call, ROWS};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A row is called again and again for so long, seconds, and once at least.
const ROUND_S: f64 = 0.25;

/// How often each row is measured when ours runs alone.
const ROUNDS: usize = 3;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prepare", folder] => Data::prepare(Path::new(folder)),
        ["serve", folder] => serve(&Data::load(Path::new(folder))),
        _ => alone(),
    }
}

/// One round of a row: the least time of a call, and what came out.
fn round(call: &mut Call<'_>) -> (Duration, Value) {
    let (mut least, result) = call();
    let mut spent = least;
    while spent.as_secs_f64() < ROUND_S {
        let (time, _) = call();
        least = least.min(time);
        spent += time.max(Duration::from_micros(1));
    }
    (least, result)
}

fn serve(data: &Data) {
    let mut calls: Vec<Option<Call<'_>>> = ROWS.iter().map(|_| None).collect();
    for line in std::io::stdin().lock().lines() {
        let name = line.expect("a line");
        let at = ROWS.iter().position(|row| row.0 == name.trim()).expect("the name of a row");
        let call = calls[at].get_or_insert_with(|| (ROWS[at].1)(data));
        let (time, result) = round(call);
        println!("{}", json!({ "seconds": time.as_secs_f64(), "result": result }));
        std::io::stdout().flush().expect("somebody listens");
    }
}

fn alone() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers");
    Data::prepare(&folder);
    let data = Data::load(&folder);
    println!("peers: ours alone; the least time of a call on the processor, milliseconds");
    for (name, begin) in ROWS {
        let mut call = begin(&data);
        let least = (0..ROUNDS).map(|_| round(&mut call).0).min().unwrap_or_default();
        println!("{name:<24} {:10.4}", 1e3 * least.as_secs_f64());
    }
}
