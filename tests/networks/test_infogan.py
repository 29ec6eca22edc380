import pytest

from gan_zoo.networks.infogan import infogan_discriminator, infogan_generator


def test_networks_are_the_paper_s():
    generator = infogan_generator((28, 28, 1))
    assert generator.count_params() == (
        74 * 1024
        + 4 * 1024
        + 1024 * 6272
        + 4 * 6272
        + 16 * 128 * 64
        + 4 * 64
        + 16 * 64
        + 1
    )
    with pytest.raises(ValueError, match="divisible by 4"):
        infogan_generator((30, 28, 1))


def test_q_shares_the_trunk():
    """2 convolutions and a dense layer are D's and Q's; Q alone has 128 units more."""
    heads = infogan_discriminator((28, 28, 1))
    trunk = (16 * 64 + 64) + (16 * 64 * 128 + 4 * 128) + (6272 * 1024 + 4 * 1024)
    q = 1024 * 128 + 4 * 128 + 129 * 10 + 129 * 2
    assert heads.count_params() == trunk + 1025 + q
