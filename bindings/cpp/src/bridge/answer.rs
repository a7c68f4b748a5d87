//! Questions, answers and judgements.

use crate::answer::Answer;
use crate::ask::default_ask_options;

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Intrinsics = crate::bridge::Intrinsics;
        include!("gnomon-cxx/src/bridge/relation.rs.h");
        type RelationOptions = crate::bridge::RelationOptions;
    }

    /// What is asked of the things of a Question.
    #[derive(Debug)]
    enum Ask {
        /// How many `things[0]` there are.
        Count,
        /// How far `things[0]` is from `things[1]`.
        Distance,
        /// How far `things[0]` is from the camera.
        Range,
        /// A length of `things[0]`: `measure`.
        Length,
        /// All sides of `things[0]`.
        Size,
        /// A length of `things[0]`, from the told ones of those that follow.
        LengthGiven,
        RoomArea,
        /// Which of the others is closest to `things[0]`; inverse: farthest.
        Closest,
        /// Where `things[0]` is to the observer, by `sectors`.
        Direction,
        /// Whether `things[0]` is on a side of the observer, or of `things[1]`.
        SideOf,
        /// Whether `things[0]` is left or right of `things[1]`.
        LeftOrRight,
        /// Which of two is farther to a side.
        WhichSide,
        /// Whether `things[0]` lies to `things[1]` as `contact` says.
        Contact,
        /// Which has the most of `measure`; inverse: the least.
        Most,
        /// Whether `things[0]` has more of `measure` than `things[1]`; inverse: less.
        More,
        /// Where `things[0]` is.
        Position,
        /// What is at `point` in the picture.
        AtPicture,
        /// Whether there is a `things[0]`.
        Exists,
        /// In which order they were first seen.
        FirstSeen,
        /// From `things[0]`, facing `things[1]`, by `steps`: the turns of the blanks.
        Route,
    }

    /// What a thing is measured by. Most and More take all, Length and LengthGiven the lengths.
    #[derive(Debug)]
    enum Measure {
        Height,
        Length,
        Width,
        Longest,
        Shortest,
        Volume,
        Top,
    }

    /// Sides, for an observer.
    #[derive(Debug)]
    enum Side {
        Left,
        Right,
        Front,
        Behind,
    }

    /// Into what the ground round an observer is cut: left, right; left, right, back; the four between; front, back.
    #[derive(Debug)]
    enum Sectors {
        Two,
        Three,
        Four,
        FrontBack,
    }

    /// How two things lie to each other, for everyone.
    #[derive(Debug)]
    enum Contact {
        On,
        Under,
        Above,
        Below,
        Inside,
        Near,
        Touching,
    }

    /// Where something is looked for.
    #[derive(Debug)]
    enum Extent {
        Scene,
        Picture,
    }

    /// Steps of a route: to the next thing, turns that are given, a turn that is asked for.
    #[derive(Debug)]
    enum Step {
        GoTo,
        Left,
        Right,
        Back,
        Blank,
    }

    /// Units of length.
    #[derive(Debug)]
    enum Unit {
        Metre,
        Centimetre,
        Millimetre,
        Inch,
        Foot,
    }

    /// Who looks, in a Question: the view of the options, someone at `origin`, or someone at one thing facing another.
    #[derive(Debug)]
    enum AskedFrom {
        View,
        Heading,
        Things,
    }

    /// What a statement is worth.
    #[derive(Debug)]
    enum Verdict {
        Agrees,
        Contradicts,
        Untestable,
    }

    /// Words that mean the same: names of categories, in singular or plural, two or more.
    #[derive(Debug, Clone)]
    struct Synonyms {
        words: Vec<String>,
    }

    /// Which words mean the same.
    #[derive(Debug, Clone)]
    struct Vocabulary {
        /// Whether those that gnomon knows do ("couch" and "sofa").
        common: bool,
        /// And these, at most 4096 groups of at most 256 words.
        synonyms: Vec<Synonyms>,
    }

    /// When a statement agrees with the map, and when it contradicts it.
    #[derive(Debug, Clone, Copy)]
    struct Judging {
        /// A told number holds within this share of the true one, 0 to 1.
        tolerance: f64,
        /// One told with "about" holds within this share, 0 to 1; no number within it is contradicted.
        loose_tolerance: f64,
        /// A told length may be off by this as well, metres.
        slack_m: f64,
        /// Agrees from this probability on that it is true.
        agree_from: f64,
        /// Contradicts below this probability that it is true.
        contradict_below: f64,
    }

    /// How a scene is asked; begin with default_ask_options().
    #[derive(Debug, Clone)]
    struct AskOptions {
        /// Whether the two fields after it are the eyes a question is asked through; else the camera of the newest frame.
        has_view: bool,
        /// The camera's pose in gnomon's world.
        view_world_from_camera: [f64; 16],
        /// The camera; questions about places in the picture need it. Width 0: not known.
        view_intrinsics: Intrinsics,
        /// True when the list of things is complete: what is not in it is not there.
        complete: bool,
        /// The area of the floor where it is known from elsewhere, m^2. 0: it is not.
        room_area_m2: f64,
        /// Answers less probable than this are withheld.
        least_probability: f64,
        /// A measure counts as right within this share of the truth.
        tolerance: f64,
        /// Where near, on, inside and the like draw their lines.
        relations: RelationOptions,
        /// Probability that one more of a category was overlooked; not used with `complete`.
        overlooked: f64,
        /// How much later than its first frame a thing may be noticed: standard deviation, nanoseconds.
        first_seen_sigma_ns: f64,
        /// How often a sighting is given a wrong label, 0 to 1; not used with `complete`.
        label_error: f64,
        /// How far the room may go on beyond the floor that was seen: standard deviation, metres.
        floor_edge_sigma_m: f64,
        vocabulary: Vocabulary,
        /// Looked at by Snapshot::check alone.
        judging: Judging,
    }

    /// A question in types; `Question question{};` asks for a count of nothing yet. Things are named by category ("trash
    /// bin") or by name ("chair#2"). What `ask` does not need is checked and not used.
    #[derive(Debug, Clone)]
    struct Question {
        ask: Ask,
        measure: Measure,
        side: Side,
        sectors: Sectors,
        contact: Contact,
        within: Extent,
        /// Farthest, least, less.
        inverse: bool,
        from: AskedFrom,
        /// In what the answer's text tells lengths (areas: its square).
        unit: Unit,
        /// AskedFrom::Heading: stands at this x, y in gnomon's world, metres.
        origin: [f64; 2],
        /// AskedFrom::Heading: faces this way, radians counter-clockwise from world +X.
        heading_rad: f64,
        /// AskedFrom::Things: stands at this thing.
        standing_at: String,
        /// AskedFrom::Things: faces this thing.
        facing: String,
        /// The things it names, at most 64 with those of the observer.
        things: Vec<String>,
        /// Ask::LengthGiven: the told lengths of things[1], things[2] and so on, metres.
        given_m: Vec<f64>,
        /// Ask::Route: one GoTo for each thing from things[2] on. At most 256.
        steps: Vec<Step>,
        /// What may be answered, without letters, at most 64. Empty: anything.
        choices: Vec<String>,
        /// Ask::AtPicture: a place in the picture, 0 to 1: x right, y down.
        point: [f64; 2],
    }

    /// A thing that an answer rests on, and the frames that saw it.
    #[derive(Debug, Clone)]
    struct Evidence {
        id: u64,
        name: String,
        /// Stamp of the first frame that saw it.
        first_seen_ns: i64,
        /// Stamp of the newest frame that saw it.
        last_seen_ns: i64,
        /// How many frames saw it.
        observations: u32,
    }

    /// What an answer's value is, in numbers (metres, whatever the unit of the question) or in words.
    #[derive(Debug)]
    enum ValueKind {
        None,
        Count,
        Length,
        Lengths,
        Area,
        Thing,
        Direction,
        YesNo,
        PicturePoint,
        WorldPoint,
        Order,
        Turns,
        Absent,
    }

    /// What a margin counts.
    #[derive(Debug)]
    enum MarginUnit {
        None,
        Metres,
        Degrees,
        CubicMetres,
        Nanoseconds,
    }

    /// An answer in numbers.
    #[derive(Debug, Clone)]
    struct AnswerFacts {
        value: ValueKind,
        numbers: Vec<f64>,
        words: Vec<String>,
        /// How far the world would have to be off for another answer; never negative.
        margin: f64,
        margin_unit: MarginUnit,
        has_spread: bool,
        /// Of a measure: where it lies with 90 % probability, in the units of the numbers.
        spread: [f64; 2],
    }

    /// A statement with its verdict.
    #[derive(Debug, Clone)]
    struct Judgement {
        /// The words judged.
        statement: String,
        verdict: Verdict,
        /// The judgement in one line of prose.
        sentence: String,
        /// What the map says instead or as well, with its unit; empty where it says nothing.
        measured: String,
        /// Why it is untestable, in a word ("no-claim"); empty where it is not.
        reason: String,
        has_probability: bool,
        /// Probability that the statement is true, 0 to 1.
        probability: f64,
    }

    extern "Rust" {
        /// The defaults of a question.
        fn default_ask_options() -> AskOptions;

        /// An answer with its evidence, or unknown and why. Never changes.
        type Answer;
        /// The answer in one line of prose, with its evidence.
        fn text(self: &Answer) -> String;
        /// The bare answer, as a benchmark wants it: a number, a letter, a word.
        fn bare(self: &Answer) -> String;
        /// The bare answer with its unit.
        fn with_unit(self: &Answer) -> String;
        /// All of it as JSON.
        fn json(self: &Answer) -> String;
        /// The things it rests on, in the order in which the question names them.
        fn evidence(self: &Answer) -> Vec<Evidence>;
        /// The value in numbers and words, its margin and its spread.
        fn facts(self: &Answer) -> AnswerFacts;
        /// False where the answer is unknown.
        fn is_known(self: &Answer) -> bool;
        /// Why it is unknown, in a word ("never-seen"); empty where it is known.
        fn reason(self: &Answer) -> String;
        /// Probability that it is right; 0 where it is unknown.
        fn probability(self: &Answer) -> f64;
        /// Which choice says so, from 0; -1 without one.
        fn choice(self: &Answer) -> i64;
    }

    impl Box<Answer> {}
    impl Vec<Judgement> {}
}

// SAFETY: the id is the name that the bridge above gives it; other bridges pass it by reference and in boxes alone.
unsafe impl cxx::ExternType for Answer {
    type Id = cxx::type_id!("gnomon::cxx::Answer");
    type Kind = cxx::kind::Opaque;
}
