//! What is the same for all networks: how they are opened, stopped and told of, and what they will take of memory.
//!
//! What a caller sets is read before the handle, the file or the runtime is looked at, so that a wrong number is told even
//! on a machine without ONNX Runtime. A handle keeps the texts and lists that its facts point to.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::flag;
use super::scene::empty_place;
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str, read_texts};
use super::text_handle::{gnomon_text, hand_out_text};
use crate::models::{Family, ModelFolder, Precision};
use crate::runtime::{
    Cancel, Control, FindOptions, LoadState, LogLine, ModelFile, ModelLimits, Plan, Progress, Provider, Runtime,
    Session, SessionOptions, TensorRt, recent_log,
};
use crate::vlm;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The most providers that are asked for.
const MAX_PROVIDERS: usize = 64;

/// The most threads inside one node.
const MAX_THREADS: u32 = 1024;

/// How often a load that lasts is told of.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// The most sides that are given a number.
const MAX_SIDES: usize = 1024;

/// Stops runs of networks: gnomon_run_options. Any thread, any number at a time, one handle for many runs; must outlive
/// the calls that are given it, and no longer.
pub struct gnomon_cancel {
    poison: Poison,
    cancel: Cancel,
}

impl Handle for gnomon_cancel {
    const NAME: &'static str = "cancel";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

/// How a network is opened. Set up with GNOMON_INIT; texts are borrowed for the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_network_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The library of ONNX Runtime, or its folder, which then must do; empty: $GNOMON_ORT_PATH, else where libraries lie.
    pub runtime_path: gnomon_str,
    /// "fastest_det", "depth_anything_v2": what a bare .onnx file is; empty: the folder says.
    pub family: gnomon_str,
    /// A text file with the names of classes, one a line, that counts before the folder's; empty: the folder's.
    pub labels: gnomon_str,
    /// "fp32", "fp16", "int8", "q4": which of a folder's files; empty: the fullest that it has.
    pub precision: gnomon_str,
    /// What to run on, in order: "cuda", "tensorrt:device_id=1,trt_fp16_enable=1", or another as ONNX Runtime names it.
    pub providers: *const gnomon_str,
    /// How many, at most 64; 0: the processor.
    pub providers_len: usize,
    /// The most that weights and activations may take, bytes (gnomon_model_plan); 0: anything.
    pub memory_budget_bytes: u64,
    /// 1: every provider must be had and the first must get a node, else GNOMON_E_DEVICE. 0: a remark tells.
    pub require_providers: u32,
    /// Threads inside one node, 1 to 1024. Default 2.
    pub threads: u32,
    /// The folder where engines of TensorRT are kept from start to start, which is made; empty: each start builds anew. What
    /// a load is at goes to the log (gnomon_set_log), GNOMON_LOG_INFO, every ten seconds.
    pub engines: gnomon_str,
    /// 1: engines may compute with half floats, else 0.
    pub fp16: u32,
    /// 1: engines may compute with whole numbers of 8 bits, of a model that holds its scales, else 0.
    pub int8: u32,
    /// How long the load may take, nanoseconds; 0: as long as it takes. Inside ONNX Runtime it is stopped from its 1.22 on.
    pub within_ns: i64,
    /// Who may stop the load from another thread, or NULL; borrowed for the call.
    pub cancel: *const gnomon_cancel,
}

/// What may end one run. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_run_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How long it may take from the call, the wait for other calls included, nanoseconds; 0: as long as it takes.
    pub within_ns: i64,
    /// Who may stop it from another thread, or NULL; borrowed for the call.
    pub cancel: *const gnomon_cancel,
}

/// What a network runs on. Its text lives as long as the handle it came from. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_provider {
    /// As ONNX Runtime names it: "CUDAExecutionProvider".
    pub name: gnomon_str,
    /// Nodes of the graph that it got, or -1 where ONNX Runtime does not tell: before 1.24.
    pub nodes: i64,
}

