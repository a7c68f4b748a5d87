//! How good a depth camera is.

/// Standard deviation of measured depth: `base_m + per_m2 * (z - nearest_m)²`, metres.
///
/// The default is that of structured-light cameras (Nguyen, Izadi, Lovell: "Modeling Kinect Sensor Noise", 2012).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthNoise {
    /// At the nearest distance, metres.
    pub base_m: f64,
    /// Growth, 1/m.
    pub per_m2: f64,
    /// Where growth begins, metres.
    pub nearest_m: f64,
}

impl DepthNoise {
    /// Standard deviation at depth `z_m`, metres.
    pub fn sigma_m(&self, z_m: f64) -> f64 {
        self.base_m + self.per_m2 * (z_m - self.nearest_m).powi(2)
    }
}

impl Default for DepthNoise {
    fn default() -> Self {
        Self { base_m: 0.0012, per_m2: 0.0019, nearest_m: 0.4 }
    }
}
