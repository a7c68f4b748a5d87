//! Where ONNX Runtime lies on this machine, and the one environment that a process has of it.
//!
//! A place that was named must do: the path in [`FindOptions`], else the environment variable `GNOMON_ORT_PATH`.
//! Otherwise the places are tried in order: beside the file that holds gnomon, a Python environment (if asked for), the
//! folders that the loader looks into, the loader itself. Every place that was tried is told with what was wrong there.
//!
//! A process has one runtime, and keeps it: [`Runtime::find`] gives the same one to everyone. It is never unloaded and
//! its environment never released, so nothing of it runs at the end of the process; a host that uses ONNX Runtime by
//! itself, the same file or another, is left alone.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ort::environment::Environment;
use ort::logging::LogLevel;
use parking_lot::Mutex;

use super::{elf, journal, raw};
use crate::error::{Error, ErrorKind, Result};

/// Names the library, or the folder that it lies in.
pub const PATH_VARIABLE: &str = "GNOMON_ORT_PATH";

/// The oldest ONNX Runtime that will do is 1 point this.
pub const OLDEST_MINOR: u32 = ort::MINOR_VERSION;

/// The name of the library, as the loader knows it.
const LIBRARY: &str = if cfg!(target_os = "macos") { "libonnxruntime.dylib" } else { "libonnxruntime.so" };

/// Where the loader looks without being told.
const LOADER_FOLDERS: [&str; 8] = [
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib",
];

/// Where to look for ONNX Runtime.
#[derive(Debug, Clone, Default)]
pub struct FindOptions {
    /// The library, or the folder that it lies in. If given, it must do: nothing else is tried.
    pub path: Option<PathBuf>,
    /// Whether to look into the Python environment that `VIRTUAL_ENV` or `CONDA_PREFIX` names, and into the user's own
    /// site-packages. A command line may; a library inside somebody's program better not.
    pub python: bool,
}

/// A place that was tried, and why what lies there does not do.
struct Refusal {
    /// A file, or a name that the loader was asked for.
    path: PathBuf,
    /// "is not there", "is built for aarch64, this process is x86_64".
    reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// The ONNX Runtime of this process.
pub struct Runtime {
    path: PathBuf,
    version: String,
    providers: Vec<String>,
    pub(super) base: raw::Base,
    pub(super) environment: Environment,
}

/// What this process has, once it was found.
static RUNTIME: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);

impl Runtime {
    /// The runtime of this process; the first call looks for it. Fails with [`ErrorKind::Runtime`] and the places that
    /// were tried. A failure is not remembered: who installs the library may call again.
    ///
    /// Once there is one, another path in `options` is refused: a process has one runtime.
    pub fn find(options: &FindOptions) -> Result<Arc<Self>> {
        let mut slot = RUNTIME.lock();
        let named = options
            .path
            .clone()
            .or_else(|| std::env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from));
        if let Some(runtime) = slot.as_ref().filter(|_| options.path.is_none()) {
            return Ok(runtime.clone());
        }
        let candidates = match &named {
            Some(path) => candidates_at(path),
            None => candidates(options.python),
        };
        let mut refusals = Vec::new();
        // /lib may be a link to /usr/lib, and a library has links to itself.
        let mut tried = BTreeSet::new();
        for candidate in candidates {
            if std::fs::canonicalize(&candidate).is_ok_and(|real| !tried.insert(real)) {
                continue;
            }
            match probe(&candidate) {
                Ok(found) => return Self::take(&mut slot, found),
                Err(reason) => refusals.push(Refusal { path: candidate, reason }),
            }
        }
        Err(not_found(&refusals, options, named.is_some()))
    }

    /// Makes what was found the runtime of this process.
    fn take(slot: &mut Option<Arc<Self>>, found: Found) -> Result<Arc<Self>> {
        if let Some(runtime) = slot {
            if runtime.path == found.path {
                return Ok(runtime.clone());
            }
            return Err(Error::new(
                ErrorKind::Runtime,
                format!(
                    "this process already uses ONNX Runtime {} of {}, and can use no second one: {} was asked for",
                    runtime.version,
                    runtime.path.display(),
                    found.path.display()
                ),
            ));
        }
        let failed = |error: String| {
            Error::new(ErrorKind::Runtime, format!("ONNX Runtime of {} does not start: {error}", found.path.display()))
        };
        let environment = ort::init_from(&found.path).map_err(|error| failed(error.to_string()))?;
        let environment = environment.with_name("gnomon").with_telemetry(false).with_logger(Arc::new(log_line)).build();
        let environment = environment.map_err(|error| failed(error.to_string()))?;
        set_talk(&environment);
        let Found { path, version, base } = found;
        let runtime = Arc::new(Self { path, version, providers: raw::providers(), base, environment });
        *slot = Some(runtime.clone());
        Ok(runtime)
    }

    /// The library.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// "1.31.1".
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn minor(&self) -> u32 {
        minor_of(&self.version).unwrap_or(OLDEST_MINOR)
    }

    /// Whether a session that is being loaded can be stopped inside ONNX Runtime's part of it: from 1.22 on. An older one
    /// ends its part first.
    pub fn can_stop_loading(&self) -> bool {
        self.minor() >= raw::STOP_LOADING_API
    }

    /// The execution providers that the library was built with, as it names them: `CUDAExecutionProvider`. That one is
    /// listed does not say that this machine can run it: its own libraries may be missing.
    pub fn providers(&self) -> &[String] {
        &self.providers
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("path", &self.path).field("version", &self.version).finish_non_exhaustive()
    }
}

