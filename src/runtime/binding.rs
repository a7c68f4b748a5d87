//! A session with what goes in and comes out kept between runs.
//!
//! A plain run makes its outputs anew and, on a GPU, brings everything there and back. A [`Binding`] holds inputs that stay
//! until they are set again, and outputs of a known shape that each run writes into; on a GPU, outputs may be left in its
//! memory, to go in again as they are. So a camera's frames of one size run without making a buffer.
//!
//! All that is bound is owned: a caller's numbers are copied into a tensor that the binding keeps. The crate `ort` would
//! bind borrowed memory by copying it through a session of its own, which it locks twice and then waits for ever; what is
//! owned never takes that way.
//!
//! On the processor the copy in is the only one. On a GPU numbers go there when the run begins, once for each time they are
//! set. The part that needs a GPU was not run: none was at hand.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, RunOptions};
use ort::value::DynValue;

use super::control::Control;
use super::session::{Given, Session, of_runtime};
use super::tensor::{Element, Input, Tensor, TensorView};
use crate::error::{Error, Result};

/// In whose memory a tensor lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The processor's.
    Host,
    /// The device's that the session's first provider computes on; the processor's if that is the processor.
    Device,
}

/// A session with inputs and outputs that stay. Several may be made of one session; their runs stand in its line.
pub struct Binding {
    session: Arc<Session>,
    binding: IoBinding,
    options: Arc<RunOptions>,
    inputs: BTreeMap<String, Bound>,
    outputs: BTreeMap<String, Target>,
    /// Whether what goes in was held against the graph since a shape changed.
    is_checked: bool,
}

struct Bound {
    source: Source,
    /// Whether the runtime has to be handed it.
    is_new: bool,
}

/// Where the numbers of an input lie.
enum Source {
    Own(Tensor),
    /// In the tensor that is held for the output of this name.
    Output(String),
}

impl Source {
    fn tensor<'a>(&'a self, outputs: &'a BTreeMap<String, Target>) -> Option<&'a Tensor> {
        match self {
            Self::Own(tensor) => Some(tensor),
            Self::Output(name) => match outputs.get(name)? {
                Target::Held { tensor, .. } => Some(tensor),
                Target::Made { .. } => None,
            },
        }
    }

    /// The tensor, if it is the input's own, lies where the processor reaches it, and has this shape.
    fn own(&mut self, shape: &[usize]) -> Option<&mut Tensor> {
        match self {
            Self::Own(tensor) => Some(tensor).filter(|tensor| tensor.is_on_host() && tensor.shape() == shape),
            Self::Output(_) => None,
        }
    }
}

enum Target {
    /// Each run writes into it.
    Held { tensor: Tensor, is_new: bool },
    /// Each run makes it anew.
    Made { place: Place, tensor: Option<Tensor> },
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Session {
    /// A binding of it. Outputs of which the graph tells all sides are held from the first; the others are made anew at
    /// each run, in the processor's memory, until [`Binding::hold`] says their shape.
    pub fn bind(self: &Arc<Self>) -> Result<Binding> {
        let binding = self.with_runtime(|session| session.create_binding()).map_err(of_runtime)?;
        let mut made = Binding {
            session: self.clone(),
            binding,
            options: Arc::new(RunOptions::new().map_err(of_runtime)?),
            inputs: BTreeMap::new(),
            outputs: BTreeMap::new(),
            is_checked: false,
        };
        for spec in self.outputs() {
            made.outputs.insert(spec.name.clone(), Target::Made { place: Place::Host, tensor: None });
            if let Some(shape) = spec.fixed_shape() {
                made.hold(&spec.name, &shape, Place::Host)?;
            }
        }
        Ok(made)
    }
}

impl Binding {
    /// The session that it is of.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Copies numbers into the input `name`, where they stay. Fails if they are not of the type or shape that it takes.
    pub fn set(&mut self, name: &str, numbers: TensorView<'_>) -> Result<()> {
        let dtype = numbers.numbers().dtype();
        self.session.check_one(&Given { name, dtype, shape: numbers.shape() })?;
        let on_device = self.session.device().is_some();
        if let Some(bound) = self.inputs.get_mut(name)
            && let Some(tensor) = bound.source.own(numbers.shape())
        {
            tensor.fill(numbers.numbers())?;
            bound.is_new |= on_device;
            return Ok(());
        }
        let mut tensor = Tensor::zeros(dtype, numbers.shape())?;
        tensor.fill(numbers.numbers())?;
        self.give(name, tensor)
    }

    /// The numbers of the input `name` in `shape`, to be written: as they were, or zeros if the shape is new.
    pub fn input_mut<T: Element>(&mut self, name: &str, shape: &[usize]) -> Result<&mut [T]> {
        self.session.check_one(&Given { name, dtype: T::DTYPE, shape })?;
        let is_there = self.inputs.get_mut(name).is_some_and(|bound| bound.source.own(shape).is_some());
        if !is_there {
            self.give(name, Tensor::zeros(T::DTYPE, shape)?)?;
        }
        let on_device = self.session.device().is_some();
        let missing = || Error::argument(format!("input {name:?} is missing"));
        let bound = self.inputs.get_mut(name).ok_or_else(missing)?;
        bound.is_new |= on_device;
        bound.source.own(shape).ok_or_else(missing)?.numbers_mut()
    }

