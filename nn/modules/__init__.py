"""Layers, losses and containers: state, and a call of `nn.functional`."""
