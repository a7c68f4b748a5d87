//! MSMU-Bench: eight groups of questions about one picture, each with a success rate.
//!
//! The release has numbers and marks taken from texts by a language model. Here a fixed reading stands in for it
//! (`quantity.rs` for lengths, [`MsmuScorer::qualitative_mark`] for the rest), so that the same texts score the same.
//! Other departures, each where the release passes or counts what it should not:
//! - a ratio needs both numbers positive and finite: the release passes negative predictions;
//! - names agree where they are the same name, or where a similarity that the caller gives is at least 0.5: the release
//!   has the cosine of sentence embeddings;
//! - the mean over the groups that were asked stands beside the mean over all eight, which is the release's.

use super::bounded;
use super::name::{is_named_in, names_agree, normalised};
use super::quantity::{lengths_m, number_word, quantities};

/// A prediction succeeds where its ratio to the truth, or the truth's to it, is below this.
pub const DELTA_BOUND: f64 = 1.25;
/// Coordinates succeed where they are off by at most this on average, in shares of the picture.
pub const COORDINATE_TOLERANCE: f64 = 0.1;
/// Names succeed from this similarity on.
pub const SIMILARITY_BOUND: f64 = 0.5;
/// Qualitative answers succeed above this mark.
pub const QUALITATIVE_BOUND: f64 = 0.5;

/// How alike two names are, up to 1: a caller's own measure.
pub type Similarity<'a> = &'a dyn Fn(&str, &str) -> f64;

/// What is scored together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MsmuGroup {
    /// Width, height or all three sides of a thing.
    ScaleEstimation,
    /// Metres between two things.
    AbsoluteDistance,
    /// How many of a thing.
    Count,
    /// Where in the picture a thing is, or what is there.
    Grounding,
    /// A thing's height from that of one or two others.
    ReferObjEstimation,
    /// Left or right.
    RelativePosition,
    /// Which is taller.
    ScaleCompare,
    /// Things that are not there.
    Existence,
}

/// Marks answers to MSMU-Bench.
#[derive(Clone, Copy, Default)]
pub struct MsmuScorer<'a> {
    /// Asked where names differ; see [`SIMILARITY_BOUND`].
    pub similarity: Option<Similarity<'a>>,
}

/// Successes by group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MsmuTally {
    asked: [u64; MsmuGroup::ALL.len()],
    succeeded: [u64; MsmuGroup::ALL.len()],
}

impl MsmuGroup {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ScaleEstimation,
        Self::AbsoluteDistance,
        Self::Count,
        Self::Grounding,
        Self::ReferObjEstimation,
        Self::RelativePosition,
        Self::ScaleCompare,
        Self::Existence,
    ];

    /// As results name it: `scale_estimation`.
    pub fn key(self) -> &'static str {
        match self {
            Self::ScaleEstimation => "scale_estimation",
            Self::AbsoluteDistance => "absolute_distance",
            Self::Count => "count",
            Self::Grounding => "grounding",
            Self::ReferObjEstimation => "refer_obj_estimation",
            Self::RelativePosition => "relative_position",
            Self::ScaleCompare => "scale_compare",
            Self::Existence => "existence",
        }
    }

    /// The group of a type as the benchmark's rows have it.
    pub fn of_raw_type(raw: &str) -> Option<Self> {
        Some(match raw {
            "width" | "height" | "size" => Self::ScaleEstimation,
            "distance" => Self::AbsoluteDistance,
            "count" => Self::Count,
            "position" => Self::Grounding,
            "refer_two_objects" | "refer_three_objects" => Self::ReferObjEstimation,
            "left" | "right" => Self::RelativePosition,
            "taller_two_object" | "tall_three_objects" => Self::ScaleCompare,
            "zero" => Self::Existence,
            _ => return None,
        })
    }
}

/// The larger of `predicted / truth` and `truth / predicted`; none unless both are positive and finite.
pub fn delta(predicted: f64, truth: f64) -> Option<f64> {
    let usable = |x: f64| x > 0.0 && x.is_finite();
    (usable(predicted) && usable(truth)).then(|| (predicted / truth).max(truth / predicted))
}

/// Whether one number is right: its [`delta`] is below [`DELTA_BOUND`].
pub fn scalar_succeeds(predicted: f64, truth: f64) -> bool {
    list_succeeds(&[predicted], &[truth])
}

/// Whether a list is right: the mean of the [`delta`]s over the truth's length is below [`DELTA_BOUND`]. Too few
/// predictions fail, more than asked for are not looked at, and an empty truth has no right answer.
pub fn list_succeeds(predicted: &[f64], truth: &[f64]) -> bool {
    ratios_succeed(predicted, truth, DELTA_BOUND)
}

