"""What the processes of `mpiexec` run for the tests: `program.py NAME`, whose result process 0 prints as JSON."""

import contextlib
import json
import os
import signal
import sys
import time
from typing import ClassVar

import numpy as np

import nn
from nn import distributed as dist
from nn.data import DataLoader, DistributedSampler, TensorDataset


def train(model, data, loss_of, optimizer, steps, batch=12, accumulate=1):
    """Losses of the whole batches, and the parameters at the end."""
    ddp = dist.DistributedDataParallel(model, bucket_cap_mb=0.002)
    optimizer = optimizer(ddp.parameters())
    sampler = DistributedSampler(data, seed=3)
    losses, done = [], 0
    while done < steps:
        sampler.set_epoch(done)
        for number, parts in enumerate(DataLoader(data, batch_size=batch // dist.get_world_size(), sampler=sampler)):
            last = (number + 1) % accumulate == 0
            with contextlib.nullcontext() if last else ddp.no_sync():
                loss = loss_of(ddp, *parts)
                (loss / accumulate).backward()
            total = nn.tensor([loss.item() * len(parts[0]), len(parts[0])], dtype=nn.float64)
            dist.all_reduce(total)
            losses.append((total[0] / total[1]).item())
            if last:
                optimizer.step()
                optimizer.zero_grad()
            done += 1
    return losses, [p.detach().numpy().ravel().tolist() for p in ddp.parameters()]


def seeded():
    """The same data everywhere, and then other weights in each process: those of process 0 must win."""
    nn.manual_seed(0)
    images, labels = nn.randn(41, 2, 6, 6, dtype=nn.float64), nn.randint(0, 3, (41,))
    nn.manual_seed(7 + dist.get_rank())
    return TensorDataset(images, labels)


def cross_entropy(model, images, labels):
    return nn.functional.cross_entropy(model(images), labels)


def cnn(dtype=nn.float64, norm=True):
    layers = [nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4)] if norm else [nn.Conv2d(2, 4, 3)]
    return nn.Sequential(*layers, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3)).to(dtype)


def momentum(parameters):
    return nn.optim.SGD(parameters, lr=0.1, momentum=0.9)


def batch_norm_in_evaluation():
    data, model = seeded(), cnn()
    model[1].eval()
    model.train = lambda mode=True: model  # a frozen normalisation stays so
    return train(model, data, cross_entropy, momentum, 9)


def synchronous_batch_norm():
    data, model = seeded(), dist.SyncBatchNorm.convert_sync_batchnorm(cnn())
    losses, parameters = train(model, data, cross_entropy, momentum, 9)
    return losses, parameters, [b.numpy().tolist() for b in model.buffers()]


def single_precision():
    data = seeded()
    data.tensors = (data.tensors[0].float(), data.tensors[1])
    return train(cnn(nn.float32, norm=False), data, cross_entropy, lambda p: nn.optim.SGD(p, lr=0.05), 100)


def language_model():
    nn.manual_seed(0)
    tokens = nn.randint(0, 11, (29, 8))
    nn.manual_seed(dist.get_rank())

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(11, 8), nn.Embedding(8, 8)
            self.block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, norm_first=True)
            self.head = nn.Linear(8, 11, bias=False)
            self.head.weight = self.tokens.weight

        def forward(self, x):
            mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=nn.float64)
            return self.head(self.block(self.tokens(x) + self.places(nn.arange(x.shape[1])), src_mask=mask))

    def loss_of(model, x):
        return nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())

    return train(Model().double(), TensorDataset(tokens), loss_of, momentum, 9, batch=8)


def accumulation():
    data = seeded()
    data.tensors = tuple(t[:36] for t in data.tensors)  # two batches in one step are weighted as their sum
    return train(cnn(norm=False), data, cross_entropy, momentum, 6, accumulate=3)


def sharded():
    data = seeded()
    return train(cnn(norm=False), data, cross_entropy, zero, 9)


def zero(parameters):
    return dist.ZeroRedundancyOptimizer(parameters, nn.optim.Adam, lr=0.01)


def sharded_state():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2)).double()
    optimizer = dist.ZeroRedundancyOptimizer(model.parameters(), nn.optim.Adam, lr=0.01)
    schedule = nn.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    for i in range(4):
        if i == 2:
            state = optimizer.state_dict()
            optimizer = dist.ZeroRedundancyOptimizer(model.parameters(), nn.optim.Adam, lr=9.0)
            optimizer.load_state_dict(state)
            schedule = nn.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5, last_epoch=1)
        optimizer.zero_grad()
        model(nn.ones(1, 3, dtype=nn.float64)).square().sum().backward()
        optimizer.step()
        schedule.step()
    own = 0 if optimizer.optim is None else len(optimizer.optim.state)
    owned = [0] * dist.get_world_size()
    dist.all_gather_object(owned, own)
    names = sorted(optimizer.state_dict()["state"])
    return [p.detach().numpy().ravel().tolist() for p in model.parameters()], names, sum(owned)