    /// Makes a tensor the input `name`, without a copy: one that a network made, on whatever device.
    pub fn give(&mut self, name: &str, tensor: Tensor) -> Result<()> {
        self.session.check_one(&Given { name, dtype: tensor.dtype(), shape: tensor.shape() })?;
        self.bound(name, Source::Own(tensor));
        Ok(())
    }

    /// Makes one tensor of zeros the input `input` and the output `output`, for a graph that writes what it adds to a
    /// cache into the cache itself.
    pub fn share(&mut self, input: &str, output: &str, shape: &[usize], place: Place) -> Result<()> {
        let dtype = self.session.check_output(output, shape)?;
        self.session.check_one(&Given { name: input, dtype, shape })?;
        self.hold(output, shape, place)?;
        self.bound(input, Source::Output(output.to_string()));
        Ok(())
    }

    /// As [`share`](Self::share), with a tensor that was taken out before, and what is in it.
    pub(crate) fn share_again(&mut self, input: &str, output: &str, tensor: Tensor) -> Result<()> {
        let dtype = self.session.check_output(output, tensor.shape())?;
        self.session.check_one(&Given { name: input, dtype, shape: tensor.shape() })?;
        if dtype != tensor.dtype() {
            return Err(Error::argument(format!("output {output:?} is {dtype}, the tensor holds {}", tensor.dtype())));
        }
        self.outputs.insert(output.to_string(), Target::Held { tensor, is_new: true });
        self.bound(input, Source::Output(output.to_string()));
        Ok(())
    }

    /// Takes out the tensor that is the input `name`, which is then not set. Fails where there is none of its own.
    pub(crate) fn take_input(&mut self, name: &str) -> Result<Tensor> {
        let missing = || Error::argument(format!("input {name:?} was not set"));
        let is_own = self.inputs.get(name).is_some_and(|bound| matches!(bound.source, Source::Own(_)));
        let taken = if is_own { self.inputs.remove(name) } else { None };
        self.is_checked = false;
        match taken.ok_or_else(missing)?.source {
            Source::Own(tensor) => Ok(tensor),
            Source::Output(_) => Err(missing()),
        }
    }

    fn bound(&mut self, name: &str, source: Source) {
        match self.inputs.get_mut(name) {
            Some(bound) => *bound = Bound { source, is_new: true },
            None => drop(self.inputs.insert(name.to_string(), Bound { source, is_new: true })),
        }
        self.is_checked = false;
    }

    /// Makes room for the output `name`, once: from now on each run writes into it. A run that gives another shape fails.
    pub fn hold(&mut self, name: &str, shape: &[usize], place: Place) -> Result<()> {
        let dtype = self.session.check_output(name, shape)?;
        let tensor = match self.session.device().filter(|_| place == Place::Device) {
            None => Tensor::zeros(dtype, shape)?,
            Some(device) => {
                let memory = memory_of(Some(device))?;
                let allocator = self.session.with_runtime(|session| Allocator::new(session, memory));
                Tensor::on(&allocator.map_err(of_runtime)?, dtype, shape)?
            }
        };
        self.outputs.insert(name.to_string(), Target::Held { tensor, is_new: true });
        Ok(())
    }

    /// Lets each run make the output `name` anew, for one whose shape depends on what goes in.
    pub fn release(&mut self, name: &str, place: Place) -> Result<()> {
        self.known_output(name)?;
        self.outputs.insert(name.to_string(), Target::Made { place, tensor: None });
        Ok(())
    }

    /// Runs it on what was set. Fails as [`Session::run_with`] does; what comes out is then not to be relied on.
    pub fn run(&mut self, control: &Control) -> Result<()> {
        let begun = Instant::now();
        if !self.is_checked {
            let given = |(name, bound): (&'_ String, &'_ Bound)| {
                let tensor = bound.source.tensor(&self.outputs)?;
                Some((name.clone(), tensor.dtype(), tensor.shape().to_vec()))
            };
            let given: Vec<_> = self.inputs.iter().filter_map(given).collect();
            let given: Vec<Given<'_>> =
                given.iter().map(|(name, dtype, shape)| Given { name, dtype: *dtype, shape }).collect();
            self.session.check(&given)?;
            self.is_checked = true;
        }
        let device = self.session.device();
        let Self { session, binding, options, inputs, outputs, .. } = self;
        // It was told to end the run before, perhaps; nobody knows of it now.
        options.unterminate().map_err(of_runtime)?;
        let made = session.in_turn(control, begun, options, |session| {
            hand_over(binding, inputs, outputs, device)?;
            let mut given = session.run_binding_with_options(binding, options)?;
            let is_made = |target: &Target| matches!(target, Target::Made { .. });
            let names: Vec<&String> =
                outputs.iter().filter(|(_, target)| is_made(target)).map(|(name, _)| name).collect();
            let taken = names.into_iter().filter_map(|name| Some((name.clone(), given.remove(name)?)));
            Ok(taken.collect::<Vec<(String, DynValue)>>())
        })?;
        for (name, value) in made {
            if let Some(Target::Made { tensor, .. }) = self.outputs.get_mut(&name) {
                *tensor = Some(Tensor::of(value));
            }
        }
        Ok(())
    }

