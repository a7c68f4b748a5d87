//! A sentence taken apart: its words, the numbers in it, and the things it names.
//!
//! Things are found in two ways. What the scene or the vocabulary has a word for is found wherever it stands. What it
//! has no word for (and may be asked about all the same) is found by grammar: the words between one that opens a noun
//! phrase (`the`, `of`, `many`, a comma of a list) and one that ends it (a verb, a preposition, punctuation).

use super::words::{ends_phrase, is_scenery, opens_phrase};
use crate::answer::question::Phrase;
use crate::answer::vocabulary::{Vocabulary, canonical, is_determiner};
use crate::scene::Snapshot;
use crate::score::LengthUnit;
use std::collections::BTreeSet;

/// The most words one thing is named by.
const MAX_PHRASE_WORDS: usize = 5;

/// A number with the unit that follows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::answer) struct Number {
    pub value: f64,
    pub unit: Option<LengthUnit>,
    /// Index of its word.
    pub at: usize,
}

impl Number {
    /// Metres, where a bare number means metres.
    pub fn metres(&self) -> f64 {
        self.value * self.unit.map_or(1.0, LengthUnit::metres)
    }
}

/// A thing that the sentence names.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::answer) struct Mention {
    pub phrase: Phrase,
    /// Its first word, without the article.
    pub from: usize,
    /// One past its last word.
    pub to: usize,
}

/// Every word for things that the scene and the vocabulary know, canonical.
pub(in crate::answer) struct Lexicon(BTreeSet<String>);

impl Lexicon {
    pub fn of(snapshot: &Snapshot, vocabulary: &Vocabulary) -> Self {
        let mut words: BTreeSet<String> = vocabulary.words().map(str::to_owned).collect();
        for object in snapshot.objects() {
            words.insert(canonical(&object.label));
            words.insert(object.name.to_lowercase());
        }
        Self(words)
    }

    /// Also these, such as options.
    pub fn and<'a>(mut self, more: impl Iterator<Item = &'a str>) -> Self {
        self.0.extend(more.map(canonical).filter(|words| !words.is_empty()));
        self
    }

    fn knows(&self, words: &str) -> bool {
        self.0.contains(words) || self.0.contains(&canonical(words))
    }
}

/// A text in words. Punctuation marks are words of their own; everything is lower case.
#[derive(Debug, Clone)]
pub(in crate::answer) struct Sentence {
    pub words: Vec<String>,
    pub numbers: Vec<Number>,
    pub mentions: Vec<Mention>,
}

impl Sentence {
    pub fn read(text: &str, lexicon: &Lexicon) -> Self {
        let words = split_words(text);
        let numbers = find_numbers(&words);
        let mentions = find_mentions(&words, lexicon);
        Self { words, numbers, mentions }
    }

    /// True when the words stand in a row. `*` at the end of one stands for any ending.
    pub fn has(&self, sought: &str) -> bool {
        self.find(sought).is_some()
    }

    /// True when any of these does.
    pub fn has_any(&self, sought: &[&str]) -> bool {
        sought.iter().any(|words| self.has(words))
    }

    /// Where the words first stand in a row.
    pub fn find(&self, sought: &str) -> Option<usize> {
        let sought: Vec<&str> = sought.split(' ').collect();
        (0..self.words.len()).find(|&at| {
            sought.iter().enumerate().all(|(i, sought)| self.words.get(at + i).is_some_and(|word| fits(word, sought)))
        })
    }

    /// The words between the mention before and this one: what leads up to it.
    pub fn lead(&self, mention: usize) -> &[String] {
        let start = if mention == 0 { 0 } else { self.mentions[mention - 1].to };
        &self.words[start..self.mentions[mention].from]
    }

    /// The distinct things named, in order of their first mention.
    pub fn things(&self) -> Vec<Phrase> {
        let mut things: Vec<Phrase> = Vec::new();
        for mention in &self.mentions {
            if !things.iter().any(|known| canonical(&known.0) == canonical(&mention.phrase.0)) {
                things.push(mention.phrase.clone());
            }
        }
        things
    }
}

