//! The camera's pictures that are kept for later questions: bounded, each with its camera, its pose and what depth saw.
//!
//! [`Album::offer`] is called with every frame that the scene takes in. Most are passed over: the camera stands where it
//! stood. Of the others those K are kept that together see the most of the place ([`Keeper`]), and the newest.

use crate::error::{Error, Result};
use crate::frame::{DepthGrid, Frame, Intrinsics, MAX_COORDINATE_M, Pose, Registrar};
use crate::prepare::Rgb;
use crate::select::{KeepOptions, Keeper};
use nalgebra::Point3;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Points that are kept of a frame: at most 96 columns of 72 rows.
const MAX_POINTS: usize = 96 * 72;

/// Which pictures are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlbumOptions {
    /// How many, the newest aside: 1 to 4096.
    pub count: usize,
    /// A frame is looked at when the camera moved so far, metres,
    pub least_shift_m: f64,
    /// or turned so far, degrees,
    pub least_turn_deg: f64,
    /// or stood so long, nanoseconds, since the last that was looked at.
    pub most_wait_ns: i64,
}

impl Default for AlbumOptions {
    /// 32 pictures; 10 cm, 5 degrees, a second.
    fn default() -> Self {
        Self { count: 32, least_shift_m: 0.1, least_turn_deg: 5.0, most_wait_ns: 1_000_000_000 }
    }
}

impl AlbumOptions {
    fn check(&self) -> Result<()> {
        let Self { count, least_shift_m, least_turn_deg, most_wait_ns } = *self;
        if !(0.0..=MAX_COORDINATE_M).contains(&least_shift_m) {
            return Err(Error::argument(format!("least_shift_m is {least_shift_m}, expected 0 to 1e6 metres")));
        }
        if !(0.0..=180.0).contains(&least_turn_deg) {
            return Err(Error::argument(format!("least_turn_deg is {least_turn_deg}, expected 0 to 180")));
        }
        if most_wait_ns < 0 {
            return Err(Error::argument(format!("most_wait_ns is {most_wait_ns}, expected 0 or more")));
        }
        if !(1..=4096).contains(&count) {
            return Err(Error::argument(format!("album count is {count}, expected 1 to 4096")));
        }
        Ok(())
    }
}

/// A kept picture.
#[derive(Debug, Clone)]
pub struct Shot {
    /// The number it was offered under.
    pub id: u64,
    /// When it was taken, nanoseconds.
    pub stamp_ns: i64,
    /// The picture.
    pub picture: Arc<Rgb>,
    /// Its camera.
    pub intrinsics: Intrinsics,
    /// Camera coordinates to the input's world, as [`Frame`] has it.
    pub world_from_camera: Pose,
    /// Every so many pixels of a row, and every so many rows, one was looked at.
    pub(super) step: usize,
    /// Points in camera coordinates, metres, of those that have depth.
    pub(super) points: Vec<[f32; 3]>,
    /// Directions (x/z, y/z) of those that have none.
    pub(super) blind: Vec<[f32; 2]>,
}

/// Pictures that are kept. One writer, who also writes the scene.
#[derive(Debug)]
pub struct Album {
    options: AlbumOptions,
    keeper: Keeper,
    kept: BTreeMap<u64, Arc<Shot>>,
    newest: Option<Arc<Shot>>,
    registrar: Registrar,
    grid: DepthGrid,
}

impl Album {
    /// An empty album. Fails for options out of range.
    pub fn new(options: AlbumOptions) -> Result<Self> {
        options.check()?;
        let keeper = Keeper::new(KeepOptions { count: options.count, log: 0, ..KeepOptions::default() })?;
        let (registrar, grid) = (Registrar::default(), DepthGrid::default());
        Ok(Self { options, keeper, kept: BTreeMap::new(), newest: None, registrar, grid })
    }

    /// Offers a frame under a number; says whether its picture is there now. The copy is made only if it is.
    ///
    /// # Errors
    /// A frame without a picture, a number that does not rise, images that are not their cameras' size.
    pub fn offer(&mut self, id: u64, frame: &Frame<'_>) -> Result<bool> {
        let colour = frame.colour.as_ref().ok_or_else(|| Error::argument(format!("frame {id} has no picture")))?;
        if let Some(last) = self.newest.as_ref().filter(|last| id <= last.id) {
            let last = last.id;
            return Err(Error::argument(format!("frame {id} comes after frame {last}: numbers rise")));
        }
        if self.newest.as_ref().is_some_and(|last| self.is_same_look(last, frame)) {
            return Ok(false);
        }
        self.registrar.register(frame, &mut self.grid)?;
        let (width, height) = (self.grid.width, self.grid.height);
        let step = (1..).find(|step| width.div_ceil(*step) * height.div_ceil(*step) <= MAX_POINTS).unwrap_or(1);
        let pixels = (0..height).step_by(step).flat_map(|v| (0..width).step_by(step).map(move |u| (u, v)));
        let points: Vec<[f32; 3]> = pixels.clone().filter_map(|(u, v)| self.grid.point(u, v)).collect();
        let without_depth = pixels.filter(|(u, v)| self.grid.point(*u, *v).is_none());
        let directions = without_depth.map(|(u, v)| self.grid.rays[v * width + u]);
        let blind: Vec<[f32; 2]> = directions.filter(|ray| !ray[0].is_nan()).collect();
        let in_world = |point: &[f32; 3]| (frame.world_from_camera * Point3::from(point.map(f64::from))).coords.into();
        let swap = self.keeper.offer(id, &points.iter().map(in_world).collect::<Vec<[f64; 3]>>())?;
        let shot = Arc::new(Shot {
            id,
            stamp_ns: frame.stamp_ns,
            picture: Arc::new(Rgb::of(colour)?),
            intrinsics: frame.intrinsics,
            world_from_camera: frame.world_from_camera,
            step,
            points,
            blind,
        });
        if let Some(swap) = swap {
            if let Some((gone, _)) = swap.instead_of {
                self.kept.remove(&gone);
            }
            self.kept.insert(id, shot.clone());
        }
        self.newest = Some(shot);
        Ok(true)
    }

    fn is_same_look(&self, last: &Shot, frame: &Frame<'_>) -> bool {
        let moved = last.world_from_camera.inverse() * frame.world_from_camera;
        moved.translation.vector.norm() < self.options.least_shift_m
            && moved.rotation.angle().to_degrees() < self.options.least_turn_deg
            && frame.stamp_ns.saturating_sub(last.stamp_ns) < self.options.most_wait_ns
    }

    /// Corrects where a picture was taken, as a closed loop tells it; says whether it is there.
    pub fn correct(&mut self, id: u64, world_from_camera: Pose) -> bool {
        let newest = self.newest.as_mut().filter(|shot| shot.id == id);
        let shots: Vec<&mut Arc<Shot>> = self.kept.get_mut(&id).into_iter().chain(newest).collect();
        let is_there = !shots.is_empty();
        shots.into_iter().for_each(|shot| Arc::make_mut(shot).world_from_camera = world_from_camera);
        is_there
    }

    /// The pictures, the oldest first.
    pub fn shots(&self) -> impl Iterator<Item = &Arc<Shot>> {
        let newest = self.newest.as_ref().filter(|shot| !self.kept.contains_key(&shot.id));
        self.kept.values().chain(newest)
    }

    /// The newest picture.
    pub fn newest(&self) -> Option<&Arc<Shot>> {
        self.newest.as_ref()
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.shots().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.newest.is_none()
    }
}
