//! Questions as C callers make them, and how a scene is asked.

use super::frame::{NO_CAMERA, gnomon_intrinsics, read_pose};
use super::growth::{self, Headed, growing};
use super::relation::{gnomon_relation_options, read_thresholds};
use super::shapes::IDENTITY;
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str, read_texts, slice_of};
use super::vocabulary::{gnomon_vocabulary, read_vocabulary};
use crate::answer::reader::MAX_OPTIONS;
use crate::answer::{
    AskOptions, Asked, Contact, Extent, Judging, MAX_NAMED, Observer, Phrase, Quantity, Question, Sectors, Side,
    SideWord, Step, Turn, View,
};
use crate::cogmap::LocalFrame;
use crate::frame::MAX_COORDINATE_M;
use crate::score::LengthUnit;

/// The most steps of a route.
const MAX_STEPS: usize = 256;

/// How a scene is asked. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_ask_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// 1 when the two view fields below are the eyes a question is asked through; 0: the camera of the newest frame.
    pub has_view: u32,
    /// 1: what is not in the scene is not there. 0, the default: what was not seen is unknown, never absent.
    pub complete: u32,
    /// The camera's pose in gnomon's world; 4 x 4, row by row.
    pub view_world_from_camera: [f64; 16],
    /// The camera; questions about places in the picture need it. width 0: not known.
    pub view_intrinsics: gnomon_intrinsics,
    /// Area of the floor where it is known from elsewhere, m^2; 0: it is not.
    pub room_area_m2: f64,
    /// Answers less probable than this are unknown: GNOMON_UNKNOWN_BELOW_CONFIDENCE. 0 withholds none.
    pub least_probability: f64,
    /// A measure counts as right within this share of the truth, 0 to 1.
    pub tolerance: f64,
    /// Where near, on, inside and the like draw their lines; borrowed for the call, its observer's fields are not looked
    /// at. NULL, the default: the defaults.
    pub relations: *const gnomon_relation_options,
    /// Probability that one more of a category was overlooked; not used with complete.
    pub overlooked: f64,
    /// How much later than its first frame a thing may be noticed: standard deviation, nanoseconds.
    pub first_seen_sigma_ns: f64,
    /// How often a sighting is given a wrong label, 0 to 1; not used with complete.
    pub label_error: f64,
    /// How far the room may go on beyond the floor that was seen: standard deviation, metres.
    pub floor_edge_sigma_m: f64,
    /// gnomon_check: a told number holds within this share of the true one, 0 to 1.
    pub judging_tolerance: f64,
    /// gnomon_check: one told with "about" holds within this share, 0 to 1; no number within it is contradicted.
    pub judging_loose_tolerance: f64,
    /// gnomon_check: a told length may be off by this as well, metres.
    pub judging_slack_m: f64,
    /// gnomon_check: a statement agrees from this probability on that it is true.
    pub agree_from: f64,
    /// gnomon_check: it contradicts below this probability that it is true.
    pub contradict_below: f64,
    /// Which words mean the same; borrowed for the call. NULL, the default: the words that gnomon knows.
    pub vocabulary: *const gnomon_vocabulary,
}

/// A question in types. Set up with GNOMON_INIT. Fields that .ask does not need are checked (the codes of .steps are not)
/// and not used. Things are named by category ("trash bin") or by name ("chair#2"); everything is borrowed for the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_question {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// GNOMON_ASK_*.
    pub ask: i32,
    /// GNOMON_MEASURE_*.
    pub measure: i32,
    /// GNOMON_SIDE_*.
    pub side: i32,
    /// GNOMON_SECTORS_*.
    pub sectors: i32,
    /// GNOMON_CONTACT_*.
    pub contact: i32,
    /// GNOMON_EXTENT_*.
    pub within: i32,
    /// 1: farthest, least, less. Else 0.
    pub inverse: u32,
    /// GNOMON_OBSERVER_*: _CAMERA, the default, is the view of the options. _POSE is refused: give it as that view.
    pub observer: i32,
    /// GNOMON_UNIT_*: in what gnomon_answer_text and _short tell lengths (areas: its square).
    pub unit: i32,
    /// 0.
    pub reserved: u32,
    /// Observer _HEADING: stands at this x, y in gnomon's world, metres.
    pub origin: [f64; 2],
    /// Observer _HEADING: faces this way, radians counter-clockwise from world +X.
    pub heading_rad: f64,
    /// Observer _FACING: stands at this thing.
    pub standing_at: gnomon_str,
    /// Observer _FACING: faces this thing.
    pub facing: gnomon_str,
    /// The things it names, in the order that GNOMON_ASK_* tells.
    pub things: *const gnomon_str,
    /// How many, at most 64 with those of the observer.
    pub things_len: usize,
    /// _LENGTH_GIVEN: the told lengths of things[1], things[2] and so on, metres.
    pub given_m: *const f64,
    /// How many, at least 1 for _LENGTH_GIVEN.
    pub given_len: usize,
    /// _ROUTE: GNOMON_STEP_*, one _GO_TO for each thing from things[2] on.
    pub steps: *const i32,
    /// How many, at most 256.
    pub steps_len: usize,
    /// What may be answered, without letters.
    pub options: *const gnomon_str,
    /// How many, at most 64; 0: anything.
    pub options_len: usize,
    /// _AT_PICTURE: a place in the picture, 0 to 1: x right, y down.
    pub point: [f64; 2],
}

