//! Where an observer stands, as options of maps and relations say it.

use super::frame::read_pose;
use super::status::*;
use crate::cogmap::LocalFrame;
use crate::frame::MAX_COORDINATE_M;
use crate::scene::{ObjectId, Snapshot};

/// The fields that say where an observer stands; `observer` (GNOMON_OBSERVER_*) tells which of the others count.
pub(super) struct ObserverFields {
    pub observer: i32,
    pub world_from_camera: [f64; 16],
    pub origin: [f64; 2],
    pub heading_rad: f64,
    pub standing_at: u64,
    pub facing: u64,
    /// 0, 0: none.
    pub fallback: [f64; 2],
}

impl ObserverFields {
    /// Fields are checked whether or not the observer asked for needs them; ids are looked up when they are needed.
    pub fn check(&self) -> Result<(), Fault> {
        let place = self.origin.iter().chain(&self.fallback).chain([&self.heading_rad]);
        if let Some(value) = place.into_iter().find(|v| !(0.0..=MAX_COORDINATE_M).contains(&v.abs())) {
            return Err(Fault::argument(format!(
                "origin, heading_rad or fallback holds {value}, expected finite and within {MAX_COORDINATE_M:e}"
            )));
        }
        if !(GNOMON_OBSERVER_CAMERA..=GNOMON_OBSERVER_FACING).contains(&self.observer) {
            return Err(Fault::argument(format!("observer is {}, expected one of GNOMON_OBSERVER_*", self.observer)));
        }
        read_pose(&self.world_from_camera, "world_from_camera").map(|_| ())
    }

    /// The observer's frame in this snapshot.
    pub fn frame(&self, snapshot: &Snapshot) -> Result<LocalFrame, Fault> {
        self.check()?;
        let fallback = (self.fallback != [0.0; 2]).then_some(self.fallback);
        Ok(match self.observer {
            GNOMON_OBSERVER_POSE => LocalFrame::from_pose(&read_pose(&self.world_from_camera, "world_from_camera")?)?,
            GNOMON_OBSERVER_HEADING => LocalFrame::new(self.origin, self.heading_rad)?,
            GNOMON_OBSERVER_FACING => {
                let (standing_at, facing) = (ObjectId(self.standing_at), ObjectId(self.facing));
                for id in [standing_at, facing] {
                    known(snapshot, id)?;
                }
                LocalFrame::standing_at_object(snapshot, standing_at, facing, fallback)?
            }
            _ => LocalFrame::from_pose(&snapshot.world_from_camera())?,
        })
    }
}

/// Refuses an id that the snapshot does not have.
pub(super) fn known(snapshot: &Snapshot, id: ObjectId) -> Result<(), Fault> {
    match snapshot.object(id) {
        Some(_) => Ok(()),
        None => Err(Fault::new(GNOMON_E_STATE, format!("this snapshot has no object with id {}", id.0))),
    }
}
