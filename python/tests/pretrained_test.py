"""Hugging Face's checkpoints and tokenizers from Python, beside NumPy, safetensors, tokenizers and the command."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import podium as pd
from support import SOURCE, oracle

COMMAND = os.environ.get("PODIUM_COMMAND", str(SOURCE / "build/bin/podium"))
CONFIG = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 300, "n_embd": 16, "n_layer": 2,
          "n_head": 4, "n_positions": 64, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
          "eos_token_id": 0}  # fmt: skip
GPT2 = """
import pathlib
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
folder = pathlib.Path(str(folder))
draw = np.random.default_rng(5)
w = lambda *dims: draw.normal(0, 0.3, dims).astype(np.float32)
tensors = {'wte.weight': w(300, 16), 'wpe.weight': w(64, 16), 'ln_f.weight': 1 + w(16), 'ln_f.bias': w(16)}
for n in range(2):
    for name, dims in {'attn.c_attn': (16, 48), 'attn.c_proj': (16, 16), 'mlp.c_fc': (16, 64), 'mlp.c_proj': (64, 16)}.items():
        tensors[f'h.{n}.{name}.weight'], tensors[f'h.{n}.{name}.bias'] = w(*dims), w(dims[1])
    for name in ('ln_1', 'ln_2'):
        tensors[f'h.{n}.{name}.weight'], tensors[f'h.{n}.{name}.bias'] = 1 + w(16), w(16)
