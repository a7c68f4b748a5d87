//! Pictures made ready for networks: resized as Pillow, OpenCV or torch would, laid into the network's input, normalised.
//!
//! A network expects the pixels that the program which trained it fed to it, and the libraries disagree: of one picture
//! resized to one size by "bicubic", Pillow, OpenCV and torch make three. So a [`Filter`] names the library with the
//! rule, and on 8 bits the bytes that come out are that library's bytes (`taps.rs`, `fixed.rs`, `area.rs`); on floats they
//! agree to rounding.
//!
//! Where the picture lies in the network's input is a [`Fit`]: stretched, letterboxed or cropped. It takes pixels, boxes,
//! cameras and maps from the picture to the input and back. A [`Rule`] does the whole of it for one family of networks:
//! resize, place, fill, scale, subtract the mean, divide by the deviation, one plane a channel.
//!
//! Pixel centres are at integer (u, v): a picture of width w covers u from -0.5 to w - 0.5. Boxes are given by their
//! edges, which count from the picture's own edge: 0 to w.
//!
//! Not here: which rule a network wants (`models`, `detect`, `depth`), and reading picture files.

mod across;
mod bytes;
mod down;
mod filter;
mod fit;
mod isa;
mod plan;
mod resize;
mod rgb;
mod rule;
mod taps;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "AVX2 is called where it was found at run time")]
mod x86;

pub use filter::{Corners, Filter, OpenCvFilter, PillowFilter};
pub use fit::{Anchor, Fit};
pub use resize::{resize_f32, resize_rgb};
pub use rgb::Rgb;
pub use rule::{Order, Pad, Rule};
