//! A sentence taken apart: its words, the numbers in it, and the things it names.
//!
//! Things are found in two ways. What the scene or the vocabulary has a word for is found wherever it stands. What it
//! has no word for (and may be asked about all the same) is found by grammar: the words between one that opens a noun
//! phrase (`the`, `of`, `many`, a comma of a list) and one that ends it (a verb, a preposition, punctuation).
//!
//! The words of a thing's name are no key words: who asks of a high chair asks nothing about heights.

use super::words::{ends_phrase, is_picture, is_scenery, opens_phrase, qualifies};
use crate::answer::question::{MAX_NAMED, Phrase};
use crate::answer::vocabulary::Vocabulary;
use crate::scene::{Snapshot, canonical, is_determiner};
use crate::score::{LengthUnit, small_number};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// The most words one thing is named by.
const MAX_PHRASE_WORDS: usize = 5;

/// The most mentions that are read of one text; no question needs as many.
const MAX_MENTIONS: usize = 4 * MAX_NAMED;

/// A number with the unit that follows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::answer) struct Number {
    pub value: f64,
    pub unit: Option<LengthUnit>,
    /// True when it is an area: its unit is the square of `unit`.
    pub squared: bool,
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

/// Names with a number have at most so many words.
const MAX_NAME_WORDS: usize = 16;

/// Every word for things that the scene and the vocabulary know, canonical.
pub(in crate::answer) struct Lexicon<'s> {
    /// Asked for what its things are called.
    snapshot: &'s Snapshot,
    /// What the vocabulary has, and options.
    names: BTreeSet<String>,
    /// The first words of these, each with the most words of a name that it heads: most words of a text are none, and
    /// cost one look.
    heads: BTreeMap<String, usize>,
}

impl<'s> Lexicon<'s> {
    pub fn of(snapshot: &'s Snapshot, vocabulary: &Vocabulary) -> Self {
        let mut lexicon = Self { snapshot, names: BTreeSet::new(), heads: BTreeMap::new() };
        vocabulary.words().for_each(|words| lexicon.add(words.to_owned()));
        lexicon
    }

    /// Also these, such as options.
    pub fn and<'a>(mut self, more: impl Iterator<Item = &'a str>) -> Self {
        more.for_each(|words| self.add(canonical(words)));
        self
    }

    fn add(&mut self, words: String) {
        if let Some(head) = words.split_whitespace().next() {
            let longest = self.heads.entry(canonical(head)).or_default();
            *longest = words.split_whitespace().count().max(*longest);
            self.names.insert(words);
        }
    }

    /// How many of the words at the head of the row are a name; the longest there is.
    fn longest(&self, row: &[String]) -> Option<usize> {
        self.numbered(row).max(self.known(row))
    }

    /// How many are a name with a number, `trash bin#2`.
    fn numbered(&self, row: &[String]) -> Option<usize> {
        let last = row.iter().take(MAX_NAME_WORDS).take_while(|word| !is_mark(word)).position(|w| w.contains('#'))?;
        let words = row[..=last].join(" ");
        let is_name = |words: &str| self.snapshot.named_in_any_case(words).next().is_some();
        (is_name(&words) || is_name(&canonical(&words))).then_some(last + 1)
    }

    fn known(&self, row: &[String]) -> Option<usize> {
        let head = canonical(row.first().filter(|word| !is_mark(word))?);
        let before_hyphen = head.split(' ').next().unwrap_or_default();
        let headed = |head: &str| self.snapshot.longest_headed(head).max(self.heads.get(head).copied().unwrap_or(0));
        let longest = match headed(&head) {
            0 => headed(before_hyphen),
            longest => longest,
        };
        let end = row.iter().take(longest).position(|word| is_mark(word)).unwrap_or(row.len().min(longest));
        (1..=end).rev().find(|&n| {
            let words = row[..n].join(" ");
            self.is_called(&words) || self.is_called(&canonical(&words))
        })
    }

    /// Whether vocabulary, options or things of the scene are called so.
    fn is_called(&self, words: &str) -> bool {
        self.names.contains(words)
            || self.snapshot.labels_of_form(words).any(|(_, is_called)| is_called)
            || self.snapshot.has_plain_name(words)
    }
}