/// As [`list_succeeds`] with another bound: the release also logs 1.25² and 1.25³.
pub fn ratios_succeed(predicted: &[f64], truth: &[f64], bound: f64) -> bool {
    if truth.is_empty() || predicted.len() < truth.len() {
        return false;
    }
    let deltas: Option<f64> = predicted.iter().zip(truth).map(|(p, g)| delta(*p, *g)).sum();
    deltas.is_some_and(|sum| sum / (truth.len() as f64) < bound)
}

/// `|p - g| / (g + 1e-4)`, which the release logs beside its ratios.
pub fn absolute_relative_error(predicted: f64, truth: f64) -> f64 {
    (predicted - truth).abs() / (truth + 1e-4)
}

/// Whether a place in the picture is right: the mean of the absolute differences over the truth's coordinates is at
/// most [`COORDINATE_TOLERANCE`]. Too few coordinates fail.
pub fn coordinates_succeed(predicted: &[f64], truth: &[f64]) -> bool {
    if truth.is_empty() || predicted.len() < truth.len() {
        return false;
    }
    let sum: f64 = predicted.iter().zip(truth).map(|(p, g)| (p - g).abs()).sum();
    sum / truth.len() as f64 <= COORDINATE_TOLERANCE
}

/// Whether a mark in [0, 1] is a success.
pub fn qualitative_succeeds(mark: f64) -> bool {
    mark > QUALITATIVE_BOUND
}

impl MsmuScorer<'_> {
    /// Whether `response` succeeds where `truth` is the benchmark's answer, both as texts.
    pub fn succeeds(&self, group: MsmuGroup, truth: &str, response: &str) -> bool {
        let (truth, response) = (bounded(truth), bounded(response));
        match group {
            MsmuGroup::ScaleEstimation | MsmuGroup::AbsoluteDistance | MsmuGroup::ReferObjEstimation => {
                list_succeeds(&lengths_m(response), &lengths_m(truth))
            }
            MsmuGroup::Count => list_succeeds(&counts(response), &counts(truth)),
            MsmuGroup::Grounding => match coordinates(truth) {
                Some(truth) => coordinates(response).is_some_and(|found| coordinates_succeed(&found, &truth)),
                None => self.names_succeed(response, truth),
            },
            MsmuGroup::RelativePosition | MsmuGroup::ScaleCompare | MsmuGroup::Existence => {
                qualitative_succeeds(self.qualitative_mark(group, truth, response))
            }
        }
    }

    /// Whether two texts name one thing: the same name, or at least [`SIMILARITY_BOUND`] alike.
    pub fn names_succeed(&self, predicted: &str, truth: &str) -> bool {
        let alike = || self.similarity.is_some_and(|similarity| similarity(predicted, truth) >= SIMILARITY_BOUND);
        names_agree(predicted, truth) || alike()
    }

    /// The mark of an answer without numbers, 1 or 0. Relative position: both say yes, or both say no, or both say the
    /// same side. Comparison: both name the same thing ("the table is taller", "the tallest is the table", "table").
    /// Existence: both deny, or both do not. For other groups, and without an answer, 0.
    pub fn qualitative_mark(&self, group: MsmuGroup, truth: &str, response: &str) -> f64 {
        let (truth, response) = (bounded(truth), bounded(response));
        let right = !normalised(response).is_empty()
            && match group {
                MsmuGroup::RelativePosition => same_side(truth, response),
                MsmuGroup::ScaleCompare => self.names_succeed(tallest(response), tallest(truth)),
                MsmuGroup::Existence => denies(truth) == denies(response),
                _ => false,
            };
        f64::from(u8::from(right))
    }
}

impl MsmuTally {
    /// Counts one more answer.
    pub fn add(&mut self, group: MsmuGroup, succeeded: bool) {
        self.asked[group as usize] += 1;
        self.succeeded[group as usize] += u64::from(succeeded);
    }

    /// Answers of a group.
    pub fn asked(&self, group: MsmuGroup) -> u64 {
        self.asked[group as usize]
    }

    /// Share of a group's answers that succeeded; none where none was asked.
    pub fn rate(&self, group: MsmuGroup) -> Option<f64> {
        let (asked, succeeded) = (self.asked[group as usize], self.succeeded[group as usize]);
        (asked > 0).then(|| succeeded as f64 / asked as f64)
    }

    /// Sum of the rates over eight, as the release has it: a group that was not asked counts as 0.
    pub fn mean_over_eight(&self) -> f64 {
        MsmuGroup::ALL.iter().filter_map(|group| self.rate(*group)).sum::<f64>() / MsmuGroup::ALL.len() as f64
    }

    /// Mean of the rates of the groups that were asked; none where none was.
    pub fn mean_over_present(&self) -> Option<f64> {
        let rates: Vec<f64> = MsmuGroup::ALL.iter().filter_map(|group| self.rate(*group)).collect();
        (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64)
    }
}

