"""Texts read back, layouts, the relation graph, vocabularies, advantages."""

from __future__ import annotations

import unittest

import numpy as np

import gnomon
from gnomon import score

from . import room


class Texts(unittest.TestCase):
    def test_a_scene_s_text_is_read_back(self) -> None:
        snapshot = room.two_things()
        told = gnomon.Told(snapshot.text(4096) + "\nthis is no row of it")
        rows = {thing.name: thing for thing in told.things()}
        self.assertEqual(set(rows), {"crate#1", "chest#1"})
        crate = rows["crate#1"]
        assert crate.box is not None and crate.place is not None
        np.testing.assert_allclose(crate.box.centre, snapshot.object("crate#1").centre, atol=0.01)
        self.assertEqual(crate.place, tuple(crate.box.centre[:2]))
        self.assertEqual(told.ask("How many crates are there?").short, "1")
        self.assertEqual(told.ask("How many zebras are there?").short, "0")
        (rejected,), in_all = told.rejected()
        self.assertEqual(in_all, 1)
        self.assertTrue(rejected.line > 1 and rejected.reason)
        nothing = gnomon.Told("")
        self.assertEqual((nothing.things(), nothing.counts(), nothing.triplets()), ([], {}, []))
        self.assertIsNone(nothing.room_area_m2)

    def test_triplets_are_read_and_composed_to_a_layout(self) -> None:
        text = (
            '{"t":1,"a":"a#1","b":"b#1","c":"c#1","b_xy":[5.0,7.0],"c_xy":[7.0,5.0],"cell":0.50}\n'
            '{"t":2,"a":"a#1","b":"b#1","c":"c#1","b_xy":[5.0,7.0],"c_xy":[7.0,5.0],"cell":0.50}\n'
            '{"t":3,"a":"a#1","b":"b#1","c":"d#1","b_xy":[5.0,7.0],"c_xy":[77.0,5.0],"cell":0.50}\n'
        )
        triplets = gnomon.Triplets(text)
        first, second = triplets.triplets()
        self.assertEqual((first.a, first.b, first.c, first.c_xy, first.cell_m), ("a#1", "b#1", "c#1", (7.0, 5.0), 0.5))
        self.assertEqual(second.t, 2)
        (rejected,), in_all = triplets.rejected()
        self.assertEqual((rejected.line, in_all), (3, 1))
        layout = triplets.layout()
        truth = {"a#1": (0, 0), "b#1": (1, 0), "c#1": (0, -1)}
        self.assertEqual(triplets.error(truth).placed, 1)
        triplets.close()
        places = layout.places()
        np.testing.assert_allclose(
            [places[name] for name in ("a#1", "b#1", "c#1")], [(0, 0), (0, 1), (1, 0)], atol=1e-9
        )
        facts = layout.facts
        self.assertEqual((facts.origin, facts.ahead, facts.places, facts.loops), ("a#1", "b#1", 3, 1))
        self.assertEqual(len(layout.loops()), 1)
        error = layout.error(truth, 0.5)
        self.assertEqual((error.placed, error.things), (1, 1))
        self.assertAlmostEqual(error.mean_cells, 0, places=6)
        wide = gnomon.Triplets(text).layout(gnomon.Gauge("a#1", "b#1", 2.0))
        self.assertEqual((wide.facts.baseline_m, wide.places()["b#1"]), (2.0, (0.0, 2.0)))
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Triplets("").layout()
        self.assertEqual(len(gnomon.Triplets(text, known=["a#1", "b#1"]).triplets()), 0)


class Graphs(unittest.TestCase):
    def test_relations_begin_and_go_on(self) -> None:
        snapshot = room.two_things()
        near = gnomon.GraphOptions(reach_m=20, relations=gnomon.RelationOptions(near_m=10))
        with gnomon.RelationGraph(near) as graph:
            report = graph.update(snapshot)
            self.assertEqual((report.things_changed, report.pairs_compared), (2, 1))
            kinds = [relation.kind for relation in graph.relations()]
            self.assertIn(gnomon.RelationKind.NEAR, kinds)
            self.assertEqual(len(graph.changes()), report.began)
            self.assertTrue(all(change.began for change in graph.changes()))
            self.assertEqual(graph.update(snapshot).began, 0)
            self.assertEqual(graph.changes(), [])
            with self.assertRaisesRegex(TypeError, "snapshot is None, expected a gnomon.Snapshot"):
                graph.update(None)  # type: ignore[arg-type]


class Words(unittest.TestCase):
    def test_words_that_mean_the_same_are_understood(self) -> None:
        snapshot = room.two_things()
        question = "How many gizmos are there?"
        self.assertFalse(snapshot.ask(question).known)
        with gnomon.Vocabulary() as words:
            words.add(["gizmo", "crate"])
            self.assertEqual(snapshot.ask(question, options=gnomon.AskOptions(vocabulary=words)).short, "1")
            with self.assertRaises(gnomon.ArgumentError):
                words.add(["alone"])
        with self.assertRaisesRegex(gnomon.ClosedError, "this Vocabulary is already closed"):
            snapshot.ask(question, options=gnomon.AskOptions(vocabulary=words))

    def test_advantages_are_measured_in_the_group_s_own_spread(self) -> None:
        np.testing.assert_allclose(score.advantages([1.0, 3.0]), [-1, 1])
        np.testing.assert_allclose(score.advantages([1.0, 3.0], gnomon.Spread.SAMPLE), [-(0.5**0.5), 0.5**0.5])
        self.assertEqual(score.advantages([]).tolist(), [])
        with self.assertRaisesRegex(ValueError, r"rewards has shape \(2, 2\), expected one row of numbers"):
            score.advantages([[1, 2], [3, 4]])


if __name__ == "__main__":
    unittest.main()