fn fits(word: &str, sought: &str) -> bool {
    sought.strip_suffix('*').map_or(word == sought, |stem| word.starts_with(stem))
}

/// The numbers of a text.
pub(in crate::answer) fn numbers_in(text: &str) -> Vec<Number> {
    find_numbers(&split_words(text))
}

/// Words of letters, digits and inner `-`, `#`, `.`, `'`, `_`; every other mark is a word of its own.
fn split_words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace("(es)", "").replace("(s)", "").replace(['’', '‘'], "'").replace('×', " x ");
    let chars: Vec<char> = lower.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let next = chars.get(i + 1).copied().unwrap_or(' ');
        let before_digit = word.ends_with(|c: char| c.is_ascii_digit());
        let inner = match c {
            '.' => next.is_ascii_digit() && (word.is_empty() || before_digit),
            ',' => {
                before_digit
                    && thousands(&chars[i + 1..])
                    && word.chars().all(|c| c.is_ascii_digit())
                    && word.len() <= 3
            }
            '-' => (word.is_empty() && next.is_ascii_digit()) || (!word.is_empty() && next.is_alphanumeric()),
            '\'' => !word.is_empty() && next.is_alphanumeric(),
            '#' | '_' => !word.is_empty() && next.is_alphanumeric(),
            _ => c.is_alphanumeric() || c == '²',
        };
        if inner {
            if c != ',' {
                // A number and the unit that touches it are two words.
                if c.is_alphabetic() && before_digit && is_number(&word) {
                    words.push(std::mem::take(&mut word));
                }
                word.push(c);
            }
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !c.is_whitespace() {
            words.push(c.into());
        } else if c == '\n' {
            words.push("\n".into());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    // What belongs to a word with a possessive is the word's.
    words.into_iter().map(|word| word.strip_suffix("'s").map_or(word.clone(), str::to_owned)).collect()
}

/// Whether three digits and no fourth follow: the comma before them parts thousands.
fn thousands(after: &[char]) -> bool {
    after.len() >= 3 && after[..3].iter().all(char::is_ascii_digit) && !after.get(3).is_some_and(char::is_ascii_digit)
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok_and(f64::is_finite)
        && word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
}

fn find_numbers(words: &[String]) -> Vec<Number> {
    let value_of = |word: &str| match is_number(word) {
        true => word.parse().ok(),
        false => number_word(word),
    };
    let all = words.iter().enumerate().filter_map(|(at, word)| Some((at, value_of(word)?)));
    all.map(|(at, value)| Number { value, unit: words.get(at + 1).and_then(|next| LengthUnit::of_word(next)), at })
        .collect()
}

fn number_word(word: &str) -> Option<f64> {
    const NAMES: [&str; 21] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    NAMES.iter().position(|name| *name == word).map(|value| value as f64)
}

fn find_mentions(words: &[String], lexicon: &Lexicon) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let opened = at == 0 || opens_phrase(&words[at - 1]);
        let known = (1..=MAX_PHRASE_WORDS.min(words.len() - at)).rev().find(|&n| {
            let row = &words[at..at + n];
            !row.iter().any(|word| is_mark(word)) && lexicon.knows(&row.join(" "))
        });
        let free = (0..MAX_PHRASE_WORDS).take_while(|&i| words.get(at + i).is_some_and(|word| may_name(word))).count();
        // Words before a known one say which kind of it is meant: a coffee table is not any table.
        let length = match (known, opened) {
            (Some(known), true) => known.max(free),
            (Some(known), false) => known,
            (None, true) => free,
            (None, false) => 0,
        };
        let row = &words[at..at + length];
        let scenery = known.is_none() && row.last().is_some_and(|last| is_scenery(last));
        if length > 0 && !scenery {
            mentions.push(Mention { phrase: Phrase::new(&row.join(" ")), from: at, to: at + length });
        }
        at += length.max(1);
    }
    mentions
}

/// Whether a word may be part of the name of a thing that no lexicon knows.
fn may_name(word: &str) -> bool {
    !is_mark(word) && !is_number(word) && !ends_phrase(word) && !is_determiner(word)
}

fn is_mark(word: &str) -> bool {
    !word.starts_with(|c: char| c.is_alphanumeric())
}
