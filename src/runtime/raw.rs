//! The calls that the crate `ort` does not offer, and the only unsafe code of the runtime: loading the library before
//! `ort` does, five entries of ONNX Runtime's table of functions, and asking NVIDIA's libraries what they are.
//!
//! The library is loaded here first because `ort` enters the runtime even to make an error, and ends the process if
//! there is none. A library once loaded is never unloaded: it may have left handlers for the end of the process.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;

use ort::AsPointer;
use ort::session::builder::SessionBuilder;
use ort::sys;
use parking_lot::Mutex;

use super::model::Origin;

/// Has `call` called by `exit`, before what was made until now for the whole process is destroyed.
pub(super) fn at_exit(call: extern "C" fn()) {
    unsafe extern "C" {
        fn atexit(call: extern "C" fn()) -> c_int;
    }
    // SAFETY: the function is the C library's; `call` lives as long as the code that it is part of, at whose unloading the
    // C library calls it. It fails only for want of memory, and then the end comes unannounced.
    let _ = unsafe { atexit(call) };
}

/// The entry of a library of ONNX Runtime from which all others are had.
#[derive(Clone, Copy)]
pub(super) struct Base(*const sys::OrtApiBase);

// SAFETY: it points to a constant of a library that is never unloaded.
unsafe impl Send for Base {}
// SAFETY: as above; nothing is written through it.
unsafe impl Sync for Base {}

type GetApiBase = unsafe extern "C" fn() -> *const sys::OrtApiBase;

/// A library that the loader took, and what it says of itself.
pub(super) struct Loaded {
    pub base: Base,
    pub version: String,
    /// Some address inside it.
    pub address: usize,
}

/// Loads `file`, a path or a name for the loader to look up, and asks for its version. Fails with what is wrong.
pub(super) fn load(file: &Path) -> Result<Loaded, String> {
    // SAFETY: the loader runs the library's initialisers. The caller chose the file to run code from.
    let library = unsafe { libloading::Library::new(file) }.map_err(|error| why(&error))?;
    // SAFETY: ONNX Runtime declares the symbol with this type in every version.
    let symbol = unsafe { library.get::<GetApiBase>(b"OrtGetApiBase\0") };
    let get_base = match symbol {
        Ok(symbol) => *symbol,
        Err(_) => return Err("does not export OrtGetApiBase: it is not ONNX Runtime".into()),
    };
    std::mem::forget(library);
    // SAFETY: the function takes nothing and returns a constant.
    let base = unsafe { get_base() };
    if base.is_null() {
        return Err("OrtGetApiBase gives nothing".into());
    }
    // SAFETY: the two functions of the base are the first of the library and have never changed.
    let text = unsafe { ((*base).GetVersionString)() };
    if text.is_null() {
        return Err("does not say its version".into());
    }
    // SAFETY: the version is a constant that ends with a zero.
    let version = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    Ok(Loaded { base: Base(base), version, address: get_base as usize })
}

/// The loader's own words, which the crate keeps a level down: "libcudart.so.12: cannot open shared object file".
fn why(error: &libloading::Error) -> String {
    let words = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    format!("the loader refuses it: {words}")
}

impl Base {
    /// Whether the library offers version `number` of its table. One that is too old also complains on standard error,
    /// so ask its version first.
    pub fn has_api(self, number: u32) -> bool {
        !self.api(number).is_null()
    }

    fn api(self, number: u32) -> *const sys::OrtApi {
        // SAFETY: `load` checked the base; the function takes any number and returns null for what it does not have.
        unsafe { ((*self.0).GetApi)(number) }
    }
}