/// A text in words. Punctuation marks are words of their own; everything is lower case.
#[derive(Debug, Clone)]
pub(in crate::answer) struct Sentence {
    pub words: Vec<String>,
    pub numbers: Vec<Number>,
    pub mentions: Vec<Mention>,
    /// Which words belong to the name of a thing.
    named: Vec<bool>,
    /// Where each word that names no thing stands: a text is searched for hundreds of key words.
    places: BTreeMap<String, Vec<usize>>,
}

impl Sentence {
    pub fn read(text: &str, lexicon: &Lexicon<'_>) -> Self {
        let words = split_words(text);
        let numbers = find_numbers(&words);
        let mentions = find_mentions(&words, lexicon);
        let mut named = vec![false; words.len()];
        mentions.iter().for_each(|mention| named[mention.from..mention.to].fill(true));
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, word) in words.iter().enumerate().filter(|(at, _)| !named[*at]) {
            match places.get_mut(word) {
                Some(known) => known.push(at),
                None => drop(places.insert(word.clone(), vec![at])),
            }
        }
        Self { words, numbers, mentions, named, places }
    }

    /// True when the words stand in a row. `*` at the end of one stands for any ending.
    pub fn has(&self, sought: &str) -> bool {
        self.find(sought).is_some()
    }

    /// True when any of these does.
    pub fn has_any(&self, sought: &[&str]) -> bool {
        sought.iter().any(|words| self.has(words))
    }

    /// Where the words first stand in a row, none of them in the name of a thing.
    pub fn find(&self, sought: &str) -> Option<usize> {
        let (first, rest) = sought.split_once(' ').map_or((sought, None), |(first, rest)| (first, Some(rest)));
        let stem = first.strip_suffix('*').unwrap_or(first);
        let words = self.places.range::<str, _>((Bound::Included(stem), Bound::Unbounded));
        let words = words.take_while(|(word, _)| word.starts_with(stem)).filter(|(word, _)| fits(word, first));
        let goes_on = |at: usize| {
            let mut rest = rest.into_iter().flat_map(|rest| rest.split(' ')).zip(at + 1..);
            rest.all(|(sought, at)| self.key(at).is_some_and(|word| fits(word, sought)))
        };
        words.filter_map(|(_, places)| places.iter().copied().find(|&at| goes_on(at))).min()
    }

    /// The word there, if it is not in the name of a thing.
    pub fn key(&self, at: usize) -> Option<&str> {
        self.words.get(at).filter(|_| !self.named[at]).map(String::as_str)
    }

    /// The words that name no thing, with their places.
    pub fn keys(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.words.len()).filter_map(|at| Some((at, self.key(at)?)))
    }

    /// The first word.
    pub fn first_word(&self) -> &str {
        self.words.iter().find(|word| !is_mark(word)).map_or("", String::as_str)
    }

    /// The words between the mention before and this one: what leads up to it.
    pub fn lead(&self, mention: usize) -> &[String] {
        let start = if mention == 0 { 0 } else { self.mentions[mention - 1].to };
        &self.words[start..self.mentions[mention].from]
    }

    /// The distinct things named, in order of their first mention.
    pub fn things(&self) -> Vec<Phrase> {
        let mut met = BTreeSet::new();
        let fresh = self.mentions.iter().filter(|mention| met.insert(canonical(&mention.phrase.0)));
        fresh.map(|mention| mention.phrase.clone()).collect()
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
    let plain = [
        ("(es)", ""),
        ("(s)", ""),
        ("’", "'"),
        ("‘", "'"),
        ("×", " x "),
        ("^2", "²"),
        ("-hand side", " side"),
        ("hand side", "side"),
    ];
    let lower = plain.iter().fold(text.to_lowercase(), |text, (from, to)| text.replace(from, to));
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
                    && word.len() <= 3
                    && word.chars().all(|c| c.is_ascii_digit())
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
    let mut spelt_out = Vec::new();
    words.into_iter().for_each(|word| spell_out(word, &mut spelt_out));
    spelt_out
}

