//! Finding up: in the first frame that shows a floor, for scenes told [`crate::frame::Up::Auto`].

use super::writer::Scene;
use crate::frame::{Frame, Pose, rotation_to_z};
use crate::perceive::find_up;
use nalgebra::Translation3;

const CAMERA_AXES: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

impl Scene {
    /// Fixes the world from the dominant plane under the camera: its normal is up, it lies at height 0. False when the
    /// frame shows none.
    pub(super) fn find_up(&mut self, frame: &Frame<'_>) -> bool {
        let super::writer::Scratch { grid, blocks, .. } = &mut self.scratch;
        blocks.fill(grid, &CAMERA_AXES, &self.options.depth_noise);
        let Some((up_in_camera, height_m)) = find_up(blocks) else { return false };
        let up_in_input = frame.world_from_camera.rotation * up_in_camera;
        let Ok(turn) = rotation_to_z(up_in_input) else { return false };
        let camera = turn * frame.world_from_camera.translation.vector;
        self.state.world_from_input = Pose::from_parts(Translation3::new(0.0, 0.0, height_m - camera.z), turn);
        self.knows_up = true;
        true
    }

    /// The rotation and shift from the input's world to the scene's, once up is known.
    pub fn world_from_input(&self) -> Option<Pose> {
        self.knows_up.then_some(self.state.world_from_input)
    }
}
