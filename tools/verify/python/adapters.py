"""Reads a request (JSON, argument 1), opens adapters with PEFT on their untouched bases, and writes their logits (JSON, argument 2)."""

import json
import sys

import transformers
from peft import PeftModel
from transformers import AutoTokenizer


def answer(task):
    auto = getattr(transformers, f"AutoModel{task['head']}")
    base = auto.from_pretrained(task["base"])
    network = PeftModel.from_pretrained(base, task["adapter"])
    network.eval()
    tokenizer = AutoTokenizer.from_pretrained(task["base"])
    pairs = [row["pair"] for row in task["rows"] if "pair" in row]
    inputs = tokenizer([row["text"] for row in task["rows"]], pairs or None, padding=True, return_tensors="pt")
    # The wrapper around models of questions does not hand token_type_ids on (PEFT 0.21): what it wraps is asked.
    results = network.base_model(**inputs)
    names = ("logits", "start_logits", "end_logits")
    merged = network.merge_and_unload()(**inputs)
    return {
        "ids": inputs["input_ids"].tolist(),
        "beside": {name: results[name].tolist() for name in names if name in results},
        "merged": {name: merged[name].tolist() for name in names if name in merged},
    }


with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)
answers = [answer(task) for task in request]
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(answers, file)
