import threading

import pytest
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.backend.rows import row_by_row


def test_input_gradient_says_that_it_takes_each_row_by_itself():
    seen = []

    def score(x):
        seen.append(backend.is_row_by_row())
        return tf.reduce_sum(x, 1)

    backend.input_gradient(score, tf.ones((3, 2)))
    assert seen == [True]
    assert not backend.is_row_by_row()


def nested_and_failing(elsewhere):
    with row_by_row():
        thread = threading.Thread(
            target=lambda: elsewhere.append(backend.is_row_by_row())
        )
        thread.start()
        thread.join()
        with row_by_row():
            pass
        assert backend.is_row_by_row()  # an inner scope does not end an outer one
        raise KeyError


def test_the_scope_ends_with_an_error_and_belongs_to_its_thread():
    elsewhere = []
    with pytest.raises(KeyError):
        nested_and_failing(elsewhere)
    assert elsewhere == [False]
    assert not backend.is_row_by_row()
