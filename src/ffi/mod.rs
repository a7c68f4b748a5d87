//! The C ABI: checks and conversion, nothing else. What a C caller reads is `include/gnomon.h`, made from this folder.
//!
//! Every entry is a plain `extern "C"` function whose body is one [`guard::guard`] (or `release`, for what frees):
//! the only place that catches a panic. Inside it, pointers, lengths, numbers, codes and UTF-8 are checked before
//! anything is done, so a refused call leaves handles as they were and outputs untouched. A panic poisons the handle it
//! happened on: later calls on it return `GNOMON_E_PANIC` with the sentence, freeing still works.
//!
//! Structs that cross ([`growth`]) are `repr(C)` without padding, hold integers, floats and raw pointers alone (no
//! `bool`, no Rust enum), and may grow at the end. Handles are boxes of the types in [`scene`], [`snapshot`],
//! [`pipeline`], [`cogmap`], [`answer`], [`judgement`], [`chain`], [`triplets`], [`composed`], [`graph`], [`keeper`],
//! [`told`], [`vocabulary`] and [`text_handle`]; of networks, which a build without `onnx` does not have, those in
//! `network`, `detector`, `depth`, `geometry`, `vlm`, `job`, `album` and `grounding`. This is the one module of gnomon with
//! unsafe code; each block says why it is sound.

#![allow(non_camel_case_types)] // the names are C's

#[cfg(feature = "onnx")]
mod album;
mod answer;
mod chain;
mod cogmap;
mod composed;
#[cfg(feature = "onnx")]
mod converse;
#[cfg(feature = "onnx")]
mod depth;
#[cfg(feature = "onnx")]
mod detector;
mod diff;
mod edit;
mod frame;
#[cfg(feature = "onnx")]
mod geometry;
mod graph;
#[cfg(feature = "onnx")]
mod grounding;
mod growth;
mod guard;
#[cfg(feature = "onnx")]
mod job;
mod judgement;
mod keeper;
mod log;
#[cfg(feature = "onnx")]
mod network;
mod observer;
mod options;
mod pipeline;
#[cfg(feature = "onnx")]
mod pipeline_networks;
mod pipeline_told;
mod question;
mod recording;
mod relation;
#[cfg(feature = "onnx")]
mod request;
mod saved;
mod scene;
mod score;
mod select;
mod shapes;
mod snapshot;
mod status;
mod text;
mod text_handle;
mod told;
mod triplets;
mod version;
#[cfg(feature = "onnx")]
mod vlm;
mod vocabulary;

#[cfg(all(test, feature = "onnx"))]
mod layout;
