//! Which instructions are used: the plain loops, or the same for AVX2 where the processor has it.

use super::across::{Kept, whole_row};
use super::down;
use super::plan::Whole;
#[cfg(target_arch = "x86_64")]
use super::x86;

/// The instructions of a resize.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isa {
    /// What every processor of this kind has.
    Plain,
    /// AVX2, found at run time.
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
}

/// The pass along rows, with its tables as the instructions want them.
pub(super) enum Across<'a> {
    Plain(&'a Whole),
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Packed),
}

impl Isa {
    /// The best that this processor has.
    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = x86::Avx2::find() {
            return Self::Avx2(avx2);
        }
        Self::Plain
    }

    pub(super) fn bytes(self, rows: &[&[u8]], weights: &[i32], bits: u32, out: &mut [u8]) {
        match self {
            Self::Plain => down::bytes(rows, weights, bits, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.bytes(rows, weights, bits, out),
        }
    }

    pub(super) fn linear(self, rows: [&[i32]; 2], weights: [i32; 2], out: &mut [u8]) {
        match self {
            Self::Plain => down::linear(rows, weights, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.linear(rows, weights, out),
        }
    }

    pub(super) fn cubic(self, rows: [&[f32]; 4], weights: [f32; 4], out: &mut [u8]) {
        match self {
            Self::Plain => down::cubic(rows, weights, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.cubic(rows, weights, out),
        }
    }

    pub(super) fn interleave(self, planes: [&[u8]; 3], out: &mut [u8]) {
        match self {
            Self::Plain => down::interleave(planes, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.interleave(planes, out),
        }
    }

    pub(super) fn normalise(self, values: &[u8], scale: f32, shift: f32, out: &mut [f32]) {
        match self {
            Self::Plain => down::normalise(values, scale, shift, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.normalise(values, scale, shift, out),
        }
    }

    pub(super) fn normalise_floats(self, values: &[f32], scale: f32, shift: f32, out: &mut [f32]) {
        match self {
            Self::Plain => down::normalise_floats(values, scale, shift, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.normalise_floats(values, scale, shift, out),
        }
    }

    pub(super) fn floats(self, rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
        match self {
            Self::Plain => down::floats(rows, weights, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.floats(rows, weights, out),
        }
    }
}

impl<'a> Across<'a> {
    pub(super) fn new(whole: &'a Whole, isa: Isa) -> Self {
        match isa {
            Isa::Plain => Self::Plain(whole),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(avx2) => Self::Avx2(x86::Packed::new(whole, avx2)),
        }
    }

    /// Bytes that a row of the source must have, beyond its pixels if need be.
    pub(super) fn row_bytes(&self) -> usize {
        match self {
            Self::Plain(_) => 0,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(packed) => packed.row_bytes(),
        }
    }

    /// Takes rows, as many as there are in `kept`, along.
    pub(super) fn rows<T: Kept>(&self, rows: &[&[u8]], kept: &mut [&mut [T]]) {
        match self {
            Self::Plain(whole) => rows.iter().zip(kept).for_each(|(row, kept)| whole_row(row, whole, kept)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(packed) => packed.rows(rows, kept),
        }
    }
}
