//! What can be asked, as types. The text front (`reader/`) makes these of sentences; callers may make them themselves.

use crate::cogmap::LocalFrame;
use crate::graph::RelationKind;
use crate::score::LengthUnit;

/// The longest question or statement that is read, bytes.
pub const MAX_QUESTION_BYTES: usize = 16 << 10;

/// The most things one question may name.
pub const MAX_NAMED: usize = 64;

/// How a question names a thing: a category (`trash bin`), one thing (`chair#2`), lower case, without its article.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Phrase(pub String);

impl Phrase {
    /// A phrase from words as they stand: trimmed and lower-cased.
    pub fn new(words: &str) -> Self {
        Self(words.trim().to_lowercase())
    }
}

impl std::fmt::Display for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Into how many parts the ground round an observer is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sectors {
    /// Left or right.
    Two,
    /// Left, right, or back (135 degrees and more to either side).
    Three,
    /// Front-left, front-right, back-left, back-right.
    Four,
    /// Front or back.
    FrontBack,
}

/// From where a direction is told.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observer {
    /// Standing at one thing, facing another.
    Things {
        /// Where the observer stands.
        standing_at: Phrase,
        /// What the observer faces.
        facing: Phrase,
    },
    /// A place and heading on the ground.
    Frame(LocalFrame),
    /// Whoever looks through the camera of [`super::AskOptions::view`], or else took the newest frame.
    Viewer,
}

impl Observer {
    fn named(&self) -> Vec<&Phrase> {
        match self {
            Self::Things { standing_at, facing } => vec![standing_at, facing],
            Self::Frame(_) | Self::Viewer => Vec::new(),
        }
    }
}

/// A length of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Upright: the side of the box that is nearest to the vertical.
    Height,
    /// The longer of the other two.
    Length,
    /// The shorter of the other two.
    Width,
    /// The longest of all three.
    Longest,
    /// The shortest of all three.
    Shortest,
}

/// What things are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// A side of the box.
    Side(Side),
    /// The volume of the box.
    Volume,
    /// Height of the box's highest point above the floor.
    Top,
}

/// Where something is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// In the whole scene.
    Scene,
    /// In the picture of [`super::AskOptions::view`].
    Picture,
}

/// A turn on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// To the left, by less than 135 degrees.
    Left,
    /// To the right, by less than 135 degrees.
    Right,
    /// Round, by 135 degrees or more.
    Back,
}

impl Turn {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "turn left",
            Self::Right => "turn right",
            Self::Back => "turn back",
        }
    }
}

/// One step of a route.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Go forward until this thing.
    GoTo(Phrase),
    /// A turn that is given.
    Turn(Turn),
    /// A turn that is asked for.
    Blank,
}

/// Which side of an observer, or of another thing, something is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SideWord {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Nearer to the observer, or before the observer.
    Front,
    /// Farther from the observer, or at the observer's back.
    Behind,
}

/// How two things lie to each other, without an observer: relations of [`crate::graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contact {
    /// Rests on it.
    On,
    /// Lies under it.
    Under,
    /// Higher than it.
    Above,
    /// Lower than it.
    Below,
    /// Within it.
    Inside,
    /// Close to it.
    Near,
    /// Touches it.
    Touching,
}

impl Contact {
    /// The relation that it asks for.
    pub fn relation(self) -> RelationKind {
        match self {
            Self::On => RelationKind::On,
            Self::Under => RelationKind::Under,
            Self::Above => RelationKind::Above,
            Self::Below => RelationKind::Below,
            Self::Inside => RelationKind::Inside,
            Self::Near => RelationKind::Near,
            Self::Touching => RelationKind::Touching,
        }
    }
}

/// A question. Lengths in answers are metres; directions are told on the ground.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "ask")]
pub enum Question {
    /// How many there are.
    Count {
        /// Of what.
        what: Phrase,
        /// Where.
        within: Extent,
    },
    /// The gap between the closest points of two things.
    Distance {
        /// One.
        from: Phrase,
        /// The other.
        to: Phrase,
    },
    /// How far a thing is from the viewer: from the camera to the closest point of its box.
    Range {
        /// Which thing.
        what: Phrase,
    },
    /// One length of a thing.
    Length {
        /// Of what.
        what: Phrase,
        /// Which.
        side: Side,
    },
    /// Length, width and height of a thing.
    Size {
        /// Of what.
        what: Phrase,
    },
    /// One length of a thing where those of others are told. The told lengths check the map's scale.
    LengthGiven {
        /// Of what.
        what: Phrase,
        /// Which.
        side: Side,
        /// What is told: thing and metres.
        given: Vec<(Phrase, f64)>,
        /// Other things that the same is asked of.
        also: Vec<Phrase>,
    },
    /// The area of the floor.
    RoomArea,
    /// Which of several things has the smallest (or largest) gap to one.
    Closest {
        /// To what.
        to: Phrase,
        /// Of these.
        among: Vec<Phrase>,
        /// The largest gap instead.
        farthest: bool,
    },
    /// In which sector round an observer something lies.
    Direction {
        /// The observer.
        from: Observer,
        /// What is located.
        what: Phrase,
        /// How the ground is cut.
        sectors: Sectors,
    },
    /// Whether one thing is on that side of another, as an observer sees them.
    SideOf {
        /// This thing.
        what: Phrase,
        /// That side.
        side: SideWord,
        /// Of this one; of the observer itself if none.
        of: Option<Phrase>,
        /// The observer.
        from: Observer,
    },
    /// Whether one thing looks to be left or right of another.
    LeftOrRight {
        /// This thing.
        what: Phrase,
        /// Of this one.
        of: Phrase,
        /// The observer.
        from: Observer,
    },
    /// Which of two things lies more to that side, as the viewer sees them.
    WhichSide {
        /// Of these.
        among: Vec<Phrase>,
        /// That side.
        side: SideWord,
    },
    /// Whether two things lie so to each other.
    Contact {
        /// This thing.
        what: Phrase,
        /// How.
        contact: Contact,
        /// To this one.
        of: Phrase,
    },
    /// Which of several things has the most of a quantity, or the least.
    Most {
        /// Of these.
        among: Vec<Phrase>,
        /// Of what.
        by: Quantity,
        /// The least instead.
        least: bool,
    },
    /// Whether one thing has more of a quantity than another, or less.
    More {
        /// This one.
        what: Phrase,
        /// Than this one.
        than: Phrase,
        /// Of what.
        by: Quantity,
        /// Less instead.
        less: bool,
    },
    /// Where a thing is.
    Position {
        /// Which thing.
        what: Phrase,
        /// In the picture: normalised x to the right and y down, 0..1. In the scene: world metres.
        within: Extent,
    },
    /// Which thing is at a place of the picture (normalised, x to the right, y down).
    AtPicture {
        /// The place.
        at: [f64; 2],
    },
    /// Whether there is one.
    Exists {
        /// Of what.
        what: Phrase,
        /// Where.
        within: Extent,
    },
    /// The order in which things were first seen.
    FirstSeen {
        /// Of these.
        among: Vec<Phrase>,
    },
    /// The turns that a route leaves blank.
    Route {
        /// Where it begins.
        start: Phrase,
        /// What is faced there.
        facing: Phrase,
        /// What is done.
        steps: Vec<Step>,
    },
}

