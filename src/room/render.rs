//! From a room and a pose to colour, depth and instance ids.
//!
//! A pixel's ray is `((u - cx) / fx, (v - cy) / fy, 1)` in the camera frame, so the parameter of a hit is its depth.
//! Each solid is tested only on the pixels its projected box covers, nearest hit wins; pixels left over see the
//! walls. Colours come last, once per pixel: one lamp under the ceiling, ambient light, procedural patterns, and no
//! shadows. The caller holds the buffers ([`Rendered`]): a second frame of a size allocates nothing.

use nalgebra::{Isometry3, Matrix3, Rotation3, Vector3};

use super::camera::RoomCamera;
use super::layout::Room;
use super::shape::{Paint, Shape};
use super::texture::{pattern, shell_colour};

/// Nothing nearer than this is drawn, metres.
const NEAR_M: f64 = 0.02;
/// Marks a pixel whose ray met no object.
const SHELL: u32 = u32::MAX;
const AMBIENT: f32 = 0.42;

/// A rendered frame, row-major, and the scratch to render the next.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// Colour, three bytes a pixel.
    pub rgb: Vec<u8>,
    /// Depth along the camera's z, metres, exact to rounding.
    pub depth_m: Vec<f32>,
    /// 0 for floor, walls and ceiling; else the object's index + 1.
    pub ids: Vec<u16>,
    /// Cosine between the ray back to the camera and the surface's normal.
    pub incidence_cos: Vec<f32>,
    /// Pixels of each object.
    pub visible_px: Vec<u32>,
    nearest: Vec<u32>,
    solids: Vec<Solid>,
}

/// A part with the camera in its own frame.
#[derive(Clone, Debug)]
struct Solid {
    shape: Shape,
    paint: Paint,
    id: u16,
    origin: Vector3<f64>,
    /// Columns take a camera ray's x, y, z into the solid's frame.
    local_from_camera: Matrix3<f64>,
    lamp: Vector3<f32>,
}

impl Rendered {
    /// Renders the room as seen from `world_from_camera` into these buffers.
    pub fn render(&mut self, room: &Room, camera: &RoomCamera, world_from_camera: &Isometry3<f64>) {
        self.clear(camera.pixels(), room.objects().len());
        self.collect_solids(room, world_from_camera);
        for index in 0..self.solids.len() {
            self.draw(index as u32, camera);
        }
        let shell = Shell::of(room, world_from_camera);
        for v in 0..camera.height {
            self.shade_row(v, camera, &shell);
        }
    }

    fn clear(&mut self, pixels: usize, objects: usize) {
        fill(&mut self.rgb, pixels * 3, 0);
        fill(&mut self.depth_m, pixels, f32::INFINITY);
        fill(&mut self.ids, pixels, 0);
        fill(&mut self.incidence_cos, pixels, 0.0);
        fill(&mut self.visible_px, objects, 0);
        fill(&mut self.nearest, pixels, SHELL);
        self.solids.clear();
    }

    fn collect_solids(&mut self, room: &Room, world_from_camera: &Isometry3<f64>) {
        let world_from_camera_rotation = world_from_camera.rotation.to_rotation_matrix();
        let camera_in_world = world_from_camera.translation.vector;
        let lamp = lamp_in(room);
        for (index, object) in room.objects().iter().enumerate() {
            if !object.present {
                continue;
            }
            let object_from_world = Rotation3::from_axis_angle(&Vector3::z_axis(), -object.place.yaw);
            let base = Vector3::new(object.place.centre.x, object.place.centre.y, object.place.base_z);
            let origin = object_from_world * (camera_in_world - base);
            let lamp = object_from_world * (lamp - base);
            let local_from_camera = (object_from_world * world_from_camera_rotation).into_inner();
            self.solids.extend(object.model.parts.iter().map(|part| Solid {
                shape: part.shape,
                paint: part.paint,
                id: index as u16 + 1,
                origin: origin - part.centre,
                local_from_camera,
                lamp: (lamp - part.centre).cast(),
            }));
        }
    }

