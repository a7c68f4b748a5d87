//! A recorded scene made again, byte for byte.
//!
//! What was given is given again, in the order in which it came; what was decided is compared with what is decided now.
//! The same version of gnomon makes the same scene; another may decide otherwise, and the first difference is told.
//!
//! A recording whose end is missing or broken (the power went) is replayed as far as it is whole, and [`Tail`] says in a
//! sentence where it ended. A record that is whole and says what no recorder writes is an error.

use super::record::{Begin, HEAD_BYTES, Kind, Next, OwnedFrame, PoseRecord, next_record, of_json, read_first_line};
use super::recorder::{End, Happened, Outcome, Recorder, end_of, happened_since, outcome_of};
use crate::error::{Error, Result};
use crate::frame::Pose;
use crate::graph::ToldScene;
use crate::scene::{FrameReport, edit_record};
use std::io::Read;

/// A recording that is being replayed.
pub struct Replay<R> {
    from: R,
    version: String,
    recorder: Recorder,
    /// Of the frame replayed last, until its recorded one is met.
    outcome: Option<Outcome>,
    next_event: u64,
    frames: u64,
    records: u64,
    bytes: u64,
    differs: Option<String>,
    end: Option<End>,
    tail: Option<Tail>,
}

/// What one record was.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// A frame, and what became of it; none where the scene refused it, as it did before.
    Frame(Option<FrameReport>),
    /// Anything else.
    Other,
}

/// How a recording ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tail {
    /// With its end.
    Whole,
    /// It was full, or could not be written any more: the scene went on without it.
    Full,
    /// Whole up to this byte, and broken or cut from there on.
    Cut {
        /// Bytes that were whole.
        whole_bytes: u64,
        /// What is wrong with what follows.
        why: &'static str,
    },
}

/// A replay that is over.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The scene as it was when the recording ended, with what readers were told.
    pub told: ToldScene,
    /// The version of gnomon that recorded.
    pub version: String,
    /// Frames replayed, those refused included.
    pub frames: u64,
    /// How the recording ended.
    pub tail: Tail,
    /// The first thing that was decided otherwise than when it was recorded.
    pub differs: Option<String>,
}

impl Tail {
    /// For people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Whole => "the recording is whole".into(),
            Self::Full => "the recording was full before the scene was done; what it holds was replayed".into(),
            Self::Cut { whole_bytes, why } => {
                format!(
                    "the recording is whole up to byte {whole_bytes}: of what follows {why}; what was whole was replayed"
                )
            }
        }
    }
}

impl Replayed {
    /// For people, a line each: who recorded, how it ended, what was decided otherwise.
    pub fn words(&self) -> String {
        let mut words = format!("recorded by gnomon {}\n{}\n", self.version, self.tail.sentence());
        if let Some(difference) = &self.differs {
            words += &format!("decided otherwise by gnomon {}: {difference}\n", crate::VERSION);
        }
        words
    }
}

impl<R: Read> Replay<R> {
    /// Reads how the recording begins. Give it a buffered reader.
    ///
    /// # Errors
    /// No recording, one of another version, options that cannot be meant.
    pub fn open(mut from: R) -> Result<Self> {
        read_first_line(&mut from)?;
        let Next::Record(Kind::Begin, body) = next_record(&mut from)? else {
            return Err(Error::io("recording has no beginning: its first record is broken"));
        };
        let begin: Begin = of_json(&body)?;
        let options = begin.options.read().map_err(as_io)?;
        let inputs: Vec<&str> = begin.inputs.iter().map(String::as_str).collect();
        let mut recorder = Recorder::new(options, &inputs).map_err(as_io)?;
        if begin.is_up_to_scale {
            recorder.set_up_to_scale()?;
        }
        Ok(Self {
            from,
            version: begin.gnomon,
            recorder,
            outcome: None,
            next_event: 0,
            frames: 0,
            records: 1,
            bytes: (super::record::FIRST_LINE_BYTES + HEAD_BYTES + body.len()) as u64,
            differs: None,
            end: None,
            tail: None,
        })
    }

