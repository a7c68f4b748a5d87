//! What readers hold, and everything that is asked of it.

use crate::answer::{Answer, judgement_of};
use crate::bridge::{
    self, AskOptions, Budget, CogMapOptions, DiffOptions, Edit, Judgement, Label, Provenance, Question, Relation,
    RelationKind, RelationOptions, SceneDiff, SceneInfo,
};
use crate::cogmap::{CogMap, Observer};
use crate::convert::{coded, edit_of, file_path, no_such, rows_of};
use crate::held::{Failure, held};
use gnomon::Error;
use gnomon::answer::{self, SceneText, estimate_tokens, reader};
use gnomon::graph::{self, Measure, Needs};
use gnomon::keep::{load_snapshot, save_scene};
use gnomon::scene::{self, ObjectId, SameBy};

/// The scene at one moment.
pub struct Snapshot(pub(crate) scene::Snapshot);

fn keyframe_of(keyframe: &scene::Keyframe) -> bridge::Keyframe {
    bridge::Keyframe {
        id: keyframe.id,
        camera_id: keyframe.camera_id,
        stamp_ns: keyframe.stamp_ns,
        path_m: keyframe.path_m,
        world_from_camera: rows_of(&keyframe.world_from_camera),
    }
}

/// The defaults of a comparison.
pub fn default_diff_options() -> DiffOptions {
    let scene::DiffOptions { least_move_m, least_resize_m, sigmas, .. } = scene::DiffOptions::default();
    DiffOptions { same_by: bridge::SameBy::Told, least_move_m, least_resize_m, sigmas }
}

impl DiffOptions {
    fn read(&self) -> gnomon::Result<scene::DiffOptions> {
        let DiffOptions { same_by, least_move_m, least_resize_m, sigmas } = *self;
        let same_by = coded(same_by.repr, &[SameBy::Told, SameBy::Id, SameBy::Place], "same_by")?;
        let ours = scene::DiffOptions { same_by, least_move_m, least_resize_m, sigmas };
        ours.check()?;
        Ok(ours)
    }
}

fn diff_of(found: &scene::SceneDiff) -> SceneDiff {
    SceneDiff {
        came: found.came.len() as u64,
        went: found.went.len() as u64,
        changed: found.changed.len() as u64,
        moved: found.changed.iter().filter(|changed| changed.moved_m.is_some()).count() as u64,
        same: found.same as u64,
        by_id: found.by_id,
        words: found.words(),
        json: found.to_json().to_string(),
    }
}

