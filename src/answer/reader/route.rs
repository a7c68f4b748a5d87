//! Routes with blanks: "beginning at the bed facing the tv … 1. Go forward until the tv 2. [please fill in] …".

use super::sentence::{Lexicon, Sentence};
use crate::answer::options::turn_word;
use crate::answer::question::{MAX_NAMED, Phrase, Question, Step};

/// What stands where a turn is asked for.
const BLANKS: [&str; 7] = ["[please fill in]", "[fill in]", "[blank]", "[?]", "[turn]", "(fill in)", "___"];

/// Puts a mark that is a word of its own where a blank was.
const MARK: &str = " \u{25a2} ";

/// The route, if the text has blanks to fill in.
pub(super) fn read(text: &str, lexicon: &Lexicon) -> Option<Question> {
    let lower = text.to_lowercase();
    if !BLANKS.iter().any(|blank| lower.contains(blank)) {
        return None;
    }
    let (intro, list) = lower.split_at(list_start(&lower)?);
    let intro = Sentence::read(intro, lexicon);
    let facing = (0..intro.mentions.len()).find(|&m| {
        intro
            .lead(m)
            .iter()
            .any(|word| word.starts_with("fac") || word.starts_with("look") || word.starts_with("toward"))
    })?;
    let start = (0..intro.mentions.len()).find(|&m| m != facing)?;
    let steps: Vec<Step> =
        split_steps(list).iter().filter_map(|step| read_step(step, lexicon)).take(MAX_NAMED).collect();
    let phrase = |m: usize| -> Phrase { intro.mentions[m].phrase.clone() };
    steps.contains(&Step::Blank).then(|| Question::Route { start: phrase(start), facing: phrase(facing), steps })
}

/// Where the steps begin: at number 1, or else at the first "go".
fn list_start(lower: &str) -> Option<usize> {
    let numbered = ["1.", "1)", "(1)", "step 1"].iter().filter_map(|number| lower.find(number)).min();
    numbered
        .or_else(|| ["go forward", "walk", "go straight", "go to", "move"].iter().filter_map(|go| lower.find(go)).min())
}

/// The steps: parted by numbers if they have some, or else by punctuation and `then`.
fn split_steps(list: &str) -> Vec<String> {
    let marked = BLANKS.iter().fold(list.to_owned(), |text, blank| text.replace(blank, MARK)).replace('_', " ");
    let numbered = marked.contains("2.") || marked.contains("2)") || marked.contains("step 2");
    let mut steps = Vec::new();
    let mut step = String::new();
    let mut rest = marked.as_str();
    while let Some(c) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = numbered && digits > 0 && rest[digits..].starts_with(['.', ')', ':']);
        if number || (!numbered && matches!(c, ',' | ';' | '.' | '\n')) {
            steps.push(std::mem::take(&mut step));
            rest = if number { &rest[digits + 1..] } else { &rest[1..] };
        } else {
            step.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    steps.push(step);
    if !numbered {
        steps = steps.iter().flat_map(|step| step.split(" then ")).map(str::to_owned).collect();
    }
    steps
}

fn read_step(step: &str, lexicon: &Lexicon) -> Option<Step> {
    if step.contains(MARK.trim()) {
        return Some(Step::Blank);
    }
    let sentence = Sentence::read(step, lexicon);
    if sentence.has("turn*") {
        return sentence.words.iter().find_map(|word| turn_word(word)).map(Step::Turn);
    }
    let goes =
        sentence.has_any(&["go", "walk*", "move*", "forward", "until", "proceed*", "head*", "continue*", "advance*"]);
    sentence.mentions.first().filter(|_| goes).map(|mention| Step::GoTo(mention.phrase.clone()))
}
