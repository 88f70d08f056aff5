"""Capture a training step and replay it: see `nn.capture`."""
