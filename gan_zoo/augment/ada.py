"""ADA: augmentation whose probability follows the overfitting (Karras et al. 2020)."""

import keras
from keras import ops

from gan_zoo import backend
from gan_zoo.augment.pipeline import Pipeline
from gan_zoo.checks import check_count, check_positive, is_number


@keras.saving.register_keras_serializable("gan_zoo")
class ADA(Pipeline):
    """A `Pipeline` whose p grows while the discriminator overfits, and falls else.

    The measure of overfitting is r_t = E sign D(x) over real images x as D sees them.
    It is 0 where D does not know them from generated ones and 1 where it is sure of
    all. Every `interval` updates of D, p moves by (images seen) / `images`: up where
    r_t is above `target`, else down, to 0 at least.

    Args:
        target: the value of r_t that is aimed at, in [−1, 1].
        images: number of images in which p can move from 0 to 1.
        interval: updates of D between two adjustments.
        p: probability at the start.
        operations: as in `Pipeline`; the paper's by default.
        **kwargs: as in `keras.layers.Layer`.

    p is a weight of the layer, so that a saved model goes on with it. It follows the
    sign of logits: in a model whose scores have no zero in the middle, such as WGAN,
    take `Pipeline` or `DiffAugment`.

    Raises:
        ValueError: for numbers out of range, and as `Pipeline`.

    Differs from the paper: none.

    Example:
        gan = gan_zoo.StyleGAN2((64, 64, 3), augment=gan_zoo.augment.ADA())

    Reference: Karras et al. 2020, Training Generative Adversarial Networks with Limited
    Data, 2006.06676, section 3.1.
    """

    def __init__(self, target=0.6, images=500_000, interval=4, p=0.0, **kwargs):
        if not is_number(target) or not -1 <= target <= 1:
            raise ValueError(f"Expected target in [-1, 1], got {target!r}.")
        check_positive("images", images)
        check_count("interval", interval)
        super().__init__(p, **kwargs)
        self.target = target
        self.images = images
        self.interval = interval

    def build(self, input_shape):
        """Makes the sums of which r_t is the ratio."""
        super().build(input_shape)
        self.sign_sum = self._state("sign_sum", 0.0)
        self.sign_count = self._state("sign_count", 0.0)

    def adjust(self, real_scores):
        """Counts the signs of an update's scores; moves p when it is due."""
        super().adjust(real_scores)
        signs = backend.gather(ops.sign(ops.cast(real_scores, "float32")))
        total = self.sign_sum + ops.sum(signs)
        count = self.sign_count + ops.cast(ops.size(signs), "float32")
        due = ops.equal(self.updates % self.interval, 0)
        step = ops.sign(total / count - self.target) * count / self.images
        moved = ops.maximum(self.p + step, 0.0)
        self.p.assign(ops.where(due, moved, self.p))
        self.sign_sum.assign(ops.where(due, 0.0, total))
        self.sign_count.assign(ops.where(due, 0.0, count))

    def get_config(self):
        return super().get_config() | {
            "target": self.target,
            "images": self.images,
            "interval": self.interval,
        }
