//! Structs that may grow at the end without breaking who was built before or after.
//!
//! A single struct begins with `struct_size` and `abi_version`; an element of an array comes with its size as an
//! argument. What a caller built with an older header does not have keeps its default; what a newer one has more must be
//! zero, or it asks for something this library cannot do. Nothing is read or written beyond the caller's size.

use super::status::{Fault, GNOMON_E_ABI, GNOMON_E_UNSUPPORTED};
use super::version::GNOMON_ABI_VERSION;
use std::mem::MaybeUninit;

/// No struct of any version is larger, bytes: a guard against a size that was never set.
const MAX_STRUCT_BYTES: usize = 64 * 1024;

/// A struct that crosses the border and may grow.
///
/// # Safety
/// `repr(C)`, without padding, and any bytes are a value of it.
pub(super) unsafe trait Growing: Copy {
    /// Its name in sentences.
    const NAME: &'static str;
    /// Its size when it was first published; no caller's is smaller.
    const FIRST_BYTES: usize;
}

/// Says of structs of the header that they may grow, and how large they were when first published.
macro_rules! growing {
    ($($name:ident $bytes:literal;)*) => {$(
        // SAFETY: repr(C) without padding (layout test), numbers and raw pointers alone.
        unsafe impl $crate::ffi::growth::Growing for $name {
            const NAME: &'static str = stringify!($name);
            const FIRST_BYTES: usize = $bytes;
        }
    )*};
}
pub(super) use growing;

/// A struct that begins with `struct_size` and `abi_version`.
///
/// # Safety
/// Its first two fields are these, each a u32.
pub(super) unsafe trait Headed: Growing {
    /// What `_init` writes, the two first fields left to it.
    fn defaults() -> Self;
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Head {
    struct_size: u32,
    abi_version: u32,
}

/// What every `gnomon_*_init` does: defaults, into no more than `size` bytes. NULL and sizes below 8 do nothing.
///
/// # Safety
/// `out` is NULL or points to `size` writable bytes.
pub(super) unsafe fn init<T: Headed>(out: *mut T, size: usize) {
    if out.is_null() || !(size_of::<Head>()..=MAX_STRUCT_BYTES).contains(&size) {
        return;
    }
    // Equal functions become one, of which debuggers and the check of the ABI see one name: this one is T's alone.
    std::hint::black_box(T::NAME);
    let defaults = T::defaults();
    let head = Head { struct_size: size as u32, abi_version: GNOMON_ABI_VERSION };
    // SAFETY: `size` writable bytes, of which the common part is copied and the rest zeroed; the head fits by the check.
    unsafe {
        put(&defaults, out.cast(), size);
        out.cast::<Head>().write_unaligned(head);
    }
}

/// Copies `value` over `size` bytes at `out`: cut short, or followed by zeros.
///
/// # Safety
/// `out` points to `size` writable bytes.
unsafe fn put<T: Growing>(value: &T, out: *mut u8, size: usize) {
    let common = size.min(size_of::<T>());
    // SAFETY: `common` is within both, and the zeros stay within `size`.
    unsafe {
        std::ptr::copy_nonoverlapping(std::ptr::from_ref(value).cast::<u8>(), out, common);
        out.add(common).write_bytes(0, size - common);
    }
}

/// Copies the caller's `size` bytes over `defaults`; refuses a tail that is not zero.
///
/// # Safety
/// `from` points to `size` readable bytes.
unsafe fn take<T: Growing>(from: *const u8, size: usize, defaults: T) -> Result<T, Fault> {
    let common = size.min(size_of::<T>());
    let mut value = MaybeUninit::new(defaults);
    // SAFETY: `common` is within both; any bytes are a value of T, by the trait.
    let value = unsafe {
        std::ptr::copy_nonoverlapping(from, value.as_mut_ptr().cast::<u8>(), common);
        value.assume_init()
    };
    // SAFETY: bytes common..size of the caller's struct.
    let tail = unsafe { std::slice::from_raw_parts(from.add(common), size - common) };
    if tail.iter().any(|&b| b != 0) {
        return Err(Fault::new(
            GNOMON_E_UNSUPPORTED,
            format!(
                "{} of {size} bytes sets a field that this library does not know ({} bytes)",
                T::NAME,
                size_of::<T>()
            ),
        ));
    }
    Ok(value)
}

pub(super) fn check_bytes<T: Growing>(size: usize) -> Result<(), Fault> {
    const { assert!(T::FIRST_BYTES <= size_of::<T>()) };
    if (T::FIRST_BYTES..=MAX_STRUCT_BYTES).contains(&size) {
        return Ok(());
    }
    Err(Fault::new(
        GNOMON_E_ABI,
        format!(
            "size of {} is {size} bytes, expected {} to {MAX_STRUCT_BYTES}: set it with GNOMON_INIT or sizeof",
            T::NAME,
            T::FIRST_BYTES
        ),
    ))
}

/// The caller's size, once head, size and ABI number are checked.
///
/// # Safety
/// `pointer` is NULL or points to as many readable bytes as its `struct_size` says, and to 8 at least.
unsafe fn headed_size<T: Headed>(pointer: *const T) -> Result<usize, Fault> {
    if pointer.is_null() {
        return Err(Fault::argument(format!("{} is NULL", T::NAME)));
    }
    // SAFETY: not NULL, 8 readable bytes.
    let head = unsafe { pointer.cast::<Head>().read_unaligned() };
    check_bytes::<T>(head.struct_size as usize)?;
    if head.abi_version != GNOMON_ABI_VERSION {
        return Err(Fault::new(
            GNOMON_E_ABI,
            format!(
                "{} was set up for ABI {}, this library has ABI {GNOMON_ABI_VERSION}: header and library do not match",
                T::NAME,
                head.abi_version
            ),
        ));
    }
    Ok(head.struct_size as usize)
}

/// Reads a struct that begins with its size.
///
/// # Safety
/// `pointer` is NULL or points to as many readable bytes as its `struct_size` says, and to 8 at least.
pub(super) unsafe fn read<T: Headed>(pointer: *const T) -> Result<T, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { take(pointer.cast(), headed_size(pointer)?, T::defaults()) }
}

