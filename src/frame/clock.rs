//! Stamps: per camera they rise, between cameras they may be a little out of order.

use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// How far a frame may lie behind the newest frame of another camera, nanoseconds.
pub const MAX_DISORDER_NS: i64 = 1_000_000_000;

/// The most cameras one scene keeps apart.
pub const MAX_CAMERAS: usize = 1024;

/// Remembers the newest stamp of each camera.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    newest: BTreeMap<u32, i64>,
    newest_of_all: Option<i64>,
}

impl Clock {
    /// Whether a frame of this camera may come now. Changes nothing.
    pub fn check(&self, camera_id: u32, stamp_ns: i64) -> Result<()> {
        match self.newest.get(&camera_id) {
            Some(&last) if stamp_ns <= last => {
                return Err(Error::state(format!(
                    "stamp {stamp_ns} ns of camera {camera_id} is not after its last, {last} ns: stamps must rise per camera"
                )));
            }
            None if self.newest.len() >= MAX_CAMERAS => {
                return Err(Error::argument(format!(
                    "camera {camera_id} would be one more than {MAX_CAMERAS} cameras"
                )));
            }
            _ => {}
        }
        match self.newest_of_all {
            Some(newest) if stamp_ns < newest.saturating_sub(MAX_DISORDER_NS) => Err(Error::state(format!(
                "stamp {stamp_ns} ns of camera {camera_id} is more than 1 s behind the newest of all cameras, {newest} ns"
            ))),
            _ => Ok(()),
        }
    }

    /// Notes that the frame was taken in.
    pub fn advance(&mut self, camera_id: u32, stamp_ns: i64) {
        self.newest.insert(camera_id, stamp_ns);
        self.newest_of_all = Some(self.newest_of_all.map_or(stamp_ns, |newest| newest.max(stamp_ns)));
    }

    /// The newest stamp of all cameras, nanoseconds.
    pub fn newest_ns(&self) -> Option<i64> {
        self.newest_of_all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backwards_is_refused_per_camera_and_tolerated_a_second_between_cameras() {
        let mut clock = Clock::default();
        clock.advance(0, 5_000_000_000);
        assert!(clock.check(0, 5_000_000_000).is_err() && clock.check(0, 4_000_000_000).is_err());
        assert!(clock.check(1, 4_000_000_000).is_ok() && clock.check(1, 3_999_999_999).is_err());
        assert!(clock.check(0, 5_000_000_001).is_ok());
    }
}
