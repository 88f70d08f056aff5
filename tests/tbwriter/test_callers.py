"""Libraries that people run write by this writer, on their own code path, each in a process of its own.

They are in the extra `callers`. What a program logs is read back from its files.
"""

import importlib.util
import subprocess
import sys

import pytest

from tbwriter import read_events, read_scalars

HEAD = """
import sys, warnings
import numpy as np
import tbwriter
tbwriter.stand_in()
root = sys.argv[1]
"""

LIGHTNING = """
import lightning as L, torch, logging
from lightning.pytorch.loggers import TensorBoardLogger
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

class Net(L.LightningModule):
    def __init__(self, lr=0.1, width=2):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(width, 1)
        self.example_input_array = torch.zeros(1, 2)
    def forward(self, x):
        return self.layer(x)
    def training_step(self, batch, index):
        loss = self(batch[0]).square().mean()
        self.log("train_loss", loss)
        return loss
    def test_step(self, batch, index):
        self.log("test_loss", self(batch[0]).square().mean())
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(16, 2)), batch_size=4)
logger = TensorBoardLogger(root, name="run", version="one", log_graph=True)
def trainer():
    return L.Trainer(max_epochs=2, logger=logger, log_every_n_steps=1, enable_progress_bar=False,
                     enable_model_summary=False, enable_checkpointing=False, accelerator="cpu")
model = Net()
first = trainer()
first.fit(model, data)
first.test(model, data)
trainer().fit(model, data)
logger.log_hyperparams({"note": "by hand"}, {"final": 1.0})
assert type(logger.experiment) is tbwriter.SummaryWriter
"""

FABRIC = """
import torch
from lightning.fabric import Fabric
from lightning.fabric.loggers import TensorBoardLogger
logger = TensorBoardLogger(root, name="run", version="one")
fabric = Fabric(accelerator="cpu", loggers=logger)
for step in range(5):
    fabric.log_dict({"loss": torch.tensor(step), "lr": 0.1}, step)
logger.log_metrics({"both": {"a": 1.0, "b": 2.0}}, 1)
logger.log_hyperparams({"lr": 0.1, "nested": {"a": None}}, {"hp_metric": 1})
logger.finalize("success")
logger.log_metrics({"late": 1.0}, 6)
logger.save()
"""

STABLE_BASELINES = """
from stable_baselines3 import A2C
from stable_baselines3.common.logger import HParam, TensorBoardOutputFormat, Figure, Image, configure
model = A2C("MlpPolicy", "CartPole-v1", tensorboard_log=root, seed=0)
model.learn(60, log_interval=1, tb_log_name="run")
logger = configure(root + "/run_1", ["tensorboard"])
logger.record("reward", 1.5)
logger.record("text", "some words")
logger.record("picture", Image(np.zeros((3, 4, 4), np.uint8), "CHW"))
logger.record("values", np.arange(5.0))
logger.record("hparams", HParam({"lr": 0.1, "name": "a2c"}, {"reward": 0}))
logger.dump(61)
logger.close()
"""

RAY = """
# Ray Tune's TBXLoggerCallback in ten lines: its own install takes a cluster's worth of packages.
from tensorboardX import SummaryWriter
from tensorboardX.summary import hparams
writer = SummaryWriter(root, flush_secs=30)
for step in range(5):
    writer.add_scalar("ray/tune/loss", np.float32(step), global_step=step)
    writer.add_histogram("ray/tune/values", np.arange(5.0), global_step=step)
    writer.flush()
for summary in hparams(hparam_dict={"lr": 0.1, "layers": 2}, metric_dict={"ray/tune/loss": 4.0}):
    writer.file_writer.add_summary(summary)
writer.close()
"""

TRANSFORMERS = """
import os, torch
os.environ["TENSORBOARD_LOGGING_DIR"] = root
from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainingArguments
from transformers.integrations import TensorBoardCallback

class Net(PreTrainedModel):
    config_class = PretrainedConfig
    def __init__(self, config):
        super().__init__(config)
        self.layer = torch.nn.Linear(2, 1)
        self.post_init()
    def forward(self, x=None, labels=None):
        out = self.layer(x)
        return {"loss": (out.squeeze(-1) - labels).square().mean(), "logits": out}

data = [{"x": torch.randn(2), "labels": torch.tensor(0.5)} for _ in range(16)]
arguments = TrainingArguments(output_dir=root, max_steps=5, logging_steps=1, report_to=["tensorboard"], use_cpu=True,
                              save_strategy="no", disable_tqdm=True, per_device_train_batch_size=4)
trainer = Trainer(model=Net(PretrainedConfig()), args=arguments, train_dataset=data, eval_dataset=data)
trainer.train()
trainer.evaluate()
callbacks = trainer.callback_handler.callbacks
assert any(type(getattr(one, "tb_writer", None)) is tbwriter.SummaryWriter for one in callbacks)
"""

