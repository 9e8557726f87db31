"""The peer of the training benchmark: Hugging Face Trainer on the same data, weights and hyper-parameters.

Linear schedule with 10 % warm-up, weight decay 0.01, gradients clipped at norm 1, the weights after the last update.
Texts are cut at --max-length tokens; of words only the first piece bears a label. Prints one JSON line.
Needs transformers 5 or newer, torch, accelerate, scikit-learn and seqeval.
"""

import time

STARTED = time.perf_counter()

import argparse
import json
import os
import resource
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("task", choices=["scicite", "ncbi"])
parser.add_argument("--data", required=True, help="folder of the dataset as published")
parser.add_argument("--model", required=True, help="folder of the model")
parser.add_argument("--epochs", type=float, required=True)
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--max-length", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--max-steps", type=int, default=-1, help="updates of the whole run, in place of epochs")
parser.add_argument("--group", action="store_true", help="batches of similar length")
parser.add_argument("--bf16", action="store_true")
parser.add_argument("--no-score", action="store_true")
options = parser.parse_args()

import sklearn
import torch
import transformers
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

torch.set_num_threads(options.threads)
transformers.logging.set_verbosity_error()
transformers.set_seed(options.seed)


def read_json_lines(name):
    """Pairs of text and label."""
    with open(os.path.join(options.data, name), encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return [(row["text"], row["label"]) for row in rows]


def read_tagged_words(name):
    """Pairs of words and tags, from lines of a word, a tab and a tag, with empty lines between sentences."""
    sentences, words, tags = [], [], []
    with open(os.path.join(options.data, name), encoding="utf-8") as lines:
        for line in [*lines, "\n"]:
            if line.strip():
                word, tag = line.rstrip("\n").split("\t")
                words.append(word)
                tags.append(tag)
            elif words:
                sentences.append((words, tags))
                words, tags = [], []
    return sentences


tokenizer = AutoTokenizer.from_pretrained(options.model)


def encode_texts(examples):
    encoded = tokenizer([text for text, _ in examples], truncation=True, max_length=options.max_length)
    return [
        dict(input_ids=ids, attention_mask=mask, labels=numbers[label])
        for ids, mask, (_, label) in zip(encoded["input_ids"], encoded["attention_mask"], examples)
    ]


def encode_words(examples):
    encoded = tokenizer(
        [words for words, _ in examples], is_split_into_words=True, truncation=True, max_length=options.max_length
    )
    features = []
    for i, (_, tags) in enumerate(examples):
        word_ids = encoded.word_ids(i)
        first = [word is not None and (at == 0 or word_ids[at - 1] != word) for at, word in enumerate(word_ids)]
        labels = [numbers[tags[word]] if leads else -100 for word, leads in zip(word_ids, first)]
        features.append(
            dict(input_ids=encoded["input_ids"][i], attention_mask=encoded["attention_mask"][i], labels=labels)
        )
    return features


if options.task == "scicite":
    parts = [read_json_lines(f"{part}.txt") for part in ("train", "dev", "test")]
    labels = sorted({label for part in parts for _, label in part})
    encode, model_class, collator_class = encode_texts, AutoModelForSequenceClassification, DataCollatorWithPadding
else:
    parts = [read_tagged_words(f"{part}.tsv") for part in ("train", "devel", "test")]
    labels = sorted({tag for part in parts for _, tags in part for tag in tags})
    encode, model_class, collator_class = encode_words, AutoModelForTokenClassification, DataCollatorForTokenClassification
numbers = {label: number for number, label in enumerate(labels)}
train, test = encode(parts[0]), encode(parts[2])
model = model_class.from_pretrained(options.model, num_labels=len(labels))


class CountingCollator:
    """Counts the real tokens of each batch on its way to the model; the loader may fetch batches that are never used."""

    def __init__(self):
        self.pad = collator_class(tokenizer)
        self.tokens = []

    def __call__(self, features):
        self.tokens.append(sum(len(feature["input_ids"]) for feature in features))
        return self.pad(features)


class FirstStep(TrainerCallback):
    """Notes when the first update was made, in seconds since the start of this script."""

    seconds = None

    def on_step_end(self, args, state, control, **rest):
        if self.seconds is None:
            self.seconds = time.perf_counter() - STARTED


collator, first_step = CountingCollator(), FirstStep()
with tempfile.TemporaryDirectory() as folder:
    arguments = TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=options.batch,
        per_device_eval_batch_size=32,
        num_train_epochs=options.epochs,
        max_steps=options.max_steps,
        learning_rate=options.lr,
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        weight_decay=0.01,
        max_grad_norm=1.0,
        seed=options.seed,
        bf16=options.bf16,
        use_cpu=True,
        train_sampling_strategy="group_by_length" if options.group else "random",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        logging_steps=10**9,
    )
    trainer = Trainer(
        model=model, args=arguments, train_dataset=train, data_collator=collator, callbacks=[first_step]
    )
    before = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - before

    steps = trainer.state.global_step
    tokens = sum(collator.tokens[:steps])
    score = None
    if not options.no_score:
        scores = trainer.predict(test).predictions.argmax(-1)
        if options.task == "scicite":
            from sklearn.metrics import f1_score

            score = f1_score([feature["labels"] for feature in test], scores, average="macro")
        else:
            from seqeval.metrics import f1_score

            predicted = []
            for row, feature, (_, tags) in zip(scores, test, parts[2]):
                found = [labels[tag] for tag, label in zip(row, feature["labels"]) if label != -100]
                # Words that were cut off count as found to be nothing.
                predicted.append(found + ["O"] * (len(tags) - len(found)))
            score = f1_score([tags for _, tags in parts[2]], predicted)

# Kilobytes everywhere but on macOS.
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(
    json.dumps(
        dict(
            sizes=[len(part) for part in parts],
            trainTokens=sum(len(feature["input_ids"]) for feature in train),
            steps=steps,
            seconds=seconds,
            tokens=tokens,
            firstStepSeconds=first_step.seconds,
            peakBytes=peak,
            score=score,
            versions=dict(
                python=sys.version.split()[0],
                torch=torch.__version__,
                transformers=transformers.__version__,
                sklearn=sklearn.__version__,
            ),
        )
    )
)