    fn draw(&mut self, index: u32, camera: &RoomCamera) {
        let solid = &self.solids[index as usize];
        let Some([u_range, v_range]) = solid.screen_rectangle(camera) else {
            return;
        };
        let shape = solid.shape;
        let depth = &mut self.depth_m;
        let nearest = &mut self.nearest;
        let columns = solid.local_from_camera;
        let origin = solid.origin;
        for v in v_range[0]..v_range[1] {
            let y = (f64::from(v) - camera.cy) / camera.fy;
            let row = columns.column(1) * y + columns.column(2);
            for u in u_range[0]..u_range[1] {
                let x = (f64::from(u) - camera.cx) / camera.fx;
                let direction = row + columns.column(0) * x;
                let Some(z) = shape.hit(&origin, &direction) else {
                    continue;
                };
                let pixel = (v * camera.width + u) as usize;
                if z >= NEAR_M && (z as f32) < depth[pixel] {
                    depth[pixel] = z as f32;
                    nearest[pixel] = index;
                }
            }
        }
    }

    fn shade_row(&mut self, v: u32, camera: &RoomCamera, shell: &Shell<'_>) {
        let y = (f64::from(v) - camera.cy) / camera.fy;
        for u in 0..camera.width {
            let pixel = (v * camera.width + u) as usize;
            let ray = Vector3::new((f64::from(u) - camera.cx) / camera.fx, y, 1.0);
            let (colour, cos) = match self.nearest[pixel] {
                SHELL => {
                    let (z, colour, cos) = shell.look(&ray);
                    self.depth_m[pixel] = z as f32;
                    (colour, cos)
                }
                index => {
                    let solid = &self.solids[index as usize];
                    self.ids[pixel] = solid.id;
                    self.visible_px[usize::from(solid.id) - 1] += 1;
                    solid.look(&ray, self.depth_m[pixel])
                }
            };
            self.incidence_cos[pixel] = cos;
            let bytes = colour.map(|c| (c * 255.0).clamp(0.0, 255.0) as u8);
            self.rgb[pixel * 3..pixel * 3 + 3].copy_from_slice(&bytes);
        }
    }
}

fn fill<T: Clone>(buffer: &mut Vec<T>, length: usize, value: T) {
    buffer.clear();
    buffer.resize(length, value);
}

/// Where the lamp hangs, in the world.
fn lamp_in(room: &Room) -> Vector3<f64> {
    Vector3::new(0.0, 0.0, room.size()[2] - 0.15)
}

/// Light on a surface: its share of the lamp and of the room.
fn light(normal: &Vector3<f32>, to_lamp: &Vector3<f32>) -> f32 {
    let lamp = (normal.dot(to_lamp) / to_lamp.norm()).max(0.0);
    AMBIENT + 0.06 * normal.z + 0.04 * normal.x + 0.56 * lamp
}

impl Solid {
    /// Half-open ranges of u and v that can show the solid; none where it is behind the camera or out of view.
    fn screen_rectangle(&self, camera: &RoomCamera) -> Option<[[u32; 2]; 2]> {
        let half = self.shape.half_extents();
        let corner = |index: usize| {
            let sign = |bit: usize| if index >> bit & 1 == 1 { 1.0 } else { -1.0 };
            let local = Vector3::new(sign(0) * half.x, sign(1) * half.y, sign(2) * half.z);
            self.local_from_camera.tr_mul(&(local - self.origin))
        };
        let corners: [Vector3<f64>; 8] = std::array::from_fn(corner);
        let mut bounds = Bounds::default();
        for (index, a) in corners.iter().enumerate() {
            if a.z >= NEAR_M {
                bounds.add(a, camera);
            }
            for bit in 0..3 {
                let b = &corners[index ^ (1 << bit)];
                // An edge through the near plane is seen up to there.
                if a.z < NEAR_M && b.z >= NEAR_M {
                    let part = (NEAR_M - a.z) / (b.z - a.z);
                    bounds.add(&(a + (b - a) * part), camera);
                }
            }
        }
        bounds.pixels(camera)
    }

    fn look(&self, ray: &Vector3<f64>, depth: f32) -> ([f32; 3], f32) {
        let direction: Vector3<f32> = (self.local_from_camera * ray).cast();
        let point = self.origin.cast() + direction * depth;
        let normal = self.shape.normal_at(&point);
        let cos = -normal.dot(&direction) / direction.norm();
        let brightness = light(&normal, &(self.lamp - point)) * pattern(&self.paint, &point, &normal);
        (self.paint.colour.map(|c| c * brightness), cos.clamp(0.0, 1.0))
    }
}

/// Bounds on the image, pixels.
struct Bounds {
    low: [f64; 2],
    high: [f64; 2],
}

impl Default for Bounds {
    fn default() -> Self {
        Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] }
    }
}

