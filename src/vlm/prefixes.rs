//! What a new prompt has in common with earlier ones at its beginning, so that it is not computed again.
//!
//! Several conversations are kept, each in a cache of its own: one in the decoder, the others set aside. A prompt goes on
//! from the one with which it has the longest beginning in common. A picture counts as the same if its prepared numbers are,
//! a video if its speed is as well, and where a graph mixes pictures if those beside it are. What is not in common is cut off, or else the beginning is copied and the conversation stays as it was:
//!
//! - another question about the same pictures cuts the earlier question off, which nobody asks again;
//! - a question about other pictures, or one that has little in common with a long text, leaves what was there, so that
//!   questions that alternate between two sets of pictures find each its own.
//!
//! Kept are so many at most, and together no more tokens than one full context has: the plan counts that many in any case.
//! The least lately used goes first. Of a decoder with states that are as large for one token as for many, one conversation is
//! kept.
//!
//! Where the cache lies on a device nothing is copied there: a conversation that stays leaves the next one to begin anew.

use super::decoder::{Decoder, Parked};
use crate::error::Result;
use std::cmp::Reverse;

/// A prompt's token and, where it stands for a picture, which.
pub(super) type Slot = (u32, u64);

/// Words that are fewer than this are computed again sooner than kept.
const LEAST_WORDS: usize = 64;

/// The conversations that are kept.
pub(super) struct Prefixes {
    /// What is in the decoder's cache.
    active: Vec<Slot>,
    /// What is set aside, the least lately used first.
    parked: Vec<(Vec<Slot>, Parked)>,
    most: usize,
    most_tokens: usize,
}

impl Prefixes {
    /// At most so many, of so many tokens together.
    pub(super) fn new(most: usize, most_tokens: usize) -> Self {
        Self { active: Vec::new(), parked: Vec::new(), most: most.max(1), most_tokens }
    }

    /// Forgets all; the decoder's own cache is the caller's to clear.
    pub(super) fn clear(&mut self) {
        self.active.clear();
        self.parked.clear();
    }

    /// Tokens that went through the decoder.
    pub(super) fn fed(&mut self, slots: impl IntoIterator<Item = Slot>) {
        self.active.extend(slots);
    }

    /// Tokens that take memory beside those in the decoder's own cache.
    pub(super) fn parked_tokens(&self) -> usize {
        self.parked.iter().map(|(_, parked)| parked.tokens()).sum()
    }

    /// Brings the longest known beginning of `prompt` into the decoder's cache, with room for `more` tokens after the
    /// prompt; tells how many tokens of it are there. The last one never is: its logits are wanted.
    pub(super) fn enter(&mut self, decoder: &mut Decoder, prompt: &[Slot], more: usize) -> Result<usize> {
        self.active.truncate(decoder.len());
        let wanted = prompt.len() + more;
        let choice = self.choose(decoder, prompt, wanted);
        let here = self.parked.len();
        if choice.from != here || choice.forks {
            self.turn_to(decoder, &choice, wanted)?;
        } else {
            // In falling order, so that places stay what they were.
            choice.gone.iter().for_each(|at| drop(self.parked.remove(*at)));
        }
        decoder.reserve(wanted)?;
        let kept = decoder.rewind(choice.common.min(decoder.len()))?.min(choice.common);
        self.active.truncate(kept);
        Ok(kept)
    }

    /// Puts another conversation into the decoder's cache: one that was set aside, or the beginning of one.
    fn turn_to(&mut self, decoder: &mut Decoder, choice: &Choice, wanted: usize) -> Result<()> {
        let here = self.parked.len();
        let slots = std::mem::take(&mut self.active);
        let is_empty = slots.is_empty();
        self.parked.push((slots, decoder.park()?));
        let mut from = choice.from;
        let mut spare = None;
        let empty = (is_empty && !choice.gone.contains(&here)).then_some(here);
        for at in empty.into_iter().chain(choice.gone.iter().copied()) {
            spare = Some(self.parked.remove(at).1);
            from -= usize::from(at < from);
        }
        if !choice.forks {
            let (slots, cache) = self.parked.remove(from);
            decoder.resume(cache)?;
            self.active = slots;
            return Ok(());
        }
        // Room that nobody needs any more need not be made anew.
        if let Some(spare) = spare.filter(|_| decoder.shares_cache()) {
            decoder.resume(spare)?;
            decoder.rewind(0)?;
        }
        decoder.reserve(wanted)?;
        let (slots, cache) = &self.parked[from];
        let kept = decoder.copy(cache, choice.common)?;
        self.active.extend_from_slice(&slots[..kept]);
        Ok(())
    }

