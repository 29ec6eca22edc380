import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import inputs
from gan_zoo.inputs.input import shape_words, type_name

KINDS = {
    "image": inputs.Image((4, 4, 1)),
    "vector": inputs.Image((3,)),
    "label": inputs.Label(3),
    "codes": inputs.Codes(2),
    "attributes": inputs.Attributes(["a", "b"]),
    "mask": inputs.Mask((4, 4)),
    "features": inputs.Features((2, 3)),
    "text": inputs.Text(["red"], 5),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_example_is_received_as_networks_take_it(kind):
    """Each kind keeps its own promises, whatever it is."""
    example = tf.constant(kind.example(), kind.sent_dtype)
    assert example.shape == (1, *kind.sent_shape)
    received = kind.received("x", example)
    assert received.shape == (1, *kind.shape)
    assert received.dtype == kind.dtype
    kind.check_network("generator", kind.shape)
    assert kind.about


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_was_converted_may_be_converted_again(kind):
    """Data may pass the check twice: on their way to a step, and in it."""
    numbers = kind.received("x", tf.constant(kind.example(), kind.sent_dtype))
    kind.check_spec("GAN", "x", numbers)
    np.testing.assert_array_equal(kind.checked("x", numbers), numbers)


@pytest.mark.parametrize(
    "kind", [k for k in KINDS.values() if k.can_draw], ids=lambda k: type(k).__name__
)
def test_what_is_drawn_is_valid(kind):
    from gan_zoo import backend

    with backend.draws((0, 0)):
        drawn = kind.draw(6)
    assert drawn.shape == (6, *kind.shape)
    np.testing.assert_array_equal(kind.given("x", drawn.numpy(), 6), drawn)


def test_words_for_messages():
    assert shape_words((4, None, 3)) == "(n, ?, 3)"
    assert shape_words((None,)) == "(n,)"
    assert [type_name(t) for t in ("int32", np.dtype("U3"), tf.string)] == [
        "int32",
        "string",
        "string",
    ]
