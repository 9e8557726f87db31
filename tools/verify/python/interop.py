"""Reads a request (JSON, argument 1), opens exported folders with transformers and onnxruntime, and writes their logits (JSON, argument 2)."""

import json
import sys

import onnxruntime
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer


def run_onnx(path, inputs, name):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run([name], inputs)[0].tolist()


def answer(task, texts, model):
    classes = {"token-classification": AutoModelForTokenClassification}
    auto = classes.get(task["kind"], AutoModelForSequenceClassification)
    tokenizer = AutoTokenizer.from_pretrained(task["folder"])
    network, info = auto.from_pretrained(task["folder"], output_loading_info=True)
    network.eval()
    encoded = tokenizer(texts, padding=True, return_tensors="pt")
    inputs = {name: encoded[name].numpy() for name in ("input_ids", "attention_mask", "token_type_ids")}
    config = network.config
    return {
        "ids": encoded["input_ids"].tolist(),
        "unmatched": sum(len(info[kind]) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")),
        "className": type(network).__name__,
        "problem": config.problem_type,
        "labels": [config.id2label[i] for i in range(config.num_labels)],
        "transformers": network(**encoded).logits.tolist(),
        "onnx": run_onnx(f"{task['folder']}/onnx/model.onnx", inputs, "logits"),
        "model": run_onnx(model, inputs, task["name"]),
    }


with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)
answers = {task["name"]: answer(task, request["texts"], request["model"]) for task in request["tasks"]}
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(answers, file)
