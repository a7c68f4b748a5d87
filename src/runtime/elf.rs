//! What the header of a shared library says, read before the loader is let near it.
//!
//! The loader's own words ("cannot open shared object file") do not tell a missing file from one that is missing
//! something, and a file cut short kills the process with a signal. So the file is looked at first: that it is one,
//! that it may be read, that it is an ELF library of this machine, that all of it is there, and which names it
//! exports. Files are opened only after they are known to be files, so a pipe does not make anyone wait.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// More names than any library has: 2^22 symbols.
const MAX_TABLE_BYTES: u64 = 24 << 22;

const HEADER_BYTES: usize = 64;
const SEGMENT_BYTES: u64 = 56;
const SECTION_BYTES: u64 = 64;
const SYMBOL_BYTES: usize = 24;
const DYNAMIC_SYMBOLS: u32 = 11;
const DYNAMIC: u32 = 6;
const NEEDED: u64 = 1;
const SHARED_LIBRARY: u16 = 3;

/// `e_machine` and what people call it.
const MACHINES: [(u16, &str); 6] =
    [(0x3e, "x86_64"), (0xb7, "aarch64"), (0x28, "arm"), (0x03, "x86"), (0xf3, "riscv64"), (0x15, "powerpc64")];

/// Fails with what is wrong, unless this is a whole shared library for this process that exports `name`.
pub(super) fn check_library(path: &Path, name: &str) -> Result<(), String> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_string(),
        std::io::ErrorKind::PermissionDenied => "may not be looked at: permission denied".to_string(),
        _ => format!("cannot be looked at: {error}"),
    })?;
    if metadata.is_dir() {
        return Err("is a folder, expected a shared library".into());
    }
    if !metadata.is_file() {
        return Err("is not a file".into());
    }
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => "may not be read: permission denied".to_string(),
        _ => format!("cannot be opened: {error}"),
    })?;
    let mut image = Image { file, bytes: metadata.len() };
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let header = image.header()?;
    image.check_whole(&header)?;
    match image.exports(&header, name)? {
        Some(false) => Err(format!("does not export {name}: it is not ONNX Runtime")),
        _ => Ok(()),
    }
}

/// The names of the libraries that this one needs, in its order; none for what cannot be read.
pub(super) fn needed(path: &Path) -> Vec<String> {
    let listed = || -> Option<Vec<String>> {
        let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let mut image = Image { file: File::open(path).ok()?, bytes: metadata.len() };
        let header = image.header().ok()?;
        image.needed(&header).ok()
    };
    listed().unwrap_or_default()
}

struct Image {
    file: File,
    bytes: u64,
}

struct Header {
    segments_at: u64,
    segments: u64,
    sections_at: u64,
    sections: u64,
}

impl Image {
    fn header(&mut self) -> Result<Header, String> {
        let mut magic = [0; 4];
        let is_elf = self.bytes >= 4 && self.file.read_exact(&mut magic).is_ok() && magic == *b"\x7fELF";
        if !is_elf {
            return Err("is not a shared library (it has no ELF header)".into());
        }
        let header = self.read(0, HEADER_BYTES as u64)?;
        let bits = if header[4] == 2 { 64 } else { 32 };
        let (machine, kind) = (u16_at(&header, 18), u16_at(&header, 16));
        let named = MACHINES.iter().find(|(number, _)| *number == machine);
        let built_for = named.map_or_else(|| format!("machine {machine}"), |(_, name)| (*name).to_string());
        if bits != usize::BITS || built_for != std::env::consts::ARCH {
            return Err(format!("is built for {built_for}, this process is {}", std::env::consts::ARCH));
        }
        let is_little = header[5] == 1;
        if is_little != cfg!(target_endian = "little") {
            return Err("is built for the other byte order".into());
        }
        if kind != SHARED_LIBRARY {
            return Err("is an ELF file, but not a shared library".into());
        }
        Ok(Header {
            segments_at: u64_at(&header, 32),
            segments: if bits == 64 { u64::from(u16_at(&header, 56)) } else { 0 },
            sections_at: u64_at(&header, 40),
            sections: if bits == 64 { u64::from(u16_at(&header, 60)) } else { 0 },
        })
    }

    /// What is mapped from beyond the end of a file cannot be read: the process gets a signal.
    fn check_whole(&mut self, header: &Header) -> Result<(), String> {
        let table = self.read(header.segments_at, header.segments * SEGMENT_BYTES)?;
        for segment in table.chunks_exact(SEGMENT_BYTES as usize) {
            let (at, bytes) = (u64_at(segment, 8), u64_at(segment, 32));
            if at.checked_add(bytes).is_none_or(|end| end > self.bytes) {
                return Err(self.cut_short(at, bytes));
            }
        }
        Ok(())
    }

