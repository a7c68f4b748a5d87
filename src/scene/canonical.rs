//! The form in which words for things are compared.

/// Words in the form they are compared in: lower case, `_` and `-` as blanks, the article and `(s)` dropped, the last word
/// singular.
pub(crate) fn canonical(words: &str) -> String {
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
pub(crate) fn is_determiner(word: &str) -> bool {
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
}
