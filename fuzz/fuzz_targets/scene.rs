//! Any text as a saved scene: read or refused; what is read is written the same after being read again.
#![no_main]

use gnomon::graph::ToldScene;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(scene) = ToldScene::from_json(text) {
        let written = scene.to_json();
        let again = ToldScene::from_json(&written).expect("what was written can be read");
        assert!(again.to_json() == written);
    }
});
