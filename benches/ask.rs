//! What a question costs in a large scene, 100,000 things of 1000 labels, and what showing the scene costs:
//! `cargo bench --bench ask`. Printed are the median and the 99th percentile of each question, read from words and answered.

#[path = "common/thing.rs"]
mod thing;

use criterion::{Criterion, criterion_group, criterion_main};
use gnomon::answer::{AskOptions, ask_text};
use gnomon::geom::OrientedBox;
use gnomon::scene::Snapshot;
use nalgebra::{Point3, Vector3};
use std::hint::black_box;
use std::time::{Duration, Instant};

const THINGS: u64 = 100_000;
const LABELS: u64 = 1000;

/// How often each question is asked.
const ROUNDS: usize = 300;

/// Questions of the kinds that geometry answers: by name, by a label of a hundred things, of the whole scene.
const QUESTIONS: [&str; 5] = [
    "What is the distance between the bopa#5 and the gule#7?",
    "What is the height of the rela#3?",
    "If I am standing by the bopa#5 and facing the gule#7, is the rela#3 to my left, right or back?",
    "How many napas are there?",
    "How many zebras are there?",
];

/// Words of two syllables, a thousand of them.
fn label(of: u64) -> String {
    let syllable = |k: u64| {
        let (consonants, vowels) = (b"bcdfglmnpr", b"aeiou");
        [consonants[(k % 10) as usize], vowels[(k / 10 % 5) as usize]].map(char::from)
    };
    syllable(of % 50).into_iter().chain(syllable(of / 50 + of % 7)).collect()
}

fn scene() -> Snapshot {
    let part = |id: u64, by: f64| (id as f64 * by).fract();
    let thing = |id: u64| {
        let centre = Point3::new(300.0 * part(id, 0.754_877_666), 300.0 * part(id, 0.569_840_291), 0.4);
        let size = Vector3::new(0.2 + part(id, 0.37), 0.2 + part(id, 0.61), 0.8);
        thing::confirmed(
            id,
            &label(id % LABELS),
            id / LABELS + 1,
            OrientedBox::upright(centre, size, 3.0 * part(id, 0.43)),
        )
    };
    Snapshot::of((0..THINGS).map(thing).collect(), vec![], 1).expect("valid things")
}

fn questions(criterion: &mut Criterion) {
    let began = Instant::now();
    let (snapshot, options) = (scene(), AskOptions::default());
    println!("{} things made in {:.1} ms", snapshot.len(), began.elapsed().as_secs_f64() * 1e3);
    for question in QUESTIONS {
        let ask = || ask_text(&snapshot, question, &[], &options).expect("an answer");
        println!("{question} {}", ask().short());
        let once = |_| {
            let began = Instant::now();
            black_box(ask());
            began.elapsed()
        };
        let mut times: Vec<Duration> = (0..ROUNDS).map(once).collect();
        times.sort_unstable();
        let of = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!("  p50 {:8.3} ms  p99 {:8.3} ms", of(50), of(99));
    }
    criterion.bench_function("ask/distance-of-100000", |bencher| {
        bencher.iter(|| ask_text(&snapshot, QUESTIONS[0], &[], &options).expect("an answer"));
    });
}

criterion_group!(benches, questions);
criterion_main!(benches);
