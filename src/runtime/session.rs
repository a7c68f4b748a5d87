//! A network that is loaded: what it takes and gives, on what it runs, and running it.
//!
//! Any thread may run a session; calls wait for their turn (`control.rs`), because what stands behind some providers is
//! not made for two at a time. Who wants two at a time opens two sessions.
//!
//! Nothing falls back in silence. Providers are asked in the order given; one that cannot be had is left out, with a
//! sentence in [`Session::remarks`], or with [`SessionOptions::require`] is an error. After loading, the runtime is
//! asked which nodes went where ([`Session::nodes_by_provider`], 1.24 and later); older ones tell only what was registered.

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
use super::find::{Runtime, listening};
use super::model::{ModelFile, ModelLimits, Side};
use super::plan::Plan;
use super::raw;
use super::tensor::{DType, Input, Tensor, TensorView, zeros};
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

    /// As the runtime lists it.
    fn full_name(&self) -> String {
        let short = self.name.strip_suffix("ExecutionProvider").unwrap_or(&self.name);
        match short.to_ascii_lowercase().as_str() {
            "cpu" => "CPUExecutionProvider".into(),
            "cuda" => "CUDAExecutionProvider".into(),
            "tensorrt" => "TensorrtExecutionProvider".into(),
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
    /// Threads inside one node.
    pub threads: usize,
    /// Whether idle threads wait by turning. It saves microseconds in each run, and burns a processor each meanwhile.
    pub spinning: bool,
    /// Numbers for sides that have a name alone: ("batch", 1).
    pub sides: Vec<(String, usize)>,
    /// The most that weights and activations may take ([`Plan`]), bytes.
    pub budget_bytes: Option<u64>,
    /// What the file may be.
    pub limits: ModelLimits,
}

impl Default for SessionOptions {
    /// On the processor, two threads, none of them turning.
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            require: false,
            threads: 2,
            spinning: false,
            sides: Vec::new(),
            budget_bytes: None,
            limits: ModelLimits::default(),
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
    /// file, [`ErrorKind::Device`] for a provider that is required and cannot be had.
    pub fn open(runtime: &Arc<Runtime>, path: &Path, options: &SessionOptions) -> Result<Self> {
        let model = ModelFile::read(path, &options.limits)?;
        let sides: Vec<(&str, usize)> = options.sides.iter().map(|(name, side)| (name.as_str(), *side)).collect();
        let plan = Plan::of(&model, &sides);
        if let Some(budget) = options.budget_bytes {
            plan.check(budget).map_err(|error| error.within(path.display()))?;
        }
        let mut builder = configured(runtime, options).map_err(of_runtime)?;
        let mut registered = Vec::new();
        let mut remarks = Vec::new();
        for provider in &options.providers {
            match register(&mut builder, runtime, provider) {
                Ok(()) => registered.push(provider.full_name()),
                Err(cause) if options.require => {
                    return Err(Error::new(ErrorKind::Device, format!("{} cannot be used: {cause}", provider.name)));
                }
                Err(cause) => remarks.push(format!("{} is not used: {cause}", provider.name)),
            }
        }
        let (loaded, heard) = listening(|| builder.commit_from_file(path));
        let session = loaded.map_err(|error| {
            let because = because(&error.to_string(), &heard);
            Error::new(ErrorKind::Model, format!("{}: the runtime does not load it: {because}", path.display()))
        })?;
        let nodes = nodes_of(runtime, &session);
        judge(&registered, nodes.as_ref(), options, &mut remarks)?;
        for remark in &remarks {
            log::warn!("{}: {remark}", path.display());
        }
        if registered.last().map(String::as_str) != Some(CPU) {
            registered.push(CPU.into());
        }
        Ok(Self {
            inputs: session.inputs().iter().map(ValueSpec::of).collect(),
            outputs: session.outputs().iter().map(ValueSpec::of).collect(),
            line: Line::default(),
            session: Mutex::new(session),
            providers: registered,
            nodes,
            remarks,
            plan,
            _runtime: runtime.clone(),
        })
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

    /// Runs it. Every input of the graph must be given, under its name, once. Fails with [`ErrorKind::Argument`] if one is
    /// missing or is not of the type or shape that the graph takes; the runtime is then not asked.
    pub fn run(&self, inputs: &[(&str, Input<'_>)]) -> Result<Outputs> {
        self.run_with(inputs, &Control::default())
    }

    /// As [`run`](Self::run), to be stopped: fails with [`ErrorKind::Cancelled`] if it was. The session may be run again.
    pub fn run_with(&self, inputs: &[(&str, Input<'_>)], control: &Control) -> Result<Outputs> {
        let begun = Instant::now();
        self.check(inputs)?;
        let _turn = self.line.enter(control, begun)?;
        control.check(begun)?;
        let options = Arc::new(RunOptions::new().map_err(of_runtime)?);
        let _watched = control.cancel.as_ref().map(|cancel| cancel.watch(&options));
        // A stop between the last look and the watch would be missed.
        control.check(begun)?;
        let mut values = Vec::new();
        for (name, input) in inputs {
            values.push((*name, input.to_value()?));
        }
        let mut session = self.session.lock();
        let run = || {
            let mut given = session.run_with_options(values, &*options)?;
            let names: Vec<String> = given.keys().map(str::to_string).collect();
            let taken = names.into_iter().filter_map(|name| Some((given.remove(&name)?, name)));
            Ok::<Vec<(DynValue, String)>, ort::Error>(taken.collect())
        };
        let outcome = match control.deadline(begun) {
            Some(deadline) => by_deadline(deadline, &options, run)?,
            None => run(),
        };
        match outcome {
            Ok(given) => {
                Ok(Outputs { named: given.into_iter().map(|(value, name)| (name, Tensor::of(value))).collect() })
            }
            Err(error) => {
                control.check(begun)?;
                Err(Error::new(ErrorKind::Runtime, format!("the network fails: {}", plain(error.message()))))
            }
        }
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
    fn check(&self, inputs: &[(&str, Input<'_>)]) -> Result<()> {
        for (at, (name, _)) in inputs.iter().enumerate() {
            if !self.inputs.iter().any(|spec| spec.name == *name) {
                let taken: Vec<&str> = self.inputs.iter().map(|spec| spec.name.as_str()).collect();
                return Err(Error::argument(format!("the graph takes {}, not {name:?}", taken.join(", "))));
            }
            if inputs[..at].iter().any(|(before, _)| before == name) {
                return Err(Error::argument(format!("input {name:?} is given twice")));
            }
        }
        let mut named: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for spec in &self.inputs {
            let given = inputs.iter().find(|(name, _)| *name == spec.name);
            let (_, input) =
                given.ok_or_else(|| Error::argument(format!("input {:?} is missing: {spec}", spec.name)))?;
            let mismatch = || {
                let (dtype, shape) = (input.dtype(), input.shape());
                Error::argument(format!("input {:?} takes {spec}, {dtype} {shape:?} was given", spec.name))
            };
            if input.dtype() != spec.dtype || input.shape().len() != spec.shape.len() {
                return Err(mismatch());
            }
            for (side, given) in spec.shape.iter().zip(input.shape()) {
                match side {
                    Side::Fixed(size) if size != given => return Err(mismatch()),
                    Side::Named(name) => {
                        let (first, from) = *named.entry(name).or_insert((*given, &spec.name));
                        if first != *given {
                            return Err(Error::argument(format!(
                                "side {name:?} is {first} in input {from:?} and {given} in input {:?}",
                                spec.name
                            )));
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

const CPU: &str = "CPUExecutionProvider";

fn of_runtime(error: ort::Error) -> Error {
    Error::new(ErrorKind::Runtime, format!("the runtime fails: {error}"))
}

fn configured(runtime: &Runtime, options: &SessionOptions) -> ort::Result<SessionBuilder> {
    let mut builder = ort::session::Session::builder(&runtime.environment)?
        .with_intra_threads(options.threads.max(1))?
        .with_inter_threads(1)?
        .with_intra_op_spinning(options.spinning)?
        .with_config_entry(raw::RECORD_ASSIGNMENT, "1")?;
    for (name, side) in &options.sides {
        builder = builder.with_dimension_override(name, i64::try_from(*side).unwrap_or(i64::MAX))?;
    }
    Ok(builder)
}

/// Asks for a provider. Fails with the cause, the missing library named if that is it.
fn register(builder: &mut SessionBuilder, runtime: &Runtime, provider: &Provider) -> std::result::Result<(), String> {
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
    for (key, value) in &provider.options {
        let text = |text: &str| CString::new(text).map_err(|_| format!("option {key:?} holds a zero byte"));
        options.push((text(key)?, text(value)?));
    }
    let (outcome, heard) = listening(|| match name.as_str() {
        CPU => Ok(()),
        "CUDAExecutionProvider" => {
            configure(CUDA::default(), provider).register(builder).map_err(|error| error.to_string())
        }
        "TensorrtExecutionProvider" => {
            configure(TensorRT::default(), provider).register(builder).map_err(|error| error.to_string())
        }
        _ => raw::append_provider(builder, name.trim_end_matches("ExecutionProvider"), &options),
    });
    outcome.map_err(|error| because(&error, &heard))
}

fn configure<P: ArbitrarilyConfigurableExecutionProvider>(blank: P, provider: &Provider) -> P {
    provider.options.iter().fold(blank, |made, (key, value)| made.with_arbitrary_config(key, value))
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