/// The execution providers that the library was built with, in its order of preference.
pub(super) fn providers() -> Vec<String> {
    let api = ort::api();
    let (mut names, mut count) = (std::ptr::null_mut::<*mut c_char>(), 0);
    // SAFETY: both point to variables of the types that the function fills.
    let status = unsafe { (api.GetAvailableProviders)(&mut names, &mut count) };
    if take_message(status).is_some() || names.is_null() {
        return Vec::new();
    }
    let name = |index: i32| {
        // SAFETY: `names` has `count` texts, each ending with a zero.
        unsafe { CStr::from_ptr(*names.add(index as usize)) }.to_string_lossy().into_owned()
    };
    let listed = (0..count).map(name).collect();
    // SAFETY: what `GetAvailableProviders` gave is given back once.
    let _ = take_message(unsafe { (api.ReleaseAvailableProviders)(names, count) });
    listed
}

/// Asks for a provider that `ort` has no words for. `options` hold no zero byte.
pub(super) fn append_provider(
    builder: &mut SessionBuilder,
    name: &str,
    options: &[(CString, CString)],
) -> Result<(), String> {
    let name = CString::new(name).map_err(|_| "its name holds a zero byte".to_string())?;
    let keys: Vec<*const c_char> = options.iter().map(|(key, _)| key.as_ptr()).collect();
    let values: Vec<*const c_char> = options.iter().map(|(_, value)| value.as_ptr()).collect();
    let append = ort::api().SessionOptionsAppendExecutionProvider;
    // SAFETY: the options of the session are the builder's own; the texts live until the call has returned.
    let status = unsafe { append(builder.ptr_mut(), name.as_ptr(), keys.as_ptr(), values.as_ptr(), keys.len()) };
    take_message(status).map_or(Ok(()), Err)
}

/// The session option that makes [`assignment`] answer. Older libraries pass it over.
pub(super) const RECORD_ASSIGNMENT: &str = "session.record_ep_graph_assignment_info";

/// The version of the table that has the three functions of [`assignment`], and where in the table they are. The table
/// only ever grows at its end, so a place once given stays.
pub(super) const ASSIGNMENT_API: u32 = 24;
const ASSIGNMENT_AT: usize = 407;
const PROVIDER_NAME_AT: usize = 408;
const NODES_AT: usize = 409;

type Subgraphs =
    unsafe extern "system" fn(*const sys::OrtSession, *mut *const *const c_void, *mut usize) -> sys::OrtStatusPtr;
type SubgraphName = unsafe extern "system" fn(*const c_void, *mut *const c_char) -> sys::OrtStatusPtr;
type SubgraphNodes =
    unsafe extern "system" fn(*const c_void, *mut *const *const c_void, *mut usize) -> sys::OrtStatusPtr;

/// For each part of the graph that was given to one provider, its name and how many nodes. `None` if the library does not
/// tell. One before [`ASSIGNMENT_API`] complains on standard error when asked, so do not ask it.
pub(super) fn assignment(base: Base, session: &ort::session::Session) -> Option<Vec<(String, usize)>> {
    let table = base.api(ASSIGNMENT_API).cast::<*const c_void>();
    if table.is_null() {
        return None;
    }
    // SAFETY: version 24 of the table has these entries at these places, with these types; none is null.
    let (subgraphs_of, name_of, nodes_of) = unsafe {
        (
            std::mem::transmute::<*const c_void, Subgraphs>(*table.add(ASSIGNMENT_AT)),
            std::mem::transmute::<*const c_void, SubgraphName>(*table.add(PROVIDER_NAME_AT)),
            std::mem::transmute::<*const c_void, SubgraphNodes>(*table.add(NODES_AT)),
        )
    };
    let (mut parts, mut count) = (std::ptr::null::<*const c_void>(), 0);
    // SAFETY: the session lives; both point to variables of the types that the function fills.
    if take_message(unsafe { subgraphs_of(session.ptr(), &mut parts, &mut count) }).is_some() || parts.is_null() {
        return None;
    }
    let mut assigned = Vec::new();
    for index in 0..count {
        // SAFETY: `parts` has `count` entries, which the session owns.
        let part = unsafe { *parts.add(index) };
        let (mut name, mut nodes, mut node_count) = (std::ptr::null(), std::ptr::null(), 0);
        // SAFETY: `part` is one of the session's; the text and the list stay the session's.
        let told = unsafe { [name_of(part, &mut name), nodes_of(part, &mut nodes, &mut node_count)] };
        if told.into_iter().filter_map(take_message).count() > 0 || name.is_null() {
            return None;
        }
        // SAFETY: the name ends with a zero and lives as long as the session.
        assigned.push((unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned(), node_count));
    }
    Some(assigned)
}

