//! A scene saved together with what readers were told of it.
//!
//! `scene.json` as [`crate::scene`] writes it, with one key more: `published`, the [`PublishedList`]. What was told is not
//! to be had from the estimates again: a thing stands where it was first believed to be until it has strayed too far, and
//! under the number it was given then. So a chain made after loading continues with the bytes it had, and what moves a
//! little afterwards changes no line.
//!
//! The key may be missing: the scene was saved by who told nobody, or by an older gnomon. A thing that is listed and not
//! in the scene is no error; the next update takes it off the list, as it would have done before.

use super::PublishedList;
use crate::error::{Error, Result};
use crate::scene::{Snapshot, scene_from_json, scene_to_json, write_scene_and, write_scene_json};
use serde::Deserialize;
use std::io;

/// The key of the list in `scene.json`.
const KEY: &str = "published";

/// A scene and what readers were told of it.
#[derive(Debug, Clone)]
pub struct ToldScene {
    /// What is believed.
    pub snapshot: Snapshot,
    /// What was told; none where nobody was.
    pub published: Option<PublishedList>,
}

#[derive(Deserialize)]
struct ListOfScene {
    #[serde(default)]
    published: Option<PublishedList>,
}

impl ToldScene {
    /// Reads a saved scene with its list, if it has one. Refuses what [`scene_from_json`] refuses, and a list that no
    /// chain can be made of.
    pub fn from_json(text: &str) -> Result<Self> {
        let snapshot = scene_from_json(text)?;
        let list: ListOfScene =
            serde_json::from_str(text).map_err(|error| Error::io(format!("{KEY} cannot be read: {error}")))?;
        Ok(Self { snapshot, published: list.published })
    }

    /// Writes both as one `scene.json`.
    pub fn write_json(&self, mut out: impl io::Write) -> Result<()> {
        match &self.published {
            Some(list) => write_scene_and(&self.snapshot, KEY, &mut out, |out| list.write_json(out)),
            None => write_scene_json(&self.snapshot, out),
        }
    }

    /// Both as the text of one `scene.json`.
    pub fn to_json(&self) -> String {
        let mut bytes = Vec::new();
        match self.write_json(&mut bytes) {
            Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
            // Writing to memory cannot fail; should it, the scene alone is better than half a file.
            Err(_) => scene_to_json(&self.snapshot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cogmap::testing::boxed;
    use crate::graph::{Chain, ChainOptions, PublishOptions};
    use crate::scene::Object;

    fn snapshot(things: &[Object]) -> Snapshot {
        Snapshot::of(things.to_vec(), vec![], 1).expect("valid things")
    }

    fn room() -> Vec<Object> {
        (1..=9u32)
            .map(|k| {
                let at = f64::from(k);
                boxed(u64::from(k), &format!("chair#{k}"), [at * 0.7, at * at * 0.1], [0.5, 0.5], 0.0)
            })
            .collect()
    }

    /// A list that was told of a room in which things then moved a little, moved far, went, and came.
    fn told() -> (Vec<Object>, PublishedList) {
        let mut things = room();
        let mut list = PublishedList::of(&snapshot(&things), PublishOptions::default()).expect("a list");
        things[3].obb.centre.x += 0.04; // less than any bound: stays where it was told
        things[5].obb.centre.y += 1.0;
        things.remove(6);
        list.update(&snapshot(&things)).expect("an update");
        things.push(boxed(20, "lamp#1", [1.0, 3.0], [0.2, 0.2], 0.0));
        things[4].obb.centre.x -= 0.04;
        list.update(&snapshot(&things)).expect("an update");
        (things, list)
    }

    #[test]
    fn a_chain_goes_on_after_loading_with_the_bytes_it_had() {
        let (mut things, list) = told();
        let options = ChainOptions::default();
        let mut before = Chain::of(&list, options).expect("a chain");
        let anew = PublishedList::of(&snapshot(&things), PublishOptions::default()).expect("a list");
        assert_ne!(
            Chain::of(&anew, options).expect("a chain").to_text(),
            before.to_text(),
            "the estimates do not tell"
        );

        let saved = ToldScene { snapshot: snapshot(&things), published: Some(list.clone()) };
        let loaded = ToldScene::from_json(&saved.to_json()).expect("a scene");
        assert_eq!(loaded.to_json(), saved.to_json());
        let mut loaded_list = loaded.published.expect("a list");
        assert_eq!(loaded_list, list);
        let mut after = Chain::of(&loaded_list, options).expect("a chain");
        assert_eq!(after.to_text(), before.to_text());

        things[0].obb.centre.y += 0.03;
        let moved = snapshot(&things);
        assert_eq!(loaded_list.update(&moved).expect("an update").moved, 0);
        assert_eq!(after.update(&loaded_list).expect("an update").lines_changed, 0);
        // What is new gets the next number, one that a thing that went once had is not given again.
        things.push(boxed(21, "lamp#2", [2.0, 3.0], [0.2, 0.2], 0.0));
        let (mut list, grown) = (list, snapshot(&things));
        for (list, chain) in [(&mut list, &mut before), (&mut loaded_list, &mut after)] {
            list.update(&grown).expect("an update");
            assert_eq!(chain.update(list).expect("an update").lines_changed, 1);
        }
        assert_eq!(after.to_text(), before.to_text());
        assert!(after.to_text().starts_with(&Chain::of(&told().1, options).expect("a chain").to_text()));
    }

    #[test]
    fn a_scene_that_nobody_was_told_of_has_no_list() {
        let plain = ToldScene { snapshot: snapshot(&room()), published: None };
        assert_eq!(plain.to_json(), scene_to_json(&plain.snapshot));
        let read = ToldScene::from_json(&plain.to_json()).expect("a scene");
        assert_eq!((read.published, read.snapshot.len()), (None, 9));
    }

    #[test]
    fn a_list_that_no_chain_can_be_made_of_is_refused() {
        let (things, list) = told();
        let text = ToldScene { snapshot: snapshot(&things), published: Some(list) }.to_json();
        for (from, to, reason) in [
            ("\"next_number\":11", "\"next_number\":5", "number of chair#5 is 5"),
            ("\"number\":2,", "\"number\":1,", "number of chair#2 is 1"),
            ("\"published\":{", "\"published\":7,\"x\":{", "published cannot be read"),
        ] {
            assert!(text.contains(from), "{from} in {text}");
            let refused = ToldScene::from_json(&text.replacen(from, to, 1)).expect_err(reason).to_string();
            assert!(refused.contains(reason), "{refused}");
        }
        // Readers of the scene alone pass the key over.
        assert_eq!(scene_from_json(&text).expect("a scene").len(), things.len());
    }
}
