//! What an operator says of things, and where a scene comes from.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, guard};
use super::scene::{empty_place, gnomon_scene, writable};
use super::shapes::gnomon_box;
use super::snapshot::{gnomon_snapshot, hand_out};
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str, read_texts};
use crate::scene::{Edit, EditRecord, MAX_INPUTS, ObjectId, Snapshot};

/// What an operator says of one thing, and who says it. Set to zero before use; its size is an argument. What .kind does
/// not use is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_edit {
    /// In results: rises by one from edit to edit. In arguments 0.
    pub sequence: u64,
    /// When, on the caller's clock.
    pub stamp_ns: i64,
    /// Who, in the caller's words, 1 to 4096 bytes.
    pub who: gnomon_str,
    /// Id of the thing.
    pub thing: u64,
    /// _MERGE: id of the thing that lives on.
    pub into: u64,
    /// _RENAME: its name, without #. _RELABEL: what it is.
    pub word: gnomon_str,
    /// _PIN: where it stands.
    pub obb: gnomon_box,
    /// GNOMON_OPERATOR_*.
    pub kind: i32,
    /// 0.
    pub reserved: u32,
}

/// Where a scene comes from, and what fell out of its rings. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_provenance {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The version of gnomon that took the frames in; empty where it is not known. Lives as long as the snapshot.
    pub version: gnomon_str,
    /// How many inputs are named: see gnomon_snapshot_input.
    pub inputs: u64,
    /// Stamp of the first frame taken in; INT64_MIN before it, and where it is not known.
    pub first_stamp_ns: i64,
    /// How many edits are remembered, at most 1024.
    pub edits: u64,
    /// How many fell out; what they said holds all the same.
    pub edits_forgotten: u64,
    /// How many events fell out.
    pub events_forgotten: u64,
    /// How many keyframes fell out.
    pub keyframes_forgotten: u64,
}

growing! {
    gnomon_edit 152;
    gnomon_provenance 72;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_provenance {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            version: gnomon_str::NONE,
            inputs: 0,
            first_stamp_ns: i64::MIN,
            edits: 0,
            edits_forgotten: 0,
            events_forgotten: 0,
            keyframes_forgotten: 0,
        }
    }
}

impl gnomon_provenance {
    /// Views into what the snapshot shares.
    fn of(snapshot: &Snapshot) -> Self {
        let rings = Self {
            edits: snapshot.edits().len() as u64,
            edits_forgotten: snapshot.edits_forgotten(),
            events_forgotten: snapshot.events_forgotten(),
            keyframes_forgotten: u64::from(snapshot.keyframes_forgotten()),
            ..Self::defaults()
        };
        snapshot.provenance().map_or(rings, |known| Self {
            version: gnomon_str::of(&known.version),
            inputs: known.inputs.len() as u64,
            first_stamp_ns: known.first_stamp_ns.unwrap_or(i64::MIN),
            ..rings
        })
    }
}

const NO_BOX: gnomon_box = gnomon_box { centre: [0.0; 3], size: [0.0; 3], world_from_box: [0.0; 4] };

const NO_EDIT: gnomon_edit = gnomon_edit {
    sequence: 0,
    stamp_ns: 0,
    who: gnomon_str::NONE,
    thing: 0,
    into: 0,
    word: gnomon_str::NONE,
    obb: NO_BOX,
    kind: 0,
    reserved: 0,
};

