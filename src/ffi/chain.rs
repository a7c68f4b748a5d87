//! The triplet chain: what a language model is told of a scene, line by line, kept up to date.
//!
//! Updates take the chain's lock or answer GNOMON_E_BUSY at once; its text is that of the newest update, kept beside that
//! lock, so reading never waits for one.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::{coded, flag};
use super::scene::empty_place;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use super::text_handle::{gnomon_text, hand_out_text};
use crate::graph::{Chain, ChainOptions, Order, PublishOptions, PublishedList};
use parking_lot::Mutex;

/// A scene told as triplets, for one writer. Any thread, one update at a time (GNOMON_E_BUSY); const calls at any time.
/// Depends on no other handle.
pub struct gnomon_chain {
    poison: Poison,
    writer: Mutex<Writer>,
    text: Mutex<String>,
}

struct Writer {
    list: PublishedList,
    chain: Chain,
}

impl Handle for gnomon_chain {
    const NAME: &'static str = "chain";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_chain>();
};

/// How a chain is built and written. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_chain_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// GNOMON_CHAIN_*.
    pub order: i32,
    /// 1, the default: lines tell the size of their cells. Else 0.
    pub units: u32,
    /// How many of the nearest things may place the next, 2 to 64.
    pub neighbours: u32,
    /// 0.
    pub reserved: u32,
    /// A smaller move of a thing is never told, metres.
    pub least_bound_m: f64,
    /// Standard deviations of a thing's place that count as no news.
    pub sigmas: f64,
    /// A larger move is always told, metres.
    pub most_bound_m: f64,
}

growing! {
    gnomon_chain_options 48;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_chain_options {
    fn defaults() -> Self {
        let (chain, list) = (ChainOptions::default(), PublishOptions::default());
        Self {
            struct_size: 0,
            abi_version: 0,
            order: GNOMON_CHAIN_FIRST_SEEN,
            units: u32::from(chain.units),
            neighbours: chain.neighbours.try_into().unwrap_or(u32::MAX),
            reserved: 0,
            least_bound_m: list.least_bound_m,
            sigmas: list.sigmas,
            most_bound_m: list.most_bound_m,
        }
    }
}

impl gnomon_chain_options {
    /// Refuses what no chain can be made of.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.writer().map(|_| ())
    }

    fn writer(&self) -> Result<Writer, Fault> {
        if self.reserved != 0 {
            return Err(Fault::argument(format!("reserved is {}, expected 0", self.reserved)));
        }
        let chain = ChainOptions {
            neighbours: self.neighbours as usize,
            order: coded(self.order, &[Order::FirstSeen, Order::BestFirst], "order", "GNOMON_CHAIN_*")?,
            units: flag(self.units, "units")?,
        };
        let list =
            PublishOptions { least_bound_m: self.least_bound_m, sigmas: self.sigmas, most_bound_m: self.most_bound_m };
        Ok(Writer { list: PublishedList::new(list)?, chain: Chain::new(chain)? })
    }
}

impl gnomon_chain {
    /// What readers of this chain were told.
    pub(super) fn told(&self) -> Result<PublishedList, Fault> {
        let writer = self
            .writer
            .try_lock()
            .ok_or_else(|| Fault::new(GNOMON_E_BUSY, "a call that changes this chain is running"))?;
        Ok(writer.list.clone())
    }

    /// The chain that continues a list. The bounds of `asked` are not looked at: the list has its own.
    pub(super) fn continuing(asked: &gnomon_chain_options, list: PublishedList) -> Result<Self, Fault> {
        let Writer { mut chain, .. } = asked.writer()?;
        chain.update(&list)?;
        let text = Mutex::new(chain.to_text());
        Ok(Self { poison: Poison::default(), writer: Mutex::new(Writer { list, chain }), text })
    }
}

/// The caller's options; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to as many readable bytes as its `struct_size` says.
pub(super) unsafe fn read_chain_options(options: *const gnomon_chain_options) -> Result<gnomon_chain_options, Fault> {
    match options.is_null() {
        true => Ok(gnomon_chain_options::defaults()),
        // SAFETY: passed on to the caller.
        false => unsafe { growth::read(options) },
    }
}

/// Fills in the defaults of a chain's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_chain_options_init(options: *mut gnomon_chain_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Makes the chain of nothing. options may be NULL: all defaults. Free it with gnomon_chain_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_chain_new(
    options: *const gnomon_chain_options,
    out: *mut *mut gnomon_chain,
) -> gnomon_status {
    guard("gnomon_chain_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "chain") }?;
        // SAFETY: the caller's options.
        let asked = unsafe { read_chain_options(options) }?;
        let writer = Mutex::new(asked.writer()?);
        let handle = Box::new(gnomon_chain { poison: Poison::default(), writer, text: Mutex::default() });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a chain; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_chain_free(chain: *mut gnomon_chain) {
    release(|| {
        if !chain.is_null() {
            // SAFETY: came from gnomon_chain_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(chain) });
        }
    })
}

/// Brings the chain up to what the snapshot shows; lines of things that did not change keep their bytes. *lines becomes
/// the number of lines, *lines_changed how many of them are new or differ from before; either may be NULL. Give it
/// snapshots of one scene, in their order. On failure the chain is as it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_chain_update(
    chain: *mut gnomon_chain,
    snapshot: *const gnomon_snapshot,
    lines_changed: *mut usize,
    lines: *mut usize,
) -> gnomon_status {
    guard("gnomon_chain_update", |call| {
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        // SAFETY: the caller's handle; asked for last, so that it is the one a panic makes unusable.
        let handle = unsafe { call.handle(chain.cast_const()) }?;
        let mut writer = handle
            .writer
            .try_lock()
            .ok_or_else(|| Fault::new(GNOMON_E_BUSY, "another call that changes this chain is running"))?;
        let mut list = writer.list.clone();
        list.update(snapshot)?;
        let change = writer.chain.update(&list)?;
        writer.list = list;
        *handle.text.lock() = writer.chain.to_text();
        log::debug!("chain: {} of {} lines changed", change.lines_changed, change.lines);
        for (place, value) in [(lines_changed, change.lines_changed), (lines, change.lines)] {
            if !place.is_null() {
                // SAFETY: not NULL, writable by the header's word.
                unsafe { place.write_unaligned(value) };
            }
        }
        DONE
    })
}

/// The lines after the newest update, each with its line break. Free the text with gnomon_text_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_chain_text(chain: *const gnomon_chain, out: *mut *mut gnomon_text) -> gnomon_status {
    guard("gnomon_chain_text", |call| {
        let make = || {
            // SAFETY: the caller's handle.
            let handle = unsafe { call.handle(chain) }?;
            Ok(handle.text.lock().clone())
        };
        // SAFETY: the caller's place.
        unsafe { hand_out_text(out, make) }
    })
}
