"""Writes small checkpoints with random weights, made by transformers, and what its models say and learn.

make_transformers.py FOLDER: for each kind FOLDER/KIND/model (a checkpoint), FOLDER/KIND/gradient (the same, of the
gradient of the loss) and FOLDER/KIND/expected.safetensors: tokens, logits, loss, prompt, first, greedy, beam.
"""

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
from safetensors.torch import save_file

SIZES = dict(vocab_size=48, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64)
LLAMA3 = dict(rope_type="llama3", rope_theta=100.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16)
YARN = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16)
LINEAR = dict(rope_type="linear", rope_theta=10000.0, factor=2.0)
CONFIGS = {
    "gpt2": t.GPT2Config(vocab_size=48, n_embd=32, n_layer=2, n_head=4, n_positions=64),
    "llama": t.LlamaConfig(**SIZES, rope_parameters=LLAMA3),
    "llama_yarn": t.LlamaConfig(**SIZES, rope_parameters=YARN, attention_bias=True, mlp_bias=True),
    "llama_linear": t.LlamaConfig(**SIZES, rope_parameters=LINEAR, tie_word_embeddings=True),
    "mistral": t.MistralConfig(**SIZES, sliding_window=4, head_dim=12),
    "mixtral": t.MixtralConfig(**SIZES, num_local_experts=4, output_router_logits=True, router_aux_loss_coef=0.1),
    "qwen2": t.Qwen2Config(**SIZES),
    "qwen3": t.Qwen3Config(**SIZES, head_dim=16),
    "gemma": t.GemmaConfig(**SIZES, head_dim=16),
    "gemma2": t.Gemma2Config(**SIZES, head_dim=16, sliding_window=4, attn_logit_softcapping=2.0,
                             final_logit_softcapping=3.0, query_pre_attn_scalar=8),
    "gemma3": t.Gemma3TextConfig(**SIZES, head_dim=16, sliding_window=4, layer_types=["sliding_attention",
                                                                                      "full_attention"]),
}
SMALL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)
T5 = dict(vocab_size=48, d_model=32, d_kv=6, d_ff=48, num_layers=2, num_decoder_layers=3, num_heads=4,
          relative_attention_num_buckets=8, relative_attention_max_distance=12)
OTHERS = {
    "bert": (t.BertForMaskedLM, t.BertConfig(vocab_size=48, max_position_embeddings=32, **SMALL)),
    "vit": (t.ViTForImageClassification, t.ViTConfig(image_size=16, patch_size=4, num_labels=5, **SMALL)),
    "t5": (t.T5ForConditionalGeneration, t.T5Config(**T5)),
    "t5_gated": (t.T5ForConditionalGeneration, t.T5Config(**T5, feed_forward_proj="gated-gelu")),
}
RESNET = dict(embedding_size=8, hidden_sizes=[8, 16], depths=[2, 1], num_labels=5)
OTHERS |= {
    "resnet": (t.ResNetForImageClassification, t.ResNetConfig(**RESNET, layer_type="basic")),
    "resnet_bottleneck": (t.ResNetForImageClassification, t.ResNetConfig(**RESNET, layer_type="bottleneck",
                                                                         downsample_in_first_stage=True)),
}
PROMPT = torch.tensor([[3, 9, 27, 33, 4], [0, 0, 11, 40, 6]])  # the second has two places of padding
MADE = 12


def randomized(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def narrow(value):
    return (value.int() if value.dtype == torch.long else value).contiguous()


def save_gradient(model, folder):
    for name, buffer in model.named_buffers():
        buffer.zero_()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.grad)
    model.save_pretrained(folder + "/gradient")


