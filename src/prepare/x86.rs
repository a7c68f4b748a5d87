//! The passes of `across.rs` and `down.rs` for AVX2: the same numbers, several at once.
//!
//! Along a row no two target pixels look at the same place, so loops over pixels do not become vectors by themselves;
//! this is the part that needs the processor's own words. Two target pixels are made side by side, each in half a
//! register: bytes of two neighbouring source pixels are brought together by channel, and one instruction multiplies both
//! by their weights and adds. It takes weights of 16 bits: wider ones are cut into two, whose sums are put together.
//!
//! ```text
//! a source pixel pair in half a register    r0 r1 g0 g1 b0 b1 0 0     (16 bits each)
//! its weights                               k0 k1 k0 k1 k0 k1 k0 k1
//! after the instruction                     r     g     b     0       (32 bits each)
//! ```
//!
//! Down the columns the plain loops are compiled once more with AVX2 allowed. Unsafe are the calls from where AVX2 is not
//! known to be there, which an [`Avx2`] proves, and loads of 16 bytes at places that were checked when the row was taken.

use super::across::{GROUP, Kept, Kind, padded};
use super::down;
use super::plan::Whole;
use std::arch::x86_64::{
    __m128i, __m256i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm_or_si128, _mm_shuffle_epi8, _mm256_add_epi32,
    _mm256_castsi128_si256, _mm256_cvtepi32_ps, _mm256_inserti128_si256, _mm256_madd_epi16, _mm256_mul_ps,
    _mm256_packus_epi16, _mm256_packus_epi32, _mm256_permutevar8x32_epi32, _mm256_set1_epi32, _mm256_set1_ps,
    _mm256_setr_epi8, _mm256_setr_epi32, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32,
    _mm256_sra_epi32, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
};

/// Bits of the lower part of a wide weight.
const LOW_BITS: i32 = 12;

/// That this processor has AVX2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    /// One, where there is AVX2.
    pub(super) fn find() -> Option<Self> {
        std::arch::is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    pub(super) fn bytes(self, rows: &[&[u8]], weights: &[i32], bits: u32, out: &mut [u8]) {
        // SAFETY: `self` is proof of AVX2.
        unsafe { bytes(rows, weights, bits, out) }
    }

    pub(super) fn linear(self, rows: [&[i32]; 2], weights: [i32; 2], out: &mut [u8]) {
        // SAFETY: `self` is proof of AVX2.
        unsafe { linear(rows, weights, out) }
    }

    pub(super) fn cubic(self, rows: [&[f32]; 4], weights: [f32; 4], out: &mut [u8]) {
        // SAFETY: `self` is proof of AVX2.
        unsafe { cubic(rows, weights, out) }
    }

    pub(super) fn floats(self, rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
        // SAFETY: `self` is proof of AVX2.
        unsafe { floats(rows, weights, out) }
    }

    /// Three planes of bytes as pixels, as many as `out` has room for.
    pub(super) fn interleave(self, planes: [&[u8]; 3], out: &mut [u8]) {
        // SAFETY: `self` is proof of AVX2, and so of SSSE3.
        unsafe { interleave(planes, out) }
    }

    /// `out = value * scale + shift`.
    pub(super) fn normalise(self, values: &[u8], scale: f32, shift: f32, out: &mut [f32]) {
        // SAFETY: `self` is proof of AVX2.
        unsafe { normalise(values, scale, shift, out) }
    }

    /// The same of floats.
    pub(super) fn normalise_floats(self, values: &[f32], scale: f32, shift: f32, out: &mut [f32]) {
        // SAFETY: `self` is proof of AVX2.
        unsafe { normalise_floats(values, scale, shift, out) }
    }
}

#[target_feature(enable = "avx2")]
fn normalise_floats(values: &[f32], scale: f32, shift: f32, out: &mut [f32]) {
    down::normalise_floats(values, scale, shift, out);
}

#[target_feature(enable = "avx2")]
fn bytes(rows: &[&[u8]], weights: &[i32], bits: u32, out: &mut [u8]) {
    down::bytes(rows, weights, bits, out);
}

