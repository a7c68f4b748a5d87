//! A rendered room from colour alone, by the network that the library holds. Prints `not run: no ONNX Runtime` where there is
//! none.
#![cfg(feature = "cli")]

mod common;

use gnomon::depth::DepthNet;
use gnomon::eval::{RoomEvalOptions, eval_rooms_in_colour};
use gnomon::models::{ModelFolder, ROOM_DEPTH};
use gnomon::runtime::SessionOptions;
use std::path::Path;

/// Rooms of this seed and those near it are not among those that the network learned from.
const SEED: u64 = 1;

#[test]
fn a_room_that_was_never_seen_is_found_from_colour_alone() {
    let Some(runtime) = common::runtime() else { return };
    let folder = ModelFolder::open(Path::new(ROOM_DEPTH), None, None).expect("the library holds it");
    let net = DepthNet::open(&runtime, &folder, None, &SessionOptions::default()).expect("a network of metres");
    let options = RoomEvalOptions { first_seed: SEED, seeds: 1, frames: 120, threads: 1 };
    let table = eval_rooms_in_colour(&options, &net).expect("a table");
    let depth = table.depth.mean().expect("120 frames");
    println!("AbsRel {:.4}, delta < 1.25 {:.4}", depth.abs_rel, depth.delta1);
    for (name, tally) in table.rows() {
        println!("{name}: recall {:.3}, centre {:.3} m", tally.recall(), tally.centre_m_p50());
    }
    assert!(depth.abs_rel <= 0.15 && depth.delta1 >= 0.85, "{depth:?}");
    assert_eq!(depth.compared, depth.with_truth);
    let noisy = &table.noisy[0];
    // One room of many: README has the figures of five.
    assert!(noisy.recall() >= 0.7 && noisy.n() >= 25, "{}", noisy.recall());
    assert!(noisy.centre_m_p50() < 0.05, "{}", noisy.centre_m_p50());
}
