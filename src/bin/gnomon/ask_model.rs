//! `gnomon ask --model` without a scene: a question about pictures, answered by a vision-language model alone.

use crate::ask::Args;
use crate::talk::{document_of, picture};
use gnomon::vlm::{Message, Request, Video};
use gnomon::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

/// Prints the words as they come, or with `--json` one document at the end.
pub fn run(args: &Args, model: &Path, question: &str, images: &[std::path::PathBuf]) -> Result<ExitCode> {
    // Pictures first: they are read in no time, and a wrong name is told before the weights are.
    let request = args.talk.request(request(args, question, images)?);
    let mut model = args.talk.open(model)?;
    let reply = args.talk.answer(&mut model, &request, |text| if args.json { Ok(()) } else { crate::say(text) })?;
    crate::say(&if args.json { crate::pretty(&document_of(&reply)) } else { "\n".into() })?;
    Ok(ExitCode::SUCCESS)
}

fn request(args: &Args, question: &str, images: &[std::path::PathBuf]) -> Result<Request> {
    if !args.options.is_empty() {
        return Err(Error::argument("--option is for questions about a scene: write the options into the question"));
    }
    let images = images.iter().map(|path| picture(path)).collect::<Result<Vec<_>>>()?;
    let frames = args.video.iter().map(|path| picture(path)).collect::<Result<Vec<_>>>()?;
    if let Some(odd) = frames.iter().find(|frame| frame.size() != frames[0].size()) {
        let ((w, h), (w0, h0)) = (odd.size(), frames[0].size());
        return Err(Error::argument(format!(
            "a frame of the video is {w}x{h}, the first {w0}x{h0}: expected one size"
        )));
    }
    let videos: Vec<Video> = (!frames.is_empty()).then_some(Video { frames, fps: args.fps }).into_iter().collect();
    let messages = vec![Message::user(images.len(), videos.len(), question)];
    let raw = args.raw.then(|| question.to_owned());
    Ok(Request { messages, raw, images, videos, ..Request::question(String::new(), Vec::new()) })
}
