//! A network that is loaded: what it takes and gives, on what it runs, and running it.
//!
//! Any thread may run a session; calls wait for their turn (`control.rs`), because what stands behind some providers is
//! not made for two at a time. Who wants two at a time opens two sessions.
//!
//! Nothing falls back in silence. Providers are asked in the order given; one that cannot be had is left out, with a
//! sentence in [`Session::remarks`], or with [`SessionOptions::require`] is an error. After loading, the runtime is
//! asked which nodes went where ([`Session::nodes_by_provider`], 1.24 and later); older ones tell only what was registered.
//!
//! Threads are as the caller says: how many compute, on which processors, and that they sleep when there is nothing to do.
//! What a load is at, and stopping it, is in `loading.rs`; engines of TensorRT in `engine.rs`; buffers that stay between
//! runs in `binding.rs`.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ort::ep::{ArbitrarilyConfigurableExecutionProvider, CUDA, ExecutionProvider, TensorRT};
use ort::session::RunOptions;
use ort::session::builder::SessionBuilder;
use ort::value::{DynValue, Outlet, ValueType};
use parking_lot::Mutex;

use super::control::{Control, Line, by_deadline};
use super::engine::{self, EngineFacts, EngineKey, EngineReport, Kept, TensorRt};
use super::find::{Runtime, listening, set_talk};
use super::loading::{Phase, Progress, Watch, watched};
use super::model::{ModelFile, ModelLimits, Origin, Side};
use super::plan::Plan;
use super::tensor::{DType, Input, Tensor, TensorView, zeros};
use super::{elf, exit, hash, journal, raw};
use crate::error::{Error, ErrorKind, Result};

/// More than any input that a session is warmed up with: 2^28 numbers.
const MAX_WARM_UP_NUMBERS: usize = 1 << 28;

/// What a network is to run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// `cuda`, `tensorrt`, `cpu`, or as the runtime names it: `OpenVINO`, `XNNPACK`, `CUDAExecutionProvider`.
    pub name: String,
    /// Its own options, by the runtime's names: ("device_id", "0").
    pub options: Vec<(String, String)>,
}

impl Provider {
    /// One without options.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), options: Vec::new() }
    }

    /// One as a text says it: `NAME`, or `NAME:KEY=VALUE,KEY=VALUE` with its options. Fails with
    /// [`ErrorKind::Argument`] for another text.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::argument(format!("provider is {text:?}, expected NAME or NAME:KEY=VALUE,KEY=VALUE"));
        let (name, options) = text.split_once(':').unwrap_or((text, ""));
        if name.is_empty() {
            return Err(wrong());
        }
        let pair = |option: &str| {
            let (key, value) = option.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(wrong)?;
            Ok((key.to_owned(), value.to_owned()))
        };
        let options = options.split(',').filter(|option| !option.is_empty()).map(pair).collect::<Result<_>>()?;
        Ok(Self { options, ..Self::named(name) })
    }

    /// Whether it computes on a GPU of NVIDIA's.
    pub(crate) fn is_of_a_gpu(&self) -> bool {
        is_of_a_gpu(&self.full_name())
    }

    /// As the runtime lists it.
    fn full_name(&self) -> String {
        let short = self.name.strip_suffix("ExecutionProvider").unwrap_or(&self.name);
        match short.to_ascii_lowercase().as_str() {
            "cpu" => CPU.into(),
            "cuda" => CUDA_NAME.into(),
            "tensorrt" => TENSORRT.into(),
            _ => format!("{short}ExecutionProvider"),
        }
    }
}

