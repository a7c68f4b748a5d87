//! Metric depth, borrowed: distance along the optical axis (z), not along the ray.

use super::image::{check_rows, check_side, pieces};
use crate::error::Result;
use multiversion::multiversion;

/// Beyond this a depth is more likely millimetres taken for metres than a far wall; read as "none".
pub const MAX_DEPTH_M: f32 = 200.0;

/// How one depth value is stored, in the machine's byte order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DepthFormat {
    /// u16; 0 and 65535 mean "none"; the value times `metres_per_unit` is metres (0.001 for millimetres).
    U16 {
        /// Metres per count.
        metres_per_unit: f32,
    },
    /// f32 metres; NaN, infinite and ≤ 0 mean "none".
    F32Metres,
}

impl DepthFormat {
    /// u16 millimetres, as REP 118 has it.
    pub const U16_MILLIMETRES: Self = Self::U16 { metres_per_unit: 0.001 };

    /// Bytes one pixel takes.
    pub fn bytes_per_pixel(self) -> usize {
        match self {
            Self::U16 { .. } => 2,
            Self::F32Metres => 4,
        }
    }
}

/// A borrowed image of metric depth.
#[derive(Debug, Clone, Copy)]
pub struct MetricZ<'a> {
    data: &'a [u8],
    width: u32,
    height: u32,
    stride: usize,
    format: DepthFormat,
}

impl<'a> MetricZ<'a> {
    /// A view of `data`, which need not be aligned. `stride` in bytes; 0 means rows follow each other closely.
    pub fn new(data: &'a [u8], width: u32, height: u32, stride: usize, format: DepthFormat) -> Result<Self> {
        if let DepthFormat::U16 { metres_per_unit } = format
            && !(metres_per_unit.is_finite() && metres_per_unit > 0.0 && metres_per_unit <= 1.0)
        {
            return Err(crate::error::Error::argument(format!(
                "depth unit is {metres_per_unit} m per count, expected more than 0 and at most 1"
            )));
        }
        check_side("depth image", width, height)?;
        let row = width as usize * format.bytes_per_pixel();
        let stride = check_rows("depth image", data.len(), height as usize, stride, row)?;
        Ok(Self { data, width, height, stride, format })
    }

    /// A closely packed image of millimetres.
    pub fn from_millimetres(data: &'a [u16], width: u32, height: u32) -> Result<Self> {
        Self::new(bytemuck::cast_slice(data), width, height, 0, DepthFormat::U16_MILLIMETRES)
    }

    /// A closely packed image of metres.
    pub fn from_metres(data: &'a [f32], width: u32, height: u32) -> Result<Self> {
        Self::new(bytemuck::cast_slice(data), width, height, 0, DepthFormat::F32Metres)
    }

    /// Width, pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height, pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// How its values are stored.
    pub fn format(&self) -> DepthFormat {
        self.format
    }

    /// All its bytes, as they came: rows at their stride.
    pub fn bytes(&self) -> &'a [u8] {
        self.data
    }

    /// The bytes of row `v`, as they came; empty outside the image.
    pub fn row(&self, v: u32) -> &'a [u8] {
        if v >= self.height {
            return &[];
        }
        &self.data[v as usize * self.stride..][..self.width as usize * self.format.bytes_per_pixel()]
    }

    /// All its bytes without what lies between rows: one piece where nothing does, else row by row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'a [u8]> {
        pieces(self.data, self.height as usize, self.stride, self.width as usize * self.format.bytes_per_pixel())
    }

    /// Writes metres into `out`, row-major, 0 for "none". `out` is resized to the image.
    pub fn decode_into(&self, out: &mut Vec<f32>) {
        out.resize(self.width as usize * self.height as usize, 0.0);
        let mut rest = out.as_mut_slice();
        for piece in self.rows() {
            let (here, after) = rest.split_at_mut(piece.len() / self.format.bytes_per_pixel());
            match self.format {
                DepthFormat::U16 { metres_per_unit } => decode_counts(piece, metres_per_unit, here),
                DepthFormat::F32Metres => decode_metres(piece, here),
            }
            rest = after;
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn decode_counts(bytes: &[u8], metres_per_unit: f32, out: &mut [f32]) {
    for (z, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
        let counts = u16::from_ne_bytes(*bytes);
        let metres = f32::from(counts) * metres_per_unit;
        *z = if counts == u16::MAX || metres > MAX_DEPTH_M { 0.0 } else { metres };
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn decode_metres(bytes: &[u8], out: &mut [f32]) {
    for (z, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
        let metres = f32::from_ne_bytes(*bytes);
        *z = if metres > 0.0 && metres <= MAX_DEPTH_M { metres } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_say_none_is_none() {
        let mut out = Vec::new();
        let metres = [f32::NAN, f32::INFINITY, -1.0, 0.0, 500.0, 2.5];
        MetricZ::from_metres(&metres, 3, 2).expect("3x2").decode_into(&mut out);
        assert_eq!(out, [0.0, 0.0, 0.0, 0.0, 0.0, 2.5]);
        MetricZ::from_millimetres(&[0, 65535, 1500, 65534], 2, 2).expect("2x2").decode_into(&mut out);
        assert!(out[0] == 0.0 && out[1] == 0.0 && (out[2] - 1.5).abs() < 1e-6 && (out[3] - 65.534).abs() < 1e-5);
    }

    #[test]
    fn rows_may_be_padded_and_unaligned() {
        let mut bytes = vec![0u8; 1];
        for row in [[1000u16, 2000], [3000, 4000]] {
            bytes.extend(row.iter().flat_map(|v| v.to_ne_bytes()));
            bytes.push(9);
        }
        let mut out = Vec::new();
        MetricZ::new(&bytes[1..], 2, 2, 5, DepthFormat::U16_MILLIMETRES).expect("stride 5").decode_into(&mut out);
        assert!(out.iter().zip([1.0, 2.0, 3.0, 4.0]).all(|(z, truth)| (z - truth).abs() < 1e-6), "{out:?}");
    }
}