def unused():
    """One parameter is used by process 0 alone, another by none."""
    model = nn.ParameterDict({"all": nn.ones(1), "first": nn.ones(1), "none": nn.ones(1)})

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.p = model

        def forward(self, x):
            y = (x * self.p["all"]).sum()
            return y + 6 * self.p["first"].sum() if dist.get_rank() == 0 else y

    ddp = dist.DistributedDataParallel(Model())
    ddp(nn.ones(2)).backward()
    return {name: None if p.grad is None else p.grad.item() for name, p in model.items()}


def calls():
    rank, size = dist.get_rank(), dist.get_world_size()
    found = {}
    for dtype in (nn.float32, nn.float64, nn.int64, nn.uint8, nn.float16, nn.bool):
        x = nn.tensor([rank + 1, 2]).to(dtype)
        dist.all_reduce(x)
        found[str(np.dtype(dtype))] = x.tolist()
    for op in dist.ReduceOp:
        x = nn.tensor([[rank + 1.0, 2.0]]).t()  # not contiguous
        work = dist.all_reduce(x, op, async_op=True)
        work.wait()
        found[op.name] = x.flatten().tolist()
    x = nn.tensor([float(rank)])
    dist.broadcast(x, src=size - 1)
    found["broadcast"] = x.tolist()
    parts = [nn.zeros(2) for _ in range(size)]
    dist.all_gather(parts, nn.tensor([rank, 5.0]))
    found["all_gather"] = [part.tolist() for part in parts]
    own = nn.tensor([rank, 1.0])
    dist.reduce(own, dst=1 % size)
    parts = [nn.zeros(2) for _ in range(size)] if rank == 0 else None
    dist.gather(own, parts)
    found["gather"] = None if parts is None else [part.tolist() for part in parts]
    dist.scatter(own, [nn.tensor([9.0, r]) for r in range(size)] if rank == size - 1 else None, src=size - 1)
    found["scatter"] = own.tolist()
    names = [{"rank": 0, "text": "x" * rank}, rank]
    dist.broadcast_object_list(names, src=1 % size)
    found["objects"] = names
    dist.barrier()
    found["backend"] = dist.get_backend()
    return found


class Curves:
    """A logger that keeps what it gets."""

    kept: ClassVar = {}

    def __init__(self, log_dir, purge_step=None):
        self.kept["folder"] = log_dir

    def add_scalar(self, tag, value, step):
        self.kept.setdefault(tag, []).append((step, value))


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3)).double()
        self.net[1].eval().train = lambda mode=True: self.net[1]

    def training_step(self, batch, index):
        loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("loss", loss, on_epoch=True)
        if index == 1 and FAIL and dist.get_rank() == 1:
            raise RuntimeError("this batch is bad")
        return loss

    def validation_step(self, batch, index):
        self.log("val_loss", nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return nn.optim.SGD(self.parameters(), lr=0.3, momentum=0.9)


FAIL = False


def trainer(stop_after=None, ckpt_path=None):
    nn.manual_seed(0)
    data = TensorDataset(nn.randn(41, 6, dtype=nn.float64), nn.randint(0, 3, (41,)))
    load = lambda shuffle: DataLoader(data, batch_size=12 // dist.get_world_size(), shuffle=shuffle)
    nn.manual_seed(dist.get_rank())
    saver = nn.training.ModelCheckpoint(monitor="val_loss", every_n_train_steps=2)
    made = nn.training.Trainer(
        max_epochs=3, callbacks=[saver], logger=Curves, default_root_dir=sys.argv[2], strategy="ddp",
        accumulate_grad_batches=1, log_every_n_steps=1, max_steps=stop_after or -1,
    )  # fmt: skip
    model = Digits()
    made.fit(model, load(True), load(False), ckpt_path=ckpt_path)
    curves = {name: Curves.kept[name] for name in ("loss_epoch", "val_loss") if name in Curves.kept}
    tested = made.validate(model, load(False))[0]["val_loss"]
    return [p.detach().numpy().ravel().tolist() for p in model.parameters()], curves, tested, saver.best_model_path


def trainer_first_half():
    return trainer(stop_after=6)


def trainer_second_half():
    return trainer(ckpt_path="last")


def trainer_fails():
    global FAIL
    FAIL = True
    return trainer()


def other_models():
    try:
        dist.DistributedDataParallel(nn.Linear(2, 1 + dist.get_rank()))
    except nn.errors.ShapeError as error:
        return str(error)
    return ""


def logs():
    """Every process writes into one directory, and into a run of its own."""
    from tbwriter import SummaryWriter

    rank = dist.get_rank()
    with SummaryWriter(sys.argv[2]) as shared, SummaryWriter(f"{sys.argv[2]}/rank{rank}") as own:
        for step in range(300):
            shared.add_scalar(f"loss/{rank}", rank + step / 1000, step)
            own.add_scalar("loss", rank + step / 1000, step)


def raises():
    if dist.get_rank() == 1:
        raise ValueError("the second process cannot go on")
    dist.barrier()


def leaves():
    if dist.get_rank() != 1:
        dist.barrier()


def killed():
    if dist.get_rank() == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    dist.barrier()


def hangs():
    if dist.get_rank() == 1:
        time.sleep(600)
    dist.all_reduce(nn.ones(2))


if __name__ == "__main__":
    dist.init(timeout=1.0 if sys.argv[1] == "hangs" else 60.0)
    result = globals()[sys.argv[1]]()
    if dist.get_rank() == 0:
        print(json.dumps(result))
