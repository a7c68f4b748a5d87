//! What two or three things of a snapshot are to each other.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, guard};
use super::observer::{ObserverFields, known};
use super::question::coded;
use super::shapes::IDENTITY;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use crate::graph::{BoxAxis, Measure, Needs, RelationKind, RelationOptions, relation};
use crate::scene::ObjectId;

/// Where relations draw their lines, and who looks. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_relation_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// GNOMON_OBSERVER_*, for left, right, front, behind: which of the fields below say where the observer stands.
    pub observer: i32,
    /// GNOMON_AXIS_*, for facing: which of a box's directions is its front.
    pub front: i32,
    /// Observer _POSE: stands under this camera, facing where it looks; 4 x 4, row by row.
    pub world_from_camera: [f64; 16],
    /// Observer _HEADING: stands at this x, y in gnomon's world, metres.
    pub origin: [f64; 2],
    /// Observer _HEADING: faces this way, radians counter-clockwise from world +X.
    pub heading_rad: f64,
    /// Observer _FACING: stands at the thing with this id.
    pub standing_at: u64,
    /// Observer _FACING: faces the thing with this id.
    pub facing: u64,
    /// Left, right, front, behind: how much of the narrower extent may overlap, 0 to 1.
    pub side_overlap: f64,
    /// On: how far the lowest point may be from the top, metres.
    pub on_gap_m: f64,
    /// Under, above, below: how far heights may overlap, metres.
    pub height_slack_m: f64,
    /// Inside: how far out a corner may stand, metres.
    pub inside_slack_m: f64,
    /// Touching: the widest gap, metres.
    pub touching_m: f64,
    /// Near: the widest gap, metres.
    pub near_m: f64,
    /// Larger: the least ratio of volumes.
    pub larger_ratio: f64,
    /// Taller: the least difference, metres.
    pub taller_m: f64,
    /// Facing: the widest angle from the front to what is faced, radians.
    pub facing_rad: f64,
}

/// Whether a relation holds, and by how much.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_relation {
    /// 1 when it holds: margin is 0 or more. Else 0.
    pub holds: u32,
    /// What the margin counts: GNOMON_MARGIN_METRES or _RATIO.
    pub margin_unit: i32,
    /// How far from the border of the answer; negative where it does not hold.
    pub margin: f64,
}

growing! {
    gnomon_relation_options 256;
    gnomon_relation 16;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_relation_options {
    fn defaults() -> Self {
        let ours = RelationOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            observer: GNOMON_OBSERVER_CAMERA,
            front: GNOMON_AXIS_PLUS_X,
            world_from_camera: IDENTITY,
            origin: [0.0; 2],
            heading_rad: 0.0,
            standing_at: 0,
            facing: 0,
            side_overlap: ours.side_overlap,
            on_gap_m: ours.on_gap_m,
            height_slack_m: ours.height_slack_m,
            inside_slack_m: ours.inside_slack_m,
            touching_m: ours.touching_m,
            near_m: ours.near_m,
            larger_ratio: ours.larger_ratio,
            taller_m: ours.taller_m,
            facing_rad: ours.facing_rad,
        }
    }
}

impl gnomon_relation_options {
    fn observer(&self) -> ObserverFields {
        ObserverFields {
            observer: self.observer,
            world_from_camera: self.world_from_camera,
            origin: self.origin,
            heading_rad: self.heading_rad,
            standing_at: self.standing_at,
            facing: self.facing,
            fallback: [0.0; 2],
        }
    }

    fn options(&self) -> Result<RelationOptions, Fault> {
        let axes = [BoxAxis::PlusX, BoxAxis::MinusX, BoxAxis::PlusY, BoxAxis::MinusY];
        Ok(RelationOptions {
            side_overlap: self.side_overlap,
            on_gap_m: self.on_gap_m,
            height_slack_m: self.height_slack_m,
            inside_slack_m: self.inside_slack_m,
            touching_m: self.touching_m,
            near_m: self.near_m,
            larger_ratio: self.larger_ratio,
            taller_m: self.taller_m,
            facing_rad: self.facing_rad,
            front: coded(self.front, &axes, "front", "GNOMON_AXIS_*")?,
        })
    }
}

/// What a kind's margin counts.
pub(super) fn margin_unit(kind: RelationKind) -> i32 {
    match kind.measure() {
        Measure::Metres => GNOMON_MARGIN_METRES,
        Measure::Ratio => GNOMON_MARGIN_RATIO,
    }
}

/// The caller's thresholds, for a call that says elsewhere who looks; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to as many readable bytes as its `struct_size` says.
pub(super) unsafe fn read_thresholds(options: *const gnomon_relation_options) -> Result<RelationOptions, Fault> {
    match options.is_null() {
        true => Ok(RelationOptions::default()),
        // SAFETY: passed on to the caller.
        false => unsafe { growth::read(options) }?.options(),
    }
}

/// Fills in the defaults of relations' options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_options_init(options: *mut gnomon_relation_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Tells whether the things with ids a and b stand in a relation, GNOMON_RELATION_*; c is looked at for _BETWEEN alone.
/// Writes one element of relation_size bytes. options may be NULL: all defaults, seen by the newest camera.
/// GNOMON_E_STATE for an id that the snapshot does not have; GNOMON_E_ARGUMENT for one thing twice.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_relation_of(
    snapshot: *const gnomon_snapshot,
    kind: i32,
    a: u64,
    b: u64,
    c: u64,
    options: *const gnomon_relation_options,
    out: *mut gnomon_relation,
    relation_size: usize,
) -> gnomon_status {
    guard("gnomon_relation_of", |call| {
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        let asked = match options.is_null() {
            true => gnomon_relation_options::defaults(),
            // SAFETY: the caller's options.
            false => unsafe { growth::read(options) }?,
        };
        asked.observer().check()?;
        let kinds: Vec<RelationKind> = RelationKind::all().collect();
        let kind = coded(kind, &kinds, "kind", "GNOMON_RELATION_*")?;
        let third = (kind.needs() == Needs::Third).then_some(ObjectId(c));
        for id in [Some(ObjectId(a)), Some(ObjectId(b)), third].into_iter().flatten() {
            known(snapshot, id)?;
        }
        let observer = match kind.needs() {
            Needs::Observer => Some(asked.observer().frame(snapshot)?),
            Needs::Nothing | Needs::NothingAndIsMutual | Needs::Third => None,
        };
        let found = relation(kind, snapshot, [ObjectId(a), ObjectId(b)], third, observer.as_ref(), &asked.options()?)?;
        let told =
            gnomon_relation { holds: u32::from(found.holds), margin_unit: margin_unit(kind), margin: found.margin };
        // SAFETY: the caller's place of relation_size bytes.
        unsafe { growth::write_one(&told, out, relation_size) }?;
        DONE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_s_code_is_its_place_among_the_kinds() {
        let named = |code: i32| RelationKind::all().nth(usize::try_from(code).expect("a code")).map(RelationKind::name);
        assert_eq!(named(GNOMON_RELATION_LEFT), Some("left"));
        assert_eq!(named(GNOMON_RELATION_ON), Some("on"));
        assert_eq!(named(GNOMON_RELATION_BETWEEN), Some("between"));
        assert_eq!(named(GNOMON_RELATION_FACING), Some("facing"));
        assert_eq!(named(GNOMON_RELATION_FACING + 1), None);
    }
}
