//! Labels as numbers, and the counting that makes names of them.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most different labels one scene takes.
pub const MAX_DIFFERENT_LABELS: usize = 65_536;

/// A label of this scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LabelId(u32);

#[derive(Debug)]
struct Entry {
    text: Arc<str>,
    named: u32,
    movable: bool,
}

/// Every label this scene has met.
#[derive(Debug, Default)]
pub(super) struct Labels {
    ids: BTreeMap<Arc<str>, LabelId>,
    entries: Vec<Entry>,
    movable: Vec<String>,
}

impl Labels {
    pub fn new(movable: &[String]) -> Self {
        Self { movable: movable.to_vec(), ..Self::default() }
    }

    /// The number of a label; a new label gets the next.
    pub fn id(&mut self, text: &str) -> Result<LabelId> {
        if let Some(&id) = self.ids.get(text) {
            return Ok(id);
        }
        if self.entries.len() >= MAX_DIFFERENT_LABELS {
            return Err(Error::argument(format!(
                "label \"{text}\" would be one more than {MAX_DIFFERENT_LABELS} different labels"
            )));
        }
        let id = LabelId(self.entries.len() as u32);
        let text: Arc<str> = text.into();
        let movable = self.movable.iter().any(|m| **m == *text);
        self.ids.insert(text.clone(), id);
        self.entries.push(Entry { text, named: 0, movable });
        Ok(id)
    }

    pub fn text(&self, id: LabelId) -> Arc<str> {
        self.entries[id.0 as usize].text.clone()
    }

    /// True for labels declared movable.
    pub fn is_movable(&self, id: LabelId) -> bool {
        self.entries[id.0 as usize].movable
    }

    /// `label#k` with the next k.
    pub fn next_name(&mut self, id: LabelId) -> Arc<str> {
        let entry = &mut self.entries[id.0 as usize];
        entry.named += 1;
        format!("{}#{}", entry.text, entry.named).into()
    }
}
