import numpy as np
import pytest

from gan_zoo.metrics import code_agreement, confusion_matrix, label_accuracy

TABLE = np.array([[8, 2, 0], [1, 0, 9], [0, 10, 0]])


def test_accuracy_and_agreement_by_hand():
    assert label_accuracy(TABLE) == pytest.approx(8 / 30)
    # 0 → 0, 1 → 2, 2 → 1
    assert code_agreement(TABLE) == pytest.approx(27 / 30)
    assert code_agreement(np.full((3, 3), 5)) == pytest.approx(1 / 3)


class Painter:
    """Paints class c as a flat image of value c / 10, but class 2 as class 1."""

    num_classes = 3

    def generate(self, n, seed, labels):
        assert seed == 7 + labels
        return np.full((n, 4, 4, 1), min(labels, 1) / 10)


def test_a_table_counts_what_was_read_for_what_was_asked():
    def classify(images):
        return np.eye(4)[np.round(images[:, 0, 0, 0] * 10).astype(int)]

    table = confusion_matrix(Painter(), classify, per_class=5, seed=7)
    assert table.tolist() == [[5, 0, 0, 0], [0, 5, 0, 0], [0, 5, 0, 0]]