impl Bounds {
    fn add(&mut self, in_camera: &Vector3<f64>, camera: &RoomCamera) {
        let u = camera.fx * in_camera.x / in_camera.z + camera.cx;
        let v = camera.fy * in_camera.y / in_camera.z + camera.cy;
        for (axis, at) in [u, v].into_iter().enumerate() {
            self.low[axis] = self.low[axis].min(at);
            self.high[axis] = self.high[axis].max(at);
        }
    }

    fn pixels(&self, camera: &RoomCamera) -> Option<[[u32; 2]; 2]> {
        let range = |axis: usize, count: u32| {
            // A float cast saturates, so what is out of view is clipped.
            let from = self.low[axis].ceil().max(0.0) as u32;
            let to = ((self.high[axis].floor() + 1.0).max(0.0) as u32).min(count);
            (from < to).then_some([from, to])
        };
        Some([range(0, camera.width)?, range(1, camera.height)?])
    }
}

/// Floor, walls and ceiling, seen from inside.
struct Shell<'r> {
    room: &'r Room,
    half: Vector3<f64>,
    origin: Vector3<f64>,
    world_from_camera: Matrix3<f64>,
    lamp: Vector3<f32>,
}

impl<'r> Shell<'r> {
    fn of(room: &'r Room, world_from_camera: &Isometry3<f64>) -> Self {
        let half = Vector3::from(room.size()) / 2.0;
        let middle = Vector3::new(0.0, 0.0, half.z);
        Self {
            room,
            half,
            origin: world_from_camera.translation.vector - middle,
            world_from_camera: world_from_camera.rotation.to_rotation_matrix().into_inner(),
            lamp: (lamp_in(room) - middle).cast(),
        }
    }