/// How a session is opened.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What to run on, in order of preference. What none of them takes, or if there are none, the processor does.
    pub providers: Vec<Provider>,
    /// Whether every provider asked for must be had, and the first of them get a node at least, if the runtime tells.
    pub require: bool,
    /// Threads inside one node, the caller's own among them. The last bits of a few numbers may depend on how many they are:
    /// ONNX Runtime shares a node's work out in as many pieces, and computes what is left over at their ends in another way.
    pub threads: usize,
    /// Nodes that run at one time; 1 runs them one after another. More helps graphs of many branches, and takes as many
    /// threads again.
    pub parallel_nodes: usize,
    /// The processors that each thread inside one node may run on, numbered from 0: a list for each of them but the caller's
    /// own, which stays where it is. Empty leaves all to the system.
    pub affinity: Vec<Vec<usize>>,
    /// Whether idle threads wait by turning. It saves microseconds in each run, and burns a processor each meanwhile.
    pub spinning: bool,
    /// Numbers for sides that have a name alone: ("batch", 1).
    pub sides: Vec<(String, usize)>,
    /// The most that weights and activations may take ([`Plan`]), bytes.
    pub budget_bytes: Option<u64>,
    /// What the file may be.
    pub limits: ModelLimits,
    /// How TensorRT builds, if it is among the providers, and where its engines are kept.
    pub tensorrt: TensorRt,
    /// Whether opening ends with a run on zeros, as [`Session::warm_up`] does it with `sides`.
    pub warm_up: bool,
    /// Who is told how the load goes on.
    pub progress: Option<Progress>,
    /// What may stop the load: fails with [`ErrorKind::Cancelled`].
    pub control: Control,
}

impl Default for SessionOptions {
    /// On the processor, two threads, none of them turning.
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            require: false,
            threads: 2,
            parallel_nodes: 1,
            affinity: Vec::new(),
            spinning: false,
            sides: Vec::new(),
            budget_bytes: None,
            limits: ModelLimits::default(),
            tensorrt: TensorRt::default(),
            warm_up: false,
            progress: None,
            control: Control::default(),
        }
    }
}

/// A tensor that a network takes or gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueSpec {
    /// Its name in the graph.
    pub name: String,
    /// What its numbers are.
    pub dtype: DType,
    /// Outermost side first.
    pub shape: Vec<Side>,
}

impl ValueSpec {
    fn of(outlet: &Outlet) -> Self {
        let (dtype, shape) = match outlet.dtype() {
            ValueType::Tensor { ty, shape, dimension_symbols } => {
                let side = |(size, symbol): (&i64, &String)| match usize::try_from(*size) {
                    Ok(size) => Side::Fixed(size),
                    Err(_) if symbol.is_empty() => Side::Any,
                    Err(_) => Side::Named(symbol.clone()),
                };
                (DType::of(*ty), shape.iter().zip(dimension_symbols.iter()).map(side).collect())
            }
            _ => (DType::Other, Vec::new()),
        };
        Self { name: outlet.name().to_string(), dtype, shape }
    }

    /// Its shape, if the graph tells all sides.
    pub(super) fn fixed_shape(&self) -> Option<Vec<usize>> {
        self.shape.iter().map(Side::fixed).collect::<Option<Vec<usize>>>().filter(|_| self.dtype != DType::Other)
    }

    /// Whether a tensor is of its type, and of its shape as far as that is fixed.
    fn takes(&self, given: &Given<'_>) -> bool {
        let fits = |(side, size): (&Side, &usize)| !matches!(side, Side::Fixed(fixed) if fixed != size);
        given.dtype == self.dtype
            && given.shape.len() == self.shape.len()
            && self.shape.iter().zip(given.shape).all(fits)
    }
}

/// A tensor that somebody hands in, as far as it is checked.
pub(super) struct Given<'a> {
    pub name: &'a str,
    pub dtype: DType,
    pub shape: &'a [usize],
}

impl std::fmt::Display for ValueSpec {
    /// `f32 [1, 3, height, ?]`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |side: &Side| match side {
            Side::Fixed(size) => size.to_string(),
            Side::Named(name) => name.clone(),
            Side::Any => "?".into(),
        };
        let sides: Vec<String> = self.shape.iter().map(side).collect();
        write!(f, "{} [{}]", self.dtype, sides.join(", "))
    }
}

/// What a network gave, by name.
#[derive(Debug)]
pub struct Outputs {
    named: BTreeMap<String, Tensor>,
}

impl Outputs {
    /// One of them. Fails if the graph gives none of this name.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        let given = || self.named.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.named.get(name).ok_or_else(|| Error::argument(format!("the graph gives {}, not {name:?}", given())))
    }

    /// Takes one out, to be an input of the next run for instance.
    pub fn take(&mut self, name: &str) -> Option<Tensor> {
        self.named.remove(name)
    }

    /// All, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.named.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }
}

