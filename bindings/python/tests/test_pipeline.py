"""Live pipelines: arrays are held until they are given back, poses and detections may come later, and it says why."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import unittest
import weakref
from typing import Any

import gnomon
from gnomon import pipeline as live

from . import room

PATIENT = gnomon.PipelineOptions(wait_ns=20_000_000_000, deadline_ns=0)


def unposed(number: int, **others: Any) -> gnomon.LiveFrame:
    whole = room.frame(number)
    return gnomon.LiveFrame(whole.stamp_ns, whole.intrinsics, depth=whole.depth, **others)


class Pipelines(unittest.TestCase):
    def test_frames_come_out_as_scenes(self) -> None:
        with gnomon.Pipeline() as pipeline:
            self.assertIsNone(pipeline.poll())
            for number in range(10):
                pipeline.push(room.frame(number), [room.CRATE])
                self.assertTrue(pipeline.settle())
            news = pipeline.poll()
            assert news is not None
            self.assertEqual((news.stamp_ns, news.report.associated), (room.frame(9).stamp_ns, 1))
            self.assertEqual([thing.label for thing in news.snapshot], ["crate"])
            self.assertIsNone(pipeline.poll())
            self.assertEqual(len(pipeline.snapshot()), 1)
            explanation = pipeline.explain()
            self.assertEqual(explanation.broken, gnomon.Link.NONE)
            self.assertIn("frames in 10 -> posed 10", str(explanation))
            self.assertIsNone(pipeline.explain_dict()["broken"])
            self.assertEqual(pipeline.statistics["published"], 10)
            self.assertEqual(pipeline.stages["scene"].runs, 10)
            self.assertGreater(pipeline.stages["whole"].p99_s, 0)
        with self.assertRaises(gnomon.ClosedError):
            pipeline.push(room.frame(11))

    def test_arrays_are_held_until_their_frame_has_ended_and_not_copied(self) -> None:
        with gnomon.Pipeline(options=PATIENT) as pipeline:
            depth = room.depth_mm()
            held = weakref.ref(depth)
            lent = len(live._lent)
            pipeline.push(gnomon.LiveFrame(1, room.CAMERA, depth=depth))
            self.assertEqual(len(live._lent), lent + 1)
            del depth
            gc.collect()
            self.assertIsNotNone(held(), "the frame waits for its pose")
            pipeline.push_pose(1, room.level_camera())
            self.assertTrue(pipeline.settle())
        gc.collect()
        self.assertIsNone(held())
        self.assertEqual(len(live._lent), lent)

    def test_what_is_refused_is_not_held(self) -> None:
        with gnomon.Pipeline() as pipeline:
            lent = len(live._lent)
            with self.assertRaisesRegex(gnomon.ArgumentError, "score"):
                pipeline.push(room.frame(1), [gnomon.Detection("crate", (0, 0, 1, 1), 7.0)])
            with self.assertRaisesRegex(TypeError, "frame is 3, expected a gnomon.LiveFrame"):
                pipeline.push(3)  # type: ignore[arg-type]
            self.assertEqual(len(live._lent), lent)
        with self.assertRaises(gnomon.ClosedError):
            pipeline.push(room.frame(1))
        self.assertEqual(len(live._lent), lent)

    def test_copies_leave_the_arrays_alone(self) -> None:
        with gnomon.Pipeline() as pipeline:
            for number in range(5):
                depth = room.depth_mm()
                pipeline.push_copy(room.frame(number, depth), [room.CRATE])
                depth[:] = 0
                self.assertTrue(pipeline.settle())
            self.assertEqual(len(pipeline.snapshot()), 1)
            self.assertLessEqual(pipeline.statistics["buffers_made"], 2)

    def test_detections_may_come_by_stamp(self) -> None:
        options = gnomon.PipelineOptions(wait_ns=20_000_000_000, deadline_ns=0, late_detections=True)
        with gnomon.Pipeline(options=options) as pipeline:
            for number in range(5):
                frame = room.frame(number)
                pipeline.push(frame)
                self.assertFalse(pipeline.settle(0))
                pipeline.push_detections(frame.stamp_ns, [room.CRATE])
                self.assertTrue(pipeline.settle())
            self.assertEqual(len(pipeline.snapshot()), 1)

    def test_a_broken_link_names_itself(self) -> None:
        with gnomon.Pipeline(options=gnomon.PipelineOptions(wait_ns=1_000_000)) as pipeline:
            pipeline.push(unposed(1))
            self.assertTrue(pipeline.settle())
            explanation = pipeline.explain()
            self.assertEqual(explanation.broken, gnomon.Link.POSED)
            self.assertIn("1 frames, 0 had a pose", explanation.text)
            self.assertEqual(pipeline.explain_dict()["broken"]["link"], "posed")
            self.assertEqual(pipeline.statistics["dropped_no_pose"], 1)

    def test_who_listens_is_told_keeps_snapshots_and_may_close(self) -> None:
        told: list[tuple[int, gnomon.Snapshot]] = []
        closed = threading.Event()

        def hear(stamp_ns: int, camera_id: int, snapshot: gnomon.Snapshot) -> None:
            told.append((stamp_ns, snapshot))
            pipeline.close()
            closed.set()

        pipeline = gnomon.Pipeline(on_published=hear)
        pipeline.push(room.frame(1), [room.CRATE])
        self.assertTrue(closed.wait(20))
        self.assertEqual([stamp for stamp, _ in told], [room.frame(1).stamp_ns])
        self.assertEqual(told[0][1].info.frames, 1)
        self.assertTrue(pipeline.closed)

    def test_what_a_listener_raises_is_raised_by_close(self) -> None:
        heard = threading.Event()

        def hear(stamp_ns: int, camera_id: int, snapshot: gnomon.Snapshot) -> None:
            heard.set()
            raise OSError("the disk is full")

        pipeline = gnomon.Pipeline(on_published=hear)
        pipeline.push(room.frame(1))
        self.assertTrue(heard.wait(20))
        with self.assertRaisesRegex(OSError, "the disk is full"):
            pipeline.close()
        pipeline.close()

    def test_an_interpreter_that_ends_with_a_pipeline_open_ends_well(self) -> None:
        code = (
            "import gnomon, gc\n"
            "from tests import room\n"
            "pipeline = gnomon.Pipeline(on_published=lambda *_: None)\n"
            "[pipeline.push(room.frame(number), [room.CRATE]) for number in range(20)]\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
