//! Asking: options, and the way from a question to an answer.

use super::facts::Facts;
use super::operators::Work;
use super::options::choose_option;
use super::question::{Asked, MAX_NAMED, MAX_QUESTION_BYTES, Phrase, Question};
use super::reader;
use super::reply::{Answer, Found, Unknown, Value, Why};
use super::verdict::Judging;
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::frame::{Intrinsics, Pose};
use crate::graph::RelationOptions;
use crate::scene::{ObjectId, Snapshot};

/// The picture a question is about, or the eyes it is asked through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Where the camera was, in gnomon's world.
    pub world_from_camera: Pose,
    /// The camera; questions about places in the picture need it.
    pub intrinsics: Option<Intrinsics>,
}

/// How a scene is asked. Every threshold that decides something has its name here.
#[derive(Debug, Clone, PartialEq)]
pub struct AskOptions {
    /// The picture a question is about. Without it, the viewer is the camera of the newest frame.
    pub view: Option<View>,
    /// True when the list of things is complete (annotated boxes): what is not in it is not there. False for a map that
    /// a robot makes: what it has not seen is unknown, never absent.
    pub complete: bool,
    /// The area of the floor where it is known from elsewhere, m².
    pub room_area_m2: Option<f64>,
    /// Answers less probable than this are withheld as [`Why::BelowConfidence`]. 0 withholds none.
    pub least_probability: f64,
    /// A measure counts as right within this share of the truth.
    pub tolerance: f64,
    /// Where near, on, inside and the like draw their lines.
    pub relations: RelationOptions,
    /// In a map that is not complete: probability that one more of a category was overlooked.
    pub overlooked: f64,
    /// How much later than its first frame a thing may be noticed: standard deviation, nanoseconds. Not used where the list is complete.
    pub first_seen_sigma_ns: f64,
    /// How often a sighting is given a wrong label, each on its own: what makes a label believed that most sightings
    /// gave. Not used where the list is complete.
    pub label_error: f64,
    /// How far the room may go on beyond the floor that was seen, where no wall tells: standard deviation, metres.
    pub floor_edge_sigma_m: f64,
    /// Which words mean the same.
    pub vocabulary: Vocabulary,
    /// When a statement agrees with the map and when it contradicts it.
    pub judging: Judging,
}

impl Default for AskOptions {
    fn default() -> Self {
        Self {
            view: None,
            complete: false,
            room_area_m2: None,
            least_probability: 0.0,
            tolerance: 0.1,
            relations: RelationOptions::default(),
            overlooked: 0.03,
            first_seen_sigma_ns: 1e8,
            label_error: 0.2,
            floor_edge_sigma_m: 0.15,
            vocabulary: Vocabulary::default(),
            judging: Judging::default(),
        }
    }
}

impl AskOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        let shares = [
            ("least_probability", self.least_probability),
            ("tolerance", self.tolerance),
            ("overlooked", self.overlooked),
            ("label_error", self.label_error),
        ];
        for (name, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::argument(format!("{name} is {value}, expected 0 to 1")));
            }
        }
        if !(0.0..=1000.0).contains(&self.floor_edge_sigma_m) {
            let is = self.floor_edge_sigma_m;
            return Err(Error::argument(format!("floor_edge_sigma_m is {is}, expected 0 to 1000 metres")));
        }
        self.relations.check()?;
        if !(0.0..=1e18).contains(&self.first_seen_sigma_ns) {
            let is = self.first_seen_sigma_ns;
            return Err(Error::argument(format!("first_seen_sigma_ns is {is}, expected 0 to 1e18")));
        }
        if let Some(area) = self.room_area_m2.filter(|area| !(area.is_finite() && *area > 0.0)) {
            return Err(Error::argument(format!("room_area_m2 is {area}, expected more than 0")));
        }
        self.judging.check()?;
        match self.view.and_then(|view| view.intrinsics) {
            Some(intrinsics) => intrinsics.check(),
            None => Ok(()),
        }
    }
}

