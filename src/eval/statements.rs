//! Statements made of questions whose answers are known: for each a true one and a false one.

use super::vsi::BenchQuestion;

/// What lies between two pieces of a question.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let from = text.find(before)? + before.len();
    Some(&text[from..from + text[from..].find(after)?])
}

fn option<'q>(question: &'q BenchQuestion, letter: &str) -> Option<&'q str> {
    question.options.as_ref()?.iter().find_map(|option| option.strip_prefix(letter)?.strip_prefix(". "))
}

fn distance(a: &str, b: &str, metres: f64, wording: u64) -> String {
    match wording % 4 {
        0 => format!("The distance between the {a} and the {b} is about {metres:.1} metres."),
        1 => format!("I think the {a} is {:.0} cm from the {b}.", metres * 100.0),
        2 => format!("The {a} and the {b} are approximately {:.1} feet apart.", metres / 0.3048),
        _ => format!("The gap between the {a} and the {b} measures {metres:.2} m."),
    }
}

fn longest(thing: &str, cm: f64, wording: u64) -> String {
    match wording % 3 {
        0 => format!("The longest dimension of the {thing} is {cm:.0} centimetres."),
        1 => format!("It seems that the {thing}'s longest side measures roughly {:.1} m.", cm / 100.0),
        _ => format!("Along its longest side the {thing} is {:.0} inches.", cm / 2.54),
    }
}

fn count(thing: &str, n: f64, wording: u64) -> String {
    match wording % 3 {
        0 => format!("There are {n} {thing}s in this room."),
        1 => format!("The number of {thing}s is {n}."),
        _ => format!("The room has {n} {thing}s"),
    }
}

fn direction(at: &str, to: &str, what: &str, side: &str, wording: u64) -> String {
    let place = match side {
        "back" => "behind me".to_owned(),
        "front" => "in front of me".to_owned(),
        side => format!("to my {side}"),
    };
    match wording % 3 {
        0 => format!("Standing by the {at} and facing the {to}, the {what} is {place}."),
        1 => format!("From the {at} facing the {to}, the {what} is {place}."),
        _ => format!("If I am standing by the {at} and facing the {to}, I believe the {what} is {place}."),
    }
}

/// A true statement and a false one of a question of VSI-Bench in its published wording: the false one by a number that is
/// off by half, a wrong count, the mirrored side or another option. None for other questions.
pub fn statements_of(q: &BenchQuestion) -> Option<[String; 2]> {
    let text = q.question.as_str();
    let off = if q.id.is_multiple_of(2) { 1.5 } else { 1.0 / 1.5 };
    Some(match q.question_type.as_str() {
        "object_counting" => {
            let (thing, n) = (between(text, "How many ", "(s)")?, q.answer.as_f64()?);
            let wrong = if q.id.is_multiple_of(2) { n + 1.0 } else { n - 1.0 };
            [count(thing, n, q.id), count(thing, wrong, q.id)]
        }
        "object_abs_distance" => {
            let (a, b) = (between(text, "between the ", " and the ")?, between(text, " and the ", " (in")?);
            let metres = q.answer.as_f64()?;
            [distance(a, b, metres, q.id), distance(a, b, metres * off, q.id)]
        }
        "object_size_estimation" => {
            let (thing, cm) = (between(text, "height) of the ", ",")?, q.answer.as_f64()?);
            [longest(thing, cm, q.id), longest(thing, cm * off, q.id)]
        }
        "object_rel_distance" => {
            let right = option(q, q.answer.as_str()?)?;
            let wrong = q.options.as_ref()?.iter().map(|o| &o[3..]).find(|o| *o != right)?;
            let (among, to) = (between(text, "objects (", ")")?, between(text, "closest to the ", "?")?);
            let told = |which: &str| format!("Of these ({among}), the {which} is the closest to the {to}.");
            [told(right), told(wrong)]
        }
        _ => {
            let (at, to) =
                (between(text, "standing by the ", " and facing")?, between(text, "facing the ", ", is the")?);
            let what = between(text, ", is the ", " to ")?;
            let right = option(q, q.answer.as_str()?)?;
            let wrong = match right {
                "back" => "front".to_owned(),
                side if side.contains("left") => side.replace("left", "right"),
                side => side.replace("right", "left"),
            };
            [direction(at, to, what, right, q.id), direction(at, to, what, &wrong, q.id)]
        }
    })
}
