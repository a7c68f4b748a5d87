//! A scene as a text tells it: what `Snapshot::scene_text` wrote, read back.

use crate::answer::Answer;
use crate::bridge::{AskOptions, OrientedBox, Rejected, ToldCount, ToldThing, Triplet, Whereabouts};
use crate::held::{Failure, held};
use gnomon::answer::{self, ReadSceneText, SceneText, TextThing};

/// A scene as a text tells it.
pub struct Told(ReadSceneText);

impl From<&TextThing> for ToldThing {
    fn from(ours: &TextThing) -> Self {
        let mut obb = OrientedBox { centre: [0.0; 3], size: [0.0; 3], world_from_box: [0.0; 4] };
        let told = match ours.told {
            answer::Told::Nothing => Whereabouts::Nothing,
            answer::Told::Place(_) => Whereabouts::Place,
            answer::Told::Box { .. } => Whereabouts::Box,
        };
        if let Some([x, y]) = ours.place_m() {
            obb.centre = [x, y, 0.0];
        }
        Self {
            name: ours.name.clone(),
            told,
            has_first_seen: ours.seen_ds.is_some(),
            first_seen_ns: ours.first_seen_ns().unwrap_or(0),
            obb: ours.obb().map_or(obb, |told| (&told).into()),
        }
    }
}

impl Told {
    /// Reads a scene's text. Errors: a text that is too long.
    pub fn read(text: &str) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(SceneText::parse(text)?))))
    }

    /// The things that have a row.
    pub fn things(&self) -> Vec<ToldThing> {
        self.0.scene.things.iter().map(ToldThing::from).collect()
    }

    /// The categories that are counted.
    pub fn counts(&self) -> Vec<ToldCount> {
        let one = |(label, count): &(String, u32)| ToldCount { label: label.clone(), count: *count };
        self.0.scene.counts.iter().map(one).collect()
    }

    /// The triplets.
    pub fn triplets(&self) -> Vec<Triplet> {
        self.0.scene.triplets.iter().map(Triplet::from).collect()
    }

    /// The lines that were left out.
    pub fn rejected(&self) -> Vec<Rejected> {
        self.0.rejected.iter().map(Rejected::from).collect()
    }

    /// How many lines were left out.
    pub fn rejected_in_all(&self) -> usize {
        self.0.rejected_in_all
    }

    /// The area of the floor, m²; 0 where none is told.
    pub fn room_area_m2(&self) -> f64 {
        self.0.scene.room_area_m2().unwrap_or(0.0)
    }

    /// Answers a question from the text alone. Errors: options out of range, texts too long.
    pub fn ask(&self, question: &str, choices: &[&str], options: &AskOptions) -> Result<Box<Answer>, Failure> {
        held(|| {
            let choices: Vec<String> = choices.iter().map(|choice| choice.to_string()).collect();
            Ok(Box::new(Answer(self.0.scene.ask_text(question, &choices, &options.read()?)?)))
        })
    }
}
