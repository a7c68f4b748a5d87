//! From the numbers of a model's last layer to one token.
//!
//! One logit a token comes in. What is done to them, and in this order, is what transformers does:
//!
//! 1. **Repetition penalty**: the logit of every token seen before, in the prompt or in the reply, is divided by it if
//!    positive and multiplied if negative; once, however often the token was seen.
//! 2. **Mask**: what a [`Mask`] does not allow is out, as is every token beyond its end.
//! 3. **Greedy**, when the temperature is 0: the largest logit, and nothing of the rest. Otherwise:
//! 4. **Temperature**: logits are divided by it.
//! 5. **Top-k**: what is less than the k-th largest is out. Ties with the k-th stay.
//! 6. **Top-p**: of the tokens from the likeliest down, the first whose probabilities sum to `top_p` stay: those before
//!    which the sum is still less. Of equal logits those with lower ids come first.
//! 7. **Min-p**: what is less likely than `min_p` times the likeliest is out.
//! 8. One of what is left is drawn: in the order of ids, at a share of the whole that a seeded generator says.
//!
//! The likeliest token is never out. Of equal logits the lowest id is picked. A logit that is not a number or is
//! infinitely large, and a choice among none, is an error: a model that says so is broken, and its next words are noise.
//!
//! Cost: greedy is two passes over the logits, one comparison a token each. Top-k and min-p are little more; top-p asks
//! for every probability, and sorts little more than it keeps. Nothing is allocated after the first
//! pick; one seed gives the same tokens on every machine that computes `exp` alike.

use crate::error::{Error, ErrorKind, Result};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// The most tokens that a vocabulary may have: several times the largest in use.
pub const MAX_VOCABULARY: usize = 1 << 22;

/// More candidates than twice top-k and these are thinned out.
const SPARE: usize = 64;

/// Factors of two in probability that are told apart.
const OCTAVES: usize = 64;

/// Logits are looked through in blocks of so many.
const BLOCK: usize = 64;

/// How a token is picked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// What logits are divided by; 0 takes the largest always.
    pub temperature: f32,
    /// The number of likeliest tokens that stay; 0 for all.
    pub top_k: usize,
    /// The share of probability that the likeliest tokens make up that stay, 0 to 1; 1 for all.
    pub top_p: f32,
    /// The share of the likeliest token's probability that a token needs, 0 to 1; 0 for none.
    pub min_p: f32,
    /// What logits of tokens seen before are divided by, more than 0; 1 for no penalty.
    pub repetition_penalty: f32,
    /// Where the generator begins.
    pub seed: u64,
}

/// Which tokens may come: one bit a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u32>,
    vocabulary: usize,
}

/// Picks the tokens of one reply.
#[derive(Debug, Clone)]
pub struct Sampler {
    sampling: Sampling,
    vocabulary: usize,
    generator: Pcg64,
    seen: Vec<u32>,
    is_seen: Mask,
    candidates: Vec<Candidate>,
}

/// A token that may be picked.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    logit: f32,
    token: u32,
    /// Its probability in shares of the likeliest token's; 0 until it is asked for.
    weight: f64,
}

impl Default for Sampling {
    /// Greedy.
    fn default() -> Self {
        Self { temperature: 0.0, top_k: 0, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0, seed: 0 }
    }
}

impl Sampling {
    /// True when the largest logit is taken always.
    pub fn is_greedy(&self) -> bool {
        self.temperature == 0.0
    }

    /// Refuses numbers out of their range.
    pub fn check(&self) -> Result<()> {
        let refuse = |name: &str, value: f32, expected: &str| {
            Err(Error::argument(format!("{name} is {value}, expected {expected}")))
        };
        if !(self.temperature >= 0.0 && self.temperature.is_finite()) {
            return refuse("temperature", self.temperature, "0 for greedy or more");
        }
        if !(0.0..=1.0).contains(&self.top_p) {
            return refuse("top_p", self.top_p, "0 to 1");
        }
        if !(0.0..=1.0).contains(&self.min_p) {
            return refuse("min_p", self.min_p, "0 to 1");
        }
        if !(self.repetition_penalty > 0.0 && self.repetition_penalty.is_finite()) {
            return refuse("repetition penalty", self.repetition_penalty, "more than 0");
        }
        Ok(())
    }
}

impl Mask {
    /// A mask of so many tokens that allows none.
    pub fn none(vocabulary: usize) -> Self {
        Self { words: vec![0; vocabulary.div_ceil(32)], vocabulary }
    }

    /// How many tokens it speaks of.
    pub fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// True when this token may come. Tokens beyond the end may not.
    #[inline]
    pub fn allows(&self, token: u32) -> bool {
        let at = token as usize;
        at < self.vocabulary && self.words[at / 32] >> (at % 32) & 1 == 1
    }

    /// Lets a token come. One beyond the end is passed over.
    pub fn allow(&mut self, token: u32) {
        let at = token as usize;
        if at < self.vocabulary {
            self.words[at / 32] |= 1 << (at % 32);
        }
    }

