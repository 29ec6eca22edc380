"""Mathematics that two or more papers share: losses, penalties, kernels, densities."""

from gan_zoo.objectives import kernels, likelihoods, losses, penalties

__all__ = ["kernels", "likelihoods", "losses", "penalties"]
