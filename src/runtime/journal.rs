//! The last lines of the log that have to do with networks, kept so that what went wrong can be told afterwards.
//!
//! ONNX Runtime says some causes to its log alone, and a host may have no logger. So what it says from warnings upwards, and
//! what gnomon remarks on sessions, is kept here besides going to the crate `log`: the last [`KEPT`] lines of the process.

use std::collections::VecDeque;

use log::Level;
use parking_lot::Mutex;

/// How many lines are kept.
pub const KEPT: usize = 256;

/// Longer lines are cut: the runtime prints whole graphs in some.
const MAX_LINE_BYTES: usize = 2048;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How grave it is.
    pub level: Level,
    /// Who says it: `onnxruntime`, or a module of gnomon's.
    pub target: &'static str,
    /// What is said.
    pub text: String,
}

struct Journal {
    lines: VecDeque<LogLine>,
    forgotten: u64,
}

static JOURNAL: Mutex<Journal> = Mutex::new(Journal { lines: VecDeque::new(), forgotten: 0 });

/// The last lines that ONNX Runtime and gnomon's sessions wrote in this process, oldest first, at most [`KEPT`].
pub fn recent_log() -> Vec<LogLine> {
    JOURNAL.lock().lines.iter().cloned().collect()
}

/// How many lines fell out: older than those of [`recent_log`].
pub fn forgotten_log_lines() -> u64 {
    JOURNAL.lock().forgotten
}

/// Keeps a line and logs it.
pub(super) fn note(level: Level, target: &'static str, text: &str) {
    log::log!(target: target, level, "{text}");
    let end = (0..=text.len().min(MAX_LINE_BYTES)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let line = LogLine { level, target, text: text[..end].to_string() };
    let mut journal = JOURNAL.lock();
    if journal.lines.len() == KEPT {
        journal.lines.pop_front();
        journal.forgotten += 1;
    }
    journal.lines.push_back(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_in_order_and_no_more_and_long_ones_are_cut() {
        for line in 0..KEPT + 10 {
            note(Level::Info, "journal-test", &format!("line {line}"));
        }
        note(Level::Warn, "journal-test", &"ä".repeat(MAX_LINE_BYTES));
        let lines = recent_log();
        assert_eq!(lines.len(), KEPT);
        assert!(forgotten_log_lines() >= 11, "what fell out is counted");
        // Tests beside this one may write too.
        let ours: Vec<&LogLine> = lines.iter().filter(|line| line.target == "journal-test").collect();
        let (last, before) = ours.split_last().expect("ours");
        assert_eq!(before.last().expect("many").text, format!("line {}", KEPT + 9));
        assert!(before.is_sorted_by_key(|line| line.text[5..].parse::<usize>().expect("a number")));
        assert_eq!((last.level, last.text.len()), (Level::Warn, MAX_LINE_BYTES));
    }
}
