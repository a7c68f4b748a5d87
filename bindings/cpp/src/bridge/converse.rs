//! A scene and a vision-language model, asked together.

use crate::converse::{Album, Conversed, ask_with_model, default_album_options, default_converse_options};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Frame<'a> = crate::bridge::Frame<'a>;
        include!("gnomon-cxx/src/bridge/answer.rs.h");
        type Answer = crate::bridge::Answer;
        type AskOptions = crate::bridge::AskOptions;
        type ValueKind = crate::bridge::ValueKind;
        type Verdict = crate::bridge::Verdict;
        include!("gnomon-cxx/src/bridge/snapshot.rs.h");
        type Snapshot = crate::bridge::Snapshot;
        include!("gnomon-cxx/src/bridge/vlm.rs.h");
        type Ended = crate::bridge::Ended;
        type ReplyStatistics = crate::bridge::ReplyStatistics;
        type Vlm = crate::bridge::Vlm;
        type WhenBusy = crate::bridge::WhenBusy;
    }

    /// What of geometry a model is told: pictures and question alone, the map, the map and what was measured.
    #[derive(Debug)]
    enum Facts {
        Nothing,
        Scene,
        SceneAndMeasured,
    }

    /// Why there is nothing of a model. `None`: there is.
    #[derive(Debug)]
    enum Silence {
        None,
        NoModel,
        /// It said nothing.
        Empty,
        /// It failed, or its time was up.
        Failed,
    }

    /// Which pictures an album keeps; begin with default_album_options().
    #[derive(Debug, Clone, Copy)]
    struct AlbumOptions {
        /// How many, the newest aside, 1 to 4096.
        count: u64,
        /// A frame is looked at when the camera moved so far since the last that was looked at, metres, 0 or more.
        least_shift_m: f64,
        /// Or turned so far, degrees, 0 to 180.
        least_turn_deg: f64,
        /// Or stood so long, nanoseconds, 0 or more.
        most_wait_ns: i64,
    }

    /// How a scene and a model are asked together; begin with default_converse_options().
    #[derive(Debug, Clone)]
    struct ConverseOptions {
        /// How geometry is asked, and judges.
        ask: AskOptions,
        /// The most pictures that the model is shown, at most 1024.
        images: u32,
        /// The most tokens of the prompt's text, pictures and chat template not among them, at most 1048576.
        text_tokens: u32,
        /// The most tokens of the reply, 1 to 1048576.
        new_tokens: u32,
        facts: Facts,
        /// The longest wait for the model, the time in line included, nanoseconds, above 0.
        within_ns: i64,
        /// As in VlmRequest, and so are the next five.
        seed: u64,
        temperature: f32,
        top_p: f32,
        min_p: f32,
        repetition_penalty: f32,
        top_k: u32,
        /// What to do while the model answers another request.
        when_busy: WhenBusy,
    }

    /// What a model said to a question, in numbers. What there is not is 0.
    #[derive(Debug, Clone)]
    struct SaidFacts {
        silence: Silence,
        /// With Silence::Failed: what it failed with, as rust::Error says it.
        failure: String,
        /// What the map says of the words; Untestable where there are none.
        verdict: Verdict,
        /// The kind of value that the words give; None where they were not understood.
        value: ValueKind,
        /// Index of the option that the words choose, from 0; -1 without one.
        option: i64,
        /// Why the words ended.
        ended: Ended,
        /// The first number of the value, metres for lengths, 1 or 0 for yes or no.
        number: f64,
        /// How many pictures the model was shown.
        images: u64,
        /// Tokens of the prompt's text; 0 where the model was not asked.
        text_tokens: u64,
        /// What the words took.
        statistics: ReplyStatistics,
    }

    extern "Rust" {
        /// The defaults of an album.
        fn default_album_options() -> AlbumOptions;
        /// The defaults of a question to both.
        fn default_converse_options() -> ConverseOptions;

        /// Keeps those pictures of all that it is offered that together see the most of the place, and the newest. Any
        /// thread; who offers while another does gets GNOMON_E_BUSY at once.
        type Album;
        /// An album of nothing.
        #[Self = "Album"]
        fn create(options: &AlbumOptions) -> Result<Box<Album>>;
        /// Offers a frame with a picture, under a number that rises, its pose in the world of the scene's frames; says
        /// whether its picture is there now, which copies it.
        fn offer(self: &Album, number: u64, frame: &Frame<'_>) -> Result<bool>;
        /// Corrects where the picture of this number was taken; says whether it is there.
        fn correct(self: &Album, number: u64, world_from_camera: &[f64; 16]) -> Result<bool>;
        /// How many pictures there are.
        fn size(self: &Album) -> usize;

        /// Two answers to one question: geometry's, and what a model said, with the map's verdict.
        type Conversed;
        /// Asks a scene in words, and a model with it: geometry answers as Snapshot::ask does; the model is shown those
        /// pictures of the album that see what the question names, and told as much of the scene as its tokens allow; what
        /// it says is read as an answer and held against the map. Waits for it; the album may be offered frames meanwhile.
        /// What the model does wrong is told in SaidFacts::silence, not thrown.
        fn ask_with_model(
            snapshot: &Snapshot,
            album: &Album,
            vlm: &Vlm,
            question: &str,
            choices: &[&str],
            options: &ConverseOptions,
        ) -> Result<Box<Conversed>>;
        /// Geometry's answer.
        fn answer(self: &Conversed) -> Box<Answer>;
        /// The model's, in numbers.
        fn facts(self: &Conversed) -> SaidFacts;
        /// The model's words, where it failed those until then; empty without any.
        fn words(self: &Conversed) -> &str;
        /// All of it, with the prompt, the pictures and what was judged.
        fn json(self: &Conversed) -> String;
    }
}