    /// Whether the table of dynamic symbols has this name, defined; `None` if the file has no such table.
    fn exports(&mut self, header: &Header, name: &str) -> Result<Option<bool>, String> {
        let sections = self.read(header.sections_at, header.sections * SECTION_BYTES)?;
        let sections: Vec<&[u8]> = sections.chunks_exact(SECTION_BYTES as usize).collect();
        let Some(symbols) = sections.iter().find(|section| u32_at(section, 4) == DYNAMIC_SYMBOLS) else {
            return Ok(None);
        };
        let Some(texts) = sections.get(u32_at(symbols, 40) as usize) else {
            return Ok(None);
        };
        let table = self.read(u64_at(symbols, 24), u64_at(symbols, 32))?;
        let texts = self.read(u64_at(texts, 24), u64_at(texts, 32))?;
        let is_it = |symbol: &[u8]| {
            let text = texts.get(u32_at(symbol, 0) as usize..).unwrap_or(&[]);
            let is_defined = u16_at(symbol, 6) != 0;
            is_defined && text.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&0))
        };
        Ok(Some(table.chunks_exact(SYMBOL_BYTES).any(is_it)))
    }

    fn needed(&mut self, header: &Header) -> Result<Vec<String>, String> {
        let sections = self.read(header.sections_at, header.sections * SECTION_BYTES)?;
        let sections: Vec<&[u8]> = sections.chunks_exact(SECTION_BYTES as usize).collect();
        let dynamic = sections.iter().find(|section| u32_at(section, 4) == DYNAMIC);
        let Some((dynamic, texts)) = dynamic.and_then(|it| Some((it, sections.get(u32_at(it, 40) as usize)?))) else {
            return Ok(Vec::new());
        };
        let entries = self.read(u64_at(dynamic, 24), u64_at(dynamic, 32))?;
        let texts = self.read(u64_at(texts, 24), u64_at(texts, 32))?;
        let name = |entry: &[u8]| {
            let text = texts.get(usize::try_from(u64_at(entry, 8)).ok()?..)?;
            let end = text.iter().position(|byte| *byte == 0)?;
            Some(String::from_utf8_lossy(&text[..end]).into_owned())
        };
        let needed = entries.chunks_exact(16).filter(|entry| u64_at(entry, 0) == NEEDED);
        Ok(needed.filter_map(name).collect())
    }

    fn read(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>, String> {
        if at.checked_add(bytes).is_none_or(|end| end > self.bytes) {
            return Err(self.cut_short(at, bytes));
        }
        if bytes > MAX_TABLE_BYTES {
            return Err(format!("claims a table of {bytes} bytes"));
        }
        let mut buffer = vec![0; bytes as usize];
        let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut buffer));
        read.map_err(|error| format!("cannot be read: {error}"))?;
        Ok(buffer)
    }

    fn cut_short(&self, at: u64, bytes: u64) -> String {
        format!("is cut short: its header names {bytes} bytes at {at}, the file has {}", self.bytes)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_ne_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "OrtGetApiBase";

    fn refusal(name: &str, bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        check_library(&path, NAME).expect_err("refused")
    }

    /// This program, which is an ELF file of this machine.
    fn own_bytes() -> Vec<u8> {
        std::fs::read(std::env::current_exe().expect("a path")).expect("this test")
    }

    #[test]
    fn a_missing_file_a_folder_and_a_text_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(check_library(&folder.path().join("no"), NAME), Err("is not there".into()));
        assert_eq!(check_library(folder.path(), NAME), Err("is a folder, expected a shared library".into()));
        assert!(refusal("text.so", b"INPUT(libonnxruntime.so.1)\n").contains("no ELF header"));
        assert!(refusal("empty.so", b"").contains("no ELF header"));
        assert!(refusal("stub.so", b"\x7fELF").contains("cut short"));
    }

    #[test]
    fn a_pipe_is_refused_without_waiting_for_a_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe.so");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            println!("not run: no mkfifo");
            return;
        }
        assert_eq!(check_library(&path, NAME), Err("is not a file".into()));
    }

    #[test]
    fn the_header_of_another_machine_is_named() {
        let mut bytes = own_bytes();
        let other: (u16, &str) = if cfg!(target_arch = "aarch64") { (0x3e, "x86_64") } else { (0xb7, "aarch64") };
        bytes[18..20].copy_from_slice(&other.0.to_ne_bytes());
        assert!(refusal("other.so", &bytes).starts_with(&format!("is built for {}, this", other.1)));
    }

    #[test]
    fn a_library_cut_anywhere_is_refused_before_the_loader_sees_it() {
        let bytes = own_bytes();
        for share in [0.001, 0.1, 0.5, 0.9, 0.999_999] {
            let cut = &bytes[..(bytes.len() as f64 * share) as usize];
            assert!(refusal("cut.so", cut).contains("cut short"), "{share}");
        }
    }

    #[test]
    fn the_libraries_that_a_library_needs_are_listed() {
        let needed = needed(&std::env::current_exe().expect("a path"));
        assert!(needed.iter().any(|name| name.starts_with("libc.so")), "{needed:?}");
        assert!(super::needed(Path::new("/no/such/file")).is_empty());
    }

    #[test]
    fn a_library_that_exports_another_name_is_not_onnx_runtime() {
        let why = refusal("whole.so", &own_bytes());
        assert!(why.contains("does not export OrtGetApiBase"), "{why}");
    }
}