#[target_feature(enable = "avx2")]
fn linear(rows: [&[i32]; 2], weights: [i32; 2], out: &mut [u8]) {
    down::linear(rows, weights, out);
}

#[target_feature(enable = "avx2")]
fn cubic(rows: [&[f32]; 4], weights: [f32; 4], out: &mut [u8]) {
    down::cubic(rows, weights, out);
}

#[target_feature(enable = "avx2")]
fn floats(rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
    down::floats(rows, weights, out);
}

#[target_feature(enable = "avx2")]
fn normalise(values: &[u8], scale: f32, shift: f32, out: &mut [f32]) {
    down::normalise(values, scale, shift, out);
}

#[target_feature(enable = "avx2")]
fn interleave([red, green, blue]: [&[u8]; 3], out: &mut [u8]) {
    // Byte k of the 48 that 16 pixels take is byte k / 3 of plane k % 3.
    let mask = |plane: usize, third: usize| -> __m128i {
        bytemuck::must_cast(std::array::from_fn::<u8, 16, _>(|at| {
            let k = 16 * third + at;
            if k % 3 == plane { (k / 3) as u8 } else { 0x80 }
        }))
    };
    let masks: [[__m128i; 3]; 3] = std::array::from_fn(|third| std::array::from_fn(|plane| mask(plane, third)));
    let (chunks, rest) = out.as_chunks_mut::<48>();
    let planes = red.as_chunks::<16>().0.iter().zip(green.as_chunks::<16>().0).zip(blue.as_chunks::<16>().0);
    for (chunk, ((red, green), blue)) in chunks.iter_mut().zip(planes) {
        let planes = [red, green, blue].map(|plane| bytemuck::must_cast::<[u8; 16], __m128i>(*plane));
        for (third, mask) in chunk.as_chunks_mut::<16>().0.iter_mut().zip(&masks) {
            let [red, green, blue] = std::array::from_fn(|plane| _mm_shuffle_epi8(planes[plane], mask[plane]));
            *third = bytemuck::must_cast(_mm_or_si128(_mm_or_si128(red, green), blue));
        }
    }
    let done = 16 * chunks.len();
    down::interleave([&red[done..], &green[done..], &blue[done..]], rest);
}

/// The tables of the pass along rows, laid out for two target pixels at once.
pub(super) struct Packed {
    avx2: Avx2,
    bits: u32,
    width: usize,
    /// Pairs of taps that each target pixel has room for.
    pairs: usize,
    /// Where the source of target pixels `8 g + p` and `8 g + p + 4` begins, bytes, by `4 g + p`.
    offsets: Vec<[usize; 2]>,
    /// Of the same two pixels and each pair of taps the weights, four times each.
    high: Vec<[i16; 16]>,
    /// The lower bits of wide weights; else none.
    low: Vec<[i16; 16]>,
    /// Bytes that a row of the source must have.
    needs: usize,
}

impl Packed {
    pub(super) fn new(whole: &Whole, avx2: Avx2) -> Self {
        let (taps, width) = (&whole.taps, whole.taps.len());
        let pairs = (0..width).map(|at| taps.of(at).1.len()).max().unwrap_or(1).div_ceil(2);
        let wide = (0..width).any(|at| taps.of(at).1.iter().any(|w| i16::try_from(*w).is_err()));
        let of = |at: usize| if at < width { taps.of(at) } else { (0, [].as_slice()) };
        let twos = (0..padded(width) / GROUP).flat_map(|group| (0..4).map(move |p| [8 * group + p, 8 * group + p + 4]));
        let offsets: Vec<[usize; 2]> = twos.clone().map(|two| two.map(|at| 3 * of(at).0)).collect();
        let part = |part: fn(i32) -> i16| -> Vec<[i16; 16]> {
            let weight = |at: usize, tap: usize| of(at).1.get(tap).map_or(0, |w| part(*w));
            let lanes =
                |two: [usize; 2], pair: usize| std::array::from_fn(|lane| weight(two[lane / 8], 2 * pair + lane % 2));
            twos.clone().flat_map(|two| (0..pairs).map(move |pair| lanes(two, pair))).collect()
        };
        let furthest = offsets.iter().flatten().max().copied().unwrap_or(0);
        Self {
            avx2,
            bits: whole.bits,
            width,
            pairs,
            high: part(if wide { |w| (w >> LOW_BITS) as i16 } else { |w| w as i16 }),
            low: if wide { part(|w| (w & ((1 << LOW_BITS) - 1)) as i16) } else { Vec::new() },
            needs: furthest + 12 * (pairs.div_ceil(2) - 1) + 16,
            offsets,
        }
    }

