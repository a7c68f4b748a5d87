//! The camera's intrinsics.

/// A pinhole camera, pixel centres at integer (u, v).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoomCamera {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Focal length along u, pixels.
    pub fx: f64,
    /// Focal length along v, pixels.
    pub fy: f64,
    /// Principal point, pixels.
    pub cx: f64,
    /// Principal point, pixels.
    pub cy: f64,
}

impl Default for RoomCamera {
    fn default() -> Self {
        Self { width: 640, height: 480, fx: 525.0, fy: 525.0, cx: 319.5, cy: 239.5 }
    }
}

impl RoomCamera {
    /// The same view in an image `factor` times smaller.
    pub fn reduced(&self, factor: u32) -> Self {
        let scale = f64::from(factor);
        Self {
            width: self.width / factor,
            height: self.height / factor,
            fx: self.fx / scale,
            fy: self.fy / scale,
            cx: (self.cx + 0.5) / scale - 0.5,
            cy: (self.cy + 0.5) / scale - 0.5,
        }
    }

    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.width as usize * self.height as usize
    }
}
