//! Questions and boxes as files.
//!
//! - `questions.jsonl`: a line a question: `scene`, `question_type`, `question`, `options`, `answer`, `id`, `wording`,
//!   and for questions about one picture `view`, its frame.
//! - `boxes.json`: by scene, the boxes and what else answers need ([`SceneBoxes`](super::SceneBoxes)).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::super::layout::Room;
use super::super::sequence::{RoomOptions, RoomSequence};
use super::{RoomQuestion, RoomSurvey, boxes_of, questions_of, scene_name};

/// How many questions of a type there are, each wording counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionCount {
    /// The type.
    pub question_type: &'static str,
    /// Its questions.
    pub questions: usize,
}

/// Asks about the rooms of these seeds and writes the two files into `dir`, made if need be. `options` say how the rooms
/// are walked; noise plays no part. `asked` is called after each room, with its seed and its questions.
///
/// # Errors
/// Whatever the file system refuses.
pub fn write_questions(
    dir: &Path,
    seeds: impl Iterator<Item = u64>,
    options: RoomOptions,
    mut asked: impl FnMut(u64, &[RoomQuestion]),
) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut lines = String::new();
    let mut boxes = serde_json::Map::new();
    let mut next_id = 0;
    for seed in seeds {
        let room = Room::generate(seed);
        let survey = RoomSurvey::of(&mut RoomSequence::new(&room, options));
        let questions = questions_of(&room, &survey, next_id);
        next_id += questions.len() as u64;
        for question in &questions {
            lines += &serde_json::to_string(question).map_err(io::Error::other)?;
            lines.push('\n');
        }
        let known = serde_json::to_value(boxes_of(&room, &survey)).map_err(io::Error::other)?;
        boxes.insert(scene_name(seed), known);
        asked(seed, &questions);
    }
    fs::write(dir.join("questions.jsonl"), lines)?;
    fs::write(dir.join("boxes.json"), format!("{:#}\n", serde_json::Value::Object(boxes)))
}

/// How many questions there are of each type, in the order in which types first come.
pub fn counts_by_type(questions: &[RoomQuestion]) -> Vec<QuestionCount> {
    let mut counts: Vec<QuestionCount> = Vec::new();
    let mut places = BTreeMap::new();
    for question in questions {
        let question_type = question.question_type;
        let place = *places.entry(question_type).or_insert(counts.len());
        if place == counts.len() {
            counts.push(QuestionCount { question_type, questions: 0 });
        }
        counts[place].questions += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::super::RoomCamera;
    use super::*;
    use serde_json::Value;

    fn written() -> (String, Value, usize) {
        let dir = tempfile::tempdir().unwrap();
        let options = RoomOptions { camera: RoomCamera::default().reduced(4), ..RoomOptions::default() };
        let mut all = 0;
        write_questions(dir.path(), 3..5, options, |_, questions| all += questions.len()).unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        (read("questions.jsonl"), serde_json::from_str(&read("boxes.json")).unwrap(), all)
    }

    #[test]
    fn the_same_seeds_write_the_same_bytes_with_keys_as_published() {
        let (lines, boxes, all) = written();
        assert_eq!(written(), (lines.clone(), boxes.clone(), all));
        assert_eq!(lines.lines().count(), all);
        for (id, line) in lines.lines().enumerate() {
            let row: Value = serde_json::from_str(line).unwrap();
            let keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys[..6], ["scene", "question_type", "question", "options", "answer", "id"], "{line}");
            assert_eq!(*keys.last().unwrap(), "wording");
            assert_eq!(row["id"], id);
            let scene = &boxes[row["scene"].as_str().unwrap()];
            assert!(row["view"].is_null() || scene["views"][row["view"].to_string()]["fx"].is_number(), "{line}");
        }
        let scene = &boxes["room_4"];
        assert_eq!(scene["floor_polygon"].as_array().map(Vec::len), Some(4));
        for (label, count) in scene["object_counts"].as_object().unwrap() {
            assert_eq!(scene["object_bbox"][label].as_array().map(Vec::len), count.as_u64().map(|n| n as usize));
        }
    }

    #[test]
    fn counts_are_of_each_type_in_order() {
        let (room, options) = (Room::generate(3), RoomOptions::default());
        let options = RoomOptions { camera: RoomCamera::default().reduced(8), ..options };
        let survey = RoomSurvey::of(&mut RoomSequence::new(&room, options));
        let questions = questions_of(&room, &survey, 0);
        let counts = counts_by_type(&questions);
        assert_eq!(counts[0].question_type, questions[0].question_type);
        assert_eq!(counts.iter().map(|count| count.questions).sum::<usize>(), questions.len());
        assert!(counts.iter().all(|count| count.questions % 3 == 0));
    }
}