    /// How many tokens may come.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The tokens that may come, in rising order.
    pub fn tokens(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.words).flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at * 32 + bit)
            })
        })
    }

    /// Takes over bits in words of 32, the lowest first; those beyond the end are dropped.
    pub(crate) fn copy_from(&mut self, words: &[u32], vocabulary: usize) {
        self.vocabulary = vocabulary;
        self.words.clear();
        self.words.extend(words.iter().take(vocabulary.div_ceil(32)));
        self.words.resize(vocabulary.div_ceil(32), 0);
        if let Some(last) = self.words.last_mut().filter(|_| !vocabulary.is_multiple_of(32)) {
            *last &= (1 << (vocabulary % 32)) - 1;
        }
    }
}

impl Sampler {
    /// A sampler for a model that gives `vocabulary` logits. Refuses what [`Sampling::check`] does, and a vocabulary of
    /// none or beyond [`MAX_VOCABULARY`].
    pub fn new(sampling: Sampling, vocabulary: usize) -> Result<Self> {
        sampling.check()?;
        if vocabulary == 0 || vocabulary > MAX_VOCABULARY {
            return Err(Error::argument(format!("vocabulary is {vocabulary}, expected 1 to {MAX_VOCABULARY}")));
        }
        let generator = Pcg64::seed_from_u64(sampling.seed);
        let is_seen = Mask::none(vocabulary);
        Ok(Self { sampling, vocabulary, generator, seen: Vec::new(), is_seen, candidates: Vec::new() })
    }

    /// Tells of a token of the prompt or of the reply: the repetition penalty is for these. Picked tokens are not told
    /// by themselves, since a caller may pick and put back. Ids beyond the vocabulary are passed over.
    pub fn saw(&mut self, token: u32) {
        if (token as usize) < self.vocabulary && !self.is_seen.allows(token) {
            self.is_seen.allow(token);
            self.seen.push(token);
        }
    }

    /// Picks a token. `logits` has one number for each token of the vocabulary, and is spoiled by the penalty.
    ///
    /// An error: another number of logits; one that is not a number or is infinitely large; none that is allowed and
    /// more than minus infinity.
    pub fn pick(&mut self, logits: &mut [f32], allowed: Option<&Mask>) -> Result<u32> {
        self.check(logits)?;
        self.penalise(logits);
        if self.sampling.is_greedy() {
            return largest(logits, allowed).map(|(token, _)| token).ok_or_else(none_left);
        }
        self.keep(logits, allowed)?;
        Ok(self.draw())
    }

    fn check(&self, logits: &[f32]) -> Result<()> {
        if logits.len() != self.vocabulary {
            return Err(Error::argument(format!("{} logits, expected {}", logits.len(), self.vocabulary)));
        }
        // PERF: counted first without a branch, so that the pass costs what reading costs.
        let is_bad = |logit: &f32| logit.is_nan() || *logit == f32::INFINITY;
        let bad: u32 = logits.iter().map(|logit| u32::from(is_bad(logit))).sum();
        let found = if bad > 0 { logits.iter().position(is_bad) } else { None };
        match found {
            None => Ok(()),
            Some(token) => Err(Error::new(
                ErrorKind::Model,
                format!("logit of token {token} is {}, expected a number", logits[token]),
            )),
        }
    }

    fn penalise(&self, logits: &mut [f32]) {
        let penalty = self.sampling.repetition_penalty;
        if penalty == 1.0 {
            return;
        }
        for &token in &self.seen {
            let logit = &mut logits[token as usize];
            *logit = if *logit < 0.0 { *logit * penalty } else { *logit / penalty };
        }
    }

    /// Leaves in `candidates` what may be drawn, in the order of ids.
    fn keep(&mut self, logits: &[f32], allowed: Option<&Mask>) -> Result<()> {
        let best = largest(logits, allowed).ok_or_else(none_left)?.1;
        let Sampling { temperature, top_k, top_p, min_p, .. } = self.sampling;
        let candidates = &mut self.candidates;
        let least = f64::from(min_p).max(f64::MIN_POSITIVE);
        // Without top-p nobody asks for the probability of what is less likely; a hundredth is for rounding.
        let bar = if top_p < 1.0 { f32::MIN } else { best + temperature * (least.ln() as f32 - 0.01) };
        gather(logits, allowed, top_k, bar.max(f32::MIN), candidates);
        candidates.iter_mut().for_each(|c| c.weight = weight(c.logit, best, temperature));
        if top_p < 1.0 {
            keep_share(candidates, f64::from(top_p));
        }
        candidates.retain(|c| c.weight >= least);
        if top_k > 0 || top_p < 1.0 {
            candidates.sort_unstable_by_key(|c| c.token);
        }
        Ok(())
    }

