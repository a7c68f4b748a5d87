//! Marks for answers, as published benchmarks give them: VSI-Bench, MSMU-Bench, maps of a grid, rewards of training.
//!
//! Each benchmark has quirks that move its figures: what counts as a number, whether a threshold is strict, in which
//! precision it is compared. A figure can be set beside a published one only if all of them are kept, so they are kept,
//! each under its name, and where gnomon departs from a release the item says so.
//!
//! - **Reading** (`reading.rs`, `python.rs`): a model's text becomes a number or a letter. [`Reading::Official`] is
//!   VSI-Bench's, [`Reading::SpatialMllm`] and [`Reading::SpatialMllmV1`] are Spatial-MLLM's, [`Reading::Lenient`] is
//!   for people: "about 3", "1,000", "3 chairs" and "150 cm" are all numbers to it.
//! - **Numbers** (`mra.rs`): mean relative accuracy, [`Mra::Official`] and [`Mra::Strict`].
//! - **VSI-Bench** (`vsi.rs`): ten question types, eight tasks, one overall score.
//! - **MSMU-Bench** (`msmu.rs`, `quantity.rs`, `name.rs`): eight groups, success rates; lengths in prose with units.
//! - **Grids** (`grid_map.rs`): a dictionary `category -> [(x, y)]` in a model's text, and how many distances between
//!   categories it gets right.
//! - **Depth** (`depth.rs`): AbsRel and delta 1 of one depth image against another.
//! - **Rewards** (`reward.rs`): what group-relative policy optimisation is fed with.
//!
//! What a model wrote is hostile: texts are bounded, nothing recurses, nothing panics; what cannot be read scores 0.
//! Scores are in [0, 1], AbsRel aside. Not here: asking a model, reading files, judging by another model.

mod depth;
mod grid_map;
mod mra;
mod msmu;
mod name;
mod python;
mod quantity;
mod reading;
mod reward;
mod vsi;

pub use depth::{DELTA1_BOUND, DepthScore, DepthTally, rank_correlation};
pub use grid_map::{
    DistanceBin, GridMap, MAX_GRID_CATEGORIES, MAX_GRID_PLACES, PAIR_BIN_EDGES, PAIR_TOLERANCE, PairScore,
};
pub use mra::Mra;
pub use msmu::{
    COORDINATE_TOLERANCE, DELTA_BOUND, MsmuGroup, MsmuScorer, MsmuTally, QUALITATIVE_BOUND, SIMILARITY_BOUND,
    Similarity, absolute_relative_error, coordinates_succeed, delta, list_succeeds, qualitative_succeeds,
    ratios_succeed, scalar_succeeds,
};
pub use name::names_agree;
pub(crate) use quantity::small_number;
pub use quantity::{LengthUnit, Quantity, lengths_m, quantities};
pub use reading::Reading;
pub use reward::{
    EditDistance, MAX_EDIT_CHARS, Spread, advantages, choice_reward, format_reward, numeric_reward, text_reward,
    text_similarity,
};
pub use vsi::{VsiScore, VsiTally, VsiTask, VsiType};

/// Of a longer text only the beginning is read, bytes: more than any model thinks before it answers.
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// The beginning of a text, at most [`MAX_TEXT_BYTES`] long.
fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}
