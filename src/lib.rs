#[cfg(feature = "cli")]
pub mod room;
