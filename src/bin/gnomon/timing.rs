//! How long each stage took, over all frames.

use serde_json::{Map, Value, json};
use std::time::Duration;

/// Times by stage, in the order stages were first named.
#[derive(Default)]
pub struct StageLog {
    stages: Vec<(&'static str, Vec<f32>)>,
}

impl StageLog {
    /// Notes one frame's time.
    pub fn add(&mut self, stage: &'static str, time: Duration) {
        let milliseconds = (time.as_secs_f64() * 1e3) as f32;
        match self.stages.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, times)) => times.push(milliseconds),
            None => self.stages.push((stage, vec![milliseconds])),
        }
    }

    /// `{stage: {"p50_ms", "p99_ms"}}`.
    pub fn summary(&self) -> Value {
        let mut summary = Map::new();
        for (name, times) in &self.stages {
            let mut sorted = times.clone();
            sorted.sort_by(f32::total_cmp);
            let of = |share| percentile(&sorted, share).map(|ms| (f64::from(ms) * 1e4).round() / 1e4);
            summary.insert((*name).into(), json!({ "p50_ms": of(0.5), "p99_ms": of(0.99) }));
        }
        Value::Object(summary)
    }
}

/// The value that lies nearest to `share` of the way from the least to the greatest; 0.5 is the middle, of two the greater.
pub fn nearest<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied()
}

/// The smallest value that at least `share` of all do not exceed.
fn percentile(sorted: &[f32], share: f64) -> Option<f32> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let sorted: Vec<f32> = (1..=200u8).map(f32::from).collect();
        assert_eq!((percentile(&sorted, 0.5), percentile(&sorted, 0.99)), (Some(100.0), Some(198.0)));
        assert_eq!((percentile(&[7.0], 0.99), percentile(&[], 0.5)), (Some(7.0), None));
    }

    #[test]
    fn the_middle_of_two_is_the_greater() {
        assert_eq!((nearest(&[1, 2, 3, 4], 0.5), nearest(&[1, 2, 3], 0.5)), (Some(3), Some(2)));
        assert_eq!((nearest(&[1, 2, 3], 1.0), nearest::<u8>(&[], 0.5)), (Some(3), None));
    }

    #[test]
    fn stages_keep_their_order() {
        let mut log = StageLog::default();
        for ms in [3, 1, 2] {
            log.add("register", Duration::from_millis(ms));
            log.add("lift", Duration::from_millis(10 * ms));
        }
        assert_eq!(
            log.summary().to_string(),
            r#"{"register":{"p50_ms":2.0,"p99_ms":3.0},"lift":{"p50_ms":20.0,"p99_ms":30.0}}"#
        );
    }
}
