//! VSI-Bench: ten types of question, eight tasks, one overall score.
//!
//! Overall is the mean of the tasks that were asked. The task of relative direction is the mean of its three levels, and
//! has no score unless all three were asked: the official script fails then, and so does [`VsiTally::overall`].

use super::quantity::LengthUnit;
use super::reading::Reading;
use crate::error::{Error, Result};

/// A type of question, as the field `question_type` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VsiType {
    /// How many of a category.
    ObjectCounting,
    /// Metres between the closest points of two things.
    ObjectAbsDistance,
    /// Longest side of a thing, centimetres.
    ObjectSizeEstimation,
    /// Area of the room, square metres.
    RoomSizeEstimation,
    /// Which of four is closest.
    ObjectRelDistance,
    /// Left or right.
    ObjectRelDirectionEasy,
    /// Left, right or back.
    ObjectRelDirectionMedium,
    /// One of four quadrants.
    ObjectRelDirectionHard,
    /// Turns on a way.
    RoutePlanning,
    /// What comes into sight first.
    ObjAppearanceOrder,
}

/// What is scored: the types, with the levels of relative direction as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the type of the same name, or the three levels of one")]
pub enum VsiTask {
    ObjectCounting,
    ObjectAbsDistance,
    ObjectSizeEstimation,
    RoomSizeEstimation,
    ObjectRelDistance,
    ObjectRelDirection,
    RoutePlanning,
    ObjAppearanceOrder,
}

/// A mean mark and how many answers it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VsiScore {
    /// Answers marked.
    pub n: u64,
    /// 0 to 1; none without answers, and for relative direction without one of its levels.
    pub score: Option<f64>,
}

/// The marks of many answers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VsiTally {
    marks: [Marks; VsiType::ALL.len()],
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Marks {
    n: u64,
    sum: f64,
}

impl VsiType {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ObjectCounting,
        Self::ObjectAbsDistance,
        Self::ObjectSizeEstimation,
        Self::RoomSizeEstimation,
        Self::ObjectRelDistance,
        Self::ObjectRelDirectionEasy,
        Self::ObjectRelDirectionMedium,
        Self::ObjectRelDirectionHard,
        Self::RoutePlanning,
        Self::ObjAppearanceOrder,
    ];

    /// As `question_type` has it: `object_rel_direction_easy`.
    pub fn key(self) -> &'static str {
        match self {
            Self::ObjectRelDirectionEasy => "object_rel_direction_easy",
            Self::ObjectRelDirectionMedium => "object_rel_direction_medium",
            Self::ObjectRelDirectionHard => "object_rel_direction_hard",
            _ => self.task().key(),
        }
    }

    /// The type of a key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The task it counts for.
    pub fn task(self) -> VsiTask {
        match self {
            Self::ObjectCounting => VsiTask::ObjectCounting,
            Self::ObjectAbsDistance => VsiTask::ObjectAbsDistance,
            Self::ObjectSizeEstimation => VsiTask::ObjectSizeEstimation,
            Self::RoomSizeEstimation => VsiTask::RoomSizeEstimation,
            Self::ObjectRelDistance => VsiTask::ObjectRelDistance,
            Self::ObjectRelDirectionEasy | Self::ObjectRelDirectionMedium | Self::ObjectRelDirectionHard => {
                VsiTask::ObjectRelDirection
            }
            Self::RoutePlanning => VsiTask::RoutePlanning,
            Self::ObjAppearanceOrder => VsiTask::ObjAppearanceOrder,
        }
    }

    /// Whether its answer is a number; else it is the letter of an option.
    pub fn is_numeric(self) -> bool {
        self <= Self::RoomSizeEstimation
    }

    /// The unit of length its number is in.
    pub fn unit(self) -> Option<LengthUnit> {
        match self {
            Self::ObjectAbsDistance => Some(LengthUnit::Metre),
            Self::ObjectSizeEstimation => Some(LengthUnit::Centimetre),
            _ => None,
        }
    }

    /// The mark of a model's text, 0 to 1. `truth` is the right number or the right letter, `options` the choices.
    ///
    /// # Errors
    /// A truth that is no number where a number is asked for.
    pub fn mark(self, reading: Reading, text: &str, truth: &str, options: &[impl AsRef<str>]) -> Result<f64> {
        if !self.is_numeric() {
            return Ok(reading.score_choice(text, truth, options));
        }
        let number = super::python::float(truth).filter(|number| number.is_finite());
        let number = number
            .ok_or_else(|| Error::argument(format!("the truth of {} is {truth:?}, expected a number", self.key())))?;
        Ok(reading.score_number(text, number, self.unit()))
    }
}

impl VsiTask {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ObjectCounting,
        Self::ObjectAbsDistance,
        Self::ObjectSizeEstimation,
        Self::RoomSizeEstimation,
        Self::ObjectRelDistance,
        Self::ObjectRelDirection,
        Self::RoutePlanning,
        Self::ObjAppearanceOrder,
    ];

    /// As results name it: `object_rel_direction`.
    pub fn key(self) -> &'static str {
        match self {
            Self::ObjectCounting => "object_counting",
            Self::ObjectAbsDistance => "object_abs_distance",
            Self::ObjectSizeEstimation => "object_size_estimation",
            Self::RoomSizeEstimation => "room_size_estimation",
            Self::ObjectRelDistance => "object_rel_distance",
            Self::ObjectRelDirection => "object_rel_direction",
            Self::RoutePlanning => "route_planning",
            Self::ObjAppearanceOrder => "obj_appearance_order",
        }
    }

    /// The types that count for it.
    pub fn types(self) -> impl Iterator<Item = VsiType> {
        VsiType::ALL.into_iter().filter(move |kind| kind.task() == self)
    }
}

