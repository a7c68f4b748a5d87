//! A table of numbered slots that is cheap to share and cheap to change.
//!
//! Three levels of 64: a clone shares everything, and changing one slot of a shared table copies three nodes, whatever
//! the table holds. So a snapshot costs what changed, not what is there.

use std::sync::Arc;

const FAN: usize = 64;

/// The most slots a table has.
pub const MAX_SLOTS: usize = FAN * FAN * FAN;

type Leaf<T> = [Option<T>; FAN];
type Branch<T> = [Option<Arc<Leaf<T>>>; FAN];
type Root<T> = [Option<Arc<Branch<T>>>; FAN];

/// Slots 0..[`MAX_SLOTS`], each empty or holding a `T` (an `Arc`, as a rule).
#[derive(Debug, Clone)]
pub struct Slots<T> {
    root: Arc<Root<T>>,
}

impl<T: Clone> Default for Slots<T> {
    fn default() -> Self {
        Self { root: Arc::new([const { None }; FAN]) }
    }
}

impl<T: Clone> Slots<T> {
    /// What slot `at` holds.
    pub fn get(&self, at: usize) -> Option<&T> {
        self.root.get(at / (FAN * FAN))?.as_ref()?[at / FAN % FAN].as_ref()?[at % FAN].as_ref()
    }

    /// Puts `value` into slot `at`, or empties it. A slot beyond [`MAX_SLOTS`] is the caller's to avoid.
    pub fn set(&mut self, at: usize, value: Option<T>) {
        let root = Arc::make_mut(&mut self.root);
        let branch = root[at / (FAN * FAN)].get_or_insert_with(|| Arc::new([const { None }; FAN]));
        let leaf = Arc::make_mut(branch)[at / FAN % FAN].get_or_insert_with(|| Arc::new([const { None }; FAN]));
        Arc::make_mut(leaf)[at % FAN] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_saw() {
        let mut slots = Slots::default();
        for at in [0, 63, 64, 4095, 4096, MAX_SLOTS - 1] {
            slots.set(at, Some(at));
        }
        let before = slots.clone();
        slots.set(64, None);
        slots.set(65, Some(1));
        assert_eq!((before.get(64), before.get(65)), (Some(&64), None));
        assert_eq!((slots.get(64), slots.get(65), slots.get(MAX_SLOTS - 1)), (None, Some(&1), Some(&(MAX_SLOTS - 1))));
        assert_eq!(slots.get(MAX_SLOTS), None);
    }
}
