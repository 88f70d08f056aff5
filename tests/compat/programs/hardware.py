"""What is for other hardware, for compilers and for several machines: taken, and without effect on a CPU."""

import warnings

import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn

warnings.simplefilter("ignore")
cudnn.benchmark = True
print(torch.cuda.is_available(), torch.cuda.device_count(), torch.backends.mps.is_available())
print(torch.accelerator.is_available(), torch.cuda.is_bf16_supported() if torch.cuda.is_available() else False)


@torch.jit.script
def double(x: torch.Tensor) -> torch.Tensor:
    return x * 2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
        nn.init.ones_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        return double(self.fc(x))


net = nn.DataParallel(Net())
print(sorted(net.state_dict()), type(net.module).__name__)
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cuda", enabled=False)
x = torch.tensor([[1.0, 2.0]])
for _ in range(2):
    optimizer.zero_grad()
    with torch.autocast("cpu", enabled=False):
        loss = net(x).pow(2).mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(net.parameters(), 100.0)
    scaler.step(optimizer)
    scaler.update()
    print(round(loss.item(), 4))
with torch.cuda.amp.autocast(enabled=False):
    print(net(x).shape == (1, 1))
with torch.autograd.profiler.record_function("step"):
    print(net(x).item() > 0)
