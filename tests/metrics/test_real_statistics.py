import numpy as np
import pytest

from gan_zoo.metrics.real_statistics import (
    holds_statistics,
    read_statistics,
    statistics_path,
    write_statistics,
)

MU, SIGMA = np.array([1.0, 2.0]), np.array([[4.0, 1.0], [1.0, 9.0]])


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "deep" / "stats.npz"
    write_statistics(path, [0, 0], np.eye(2, dtype="float32"))
    write_statistics(str(path), MU, SIGMA)
    with np.load(path) as held:
        assert sorted(held.files) == ["mu", "sigma"]
        assert held["mu"].dtype == held["sigma"].dtype == "float64"
    for found, given in zip(read_statistics(path, 2), (MU, SIGMA), strict=True):
        np.testing.assert_array_equal(found, given)
    assert [p.name for p in path.parent.iterdir()] == ["stats.npz"]


def test_float32_and_other_keys_as_in_adms_files(tmp_path):
    path = tmp_path / "reference.npz"
    images = np.zeros((3, 4, 4, 3), "uint8")
    np.savez(path, images, mu=MU.astype("float32"), sigma=SIGMA, mu_s=np.zeros(5))
    mu, sigma = read_statistics(path, 2)
    assert mu.dtype == sigma.dtype == "float64"
    np.testing.assert_array_equal(mu, MU)
    assert holds_statistics(path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"mean": MU, "cov": SIGMA}, r"keys \['mu', 'sigma'\] in .*\['cov', 'mean'\]"),
        ({"mu": MU}, r"keys \['mu', 'sigma'\] in .*x\.npz, got \['mu'\]"),
        ({"mu": MU, "sigma": SIGMA[:1]}, r"got shapes \(2,\) and \(1, 2\)"),
        ({"mu": MU[None], "sigma": SIGMA}, r"got shapes \(1, 2\) and \(2, 2\)"),
        ({"mu": np.zeros(3), "sigma": np.eye(3)}, r"mu \(2,\) and sigma \(2, 2\)"),
        ({"mu": MU * np.nan, "sigma": SIGMA}, "finite numbers in mu"),
        ({"mu": MU, "sigma": SIGMA * np.inf}, "finite numbers in sigma"),
        ({"mu": MU, "sigma": SIGMA * 1j}, "real numbers in sigma .* complex128"),
        ({"mu": np.array(["a", "b"]), "sigma": SIGMA}, "real numbers in mu .* <U1"),
        ({"mu": np.array([None, 1]), "sigma": SIGMA}, "holds no statistics: .*pickle"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, arrays, message):
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=message):
        read_statistics(path, 2)


@pytest.mark.parametrize("left", [0, 50, 500])
def test_a_file_that_is_cut_short_is_named(tmp_path, left):
    path = tmp_path / "x.npz"
    write_statistics(path, MU, SIGMA)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ValueError, match=r"x\.npz holds no statistics"):
        read_statistics(path, 2)
    assert not holds_statistics(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"statistics.* at .*\.npz, got none"):
        read_statistics(tmp_path / "there.npz", 2)


def test_only_finite_statistics_are_written_and_only_as_npz(tmp_path):
    path = tmp_path / "stats.npz"
    write_statistics(path, MU, SIGMA)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="Expected finite statistics"):
        write_statistics(path, MU, SIGMA * np.nan)
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match=r"\.npz file, got .*stats\.npy"):
        statistics_path(tmp_path / "stats.npy")


def test_which_files_hold_statistics(tmp_path):
    for name, arrays in {
        "statistics": {"mu": MU, "sigma": SIGMA},
        "images": {"images": np.zeros(1), "mu": MU, "sigma": SIGMA},
        "other": {"mu": MU},
    }.items():
        np.savez(tmp_path / f"{name}.npz", **arrays)
        assert holds_statistics(tmp_path / f"{name}.npz") == (name == "statistics")
    np.save(tmp_path / "x.npy", MU)
    assert not holds_statistics(tmp_path / "x.npy")
    assert not holds_statistics(str(tmp_path))
    assert not holds_statistics("mnist_sample@test")
