//! Zstandard, both ways, bounded.
//!
//! The crate `ruzstd` is safe Rust; a scene takes less than half of its text, a third more than `zstd -1` makes of it. A
//! frame may claim any size and a few bytes may unpack to gigabytes: what comes out is counted as it comes, and nothing that
//! a file claims is allocated. Frames whose
//! window is larger than 100 MiB (`zstd --long=27` and above) are refused by the crate.

use crate::error::{Error, Result};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Read;

/// How a Zstandard frame begins.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// True for what begins as a Zstandard frame does.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// The bytes as one Zstandard frame. The same bytes give the same frame.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// What one Zstandard frame holds: at most `most` bytes, and nothing after the frame.
pub(super) fn unpack(packed: &[u8], most: usize) -> Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| Error::io(format!("compressed data is broken: {error}"));
    let mut rest = packed;
    let mut decoder = StreamingDecoder::new(&mut rest).map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    decoder.by_ref().take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    drop(decoder);
    if bytes.len() > most {
        return Err(Error::io(format!("compressed data unpacks to more than {most} bytes")));
    }
    if !rest.is_empty() {
        return Err(Error::io(format!("{} bytes follow the compressed data", rest.len())));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_to_the_last_byte() {
        let noise: Vec<u8> = (0..300_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for bytes in [&b""[..], b"a", &[7; 500_000], &noise] {
            let packed = pack(bytes);
            assert!(is_packed(&packed));
            assert_eq!(unpack(&packed, bytes.len()).expect("just packed"), bytes);
        }
        assert!(pack(&[7; 500_000]).len() < 5_000);
    }

    #[test]
    fn a_small_file_that_unpacks_to_much_is_refused_before_it_is_held() {
        let bomb = pack(&vec![0; 64 << 20]);
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        let refused = unpack(&bomb, 1 << 20).expect_err("too much").to_string();
        assert_eq!(refused, "compressed data unpacks to more than 1048576 bytes");
    }

    #[test]
    fn a_frame_that_is_cut_or_followed_is_refused() {
        let packed = pack(b"a text that is long enough to be cut somewhere, somewhere, somewhere");
        for end in 0..packed.len() {
            assert!(unpack(&packed[..end], 1000).is_err(), "{end}");
        }
        let mut followed = packed.clone();
        followed.push(0);
        assert!(unpack(&followed, 1000).expect_err("followed").to_string().starts_with("1 bytes follow"));
    }
}
