"""Scenes and snapshots: what is seen is there."""

from __future__ import annotations

import json
import math
import unittest

import numpy as np

import gnomon

from . import room


class Scenes(unittest.TestCase):
    def test_a_crate_is_seen(self) -> None:
        snapshot = room.room_scene(5).snapshot()
        self.assertEqual(len(snapshot), 1)
        (crate,) = snapshot
        self.assertEqual((crate.label, crate.name, crate.observations), ("crate", "crate#1", 5))
        self.assertEqual(crate.state, gnomon.ObjectState.CONFIRMED)
        np.testing.assert_allclose(crate.centre, [2.0, 0.0, 1.2], atol=0.4)
        self.assertGreater(crate.box.size[0], 0.3)
        self.assertEqual(crate.centre_cov_m2.shape, (3, 3))
        np.testing.assert_array_equal(crate.centre_cov_m2, crate.centre_cov_m2.T)
        self.assertTrue(np.all(np.linalg.eigvalsh(crate.centre_cov_m2) > 0))
        self.assertIsNone(crate.feature)
        self.assertEqual((crate.first_seen_ns, crate.last_seen_ns), (1_000_000_000, 1_400_000_000))
        self.assertEqual(snapshot.object(crate.id).name, "crate#1")
        self.assertEqual(snapshot.object("crate#1").id, crate.id)
        self.assertIn("crate#1", snapshot)
        self.assertIn(crate.id, snapshot)
        self.assertNotIn("zebra#1", snapshot)
        self.assertEqual(snapshot.labels("crate#1"), snapshot.labels(crate))
        self.assertEqual(snapshot.labels(crate)[0].label, "crate")
        self.assertEqual(repr(snapshot), "<gnomon.Snapshot of 1 things>")

    def test_the_table_says_what_the_objects_say(self) -> None:
        snapshot = room.two_things()
        table = snapshot.table()
        self.assertEqual(table["id"].tolist(), [thing.id for thing in snapshot])
        for row, thing in zip(table, snapshot):
            np.testing.assert_array_equal(row["obb"]["centre"], thing.box.centre)
            np.testing.assert_array_equal(row["obb"]["world_from_box"], thing.box.world_from_box)
            self.assertEqual(row["last_seen_ns"], thing.last_seen_ns)
        self.assertNotIn("label", table.dtype.names or ())
        self.assertEqual(gnomon.Scene().publish().table().shape, (0,))

    def test_info_keyframes_and_events_tell_what_happened(self) -> None:
        snapshot = room.room_scene(5).snapshot()
        info = snapshot.info
        self.assertEqual((info.frames, info.objects, info.keyframes, info.events), (5, 1, 1, 1))
        self.assertEqual((info.stamp_ns, info.up), (1_400_000_000, gnomon.Up.Z))
        np.testing.assert_allclose(info.world_from_camera, room.level_camera(0.004), atol=1e-12)
        np.testing.assert_array_equal(info.world_from_input, np.eye(4))
        (keyframe,) = snapshot.keyframes()
        self.assertEqual((keyframe.id, keyframe.stamp_ns), (0, 1_000_000_000))
        (event,) = snapshot.events()
        self.assertEqual((event.kind, event.object), (gnomon.EventKind.BORN, snapshot.object("crate#1").id))
        self.assertIsNone(event.origin)
        self.assertEqual(snapshot.events(info.next_event), [])
        empty = gnomon.Scene().snapshot().info
        self.assertEqual((empty.stamp_ns, empty.floor_height_m), (None, None))

    def test_supports_have_outlines(self) -> None:
        snapshot = room.with_floor()
        supports = snapshot.supports()
        self.assertEqual(len(supports), snapshot.info.supports)
        (floor,) = [support for support in supports if support.kind == gnomon.SupportKind.FLOOR]
        np.testing.assert_allclose(floor.normal, [0, 0, 1], atol=0.01)
        self.assertAlmostEqual(floor.offset_m, 0, delta=0.02)
        outline = snapshot.polygon(floor)
        self.assertEqual(outline.shape, (floor.corners, 3))
        np.testing.assert_allclose(outline @ floor.normal, floor.offset_m, atol=0.02)
        np.testing.assert_array_equal(outline, snapshot.polygon(floor.id))
        self.assertAlmostEqual(snapshot.info.floor_height_m or 9, 0, delta=0.02)
        self.assertEqual(gnomon.Scene().publish().supports(), [])
        with self.assertRaisesRegex(gnomon.StateError, "this snapshot has no support with id 99"):
            snapshot.polygon(99)

    def test_the_newest_frame_took_some_time_in_every_stage(self) -> None:
        scene = room.room_scene(2)
        scene.publish()
        self.assertEqual(
            list(scene.stage_times), ["register", "perceive", "lift", "associate", "fuse", "doubt", "publish"]
        )
        self.assertTrue(all(0 < took_s < 20 for took_s in scene.stage_times.values()))

    def test_a_corrected_pose_moves_what_hangs_on_it_in_the_next_snapshot_alone(self) -> None:
        scene = room.room_scene(5)
        before = scene.snapshot()
        corrected = room.level_camera()
        corrected[1, 3] = 1.0
        scene.update_poses({0: corrected})
        after = scene.publish()
        moved = after.object("crate#1").centre - before.object("crate#1").centre
        np.testing.assert_allclose(moved, [0, 1, 0], atol=0.05)
        with self.assertRaisesRegex(ValueError, "a keyframe's number is -1, expected 0 to 4294967295"):
            scene.update_poses({-1: corrected})
        with self.assertRaisesRegex(ValueError, r"poses\[0\] has shape \(3, 3\), expected \(4, 4\)"):
            scene.update_poses({0: np.eye(3)})
        scene.update_poses({})

    def test_the_json_is_that_of_the_snapshot(self) -> None:
        snapshot = room.room_scene(5).snapshot()
        self.assertEqual([thing["name"] for thing in json.loads(snapshot.json)["objects"]], ["crate#1"])

    def test_options_begin_as_the_library_s_defaults(self) -> None:
        options = gnomon.SceneOptions()
        self.assertEqual((options.up, options.confirm_after, list(options.movable_labels)), (0, 3, ["person"]))
        options = gnomon.SceneOptions(confirm_after=1)
        with gnomon.Scene(options) as scene:
            report = scene.integrate(room.frame(0), [room.CRATE])
            self.assertEqual(report.born, 1)
            self.assertEqual(len(scene.publish()), 1)

    def test_options_that_cannot_be_are_refused(self) -> None:
        def refused(kind: type[Exception], sentence: str, **options: object) -> None:
            with self.assertRaises(kind) as caught:
                gnomon.Scene(gnomon.SceneOptions(**options))  # type: ignore[arg-type]
            self.assertEqual(str(caught.exception), sentence)

        refused(ValueError, "confirm_after is -1, expected 0 to 4294967295", confirm_after=-1)
        refused(TypeError, "up is 'z', expected a whole number", up="z")
        refused(gnomon.ArgumentError, "gnomon_scene_new: up is 77, expected one of GNOMON_UP_*", up=gnomon.Up(77))
        refused(
            TypeError, "movable_labels is the single text 'person', expected a list of texts", movable_labels="person"
        )
        with self.assertRaisesRegex(TypeError, "options is 5, expected a gnomon.SceneOptions"):
            gnomon.Scene(5)  # type: ignore[arg-type]

    def test_which_way_is_up_can_be_told(self) -> None:
        turned = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)
        with gnomon.Scene(gnomon.SceneOptions(up=gnomon.Up.Y)) as scene:
            for number in range(3):
                scene.integrate(room.frame(number, world_from_camera=turned @ room.level_camera()), [room.CRATE])
            self.assertAlmostEqual(scene.publish().object("crate#1").centre[2], 1.2, delta=0.1)
        with gnomon.Scene(gnomon.SceneOptions(up=gnomon.Up.VECTOR, up_vector=(0, 2, 0))) as scene:
            np.testing.assert_array_equal(scene.publish().info.up_vector, [0, 2, 0])

    def test_ids_and_names_that_are_not_there_are_refused(self) -> None:
        snapshot = room.two_things()
        with self.assertRaises(gnomon.StateError) as caught:
            snapshot.object("zebra#1")
        self.assertEqual(
            str(caught.exception), 'gnomon_snapshot_object_named: this snapshot has no object named "zebra#1"'
        )
        with self.assertRaisesRegex(ValueError, "id is -1, expected 0 to 18446744073709551615"):
            snapshot.object(-1)
        with self.assertRaisesRegex(TypeError, "id is 1.5, expected a whole number"):
            snapshot.object(1.5)  # type: ignore[arg-type]

    def test_the_features_of_the_best_view_are_kept(self) -> None:
        feature = np.array([1, 2, 3, 4], np.float32)
        seen = gnomon.Detection("crate", (60, 40, 100, 80), 0.9, feature=feature)
        with gnomon.Scene() as scene:
            for number in range(3):
                scene.integrate(room.frame(number), [seen])
            kept = scene.publish().object("crate#1").feature
        assert kept is not None
        np.testing.assert_array_equal(kept, feature)
        self.assertFalse(kept.flags.writeable)


