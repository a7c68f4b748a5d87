//! A model's text as the number or the letter it is scored by.

use super::mra::Mra;
use super::python::{float, is_space, strip};
use super::quantity::{LengthUnit, number_word, quantities};
use super::{bounded, quantity};

/// How a text is read, and with it how a number is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// VSI-Bench's own: what stands before the first space, without trailing points, without blanks at its ends. So
    /// `3 chairs` is 3, while `about 3`, ` 3`, `1,000` and `3\nchairs` are nothing.
    Official,
    /// Spatial-MLLM's, version 1.1: the last `<answer>` block or all, runs of blanks as one, trimmed, without trailing
    /// points, lower case; the whole of it is the answer. Commas are taken out of numbers: `1,000` is 1000, and
    /// `3 chairs` is nothing.
    SpatialMllm,
    /// As version 1.0 read it: a line break goes where a blank stands before it, else it becomes a space; other blanks
    /// stay as they are.
    SpatialMllmV1,
    /// For people: the last `<answer>` block or all; any number in it, with its unit; any letter of an option that
    /// stands for itself.
    Lenient,
}

impl Reading {
    /// The rule its numbers are marked by: [`Mra::Strict`] for Spatial-MLLM's readings.
    pub fn mra(self) -> Mra {
        match self {
            Self::Official | Self::Lenient => Mra::Official,
            Self::SpatialMllm | Self::SpatialMllmV1 => Mra::Strict,
        }
    }

    /// The text as it is compared. For [`Reading::Lenient`] that is the answer's text itself.
    pub fn clean(self, text: &str) -> String {
        let text = bounded(text);
        match self {
            Self::Official => official_token(text).to_owned(),
            Self::SpatialMllm => finished(&blanks_collapsed(last_answer(text))),
            Self::SpatialMllmV1 => finished(&breaks_removed(last_answer(text))),
            Self::Lenient => strip(last_answer(text)).to_owned(),
        }
    }

    /// The number a text says, which may be NaN or infinite; none where there is none. `unit` is the unit asked for,
    /// which only [`Reading::Lenient`] heeds: it converts lengths to it.
    pub fn number(self, text: &str, unit: Option<LengthUnit>) -> Option<f64> {
        let cleaned = self.clean(text);
        match self {
            Self::Official => float(&cleaned),
            Self::SpatialMllm | Self::SpatialMllmV1 => float(&cleaned.replace(',', "")),
            Self::Lenient => lenient_number(&cleaned, unit),
        }
    }

    /// The mark of a text where the number `truth` is right, 0 to 1.
    pub fn score_number(self, text: &str, truth: f64, unit: Option<LengthUnit>) -> f64 {
        self.number(text, unit).map_or(0.0, |number| self.mra().score(number, truth))
    }

    /// The mark of a text where the letter `truth` is right: 1 or 0. `options` are the choices as they were offered
    /// (`"A. left"`), which only [`Reading::Lenient`] heeds: it also takes the words of an option for its letter.
    pub fn score_choice(self, text: &str, truth: &str, options: &[impl AsRef<str>]) -> f64 {
        let right = match self {
            Self::Official => official_token(bounded(text)).to_lowercase() == truth.to_lowercase(),
            Self::SpatialMllm | Self::SpatialMllmV1 => strip(&self.clean(text)) == strip(&self.clean(truth)),
            Self::Lenient => lenient_choice(&self.clean(text), options).is_some_and(|l| truth.eq_ignore_ascii_case(&l)),
        };
        f64::from(u8::from(right))
    }
}

/// What stands before the first space, without trailing points, then without blanks at its ends.
fn official_token(text: &str) -> &str {
    let token = text.split(' ').next().unwrap_or("");
    strip(token.trim_end_matches('.'))
}

/// What the last `<answer>` block holds, or all where there is none.
pub(super) fn last_answer(text: &str) -> &str {
    let mut last = None;
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("<answer>") {
        let Some((inside, behind)) = behind.split_once("</answer>") else { break };
        last = Some(inside);
        rest = behind;
    }
    last.unwrap_or(text)
}

