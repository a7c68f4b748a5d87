//! Statements held against annotated rooms, as many true as false ones.
//!
//! The folder is named by `GNOMON_TEST_DATA` and holds `vsi_meta/`: boxes (`*_meta_info_val.json`) and questions
//! (`*_questions.jsonl`) of VSI-Bench. Each question with its right answer makes a true statement and a false one.

use gnomon::answer::verdict_text;
use gnomon::eval::{options_of, read_questions, statements_of};
use gnomon::sequence::read_box_scenes;
use std::path::Path;

/// Of so many questions one is taken, to save time.
const EVERY: u64 = 2;

/// Verdicts on true statements, then on false ones: agrees, contradicts, untestable.
type Tally = [[u32; 3]; 2];

fn judge_file(folder: &Path, name: &str, tally: &mut std::collections::BTreeMap<String, Tally>) {
    let scenes = read_box_scenes(&folder.join(format!("{name}_meta_info_val.json"))).expect("boxes");
    let text = std::fs::read_to_string(folder.join(format!("{name}_questions.jsonl"))).expect("questions");
    let questions = read_questions(&text).expect("questions");
    for question in questions.iter().filter(|question| question.id.is_multiple_of(EVERY)) {
        let scene = scenes.get(&question.scene).expect("a scene of the boxes");
        let options = options_of(scene, None).expect("options");
        for (row, statement) in statements_of(question).expect("a form of VSI-Bench").iter().enumerate() {
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
