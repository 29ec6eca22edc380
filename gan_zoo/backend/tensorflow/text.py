"""Sentences to words and their numbers, inside a graph and without resources.

A SavedModel takes no vocabulary file and no table: the words are constants of the
graph, compared by a hash whose values TensorFlow promises not to change.
"""

import tensorflow as tf

# Marks that change how the sign before them looks, and joiners of emoji.
_INVISIBLE = r"[\x{FE0E}\x{FE0F}\x{200D}]"
# Signs that are words of their own: scripts without spaces, emoji, their skin tones.
_SINGLE = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{So}\x{1F3FB}-\x{1F3FF}])"
_BETWEEN = r"[^\p{L}\p{M}\p{N}\p{So}\x{1F3FB}-\x{1F3FF}]+"
_BUCKETS = 2**62


def split_words(sentences):
    """Words of sentences, in lower case.

    Args:
        sentences: strings (n,), UTF-8; bytes that are not UTF-8 are passed over.

    Returns:
        `tf.RaggedTensor` of strings (n, words of a sentence).
    """
    x = tf.strings.unicode_transcode(sentences, "UTF-8", "UTF-8", errors="ignore")
    x = tf.strings.lower(x, encoding="utf-8")
    x = tf.strings.regex_replace(x, _INVISIBLE, "")
    x = tf.strings.regex_replace(x, _SINGLE, r" \1 ")
    x = tf.strings.regex_replace(x, _BETWEEN, " ")
    return tf.strings.split(x)


def words_in(sentences):
    """Words of each sentence, a list of lists of str; see `split_words`."""
    rows = split_words(tf.constant(list(sentences), tf.string, (len(sentences),)))
    return [[word.decode() for word in row] for row in rows.to_list()]


def word_numbers(sentences, words, length):
    """Numbers of the words of sentences.

    Args:
        sentences: strings (n,).
        words: tuple of the known words; the first has the number 2.
        length: words of a sentence that are looked at.

    Returns:
        int32 (n, length): 1 for unknown words, 0 after the last word.
    """
    hashes = tf.strings.to_hash_bucket_fast(tf.constant(words), _BUCKETS)
    order = tf.argsort(hashes)
    hashes, numbers = tf.gather(hashes, order), order + 2
    parts = split_words(sentences)
    hashed = tf.strings.to_hash_bucket_fast(parts.flat_values, _BUCKETS)
    place = tf.minimum(tf.searchsorted(hashes, hashed), len(words) - 1)
    known = tf.gather(hashes, place) == hashed
    found = tf.where(known, tf.gather(numbers, place), 1)
    padded = parts.with_flat_values(found).to_tensor(0, shape=(None, length))
    return tf.ensure_shape(padded, (None, length))
