"""A Hugging Face checkpoint from outside: sampled, trained further, and written again."""

import json
import unittest

from command import SOURCE, CommandTest

VOCABULARY = 300
CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": VOCABULARY, "hidden_size": 16,
          "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": True}
WEIGHTS = """
import numpy as np
from safetensors.numpy import save_file
draw = np.random.default_rng(5)
w = lambda *dims: draw.normal(0, 0.2, dims).astype(np.float32)
tensors = {'model.embed_tokens.weight': w(300, 16), 'model.norm.weight': 1 + w(16)}
for layer in range(2):
    for name, dims in {'self_attn.q_proj': (16, 16), 'self_attn.k_proj': (8, 16), 'self_attn.v_proj': (8, 16),
                       'self_attn.o_proj': (16, 16), 'mlp.gate_proj': (24, 16), 'mlp.up_proj': (24, 16),
                       'mlp.down_proj': (16, 24)}.items():
        tensors[f'model.layers.{layer}.{name}.weight'] = w(*dims)
    for name in ('input_layernorm', 'post_attention_layernorm'):
        tensors[f'model.layers.{layer}.{name}.weight'] = 1 + w(16)
save_file(tensors, 'tiny/model.safetensors')
"""
SAME = """
from safetensors.numpy import load_file
one, other = (load_file(f'{folder}/model.safetensors') for folder in ('tiny', 'again'))
assert one.keys() == other.keys(), one.keys() ^ other.keys()
print(sum((one[name] == other[name]).all() for name in one), len(one))
"""


class HuggingFace(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment = {"XDG_CACHE_HOME": str(cls.folder / "cache")}
        (cls.folder / "tiny").mkdir()
        (cls.folder / "tiny/config.json").write_text(json.dumps(CONFIG))
        (cls.folder / "text.md").write_bytes((SOURCE / "docs/first-hour.md").read_bytes())
        cls.done("tokenizer", "train", "--data", "text.md", "--size", VOCABULARY, "--out", "tiny/tokenizer.json")
        cls.numpy(WEIGHTS)

    def train(self, out, *arguments, code=0):
        ended = self.podium("train", SOURCE / "examples/gpt.yaml", "--data", "text.md", "--out", out,
                            "--set", "model.pretrained=tiny", "--set", "train.length=32", "--set", "train.batch=8",
                            "--set", "optimizer.schedule=constant", *arguments, **self.environment)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended

    def losses(self, run):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return {line["step"]: line["loss"] for line in map(json.loads, lines) if line["event"] == "step"}

    def texts(self, *arguments):
        lines = self.done("sample", "tiny", "--json", "--tokens", 20, *arguments).splitlines()
        return [json.loads(line)["text"] for line in lines]

    def test_texts_of_a_batch_are_those_of_each_alone(self):
        prompts = ["The mesh", "A run of"]
        greedy = ["--temperature", 0]
        together = self.texts("--prompt", prompts[0], "--prompt", prompts[1], *greedy)
        self.assertEqual(together, [self.texts("--prompt", prompt, *greedy)[0] for prompt in prompts])
        self.assertNotEqual(together[0], together[1])
        drawn = ["--prompt", prompts[0], "--top-p", 0.9, "--top-k", 50, "--seed", 3]
        self.assertEqual(self.texts(*drawn), self.texts(*drawn))
        self.assertEqual(len(self.texts("--prompt", prompts[0], "--beams", 3)), 1)

    def test_it_is_trained_further_resumed_sampled_and_written(self):
        self.train("whole", "--steps", 20)
        self.train("cut", "--steps", 10)
        resumed = self.podium("train", "--resume", "cut", "--steps", 20, **self.environment)
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        losses = self.losses("whole")
        self.assertEqual(self.losses("cut"), losses)
        self.assertLess(losses[20], losses[1])
        self.assertTrue(self.done("sample", "whole", "--prompt", "The", "--tokens", 5).startswith("The"))
        self.done("export", "whole", "--out", "tuned")
        tuned = self.done("sample", "tuned", "--prompt", "The", "--tokens", 5, "--temperature", 0)
        self.assertEqual(tuned, self.done("sample", "whole", "--prompt", "The", "--tokens", 5, "--temperature", 0))

    def test_what_is_not_trained_is_written_as_it_was(self):
        self.train("none", "--steps", 1, "--set", "optimizer.learning_rate=0", "--set", "optimizer.warmup_steps=0")
        self.done("export", "none", "--out", "again")
        same, count = self.numpy(SAME).split()
        self.assertEqual(same, count)
        config = json.loads((self.folder / "again/config.json").read_text())
        self.assertEqual({name: config[name] for name in CONFIG}, CONFIG)

    def test_adapters_change_the_weights_beside_which_they_are(self):
        self.train("adapted", "--steps", 4, "--set", "model.lora={rank: 2, patterns: ['**.attn.q.weight']}")
        self.done("export", "adapted", "--out", "again")
        same, count = map(int, self.numpy(SAME).split())
        self.assertEqual(same, count - 2)  # one of each layer
        greedy = ["--prompt", "The", "--tokens", 8, "--temperature", 0]
        self.assertEqual(self.done("sample", "again", *greedy), self.done("sample", "adapted", *greedy))
        self.assertIn("loss", self.done("eval", "adapted", "--data", "text.md"))

    def test_what_is_wrong_is_said(self):
        self.assertIn("no decoder of model_type", self.refused("config.json", json.dumps({"model_type": "x"})))
        self.assertIn("hidden_size is 0", self.refused("config.json", json.dumps(CONFIG | {"hidden_size": 0})))
        self.assertIn("model.safetensors", self.refused("model.safetensors", "short"))
        self.assertIn("has no tokenizer.json", self.refused("tokenizer.json", None))

    def refused(self, name, text):
        """Returns what sampling says where a file has another text, or none."""
        path = self.folder / "tiny" / name
        kept = path.read_bytes()
        try:
            path.unlink() if text is None else path.write_text(text)
            ended = self.podium("sample", "tiny", "--prompt", "x", "--tokens", 1)
        finally:
            path.write_bytes(kept)
        self.assertIn(ended.returncode, range(1, 20), ended.stderr)  # a code of the command, not a crash
        return ended.stderr


if __name__ == "__main__":
    unittest.main()