/// A library that will do.
struct Found {
    path: PathBuf,
    version: String,
    base: raw::Base,
}

/// Looks at the file, then lets the loader take it, then asks its version.
fn probe(candidate: &Path) -> std::result::Result<Found, String> {
    let is_file_name = candidate.parent() == Some(Path::new(""));
    if !is_file_name {
        elf::check_library(candidate, "OrtGetApiBase")?;
    }
    let loaded = raw::load(candidate)?;
    let minor = minor_of(&loaded.version);
    if minor.is_none_or(|minor| minor < OLDEST_MINOR) {
        return Err(format!("is ONNX Runtime {}, 1.{OLDEST_MINOR} or later is needed", loaded.version));
    }
    if !loaded.base.has_api(OLDEST_MINOR) {
        return Err(format!(
            "is ONNX Runtime {}, but does not offer the interface of 1.{OLDEST_MINOR}",
            loaded.version
        ));
    }
    let named = if is_file_name { mapped_file(loaded.address) } else { std::fs::canonicalize(candidate).ok() };
    let path = named.unwrap_or_else(|| candidate.to_path_buf());
    Ok(Found { path, version: loaded.version, base: loaded.base })
}

/// 31 of "1.31.1"; none of anything that is not 1.
fn minor_of(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The libraries that a named place may mean. A path of one word is a file of the working folder.
fn candidates_at(path: &Path) -> Vec<PathBuf> {
    let path = if path.parent() == Some(Path::new("")) { Path::new(".").join(path) } else { path.to_path_buf() };
    if !path.is_dir() {
        return vec![path];
    }
    let mut found = libraries_in(&path);
    if found.is_empty() {
        found = libraries_in(&path.join("lib"));
    }
    if found.is_empty() { vec![path.join(LIBRARY)] } else { found }
}

fn candidates(python: bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let own = mapped_file(mapped_file as *const () as usize).or_else(|| std::env::current_exe().ok());
    if let Some(folder) = own.as_deref().and_then(Path::parent) {
        // What is not there beside gnomon is told too: it is where people put it.
        let here = libraries_in(folder);
        found.extend(if here.is_empty() { vec![folder.join(LIBRARY)] } else { here });
    }
    if python {
        found.extend(python_folders().iter().flat_map(|folder| libraries_in(folder)));
    }
    let told = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let told: Vec<PathBuf> = std::env::split_paths(&told).filter(|folder| !folder.as_os_str().is_empty()).collect();
    let known = LOADER_FOLDERS.iter().map(PathBuf::from);
    found.extend(told.into_iter().chain(known).flat_map(|folder| libraries_in(&folder)));
    found.push(PathBuf::from(LIBRARY));
    found.push(PathBuf::from(format!("{LIBRARY}.1")));
    found
}

/// `libonnxruntime.so` and those with a version behind it, newest first: 1.31.1 before 1.9.0.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_one =
        |name: &OsStr| name.to_str().is_some_and(|name| name == LIBRARY || name.starts_with(&format!("{LIBRARY}.")));
    let mut found: Vec<PathBuf> =
        entries.flatten().filter(|entry| is_one(&entry.file_name())).map(|entry| entry.path()).collect();
    let version_of = |path: &PathBuf| -> Vec<u32> {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.split('.').filter_map(|part| part.parse().ok()).collect()
    };
    found.sort_by_key(|path| std::cmp::Reverse((version_of(path), path.clone())));
    found
}

