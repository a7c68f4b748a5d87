//! A scene as a text tells it: what `gnomon_scene_text` wrote, read back.

use super::answer::hand_out_answer;
use super::growth::{self, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::{gnomon_ask_options, read_ask_options};
use super::scene::empty_place;
use super::shapes::gnomon_box;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str, read_texts};
use super::triplets::{fill_rejected, gnomon_rejected, gnomon_triplet};
use crate::answer::reader::MAX_OPTIONS;
use crate::answer::{ReadSceneText, SceneText, TextThing, Told};

/// A scene as a text tells it. Never changes; any thread, any number at a time. Depends on no other handle.
pub struct gnomon_told {
    poison: Poison,
    read: ReadSceneText,
}

impl Handle for gnomon_told {
    const NAME: &'static str = "told";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_told>();
};

/// A thing as a row of a text tells it. Its name lives as long as the handle it came from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_told_thing {
    /// "category#k".
    pub name: gnomon_str,
    /// GNOMON_TOLD_*: what the row says of where it is.
    pub told: i32,
    /// 1 when the row says when it was first seen, else 0.
    pub has_first_seen: u32,
    /// _BOX: its box, to a centimetre and a degree. _PLACE: x and y of its centre alone, the rest is 0. _NOTHING: 0.
    pub obb: gnomon_box,
    /// When it was first seen, nanoseconds after the first thing of the scene.
    pub first_seen_ns: i64,
}

/// How many there are of a category of which not every thing has a row. Its text lives as long as the handle it came from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_told_count {
    /// The category.
    pub label: gnomon_str,
    /// How many.
    pub count: u64,
}

growing! {
    gnomon_told_thing 112;
    gnomon_told_count 24;
}

impl gnomon_told_thing {
    fn of(thing: &TextThing) -> Self {
        let mut obb = gnomon_box { centre: [0.0; 3], size: [0.0; 3], world_from_box: [0.0; 4] };
        let told = match thing.told {
            Told::Nothing => GNOMON_TOLD_NOTHING,
            Told::Place(_) => GNOMON_TOLD_PLACE,
            Told::Box { .. } => GNOMON_TOLD_BOX,
        };
        if let Some([x, y]) = thing.place_m() {
            obb.centre = [x, y, 0.0];
        }
        Self {
            name: gnomon_str::of(&thing.name),
            told,
            has_first_seen: u32::from(thing.seen_ds.is_some()),
            obb: thing.obb().map_or(obb, |told| gnomon_box::of(&told)),
            first_seen_ns: thing.first_seen_ns().unwrap_or(0),
        }
    }
}

/// Reads what gnomon_scene_text wrote, or what a model repeated of it. Lines that are none of such a text are left out, and
/// gnomon_told_rejected tells why; fences and blank lines are passed over. A text of which nothing can be read is GNOMON_OK
/// with nothing told. Free it with gnomon_told_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_read(text: gnomon_str, out: *mut *mut gnomon_told) -> gnomon_status {
    guard("gnomon_told_read", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "told") }?;
        // SAFETY: the caller's text, borrowed for this call.
        let text = unsafe { text.read("text", MAX_LONG_TEXT_BYTES) }?;
        let handle = Box::new(gnomon_told { poison: Poison::default(), read: SceneText::parse(text)? });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees what was told and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_free(told: *mut gnomon_told) {
    release(|| {
        if !told.is_null() {
            // SAFETY: came from gnomon_told_read, freed once, by the header's word.
            drop(unsafe { Box::from_raw(told) });
        }
    })
}

/// The things that have a row, in the order of the text. out, thing_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_things(
    told: *const gnomon_told,
    out: *mut gnomon_told_thing,
    thing_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_told_things", |call| {
        // SAFETY: the caller's handle.
        let scene = &unsafe { call.handle(told) }?.read.scene;
        // SAFETY: the caller's room.
        unsafe { growth::fill(scene.things.iter().map(gnomon_told_thing::of), out, thing_size, n) }?;
        DONE
    })
}

/// The categories that are counted, in the order of the text. out, count_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_counts(
    told: *const gnomon_told,
    out: *mut gnomon_told_count,
    count_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_told_counts", |call| {
        // SAFETY: the caller's handle.
        let scene = &unsafe { call.handle(told) }?.read.scene;
        let count = |(label, count): &(String, u32)| gnomon_told_count {
            label: gnomon_str::of(label),
            count: u64::from(*count),
        };
        // SAFETY: the caller's room.
        unsafe { growth::fill(scene.counts.iter().map(count), out, count_size, n) }?;
        DONE
    })
}

/// The triplets, in the order of the text. out, triplet_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_triplets(
    told: *const gnomon_told,
    out: *mut gnomon_triplet,
    triplet_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_told_triplets", |call| {
        // SAFETY: the caller's handle.
        let scene = &unsafe { call.handle(told) }?.read.scene;
        // SAFETY: the caller's room.
        unsafe { growth::fill(scene.triplets.iter().map(gnomon_triplet::of), out, triplet_size, n) }?;
        DONE
    })
}

/// The lines that were left out, as in gnomon_triplets_rejected.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_rejected(
    told: *const gnomon_told,
    out: *mut gnomon_rejected,
    rejected_size: usize,
    n: *mut usize,
    in_all: *mut usize,
) -> gnomon_status {
    guard("gnomon_told_rejected", |call| {
        // SAFETY: the caller's handle.
        let read = &unsafe { call.handle(told) }?.read;
        // SAFETY: the caller's room and place.
        unsafe { fill_rejected((&read.rejected, read.rejected_in_all), out, rejected_size, n, in_all) }
    })
}

/// Writes the area of the floor that the text tells to *area_m2, square metres; 0 where it tells none.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_room_area(told: *const gnomon_told, area_m2: *mut f64) -> gnomon_status {
    guard("gnomon_told_room_area", |call| {
        // SAFETY: the caller's handle.
        let scene = &unsafe { call.handle(told) }?.read.scene;
        if area_m2.is_null() {
            return Err(Fault::argument("place for the area is NULL"));
        }
        // SAFETY: not NULL, writable by the header's word.
        unsafe { area_m2.write_unaligned(scene.room_area_m2().unwrap_or(0.0)) };
        DONE
    })
}

/// Answers a question in words from the text alone, which is taken for complete: what it does not tell is not there. Else
/// as gnomon_ask; .complete and .room_area_m2 of options are not looked at.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_told_ask(
    told: *const gnomon_told,
    question: gnomon_str,
    choices: *const gnomon_str,
    n: usize,
    options: *const gnomon_ask_options,
    out: *mut *mut super::answer::gnomon_answer,
) -> gnomon_status {
    guard("gnomon_told_ask", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "answer") }?;
        // SAFETY: the caller's handle.
        let scene = &unsafe { call.handle(told) }?.read.scene;
        // SAFETY: the caller's text, borrowed for this call.
        let question = unsafe { question.read("question", MAX_LONG_TEXT_BYTES) }?;
        // SAFETY: the caller's texts, borrowed for this call.
        let choices = unsafe { read_texts(choices, n, "choices", MAX_OPTIONS) }?;
        let choices: Vec<String> = choices.into_iter().map(str::to_owned).collect();
        // SAFETY: the caller's options.
        let options = unsafe { read_ask_options(options) }?;
        let answer = scene.ask_text(question, &choices, &options)?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out_answer(answer, out) };
        DONE
    })
}
