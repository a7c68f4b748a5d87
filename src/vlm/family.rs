//! Models that are fed and spoken to alike.

use crate::error::{Error, ErrorKind, Result};

/// Vision-language models that are fed and spoken to alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VlmFamily {
    /// Qwen2-VL.
    Qwen2Vl,
    /// Qwen2.5-VL: as Qwen2-VL, with times in a video's positions.
    Qwen25Vl,
    /// LLaVA-1.5.
    Llava,
    /// SmolVLM and Idefics3.
    Idefics3,
    /// A decoder of text alone, whichever: its graph takes token numbers.
    Text,
}

impl VlmFamily {
    /// The word in texts for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Qwen2Vl => "qwen2_vl",
            Self::Qwen25Vl => "qwen2_5_vl",
            Self::Llava => "llava",
            Self::Idefics3 => "idefics3",
            Self::Text => "text",
        }
    }

    /// The family of a `model_type` in a public configuration. Fails with those that are known.
    pub(super) fn of_model_type(model_type: &str) -> Result<Self> {
        match model_type {
            "qwen2_vl" => Ok(Self::Qwen2Vl),
            "qwen2_5_vl" | "fara" => Ok(Self::Qwen25Vl),
            "llava" => Ok(Self::Llava),
            "idefics3" | "smolvlm" => Ok(Self::Idefics3),
            other => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "model type {other:?} is none that is known: qwen2_vl, qwen2_5_vl, fara, llava, idefics3, smolvlm"
                ),
            )),
        }
    }

    /// Whether tokens have three positions each: time, row, column.
    pub(super) fn has_three_positions(self) -> bool {
        matches!(self, Self::Qwen2Vl | Self::Qwen25Vl)
    }
}

impl std::fmt::Display for VlmFamily {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