    fn choose(&self, decoder: &Decoder, prompt: &[Slot], wanted: usize) -> Choice {
        let active = (&self.active, decoder.tokens());
        let all = self.parked.iter().map(|(slots, parked)| (slots, parked.tokens())).chain([active]);
        let known: Vec<Known<'_>> = all.map(|(slots, tokens)| Known { slots, tokens }).collect();
        choose(&known, prompt, decoder.room_for(wanted), [self.most, self.most_tokens], decoder.can_cut())
    }
}

/// A conversation that is kept, and the tokens that it takes memory for.
struct Known<'a> {
    slots: &'a [Slot],
    tokens: usize,
}

/// What to go on from.
#[derive(Debug, PartialEq, Eq)]
struct Choice {
    /// Which of those known.
    from: usize,
    /// So many tokens of it.
    common: usize,
    /// Whether it stays as it is.
    forks: bool,
    /// Those that make room, last first.
    gone: Vec<usize>,
}

/// Chooses among `known`, the least lately used first and the one in the decoder last.
fn choose(
    known: &[Known<'_>],
    prompt: &[Slot],
    wanted: usize,
    [most, most_tokens]: [usize; 2],
    can_cut: bool,
) -> Choice {
    let common_with = |one: &Known<'_>| {
        let common = one.slots.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        let common = common.min(prompt.len().saturating_sub(1));
        if can_cut || common == one.slots.len() { common } else { 0 }
    };
    let common: Vec<usize> = known.iter().map(common_with).collect();
    let loses = |at: usize| is_worth(&known[at].slots[common[at]..], common[at]);
    // Of equals one that loses nothing, then the least lately used.
    let best = (0..known.len()).max_by_key(|at| (common[*at], !loses(*at), Reverse(*at)));
    let from = best.unwrap_or(0);
    let mut forks = loses(from);
    let mut left: Vec<usize> = (0..known.len()).collect();
    let mut gone = Vec::new();
    loop {
        let others: usize = left.iter().filter(|at| **at != from).map(|at| known[*at].tokens).sum();
        let own = if forks { known[from].tokens + wanted } else { known[from].tokens.max(wanted) };
        if left.len() + usize::from(forks) <= most && others + own <= most_tokens {
            break;
        }
        let may_go = |at: &&usize| forks || **at != from;
        let empty = left.iter().filter(may_go).find(|at| known[**at].slots.is_empty());
        match empty.or(left.iter().find(may_go)).copied() {
            // It would be the next to go: what it has in common is of use at least, and the others may stay after all.
            Some(at) if at == from => {
                forks = false;
                left = (0..known.len()).collect();
                gone.clear();
            }
            Some(at) => {
                left.retain(|one| *one != at);
                gone.push(at);
            }
            None => break,
        }
    }
    gone.sort_unstable_by_key(|at| Reverse(*at));
    Choice { from, common: common[from], forks, gone }
}

