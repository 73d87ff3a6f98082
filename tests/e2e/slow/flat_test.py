"""Ten thousand steps leave a run's memory, open files and threads as they were after two thousand."""

import json
import pathlib
import subprocess
import unittest

from command import COMMAND, CommandTest

STEPS, EARLY = 10_000, 2_000
TINY = "model: {layers: 1, width: 16, heads: 2, length: 16, mlp_ratio: 2}\n" \
       f"train: {{steps: {STEPS}, batch: 4, checkpoint_every: 500, eval_every: 500, log_norms: true}}\n"
ALLOWED_BYTES = 8e6  # 1 kB a step would be this much


def sample(process):
    """Returns resident bytes, open files and threads of a process."""
    folder = pathlib.Path(f"/proc/{process.pid}")
    fields = dict(row.split(":", 1) for row in (folder / "status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024, len(list((folder / "fd").iterdir())), int(fields["Threads"])


class Flat(CommandTest):
    def test_ten_thousand_steps_leave_nothing_behind(self):
        (self.folder / "text").mkdir()
        for name in "abc":
            (self.folder / f"text/{name}.txt").write_text(f"the {name} mesh splits a batch over devices. " * 100)
        (self.folder / "tiny.yaml").write_text(TINY)
        process = subprocess.Popen([COMMAND, "train", "tiny.yaml", "--data", "text", "--out", "run", "--json",
                                    "--tensorboard"], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        seen = []
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["step"] >= EARLY and event["step"] % 100 == 50:
                seen.append((event["step"], *sample(process)))
        self.assertEqual(process.wait(60), 0)
        early = [row for row in seen if row[0] < EARLY + 1000]
        late = [row for row in seen if row[0] > STEPS - 1000]
        # A checkpoint on its way opens a file for a moment, so what stays open is the least that was seen.
        kinds = {"memory": max, "files": min, "threads": max}
        found = {name: (kind(row[i] for row in early), kind(row[i] for row in late))
                 for i, (name, kind) in enumerate(kinds.items(), 1)}
        print(f"steps {EARLY} to {EARLY + 1000} and {STEPS - 1000} to {STEPS}: {found}")
        for name, (before, after) in found.items():
            self.assertLessEqual(after - before, ALLOWED_BYTES if name == "memory" else 0, name)


if __name__ == "__main__":
    unittest.main()
