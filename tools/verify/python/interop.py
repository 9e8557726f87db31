"""Reads a request (JSON, argument 1), opens exported folders with transformers and onnxruntime, and writes what they say (JSON, argument 2)."""

import json
import sys

import onnxruntime
import transformers
from transformers import AutoConfig, AutoTokenizer, pipeline


def encode(tokenizer, rows):
    """Rows as a batch; those with neighbours as [CLS] before [SEP] the sentence [SEP] after [SEP], the sentence in a segment of its own."""
    if "before" not in rows[0]:
        pairs = [row["pair"] for row in rows if "pair" in row]
        return tokenizer([row["text"] for row in rows], pairs or None, padding=True, return_tensors="pt")

    def plain(*texts):
        return [token for text in texts for token in tokenizer(text, add_special_tokens=False)["input_ids"]]

    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    sequences = []
    for row in rows:
        left, own, right = plain(*row["before"]), plain(row["text"]), plain(*row["after"])
        ids = [cls, *left, sep, *own, sep, *right, sep]
        types = [0] * (len(left) + 2) + [1] * len(own) + [0] * (len(right) + 2)
        sequences.append({"input_ids": ids, "token_type_ids": types})
    return tokenizer.pad(sequences, return_tensors="pt")


def run_onnx(path, inputs, prefix):
    """The outputs that are called `prefix`, or begin with it and a dot, without it."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    if prefix is not None:
        names = [name for name in names if name == prefix or name.startswith(f"{prefix}.")]
    results = session.run(names, inputs)
    short = [name if prefix is None else name.removeprefix(prefix).removeprefix(".") or "logits" for name in names]
    return {name: result.tolist() for name, result in zip(short, results)}


def run_pipeline(task):
    """What the pipeline says, where the task has one that reads such rows; question answering has none here any more."""
    name, rows = task["pipeline"], task["rows"]
    if name not in ("text-classification", "token-classification") or "before" in rows[0]:
        return None
    texts = [{"text": row["text"], "text_pair": row["pair"]} if "pair" in row else row["text"] for row in rows]
    run = pipeline(name, task["folder"])
    if name == "text-classification":
        return [run(text, top_k=None) for text in texts]
    return [[one["entity"] for one in run(text, ignore_labels=[])] if text else [] for text in texts]


def answer(task, model):
    tokenizer = AutoTokenizer.from_pretrained(task["folder"])
    encoded = encode(tokenizer, task["rows"])
    inputs = {name: encoded[name].numpy() for name in ("input_ids", "attention_mask", "token_type_ids")}
    config = AutoConfig.from_pretrained(task["folder"])
    return {
        "ids": encoded["input_ids"].tolist(),
        "problem": config.problem_type,
        "labels": [config.id2label[i] for i in sorted(config.id2label)],
        "torch": run_torch(task, encoded) if task["weights"] else None,
        "onnx": run_onnx(f"{task['folder']}/onnx/model.onnx", inputs, None),
        "model": run_onnx(model, inputs, task["name"]),
    }


def run_torch(task, encoded):
    """What the class of the task's head says, and its pipeline."""
    auto = getattr(transformers, f"AutoModel{task['head']}")
    network, info = auto.from_pretrained(task["folder"], output_loading_info=True)
    network.eval()
    choices = task.get("choices")
    # A class for choices wants those of a question together: [questions, choices, length].
    given = {name: value.view(-1, choices, value.shape[-1]) if choices else value for name, value in encoded.items()}
    results = network(**given)
    names = ("logits", "start_logits", "end_logits") if task["head"] else ("last_hidden_state",)
    outputs = {name: results[name].tolist() for name in names if name in results}
    if choices:
        outputs = {"logits": results["logits"].view(-1, 1).tolist()}
    return {
        "unmatched": sum(len(info[kind]) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")),
        "className": type(network).__name__,
        "outputs": outputs,
        "pipeline": run_pipeline(task),
    }


with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)
answers = {task["name"]: answer(task, request["model"]) for task in request["tasks"]}
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(answers, file)