impl gnomon_edit {
    /// Views into `record`, which the snapshot shares.
    fn of(record: &EditRecord) -> Self {
        let bare = Self {
            sequence: record.sequence,
            stamp_ns: record.stamp_ns,
            who: gnomon_str::of(&record.who),
            thing: record.edit.thing().0,
            ..NO_EDIT
        };
        match &record.edit {
            Edit::Rename { name, .. } => Self { kind: GNOMON_OPERATOR_RENAME, word: gnomon_str::of(name), ..bare },
            Edit::Relabel { label, .. } => Self { kind: GNOMON_OPERATOR_RELABEL, word: gnomon_str::of(label), ..bare },
            Edit::Delete { .. } => Self { kind: GNOMON_OPERATOR_DELETE, ..bare },
            Edit::Merge { into, .. } => Self { kind: GNOMON_OPERATOR_MERGE, into: into.0, ..bare },
            Edit::Pin { obb, .. } => Self { kind: GNOMON_OPERATOR_PIN, obb: gnomon_box::of(obb), ..bare },
            Edit::Unpin { .. } => Self { kind: GNOMON_OPERATOR_UNPIN, ..bare },
        }
    }

    /// What is said, and who says it.
    ///
    /// # Safety
    /// Its texts are readable for `'a`.
    unsafe fn read<'a>(&self) -> Result<(Edit, &'a str), Fault> {
        if self.reserved != 0 || self.sequence != 0 {
            return Err(Fault::argument("sequence and reserved of an edit are 0 in arguments"));
        }
        // SAFETY: passed on to the caller.
        let who = unsafe { self.who.read("who", MAX_NAME_BYTES) }?;
        // SAFETY: passed on to the caller.
        let word = unsafe { self.word.read("word", MAX_NAME_BYTES) }?;
        let thing = ObjectId(self.thing);
        let edit = match self.kind {
            GNOMON_OPERATOR_RENAME => Edit::Rename { thing, name: word.into() },
            GNOMON_OPERATOR_RELABEL => Edit::Relabel { thing, label: word.into() },
            GNOMON_OPERATOR_DELETE => Edit::Delete { thing },
            GNOMON_OPERATOR_MERGE => Edit::Merge { thing, into: ObjectId(self.into) },
            GNOMON_OPERATOR_PIN => Edit::Pin { thing, obb: self.obb.read("obb")? },
            GNOMON_OPERATOR_UNPIN => Edit::Unpin { thing },
            other => return Err(Fault::argument(format!("kind is {other}, expected one of GNOMON_OPERATOR_*"))),
        };
        self.refuse_what_is_not_used()?;
        Ok((edit, who))
    }

    /// What is set and would not be looked at was meant for another kind.
    fn refuse_what_is_not_used(&self) -> Result<(), Fault> {
        let gnomon_box { centre, size, world_from_box } = self.obb;
        let has_box = centre.iter().chain(&size).chain(&world_from_box).any(|number| *number != 0.0);
        let set = [
            ("into", self.into != 0, self.kind == GNOMON_OPERATOR_MERGE),
            ("word", self.word.len != 0, matches!(self.kind, GNOMON_OPERATOR_RENAME | GNOMON_OPERATOR_RELABEL)),
            ("obb", has_box, self.kind == GNOMON_OPERATOR_PIN),
        ];
        match set.into_iter().find(|(_, is_set, is_used)| *is_set && !is_used) {
            Some((field, ..)) => {
                Err(Fault::argument(format!("{field} is set, which an edit of this kind does not use")))
            }
            None => Ok(()),
        }
    }
}

/// The caller's edit.
///
/// # Safety
/// `edit` is NULL or points to `edit_size` readable bytes, whose texts are readable for `'a`.
unsafe fn read_edit<'a>(edit: *const gnomon_edit, edit_size: usize) -> Result<(Edit, &'a str, i64), Fault> {
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read_array(edit, edit_size, 1, 1, NO_EDIT) }?;
    let raw = raw.first().copied().unwrap_or(NO_EDIT);
    // SAFETY: passed on to the caller.
    let (edit, who) = unsafe { raw.read() }?;
    Ok((edit, who, raw.stamp_ns))
}