/// A network that is loaded.
pub struct Session {
    line: Line,
    session: Mutex<ort::session::Session>,
    inputs: Vec<ValueSpec>,
    outputs: Vec<ValueSpec>,
    providers: Vec<String>,
    nodes: Option<BTreeMap<String, usize>>,
    remarks: Vec<String>,
    plan: Plan,
    engines: Option<EngineReport>,
    /// The number of the GPU whose memory outputs may be left in.
    device: Option<i32>,
    _runtime: Arc<Runtime>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("inputs", &self.inputs).field("outputs", &self.outputs).finish_non_exhaustive()
    }
}

impl Session {
    /// Loads the model of `path`. The file is checked first ([`ModelFile::read`]), then its plan, then the providers; the
    /// runtime sees the file last. Fails with [`ErrorKind::Model`], [`ErrorKind::Io`] or [`ErrorKind::NoMemory`] for the
    /// file, [`ErrorKind::Device`] for a provider that is required and cannot be had, [`ErrorKind::Cancelled`] if
    /// `options.control` says so.
    pub fn open(runtime: &Arc<Runtime>, path: &Path, options: &SessionOptions) -> Result<Self> {
        Self::open_from(runtime, Origin::File(path), options)
    }

    /// As [`open`](Self::open), of a file or of what is held. TensorRT's engines of what is held are not kept.
    pub(crate) fn open_from(runtime: &Arc<Runtime>, origin: Origin<'_>, options: &SessionOptions) -> Result<Self> {
        watched(options.progress.as_ref(), &options.control, |watch| Self::load(runtime, origin, options, watch))
    }

    fn load(runtime: &Arc<Runtime>, origin: Origin<'_>, options: &SessionOptions, watch: &Watch<'_>) -> Result<Self> {
        watch.enter(Phase::Reading)?;
        let model = ModelFile::read_from(origin, &options.limits)?;
        let mut engines = Engines::of(runtime, origin, &model, options)?;
        watch.enter(Phase::Checking)?;
        let sides: Vec<(&str, usize)> = options.sides.iter().map(|(name, side)| (name.as_str(), *side)).collect();
        let plan = Plan::of(&model, &sides);
        if let Some(budget) = options.budget_bytes {
            plan.check(budget).map_err(|error| error.within(origin))?;
        }
        set_talk(&runtime.environment);
        let mut builder = configured(runtime, options)?;
        let mut registered: Vec<(String, &Provider)> = Vec::new();
        let mut remarks = std::mem::take(&mut engines.remarks);
        for provider in &options.providers {
            let told = if provider.full_name() == TENSORRT { &engines.options } else { &provider.options };
            match register(&mut builder, runtime, provider, told) {
                Ok(()) => registered.push((provider.full_name(), provider)),
                Err(cause) if options.require => {
                    return Err(Error::new(ErrorKind::Device, format!("{} cannot be used: {cause}", provider.name)));
                }
                Err(cause) => remarks.push(format!("{} is not used: {cause}", provider.name)),
            }
        }
        if !registered.iter().any(|(name, _)| name == TENSORRT) {
            engines.kept = None;
        }
        watch.enter(if engines.must_build() { Phase::Building } else { Phase::Loading })?;
        let listed = exit::list(exit::Work::Load(watch.flag.clone()))?;
        let (loaded, heard) =
            listening(|| watch.flag.load(runtime.base, runtime.can_stop_loading(), &mut builder, origin));
        drop(listed);
        watch.check()?;
        let session = loaded.map_err(|error| {
            let because = because(&error.to_string(), &heard);
            Error::new(ErrorKind::Model, format!("{origin}: the runtime does not load it: {because}"))
        })?;
        let nodes = nodes_of(runtime, &session);
        let device = registered.first().filter(|(name, _)| is_of_a_gpu(name));
        let device = device.map(|(_, provider)| device_of(provider));
        let mut registered: Vec<String> = registered.into_iter().map(|(name, _)| name).collect();
        judge(&registered, nodes.as_ref(), options, &mut remarks)?;
        if registered.last().map(String::as_str) != Some(CPU) {
            registered.push(CPU.into());
        }
        let mut opened = Self {
            inputs: session.inputs().iter().map(ValueSpec::of).collect(),
            outputs: session.outputs().iter().map(ValueSpec::of).collect(),
            line: Line::default(),
            session: Mutex::new(session),
            providers: registered,
            nodes,
            remarks,
            plan,
            engines: None,
            device,
            _runtime: runtime.clone(),
        };
        if options.warm_up {
            watch.enter(Phase::WarmingUp)?;
            let warm = opened.warm_up(&sides, &watch.rest());
            // What is left of the time is not what the caller said.
            warm.map_err(|error| watch.check().err().unwrap_or(error))?;
        }
        match engines.keep() {
            Ok(report) => opened.engines = report,
            Err(error) => opened.remarks.push(error.to_string()),
        }
        for remark in &opened.remarks {
            journal::note(log::Level::Warn, module_path!(), &format!("{origin}: {remark}"));
        }
        watch.enter(Phase::Ready)?;
        Ok(opened)
    }