impl VsiTally {
    /// Counts one more mark, 0 to 1. What is no mark counts as 0.
    pub fn add(&mut self, kind: VsiType, mark: f64) {
        let marks = &mut self.marks[kind as usize];
        marks.n += 1;
        marks.sum += if (0.0..=1.0).contains(&mark) { mark } else { 0.0 };
    }

    /// Mean of one type.
    pub fn of_type(&self, kind: VsiType) -> VsiScore {
        self.micro(|k| k == kind)
    }

    /// Score of one task: the mean of its marks, for relative direction the mean of its three levels.
    pub fn of_task(&self, task: VsiTask) -> VsiScore {
        let levels: Vec<VsiScore> = task.types().map(|kind| self.of_type(kind)).collect();
        let sum: Option<f64> = levels.iter().map(|level| level.score).sum();
        VsiScore { n: levels.iter().map(|level| level.n).sum(), score: sum.map(|sum| sum / levels.len() as f64) }
    }

    /// Mean of the scores of the tasks that were asked, 0 to 1. None where nothing was asked, or some levels of relative
    /// direction without the others.
    pub fn overall(&self) -> Option<f64> {
        let asked: Vec<VsiScore> = VsiTask::ALL.map(|t| self.of_task(t)).into_iter().filter(|s| s.n > 0).collect();
        let sum: f64 = asked.iter().map(|task| task.score).sum::<Option<f64>>()?;
        (!asked.is_empty()).then(|| sum / asked.len() as f64)
    }

    /// Mean over all answers of multiple-choice types, whatever their type: what Spatial-MLLM 1.0 reports.
    pub fn micro_choice(&self) -> VsiScore {
        self.micro(|kind| !kind.is_numeric())
    }

    /// Mean over all answers of numeric types.
    pub fn micro_numeric(&self) -> VsiScore {
        self.micro(VsiType::is_numeric)
    }

    /// Mean over all answers.
    pub fn micro_all(&self) -> VsiScore {
        self.micro(|_| true)
    }

    fn micro(&self, counts: impl Fn(VsiType) -> bool) -> VsiScore {
        let marks = VsiType::ALL.into_iter().filter(|kind| counts(*kind)).map(|kind| self.marks[kind as usize]);
        let (n, sum) = marks.fold((0, 0.0), |(n, sum), marks| (n + marks.n, sum + marks.sum));
        VsiScore { n, score: (n > 0).then(|| sum / n as f64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_type_are_one() {
        for kind in VsiType::ALL {
            assert_eq!(VsiType::of_key(kind.key()), Some(kind));
        }
        assert_eq!(VsiType::of_key("object_rel_direction"), None);
        assert_eq!(VsiType::ALL.into_iter().filter(|kind| kind.is_numeric()).count(), 4);
        assert_eq!(VsiTask::ALL.into_iter().flat_map(VsiTask::types).count(), 10);
    }

    #[test]
    fn a_mark_is_by_number_or_by_letter() {
        let mark = |kind: VsiType, text, truth| kind.mark(Reading::Official, text, truth, &["A. left", "B. right"]);
        assert_eq!(mark(VsiType::ObjectCounting, "3", "4").ok(), Some(0.6));
        assert_eq!(mark(VsiType::ObjectRelDirectionEasy, "b", "B").ok(), Some(1.0));
        assert!(mark(VsiType::ObjectCounting, "3", "four").is_err());
        assert!(mark(VsiType::ObjectCounting, "3", "nan").is_err());
    }

    #[test]
    fn the_levels_of_direction_weigh_as_one_task_and_are_all_needed() {
        let mut tally = VsiTally::default();
        assert_eq!(tally.overall(), None);
        tally.add(VsiType::ObjectCounting, 0.5);
        tally.add(VsiType::ObjectCounting, 0.7);
        assert!((tally.overall().unwrap() - 0.6).abs() < 1e-12);
        tally.add(VsiType::ObjectRelDirectionEasy, 1.0);
        tally.add(VsiType::ObjectRelDirectionHard, 0.0);
        assert_eq!(tally.of_task(VsiTask::ObjectRelDirection), VsiScore { n: 2, score: None });
        assert_eq!(tally.overall(), None);
        for _ in 0..8 {
            tally.add(VsiType::ObjectRelDirectionMedium, 0.5);
        }
        assert_eq!(tally.of_task(VsiTask::ObjectRelDirection), VsiScore { n: 10, score: Some(0.5) });
        assert!((tally.overall().unwrap() - 0.55).abs() < 1e-12);
        assert!((tally.micro_all().score.unwrap() - 6.2 / 12.0).abs() < 1e-12);
        assert_eq!(tally.micro_choice(), VsiScore { n: 10, score: Some(0.5) });
        assert_eq!(tally.micro_numeric().n, 2);
        assert_eq!(tally.of_type(VsiType::RoutePlanning), VsiScore { n: 0, score: None });
    }

    #[test]
    fn what_is_no_mark_counts_as_nothing_right() {
        let mut tally = VsiTally::default();
        for mark in [f64::NAN, 7.0, -1.0, 1.0] {
            tally.add(VsiType::RoutePlanning, mark);
        }
        assert_eq!(tally.of_task(VsiTask::RoutePlanning), VsiScore { n: 4, score: Some(0.25) });
    }
}