/// Takes in what an operator says of one thing, an edit of edit_size bytes. It is shown with the next publication, holds
/// against what frames say later, and is remembered with who said it and when. A thing that is not shown, a name that
/// another has or that has a #, an empty word: GNOMON_E_ARGUMENT. On failure the scene is as it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_edit(
    scene: *mut gnomon_scene,
    edit: *const gnomon_edit,
    edit_size: usize,
) -> gnomon_status {
    guard("gnomon_scene_edit", |call| {
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        // SAFETY: the caller's edit, borrowed for this call.
        let (edit, who, stamp_ns) = unsafe { read_edit(edit, edit_size) }?;
        scene.write()?.edit(edit, who, stamp_ns)?;
        DONE
    })
}

/// Makes another snapshot, with what an operator says of one thing: for a scene that was saved. As gnomon_scene_edit, as
/// far as can be without points: of two things made one the box is that of the one seen last, and GNOMON_OPERATOR_UNPIN is
/// GNOMON_E_UNSUPPORTED. Free it with gnomon_snapshot_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_edit(
    snapshot: *const gnomon_snapshot,
    edit: *const gnomon_edit,
    edit_size: usize,
    out: *mut *mut gnomon_snapshot,
) -> gnomon_status {
    guard("gnomon_snapshot_edit", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "snapshot") }?;
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        // SAFETY: the caller's edit, borrowed for this call.
        let (edit, who, stamp_ns) = unsafe { read_edit(edit, edit_size) }?;
        let edited = handle.snapshot.edited(edit, who, stamp_ns)?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out(edited, out) };
        DONE
    })
}

/// Edits with sequence number since and later, oldest first; at most 1024 are remembered. Texts live as long as the
/// snapshot. out, edit_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_edits(
    snapshot: *const gnomon_snapshot,
    since: u64,
    out: *mut gnomon_edit,
    edit_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_edits", |call| {
        // SAFETY: the caller's handle.
        let edits = unsafe { call.handle(snapshot) }?.snapshot.edits();
        let first = edits.partition_point(|record| record.sequence < since);
        // SAFETY: the caller's room.
        unsafe { growth::fill(edits[first..].iter().map(gnomon_edit::of), out, edit_size, n) }?;
        DONE
    })
}

/// Names the n (at most 64) things that go into a scene, for whoever reads it later: sequences, cameras, detectors. Each
/// 1 to 4096 bytes, in place of what was named before. Before gnomon_scene_record (then GNOMON_E_STATE).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_set_inputs(
    scene: *mut gnomon_scene,
    inputs: *const gnomon_str,
    n: usize,
) -> gnomon_status {
    guard("gnomon_scene_set_inputs", |call| {
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        // SAFETY: the caller's texts, borrowed for this call.
        let inputs = unsafe { read_texts(inputs, n, "inputs", MAX_INPUTS) }?;
        scene.write()?.set_inputs(&inputs)?;
        DONE
    })
}

/// Fills in an empty provenance; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_provenance_init(provenance: *mut gnomon_provenance, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(provenance, size) }
}

/// Writes where the scene comes from to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_provenance(
    snapshot: *const gnomon_snapshot,
    out: *mut gnomon_provenance,
) -> gnomon_status {
    guard("gnomon_snapshot_provenance", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?;
        let place = place.ok_or_else(|| Fault::argument("place for the provenance is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&gnomon_provenance::of(&handle.snapshot)) };
        DONE
    })
}

/// The name of one input, from 0, in the order in which they were named; lives as long as the snapshot.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_input(
    snapshot: *const gnomon_snapshot,
    number: u64,
    out: *mut gnomon_str,
) -> gnomon_status {
    guard("gnomon_snapshot_input", |call| {
        // SAFETY: the caller's handle.
        let known = unsafe { call.handle(snapshot) }?.snapshot.provenance();
        if out.is_null() {
            return Err(Fault::argument("place for the text is NULL"));
        }
        let inputs = known.map_or(&[][..], |known| &known.inputs);
        let input = usize::try_from(number).ok().and_then(|at| inputs.get(at)).ok_or_else(|| {
            Fault::argument(format!("this snapshot names {} inputs: there is no number {number}", inputs.len()))
        })?;
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(gnomon_str::of(input)) };
        DONE
    })
}
