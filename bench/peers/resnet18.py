"""ResNet18 without its last layer, as torchvision has it."""

from torch import nn
from torch.nn.functional import relu


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, x):
        hidden = relu(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(hidden))
        return relu(residual + (x if self.downsample is None else self.downsample(x)))


class Resnet18(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, 2, 1)
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        blocks = []
        for stage, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            blocks += [Block(inputs, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, images):
        """[batch, 3, height, width] → [batch, 8 · width]"""
        maps = self.blocks(self.pool(relu(self.bn1(self.conv1(images)))))
        return maps.mean(dim=(2, 3))
