//! Questions about rendered rooms, as the program writes them and as the marks of benchmarks take them.
#![cfg(feature = "cli")]

#[path = "common/command.rs"]
mod command;

use command::gnomon;
use gnomon::score::{MsmuGroup, MsmuScorer, MsmuTally, Reading, VsiTally, VsiType};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn written(words: &[&str], folder: &Path) -> String {
    let output = gnomon(&[&["make-questions", "--reduce", "4"], words].concat(), folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn the_same_command_writes_the_same_bytes_and_says_how_many() {
    let dir = tempfile::tempdir().expect("a folder");
    let said = written(&["--seeds", "2", "--out", "one"], dir.path());
    written(&["--seeds", "2", "--out", "two"], dir.path());
    written(&["--seed", "1", "--out", "other"], dir.path());
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).expect("written");
    for file in ["questions.jsonl", "boxes.json"] {
        assert_eq!(read(&format!("one/{file}")), read(&format!("two/{file}")));
        assert_ne!(read(&format!("one/{file}")), read(&format!("other/{file}")));
    }
    let lines = read("one/questions.jsonl").lines().count();
    assert!(said.starts_with(&format!("one: {lines} questions about 2 rooms\n")), "{said}");
    let both = gnomon(&["make-questions", "--seed", "1", "--seeds", "2", "--out", "x"], dir.path());
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn what_is_right_is_marked_as_right() {
    let dir = tempfile::tempdir().expect("a folder");
    written(&["--seeds", "3", "--out", "q"], dir.path());
    let (mut vsi, mut msmu) = (VsiTally::default(), MsmuTally::default());
    for line in fs::read_to_string(dir.path().join("q/questions.jsonl")).expect("written").lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let (kind, truth) = (row["question_type"].as_str().expect("a type"), text_of(&row["answer"]));
        if let Some(kind) = VsiType::of_key(kind) {
            let options: Vec<String> = row["options"].as_array().into_iter().flatten().map(text_of).collect();
            for reading in [Reading::Official, Reading::SpatialMllm, Reading::SpatialMllmV1, Reading::Lenient] {
                assert_eq!(kind.mark(reading, &truth, &truth, &options).ok(), Some(1.0), "{reading:?} {line}");
            }
            vsi.add(kind, 1.0);
        } else {
            let group = MsmuGroup::of_raw_type(kind).expect("a group");
            assert!(MsmuScorer::default().succeeds(group, &truth, &truth), "{line}");
            assert!(!MsmuScorer::default().succeeds(group, &truth, "I cannot tell.") || kind == "zero", "{line}");
            msmu.add(group, true);
        }
    }
    assert_eq!(vsi.overall(), Some(1.0));
    assert_eq!((msmu.mean_over_eight(), msmu.mean_over_present()), (1.0, Some(1.0)));
}
