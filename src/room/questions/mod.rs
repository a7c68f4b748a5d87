//! Questions about a rendered room with their answers, in the forms of VSI-Bench (the whole walk) and MSMU-Bench (one
//! picture of it).
//!
//! The answers come from the generator alone, by formulas of this folder: the gap between boxes by alternating
//! projection (`gap.rs`), sight by counting rendered pixels (`survey.rs`), the room's area from the polygon of its
//! floor. Each question is asked in three wordings, one after another, the first as published where the published
//! wording is known; ids count on from question to question, so `id / 3` is what is asked.
//!
//! A question that looks nearly the same with another answer is left out:
//! - things are asked for only where at least [`COUNTED_FRAMES`](super::COUNTED_FRAMES) frames show them well
//!   ([`GOOD_PX`]), and by their category only where the room has one of it; categories with several are counted, are
//!   offered as the closest of several, and appear first with the first of them;
//! - distances: not below 15 cm; a closest thing is 15 cm closer than the next, 30 cm in rooms of more than 40 m²;
//! - directions: horizontal, between centres at least 30 cm apart, 5 degrees off every boundary; left or right alone is
//!   asked only of what is in front;
//! - ways: from centre to centre of things on the floor, as the crow flies, 1 m a leg at least; a turn of 45 to 135
//!   degrees is to the left or right, of more is back, 5 degrees off every boundary, and nobody goes straight on;
//! - appearance is the first frame that shows at least [`GOOD_PX`]; the order of four is asked where their frames are 3
//!   apart and a quarter of the pixels would give the same order (one room in fifty has no such four);
//! - pictures: things shown well, whole and hardly hidden; of the counted categories no instance that shows between 50
//!   and 400 pixels; left and right are 5 % of the picture apart; a taller thing is so by 15 % and 5 cm;
//! - widths, heights and heights to refer to are at least 10 cm; all three sides are asked where none is under 5 cm;
//! - what is said not to be there is unlike anything that is.
//!
//! Width is the shorter horizontal side, length the longer; heights are the things' own. Distances are between closest
//! points. Coordinates are of the box's centre, in shares of the picture from its upper left corner. Questions say
//! "image" for it, as a picture may hang on a wall.

mod boxes;
mod cast;
mod gap;
mod msmu;
mod route;
mod survey;
mod vsi;
mod write;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::layout::Room;
use cast::Cast;

pub use boxes::{SceneBox, SceneBoxes, SceneView, boxes_of};
pub use survey::{GOOD_PX, PictureView, RoomSurvey, SLIGHT_PX};
pub use write::{QuestionCount, counts_by_type, write_questions};

/// How many wordings each question has.
pub const WORDINGS: usize = 3;

/// What is right.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RoomAnswer {
    /// How many.
    Count(u32),
    /// A length or an area in the unit asked for.
    Number(f64),
    /// The letter of an option, or a sentence.
    Text(String),
}

/// One question in one wording; serialised as VSI-Bench's rows are, with two keys more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoomQuestion {
    /// Which room: [`scene_name`].
    pub scene: String,
    /// A type of VSI-Bench (`object_counting`) or a raw type of MSMU-Bench (`width`).
    pub question_type: &'static str,
    /// What is asked.
    pub question: String,
    /// The choices with their letters, for multiple choice.
    pub options: Option<Vec<String>>,
    /// What is right.
    pub answer: RoomAnswer,
    /// Runs on over all questions.
    pub id: u64,
    /// The frame that is asked about; none where it is the whole walk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<usize>,
    /// 0 to 2; 0 is the published wording where one is known.
    pub wording: usize,
}

/// What is asked, before it is numbered.
#[derive(Debug)]
struct Item {
    question_type: &'static str,
    wordings: [String; WORDINGS],
    options: Option<Vec<String>>,
    answer: RoomAnswer,
    view: Option<usize>,
}

/// The name of a room of this seed in questions and boxes.
pub fn scene_name(seed: u64) -> String {
    format!("room_{seed}")
}