    /// Bytes that each row of the source must have.
    pub(super) fn row_bytes(&self) -> usize {
        self.needs
    }

    /// Takes the rows along, as many as there are in `kept`.
    pub(super) fn rows<T: Kept>(&self, rows: &[&[u8]], kept: &mut [&mut [T]]) {
        let wide = !self.low.is_empty();
        let (fours, rest) = rows.as_chunks::<4>();
        let (kept_fours, kept_rest) = kept.as_chunks_mut::<4>();
        let ones = rest.as_chunks::<1>().0.iter().zip(kept_rest.as_chunks_mut::<1>().0);
        // SAFETY: `avx2` is proof of AVX2.
        unsafe {
            let _: Avx2 = self.avx2;
            for (rows, kept) in fours.iter().zip(kept_fours) {
                if wide { self.some::<T, 4, true>(rows, kept) } else { self.some::<T, 4, false>(rows, kept) }
            }
            for (rows, kept) in ones {
                if wide { self.some::<T, 1, true>(rows, kept) } else { self.some::<T, 1, false>(rows, kept) }
            }
        }
    }

    #[target_feature(enable = "avx2")]
    fn some<T: Kept, const ROWS: usize, const WIDE: bool>(&self, rows: &[&[u8]; ROWS], kept: &mut [&mut [T]; ROWS]) {
        let plane = padded(self.width);
        assert!(rows.iter().all(|row| row.len() >= self.needs) && kept.iter().all(|row| row.len() == 3 * plane));
        let pair = |mask: i8| {
            let m = |byte: i8| byte + mask;
            let (r, g, b) = ((m(0), m(3)), (m(1), m(4)), (m(2), m(5)));
            #[rustfmt::skip]
            let lanes = _mm256_setr_epi8(
                r.0, -1, r.1, -1, g.0, -1, g.1, -1, b.0, -1, b.1, -1, -1, -1, -1, -1,
                r.0, -1, r.1, -1, g.0, -1, g.1, -1, b.0, -1, b.1, -1, -1, -1, -1, -1,
            );
            lanes
        };
        let (first_pair, second_pair) = (pair(0), pair(6));
        let half = _mm256_set1_epi32(if T::KIND == Kind::Byte { 1 << self.bits >> 1 } else { 0 });
        let shift = _mm_cvtsi32_si128(if T::KIND == Kind::Byte { self.bits as i32 } else { 0 });
        let low = |at: usize| if WIDE { bytemuck::must_cast(self.low[at]) } else { _mm256_setzero_si256() };
        for group in 0..plane / GROUP {
            let mut sums = [[_mm256_setzero_si256(); 4]; ROWS];
            for (p, [left, right]) in self.offsets[4 * group..][..4].iter().copied().enumerate() {
                let two = 4 * group + p;
                let mut highs = [if WIDE { _mm256_setzero_si256() } else { half }; ROWS];
                let mut lows = [half; ROWS];
                for quad in 0..self.pairs / 2 {
                    let at = two * self.pairs + 2 * quad;
                    let high: [__m256i; 2] =
                        [bytemuck::must_cast(self.high[at]), bytemuck::must_cast(self.high[at + 1])];
                    let low = [low(at), low(at + 1)];
                    for row in 0..ROWS {
                        // SAFETY: both are within `needs`, which the row has: `quad` is at most what it was made of.
                        let pixels = unsafe { load_two(rows[row], left + 12 * quad, right + 12 * quad) };
                        let first = _mm256_shuffle_epi8(pixels, first_pair);
                        let second = _mm256_shuffle_epi8(pixels, second_pair);
                        let both =
                            _mm256_add_epi32(_mm256_madd_epi16(first, high[0]), _mm256_madd_epi16(second, high[1]));
                        highs[row] = _mm256_add_epi32(highs[row], both);
                        if WIDE {
                            let both =
                                _mm256_add_epi32(_mm256_madd_epi16(first, low[0]), _mm256_madd_epi16(second, low[1]));
                            lows[row] = _mm256_add_epi32(lows[row], both);
                        }
                    }
                }
                if self.pairs % 2 == 1 {
                    let (at, quad) = (two * self.pairs + self.pairs - 1, self.pairs / 2);
                    let (high, low) = (bytemuck::must_cast(self.high[at]), low(at));
                    for row in 0..ROWS {
                        // SAFETY: as above.
                        let pixels = unsafe { load_two(rows[row], left + 12 * quad, right + 12 * quad) };
                        let first = _mm256_shuffle_epi8(pixels, first_pair);
                        highs[row] = _mm256_add_epi32(highs[row], _mm256_madd_epi16(first, high));
                        if WIDE {
                            lows[row] = _mm256_add_epi32(lows[row], _mm256_madd_epi16(first, low));
                        }
                    }
                }
                for row in 0..ROWS {
                    let sum = if WIDE {
                        _mm256_add_epi32(_mm256_slli_epi32::<LOW_BITS>(highs[row]), lows[row])
                    } else {
                        highs[row]
                    };
                    sums[row][p] = if T::KIND == Kind::Byte { _mm256_sra_epi32(sum, shift) } else { sum };
                }
            }
            for (sums, kept) in sums.into_iter().zip(kept.iter_mut()) {
                store(sums, self.bits, group, plane, kept);
            }
        }
    }
}