/// A place for a struct that begins with its size, checked before the work is done.
pub(super) struct Place<T> {
    out: *mut T,
    size: usize,
}

/// Checks a place to write to; `None` for NULL, where the caller does not want to know.
///
/// # Safety
/// `out` is NULL or points to as many writable, initialised bytes as its `struct_size` says, and to 8 at least.
pub(super) unsafe fn place<T: Headed>(out: *mut T) -> Result<Option<Place<T>>, Fault> {
    if out.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on to the caller.
    let size = unsafe { headed_size(out.cast_const()) }?;
    Ok(Some(Place { out, size }))
}

impl<T: Headed> Place<T> {
    /// Writes `value`, keeping the caller's size.
    ///
    /// # Safety
    /// What was true when the place was checked still is.
    pub unsafe fn write(&self, value: &T) {
        let head = Head { struct_size: self.size as u32, abi_version: GNOMON_ABI_VERSION };
        // SAFETY: `size` writable bytes, at least FIRST_BYTES, which hold the head.
        unsafe {
            put(value, self.out.cast(), self.size);
            self.out.cast::<Head>().write_unaligned(head);
        }
    }
}

/// Whether `n` elements of `element_size` bytes each, at most `max`, can be meant; none always can.
pub(super) fn check_array<T: Growing>(first: *const T, element_size: usize, n: usize, max: usize) -> Result<(), Fault> {
    if n == 0 {
        return Ok(());
    }
    if n > max {
        return Err(Fault::argument(format!("{n} of {}, expected at most {max}", T::NAME)));
    }
    if first.is_null() {
        return Err(Fault::argument(format!("{} is NULL with length {n}", T::NAME)));
    }
    check_bytes::<T>(element_size)
}

/// Reads `n` elements of `element_size` bytes each.
///
/// # Safety
/// `first` is NULL or points to `n * element_size` readable bytes, when `n` is at most `max`.
pub(super) unsafe fn read_array<T: Growing>(
    first: *const T,
    element_size: usize,
    n: usize,
    max: usize,
    zero: T,
) -> Result<Vec<T>, Fault> {
    check_array(first, element_size, n, max)?;
    // SAFETY: element i lies within the caller's n * element_size bytes.
    (0..n).map(|i| unsafe { take(first.cast::<u8>().add(i * element_size), element_size, zero) }).collect()
}

