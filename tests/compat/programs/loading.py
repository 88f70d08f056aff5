"""Datasets, loaders, samplers, saving and loading."""

import os
import tempfile

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import CosineAnnealingLR, StepLR
from torch.utils.data import ConcatDataset, DataLoader, Dataset, StackDataset, Subset, TensorDataset, get_worker_info
from torch.utils.data.sampler import SequentialSampler


class Squares(Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, index):
        return torch.tensor([index, index**2], dtype=torch.float), index % 2


loader: DataLoader = DataLoader(Squares(), batch_size=3, shuffle=False, num_workers=0, pin_memory=False, timeout=0)
for xs, ys in loader:
    print(xs.tolist(), ys.tolist())
print(len(loader), len(ConcatDataset([Squares(), Squares()])), len(Subset(Squares(), [1, 3])), get_worker_info())
print(list(SequentialSampler(range(3))), StackDataset([1, 2], [3, 4])[1])
print([b[0].tolist() for b in DataLoader(TensorDataset(torch.arange(4)), batch_size=2)])

model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(0.0), nn.Linear(3, 1))
for p in model.parameters():
    nn.init.constant_(p, 0.1)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=False)
scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
criterion = nn.MSELoss()
for xs, ys in loader:
    optimizer.zero_grad()
    loss = criterion(model(xs).squeeze(1), ys.float())
    loss.backward()
    optimizer.step()
    scheduler.step()
    print("%.5f" % loss.item(), optimizer.param_groups[0]["lr"])
CosineAnnealingLR(optimizer, T_max=10)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "model.pt")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, path)
    checkpoint = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    print(model.load_state_dict(checkpoint["model"]), checkpoint["epoch"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.save(model, path)
    again = torch.load(path, weights_only=False)
    print(torch.equal(again(xs), model(xs)), again)
    kinds = [nn.Sequential, nn.Linear, nn.ReLU, nn.Dropout, set]
    with torch.serialization.safe_globals(kinds):
        print(torch.equal(torch.load(path)(xs), model(xs)))

# hooks of older programs: those of loading are called without the module, those of collecting may return another state
older = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False))
older[0]._register_load_state_dict_pre_hook(
    lambda state, prefix, meta, strict, *lists: state.update({prefix + "weight": state.pop(prefix + "old") + strict})
)
seen = []
older._register_load_state_dict_pre_hook(lambda module, *given: seen.append(type(module).__name__), with_module=True)
print(older.load_state_dict({"0.old": torch.ones(1, 1)}), older[0].weight.tolist(), seen)
older._register_state_dict_hook(lambda module, state, prefix, meta: {prefix + "all": len(state)})
print(dict(older.state_dict()))