/// What a network is and what really runs it. Set up with GNOMON_INIT; texts and lists live as long as its handle.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_network_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Its family, as in gnomon_network_options.
    pub family: gnomon_str,
    /// Of which precision its weights are.
    pub precision: gnomon_str,
    /// The file it was loaded from.
    pub path: gnomon_str,
    /// Under what terms it may be used, in the folder's words; empty where the folder does not say.
    pub licence: gnomon_str,
    /// The library of ONNX Runtime.
    pub runtime_path: gnomon_str,
    /// Its version: "1.31.1".
    pub runtime_version: gnomon_str,
    /// What was registered, in order; the processor comes last.
    pub providers: *const gnomon_provider,
    /// How many.
    pub providers_len: usize,
    /// What is not as it was asked for, in sentences.
    pub remarks: *const gnomon_str,
    /// How many.
    pub remarks_len: usize,
    /// Bytes of its weights.
    pub weight_bytes: u64,
    /// Bytes of what else it was reckoned to take: gnomon_model_memory.
    pub activation_bytes: u64,
    /// 1 when what a detector finds has masks, else 0.
    pub gives_masks: u32,
    /// 1 when a depth network gives metres, of pictures whose camera is known, else 0.
    pub gives_metres: u32,
}

/// A number for a side of a graph's tensors that has a name alone. Its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_side {
    /// The name: "batch", "height".
    pub name: gnomon_str,
    /// The number, above 0.
    pub size: u64,
}

/// What a model will take of memory. Set up with GNOMON_INIT. The runtime itself needs more: some 30 MB of code.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_model_memory {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// All weights, those in files of their own included, bytes.
    pub weight_bytes: u64,
    /// The weights in files of their own, bytes.
    pub external_bytes: u64,
    /// The most that inputs, outputs and values in between take at one time, of those whose shape is known, bytes.
    pub activation_bytes: u64,
    /// How many of them there are.
    pub values: u64,
    /// How many of those have no shape that is known, and are not counted.
    pub unknown_values: u64,
    /// What a decoder keeps of 1,000 tokens that came before, bytes; 0 for other graphs, and where the graph does not tell.
    /// Not part of activation_bytes, unless sides say how many tokens came before.
    pub cache_bytes_per_1000_tokens: u64,
    /// How many layers of it keep something.
    pub cache_layers: u64,
    /// Of the folder of a vision-language model: the most tokens of prompt and reply together; else 0.
    pub context_tokens: u64,
    /// What the decoder keeps of so many, bytes.
    pub cache_bytes: u64,
}