/// Answers a question of types. Errors: options out of range, or more than [`MAX_NAMED`] things named.
pub fn ask(snapshot: &Snapshot, asked: Asked, options: &AskOptions) -> Result<Answer> {
    options.check()?;
    let named = asked.question.named();
    if named.len() > MAX_NAMED {
        return Err(Error::argument(format!("{} things are named, expected at most {MAX_NAMED}", named.len())));
    }
    let facts = Facts { snapshot, options };
    let mut work = Work::new(facts);
    let outcome = work.answer(&asked.question).or_else(|unknown| absent(&named, &facts).ok_or(unknown));
    let outcome = outcome.and_then(|found| finish(found, &asked, options));
    Ok(Answer { asked: Some(asked), outcome, evidence: work.evidence() })
}

/// Answers a question in words; see [`reader`] for the forms that are understood. `choices` are the options to choose
/// from, with or without letters; they may stand in the text as well. What is not understood is an
/// answer ([`Why::NotUnderstood`]), not an error.
pub fn ask_text(snapshot: &Snapshot, text: &str, choices: &[String], options: &AskOptions) -> Result<Answer> {
    options.check()?;
    match reader::read_question(text, choices, snapshot, &options.vocabulary)? {
        Some(asked) => ask(snapshot, asked, options),
        None => {
            let sentence = "the text is none of the question forms that are understood".to_owned();
            Ok(Answer {
                asked: None,
                outcome: Err(Unknown { why: Why::NotUnderstood, sentence }),
                evidence: Vec::new(),
            })
        }
    }
}

/// Each thing that a question names, and what of the scene it may mean; nothing where nothing is called so, or nobody
/// can tell which is meant.
pub fn things_of(snapshot: &Snapshot, question: &Question, options: &AskOptions) -> Vec<(Phrase, Vec<ObjectId>)> {
    let named = question.named().into_iter().cloned().collect();
    meant(snapshot, named, options)
}

/// As [`things_of`], of a text that is no question, or none that is understood. Of a text beyond [`MAX_QUESTION_BYTES`] the
/// beginning is read.
pub fn things_named(snapshot: &Snapshot, text: &str, options: &AskOptions) -> Vec<(Phrase, Vec<ObjectId>)> {
    let text = &text[..text.floor_char_boundary(MAX_QUESTION_BYTES)];
    meant(snapshot, reader::named_in(text, &[], snapshot, &options.vocabulary), options)
}

fn meant(snapshot: &Snapshot, mut named: Vec<Phrase>, options: &AskOptions) -> Vec<(Phrase, Vec<ObjectId>)> {
    let facts = Facts { snapshot, options };
    named.truncate(MAX_NAMED);
    let things = |phrase: &Phrase| facts.meant(phrase).unwrap_or_default();
    let ids = |phrase: &Phrase| things(phrase).iter().map(|thing| thing.object.id).collect();
    named.into_iter().map(|phrase| (phrase.clone(), ids(&phrase))).collect()
}

/// Where the list of things is complete: that one of the things named is not there, whatever was asked of it.
fn absent(named: &[&Phrase], facts: &Facts<'_>) -> Option<Found> {
    let missing = named
        .iter()
        .find(|phrase| facts.options.complete && facts.meant(phrase).is_ok_and(|things| things.is_empty()))?;
    Some(Found::plain(Value::Absent((*missing).clone()), 1.0))
}

/// Chooses the option that says what was found, and withholds what is not sure enough.
fn finish(mut found: Found, asked: &Asked, options: &AskOptions) -> std::result::Result<Found, Unknown> {
    if !asked.options.is_empty() && !matches!(found.value, Value::Absent(_)) {
        found.option = choose_option(&found.value, asked, &options.vocabulary);
        if found.option.is_none() {
            let said = super::reply::value_text(&found.value, asked.unit.unwrap_or(crate::score::LengthUnit::Metre));
            return Err(Unknown::new(Why::NoOption, format!("found \"{said}\", which no option says")));
        }
    }
    if found.probability < options.least_probability {
        let sentence =
            format!("probability {:.2}, asked for at least {:.2}", found.probability, options.least_probability);
        return Err(Unknown::new(Why::BelowConfidence, sentence));
    }
    Ok(found)
}
