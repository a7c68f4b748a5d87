//! What a model will take of memory, before it is loaded.
//!
//! Weights are counted to the byte. What the graph makes while it runs is estimated: nodes run in the order of the file, a
//! value lives from the node that makes it to the last that takes it, and the greatest sum of those alive counts. That
//! holds only what the file gives a shape for; [`Plan::unknown_values`] says how many it does not.
//!
//! How far it is from what a process takes (`tests/runtime_memory.rs`, on the processor, ONNX Runtime 1.17.1, 1.23.2 and
//! 1.31.1): where all shapes are told the peak of running is 1.03 to 1.16 times the plan for graphs of convolutions,
//! branches and attention, 1.2 to 1.4 times for a graph of weights alone (2.1 on 1.17), which are held twice while they are
//! put in an order that suits the processor. With the shapes in between untold, convolutions took 1.6 times the plan. The
//! runtime's own code, some 30 MB, comes on top, once. On a GPU its libraries take hundreds of MB, and none of this was
//! measured.

use std::collections::BTreeMap;
use std::fmt;

use super::model::{ModelFile, Side, element_bits};
use crate::error::{Error, ErrorKind, Result};

/// What a model will take of memory, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// All weights, those in other files included.
    pub weight_bytes: u64,
    /// The weights in other files.
    pub external_bytes: u64,
    /// The most that inputs, outputs and values in between take at one time, of those whose shape is known.
    pub activation_bytes: u64,
    /// How many of them there are, and
    pub values: usize,
    /// how many of those have no shape that the file tells.
    pub unknown_values: usize,
}

impl Plan {
    /// The plan of a model. `sides` gives numbers for sides that have a name alone: ("batch", 1).
    pub fn of(model: &ModelFile, sides: &[(&str, usize)]) -> Self {
        let mut values = Values { model, sides, lives: BTreeMap::new() };
        values.trace();
        let unknown_values = values.lives.keys().filter(|name| values.bytes_of(name).is_none()).count();
        Self {
            weight_bytes: model.weight_bytes,
            external_bytes: model.external_bytes,
            activation_bytes: values.peak(),
            values: values.lives.len(),
            unknown_values,
        }
    }

    /// Weights and activations.
    pub fn total_bytes(&self) -> u64 {
        self.weight_bytes.saturating_add(self.activation_bytes)
    }

    /// Fails, with the numbers, if more than `budget_bytes` are needed.
    pub fn check(&self, budget_bytes: u64) -> Result<()> {
        if self.total_bytes() <= budget_bytes {
            return Ok(());
        }
        let budget = Megabytes(budget_bytes);
        Err(Error::new(ErrorKind::NoMemory, format!("needs {self}, more than the budget of {budget}")))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [total, weights, activations] =
            [self.total_bytes(), self.weight_bytes, self.activation_bytes].map(Megabytes);
        write!(f, "{total}: weights {weights}, activations {activations}")?;
        if self.unknown_values > 0 {
            write!(f, " and those of {} of {} values without a shape", self.unknown_values, self.values)?;
        }
        Ok(())
    }
}

struct Megabytes(u64);

impl fmt::Display for Megabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} MB", self.0 as f64 * 1e-6)
    }
}

struct Values<'a> {
    model: &'a ModelFile,
    sides: &'a [(&'a str, usize)],
    /// For each value the first and the last step that it lives in.
    lives: BTreeMap<&'a str, (usize, usize)>,
}

impl<'a> Values<'a> {
    fn trace(&mut self) {
        let weights: std::collections::BTreeSet<&str> = self.model.initializers.iter().map(String::as_str).collect();
        let last = self.model.steps.len().saturating_sub(1);
        for name in &self.model.inputs {
            self.lives.insert(name, (0, 0));
        }
        for (at, step) in self.model.steps.iter().enumerate() {
            for name in step.outputs.iter().filter(|name| !name.is_empty()) {
                self.lives.entry(name).or_insert((at, at));
            }
            for name in step.inputs.iter().filter(|name| !name.is_empty() && !weights.contains(name.as_str())) {
                if let Some(life) = self.lives.get_mut(name.as_str()) {
                    life.1 = at;
                }
            }
        }
        // The caller holds what goes in and gets what comes out.
        for name in self.model.inputs.iter().chain(&self.model.outputs) {
            if let Some(life) = self.lives.get_mut(name.as_str()) {
                life.1 = last;
            }
        }
    }

    fn bytes_of(&self, name: &str) -> Option<u64> {
        let declared = self.model.declared.get(name)?;
        let bits = element_bits(declared.element)?;
        let count = declared.shape.iter().try_fold(1u64, |count, side| {
            let side = match side {
                Side::Fixed(side) => *side,
                Side::Named(name) => self.sides.iter().find(|(known, _)| known == name)?.1,
                Side::Any => return None,
            };
            count.checked_mul(side as u64)
        })?;
        Some(count.checked_mul(bits)?.div_ceil(8))
    }

    fn peak(&self) -> u64 {
        // What is added before a step and taken away after it.
        let mut changes: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        for (name, (first, last)) in &self.lives {
            let bytes = self.bytes_of(name).unwrap_or(0);
            let begun = &mut changes.entry(*first).or_default().0;
            *begun = begun.saturating_add(bytes);
            let ended = &mut changes.entry(*last).or_default().1;
            *ended = ended.saturating_add(bytes);
        }
        let (mut alive, mut peak) = (0u64, 0);
        for (begun, ended) in changes.into_values() {
            alive = alive.saturating_add(begun);
            peak = peak.max(alive);
            alive = alive.saturating_sub(ended);
        }
        peak
    }
}
