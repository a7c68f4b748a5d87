//! Vision-language models: a folder is opened once and answers requests one after another, on a thread of its own.
//!
//! What it is asked stands in `request`, what comes of it in `job`.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::network::{ReadyVlm, gnomon_network_options, gnomon_provider, read_opening, read_path, read_precision};
use super::scene::empty_place;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str};
use crate::runtime::Runtime;
use crate::vlm::{Engine, GraphFile, Vlm, VlmOptions};

/// The most tokens of prompt and reply together.
pub(super) const MAX_TOKENS: u32 = 1 << 20;

/// The most requests in line.
const MAX_WAITING: u32 = 1 << 16;

/// The most conversations that are kept.
const MAX_PREFIXES: u64 = 4096;

/// Fails, by its name, for a number that is not among these.
pub(super) fn expect_within<T>(what: &str, value: T, expected: std::ops::RangeInclusive<T>) -> Result<(), Fault>
where
    T: PartialOrd + std::fmt::Display,
{
    if expected.contains(&value) {
        return Ok(());
    }
    Err(Fault::argument(format!("{what} is {value}, expected {} to {}", expected.start(), expected.end())))
}

/// A vision-language model that is open. Any thread, any number at a time: requests are answered one after another, on a
/// thread of its own (gnomon_vlm_submit). Depends on no other handle.
pub struct gnomon_vlm {
    poison: Poison,
    pub(super) engine: Engine,
    told: Told,
}

impl Handle for gnomon_vlm {
    const NAME: &'static str = "vlm";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_vlm>();
};

/// How a vision-language model is opened, beside gnomon_network_options. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_vlm_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The precision of embedding and vision graph, as gnomon_network_options.precision is the decoder's; empty: what the
    /// provider computes quickest of what is there. Borrowed for the call.
    pub vision_precision: gnomon_str,
    /// What is kept of pictures that were seen, bytes; 0: nothing. Default 64 MiB.
    pub feature_bytes: u64,
    /// The most tokens of prompt and reply together, at most 1048576; 0: what the folder says.
    pub context_tokens: u32,
    /// So many tokens of a prompt go through the decoder at once, 1 to 1048576: a stop is heard between two parts. Default
    /// 512.
    pub prefill_tokens: u32,
    /// The most requests that stand in line beside the one being answered, at most 65536. Default 16.
    pub most_waiting: u32,
    /// 0.
    pub reserved: u32,
    /// So many conversations stay in the decoder's cache, 1 to 4096: questions that alternate between pictures then find
    /// their own. Together they take no more than one full context. Default 4.
    pub prefixes: u64,
}

/// What a vision-language model is and what really runs it. Set up with GNOMON_INIT; texts and lists live as long as its
/// handle.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_vlm_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How it is fed: "qwen2_5_vl", "llava".
    pub family: gnomon_str,
    /// The folder it was opened from.
    pub path: gnomon_str,
    /// Of which precision the decoder's weights are.
    pub precision: gnomon_str,
    /// Of which precision those of the embedding are.
    pub vision_precision: gnomon_str,
    /// The library of ONNX Runtime.
    pub runtime_path: gnomon_str,
    /// Its version: "1.31.1".
    pub runtime_version: gnomon_str,
    /// The files of its graphs: embedding (none where the decoder has its own), vision (none, one, or one for each grid of
    /// patches), decoder.
    pub files: *const gnomon_str,
    /// How many.
    pub files_len: usize,
    /// What the decoder runs on, in order; the processor comes last.
    pub providers: *const gnomon_provider,
    /// How many.
    pub providers_len: usize,
    /// What is not as it was asked for, in sentences.
    pub remarks: *const gnomon_str,
    /// How many.
    pub remarks_len: usize,
    /// The most tokens of prompt and reply together.
    pub context_tokens: u64,
    /// What a process takes for it when the context is full, bytes: weights, cache, logits, tokenizer, and the runtime.
    pub plan_bytes: u64,
    /// 1 when it sees pictures, 0 when the folder has no vision graph.
    pub takes_images: u32,
    /// 1 when the decoder writes into its cache where it lies, else 0.
    pub shares_cache: u32,
}