    /// What it takes, in the order of the graph.
    pub fn inputs(&self) -> &[ValueSpec] {
        &self.inputs
    }

    /// What it gives.
    pub fn outputs(&self) -> &[ValueSpec] {
        &self.outputs
    }

    /// The providers that were registered, in the runtime's words and in order; the processor's comes last.
    pub fn providers(&self) -> &[String] {
        &self.providers
    }

    /// How many nodes each provider got, after the runtime's own rewriting; `None` where it does not tell, before 1.24.
    pub fn nodes_by_provider(&self) -> Option<&BTreeMap<String, usize>> {
        self.nodes.as_ref()
    }

    /// What is not as it was asked for.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// What the model was reckoned to take of memory.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where the engines came from, if TensorRT built or found any that are kept.
    pub fn engines(&self) -> Option<&EngineReport> {
        self.engines.as_ref()
    }

    /// The number of the GPU whose memory [`super::Place::Device`] means.
    pub(super) fn device(&self) -> Option<i32> {
        self.device
    }

    /// Runs it. Every input of the graph must be given, under its name, once. Fails with [`ErrorKind::Argument`] if one is
    /// missing or is not of the type or shape that the graph takes; the runtime is then not asked.
    pub fn run(&self, inputs: &[(&str, Input<'_>)]) -> Result<Outputs> {
        self.run_with(inputs, &Control::default())
    }

    /// As [`run`](Self::run), to be stopped: fails with [`ErrorKind::Cancelled`] if it was. The session may be run again.
    pub fn run_with(&self, inputs: &[(&str, Input<'_>)], control: &Control) -> Result<Outputs> {
        let begun = Instant::now();
        let given: Vec<Given<'_>> =
            inputs.iter().map(|(name, input)| Given { name, dtype: input.dtype(), shape: input.shape() }).collect();
        self.check(&given)?;
        let mut values = Vec::new();
        for (name, input) in inputs {
            values.push((*name, input.to_value()?));
        }
        let options = Arc::new(RunOptions::new().map_err(of_runtime)?);
        let given = self.in_turn(control, begun, &options, |session| {
            let mut given = session.run_with_options(values, &*options)?;
            let names: Vec<String> = given.keys().map(str::to_string).collect();
            let taken = names.into_iter().filter_map(|name| Some((given.remove(&name)?, name)));
            Ok(taken.collect::<Vec<(DynValue, String)>>())
        })?;
        Ok(Outputs { named: given.into_iter().map(|(value, name)| (name, Tensor::of(value))).collect() })
    }

    /// Waits for its turn and runs `call`, which is to run with `options`; ends it as `control` says.
    pub(super) fn in_turn<T>(
        &self,
        control: &Control,
        begun: Instant,
        options: &Arc<RunOptions>,
        call: impl FnOnce(&mut ort::session::Session) -> ort::Result<T>,
    ) -> Result<T> {
        let _turn = self.line.enter(control, begun)?;
        control.check(begun)?;
        let _watched = control.cancel.as_ref().map(|cancel| cancel.watch(options));
        // A stop between the last look and the watch would be missed.
        control.check(begun)?;
        let mut session = self.session.lock();
        let _listed = exit::list(exit::Work::Run(options.clone()))?;
        let run = || call(&mut session);
        let outcome = match control.deadline(begun) {
            Some(deadline) => by_deadline(deadline, options, run)?,
            None => run(),
        };
        outcome.or_else(|error| {
            control.check(begun)?;
            Err(Error::new(ErrorKind::Runtime, format!("the network fails: {}", plain(error.message()))))
        })
    }

    /// Asks the session itself, when no run has it.
    pub(super) fn with_runtime<T>(&self, ask: impl FnOnce(&ort::session::Session) -> T) -> T {
        ask(&self.session.lock())
    }

    /// Runs it once on zeros, so that the first frame does not wait for what is made at the first run. `sides` gives
    /// numbers for sides without one: those that it does not name are 1. Returns how long it took.
    pub fn warm_up(&self, sides: &[(&str, usize)], control: &Control) -> Result<Duration> {
        let begun = Instant::now();
        let size = |side: &Side| match side {
            Side::Fixed(size) => *size,
            Side::Named(name) => sides.iter().find(|(known, _)| known == name).map_or(1, |(_, size)| *size),
            Side::Any => 1,
        };
        let shapes: Vec<Vec<usize>> = self.inputs.iter().map(|input| input.shape.iter().map(size).collect()).collect();
        let mut made = Vec::new();
        for (input, shape) in self.inputs.iter().zip(&shapes) {
            let count = shape.iter().try_fold(1usize, |count, side| count.checked_mul(*side));
            if count.is_none_or(|count| count > MAX_WARM_UP_NUMBERS) {
                return Err(Error::argument(format!(
                    "input {:?} takes {input}: too many numbers to warm up with",
                    input.name
                )));
            }
            made.push(zeros(input.dtype, shape)?);
        }
        let mut inputs: Vec<(&str, Input<'_>)> = Vec::new();
        for ((spec, shape), zeros) in self.inputs.iter().zip(&shapes).zip(&made) {
            inputs.push((&spec.name, TensorView::of(shape, zeros.numbers())?.into()));
        }
        self.run_with(&inputs, control)?;
        Ok(begun.elapsed())
    }

    /// Fails unless the inputs are those of the graph.
    pub(super) fn check(&self, given: &[Given<'_>]) -> Result<()> {
        for (at, tensor) in given.iter().enumerate() {
            self.input(tensor.name)?;
            if given[..at].iter().any(|before| before.name == tensor.name) {
                return Err(Error::argument(format!("input {:?} is given twice", tensor.name)));
            }
        }
        let mut named: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for spec in &self.inputs {
            let tensor = given.iter().find(|tensor| tensor.name == spec.name);
            let tensor = tensor.ok_or_else(|| Error::argument(format!("input {:?} is missing: {spec}", spec.name)))?;
            self.check_one(tensor)?;
            for (side, given) in spec.shape.iter().zip(tensor.shape) {
                let Side::Named(name) = side else { continue };
                let (first, from) = *named.entry(name).or_insert((*given, &spec.name));
                if first != *given {
                    return Err(Error::argument(format!(
                        "side {name:?} is {first} in input {from:?} and {given} in input {:?}",
                        spec.name
                    )));
                }
            }
        }
        Ok(())
    }

    /// Fails unless the graph takes this under this name.
    pub(super) fn check_one(&self, given: &Given<'_>) -> Result<()> {
        let spec = self.input(given.name)?;
        if spec.takes(given) {
            return Ok(());
        }
        let (dtype, shape) = (given.dtype, given.shape);
        Err(Error::argument(format!("input {:?} takes {spec}, {dtype} {shape:?} was given", spec.name)))
    }

    /// The type of an output. Fails unless the graph may give it in this shape.
    pub(super) fn check_output(&self, name: &str, shape: &[usize]) -> Result<DType> {
        let spec = self.outputs.iter().find(|spec| spec.name == name).ok_or_else(|| {
            let given: Vec<&str> = self.outputs.iter().map(|spec| spec.name.as_str()).collect();
            Error::argument(format!("the graph gives {}, not {name:?}", given.join(", ")))
        })?;
        if spec.takes(&Given { name, dtype: spec.dtype, shape }) {
            return Ok(spec.dtype);
        }
        Err(Error::argument(format!("output {name:?} is {spec}, {shape:?} was asked for")))
    }

    fn input(&self, name: &str) -> Result<&ValueSpec> {
        self.inputs.iter().find(|spec| spec.name == name).ok_or_else(|| {
            let taken: Vec<&str> = self.inputs.iter().map(|spec| spec.name.as_str()).collect();
            Error::argument(format!("the graph takes {}, not {name:?}", taken.join(", ")))
        })
    }
}

/// What opening a session has to do with engines.
#[derive(Default)]
struct Engines {
    /// What TensorRT is told.
    options: Vec<(String, String)>,
    kept: Option<Kept>,
    remarks: Vec<String>,
}

/// The driver's library, on every machine that has a GPU of NVIDIA's.
const DRIVER: &str = "libcuda.so.1";
const TENSORRT_PROVIDER: &str = "libonnxruntime_providers_tensorrt.so";

impl Engines {
    fn of(runtime: &Runtime, origin: Origin<'_>, model: &ModelFile, options: &SessionOptions) -> Result<Self> {
        let is_tensorrt = |provider: &&Provider| provider.full_name() == TENSORRT;
        let Some(provider) = options.providers.iter().find(is_tensorrt) else {
            return Ok(Self::default());
        };
        let is_ours = |key: &str| key.starts_with("trt_engine_cache") || key.starts_with("trt_timing_cache");
        let shapes = model.input_shapes(&options.sides);
        let told = |folder: Option<&Path>| engine::provider_options(&options.tensorrt, folder, &provider.options);
        let untold = Self { options: told(None), ..Self::default() };
        let Some(cache) = &options.tensorrt.folder else { return Ok(untold) };
        if let Some((key, _)) = provider.options.iter().find(|(key, _)| is_ours(key)) {
            return Err(Error::argument(format!("engines are kept by gnomon or by {key}, not by both")));
        }
        if !runtime.providers().iter().any(|name| name == TENSORRT) {
            return Ok(untold);
        }
        let Origin::File(path) = origin else {
            let remarks = vec!["engines are not kept: the network is no file".into()];
            return Ok(Self { remarks, ..untold });
        };
        let Some(gpu) = raw::gpu(Path::new(DRIVER), device_of(provider)) else {
            let remarks = vec![format!("engines are not kept: {DRIVER} does not name GPU {}", device_of(provider))];
            return Ok(Self { remarks, ..untold });
        };
        let hash = engine::model_hash(path, &model.external_files)?;
        let table = options.tensorrt.int8_table.as_deref().map(hash::file_hash).transpose()?;
        let key = EngineKey::of(&EngineFacts {
            model: &hash,
            onnx_runtime: runtime.version(),
            tensorrt: tensorrt_of(runtime).as_deref(),
            gpu: &gpu,
            options: &options.tensorrt,
            int8_table: table.as_ref().map(|(hash, _)| hash.as_str()),
            shapes: &shapes,
            given: &provider.options,
        });
        let kept = engine::look_up(cache, &key, options.tensorrt.int8_table.as_deref())?;
        let (folder, why) = match &kept {
            Kept::Found(path) => (path.as_path(), None),
            Kept::Empty { building, why } => (building.path(), why.clone()),
        };
        Ok(Self { options: told(Some(folder)), remarks: why.into_iter().collect(), kept: Some(kept) })
    }

    fn must_build(&self) -> bool {
        matches!(self.kept, Some(Kept::Empty { .. }))
    }

    fn keep(self) -> Result<Option<EngineReport>> {
        Ok(match self.kept {
            None => None,
            Some(Kept::Found(folder)) => Some(EngineReport { folder, was_kept: true }),
            Some(Kept::Empty { building, .. }) => Some(EngineReport { folder: building.keep()?, was_kept: false }),
        })
    }
}

/// The version of the TensorRT that ONNX Runtime's provider stands on.
fn tensorrt_of(runtime: &Runtime) -> Option<String> {
    let provider = runtime.path().with_file_name(TENSORRT_PROVIDER);
    let name = elf::needed(&provider).into_iter().find(|name| name.starts_with("libnvinfer.so"))?;
    raw::tensorrt(Path::new(&name))
}

fn device_of(provider: &Provider) -> i32 {
    let told = provider.options.iter().find(|(key, _)| key == "device_id");
    told.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

const CPU: &str = "CPUExecutionProvider";
const CUDA_NAME: &str = "CUDAExecutionProvider";
const TENSORRT: &str = "TensorrtExecutionProvider";

fn is_of_a_gpu(full_name: &str) -> bool {
    [CUDA_NAME, TENSORRT].contains(&full_name)
}

pub(super) fn of_runtime(error: ort::Error) -> Error {
    Error::new(ErrorKind::Runtime, format!("the runtime fails: {error}"))
}

fn configured(runtime: &Runtime, options: &SessionOptions) -> Result<SessionBuilder> {
    let affinity = affinity_text(options)?;
    // PERF: without memory patterns. With them the second run takes all its buffers as one block, beside those of the first,
    // which stay: convolutions of 37.8 MB by plan took 65.9 MB, without them 39.6 (`cargo test --test runtime_memory`). They
    // save no time that could be measured: FastestDet 3.38 ms with, 3.39 without; 2000 small nodes 1.15 and 1.13 ms.
    let build = || {
        let mut builder = ort::session::Session::builder(&runtime.environment)?
            .with_intra_threads(options.threads.max(1))?
            .with_inter_threads(options.parallel_nodes.max(1))?
            .with_parallel_execution(options.parallel_nodes > 1)?
            .with_intra_op_spinning(options.spinning)?
            .with_inter_op_spinning(options.spinning)?
            .with_config_entry(raw::RECORD_ASSIGNMENT, "1")?
            .with_memory_pattern(false)?;
        if !affinity.is_empty() {
            builder = builder.with_config_entry("session.intra_op_thread_affinities", &affinity)?;
        }
        for (name, side) in &options.sides {
            builder = builder.with_dimension_override(name, i64::try_from(*side).unwrap_or(i64::MAX))?;
        }
        Ok(builder)
    };
    build().map_err(of_runtime)
}

/// As the runtime wants it: processors from 1, those of one thread by commas, threads by semicolons.
fn affinity_text(options: &SessionOptions) -> Result<String> {
    let (threads, given) = (options.threads.max(1), options.affinity.len());
    if given != 0 && given != threads - 1 {
        return Err(Error::argument(format!(
            "{threads} threads take {} lists of processors, not {given}",
            threads - 1
        )));
    }
    let list = |processors: &Vec<usize>| -> Result<String> {
        if processors.is_empty() {
            return Err(Error::argument("a thread is given no processor to run on"));
        }
        Ok(processors.iter().map(|processor| (processor + 1).to_string()).collect::<Vec<_>>().join(","))
    };
    Ok(options.affinity.iter().map(list).collect::<Result<Vec<_>>>()?.join(";"))
}

/// Asks for a provider. Fails with the cause, the missing library named if that is it.
fn register(
    builder: &mut SessionBuilder,
    runtime: &Runtime,
    provider: &Provider,
    told: &[(String, String)],
) -> std::result::Result<(), String> {
    let name = provider.full_name();
    if !runtime.providers().contains(&name) {
        return Err(format!(
            "ONNX Runtime {} of {} is built without {name}; it has {}",
            runtime.version(),
            runtime.path().display(),
            runtime.providers().join(", ")
        ));
    }
    let mut options = Vec::new();
    for (key, value) in told {
        let text = |text: &str| CString::new(text).map_err(|_| format!("option {key:?} holds a zero byte"));
        options.push((text(key)?, text(value)?));
    }
    let (outcome, heard) = listening(|| match name.as_str() {
        CPU => Ok(()),
        CUDA_NAME => configure(CUDA::default(), told).register(builder).map_err(|error| error.to_string()),
        TENSORRT => configure(TensorRT::default(), told).register(builder).map_err(|error| error.to_string()),
        _ => raw::append_provider(builder, name.trim_end_matches("ExecutionProvider"), &options),
    });
    outcome.map_err(|error| because(&error, &heard))
}

fn configure<P: ArbitrarilyConfigurableExecutionProvider>(blank: P, told: &[(String, String)]) -> P {
    told.iter().fold(blank, |made, (key, value)| made.with_arbitrary_config(key, value))
}

/// An error with what was said in the log meanwhile: some versions name a missing library there alone.
fn because(error: &str, heard: &[String]) -> String {
    let error = plain(error);
    let heard: Vec<&str> = heard.iter().map(|line| plain(line)).collect();
    let untold: Vec<&str> = heard.into_iter().filter(|line| !error.contains(line)).collect();
    if untold.is_empty() { error.to_string() } else { format!("{error} ({})", untold.join("; ")) }
}

/// What an error says, without the line of the runtime's source and the code in front:
/// "FILE:2043 FUNCTION [ONNXRuntimeError] : 1 : FAIL : TEXT".
fn plain(text: &str) -> &str {
    let coded = text.split_once("[ONNXRuntimeError] : ").and_then(|(_, rest)| rest.splitn(3, " : ").nth(2));
    coded.unwrap_or(text).trim()
}

fn nodes_of(runtime: &Runtime, session: &ort::session::Session) -> Option<BTreeMap<String, usize>> {
    if runtime.minor() < raw::ASSIGNMENT_API {
        return None;
    }
    let mut nodes = BTreeMap::new();
    for (provider, count) in raw::assignment(runtime.base, session)? {
        *nodes.entry(provider).or_insert(0) += count;
    }
    Some(nodes)
}

/// Says what did not come as asked: nodes that went elsewhere than to the first provider.
fn judge(
    registered: &[String],
    nodes: Option<&BTreeMap<String, usize>>,
    options: &SessionOptions,
    remarks: &mut Vec<String>,
) -> Result<()> {
    let Some(first) = registered.first().filter(|first| *first != CPU) else {
        return Ok(());
    };
    let Some(nodes) = nodes else {
        remarks.push(format!("{first} is registered; this ONNX Runtime does not tell which nodes it runs"));
        return Ok(());
    };
    let (total, got): (usize, usize) = (nodes.values().sum(), nodes.get(first).copied().unwrap_or(0));
    if got == 0 && options.require {
        return Err(Error::new(ErrorKind::Device, format!("{first} takes none of the {total} nodes of this graph")));
    }
    if got < total {
        let others: Vec<String> =
            nodes.iter().filter(|(name, _)| *name != first).map(|(name, count)| format!("{count} on {name}")).collect();
        remarks.push(format!("{first} runs {got} of {total} nodes; {}", others.join(", ")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_a_name_and_perhaps_its_options() {
        let read = |text: &str| Provider::parse(text).map_err(|error| error.to_string());
        assert_eq!(read("cuda"), Ok(Provider::named("cuda")));
        let options = vec![("device_id".to_owned(), "1".to_owned()), ("trt_fp16_enable".to_owned(), String::new())];
        let told = Provider { options, ..Provider::named("tensorrt") };
        assert_eq!(read("tensorrt:device_id=1,trt_fp16_enable="), Ok(told));
        for wrong in ["", ":a=1", "cuda:device", "cuda:=1"] {
            assert!(read(wrong).expect_err("refused").contains("NAME:KEY=VALUE"), "{wrong}");
        }
    }

    #[test]
    fn an_error_is_told_without_the_place_in_the_runtimes_source() {
        let text =
            "a.cc:2043 onnxruntime::Provider& Get() [ONNXRuntimeError] : 1 : FAIL : no libcublasLt.so.13: gone\n";
        assert_eq!(plain(text), "no libcublasLt.so.13: gone");
        assert_eq!(because("it fails", &["because of x".into(), "it".into()]), "it fails (because of x)");
    }

    #[test]
    fn a_provider_has_one_full_name_however_it_is_called() {
        for (name, full) in [
            ("cuda", "CUDAExecutionProvider"),
            ("TensorRT", "TensorrtExecutionProvider"),
            ("TensorrtExecutionProvider", "TensorrtExecutionProvider"),
            ("CPU", "CPUExecutionProvider"),
            ("OpenVINO", "OpenVINOExecutionProvider"),
        ] {
            assert_eq!(Provider::named(name).full_name(), full);
        }
    }

    fn judged(got: &[(&str, usize)], require: bool) -> Result<Vec<String>> {
        let nodes = got.iter().map(|(name, count)| ((*name).to_string(), *count)).collect();
        let options = SessionOptions { require, ..SessionOptions::default() };
        let mut remarks = Vec::new();
        judge(&["CUDAExecutionProvider".into()], Some(&nodes), &options, &mut remarks).map(|()| remarks)
    }

    #[test]
    fn nodes_that_went_elsewhere_are_told_and_none_at_all_is_an_error_if_required() {
        assert!(judged(&[("CUDAExecutionProvider", 9)], true).expect("all of them").is_empty());
        let remarks = judged(&[("CUDAExecutionProvider", 9), (CPU, 3)], true).expect("most of them");
        assert_eq!(remarks, ["CUDAExecutionProvider runs 9 of 12 nodes; 3 on CPUExecutionProvider"]);
        assert_eq!(judged(&[(CPU, 3)], true).expect_err("none").kind(), ErrorKind::Device);
        assert_eq!(judged(&[(CPU, 3)], false).expect("told").len(), 1);
    }
}
