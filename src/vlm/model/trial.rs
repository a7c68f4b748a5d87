//! What a folder says of itself, tried: the words that stand for pictures, and requests that its graphs should take.

use super::{Video, Vlm};
use crate::error::{Error, ErrorKind, Result};
use crate::prepare::Rgb;
use crate::runtime::Session;
use crate::vlm::chat::Message;
use crate::vlm::model::Request;
use crate::vlm::picture::Shape;
use std::sync::Arc;

/// A picture's size where any is taken, pixels.
const ANY_SIZE: (usize, usize) = (448, 336);

/// Frames in a second of a made video.
const FPS: f64 = 2.0;

/// Tokens of a tried reply.
const TOKENS: usize = 16;

/// A request that a folder's graphs should take.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What it has beside words: "words alone", "a picture of 56x84".
    pub what: String,
    /// It, greedy.
    pub request: Request,
}

impl Vlm {
    /// The sessions that are open, by what they are for: "embedding", "vision" of those grids that were asked for,
    /// "decoder".
    pub fn sessions(&self) -> Vec<(&'static str, &Session)> {
        let vision = self.vision.sessions().map(|session| ("vision", session));
        let first = self.embed.as_ref().map(|embed| ("embedding", embed.session().as_ref()));
        first.into_iter().chain(vision).chain([("decoder", self.decoder.session().as_ref())]).collect()
    }

    /// Fails with [`ErrorKind::Model`] where a word that stands for pictures is none of the tokenizer's, or the chat
    /// template does not write it once for a picture.
    pub fn check_words(&self) -> Result<()> {
        if !self.vision.is_there() {
            return Ok(());
        }
        let wrong = |why: String| Err(Error::new(ErrorKind::Model, why));
        let tokenizer = self.tokens.shared();
        let mut words = Vec::new();
        if let Shape::Tiles(rule) = &self.folder.processor.shape {
            words.extend(["<fake_token_around_image>", "<global-img>"]);
            if rule.splits {
                words.push("<row_1_col_1>");
            }
        }
        if let Some(missing) = words.into_iter().find(|word| tokenizer.token_to_id(word).is_none()) {
            return wrong(format!(
                "tokenizer.json has no {missing}, which stands beside pictures of {}",
                self.folder.family
            ));
        }
        let special = &self.folder.tokens;
        if let Some(video) = special.video.filter(|token| self.tokens.word(*token).is_none()) {
            return wrong(format!("token {video}, which is the video's, is none of tokenizer.json's"));
        }
        let Some(image) = special.image.and_then(|token| self.tokens.word(token)) else {
            return wrong("the folder has a vision graph and no token of a picture".into());
        };
        if self.folder.template.is_none() {
            return Ok(());
        }
        let count = self.prompt(&[Message::user(1, 0, "What is it?")])?.matches(&image).count();
        match count {
            1 => Ok(()),
            _ => wrong(format!("the chat template writes {image} {count} times for one picture, expected once")),
        }
    }

    /// A question in words alone, and one about a made picture or video for each vision graph. Without a chat template
    /// words alone, as they are.
    pub fn trials(&self) -> Vec<Trial> {
        let greedy = |request: Request| Request { max_new_tokens: TOKENS, ..request };
        let words = Request::question("What do you see?", Vec::new());
        if self.folder.template.is_none() {
            let request = greedy(Request { raw: Some("What do you see?".into()), ..words });
            return vec![Trial { what: "words alone, without a chat template".into(), request }];
        }
        let mut trials = vec![Trial { what: "words alone".into(), request: greedy(words) }];
        trials.extend(self.vision.takes().map(|(grid, patches)| {
            let (frames, (width, height)) = self.made_size(grid, patches);
            let pictures: Vec<Arc<Rgb>> = (0..frames).map(|at| Arc::new(made(width, height, at))).collect();
            match frames {
                1 => Trial {
                    what: format!("a picture of {width}x{height}"),
                    request: greedy(Request::question("What do you see?", pictures)),
                },
                _ => Trial {
                    what: format!("a video of {frames} frames of {width}x{height}"),
                    request: greedy(Request {
                        messages: vec![Message::user(0, 1, "What do you see?")],
                        videos: vec![Video { frames: pictures, fps: FPS }],
                        ..Request::question("", Vec::new())
                    }),
                },
            }
        }));
        trials
    }

    /// Frames, and their size in pixels, that become this grid or so many patches; one of any size where both are open.
    fn made_size(&self, grid: Option<[usize; 3]>, patches: Option<usize>) -> (usize, (usize, usize)) {
        let Shape::Patches { image, video } = &self.folder.processor.shape else { return (1, ANY_SIZE) };
        match (grid, patches) {
            (Some([1, rows, columns]), _) => (1, (columns * image.patch, rows * image.patch)),
            (Some([frames, rows, columns]), _) => (frames * video.frames, (columns * video.patch, rows * video.patch)),
            (None, Some(patches)) => (1, (patches / image.merge * image.patch, image.merge * image.patch)),
            (None, None) => (1, ANY_SIZE),
        }
    }
}

/// A picture of squares on a ramp; those of a video differ.
fn made(width: usize, height: usize, at: usize) -> Rgb {
    let pixel = |(x, y): (usize, usize)| {
        let square = if (x / 16 + y / 16 + at).is_multiple_of(2) { 64 } else { 0 };
        [(x * 191 / width + square) as u8, (y * 191 / height + square) as u8, 128]
    };
    let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(pixel).collect();
    Rgb { width, height, data }
}
