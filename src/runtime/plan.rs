//! What a model will take of memory, before it is loaded.
//!
//! Weights are counted to the byte. What the graph makes while it runs is estimated: nodes run in the order of the file, a
//! value lives from the node that makes it to the last that takes it, and the greatest sum of those alive counts. That
//! holds only what the file gives a shape for; [`Plan::unknown_values`] says how many it does not.
//!
//! A decoder keeps what came before: its inputs `past*` grow by the token ([`CachePlan`]). How long a text will be no file
//! tells, so what a cache takes is told by the thousand tokens and is part of no sum until somebody says how many.
//!
//! How far it is from what a process takes (`tests/runtime_memory.rs`, on the processor, ONNX Runtime 1.17.1, 1.23.2 and
//! 1.31.1): where all shapes are told the peak of running is 1.03 to 1.16 times the plan for graphs of convolutions,
//! branches and attention, 1.2 to 1.4 times for a graph of weights alone (2.1 on 1.17), which are held twice while they are
//! put in an order that suits the processor. With the shapes in between untold, convolutions took 1.6 times the plan. The
//! runtime's own code, some 30 MB, comes on top, once. On a GPU its libraries take hundreds of MB, and none of this was
//! measured.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::model::{Declared, ModelFile, Side, element_bits};
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
    /// What a decoder keeps of what came before.
    pub cache: CachePlan,
}

/// What a decoder keeps of what came before: inputs `past*`, which come back as `present*`. All 0 for other graphs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachePlan {
    /// Layers that keep something: as many as have a number of their own among the inputs' names.
    pub layers: usize,
    /// Bytes for each token, of a batch of one.
    pub bytes_per_token: u64,
    /// Bytes of states whose size does not depend on the tokens.
    pub fixed_bytes: u64,
    /// Inputs of it of which more is untold than the tokens, so that they cannot be counted.
    pub untold: usize,
}

impl CachePlan {
    /// The cache of a graph whose inputs `is_past` tells apart. The first side is the batch, taken as 1 where it is untold;
    /// the next untold one is the tokens'; the last one may be `head_size`, where somebody says that.
    pub(crate) fn of(model: &ModelFile, is_past: impl Fn(&str) -> bool, head_size: Option<usize>) -> Self {
        let mut layers = BTreeSet::new();
        let mut plan = Self::default();
        for name in model.inputs.iter().filter(|name| is_past(name)) {
            layers.insert(number_in(name).unwrap_or(name));
            let sized =
                |declared: &Declared| Some((element_bits(declared.element)?, sizes(&declared.shape, head_size)?));
            match model.declared.get(name).and_then(sized) {
                Some((bits, (count, grows))) => {
                    let sum = if grows { &mut plan.bytes_per_token } else { &mut plan.fixed_bytes };
                    *sum = sum.saturating_add(count.saturating_mul(bits).div_ceil(8));
                }
                None => plan.untold += 1,
            }
        }
        plan.layers = layers.len();
        plan
    }

    /// The names of the sides that the cache grows along.
    pub(crate) fn growing_sides(model: &ModelFile, is_past: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let pasts = model.inputs.iter().filter(|name| is_past(name)).filter_map(|name| model.declared.get(name));
        let sides = pasts.flat_map(|declared| declared.shape.iter().skip(1));
        sides.filter_map(|side| if let Side::Named(name) = side { Some(name.as_str()) } else { None }).collect()
    }

    /// Bytes of the cache of a text of so many tokens.
    pub fn bytes(&self, tokens: u64) -> u64 {
        self.bytes_per_token.saturating_mul(tokens).saturating_add(self.fixed_bytes)
    }
}

impl fmt::Display for CachePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for 1,000 tokens in {} layers", Megabytes(self.bytes(1000)), self.layers)?;
        if self.untold > 0 {
            write!(f, " and that of {} inputs without a shape", self.untold)?;
        }
        Ok(())
    }
}