fn blanks_collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_space(c) {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

fn breaks_removed(text: &str) -> String {
    let without = |text: &str, line_break: char| {
        let mut before = None;
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if c != line_break {
                out.push(c);
            } else if !before.is_some_and(is_space) {
                out.push(' ');
            }
            before = Some(c);
        }
        out
    };
    without(&without(text, '\n'), '\r')
}

fn finished(text: &str) -> String {
    strip(text).trim_end_matches('.').to_lowercase()
}

/// The first number with a unit where a unit is asked for, else the first number, else the first number word.
fn lenient_number(text: &str, unit: Option<LengthUnit>) -> Option<f64> {
    if let Some(number) = float(text.trim_end_matches('.')) {
        return Some(number);
    }
    let found = quantities(text);
    let with_unit = found.iter().find(|q| unit.is_some() && q.unit.is_some());
    let first = with_unit.or(found.first());
    let value = |q: &quantity::Quantity| unit.map_or(q.value, |unit| q.in_unit(unit));
    first.map(value).or_else(|| number_word(text))
}

/// The one letter of an option that a text has by itself, else the one option whose words it has.
fn lenient_choice(text: &str, options: &[impl AsRef<str>]) -> Option<String> {
    let letters: Vec<String> = options.iter().filter_map(|o| letter_of(o.as_ref())).collect();
    let known = |letter: &str| letters.is_empty() || letters.iter().any(|l| l == letter);
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    if let [only] = words[..]
        && let word = bare(only).to_uppercase()
        && word.len() == 1
        && known(&word)
    {
        return Some(word);
    }
    let standing_alone = |(i, word): (usize, &&str)| {
        let letter = bare(word);
        let is_letter = letter.len() == 1 && letter.as_bytes()[0].is_ascii_uppercase() && known(&letter);
        // "A chair" and "I see" are no choices; "A.", "(A)", "A:" and a last "A" are.
        let is_marked = *word != letter || i + 1 == words.len() || !matches!(letter.as_str(), "A" | "I");
        (is_letter && is_marked).then_some(letter)
    };
    words.iter().enumerate().find_map(standing_alone).or_else(|| option_named_in(text, options))
}

fn letter_of(option: &str) -> Option<String> {
    let letter = option.trim_start().chars().next()?;
    letter.is_ascii_alphabetic().then(|| letter.to_ascii_uppercase().to_string())
}

