//! The frames worth keeping of those that come one after another.
//!
//! The points of a frame are taken before what readers ask is locked, so reading waits for an exchange of voxels at most.

use crate::bridge::{Frame, KeeperFacts, KeeperOptions, Kept, OrientedBox, Sight, Swap};
use crate::convert::frame_of;
use crate::held::{Failure, Single, held};
use gnomon::select::{self, KeepOptions, MAX_SAMPLES, PointSampler};
use gnomon::{Error, Result as Outcome};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps exactly so many frames of all that it is offered.
pub struct Keeper {
    offering: Single<PointSampler>,
    keeper: Mutex<select::Keeper>,
}

/// The defaults of a keeper.
pub fn default_keeper_options() -> KeeperOptions {
    let KeepOptions { count, edge_m, log } = KeepOptions::default();
    KeeperOptions { count: count as u64, log: log as u64, edge_m }
}

impl From<&select::Swap> for Swap {
    fn from(ours: &select::Swap) -> Self {
        let (gone, loss) = ours.instead_of.unwrap_or_default();
        let has_gone = ours.instead_of.is_some();
        Self { frame: ours.frame, gain: ours.gain as u64, gone, loss: loss as u64, is_kept: true, has_gone }
    }
}

impl Keeper {
    /// A keeper of nothing. Errors: options out of range.
    pub fn create(options: &KeeperOptions) -> Result<Box<Self>, Failure> {
        let most = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let options = KeepOptions { count: most(options.count), edge_m: options.edge_m, log: most(options.log) };
        held(|| {
            let keeper = Mutex::new(select::Keeper::new(options)?);
            Ok(Box::new(Self { offering: Single::new("keeper", PointSampler::default()), keeper }))
        })
    }

    /// Offers a frame. Errors: a frame that cannot be meant, a number that does not rise.
    pub fn offer(&self, number: u64, frame: &Frame<'_>) -> Result<Swap, Failure> {
        self.offering.change(|sampler| self.exchange(number, &sampler.points(&frame_of(frame)?)?))
    }

    /// Offers points. Errors: too many, numbers that are no points, a number that does not rise.
    pub fn offer_points(&self, number: u64, xyz: &[f64]) -> Result<Swap, Failure> {
        self.offering.change(|_| {
            let (points, rest) = xyz.as_chunks();
            if !rest.is_empty() || points.len() > MAX_SAMPLES {
                return Err(Error::argument(format!(
                    "xyz has {} numbers, expected three a point, of at most {MAX_SAMPLES} points",
                    xyz.len()
                )));
            }
            self.exchange(number, points)
        })
    }

    fn exchange(&self, number: u64, points: &[[f64; 3]]) -> Outcome<Swap> {
        let swap = self.kept_now().offer(number, points)?;
        let not_kept = Swap { frame: number, gain: 0, gone: 0, loss: 0, is_kept: false, has_gone: false };
        Ok(swap.as_ref().map_or(not_kept, Swap::from))
    }

    /// What is kept. After a panic offers are refused, and what was kept can still be asked for.
    fn kept_now(&self) -> MutexGuard<'_, select::Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keeper in numbers.
    pub fn info(&self) -> KeeperFacts {
        let keeper = self.kept_now();
        KeeperFacts {
            offered: keeper.offered(),
            kept: keeper.kept().len() as u64,
            covered: keeper.covered() as u64,
            logged: keeper.log().count() as u64,
            forgotten: keeper.forgotten(),
        }
    }

    /// The kept frames.
    pub fn kept(&self) -> Vec<Kept> {
        let one =
            |kept: &select::Kept| Kept { frame: kept.frame, voxels: kept.voxels() as u64, alone: kept.alone as u64 };
        self.kept_now().kept().iter().map(one).collect()
    }

    /// The newest exchanges.
    pub fn log(&self) -> Vec<Swap> {
        self.kept_now().log().map(Swap::from).collect()
    }

    /// The kept frames that see something of a box. Errors: a box that is none.
    pub fn seeing(&self, obb: &OrientedBox) -> Result<Vec<Sight>, Failure> {
        let one = |(frame, voxels): (u64, usize)| Sight { frame, voxels: voxels as u64 };
        held(|| Ok(self.kept_now().seeing(&obb.read("box")?).into_iter().map(one).collect()))
    }
}