/// `onnxruntime/capi` of the Python environment and of the user's own packages. No Python is run.
fn python_folders() -> Vec<PathBuf> {
    let environment = ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(std::env::var_os).map(PathBuf::from);
    let user = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local"));
    let mut folders = Vec::new();
    for root in environment.chain(user) {
        let Ok(entries) = std::fs::read_dir(root.join("lib")) else { continue };
        let is_python = |name: &OsStr| name.to_string_lossy().starts_with("python3");
        let mut pythons: Vec<PathBuf> =
            entries.flatten().filter(|entry| is_python(&entry.file_name())).map(|entry| entry.path()).collect();
        pythons.sort();
        folders.extend(pythons.iter().map(|python| python.join("site-packages/onnxruntime/capi")));
    }
    folders
}

/// The file whose code or data lies at `address` of this process.
fn mapped_file(address: usize) -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (begin, end) = range.split_once('-')?;
        let (begin, end) = (usize::from_str_radix(begin, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        let path = &rest[rest.find('/')?..];
        (begin..end).contains(&address).then(|| PathBuf::from(path))
    })
}

fn not_found(refusals: &[Refusal], options: &FindOptions, is_named: bool) -> Error {
    let tried: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let hint = match (is_named, &options.path) {
        (false, _) => format!("; {PATH_VARIABLE} may name the library or its folder"),
        (true, None) => format!(" (named by {PATH_VARIABLE})"),
        (true, Some(_)) => String::new(),
    };
    Error::new(ErrorKind::Runtime, format!("no ONNX Runtime: {}{hint}", tried.join("; ")))
}

thread_local! {
    /// What the runtime said on this thread while somebody listens.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Runs `call` and returns what the runtime said of errors meanwhile, on this thread, besides: some causes it tells to
/// its log alone.
pub(super) fn listening<T>(call: impl FnOnce() -> T) -> (T, Vec<String>) {
    // A thread that ends has no ear any more; then what the error itself says must do.
    let _ = HEARD.try_with(|heard| heard.replace(Some(Vec::new())));
    let result = call();
    (result, HEARD.try_with(RefCell::take).ok().flatten().unwrap_or_default())
}

/// A line of the runtime's own log. What it calls an error comes back from the call that failed as well, so it does not
/// cry here.
fn log_line(level: LogLevel, category: &str, _id: &str, _location: &str, message: &str) {
    if matches!(level, LogLevel::Error | LogLevel::Fatal) {
        // The thread may be ending: then nobody listens.
        let _ = HEARD.try_with(|heard| {
            if let Ok(mut heard) = heard.try_borrow_mut()
                && let Some(lines) = heard.as_mut()
            {
                lines.push(message.to_string());
            }
        });
    }
    let level = match level {
        LogLevel::Fatal => log::Level::Error,
        LogLevel::Error | LogLevel::Warning => log::Level::Info,
        LogLevel::Info | LogLevel::Verbose => log::Level::Debug,
    };
    journal::note(level, "onnxruntime", &format!("{category}: {message}"));
}

/// Has the runtime say as much as anybody of this process wants to hear: it makes lines that nobody reads otherwise.
pub(super) fn set_talk(environment: &Environment) {
    environment.set_log_level(match log::max_level() {
        log::LevelFilter::Trace => LogLevel::Verbose,
        log::LevelFilter::Debug => LogLevel::Info,
        _ => LogLevel::Warning,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_number_is_read_from_any_version_of_one() {
        assert_eq!(minor_of("1.31.1"), Some(31));
        assert_eq!(minor_of("1.17.0-rc1"), Some(17));
        assert_eq!((minor_of("2.0.0"), minor_of("x")), (None, None));
    }

    #[test]
    fn the_newest_library_of_a_folder_comes_first() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in
            ["libonnxruntime.so.1.9.0", "libonnxruntime.so", "libonnxruntime.so.1.31.1", "libonnxruntime_providers.so"]
        {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        let names: Vec<_> =
            libraries_in(folder.path()).iter().map(|path| path.file_name().expect("a name").to_owned()).collect();
        assert_eq!(names, ["libonnxruntime.so.1.31.1", "libonnxruntime.so.1.9.0", "libonnxruntime.so"]);
    }

    #[test]
    fn the_file_that_holds_this_code_is_known() {
        let own = mapped_file(mapped_file as *const () as usize).expect("a file");
        assert_eq!(own, std::env::current_exe().expect("a path"));
    }
}
