//! How well the map fits the truth: rendered rooms, walked through, compared with what was rendered.

mod matching;
mod room;

pub use matching::{MATCH_IOU, Match, Matches, match_boxes};
pub use room::{RoomEvalOptions, RoomTable, Tally, eval_rooms, integrate_room_frame};
