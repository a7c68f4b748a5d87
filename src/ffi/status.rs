//! Status codes and every other named number, as plain integers: a value from C is checked, never trusted to be one of
//! these. Their names in the header are compared with this table by the layout test.

use crate::error::{Error, ErrorKind};
use std::ffi::c_char;

/// 0 ok, above 0 ok with a remark, below 0 failed. Values are final.
pub type gnomon_status = i32;

macro_rules! numbers {
    ($($name:ident = $value:expr;)*) => {
        $(#[allow(dead_code)] pub(super) const $name: i32 = $value;)*
        /// Every named number of the header.
        #[cfg(test)]
        pub(super) const NUMBERS: &[(&str, i32)] = &[$((stringify!($name), $name)),*];
    };
}

numbers! {
    GNOMON_OK = 0;
    GNOMON_PENDING = 1;
    GNOMON_STALE = 2;
    GNOMON_E_FAIL = -1;
    GNOMON_E_ARGUMENT = -2;
    GNOMON_E_ABI = -3;
    GNOMON_E_STATE = -4;
    GNOMON_E_NOMEM = -5;
    GNOMON_E_IO = -6;
    GNOMON_E_MODEL = -7;
    GNOMON_E_RUNTIME = -8;
    GNOMON_E_DEVICE = -9;
    GNOMON_E_CANCELLED = -10;
    GNOMON_E_UNSUPPORTED = -11;
    GNOMON_E_PANIC = -12;
    GNOMON_E_BUSY = -13;

    GNOMON_LOG_OFF = 0;
    GNOMON_LOG_ERROR = 1;
    GNOMON_LOG_WARN = 2;
    GNOMON_LOG_INFO = 3;
    GNOMON_LOG_DEBUG = 4;
    GNOMON_LOG_TRACE = 5;

    GNOMON_UP_Z = 0;
    GNOMON_UP_X = 1;
    GNOMON_UP_Y = 2;
    GNOMON_UP_NEG_X = 3;
    GNOMON_UP_NEG_Y = 4;
    GNOMON_UP_NEG_Z = 5;
    GNOMON_UP_VECTOR = 6;
    GNOMON_UP_AUTO = 7;

    GNOMON_SOURCE_DETECTIONS = 0;
    GNOMON_SOURCE_GEOMETRY = 1;

    GNOMON_PIXEL_NONE = 0;
    GNOMON_PIXEL_RGB8 = 1;
    GNOMON_PIXEL_BGR8 = 2;
    GNOMON_PIXEL_MONO8 = 3;
    GNOMON_PIXEL_DEPTH_U16 = 16;
    GNOMON_PIXEL_DEPTH_F32_M = 17;

    GNOMON_OBJECT_CONFIRMED = 0;
    GNOMON_OBJECT_DOUBTED = 1;

    GNOMON_SUPPORT_FLOOR = 0;
    GNOMON_SUPPORT_WALL = 1;
    GNOMON_SUPPORT_TABLE = 2;

    GNOMON_EVENT_BORN = 0;
    GNOMON_EVENT_MOVED = 1;
    GNOMON_EVENT_MERGED = 2;
    GNOMON_EVENT_REMOVED = 3;

    GNOMON_OBSERVER_CAMERA = 0;
    GNOMON_OBSERVER_POSE = 1;
    GNOMON_OBSERVER_HEADING = 2;
    GNOMON_OBSERVER_FACING = 3;

    GNOMON_SCALE_FIXED = 0;
    GNOMON_SCALE_HOLDING = 1;

    GNOMON_CELL_UNKNOWN = 0;
    GNOMON_CELL_FREE = 1;
    GNOMON_CELL_OCCUPIED = 2;
}

/// Why a call failed: its status and the sentence for `gnomon_last_error`.
pub(super) struct Fault {
    pub status: gnomon_status,
    pub sentence: String,
}

impl Fault {
    pub fn new(status: gnomon_status, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    pub fn argument(sentence: impl Into<String>) -> Self {
        Self::new(GNOMON_E_ARGUMENT, sentence)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Argument => GNOMON_E_ARGUMENT,
            ErrorKind::State => GNOMON_E_STATE,
            ErrorKind::Io => GNOMON_E_IO,
            ErrorKind::Unsupported => GNOMON_E_UNSUPPORTED,
            ErrorKind::NoMemory => GNOMON_E_NOMEM,
        };
        Self::new(status, error.to_string())
    }
}

/// The name of a status, "GNOMON_OK" for 0; "GNOMON_E_?" for a number that is none. Static, ends with 0.
#[unsafe(no_mangle)]
pub extern "C" fn gnomon_status_name(status: gnomon_status) -> *const c_char {
    let name = match status {
        GNOMON_OK => c"GNOMON_OK",
        GNOMON_PENDING => c"GNOMON_PENDING",
        GNOMON_STALE => c"GNOMON_STALE",
        GNOMON_E_FAIL => c"GNOMON_E_FAIL",
        GNOMON_E_ARGUMENT => c"GNOMON_E_ARGUMENT",
        GNOMON_E_ABI => c"GNOMON_E_ABI",
        GNOMON_E_STATE => c"GNOMON_E_STATE",
        GNOMON_E_NOMEM => c"GNOMON_E_NOMEM",
        GNOMON_E_IO => c"GNOMON_E_IO",
        GNOMON_E_MODEL => c"GNOMON_E_MODEL",
        GNOMON_E_RUNTIME => c"GNOMON_E_RUNTIME",
        GNOMON_E_DEVICE => c"GNOMON_E_DEVICE",
        GNOMON_E_CANCELLED => c"GNOMON_E_CANCELLED",
        GNOMON_E_UNSUPPORTED => c"GNOMON_E_UNSUPPORTED",
        GNOMON_E_PANIC => c"GNOMON_E_PANIC",
        GNOMON_E_BUSY => c"GNOMON_E_BUSY",
        _ => c"GNOMON_E_?",
    };
    name.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn every_status_tells_its_own_name() {
        for &(name, value) in &NUMBERS[..16] {
            // SAFETY: gnomon_status_name returns a static string that ends with 0.
            let told = unsafe { CStr::from_ptr(gnomon_status_name(value)) };
            assert_eq!(told.to_str(), Ok(name));
        }
        // SAFETY: as above.
        assert_eq!(unsafe { CStr::from_ptr(gnomon_status_name(99)) }, c"GNOMON_E_?");
    }
}
