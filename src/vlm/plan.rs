//! What a folder's graphs will take of memory, before any of them is loaded.
//!
//! Each graph is a session of its own that keeps what it took, so the sum is that of all: weights and activations of
//! embedding, vision and decoder, and the decoder's cache of a full context, which is all that conversations that are kept take
//! together (`prefixes.rs`). What a graph makes of sides that have a name alone, a picture's patches say, counts where the
//! caller gives them a number; the side that the cache grows along gets none, since the cache is counted by itself.

use super::decoder::past_of;
use super::folder::{Folder, GraphFile};
use crate::error::{Error, ErrorKind, Result};
use crate::models::Precision;
use crate::runtime::{CachePlan, Megabytes, ModelFile, ModelLimits, Plan};
use std::fmt;
use std::path::PathBuf;

/// What is taken where neither caller nor folder says.
const USUAL_CONTEXT: usize = 4096;
/// No more tokens than this, whatever a folder says.
const MAX_CONTEXT: usize = 1 << 20;

/// What a folder's graphs will take of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderPlan {
    /// Embedding, vision (one for each grid of patches, where there are such), decoder.
    pub graphs: Vec<GraphPlan>,
    /// The decoder's cache.
    pub cache: CachePlan,
    /// Tokens of prompt and reply together.
    pub context: usize,
}

/// What one graph will take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphPlan {
    /// What it is for: "embedding", "vision", "decoder".
    pub part: &'static str,
    /// How its weights are held.
    pub precision: Precision,
    /// Where it lies.
    pub path: PathBuf,
    /// Its weights and activations.
    pub plan: Plan,
}

impl Folder {
    /// What the graphs of a precision will take; of a part that has none of it, and of `None`, the first there is.
    /// `sides` gives numbers for sides that have a name alone, `context` is the most tokens of prompt and reply together,
    /// as in [`super::VlmOptions`]. Fails as [`ModelFile::read`] does.
    pub fn plan(
        &self,
        precision: Option<Precision>,
        sides: &[(&str, usize)],
        context: Option<usize>,
    ) -> Result<FolderPlan> {
        let mut graphs = Vec::new();
        let mut cache = CachePlan::default();
        for (part, files) in [("embedding", &self.embed), ("vision", &self.vision), ("decoder", &self.decoder)] {
            let is_decoder = part == "decoder";
            for file in of_one_precision(files, precision, is_decoder) {
                let model = ModelFile::read(&file.path, &ModelLimits::default())?;
                let is_past = |name: &str| past_of(name, &self.names.cache);
                let mut plan = if is_decoder {
                    let growing = CachePlan::growing_sides(&model, is_past);
                    let sides: Vec<_> = sides.iter().copied().filter(|(name, _)| !growing.contains(name)).collect();
                    Plan::of(&model, &sides)
                } else {
                    Plan::of(&model, sides)
                };
                if is_decoder {
                    plan.cache = CachePlan::of(&model, is_past, self.names.head_size);
                    cache = plan.cache;
                }
                graphs.push(GraphPlan { part, precision: file.precision, path: file.path.clone(), plan });
            }
        }
        Ok(FolderPlan { graphs, cache, context: self.context_of(context) })
    }

    /// The most tokens of prompt and reply together: what was asked for, or what the folder says.
    pub(super) fn context_of(&self, asked: Option<usize>) -> usize {
        asked.or(self.context).unwrap_or(USUAL_CONTEXT).clamp(1, MAX_CONTEXT)
    }
}

/// The files of the precision that is asked for or, where there are none, that comes first; of a decoder one alone.
fn of_one_precision(files: &[GraphFile], asked: Option<Precision>, one: bool) -> impl Iterator<Item = &GraphFile> {
    let is_there = |precision: &Precision| files.iter().any(|file| file.precision == *precision);
    let chosen = asked.filter(is_there).or(files.first().map(|file| file.precision));
    let most = if one { 1 } else { usize::MAX };
    files.iter().filter(move |file| Some(file.precision) == chosen).take(most)
}

impl FolderPlan {
    /// Weights of all graphs, bytes.
    pub fn weight_bytes(&self) -> u64 {
        self.sum(|plan| plan.weight_bytes)
    }

    /// Of those, what lies in files of their own, bytes.
    pub fn external_bytes(&self) -> u64 {
        self.sum(|plan| plan.external_bytes)
    }

    /// The most that each graph's values take at one time, of all graphs together, bytes.
    pub fn activation_bytes(&self) -> u64 {
        self.sum(|plan| plan.activation_bytes)
    }

