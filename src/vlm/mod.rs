//! Vision-language models: what stands between their numbers and text that can be used.
//!
//! None of the parts here knows a network. `sampling.rs` picks a token from logits; `constraint.rs` says which tokens may
//! come, so that a reply parses; `stops.rs` turns tokens into text as they come and ends it; `grounding.rs` finds boxes and
//! points in a reply and takes them back to the picture and up to the world.

pub mod constraint;
pub mod grounding;
pub mod sampling;
pub mod stops;
