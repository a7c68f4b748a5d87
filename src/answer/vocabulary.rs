//! Which words mean the same category.
//!
//! Words are compared in a canonical form: lower case, `_` and `-` as blanks, the article and `(s)` dropped, the last
//! word singular. Three levels, and a looser one is asked only where nothing of the scene fits a stricter one: the same
//! words; words of one group of [`Vocabulary`] (`couch` for `sofa`); a label that says more than what was asked (`dining
//! table` for `table`). Never the reverse: whoever asks for a `coffee table` is not told of a table.

/// Groups of words that mean the same in a home or an office.
const COMMON: &[&[&str]] = &[
    &["tv", "television", "tv set", "television set", "tv screen"],
    &["sofa", "couch", "settee"],
    &["refrigerator", "fridge"],
    &[
        "trash bin",
        "trash can",
        "garbage bin",
        "garbage can",
        "waste bin",
        "wastebasket",
        "dustbin",
        "rubbish bin",
        "bin",
    ],
    &["telephone", "phone"],
    &["cell phone", "mobile phone", "smartphone"],
    &["washer", "washing machine"],
    &["bookshelf", "bookcase"],
    &["shelf", "shelving", "shelving unit"],
    &["nightstand", "night stand", "bedside table"],
    &["monitor", "computer monitor", "computer screen"],
    &["plant", "potted plant", "houseplant"],
    &["closet", "wardrobe"],
    &["computer mouse", "mouse"],
    &["stove", "cooker"],
    &["bathtub", "bath tub", "tub"],
    &["laptop", "notebook computer"],
    &["mug", "cup"],
    &["painting", "framed picture"],
    &["rug", "carpet"],
    &["drawer unit", "chest of drawers", "dresser"],
];

/// How well a label fits what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The label says more than what was asked.
    More,
    /// Another word of the same group.
    Group,
    /// The same words.
    Same,
}

/// Groups of words that mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    groups: Vec<Vec<String>>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let mut vocabulary = Self::empty();
        for group in COMMON {
            vocabulary.add(group);
        }
        vocabulary
    }
}

impl Vocabulary {
    /// No groups: words mean themselves alone.
    pub fn empty() -> Self {
        Self { groups: Vec::new() }
    }

    /// Adds words that mean the same.
    pub fn add(&mut self, same: &[&str]) {
        self.groups.push(same.iter().map(|words| canonical(words)).collect());
    }

    /// True when both mean the same category.
    pub fn same(&self, a: &str, b: &str) -> bool {
        self.fit(&canonical(a), &canonical(b)).is_some_and(|fit| fit >= Fit::Group)
    }

    /// How well a label fits what was asked, both canonical.
    pub(super) fn fit(&self, asked: &str, label: &str) -> Option<Fit> {
        if asked == label {
            return Some(Fit::Same);
        }
        let has = |group: &&Vec<String>, words: &str| group.iter().any(|w| w == words);
        if self.groups.iter().any(|group| has(&group, asked) && has(&group, label)) {
            return Some(Fit::Group);
        }
        label.strip_suffix(asked).is_some_and(|rest| rest.ends_with(' ') && !asked.is_empty()).then_some(Fit::More)
    }

    /// Every word the groups know, canonical.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flatten().map(String::as_str)
    }
}

/// Words in the form they are compared in.
pub(super) fn canonical(words: &str) -> String {
    // Most labels are one plain word, and every label of a scene is asked about.
    if !words.is_empty() && words.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return singular(words);
    }
    let lower = words.to_lowercase().replace(['_', '-'], " ").replace("(es)", "").replace("(s)", "");
    let mut parts: Vec<&str> = lower.split_whitespace().collect();
    while parts.len() > 1 && is_determiner(parts[0]) {
        parts.remove(0);
    }
    let Some(last) = parts.pop() else { return String::new() };
    let last = singular(last.trim_matches(|c: char| !c.is_alphanumeric()));
    parts.push(&last);
    parts.join(" ")
}

/// Words before a noun that say nothing about which kind of thing it is.
pub(super) fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "this"
            | "that"
            | "these"
            | "those"
            | "any"
            | "some"
            | "each"
            | "every"
            | "my"
            | "your"
            | "its"
    )
}

/// One of what the word says many of. Comparing needs only that both numbers of one word end alike.
fn singular(word: &str) -> String {
    let irregular = match word {
        "people" => Some("person"),
        "men" => Some("man"),
        "women" => Some("woman"),
        "mice" => Some("mouse"),
        "children" => Some("child"),
        "feet" => Some("foot"),
        _ => None,
    };
    if let Some(one) = irregular {
        return one.into();
    }
    let keep =
        |end: &str, put: &str| word.strip_suffix(end).filter(|stem| stem.len() >= 2).map(|stem| format!("{stem}{put}"));
    if let Some(one) =
        keep("ies", "y").or_else(|| keep("ves", "f")).or_else(|| keep("ve", "f")).or_else(|| keep("fe", "f"))
    {
        return one;
    }
    for end in ["sses", "shes", "ches", "xes", "zes"] {
        if let Some(stem) = word.strip_suffix(end) {
            return format!("{stem}{}", &end[..end.len() - 2]);
        }
    }
    match word {
        _ if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") || word.len() < 3 => word.into(),
        _ => word.strip_suffix('s').unwrap_or(word).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numbers_of_a_word_are_compared_alike() {
        for (one, many) in [
            ("chair", "chairs"),
            ("shelf", "shelves"),
            ("bookshelf", "Bookshelves"),
            ("box", "boxes"),
            ("bench", "benches"),
            ("dish", "dishes"),
            ("glass", "glasses"),
            ("knife", "knives"),
            ("trash bin", "trash bin(s)"),
            ("person", "people"),
            ("couch", "couches"),
            ("battery", "batteries"),
            ("vase", "vases"),
            ("tv", "tvs"),
            ("mouse", "mice"),
            ("glove", "gloves"),
            ("bus", "bus"),
            ("dining_table", "the dining tables"),
            ("toothbrush", "toothbrushes"),
            ("stove", "stoves"),
        ] {
            assert_eq!(canonical(one), canonical(many));
        }
    }

    #[test]
    fn a_word_of_the_same_group_fits_less_than_the_word_itself() {
        let words = Vocabulary::default();
        assert_eq!(words.fit("sofa", "sofa"), Some(Fit::Same));
        assert_eq!(words.fit("couch", "sofa"), Some(Fit::Group));
        assert_eq!(words.fit("table", "dining table"), Some(Fit::More));
        assert_eq!(words.fit("coffee table", "table"), None);
        assert_eq!(words.fit("able", "table"), None);
        assert!(words.same("TVs", "television"));
    }
}
