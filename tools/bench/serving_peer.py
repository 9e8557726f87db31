"""A peer of the serving benchmark: FastAPI on uvicorn, ONNX Runtime, and Hugging Face's fast tokenizer, for one classification of texts.

POST /predict takes {"text": ...} and answers {"label", "score"}. One thread runs the model. With --batch above 1 it takes all
requests that wait, up to that many, as one batch padded to its longest text; with 1 each request is a run of its own.
Needs onnxruntime, tokenizers, fastapi and uvicorn[standard].
"""

import argparse
import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", required=True, help="folder with tokenizer.json, config.json and onnx/model_quantized.onnx")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--max-length", type=int, required=True)
options = parser.parse_args()

with open(os.path.join(options.model, "config.json"), encoding="utf-8") as file:
    config = json.load(file)
labels = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]

tokenizer = Tokenizer.from_file(os.path.join(options.model, "tokenizer.json"))
tokenizer.enable_truncation(options.max_length)
tokenizer.enable_padding(pad_id=config["pad_token_id"])

settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads = options.threads
settings.log_severity_level = 3
session = onnxruntime.InferenceSession(
    os.path.join(options.model, "onnx", "model_quantized.onnx"), settings, providers=["CPUExecutionProvider"]
)


def classify(texts):
    encodings = tokenizer.encode_batch(texts)
    column = lambda name: np.array([getattr(encoding, name) for encoding in encodings], dtype=np.int64)
    feeds = {"input_ids": column("ids"), "attention_mask": column("attention_mask"), "token_type_ids": column("type_ids")}
    (logits,) = session.run(["logits"], feeds)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = shares.argmax(axis=1)
    return [{"label": labels[i], "score": float(row[i])} for i, row in zip(best, shares)]


classify(["warm"])
waiting: asyncio.Queue = asyncio.Queue()
thread = ThreadPoolExecutor(max_workers=1)


async def answer_batches():
    loop = asyncio.get_running_loop()
    while True:
        batch = [await waiting.get()]
        while len(batch) < options.batch and not waiting.empty():
            batch.append(waiting.get_nowait())
        answers = await loop.run_in_executor(thread, classify, [text for text, _ in batch])
        for (_, answer), found in zip(batch, answers):
            if not answer.done():
                answer.set_result(found)


@asynccontextmanager
async def lifespan(_):
    task = asyncio.create_task(answer_batches())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


class Question(BaseModel):
    text: str


class Answer(BaseModel):
    label: str
    score: float


@app.get("/readyz")
async def ready():
    return {}


@app.post("/predict")
async def predict(question: Question) -> Answer:
    answer = asyncio.get_running_loop().create_future()
    await waiting.put((question.text, answer))
    return await answer


uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)