class Boxes(unittest.TestCase):
    def test_boxes_are_measured(self) -> None:
        a = gnomon.Box((0, 0, 0.5), (1, 1, 1))
        b = gnomon.Box((1.2, 0.1, 0.5), (1, 1, 1))
        self.assertAlmostEqual(a.gap_m(b), 0.2)
        self.assertAlmostEqual(a.iou(a), 1.0)
        turned = gnomon.Box((1.5, 0, 0.5), (1, 1, 1), (0, 0, math.sin(math.pi / 8), math.cos(math.pi / 8)))
        self.assertAlmostEqual(a.gap_m(turned), 1.0 - math.sqrt(0.5), places=6)
        self.assertEqual(a, gnomon.Box((0, 0, 0.5), (1, 1, 1)))
        self.assertNotEqual(a, b)
        self.assertEqual(repr(b), "Box((1.200, 0.100, 0.500), (1.000, 1.000, 1.000), (0.000, 0.000, 0.000, 1.000))")

    def test_boxes_that_cannot_be_are_refused(self) -> None:
        good = gnomon.Box((0, 0, 0), (1, 1, 1))
        with self.assertRaisesRegex(ValueError, r"centre has shape \(2,\), expected \(3,\)"):
            gnomon.Box((0, 0), (1, 1, 1))
        with self.assertRaisesRegex(gnomon.ArgumentError, "size of second box"):
            good.gap_m(gnomon.Box((0, 0, 0), (1, 1, 0)))
        with self.assertRaisesRegex(TypeError, "other is 3, expected a gnomon.Box"):
            good.iou(3)  # type: ignore[arg-type]


if __name__ == "__main__":
    unittest.main()
