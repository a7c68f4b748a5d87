//! How well the map fits the truth: rendered rooms, walked through, compared with what was rendered.
//!
//! [`eval_rooms`] renders, integrates and compares many rooms in memory, clean and noisy; [`eval_rooms_in_colour`] does so
//! with a network's depth instead of the rendered one; [`compare`] sets one saved
//! scene beside one `truth.json`, thing by thing.

mod answers;
mod chain;
mod changes;
mod drift;
mod matching;
mod room;
mod scene;
mod seeds;
mod statements;
mod vsi;
mod yaw;

pub use answers::{AnswerTally, AnswersTable, RIGHT_WITHIN, SURE, eval_answers};
pub use chain::{ChainTable, eval_chain, quantile};
pub use changes::{ChangesTable, GONE_WITHIN_FRAMES, eval_changes};
pub use drift::{CELL_M, DriftBin, DriftCurve, HEADING_DEG_PER_M, MAX_PATH_AGE_M, NEAR_M, SCALE_ERROR, eval_drift};
pub use matching::{MATCH_IOU, Match, Matches, match_boxes};
pub use room::{
    RoomEvalOptions, RoomTable, Tally, eval_rooms, eval_rooms_in_colour, frame_of, integrate_room_frame, intrinsics_of,
    metres_of,
};
pub use scene::{Besides, Comparison, Found, Row, SceneTruth, TrueThing, Unmatched, compare};
pub use seeds::Seeds;
pub use statements::statements_of;
pub use vsi::{
    BenchMarks, BenchQuestion, TaskMarks, Wrong, eval_questions, eval_questions_of_text, options_of, read_questions,
};
