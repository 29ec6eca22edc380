"""The theory of GANs, runnable: each demonstration measures, tells and draws.

    python -m gan_zoo.theory --out theory          # all figures
    python -m gan_zoo.theory dirac kl_directions   # some

Each module here tells its story in its docstring and has `measure()`, which returns the
numbers, `summary(measured)`, one line of text, and `draw(path)`, one picture.
`docs/theory.md` shows the pictures.
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

# In the order in which a student best reads them.
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
