//! Statements held against annotated rooms, as many true as false ones.
//!
//! The folder is named by `GNOMON_TEST_DATA` and holds `vsi_meta/`: boxes (`*_meta_info_val.json`) and questions
//! (`*_questions.jsonl`) of VSI-Bench. Each question with its right answer makes a true statement, and a false one by a
//! number that is off by half, a wrong count, the mirrored side or another option.

use gnomon::answer::verdict_text;
use gnomon::eval::{BenchQuestion, options_of, read_questions};
use gnomon::sequence::read_box_scenes;
use std::path::Path;

/// Of so many questions one is taken, to save time.
const EVERY: u64 = 2;

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

/// A true statement and a false one.
fn statements(q: &BenchQuestion) -> Option<[String; 2]> {
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

/// Verdicts on true statements, then on false ones: agrees, contradicts, untestable.
type Tally = [[u32; 3]; 2];

fn judge_file(folder: &Path, name: &str, tally: &mut std::collections::BTreeMap<String, Tally>) {
    let scenes = read_box_scenes(&folder.join(format!("{name}_meta_info_val.json"))).expect("boxes");
    let text = std::fs::read_to_string(folder.join(format!("{name}_questions.jsonl"))).expect("questions");
    let questions = read_questions(&text).expect("questions");
    for question in questions.iter().filter(|question| question.id.is_multiple_of(EVERY)) {
        let scene = scenes.get(&question.scene).expect("a scene of the boxes");
        let options = options_of(scene, None).expect("options");
        for (row, statement) in statements(question).expect("a form of VSI-Bench").iter().enumerate() {
            let judgements = verdict_text(&scene.snapshot, statement, &options).expect("a judgement");
            let verdict = judgements[0].verdict;
            assert_eq!(judgements.len(), 1, "{statement}");
            tally.entry(question.question_type.clone()).or_default()[row][verdict as usize] += 1;
        }
    }
}

#[test]
fn true_statements_agree_with_annotated_rooms_and_false_ones_contradict_them() {
    let Some(data) = std::env::var_os("GNOMON_TEST_DATA") else {
        println!("not run: GNOMON_TEST_DATA unset");
        return;
    };
    let mut tally = std::collections::BTreeMap::new();
    for name in ["scannet", "arkitscenes"] {
        judge_file(&Path::new(&data).join("vsi_meta"), name, &mut tally);
    }
    let mut all: Tally = Default::default();
    for (kind, rows) in &tally {
        println!("{kind}: true {:?}, false {:?} (agrees, contradicts, untestable)", rows[0], rows[1]);
        for (sum, n) in all.iter_mut().flatten().zip(rows.iter().flatten()) {
            *sum += n;
        }
    }
    let [[true_agrees, wrong_contradicts, _], [wrong_agrees, false_contradicts, _]] = all;
    let count = f64::from(all.iter().flatten().sum::<u32>());
    let verdicts = f64::from(true_agrees + wrong_contradicts + wrong_agrees + false_contradicts);
    let right = f64::from(true_agrees + false_contradicts);
    println!("{count} statements: right {:.4} of all, {:.4} of verdicts", right / count, right / verdicts);
    assert!(right / count >= 0.95, "{right} of {count} are right");
    assert!(f64::from(wrong_contradicts) / f64::from(all[0].iter().sum::<u32>()) <= 0.01, "{all:?}");
    println!("real data: ran vsi_meta");
}
