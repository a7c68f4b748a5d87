//! Networks: ONNX Runtime found on the machine, models checked before they are loaded, sessions that say what they run on.
//!
//! gnomon works without networks. What needs one calls [`Runtime::find`], and where there is no ONNX Runtime gets an error
//! that lists the places that were tried; nothing is linked, nothing ends the process, nothing waits for ever. One
//! runtime serves the process (`find.rs`, `elf.rs`; `raw.rs` has the calls into it that need unsafe code).
//!
//! A model is a file from outside. [`ModelFile`] walks it first and refuses what claims more than it holds or reaches out
//! of its folder (`model.rs`, `wire.rs`); [`Plan`] says what it will take of memory (`plan.rs`). [`Session`] loads it on
//! the providers asked for, in order, and tells which it got (`session.rs`). What goes in is checked against the graph;
//! runs can be stopped from another thread and by a deadline (`control.rs`), and so can loads, which say what they are at
//! (`loading.rs`); the end of the process stops both (`exit.rs`). [`Binding`] keeps buffers between runs (`binding.rs`); engines that TensorRT takes minutes to build are
//! kept between starts (`engine.rs`). What was said to the log last is kept as well (`journal.rs`).
//!
//! | provider | was it run |
//! |---|---|
//! | the processor | on x86_64, ONNX Runtime 1.17.1, 1.23.2, 1.31.1 |
//! | CUDA | asked for where it is not: the remark names the library that is missing. No GPU was at hand |
//! | TensorRT | as CUDA; keys, options and folders of its engines are tested without it |
//!
//! ```no_run
//! use gnomon::runtime::{Control, FindOptions, Provider, Runtime, Session, SessionOptions, TensorView};
//! use std::{path::Path, time::Duration};
//!
//! let runtime = Runtime::find(&FindOptions::default())?;
//! let providers = vec![Provider::named("cuda"), Provider::named("cpu")];
//! let session = Session::open(&runtime, Path::new("net.onnx"), &SessionOptions { providers, ..Default::default() })?;
//! for remark in session.remarks() {
//!     eprintln!("{remark}"); // cuda is not used: ... libcublasLt.so.13: cannot open shared object file
//! }
//! let image = vec![0.0f32; 3 * 352 * 352];
//! let image = TensorView::new(&[1, 3, 352, 352], &image)?;
//! let control = Control { within: Some(Duration::from_millis(100)), cancel: None };
//! let outputs = session.run_with(&[("image", image.into())], &control)?;
//! let scores: &[f32] = outputs.get("scores")?.numbers()?;
//!
//! // For a camera's frames, all of one size: nothing is made at each run.
//! let session = std::sync::Arc::new(session);
//! let mut binding = session.bind()?;
//! let pixels: &mut [f32] = binding.input_mut("image", &[1, 3, 352, 352])?;
//! pixels.fill(0.5);
//! binding.run(&control)?;
//! let scores: &[f32] = binding.output("scores")?.numbers()?;
//! # Ok::<(), gnomon::Error>(())
//! ```
//!
//! Not here: what the numbers mean. Images become tensors, and tensors boxes, depth or words, in the parts that know them.

mod binding;
mod control;
mod elf;
mod engine;
mod exit;
mod find;
mod hash;
mod journal;
mod loading;
mod model;
mod plan;
#[allow(unsafe_code, reason = "the loader and a C library are called")]
mod raw;
mod session;
mod tensor;
#[cfg(test)]
pub(crate) mod testing;
mod wire;

pub use binding::{Binding, Place};
pub use control::{Cancel, Control};
pub use engine::{EngineReport, TensorRt};
pub use find::{FindOptions, OLDEST_MINOR, PATH_VARIABLE, Runtime};
pub use half::f16;
pub(crate) use hash::file_hash;
pub use journal::{KEPT, LogLine, forgotten_log_lines, recent_log};
pub use loading::{LoadState, Phase, Progress};
pub(crate) use model::Origin;
pub use model::{ModelFile, ModelLimits, Side};
pub(crate) use plan::Megabytes;
pub use plan::{CachePlan, Plan};
pub use session::{Outputs, Provider, Session, SessionOptions, ValueSpec};
pub(crate) use tensor::Floats;
pub use tensor::{DType, Element, Input, Numbers, Tensor, TensorView};
