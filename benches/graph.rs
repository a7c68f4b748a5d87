//! What one moved thing among two hundred costs: relations, published list and triplet chain, incremental and from
//! scratch: `cargo bench --bench graph`.
//!
//! Two snapshots that differ in the place of one thing are shown in turn; each showing moves it by half a metre, far out
//! of its bound. No box is shared between the two, so every box is compared too.

#[path = "common/thing.rs"]
mod thing;

use criterion::{Criterion, criterion_group, criterion_main};
use gnomon::geom::OrientedBox;
use gnomon::graph::{Chain, ChainOptions, GraphOptions, Order, PublishOptions, PublishedList, RelationGraph};
use gnomon::scene::Snapshot;
use nalgebra::{Point3, Vector3};

const THINGS: u64 = 200;

/// Rooms full of things, 0.8 m apart in the mean, scattered by a fixed rule; thing `moved` stands half a metre aside.
fn snapshot(moved: Option<u64>) -> Snapshot {
    let part = |id: u64, by: f64| (id as f64 * by).fract();
    let thing = |id: u64| {
        let aside = if moved == Some(id) { 0.5 } else { 0.0 };
        let centre = Point3::new(11.0 * part(id, 0.754_877_666) + aside, 11.0 * part(id, 0.569_840_291), 0.4);
        let size = Vector3::new(0.2 + part(id, 0.37), 0.2 + part(id, 0.61), 0.8);
        thing::confirmed(id, "thing", id, OrientedBox::upright(centre, size, 3.0 * part(id, 0.43)))
    };
    Snapshot::of((1..=THINGS).map(thing).collect(), vec![], 1).expect("valid things")
}

fn graph(criterion: &mut Criterion) {
    let shown = [snapshot(None), snapshot(Some(THINGS / 2))];
    let mut list = PublishedList::of(&shown[0], PublishOptions::default()).expect("a list");
    let mut chain = Chain::of(&list, ChainOptions::default()).expect("a chain");
    let mut graph = RelationGraph::new(GraphOptions::default()).expect("options");
    graph.update(&shown[0]);
    let mut turn = 0;
    let mut attached = 0;
    let mut pairs = 0;
    criterion.bench_function("graph/update/one-of-200", |bencher| {
        bencher.iter(|| {
            turn += 1;
            let snapshot = &shown[turn % 2];
            pairs = graph.update(snapshot).pairs_compared;
            list.update(snapshot).expect("a list");
            attached = chain.update(&list).expect("a chain").attached;
        });
    });
    println!(
        "one moved thing: {pairs} pairs compared, {attached} lines attached anew, {} relations",
        graph.relations().count()
    );
    assert!(attached > 0 && pairs > 0);
    criterion.bench_function("graph/relations/200-anew", |bencher| {
        bencher.iter(|| {
            let mut graph = RelationGraph::new(GraphOptions::default()).expect("options");
            graph.update(&shown[0])
        });
    });
    criterion.bench_function("graph/chain/200-anew", |bencher| {
        bencher.iter(|| Chain::of(&list, ChainOptions::default()).expect("a chain"));
    });
    criterion.bench_function("graph/chain/200-best-first", |bencher| {
        let options = ChainOptions { order: Order::BestFirst, ..ChainOptions::default() };
        bencher.iter(|| Chain::of(&list, options).expect("a chain"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = graph
}
criterion_main!(benches);