def make(kind, config, folder):
    torch.manual_seed(sum(map(ord, kind)))
    config.bos_token_id = config.eos_token_id = None
    config.pad_token_id = 0
    model = randomized(t.AutoModelForCausalLM.from_config(config, attn_implementation="eager"))
    model.save_pretrained(folder + "/model", max_shard_size="40KB" if kind in ("llama", "mixtral") else "5GB")
    tokens = torch.randint(1, 48, (2, 12))
    result = model(input_ids=tokens, labels=tokens)
    result.loss.backward()
    model.config.output_router_logits = False
    options = dict(attention_mask=(PROMPT > 0).long(), max_new_tokens=MADE, do_sample=False, pad_token_id=0)
    greedy = model.generate(PROMPT, **options)[:, PROMPT.shape[1]:]
    beam = model.generate(PROMPT, num_beams=3, length_penalty=0.0, **options)[:, PROMPT.shape[1]:]
    expected = dict(tokens=tokens.int(), logits=result.logits.detach(), loss=result.loss.detach(),
                    prompt=PROMPT.int(), first=(PROMPT == 0).sum(1).int(), greedy=greedy.int(), beam=beam.int())
    save_file({name: narrow(value) for name, value in expected.items()}, folder + "/expected.safetensors")
    save_gradient(model, folder)


def inputs_of(kind):
    """What the models beside decoders are given; the last three places of a second text are padding."""
    tokens, seen = torch.randint(1, 48, (2, 10)), torch.ones(2, 10, dtype=torch.long)
    seen[1, 7:] = 0
    if kind == "vit":
        return dict(pixel_values=torch.rand(2, 3, 16, 16), labels=torch.tensor([3, 1]))
    if kind.startswith("resnet"):  # so large that norms of the last stage see many numbers
        return dict(pixel_values=torch.rand(4, 3, 64, 96), labels=torch.tensor([3, 1, 0, 4]))
    if kind == "bert":
        return dict(input_ids=tokens, attention_mask=seen, token_type_ids=(torch.arange(10) > 4).long().expand(2, 10),
                    labels=torch.randint(0, 48, (2, 10)))
    labels = torch.randint(1, 48, (2, 14))
    return dict(input_ids=tokens, attention_mask=seen, labels=labels,
                decoder_input_ids=torch.cat([torch.zeros(2, 1, dtype=torch.long), labels[:, :-1]], 1))


def make_other(kind, model, config, folder):
    torch.manual_seed(sum(map(ord, kind)))
    options = {} if kind.startswith("resnet") else dict(attn_implementation="eager")
    model = randomized(model._from_config(config, **options))
    for name, buffer in model.named_buffers():
        if "running" in name:
            buffer.add_(torch.rand_like(buffer))
        elif "tracked" in name:
            buffer.fill_(7)
    model.save_pretrained(folder + "/model")
    inputs = inputs_of(kind)
    logits = model(**inputs).logits.detach()
    model.train(kind.startswith("resnet"))  # whose norms then take the batch's own statistics
    result = model(**inputs)
    result.loss.backward()
    expected = dict(inputs, logits=logits, loss=result.loss.detach())
    save_file({name: narrow(value) for name, value in expected.items()}, folder + "/expected.safetensors")
    save_gradient(model, folder)


def make_torchvision(folder):
    """A network of torchvision, whose files have its names, as timm's have."""
    torch.manual_seed(5)
    model = torchvision.models.resnet18(num_classes=5).eval()
    for name, buffer in model.named_buffers():
        if "running" in name:
            buffer.add_(torch.rand_like(buffer))
    os.makedirs(folder + "/model")
    os.makedirs(folder + "/gradient")
    with open(folder + "/model/config.json", "w") as file:
        json.dump({"architecture": "resnet18", "num_classes": 5}, file)
    save_file(model.state_dict(), folder + "/model/model.safetensors")
    inputs = dict(pixel_values=torch.rand(4, 3, 128, 96), labels=torch.tensor([3, 1, 0, 4]))
    logits = model(inputs["pixel_values"]).detach()
    loss = torch.nn.functional.cross_entropy(model.train()(inputs["pixel_values"]), inputs["labels"])
    loss.backward()
    expected = dict(inputs, logits=logits, loss=loss.detach())
    save_file({name: narrow(value) for name, value in expected.items()}, folder + "/expected.safetensors")
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    zeros = {name: torch.zeros_like(buffer) for name, buffer in model.named_buffers()}
    save_file(gradients | zeros, folder + "/gradient/model.safetensors")


make_torchvision(sys.argv[1] + "/torchvision")
for kind, config in CONFIGS.items():
    make(kind, config, sys.argv[1] + "/" + kind)
for kind, (model, config) in OTHERS.items():
    make_other(kind, model, config, sys.argv[1] + "/" + kind)