impl Snapshot {
    /// The scene that a text says. Errors: a text that is no scene.
    pub fn from_json(text: &str) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(scene::scene_from_json(text)?))))
    }

    /// The scene of a file, packed or not. Errors: a file that is missing, cut, altered, newer, or no scene.
    pub fn load(path: &str) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(load_snapshot(file_path(path)?)?))))
    }

    /// Saves it as scene.json, packed where the path ends with .zst; whole, or what was there stays.
    pub fn save(&self, path: &str) -> Result<u64, Failure> {
        let told = graph::ToldScene { snapshot: self.0.clone(), published: None };
        held(|| Ok(save_scene(file_path(path)?, &told)?.file_bytes as u64))
    }

    /// Another snapshot, with what an operator says. Errors: unknown things, words that cannot be meant, `Unpin`.
    pub fn edit(&self, said: &Edit) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self(self.0.edited(edit_of(said)?, &said.who, said.stamp_ns)?))))
    }

    /// What operators said.
    pub fn edits(&self) -> Vec<Edit> {
        self.0.edits().iter().map(Edit::from).collect()
    }

    /// Where the scene comes from.
    pub fn provenance(&self) -> Provenance {
        let known = self.0.provenance();
        Provenance {
            version: known.map_or_else(String::new, |known| known.version.to_string()),
            inputs: known.map_or_else(Vec::new, |known| known.inputs.iter().map(|input| input.to_string()).collect()),
            first_stamp_ns: known.and_then(|known| known.first_stamp_ns).unwrap_or(i64::MIN),
            edits: self.0.edits().len() as u64,
            edits_forgotten: self.0.edits_forgotten(),
            events_forgotten: self.0.events_forgotten(),
            keyframes_forgotten: self.0.keyframes_forgotten().into(),
        }
    }

    /// What differs between this and a later one. Errors: options out of range.
    pub fn diff(&self, after: &Snapshot, options: &DiffOptions) -> Result<SceneDiff, Failure> {
        held(|| Ok(diff_of(&scene::diff(&self.0, &after.0, &options.read()?))))
    }

    /// Another handle to the same moment.
    pub fn share(&self) -> Box<Self> {
        Box::new(Self(self.0.clone()))
    }

    /// The snapshot in numbers.
    pub fn info(&self) -> SceneInfo {
        let floor = self.0.floor_height_m();
        SceneInfo {
            stamp_ns: self.0.stamp_ns(),
            frames: self.0.frames(),
            objects: self.0.len() as u64,
            has_floor: floor.is_some(),
            floor_height_m: floor.unwrap_or_default(),
            path_m: self.0.path_m(),
            world_from_input: rows_of(&self.0.world_from_input()),
            world_from_camera: rows_of(&self.0.world_from_camera()),
        }
    }

    /// Every thing, by ascending id.
    pub fn objects(&self) -> Vec<bridge::Object> {
        self.0.objects().map(|object| (&**object).into()).collect()
    }

    /// Whether a thing has this name.
    pub fn knows(&self, name: &str) -> bool {
        self.0.object_named(name).is_some()
    }

    /// The thing of this name. Errors: there is none.
    pub fn object_named(&self, name: &str) -> Result<bridge::Object, Failure> {
        let missing = || Error::state(format!("this snapshot has no object named {name:?}"));
        held(|| self.0.object_named(name).map(|object| (&**object).into()).ok_or_else(missing))
    }

    /// Every label of one thing, most probable first. Errors: there is no such thing.
    pub fn labels(&self, id: u64) -> Result<Vec<Label>, Failure> {
        let one =
            |share: &scene::LabelShare| Label { label: share.label.to_string(), probability: share.probability.into() };
        let missing = || Error::state(format!("this snapshot has no object with id {id}"));
        held(|| Ok(self.0.object(ObjectId(id)).ok_or_else(missing)?.labels.iter().map(one).collect()))
    }

    /// Floors, walls and table tops.
    pub fn supports(&self) -> Vec<bridge::Support> {
        self.0.supports().iter().map(|support| (&**support).into()).collect()
    }

    /// Kept frames.
    pub fn keyframes(&self) -> Vec<bridge::Keyframe> {
        self.0.keyframes().map(keyframe_of).collect()
    }

    /// What happened.
    pub fn events(&self) -> Vec<bridge::Event> {
        self.0.events().iter().map(bridge::Event::from).collect()
    }

    /// The scene as JSON.
    pub fn json(&self) -> Result<String, Failure> {
        held(|| Ok(scene::scene_to_json(&self.0)))
    }

    /// The map round an observer. Errors: options out of range, unknown things to hold.
    pub fn cogmap(&self, observer: &Observer, options: &CogMapOptions) -> Result<Box<CogMap>, Failure> {
        held(|| CogMap::build(&self.0, observer, options).map(Box::new))
    }

    /// Answers a question in words. Errors: options out of range, texts too long.
    pub fn ask(&self, question: &str, choices: &[&str], options: &AskOptions) -> Result<Box<Answer>, Failure> {
        held(|| {
            let choices: Vec<String> = choices.iter().map(|choice| choice.to_string()).collect();
            let answer = answer::ask_text(&self.0, question, &choices, &options.read()?)?;
            Ok(Box::new(Answer(answer)))
        })
    }

    /// Answers a question in types. Errors: options out of range, a question that lacks what it needs.
    pub fn ask_typed(&self, question: &Question, options: &AskOptions) -> Result<Box<Answer>, Failure> {
        held(|| Ok(Box::new(Answer(answer::ask(&self.0, question.read()?, &options.read()?)?))))
    }

    /// What of the scene fits into a budget. Errors: options out of range, a budget too small for the first line.
    pub fn scene_text(
        &self,
        question: &str,
        budget: usize,
        unit: Budget,
        options: &AskOptions,
    ) -> Result<String, Failure> {
        held(|| {
            let measure = match unit {
                Budget::Bytes => str::len,
                Budget::Tokens => estimate_tokens,
                other => return Err(no_such("unit", other.repr)),
            };
            let options = options.read()?;
            let asked = reader::read_question(question, &[], &self.0, &options.vocabulary)?;
            let asked = asked.as_ref().map(|asked| &asked.question);
            Ok(SceneText::of(&self.0, asked, &options, budget, &measure)?.to_string())
        })
    }

    /// A judgement for each claim. Errors: options out of range, a text too long.
    pub fn check(&self, statements: &str, options: &AskOptions) -> Result<Vec<Judgement>, Failure> {
        held(|| {
            let judged = answer::verdict_text(&self.0, statements, &options.read()?)?;
            Ok(judged.iter().map(judgement_of).collect())
        })
    }

    /// The same as JSON. Errors: as [`Self::check`].
    pub fn check_json(&self, statements: &str, options: &AskOptions) -> Result<String, Failure> {
        held(|| {
            let judged = answer::verdict_text(&self.0, statements, &options.read()?)?;
            let rows: Vec<String> = judged.iter().map(|one| one.to_json().to_string()).collect();
            Ok(format!("[{}]", rows.join(",")))
        })
    }

    /// Whether A and B stand in a relation. Errors: unknown things, one thing twice, `Between`.
    pub fn relation(
        &self,
        kind: RelationKind,
        a: u64,
        b: u64,
        observer: &Observer,
        options: &RelationOptions,
    ) -> Result<Relation, Failure> {
        held(|| {
            let kind = graph::RelationKind::all().nth(kind.repr.into()).ok_or_else(|| no_such("kind", kind.repr))?;
            let observer = (kind.needs() == Needs::Observer).then_some(&observer.0);
            self.related(kind, [a, b], None, observer, &options.read()?)
        })
    }

    /// Whether A is between B and C. Errors: unknown things, one thing twice.
    pub fn between(&self, a: u64, b: u64, c: u64) -> Result<Relation, Failure> {
        held(|| {
            self.related(
                graph::RelationKind::Between,
                [a, b],
                Some(ObjectId(c)),
                None,
                &graph::RelationOptions::default(),
            )
        })
    }

    fn related(
        &self,
        kind: graph::RelationKind,
        pair: [u64; 2],
        third: Option<ObjectId>,
        observer: Option<&gnomon::cogmap::LocalFrame>,
        options: &graph::RelationOptions,
    ) -> gnomon::Result<Relation> {
        let found = graph::relation(kind, &self.0, pair.map(ObjectId), third, observer, options)?;
        Ok(Relation { holds: found.holds, is_ratio: kind.measure() == Measure::Ratio, margin: found.margin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_s_number_is_its_place_among_the_kinds() {
        let named = |kind: RelationKind| graph::RelationKind::all().nth(kind.repr.into()).map(|kind| kind.name());
        assert_eq!(named(RelationKind::Left), Some("left"));
        assert_eq!(named(RelationKind::On), Some("on"));
        assert_eq!(named(RelationKind::Between), Some("between"));
        assert_eq!(named(RelationKind::Facing), Some("facing"));
        assert_eq!(graph::RelationKind::all().count(), usize::from(RelationKind::Facing.repr) + 1);
    }
}
