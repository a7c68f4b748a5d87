//! Routes with blanks: "beginning at the bed facing the tv … 1. Go forward until the tv 2. [please fill in] …".

use super::sentence::{Lexicon, Sentence};
use crate::answer::options::turn_word;
use crate::answer::question::{MAX_NAMED, Phrase, Question, Step};

/// Puts a mark that is a word of its own where a blank was.
const MARK: &str = " \u{25a2} ";

/// A bracket with more than this in it says something, and leaves nothing blank.
const MAX_BLANK_CHARS: usize = 24;

/// What begins a step that goes somewhere.
const GOES: [&str; 10] =
    ["go", "goes", "walk*", "move*", "forward", "until", "proceed*", "head*", "continue*", "advance*"];

/// What begins a sentence behind the steps.
const AFTERWORDS: [&str; 9] =
    ["which", "what", "where", "choose", "select", "pick", "you have", "note", "please choose"];

/// The route, if the text has blanks to fill in.
pub(super) fn read(text: &str, lexicon: &Lexicon<'_>) -> Option<Question> {
    let marked = mark_blanks(&text.to_lowercase());
    if !marked.contains(MARK) {
        return None;
    }
    let (intro, list) = marked.split_at(list_start(&marked)?);
    let intro = Sentence::read(intro, lexicon);
    let turned = ["fac", "look", "toward"];
    let leads = |m: usize| intro.lead(m).iter().any(|word| turned.iter().any(|stem| word.starts_with(stem)));
    let facing = (0..intro.mentions.len()).find(|&m| leads(m))?;
    let start = (0..intro.mentions.len()).find(|&m| m != facing)?;
    let told = split_steps(list);
    let told = told.iter().take_while(|step| !AFTERWORDS.iter().any(|word| step.trim().starts_with(word)));
    let steps: Vec<Step> = told.flat_map(|step| read_steps(step, lexicon)).take(MAX_NAMED).collect();
    let phrase = |m: usize| -> Phrase { intro.mentions[m].phrase.clone() };
    steps.contains(&Step::Blank).then(|| Question::Route { start: phrase(start), facing: phrase(facing), steps })
}

/// The text with [`MARK`] for what asks to be filled in: `[please fill in]`, `(blank)`, `<?>`, `____`.
fn mark_blanks(lower: &str) -> String {
    let mut marked = String::new();
    let mut rest = lower;
    while let Some(at) = rest.find(['[', '(', '<', '_']) {
        let (before, from) = rest.split_at(at);
        marked.push_str(before);
        let blank = if from.starts_with('_') { underscores(from) } else { bracket(from) };
        marked.push_str(if blank.is_some() { MARK } else { &from[..1] });
        rest = &from[blank.unwrap_or(1)..];
    }
    marked + rest
}

/// The length of two or more underscores.
fn underscores(text: &str) -> Option<usize> {
    let length = text.len() - text.trim_start_matches('_').len();
    (length >= 2).then_some(length)
}

/// The length of a bracket that asks to be filled in.
fn bracket(text: &str) -> Option<usize> {
    let end = text.char_indices().take(MAX_BLANK_CHARS).find(|(_, c)| matches!(c, ']' | ')' | '>'))?.0;
    let inner = text[1..end].trim();
    let asks = ["fill", "blank", "?", "__", "missing"].iter().any(|word| inner.contains(word));
    (asks || matches!(inner, "turn" | "" | "...")).then_some(end + 1)
}

/// Where the steps begin: at number 1, or else at the first blank or "go".
fn list_start(marked: &str) -> Option<usize> {
    let first = |sought: &[&str]| sought.iter().filter_map(|words| marked.find(words)).min();
    first(&["1.", "1)", "1:", "step 1"])
        .or_else(|| first(&["go forward", "goes forward", "walk", "go straight", "go to", "goes to", "move", MARK]))
}

/// The steps: parted by numbers if they have some, or else by punctuation and `then`.
fn split_steps(list: &str) -> Vec<String> {
    let numbered = ["2.", "2)", "2:", "step 2"].iter().any(|number| list.contains(number));
    let mut steps = Vec::new();
    let mut step = String::new();
    let mut rest = list;
    while let Some(c) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = numbered && digits > 0 && rest[digits..].starts_with(['.', ')', ':']);
        if number || (!numbered && matches!(c, ',' | ';' | '.' | '\n' | '?')) {
            steps.push(std::mem::take(&mut step));
            rest = if number { &rest[digits + 1..] } else { &rest[1..] };
        } else {
            let taken = digits.max(c.len_utf8());
            step.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
    }
    steps.push(step);
    if !numbered {
        steps = steps.iter().flat_map(|step| step.split(" then ")).map(str::to_owned).collect();
    }
    steps
}

/// What one entry of the list says: a blank or a turn, a way, or both in their order.
fn read_steps(entry: &str, lexicon: &Lexicon<'_>) -> Vec<Step> {
    let sentence = Sentence::read(entry, lexicon);
    let mut steps = Vec::new();
    if let Some(at) = sentence.find(MARK.trim()) {
        steps.push((at, Step::Blank));
    } else if let Some(at) = sentence.find("turn*") {
        let turn = sentence.keys().filter(|(key, _)| *key >= at).find_map(|(_, word)| turn_word(word));
        steps.extend(turn.map(|turn| (at, Step::Turn(turn))));
    }
    let goes = GOES.iter().filter_map(|word| sentence.find(word)).min();
    let goal = sentence.mentions.iter().find(|mention| goes.is_some_and(|goes| mention.from > goes));
    steps.extend(goal.map(|goal| (goal.from, Step::GoTo(goal.phrase.clone()))));
    steps.sort_by_key(|(at, _)| *at);
    steps.into_iter().map(|(_, step)| step).collect()
}
