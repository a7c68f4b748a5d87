//! Any bytes as a recording. Records are given with the checksums that fit, so that what lies behind them is reached: the
//! input is the first line and then, for each record, its length (two bytes), its kind and its body.
#![no_main]

use gnomon::keep::Replay;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let _ = Replay::open(input).and_then(Replay::finish);
    let mut file = b"gnomon.recording 001\n".to_vec();
    let mut rest = input;
    while let Some((&[low, high, kind], after)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_le_bytes([low, high])).min(after.len());
        let (body, after) = after.split_at(length);
        let mut head = (length as u32).to_le_bytes().to_vec();
        head.push(kind);
        let crc = crc32(head.iter().chain(body));
        file.extend(head);
        file.extend(crc.to_le_bytes());
        file.extend(body);
        rest = after;
    }
    let _ = Replay::open(file.as_slice()).and_then(Replay::finish);
});

/// CRC-32 as zip has it, bit by bit.
fn crc32<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}
