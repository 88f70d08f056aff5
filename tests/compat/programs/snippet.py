"""The shape of the documents' snippet, with the parts that it leaves out filled in."""

import tempfile

import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
        nn.init.constant_(self.fc.weight, 0.1)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        return self.fc(x)


dataloader = DataLoader(TensorDataset(torch.eye(2).repeat(4, 1), torch.tensor([0, 1] * 4)), batch_size=4)
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()
with tempfile.TemporaryDirectory() as folder:
    writer = SummaryWriter(folder)
    for epoch in range(3):
        for inputs, labels in dataloader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            writer.add_scalar("Loss/train", loss.item(), epoch)
            print("%.6f" % loss.item())
    writer.close()
