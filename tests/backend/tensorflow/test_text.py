import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import backend

WORDS = ("a", "red", "bird", "schön")


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("A red bird", ["a", "red", "bird"]),
        ("  a,red -- BIRD!  ", ["a", "red", "bird"]),
        ("", []),
        ("?!", []),
        ("it's 3 o'clock", ["it", "s", "3", "o", "clock"]),
        ("SCHÖN, Ärger", ["schön", "ärger"]),
        ("赤い鳥", ["赤", "い", "鳥"]),
        ("a🙂b", ["a", "🙂", "b"]),
        ("❤️", ["❤"]),
    ],
)
def test_sentences_are_split_where_there_is_neither_letter_nor_digit(sentence, wanted):
    assert backend.words_in([sentence]) == [wanted]


def test_no_sentences_have_no_words():
    assert backend.words_in([]) == []


def test_bytes_that_are_no_text_are_passed_over():
    assert backend.words_in([b"re\xffd bird"]) == [["red", "bird"]]


def test_words_are_numbered_in_their_order_from_two_on():
    sentences = tf.constant(["a red bird", "Schön blue", "", "bird " * 9])
    numbers = backend.word_numbers(sentences, WORDS, 4)
    assert numbers.dtype == tf.int32
    np.testing.assert_array_equal(
        numbers, [[2, 3, 4, 0], [5, 1, 0, 0], [0, 0, 0, 0], [4, 4, 4, 4]]
    )
    assert backend.word_numbers(tf.zeros((0,), tf.string), WORDS, 4).shape == (0, 4)


def test_a_graph_gives_the_same_numbers_and_states_their_shape():
    numbered = tf.function(
        lambda x: backend.word_numbers(x, WORDS, 3),
        input_signature=[tf.TensorSpec((None,), tf.string)],
    )
    sentences = tf.constant(["a blue bird", "red"])
    np.testing.assert_array_equal(
        numbered(sentences), backend.word_numbers(sentences, WORDS, 3)
    )
    assert tuple(numbered.get_concrete_function().output_shapes) == (None, 3)


def test_a_word_s_number_does_not_depend_on_the_others_order_of_hashes():
    words = tuple(f"w{i}" for i in range(500))
    numbers = backend.word_numbers(tf.constant(words), words, 1)
    np.testing.assert_array_equal(numbers[:, 0], np.arange(500) + 2)
