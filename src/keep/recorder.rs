//! A scene that is written while what it is given, and what it decides, goes into a recording.
//!
//! The recorder holds the scene and the list of what readers of triplets were told; whatever is done with them is done
//! through it, so that nothing can be done and not recorded. Without a file it records nothing and costs nothing.
//!
//! A frame is recorded before it is taken in: after a crash the last record is the frame that did it. A recording
//! is bounded: one that is full says so in its last record, and the scene goes on without it; so it does when the file
//! cannot be written ([`Recorder::recording`] tells). Recording a frame costs packing its depth.

use super::record::{Begin, HEAD_BYTES, Kind, Options, PoseRecord, first_line, frame_body, framed, to_json};
use crate::error::{Error, Result};
use crate::frame::{Frame, Pose};
use crate::graph::{PublishedList, ToldScene};
use crate::lift::Detection;
use crate::scene::{Edit, EditRecord, Event, EventKind, FrameReport, Scene, SceneOptions, Snapshot, edit_line};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io::Write;

/// How many bytes a recording may have where nobody says: some hours of 640×480 at 5 Hz.
pub const DEFAULT_RECORDING_BYTES: u64 = 8 << 30;

/// Kept free for the last record.
const ROOM_FOR_THE_END: u64 = 1024;

/// A scene, what readers were told of it, and its recording.
pub struct Recorder {
    scene: Scene,
    /// None as long as nobody was told.
    told: Option<PublishedList>,
    options: SceneOptions,
    inputs: Vec<String>,
    next_event: u64,
    log: Log,
}

/// How a recording stands.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Bytes written.
    pub bytes: u64,
    /// Records written.
    pub records: u64,
    /// Why nothing more is written; none while it goes on.
    pub ended: Option<Error>,
}

#[derive(Default)]
struct Log {
    out: Option<Box<dyn Write + Send>>,
    most_bytes: u64,
    state: Recording,
}

/// What a scene made of a frame.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Outcome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<FrameReport>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What had happened when the scene was published.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Happened {
    /// Sequence number, stamp, thing, what.
    pub events: Vec<(u64, i64, u64, String)>,
}

/// The last record.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub frames: u64,
    /// SHA-256 of the text of the scene, unsealed.
    pub scene_sha256: String,
}

impl Recorder {
    /// A new scene, not recorded. `inputs` name what goes in: see [`Scene::set_inputs`].
    ///
    /// # Errors
    /// Options or inputs that cannot be meant.
    pub fn new(options: SceneOptions, inputs: &[&str]) -> Result<Self> {
        let mut scene = Scene::new(options.clone())?;
        if !inputs.is_empty() {
            scene.set_inputs(inputs)?;
        }
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        Ok(Self { scene, told: None, options, inputs, next_event: 0, log: Log::default() })
    }

    /// Names what goes in: see [`Scene::set_inputs`]. Before the recording begins, which tells it.
    ///
    /// # Errors
    /// `State` where there is a recording; as [`Scene::set_inputs`].
    pub fn set_inputs(&mut self, inputs: &[&str]) -> Result<()> {
        if self.log.has_begun() {
            return Err(Error::state("inputs are named before the recording begins"));
        }
        self.scene.set_inputs(inputs)?;
        self.inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        Ok(())
    }

    /// As [`Scene::set_up_to_scale`]. Before the recording begins, which tells it.
    ///
    /// # Errors
    /// `State` where there is a recording; as [`Scene::set_up_to_scale`].
    pub fn set_up_to_scale(&mut self) -> Result<()> {
        if self.log.has_begun() {
            return Err(Error::state("that the scale is unknown is said before the recording begins"));
        }
        self.scene.set_up_to_scale()
    }

    /// Refuses, as [`Self::record_into`] does, to begin a recording late or twice.
    ///
    /// # Errors
    /// `State`.
    pub fn check_may_record(&self) -> Result<()> {
        match self.log.has_begun() || self.scene.has_met_frames() {
            true => Err(Error::state("a recording begins before the first frame, and once")),
            false => Ok(()),
        }
    }

    /// Records from here on, into at most `most_bytes`. To be called before the first frame.
    ///
    /// # Errors
    /// `State` after the first frame, or where there is a recording already; a file that cannot be written. Then there is
    /// no recording.
    pub fn record_into(&mut self, out: Box<dyn Write + Send>, most_bytes: u64) -> Result<()> {
        self.check_may_record()?;
        let options = Options::of(&self.options);
        let (inputs, is_up_to_scale) = (self.inputs.clone(), !self.scene.is_metric());
        let begin = Begin { gnomon: crate::VERSION.into(), inputs, options, is_up_to_scale };
        self.log = Log { out: Some(out), most_bytes, state: Recording::default() };
        self.log.write(first_line().as_bytes());
        self.log.put(Kind::Begin, || json_of(&begin));
        match self.log.state.ended.clone() {
            None => Ok(()),
            Some(why) => {
                self.log = Log::default();
                Err(why)
            }
        }
    }