/// The version of the table that can be told to stop loading, and where in the table.
pub(super) const STOP_LOADING_API: u32 = 22;
const STOP_LOADING_AT: usize = 293;

type StopLoading = unsafe extern "C" fn(*mut sys::OrtSessionOptions, bool) -> sys::OrtStatusPtr;

/// Stops a load from another thread, where ONNX Runtime can be told to.
#[derive(Default)]
pub(super) struct LoadFlag {
    /// There while something loads.
    loading: Mutex<Option<Loading>>,
}

struct Loading {
    stop: StopLoading,
    options: *mut sys::OrtSessionOptions,
}

// SAFETY: the flag behind the options is an atomic of ONNX Runtime's, made to be set from other threads.
unsafe impl Send for Loading {}

impl LoadFlag {
    /// Loads what is there; meanwhile [`stop`](Self::stop) reaches it. A library before [`STOP_LOADING_API`] complains on standard
    /// error when asked for its table, so `can_stop` must be false for one.
    pub fn load(
        &self,
        base: Base,
        can_stop: bool,
        builder: &mut SessionBuilder,
        origin: Origin<'_>,
    ) -> ort::Result<ort::session::Session> {
        let table = if can_stop { base.api(STOP_LOADING_API).cast::<*const c_void>() } else { std::ptr::null() };
        if !table.is_null() {
            // SAFETY: version 22 of the table has this entry at this place, with this type.
            let stop = unsafe { std::mem::transmute::<*const c_void, StopLoading>(*table.add(STOP_LOADING_AT)) };
            *self.loading.lock() = Some(Loading { stop, options: builder.ptr_mut() });
        }
        let _closed = Closed(self);
        match origin {
            Origin::File(path) => builder.commit_from_file(path),
            Origin::Held { bytes, .. } => builder.commit_from_memory(bytes),
        }
    }

    /// Tells what loads now to stop; nothing if nothing does.
    pub fn stop(&self) {
        if let Some(Loading { stop, options }) = &*self.loading.lock() {
            // SAFETY: the options live until `load` returns, and it takes them out under this lock before.
            let _ = take_message(unsafe { stop(*options, true) });
        }
    }
}

struct Closed<'a>(&'a LoadFlag);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        *self.0.loading.lock() = None;
    }
}

const COMPUTE_MAJOR: i32 = 75;
const COMPUTE_MINOR: i32 = 76;

/// What the driver's library calls GPU `device`, with its compute capability: "NVIDIA Orin sm_87". `None` without driver
/// or GPU.
pub(super) fn gpu(driver: &Path, device: i32) -> Option<String> {
    // SAFETY: the loader runs the initialisers of the driver's library. It is kept: it does not like to be unloaded.
    let library = std::mem::ManuallyDrop::new(unsafe { libloading::Library::new(driver) }.ok()?);
    let (mut handle, mut major, mut minor, mut name) = (0i32, 0i32, 0i32, [0u8; 256]);
    // SAFETY: CUDA declares these with these types since its first versions; all pointers are to variables that live.
    unsafe {
        let init = library.get::<unsafe extern "C" fn(u32) -> i32>(b"cuInit\0").ok()?;
        let get = library.get::<unsafe extern "C" fn(*mut i32, i32) -> i32>(b"cuDeviceGet\0").ok()?;
        let name_of = library.get::<unsafe extern "C" fn(*mut u8, i32, i32) -> i32>(b"cuDeviceGetName\0").ok()?;
        let attribute =
            library.get::<unsafe extern "C" fn(*mut i32, i32, i32) -> i32>(b"cuDeviceGetAttribute\0").ok()?;
        let outcomes = [
            init(0),
            get(&mut handle, device),
            name_of(name.as_mut_ptr(), name.len() as i32 - 1, handle),
            attribute(&mut major, COMPUTE_MAJOR, handle),
            attribute(&mut minor, COMPUTE_MINOR, handle),
        ];
        if outcomes != [0; 5] {
            return None;
        }
    }
    let name = CStr::from_bytes_until_nul(&name).ok()?.to_string_lossy();
    Some(format!("{} sm_{major}{minor}", name.trim()))
}