growing! {
    gnomon_ask_options 328;
    gnomon_question 184;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_ask_options {
    fn defaults() -> Self {
        let ours = AskOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            has_view: 0,
            complete: u32::from(ours.complete),
            view_world_from_camera: IDENTITY,
            view_intrinsics: NO_CAMERA,
            room_area_m2: 0.0,
            least_probability: ours.least_probability,
            tolerance: ours.tolerance,
            relations: std::ptr::null(),
            overlooked: ours.overlooked,
            first_seen_sigma_ns: ours.first_seen_sigma_ns,
            label_error: ours.label_error,
            floor_edge_sigma_m: ours.floor_edge_sigma_m,
            judging_tolerance: ours.judging.tolerance,
            judging_loose_tolerance: ours.judging.loose_tolerance,
            judging_slack_m: ours.judging.slack_m,
            agree_from: ours.judging.agree_from,
            contradict_below: ours.judging.contradict_below,
            vocabulary: std::ptr::null(),
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_question {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            ask: GNOMON_ASK_COUNT,
            measure: GNOMON_MEASURE_HEIGHT,
            side: GNOMON_SIDE_LEFT,
            sectors: GNOMON_SECTORS_TWO,
            contact: GNOMON_CONTACT_ON,
            within: GNOMON_EXTENT_SCENE,
            inverse: 0,
            observer: GNOMON_OBSERVER_CAMERA,
            unit: GNOMON_UNIT_METRE,
            reserved: 0,
            origin: [0.0; 2],
            heading_rad: 0.0,
            standing_at: gnomon_str::NONE,
            facing: gnomon_str::NONE,
            things: std::ptr::null(),
            things_len: 0,
            given_m: std::ptr::null(),
            given_len: 0,
            steps: std::ptr::null(),
            steps_len: 0,
            options: std::ptr::null(),
            options_len: 0,
            point: [0.0; 2],
        }
    }
}

/// Fills in the defaults of how a scene is asked; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_ask_options_init(options: *mut gnomon_ask_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in a question that names nothing; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_question_init(question: *mut gnomon_question, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(question, size) }
}

/// 0 or 1 as a truth.
pub(super) fn flag(value: u32, what: &str) -> Result<bool, Fault> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Fault::argument(format!("{what} is {other}, expected 0 or 1"))),
    }
}