tensors = {'transformer.' + name: value for name, value in tensors.items()}
save_file(tensors, folder / 'model.safetensors')
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
tokenizer.train_from_iterator([str(text)], trainers.BpeTrainer(vocab_size=300, special_tokens=['<|endoftext|>'],
                              initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
tokenizer.save(str(folder / 'tokenizer.json'))
result['ids'], result['size'] = np.array(tokenizer.encode(str(text)).ids), tokenizer.get_vocab_size()

def norm(x, name):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return x * p(name + '.weight') + p(name + '.bias')
p = lambda name: tensors['transformer.' + name].astype(float)
linear = lambda x, name: x @ p(name + '.weight') + p(name + '.bias')
gelu = lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
x = p('wte.weight')[tokens] + p('wpe.weight')[:tokens.shape[1]]
for n in range(2):
    q, k, v = (part.reshape(*part.shape[:2], 4, 4).swapaxes(1, 2) for part in np.split(linear(norm(x, f'h.{n}.ln_1'), f'h.{n}.attn.c_attn'), 3, -1))
    scores = np.where(np.tri(tokens.shape[1], dtype=bool), q @ k.swapaxes(-1, -2) / 2, -np.inf)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = (scores / scores.sum(-1, keepdims=True) @ v).swapaxes(1, 2).reshape(x.shape)
    x = x + linear(mixed, f'h.{n}.attn.c_proj')
    x = x + linear(gelu(linear(norm(x, f'h.{n}.ln_2'), f'h.{n}.mlp.c_fc')), f'h.{n}.mlp.c_proj')
result['logits'] = norm(x, 'ln_f') @ p('wte.weight').T
for name, value in tensors.items():
    result['tensor ' + name] = value
"""
TOKENS = np.array([[5, 299, 17, 0, 42], [1, 2, 3, 4, 5]])
TEXT = "The mesh of pods is a mesh of chips, and the chips are pods of a mesh. The pods mesh.\n" * 3


def files_of(folder):
    """Returns the tensors of a checkpoint's one file."""
    script = "from safetensors.numpy import load_file\nresult.update(load_file(str(folder) + '/model.safetensors'))"
    return oracle(script, folder=str(folder))


class PretrainedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held = tempfile.TemporaryDirectory(prefix="podium-pretrained-")
        cls.folder = pathlib.Path(cls.held.name, "gpt2")
        cls.folder.mkdir()
        (cls.folder / "config.json").write_text(json.dumps(CONFIG))
        cls.expected = oracle(GPT2, folder=str(cls.folder), tokens=TOKENS, text=TEXT)
        cls.tensors = {name[7:]: value for name, value in cls.expected.items() if name.startswith("tensor ")}
        cls.model = pd.models.load(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.held.cleanup()

    def test_logits_are_numpys(self):
        logits = np.asarray(self.model(TOKENS))
        np.testing.assert_allclose(logits, self.expected["logits"], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(np.asarray(self.model(list(TOKENS[0]))), logits[0], rtol=1e-4, atol=1e-4)

    def test_parameters_have_upstreams_names_and_shapes(self):
        self.assertEqual((self.model.kind, self.model.config["n_embd"], self.model.ends), ("decoder", 16, [0]))
        self.assertEqual(set(self.model.parameters), set(self.tensors))
        for name, value in self.model.parameters.items():
            np.testing.assert_array_equal(np.asarray(value), self.tensors[name], name)

    def test_it_is_trained_and_saved_for_transformers(self):
        model = pd.models.load(self.folder)

        def loss(params, tokens):
            return pd.nn.cross_entropy(model(tokens[:, :-1], params=params), tokens[:, 1:])

        before, gradient = pd.jit(pd.value_and_grad(loss))(model.params, TOKENS)
        model.params = {name: value - 0.1 * gradient[name] for name, value in model.params.items()}
        self.assertLess(float(pd.jit(loss)(model.params, TOKENS)), float(before))
        with tempfile.TemporaryDirectory() as folder:
            model.save(folder)
            written, again = files_of(folder), pd.models.load(folder)
        self.assertEqual(set(written), set(self.tensors))
        for name, value in model.parameters.items():
            np.testing.assert_array_equal(np.asarray(value), written[name])
        np.testing.assert_array_equal(np.asarray(again(TOKENS)), np.asarray(model(TOKENS)))
        self.assertEqual(again.tokenizer.encode(TEXT), model.tokenizer.encode(TEXT))

    def test_texts_are_the_commands(self):
        prompts = ["The mesh", "A pod of"]
        for options in ({"temperature": 0.7, "top_k": 20, "top_p": 0.9, "seed": 4, "beams": 1}, {"temperature": 0}):
            flags = [str(word) for name, value in options.items() for word in ("--" + name.replace("_", "-"), value)]
            said = subprocess.run([COMMAND, "sample", self.folder, "--json", "--tokens", "12", *flags, "--prompt", prompts[0],
                                   "--prompt", prompts[1]], text=True, capture_output=True)  # fmt: skip
            self.assertEqual(said.returncode, 0, said.stderr)
            texts = [json.loads(line)["text"] for line in said.stdout.splitlines()]
            self.assertEqual(self.model.generate(prompts, tokens=12, **options), texts)
        self.assertEqual(self.model.generate(prompts[0], tokens=12, temperature=0), texts[0])

    def test_ids_follow_ids(self):
        ids = self.model.tokenizer.encode("The mesh")
        made = self.model.generate(ids, tokens=6, temperature=0, ends=[])
        self.assertEqual(self.model.tokenizer.decode(made), self.model.generate("The mesh", tokens=6, temperature=0, ends=[]))
        self.assertEqual(self.model.generate([np.array(ids)], tokens=6, temperature=0, ends=[]), [made])
        logits = np.asarray(self.model(np.array([ids + made])))
        self.assertEqual(made, np.argmax(logits[0, len(ids) - 1 : -1], -1).tolist())

    def test_the_tokenizer_is_upstreams(self):
        tokenizer = pd.tokenizers.load(self.folder / "tokenizer.json")
        self.assertEqual(tokenizer.encode(TEXT), self.expected["ids"].tolist())
        self.assertEqual(tokenizer.encode_for_model("a", "b")[1], [0, 1])
        self.assertEqual(tokenizer.decode(tokenizer.encode(TEXT)), TEXT)
        self.assertEqual(len(tokenizer), self.expected["size"])

    def test_other_kinds_are_loaded_called_and_saved(self):
        bert = {"model_type": "bert", "vocab_size": 30, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
                "num_attention_heads": 2, "max_position_embeddings": 16}  # fmt: skip
        t5 = {"model_type": "t5", "vocab_size": 30, "num_layers": 1, "num_decoder_layers": 1, "d_model": 8, "d_ff": 12,
              "num_heads": 2, "d_kv": 4}  # fmt: skip
        ids, seen = TOKENS % 30, np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]], bool)
        for config, tensors, inputs in ((bert, BERT_TENSORS, (ids, np.zeros_like(ids), seen)), (t5, T5_TENSORS, (ids, ids[:, :3], seen))):
            with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
                pathlib.Path(folder, "config.json").write_text(json.dumps(config))
                oracle("from safetensors.numpy import save_file\ndraw = np.random.default_rng(1)\n"
                       "shapes = eval(str(shapes))\nsave_file({name: draw.normal(size=dims).astype('f') for name, dims in "
                       "shapes.items()}, str(folder) + '/model.safetensors')", folder=folder, shapes=repr(tensors))  # fmt: skip
                model = pd.models.load(folder)
                logits = np.asarray(model(*inputs))
                self.assertEqual(logits.shape, (2, inputs[1].shape[1], 30))
                self.assertEqual({name: value.shape for name, value in model.parameters.items()}, tensors)
                model.save(other)
                np.testing.assert_array_equal(np.asarray(pd.models.load(other)(*inputs)), logits)
            with self.assertRaisesRegex(NotImplementedError, "decoders do"):
                model.generate("x")
            with self.assertRaisesRegex(pd.InvalidArgument, "inputs came"):
                model(*inputs, ids)

    def test_errors_have_the_class_of_their_code(self):
        with self.assertRaisesRegex(pd.NotFound, "has no config.json"):
            pd.models.load(self.held.name)
        with self.assertRaisesRegex(pd.InvalidArgument, "exceed the model's length"):
            self.model.generate("x", tokens=1000)
        with self.assertRaisesRegex(pd.InvalidArgument, "the prompt has number 300"):
            self.model.generate([1, 300])
        with self.assertRaises(pd.DtypeMismatch):
            self.model(TOKENS.astype(np.float32))
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "config.json")
            for text, kind in (("{", pd.InvalidData), ("[]", pd.InvalidData), ('{"model_type": "rwkv"}', pd.Unimplemented),
                               (json.dumps(CONFIG), pd.NotFound)):  # fmt: skip
                config.write_text(text)
                with self.assertRaises(kind):
                    pd.models.load(folder)


