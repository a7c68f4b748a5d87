//! What a vision-language model is asked, as it comes from C, checked into the crate's own. Everything is copied: a request
//! may be answered long after the call.

use super::frame::{gnomon_image, read_pictures};
use super::growth::{self, Headed, growing};
use super::network::within_of;
use super::question::{coded, flag};
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str, read_texts};
use crate::prepare::Rgb;
use crate::vlm::constraint::{BoxLines, Constraint, MapLine, TripletLines};
use crate::vlm::sampling::Sampling;
use crate::vlm::stops::Stops;
use crate::vlm::{Message, Part, Request, Role, Video, WhenBusy};
use std::sync::Arc;
use std::time::Duration;

/// The most messages of a conversation.
const MAX_MESSAGES: usize = 4096;

/// The most pictures of a request, and as many frames of a video.
const MAX_PICTURES: usize = 1024;

/// The most videos of a request.
const MAX_VIDEOS: usize = 64;

/// The most stop strings.
const MAX_STOPS: usize = 1024;

/// The most choices, ids or labels of a constraint.
const MAX_CHOICES: usize = 4096;

/// The most frames in a second.
const MAX_FPS: f64 = 1e6;

/// What somebody says in a conversation. Its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_message {
    /// The words; may be empty.
    pub text: gnomon_str,
    /// GNOMON_ROLE_*: who says it.
    pub role: i32,
    /// So many of the request's images stand before the words: the next ones.
    pub images: u32,
    /// And so many of its videos, after the images.
    pub videos: u32,
    /// 0.
    pub reserved: u32,
}

/// Frames that follow each other. Its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_video {
    /// Frames of one size, of any format of colour.
    pub frames: *const gnomon_image,
    /// How many, 1 to 1024.
    pub frames_len: usize,
    /// Frames in a second, above 0.
    pub fps: f64,
}

/// What a vision-language model is asked. Set up with GNOMON_INIT; texts, lists and pictures are borrowed for the call, and
/// copied.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_vlm_request {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The conversation so far, of which the folder's chat template makes the prompt.
    pub messages: *const gnomon_message,
    /// sizeof(gnomon_message).
    pub message_size: usize,
    /// How many, at most 4096; 0 where there is a prompt.
    pub messages_len: usize,
    /// A prompt that is taken as it is, in place of messages; it holds the family's own placeholder for each picture. Or
    /// empty.
    pub prompt: gnomon_str,
    /// The pictures, of any format of colour.
    pub images: *const gnomon_image,
    /// How many, at most 1024: as many as the messages name.
    pub images_len: usize,
    /// The videos.
    pub videos: *const gnomon_video,
    /// sizeof(gnomon_video).
    pub video_size: usize,
    /// How many, at most 64: as many as the messages name.
    pub videos_len: usize,
    /// The reply ends before any of these strings.
    pub stops: *const gnomon_str,
    /// How many.
    pub stops_len: usize,
    /// With GNOMON_CONSTRAINT_JSON_SCHEMA, _REGEX or _LARK: the schema, expression or grammar; else not looked at.
    pub constraint_text: gnomon_str,
    /// With GNOMON_CONSTRAINT_CHOICES the strings, with _TRIPLETS and _COGMAP the ids that may be named, with _BOXES the
    /// labels (none: any); else not looked at.
    pub constraint_names: *const gnomon_str,
    /// How many, at most 4096; 64 ids.
    pub constraint_names_len: usize,
    /// With GNOMON_CONSTRAINT_TRIPLETS: the number of the first line.
    pub constraint_first: u64,
    /// GNOMON_CONSTRAINT_*: what the reply must be.
    pub constraint: i32,
    /// With _TRIPLETS and _BOXES: the fewest lines. Default 1.
    pub constraint_least: u32,
    /// With _TRIPLETS and _BOXES: the most lines, at most 256. Default 64.
    pub constraint_most: u32,
    /// With _TRIPLETS and _COGMAP: 1 when lines tell how large a cell is, else 0.
    pub constraint_units: u32,
    /// Where the generator of chance begins.
    pub seed: u64,
    /// What logits are divided by; 0, the default: the likeliest token always.
    pub temperature: f32,
    /// The share of probability that the likeliest tokens make up that stay, 0 to 1. Default 1: all.
    pub top_p: f32,
    /// The share of the likeliest token's probability that a token needs, 0 to 1.
    pub min_p: f32,
    /// What logits of tokens that came before are divided by, above 0. Default 1: no penalty.
    pub repetition_penalty: f32,
    /// The number of likeliest tokens that stay; 0: all.
    pub top_k: u32,
    /// The most tokens of the reply, 1 or more. Default 128.
    pub max_new_tokens: u32,
    /// GNOMON_WHEN_BUSY_*: what to do while another request is answered.
    pub when_busy: i32,
    /// 0.
    pub reserved: u32,
    /// How long it may take, the time in line included, nanoseconds; 0: as long as it takes.
    pub within_ns: i64,
}

