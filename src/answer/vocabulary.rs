//! Which words mean the same category.
//!
//! Words are compared in their canonical form ([`canonical`]). Three levels, and a looser one is asked only where nothing of the scene fits a stricter one: the same
//! words; words of one group of [`Vocabulary`] (`couch` for `sofa`); a label that says more than what was asked (`dining
//! table` for `table`). Never the reverse: whoever asks for a `coffee table` is not told of a table.

use crate::scene::canonical;

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

    /// The words of the groups that these, canonical, are of.
    pub(super) fn others_of<'v>(&'v self, words: &'v str) -> impl Iterator<Item = &'v str> {
        self.groups.iter().filter(move |group| group.iter().any(|word| word == words)).flatten().map(String::as_str)
    }

    /// Every word the groups know, canonical.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flatten().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