/// The numbers of a text, or the first number word of one without digits.
fn counts(text: &str) -> Vec<f64> {
    let found: Vec<f64> = quantities(text).iter().map(|q| q.value).collect();
    if found.is_empty() { number_word(text).into_iter().collect() } else { found }
}

/// The first list of two or more numbers in round or square brackets.
fn coordinates(text: &str) -> Option<Vec<f64>> {
    let number = |word: &str| word.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    let inside = text.split(['(', '[']).skip(1).filter_map(|rest| rest.split([')', ']']).next());
    let mut lists = inside.filter_map(|list| list.split(',').map(number).collect::<Option<Vec<f64>>>());
    lists.find(|list| list.len() >= 2)
}

fn same_side(truth: &str, response: &str) -> bool {
    match (verdict(truth), verdict(response)) {
        (Some(truth), Some(response)) => truth == response,
        _ => side(truth).is_some() && side(truth) == side(response),
    }
}

/// Yes or no, where a text begins with it.
fn verdict(text: &str) -> Option<bool> {
    match normalised(text).split(' ').next() {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    }
}

/// The only one of left and right that a text names.
fn side(text: &str) -> Option<bool> {
    let (left, right) = (is_named_in("left", text), is_named_in("right", text));
    (left != right).then_some(left)
}

/// What a sentence says is tall: its subject, or its predicate where the subject is "the tallest" or "it".
fn tallest(text: &str) -> &str {
    let clause = text.split([',', '.', ';', ':', '\n']).find(|clause| !clause.trim().is_empty()).unwrap_or("");
    let (subject, predicate) = clause.split_once(" is ").unwrap_or((clause, ""));
    let stands_in =
        subject.contains("tall") || matches!(normalised(subject).as_str(), "it" | "this" | "that" | "answer");
    if stands_in && !predicate.is_empty() { predicate } else { subject }
}

