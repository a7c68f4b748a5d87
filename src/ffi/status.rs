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

    GNOMON_LIVE_POSE = 1;
    GNOMON_LIVE_DETECTIONS = 2;

    GNOMON_LINK_NONE = 0;
    GNOMON_LINK_FRAMES = 1;
    GNOMON_LINK_POSED = 2;
    GNOMON_LINK_DEPTH_VALID = 3;
    GNOMON_LINK_DETECTIONS = 4;
    GNOMON_LINK_ASSOCIATED = 5;
    GNOMON_LINK_PUBLISHED = 6;

    GNOMON_PIXEL_NONE = 0;
    GNOMON_PIXEL_RGB8 = 1;
    GNOMON_PIXEL_BGR8 = 2;
    GNOMON_PIXEL_MONO8 = 3;
    GNOMON_PIXEL_RGBA8 = 4;
    GNOMON_PIXEL_BGRA8 = 5;
    GNOMON_PIXEL_YUYV = 6;
    GNOMON_PIXEL_UYVY = 7;
    GNOMON_PIXEL_NV12 = 8;
    GNOMON_PIXEL_MONO16 = 9;
    GNOMON_PIXEL_DEPTH_U16 = 16;
    GNOMON_PIXEL_DEPTH_F32_M = 17;

    GNOMON_LENS_PLUMB_BOB = 0;
    GNOMON_LENS_RATIONAL_POLYNOMIAL = 1;
    GNOMON_LENS_EQUIDISTANT = 2;

    GNOMON_DEPTH_METRIC_Z = 0;
    GNOMON_DEPTH_UP_TO_SCALE_Z = 1;
    GNOMON_DEPTH_AFFINE_INVERSE = 2;

    GNOMON_ROLE_USER = 0;
    GNOMON_ROLE_SYSTEM = 1;
    GNOMON_ROLE_ASSISTANT = 2;

    GNOMON_WHEN_BUSY_QUEUE = 0;
    GNOMON_WHEN_BUSY_REFUSE = 1;

    GNOMON_CONSTRAINT_NONE = 0;
    GNOMON_CONSTRAINT_JSON_SCHEMA = 1;
    GNOMON_CONSTRAINT_REGEX = 2;
    GNOMON_CONSTRAINT_CHOICES = 3;
    GNOMON_CONSTRAINT_LARK = 4;
    GNOMON_CONSTRAINT_TRIPLETS = 5;
    GNOMON_CONSTRAINT_COGMAP = 6;
    GNOMON_CONSTRAINT_BOXES = 7;

    GNOMON_ENDED_END_TOKEN = 0;
    GNOMON_ENDED_STOP_STRING = 1;
    GNOMON_ENDED_MAX_TOKENS = 2;
    GNOMON_ENDED_CALLER = 3;
    GNOMON_ENDED_CONSTRAINT = 4;

    GNOMON_FACTS_NOTHING = 0;
    GNOMON_FACTS_SCENE = 1;
    GNOMON_FACTS_SCENE_AND_MEASURED = 2;

    GNOMON_SILENCE_NONE = 0;
    GNOMON_SILENCE_NO_MODEL = 1;
    GNOMON_SILENCE_FAILED = 2;
    GNOMON_SILENCE_EMPTY = 3;

    GNOMON_CONVENTION_THOUSANDTH_TAGS = 0;
    GNOMON_CONVENTION_PIXEL_JSON = 1;
    GNOMON_CONVENTION_THOUSANDTH_JSON = 2;
    GNOMON_CONVENTION_SHARES = 3;
    GNOMON_CONVENTION_PERCENT_TAGS = 4;
    GNOMON_CONVENTION_LOC_TAGS = 5;

    GNOMON_REGION_BOX = 0;
    GNOMON_REGION_POINT = 1;

    GNOMON_OBJECT_CONFIRMED = 0;
    GNOMON_OBJECT_DOUBTED = 1;

    GNOMON_SUPPORT_FLOOR = 0;
    GNOMON_SUPPORT_WALL = 1;
    GNOMON_SUPPORT_TABLE = 2;

    GNOMON_EVENT_BORN = 0;
    GNOMON_EVENT_MOVED = 1;
    GNOMON_EVENT_MERGED = 2;
    GNOMON_EVENT_REMOVED = 3;

    GNOMON_OPERATOR_RENAME = 0;
    GNOMON_OPERATOR_RELABEL = 1;
    GNOMON_OPERATOR_DELETE = 2;
    GNOMON_OPERATOR_MERGE = 3;
    GNOMON_OPERATOR_PIN = 4;
    GNOMON_OPERATOR_UNPIN = 5;

    GNOMON_SAME_BY_TOLD = 0;
    GNOMON_SAME_BY_ID = 1;
    GNOMON_SAME_BY_PLACE = 2;

    GNOMON_TAIL_WHOLE = 0;
    GNOMON_TAIL_FULL = 1;
    GNOMON_TAIL_CUT = 2;

    GNOMON_EDGE_SHORTEST = 0;
    GNOMON_EDGE_LENGTH = 1;

    GNOMON_OBSERVER_CAMERA = 0;
    GNOMON_OBSERVER_POSE = 1;
    GNOMON_OBSERVER_HEADING = 2;
    GNOMON_OBSERVER_FACING = 3;

    GNOMON_SCALE_FIXED = 0;
    GNOMON_SCALE_HOLDING = 1;

    GNOMON_CELL_UNKNOWN = 0;
    GNOMON_CELL_FREE = 1;
    GNOMON_CELL_OCCUPIED = 2;

    GNOMON_ASK_COUNT = 0;
    GNOMON_ASK_DISTANCE = 1;
    GNOMON_ASK_RANGE = 2;
    GNOMON_ASK_LENGTH = 3;
    GNOMON_ASK_SIZE = 4;
    GNOMON_ASK_LENGTH_GIVEN = 5;
    GNOMON_ASK_ROOM_AREA = 6;
    GNOMON_ASK_CLOSEST = 7;
    GNOMON_ASK_DIRECTION = 8;
    GNOMON_ASK_SIDE_OF = 9;
    GNOMON_ASK_LEFT_OR_RIGHT = 10;
    GNOMON_ASK_WHICH_SIDE = 11;
    GNOMON_ASK_CONTACT = 12;
    GNOMON_ASK_MOST = 13;
    GNOMON_ASK_MORE = 14;
    GNOMON_ASK_POSITION = 15;
    GNOMON_ASK_AT_PICTURE = 16;
    GNOMON_ASK_EXISTS = 17;
    GNOMON_ASK_FIRST_SEEN = 18;
    GNOMON_ASK_ROUTE = 19;

    GNOMON_MEASURE_HEIGHT = 0;
    GNOMON_MEASURE_LENGTH = 1;
    GNOMON_MEASURE_WIDTH = 2;
    GNOMON_MEASURE_LONGEST = 3;
    GNOMON_MEASURE_SHORTEST = 4;
    GNOMON_MEASURE_VOLUME = 5;
    GNOMON_MEASURE_TOP = 6;

    GNOMON_SIDE_LEFT = 0;
    GNOMON_SIDE_RIGHT = 1;
    GNOMON_SIDE_FRONT = 2;
    GNOMON_SIDE_BEHIND = 3;

    GNOMON_SECTORS_TWO = 0;
    GNOMON_SECTORS_THREE = 1;
    GNOMON_SECTORS_FOUR = 2;
    GNOMON_SECTORS_FRONT_BACK = 3;

    GNOMON_CONTACT_ON = 0;
    GNOMON_CONTACT_UNDER = 1;
    GNOMON_CONTACT_ABOVE = 2;
    GNOMON_CONTACT_BELOW = 3;
    GNOMON_CONTACT_INSIDE = 4;
    GNOMON_CONTACT_NEAR = 5;
    GNOMON_CONTACT_TOUCHING = 6;

    GNOMON_EXTENT_SCENE = 0;
    GNOMON_EXTENT_PICTURE = 1;

    GNOMON_STEP_GO_TO = 0;
    GNOMON_STEP_LEFT = 1;
    GNOMON_STEP_RIGHT = 2;
    GNOMON_STEP_BACK = 3;
    GNOMON_STEP_BLANK = 4;

    GNOMON_UNIT_METRE = 0;
    GNOMON_UNIT_CENTIMETRE = 1;
    GNOMON_UNIT_MILLIMETRE = 2;
    GNOMON_UNIT_INCH = 3;
    GNOMON_UNIT_FOOT = 4;

    GNOMON_UNKNOWN_NONE = 0;
    GNOMON_UNKNOWN_NOT_UNDERSTOOD = 1;
    GNOMON_UNKNOWN_NEVER_SEEN = 2;
    GNOMON_UNKNOWN_NOT_YET_OBSERVED = 3;
    GNOMON_UNKNOWN_AMBIGUOUS_NAME = 4;
    GNOMON_UNKNOWN_BELOW_CONFIDENCE = 5;
    GNOMON_UNKNOWN_NO_VIEW = 6;
    GNOMON_UNKNOWN_NO_OPTION = 7;
    GNOMON_UNKNOWN_NO_ANSWER = 8;
    GNOMON_UNKNOWN_NO_CLAIM = 9;
    GNOMON_UNKNOWN_TOO_CLOSE_TO_CALL = 10;

    GNOMON_VERDICT_AGREES = 0;
    GNOMON_VERDICT_CONTRADICTS = 1;
    GNOMON_VERDICT_UNTESTABLE = 2;

    GNOMON_VALUE_NONE = 0;
    GNOMON_VALUE_COUNT = 1;
    GNOMON_VALUE_LENGTH = 2;
    GNOMON_VALUE_LENGTHS = 3;
    GNOMON_VALUE_AREA = 4;
    GNOMON_VALUE_THING = 5;
    GNOMON_VALUE_DIRECTION = 6;
    GNOMON_VALUE_YES_NO = 7;
    GNOMON_VALUE_PICTURE_POINT = 8;
    GNOMON_VALUE_WORLD_POINT = 9;
    GNOMON_VALUE_ORDER = 10;
    GNOMON_VALUE_TURNS = 11;
    GNOMON_VALUE_ABSENT = 12;

    GNOMON_MARGIN_NONE = 0;
    GNOMON_MARGIN_METRES = 1;
    GNOMON_MARGIN_DEGREES = 2;
    GNOMON_MARGIN_CUBIC_METRES = 3;
    GNOMON_MARGIN_NANOSECONDS = 4;
    GNOMON_MARGIN_RATIO = 5;

    GNOMON_RELATION_LEFT = 0;
    GNOMON_RELATION_RIGHT = 1;
    GNOMON_RELATION_FRONT = 2;
    GNOMON_RELATION_BEHIND = 3;
    GNOMON_RELATION_ON = 4;
    GNOMON_RELATION_UNDER = 5;
    GNOMON_RELATION_ABOVE = 6;
    GNOMON_RELATION_BELOW = 7;
    GNOMON_RELATION_INSIDE = 8;
    GNOMON_RELATION_TOUCHING = 9;
    GNOMON_RELATION_NEAR = 10;
    GNOMON_RELATION_BETWEEN = 11;
    GNOMON_RELATION_LARGER = 12;
    GNOMON_RELATION_TALLER = 13;
    GNOMON_RELATION_FACING = 14;

    GNOMON_AXIS_PLUS_X = 0;
    GNOMON_AXIS_MINUS_X = 1;
    GNOMON_AXIS_PLUS_Y = 2;
    GNOMON_AXIS_MINUS_Y = 3;

    GNOMON_CHAIN_FIRST_SEEN = 0;
    GNOMON_CHAIN_BEST_FIRST = 1;

    GNOMON_MRA_OFFICIAL = 0;
    GNOMON_MRA_STRICT = 1;

    GNOMON_READING_OFFICIAL = 0;
    GNOMON_READING_SPATIAL_MLLM = 1;
    GNOMON_READING_SPATIAL_MLLM_V1 = 2;
    GNOMON_READING_LENIENT = 3;

    GNOMON_EDIT_INDEL = 0;
    GNOMON_EDIT_LEVENSHTEIN = 1;

    GNOMON_SPREAD_POPULATION = 0;
    GNOMON_SPREAD_SAMPLE = 1;

    GNOMON_TOLD_NOTHING = 0;
    GNOMON_TOLD_PLACE = 1;
    GNOMON_TOLD_BOX = 2;
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
            ErrorKind::Model => GNOMON_E_MODEL,
            ErrorKind::Runtime => GNOMON_E_RUNTIME,
            ErrorKind::Device => GNOMON_E_DEVICE,
            ErrorKind::Cancelled => GNOMON_E_CANCELLED,
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
