"""Keras layers, one per file. None of them depends on a GAN."""

from gan_zoo.layers.adain import AdaIN
from gan_zoo.layers.batch_normalization import BatchNormalization
from gan_zoo.layers.blur import Blur
from gan_zoo.layers.channel_bias import ChannelBias
from gan_zoo.layers.conditional_batch_norm import ConditionalBatchNorm
from gan_zoo.layers.constant_input import ConstantInput
from gan_zoo.layers.dropout import Dropout
from gan_zoo.layers.equalized_conv import EqualizedConv2D
from gan_zoo.layers.equalized_dense import EqualizedDense
from gan_zoo.layers.fir_resampling import FIRDownsample, FIRUpsample
from gan_zoo.layers.first_crop import FirstCrop
from gan_zoo.layers.gate import Gate
from gan_zoo.layers.gaussian_noise import GaussianNoise
from gan_zoo.layers.grouped_conv import GroupedConv2D
from gan_zoo.layers.image_pool import ImagePool
from gan_zoo.layers.instance_normalization import InstanceNormalization
from gan_zoo.layers.latent_channels import LatentChannels
from gan_zoo.layers.learned_basis import LearnedBasis
from gan_zoo.layers.maxout import Maxout
from gan_zoo.layers.mean_style import MeanStyle
from gan_zoo.layers.minibatch_discrimination import MinibatchDiscrimination
from gan_zoo.layers.minibatch_stddev import MinibatchStddev
from gan_zoo.layers.modulated_conv import ModulatedConv2D
from gan_zoo.layers.noise import NoiseInjection
from gan_zoo.layers.pixel_norm import PixelNorm
from gan_zoo.layers.pixel_shuffle import PixelShuffle
from gan_zoo.layers.reflection_pad import ReflectionPad
from gan_zoo.layers.resampled_conv import ResampledConv2D
from gan_zoo.layers.scaled_leaky_relu import ScaledLeakyReLU
from gan_zoo.layers.spectral_norm import (
    SpectralConv2D,
    SpectralConv2DTranspose,
    SpectralDense,
    SpectralEmbedding,
)
from gan_zoo.layers.style_mixing import SecondLatents, StyleMixing
from gan_zoo.layers.weight_norm import WeightNormConv2D, WeightNormDense

__all__ = [
    "AdaIN",
    "BatchNormalization",
    "Blur",
    "ChannelBias",
    "ConditionalBatchNorm",
    "ConstantInput",
    "Dropout",
    "EqualizedConv2D",
    "EqualizedDense",
    "FIRDownsample",
    "FIRUpsample",
    "FirstCrop",
    "Gate",
    "GaussianNoise",
    "GroupedConv2D",
    "ImagePool",
    "InstanceNormalization",
    "LatentChannels",
    "LearnedBasis",
    "Maxout",
    "MeanStyle",
    "MinibatchDiscrimination",
    "MinibatchStddev",
    "ModulatedConv2D",
    "NoiseInjection",
    "PixelNorm",
    "PixelShuffle",
    "ReflectionPad",
    "ResampledConv2D",
    "ScaledLeakyReLU",
    "SecondLatents",
    "SpectralConv2D",
    "SpectralConv2DTranspose",
    "SpectralDense",
    "SpectralEmbedding",
    "StyleMixing",
    "WeightNormConv2D",
    "WeightNormDense",
]