growing! {
    gnomon_network_options 144;
    gnomon_run_options 24;
    gnomon_network_facts 160;
    gnomon_side 24;
    gnomon_model_memory 48;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_network_options {
    fn defaults() -> Self {
        let ours = SessionOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            runtime_path: gnomon_str::NONE,
            family: gnomon_str::NONE,
            labels: gnomon_str::NONE,
            precision: gnomon_str::NONE,
            providers: std::ptr::null(),
            providers_len: 0,
            memory_budget_bytes: 0,
            require_providers: u32::from(ours.require),
            threads: ours.threads as u32,
            engines: gnomon_str::NONE,
            fp16: 0,
            int8: 0,
            within_ns: 0,
            cancel: std::ptr::null(),
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_run_options {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, within_ns: 0, cancel: std::ptr::null() }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_network_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            family: gnomon_str::NONE,
            precision: gnomon_str::NONE,
            path: gnomon_str::NONE,
            licence: gnomon_str::NONE,
            runtime_path: gnomon_str::NONE,
            runtime_version: gnomon_str::NONE,
            providers: std::ptr::null(),
            providers_len: 0,
            remarks: std::ptr::null(),
            remarks_len: 0,
            weight_bytes: 0,
            activation_bytes: 0,
            gives_masks: 0,
            gives_metres: 0,
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_model_memory {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            weight_bytes: 0,
            external_bytes: 0,
            activation_bytes: 0,
            values: 0,
            unknown_values: 0,
            cache_bytes_per_1000_tokens: 0,
            cache_layers: 0,
            context_tokens: 0,
            cache_bytes: 0,
        }
    }
}

/// How a caller wants a network opened, checked.
pub(super) struct Opening {
    runtime_path: Option<PathBuf>,
    family: Option<Family>,
    labels: Option<PathBuf>,
    precision: Option<Precision>,
    session: SessionOptions,
}

/// What there is once the folder is read and the runtime found.
pub(super) struct Ready {
    pub runtime: Arc<Runtime>,
    pub folder: ModelFolder,
    pub precision: Option<Precision>,
    pub session: SessionOptions,
}

/// What there is of a vision-language model once the folder is read and the runtime found.
pub(super) struct ReadyVlm {
    pub runtime: Arc<Runtime>,
    pub folder: vlm::Folder,
    pub precision: Option<Precision>,
    pub session: SessionOptions,
}

/// A text that may be empty, which says nothing.
///
/// # Safety
/// As [`gnomon_str::read`].
unsafe fn read_said(text: &gnomon_str, what: &str) -> Result<Option<String>, Fault> {
    // SAFETY: passed on to the caller.
    let text = unsafe { text.read(what, MAX_NAME_BYTES) }?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A load that lasts is told of in the log.
fn tell(state: &LoadState) {
    log::info!("a network loads: {}, since {:.1} s", state.phase, state.elapsed.as_secs_f64());
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to options whose texts are readable.
pub(super) unsafe fn read_opening(options: *const gnomon_network_options) -> Result<Opening, Fault> {
    let raw = match options.is_null() {
        true => gnomon_network_options::defaults(),
        // SAFETY: passed on to the caller.
        false => unsafe { growth::read(options) }?,
    };
    // SAFETY: passed on to the caller.
    let said = |text: &gnomon_str, what: &str| unsafe { read_said(text, what) };
    // SAFETY: passed on to the caller.
    let providers = unsafe { read_texts(raw.providers, raw.providers_len, "providers", MAX_PROVIDERS) }?;
    if !(1..=MAX_THREADS).contains(&raw.threads) {
        return Err(Fault::argument(format!("threads is {}, expected 1 to {MAX_THREADS}", raw.threads)));
    }
    Ok(Opening {
        runtime_path: said(&raw.runtime_path, "runtime_path")?.map(PathBuf::from),
        family: said(&raw.family, "family")?.map(|word| Family::parse(&word)).transpose()?,
        labels: said(&raw.labels, "labels")?.map(PathBuf::from),
        precision: said(&raw.precision, "precision")?.map(|word| Precision::parse(&word)).transpose()?,
        session: SessionOptions {
            providers: providers.into_iter().map(Provider::parse).collect::<Result<_, _>>()?,
            require: flag(raw.require_providers, "require_providers")?,
            threads: raw.threads as usize,
            budget_bytes: (raw.memory_budget_bytes > 0).then_some(raw.memory_budget_bytes),
            tensorrt: TensorRt {
                folder: said(&raw.engines, "engines")?.map(PathBuf::from),
                fp16: flag(raw.fp16, "fp16")?,
                int8: flag(raw.int8, "int8")?,
                ..TensorRt::default()
            },
            progress: Some(Progress::new(TOLD_EVERY, tell)),
            // SAFETY: passed on to the caller.
            control: unsafe { control_of(raw.within_ns, raw.cancel) }?,
            ..SessionOptions::default()
        },
    })
}

/// The path of a model, not empty.
///
/// # Safety
/// As [`gnomon_str::read`].
pub(super) unsafe fn read_path<'a>(path: &gnomon_str) -> Result<&'a Path, Fault> {
    // SAFETY: passed on to the caller.
    match unsafe { path.read("path", MAX_NAME_BYTES) }? {
        "" => Err(Fault::argument("path is empty, expected a model folder or an .onnx file")),
        path => Ok(Path::new(path)),
    }
}

impl Opening {
    /// Reads the folder, then finds the runtime.
    pub fn ready(self, path: &Path) -> Result<Ready, Fault> {
        let Self { runtime_path, family, labels, precision, session } = self;
        let folder = ModelFolder::open(path, family, labels.as_deref())?;
        folder.entry(precision)?;
        let runtime = Runtime::find(&FindOptions { path: runtime_path, python: false })?;
        Ok(Ready { runtime, folder, precision, session })
    }

    /// Reads the folder of a vision-language model, then finds the runtime.
    pub fn ready_vlm(self, path: &Path) -> Result<ReadyVlm, Fault> {
        let Self { runtime_path, family, labels, precision, session } = self;
        let folder = vlm::Folder::read(path)?;
        if family.is_some() || labels.is_some() {
            return Err(Fault::argument("family or labels is set, expected none: the folder says what it is"));
        }
        let runtime = Runtime::find(&FindOptions { path: runtime_path, python: false })?;
        Ok(ReadyVlm { runtime, folder, precision, session })
    }
}

/// A caller's precision; empty for none.
///
/// # Safety
/// As [`gnomon_str::read`].
pub(super) unsafe fn read_precision(text: &gnomon_str, what: &str) -> Result<Option<Precision>, Fault> {
    // SAFETY: passed on to the caller.
    let word = unsafe { read_said(text, what) }?;
    Ok(word.map(|word| Precision::parse(&word)).transpose()?)
}

/// What may stop the caller's run; NULL means nothing.
///
/// # Safety
/// `options` is NULL or points to options whose handle is not freed before the call ends.
pub(super) unsafe fn read_control(options: *const gnomon_run_options) -> Result<Control, Fault> {
    if options.is_null() {
        return Ok(Control::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    // SAFETY: passed on to the caller.
    unsafe { control_of(raw.within_ns, raw.cancel) }
}

/// # Safety
/// `cancel` is NULL or not freed before the call ends.
unsafe fn control_of(within_ns: i64, cancel: *const gnomon_cancel) -> Result<Control, Fault> {
    let within = within_of(within_ns)?;
    // SAFETY: passed on to the caller.
    let cancel = match unsafe { cancel.as_ref() } {
        None => None,
        Some(handle) => {
            handle.poison.refuse(gnomon_cancel::NAME)?;
            Some(handle.cancel.clone())
        }
    };
    Ok(Control { cancel, within })
}

/// A time that something may take; 0 is any.
pub(super) fn within_of(within_ns: i64) -> Result<Option<Duration>, Fault> {
    match u64::try_from(within_ns) {
        Ok(0) => Ok(None),
        Ok(within_ns) => Ok(Some(Duration::from_nanos(within_ns))),
        Err(_) => Err(Fault::argument(format!("within_ns is {within_ns}, expected 0 or more"))),
    }
}

/// What the facts of a network point to: made once, when it is opened.
pub(super) struct Told {
    facts: gnomon_network_facts,
    _texts: Vec<String>,
    _providers: Vec<gnomon_provider>,
    _remarks: Vec<gnomon_str>,
}
// SAFETY: the views are of texts and lists that stand beside them and never change.
unsafe impl Send for Told {}
// SAFETY: as above.
unsafe impl Sync for Told {}

impl Told {
    pub fn of(ready: &Ready, session: &Session, gives_masks: bool, gives_metres: bool) -> Result<Self, Fault> {
        let entry = ready.folder.entry(ready.precision)?;
        let texts = vec![
            ready.folder.family.word().to_owned(),
            entry.precision.word().to_owned(),
            entry.path.display().to_string(),
            ready.folder.licence.clone().unwrap_or_default(),
            ready.runtime.path().display().to_string(),
            ready.runtime.version().to_owned(),
        ];
        let names = session.providers().to_vec();
        let sentences = session.remarks().to_vec();
        let nodes_of = |name: &String| match session.nodes_by_provider() {
            Some(nodes) => nodes.get(name).copied().unwrap_or(0) as i64,
            None => -1,
        };
        let providers: Vec<gnomon_provider> =
            names.iter().map(|name| gnomon_provider { name: gnomon_str::of(name), nodes: nodes_of(name) }).collect();
        let remarks: Vec<gnomon_str> = sentences.iter().map(|text| gnomon_str::of(text)).collect();
        let view = |at: usize| texts.get(at).map_or(gnomon_str::NONE, |text| gnomon_str::of(text));
        let facts = gnomon_network_facts {
            family: view(0),
            precision: view(1),
            path: view(2),
            licence: view(3),
            runtime_path: view(4),
            runtime_version: view(5),
            providers: providers.as_ptr(),
            providers_len: providers.len(),
            remarks: remarks.as_ptr(),
            remarks_len: remarks.len(),
            weight_bytes: session.plan().weight_bytes,
            activation_bytes: session.plan().activation_bytes,
            gives_masks: u32::from(gives_masks),
            gives_metres: u32::from(gives_metres),
            ..gnomon_network_facts::defaults()
        };
        // Moving a text moves no bytes that a view shows.
        let texts = texts.into_iter().chain(names).chain(sentences).collect();
        Ok(Self { facts, _texts: texts, _providers: providers, _remarks: remarks })
    }

    /// Writes the facts to the caller's place.
    ///
    /// # Safety
    /// As [`growth::place`].
    pub unsafe fn write(&self, out: *mut gnomon_network_facts) -> Result<gnomon_status, Fault> {
        // SAFETY: passed on to the caller.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&self.facts) };
        DONE
    }
}

/// Fills in the defaults of a network's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_network_options_init(options: *mut gnomon_network_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in the defaults of a run's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_run_options_init(options: *mut gnomon_run_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_network_facts_init(facts: *mut gnomon_network_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Fills in an empty plan; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_model_memory_init(memory: *mut gnomon_model_memory, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(memory, size) }
}

/// Makes what stops runs. Free it with gnomon_cancel_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cancel_new(out: *mut *mut gnomon_cancel) -> gnomon_status {
    guard("gnomon_cancel_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "cancel") }?;
        let handle = Box::new(gnomon_cancel { poison: Poison::default(), cancel: Cancel::new() });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Stops every run that was given this, those in line and those yet to come: they return GNOMON_E_CANCELLED. Returns at
/// once; a node of the graph that is running runs to its end. Stays stopped: make a new one for new runs.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cancel_stop(cancel: *const gnomon_cancel) -> gnomon_status {
    guard("gnomon_cancel_stop", |call| {
        // SAFETY: the caller's handle.
        unsafe { call.handle(cancel) }?.cancel.stop();
        DONE
    })
}

/// Frees what stops runs; no call that was given it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cancel_free(cancel: *mut gnomon_cancel) {
    release(|| {
        if !cancel.is_null() {
            // SAFETY: came from gnomon_cancel_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(cancel) });
        }
    })
}

/// The plan of a file, or of a model folder's file of a precision.
fn plan_of(path: &Path, precision: Option<Precision>, sides: &[(&str, usize)]) -> Result<Plan, Fault> {
    let file = match path.is_dir() {
        true => ModelFolder::open(path, None, None)?.entry(precision)?.path.clone(),
        false => path.to_path_buf(),
    };
    Ok(Plan::of(&ModelFile::read(&file, &ModelLimits::default())?, sides))
}

impl gnomon_model_memory {
    fn of(plan: &Plan) -> Self {
        Self {
            weight_bytes: plan.weight_bytes,
            external_bytes: plan.external_bytes,
            activation_bytes: plan.activation_bytes,
            values: plan.values as u64,
            unknown_values: plan.unknown_values as u64,
            cache_bytes_per_1000_tokens: plan.cache.bytes(1000),
            cache_layers: plan.cache.layers as u64,
            ..Self::defaults()
        }
    }

    fn of_folder(plan: &vlm::FolderPlan) -> Self {
        let sum = |of: fn(&Plan) -> usize| plan.graphs.iter().map(|graph| of(&graph.plan) as u64).sum();
        Self {
            weight_bytes: plan.weight_bytes(),
            external_bytes: plan.external_bytes(),
            activation_bytes: plan.activation_bytes(),
            values: sum(|plan| plan.values),
            unknown_values: sum(|plan| plan.unknown_values),
            cache_bytes_per_1000_tokens: plan.cache.bytes(1000),
            cache_layers: plan.cache.layers as u64,
            context_tokens: plan.context as u64,
            cache_bytes: plan.cache_bytes(),
            ..Self::defaults()
        }
    }
}

/// The last lines, at most 256, that ONNX Runtime and gnomon's networks wrote to the log in this process, oldest first, each
/// with its line break: "WARN onnxruntime: ...". They are kept whether or not a callback is set (gnomon_set_log), so that
/// what went wrong can be told afterwards. Free the text with gnomon_text_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_recent_log(out: *mut *mut gnomon_text) -> gnomon_status {
    // SAFETY: the caller's place.
    guard("gnomon_recent_log", |_| unsafe { hand_out_text(out, || Ok(lines_of(&recent_log()))) })
}

/// One line each, whatever line breaks a record has.
fn lines_of(records: &[LogLine]) -> String {
    let line = |record: &LogLine| {
        let text = record.text.trim_end().replace(['\r', '\n'], " ");
        format!("{} {}: {text}\n", record.level, record.target)
    };
    records.iter().map(line).collect()
}

/// The number of each side that the caller names.
///
/// # Safety
/// As [`growth::read_array`]; names are readable.
unsafe fn read_sides<'a>(
    sides: *const gnomon_side,
    side_size: usize,
    n: usize,
) -> Result<Vec<(&'a str, usize)>, Fault> {
    let zero = gnomon_side { name: gnomon_str::NONE, size: 0 };
    // SAFETY: passed on to the caller.
    let sides = unsafe { growth::read_array(sides, side_size, n, MAX_SIDES, zero) }?;
    let mut named = Vec::with_capacity(sides.len());
    for (at, side) in sides.iter().enumerate() {
        // SAFETY: passed on to the caller.
        let name = unsafe { side.name.read(&format!("name of side {at}"), MAX_NAME_BYTES) }?;
        let size = usize::try_from(side.size).ok().filter(|size| (1..=i32::MAX as usize).contains(size));
        let (false, Some(size)) = (name.is_empty(), size) else {
            let told = side.size;
            return Err(Fault::argument(format!(
                "side {at} is {name:?} of {told}, expected a name and 1 to {}",
                i32::MAX
            )));
        };
        named.push((name, size));
    }
    Ok(named)
}

/// Reckons what a model will take of memory, without loading it and without ONNX Runtime: path is an .onnx file, or a model
/// folder, of which precision names the file (as in gnomon_network_options). Of the folder of a vision-language model all
/// graphs count together, and what its decoder keeps is told for the folder's context. sides: n numbers, at most 1024, of
/// side_size bytes each, for sides that have a name alone. Fails with GNOMON_E_IO or _MODEL for what is no whole model.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_model_plan(
    path: gnomon_str,
    precision: gnomon_str,
    sides: *const gnomon_side,
    side_size: usize,
    n: usize,
    out: *mut gnomon_model_memory,
) -> gnomon_status {
    guard("gnomon_model_plan", |_| {
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the plan is NULL"))?;
        // SAFETY: the caller's texts, borrowed for this call.
        let (path, precision) = unsafe { (read_path(&path)?, read_said(&precision, "precision")?) };
        let precision = precision.map(|word| Precision::parse(&word)).transpose()?;
        // SAFETY: the caller's array, borrowed for this call.
        let sides = unsafe { read_sides(sides, side_size, n) }?;
        let memory = match path.is_dir() && vlm::Folder::is_one(path) {
            true => gnomon_model_memory::of_folder(&vlm::Folder::read(path)?.plan(precision, &sides, None)?),
            false => gnomon_model_memory::of(&plan_of(path, precision, &sides)?),
        };
        // SAFETY: checked above.
        unsafe { place.write(&memory) };
        DONE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_several_lines_is_one_line() {
        let record = |level, text: &str| LogLine { level, target: "onnxruntime", text: text.to_owned() };
        let told = lines_of(&[record(log::Level::Warn, "first\nsecond\r\n"), record(log::Level::Info, "third")]);
        assert_eq!(told, "WARN onnxruntime: first second\nINFO onnxruntime: third\n");
    }
}