growing! {
    gnomon_message 32;
    gnomon_video 24;
    gnomon_vlm_request 208;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_vlm_request {
    fn defaults() -> Self {
        let sampling = Sampling::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            messages: std::ptr::null(),
            message_size: size_of::<gnomon_message>(),
            messages_len: 0,
            prompt: gnomon_str::NONE,
            images: std::ptr::null(),
            images_len: 0,
            videos: std::ptr::null(),
            video_size: size_of::<gnomon_video>(),
            videos_len: 0,
            stops: std::ptr::null(),
            stops_len: 0,
            constraint_text: gnomon_str::NONE,
            constraint_names: std::ptr::null(),
            constraint_names_len: 0,
            constraint_first: 0,
            constraint: GNOMON_CONSTRAINT_NONE,
            constraint_least: 1,
            constraint_most: 64,
            constraint_units: 0,
            seed: sampling.seed,
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            min_p: sampling.min_p,
            repetition_penalty: sampling.repetition_penalty,
            top_k: sampling.top_k as u32,
            max_new_tokens: 128,
            when_busy: GNOMON_WHEN_BUSY_QUEUE,
            reserved: 0,
            within_ns: 0,
        }
    }
}

/// A request, and how it is handed in.
pub(super) struct Asked {
    pub request: Request,
    pub within: Option<Duration>,
    pub when_busy: WhenBusy,
}

/// The caller's request, checked and copied.
///
/// # Safety
/// `request` is NULL or points to a request whose texts, lists and pictures are readable.
pub(super) unsafe fn read_request(request: *const gnomon_vlm_request) -> Result<Asked, Fault> {
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(request) }?;
    if raw.reserved != 0 {
        return Err(Fault::argument(format!("reserved is {}, expected 0", raw.reserved)));
    }
    if raw.max_new_tokens == 0 {
        return Err(Fault::argument("max_new_tokens is 0, expected 1 or more"));
    }
    let within = within_of(raw.within_ns)?;
    let when = [WhenBusy::Queue, WhenBusy::Refuse];
    let when_busy = coded(raw.when_busy, &when, "when_busy", "GNOMON_WHEN_BUSY_*")?;
    let sampling = raw.sampling();
    sampling.check()?;
    // SAFETY: passed on to the caller.
    let (messages, raw_prompt) = unsafe { raw.read_words() }?;
    // SAFETY: passed on to the caller.
    let stops = owned(unsafe { read_texts(raw.stops, raw.stops_len, "stops", MAX_STOPS) }?);
    Stops::new(&stops)?;
    // SAFETY: passed on to the caller.
    let constraint = unsafe { raw.read_constraint() }?;
    // SAFETY: passed on to the caller.
    let (images, videos) = unsafe { (copies(raw.images, raw.images_len, 0)?, raw.read_videos()?) };
    if raw_prompt.is_none() {
        check_named(&messages, &Part::Image, images.len(), "images")?;
        check_named(&messages, &Part::Video, videos.len(), "videos")?;
    }
    let request = Request {
        messages,
        raw: raw_prompt,
        images,
        videos,
        max_new_tokens: raw.max_new_tokens as usize,
        sampling,
        stops,
        constraint,
    };
    Ok(Asked { request, within, when_busy })
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn check_named(messages: &[Message], wanted: &Part, given: usize, what: &str) -> Result<(), Fault> {
    let named = messages.iter().flat_map(|one| &one.content).filter(|part| *part == wanted).count();
    match named == given {
        true => Ok(()),
        false => Err(Fault::argument(format!("the messages name {named} {what}, the request has {given}"))),
    }
}

/// Copies of pictures; `least` of them at least.
///
/// # Safety
/// As [`read_pictures`].
unsafe fn copies(images: *const gnomon_image, n: usize, least: usize) -> Result<Vec<Arc<Rgb>>, Fault> {
    if n == 0 && least == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: passed on to the caller.
    let views = unsafe { read_pictures(images, n, MAX_PICTURES) }?;
    let copy = |view| Ok(Arc::new(Rgb::of(view)?));
    views.iter().map(copy).collect()
}