/// How many numbers a past has, of one token where it grows, and whether it does; `None` where more is untold.
fn sizes(shape: &[Side], head_size: Option<usize>) -> Option<(u64, bool)> {
    let (mut count, mut grows) = (1u64, false);
    for (at, side) in shape.iter().enumerate() {
        let size = match side.fixed() {
            Some(size) => size,
            None if at == 0 => 1,
            None if at + 1 == shape.len() && head_size.is_some() => head_size?,
            None if !grows => {
                grows = true;
                1
            }
            None => return None,
        };
        count = count.saturating_mul(size as u64);
    }
    Some((count, grows))
}

/// The first number in a name.
fn number_in(name: &str) -> Option<&str> {
    name.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())
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
            cache: CachePlan::of(model, |name| name.starts_with("past"), None),
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
        if self.cache.layers > 0 {
            write!(f, "; cache {}", self.cache)?;
        }
        Ok(())
    }
}

/// Bytes, said as people do.
pub(crate) struct Megabytes(pub u64);

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
        let weights: BTreeSet<&str> = self.model.initializers.iter().map(String::as_str).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::ModelLimits;
    use crate::runtime::testing::{Dim, F32, Graph};

    /// `TensorProto.DataType.FLOAT16`.
    const F16: u64 = 10;

    fn model(graph: Graph) -> ModelFile {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("net.onnx");
        std::fs::write(&path, graph.model()).expect("a file");
        ModelFile::read(&path, &ModelLimits::default()).expect("a model")
    }

    #[test]
    fn a_decoders_cache_is_heads_by_head_size_by_bytes_of_each_layers_keys_and_values() {
        let sides = [Dim::Named("batch"), Dim::Is(4), Dim::Named("past"), Dim::Is(64)];
        let mut graph = Graph::new("decoder").input("x", F32, &[Dim::Is(1), Dim::Is(8)]);
        for layer in [0, 1, 10] {
            for part in ["key", "value"] {
                graph = graph.input(&format!("past_key_values.{layer}.{part}"), F16, &sides);
            }
        }
        graph = graph.input("past_conv.10", F32, &[Dim::Named("batch"), Dim::Is(6), Dim::Is(3)]);
        let plan =
            Plan::of(&model(graph.output("y", F32, &[Dim::Is(1), Dim::Is(8)]).node("Identity", &["x"], &["y"])), &[]);
        let per_token = 3 * 2 * 4 * 64 * 2;
        assert_eq!(plan.cache, CachePlan { layers: 3, bytes_per_token: per_token, fixed_bytes: 6 * 3 * 4, untold: 0 });
        assert_eq!(plan.cache.bytes(1000), 1000 * per_token + 72);
        let said = plan.check(10).expect_err("too little").to_string();
        assert!(said.contains("cache 3.1 MB for 1,000 tokens in 3 layers, more than the budget"), "{said}");
    }

    #[test]
    fn a_head_size_that_the_graph_does_not_tell_is_asked_for_and_not_guessed() {
        let sides = [Dim::Named("batch"), Dim::Is(2), Dim::Named("past"), Dim::Named("head")];
        let graph = Graph::new("decoder").input("past_key_values.0.key", F32, &sides).output("y", F32, &sides);
        let model = model(graph.node("Identity", &["past_key_values.0.key"], &["y"]));
        let plan = Plan::of(&model, &[]);
        assert_eq!(plan.cache, CachePlan { layers: 1, untold: 1, ..CachePlan::default() });
        assert!(plan.to_string().contains("in 1 layers and that of 1 inputs without a shape"), "{plan}");
        let told = CachePlan::of(&model, |name| name.starts_with("past"), Some(16));
        assert_eq!((told.bytes_per_token, told.untold), (2 * 16 * 4, 0));
    }

    #[test]
    fn a_graph_that_keeps_nothing_has_no_cache() {
        let sides = [Dim::Is(1), Dim::Is(8)];
        let graph = Graph::new("plain").input("x", F32, &sides).output("y", F32, &sides);
        let plan = Plan::of(&model(graph.node("Identity", &["x"], &["y"])), &[]);
        assert!(plan.cache == CachePlan::default() && !plan.to_string().contains("cache"), "{plan}");
    }
}