/// The version that TensorRT's library gives of itself, as the number that it is: "100300" for 10.3.0.
pub(super) fn tensorrt(library: &Path) -> Option<String> {
    // SAFETY: the loader runs the initialisers of TensorRT's library, which ONNX Runtime's provider loads as well.
    let library = std::mem::ManuallyDrop::new(unsafe { libloading::Library::new(library) }.ok()?);
    // SAFETY: TensorRT declares the function with this type in every version.
    let version = unsafe { library.get::<unsafe extern "C" fn() -> i32>(b"getInferLibVersion\0") }.ok()?;
    // SAFETY: it takes nothing and returns a constant.
    Some(unsafe { version() }.to_string())
}

/// What a status says, if it is one of failure; gives it back.
fn take_message(status: sys::OrtStatusPtr) -> Option<String> {
    // SAFETY: a status is owned by who gets it, and given back by the error that is made of it.
    unsafe { ort::Error::<()>::result_from_status(status) }.err().map(|error| error.message().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a shared library with the C compiler.
    fn compiled(folder: &Path, name: &str, source: &str) -> Option<std::path::PathBuf> {
        let (text, library) = (folder.join("source.c"), folder.join(name));
        std::fs::write(&text, source).expect("a file");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
        let made =
            std::process::Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&text).status();
        if !made.is_ok_and(|status| status.success()) {
            println!("not run: no C compiler");
            return None;
        }
        Some(library)
    }

    #[test]
    fn a_gpu_is_named_by_the_drivers_library_with_its_compute_capability() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = r#"
            int cuInit(unsigned flags) { return (int)flags; }
            int cuDeviceGet(int *device, int number) { *device = 40 + number; return number > 1 ? 101 : 0; }
            int cuDeviceGetName(char *name, int room, int device) {
                const char text[] = "Made Up ";
                for (int i = 0; i < 9 && i < room; i++) name[i] = text[i];
                name[7] = (char)('0' + device - 40);
                return 0;
            }
            int cuDeviceGetAttribute(int *value, int which, int device) {
                *value = which == 75 ? 8 : which == 76 ? 7 : -1;
                return device < 40;
            }"#;
        let Some(driver) = compiled(folder.path(), "libcuda.so", source) else { return };
        assert_eq!(gpu(&driver, 0).as_deref(), Some("Made Up0 sm_87"));
        assert_eq!(gpu(&driver, 1).as_deref(), Some("Made Up1 sm_87"));
        assert_eq!(gpu(&driver, 2), None, "the driver knows two");
        assert_eq!(gpu(&folder.path().join("no.so"), 0), None);
    }

    #[test]
    fn tensorrt_says_its_version_where_it_is_tensorrt() {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(library) = compiled(folder.path(), "a.so", "int getInferLibVersion(void) { return 101400; }") else {
            return;
        };
        assert_eq!(tensorrt(&library).as_deref(), Some("101400"));
        let other = compiled(folder.path(), "b.so", "int other(void) { return 1; }").expect("as before");
        assert_eq!(tensorrt(&other), None);
    }
}