/// Whether what a prompt does not have in common with a conversation is worth keeping.
fn is_worth(rest: &[Slot], common: usize) -> bool {
    rest.iter().any(|(_, picture)| *picture != 0) || rest.len() > common.max(LEAST_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many words, then so many tokens of a picture, then words again.
    fn slots(system: u32, picture: u64, question: u32) -> Vec<Slot> {
        let words = |from: u32, count: u32| (from..from + count).map(|token| (token, 0));
        words(system, 10).chain((0..20).map(|_| (7, picture))).chain(words(question, 5)).collect()
    }

    fn chosen(known: &[Vec<Slot>], prompt: &[Slot], most: usize, most_tokens: usize) -> Choice {
        let known: Vec<Known<'_>> = known.iter().map(|slots| Known { slots, tokens: slots.len() }).collect();
        choose(&known, prompt, prompt.len() + 5, [most, most_tokens], true)
    }

    #[test]
    fn another_question_about_the_same_picture_cuts_the_first_off() {
        let known = [slots(100, 1, 500), slots(100, 3, 500)];
        for (at, picture) in [(0, 1), (1, 3)] {
            let choice = chosen(&known, &slots(100, picture, 600), 4, 1000);
            assert_eq!(choice, Choice { from: at, common: 30, forks: false, gone: vec![] });
        }
    }

    #[test]
    fn a_question_about_another_picture_leaves_the_first_and_takes_its_beginning() {
        let known = [slots(100, 1, 500), slots(200, 3, 500)];
        let choice = chosen(&known, &slots(100, 5, 500), 4, 1000);
        assert_eq!(choice, Choice { from: 0, common: 10, forks: true, gone: vec![] });
    }

    #[test]
    fn the_least_lately_used_goes_first_by_number_and_by_tokens() {
        let known = [slots(100, 1, 500), slots(200, 3, 500), slots(300, 5, 500)];
        let other = slots(300, 7, 500);
        let [by_number, by_tokens, at_ease] = [(3, 10_000), (4, 3 * 35 + 39), (4, 3 * 35 + 40)]
            .map(|(most, tokens)| chosen(&known, &other, most, tokens));
        assert_eq!(by_number, Choice { from: 2, common: 10, forks: true, gone: vec![0] });
        assert_eq!(by_tokens, by_number);
        assert_eq!(at_ease, Choice { gone: vec![], ..by_number });
        let choice = chosen(&known, &other, 4, 100);
        assert_eq!(choice, Choice { from: 2, common: 10, forks: true, gone: vec![1, 0] });
    }

    #[test]
    fn one_that_would_be_the_next_to_go_is_cut_and_one_alone_always() {
        let known = [slots(100, 1, 500), slots(200, 3, 500)];
        let choice = chosen(&known, &slots(100, 7, 500), 2, 10_000);
        assert_eq!(choice, Choice { from: 0, common: 10, forks: false, gone: vec![] });
        let choice = chosen(&known[..1], &slots(100, 7, 500), 1, 10_000);
        assert_eq!(choice, Choice { from: 0, common: 10, forks: false, gone: vec![] });
        // However little there is room for, one conversation there is.
        let choice = chosen(&known, &slots(200, 7, 500), 1, 1);
        assert_eq!(choice, Choice { from: 1, common: 10, forks: false, gone: vec![0] });
    }

    #[test]
    fn where_a_fork_has_no_room_at_all_the_others_stay() {
        let words = (900..920).map(|token| (token, 0)).collect();
        let known = [words, slots(200, 3, 500)];
        // The second beside the prompt would be 75 tokens, the first beside it is 60.
        for (most_tokens, gone) in [(75, vec![0]), (74, vec![]), (60, vec![]), (59, vec![0])] {
            let choice = chosen(&known, &slots(200, 7, 500), 4, most_tokens);
            assert_eq!(choice, Choice { from: 1, common: 10, forks: most_tokens == 75, gone });
        }
    }

    #[test]
    fn short_words_are_not_kept_and_long_ones_are() {
        let words = |from: u32, count: u32| -> Vec<Slot> { (from..from + count).map(|token| (token, 0)).collect() };
        let long = [words(0, 10), words(1000, 80)].concat();
        let other = [words(0, 10), words(2000, 40)].concat();
        assert!(chosen(std::slice::from_ref(&long), &other, 4, 1000).forks);
        assert!(!chosen(std::slice::from_ref(&other), &long, 4, 1000).forks);
        let empty = Vec::new();
        let choice = chosen(&[long, empty], &words(5000, 9), 4, 1000);
        assert_eq!(choice, Choice { from: 1, common: 0, forks: false, gone: vec![] }, "the empty one");
    }

    #[test]
    fn what_cannot_be_cut_is_gone_on_with_whole_or_not_at_all() {
        let known = slots(100, 1, 500);
        let longer = [known.clone(), vec![(9, 0)]].concat();
        let of = |prompt: &[Slot]| {
            let known = [Known { slots: &known, tokens: known.len() }];
            choose(&known, prompt, prompt.len() + 5, [4, 1000], false)
        };
        assert_eq!(of(&longer), Choice { from: 0, common: 35, forks: false, gone: vec![] });
        assert_eq!(of(&slots(100, 1, 600)), Choice { from: 0, common: 0, forks: true, gone: vec![] });
    }
}
