//! Vision-language models: what stands between their numbers and text that can be used.

pub mod constraint;
pub mod grounding;
pub mod sampling;
pub mod stops;
