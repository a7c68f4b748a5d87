//! Buffers for copied frames, used again.
//!
//! A buffer goes back on whatever thread its frame ends, and is taken by the one that pushes: a bounded channel is the
//! list of the free ones, beside the pipeline's lock. There are never more than frames can be under way, for the queues
//! are bounded; so once each was made, none is made any more.

use super::frame::{Bytes, DepthPicture, Picture};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{ImageView, MetricZ};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that go back to their pool.
pub(super) struct Pooled {
    bytes: Vec<u8>,
    back: Sender<Vec<u8>>,
}

impl Pooled {
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        // A list that is full, or gone, frees it.
        let _ = self.back.try_send(std::mem::take(&mut self.bytes));
    }
}

/// The free buffers of one kind of image.
pub(super) struct Pool {
    free: Receiver<Vec<u8>>,
    back: Sender<Vec<u8>>,
    made: AtomicU64,
}

impl Pool {
    /// A pool that keeps at most `most` free buffers.
    pub fn new(most: usize) -> Self {
        let (back, free) = bounded(most);
        Self { free, back, made: AtomicU64::new(0) }
    }

    /// Buffers that were made or had to grow so far.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// A copy of `picture`, closely packed.
    pub fn copy_colour(&self, picture: &ImageView<'_>) -> Result<Picture> {
        let (width, height, format) = (picture.width(), picture.height(), picture.format());
        let bytes = self.copy(picture.rows(), format.row_bytes(width) * format.rows(height))?;
        Picture::new(bytes, width, height, 0, format)
    }

    /// A copy of `depth`, closely packed.
    pub fn copy_depth(&self, depth: &MetricZ<'_>) -> Result<DepthPicture> {
        let (width, height, format) = (depth.width(), depth.height(), depth.format());
        let bytes = self.copy(depth.rows(), format.bytes_per_pixel() * width as usize * height as usize)?;
        DepthPicture::new(bytes, width, height, 0, format)
    }

    fn copy<'a>(&self, rows: impl Iterator<Item = &'a [u8]>, len: usize) -> Result<Bytes> {
        let mut bytes = self.free.try_recv().unwrap_or_default();
        bytes.clear();
        if bytes.capacity() < len {
            self.made.fetch_add(1, Ordering::Relaxed);
            bytes
                .try_reserve_exact(len)
                .map_err(|_| Error::new(ErrorKind::NoMemory, format!("no {len} bytes for the copy of an image")))?;
        }
        rows.for_each(|row| bytes.extend_from_slice(row));
        Ok(Bytes::pooled(Pooled { bytes, back: self.back.clone() }))
    }
}
