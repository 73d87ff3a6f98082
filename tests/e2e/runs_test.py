"""What the verbs that look at runs say of two real ones, against the runs' own files."""

import json
import unittest
import xml.dom.minidom

from command import CommandTest

CONFIG = """
model: {layers: 1, width: 16, heads: 2, length: 16, mlp_ratio: 2}
optimizer: {learning_rate: 1e-2, schedule: warmup_cosine, warmup_steps: 4}
data: {validation_fraction: 0.3}
train: {steps: 12, batch: 8, eval_every: 4, checkpoint_every: 4, keep_last: 2}
"""


def events_of(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


class Runs(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "text").mkdir()
        for name in "abc":
            (cls.folder / f"text/{name}.txt").write_text(f"the {name} mesh splits a batch over devices. " * 60)
        (cls.folder / "tiny.yaml").write_text(CONFIG)
        cls.done("train", "tiny.yaml", "--data", "text", "--out", "runs/a")
        cls.done("train", "tiny.yaml", "--data", "text", "--out", "runs/b", "--set", "optimizer.learning_rate=1e-3",
                 "--steps", "8")

    def test_list_shows_every_run_and_names_a_damaged_one(self):
        (self.folder / "runs/bad").mkdir(exist_ok=True)
        (self.folder / "runs/bad/config.yaml").write_text("format: 1\n")
        (self.folder / "runs/bad/metrics.jsonl").write_text("nonsense\n")
        listed = json.loads(self.done("runs", "list", "--json"))
        self.assertEqual(listed["format"], 1)
        self.assertEqual([run["run"] for run in listed["runs"]], ["runs/b", "runs/a"])
        self.assertEqual([problem["run"] for problem in listed["problems"]], ["runs/bad"])
        for run in listed["runs"]:
            events = events_of(self.folder / run["run"])
            steps = [event for event in events if event["event"] == "step"]
            evals = [(event["loss"], event["step"]) for event in events if event["event"] == "eval"]
            self.assertEqual(run["state"], "done")
            self.assertEqual((run["step"], run["steps"]), (len(steps), len(steps)))
            self.assertEqual(run["loss"], steps[-1]["loss"])
            self.assertEqual((run["best_validation"]["loss"], run["best_validation"]["step"]), min(evals))
            self.assertEqual(run["checkpoints"], [step for step in (4, 8, 12) if step <= len(steps)][-2:])
            tokens = sum(event["tokens_per_s"] * event["seconds"] for event in steps)
            self.assertAlmostEqual(run["tokens_per_s"], tokens / sum(event["seconds"] for event in steps), places=3)
        table = self.podium("runs", "list").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in table], ["run", "runs/b", "runs/a"])

    def test_step_lines_say_where_the_time_went(self):
        for event in events_of(self.folder / "runs/a"):
            if event["event"] != "step":
                continue
            for field in ("seconds", "data_seconds", "eval_seconds", "save_seconds"):
                self.assertGreaterEqual(event[field], 0)
            self.assertEqual(event["save_seconds"] > 0, event["step"] in (5, 9), event)
            self.assertGreater(event["memory_bytes"], 1e6)

    def test_learning_rates_are_the_schedules(self):
        rates = [event["learning_rate"] for event in events_of(self.folder / "runs/a") if event["event"] == "step"]
        script = "import optax, jax; jax.config.update('jax_enable_x64', True)\n" \
                 "schedule = optax.warmup_cosine_decay_schedule(0.0, 1e-2, 4, 12)\n" \
                 "print([float(schedule(i)) for i in range(12)])"
        for rate, expected in zip(rates, json.loads(self.numpy(script)), strict=True):
            self.assertAlmostEqual(rate, expected, delta=1e-9)

    def test_show_says_config_best_checkpoint_and_curves(self):
        shown = json.loads(self.done("runs", "show", "runs/a", "--json", "--svg", "a.svg"))
        events = events_of(self.folder / "runs/a")
        self.assertEqual(shown["config"]["optimizer.warmup_steps"], "4")
        self.assertEqual(shown["curves"]["train/loss"],
                         {"steps": list(range(1, 13)),
                          "values": [event["loss"] for event in events if event["event"] == "step"]})
        evals = {event["step"]: event["loss"] for event in events if event["event"] == "eval"}
        self.assertEqual(shown["best_checkpoint"], min(evals, key=evals.get))
        self.assertEqual(shown["best_checkpoint_path"], f"runs/a/best/checkpoints/{shown['best_checkpoint']:08}")
        self.assertTrue((self.folder / shown["best_checkpoint_path"] / "manifest.json").exists())
        self.assertIn(shown["best_checkpoint_path"], self.done("runs", "show", "runs/a"))
        self.drawn("a.svg", {"training", "validation"})

    def test_compare_shows_differences_and_draws_both(self):
        compared = json.loads(self.done("runs", "compare", "runs/a", "runs/b", "--json", "--svg", "both.svg"))
        self.assertEqual(compared["config"]["train.steps"], ["12", "8"])
        self.assertEqual([float(x) for x in compared["config"]["optimizer.learning_rate"]], [1e-2, 1e-3])
        self.assertLessEqual(set(compared["config"]),
                             {"train.steps", "optimizer.learning_rate", "optimizer.total_steps"})
        self.assertEqual([run["step"] for run in compared["runs"]], [12, 8])
        self.assertIn("optimizer.learning_rate", self.done("runs", "compare", "runs/a", "runs/b"))
        self.drawn("both.svg", {"a", "b", "a, validation", "b, validation"})

    def drawn(self, name, lines):
        svg = xml.dom.minidom.parse(str(self.folder / name)).documentElement
        self.assertEqual(svg.tagName, "svg")
        titles = {title.firstChild.data for title in svg.getElementsByTagName("title")}
        self.assertLessEqual(lines, titles)
        said = {text.firstChild.data for text in svg.getElementsByTagName("text")}
        self.assertLessEqual(lines | {"step", "tokens a second"}, said)

    def test_refuses_what_is_no_run(self):
        self.expect_refusal(("runs", "show", "text"), 2, "no config.yaml")
        self.expect_refusal(("runs", "compare", "runs/a", "none"), 2, "no such folder")
        self.expect_refusal(("runs", "compare", "runs/a"), 2, "podium runs compare --help")
        self.expect_refusal(("runs", "list", "none"), 2, "no folder none")
        self.expect_refusal(("runs", "lits"), 2, "did you mean list?")
        self.expect_refusal(("runs",), 2, "podium runs --help")


if __name__ == "__main__":
    unittest.main()