ACCELERATE = """
import torch
from accelerate import Accelerator
accelerator = Accelerator(log_with="tensorboard", project_dir=root, cpu=True)
accelerator.init_trackers("run", config={"lr": 0.1, "optimizer": "sgd"})
for step in range(5):
    accelerator.log({"loss": float(step), "note": "words", "both": {"a": 1.0, "b": 2.0}}, step=step)
tracker = accelerator.get_tracker("tensorboard")
tracker.log_images({"picture": np.zeros((1, 4, 4, 3), np.uint8)}, step=1, dataformats="NHWC")
assert type(tracker.writer) is tbwriter.SummaryWriter
accelerator.end_training()
"""

IGNITE = """
import torch
from ignite.engine import Engine, Events
from ignite.handlers.tensorboard_logger import *
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
def step(engine, batch):
    optimizer.zero_grad()
    loss = model(batch).square().mean()
    loss.backward()
    optimizer.step()
    return loss.item()
trainer = Engine(step)
with TensorboardLogger(log_dir=root) as logger:
    logger.attach_output_handler(trainer, Events.ITERATION_COMPLETED, tag="train",
                                 output_transform=lambda loss: {"loss": loss})
    logger.attach_opt_params_handler(trainer, Events.ITERATION_COMPLETED, optimizer=optimizer)
    logger.attach(trainer, WeightsHistHandler(model), Events.EPOCH_COMPLETED)
    logger.attach(trainer, GradsScalarHandler(model), Events.EPOCH_COMPLETED)
    trainer.run([torch.randn(4, 2) for _ in range(5)], max_epochs=1)
    logger.add_hparams({"lr": 0.1}, {"loss": 1.0})
    assert type(logger.writer) is tbwriter.SummaryWriter
"""

SKORCH = """
import torch
from skorch import NeuralNetRegressor
from skorch.callbacks import TensorBoard
writer = tbwriter.SummaryWriter(root)
net = NeuralNetRegressor(torch.nn.Linear(2, 1), max_epochs=5, verbose=0, callbacks=[TensorBoard(writer)])
x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
net.fit(x, x[:, :1])
net.partial_fit(x, x[:, :1])
"""

FASTAI = """
import torch
from fastai.callback.tensorboard import TensorBoardCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.data.load import DataLoader
x = torch.randn(20, 2)
loader = DataLoader(list(zip(x, x[:, :1])), bs=4)
learner = Learner(DataLoaders(loader, loader, device="cpu"), torch.nn.Linear(2, 1), loss_func=torch.nn.MSELoss(),
                  cbs=TensorBoardCallback(log_dir=root, trace_model=False, log_preds=False))
with learner.no_bar():
    learner.fit(1, 0.1)
"""

# what is run, which package it needs, which curves it leaves in which run, and of how many points
CALLERS = {
    "lightning": (LIGHTNING, "lightning", {"run/one": {"train_loss": 16, "test_loss": 1, "final": 1}}),
    "fabric": (FABRIC, "lightning", {"run/one": {"loss": 5, "lr": 5, "late": 1}, "run/one/both_a": {"both": 1}}),
    "stable-baselines3": (STABLE_BASELINES, "stable_baselines3", {"run_1": {"train/learning_rate": 11, "reward": 1}}),
    "ray": (RAY, "tensorboardX", {"": {"ray/tune/loss": 5}}),
    "transformers": (TRANSFORMERS, "transformers", {"": {"train/loss": 5, "eval/loss": 1}}),
    "accelerate": (ACCELERATE, "accelerate", {"run": {"loss": 5}, "run/both_a": {"both": 5}}),
    "ignite": (IGNITE, "ignite", {"": {"train/loss": 5, "lr/group_0": 5, "loss": 1}}),
    "skorch": (SKORCH, "skorch", {"": {"Loss/train_loss": 10}}),
    "fastai": (FASTAI, "fastai", {"": {"train_loss": 10, "valid_loss": 1}}),
}


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_a_library_runs_on_its_own_code_path(caller, tmp_path):
    program, package, curves = CALLERS[caller]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed (extra callers)")
    command = [sys.executable, "-W", "ignore", "-c", HEAD + program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for run, tags in curves.items():
        found = {tag: len(steps) for tag, (steps, _) in read_scalars(tmp_path / run).items()}
        assert {tag: found.get(tag, 0) for tag in tags} == tags
        (version, *_) = read_events(tmp_path / run)
        assert version.source_metadata.writer == "tbwriter"
