//! Questions in types, as C++ makes them.

use crate::bridge::{self, Ask, AskedFrom};
use crate::convert::{coded, no_such};
use gnomon::answer::reader::MAX_OPTIONS;
use gnomon::answer::{
    Asked, Contact, Extent, MAX_NAMED, Observer, Phrase, Quantity, Question, Sectors, Side, SideWord, Step, Turn,
};
use gnomon::cogmap::LocalFrame;
use gnomon::frame::MAX_COORDINATE_M;
use gnomon::score::LengthUnit;
use gnomon::{Error, Result};

/// The most steps of a route.
const MAX_STEPS: usize = 256;

const MEASURES: [Quantity; 7] = [
    Quantity::Side(Side::Height),
    Quantity::Side(Side::Length),
    Quantity::Side(Side::Width),
    Quantity::Side(Side::Longest),
    Quantity::Side(Side::Shortest),
    Quantity::Volume,
    Quantity::Top,
];

const SIDES: [SideWord; 4] = [SideWord::Left, SideWord::Right, SideWord::Front, SideWord::Behind];

const SECTORS: [Sectors; 4] = [Sectors::Two, Sectors::Three, Sectors::Four, Sectors::FrontBack];

const CONTACTS: [Contact; 7] =
    [Contact::On, Contact::Under, Contact::Above, Contact::Below, Contact::Inside, Contact::Near, Contact::Touching];

const UNITS: [LengthUnit; 5] =
    [LengthUnit::Metre, LengthUnit::Centimetre, LengthUnit::Millimetre, LengthUnit::Inch, LengthUnit::Foot];

/// A name that is one.
fn phrase(text: &str, what: &str) -> Result<Phrase> {
    match text.trim().is_empty() {
        true => Err(Error::argument(format!("{what} is empty, expected a category or a name"))),
        false => Ok(Phrase::new(text)),
    }
}

fn at_most(count: usize, most: usize, what: &str) -> Result<()> {
    match count <= most {
        true => Ok(()),
        false => Err(Error::argument(format!("{count} {what}, expected at most {most}"))),
    }
}

impl bridge::Question {
    /// The crate's own. Errors: fields out of range, another number of things than it needs.
    pub fn read(&self) -> Result<Asked> {
        self.check()?;
        let things = self.things.iter().map(|thing| phrase(thing, "a thing")).collect::<Result<_>>()?;
        let fields = Fields {
            raw: self,
            things,
            observer: self.observer()?,
            measure: coded(self.measure.repr, &MEASURES, "measure")?,
            side: coded(self.side.repr, &SIDES, "side")?,
            sectors: coded(self.sectors.repr, &SECTORS, "sectors")?,
            contact: coded(self.contact.repr, &CONTACTS, "contact")?,
            within: coded(self.within.repr, &[Extent::Scene, Extent::Picture], "within")?,
        };
        let unit = coded(self.unit.repr, &UNITS, "unit")?;
        Ok(Asked { question: fields.question()?, unit: Some(unit), options: self.choices.clone() })
    }

    fn check(&self) -> Result<()> {
        at_most(self.things.len(), MAX_NAMED, "things")?;
        at_most(self.given_m.len(), MAX_NAMED, "told lengths")?;
        at_most(self.steps.len(), MAX_STEPS, "steps")?;
        at_most(self.choices.len(), MAX_OPTIONS, "choices")?;
        if let Some(told) = self.given_m.iter().find(|&&told| !(told > 0.0 && told <= MAX_COORDINATE_M)) {
            return Err(Error::argument(format!("given_m holds {told}, expected above 0 and at most 1e6 metres")));
        }
        if !self.point.iter().all(|share| (0.0..=1.0).contains(share)) {
            return Err(Error::argument(format!("point is {:?}, expected 0 to 1", self.point)));
        }
        let mut place = self.origin.iter().chain([&self.heading_rad]);
        if let Some(value) = place.find(|value| !(0.0..=MAX_COORDINATE_M).contains(&value.abs())) {
            let sentence = format!("origin or heading_rad holds {value}, expected finite and within 1e6");
            return Err(Error::argument(sentence));
        }
        Ok(())
    }

    fn observer(&self) -> Result<Observer> {
        Ok(match self.from {
            AskedFrom::View => Observer::Viewer,
            AskedFrom::Heading => Observer::Frame(LocalFrame::new(self.origin, self.heading_rad)?),
            AskedFrom::Things => Observer::Things {
                standing_at: phrase(&self.standing_at, "standing_at")?,
                facing: phrase(&self.facing, "facing")?,
            },
            other => return Err(no_such("from", other.repr)),
        })
    }
}

/// A question's fields, checked and still in the caller's order.
struct Fields<'q> {
    raw: &'q bridge::Question,
    things: Vec<Phrase>,
    observer: Observer,
    measure: Quantity,
    side: SideWord,
    sectors: Sectors,
    contact: Contact,
    within: Extent,
}

