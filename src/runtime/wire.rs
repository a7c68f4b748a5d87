//! Protocol buffers, as much as it takes to walk a file without holding it: fields by number, messages inside messages.
//!
//! A field is a number, and a whole number, four or eight bytes, or a length and that many bytes. Every length is held
//! against what is left of the message round it before anything is read or reserved, so a file that claims what it does
//! not hold is refused where it says so.

use std::io::{BufReader, Read, Seek};

use crate::error::{Error, ErrorKind, Result};

/// Messages inside messages; ONNX needs two for each graph inside a graph.
const MAX_DEPTH: u32 = 64;

/// What a field holds. The bytes behind a length are yet to be read or skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Number(u64),
    Fixed(u64),
    Bytes(u64),
}

/// A file, or bytes that are held.
pub(super) trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// A place in a file.
pub(super) struct Wire {
    input: BufReader<Box<dyn Bytes>>,
    at: u64,
    /// Where the message that is being read ends.
    end: u64,
    depth: u32,
}

impl Wire {
    pub fn new(input: Box<dyn Bytes>, bytes: u64) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), at: 0, end: bytes, depth: 0 }
    }

    /// The number of the next field and what it holds; `None` at the end of the message.
    pub fn field(&mut self) -> Result<Option<(u32, Field)>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number != 0);
        let number = number.ok_or_else(|| self.broken("a field has no number"))?;
        let field = match key & 7 {
            0 => Field::Number(self.varint()?),
            1 => Field::Fixed(u64::from_le_bytes(self.array()?)),
            5 => Field::Fixed(u64::from(u32::from_le_bytes(self.array()?))),
            2 => {
                let length = self.varint()?;
                if length > self.end - self.at {
                    let left = self.end - self.at;
                    return Err(self.broken(&format!("field {number} claims {length} bytes, {left} are left")));
                }
                Field::Bytes(length)
            }
            kind => return Err(self.broken(&format!("field {number} is of no known kind ({kind})"))),
        };
        Ok(Some((number, field)))
    }

    /// Reads the message in the next `length` bytes: `read` is called for each field, and must read or skip its bytes.
    pub fn message(&mut self, length: u64, mut read: impl FnMut(&mut Self, u32, Field) -> Result<()>) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return Err(self.broken("messages lie too deep in messages"));
        }
        let outer = std::mem::replace(&mut self.end, self.at + length);
        self.depth += 1;
        while let Some((number, field)) = self.field()? {
            let next = match field {
                Field::Bytes(length) => self.at + length,
                _ => self.at,
            };
            read(self, number, field)?;
            self.skip_to(next)?;
        }
        self.depth -= 1;
        self.end = outer;
        Ok(())
    }

    /// The text in the next `length` bytes, which may be `most` at the most.
    pub fn text(&mut self, length: u64, most: u64) -> Result<String> {
        if length > most {
            return Err(self.broken(&format!("a text claims {length} bytes, at most {most} are taken")));
        }
        let mut bytes = vec![0; length as usize];
        self.fill(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| self.broken("a text is not UTF-8"))
    }

    /// The whole numbers of a field that may hold one or, packed, many. At most `most`.
    pub fn numbers(&mut self, field: Field, most: usize, into: &mut Vec<u64>) -> Result<()> {
        match field {
            Field::Number(number) | Field::Fixed(number) => into.push(number),
            Field::Bytes(length) => {
                let end = self.at + length;
                while self.at < end && into.len() <= most {
                    into.push(self.varint()?);
                }
            }
        }
        if into.len() > most {
            return Err(self.broken(&format!("a list has more than {most} numbers")));
        }
        Ok(())
    }

    /// What is wrong, and where.
    pub fn broken(&self, what: &str) -> Error {
        Error::new(ErrorKind::Model, format!("byte {}: {what}", self.at))
    }

    fn skip_to(&mut self, at: u64) -> Result<()> {
        if at < self.at || at > self.end {
            return Err(self.broken("a list runs over its end"));
        }
        let ahead = i64::try_from(at - self.at).map_err(|_| self.broken("the file is too long"))?;
        self.input.seek_relative(ahead).map_err(|error| self.broken(&format!("cannot be read: {error}")))?;
        self.at = at;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.broken("a number does not end"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        if bytes.len() as u64 > self.end - self.at {
            return Err(self.broken("the message ends in the middle of a field"));
        }
        self.input.read_exact(bytes).map_err(|error| self.broken(&format!("cannot be read: {error}")))?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}
