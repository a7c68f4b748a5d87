//! Statements in words, made into [`Claim`]s: a question and the answer that the statement gives to it.
//!
//! A text is cut into clauses: at the ends of its sentences, and at `and`, `but`, `while` where both halves have a verb
//! of their own. What a clause says of how sure its author is ("I think", "it seems") is passed over; "about" and its
//! like make its number a loose one. Pronouns are not resolved: "it is 2 m long" claims nothing.

use super::forms::{
    CONTACTS, comparison, extent_of, is_one_thing, measured_noun, names_other_first, observer_of, side_of_words,
};
use super::sentence::{Lexicon, Number, Sentence};
use crate::answer::options::direction_word;
use crate::answer::question::{MAX_NAMED, Observer, Phrase, Question, Sectors, Side, SideWord};
use crate::answer::reply::Value;
use crate::answer::verdict::{Bound, Claim};
use crate::scene::canonical;
use crate::score::LengthUnit;

/// Words that make a number a loose one.
const LOOSE: [&str; 12] = [
    "about",
    "approximately",
    "approx",
    "around",
    "roughly",
    "nearly",
    "almost",
    "circa",
    "ca",
    "~",
    "or so",
    "estimated",
];

const NOT: [&str; 9] = ["not", "isn't", "aren't", "doesn't", "don't", "wasn't", "never", "no", "cannot"];

const AT_LEAST: [&str; 5] = ["at least", "more than", "over", "no less than", "above"];
const AT_MOST: [&str; 6] = ["at most", "less than", "under", "no more than", "up to", "below"];

/// A clause has one of these, or it is a part of another.
const VERBS: [&str; 13] = [
    "is", "are", "has", "have", "measures", "stands", "lies", "sits", "contains", "there's", "isn't", "aren't", "hangs",
];

/// The clauses of a text, in order; questions among them keep their mark.
pub(in crate::answer) fn clauses(text: &str) -> Vec<String> {
    let sentences = sentences(text).into_iter().flat_map(|sentence| {
        let mut parts = vec![sentence];
        for joint in [" and ", " but ", " while ", " whereas "] {
            parts = parts.into_iter().flat_map(|part| split_at(&part, joint)).collect();
        }
        parts
    });
    let trimmed = sentences.map(|part| part.trim().trim_matches(['-', '*', '•', ' ', ',']).trim().to_owned());
    trimmed.filter(|part| part.chars().any(char::is_alphabetic)).collect()
}

fn sentences(text: &str) -> Vec<String> {
    const SHORTENED: [&str; 6] = ["approx", "ca", "e.g", "i.e", "vs", "no"];
    let mut sentences = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let sentence = sentences.last_mut().expect("there is always one");
        let ends = match c {
            '\n' | ';' | '!' | '?' => true,
            '.' => {
                let goes_on = chars.peek().is_some_and(|next| !next.is_whitespace());
                let word = sentence.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
                !goes_on && !SHORTENED.contains(&word.as_str())
            }
            _ => false,
        };
        if !ends || c == '?' {
            sentence.push(c);
        }
        if ends {
            sentences.push(String::new());
        }
    }
    sentences
}

/// The parts between the joints if each has a verb, or else the whole.
fn split_at(sentence: &str, joint: &str) -> Vec<String> {
    let has_verb = |part: &str| {
        let lower = part.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| VERBS.contains(&word))
    };
    match sentence.contains(joint) && sentence.split(joint).all(has_verb) {
        true => sentence.split(joint).map(str::to_owned).collect(),
        false => vec![sentence.to_owned()],
    }
}

/// What a clause claims; nothing where it claims nothing that can be tested. `labels` are all there is, for "the tallest".
pub(in crate::answer) fn read_clause(clause: &str, lexicon: &Lexicon<'_>, labels: &[Phrase]) -> Vec<Claim> {
    let sentence = Sentence::read(clause, lexicon);
    if clause.contains('?') || sentence.mentions.len() > MAX_NAMED {
        return Vec::new();
    }
    let clause = Clause { sentence: &sentence, labels };
    let told = clause.measures().or_else(|| clause.counts());
    told.unwrap_or_else(|| {
        let one = clause
            .closest()
            .or_else(|| clause.compare())
            .or_else(|| clause.side())
            .or_else(|| clause.contact())
            .or_else(|| clause.exists());
        one.into_iter().collect()
    })
}

