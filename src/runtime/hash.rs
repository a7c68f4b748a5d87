//! SHA-256 of files, read piece by piece: a model may be larger than memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The hash of a file, in hexadecimal digits, and its length in bytes.
pub(crate) fn file_hash(path: &Path) -> Result<(String, u64)> {
    let failed = |error: std::io::Error| Error::io(format!("{}: cannot be read: {error}", path.display()));
    let mut file = File::open(path).map_err(failed)?;
    let (mut hash, mut length, mut buffer) = (Sha256::new(), 0u64, vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok((hex(hash.finalize().as_slice()), length)),
            read => {
                hash.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
