"""The map of cells round an observer."""

from __future__ import annotations

import json
import math
import unittest

import numpy as np

import gnomon

from . import room


class Maps(unittest.TestCase):
    def test_the_map_shows_the_crate_ahead(self) -> None:
        snapshot = room.room_scene(4).snapshot()
        crate = snapshot.object("crate#1")
        cogmap = snapshot.cogmap()
        snapshot.close()
        facts = cogmap.facts
        self.assertEqual((facts.side, facts.cell_m, facts.objects, facts.beyond), (10, 0.5, 1, 0))
        self.assertEqual((facts.stamp_ns, facts.is_fallback), (1_300_000_000, False))
        self.assertAlmostEqual(facts.origin[0], 0.003)
        (shown,) = cogmap.objects()
        self.assertEqual((shown.id, shown.name, shown.label), (crate.id, "crate#1", "crate"))
        self.assertAlmostEqual(shown.grid[0], 5, delta=0.3)
        self.assertTrue(8 < shown.grid[1] < 10)
        self.assertEqual(shown.footprint.shape, (4, 2))
        i, j = int(shown.grid[0]), int(shown.grid[1])
        cells = cogmap.cells
        self.assertEqual(cells.shape, (10, 10))
        self.assertEqual(cells["state"][j, i], gnomon.CellState.OCCUPIED)
        cell = cogmap.cell(i, j)
        self.assertEqual(cell.objects.tolist(), [crate.id])
        corner = cogmap.cell(0, 0)
        self.assertEqual((corner.state, corner.last_seen_ns, len(corner.objects)), (gnomon.CellState.UNKNOWN, None, 0))
        with self.assertRaisesRegex(IndexError, r"there is no cell \(10, 0\): each is 0 to 9"):
            cogmap.cell(10, 0)

    def test_heights_are_told_above_the_floor(self) -> None:
        cogmap = room.with_floor().cogmap()
        (cube,) = cogmap.objects()
        i, j = int(cube.grid[0]), int(cube.grid[1])
        cells, cell = cogmap.cells, cogmap.cell(i, j)
        assert cell.height_m is not None
        self.assertEqual(cell.height_m, (cells["low_m"][j, i], cells["high_m"][j, i]))
        np.testing.assert_allclose(cell.height_m, (0, 0.4), atol=0.05)
        self.assertEqual(cell.last_seen_ns, 1_300_000_000)
        free = cells["state"] == gnomon.CellState.FREE
        self.assertGreaterEqual(np.count_nonzero(free), 5)
        self.assertIsNone(cogmap.cell(0, 0).height_m)

    def test_the_map_is_told_and_drawn(self) -> None:
        cogmap = room.room_scene(4).snapshot().cogmap()
        self.assertIn("crate#1", cogmap.text)
        self.assertNotIn("\n", cogmap.text)
        self.assertIn("crate#1", cogmap.json)
        self.assertIsInstance(json.loads(cogmap.json), dict)
        self.assertEqual(str(cogmap), cogmap.ascii)
        self.assertGreater(cogmap.ascii.count("\n"), 9)
        self.assertTrue(cogmap.svg.startswith("<svg"))
        self.assertEqual(cogmap.png[:8], b"\x89PNG\r\n\x1a\n")

    def test_the_observer_can_stand_elsewhere(self) -> None:
        snapshot = room.two_things()
        away = gnomon.CogMapOptions(observer=gnomon.Observer.heading((-3, 0), math.pi), beyond_m=10)
        beyond = snapshot.cogmap(away).beyond()
        self.assertEqual({thing.name for thing in beyond}, {"crate#1", "chest#1"})
        self.assertTrue(all(abs(thing.bearing_deg) > 160 and thing.distance_m > 4 for thing in beyond))
        under = snapshot.cogmap(gnomon.CogMapOptions(observer=gnomon.Observer.pose(room.level_camera(1)))).facts
        self.assertAlmostEqual(under.origin[0], 1)
        by_name = gnomon.CogMapOptions(observer=gnomon.Observer.facing("crate#1", "chest#1"))
        by_thing = gnomon.Observer.facing(snapshot.object("crate#1"), snapshot.object("chest#1").id)
        facts = snapshot.cogmap(by_name).facts
        self.assertEqual(facts.origin, snapshot.cogmap(gnomon.CogMapOptions(observer=by_thing)).facts.origin)
        np.testing.assert_allclose(facts.origin, snapshot.object("crate#1").centre[:2])

    def test_cells_are_as_small_as_holds_what_they_must(self) -> None:
        snapshot = room.two_things()
        here = gnomon.Observer.heading((0, 0), 0)
        holding = snapshot.cogmap(gnomon.CogMapOptions(observer=here, hold=["crate#1", "chest#1"]))
        self.assertLess(holding.facts.cell_m, 0.6)
        self.assertEqual(holding.facts.objects, 2)
        smaller = snapshot.cogmap(gnomon.CogMapOptions(observer=here, hold=["chest#1"]))
        self.assertLess(smaller.facts.cell_m, holding.facts.cell_m)
        self.assertEqual(snapshot.cogmap(gnomon.CogMapOptions(observer=here, cell_m=0.25)).facts.cell_m, 0.25)

    def test_what_cannot_be_mapped_is_refused(self) -> None:
        snapshot = room.two_things()

        def refused(kind: type[Exception], sentence: str, **options: object) -> None:
            with self.assertRaises(kind) as caught:
                snapshot.cogmap(gnomon.CogMapOptions(**options))  # type: ignore[arg-type]
            self.assertEqual(str(caught.exception), sentence)

        refused(
            gnomon.ArgumentError,
            "gnomon_cogmap_observer: a cell would be 99 m, expected 0.05 to 10 m in whole centimetres",
            cell_m=99,
        )
        refused(TypeError, "hold is the single text 'crate#1', expected a list of things", hold="crate#1")
        refused(
            gnomon.StateError,
            'gnomon_snapshot_object_named: this snapshot has no object named "zebra#1"',
            observer=gnomon.Observer.facing("zebra#1", "crate#1"),
        )
        refused(TypeError, "observer is 1, expected a gnomon.Observer", observer=1)


if __name__ == "__main__":
    unittest.main()
