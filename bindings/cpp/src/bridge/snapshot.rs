//! The scene at one moment, and who looks at it.

use crate::cogmap::Observer;
use crate::snapshot::{Snapshot, default_diff_options};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/things.rs.h");
        type Object = crate::bridge::Object;
        type Support = crate::bridge::Support;
        type Event = crate::bridge::Event;
        type Keyframe = crate::bridge::Keyframe;
        type SceneInfo = crate::bridge::SceneInfo;
        type Label = crate::bridge::Label;
        type Edit = crate::bridge::Edit;
        type Provenance = crate::bridge::Provenance;
        type DiffOptions = crate::bridge::DiffOptions;
        type SceneDiff = crate::bridge::SceneDiff;
        include!("gnomon-cxx/src/bridge/relation.rs.h");
        type RelationKind = crate::bridge::RelationKind;
        type RelationOptions = crate::bridge::RelationOptions;
        type Relation = crate::bridge::Relation;
        include!("gnomon-cxx/src/bridge/cogmap.rs.h");
        type CogMap = crate::bridge::CogMap;
        type CogMapOptions = crate::bridge::CogMapOptions;
        include!("gnomon-cxx/src/bridge/answer.rs.h");
        type Answer = crate::bridge::Answer;
        type AskOptions = crate::bridge::AskOptions;
        type Judgement = crate::bridge::Judgement;
        type Question = crate::bridge::Question;
    }

    /// In what a budget is counted: bytes, or tokens as they are estimated for language models.
    #[derive(Debug)]
    enum Budget {
        Bytes,
        Tokens,
    }

    extern "Rust" {
        /// The scene at one moment: never changes; any thread, any number at a time. Outlives its scene.
        type Snapshot;
        /// The scene that a text says; see schema/scene.schema.json.
        #[Self = "Snapshot"]
        fn from_json(text: &str) -> Result<Box<Snapshot>>;
        /// The scene of a file, packed or not.
        #[Self = "Snapshot"]
        fn load(path: &str) -> Result<Box<Snapshot>>;
        /// Saves it as scene.json, packed where the path ends with .zst; the bytes of the file.
        fn save(self: &Snapshot, path: &str) -> Result<u64>;
        /// Another snapshot, with what an operator says: for a scene that was saved. Not EditKind::Unpin.
        fn edit(self: &Snapshot, said: &Edit) -> Result<Box<Snapshot>>;
        /// What operators said, oldest first.
        fn edits(self: &Snapshot) -> Vec<Edit>;
        /// Where the scene comes from.
        fn provenance(self: &Snapshot) -> Provenance;
        /// The defaults of diff().
        fn default_diff_options() -> DiffOptions;
        /// What differs between this and a later one of the same world.
        fn diff(self: &Snapshot, after: &Snapshot, options: &DiffOptions) -> Result<SceneDiff>;
        /// Another handle to the same moment. Shares, copies nothing.
        fn share(self: &Snapshot) -> Box<Snapshot>;
        /// The snapshot in numbers.
        fn info(self: &Snapshot) -> SceneInfo;
        /// Every thing, by ascending id.
        fn objects(self: &Snapshot) -> Vec<Object>;
        /// Whether a thing has this name.
        fn knows(self: &Snapshot, name: &str) -> bool;
        /// The thing of this name. Throws where there is none.
        fn object_named(self: &Snapshot, name: &str) -> Result<Object>;
        /// Every label of one thing, most probable first. Throws for an id that is not there.
        fn labels(self: &Snapshot, id: u64) -> Result<Vec<Label>>;
        /// Floors, walls and table tops.
        fn supports(self: &Snapshot) -> Vec<Support>;
        /// Kept frames.
        fn keyframes(self: &Snapshot) -> Vec<Keyframe>;
        /// What happened, at most the newest 1024.
        fn events(self: &Snapshot) -> Vec<Event>;
        /// The scene as JSON.
        fn json(self: &Snapshot) -> Result<String>;
        /// The map of what is known round an observer.
        fn cogmap(self: &Snapshot, observer: &Observer, options: &CogMapOptions) -> Result<Box<CogMap>>;
        /// Answers a question in words; `choices` as they were offered, or none. What is not known is an answer too.
        fn ask(self: &Snapshot, question: &str, choices: &[&str], options: &AskOptions) -> Result<Box<Answer>>;
        /// Holds what others say against the scene: a judgement for each claim.
        fn check(self: &Snapshot, statements: &str, options: &AskOptions) -> Result<Vec<Judgement>>;
        /// The same as a JSON array: each claim as it was understood, the measured value and its evidence.
        fn check_json(self: &Snapshot, statements: &str, options: &AskOptions) -> Result<String>;
        /// Answers a question in types.
        fn ask_typed(self: &Snapshot, question: &Question, options: &AskOptions) -> Result<Box<Answer>>;
        /// The scene as text for a language model, as much as fits into the budget; first what the question needs. A
        /// question that is empty or not understood gives all things an equal chance, largest first.
        fn scene_text(
            self: &Snapshot,
            question: &str,
            budget: usize,
            unit: Budget,
            options: &AskOptions,
        ) -> Result<String>;
        /// Whether A and B stand in a relation, as the observer sees it; only left, right, front and behind look at who it
        /// is. Not Between.
        fn relation(
            self: &Snapshot,
            kind: RelationKind,
            a: u64,
            b: u64,
            observer: &Observer,
            options: &RelationOptions,
        ) -> Result<Relation>;
        /// Whether A is between B and C.
        fn between(self: &Snapshot, a: u64, b: u64, c: u64) -> Result<Relation>;

        /// Someone on the ground who looks somewhere.
        type Observer;
        /// Standing at x, y and facing this way, radians counter-clockwise from world +X.
        #[Self = "Observer"]
        fn at(origin: [f64; 2], heading_rad: f64) -> Result<Box<Observer>>;
        /// Standing under a camera of gnomon's world, facing where it looks. Throws where that is straight up or down.
        #[Self = "Observer"]
        fn under_camera(world_from_camera: [f64; 16]) -> Result<Box<Observer>>;
        /// Standing under the camera that took the newest frame.
        #[Self = "Observer"]
        fn newest(snapshot: &Snapshot) -> Result<Box<Observer>>;
        /// Standing at the centre of A, facing the centre of B.
        #[Self = "Observer"]
        fn facing(snapshot: &Snapshot, a: u64, b: u64) -> Result<Box<Observer>>;
        /// Where it stands: x, y in gnomon's world.
        fn origin(self: &Observer) -> [f64; 2];
        /// Where it faces, radians counter-clockwise from world +X.
        fn heading_rad(self: &Observer) -> f64;
    }

    impl Box<Snapshot> {}
}

// SAFETY: the id is the name that the bridge above gives it; other bridges pass it by reference and in boxes alone.
unsafe impl cxx::ExternType for Snapshot {
    type Id = cxx::type_id!("gnomon::cxx::Snapshot");
    type Kind = cxx::kind::Opaque;
}
