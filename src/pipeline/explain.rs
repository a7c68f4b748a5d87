//! Why nothing comes out: the chain from frames to what is published, its first broken link, and what to do about it.
//!
//! A link is judged on the newest frames that ended and got as far as to it: a frame that was dropped for its pose says
//! nothing of detections. It is broken when less than one frame in ten passes it, or when a stage that feeds it has been
//! busy with one frame for too long. The links are looked at in order and the first broken one is named: what comes after
//! it has nothing to go on. What is lost without a link being broken is told as a remark.

use super::account::{End, Ended};
use super::state::State;
use super::statistics::Stage;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Of so many judged frames one has to pass.
const ONE_IN: usize = 10;

/// The first sight of a thing begins it: so many frames with detections are to be seen before none known again is odd.
const BEFORE_ASSOCIATED: usize = 8;

/// A remark when one judged frame in so many was dropped.
const REMARKED_DROPS: usize = 10;

/// Stamps farther apart than this, nanoseconds, are more likely of two clocks than late.
const OTHER_CLOCK_NS: u64 = 1_000_000_000;

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Frames come in.
    Frames,
    /// They have a pose.
    Posed,
    /// They have a pixel of depth, or more.
    DepthValid,
    /// A detector, or geometry, says something of them.
    Detections,
    /// A thing that is known already is seen in them.
    Associated,
    /// Readers see what they changed.
    Published,
}

impl Link {
    /// All there are, in order.
    pub const ALL: [Self; 6] =
        [Self::Frames, Self::Posed, Self::DepthValid, Self::Detections, Self::Associated, Self::Published];

    /// Its name in sentences.
    pub fn words(self) -> &'static str {
        match self {
            Self::Frames => "frames in",
            Self::Posed => "posed",
            Self::DepthValid => "depth valid",
            Self::Detections => "detections",
            Self::Associated => "associated",
            Self::Published => "published",
        }
    }
}

/// How many frames passed a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct LinkCount {
    /// Which link.
    pub link: Link,
    /// Frames that passed it since the pipeline was opened.
    pub frames: u64,
    /// Of the newest frames that ended, how many got as far as to it.
    pub judged: usize,
    /// Of these, how many passed it.
    pub passed: usize,
}

/// The first link that is broken.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// Which link.
    pub link: Link,
    /// What is seen, and what to do.
    pub hint: String,
}

/// What became of the frames, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// The links in order.
    pub links: [LinkCount; 6],
    /// The first that is broken, if one is.
    pub broken: Option<Broken>,
    /// What is lost although no link is broken by it.
    pub remarks: Vec<String>,
}

impl std::fmt::Display for Explanation {
    /// The chain in a line, then a line for the broken link, then one for each remark.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, count) in self.links.iter().enumerate() {
            write!(f, "{}{} {}", if at == 0 { "" } else { " -> " }, count.link.words(), count.frames)?;
        }
        match &self.broken {
            None => write!(f, "\nno link is broken")?,
            Some(broken) => write!(f, "\nbroken at \"{}\": {}", broken.link.words(), broken.hint)?,
        }
        self.remarks.iter().try_for_each(|remark| write!(f, "\nremark: {remark}"))
    }
}

impl Explanation {
    /// As JSON: `links`, `broken` (or null), `remarks`.
    pub fn to_json(&self) -> String {
        // Numbers and texts alone: it does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What of a frame that ended concerns a link: `None` if it did not get there, else whether it passed.
fn passed(ended: &Ended, link: Link) -> Option<bool> {
    if ended.end == End::Closed {
        return None;
    }
    let report = ended.report.as_ref();
    match link {
        Link::Frames => Some(true),
        Link::Posed => (ended.posed || ended.end == End::NoPose).then_some(ended.posed),
        Link::DepthValid if ended.end == End::NoDepth => Some(false),
        Link::DepthValid => report.map(|report| report.depth_pixels > 0),
        Link::Detections => {
            report.filter(|report| report.up_known && report.depth_pixels > 0).map(|report| report.detections > 0)
        }
        Link::Associated => report.filter(|report| report.detections > 0).map(|report| report.associated > 0),
        Link::Published => Some(ended.end == End::Published),
    }
}

pub(super) fn explain(state: &State, now: Instant) -> Explanation {
    let case = Case { state, now };
    let links = Link::ALL.map(|link| case.count(link));
    let broken = links.iter().find_map(|count| {
        let hint = case.hint(count)?;
        Some(Broken { link: count.link, hint })
    });
    let mut remarks = Vec::new();
    if broken.as_ref().is_none_or(|broken| broken.link != Link::Published) {
        remarks.extend(case.remark_of_drops());
    }
    remarks.extend(case.remark_of_failures(broken.as_ref()));
    remarks.extend(case.remark_of_listener());
    if state.scenes_begun_anew > 0 {
        remarks.push(format!("the scene was begun anew {} times, after panics", state.scenes_begun_anew));
    }
    Explanation { links, broken, remarks }
}

/// A pipeline at one moment.
struct Case<'a> {
    state: &'a State,
    now: Instant,
}

impl Case<'_> {
    fn count(&self, link: Link) -> LinkCount {
        let account = &self.state.account;
        let frames = match link {
            Link::Frames => account.pushed,
            Link::Posed => account.posed,
            Link::DepthValid => account.with_depth,
            Link::Detections => account.with_detections,
            Link::Associated => account.associated,
            Link::Published => account.published,
        };
        let judged = account.newest().filter_map(|ended| passed(ended, link));
        let (judged, passed) = judged.fold((0, 0), |(judged, passed), one| (judged + 1, passed + usize::from(one)));
        LinkCount { link, frames, judged, passed }
    }