/// All questions about a room that was surveyed, their ids from `first_id` on. The same room and survey give the same
/// questions.
pub fn questions_of(room: &Room, survey: &RoomSurvey, first_id: u64) -> Vec<RoomQuestion> {
    let mut rng = Pcg64Mcg::seed_from_u64(room.seed() ^ 0x61_736b);
    let cast = Cast::of(room, survey);
    let mut items = vsi::items(&cast, &mut rng);
    items.extend(msmu::items(&cast, &mut rng));
    let scene = scene_name(room.seed());
    let numbered = (first_id..).step_by(WORDINGS).zip(items);
    numbered.flat_map(|(id, item)| item.into_questions(&scene, id)).collect()
}

impl Item {
    fn into_questions(self, scene: &str, first_id: u64) -> impl Iterator<Item = RoomQuestion> {
        let Self { question_type, wordings, options, answer, view } = self;
        (0..).zip(wordings).map(move |(wording, question)| RoomQuestion {
            scene: scene.to_owned(),
            question_type,
            question,
            options: options.clone(),
            answer: answer.clone(),
            id: first_id + wording as u64,
            view,
            wording,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RoomCamera, RoomOptions, RoomSequence};
    use super::*;
    use std::collections::BTreeSet;

    const VSI: [&str; 10] = [
        "object_counting",
        "object_abs_distance",
        "object_size_estimation",
        "room_size_estimation",
        "object_rel_distance",
        "object_rel_direction_easy",
        "object_rel_direction_medium",
        "object_rel_direction_hard",
        "route_planning",
        "obj_appearance_order",
    ];
    const MSMU: [&str; 13] = [
        "width",
        "height",
        "size",
        "distance",
        "count",
        "position",
        "refer_two_objects",
        "refer_three_objects",
        "left",
        "right",
        "taller_two_object",
        "tall_three_objects",
        "zero",
    ];

    fn asked(seed: u64) -> Vec<RoomQuestion> {
        let room = Room::generate(seed);
        let camera = RoomCamera::default().reduced(4);
        let options = RoomOptions { camera, ..RoomOptions::default() };
        let survey = RoomSurvey::of(&mut RoomSequence::new(&room, options));
        questions_of(&room, &survey, 10)
    }

    #[test]
    fn every_form_and_every_group_is_asked_of_every_room() {
        for seed in 0..4 {
            let questions = asked(seed);
            let kinds: BTreeSet<&str> = questions.iter().map(|q| q.question_type).collect();
            for kind in VSI.iter().chain(&MSMU) {
                assert!(kinds.contains(kind), "room {seed} has no {kind}");
            }
            for (id, question) in (10..).zip(&questions) {
                assert_eq!((question.id, question.wording as u64), (id, (id - 10) % 3));
                assert_eq!(question.view.is_some(), MSMU.contains(&question.question_type));
                assert!(!question.question.contains("  "), "{}", question.question);
                check_options(question);
            }
            for three in questions.chunks(3) {
                assert!(three.iter().all(|q| q.answer == three[0].answer && q.options == three[0].options));
                assert!(three[0].question != three[1].question && three[1].question != three[2].question);
            }
            let texts: BTreeSet<_> = questions.iter().map(|q| (&q.question, q.view, &q.options)).collect();
            assert_eq!(texts.len(), questions.len(), "room {seed} asks something twice");
        }
    }

    fn check_options(question: &RoomQuestion) {
        let Some(options) = &question.options else { return };
        let letters: Vec<&str> = options.iter().map(|option| &option[..3]).collect();
        assert_eq!(letters, ["A. ", "B. ", "C. ", "D. "][..options.len()]);
        let distinct: BTreeSet<&str> = options.iter().map(|option| &option[3..]).collect();
        assert_eq!(distinct.len(), options.len());
        let RoomAnswer::Text(letter) = &question.answer else { panic!("{question:?}") };
        assert!(options.iter().any(|option| option.starts_with(letter)), "{question:?}");
    }

    #[test]
    fn the_same_room_is_asked_the_same() {
        assert_eq!(asked(5), asked(5));
        assert_ne!(asked(5), asked(6));
    }
}