growing! {
    gnomon_vlm_options 48;
    gnomon_vlm_facts 176;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_vlm_options {
    fn defaults() -> Self {
        let ours = VlmOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            vision_precision: gnomon_str::NONE,
            feature_bytes: ours.feature_bytes as u64,
            context_tokens: 0,
            prefill_tokens: ours.prefill_tokens as u32,
            most_waiting: 16,
            reserved: 0,
            prefixes: ours.prefixes as u64,
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_vlm_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            family: gnomon_str::NONE,
            path: gnomon_str::NONE,
            precision: gnomon_str::NONE,
            vision_precision: gnomon_str::NONE,
            runtime_path: gnomon_str::NONE,
            runtime_version: gnomon_str::NONE,
            files: std::ptr::null(),
            files_len: 0,
            providers: std::ptr::null(),
            providers_len: 0,
            remarks: std::ptr::null(),
            remarks_len: 0,
            context_tokens: 0,
            plan_bytes: 0,
            takes_images: 0,
            shares_cache: 0,
        }
    }
}

/// The caller's options, checked, and how many may stand in line; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to options whose texts are readable.
unsafe fn read_options(options: *const gnomon_vlm_options) -> Result<(VlmOptions, usize), Fault> {
    let raw = match options.is_null() {
        true => gnomon_vlm_options::defaults(),
        // SAFETY: passed on to the caller.
        false => unsafe { growth::read(options) }?,
    };
    if raw.reserved != 0 {
        return Err(Fault::argument(format!("reserved is {}, expected 0", raw.reserved)));
    }
    expect_within("context_tokens", raw.context_tokens, 0..=MAX_TOKENS)?;
    expect_within("prefill_tokens", raw.prefill_tokens, 1..=MAX_TOKENS)?;
    expect_within("most_waiting", raw.most_waiting, 0..=MAX_WAITING)?;
    expect_within("prefixes", raw.prefixes, 1..=MAX_PREFIXES)?;
    let options = VlmOptions {
        // SAFETY: passed on to the caller.
        vision_precision: unsafe { read_precision(&raw.vision_precision, "vision_precision") }?,
        context: (raw.context_tokens > 0).then_some(raw.context_tokens as usize),
        prefill_tokens: raw.prefill_tokens as usize,
        feature_bytes: usize::try_from(raw.feature_bytes).unwrap_or(usize::MAX),
        prefixes: raw.prefixes as usize,
        ..VlmOptions::default()
    };
    Ok((options, raw.most_waiting as usize))
}

/// What the facts of a model point to: made once, when it is opened.
struct Told {
    facts: gnomon_vlm_facts,
    _texts: Vec<String>,
    _providers: Vec<gnomon_provider>,
    _views: Vec<gnomon_str>,
}
// SAFETY: the views are of texts and lists that stand beside them and never change.
unsafe impl Send for Told {}
// SAFETY: as above.
unsafe impl Sync for Told {}

impl Told {
    fn of(runtime: &Runtime, vlm: &Vlm) -> Self {
        let folder = vlm.folder();
        let decoder = vlm.decoder_file();
        let pictures = vlm.embed_file().unwrap_or(decoder);
        let mut texts = vec![
            folder.family.word().to_owned(),
            folder.path.display().to_string(),
            decoder.precision.word().to_owned(),
            pictures.precision.word().to_owned(),
            runtime.path().display().to_string(),
            runtime.version().to_owned(),
        ];
        let files: Vec<&GraphFile> = vlm.embed_file().into_iter().chain(vlm.vision_files()).chain([decoder]).collect();
        texts.extend(files.iter().map(|file| file.path.display().to_string()));
        let (names, remarks) = vlm.providers();
        texts.extend(remarks);
        let after_files = FILES_AT + files.len();
        let names_at = texts.len();
        texts.extend(names.iter().cloned());
        // Moving a text moves no bytes that a view shows.
        let views: Vec<gnomon_str> = texts.iter().map(|text| gnomon_str::of(text)).collect();
        let (files, remarks) = (&views[FILES_AT..after_files], &views[after_files..names_at]);
        let nodes = vlm.nodes_by_provider();
        let nodes_of = |name: &String| match nodes {
            Some(nodes) => nodes.get(name).copied().unwrap_or(0) as i64,
            None => -1,
        };
        let providers: Vec<gnomon_provider> = names
            .iter()
            .zip(&views[names_at..])
            .map(|(text, name)| gnomon_provider { name: *name, nodes: nodes_of(text) })
            .collect();
        let facts = gnomon_vlm_facts {
            family: views[0],
            path: views[1],
            precision: views[2],
            vision_precision: views[3],
            runtime_path: views[4],
            runtime_version: views[5],
            files: files.as_ptr(),
            files_len: files.len(),
            providers: providers.as_ptr(),
            providers_len: providers.len(),
            remarks: remarks.as_ptr(),
            remarks_len: remarks.len(),
            context_tokens: vlm.context() as u64,
            plan_bytes: vlm.plan_bytes(),
            takes_images: u32::from(!folder.vision.is_empty()),
            shares_cache: u32::from(vlm.shares_cache()),
            ..gnomon_vlm_facts::defaults()
        };
        Self { facts, _texts: texts, _providers: providers, _views: views }
    }
}

