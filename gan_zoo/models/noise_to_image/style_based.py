"""What GANs share whose generator is steered by styles."""

from keras import ops


class StyleBased:
    """Styles, truncation and mixing; goes in front of a `GAN` among the bases.

    The generator has a part `mapping`, whose last layer `mean_style` keeps the mean
    style w̄, and a part `synthesis`, which takes styles (n, layers, style_dim).

    Raises:
        ValueError: when the generator lacks a part, for a prior other than "normal",
            and as the `GAN`.
    """

    # Parts of the generator, and what makes a generator of them.
    generator_parts = ("mapping", "synthesis")
    generator_maker = "gan_zoo.networks.stylegan.stylegan_generator"

    def check_generator(self, generator, code_shape=None):
        """Raises ValueError for a generator without the parts.

        Args:
            generator: Keras network.
            code_shape: as in `NoiseToImage.check_generator`.
        """
        if self.prior != "normal":
            raise ValueError(
                "Expected prior='normal', which style mixing draws its second latents "
                f"from; got {self.prior!r}."
            )
        super().check_generator(generator, code_shape)
        names = {layer.name for layer in generator.layers}
        if not set(self.generator_parts) <= names:
            raise ValueError(
                f"Expected a generator with parts named {self.generator_parts}, got "
                f"layers {sorted(names)}. Build it with {self.generator_maker}."
            )

    @property
    def controls(self):
        """The truncation ψ, and how many layers it acts on: all by default."""
        return {"truncation": 1.0, "cutoff": float(self.style_layers)}

    @property
    def style_layers(self):
        """Number of layers that take a style."""
        return self.generator.get_layer("synthesis").input.shape[1]

    def styles(self, z, truncation=1.0, cutoff=None, **conditions):
        """Styles of latents, pulled towards the mean style.

        w' = w̄ + ψ (w − w̄), equation of appendix B of StyleGAN's paper.

        Args:
            z: latents (n, latent_dim).
            truncation: ψ; 1 leaves w as it is, 0 gives the mean style.
            cutoff: number of layers, from the coarsest, that get w'; the others get w.
                None for all.
            **conditions: as in `sample`.

        Returns:
            (n, layers, style_dim).

        Raises:
            ValueError, TypeError: as `sample`.
        """
        mapping = self.sampling_networks["generator"].get_layer("mapping")
        mean = mapping.get_layer("mean_style").mean.value
        w = mapping(self.checked_inputs(z, conditions), training=False)
        w = ops.repeat(ops.cast(w, "float32")[:, None], self.style_layers, axis=1)
        truncated = mean + ops.cast(truncation, "float32") * (w - mean)
        if cutoff is None:
            return truncated
        layers = ops.arange(self.style_layers, dtype="float32")[None, :, None]
        return ops.where(layers < ops.cast(cutoff, "float32"), truncated, w)

    def synthesise(self, styles):
        """Images in [-1, 1], float32, of styles (n, layers, style_dim)."""
        generator = self.sampling_networks["generator"]
        images = generator.get_layer("synthesis")(styles, training=False)
        return ops.clip(ops.cast(images, "float32"), -1.0, 1.0)

    def sample(self, z, truncation=1.0, cutoff=None, **conditions):
        """Images in [-1, 1], float32, of latents.

        The noise is constant, as for `generate` and export; inside a draw scope, where
        metrics are fed, it is new.

        Args:
            z: latents (n, latent_dim).
            truncation: ψ of `styles`.
            cutoff: as in `styles`.
            **conditions: as in `NoiseToImage.sample`.

        Raises:
            ValueError, TypeError: as `NoiseToImage.sample`.
        """
        return self.synthesise(self.styles(z, truncation, cutoff, **conditions))

    def mix(
        self, z, z2, layers, truncation=1.0, cutoff=None, *, averaged=True, **conditions
    ):
        """Images of z with the styles of z2 in some layers (figure 3 of the paper).

        Args:
            z: latents (n, latent_dim).
            z2: latents (n, latent_dim) of the styles to bring in.
            layers: indices of synthesis layers, two per resolution, coarse to fine.
            truncation: ψ of `styles`.
            cutoff: as in `styles`.
            averaged: use averaged weights where there are any.
            **conditions: as in `sample`, for both latents.

        Raises:
            ValueError: for a layer that there is not, and as `sample`.
            TypeError: as `sample`.
        """
        count = self.style_layers
        if unknown := sorted(set(layers) - set(range(count))):
            raise ValueError(
                f"Expected layers from 0 to {count - 1}, got {unknown} as well."
            )
        with self.use_averages(averaged):
            brought = ops.isin(ops.arange(count), list(layers))
            styles = ops.where(
                brought[None, :, None],
                self.styles(z2, truncation, cutoff, **conditions),
                self.styles(z, truncation, cutoff, **conditions),
            )
            return self.synthesise(styles)
