//! Questions about a scene, answered from geometry with their evidence.
//!
//! [`ask_text`] takes a question in words, [`ask`] one of types ([`Question`]). An [`Answer`] is a value with its unit, the things and frames it rests on, the
//! margin to the nearest other answer and a probability; or unknown, with the reason. A scene that a robot makes is open: what
//! was not seen is unknown, never absent ([`AskOptions::complete`]). [`verdict_text`] holds what others say, such as a
//! language model, against the same scene.
//!
//! Probabilities come from the sigmas of the boxes: every operator is run on drawn scenes (`draws.rs`). They speak of what the map
//! may have got wrong, and not of what it has not seen, save one named number ([`AskOptions::overlooked`]).
//!
//! Order of the files: `question.rs` what can be asked, `reader/` words to questions, `vocabulary.rs` and `facts.rs` words to things,
//! `operators/` things to values, `options.rs` values to options, `reply.rs` the answer, `verdict.rs` whether a statement holds, `said.rs` whether
//! somebody's answer does.

mod ask;
mod draws;
mod facts;
mod operators;
mod options;
mod question;
pub mod reader;
mod reply;
mod said;
mod scene_text;
#[cfg(test)]
mod testing;
mod verdict;
#[cfg(test)]
mod verdict_tests;
mod vocabulary;

pub use ask::{AskOptions, View, ask, ask_text, things_named, things_of};
pub use question::{
    Asked, Contact, Extent, MAX_NAMED, MAX_QUESTION_BYTES, Observer, Phrase, Quantity, Question, Sectors, Side,
    SideWord, Step, Turn,
};
pub use reply::{Answer, Evidence, Found, Margin, MarginUnit, Unknown, Value, Why};
pub use said::{Said, judge_said};
pub use scene_text::{MAX_SCENE_TEXT_BYTES, Measure, ReadSceneText, SceneText, TextThing, Told, estimate_tokens};
pub use verdict::{Bound, Claim, Judgement, Judging, MAX_STATEMENTS, Reason, Verdict, judge, verdict_text};
pub use vocabulary::Vocabulary;