    /// As [`Scene::integrate`].
    ///
    /// # Errors
    /// As there.
    pub fn integrate(&mut self, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport> {
        let body = if self.log.out.is_some() { frame_body(frame, detections).map(Some) } else { Ok(None) };
        if let Ok(Some(body)) = &body {
            self.log.put(Kind::Frame, || Ok(Cow::Borrowed(body)));
        }
        let outcome = self.scene.integrate(frame, detections);
        match body {
            Ok(None) => {}
            Ok(Some(_)) => self.log.put(Kind::Outcome, || json_of(&outcome_of(&outcome))),
            // What cannot be recorded and was refused changed nothing.
            Err(_) if outcome.is_err() => {}
            Err(error) => self.log.end_with(error),
        }
        outcome
    }

    /// As [`Scene::publish`].
    pub fn publish(&mut self) -> Snapshot {
        let snapshot = self.scene.publish();
        let next = self.next_event;
        self.log.put(Kind::Published, || json_of(&happened_since(next, &snapshot)));
        self.next_event = snapshot.events().last().map_or(next, |event| event.sequence + 1);
        snapshot
    }

    /// Tells readers of triplets what was published last.
    ///
    /// # Errors
    /// As [`PublishedList::update`].
    pub fn tell(&mut self) -> Result<()> {
        self.told.get_or_insert_default().update(&self.scene.snapshot())?;
        self.log.put(Kind::Told, || Ok(Cow::Borrowed(&[])));
        Ok(())
    }

    /// As [`Scene::edit`].
    ///
    /// # Errors
    /// As there.
    pub fn edit(&mut self, edit: Edit, who: &str, stamp_ns: i64) -> Result<()> {
        let record = EditRecord { sequence: 0, stamp_ns, who: who.into(), edit };
        self.scene.edit(record.edit.clone(), who, stamp_ns)?;
        self.log.put(Kind::Edit, || json_of(&edit_line(&record)));
        Ok(())
    }

    /// As [`Scene::update_poses`].
    ///
    /// # Errors
    /// As there.
    pub fn update_poses(&mut self, corrected: &[(u32, Pose)]) -> Result<()> {
        self.scene.update_poses(corrected)?;
        self.log.put(Kind::Poses, || {
            json_of(&corrected.iter().map(|(id, pose)| (*id, PoseRecord::of(pose))).collect::<Vec<_>>())
        });
        Ok(())
    }

    /// The scene, to look at.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What readers of triplets were told; none where nobody was.
    pub fn told(&self) -> Option<&PublishedList> {
        self.told.as_ref()
    }

    /// How the recording stands.
    pub fn recording(&self) -> &Recording {
        &self.log.state
    }

    /// True while what is done goes into a recording.
    pub fn is_recording(&self) -> bool {
        self.log.out.is_some()
    }

    /// Ends the recording with what was published last; the scene goes on without it.
    ///
    /// # Errors
    /// `State` where there never was a recording; why it had ended before, or could not be ended.
    pub fn end_recording(&mut self) -> Result<()> {
        if !self.log.has_begun() {
            return Err(Error::state("there is no recording to end"));
        }
        let told = self.told_scene();
        self.log.put(Kind::End, || json_of(&end_of(&told)));
        self.log.state.ended.clone().map_or(Ok(()), Err)
    }

    /// What was published last, with what readers of triplets were told.
    pub(super) fn told_scene(&self) -> ToldScene {
        ToldScene { snapshot: self.scene.snapshot(), published: self.told.clone() }
    }

    /// Ends the recording; returns what was published last with what was told, and how the recording stands.
    pub fn finish(mut self) -> (ToldScene, Recording) {
        let told = self.told_scene();
        self.log.put(Kind::End, || json_of(&end_of(&told)));
        (told, self.log.state)
    }
}

pub(super) fn outcome_of(outcome: &Result<FrameReport>) -> Outcome {
    match outcome {
        Ok(report) => Outcome { report: Some(*report), refused: None },
        Err(error) => Outcome { report: None, refused: Some(error.to_string()) },
    }
}

/// Events from this sequence number on.
pub(super) fn happened_since(next: u64, snapshot: &Snapshot) -> Happened {
    let word = |event: &Event| match event.kind {
        EventKind::Born => "born",
        EventKind::Moved { .. } => "moved",
        EventKind::Merged { .. } => "merged",
        EventKind::Removed(_) => "removed",
    };
    let news = snapshot.events().iter().filter(|event| event.sequence >= next);
    Happened {
        events: news.map(|event| (event.sequence, event.stamp_ns, event.object.0, word(event).to_owned())).collect(),
    }
}

pub(super) fn end_of(told: &ToldScene) -> End {
    let digest = Sha256::digest(told.to_json().as_bytes());
    End { frames: told.snapshot.frames(), scene_sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect() }
}

fn json_of(value: &impl Serialize) -> Result<Cow<'static, [u8]>> {
    to_json(value).map(Cow::Owned)
}

impl Log {
    fn has_begun(&self) -> bool {
        self.out.is_some() || self.state.bytes > 0 || self.state.ended.is_some()
    }

    /// Writes a record if there is a recording and it has room; otherwise the recording ends here.
    fn put<'b>(&mut self, kind: Kind, body: impl FnOnce() -> Result<Cow<'b, [u8]>>) {
        if self.out.is_none() {
            return;
        }
        let body = match body() {
            Ok(body) => body,
            Err(error) => return self.end_with(error),
        };
        let length = (HEAD_BYTES + body.len()) as u64;
        let is_last = kind == Kind::End;
        let room = if is_last { 0 } else { ROOM_FOR_THE_END };
        if self.state.bytes.saturating_add(length).saturating_add(room) > self.most_bytes {
            let most = self.most_bytes;
            return self.end_with(Error::io(format!("the recording is full: it may have {most} bytes")));
        }
        self.write(&framed(kind, &body));
        if is_last {
            self.out = None;
        }
    }

    fn end_with(&mut self, why: Error) {
        self.write(&framed(Kind::Full, b""));
        self.out = None;
        self.state.ended.get_or_insert(why);
    }

    fn write(&mut self, bytes: &[u8]) {
        let Some(out) = &mut self.out else { return };
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => {
                self.state.bytes += bytes.len() as u64;
                self.state.records += 1;
            }
            Err(error) => {
                self.out = None;
                self.state.ended = Some(Error::io(format!("the recording cannot be written: {error}")));
            }
        }
    }
}
