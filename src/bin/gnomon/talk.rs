//! What commands that talk to a vision-language model share: which one, how it is opened, how it answers.

use crate::network::{NetworkArgs, runtime};
use gnomon::Result;
use gnomon::models::Precision;
use gnomon::prepare::Rgb;
use gnomon::runtime::Control;
use gnomon::sequence::read_picture;
use gnomon::vlm::sampling::Sampling;
use gnomon::vlm::{Flow, Folder, Piece, Reply, Request, Statistics, Vlm, VlmOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How a model is opened, and how it answers.
#[derive(clap::Args)]
pub struct TalkArgs {
    /// Take the likeliest token each time, whatever the temperature
    #[arg(long, requires = "model")]
    greedy: bool,
    /// Draw tokens at this temperature; 0 takes the likeliest each time
    #[arg(long, value_name = "T", default_value_t = 0.0, requires = "model")]
    temperature: f32,
    /// Draw from the N likeliest tokens alone; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0, requires = "model")]
    top_k: usize,
    /// Draw from the likeliest tokens that make up this share alone, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, requires = "model")]
    top_p: f32,
    /// Divide logits of tokens seen before by this
    #[arg(long, value_name = "X", default_value_t = 1.0, requires = "model")]
    repetition_penalty: f32,
    /// Where drawing begins
    #[arg(long, value_name = "N", default_value_t = 0, requires = "model")]
    seed: u64,
    /// The most tokens of a reply
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = one_or_more, requires = "model")]
    pub max_new_tokens: usize,
    /// Stop the model after so many seconds
    #[arg(long, value_name = "S", value_parser = seconds, requires = "model")]
    pub seconds: Option<Duration>,
    /// Which of the model's files: fp32, fp16, q8, int8, uint8, q4, q4f16, bnb4 [default: the best that is there]
    #[arg(long, value_name = "WORD", value_parser = Precision::parse, requires = "model")]
    precision: Option<Precision>,
    /// The same of embedding and vision alone [default: as --precision]
    #[arg(long, value_name = "WORD", value_parser = Precision::parse, requires = "model")]
    vision_precision: Option<Precision>,
    /// The most tokens of prompt and reply together [default: as the model says]
    #[arg(long, value_name = "N", value_parser = one_or_more, requires = "model")]
    context: Option<usize>,
    #[command(flatten)]
    network: NetworkArgs,
}

fn one_or_more(text: &str) -> std::result::Result<usize, String> {
    text.parse().ok().filter(|count| *count >= 1).ok_or_else(|| "expected a whole number, 1 or more".into())
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let number: Option<f64> = text.parse().ok();
    let duration = number.filter(|number| *number > 0.0).and_then(|number| Duration::try_from_secs_f64(number).ok());
    duration.ok_or_else(|| "expected a number above 0".into())
}

impl TalkArgs {
    /// Opens the model of a folder.
    pub fn open(&self, path: &Path) -> Result<Vlm> {
        let options = VlmOptions {
            session: self.network.session_options(),
            precision: self.precision,
            vision_precision: self.vision_precision.or(self.precision),
            context: self.context,
            ..VlmOptions::default()
        };
        Vlm::open(&runtime()?, Folder::read(path)?, &options)
    }

    /// How the next token is chosen.
    pub fn sampling(&self) -> Sampling {
        Sampling {
            temperature: if self.greedy { 0.0 } else { self.temperature },
            top_k: self.top_k,
            top_p: self.top_p,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
            ..Sampling::default()
        }
    }

    /// What replies depend on.
    pub fn document(&self) -> Value {
        let sampling = self.sampling();
        json!({
            "temperature": sampling.temperature, "top_k": sampling.top_k, "top_p": sampling.top_p,
            "repetition_penalty": sampling.repetition_penalty, "seed": sampling.seed,
            "max_new_tokens": self.max_new_tokens, "precision": self.precision.map(Precision::word),
            "vision_precision": self.vision_precision.map(Precision::word), "context": self.context,
        })
    }

    /// A request with what was asked for of it.
    pub fn request(&self, request: Request) -> Request {
        Request { max_new_tokens: self.max_new_tokens, sampling: self.sampling(), ..request }
    }

    /// The reply; `tell` is called with each piece of its text.
    pub fn answer(
        &self,
        model: &mut Vlm,
        request: &Request,
        mut tell: impl FnMut(&str) -> Result<()>,
    ) -> Result<Reply> {
        let control = Control { within: self.seconds, ..Control::default() };
        let mut failed = None;
        let reply = model.answer(request, &control, &mut |piece| {
            let told = if let Piece::Text(text) = piece { tell(text) } else { Ok(()) };
            failed = told.err();
            if failed.is_some() { Flow::Stop } else { Flow::GoOn }
        })?;
        failed.map_or(Ok(reply), Err)
    }
}

/// A picture as models take it.
pub fn picture(path: &Path) -> Result<Arc<Rgb>> {
    let (width, height, pixels) = read_picture(path)?;
    Ok(Arc::new(Rgb::new(width as usize, height as usize, pixels)?))
}

/// A reply as JSON: `prompt_ids` and `token_ids` with those of pictures and the end, `text`, `grids`, `ended`, `timings`.
pub fn document_of(reply: &Reply) -> Value {
    json!({
        "text": reply.text,
        "prompt_ids": reply.prompt_ids,
        "token_ids": reply.token_ids,
        "grids": reply.grids,
        "ended": reply.ended.word(),
        "timings": timings_of(&reply.statistics),
    })
}

/// Milliseconds, and the counts that they are of.
pub fn timings_of(statistics: &Statistics) -> Value {
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let after_first = statistics.new_tokens.saturating_sub(1);
    let a_second = (after_first as f64 / statistics.decode.as_secs_f64()).is_finite();
    json!({
        "prepare_ms": ms(statistics.prepare),
        "vision_ms": ms(statistics.vision),
        "prefill_ms": ms(statistics.prefill),
        "first_token_ms": ms(statistics.first_token),
        "decode_ms": ms(statistics.decode),
        "run_ms": ms(statistics.run),
        "prompt_tokens": statistics.prompt_tokens,
        "reused_tokens": statistics.reused_tokens,
        "new_tokens": statistics.new_tokens,
        "tokens_per_second": a_second.then(|| after_first as f64 / statistics.decode.as_secs_f64()),
        "cache_bytes": statistics.cache_bytes,
    })
}
