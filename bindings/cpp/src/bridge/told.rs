//! A scene as a text tells it.

use crate::told::Told;

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/things.rs.h");
        type OrientedBox = crate::bridge::OrientedBox;
        include!("gnomon-cxx/src/bridge/chain.rs.h");
        type Triplet = crate::bridge::Triplet;
        type Rejected = crate::bridge::Rejected;
        include!("gnomon-cxx/src/bridge/answer.rs.h");
        type Answer = crate::bridge::Answer;
        type AskOptions = crate::bridge::AskOptions;
    }

    /// What a row of a scene's text tells of where a thing is.
    #[derive(Debug)]
    enum Whereabouts {
        Nothing,
        /// x and y of its centre.
        Place,
        /// Its box, to a centimetre and a degree.
        Box,
    }

    /// A thing as a row of a scene's text tells it.
    #[derive(Debug, Clone)]
    struct ToldThing {
        /// "category#k".
        name: String,
        told: Whereabouts,
        has_first_seen: bool,
        /// When it was first seen, nanoseconds after the first thing of the scene.
        first_seen_ns: i64,
        /// Whereabouts::Place: x and y of its centre alone; what is not told is 0.
        obb: OrientedBox,
    }

    /// How many there are of a category of which not every thing has a row.
    #[derive(Debug, Clone)]
    struct ToldCount {
        label: String,
        count: u32,
    }

    extern "Rust" {
        /// A scene as a text tells it. Never changes; depends on nothing else.
        type Told;
        /// Reads what Snapshot::scene_text wrote, or what a model repeated of it. Lines that are none of such a text are
        /// left out and told; only a text too long is refused.
        #[Self = "Told"]
        fn read(text: &str) -> Result<Box<Told>>;
        /// The things that have a row, in the order of the text.
        fn things(self: &Told) -> Vec<ToldThing>;
        /// The categories that are counted, in the order of the text.
        fn counts(self: &Told) -> Vec<ToldCount>;
        /// The triplets, in the order of the text.
        fn triplets(self: &Told) -> Vec<Triplet>;
        /// The lines that were left out, the first 1000 of them.
        fn rejected(self: &Told) -> Vec<Rejected>;
        /// How many lines were left out.
        fn rejected_in_all(self: &Told) -> usize;
        /// The area of the floor that the text tells, m^2; 0 where it tells none.
        fn room_area_m2(self: &Told) -> f64;
        /// Answers a question in words from the text alone, which is taken for complete; `complete` and `room_area_m2` of
        /// the options are not looked at.
        fn ask(self: &Told, question: &str, choices: &[&str], options: &AskOptions) -> Result<Box<Answer>>;
    }
}
