"""What goes in: read where it lies, or refused with the cure."""

from __future__ import annotations

import unittest
from typing import Any

import numpy as np

import gnomon

from . import room


class Images(unittest.TestCase):
    def setUp(self) -> None:
        self.scene = gnomon.Scene()
        self.seen: list[Any] = []

    def integrate(self, frame: gnomon.Frame, *detections: gnomon.Detection) -> gnomon.FrameReport:
        def look(_: Any, theirs: Any, found: Any, *__: Any) -> None:
            self.seen.append((theirs._obj, found))

        with room.watched("gnomon_scene_integrate", look):
            return self.scene.integrate(frame, detections)

    def refused(self, kind: type[Exception], sentence: str, frame: gnomon.Frame, *found: gnomon.Detection) -> None:
        with self.assertRaises(kind) as caught:
            self.integrate(frame, *found)
        self.assertEqual(str(caught.exception), sentence)
        self.assertEqual(self.seen, [], "the library is not called")

    def test_every_array_is_read_where_it_lies(self) -> None:
        depth = room.depth_mm()
        colour = np.zeros((room.HEIGHT, room.WIDTH, 3), np.uint8)
        mask = np.ones((40, 40), bool)
        feature = np.array([1, 2, 3, 4], np.float32)
        found = gnomon.Detection("crate", (60, 40, 100, 80), 0.9, mask, (60, 40), feature)
        report = self.integrate(room.frame(0, depth, colour=colour), found)
        self.assertEqual((report.detections, report.lifted, report.begun), (1, 1, 1))
        (theirs, detections) = self.seen[0]
        self.assertEqual(theirs.depth.data, depth.ctypes.data)
        self.assertEqual(theirs.colour.data, colour.ctypes.data)
        self.assertEqual(detections[0].mask, mask.ctypes.data)
        self.assertEqual(np.ctypeslib.as_array(detections[0].feature, (4,)).ctypes.data, feature.ctypes.data)

    def test_rows_with_a_stride_are_read_where_they_lie(self) -> None:
        wide = np.full((room.HEIGHT, 2 * room.WIDTH), 9, np.uint16)
        wide[:, 3 : 3 + room.WIDTH] = room.depth_mm()
        part = wide[:, 3 : 3 + room.WIDTH]
        report = self.integrate(room.frame(0, part), room.CRATE)
        self.assertEqual(report, gnomon.Scene().integrate(room.frame(0), [room.CRATE]))
        depth = self.seen[0][0].depth
        self.assertEqual(depth.data, part.ctypes.data)
        self.assertEqual(depth.stride, 4 * room.WIDTH)
        self.assertEqual(depth.len, 4 * room.WIDTH * (room.HEIGHT - 1) + 2 * room.WIDTH, "not past the last pixel")
        mask = np.zeros((room.HEIGHT, room.WIDTH), np.uint8)
        mask[40:80, 60:100] = 255
        cut = gnomon.Detection("crate", (60, 40, 100, 80), 0.9, mask[40:80, 60:100], (60, 40))
        self.integrate(room.frame(1), cut)
        theirs = self.seen[1][1][0]
        self.assertEqual((theirs.mask_stride, theirs.mask_width, theirs.mask_len), (160, 40, 160 * 39 + 40))

    def test_metres_and_millimetres_say_the_same(self) -> None:
        metres = room.depth_mm().astype(np.float32) / 1000
        by_metres = self.integrate(room.frame(0, metres), room.CRATE)
        self.assertEqual(by_metres, gnomon.Scene().integrate(room.frame(0), [room.CRATE]))
        halves = self.integrate(room.frame(1, room.depth_mm() * 2, depth_unit_m=0.0005), room.CRATE)
        self.assertEqual(halves.associated, 1)

    def test_bgr_and_grey_pictures_are_taken(self) -> None:
        rgb = np.zeros((room.HEIGHT, room.WIDTH, 3), np.uint8)
        self.integrate(room.frame(0, colour=rgb, colour_format=gnomon.PixelFormat.BGR8))
        self.integrate(room.frame(1, colour=rgb[:, :, 0].copy(), colour_format=gnomon.PixelFormat.MONO8))
        self.assertEqual([theirs.colour.format for theirs, _ in self.seen], [2, 3])

    def test_every_format_of_a_picture_is_taken_where_it_lies(self) -> None:
        shape = (room.HEIGHT, room.WIDTH)
        pictures: dict[gnomon.PixelFormat, Any] = {
            gnomon.PixelFormat.RGBA8: np.zeros((*shape, 4), np.uint8),
            gnomon.PixelFormat.BGRA8: np.zeros((*shape, 4), np.uint8),
            gnomon.PixelFormat.YUYV: np.zeros((*shape, 2), np.uint8),
            gnomon.PixelFormat.UYVY: np.zeros((*shape, 2), np.uint8),
            gnomon.PixelFormat.NV12: np.zeros((room.HEIGHT * 3 // 2, room.WIDTH), np.uint8),
            gnomon.PixelFormat.MONO16: np.zeros(shape, np.uint16),
        }
        for number, (pixel_format, picture) in enumerate(pictures.items()):
            self.integrate(room.frame(number, colour=picture, colour_format=pixel_format))
            theirs = self.seen[-1][0].colour
            self.assertEqual((theirs.data, theirs.len), (picture.ctypes.data, picture.nbytes), pixel_format)
            self.assertEqual((theirs.width, theirs.height), (room.WIDTH, room.HEIGHT), pixel_format)

    def test_a_picture_of_another_format_is_refused(self) -> None:
        grey = np.zeros((room.HEIGHT, room.WIDTH), np.uint8)
        nv12 = gnomon.PixelFormat.NV12
        self.refused(
            ValueError,
            "colour has shape (121, 160), expected (height * 3 / 2, width): rows of Y, then half as many of U V",
            room.frame(0, colour=np.zeros((121, room.WIDTH), np.uint8), colour_format=nv12),
        )
        self.refused(
            TypeError,
            "colour has dtype uint8, expected uint16 (0 to 65535)",
            room.frame(0, colour=grey, colour_format=gnomon.PixelFormat.MONO16),
        )

    def test_a_lens_is_given_with_its_coefficients(self) -> None:
        fisheye = gnomon.Intrinsics(
            room.WIDTH, room.HEIGHT, 150, 150, 80, 60, k1=0.01, k4=-0.001, model=gnomon.Lens.EQUIDISTANT
        )
        report = self.integrate(room.frame(0, intrinsics=fisheye), room.CRATE)
        self.assertEqual(report.lifted, 1)
        theirs = self.seen[0][0].intrinsics
        self.assertEqual((theirs.model, theirs.k1, theirs.k4), (2, 0.01, -0.001))
        no_k5 = gnomon.Intrinsics(room.WIDTH, room.HEIGHT, 150, 150, 80, 60, k5=0.1)
        with self.assertRaisesRegex(gnomon.ArgumentError, "a coefficient is given that plumb_bob does not have"):
            self.scene.integrate(room.frame(1, intrinsics=no_k5), [])

    def test_read_only_arrays_and_one_column_are_taken(self) -> None:
        depth = room.depth_mm()
        depth.flags.writeable = False
        self.integrate(room.frame(0, depth))
        thin = gnomon.Intrinsics(1, 8, 60, 60, 0, 4)
        column = room.depth_mm()[40:48, 70:71]
        report = self.integrate(room.frame(1, column, intrinsics=thin))
        self.assertEqual(report.depth_pixels, 8)

    def test_another_dtype_is_refused_with_the_cure(self) -> None:
        depth = room.depth_mm()
        self.refused(
            TypeError,
            "depth has dtype float64, expected uint16 (counts of depth_unit_m) or float32 (metres): "
            "give it depth.astype(numpy.float32)",
            room.frame(0, depth.astype(np.float64)),
        )
        self.refused(
            TypeError,
            "depth has dtype int32, expected uint16 (counts of depth_unit_m) or float32 (metres)",
            room.frame(0, depth.astype(np.int32)),
        )
        self.refused(
            TypeError,
            "depth is a list, expected a numpy array of uint16 (counts of depth_unit_m) or float32 (metres)",
            room.frame(0, depth.tolist()),
        )
        self.refused(
            TypeError,
            "colour has dtype float64, expected uint8 (0 to 255)",
            room.frame(0, colour=np.zeros((room.HEIGHT, room.WIDTH, 3))),
        )

    def test_the_other_byte_order_is_refused_with_the_cure(self) -> None:
        swapped = room.depth_mm().astype(np.dtype(np.uint16).newbyteorder())
        self.refused(
            TypeError,
            f"depth has the other byte order ({swapped.dtype.str}): give it depth.astype(numpy.uint16)",
            room.frame(0, swapped),
        )
        self.integrate(room.frame(0, swapped.astype(np.uint16)))

    def test_pixels_that_do_not_lie_side_by_side_are_refused(self) -> None:
        ending = "must lie side by side, and gnomon makes no copy of its own; give it numpy.ascontiguousarray"
        every_second = np.zeros((2 * room.HEIGHT, 2 * room.WIDTH), np.uint16)[::2, ::2]
        self.refused(
            ValueError, f"depth has strides (1280, 4): the pixels of a row {ending}(depth)", room.frame(0, every_second)
        )
        rgba = np.zeros((room.HEIGHT, room.WIDTH, 4), np.uint8)
        self.refused(
            ValueError,
            f"colour has strides (640, 4, 1): the pixels of a row {ending}(colour)",
            room.frame(0, colour=rgba[:, :, :3]),
        )
        self.refused(
            ValueError,
            f"colour has strides (480, 3, -1): the pixels of a row {ending}(colour)",
            room.frame(0, colour=np.ascontiguousarray(rgba[:, :, :3])[:, :, ::-1]),
        )
        feature = np.zeros(8, np.float32)[::2]
        self.refused(
            ValueError,
            f"detections[1].feature has strides (8,): its numbers {ending}(detections[1].feature)",
            room.frame(0),
            room.CRATE,
            gnomon.Detection("crate", (0, 0, 9, 9), 0.5, feature=feature),
        )

    def test_masked_and_misaligned_arrays_are_refused(self) -> None:
        masked: Any = np.ma
        self.refused(
            TypeError,
            "depth is a masked array, whose mask would be lost: give it depth.filled(0)",
            room.frame(0, masked.masked_equal(room.depth_mm(), 3000)),
        )
        odd = np.zeros(17, np.uint8)[1:].view(np.float32)
        self.refused(
            ValueError,
            "detections[0].feature does not begin at a multiple of 4 bytes: give it detections[0].feature.copy()",
            room.frame(0),
            gnomon.Detection("crate", (0, 0, 9, 9), 0.5, feature=odd),
        )

    def test_images_may_begin_anywhere(self) -> None:
        depth = np.zeros(2 * room.WIDTH * room.HEIGHT + 1, np.uint8)[1:].view(np.uint16)
        depth = depth.reshape(room.HEIGHT, room.WIDTH)
        depth[:] = room.depth_mm()
        self.assertFalse(depth.flags.aligned)
        self.assertEqual(self.integrate(room.frame(0, depth), room.CRATE).lifted, 1)

    def test_rows_that_overlap_or_run_backwards_are_refused(self) -> None:
        cure = "its rows overlap or run backwards; give it numpy.ascontiguousarray(depth)"
        depth = room.depth_mm()
        self.refused(ValueError, f"depth has strides (-320, 2): {cure}", room.frame(0, depth[::-1]))
        one_row = np.broadcast_to(depth[0], depth.shape)
        self.refused(ValueError, f"depth has strides (0, 2): {cure}", room.frame(0, one_row))

    def test_another_shape_is_refused(self) -> None:
        depth = room.depth_mm()
        self.refused(ValueError, "depth has shape (1, 120, 160), expected (height, width)", room.frame(0, depth[None]))
        self.refused(ValueError, "depth has shape (0, 160): an image has at least one pixel", room.frame(0, depth[:0]))
        grey = np.zeros(depth.shape, np.uint8)
        self.refused(ValueError, "colour has shape (120, 160), expected (height, width, 3)", room.frame(0, colour=grey))
        self.refused(
            ValueError,
            "world_from_camera has shape (3, 4), expected (4, 4)",
            room.frame(0, world_from_camera=room.level_camera()[:3]),
        )

    def test_what_the_library_refuses_keeps_its_sentence_and_status(self) -> None:
        with self.assertRaises(gnomon.ArgumentError) as caught:
            self.scene.integrate(room.frame(0, room.depth_mm()[:10]))
        self.assertEqual(
            str(caught.exception),
            "gnomon_scene_integrate: depth image is 160x10 pixels, its intrinsics are for 160x120",
        )
        self.assertEqual(caught.exception.status, gnomon.Status.ARGUMENT)
        self.assertEqual(caught.exception.status_name, "GNOMON_E_ARGUMENT")
        self.assertIsInstance(caught.exception, ValueError)
        self.scene.integrate(room.frame(2))
        with self.assertRaises(gnomon.StateError):
            self.scene.integrate(room.frame(1))

    def test_numbers_that_do_not_fit_are_not_wrapped(self) -> None:
        self.refused(ValueError, "camera_id is -1, expected 0 to 4294967295", room.frame(0, camera_id=-1))
        self.refused(
            ValueError,
            "stamp_ns is 9223372036854775808, expected -9223372036854775808 to 9223372036854775807",
            room.frame(0, stamp_ns=2**63),
        )
        self.refused(TypeError, "stamp_ns is 1.5, expected a whole number", room.frame(0, stamp_ns=1.5))

    def test_detections_are_named_by_their_place(self) -> None:
        def bad(**what: Any) -> gnomon.Detection:
            given: dict[str, Any] = {"label": "cup", "bbox": (1, 1, 5, 5), "score": 0.5, **what}
            return gnomon.Detection(**given)

        frame = room.frame(0)
        self.refused(TypeError, "detections[1].label is 5, expected a str", frame, room.CRATE, bad(label=5))
        self.refused(ValueError, "detections[0].bbox has shape (3,), expected (4,)", frame, bad(bbox=(1, 2, 3)))
        self.refused(TypeError, "detections[0].score is 'high', expected a number", frame, bad(score="high"))
        self.refused(
            TypeError,
            "detections[0].mask has dtype float64, expected bool or uint8",
            frame,
            bad(mask=np.zeros((4, 4))),
        )
        self.refused(
            ValueError,
            "detections[0].mask_origin[0] is -1, expected 0 to 4294967295",
            frame,
            bad(mask=np.zeros((4, 4), bool), mask_origin=(-1, 0)),
        )
        not_one: Any = "crate"
        self.refused(TypeError, "detections[0] is 'crate', expected a gnomon.Detection", frame, not_one)

    def test_what_comes_in_another_way_arrives_the_same(self) -> None:
        mask = np.ones((40, 40), np.uint8)
        read_only = mask.view()
        read_only.flags.writeable = False
        origin: Any = (np.int64(60), np.uint8(40))
        half: Any = np.float32(0.5)
        boxes: list[Any] = [np.array([60, 40, 100, 80]), (np.float32(60), 40, 100, True + 79)]
        nothing = np.zeros(0, np.float32)
        alike = [
            gnomon.Detection("crate", (60, 40, 100, 80), 0.5, mask, (60, 40)),
            gnomon.Detection("crate", [60.0, 40, 100, 80], half, read_only, (60, 40)),
            gnomon.Detection("crate", boxes[0], 0.5, mask.view(bool), origin),
            gnomon.Detection("crate", boxes[1], 0.5, mask[:], origin, nothing),
        ]
        self.integrate(room.frame(0), *alike)
        (_, found) = self.seen[0]
        rows = [bytes(row)[: type(row).feature.offset] for row in found]
        self.assertEqual(rows, rows[:1] * 4)
        self.assertEqual([row.feature_len for row in found], [0] * 4)
        pose = room.level_camera()
        poses = [pose, pose.tolist(), tuple(map(tuple, pose.tolist())), np.asfortranarray(pose), list(pose)]
        for number, one in enumerate(poses, start=1):
            self.integrate(room.frame(number, world_from_camera=one))
            self.assertEqual(list(self.seen[-1][0].world_from_camera), pose.ravel().tolist())

    def test_what_only_looks_usual_is_refused(self) -> None:
        def bad(**what: Any) -> gnomon.Detection:
            given: dict[str, Any] = {"label": "cup", "bbox": (1, 1, 5, 5), "score": 0.5, **what}
            return gnomon.Detection(**given)

        frame = room.frame(0)
        one = np.ones(1)
        self.refused(
            ValueError, "detections[0].bbox has shape (4, 1), expected (4,)", frame, bad(bbox=(one, one, one, one))
        )
        self.refused(
            TypeError,
            "detections[1].bbox is 'abcd', expected numbers of shape (4,)",
            frame,
            room.CRATE,
            bad(bbox="abcd"),
        )
        self.refused(
            TypeError,
            "detections[0].mask_origin[1] is 0.5, expected a whole number",
            frame,
            bad(mask=np.ones((4, 4), bool), mask_origin=(0, 0.5)),
        )
        self.refused(
            ValueError,
            "detections[0].mask has shape (0, 4): an image has at least one pixel",
            frame,
            bad(mask=np.ones((0, 4), bool)),
        )
        ragged: Any = [[1.0] * 3, [1.0] * 5, [1.0] * 4, [1.0] * 4]
        self.refused(
            TypeError,
            "world_from_camera is a list, expected numbers of shape (4, 4)",
            room.frame(0, world_from_camera=ragged),
        )
        self.refused(
            ValueError,
            "world_from_camera has shape (4,), expected (4, 4)",
            room.frame(0, world_from_camera=["1000", "0100", "0010", "0001"]),
        )
        without_width = gnomon.Intrinsics(-1, 8, 60, 60, 0, 4)
        self.refused(
            ValueError, "width is -1, expected 0 to 4294967295", room.frame(0, intrinsics=without_width), room.CRATE
        )

    def test_a_depth_camera_of_its_own_needs_its_pose(self) -> None:
        self.refused(
            ValueError,
            "depth_intrinsics and colour_from_depth go together: give both, or neither",
            room.frame(0, depth_intrinsics=room.CAMERA),
        )
        both = room.frame(0, depth_intrinsics=room.CAMERA, colour_from_depth=np.eye(4))
        self.assertEqual(self.integrate(both, room.CRATE).lifted, 1)


if __name__ == "__main__":
    unittest.main()