    /// What is wrong with a link, if it is broken.
    fn hint(&self, count: &LinkCount) -> Option<String> {
        let least = if count.link == Link::Associated { BEFORE_ASSOCIATED } else { 1 };
        let starved = count.judged >= least && count.passed * ONE_IN < count.judged;
        match count.link {
            Link::Frames => self.frames_hint(),
            Link::Posed => starved.then(|| self.pose_hint(count)),
            Link::DepthValid => self.stall(Stage::Depth).or_else(|| starved.then(|| self.depth_hint(count))),
            Link::Detections => self.stall(Stage::Detect).or_else(|| starved.then(|| self.detections_hint(count))),
            Link::Associated => starved.then(|| self.association_hint(count)),
            Link::Published => self.stall(Stage::Scene).or_else(|| starved.then(|| self.publication_hint(count))),
        }
    }

    fn stall(&self, stage: Stage) -> Option<String> {
        let busy = self.now.saturating_duration_since(self.state.work[stage as usize].since?);
        (busy > self.state.options.stalled_after).then(|| {
            let what = match stage {
                Stage::Depth => "the depth network",
                Stage::Detect => "the detector",
                Stage::Scene => "the scene",
                Stage::Tell | Stage::Whole => "the listener",
            };
            format!("{what} has been busy with one frame for {}: does it hang, or wait for a device?", in_words(busy))
        })
    }

    fn frames_hint(&self) -> Option<String> {
        let Some(last) = self.state.last_push else {
            return Some("no frame was pushed: is the camera's topic or callback connected?".into());
        };
        let silent = self.now.saturating_duration_since(last);
        (silent > self.state.options.stalled_after).then(|| {
            let pushed = self.state.account.pushed;
            format!("{pushed} frames came, and none for {}: did the camera stop?", in_words(silent))
        })
    }

    fn pose_hint(&self, count: &LinkCount) -> String {
        let state = self.state;
        let (tolerance_ns, wait) = (state.options.pose_tolerance_ns, state.options.wait);
        let mut hint = format!("{} frames, {} had a pose", count.judged, count.passed);
        if state.poses_pushed == 0 {
            hint +=
                ", and none was handed in by stamp: set world_from_camera of the frames, or push a pose for each stamp";
            return hint;
        }
        let _ = write!(hint, " within {}: ", of_nanoseconds(tolerance_ns.unsigned_abs()));
        let silent = state.last_pose.map(|last| self.now.saturating_duration_since(last)).unwrap_or_default();
        let miss = &state.pose_miss;
        let (Some(newest), Some(nearest)) = (miss.newest_off_ns, miss.nearest_off_ns) else {
            let camera = state.last_stamp.map_or(0, |(camera, _)| camera);
            let _ =
                write!(hint, "none was handed in for camera {camera}: do poses and frames name the same camera_id?");
            return hint;
        };
        let off = of_nanoseconds(newest.unsigned_abs());
        let side = if newest < 0 { "older" } else { "newer" };
        if silent > state.options.stalled_after {
            let _ = write!(hint, "the last one came {} ago: did what gives poses stop?", in_words(silent));
        } else if nearest.unsigned_abs() > OTHER_CLOCK_NS {
            let _ =
                write!(hint, "newest pose is {off} {side} than the newest frame: are both stamped by the same clock?");
        } else if newest < 0 {
            let _ = write!(
                hint,
                "newest pose is {off} older than the newest frame, which waited {}: poses come late, so raise wait, or \
                 raise pose_tolerance_ns if the camera is slow",
                in_words(wait)
            );
        } else {
            let nearest = of_nanoseconds(nearest.unsigned_abs());
            let _ = write!(
                hint,
                "nearest pose was {nearest} off: raise pose_tolerance_ns, or push a pose for each frame's own stamp"
            );
        }
        hint
    }