    /// Depth, colour and incidence where the ray leaves the room.
    fn look(&self, ray: &Vector3<f64>) -> (f64, [f32; 3], f32) {
        let direction = self.world_from_camera * ray;
        let mut leave = f64::INFINITY;
        let mut face = 0;
        for axis in 0..3 {
            let wall = self.half[axis].copysign(direction[axis]);
            let t = (wall - self.origin[axis]) / direction[axis];
            if t < leave {
                leave = t;
                face = axis;
            }
        }
        let point: Vector3<f32> = (self.origin + direction * leave).cast();
        let mut normal = Vector3::zeros();
        normal[face] = -(direction[face] as f32).signum();
        let cos = (direction[face].abs() / direction.norm()) as f32;
        let at = point + Vector3::new(0.0, 0.0, self.half.z as f32);
        let brightness = light(&normal, &(self.lamp - point));
        let colour = shell_colour(self.room, &at, &normal).map(|c| c * brightness);
        (leave, colour, cos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{Point3, Translation3, UnitQuaternion};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    fn ray(camera: &RoomCamera, pixel: usize) -> Vector3<f64> {
        let (u, v) = (pixel % camera.width as usize, pixel / camera.width as usize);
        Vector3::new((u as f64 - camera.cx) / camera.fx, (v as f64 - camera.cy) / camera.fy, 1.0)
    }

    /// The nearest hit of a ray on any solid: every solid, no projection.
    fn nearest_hit(room: &Room, world_from_camera: &Isometry3<f64>, ray: &Vector3<f64>) -> (f64, u16) {
        let mut nearest = (f64::INFINITY, 0);
        for (index, object) in room.objects().iter().enumerate() {
            let place = object.place;
            let world_from_object = Isometry3::from_parts(
                Translation3::new(place.centre.x, place.centre.y, place.base_z),
                UnitQuaternion::from_euler_angles(0.0, 0.0, place.yaw),
            );
            let object_from_camera = world_from_object.inverse() * world_from_camera;
            let direction = object_from_camera * ray;
            for part in &object.model.parts {
                let origin = object_from_camera.translation.vector - part.centre;
                if object.present
                    && let Some(z) = part.shape.hit(&origin, &direction)
                    && z < nearest.0
                {
                    nearest = (z, index as u16 + 1);
                }
            }
        }
        nearest
    }

    #[test]
    fn every_pixel_shows_the_nearest_solid_on_its_ray() {
        let camera = RoomCamera::default();
        let mut rendered = Rendered::default();
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for seed in 0..6 {
            let room = Room::generate(seed);
            for world_from_camera in room.camera_path(120).iter().step_by(17) {
                rendered.render(&room, &camera, world_from_camera);
                for _ in 0..800 {
                    let pixel = rng.random_range(0..camera.pixels());
                    let ray = ray(&camera, pixel);
                    let (z, id) = nearest_hit(&room, world_from_camera, &ray);
                    assert_eq!(rendered.ids[pixel], id, "seed {seed} pixel {pixel}");
                    if id > 0 {
                        assert!((f64::from(rendered.depth_m[pixel]) - z).abs() < 1e-6);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_seen_of_an_object_lies_in_its_truth_box() {
        let camera = RoomCamera::default().reduced(2);
        let mut rendered = Rendered::default();
        for seed in 0..6 {
            let room = Room::generate(seed);
            let truth = room.truth();
            for world_from_camera in room.camera_path(120).iter().step_by(20) {
                rendered.render(&room, &camera, world_from_camera);
                for pixel in 0..camera.pixels() {
                    let z = f64::from(rendered.depth_m[pixel]);
                    let in_camera = Point3::from(ray(&camera, pixel) * z);
                    let in_world = (world_from_camera * in_camera).coords;
                    let at = match rendered.ids[pixel] {
                        0 => {
                            let half = Vector3::from(room.size()) / 2.0;
                            let off = (in_world - Vector3::z() * half.z).abs() - half;
                            assert!(off.max().abs() < 1e-5, "off the shell by {off}");
                            continue;
                        }
                        id => &truth[usize::from(id) - 1],
                    };
                    let box_from_world = Rotation3::from_axis_angle(&Vector3::z_axis(), -at.yaw);
                    let in_box = box_from_world * (in_world - Vector3::from(at.centre));
                    let over = in_box.abs() - Vector3::from(at.size) / 2.0;
                    assert!(over.max() < 1e-5, "{} {over}", at.label);
                }
            }
        }
    }

    #[test]
    fn used_buffers_give_the_same_frame_as_new_ones() {
        let room = Room::generate(0);
        let path = room.camera_path(60);
        let camera = RoomCamera::default();
        let mut used = Rendered::default();
        used.render(&room, &camera.reduced(2), &path[0]);
        used.render(&room, &camera, &path[30]);
        used.render(&room, &camera, &path[59]);
        let mut fresh = Rendered::default();
        fresh.render(&room, &camera, &path[59]);
        assert_eq!(used.rgb, fresh.rgb);
        assert_eq!(used.depth_m, fresh.depth_m);
        assert_eq!(used.ids, fresh.ids);
        assert_eq!(used.incidence_cos, fresh.incidence_cos);
        assert_eq!(used.visible_px, fresh.visible_px);
    }

    #[test]
    fn a_removed_object_is_not_seen_and_the_others_keep_their_ids() {
        let mut room = Room::generate(1);
        let camera = RoomCamera::default().reduced(2);
        let world_from_camera = room.camera_path(120)[25];
        let mut before = Rendered::default();
        before.render(&room, &camera, &world_from_camera);
        let seen = |index: &usize| before.visible_px[*index] > 50;
        let index = room.movable_indices().into_iter().find(seen).unwrap();
        assert!(room.remove_object(index));
        let mut after = Rendered::default();
        after.render(&room, &camera, &world_from_camera);
        assert_eq!(after.visible_px[index], 0);
        let id = index as u16 + 1;
        for (was, is) in before.ids.iter().zip(&after.ids) {
            assert!(was == is || *was == id);
        }
    }

    #[test]
    fn the_floor_straight_below_is_seen_head_on_at_its_depth() {
        let room = Room::generate(2);
        let straight_down = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), std::f64::consts::PI);
        let feet = room.walk().at(0.0);
        let world_from_camera = Isometry3::from_parts(Translation3::new(feet.x, feet.y, 1.3), straight_down);
        let camera = RoomCamera::default();
        let mut rendered = Rendered::default();
        rendered.render(&room, &camera, &world_from_camera);
        let middle = (240 * camera.width + 320) as usize;
        assert_eq!(rendered.ids[middle], 0);
        assert!((rendered.depth_m[middle] - 1.3).abs() < 1e-6);
        assert!(rendered.incidence_cos[middle] > 0.999_99);
    }

    #[test]
    fn solids_behind_the_camera_are_not_drawn() {
        let room = Room::generate(3);
        let camera = RoomCamera::default().reduced(4);
        let mut rendered = Rendered::default();
        for world_from_camera in room.camera_path(120).iter().step_by(9) {
            rendered.render(&room, &camera, world_from_camera);
            for (object, &pixels) in room.objects().iter().zip(&rendered.visible_px) {
                let reach = Vector3::from(object.model.size).norm() / 2.0;
                let in_camera = world_from_camera.inverse() * Point3::from(object.centre());
                if in_camera.z < -reach {
                    assert_eq!(pixels, 0, "{}", object.label());
                }
            }
        }
    }
}