/// The letter of the only option whose words stand in a text, or of the longest where one holds the others.
fn option_named_in(text: &str, options: &[impl AsRef<str>]) -> Option<String> {
    let text = text.to_lowercase();
    let words_of = |option: &str| option.split_once(['.', ')', ':']).map(|(_, words)| words.trim().to_lowercase());
    let mut named: Vec<(String, String)> = Vec::new();
    for option in options {
        let option = option.as_ref();
        if let (Some(letter), Some(words)) = (letter_of(option), words_of(option))
            && !words.is_empty()
            && text.contains(&words)
        {
            named.push((words, letter));
        }
    }
    let (longest, letter) = named.iter().max_by_key(|(words, _)| words.len())?;
    named.iter().all(|(words, _)| longest.contains(words.as_str())).then(|| letter.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Reading; 4] = [Reading::Official, Reading::SpatialMllm, Reading::SpatialMllmV1, Reading::Lenient];
    const NONE: [&str; 0] = [];

    #[test]
    fn each_reading_takes_what_its_scorer_takes() {
        let cases = [
            // Official, Spatial-MLLM, lenient.
            ("3", Some(3.0), Some(3.0), Some(3.0)),
            ("3 chairs", Some(3.0), None, Some(3.0)),
            ("about 3", None, None, Some(3.0)),
            ("1,000", None, Some(1000.0), Some(1000.0)),
            (" 3", None, Some(3.0), Some(3.0)),
            ("3\nchairs", None, None, Some(3.0)),
            ("3\n", Some(3.0), Some(3.0), Some(3.0)),
            ("3...", Some(3.0), Some(3.0), Some(3.0)),
            ("1e1", Some(10.0), Some(10.0), Some(10.0)),
            ("1_0", Some(10.0), Some(10.0), Some(10.0)),
            ("inf", Some(f64::INFINITY), Some(f64::INFINITY), Some(f64::INFINITY)),
            ("<answer>2</answer>", None, Some(2.0), Some(2.0)),
            ("<answer>1</answer> no, <answer> 2. </answer>", None, Some(2.0), Some(2.0)),
            ("three chairs", None, None, Some(3.0)),
            ("", None, None, None),
            ("none", None, None, None),
        ];
        for (text, official, spatial, lenient) in cases {
            assert_eq!(Reading::Official.number(text, None), official, "{text:?}");
            assert_eq!(Reading::SpatialMllm.number(text, None), spatial, "{text:?}");
            assert_eq!(Reading::Lenient.number(text, None), lenient, "{text:?}");
        }
        assert!(Reading::Official.number("nan", None).is_some_and(f64::is_nan));
        for text in ["nan", "inf", "-inf", "", "many"] {
            assert!(ALL.iter().all(|reading| reading.score_number(text, 3.0, None) == 0.0), "{text}");
        }
    }

    #[test]
    fn an_answer_behind_much_thinking_is_read() {
        let text = format!("<think>{}</think><answer>7</answer>", "I wonder. ".repeat(50_000));
        for reading in [Reading::SpatialMllm, Reading::SpatialMllmV1, Reading::Lenient] {
            assert_eq!(reading.number(&text, None), Some(7.0));
        }
    }

    #[test]
    fn a_lenient_number_is_in_the_unit_asked_for() {
        let metres = |text| Reading::Lenient.number(text, Some(LengthUnit::Metre));
        assert_eq!(metres("It is 150 cm."), Some(1.5));
        assert_eq!(metres("object 2 is 1.5 meters away"), Some(1.5));
        assert_eq!(metres("1.5"), Some(1.5));
        assert_eq!(Reading::Lenient.number("1.5 m", Some(LengthUnit::Centimetre)), Some(150.0));
        assert_eq!(Reading::Lenient.number("26 square meters", None), Some(26.0));
    }

    #[test]
    fn the_two_versions_of_cleaning_differ_in_blanks() {
        let text = "<answer>A \n b\nC  d\n\ne.\r\n</answer>";
        assert_eq!(Reading::SpatialMllm.clean(text), "a b c d e");
        assert_eq!(Reading::SpatialMllmV1.clean(text), "a  b c  d e");
        assert_eq!(Reading::SpatialMllm.clean("<answer>open. . "), "<answer>open. ");
        assert_eq!(Reading::SpatialMllmV1.clean("\nA.."), "a");
    }

    #[test]
    fn a_choice_is_the_first_token_or_the_whole_text() {
        let options = ["A. left", "B. right"];
        let score = |reading: Reading, text| reading.score_choice(text, "B", &options);
        for (text, official, spatial, lenient) in [
            ("B", 1.0, 1.0, 1.0),
            ("b.", 1.0, 1.0, 1.0),
            ("B. right", 1.0, 0.0, 1.0),
            ("B.\n", 0.0, 1.0, 1.0),
            ("B\n", 1.0, 1.0, 1.0),
            ("<answer>B</answer>", 0.0, 1.0, 1.0),
            ("The answer is B", 0.0, 0.0, 1.0),
            ("A chair is to the right", 0.0, 0.0, 1.0),
            ("(B)", 0.0, 0.0, 1.0),
            ("left or right", 0.0, 0.0, 0.0),
            ("A", 0.0, 0.0, 0.0),
            ("", 0.0, 0.0, 0.0),
        ] {
            assert_eq!(score(Reading::Official, text), official, "{text:?}");
            assert_eq!(score(Reading::SpatialMllm, text), spatial, "{text:?}");
            assert_eq!(score(Reading::Lenient, text), lenient, "{text:?}");
        }
        let quadrants = ["A. front-left", "B. back-left", "C. back-right", "D. front-right"];
        assert_eq!(Reading::Lenient.score_choice("to the back-left of you", "B", &quadrants), 1.0);
    }

    proptest! {
        #[test]
        fn any_text_is_marked_without_a_panic(text in "(<answer>|</answer>|[ -~\n\r]|一|\u{1c}|1|A|x){0,40}") {
            for reading in ALL {
                let number = reading.score_number(&text, 3.0, Some(LengthUnit::Metre));
                let choice = reading.score_choice(&text, "A", &NONE);
                prop_assert!((0.0..=1.0).contains(&number) && (choice == 0.0 || choice == 1.0));
            }
        }
    }
}