    fn depth_hint(&self, count: &LinkCount) -> String {
        let frames = format!("{} frames, {} had a pixel of depth", count.judged, count.passed);
        let without = self.newest(|ended| ended.end == End::NoDepth);
        if without * 2 < count.judged {
            return format!(
                "{frames}: all is none (0, 65535, NaN) or beyond 200 m: is the unit right (depth_unit_m, 0.001 for \
                 millimetres; f32 is metres), and does the sensor see anything?"
            );
        }
        if !self.state.has_depth_stage {
            return format!(
                "{frames}: they came without, and there is no depth network: push depth, or open with a network"
            );
        }
        match self.failures(Stage::Depth) {
            Some(failures) => format!("{frames}: the depth network {failures}"),
            None => format!("{frames}: they came with neither depth nor a picture to make it from"),
        }
    }

    fn detections_hint(&self, count: &LinkCount) -> String {
        let state = self.state;
        let frames = format!("{} frames with depth, {} had detections", count.judged, count.passed);
        if !state.takes_detections {
            return format!(
                "{frames} from geometry: nothing stands out of floor and walls: is up right, and do poses and depth fit?"
            );
        }
        let empty = self.newest(|ended| ended.report.is_some() && ended.has_detections);
        if state.has_detect_stage {
            if empty * 2 < count.judged
                && let Some(failures) = self.failures(Stage::Detect)
            {
                return format!("{frames}: the detector {failures}");
            }
            if empty * 2 < count.judged {
                return format!("{frames}: they came without a picture for the detector: push colour too");
            }
            return format!(
                "{frames}: the detector finds nothing: is the picture upright, its format the right one (rgb8 or bgr8), \
                 and its score threshold not too high?"
            );
        }
        if empty * 2 >= count.judged {
            return format!(
                "{frames}: what was pushed as detections is empty: is there anything that the detector knows?"
            );
        }
        if !state.options.late_detections {
            return format!(
                "{frames}: they came without, and there is no detector: push detections with the frames, or turn \
                 late_detections on and push them by stamp, or open with a detector"
            );
        }
        let (Some(set), Some((_, frame))) = (state.last_set_ns, state.last_stamp) else {
            return format!("{frames}: they wait for detections by stamp, and none was handed in");
        };
        let off = set.saturating_sub(frame);
        format!(
            "{frames}: {} sets were handed in by stamp and the newest is {} {} than the newest frame: are stamps those of \
             the pictures (within {}), and do they come within {}?",
            state.sets_pushed,
            of_nanoseconds(off.unsigned_abs()),
            if off < 0 { "older" } else { "newer" },
            of_nanoseconds(state.options.detection_tolerance_ns.unsigned_abs()),
            in_words(state.options.wait)
        )
    }

    fn association_hint(&self, count: &LinkCount) -> String {
        let reports = || self.state.account.newest().filter_map(|ended| ended.report.as_ref());
        let (detections, lifted) = reports().fold((0u64, 0u64), |(detections, lifted), report| {
            (detections + u64::from(report.detections), lifted + u64::from(report.lifted))
        });
        let frames = format!("{} frames with detections, in {} a known thing was seen", count.judged, count.passed);
        if lifted * ONE_IN as u64 <= detections {
            return format!(
                "{frames}: of {detections} detections {lifted} had depth enough to become a box: is depth registered to the \
                 colour image (or depth_intrinsics given), and are boxes in pixels of that image?"
            );
        }
        format!(
            "{frames}: each frame begins new things and none is known again: is world_from_camera camera to world and not \
             its inverse, of the picture's own stamp, and in metres?"
        )
    }