impl Question {
    /// Every thing it names.
    pub fn named(&self) -> Vec<&Phrase> {
        match self {
            Self::RoomArea | Self::AtPicture { .. } => Vec::new(),
            Self::Count { what, .. }
            | Self::Exists { what, .. }
            | Self::Position { what, .. }
            | Self::Range { what }
            | Self::Length { what, .. }
            | Self::Size { what } => vec![what],
            Self::Distance { from, to } => vec![from, to],
            Self::Contact { what, of, .. } => vec![what, of],
            Self::More { what, than, .. } => vec![what, than],
            Self::LengthGiven { what, given, also, .. } => {
                given.iter().map(|(told, _)| told).chain([what]).chain(also).collect()
            }
            Self::Closest { to, among, .. } => std::iter::once(to).chain(among).collect(),
            Self::Most { among, .. } | Self::WhichSide { among, .. } | Self::FirstSeen { among } => {
                among.iter().collect()
            }
            Self::Direction { from, what, .. } => from.named().into_iter().chain([what]).collect(),
            Self::SideOf { what, of, from, .. } => from.named().into_iter().chain([what]).chain(of).collect(),
            Self::LeftOrRight { what, of, from } => from.named().into_iter().chain([what, of]).collect(),
            Self::Route { start, facing, steps } => {
                let goals = steps.iter().filter_map(|step| match step {
                    Step::GoTo(phrase) => Some(phrase),
                    Step::Turn(_) | Step::Blank => None,
                });
                [start, facing].into_iter().chain(goals).collect()
            }
        }
    }

    /// Whether its answer is, or rests on, a number of metres: of a scene whose scale is unknown there is none. Sides, orders
    /// and counts are what they are in any unit.
    pub fn is_metric(&self) -> bool {
        match self {
            Self::Distance { .. }
            | Self::Range { .. }
            | Self::Length { .. }
            | Self::Size { .. }
            | Self::LengthGiven { .. }
            | Self::RoomArea
            | Self::Contact { contact: Contact::Near, .. }
            | Self::Position { within: Extent::Scene, .. } => true,
            Self::Count { .. }
            | Self::Exists { .. }
            | Self::Closest { .. }
            | Self::Direction { .. }
            | Self::SideOf { .. }
            | Self::LeftOrRight { .. }
            | Self::WhichSide { .. }
            | Self::Contact { .. }
            | Self::Most { .. }
            | Self::More { .. }
            | Self::Position { .. }
            | Self::AtPicture { .. }
            | Self::FirstSeen { .. }
            | Self::Route { .. } => false,
        }
    }

    /// The name of the operator that answers it.
    pub fn operator(&self) -> &'static str {
        match self {
            Self::Count { .. } => "count",
            Self::Distance { .. } => "distance",
            Self::Range { .. } => "range",
            Self::Length { .. } => "length",
            Self::Size { .. } => "size",
            Self::LengthGiven { .. } => "length-given",
            Self::RoomArea => "room-area",
            Self::Closest { .. } => "closest",
            Self::Direction { .. } => "direction",
            Self::SideOf { .. } => "side-of",
            Self::LeftOrRight { .. } => "left-or-right",
            Self::WhichSide { .. } => "which-side",
            Self::Contact { .. } => "contact",
            Self::Most { .. } => "most",
            Self::More { .. } => "more",
            Self::Position { .. } => "position",
            Self::AtPicture { .. } => "at-picture",
            Self::Exists { .. } => "exists",
            Self::FirstSeen { .. } => "first-seen",
            Self::Route { .. } => "route",
        }
    }
}

/// A question as it was asked: with the unit wanted and the options to choose from.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Asked {
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// The unit wanted for lengths (for areas: its square); metres if none was named.
    pub unit: Option<LengthUnit>,
    /// What may be answered, in the order given, without letters.
    pub options: Vec<String>,
}

impl From<Question> for Asked {
    fn from(question: Question) -> Self {
        Self { question, unit: None, options: Vec::new() }
    }
}
