//! Whether two texts name the same thing.

/// Lower case, words only, without articles: "The Coffee-Table." and "coffee table" are the same name.
pub(super) fn normalised(name: &str) -> String {
    let lower = super::bounded(name).to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !matches!(*word, "" | "a" | "an" | "the")).collect();
    words.join(" ")
}

/// Whether two texts are the same name but for case, articles, blanks and punctuation. A text without words is no name.
pub fn names_agree(one: &str, other: &str) -> bool {
    let one = normalised(one);
    !one.is_empty() && one == normalised(other)
}

/// Whether the words of `name` stand in `text` one after another.
pub(super) fn is_named_in(name: &str, text: &str) -> bool {
    let name = normalised(name);
    !name.is_empty() && format!(" {} ", normalised(text)).contains(&format!(" {name} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_articles_and_punctuation_do_not_make_another_name() {
        assert!(names_agree("The Coffee-Table.", "coffee  table"));
        assert!(names_agree("a chair", "Chair"));
        assert!(!names_agree("chair", "armchair"));
        assert!(!names_agree("chair", "chairs"));
        assert!(!names_agree("the", "a"));
        assert!(!names_agree("", ""));
    }

    #[test]
    fn a_name_stands_in_a_text_as_whole_words() {
        assert!(is_named_in("desk lamp", "The desk lamp, I think."));
        assert!(!is_named_in("chair", "the armchair"));
        assert!(!is_named_in("", "anything"));
    }
}
