"""compare_transformers.py FOLDER WRITTEN...: fails unless transformers loads each FOLDER/KIND/WRITTEN with exactly the
tensors, and the logits, of FOLDER/KIND/model."""

import json
import os
import sys
import warnings

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import torch
import torchvision
import transformers as t
from safetensors.torch import load_file

folder, kinds = sys.argv[1], sorted(os.listdir(sys.argv[1]))
assert kinds, folder


def class_of(path):
    return getattr(t, json.load(open(path + "/config.json"))["architectures"][0])


for kind in kinds:
    of = lambda name: f"{folder}/{kind}/{name}"
    if kind == "torchvision":
        old, new = (load_file(of(name + "/model.safetensors")) for name in ("model", "same"))
        assert old.keys() == new.keys() and all(torch.equal(old[key], new[key]) for key in old), kind
        torchvision.models.resnet18(num_classes=5).load_state_dict(new)
        continue
    options = {} if kind.startswith("resnet") else dict(attn_implementation="eager")
    load = lambda name: class_of(of(name)).from_pretrained(of(name), output_loading_info=True, **options)
    before, _ = load("model")
    given = load_file(of("expected.safetensors"))
    names = ("tokens",) if "tokens" in given else ("input_ids", "pixel_values", "attention_mask", "token_type_ids",
                                                   "decoder_input_ids")
    inputs = {{"tokens": "input_ids"}.get(name, name): given[name] for name in names if name in given}
    inputs = {name: value if value.is_floating_point() else value.long() for name, value in inputs.items()}
    written = [name for name in sys.argv[2:] if os.path.isdir(of(name))]
    assert written, kind
    for name in written:
        after, info = load(name)
        assert not any(info.values()), (kind, name, info)
        assert type(after) is type(before), (kind, name, type(after))
        old, new = before.state_dict(), after.state_dict()
        assert old.keys() == new.keys(), (kind, name)
        for key in old:
            assert torch.equal(old[key], new[key]), (kind, name, key)
        with torch.no_grad():
            difference = (after.eval()(**inputs).logits - given["logits"]).abs().max()
        assert difference < 1e-5, (kind, name, difference)
print("equal:", *kinds)
