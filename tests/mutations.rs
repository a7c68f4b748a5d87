//! Broken files by the thousand: saved scenes and recordings, altered by a seeded hand. Nothing panics, nothing is held
//! that a file merely claims, and what is refused is refused in a sentence.
//!
//! Scenes are altered with their seal made anew, and records with their checksum, so that what lies behind is reached.

use gnomon::frame::{Frame, Intrinsics, MaskView, MetricZ, Pose};
use gnomon::geom::OrientedBox;
use gnomon::graph::ToldScene;
use gnomon::keep::{Recorder, Recording, Replay, Tail, save_scene};
use gnomon::lift::Detection;
use gnomon::scene::{Edit, SceneOptions};
use nalgebra::{Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};
use std::io::Write;
use std::sync::{Arc, Mutex};

const WIDTH: u32 = 48;
const HEIGHT: u32 = 36;

/// xorshift64*.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides.max(1)
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A recording of a few frames of a panel before a wall, with an edit and a correction, and the scene it leaves.
fn recorded() -> (Vec<u8>, ToldScene) {
    let (bytes, told, recording) = recorded_into(1 << 20);
    assert!(recording.ended.is_none());
    (bytes, told)
}

fn recorded_into(most_bytes: u64) -> (Vec<u8>, ToldScene, Recording) {
    let file = Shared::default();
    let mut recorder = Recorder::new(SceneOptions::default(), &["a panel"]).expect("a scene");
    recorder.record_into(Box::new(file.clone()), most_bytes).expect("a recording");
    let is_panel = |u: u32, v: u32| (16..32).contains(&u) && (10..26).contains(&v);
    let z: Vec<u16> =
        (0..WIDTH * HEIGHT).map(|at| if is_panel(at % WIDTH, at / WIDTH) { 1500 } else { 3000 }).collect();
    let mask = vec![255; 256];
    let along_x = Matrix3::new(0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, -1.0, 0.0);
    let rotation = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(along_x));
    for at in 0..8 {
        let frame = Frame {
            stamp_ns: at * 33_000_000,
            ..Frame::of_depth(
                MetricZ::from_millimetres(&z, WIDTH, HEIGHT).expect("depth"),
                Intrinsics::pinhole(WIDTH, HEIGHT, 45.0, 45.0, 23.5, 17.5).expect("a camera"),
                Pose::from_parts(Translation3::new(0.0, 0.0, 1.2), rotation),
            )
        };
        let detection = Detection {
            bbox: [16.0, 10.0, 32.0, 26.0],
            label: "plant",
            score: 0.9,
            mask: Some(MaskView::new(&mask, 16, 10, 16, 16, 0).expect("a mask")),
            feature: Some(&[0.5, -1.0]),
        };
        recorder.integrate(&frame, &[detection]).expect("a frame");
        recorder.publish();
    }
    let plant = recorder.scene().snapshot().object_named("plant#1").expect("a plant").clone();
    let obb = OrientedBox { size: plant.obb.size + Vector3::repeat(0.1), ..plant.obb };
    recorder.edit(Edit::Pin { thing: plant.id, obb }, "anna", 5).expect("an edit");
    recorder.edit(Edit::Rename { thing: plant.id, name: "fern".into() }, "anna", 6).expect("an edit");
    recorder.update_poses(&[(0, Pose::from_parts(Translation3::new(0.1, 0.0, 1.2), rotation))]).expect("a keyframe");
    recorder.publish();
    recorder.tell().expect("told");
    let (told, recording) = recorder.finish();
    let bytes = file.0.lock().expect("one thread").clone();
    (bytes, told, recording)
}

#[test]
fn a_full_recording_says_so_and_the_scene_goes_on() {
    let (whole, told) = recorded();
    let most = whole.len() as u64 / 2 + 1024;
    let (bytes, same, recording) = recorded_into(most);
    assert_eq!(
        recording.ended.map(|why| why.to_string()),
        Some(format!("the recording is full: it may have {most} bytes"))
    );
    assert!(bytes.len() as u64 <= most && recording.bytes == bytes.len() as u64);
    assert_eq!(same.to_json(), told.to_json(), "a full recording changes nothing");
    let replayed = Replay::open(bytes.as_slice()).and_then(Replay::finish).expect("as far as it goes");
    assert_eq!((replayed.tail, replayed.differs), (Tail::Full, None));
    assert!((1..8).contains(&replayed.frames), "{}", replayed.frames);
}

