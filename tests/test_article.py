"""The PyTorch program of the first article, its class body filled in and only its import lines changed, runs.

What it logs shows its fault: every batch of an epoch is written at the same step.
"""

import numpy as np

import nn
from nn import optim
from tbwriter import SummaryWriter, read_scalars


def test_the_article_s_training_loop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nn.manual_seed(0)
    num_epochs = 3
    inputs = nn.randn(20, 4)
    dataloader = nn.data.DataLoader(nn.data.TensorDataset(inputs, (inputs.sum(1) > 0).long()), batch_size=4)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(4, 8)
            self.fc2 = nn.Linear(8, 2)

        def forward(self, x):
            return self.fc2(nn.functional.relu(self.fc1(x)))

    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    criterion = nn.CrossEntropyLoss()

    writer = SummaryWriter()

    for epoch in range(num_epochs):
        for data in dataloader:
            inputs, labels = data
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()

            writer.add_scalar("Loss/train", loss.item(), epoch)

    writer.close()

    (run,) = (tmp_path / "runs").iterdir()
    steps, losses = read_scalars(run)["Loss/train"]
    assert steps.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert np.isfinite(losses).all()
    assert losses[-5:].mean() < losses[:5].mean()
