import keras

from gan_zoo.networks.acgan import acgan_discriminator, acgan_generator


def test_networks_are_the_paper_s_at_32():
    generator = acgan_generator((32, 32, 3))
    # 5×5 transposed convolutions 384 → 192 → 96 → 3, batch norm on the first two
    assert generator.count_params() == (
        111 * 4 * 4 * 384 + 25 * 384 * 192 + 4 * 192 + 25 * 192 * 96 + 4 * 96
    ) + (25 * 96 * 3 + 3)
    shapes = [
        layer.output.shape[1:]
        for layer in acgan_discriminator((32, 32, 3)).layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    assert shapes == [
        (16, 16, 16),
        (16, 16, 32),
        (8, 8, 64),
        (8, 8, 128),
        (4, 4, 256),
        (4, 4, 512),
    ]


def test_digits_of_28_are_cropped_on_the_way_up():
    assert acgan_generator((28, 28, 1), width=16).output.shape == (None, 28, 28, 1)
    heads = acgan_discriminator((28, 28, 1), num_classes=7, width=2).outputs
    assert [head.shape for head in heads] == [(None, 1), (None, 7)]