/// Alters some bytes: flipped, set to what means something, removed, doubled, or the end cut off.
fn alter(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const TELLING: [&[u8]; 14] = [
        b"1e999",
        b"-1",
        b"null",
        b"NaN",
        b"18446744073709551616",
        b"[[[[[[[[",
        b"\"",
        b"{}",
        b"0",
        b"9",
        b"\xff",
        b"\x00",
        b",",
        b"1e-320",
    ];
    for _ in 0..1 + dice.throw(3) {
        let (at, length) = (dice.throw(bytes.len()), 1 + dice.throw(12));
        let end = (at + length).min(bytes.len());
        match dice.throw(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.throw(8),
            1 => drop(bytes.splice(at..end, TELLING[dice.throw(TELLING.len())].iter().copied())),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            4 if at < bytes.len() => bytes[at] = dice.throw(256) as u8,
            _ if dice.throw(8) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
}

#[test]
fn ten_thousand_altered_scenes_are_read_or_refused() {
    let (_, told) = recorded();
    let whole = told.to_json().into_bytes();
    let mut dice = Dice(11);
    let (mut read, mut refused) = (0, 0);
    for round in 0..10_000 {
        let mut bytes = whole.clone();
        alter(&mut bytes, &mut dice);
        match ToldScene::from_json(&String::from_utf8_lossy(&bytes)) {
            Ok(scene) => {
                // What is read can be written, and read again.
                let text = scene.to_json();
                assert!(ToldScene::from_json(&text).is_ok_and(|again| again.to_json() == text), "round {round}");
                read += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 100 && refused > 5_000);
}

#[test]
fn a_thousand_altered_packed_files_are_refused() {
    let (_, told) = recorded();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("scene.json.zst");
    save_scene(&path, &told).expect("saved");
    let whole = std::fs::read(&path).expect("there");
    let mut dice = Dice(12);
    for round in 0..1_000 {
        let mut bytes = whole.clone();
        alter(&mut bytes, &mut dice);
        std::fs::write(&path, &bytes).expect("written");
        let is_taken = gnomon::keep::load_scene(&path).is_ok_and(|read| read.to_json() != told.to_json());
        assert!(!is_taken, "round {round}: another scene was read");
    }
}

/// Where records begin in a recording, each with the length of its body.
fn records_of(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut at = bytes.iter().position(|byte| *byte == b'\n').expect("a first line") + 1;
    let mut records = Vec::new();
    while let Some(head) = bytes[at..].first_chunk::<4>() {
        let length = u32::from_le_bytes(*head) as usize;
        records.push((at, length));
        at += 9 + length;
    }
    records
}

/// The recording with the body of one record altered and its checksum made anew.
fn with_altered_record(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let records = records_of(whole);
    let (at, length) = records[dice.throw(records.len())];
    let mut body = whole[at + 9..at + 9 + length].to_vec();
    alter(&mut body, dice);
    let mut head = (body.len() as u32).to_le_bytes().to_vec();
    head.push(if dice.throw(10) == 0 { dice.throw(12) as u8 } else { whole[at + 4] });
    let mut crc = crc32fast::Hasher::new();
    crc.update(&head);
    crc.update(&body);
    head.extend(crc.finalize().to_le_bytes());
    [&whole[..at], &head, &body, &whole[at + 9 + length..]].concat()
}

#[test]
fn ten_thousand_altered_recordings_are_replayed_or_refused() {
    let (whole, told) = recorded();
    let replayed = Replay::open(whole.as_slice()).expect("whole").finish().expect("whole");
    assert_eq!((replayed.differs, replayed.told.to_json()), (None, told.to_json()));
    let mut dice = Dice(13);
    let (mut as_it_was, mut otherwise, mut refused) = (0, 0, 0);
    for round in 0..10_000 {
        let bytes = if round % 2 == 0 {
            with_altered_record(&whole, &mut dice)
        } else {
            let mut bytes = whole.clone();
            alter(&mut bytes, &mut dice);
            bytes
        };
        match Replay::open(bytes.as_slice()).and_then(Replay::finish) {
            Ok(replayed) if replayed.told.to_json() == told.to_json() => as_it_was += 1,
            Ok(_) => otherwise += 1,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    println!("{as_it_was} as it was, {otherwise} otherwise or cut, {refused} refused");
    assert!(refused > 1_000 && otherwise > 1_000);
}
