//! COCO's compressed run lengths: the string form of a mask's `counts`.
//!
//! A count is cut into groups of five bits, lowest first, each a character from '0' on; bit 5 says that another group
//! follows, and bit 4 of the last group is the sign. From the fourth count on, what is written is the difference to
//! the count two before.

use crate::error::{Error, Result};

/// Groups of one count: 32 bits and a sign need no more than seven.
const MAX_GROUPS: u32 = 7;

/// The counts a compressed string stands for, for [`crate::frame::decode_coco_rle`].
pub fn decode_compressed_counts(text: &str) -> Result<Vec<u32>> {
    let mut counts: Vec<u32> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(first) = bytes.next() {
        let written = read_signed(first, &mut bytes)?;
        let before = if counts.len() > 2 { i64::from(counts[counts.len() - 2]) } else { 0 };
        let count = u32::try_from(written + before).map_err(|_| {
            Error::io(format!(
                "mask run {} comes out as {}, expected 0 to {}",
                counts.len(),
                written + before,
                u32::MAX
            ))
        })?;
        counts.push(count);
    }
    Ok(counts)
}

fn read_signed(first: u8, rest: &mut impl Iterator<Item = u8>) -> Result<i64> {
    let mut value = 0i64;
    let mut byte = first;
    for group in 0..MAX_GROUPS {
        if !(b'0'..b'0' + 64).contains(&byte) {
            return Err(Error::io(format!("mask string holds byte {byte}, expected {} to {}", b'0', b'0' + 63)));
        }
        let bits = byte - b'0';
        value |= i64::from(bits & 0x1f) << (5 * group);
        if bits & 0x20 == 0 {
            let is_negative = bits & 0x10 != 0;
            return Ok(if is_negative { value - (1i64 << (5 * (group + 1))) } else { value });
        }
        byte = rest.next().ok_or_else(|| Error::io("mask string ends in the middle of a run"))?;
    }
    Err(Error::io(format!("mask string holds a run of more than {MAX_GROUPS} groups")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_worked_out_by_hand_is_read() {
        // 5 → '5'. 20 has bit 4, so it takes a second group: 20 + 32 = 52 → 'd', 0 → '0'. 40 = 8 + 1·32: 8 + 32 = 40 →
        // 'X', 1 → '1'. 3 − 20 = −17 = 15 − 32: 15 + 32 = 47 → '_', −1 = 31 → 'O'. 41 − 40 = 1 → '1'.
        assert_eq!(decode_compressed_counts("5d0X1_O1").expect("five runs"), [5, 20, 40, 3, 41]);
        assert_eq!(decode_compressed_counts("").expect("no runs"), [0u32; 0]);
    }

    #[test]
    fn a_string_made_by_pycocotools_is_read() {
        // pycocotools 2.0.11, of a mask of 37 rows and 53 columns: an ellipse, a stroke and a full column.
        let text = "g41T100000VO87HG<?2N2N2N2O0O2O0O2O000O2O0000000O2O00000001N100000001N10001N101N101N2N2N2N3LX4l0XM";
        let counts = decode_compressed_counts(text).expect("a mask");
        assert_eq!(counts[..14], [151, 1, 36, 1, 36, 1, 36, 1, 10, 9, 17, 1, 8, 13]);
        assert_eq!(counts[counts.len() - 7..], [15, 23, 13, 26, 9, 162, 37, 74][1..]);
        let inside: u32 = counts.iter().skip(1).step_by(2).sum();
        assert_eq!((counts.iter().sum::<u32>(), inside), (37 * 53, 929));
    }

    #[test]
    fn what_is_no_run_is_refused() {
        for bad in ["5d", "5 0", "é", "O", "oooooooooo1", "000O"] {
            assert!(decode_compressed_counts(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-o]{0,40}") {
            if let Ok(counts) = decode_compressed_counts(&text) {
                proptest::prop_assert!(counts.len() <= text.len());
            }
        }
    }
}
