"""Questions, judgements, relations, the scene as text, the chain, marks."""

from __future__ import annotations

import json
import math
import unittest

import numpy as np

import gnomon
from gnomon import Ask, Question, score

from . import room


class Answers(unittest.TestCase):
    def setUp(self) -> None:
        self.snapshot = room.two_things()

    def test_questions_in_words_are_answered(self) -> None:
        answer = self.snapshot.ask("How many crates are there?")
        self.assertTrue(answer.known)
        self.assertEqual((answer.why, answer.value), (gnomon.Why.NONE, gnomon.ValueKind.COUNT))
        self.assertEqual((answer.numbers.tolist(), answer.words, answer.option), ([1.0], (), None))
        self.assertTrue(0.5 < answer.probability <= 1)
        (evidence,) = answer.evidence()
        self.assertEqual((evidence.name, evidence.observations), ("crate#1", 4))
        self.assertEqual((evidence.first_seen_ns, evidence.last_seen_ns), (1_000_000_000, 1_300_000_000))
        self.assertEqual(answer.short, "1")
        self.assertEqual(str(answer), answer.text)
        self.assertIn("from crate#1 (seen in 4 frames)", answer.text)
        self.assertIn("understood", json.loads(answer.json))

    def test_one_of_several_choices_is_chosen(self) -> None:
        question = "Which is wider, the crate or the chest?"
        answer = self.snapshot.ask(question, ["A. crate", "B. chest"])
        self.assertEqual((answer.option, answer.short, answer.value), (0, "A", gnomon.ValueKind.THING))
        self.assertIn("crate", answer.words[0])
        self.assertEqual(answer.margin_unit, gnomon.MarginUnit.METRES)
        self.assertGreater(answer.margin, 0)
        self.assertIsNone(answer.spread)
        with self.assertRaisesRegex(TypeError, "choices is the single text 'yes', expected a list of texts"):
            self.snapshot.ask(question, "yes")
        with self.assertRaisesRegex(TypeError, r"choices\[1\] is 2, expected a str"):
            self.snapshot.ask(question, ["one", 2])  # type: ignore[list-item]

    def test_what_cannot_be_answered_is_unknown_with_the_reason(self) -> None:
        unseen = self.snapshot.ask("How many zebras are there?")
        self.assertEqual((unseen.known, unseen.why), (False, gnomon.Why.NEVER_SEEN))
        self.assertEqual((len(unseen.numbers), unseen.words, unseen.evidence()), (0, (), []))
        self.assertEqual(unseen.short, "unknown")
        self.assertEqual(self.snapshot.ask("Is it time to go home?").why, gnomon.Why.NOT_UNDERSTOOD)
        absent = self.snapshot.ask("What is the height of the zebra?", options=gnomon.AskOptions(complete=True))
        self.assertEqual((absent.value, absent.words), (gnomon.ValueKind.ABSENT, ("zebra",)))

    def test_questions_in_types_are_answered(self) -> None:
        things = ["chest", "crate"]
        answer = self.snapshot.ask(Question(Ask.DISTANCE, things, unit=gnomon.Unit.CENTIMETRE))
        metres = answer.numbers[0]
        self.assertTrue(0.05 < metres < 1.5)
        self.assertAlmostEqual(float(answer.short), 100 * metres, delta=0.06)
        assert answer.spread is not None
        self.assertTrue(answer.spread[0] <= metres <= answer.spread[1])
        left = Question(Ask.SIDE_OF, things, side=gnomon.Side.LEFT, observer=gnomon.Observer.heading((0, 0), 0))
        self.assertEqual(self.snapshot.ask(left).numbers.tolist(), [1.0])
        back = Question(
            Ask.DIRECTION,
            ["chest"],
            sectors=gnomon.Sectors.FRONT_BACK,
            observer=gnomon.Observer.heading((0, 0), math.pi),
        )
        self.assertEqual(self.snapshot.ask(back).words, ("back",))
        least = Question(Ask.MOST, things, measure=gnomon.Measure.LONGEST, inverse=True)
        self.assertEqual(self.snapshot.ask(least).words, ("chest",))
        given = Question(Ask.LENGTH_GIVEN, things, measure=gnomon.Measure.HEIGHT, given_m=[0.5])
        self.assertTrue(0.1 < self.snapshot.ask(given).numbers[0] < 1)
        facing = gnomon.Observer.facing("chest", "crate")
        ahead = Question(Ask.DIRECTION, ["crate"], sectors=gnomon.Sectors.FRONT_BACK, observer=facing)
        self.assertEqual(self.snapshot.ask(ahead).words, ("front",))
        route = Question(
            Ask.ROUTE,
            ["crate", "chest", "chest", "crate"],
            steps=[gnomon.Step.GO_TO, gnomon.Step.BLANK, gnomon.Step.GO_TO],
        )
        self.assertEqual(self.snapshot.ask(route).words, ("turn back",))

    def test_a_question_through_a_camera_needs_the_camera(self) -> None:
        where = Question(Ask.POSITION, ["chest"], within=gnomon.Extent.PICTURE)
        self.assertEqual(self.snapshot.ask(where).why, gnomon.Why.NO_VIEW)
        eyes = gnomon.AskOptions(view=gnomon.View(room.level_camera(), room.CAMERA))
        point = self.snapshot.ask(where, options=eyes)
        self.assertEqual(point.value, gnomon.ValueKind.PICTURE_POINT)
        np.testing.assert_allclose(point.numbers, [25 / room.WIDTH, 80 / room.HEIGHT], atol=0.1)
        at = self.snapshot.ask(Question(Ask.AT_PICTURE, point=(0.5, 0.5)), options=eyes)
        self.assertEqual(at.words, ("crate",))
        eyes.least_probability = 1.0
        sure = self.snapshot.ask(Question(Ask.AT_PICTURE, point=(0.5, 0.5)), options=eyes)
        self.assertEqual(sure.why, gnomon.Why.BELOW_CONFIDENCE)

    def test_questions_that_cannot_be_are_refused(self) -> None:
        def refused(kind: type[Exception], sentence: str, question: object, **others: object) -> None:
            with self.assertRaises(kind) as caught:
                self.snapshot.ask(question, **others)  # type: ignore[arg-type]
            self.assertEqual(str(caught.exception), sentence)

        refused(TypeError, "question is 5, expected a str", 5)
        refused(TypeError, "things is the single text 'crate', expected a list of texts", Question(Ask.COUNT, "crate"))
        refused(gnomon.ArgumentError, "gnomon_ask_typed: things_len is 0, this question needs 1", Question(Ask.COUNT))
        by_id = Question(Ask.COUNT, ["crate"], observer=gnomon.Observer.facing(1, 2))
        refused(TypeError, "a Question names things by name or category, not by id 1", by_id)
        refused(
            ValueError,
            "choices go with a question in words; a Question has options",
            Question(Ask.COUNT, ["crate"]),
            choices=["1"],
        )
        refused(TypeError, "options is 'x', expected a gnomon.AskOptions", "How many?", options="x")

    def test_statements_are_judged(self) -> None:
        judgements = self.snapshot.check(
            "The chest is to the left of the crate. The chest is to the right of the crate. "
            "The zebra is 1 m high. What a lovely day."
        )
        self.snapshot.close()
        verdicts = [judgement.verdict.name for judgement in judgements]
        self.assertEqual(verdicts, ["AGREES", "CONTRADICTS", "UNTESTABLE", "UNTESTABLE"])
        first, _, third, fourth = judgements
        self.assertEqual((third.reason, fourth.reason), (gnomon.Why.NEVER_SEEN, gnomon.Why.NO_CLAIM))
        assert first.probability is not None
        self.assertGreater(first.probability, 0.8)
        self.assertIsNone(third.probability)
        self.assertIn("left of the crate", first.statement)
        self.assertIn("chest#1", str(first))
        self.assertEqual((len(judgements), judgements[1].verdict), (4, gnomon.Verdict.CONTRADICTS))
        self.assertEqual(len(json.loads(judgements.json)), 4)

    def test_a_threshold_of_the_relations_decides(self) -> None:
        claim = "The crate is near the chest."
        far = gnomon.AskOptions(relations=gnomon.RelationOptions(near_m=10))
        close = gnomon.AskOptions(relations=gnomon.RelationOptions(near_m=0))
        self.assertEqual(self.snapshot.check(claim, far)[0].verdict, gnomon.Verdict.AGREES)
        self.assertEqual(self.snapshot.check(claim, close)[0].verdict, gnomon.Verdict.CONTRADICTS)
        self.assertEqual(len(self.snapshot.check("")), 0)

    def test_relations_hold_or_do_not(self) -> None:
        kind = gnomon.RelationKind
        left = self.snapshot.relation(kind.LEFT, "chest#1", "crate#1")
        self.assertTrue(left)
        self.assertGreater(left.margin, 0)
        self.assertEqual(left.margin_unit, gnomon.MarginUnit.METRES)
        right = self.snapshot.relation(kind.RIGHT, "chest#1", "crate#1")
        self.assertFalse(right)
        self.assertLess(right.margin, 0)
        behind = gnomon.RelationOptions(observer=gnomon.Observer.heading((0, 0), math.pi))
        self.assertTrue(self.snapshot.relation(kind.RIGHT, "chest#1", "crate#1", options=behind))
        near = self.snapshot.relation(kind.NEAR, "chest#1", "crate#1", options=gnomon.RelationOptions(near_m=10))
        self.assertTrue(near.holds and near.margin > 8)
        with self.assertRaisesRegex(TypeError, "BETWEEN is about three things: c is missing"):
            self.snapshot.relation(kind.BETWEEN, "chest#1", "crate#1")
        with self.assertRaises(gnomon.ArgumentError):
            self.snapshot.relation(kind.ON, "chest#1", "chest#1")

    def test_the_scene_is_told_under_a_budget(self) -> None:
        whole = self.snapshot.text(4096)
        self.assertIn("crate#1 ", whole)
        self.assertIn("chest#1 ", whole)
        asked = self.snapshot.text(90, "How many chests are there?")
        self.assertIn("count chest", asked)
        self.assertLessEqual(len(asked.encode()), 90)
        calls: list[str] = []

        def one_a_line(text: str) -> int:
            calls.append(text)
            return 1

        self.assertEqual(self.snapshot.text(3, count=one_a_line).count("\n"), 1)
        self.assertGreaterEqual(len(calls), 3)
        with self.assertRaisesRegex(ValueError, "budget is -1, expected 0 to"):
            self.snapshot.text(-1)

    def test_what_a_counter_raises_is_raised_after_the_call(self) -> None:
        calls = 0

        def lost(text: str) -> int:
            nonlocal calls
            calls += 1
            raise LookupError(f"no tokens for {text!r}")

        with self.assertRaisesRegex(LookupError, "no tokens for"):
            self.snapshot.text(100, count=lost)
        self.assertEqual(calls, 1, "not called again after it raised")
        with self.assertRaisesRegex(ValueError, "what count returns is -1, expected 0 to"):
            self.snapshot.text(100, count=lambda text: -1)
        with self.assertRaisesRegex(TypeError, "what count returns is None, expected a whole number"):
            self.snapshot.text(100, count=lambda text: None)  # type: ignore[arg-type, return-value]
        self.assertEqual(self.snapshot.ask("How many crates are there?").short, "1", "nothing is left over")

    def test_the_chain_keeps_its_lines(self) -> None:
        with gnomon.Chain() as chain:
            self.assertEqual(chain.text, "")
            self.assertEqual(chain.update(self.snapshot), (1, 1))
            self.assertEqual(chain.update(self.snapshot), gnomon.ChainUpdate(lines=1, changed=0))
            self.assertIn("crate#1", str(chain))
            with self.assertRaisesRegex(TypeError, "snapshot is None, expected a gnomon.Snapshot"):
                chain.update(None)  # type: ignore[arg-type]
        plain = gnomon.Chain(gnomon.ChainOptions(order=gnomon.ChainOrder.BEST_FIRST, units=False))
        plain.update(self.snapshot)
        self.assertNotEqual(plain.text, "")
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Chain(gnomon.ChainOptions(neighbours=1))