/// 16 bytes from `left` on in the lower half, 16 from `right` on in the upper.
///
/// # Safety
/// `row` has 16 bytes from both on.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_two(row: &[u8], left: usize, right: usize) -> __m256i {
    debug_assert!(left.max(right) + 16 <= row.len());
    // SAFETY: the caller's promise; the load needs no alignment.
    let (left, right) = unsafe {
        let at = |at: usize| row.as_ptr().add(at).cast::<__m128i>();
        (_mm_loadu_si128(at(left)), _mm_loadu_si128(at(right)))
    };
    _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(left), right)
}

/// Eight target pixels into the planes; `sums[p]` has pixels p and p + 4.
#[inline]
#[target_feature(enable = "avx2")]
fn store<T: Kept>([a, b, c, d]: [__m256i; 4], bits: u32, group: usize, plane: usize, kept: &mut [T]) {
    let at = GROUP * group;
    if T::KIND == Kind::Byte {
        let packed = _mm256_packus_epi16(_mm256_packus_epi32(a, b), _mm256_packus_epi32(c, d));
        #[rustfmt::skip]
        let by_channel = _mm256_setr_epi8(
            0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
            0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
        );
        let together = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        let planes = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(packed, by_channel), together);
        let planes: [[u8; 8]; 4] = bytemuck::must_cast(planes);
        let kept: &mut [u8] = bytemuck::cast_slice_mut(kept);
        for (channel, bytes) in planes.iter().take(3).enumerate() {
            kept[channel * plane + at..][..GROUP].copy_from_slice(bytes);
        }
        return;
    }
    let (reds_greens, more) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
    let blues = _mm256_unpacklo_epi64(_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
    let planes = [_mm256_unpacklo_epi64(reds_greens, more), _mm256_unpackhi_epi64(reds_greens, more), blues];
    for (channel, values) in planes.into_iter().enumerate() {
        let values: [i32; 8] = if T::KIND == Kind::Float {
            let scale = _mm256_set1_ps(super::across::unit(bits));
            bytemuck::must_cast(_mm256_mul_ps(_mm256_cvtepi32_ps(values), scale))
        } else {
            bytemuck::must_cast(values)
        };
        let kept: &mut [i32] = bytemuck::cast_slice_mut(&mut kept[channel * plane + at..][..GROUP]);
        kept.copy_from_slice(&values);
    }
}
