//! What a camera saw and what a detector says of it, as it goes in.

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    /// How pixels are stored. `None`: there is no image.
    #[derive(Debug)]
    enum PixelFormat {
        None,
        Rgb8,
        Bgr8,
        Mono8,
        /// As Rgb8, with a fourth byte that is not looked at.
        Rgba8,
        /// As Bgr8, with a fourth byte that is not looked at.
        Bgra8,
        /// YUV 4:2:2, Y U Y V for two pixels. Width even.
        Yuyv,
        /// YUV 4:2:2, U Y V Y for two pixels. Width even.
        Uyvy,
        /// YUV 4:2:0: rows of luma, then half as many of U V at the same stride. Width and height even.
        Nv12,
        /// Two bytes of this machine's order, the high one of which is the grey.
        Mono16,
        /// Two bytes of this machine's order, counts of Frame::depth_unit_m; 0 and 65535: none.
        DepthU16,
        /// Four bytes, metres; NaN, infinite, 0 and below: none.
        DepthF32M,
    }

    /// What a lens's coefficients mean, by ROS's names: plumb_bob, rational_polynomial, equidistant (fisheye).
    #[derive(Debug)]
    enum Lens {
        /// k1 k2 p1 p2 k3. All 0: a pinhole.
        PlumbBob,
        /// k1 k2 p1 p2 k3 k4 k5 k6.
        RationalPolynomial,
        /// k1 k2 k3 k4. All 0 is a fisheye too.
        Equidistant,
    }

    /// Rows of stride bytes, the last of which may end with its pixels. Borrowed for the call, never copied.
    #[derive(Debug, Clone, Copy)]
    struct Image<'a> {
        /// The first pixel is the first byte; need not be aligned. Nv12: chroma follows at the same stride. Empty: no image.
        bytes: &'a [u8],
        /// Bytes from row to row; 0: rows follow each other closely.
        stride: usize,
        /// Pixels, 1 to 16384.
        width: u32,
        /// Pixels, 1 to 16384.
        height: u32,
        format: PixelFormat,
    }

    /// What a lens does to directions. `{}` is a pinhole.
    #[derive(Debug, Clone, Copy)]
    struct Distortion {
        lens: Lens,
        /// As many as the lens has, in the order of ROS and OpenCV; 0 after them.
        coefficients: [f64; 8],
    }

    /// A camera; pixel centres are at integer (u, v).
    #[derive(Debug, Clone, Copy)]
    struct Intrinsics {
        /// Size of its images, pixels.
        width: u32,
        /// Size of its images, pixels.
        height: u32,
        fx: f64,
        fy: f64,
        cx: f64,
        cy: f64,
        distortion: Distortion,
    }

    /// What one camera saw at one moment. `Frame frame{};` is one without anything: what is zero takes its default.
    #[derive(Debug, Clone, Copy)]
    struct Frame<'a> {
        /// When the picture was taken, nanoseconds on the caller's clock; rises per camera.
        stamp_ns: i64,
        /// Which camera took it.
        camera_id: u32,
        /// Metres per count of PixelFormat::DepthU16, at most 1. 0: 0.001, millimetres.
        depth_unit_m: f32,
        /// The colour camera: detections are given in its pixels.
        intrinsics: Intrinsics,
        /// Camera (x right, y down, z forward) to the input's world; last row 0 0 0 1.
        world_from_camera: [f64; 16],
        /// Depth along the optical axis.
        depth: Image<'a>,
        /// The picture; without bytes: none.
        colour: Image<'a>,
        /// The depth camera where it is not the colour camera. Width 0: depth is registered to colour.
        depth_intrinsics: Intrinsics,
        /// Depth camera to colour camera; looked at only with depth_intrinsics.
        colour_from_depth: [f64; 16],
    }

    /// Which pixels are the thing: one byte a pixel, not 0 inside. Without bytes: depth tells it from its background.
    #[derive(Debug, Clone, Copy)]
    struct Mask<'a> {
        bytes: &'a [u8],
        /// Bytes from row to row; 0: rows follow each other closely.
        stride: usize,
        /// Column of its first byte in the colour image.
        x: u32,
        /// Row of its first byte in the colour image.
        y: u32,
        width: u32,
        height: u32,
    }

    /// What a detector says of one thing in a frame.
    #[derive(Debug, Clone, Copy)]
    struct Detection<'a> {
        /// What the detector calls it.
        label: &'a str,
        /// How sure the detector is, 0 to 1.
        score: f32,
        /// x0, y0, x1, y1 in pixels of the colour image, x1 and y1 exclusive. May reach over the border.
        bbox: [f32; 4],
        mask: Mask<'a>,
        /// The detector's feature of the thing, or nothing.
        feature: &'a [f32],
    }
}