    fn publication_hint(&self, count: &LinkCount) -> String {
        let frames = format!("{} frames, {} were published", count.judged, count.passed);
        let ends = [
            End::Overload,
            End::Deadline,
            End::NoPose,
            End::NoDepth,
            End::Overtaken,
            End::Refused,
            End::UpUnknown,
            End::Panic,
        ];
        let most = ends.into_iter().max_by_key(|end| self.newest(|ended| ended.end == *end));
        let why = match most {
            Some(End::Overload) => format!("they come faster than they are worked off: {}", self.slowest()),
            Some(End::Deadline) => format!(
                "they are older than their deadline of {} before they are worked off: {}",
                in_words(self.state.options.deadline.unwrap_or_default()),
                self.slowest()
            ),
            Some(End::Overtaken) => {
                "newer ones of their camera were taken in first: do stamps rise per camera, and was \
                                     the clock set back?"
                    .into()
            }
            Some(End::Refused) => {
                format!(
                    "the scene refused them, the last time: {}",
                    self.state.last_refusal.as_deref().unwrap_or_default()
                )
            }
            Some(End::UpUnknown) => {
                "no floor was seen that would show which way is up: tilt the camera until the floor \
                                     fills a part of the picture, or name the up axis"
                    .into()
            }
            Some(End::Panic) => {
                let last = self.state.work[Stage::Scene as usize].last_error.as_deref().unwrap_or_default();
                format!("the scene panicked, the last time in {last}: that is a defect, please report it")
            }
            _ => "they lacked a pose or depth".into(),
        };
        format!("{frames}: {why}")
    }

    /// How many of the newest frames are so.
    fn newest(&self, is_so: impl Fn(&Ended) -> bool) -> usize {
        self.state.account.newest().filter(|ended| is_so(ended)).count()
    }

    /// "failed 3 times, the last time: why", if it did.
    fn failures(&self, stage: Stage) -> Option<String> {
        let work = &self.state.work[stage as usize];
        let count = work.errors + work.panics;
        let why = work.last_error.as_deref().filter(|_| count > 0)?;
        Some(format!("failed {count} times of {}, the last time: {why}", work.runs))
    }

    /// The stage that takes longest, with its time.
    fn slowest(&self) -> String {
        let stages = [Stage::Depth, Stage::Detect, Stage::Scene];
        let time = |stage: &Stage| {
            let work = &self.state.work[*stage as usize];
            let busy = work.since.map_or(0.0, |since| self.now.saturating_duration_since(since).as_secs_f64());
            work.times.p50_p99_s()[0].max(busy)
        };
        let slowest = stages.into_iter().max_by(|a, b| time(a).total_cmp(&time(b)));
        slowest.map_or(String::new(), |stage| {
            let time = Duration::from_secs_f64(time(&stage));
            format!("{} takes {} a frame: push fewer, or make it faster", stage.word(), in_words(time))
        })
    }

    fn remark_of_drops(&self) -> Option<String> {
        let judged = self.newest(|ended| ended.end != End::Closed);
        let lost = self.newest(|ended| matches!(ended.end, End::Overload | End::Deadline));
        (lost > 0 && lost * REMARKED_DROPS >= judged).then(|| {
            format!(
                "{lost} of the newest {judged} frames were dropped, as newer ones came or their time was over: {}",
                self.slowest()
            )
        })
    }

    fn remark_of_failures(&self, broken: Option<&Broken>) -> Vec<String> {
        let stages = [
            (Stage::Depth, "the depth network", Link::DepthValid),
            (Stage::Detect, "the detector", Link::Detections),
            (Stage::Scene, "the scene", Link::Published),
            (Stage::Tell, "the listener", Link::Published),
        ];
        let told = stages
            .into_iter()
            .filter(|(stage, _, link)| *stage == Stage::Tell || broken.is_none_or(|broken| broken.link != *link));
        told.filter_map(|(stage, what, _)| Some(format!("{what} {}", self.failures(stage)?))).collect()
    }

    fn remark_of_listener(&self) -> Option<String> {
        self.stall(Stage::Tell).map(|hint| format!("{hint} It misses what is published meanwhile."))
    }
}

/// A time with as many digits as a reader wants.
fn in_words(time: Duration) -> String {
    of_nanoseconds(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

fn of_nanoseconds(nanoseconds: u64) -> String {
    let ns = nanoseconds as f64;
    match nanoseconds {
        0 => "0 ms".into(),
        1..1_000_000 => format!("{:.3} ms", ns * 1e-6),
        1_000_000..10_000_000 => format!("{:.1} ms", ns * 1e-6).replace(".0 ", " "),
        10_000_000..1_000_000_000 => format!("{:.0} ms", ns * 1e-6),
        1_000_000_000..100_000_000_000 => format!("{:.1} s", ns * 1e-9),
        _ => format!("{:.0} s", ns * 1e-9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_digits_that_a_reader_wants() {
        let said = [0, 1_500, 5_000_000, 5_500_000, 20_000_000, 1_300_000_000, 400_000_000_000].map(of_nanoseconds);
        assert_eq!(said, ["0 ms", "0.002 ms", "5 ms", "5.5 ms", "20 ms", "1.3 s", "400 s"]);
    }
}