impl gnomon_message {
    /// # Safety
    /// Its text is readable.
    unsafe fn read(&self, at: usize) -> Result<Message, Fault> {
        if self.reserved != 0 {
            return Err(Fault::argument(format!("messages[{at}].reserved is {}, expected 0", self.reserved)));
        }
        let (images, videos) = (self.images as usize, self.videos as usize);
        if images > MAX_PICTURES || videos > MAX_VIDEOS {
            return Err(Fault::argument(format!(
                "messages[{at}] names {images} images and {videos} videos, expected at most {MAX_PICTURES} and {MAX_VIDEOS}"
            )));
        }
        let what = format!("messages[{at}].role");
        let role = coded(self.role, &[Role::User, Role::System, Role::Assistant], &what, "GNOMON_ROLE_*")?;
        // SAFETY: passed on to the caller.
        let text = unsafe { self.text.read(&format!("messages[{at}].text"), MAX_LONG_TEXT_BYTES) }?;
        let mut message = Message { role, ..Message::user(images, videos, text) };
        if text.is_empty() && images + videos > 0 {
            message.content.pop();
        }
        Ok(message)
    }
}

impl gnomon_vlm_request {
    fn sampling(&self) -> Sampling {
        Sampling {
            temperature: self.temperature,
            top_k: self.top_k as usize,
            top_p: self.top_p,
            min_p: self.min_p,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
        }
    }

    /// The conversation, or the prompt that stands for it.
    unsafe fn read_words(&self) -> Result<(Vec<Message>, Option<String>), Fault> {
        let zero = gnomon_message { text: gnomon_str::NONE, role: GNOMON_ROLE_USER, images: 0, videos: 0, reserved: 0 };
        // SAFETY: passed on to the caller.
        let messages =
            unsafe { growth::read_array(self.messages, self.message_size, self.messages_len, MAX_MESSAGES, zero) }?;
        // SAFETY: passed on to the caller.
        let prompt = unsafe { self.prompt.read("prompt", MAX_LONG_TEXT_BYTES) }?;
        if messages.is_empty() == prompt.is_empty() {
            let given = if prompt.is_empty() { "neither messages nor a prompt" } else { "both messages and a prompt" };
            return Err(Fault::argument(format!("the request has {given}, expected one of them")));
        }
        // SAFETY: passed on to the caller.
        let read = |(at, one): (usize, &gnomon_message)| unsafe { one.read(at) };
        let messages = messages.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok((messages, (!prompt.is_empty()).then(|| prompt.to_owned())))
    }

    unsafe fn read_videos(&self) -> Result<Vec<Video>, Fault> {
        let zero = gnomon_video { frames: std::ptr::null(), frames_len: 0, fps: 0.0 };
        // SAFETY: passed on to the caller.
        let videos = unsafe { growth::read_array(self.videos, self.video_size, self.videos_len, MAX_VIDEOS, zero) }?;
        let read = |(at, video): (usize, &gnomon_video)| {
            let fps = video.fps;
            if !(fps > 0.0 && fps <= MAX_FPS) {
                return Err(Fault::argument(format!(
                    "videos[{at}].fps is {fps}, expected above 0 and at most {MAX_FPS:e}"
                )));
            }
            // SAFETY: passed on to the caller.
            let frames = unsafe { copies(video.frames, video.frames_len, 1) };
            let within = |fault: Fault| Fault::new(fault.status, format!("videos[{at}]: {}", fault.sentence));
            Ok(Video { frames: frames.map_err(within)?, fps })
        };
        videos.iter().enumerate().map(read).collect()
    }

    unsafe fn read_constraint(&self) -> Result<Option<Constraint>, Fault> {
        // SAFETY: passed on to the caller.
        let text = || unsafe { self.constraint_text.read("constraint_text", MAX_LONG_TEXT_BYTES) }.map(str::to_owned);
        let names = || {
            // SAFETY: passed on to the caller.
            unsafe { read_texts(self.constraint_names, self.constraint_names_len, "constraint_names", MAX_CHOICES) }
                .map(owned)
        };
        let units = || flag(self.constraint_units, "constraint_units");
        let (least, most) = (self.constraint_least as usize, self.constraint_most as usize);
        let constraint = match self.constraint {
            GNOMON_CONSTRAINT_NONE => return Ok(None),
            GNOMON_CONSTRAINT_JSON_SCHEMA => Constraint::JsonSchema(text()?),
            GNOMON_CONSTRAINT_REGEX => Constraint::Regex(text()?),
            GNOMON_CONSTRAINT_CHOICES => Constraint::Choices(names()?),
            GNOMON_CONSTRAINT_LARK => Constraint::Lark(text()?),
            GNOMON_CONSTRAINT_TRIPLETS => {
                let (names, first, units) = (names()?, self.constraint_first, units()?);
                Constraint::Triplets(TripletLines { names, first, least, most, units })
            }
            GNOMON_CONSTRAINT_COGMAP => Constraint::LocalCogMap(MapLine { names: names()?, units: units()? }),
            GNOMON_CONSTRAINT_BOXES => Constraint::Boxes7Dof(BoxLines { labels: names()?, least, most }),
            other => {
                return Err(Fault::argument(format!("constraint is {other}, expected one of GNOMON_CONSTRAINT_*")));
            }
        };
        constraint.check()?;
        Ok(Some(constraint))
    }
}
