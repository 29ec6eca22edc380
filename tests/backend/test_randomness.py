import threading

import numpy as np

from gan_zoo import backend


def test_sites_of_a_block_are_counted_from_1():
    with backend.draws("seed"):
        assert backend.next_seed() == ("seed", 1)
        assert backend.next_seed() == ("seed", 2)
    with backend.draws("seed"):  # nothing is kept
        assert backend.next_seed() == ("seed", 1)


def test_an_inner_block_leaves_the_outer_s_count_alone():
    with backend.draws("outer"):
        backend.next_seed()
        with backend.draws("inner"):
            assert backend.next_seed() == ("inner", 1)
        assert backend.next_seed() == ("outer", 2)


def test_outside_every_block_there_is_no_seed():
    assert backend.next_seed() is None
    assert not backend.drawing()
    try:
        with backend.draws("seed"):
            assert backend.drawing()
            raise KeyError
    except KeyError:
        assert not backend.drawing()


def test_each_thread_has_blocks_of_its_own():
    seen = []
    with backend.draws("here"):
        thread = threading.Thread(target=lambda: seen.append(backend.drawing()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_draws_repeat_by_seed_and_differ_by_site():
    def draw(seed):
        with backend.draws((seed, 0)):
            return backend.normal((50, 3)).numpy(), backend.uniform((50, 3)).numpy()

    first, again, other = draw(1), draw(1), draw(2)
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first[0], other[0]).any()
    with backend.draws((1, 0)):
        a, b = backend.normal((50, 3)), backend.normal((50, 3))
    assert not np.isclose(a, b).any()
