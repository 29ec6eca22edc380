import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.inputs import Text, words_of

KIND = Text(["red", "heart", "straße", "心", "❤", "2"], length=4)


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("red heart", [2, 3, 0, 0]),
        ("RED, Heart!", [2, 3, 0, 0]),
        ("", [0, 0, 0, 0]),
        ("  ...  ", [0, 0, 0, 0]),
        ("a red heart", [1, 2, 3, 0]),
        ("Straße", [4, 0, 0, 0]),
        ("红心", [1, 5, 0, 0]),  # a script without spaces: a sign is a word
        ("red❤️2", [2, 6, 7, 0]),  # an emoji with its invisible mark
        ("red " * 2500, [2, 2, 2, 2]),  # 10,000 signs
    ],
)
def test_words_have_numbers(sentence, numbers):
    np.testing.assert_array_equal(KIND.given("texts", sentence, 1), [numbers])
    data = tf.constant([sentence, sentence])
    np.testing.assert_array_equal(KIND.checked("texts", data), [numbers, numbers])


def test_bytes_that_are_no_text_are_passed_over():
    np.testing.assert_array_equal(
        KIND.checked("texts", tf.constant([b"red \xff\xfe heart"])), [[2, 3, 0, 0]]
    )


def test_numbers_of_words_pass_unchanged():
    numbers = np.array([[2, 3, 0, 0], [7, 0, 0, 0]])
    np.testing.assert_array_equal(KIND.given("texts", numbers, 2), numbers)
    np.testing.assert_array_equal(KIND.checked("texts", tf.constant(numbers)), numbers)
    with pytest.raises(ValueError, match="texts from 0 to 7, got 0 to 8"):
        KIND.given("texts", [8, 0, 0, 0], 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"from 0 to 7.* 8"):
        KIND.checked("texts", tf.constant([[8, 0, 0, 0]]))


def test_one_sentence_for_all_or_one_per_image():
    one = KIND.given("texts", "red", 3)
    np.testing.assert_array_equal(one, KIND.given("texts", ["red"] * 3, 3))
    with pytest.raises(ValueError, match=r"3 of them, got shape \(2,\)"):
        KIND.given("texts", ["red", "heart"], 3)
    for wrong in (1.5, [None, "red", "red"]):
        with pytest.raises(TypeError, match="texts to be strings"):
            KIND.given("texts", wrong, 3)


def test_data_sets_hold_strings_or_numbers():
    for spec in (((None,), tf.string), ((None, 4), tf.int64)):
        KIND.check_spec("GAN", "texts", tf.TensorSpec(*spec))
    for spec in (((None, 1), tf.string), ((None, 5), tf.int32), ((None,), tf.int32)):
        with pytest.raises(ValueError, match=r"strings \(n,\) or numbers of words"):
            KIND.check_spec("GAN", "texts", tf.TensorSpec(*spec))
    with pytest.raises(ValueError, match="to be strings, got float32"):
        KIND.check_spec("GAN", "texts", tf.zeros((2, 4)))


def test_numbers_become_sentences_again():
    assert KIND.sentences([[2, 1, 3, 0], [0, 0, 0, 0]]) == ["red ? heart", ""]


def test_a_list_of_words_is_made_of_sentences():
    sentences = ["Red heart", "red, RED hat", "blue"]
    assert words_of(sentences) == ("red", "blue", "hat", "heart")
    assert words_of(sentences, most=2) == ("red", "blue")
    assert words_of(sentences, least=2) == ("red",)
    Text(words_of(["Straße 红心 ❤️ 2nd"]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Expected words, each one once, got 0"),
        ("red", "got 0"),
        (["red", "red"], "got 2 of which 1 differ"),
        (["Red"], r"single words in lower case, got \['Red'\]"),
        (["red heart"], "single words"),
    ],
)
def test_words_there_must_be(words, message):
    with pytest.raises(ValueError, match=message):
        Text(words)


def test_the_graph_alone_splits_words(tmp_path):
    """A SavedModel needs neither a file nor this package."""
    module = tf.Module()
    module.numbers = tf.function(
        KIND.converted, input_signature=[tf.TensorSpec((None,), tf.string)]
    )
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    sentences = tf.constant(["red heart", "", "红心"])
    np.testing.assert_array_equal(
        loaded.numbers(sentences), [[2, 3, 0, 0], [0, 0, 0, 0], [1, 5, 0, 0]]
    )
    assert loaded.numbers(tf.constant([], tf.string)).shape == (0, 4)