/// The entry of `all` that a code from C stands for; codes count from 0.
pub(super) fn coded<T: Copy>(code: i32, all: &[T], what: &str, names: &str) -> Result<T, Fault> {
    let entry = usize::try_from(code).ok().and_then(|at| all.get(at)).copied();
    entry.ok_or_else(|| Fault::argument(format!("{what} is {code}, expected one of {names}")))
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to as many readable bytes as its `struct_size` says; so does its `relations`. Its
/// `vocabulary` is NULL or alive.
pub(super) unsafe fn read_ask_options(options: *const gnomon_ask_options) -> Result<AskOptions, Fault> {
    if options.is_null() {
        return Ok(AskOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    let world_from_camera = read_pose(&raw.view_world_from_camera, "view_world_from_camera")?;
    let intrinsics = match raw.view_intrinsics.width {
        0 => None,
        _ => Some(raw.view_intrinsics.read("view_intrinsics")?),
    };
    let ours = AskOptions {
        view: flag(raw.has_view, "has_view")?.then_some(View { world_from_camera, intrinsics }),
        complete: flag(raw.complete, "complete")?,
        room_area_m2: (raw.room_area_m2 != 0.0).then_some(raw.room_area_m2),
        least_probability: raw.least_probability,
        tolerance: raw.tolerance,
        // SAFETY: passed on to the caller.
        relations: unsafe { read_thresholds(raw.relations) }?,
        overlooked: raw.overlooked,
        first_seen_sigma_ns: raw.first_seen_sigma_ns,
        label_error: raw.label_error,
        floor_edge_sigma_m: raw.floor_edge_sigma_m,
        judging: Judging {
            tolerance: raw.judging_tolerance,
            loose_tolerance: raw.judging_loose_tolerance,
            slack_m: raw.judging_slack_m,
            agree_from: raw.agree_from,
            contradict_below: raw.contradict_below,
        },
        // SAFETY: passed on to the caller.
        vocabulary: unsafe { read_vocabulary(raw.vocabulary) }?,
    };
    ours.check()?;
    if raw.room_area_m2 > MAX_COORDINATE_M * MAX_COORDINATE_M {
        return Err(Fault::argument(format!("room_area_m2 is {}, expected at most 1e12", raw.room_area_m2)));
    }
    Ok(ours)
}

/// A question's fields, checked and still in the caller's order.
struct Fields {
    raw: gnomon_question,
    things: Vec<Phrase>,
    given_m: Vec<f64>,
    steps: Vec<i32>,
    options: Vec<String>,
    observer: Observer,
    measure: Quantity,
    side: SideWord,
    sectors: Sectors,
    contact: Contact,
    within: Extent,
    inverse: bool,
    unit: LengthUnit,
}

const MEASURES: [Quantity; 7] = [
    Quantity::Side(Side::Height),
    Quantity::Side(Side::Length),
    Quantity::Side(Side::Width),
    Quantity::Side(Side::Longest),
    Quantity::Side(Side::Shortest),
    Quantity::Volume,
    Quantity::Top,
];

const CONTACTS: [Contact; 7] =
    [Contact::On, Contact::Under, Contact::Above, Contact::Below, Contact::Inside, Contact::Near, Contact::Touching];

const UNITS: [LengthUnit; 5] =
    [LengthUnit::Metre, LengthUnit::Centimetre, LengthUnit::Millimetre, LengthUnit::Inch, LengthUnit::Foot];

/// The caller's question.
///
/// # Safety
/// `question` is NULL or points to a question whose arrays and texts are readable.
pub(super) unsafe fn read_asked(question: *const gnomon_question) -> Result<Asked, Fault> {
    // SAFETY: passed on to the caller.
    let fields = unsafe { Fields::read(growth::read(question)?) }?;
    Ok(Asked { question: fields.question()?, unit: Some(fields.unit), options: fields.options })
}

/// A name that is one.
fn phrase(text: &str, what: &str) -> Result<Phrase, Fault> {
    match text.trim().is_empty() {
        true => Err(Fault::argument(format!("{what} is empty, expected a category or a name"))),
        false => Ok(Phrase::new(text)),
    }
}

impl Fields {
    /// # Safety
    /// Arrays and texts of `raw` are readable.
    unsafe fn read(raw: gnomon_question) -> Result<Self, Fault> {
        // SAFETY: passed on to the caller.
        let things = unsafe { read_texts(raw.things, raw.things_len, "things", MAX_NAMED) }?;
        // SAFETY: passed on to the caller.
        let options = unsafe { read_texts(raw.options, raw.options_len, "options", MAX_OPTIONS) }?;
        // SAFETY: passed on to the caller.
        let given_m = unsafe { slice_of(raw.given_m, raw.given_len, "given_m", MAX_NAMED) }?.to_vec();
        // SAFETY: passed on to the caller.
        let steps = unsafe { slice_of(raw.steps, raw.steps_len, "steps", MAX_STEPS) }?.to_vec();
        // SAFETY: passed on to the caller.
        let observer = unsafe { observer_of(&raw) }?;
        if raw.reserved != 0 {
            return Err(Fault::argument(format!("reserved is {}, expected 0", raw.reserved)));
        }
        if let Some(told) = given_m.iter().find(|&&told| !(told > 0.0 && told <= MAX_COORDINATE_M)) {
            return Err(Fault::argument(format!("given_m holds {told}, expected above 0 and at most 1e6 metres")));
        }
        if !raw.point.iter().all(|share| (0.0..=1.0).contains(share)) {
            return Err(Fault::argument(format!("point is {:?}, expected 0 to 1", raw.point)));
        }
        let sides = [SideWord::Left, SideWord::Right, SideWord::Front, SideWord::Behind];
        let sectors = [Sectors::Two, Sectors::Three, Sectors::Four, Sectors::FrontBack];
        let extents = [Extent::Scene, Extent::Picture];
        Ok(Self {
            things: things.iter().map(|thing| phrase(thing, "a thing")).collect::<Result<_, _>>()?,
            given_m,
            steps,
            options: options.into_iter().map(str::to_owned).collect(),
            observer,
            measure: coded(raw.measure, &MEASURES, "measure", "GNOMON_MEASURE_*")?,
            side: coded(raw.side, &sides, "side", "GNOMON_SIDE_*")?,
            sectors: coded(raw.sectors, &sectors, "sectors", "GNOMON_SECTORS_*")?,
            contact: coded(raw.contact, &CONTACTS, "contact", "GNOMON_CONTACT_*")?,
            within: coded(raw.within, &extents, "within", "GNOMON_EXTENT_*")?,
            inverse: flag(raw.inverse, "inverse")?,
            unit: coded(raw.unit, &UNITS, "unit", "GNOMON_UNIT_*")?,
            raw,
        })
    }

    /// Exactly so many things.
    fn named<const N: usize>(&self) -> Result<[Phrase; N], Fault> {
        self.things.clone().try_into().map_err(|_| self.wrong_number(&N.to_string()))
    }

    /// Two things or more, after the first `skipped`.
    fn among(&self, skipped: usize) -> Result<Vec<Phrase>, Fault> {
        let rest = self.things.get(skipped..).filter(|rest| rest.len() >= 2);
        rest.map(<[_]>::to_vec).ok_or_else(|| self.wrong_number(&format!("at least {}", skipped + 2)))
    }

    fn wrong_number(&self, expected: &str) -> Fault {
        Fault::argument(format!("things_len is {}, this question needs {expected}", self.things.len()))
    }

    /// The measure, where it must be a length.
    fn length(&self) -> Result<Side, Fault> {
        match self.measure {
            Quantity::Side(side) => Ok(side),
            Quantity::Volume | Quantity::Top => {
                Err(Fault::argument(format!("measure is {}, expected a length", self.raw.measure)))
            }
        }
    }

    fn question(&self) -> Result<Question, Fault> {
        let Self { within, sectors, side, contact, inverse, .. } = *self;
        let one = || self.named::<1>().map(|[what]| what);
        Ok(match self.raw.ask {
            GNOMON_ASK_COUNT => Question::Count { what: one()?, within },
            GNOMON_ASK_EXISTS => Question::Exists { what: one()?, within },
            GNOMON_ASK_POSITION => Question::Position { what: one()?, within },
            GNOMON_ASK_RANGE => Question::Range { what: one()? },
            GNOMON_ASK_LENGTH => Question::Length { what: one()?, side: self.length()? },
            GNOMON_ASK_SIZE => Question::Size { what: one()? },
            GNOMON_ASK_DIRECTION => Question::Direction { from: self.observer.clone(), what: one()?, sectors },
            GNOMON_ASK_DISTANCE => {
                let [from, to] = self.named()?;
                Question::Distance { from, to }
            }
            GNOMON_ASK_LEFT_OR_RIGHT => {
                let [what, of] = self.named()?;
                Question::LeftOrRight { what, of, from: self.observer.clone() }
            }
            GNOMON_ASK_CONTACT => {
                let [what, of] = self.named()?;
                Question::Contact { what, contact, of }
            }
            GNOMON_ASK_MORE => {
                let [what, than] = self.named()?;
                Question::More { what, than, by: self.measure, less: inverse }
            }
            GNOMON_ASK_WHICH_SIDE => Question::WhichSide { among: self.named::<2>()?.to_vec(), side },
            GNOMON_ASK_SIDE_OF => {
                let (what, of) = match &self.things[..] {
                    [what] => (what.clone(), None),
                    [what, of] => (what.clone(), Some(of.clone())),
                    _ => return Err(self.wrong_number("1 or 2")),
                };
                Question::SideOf { what, side, of, from: self.observer.clone() }
            }
            GNOMON_ASK_ROOM_AREA => {
                let [] = self.named()?;
                Question::RoomArea
            }
            GNOMON_ASK_AT_PICTURE => {
                let [] = self.named()?;
                Question::AtPicture { at: self.raw.point }
            }
            GNOMON_ASK_CLOSEST => {
                let among = self.among(1)?;
                Question::Closest { to: self.things[0].clone(), among, farthest: inverse }
            }
            GNOMON_ASK_MOST => Question::Most { among: self.among(0)?, by: self.measure, least: inverse },
            GNOMON_ASK_FIRST_SEEN => Question::FirstSeen { among: self.among(0)? },
            GNOMON_ASK_LENGTH_GIVEN => self.length_given()?,
            GNOMON_ASK_ROUTE => self.route()?,
            other => return Err(Fault::argument(format!("ask is {other}, expected one of GNOMON_ASK_*"))),
        })
    }

    fn length_given(&self) -> Result<Question, Fault> {
        let told = self.given_m.len();
        if told == 0 || self.things.len() <= told {
            return Err(Fault::argument(format!(
                "given_len is {told} with {} things, expected at least 1 and fewer than things",
                self.things.len()
            )));
        }
        let (given, also) = self.things[1..].split_at(told);
        Ok(Question::LengthGiven {
            what: self.things[0].clone(),
            side: self.length()?,
            given: given.iter().cloned().zip(self.given_m.iter().copied()).collect(),
            also: also.to_vec(),
        })
    }

    fn route(&self) -> Result<Question, Fault> {
        let [start, facing, goals @ ..] = &self.things[..] else { return Err(self.wrong_number("at least 2")) };
        let mut goals = goals.iter();
        let mut step = |&code: &i32| {
            Ok(match code {
                GNOMON_STEP_GO_TO => {
                    let goal = goals.next().ok_or_else(|| self.wrong_number("one for each GNOMON_STEP_GO_TO"))?;
                    Step::GoTo(goal.clone())
                }
                GNOMON_STEP_LEFT => Step::Turn(Turn::Left),
                GNOMON_STEP_RIGHT => Step::Turn(Turn::Right),
                GNOMON_STEP_BACK => Step::Turn(Turn::Back),
                GNOMON_STEP_BLANK => Step::Blank,
                other => return Err(Fault::argument(format!("a step is {other}, expected one of GNOMON_STEP_*"))),
            })
        };
        let steps = self.steps.iter().map(&mut step).collect::<Result<Vec<_>, _>>()?;
        if goals.next().is_some() {
            return Err(self.wrong_number("one for each GNOMON_STEP_GO_TO"));
        }
        Ok(Question::Route { start: start.clone(), facing: facing.clone(), steps })
    }
}

/// The observer of a question; its fields are checked whether or not it needs them.
///
/// # Safety
/// The texts of `raw` are readable.
unsafe fn observer_of(raw: &gnomon_question) -> Result<Observer, Fault> {
    // SAFETY: passed on to the caller.
    let standing_at = unsafe { raw.standing_at.read("standing_at", MAX_NAME_BYTES) }?;
    // SAFETY: passed on to the caller.
    let facing = unsafe { raw.facing.read("facing", MAX_NAME_BYTES) }?;
    if let Some(value) =
        raw.origin.iter().chain([&raw.heading_rad]).find(|v| !(0.0..=MAX_COORDINATE_M).contains(&v.abs()))
    {
        return Err(Fault::argument(format!("origin or heading_rad holds {value}, expected finite and within 1e6")));
    }
    Ok(match raw.observer {
        GNOMON_OBSERVER_CAMERA => Observer::Viewer,
        GNOMON_OBSERVER_HEADING => Observer::Frame(LocalFrame::new(raw.origin, raw.heading_rad)?),
        GNOMON_OBSERVER_FACING => {
            Observer::Things { standing_at: phrase(standing_at, "standing_at")?, facing: phrase(facing, "facing")? }
        }
        other => {
            return Err(Fault::argument(format!(
                "observer is {other}, expected GNOMON_OBSERVER_CAMERA, _HEADING or _FACING"
            )));
        }
    })
}
