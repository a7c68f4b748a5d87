//! Which library's resize, and which of its rules.

/// The resize of one library by one rule, on 8 bits and on floats as that library has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// `Image.resize` of Pillow: every source pixel under the widened filter counts, so shrinking does not alias.
    Pillow(PillowFilter),
    /// As Pillow had it before its version 13, and copies of it have it still: along the rows first, always.
    PillowBefore13(PillowFilter),
    /// `cv2.resize`: linear and cubic look at the nearest 2 and 4 pixels a side, whatever the scale.
    OpenCv(OpenCvFilter),
    /// `torch.nn.functional.interpolate` on the CPU.
    Torch {
        /// Which points of source and target lie on each other.
        corners: Corners,
        /// `bicubic` (a = -0.75, with `antialias` -0.5) instead of `bilinear`.
        cubic: bool,
        /// The filter widens when shrinking, as Pillow's does.
        antialias: bool,
    },
    /// `torch.nn.functional.interpolate(mode="lanczos", antialias=True)` on the CPU.
    TorchLanczos,
}

/// The rules of Pillow that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PillowFilter {
    /// The mean of the pixels under the target's.
    Box,
    /// A triangle.
    Bilinear,
    /// Keys' cubic, a = -0.5.
    Bicubic,
    /// Lanczos' windowed sinc, three lobes.
    Lanczos,
}

/// The rules of OpenCV that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenCvFilter {
    /// `INTER_LINEAR`.
    Linear,
    /// `INTER_CUBIC`: Keys' cubic, a = -0.75.
    Cubic,
    /// `INTER_AREA`: shares of pixels when both sides shrink, else a linear rule of its own.
    Area,
}

/// How torch lays source and target onto each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corners {
    /// `align_corners=True`: the centres of the corner pixels meet.
    Aligned,
    /// `align_corners=False`: the edges of the pictures meet.
    HalfPixel,
}
