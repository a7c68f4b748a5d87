//! Left and right, front and back: round an observer on the ground, from centroids.

use super::{Outcome, Work, chosen, metres};
use crate::answer::facts::Thing;
use crate::answer::question::{Observer, Phrase, Sectors, SideWord};
use crate::answer::reply::{Margin, MarginUnit, Unknown, Value, Why};
use crate::cogmap::LocalFrame;
use crate::cogmap::direction::{bearing_deg, left_or_right, left_right_or_back, quadrant, turned_deg};
use crate::frame::Pose;

/// An observer whose place may be in doubt.
pub(super) enum Standing<'s> {
    /// At a thing, facing a thing.
    Things(Thing<'s>, Thing<'s>),
    /// A frame that is known.
    Frame(LocalFrame),
}

impl Standing<'_> {
    fn weight(&self) -> f64 {
        match self {
            Self::Things(at, to) => at.weight * to.weight,
            Self::Frame(_) => 1.0,
        }
    }

    /// The frame as believed, or in a draw.
    fn frame(&self, k: Option<usize>) -> Option<LocalFrame> {
        match self {
            Self::Frame(frame) => Some(*frame),
            Self::Things(at, to) => LocalFrame::standing_at(ground(at, k), ground(to, k), None).ok(),
        }
    }
}

impl<'s> Work<'s> {
    pub(super) fn direction(&mut self, from: &Observer, what: &Phrase, sectors: Sectors) -> Outcome {
        let standing = self.standing(from)?;
        let thing = self.one(what)?;
        let frame = standing.frame(None).ok_or_else(no_heading)?;
        let local = frame.to_local(ground(&thing, None));
        let (word, margin_m) = sector(local, sectors);
        let draw = |k| {
            let frame = standing.frame(Some(k))?;
            Some(sector(frame.to_local(ground(&thing, Some(k))), sectors).0)
        };
        let certain = standing.weight() * thing.weight;
        Ok(chosen(Value::Direction(word), &Some(word), metres(margin_m), certain, draw))
    }

    /// Against another thing, left and right are told by bearing and front and behind by distance: as they look.
    pub(super) fn side_of(&mut self, what: &Phrase, side: SideWord, of: Option<&Phrase>, from: &Observer) -> Outcome {
        let standing = self.standing(from)?;
        let thing = self.one(what)?;
        let other = of.map(|of| self.one(of)).transpose()?;
        let margin = |k: Option<usize>| {
            let frame = standing.frame(k)?;
            let here = frame.to_local(ground(&thing, k));
            let there = other.as_ref().map(|other| frame.to_local(ground(other, k)));
            Some(side_margin(here, there, side))
        };
        let believed = margin(None).ok_or_else(no_heading)?;
        let yes = believed >= 0.0;
        let certain = standing.weight() * thing.weight * other.as_ref().map_or(1.0, |other| other.weight);
        let unit = match (side, of) {
            (SideWord::Left | SideWord::Right, Some(_)) => MarginUnit::Degrees,
            _ => MarginUnit::Metres,
        };
        let margin_told = Margin { value: believed.abs(), unit };
        Ok(chosen(Value::YesNo(yes), &Some(yes), margin_told, certain, |k| Some(margin(Some(k))? >= 0.0)))
    }

    /// The side of the other thing on which it looks to be.
    pub(super) fn left_or_right_of(&mut self, what: &Phrase, of: &Phrase, from: &Observer) -> Outcome {
        let mut found = self.side_of(what, SideWord::Left, Some(of), from)?;
        let left = found.value == Value::YesNo(true);
        found.value = Value::Direction(if left { "left" } else { "right" });
        Ok(found)
    }

    /// The one of two that lies more to that side of the picture.
    pub(super) fn which_side(&mut self, among: &[Phrase], side: SideWord) -> Outcome {
        let [a, b] = among else {
            return Err(Unknown::new(Why::NoAnswer, format!("{} things to choose from, expected two", among.len())));
        };
        let mut found = self.side_of(a, side, Some(b), &Observer::Viewer)?;
        let first = found.value == Value::YesNo(true);
        found.value = Value::Thing(if first { a.clone() } else { b.clone() });
        Ok(found)
    }

    /// The pose of whoever looks.
    pub(super) fn viewer(&self) -> Result<Pose, Unknown> {
        match self.facts.options.view {
            Some(view) => Ok(view.world_from_camera),
            None if self.facts.snapshot.frames() > 0 => Ok(self.facts.snapshot.world_from_camera()),
            None => {
                Err(Unknown::new(Why::NoView, "the question is asked through someone's eyes, and no view is given"))
            }
        }
    }

    pub(super) fn standing(&mut self, from: &Observer) -> Result<Standing<'s>, Unknown> {
        Ok(match from {
            Observer::Things { standing_at, facing } => {
                let (at, to) = (self.one(standing_at)?, self.one(facing)?);
                if at.object.id == to.object.id {
                    return Err(no_heading());
                }
                Standing::Things(at, to)
            }
            Observer::Frame(frame) => Standing::Frame(*frame),
            Observer::Viewer => Standing::Frame(LocalFrame::from_pose(&self.viewer()?).map_err(|_| no_heading())?),
        })
    }
}

pub(super) fn no_heading() -> Unknown {
    Unknown::new(Why::NoAnswer, "the observer faces nowhere: the two places are one, or it looks straight up or down")
}

/// Where a thing stands, world x and y, as believed or in a draw.
pub(super) fn ground(thing: &Thing<'_>, k: Option<usize>) -> [f64; 2] {
    let obb = k.map_or(&thing.object.obb, |k| thing.draws.get(k));
    [obb.centre.x, obb.centre.y]
}

fn sector(local: [f64; 2], sectors: Sectors) -> (&'static str, f64) {
    match sectors {
        Sectors::Two => {
            let told = left_or_right(local);
            (told.word.word(), told.margin_m)
        }
        Sectors::Three => {
            let told = left_right_or_back(local);
            (told.word.word(), told.margin_m)
        }
        Sectors::Four => {
            let told = quadrant(local);
            (told.word.word(), told.margin_m)
        }
        Sectors::FrontBack => (if local[1] >= 0.0 { "front" } else { "back" }, local[1].abs()),
    }
}

/// Positive when it is on that side: degrees of bearing left or right of another thing, otherwise metres.
fn side_margin(here: [f64; 2], of: Option<[f64; 2]>, side: SideWord) -> f64 {
    let range = |local: [f64; 2]| local[0].hypot(local[1]);
    match (side, of) {
        (SideWord::Right, Some(of)) => turned_deg(bearing_deg(here) - bearing_deg(of)),
        (SideWord::Left, Some(of)) => turned_deg(bearing_deg(of) - bearing_deg(here)),
        (SideWord::Front, Some(of)) => range(of) - range(here),
        (SideWord::Behind, Some(of)) => range(here) - range(of),
        (SideWord::Right, None) => here[0],
        (SideWord::Left, None) => -here[0],
        (SideWord::Front, None) => here[1],
        (SideWord::Behind, None) => -here[1],
    }
}