    /// Replays one record; none when the recording is over.
    ///
    /// # Errors
    /// A file that cannot be read; a record that no recorder writes.
    pub fn step(&mut self) -> Result<Option<Step>> {
        if self.tail.is_some() {
            return Ok(None);
        }
        let (kind, body) = match next_record(&mut self.from)? {
            Next::Record(kind, body) => (kind, body),
            Next::End => return Ok(self.over(Tail::Cut { whole_bytes: self.bytes, why: "there is nothing" })),
            Next::Broken(why) => return Ok(self.over(Tail::Cut { whole_bytes: self.bytes, why })),
        };
        let number = self.records;
        let step = self.take(kind, &body).map_err(|error| as_io(error.within(format_args!("record {number}"))))?;
        self.records += 1;
        self.bytes += (HEAD_BYTES + body.len()) as u64;
        Ok(step)
    }

    fn over(&mut self, tail: Tail) -> Option<Step> {
        self.tail = Some(tail);
        None
    }

    fn take(&mut self, kind: Kind, body: &[u8]) -> Result<Option<Step>> {
        match kind {
            Kind::Begin => return Err(Error::io("a recording begins once")),
            Kind::Frame => return self.take_frame(body).map(Some),
            Kind::Outcome => self.compare_outcome(of_json(body)?),
            Kind::Published => {
                let snapshot = self.recorder.publish();
                let now = happened_since(self.next_event, &snapshot);
                self.next_event = snapshot.events().last().map_or(self.next_event, |event| event.sequence + 1);
                let then: Happened = of_json(body)?;
                if now != then {
                    self.note_difference(format!("{:?} happened, recorded was {:?}", now.events, then.events));
                }
            }
            Kind::Told => self.recorder.tell()?,
            Kind::Edit => {
                let record = edit_record(body)?;
                self.recorder.edit(record.edit, &record.who, record.stamp_ns)?;
            }
            Kind::Poses => {
                let corrected: Vec<(u32, PoseRecord)> = of_json(body)?;
                let poses = corrected.into_iter().map(|(id, pose)| Ok((id, pose.read()?)));
                self.recorder.update_poses(&poses.collect::<Result<Vec<(u32, Pose)>>>()?)?;
            }
            Kind::End => {
                self.end = Some(of_json(body)?);
                return Ok(self.over(Tail::Whole));
            }
            Kind::Full => return Ok(self.over(Tail::Full)),
        }
        Ok(Some(Step::Other))
    }

    fn take_frame(&mut self, body: &[u8]) -> Result<Step> {
        let owned = OwnedFrame::read(body)?;
        let outcome = self.recorder.integrate(&owned.frame()?, &owned.detections()?);
        self.outcome = Some(outcome_of(&outcome));
        self.frames += 1;
        Ok(Step::Frame(outcome.ok()))
    }

    fn compare_outcome(&mut self, then: Outcome) {
        if let Some(now) = self.outcome.take().filter(|now| *now != then) {
            self.note_difference(format!("{now:?}, recorded was {then:?}"));
        }
    }

    fn note_difference(&mut self, what: String) {
        let frame = self.frames;
        self.differs.get_or_insert_with(|| format!("after {frame} frames: {what}"));
    }

    /// Replays what is left, and returns what came out.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn finish(self) -> Result<Replayed> {
        self.finish_with_scene().map(|(replayed, _)| replayed)
    }

    /// As [`Self::finish`], with the scene itself, which may go on.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn finish_with_scene(mut self) -> Result<(Replayed, Recorder)> {
        while self.step()?.is_some() {}
        let told = self.recorder.told_scene();
        if let Some(end) = &self.end
            && *end != end_of(&told)
        {
            self.differs.get_or_insert_with(|| "the scene at the end has other bytes than the one recorded".into());
        }
        let replayed = Replayed {
            told,
            version: self.version,
            frames: self.frames,
            tail: self.tail.unwrap_or(Tail::Whole),
            differs: self.differs,
        };
        Ok((replayed, self.recorder))
    }
}

/// What is wrong in a file is the file's fault, not an argument's.
fn as_io(error: Error) -> Error {
    match error.kind() {
        crate::error::ErrorKind::Argument | crate::error::ErrorKind::State => Error::io(error.to_string()),
        _ => error,
    }
}
