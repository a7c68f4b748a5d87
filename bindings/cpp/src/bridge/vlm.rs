//! Vision-language models.

use crate::vlm::{Job, Vlm, default_vlm_options, default_vlm_request};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Image<'a> = crate::bridge::Image<'a>;
        include!("gnomon-cxx/src/bridge/network.rs.h");
        type NetworkOptions = crate::bridge::NetworkOptions;
        type Provider = crate::bridge::Provider;
        type Run = crate::bridge::Run;
    }

    /// Who says something to a model.
    #[derive(Debug)]
    enum Role {
        User,
        System,
        Assistant,
    }

    /// What to do with a request while another is answered: it stands in line, or is refused with GNOMON_E_BUSY.
    #[derive(Debug)]
    enum WhenBusy {
        Queue,
        Refuse,
    }

    /// What a reply must be.
    #[derive(Debug)]
    enum ConstraintKind {
        None,
        /// JSON that `text`, a schema, describes.
        JsonSchema,
        /// All of it matches `text`, an expression.
        Regex,
        /// One of `names`.
        Choices,
        /// What `text`, a grammar in Lark's notation, describes.
        Lark,
        /// Lines of a chain, of things called `names`.
        Triplets,
        /// The line of a CogMap, of things called `names`.
        CogMap,
        /// Lines of boxes, of the labels `names`; without any: of every label.
        Boxes,
    }

    /// Why a reply ended.
    #[derive(Debug)]
    enum Ended {
        EndToken,
        StopString,
        MaxTokens,
        Caller,
        Constraint,
    }

    /// How a model is opened, beside NetworkOptions, whose precision is the decoder's; begin with default_vlm_options().
    #[derive(Debug, Clone)]
    struct VlmOptions {
        /// The precision of embedding and vision graph; empty: what the provider computes quickest of what is there.
        vision_precision: String,
        /// What is kept of pictures that were seen, bytes; 0: nothing.
        feature_bytes: u64,
        /// The most tokens of prompt and reply together, at most 1048576; 0: what the folder says.
        context_tokens: u32,
        /// So many tokens of a prompt go through the decoder at once: a stop is heard between two parts.
        prefill_tokens: u32,
        /// The most requests that stand in line beside the one being answered, at most 65536.
        most_waiting: u32,
        /// How many conversations are kept so that one that goes on is not read again, 1 to 4096; together no more than one
        /// full context.
        prefixes: u32,
    }

    /// What a model is and what really runs it.
    #[derive(Debug, Clone)]
    struct VlmFacts {
        /// How it is fed: "qwen2_5_vl", "llava".
        family: String,
        /// The folder it was opened from.
        path: String,
        /// Of which precision the decoder's weights are.
        precision: String,
        /// Of which precision those of the embedding are.
        vision_precision: String,
        runtime_path: String,
        runtime_version: String,
        /// The files of its graphs: embedding, vision (none, one, or one for each grid of patches), decoder.
        files: Vec<String>,
        /// What the decoder runs on, in order; the processor comes last.
        providers: Vec<Provider>,
        /// What is not as it was asked for, in sentences.
        remarks: Vec<String>,
        /// The most tokens of prompt and reply together.
        context_tokens: u64,
        /// What a process takes for it when the context is full, bytes.
        plan_bytes: u64,
        /// Whether it sees pictures.
        takes_images: bool,
        /// Whether the decoder writes into its cache where it lies.
        shares_cache: bool,
    }

    /// What somebody says, with so many of the request's pictures and videos before the words.
    #[derive(Debug, Clone)]
    struct Message {
        role: Role,
        text: String,
        images: u32,
        videos: u32,
    }

    /// Frames of one size that follow each other.
    #[derive(Debug, Clone, Copy)]
    struct Video<'a> {
        frames: &'a [Image<'a>],
        /// Frames in a second.
        fps: f64,
    }

    /// What a reply must be.
    #[derive(Debug, Clone)]
    struct Constraint {
        kind: ConstraintKind,
        /// A schema, an expression or a grammar.
        text: String,
        /// Strings, ids or labels.
        names: Vec<String>,
        /// Triplets: the number of the first line.
        first: u64,
        /// Triplets, Boxes: the fewest lines.
        least: u32,
        /// Triplets, Boxes: the most lines, at most 256.
        most: u32,
        /// Triplets, CogMap: whether lines tell how large a cell is.
        units: bool,
    }

    /// What a model is asked; begin with default_vlm_request().
    #[derive(Debug, Clone)]
    struct VlmRequest {
        /// The conversation so far, of which the folder's chat template makes the prompt.
        messages: Vec<Message>,
        /// A prompt that is taken as it is, in place of messages; it holds the family's own placeholder for each picture.
        prompt: String,
        /// The reply ends before any of these strings.
        stops: Vec<String>,
        constraint: Constraint,
        /// Where the generator of chance begins.
        seed: u64,
        /// What logits are divided by; 0: the likeliest token always.
        temperature: f32,
        /// The share of probability that the likeliest tokens make up that stay, 0 to 1; 1: all.
        top_p: f32,
        /// The share of the likeliest token's probability that a token needs, 0 to 1.
        min_p: f32,
        /// What logits of tokens that came before are divided by, above 0; 1: no penalty.
        repetition_penalty: f32,
        /// The number of likeliest tokens that stay; 0: all.
        top_k: u32,
        /// The most tokens of the reply, 1 or more.
        max_new_tokens: u32,
        when_busy: WhenBusy,
        /// How long it may take, the time in line included, nanoseconds; 0: as long as it takes.
        within_ns: i64,
    }

    /// What is told while a reply is made.
    #[derive(Debug, Clone)]
    struct Piece {
        /// The next words, whole characters; empty while the prompt is read.
        text: String,
        /// While the prompt is read: so many tokens went through the decoder, of so many that must. Else 0.
        done: u64,
        of: u64,
    }

    /// Frames, rows and columns of patches.
    #[derive(Debug, Clone, Copy)]
    struct Grid {
        frames: u32,
        rows: u32,
        columns: u32,
    }

    /// Where a picture lies in what a model saw of it: the whole picture was resized, and its first pixel put at the offset
    /// of the network's input. Pixels; sides 1 to 16384.
    #[derive(Debug, Clone, Copy)]
    struct Fit {
        /// Size of the picture.
        from_width: u32,
        from_height: u32,
        /// Size that it was resized to.
        scaled_width: u32,
        scaled_height: u32,
        /// Column and row of its first pixel in the input; negative where it is cropped.
        offset_x: i32,
        offset_y: i32,
        /// Size of the network's input.
        network_width: u32,
        network_height: u32,
    }

    /// What a reply took.
    #[derive(Debug, Clone, Copy)]
    struct ReplyStatistics {
        /// Tokens of the prompt, pictures' among them.
        prompt_tokens: u64,
        /// How many of them were in the model's cache already.
        reused_tokens: u64,
        new_tokens: u64,
        /// Pictures that the vision graph saw; the others were known.
        images_seen: u64,
        /// Bytes of the decoder's cache at the end.
        cache_bytes: u64,
        /// Template, pictures and token numbers.
        prepare_ns: i64,
        /// The vision graph.
        vision_ns: i64,
        /// The prompt through embedding and decoder.
        prefill_ns: i64,
        /// From its turn to the first token.
        first_token_ns: i64,
        /// All tokens after the first.
        decode_ns: i64,
        /// Of prefill and decode, inside the decoder's graph.
        run_ns: i64,
    }

    /// What a model replied.
    #[derive(Debug, Clone)]
    struct Reply {
        text: String,
        ended: Ended,
        /// The reply's tokens, the one that ended it included.
        token_ids: Vec<u32>,
        /// The prompt's tokens, pictures' among them.
        prompt_ids: Vec<u32>,
        /// Of families that cut pictures into patches, one for each picture and video.
        grids: Vec<Grid>,
        statistics: ReplyStatistics,
    }

    extern "Rust" {
        /// The defaults of a model.
        fn default_vlm_options() -> VlmOptions;
        /// The defaults of a request: nothing said yet, greedy, 128 tokens at most.
        fn default_vlm_request() -> VlmRequest;

        /// A vision-language model that is open. Any thread: requests are answered one after another, on a thread of its
        /// own.
        type Vlm;
        /// Opens the model of a folder, of Hugging Face's layout or that of onnxruntime-genai. Throws as Detector::open.
        #[Self = "Vlm"]
        fn open(path: &str, network: &NetworkOptions, options: &VlmOptions, run: &Run) -> Result<Box<Vlm>>;
        /// What it is and what really runs it.
        fn info(self: &Vlm) -> VlmFacts;
        /// How many tokens a text is.
        fn count_tokens(self: &Vlm, text: &str) -> Result<usize>;
        /// Hands in a request; all of it is copied. Throws GNOMON_E_BUSY where the line is full, or another is answered and
        /// the request refuses to stand in line.
        fn submit(self: &Vlm, request: &VlmRequest, pictures: &[Image<'_>], videos: &[Video<'_>]) -> Result<Box<Job>>;
        /// A question about pictures, greedy, in 128 tokens at most.
        fn ask(self: &Vlm, question: &str, pictures: &[Image<'_>]) -> Result<Box<Job>>;

        /// A request on its way, and its reply. Any thread. Outlives its model, whose end cancels it; its own end cancels it
        /// too.
        type Job;
        /// Waits for what is told next, so many nanoseconds at most (-1: as long as it takes), and hands out all that was
        /// told since the last time, in order. Empty: the time is up, or the reply has ended.
        fn pieces(self: &Job, timeout_ns: i64) -> Result<Vec<Piece>>;
        /// Waits for the reply, so many nanoseconds at most (-1: as long as it takes); false where it is not there then.
        /// Throws GNOMON_E_CANCELLED where the job was cancelled or its time was up, and what else it failed with.
        fn wait(self: &Job, timeout_ns: i64) -> Result<bool>;
        /// The reply, which is waited for.
        fn reply(self: &Job) -> Result<Reply>;
        /// Where the picture or video at this place of the prompt, from 0, lies in what the model saw; the reply is waited
        /// for.
        fn fit(self: &Job, image: usize) -> Result<Fit>;
        /// Whether the reply is there, or the error.
        fn is_done(self: &Job) -> bool;
        /// Ends it: in line at once, while it is answered within one node of a graph.
        fn cancel(self: &Job);
    }
}

// SAFETY: the type that the bridge above declares, opaque to C++, which reaches it by reference alone.
unsafe impl cxx::ExternType for Vlm {
    type Id = cxx::type_id!("gnomon::cxx::Vlm");
    type Kind = cxx::kind::Opaque;
}
