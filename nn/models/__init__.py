"""Networks of the literature, each in a short file with its paper; weights load by the names of PyTorch's own code."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from nn.faces import show as _show

if _TYPE_CHECKING:
    from nn.models.dcgan import *
    from nn.models.gpt import *
    from nn.models.language import *
    from nn.models.lenet import *
    from nn.models.llama import *
    from nn.models.lstm import *
    from nn.models.mlp import *
    from nn.models.resnet import *
    from nn.models.unet import *
    from nn.models.vae import *

_FILES = {
    "nn.models.dcgan": "DCGANDiscriminator DCGANGenerator",
    "nn.models.gpt": "GPT GPTConfig",
    "nn.models.language": "LanguageModel",
    "nn.models.lenet": "LeNet5",
    "nn.models.llama": "Llama LlamaConfig",
    "nn.models.lstm": "CharLSTM",
    "nn.models.mlp": "MLP",
    "nn.models.resnet": "BasicBlock Bottleneck ResNet resnet18 resnet34 resnet50 resnet101 resnet152",
    "nn.models.unet": "UNet",
    "nn.models.vae": "VAE",
}
_show(__name__, _FILES)