/// Writes one element of the caller's size.
///
/// # Safety
/// `out` is NULL or points to `element_size` writable bytes.
pub(super) unsafe fn write_one<T: Growing>(value: &T, out: *mut T, element_size: usize) -> Result<(), Fault> {
    if out.is_null() {
        return Err(Fault::argument(format!("place for {} is NULL", T::NAME)));
    }
    check_bytes::<T>(element_size)?;
    // SAFETY: not NULL, `element_size` writable bytes.
    unsafe { put(value, out.cast(), element_size) };
    Ok(())
}

/// The two-call idiom: with `out` NULL tells the count, else fills the room for `*n` elements and tells how many.
///
/// # Safety
/// `n` is NULL or readable and writable; `out` is NULL or points to `*n * element_size` writable bytes.
pub(super) unsafe fn fill<T: Growing>(
    items: impl ExactSizeIterator<Item = T>,
    out: *mut T,
    element_size: usize,
    n: *mut usize,
) -> Result<(), Fault> {
    let count = items.len();
    if n.is_null() {
        return Err(Fault::argument(format!("place for the number of {} is NULL", T::NAME)));
    }
    if !out.is_null() {
        check_bytes::<T>(element_size)?;
        // SAFETY: not NULL.
        let room = unsafe { n.read_unaligned() };
        if room < count {
            return Err(Fault::argument(format!("room for {room} of {}, there are {count}", T::NAME)));
        }
        for (i, item) in items.enumerate() {
            // SAFETY: i < count <= room elements of the caller's array.
            unsafe { put(&item, out.cast::<u8>().add(i * element_size), element_size) };
        }
    }
    // SAFETY: not NULL.
    unsafe { n.write_unaligned(count) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::status::GNOMON_E_ARGUMENT;

    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Thing {
        struct_size: u32,
        abi_version: u32,
        old: u64,
        new: u64,
    }
    // SAFETY: repr(C), no padding, integers alone, head first.
    unsafe impl Growing for Thing {
        const NAME: &'static str = "thing";
        const FIRST_BYTES: usize = 16;
    }
    // SAFETY: as above.
    unsafe impl Headed for Thing {
        fn defaults() -> Self {
            Self { struct_size: 0, abi_version: 0, old: 7, new: 9 }
        }
    }

    #[test]
    fn an_old_caller_keeps_its_bytes_and_gets_the_default_of_what_it_lacks() {
        let mut bytes = [0xAAu8; 24];
        // SAFETY: 16 of the 24 bytes are offered.
        unsafe { init(bytes.as_mut_ptr().cast::<Thing>(), 16) };
        assert_eq!(bytes[16..], [0xAA; 8]);
        bytes[8] = 1;
        // SAFETY: 16 bytes, as struct_size says.
        let read = unsafe { read(bytes.as_ptr().cast::<Thing>()) }.ok().expect("a thing");
        assert_eq!((read.old, read.new), (1, 9));
    }

    #[test]
    fn a_new_caller_is_heard_unless_it_asks_for_what_is_not_known() {
        let mut bytes = [0xAAu8; 32];
        // SAFETY: all 32 bytes are offered.
        unsafe { init(bytes.as_mut_ptr().cast::<Thing>(), 32) };
        assert_eq!(bytes[24..], [0; 8]);
        // SAFETY: 32 bytes, as struct_size says.
        assert!(unsafe { read(bytes.as_ptr().cast::<Thing>()) }.is_ok());
        bytes[30] = 1;
        // SAFETY: as above.
        let refused = unsafe { read(bytes.as_ptr().cast::<Thing>()) }.err().expect("refused");
        assert_eq!(refused.status, GNOMON_E_UNSUPPORTED);
        bytes[4] = 77;
        // SAFETY: as above.
        let refused = unsafe { read(bytes.as_ptr().cast::<Thing>()) }.err().expect("refused");
        assert!(refused.status == GNOMON_E_ABI && refused.sentence.contains("ABI 77"), "{}", refused.sentence);
    }

    #[test]
    fn too_little_room_writes_nothing() {
        let things = [Thing::defaults(), Thing::defaults()];
        let (mut room, mut out) = (1usize, [0u8; 24]);
        // SAFETY: room for one.
        let refused = unsafe { fill(things.into_iter(), out.as_mut_ptr().cast(), 24, &mut room) }.expect_err("refused");
        assert_eq!((refused.status, room, out), (GNOMON_E_ARGUMENT, 1, [0u8; 24]));
        // SAFETY: NULL asks for the count.
        assert!(unsafe { fill(things.into_iter(), std::ptr::null_mut(), 0, &mut room) }.is_ok());
        assert_eq!(room, 2);
    }
}
