"""Networks, on those of tests/networks: what is found goes into a scene, depth says what it means, runs are stopped."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gnomon

from . import room

HERE = Path(__file__).resolve()
NETWORKS = next(path for path in (HERE.parents[1] / "networks", HERE.parents[3] / "tests/networks") if path.is_dir())
DETECTOR, DEPTH = NETWORKS / "detector", NETWORKS / "depth.onnx"
VIEWS = NETWORKS / "views"
METRIC = gnomon.NetworkOptions(family="depth_anything_v2_metric")
needs_a_runtime = unittest.skipUnless(os.environ.get("GNOMON_ORT_PATH"), "no ONNX Runtime")


def picture() -> NDArray[np.uint8]:
    """Black but for the upper right quarter: the one cell that the detector takes for a crate."""
    rgb = np.zeros((room.HEIGHT, room.WIDTH, 3), np.uint8)
    rgb[: room.HEIGHT // 2, room.WIDTH // 2 :] = 255
    return rgb


class WithoutARuntime(unittest.TestCase):
    def test_a_plan_of_memory_needs_no_runtime(self) -> None:
        self.assertEqual(gnomon.model_plan(DEPTH), gnomon.ModelMemory(24, 0, 3920, 3, 0))
        self.assertEqual(gnomon.model_plan(str(DETECTOR), "fp32", {"batch": 1}).weight_bytes, 364)
        with self.assertRaises(gnomon.ArgumentError) as caught:
            gnomon.model_plan(DETECTOR, "fp16")
        self.assertIn("it has fp32", str(caught.exception))

    def test_what_is_missing_is_told(self) -> None:
        nowhere = gnomon.NetworkOptions(runtime_path="/nowhere/libonnxruntime.so")
        with self.assertRaises(gnomon.InferenceRuntimeError) as caught:
            gnomon.Detector(DETECTOR, nowhere)
        self.assertEqual(caught.exception.status, gnomon.Status.RUNTIME)
        self.assertIn("/nowhere/libonnxruntime.so", str(caught.exception))
        with self.assertRaises(gnomon.IoError):
            gnomon.DepthNet(NETWORKS / "nothing")
        with tempfile.NamedTemporaryFile(suffix=".onnx") as empty, self.assertRaises(gnomon.ModelError):
            gnomon.model_plan(empty.name)

    def test_what_cannot_be_meant_is_refused_before_anything_is_looked_for(self) -> None:
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(family="yolo"))
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(threads=0))
        for path in (7, b"bytes"):
            with self.assertRaises(TypeError):
                gnomon.Detector(path)  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(providers="cuda"))
        with self.assertRaises(TypeError):
            gnomon.DepthMap()


@needs_a_runtime
class Detectors(unittest.TestCase):
    def test_what_is_found_goes_into_a_scene(self) -> None:
        with gnomon.Detector(DETECTOR) as detector:
            found = detector.detect(picture())
        self.assertEqual([thing.label for thing in found], ["crate"])
        np.testing.assert_allclose(found[0].bbox, (80, 0, 160, 60), atol=0.01)
        self.assertAlmostEqual(found[0].score, 1, places=3)
        self.assertIsNone(found[0].mask)
        depth = np.full((room.HEIGHT, room.WIDTH), 3000, np.uint16)
        depth[5:55, 85:155] = 2000
        report = gnomon.Scene().integrate(room.frame(0, depth, colour=picture()), found)
        self.assertEqual((report.detections, report.lifted, report.begun), (1, 1, 1))

    def test_a_picture_of_another_format_is_the_same_picture(self) -> None:
        grey = picture()[:, :, 0].copy()
        with gnomon.Detector(DETECTOR) as detector:
            of_grey = detector.detect(grey, colour_format=gnomon.PixelFormat.MONO8)
            self.assertEqual([thing.bbox for thing in of_grey], [thing.bbox for thing in detector.detect(picture())])
            with self.assertRaises(ValueError):
                detector.detect(grey)

    def test_what_is_wanted_is_heard(self) -> None:
        with gnomon.Detector(DETECTOR) as detector:
            self.assertEqual(detector.detect(picture(), gnomon.DetectOptions(min_score=1.0)), [])
            self.assertEqual(len(detector.detect(picture(), gnomon.DetectOptions(iou=0.5, most=1))), 1)
            with self.assertRaises(gnomon.ArgumentError):
                detector.detect(picture(), gnomon.DetectOptions(most=0))

    def test_it_tells_what_really_runs(self) -> None:
        asked = gnomon.NetworkOptions(providers=("nobodys:device_id=1", "cpu"))
        with gnomon.Detector(DETECTOR, asked) as detector:
            info = detector.info
        self.assertEqual((info.family, info.precision, info.licence), ("fastest_det", "fp32", "MIT OR Apache-2.0"))
        self.assertEqual(list(info.providers), ["CPUExecutionProvider"])
        self.assertNotEqual(info.providers["CPUExecutionProvider"], 0)
        self.assertTrue(info.path.endswith("detector.onnx") and info.runtime_version.startswith("1."), info)
        self.assertEqual((info.weight_bytes, info.gives_masks), (364, False))
        self.assertEqual(len(info.remarks), 1)
        self.assertIn("nobodys", info.remarks[0])
        asked.require_providers = True
        with self.assertRaises(gnomon.DeviceError):
            gnomon.Detector(DETECTOR, asked)
        with self.assertRaises(gnomon.NoMemoryError):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(memory_budget_bytes=100))

    def test_loads_are_stopped_by_time_and_by_who_was_stopped_before(self) -> None:
        with self.assertRaises(gnomon.CancelledError):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(within_ns=1))
        cancel = gnomon.Cancel()
        gnomon.Detector(DETECTOR, gnomon.NetworkOptions(cancel=cancel)).close()
        cancel.stop()
        with self.assertRaises(gnomon.CancelledError):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(cancel=cancel))
        with self.assertRaisesRegex(ValueError, "within_ns is -1"):
            gnomon.Detector(DETECTOR, gnomon.NetworkOptions(within_ns=-1))

    def test_runs_are_stopped_by_time_and_from_another_thread(self) -> None:
        cancel, outcome = gnomon.Cancel(), []
        with gnomon.Detector(DETECTOR) as detector:
            with self.assertRaises(gnomon.CancelledError) as caught:
                detector.detect(picture(), within_ns=1)
            self.assertIn("not done within", str(caught.exception))
            begun = threading.Event()

            def work() -> None:
                try:
                    while True:
                        detector.detect(picture(), cancel=cancel)
                        begun.set()
                except gnomon.CancelledError as error:
                    outcome.append(error.status)

            thread = threading.Thread(target=work)
            thread.start()
            self.assertTrue(begun.wait(10))
            cancel.stop()
            thread.join(10)
            self.assertEqual(outcome, [gnomon.Status.CANCELLED])
            cancel.close()
            with self.assertRaises(gnomon.ClosedError):
                detector.detect(picture(), cancel=cancel)
            self.assertEqual(len(detector.detect(picture())), 1)
        with self.assertRaises(gnomon.ClosedError):
            detector.detect(picture())


@needs_a_runtime
class DepthNets(unittest.TestCase):
    def test_metres_go_into_a_frame_and_outlive_their_network(self) -> None:
        with gnomon.DepthNet(DEPTH, METRIC) as net:
            self.assertTrue(net.info.gives_metres)
            depth = net.estimate(picture(), room.CAMERA)
        with depth:
            self.assertEqual(depth.meaning, gnomon.DepthMeaning.METRIC_Z)
            metres, values = depth.metres, depth.values
            self.assertEqual((depth.confidence, depth.sky, depth.intrinsics, depth.remarks), (None, None, None, ()))
        del depth
        gc.collect()
        self.assertEqual((metres.shape, metres.dtype), ((room.HEIGHT, room.WIDTH), np.dtype(np.float32)))
        self.assertFalse(metres.flags.writeable)
        np.testing.assert_allclose(metres, 2, atol=1e-5)
        np.testing.assert_array_equal(values, metres)
        report = gnomon.Scene().integrate(room.frame(0, metres))
        self.assertEqual(report.depth_pixels, room.HEIGHT * room.WIDTH)

    def test_depth_that_is_not_metres_is_no_frames_depth(self) -> None:
        with gnomon.DepthNet(DEPTH, gnomon.NetworkOptions(family="depth_anything_v2")) as net:
            self.assertFalse(net.info.gives_metres)
            depth = net.estimate(picture())
        self.assertEqual(depth.meaning, gnomon.DepthMeaning.AFFINE_INVERSE)
        self.assertEqual(depth.values.shape, (room.HEIGHT, room.WIDTH))
        with self.assertRaises(gnomon.UnsupportedError) as caught:
            _ = depth.metres
        self.assertIn("take a metric model", str(caught.exception))

    def test_another_kind_of_network_is_refused(self) -> None:
        with self.assertRaises(gnomon.UnsupportedError):
            gnomon.DepthNet(DETECTOR)
        with self.assertRaises(gnomon.ModelError):
            gnomon.Detector(DEPTH, gnomon.NetworkOptions(family="fastest_det"))

    def test_an_estimate_is_stopped_by_time_and_by_a_cancel(self) -> None:
        cancel = gnomon.Cancel()
        cancel.stop()
        with gnomon.DepthNet(DEPTH, METRIC) as net:
            with self.assertRaises(gnomon.CancelledError):
                net.estimate(picture(), within_ns=1)
            with self.assertRaises(gnomon.CancelledError):
                net.estimate(picture(), cancel=cancel)
            with self.assertRaises(gnomon.ArgumentError):
                net.estimate(picture(), gnomon.Intrinsics(80, 60, 150, 150, 40, 30))


@needs_a_runtime
class GeometryNets(unittest.TestCase):
    def test_pictures_of_one_place_become_depth_points_and_cameras(self) -> None:
        black, white = (np.full((room.HEIGHT, room.WIDTH, 3), grey, np.uint8) for grey in (0, 255))
        with gnomon.GeometryNet(VIEWS / "views.onnx", gnomon.NetworkOptions(family="vggt")) as net:
            self.assertEqual((net.info.family, net.info.gives_metres), ("vggt", False))
            first, second = net.estimate([black, white])
            with self.assertRaises(gnomon.ArgumentError) as caught:
                net.estimate([white])
            self.assertIn("1 pictures were given, expected 2", str(caught.exception))
            with self.assertRaises(gnomon.ArgumentError):
                net.estimate([])
            with self.assertRaises(gnomon.CancelledError):
                net.estimate([black, white], within_ns=1)
        gc.collect()
        for depth, view in ((3, first), (4, second)):
            self.assertEqual(view.meaning, gnomon.DepthMeaning.UP_TO_SCALE_Z)
            self.assertEqual((view.values.shape, view.values.flags.writeable), ((room.HEIGHT, room.WIDTH), False))
            np.testing.assert_allclose(view.values, depth, atol=1e-4)
            assert view.confidence is not None and view.points is not None
            np.testing.assert_allclose(view.confidence, 5, atol=1e-4)
            np.testing.assert_allclose(view.points[7, 9], (1, 2, 3), atol=1e-4)
            self.assertIsNone(view.points_confidence)
            self.assertEqual((view.intrinsics.width, view.intrinsics.height), (room.WIDTH, room.HEIGHT))
            self.assertAlmostEqual(view.intrinsics.fx, room.WIDTH, places=3)
            moved = np.eye(4)
            moved[0, 3] = depth - 3
            np.testing.assert_allclose(view.world_from_camera, moved, atol=1e-6)
            with self.assertRaises(gnomon.UnsupportedError):
                _ = view.metres

    def test_views_in_metres_go_into_frames(self) -> None:
        with gnomon.GeometryNet(VIEWS) as net:
            self.assertTrue(net.info.gives_metres)
            view = net.estimate([picture(), picture()])[1]
        self.assertEqual((view.meaning, view.points), (gnomon.DepthMeaning.METRIC_Z, None))
        np.testing.assert_array_equal(view.metres, view.values)
        self.assertGreater(gnomon.Scene().integrate(room.frame(0, view.metres)).depth_pixels, 0)

    def test_other_networks_are_refused(self) -> None:
        with self.assertRaises(gnomon.UnsupportedError):
            gnomon.GeometryNet(DEPTH, METRIC)
        with self.assertRaises(gnomon.ModelError) as caught:
            gnomon.GeometryNet(DEPTH, gnomon.NetworkOptions(family="vggt"))
        self.assertIn("gives no cameras", str(caught.exception))

    def test_what_networks_said_last_can_be_read_without_a_logger(self) -> None:
        gnomon.Detector(DETECTOR, gnomon.NetworkOptions(providers=["nobodys"])).close()
        lines = gnomon.recent_log()
        self.assertTrue(0 < len(lines) <= 256 and any("nobodys" in line for line in lines))
        self.assertTrue(all(line.split(" ")[0] in {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"} for line in lines))