    /// The decoder's cache of a full context, bytes.
    pub fn cache_bytes(&self) -> u64 {
        self.cache.bytes(self.context as u64)
    }

    /// All of it, bytes.
    pub fn total_bytes(&self) -> u64 {
        [self.weight_bytes(), self.activation_bytes(), self.cache_bytes()].into_iter().fold(0, u64::saturating_add)
    }

    /// Fails, with the numbers, if more than `budget_bytes` are needed.
    pub fn check(&self, budget_bytes: u64) -> Result<()> {
        if self.total_bytes() <= budget_bytes {
            return Ok(());
        }
        let budget = Megabytes(budget_bytes);
        Err(Error::new(ErrorKind::NoMemory, format!("needs {self}, more than the budget of {budget}")))
    }

    fn sum(&self, of: impl Fn(&Plan) -> u64) -> u64 {
        self.graphs.iter().map(|graph| of(&graph.plan)).fold(0, u64::saturating_add)
    }
}

impl fmt::Display for FolderPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = [self.total_bytes(), self.weight_bytes(), self.activation_bytes(), self.cache_bytes()];
        let [total, weights, activations, cache] = sums.map(Megabytes);
        write!(f, "{total}: weights {weights}, activations {activations}, cache of {} tokens {cache}", self.context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn folder(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm").join(name);
        Folder::read(&path).expect("a folder")
    }

    #[test]
    fn a_folder_takes_what_its_graphs_and_the_cache_of_its_context_take() {
        for name in ["qwen2_vl", "qwen2_5_vl", "llava", "smolvlm", "qwen2_5_vl_genai", "qwen2_vl_any_grid"] {
            let folder = folder(name);
            let plan = folder.plan(None, &[], None).expect("a plan");
            let parts: Vec<&str> = plan.graphs.iter().map(|graph| graph.part).collect();
            assert_eq!((parts[0], parts[1], parts[parts.len() - 1]), ("embedding", "vision", "decoder"), "{name}");
            assert!(plan.graphs.iter().all(|graph| graph.precision == Precision::Fp32), "{name}");
            assert!(plan.cache.layers >= 2 && plan.cache.fixed_bytes == 0 && plan.cache.untold == 0, "{name}");
            // Keys and values of two heads of 8 numbers at the least.
            assert!(plan.cache.bytes_per_token >= 2 * 2 * plan.cache.layers as u64 * 8 * 4, "{name}: {}", plan.cache);
            assert_eq!(Some(plan.context), folder.context, "{name}");
            let parts =
                plan.weight_bytes() + plan.activation_bytes() + plan.context as u64 * plan.cache.bytes_per_token;
            assert_eq!(plan.total_bytes(), parts, "{name}");
            let said = plan.check(plan.total_bytes() - 1).expect_err("too little").to_string();
            assert!(said.contains(&format!("cache of {} tokens", plan.context)) && said.contains("budget"), "{said}");
            assert!(plan.check(plan.total_bytes()).is_ok());
        }
    }

    #[test]
    fn a_folder_of_text_alone_is_its_decoder() {
        for name in ["text", "text_genai"] {
            let folder = folder(name);
            let plan = folder.plan(None, &[], None).expect("a plan");
            assert_eq!(plan.graphs.iter().map(|graph| graph.part).collect::<Vec<_>>(), ["decoder"], "{name}");
            assert_eq!((plan.cache.bytes_per_token, plan.context), (2 * 2 * 16 * 4, 512), "{name}");
            assert!(Folder::is_one(&folder.path), "{name}");
        }
    }

    #[test]
    fn fewer_bits_and_a_shorter_context_take_less_and_a_side_with_a_number_more() {
        let folder = folder("qwen2_vl");
        let [whole, small] =
            [None, Some(Precision::Q4)].map(|asked| folder.plan(asked, &[], Some(100)).expect("a plan"));
        assert!(small.weight_bytes() < whole.weight_bytes() / 2, "{small} {whole}");
        assert!(small.graphs.iter().all(|graph| graph.precision == Precision::Q4));
        assert_eq!(whole.cache_bytes(), 100 * whole.cache.bytes_per_token);
        let decoder = |plan: &FolderPlan| plan.graphs.last().expect("a decoder").plan.activation_bytes;
        let sides = [("batch_size", 1), ("sequence_length", 512)];
        let with_sides = folder.plan(None, &sides, Some(100)).expect("a plan");
        assert!(decoder(&with_sides) > decoder(&whole), "{with_sides} {whole}");
    }
}