/// The texts before those of the files.
const FILES_AT: usize = 6;

/// Fills in the defaults of a vision-language model's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_options_init(options: *mut gnomon_vlm_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_facts_init(facts: *mut gnomon_vlm_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Opens the vision-language model of a folder: Hugging Face's layout (config.json, tokenizer.json, onnx/) or that of
/// onnxruntime-genai (genai_config.json). Both options may be NULL. network's family and labels must be empty; its precision
/// is the decoder's, empty for what the provider computes quickest; its budget is that of all graphs together, its within_ns
/// that of each. Fails as gnomon_detector_open does, with GNOMON_E_UNSUPPORTED for a family that is not known. Free it with
/// gnomon_vlm_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_open(
    path: gnomon_str,
    network: *const gnomon_network_options,
    options: *const gnomon_vlm_options,
    out: *mut *mut gnomon_vlm,
) -> gnomon_status {
    guard("gnomon_vlm_open", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "vlm") }?;
        // SAFETY: the caller's options and text, borrowed for this call.
        let (opening, (options, most_waiting), path) =
            unsafe { (read_opening(network)?, read_options(options)?, read_path(&path)?) };
        let ReadyVlm { runtime, folder, precision, session } = opening.ready_vlm(path)?;
        let vlm = Vlm::open(&runtime, folder, &VlmOptions { session, precision, ..options })?;
        let told = Told::of(&runtime, &vlm);
        let engine = Engine::start(Box::new(vlm), most_waiting)?;
        let handle = Box::new(gnomon_vlm { poison: Poison::default(), engine, told });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a model and every view into it; no other call on it may be running, its jobs may: they end with
/// GNOMON_E_CANCELLED, which is waited for. From a callback of its own jobs it returns at once. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_free(vlm: *mut gnomon_vlm) {
    release(|| {
        if !vlm.is_null() {
            // SAFETY: came from gnomon_vlm_open, freed once, by the header's word.
            drop(unsafe { Box::from_raw(vlm) });
        }
    })
}

/// Writes what the model is and what really runs it to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_info(vlm: *const gnomon_vlm, out: *mut gnomon_vlm_facts) -> gnomon_status {
    guard("gnomon_vlm_info", |call| {
        // SAFETY: the caller's handle.
        let vlm = unsafe { call.handle(vlm) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&vlm.told.facts) };
        DONE
    })
}

/// Writes how many tokens a text is to the model to out. Waits for no request.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_count_tokens(
    vlm: *const gnomon_vlm,
    text: gnomon_str,
    out: *mut usize,
) -> gnomon_status {
    guard("gnomon_vlm_count_tokens", |call| {
        // SAFETY: the caller's text, borrowed for this call.
        let text = unsafe { text.read("text", MAX_LONG_TEXT_BYTES) }?;
        if out.is_null() {
            return Err(Fault::argument("place for the number of tokens is NULL"));
        }
        // SAFETY: the caller's handle.
        let vlm = unsafe { call.handle(vlm) }?;
        let count = (vlm.engine.counter())(text)?;
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(count) };
        DONE
    })
}
