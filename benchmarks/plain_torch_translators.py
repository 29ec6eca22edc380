"""The steps of four image-to-image systems in plain PyTorch, for comparison.

A system is made for images of one size and takes its batches from an iterator: one per
step, StarGAN five. Its networks are for colour images in [-1, 1]. First weights are
PyTorch's own, and learning rates are constant.
"""

import random

import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    """Some layers, to whose output their input is added."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        """The sum."""
        return x + self.layers(x)


def resnet(width, blocks):
    """CycleGAN's generator: halves twice, residual blocks, doubles twice."""

    def reflected(inputs, outputs, size):
        return nn.Conv2d(inputs, outputs, size, 1, size // 2, padding_mode="reflect")

    def norm_relu(channels):
        return [nn.InstanceNorm2d(channels), nn.ReLU(True)]

    deep = 4 * width
    layers = [reflected(3, width, 7), *norm_relu(width)]
    for channels in (width, 2 * width):
        layers.append(nn.Conv2d(channels, 2 * channels, 3, 2, 1))
        layers += norm_relu(2 * channels)
    for _ in range(blocks):
        block = [reflected(deep, deep, 3), *norm_relu(deep), reflected(deep, deep, 3)]
        layers.append(Residual(*block, nn.InstanceNorm2d(deep)))
    for channels in (deep, deep // 2):
        layers.append(nn.ConvTranspose2d(channels, channels // 2, 3, 2, 1, 1))
        layers += norm_relu(channels // 2)
    return nn.Sequential(*layers, reflected(width, 3, 7), nn.Tanh())


def patch_gan(channels, width, affine):
    """A score for each patch of 70×70 pixels."""
    layers = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for factor, stride in ((1, 2), (2, 2), (4, 1)):
        inputs, outputs = factor * width, 2 * factor * width
        layers.append(nn.Conv2d(inputs, outputs, 4, stride, 1))
        layers.append(nn.InstanceNorm2d(outputs, affine=affine))
        layers.append(nn.LeakyReLU(0.2, True))
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


class UNet(nn.Module):
    """Pix2pix's generator: halves an image `levels` times and doubles it again."""

    def __init__(self, width, levels):
        super().__init__()
        # Channels of the image, then of each level.
        channels = [3, *(width * min(2**level, 8) for level in range(levels))]
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level in range(levels):
            layers = [nn.LeakyReLU(0.2)] if level else []
            layers.append(nn.Conv2d(channels[level], channels[level + 1], 4, 2, 1))
            if 0 < level < levels - 1:
                layers.append(nn.InstanceNorm2d(channels[level + 1], affine=True))
            self.down.append(nn.Sequential(*layers))
        for level in reversed(range(levels)):
            # All but the innermost level see the features of the way down as well.
            inputs = channels[level + 1] * (1 if level == levels - 1 else 2)
            layers = [nn.ReLU(), nn.ConvTranspose2d(inputs, channels[level], 4, 2, 1)]
            if level:
                layers.append(nn.InstanceNorm2d(channels[level], affine=True))
            if level and level >= levels - 3:
                layers.append(nn.Dropout(0.5))
            self.up.append(nn.Sequential(*layers))

    def forward(self, x):
        """Translates images."""
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        x = skips.pop()
        for up in self.up:
            x = up(x)
            x = torch.cat([skips.pop(), x], 1) if skips else x
        return torch.tanh(x)


class StarGANGenerator(nn.Module):
    """StarGAN's generator: the target's attributes are further channels."""

    def __init__(self, width, attributes, blocks=6):
        super().__init__()

        def conv(inputs, outputs, size, stride, padding):
            return nn.Conv2d(inputs, outputs, size, stride, padding, bias=False)

        def norm(channels):
            return nn.InstanceNorm2d(channels, affine=True)

        deep = 4 * width
        layers = [conv(3 + attributes, width, 7, 1, 3), norm(width), nn.ReLU(True)]
        for channels in (width, 2 * width):
            layers.append(conv(channels, 2 * channels, 4, 2, 1))
            layers += [norm(2 * channels), nn.ReLU(True)]
        for _ in range(blocks):
            block = [conv(deep, deep, 3, 1, 1), norm(deep), nn.ReLU(True)]
            layers.append(Residual(*block, conv(deep, deep, 3, 1, 1), norm(deep)))
        for channels in (deep, deep // 2):
            half = channels // 2
            layers.append(nn.ConvTranspose2d(channels, half, 4, 2, 1, bias=False))
            layers += [norm(half), nn.ReLU(True)]
        self.layers = nn.Sequential(*layers, conv(width, 3, 7, 1, 3), nn.Tanh())

    def forward(self, images, target):
        """Images that have the target's attributes."""
        target = target[:, :, None, None].expand(-1, -1, *images.shape[2:])
        return self.layers(torch.cat([images, target], 1))


class StarGANDiscriminator(nn.Module):
    """StarGAN's discriminator: scores of patches, and logits of attributes."""

    def __init__(self, size, width, attributes):
        super().__init__()
        # As in the paper, or as many levels as leave 2×2 whole patches.
        levels = max(k for k in range(1, 7) if size % 2**k == 0 < size >> (k + 1))
        layers, channels = [], 3
        for level in range(levels):
            layers.append(nn.Conv2d(channels, width * 2**level, 4, 2, 1))
            layers.append(nn.LeakyReLU(0.01, True))
            channels = width * 2**level
        self.layers = nn.Sequential(*layers)
        self.scores = nn.Conv2d(channels, 1, 3, 1, 1, bias=False)
        self.logits = nn.Conv2d(channels, attributes, size >> levels, bias=False)

    def forward(self, images):
        """Scores and logits."""
        x = self.layers(images)
        return self.scores(x), self.logits(x).flatten(1)


def batch_norm(channels):
    """Batch norm with the constants of Keras."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def slopes(channels):
    """PReLU with a slope for each channel."""
    return nn.PReLU(channels, init=0.25)


def srresnet(width, blocks=16):
    """SRGAN's generator: residual blocks, then two pixel shuffles."""

    def conv():
        return nn.Conv2d(width, width, 3, 1, 1)

    layers = []
    for _ in range(blocks):
        block = [conv(), batch_norm(width), slopes(width), conv(), batch_norm(width)]
        layers.append(Residual(*block))
    first = [nn.Conv2d(3, width, 9, 1, 4), slopes(width)]
    layers = [*first, Residual(*layers, conv(), batch_norm(width))]
    for _ in range(2):
        layers.append(nn.Conv2d(width, 4 * width, 3, 1, 1))
        layers += [nn.PixelShuffle(2), slopes(width)]
    return nn.Sequential(*layers, nn.Conv2d(width, 3, 9, 1, 4), nn.Tanh())


def srgan_discriminator(size, width, units=1024):
    """SRGAN's discriminator: eight convolutions, two dense layers."""
    layers, inputs = [], 3
    for level in range(4):
        channels = width * 2**level
        layers.append(nn.Conv2d(inputs, channels, 3, 1, 1))
        layers += [batch_norm(channels)] if level else []
        layers.append(nn.LeakyReLU(0.2, True))
        layers.append(nn.Conv2d(channels, channels, 3, 2, 1))
        layers += [batch_norm(channels), nn.LeakyReLU(0.2, True)]
        inputs = channels
    dense = nn.Linear(inputs * (size // 16) ** 2, units)
    layers += [nn.Flatten(), dense, nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Linear(units, 1))


class Players:
    """Generators and discriminators, and an Adam for each side."""

    def __init__(self, g, d, rate, beta_1):
        self.g, self.d = g, d
        self.optimizers = {
            name: torch.optim.Adam(network.parameters(), rate, (beta_1, 0.999))
            for name, network in (("g", g), ("d", d))
        }

    def parameters(self):
        """Dict of player to its number of trainable parameters."""
        return {
            name: sum(p.numel() for p in network.parameters() if p.requires_grad)
            for name, network in (("g", self.g), ("d", self.d))
        }

    def update(self, player, loss):
        """Moves one player down its loss."""
        self.optimizers[player].zero_grad()
        loss.backward()
        self.optimizers[player].step()


class Pool:
    """Mixes new images with earlier ones."""

    def __init__(self, size=50):
        self.size, self.images = size, []

    def mixed(self, images):
        """New images, half of them replaced by stored ones once the pool is full."""
        returned = []
        for image in images.detach().clone():
            if len(self.images) < self.size:
                self.images.append(image)
            elif random.random() > 0.5:
                place = random.randrange(self.size)
                image, self.images[place] = self.images[place], image
            returned.append(image)
        return torch.stack(returned)


class CycleGAN(Players):
    """Both generators, then both discriminators on images of the pools."""

    def __init__(self, size, width):
        blocks = 9 if size >= 256 else 6
        g = {way: resnet(width, blocks) for way in ("a_to_b", "b_to_a")}
        d = {domain: patch_gan(3, width, affine=False) for domain in ("a", "b")}
        super().__init__(nn.ModuleDict(g), nn.ModuleDict(d), 2e-4, 0.5)
        self.pools = {"a": Pool(), "b": Pool()}

    def step(self, batches):
        """Trains on one batch."""
        a, b = next(batches)
        a_to_b, b_to_a = self.g["a_to_b"], self.g["b_to_a"]
        self.d.requires_grad_(False)
        fake_b, same_b = a_to_b(torch.cat([a, b])).chunk(2)
        fake_a, same_a = b_to_a(torch.cat([b, a])).chunk(2)
        cycle = F.l1_loss(b_to_a(fake_b), a) + F.l1_loss(a_to_b(fake_a), b)
        identity = F.l1_loss(same_b, b) + F.l1_loss(same_a, a)
        loss = (self.d["b"](fake_b) - 1).square().mean()
        loss = loss + (self.d["a"](fake_a) - 1).square().mean()
        self.update("g", loss + 10 * (cycle + 0.5 * identity))
        self.d.requires_grad_(True)
        loss = 0
        for domain, real, fake in (("a", a, fake_a), ("b", b, fake_b)):
            past = self.pools[domain].mixed(fake)
            real_scores, scores = self.d[domain](torch.cat([real, past])).chunk(2)
            loss = loss + (real_scores - 1).square().mean() + scores.square().mean()
        self.update("d", 0.5 * loss)


class Pix2Pix(Players):
    """One update of the discriminator and one of the generator, on one translation."""

    def __init__(self, size, width):
        levels = max(k for k in range(1, 9) if size % 2**k == 0)
        g, d = UNet(width, levels), patch_gan(6, width, affine=True)
        super().__init__(g, d, 2e-4, 0.5)

    def step(self, batches):
        """Trains on one batch."""
        source, target = next(batches)
        made = self.g(source)
        real_scores = self.d(torch.cat([source, target], 1))
        scores = self.d(torch.cat([source, made.detach()], 1))
        loss = F.softplus(-real_scores).mean() + F.softplus(scores).mean()
        self.update("d", 0.5 * loss)
        self.d.requires_grad_(False)
        loss = F.softplus(-self.d(torch.cat([source, made], 1))).mean()
        self.update("g", loss + 100 * F.l1_loss(made, target))
        self.d.requires_grad_(True)


class StarGAN(Players):
    """Five updates of the critic, each on a batch of its own, then the generator's."""

    def __init__(self, size, width, attributes=5, critic_steps=5):
        g = StarGANGenerator(width, attributes)
        d = StarGANDiscriminator(size, width, attributes)
        super().__init__(g, d, 1e-4, 0.5)
        self.critic_steps = critic_steps

    def step(self, batches):
        """Trains on five batches."""
        for _ in range(self.critic_steps):
            images, original = next(batches)
            target = original[torch.randperm(len(original))]
            with torch.no_grad():
                fake = self.g(images, target)
            scores, logits = self.d(images)
            penalty = self.penalty(images, fake)
            loss = self.d(fake)[0].mean() - scores.mean() + 10 * penalty
            self.update("d", loss + self.class_loss(original, logits))
        self.d.requires_grad_(False)
        fake = self.g(images, target)
        cycle = F.l1_loss(self.g(fake, original), images)
        scores, logits = self.d(fake)
        loss = self.class_loss(target, logits) - scores.mean()
        self.update("g", loss + 10 * cycle)
        self.d.requires_grad_(True)

    def class_loss(self, attributes, logits):
        """The mean over images of the sum over attributes."""
        loss = F.binary_cross_entropy_with_logits(logits, attributes, reduction="sum")
        return loss / len(logits)

    def penalty(self, real, fake):
        """How far the critic's gradients between both are from norm 1."""
        epsilon = torch.rand(len(real), 1, 1, 1)
        between = (epsilon * real + (1 - epsilon) * fake).requires_grad_()
        scores = self.d(between)[0]
        gradient = torch.autograd.grad(scores.sum(), between, create_graph=True)[0]
        norm = (gradient.flatten(1).square().sum(1) + 1e-12).sqrt()
        return (norm - 1).square().mean()


class SRGAN(Players):
    """One update of the discriminator and one of the generator, on the same images."""

    def __init__(self, size, width):
        g, d = srresnet(width), srgan_discriminator(size, width)
        super().__init__(g, d, 1e-4, 0.9)

    def step(self, batches):
        """Trains on one batch."""
        small, real = next(batches)
        made = self.g(small)
        scores = self.d(real), self.d(made.detach())
        loss = F.softplus(-scores[0]).mean() + F.softplus(scores[1]).mean()
        self.update("d", loss)
        self.d.requires_grad_(False)
        loss = 1e-3 * F.softplus(-self.d(made)).mean()
        self.update("g", loss + F.mse_loss(made, real))
        self.d.requires_grad_(True)


MODELS = {"cyclegan": CycleGAN, "pix2pix": Pix2Pix, "stargan": StarGAN, "srgan": SRGAN}
