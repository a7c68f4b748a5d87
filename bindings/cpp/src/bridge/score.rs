//! Marks and rewards of what a model says.

use crate::score::{
    reward_advantages, reward_choice, reward_format, reward_numeric, reward_text, score_mra, score_msmu, score_vsi,
};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    /// Two ways to reckon mean relative accuracy.
    #[derive(Debug)]
    enum MraKind {
        Official,
        Strict,
    }

    /// How a model's text is read.
    #[derive(Debug)]
    enum Reading {
        Official,
        SpatialMllm,
        SpatialMllmV1,
        Lenient,
    }

    /// How far two texts are apart.
    #[derive(Debug)]
    enum EditDistance {
        InDel,
        Levenshtein,
    }

    /// By which standard deviation of a group advantages are divided: its own, or that it is a sample of.
    #[derive(Debug)]
    enum Spread {
        Population,
        Sample,
    }

    extern "Rust" {
        /// Mean relative accuracy of a number, 0 to 1.
        fn score_mra(kind: MraKind, predicted: f64, truth: f64) -> Result<f64>;
        /// The mark of a model's text for a question of VSI-Bench, 0 to 1.
        fn score_vsi(kind: &str, reading: Reading, text: &str, truth: &str, options: &[&str]) -> Result<f64>;
        /// The mark of a model's text for a question of MSMU-Bench, 0 or 1.
        fn score_msmu(raw_type: &str, truth: &str, response: &str) -> Result<f64>;
        /// 1 where all of the text is a think block and an answer block, else 0.
        fn reward_format(text: &str) -> f64;
        /// 1 where the last answer block, or the text without one, is `truth`, else 0.
        fn reward_choice(text: &str, truth: &str) -> f64;
        /// Strict mean relative accuracy of the number in the answer block, 0 to 1.
        fn reward_numeric(text: &str, truth: f64) -> f64;
        /// How alike the answer block and `truth` are, 0 to 1.
        fn reward_text(text: &str, truth: &str, distance: EditDistance) -> Result<f64>;
        /// How far each reward of a group lies above the mean, in standard deviations. All 0 where the rewards are equal,
        /// one alone, or not finite.
        fn reward_advantages(rewards: &[f64], spread: Spread) -> Result<Vec<f64>>;
    }
}
