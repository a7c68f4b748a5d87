//! Vision-language models: pictures and a question in, words out, from a model folder on the machine.
//!
//! A folder of either public layout is read ([`Folder`]): Hugging Face's, with graphs for embedding, vision and decoder
//! (`hugging_face.rs`), and that of onnxruntime-genai (`genai.rs`). Families differ in how a picture becomes tokens
//! (`picture.rs`), in where the tokens stand (`position.rs`) and in the words round them, which the folder's own chat
//! template says (`chat.rs`). Everything else, names, types, layers, heads, is read from the graphs (`decoder.rs`).
//!
//! [`Vlm`] is one open model (`model.rs`). It answers one [`Request`] at a time, telling each piece of text as it comes. What
//! requests have in common at their beginning, pictures and system prompt mostly, is computed once, for several conversations
//! that take turns (`prefixes.rs`); what the vision graph made of a picture is kept by the picture's content (`features.rs`).
//!
//! An [`Engine`] puts a model on a thread of its own: requests stand in line, and each [`Job`] is waited for, cancelled or let
//! go from any thread (`job.rs`). Whoever answers is a [`Talker`]; a [`Scripted`] one stands in for a model in tests.
//!
//! What stands between numbers and words knows no network: `sampling.rs` picks a token from logits; `constraint.rs` says
//! which tokens may come, so that a reply parses; `stops.rs` turns tokens into text as they come and ends it;
//! `grounding.rs` takes boxes and points of a reply back to the picture and up to the world.
//!
//! | family | pictures | videos | positions |
//! |---|---|---|---|
//! | Qwen2-VL, Qwen2.5-VL | any size, as the graph takes | yes | three rows: time, row, column |
//! | LLaVA-1.5 | cropped or padded to a square | no | one row |
//! | SmolVLM, Idefics3 | tiles and the whole | no | one row |
//! | any decoder of text alone, which takes `input_ids` | refused | refused | one row, or none |
//!
//! Not here: whether what was said is true. That is for `answer`, which asks geometry.

mod chat;
mod config;
pub mod constraint;
mod decoder;
mod embed;
mod family;
mod features;
mod folder;
mod genai;
pub mod grounding;
mod hugging_face;
mod job;
mod model;
mod picture;
mod plan;
mod position;
mod prefixes;
pub mod sampling;
pub mod stops;
mod talker;
mod tokens;
mod vision;

pub use chat::{Message, Part, Role};
pub use family::VlmFamily;
pub use folder::{Folder, GraphFile, Layout};
pub use job::{Engine, Job, Listener, WhenBusy};
pub use model::{Ended, Flow, Piece, Reply, Request, Statistics, Trial, Video, Vlm, VlmOptions};
pub use picture::Placed;
pub use plan::{FolderPlan, GraphPlan};
pub use position::Advance;
pub use talker::{Counter, Script, Scripted, Talker};
