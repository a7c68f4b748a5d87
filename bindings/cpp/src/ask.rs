//! How a scene is asked.

use crate::bridge::{self, AskOptions, Intrinsics};
use crate::convert::{pose_of, rows_of};
use gnomon::answer::{self, View};
use gnomon::frame::{MAX_COORDINATE_M, Pose};
use gnomon::{Error, Result};

/// The most words of one group.
const MAX_WORDS: usize = 256;

/// The most groups of a vocabulary.
const MAX_GROUPS: usize = 4096;

/// The defaults of a question.
pub fn default_ask_options() -> AskOptions {
    let ours = answer::AskOptions::default();
    let answer::Judging { tolerance, loose_tolerance, slack_m, agree_from, contradict_below } = ours.judging;
    AskOptions {
        has_view: false,
        view_world_from_camera: rows_of(&Pose::identity()),
        view_intrinsics: Intrinsics::NONE,
        complete: ours.complete,
        room_area_m2: 0.0,
        least_probability: ours.least_probability,
        tolerance: ours.tolerance,
        relations: (&ours.relations).into(),
        overlooked: ours.overlooked,
        first_seen_sigma_ns: ours.first_seen_sigma_ns,
        label_error: ours.label_error,
        floor_edge_sigma_m: ours.floor_edge_sigma_m,
        vocabulary: bridge::Vocabulary { common: true, synonyms: Vec::new() },
        judging: bridge::Judging { tolerance, loose_tolerance, slack_m, agree_from, contradict_below },
    }
}

impl AskOptions {
    /// The crate's own. Errors: numbers out of range, groups of words that are none.
    pub fn read(&self) -> Result<answer::AskOptions> {
        if self.room_area_m2 > MAX_COORDINATE_M * MAX_COORDINATE_M {
            let sentence = format!("room_area_m2 is {}, expected at most 1e12", self.room_area_m2);
            return Err(Error::argument(sentence));
        }
        let bridge::Judging { tolerance, loose_tolerance, slack_m, agree_from, contradict_below } = self.judging;
        let ours = answer::AskOptions {
            view: if self.has_view { Some(self.view()?) } else { None },
            complete: self.complete,
            room_area_m2: (self.room_area_m2 != 0.0).then_some(self.room_area_m2),
            least_probability: self.least_probability,
            tolerance: self.tolerance,
            relations: self.relations.read()?,
            overlooked: self.overlooked,
            first_seen_sigma_ns: self.first_seen_sigma_ns,
            label_error: self.label_error,
            floor_edge_sigma_m: self.floor_edge_sigma_m,
            vocabulary: self.vocabulary.read()?,
            judging: answer::Judging { tolerance, loose_tolerance, slack_m, agree_from, contradict_below },
        };
        ours.check()?;
        Ok(ours)
    }

    fn view(&self) -> Result<View> {
        let intrinsics = match self.view_intrinsics.width {
            0 => None,
            _ => Some(self.view_intrinsics.read("view_intrinsics")?),
        };
        let world_from_camera = pose_of(&self.view_world_from_camera, "view_world_from_camera")?;
        Ok(View { world_from_camera, intrinsics })
    }
}

impl bridge::Vocabulary {
    fn read(&self) -> Result<answer::Vocabulary> {
        let groups = self.synonyms.len();
        if groups > MAX_GROUPS {
            return Err(Error::argument(format!("{groups} groups of synonyms, expected at most {MAX_GROUPS}")));
        }
        let mut ours = if self.common { answer::Vocabulary::default() } else { answer::Vocabulary::empty() };
        for bridge::Synonyms { words } in &self.synonyms {
            if !(2..=MAX_WORDS).contains(&words.len()) || words.iter().any(|word| word.trim().is_empty()) {
                let sentence = format!("synonyms are {words:?}, expected 2 to {MAX_WORDS} words that are not empty");
                return Err(Error::argument(sentence));
            }
            ours.add(&words.iter().map(String::as_str).collect::<Vec<_>>());
        }
        Ok(ours)
    }
}
