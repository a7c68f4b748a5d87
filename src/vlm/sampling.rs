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
//! Cost: greedy is one pass over the logits. Top-p sorts no more than it keeps. Nothing is allocated after the first
//! pick; one seed gives the same tokens on every machine that computes `exp` alike.

use crate::error::{Error, ErrorKind, Result};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// The most tokens that a vocabulary may have: several times the largest in use.
pub const MAX_VOCABULARY: usize = 1 << 22;

/// Tokens are sorted in steps that begin with so many and double, until top-p has enough.
const FIRST_SORTED: usize = 64;

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
            return largest(logits, allowed).map(|best| best.token).ok_or_else(none_left);
        }
        self.keep(logits, allowed)?;
        Ok(self.draw())
    }

    fn check(&self, logits: &[f32]) -> Result<()> {
        if logits.len() != self.vocabulary {
            return Err(Error::argument(format!("{} logits, expected {}", logits.len(), self.vocabulary)));
        }
        // Summed without a branch, so that the pass costs what reading costs.
        let bad = logits.iter().fold(false, |bad, &logit| bad | (logit.is_nan() | (logit == f32::INFINITY)));
        let found = if bad { logits.iter().position(|l| l.is_nan() || *l == f32::INFINITY) } else { None };
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
        let best = largest(logits, allowed).ok_or_else(none_left)?.logit;
        let Sampling { top_k, top_p, min_p, .. } = self.sampling;
        let candidates = &mut self.candidates;
        candidates.clear();
        let may_come = |token: u32| allowed.is_none_or(|mask| mask.allows(token));
        // Adding 0 makes one zero of two, which the order below would tell apart.
        candidates.extend(
            (0..)
                .zip(logits)
                .map(|(token, &logit)| Candidate { logit: logit + 0.0, token })
                .filter(|c| may_come(c.token)),
        );
        if top_k > 0 && top_k < candidates.len() {
            let least = candidates.select_nth_unstable_by(top_k - 1, likelier_first).1.logit;
            candidates.retain(|c| c.logit >= least);
        }
        let temperature = self.sampling.temperature;
        if top_p < 1.0 {
            let kept = likeliest_up_to(candidates, f64::from(top_p), |c| weight(c.logit, best, temperature));
            candidates.truncate(kept);
        }
        // A subnormal temperature may give the best no weight that is a number, so it is asked for by name.
        let least = f64::from(min_p).max(f64::MIN_POSITIVE);
        candidates.retain(|c| c.logit == best || weight(c.logit, best, temperature) >= least);
        if (top_k > 0 || top_p < 1.0) && candidates.len() > 1 {
            candidates.sort_unstable_by_key(|c| c.token);
        }
        Ok(())
    }

    fn draw(&mut self) -> u32 {
        let temperature = self.sampling.temperature;
        let best = self.candidates.iter().map(|c| c.logit).fold(f32::NEG_INFINITY, f32::max);
        let weigh = |c: &Candidate| weight(c.logit, best, temperature);
        let whole: f64 = self.candidates.iter().map(weigh).sum();
        // 53 bits: every share a double can tell in [0, 1).
        let share = (self.generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let mut left = share * whole;
        let mut picked = 0;
        for candidate in &self.candidates {
            picked = candidate.token;
            left -= weigh(candidate);
            if left < 0.0 {
                break;
            }
        }
        picked
    }
}

/// Probability of a logit, in shares of that of the best.
fn weight(logit: f32, best: f32, temperature: f32) -> f64 {
    if logit == best { 1.0 } else { (f64::from(logit - best) / f64::from(temperature)).exp() }
}

/// The allowed token with the largest logit, the lowest id of equals; none when all are minus infinity.
fn largest(logits: &[f32], allowed: Option<&Mask>) -> Option<Candidate> {
    let mut best = Candidate { logit: f32::NEG_INFINITY, token: 0 };
    for (token, &logit) in (0..).zip(logits) {
        if logit > best.logit && allowed.is_none_or(|mask| mask.allows(token)) {
            best = Candidate { logit, token };
        }
    }
    (best.logit > f32::NEG_INFINITY).then_some(best)
}

fn none_left() -> Error {
    Error::new(ErrorKind::Model, "no token that may come has a logit above minus infinity")
}

fn likelier_first(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.logit.total_cmp(&a.logit).then(a.token.cmp(&b.token))
}

/// Sorts the likeliest to the front, as many as it takes for their share to reach `share`, and says how many. At least
/// one.
fn likeliest_up_to(candidates: &mut [Candidate], share: f64, weigh: impl Fn(&Candidate) -> f64) -> usize {
    let wanted = share * candidates.iter().map(&weigh).sum::<f64>();
    let (mut sorted, mut step, mut before) = (0, FIRST_SORTED, 0.0);
    while sorted < candidates.len() {
        let rest = &mut candidates[sorted..];
        if step < rest.len() {
            rest.select_nth_unstable_by(step, likelier_first);
        }
        let next = step.min(rest.len());
        rest[..next].sort_unstable_by(likelier_first);
        for (at, candidate) in rest[..next].iter().enumerate() {
            if before >= wanted && sorted + at > 0 {
                return sorted + at;
            }
            before += weigh(candidate);
        }
        sorted += next;
        step *= 2;
    }
    candidates.len()
}

#[cfg(test)]
mod tests;