def bert_shapes():
    layer = {f"attention.self.{name}": (8, 8) for name in ("query", "key", "value")}
    layer |= {"attention.output.dense": (8, 8), "intermediate.dense": (12, 8), "output.dense": (8, 12)}
    shapes = {f"bert.encoder.layer.0.{name}.weight": dims for name, dims in layer.items()}
    shapes |= {f"bert.encoder.layer.0.{name}.bias": dims[:1] for name, dims in layer.items()}
    shapes |= {"cls.predictions.transform.dense.weight": (8, 8), "cls.predictions.transform.dense.bias": (8,)}
    for norm in ("bert.embeddings", "bert.encoder.layer.0.attention.output", "bert.encoder.layer.0.output", "cls.predictions.transform"):
        shapes |= {f"{norm}.LayerNorm.weight": (8,), f"{norm}.LayerNorm.bias": (8,)}
    sizes = {"word": 30, "position": 16, "token_type": 2}
    return shapes | {f"bert.embeddings.{n}_embeddings.weight": (k, 8) for n, k in sizes.items()} | {"cls.predictions.bias": (30,)}


def t5_shapes():
    shapes = {"shared.weight": (30, 8)}
    for side, attentions in (("encoder", ("SelfAttention",)), ("decoder", ("SelfAttention", "EncDecAttention"))):
        block = f"{side}.block.0.layer"
        shapes |= {f"{block}.0.SelfAttention.relative_attention_bias.weight": (32, 2), f"{side}.final_layer_norm.weight": (8,)}
        for n, attention in enumerate(attentions):
            shapes |= {f"{block}.{n}.{attention}.{name}.weight": (8, 8) for name in "qkvo"}
            shapes[f"{block}.{n}.layer_norm.weight"] = (8,)
        n = len(attentions)
        shapes |= {f"{block}.{n}.layer_norm.weight": (8,), f"{block}.{n}.DenseReluDense.wi.weight": (12, 8),
                   f"{block}.{n}.DenseReluDense.wo.weight": (8, 12)}  # fmt: skip
    return shapes


BERT_TENSORS, T5_TENSORS = bert_shapes(), t5_shapes()

if __name__ == "__main__":
    unittest.main()