struct Clause<'s> {
    sentence: &'s Sentence,
    labels: &'s [Phrase],
}

impl Clause<'_> {
    fn negated(&self) -> bool {
        // "No more than" denies nothing.
        let no_bound = self.sentence.has_any(&["no more than", "no less than"]);
        !no_bound && self.sentence.has_any(&NOT)
    }

    /// A claim whose answer is a number.
    fn number(&self, question: Question, says: Value, number: &Number) -> Claim {
        let before = |bounds: &[&str]| {
            bounds.iter().any(|words| {
                let count = words.split(' ').count();
                (1..=2).any(|skip| {
                    let from = (number.at + 1).checked_sub(count + skip);
                    from.is_some_and(|from| {
                        words.split(' ').zip(from..).all(|(w, at)| self.sentence.key(at) == Some(w))
                    })
                })
            })
        };
        let bound = match (before(&AT_LEAST), before(&AT_MOST)) {
            (true, false) => Bound::AtLeast,
            (false, true) => Bound::AtMost,
            (true, true) if self.sentence.has("no less than") => Bound::AtLeast,
            (true, true) => Bound::AtMost,
            (false, false) => Bound::Equal,
        };
        Claim { question, says, bound, loose: self.sentence.has_any(&LOOSE), negated: self.negated() }
    }

    /// A claim whose answer is a choice.
    fn choice(&self, question: Question, says: Value) -> Claim {
        Claim { question, says, bound: Bound::Equal, loose: false, negated: self.negated() }
    }

    /// "A is 1.2 m from B", "the table is 1.2 m long and 0.6 m wide", "the room is 30 square metres".
    fn measures(&self) -> Option<Vec<Claim>> {
        let sentence = self.sentence;
        let numbers: Vec<&Number> = sentence.numbers.iter().filter(|number| number.unit.is_some()).collect();
        let first = *numbers.first()?;
        let things = sentence.things();
        let than_a_thing = sentence.find("than").is_some_and(|at| sentence.mentions.iter().any(|m| m.from > at));
        if than_a_thing {
            return Some(Vec::new());
        }
        if first.squared {
            let of_room = sentence.mentions.iter().all(|m| matches!(m.phrase.0.as_str(), "room" | "floor"));
            let area = first.value * first.unit.map_or(1.0, LengthUnit::metres).powi(2);
            return Some(match of_room {
                true => vec![self.number(Question::RoomArea, Value::Area(area), first)],
                false => Vec::new(),
            });
        }
        let far = ["distance", "apart", "from", "away", "between", "far", "gap", "separat*", "distant"];
        let says = Value::Length(first.metres());
        Some(match &things[..] {
            [a, b] if sentence.has_any(&far) => {
                vec![self.number(Question::Distance { from: a.clone(), to: b.clone() }, says, first)]
            }
            [what]
                if sentence.has_any(&[
                    "away",
                    "from me",
                    "from you",
                    "from here",
                    "distance",
                    "distant",
                    "from the camera",
                    "from the viewer",
                ]) =>
            {
                vec![self.number(Question::Range { what: what.clone() }, says, first)]
            }
            [what, ..] => self.sides(what, &numbers),
            [] => Vec::new(),
        })
    }

    /// Each number with the side that is named beside it; one number with the only side that is named.
    fn sides(&self, what: &Phrase, numbers: &[&Number]) -> Vec<Claim> {
        let claim = |number: &Number, side: Side| {
            self.number(Question::Length { what: what.clone(), side }, Value::Length(number.metres()), number)
        };
        match (numbers, side_of_words(self.sentence.keys().map(|(_, word)| word))) {
            ([number], Some(side)) => vec![claim(number, side)],
            _ => {
                let side = |number: &Number| {
                    let parts = |word: &&str| matches!(*word, "," | "and");
                    let after = (number.at + 2..number.at + 5).map_while(|at| self.sentence.key(at));
                    let before = (number.at.saturating_sub(5)..number.at).rev().map_while(|at| self.sentence.key(at));
                    side_of_words(after.take_while(|word| !parts(word)))
                        .or_else(|| side_of_words(before.take_while(|word| !parts(word))))
                };
                numbers.iter().filter_map(|number| Some(claim(number, side(number)?))).collect()
            }
        }
    }

    /// "There are three chairs and two tables", "the number of chairs is 3".
    fn counts(&self) -> Option<Vec<Claim>> {
        let sentence = self.sentence;
        let counts = [
            "there",
            "there's",
            "has",
            "have",
            "contain*",
            "see",
            "count*",
            "visible",
            "number",
            "total",
            "includ*",
            "in the room",
            "in this room",
        ];
        if !sentence.has_any(&counts) {
            return None;
        }
        let within = extent_of(sentence);
        let claim = |number: &Number, what: &Phrase| {
            let count = (number.value >= 0.0 && number.value.fract() == 0.0 && number.value < 1e6)
                .then_some(number.value as u32)?;
            Some(self.number(Question::Count { what: what.clone(), within }, Value::Count(count), number))
        };
        if let (true, [number], Some(mention)) =
            (sentence.has("number of"), &sentence.numbers[..], sentence.mentions.first())
        {
            return claim(number, &mention.phrase).map(|claim| vec![claim]);
        }
        let bare = sentence.numbers.iter().filter(|number| number.unit.is_none());
        let counted = bare.filter_map(|number| {
            let mention =
                sentence.mentions.iter().find(|mention| (number.at + 1..number.at + 3).contains(&mention.from))?;
            let between = (number.at + 1..mention.from).filter_map(|at| sentence.key(at)).all(|word| word != "of");
            claim(number, &mention.phrase).filter(|_| between)
        });
        let counted: Vec<Claim> = counted.collect();
        (!counted.is_empty()).then_some(counted)
    }

    /// "The sofa is the closest to the tv", "the sofa is closer to the tv than the bed".
    fn closest(&self) -> Option<Claim> {
        let sentence = self.sentence;
        let words = ["closest", "nearest", "closer", "nearer", "farthest", "furthest", "farther", "further"];
        let (key, word) = sentence.keys().find(|(_, word)| words.contains(word))?;
        let mentions = &sentence.mentions;
        let led = |m: usize| sentence.lead(m).iter().any(|word| matches!(word.as_str(), "to" | "from"));
        let target = (0..mentions.len()).find(|&m| mentions[m].from > key && led(m))?;
        let to = mentions[target].phrase.clone();
        let others: Vec<usize> = (0..mentions.len()).filter(|&m| !same(&mentions[m].phrase, &to)).collect();
        let subject = others.iter().rev().find(|&&m| mentions[m].from < key).or(others.last())?;
        let subject = mentions[*subject].phrase.clone();
        let named: Vec<Phrase> = sentence.things().into_iter().filter(|thing| !same(thing, &to)).collect();
        let among = self.rivals(named, &subject, word.ends_with("er"), Some(&to))?;
        let farthest = word.starts_with("fa") || word.starts_with("fu");
        Some(self.choice(Question::Closest { to, among, farthest }, Value::Thing(subject)))
    }

    /// The things named if there are two or more; of a superlative, or else, all there are.
    fn rivals(
        &self,
        named: Vec<Phrase>,
        subject: &Phrase,
        comparative: bool,
        to: Option<&Phrase>,
    ) -> Option<Vec<Phrase>> {
        if named.len() >= 2 || comparative {
            return (named.len() >= 2).then_some(named);
        }
        let all = self.labels.iter().filter(|label| !same(label, subject) && !to.is_some_and(|to| same(label, to)));
        let all: Vec<Phrase> = std::iter::once(subject).chain(all).cloned().collect();
        (2..MAX_NAMED).contains(&all.len()).then_some(all)
    }

    /// "The shelf is taller than the table", "the shelf is the tallest".
    fn compare(&self) -> Option<Claim> {
        let sentence = self.sentence;
        let (key, word, (by, least)) = sentence.keys().find_map(|(at, word)| {
            let measures = sentence.words.get(at + 1).is_some_and(|next| measured_noun(next));
            Some((at, word, comparison(word)?)).filter(|_| !measures)
        })?;
        let things = sentence.things();
        if word.ends_with("er") {
            let [mut what, mut than] = <[Phrase; 2]>::try_from(things).ok()?;
            let compared = !sentence.has("than") && names_other_first(sentence);
            if compared {
                std::mem::swap(&mut what, &mut than);
            }
            let question = Question::More { what, than, by, less: least };
            return (compared || sentence.has("than")).then(|| self.choice(question, Value::YesNo(true)));
        }
        let subject =
            sentence.mentions.iter().rev().find(|m| m.from < key).or(sentence.mentions.last())?.phrase.clone();
        let among = self.rivals(things, &subject, false, None)?;
        Some(self.choice(Question::Most { among, by, least }, Value::Thing(subject)))
    }

    /// "A is left of B", "standing by A facing B, C is to the front-left".
    fn side(&self) -> Option<Claim> {
        let sentence = self.sentence;
        let word = self.direction()?;
        let seats = observer_of(sentence);
        let phrase = |m: usize| sentence.mentions[m].phrase.clone();
        let from = match seats {
            Some([at, to]) => Observer::Things { standing_at: phrase(at), facing: phrase(to) },
            None => Observer::Viewer,
        };
        let seated = |thing: &Phrase| seats.is_some_and(|seats| seats.iter().any(|&m| same(thing, &phrase(m))));
        let mut things: Vec<Phrase> = sentence.things().into_iter().filter(|thing| !seated(thing)).collect();
        if things.len() == 2 && seats.is_none() && names_other_first(sentence) {
            things.swap(0, 1);
        }
        let side = match word {
            "left" => Some(SideWord::Left),
            "right" => Some(SideWord::Right),
            "front" => Some(SideWord::Front),
            "back" => Some(SideWord::Behind),
            _ => None,
        };
        match (&things[..], side) {
            ([what], _) => {
                let sectors = match word {
                    "left" | "right" => Sectors::Two,
                    "front" | "back" => Sectors::FrontBack,
                    _ => Sectors::Four,
                };
                Some(self.choice(Question::Direction { from, what: what.clone(), sectors }, Value::Direction(word)))
            }
            ([what, of], Some(side)) => {
                let question = Question::SideOf { what: what.clone(), side, of: Some(of.clone()), from };
                Some(self.choice(question, Value::YesNo(true)))
            }
            _ => None,
        }
    }

    /// The direction that the clause tells. "Right next to" tells none.
    fn direction(&self) -> Option<&'static str> {
        let emphasises = |at: usize| {
            let next = [
                "next", "now", "beside", "by", "behind", "above", "below", "under", "on", "in", "at", "near", "there",
                "here",
            ];
            self.sentence.words.get(at + 1).is_some_and(|word| next.contains(&word.as_str()))
        };
        let keys = self.sentence.keys().filter(|&(at, word)| word != "right" || !emphasises(at));
        let told = direction_word(&keys.map(|(_, word)| word).collect::<Vec<_>>().join(" "))?;
        ["left", "right", "front", "back", "front-left", "front-right", "back-left", "back-right"]
            .into_iter()
            .find(|word| *word == told)
    }

    /// "A is on B".
    fn contact(&self) -> Option<Claim> {
        let things = self.sentence.things();
        let [what, of] = &things[..] else { return None };
        let contact = CONTACTS.iter().find(|(_, words)| self.sentence.has_any(words)).map(|(contact, _)| *contact)?;
        let question = Question::Contact { what: what.clone(), contact, of: of.clone() };
        (!is_one_thing(what, of)).then(|| self.choice(question, Value::YesNo(true)))
    }

    /// "There is a piano", "the room has no piano".
    fn exists(&self) -> Option<Claim> {
        let sentence = self.sentence;
        let says = [
            "there is",
            "there are",
            "there's",
            "there isn't",
            "there aren't",
            "room has",
            "have",
            "contain*",
            "includ*",
            "see",
            "exist*",
            "present",
            "in the room",
            "in this room",
            "in the picture",
            "in the image",
        ];
        let things = sentence.things();
        let [what] = &things[..] else { return None };
        let question = Question::Exists { what: what.clone(), within: extent_of(sentence) };
        sentence.has_any(&says).then(|| self.choice(question, Value::YesNo(true)))
    }
}

fn same(a: &Phrase, b: &Phrase) -> bool {
    canonical(&a.0) == canonical(&b.0)
}
