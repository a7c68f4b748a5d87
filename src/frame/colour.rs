//! Rows of pictures made red, green, blue, in integers alone: the bytes are those of OpenCV's `cvtColor`.
//!
//! YUV is ITU-R BT.601 of limited range: luma 16 to 235, chroma 16 to 240 about 128.
//!
//! R = 1.164 (Y − 16) + 1.596 (V − 128), G = 1.164 (Y − 16) − 0.813 (V − 128) − 0.391 (U − 128),
//! B = 1.164 (Y − 16) + 2.018 (U − 128), rounded and cut off at 0 and 255.

/// The factors times 2²⁰, as OpenCV has them.
const SHIFT: i32 = 20;
const LUMA: i32 = 1_220_542;
const BLUE_OF_U: i32 = 2_116_026;
const GREEN_OF_U: i32 = -409_993;
const GREEN_OF_V: i32 = -852_492;
const RED_OF_V: i32 = 1_673_527;

/// The chroma that two neighbours share.
#[derive(Clone, Copy)]
pub(super) struct Chroma {
    red: i32,
    green: i32,
    blue: i32,
}

impl Chroma {
    pub fn new(u: u8, v: u8) -> Self {
        let half = 1 << (SHIFT - 1);
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        Self { red: half + RED_OF_V * v, green: half + GREEN_OF_V * v + GREEN_OF_U * u, blue: half + BLUE_OF_U * u }
    }

    pub fn rgb(self, luma: u8) -> [u8; 3] {
        let luma = (i32::from(luma) - 16).max(0) * LUMA;
        [self.red, self.green, self.blue].map(|chroma| ((luma + chroma) >> SHIFT).clamp(0, 255) as u8)
    }
}

/// Two pixels of 4:2:2 in four bytes, whose places are those of Y, U, Y, V.
pub(super) fn rgb_of_pair(bytes: &[u8], [y0, u, y1, v]: [usize; 4]) -> [[u8; 3]; 2] {
    let chroma = Chroma::new(bytes[u], bytes[v]);
    [chroma.rgb(bytes[y0]), chroma.rgb(bytes[y1])]
}