    /// What the input `name` holds now. Fails where nothing was set.
    pub fn input(&self, name: &str) -> Result<&Tensor> {
        let bound = self.inputs.get(name).and_then(|bound| bound.source.tensor(&self.outputs));
        bound.ok_or_else(|| Error::argument(format!("input {name:?} was not set")))
    }

    /// Sets the inputs given, the others being as they were, and runs.
    pub fn run_on(&mut self, inputs: &[(&str, Input<'_>)], control: &Control) -> Result<()> {
        for (name, input) in inputs {
            match input {
                Input::View(view) => self.set(name, *view)?,
                Input::Tensor(tensor) => self.set(name, tensor.view()?)?,
            }
        }
        self.run(control)
    }

    /// What the last run gave as `name`; zeros where it is held and nothing was run. Fails where nothing was made.
    pub fn output(&self, name: &str) -> Result<&Tensor> {
        match self.known_output(name)? {
            Target::Held { tensor, .. } => Ok(tensor),
            Target::Made { tensor, .. } => tensor.as_ref().ok_or_else(|| not_made(name)),
        }
    }

    /// The numbers of the held output `name`, to be written before a run that adds to them. Fails where it is not held, or
    /// lies on a device.
    pub(crate) fn held_mut<T: Element>(&mut self, name: &str) -> Result<&mut [T]> {
        match self.outputs.get_mut(name) {
            Some(Target::Held { tensor, .. }) => tensor.numbers_mut(),
            _ => Err(Error::state(format!("output {name:?} is not held"))),
        }
    }

    /// Takes out what the last run gave as `name`, to be given to another perhaps. One that was held is no longer: the next
    /// run makes it anew in the same place.
    pub fn take(&mut self, name: &str) -> Result<Tensor> {
        self.known_output(name)?;
        let Some(target) = self.outputs.get_mut(name) else { return Err(not_made(name)) };
        match target {
            Target::Made { tensor, .. } => tensor.take().ok_or_else(|| not_made(name)),
            Target::Held { tensor, .. } => {
                let place = if tensor.is_on_host() { Place::Host } else { Place::Device };
                match std::mem::replace(target, Target::Made { place, tensor: None }) {
                    Target::Held { tensor, .. } => Ok(tensor),
                    Target::Made { .. } => Err(not_made(name)),
                }
            }
        }
    }

    fn known_output(&self, name: &str) -> Result<&Target> {
        let given = || self.outputs.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.outputs.get(name).ok_or_else(|| Error::argument(format!("the graph gives {}, not {name:?}", given())))
    }
}

fn not_made(name: &str) -> Error {
    Error::state(format!("no run has made output {name:?}"))
}

fn memory_of(device: Option<i32>) -> Result<MemoryInfo<'static>> {
    memory_info(device).map_err(of_runtime)
}

fn memory_info(device: Option<i32>) -> ort::Result<MemoryInfo<'static>> {
    let (kind, number) = device.map_or((AllocationDevice::CPU, 0), |number| (AllocationDevice::CUDA, number));
    MemoryInfo::new(kind, number, AllocatorType::Device, MemoryType::Default)
}

/// Hands the runtime what it does not have yet, and takes back the room of what it shall make anew: kept, it would be
/// written over.
fn hand_over(
    binding: &mut IoBinding,
    inputs: &mut BTreeMap<String, Bound>,
    outputs: &mut BTreeMap<String, Target>,
    device: Option<i32>,
) -> ort::Result<()> {
    for (name, bound) in inputs.iter_mut().filter(|(_, bound)| bound.is_new) {
        if let Some(tensor) = bound.source.tensor(outputs) {
            binding.bind_input(name, tensor.value())?;
            bound.is_new = false;
        }
    }
    for (name, target) in outputs.iter_mut() {
        match target {
            Target::Held { is_new: false, .. } => {}
            Target::Held { tensor, is_new } => {
                binding.bind_output(name, tensor.value_mut())?;
                *is_new = false;
            }
            Target::Made { place, tensor } => {
                *tensor = None;
                let device = device.filter(|_| *place == Place::Device);
                binding.bind_output_to_device(name, &memory_info(device)?)?;
            }
        }
    }
    if device.is_some() { binding.synchronize_inputs() } else { Ok(()) }
}