impl Fields<'_> {
    /// Exactly so many things.
    fn named<const N: usize>(&self) -> Result<[Phrase; N]> {
        self.things.clone().try_into().map_err(|_| self.wrong_number(&N.to_string()))
    }

    /// Two things or more, after the first `skipped`.
    fn among(&self, skipped: usize) -> Result<Vec<Phrase>> {
        let rest = self.things.get(skipped..).filter(|rest| rest.len() >= 2);
        rest.map(<[_]>::to_vec).ok_or_else(|| self.wrong_number(&format!("at least {}", skipped + 2)))
    }

    fn wrong_number(&self, expected: &str) -> Error {
        Error::argument(format!("{} things are named, this question needs {expected}", self.things.len()))
    }

    /// The measure, where it must be a length.
    fn length(&self) -> Result<Side> {
        match self.measure {
            Quantity::Side(side) => Ok(side),
            Quantity::Volume | Quantity::Top => {
                Err(Error::argument(format!("measure is {}, expected a length", self.raw.measure.repr)))
            }
        }
    }

    fn question(&self) -> Result<Question> {
        let Self { within, sectors, side, contact, measure, .. } = *self;
        let inverse = self.raw.inverse;
        let one = || self.named::<1>().map(|[what]| what);
        Ok(match self.raw.ask {
            Ask::Count => Question::Count { what: one()?, within },
            Ask::Exists => Question::Exists { what: one()?, within },
            Ask::Position => Question::Position { what: one()?, within },
            Ask::Range => Question::Range { what: one()? },
            Ask::Length => Question::Length { what: one()?, side: self.length()? },
            Ask::Size => Question::Size { what: one()? },
            Ask::Direction => Question::Direction { from: self.observer.clone(), what: one()?, sectors },
            Ask::Distance => {
                let [from, to] = self.named()?;
                Question::Distance { from, to }
            }
            Ask::LeftOrRight => {
                let [what, of] = self.named()?;
                Question::LeftOrRight { what, of, from: self.observer.clone() }
            }
            Ask::Contact => {
                let [what, of] = self.named()?;
                Question::Contact { what, contact, of }
            }
            Ask::More => {
                let [what, than] = self.named()?;
                Question::More { what, than, by: measure, less: inverse }
            }
            Ask::WhichSide => Question::WhichSide { among: self.named::<2>()?.to_vec(), side },
            Ask::SideOf => {
                let (what, of) = match &self.things[..] {
                    [what] => (what.clone(), None),
                    [what, of] => (what.clone(), Some(of.clone())),
                    _ => return Err(self.wrong_number("1 or 2")),
                };
                Question::SideOf { what, side, of, from: self.observer.clone() }
            }
            Ask::RoomArea => {
                let [] = self.named()?;
                Question::RoomArea
            }
            Ask::AtPicture => {
                let [] = self.named()?;
                Question::AtPicture { at: self.raw.point }
            }
            Ask::Closest => {
                let among = self.among(1)?;
                Question::Closest { to: self.things[0].clone(), among, farthest: inverse }
            }
            Ask::Most => Question::Most { among: self.among(0)?, by: measure, least: inverse },
            Ask::FirstSeen => Question::FirstSeen { among: self.among(0)? },
            Ask::LengthGiven => self.length_given()?,
            Ask::Route => self.route()?,
            other => return Err(no_such("ask", other.repr)),
        })
    }

    fn length_given(&self) -> Result<Question> {
        let (given_m, named) = (&self.raw.given_m, self.things.len());
        let told = given_m.len();
        if told == 0 || named <= told {
            let sentence =
                format!("{told} lengths are told of {named} things, expected at least 1 and fewer than things");
            return Err(Error::argument(sentence));
        }
        let (given, also) = self.things[1..].split_at(told);
        Ok(Question::LengthGiven {
            what: self.things[0].clone(),
            side: self.length()?,
            given: given.iter().cloned().zip(given_m.iter().copied()).collect(),
            also: also.to_vec(),
        })
    }

    fn route(&self) -> Result<Question> {
        let [start, facing, goals @ ..] = &self.things[..] else { return Err(self.wrong_number("at least 2")) };
        let mut goals = goals.iter();
        let mut step = |&code: &bridge::Step| {
            Ok(match code {
                bridge::Step::GoTo => {
                    let goal = goals.next().ok_or_else(|| self.wrong_number("one for each Step::GoTo"))?;
                    Step::GoTo(goal.clone())
                }
                bridge::Step::Left => Step::Turn(Turn::Left),
                bridge::Step::Right => Step::Turn(Turn::Right),
                bridge::Step::Back => Step::Turn(Turn::Back),
                bridge::Step::Blank => Step::Blank,
                other => return Err(no_such("a step", other.repr)),
            })
        };
        let steps = self.raw.steps.iter().map(&mut step).collect::<Result<Vec<_>>>()?;
        if goals.next().is_some() {
            return Err(self.wrong_number("one for each Step::GoTo"));
        }
        Ok(Question::Route { start: start.clone(), facing: facing.clone(), steps })
    }
}
