"""Sparse tensors, by whose numbers a program does not see that they are dense."""

import torch

indices = torch.tensor([[0, 1, 1], [2, 0, 0]])
a = torch.sparse_coo_tensor(indices, torch.tensor([3.0, 4.0, 5.0]), (2, 3))
x = torch.arange(6.0).view(3, 2)
print(torch.sparse.mm(a, x).tolist(), a.to_dense().tolist())
print(torch.spmm(a, x).tolist(), torch.smm(a, x).to_dense().tolist(), torch.dsmm(a, x).tolist())
print(torch.sparse.FloatTensor(indices, torch.ones(3), torch.Size([2, 3])).coalesce().to_dense().tolist())
print(torch.eye(2).to_sparse().to_dense().tolist())