    fn draw(&mut self) -> u32 {
        let whole: f64 = self.candidates.iter().map(|c| c.weight).sum();
        // 53 bits: every share a double can tell in [0, 1).
        let share = (self.generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let mut left = share * whole;
        let mut picked = 0;
        for candidate in &self.candidates {
            picked = candidate.token;
            left -= candidate.weight;
            if left < 0.0 {
                break;
            }
        }
        picked
    }
}

/// Probability of a logit, in shares of that of the best.
fn weight(logit: f32, best: f32, temperature: f32) -> f64 {
    // A subnormal temperature would give the best no weight that is a number.
    if logit == best { 1.0 } else { (f64::from(logit - best) / f64::from(temperature)).exp() }
}

/// Takes the allowed tokens with a logit of `bar` or more, of these the `top_k` likeliest and what ties with the last, or
/// all if that is 0.
///
/// PERF: of the k likeliest so far the least is a bar that next to no later token passes, so that a pass costs one
/// comparison a token; a list of all of them, parted at the k-th, costs several times that.
fn gather(logits: &[f32], allowed: Option<&Mask>, top_k: usize, mut bar: f32, candidates: &mut Vec<Candidate>) {
    candidates.clear();
    let mut full = if top_k == 0 { usize::MAX } else { 2 * top_k.min(logits.len()) + SPARE };
    let mut take = |token: u32, logit: f32| {
        if logit >= bar {
            // Adding 0 makes one zero of two, which the order would tell apart.
            candidates.push(Candidate { logit: logit + 0.0, token, weight: 0.0 });
            if candidates.len() >= full {
                bar = drop_below_kth(candidates, top_k);
                full = full.max(2 * candidates.len());
            }
        }
    };
    match allowed {
        None => (0..).zip(logits).for_each(|(token, &logit)| take(token, logit)),
        Some(mask) => {
            let known = mask.tokens().take_while(|&token| (token as usize) < logits.len());
            known.for_each(|token| take(token, logits[token as usize]));
        }
    }
    if top_k > 0 && top_k < candidates.len() {
        drop_below_kth(candidates, top_k);
    }
}

/// Drops what is less likely than the k-th likeliest, whose logit is told.
fn drop_below_kth(candidates: &mut Vec<Candidate>, top_k: usize) -> f32 {
    let least = candidates.select_nth_unstable_by(top_k - 1, likelier_first).1.logit;
    candidates.retain(|c| c.logit >= least);
    least
}

/// The allowed token with the largest logit, the lowest id of equals; none when all are minus infinity.
fn largest(logits: &[f32], allowed: Option<&Mask>) -> Option<(u32, f32)> {
    let mut best = (0, f32::NEG_INFINITY);
    let mut look = |token: u32, logit: f32| {
        if logit > best.1 {
            best = (token, logit);
        }
    };
    match allowed {
        None => {
            // PERF: the largest of a block is found without a branch, so that most blocks are one comparison.
            let mut bar = f32::NEG_INFINITY;
            for (block, values) in (0u32..).zip(logits.chunks(BLOCK)) {
                let most = largest_of(values);
                if most > bar {
                    bar = most;
                    (block * BLOCK as u32..).zip(values).for_each(|(token, &logit)| look(token, logit));
                }
            }
        }
        Some(mask) => {
            let known = mask.tokens().take_while(|&token| (token as usize) < logits.len());
            known.for_each(|token| look(token, logits[token as usize]));
        }
    }
    (best.1 > f32::NEG_INFINITY).then_some(best)
}

/// The largest of a block. In lanes of their own, since comparisons one after the other would wait for each other.
fn largest_of(values: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [f32::NEG_INFINITY; 16];
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, &value)| *lane = larger(*lane, value));
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, larger)
}

fn none_left() -> Error {
    Error::new(ErrorKind::Model, "no token that may come has a logit above minus infinity")
}

fn likelier_first(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.logit.total_cmp(&a.logit).then(a.token.cmp(&b.token))
}

/// Keeps the likeliest, as many as it takes for their share to reach `share`; at least one.
///
/// PERF: how many are wanted is known to a factor of two in probability from sums by octave; the rest is not sorted.
fn keep_share(candidates: &mut Vec<Candidate>, share: f64) {
    let mut octaves = [0.0; OCTAVES];
    candidates.iter().for_each(|c| octaves[octave(c.weight)] += c.weight);
    let wanted = share * octaves.iter().sum::<f64>();
    let mut sum = 0.0;
    let reaches = |of: &f64| {
        sum += of;
        sum >= wanted
    };
    let last = octaves.iter().position(reaches).unwrap_or(OCTAVES - 1);
    candidates.retain(|c| octave(c.weight) <= last);
    candidates.sort_unstable_by(likelier_first);
    let mut before = 0.0;
    let kept = candidates.iter().position(|c| {
        let is_over = before >= wanted;
        before += c.weight;
        is_over
    });
    candidates.truncate(kept.unwrap_or(candidates.len()).max(1));
}

/// How often a weight of at most 1 can be doubled before it is beyond 1; the last octave holds all that is smaller.
fn octave(weight: f64) -> usize {
    (1023u64.saturating_sub(weight.to_bits() >> 52) as usize).min(OCTAVES - 1)
}

#[cfg(test)]
mod tests;