/// One word as those it stands for: `m²` is `square m`; what belongs to a word with a possessive is the word's.
fn spell_out(mut word: String, words: &mut Vec<String>) {
    let unit = match word.as_str() {
        "m²" | "m2" | "sqm" => "m",
        "ft²" | "ft2" | "sqft" => "ft",
        "sq" => "",
        _ => {
            if word.ends_with("'s") {
                word.truncate(word.len() - 2);
            }
            words.push(word);
            return;
        }
    };
    words.extend(["square", unit].into_iter().filter(|word| !word.is_empty()).map(str::to_owned));
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
        false => small_number(word),
    };
    let unit_at = |at: usize| words.get(at).and_then(|next| LengthUnit::of_word(next));
    let read = |(at, word): (usize, &String)| {
        let value = value_of(word)?;
        let squared = words.get(at + 1).is_some_and(|next| next == "square");
        let unit = unit_at(if squared { at + 2 } else { at + 1 });
        Some(Number { value, unit, squared: squared && unit.is_some(), at })
    };
    words.iter().enumerate().filter_map(read).collect()
}

fn find_mentions(words: &[String], lexicon: &Lexicon<'_>) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut at = 0;
    while at < words.len() && mentions.len() < MAX_MENTIONS {
        let known = lexicon.longest(&words[at..]);
        let opened = at > 0 && opens_phrase(&words[at - 1]);
        // Words before a known one say which kind of it is meant: a coffee table is not any table.
        let length = known.unwrap_or(0).max(if opened { free_name(words, at) } else { 0 });
        let row = &words[at..at + length];
        let scenery = match row.last().filter(|_| known.is_none()) {
            Some(last) if is_picture(last) => !after_one(words, at) || is_the_picture(words, at),
            Some(last) => is_scenery(last),
            None => length == 1 && is_the_picture(words, at),
        };
        if length > 0 && !scenery {
            mentions.push(Mention { phrase: Phrase::new(&row.join(" ")), from: at, to: at + length });
        }
        at += length.max(1);
    }
    mentions
}

/// How many words from here on may be the name of a thing that no lexicon knows.
fn free_name(words: &[String], at: usize) -> usize {
    let rows = |from: usize| words[from.min(words.len())..].iter();
    let after_article = at > 0 && is_determiner(&words[at - 1]);
    let sides = if after_article { rows(at).take_while(|word| qualifies(word)).take(2).count() } else { 0 };
    let plain = rows(at + sides).take(MAX_PHRASE_WORDS - sides).take_while(|word| may_name(word)).count();
    let side_is_meant = rows(at + sides + plain).next().is_some_and(|next| next == "side");
    match (sides, plain) {
        (_, 0) => 0,
        (0, _) => plain,
        _ if side_is_meant => 0,
        _ => sides + plain,
    }
}

/// Whether an article before the word says that it is one of several: "is there a picture?"
fn after_one(words: &[String], at: usize) -> bool {
    at > 0 && matches!(words[at - 1].as_str(), "a" | "an" | "any" | "each" | "another")
}

/// Whether the word is the picture that the question is about, and no thing: "in the picture", "the photo shows".
fn is_the_picture(words: &[String], at: usize) -> bool {
    if !is_picture(&words[at]) {
        return false;
    }
    let before = words[..at].iter().rev().find(|word| !is_determiner(word));
    let within = before.is_some_and(|word| matches!(word.as_str(), "in" | "within" | "inside"));
    let shows = words.get(at + 1).is_some_and(|word| ["contain", "show", "depict"].iter().any(|w| word.starts_with(w)));
    within || shows
}

/// Whether a word may be part of the name of a thing that no lexicon knows.
fn may_name(word: &str) -> bool {
    !is_mark(word) && !word.contains('\'') && !is_number(word) && !ends_phrase(word) && !is_determiner(word)
}

fn is_mark(word: &str) -> bool {
    !word.starts_with(|c: char| c.is_alphanumeric())
}
