"""Sentences: strings to users and data sets, numbers of words to networks."""

import collections

import numpy as np
from keras import ops

from gan_zoo import backend
from gan_zoo.checks import as_tuple, check_count
from gan_zoo.inputs.input import Input, Requirement, type_name


class Text(Input):
    """A sentence per image, of words that the model knows.

    Data sets, users and requests hold strings. Networks take int32 (n, length): the
    number of each word, from 2 on in the order of `words`, 1 for a word that is not
    among them, 0 after the last one. A sentence is put into lower case and split where
    there is neither letter nor digit of any alphabet; an emoji, or a sign of a script
    that writes no spaces (Chinese, Japanese), is a word of its own. What is beyond
    `length` words is left out. An empty sentence is all 0.

    Numbers of words are accepted as well as strings, so that data may be split into
    words beforehand.

    Args:
        words: the words, in lower case, each once.
        length: most words of a sentence.

    Raises:
        ValueError: for no words, a word twice, or one that splitting would change.
    """

    dtype = "int32"
    sent_dtype = "string"
    accepted = ("string", "int", "uint")
    wanted_type = "strings"
    type_fix = "Pass sentences, or numbers of words as integers."

    def __init__(self, words, length=16):
        check_count("length", length)
        words = () if isinstance(words, str) else as_tuple(words)
        if not words or len(set(words)) < len(words):
            raise ValueError(
                f"Expected words, each one once, got {len(words)} of which "
                f"{len(set(words))} differ. `words_of(sentences)` makes such a list."
            )
        if wrong := _changed(words)[:5]:
            raise ValueError(
                f"Expected single words in lower case, got {wrong}. "
                "`words_of(sentences)` makes such a list."
            )
        super().__init__((int(length),))
        self.sent_shape = ()
        self.words = words
        self.length = int(length)
        self.about = f"a sentence of up to {self.length} words"

    def check_spec(self, owner, name, spec):
        """Raises ValueError for other than strings (n,) or numbers (n, length)."""
        self.check_type(name, spec.dtype)
        strings = type_name(spec.dtype) == "string"
        shape = tuple(spec.shape)
        if len(shape) != (1 if strings else 2) or shape[1:] not in ((), self.shape):
            raise ValueError(
                f"Expected {name} for {owner} to be strings (n,) or numbers of words "
                f"(n, {self.length}), got {type_name(spec.dtype)} of shape {shape}."
            )

    def requirement(self, x):
        """Numbers of words that there are; any string."""
        if type_name(x.dtype) == "string":
            return None
        largest = len(self.words) + 1
        right = ops.logical_and(x >= 0, x <= largest)
        got = ops.max(ops.where(right, ops.zeros_like(x), ops.abs(x)))
        return Requirement(ops.all(right), f"from 0 to {largest}", got)

    def converted(self, x):
        """Strings (n,), or numbers (n, length), as int32 (n, length)."""
        if type_name(x.dtype) != "string":
            return ops.cast(x, "int32")
        return backend.word_numbers(x, self.words, self.length)

    def given(self, name, value, count):
        """Sentences that a user passes as int32 (count, length); see `Input.given`."""
        array = np.asarray(value)
        if type_name(array.dtype) != "string":
            return self._numbers(name, array, count)
        strings = array.ravel().tolist()
        if wrong := [s for s in strings if not isinstance(s, (str, bytes))]:
            raise TypeError(f"Expected {name} to be strings, got {wrong[0]!r}.")
        if array.shape not in ((), (count,)):
            raise ValueError(
                f"Expected one sentence for all images or {count} of them, got shape "
                f"{array.shape}."
            )
        numbers = ops.convert_to_numpy(self.converted(_strings(strings)))
        return np.broadcast_to(numbers, (count, self.length)).copy()

    def _numbers(self, name, array, count):
        if array.dtype.kind not in "iu":
            raise TypeError(f"Expected {name} to be strings, got {array.dtype}.")
        one, each = self.shape, (count, *self.shape)
        if array.shape not in (one, each):
            raise ValueError(
                f"Expected numbers of words of shape {one} or {each}, got "
                f"{array.shape}."
            )
        largest = len(self.words) + 1
        if array.size and not 0 <= array.min() <= array.max() <= largest:
            raise ValueError(
                f"Expected {name} from 0 to {largest}, got {array.min()} to "
                f"{array.max()}."
            )
        return np.broadcast_to(array, each).astype("int32")

    def sentences(self, numbers):
        """Sentences of numbers of words: a list of str, "?" for unknown words."""
        names = ["", "?", *self.words]
        return [" ".join(names[n] for n in row if n) for row in np.asarray(numbers)]

    def example(self):
        """One sentence, of the first word."""
        return np.array([self.words[0]], object)


def words_of(sentences, most=None, least=1):
    """The words of sentences, the most frequent first, for `Text`.

    Args:
        sentences: list of str.
        most: number of words to keep; all by default.
        least: times that a word must occur.

    Returns:
        Tuple of str.
    """
    counts = collections.Counter()
    for words in backend.words_in(sentences):
        counts.update(words)
    # Equally frequent words in the order of the alphabet, so that no order is random.
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(word for word, count in ranked[:most] if count >= least)


def _strings(sentences):
    return ops.convert_to_tensor(np.array(sentences, object), "string")


def _changed(words):
    """Words that are no single words in lower case."""
    split = backend.words_in(words)
    return [w for w, parts in zip(words, split, strict=True) if parts != [w]]
