//! Places that a model's words name in a picture.

use crate::grounding::{Grounding, whole};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Frame<'a> = crate::bridge::Frame<'a>;
        include!("gnomon-cxx/src/bridge/things.rs.h");
        type OrientedBox = crate::bridge::OrientedBox;
        include!("gnomon-cxx/src/bridge/chain.rs.h");
        type Rejected = crate::bridge::Rejected;
        include!("gnomon-cxx/src/bridge/vlm.rs.h");
        type Fit = crate::bridge::Fit;
    }

    /// How a family of models writes places.
    #[derive(Debug)]
    enum Convention {
        /// Qwen2-VL's `<|box_start|>(x1,y1),(x2,y2)<|box_end|>`, thousandths of the sides, with or without tags.
        ThousandthTags,
        /// Qwen2.5-VL's `{"bbox_2d":[x1,y1,x2,y2],"label":"chair"}` or `"point_2d":[x,y]`, pixels of what it saw.
        PixelJson,
        /// Qwen3-VL's, the same in thousandths of the sides.
        ThousandthJson,
        /// The same in shares of the sides, or bare lists, as LLaVA writes.
        Shares,
        /// Molmo's `<point x="10.5" y="20.0" alt="chair">`, percent of the sides.
        PercentTags,
        /// PaliGemma's `<loc0123><loc0456><loc0789><loc1000> chair`, 1024ths of the sides.
        LocTags,
    }

    /// What marks a place.
    #[derive(Debug)]
    enum Region {
        Box,
        Point,
    }

    /// Something that a model says is in a picture.
    #[derive(Debug, Clone)]
    struct Grounded {
        /// What it is called; empty where the words do not say.
        label: String,
        kind: Region,
        /// Pixels of the picture, counted from its edges: pixel u covers u to u + 1. Of a box left, top, right, bottom, cut
        /// off where the picture ends; of a point x, y, 0, 0.
        region: [f64; 4],
    }

    extern "Rust" {
        /// The fit of a picture of this size that a model sees as it is: for words in shares, thousandths or percent.
        fn whole(width: u32, height: u32) -> Fit;

        /// What was read of a model's words about one picture. Never changes; any thread.
        type Grounding;
        /// Reads all places, and takes them back to the picture's own pixels; `fit` is Job::fit of a reply, or whole(). A
        /// text of which nothing can be read is no error.
        #[Self = "Grounding"]
        fn read(text: &str, convention: Convention, fit: &Fit) -> Result<Box<Grounding>>;
        /// The places, in the order of the text, at most 4096.
        fn list(self: &Grounding) -> Vec<Grounded>;
        /// The first 1000 that were left out, and why.
        fn rejected(self: &Grounding) -> Vec<Rejected>;
        /// How many were left out in all.
        fn rejected_in_all(self: &Grounding) -> usize;
        /// Lifts the place `index` of the list through the depth of the same picture to an upright box in the world that the
        /// frame's pose leads to, which has Z up. Throws GNOMON_E_STATE where there is too little depth.
        fn lift(self: &Grounding, index: usize, frame: &Frame<'_>) -> Result<OrientedBox>;
    }
}