fn denies(text: &str) -> bool {
    let words = normalised(text);
    let is_denial = |word: &str| {
        matches!(word, "no" | "not" | "none" | "zero" | "0" | "nothing" | "cannot" | "without" | "absent" | "nowhere")
    };
    let contracted = text.to_lowercase();
    words.split(' ').any(is_denial) || contracted.contains("n't") || contracted.contains("n’t")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_cases_of_the_ratio_hold() {
        assert!(!scalar_succeeds(5.0, 4.0));
        assert_eq!(delta(0.99, 0.8), Some(0.99 / 0.8));
        assert!(scalar_succeeds(0.99, 0.8));
        assert!(!scalar_succeeds(-1.0, 1.0));
        assert!(!list_succeeds(&[1.0, 1.0, 2.0], &[1.0, 1.0, 1.0]));
        assert!(list_succeeds(&[1.0, 1.0, 1.6], &[1.0, 1.0, 1.0]));
    }

    #[test]
    fn only_positive_finite_numbers_have_a_ratio() {
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(delta(odd, 1.0), None);
            assert_eq!(delta(1.0, odd), None);
            assert!(!scalar_succeeds(odd, odd));
        }
        assert!(!list_succeeds(&[1.0, -1.0], &[1.0, -1.0]));
    }

    #[test]
    fn too_few_numbers_fail_and_more_are_not_looked_at() {
        assert!(!list_succeeds(&[1.0], &[1.0, 1.0]));
        assert!(list_succeeds(&[1.0, 9.0], &[1.0]));
        assert!(!list_succeeds(&[1.0], &[]));
        assert!(ratios_succeed(&[1.5], &[1.0], DELTA_BOUND * DELTA_BOUND));
        assert!((absolute_relative_error(1.5, 0.9999) - 0.5001).abs() < 1e-12);
        assert!(!coordinates_succeed(&[0.5], &[0.5, 0.5]));
        assert!(!coordinates_succeed(&[f64::NAN, 0.5], &[0.5, 0.5]));
        assert!(coordinates_succeed(&[0.6, 0.6, 7.0], &[0.5, 0.5]));
        assert!(!coordinates_succeed(&[0.5, 0.75], &[0.5, 0.5]));
        assert!(!qualitative_succeeds(0.5) && qualitative_succeeds(0.51) && !qualitative_succeeds(f64::NAN));
    }

    #[test]
    fn each_raw_type_has_its_group() {
        let groups = [
            ("width", "scale_estimation"),
            ("height", "scale_estimation"),
            ("size", "scale_estimation"),
            ("distance", "absolute_distance"),
            ("count", "count"),
            ("position", "grounding"),
            ("refer_two_objects", "refer_obj_estimation"),
            ("refer_three_objects", "refer_obj_estimation"),
            ("left", "relative_position"),
            ("right", "relative_position"),
            ("taller_two_object", "scale_compare"),
            ("tall_three_objects", "scale_compare"),
            ("zero", "existence"),
        ];
        for (raw, group) in groups {
            assert_eq!(MsmuGroup::of_raw_type(raw).map(MsmuGroup::key), Some(group));
        }
        assert_eq!(MsmuGroup::of_raw_type("depth"), None);
    }

    #[test]
    fn sentences_are_marked_by_what_they_say() {
        let scorer = MsmuScorer::default();
        let cases = [
            (MsmuGroup::ScaleEstimation, "X measures 0.37 meters in width.", "37 cm", true),
            (MsmuGroup::ScaleEstimation, "1.2 x 0.5 x 0.7 meters", "120 x 50 x 70 cm", true),
            (MsmuGroup::ScaleEstimation, "1.2 x 0.5 x 0.7 meters", "1.2 m", false),
            (MsmuGroup::ScaleEstimation, "0.4 m", "tall", false),
            (MsmuGroup::AbsoluteDistance, "2 m", "6.5 feet", true),
            (MsmuGroup::AbsoluteDistance, "2 m", "-2 m", false),
            (MsmuGroup::Count, "There are 3 chairs.", "three", true),
            (MsmuGroup::Count, "There are 3 chairs.", "4", false),
            (MsmuGroup::Grounding, "(0.72,0.28)", "It is at [0.70, 0.20].", true),
            (MsmuGroup::Grounding, "(0.72,0.28)", "(0.72)", false),
            (MsmuGroup::Grounding, "(0.72,0.28)", "0.2, 0.9", false),
            (MsmuGroup::Grounding, "The chair", "chair.", true),
            (MsmuGroup::Grounding, "The chair", "armchair", false),
            (MsmuGroup::ReferObjEstimation, "0.4 m and 1.5 m", "0.45 and 1.4", true),
            (MsmuGroup::RelativePosition, "The cup is to the left of the vase.", "left", true),
            (MsmuGroup::RelativePosition, "Yes, it is on the left.", "No, it is on the left.", false),
            (MsmuGroup::RelativePosition, "left", "right", false),
            (MsmuGroup::ScaleCompare, "The table is taller than the chair.", "Table", true),
            (MsmuGroup::ScaleCompare, "The table is taller than the chair.", "chair", false),
            (MsmuGroup::ScaleCompare, "The table is taller.", "It is the table, by far.", true),
            (MsmuGroup::ScaleCompare, "The tallest one is the shelf.", "The shelf is the tallest.", true),
            (MsmuGroup::Existence, "There is no zebra.", "I don't see a zebra.", true),
            (MsmuGroup::Existence, "There is no zebra.", "The zebra is 1.2 m tall.", false),
            (MsmuGroup::Existence, "There is no zebra.", "", false),
        ];
        for (group, truth, response, expected) in cases {
            assert_eq!(scorer.succeeds(group, truth, response), expected, "{truth:?} {response:?}");
        }
    }

    #[test]
    fn a_similarity_of_one_half_makes_two_names_one() {
        let half = |_: &str, other: &str| if other == "sofa" { 0.5 } else { 0.49 };
        let scorer = MsmuScorer { similarity: Some(&half) };
        assert!(scorer.succeeds(MsmuGroup::Grounding, "sofa", "couch"));
        assert!(!scorer.succeeds(MsmuGroup::Grounding, "chair", "stool"));
        assert!(!MsmuScorer::default().succeeds(MsmuGroup::Grounding, "sofa", "couch"));
    }

    #[test]
    fn the_released_mean_divides_by_eight_and_the_other_by_what_was_asked() {
        let mut tally = MsmuTally::default();
        assert_eq!((tally.mean_over_eight(), tally.mean_over_present()), (0.0, None));
        tally.add(MsmuGroup::Count, true);
        tally.add(MsmuGroup::Grounding, true);
        tally.add(MsmuGroup::Grounding, false);
        assert_eq!(tally.rate(MsmuGroup::Grounding), Some(0.5));
        assert_eq!((tally.asked(MsmuGroup::Grounding), tally.rate(MsmuGroup::Existence)), (2, None));
        assert_eq!(tally.mean_over_eight(), 1.5 / 8.0);
        assert_eq!(tally.mean_over_present(), Some(0.75));
    }

    proptest! {
        #[test]
        fn any_answer_is_marked_without_a_panic(truth in "\\PC{0,30}", response in "[(\\[\\]), 0-9.xnaif是-]{0,40}") {
            for group in MsmuGroup::ALL {
                MsmuScorer::default().succeeds(group, &truth, &response);
                MsmuScorer::default().succeeds(group, &response, &truth);
            }
        }
    }
}
