//! Saved scenes as files: `scene.json`, and `scene.json.zst` with the same text packed.
//!
//! What is saved is sealed: the text carries a SHA-256 of its own bytes (see `scene/save.rs`), and a file that was altered
//! anywhere is refused. Files without a seal, as older versions wrote them, are read. Whether a file is packed is told by
//! how it begins, not by its name; when saving, by its name.

use super::pack::{is_packed, pack, unpack};
use super::write_whole;
use crate::error::{Error, Result};
use crate::graph::ToldScene;
use crate::scene::{MAX_SCENE_BYTES, Snapshot, scene_from_json, sealed};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// What became of a scene that was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedScene {
    /// Bytes of the text.
    pub text_bytes: usize,
    /// Bytes of the file: fewer where it is packed.
    pub file_bytes: usize,
}

/// Saves a scene and what readers were told of it: packed when the name ends with `.zst`. The file is there whole or the
/// old one is; see [`write_whole`].
///
/// # Errors
/// A text longer than [`MAX_SCENE_BYTES`], which nobody would read; what [`write_whole`] refuses.
pub fn save_scene(path: &Path, scene: &ToldScene) -> Result<SavedScene> {
    let text = sealed(scene.to_json());
    if text.len() > MAX_SCENE_BYTES {
        return Err(Error::io(format!(
            "{}: scene has {} bytes, expected at most {MAX_SCENE_BYTES}",
            path.display(),
            text.len()
        )));
    }
    let text_bytes = text.len();
    let is_to_be_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zst"));
    let bytes = if is_to_be_packed { pack(text.as_bytes()) } else { text.into_bytes() };
    write_whole(path, |out| out.write_all(&bytes).map_err(|error| Error::io(error.to_string())))?;
    Ok(SavedScene { text_bytes, file_bytes: bytes.len() })
}

/// Reads a saved scene with what readers were told of it.
///
/// # Errors
/// A sentence that begins with the path: no such file, too large, cut, altered, of a newer version, or not what a scene
/// can be.
pub fn load_scene(path: &Path) -> Result<ToldScene> {
    ToldScene::from_json(&text_of(path)?).map_err(|error| error.within(path.display()))
}

/// Reads a saved scene alone; what readers were told is passed over.
///
/// # Errors
/// As [`load_scene`].
pub fn load_snapshot(path: &Path) -> Result<Snapshot> {
    scene_from_json(&text_of(path)?).map_err(|error| error.within(path.display()))
}

fn text_of(path: &Path) -> Result<String> {
    let failed = |error: std::io::Error| Error::io(format!("{} cannot be read: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_SCENE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_SCENE_BYTES {
        return Err(Error::io(format!("{} is larger than {MAX_SCENE_BYTES} bytes", path.display())));
    }
    if is_packed(&bytes) {
        bytes = unpack(&bytes, MAX_SCENE_BYTES).map_err(|error| error.within(path.display()))?;
    }
    String::from_utf8(bytes).map_err(|error| {
        Error::io(format!("{} is not UTF-8 from byte {} on", path.display(), error.utf8_error().valid_up_to()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cogmap::testing::boxed;
    use crate::graph::{PublishOptions, PublishedList};
    use crate::scene::scene_to_json;

    fn room() -> ToldScene {
        let things = (1..=30u32).map(|k| {
            let at = f64::from(k);
            boxed(u64::from(k), &format!("chair#{k}"), [at * 0.7, at * at * 0.1], [0.5, 0.5], 0.1)
        });
        let snapshot = Snapshot::of(things.collect(), vec![], 17).expect("valid");
        let published = Some(PublishedList::of(&snapshot, PublishOptions::default()).expect("a list"));
        ToldScene { snapshot, published }
    }

    #[test]
    fn a_scene_comes_back_from_either_file_as_it_was() {
        let dir = tempfile::tempdir().expect("a folder");
        let scene = room();
        let (plain, packed) = (dir.path().join("scene.json"), dir.path().join("scene.json.zst"));
        let saved = save_scene(&plain, &scene).expect("saved");
        assert_eq!(saved.text_bytes, saved.file_bytes);
        let saved_packed = save_scene(&packed, &scene).expect("saved");
        assert!(saved_packed.file_bytes * 3 < saved_packed.text_bytes, "{saved_packed:?}");
        for path in [&plain, &packed] {
            let read = load_scene(path).expect("just saved");
            assert_eq!(read.to_json(), scene.to_json());
            assert_eq!(scene_to_json(&load_snapshot(path).expect("just saved")), scene_to_json(&scene.snapshot));
        }
    }

    #[test]
    fn one_byte_altered_anywhere_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("scene.json");
        let mut few = room();
        few.snapshot = Snapshot::of(vec![boxed(1, "chair#1", [1.0, 2.0], [0.5, 0.5], 0.1)], vec![], 17).expect("valid");
        few.published = None;
        save_scene(&path, &few).expect("saved");
        let whole = std::fs::read_to_string(&path).expect("there");
        assert!(scene_from_json(&whole).is_ok());
        for at in 0..whole.len() {
            for to in [b' ', b'0', b'"', b'z', b'}', b'\n'] {
                let mut altered = whole.clone().into_bytes();
                if altered[at] == to {
                    continue;
                }
                altered[at] = to;
                let altered = String::from_utf8(altered).expect("ASCII");
                assert!(scene_from_json(&altered).is_err(), "byte {at} may be {:?}", char::from(to));
            }
            let shorter = [&whole[..at], &whole[at + 1..]].concat();
            assert!(scene_from_json(&shorter).is_err(), "byte {at} may be missing");
        }
    }

    #[test]
    fn what_is_no_saved_scene_is_refused_with_its_path_and_a_reason() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("scene.json");
        let text = sealed(room().to_json());
        let nested = format!("{{\"format\":\"gnomon.scene\",\"version\":1,\"x\":{}", "[".repeat(1_000_000));
        let cut = &text[..text.len() / 2];
        let newer = text.replacen("\"version\":1", "\"version\":9", 1);
        let moved = text.replacen("\"center\":[0.7", "\"center\":[0.8", 1);
        let bomb = pack(&vec![b' '; MAX_SCENE_BYTES + 1]);
        let cases: [(&[u8], &str); 8] = [
            (b"", "scene.json: scene cannot be read"),
            (&[0xff, 0xfe], "scene.json is not UTF-8 from byte 0 on"),
            (cut.as_bytes(), "scene.json: scene cannot be read"),
            (newer.as_bytes(), "scene has version 9, expected 1: it needs another gnomon"),
            (moved.as_bytes(), "scene was altered after it was saved"),
            (nested.as_bytes(), "scene.json: scene cannot be read"),
            (&bomb, "scene.json: compressed data unpacks to more than 268435456 bytes"),
            (&pack(text.as_bytes())[..200], "scene.json: compressed data is broken"),
        ];
        for (bytes, sentence) in cases {
            std::fs::write(&path, bytes).expect("written");
            let refused = load_scene(&path).expect_err(sentence).to_string();
            assert!(refused.contains(sentence), "{refused}");
        }
        let refused = load_scene(&dir.path().join("none.json")).expect_err("not there").to_string();
        assert!(refused.contains("none.json cannot be read"), "{refused}");
    }
}
