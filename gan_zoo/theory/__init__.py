"""The theory of GANs, runnable: each demonstration measures something and draws it.

    python -m gan_zoo.theory --out theory          # all figures
    python -m gan_zoo.theory dirac kl_directions   # some

The docstring of each module explains the demonstration. `measure()` returns the
numbers, `summary(measured)` returns one line of text, and `draw(path)` draws one
figure. `docs/theory.md` shows the figures.
"""

from gan_zoo.theory import (
    dirac,
    distances,
    gradients,
    kl_directions,
    modes,
    more_modes,
    optimal_discriminator,
)

# In the order in which they are best read.
DEMONSTRATIONS = {
    "optimal_discriminator": optimal_discriminator,
    "gradients": gradients,
    "distances": distances,
    "kl_directions": kl_directions,
    "dirac": dirac,
    "modes": modes,
    "more_modes": more_modes,
}

__all__ = ["DEMONSTRATIONS", *DEMONSTRATIONS]
