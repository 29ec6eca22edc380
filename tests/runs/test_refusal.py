import pytest

from gan_zoo.runs.refusal import Refusal, refusing


@pytest.mark.parametrize("error", [ValueError("x"), FileNotFoundError("x")])
def test_what_the_user_caused_becomes_a_refusal(error):
    with pytest.raises(Refusal, match=r"^x$") as caught, refusing(ValueError, OSError):
        raise error
    assert caught.value.__cause__ is error


def test_other_errors_stay_what_they_are():
    with pytest.raises(KeyError), refusing(ValueError, OSError):
        raise KeyError("x")


def test_a_refusal_stays_itself():
    first = Refusal("x")
    with pytest.raises(Refusal) as caught, refusing(ValueError):
        raise first
    assert caught.value is first


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, OSError])
def test_a_refusal_is_of_the_types_of_its_causes(kind):
    assert issubclass(Refusal, kind)