class Marks(unittest.TestCase):
    def test_answers_are_marked(self) -> None:
        self.assertEqual(score.mra(1.5, 1), 0.1)
        self.assertEqual(score.mra(1.5, 1, gnomon.Mra.STRICT), 0)
        self.assertEqual(score.vsi("object_counting", "3 chairs", "3"), 1)
        self.assertEqual(score.vsi("object_counting", "3 chairs", "3", reading=gnomon.Reading.SPATIAL_MLLM), 0)
        lenient = gnomon.Reading.LENIENT
        self.assertEqual(
            score.vsi("object_rel_direction_easy", "right", "B", ["A. left", "B. right"], reading=lenient), 1
        )
        self.assertEqual(score.msmu("width", "0.5 m", "It is 52 cm wide."), 1)
        self.assertEqual(score.reward_format("<think>so</think> <answer>3</answer>"), 1)
        self.assertEqual(score.reward_choice("<answer> B </answer>", "B"), 1)
        self.assertEqual(score.reward_numeric("<answer>1,000</answer>", 1000), 1)
        self.assertEqual(score.reward_text("<answer>ab</answer>", "ac"), 0.5)
        self.assertEqual(score.reward_text("<answer>ab</answer>", "ac", gnomon.EditDistance.LEVENSHTEIN), 0.75)

    def test_a_kind_of_question_that_the_benchmark_lacks_is_refused(self) -> None:
        with self.assertRaises(gnomon.ArgumentError) as caught:
            score.vsi("nope", "1", "1")
        self.assertEqual(
            str(caught.exception), 'gnomon_score_vsi: question_type is "nope", which VSI-Bench does not have'
        )


if __name__ == "__main__":
    unittest.main()
