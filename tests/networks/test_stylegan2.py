"""StyleGAN2's networks against the authors' numbers."""

import numpy as np
import pytest
from stylegan2_golden import CASES, channels_last, check_close, given, loaded_case


@pytest.fixture(scope="module", params=CASES)
def loaded(request):
    return loaded_case(request.param)


def mapped(generator, inputs):
    return generator.get_layer("mapping")(inputs, training=False)


def synthesised(generator, styles):
    return generator.get_layer("synthesis")(styles, training=False)


def test_images_and_scores_equal_the_authors(loaded):
    arrays, g, d, _, cfg = loaded
    z = given(arrays, cfg, arrays["in/z"])
    check_close(mapped(g, z), arrays["out/w"])
    image = g(z, training=False)
    check_close(image, channels_last(arrays["out/img_const_psi1"]))
    scores = d(given(arrays, cfg, image), training=False)
    check_close(scores, arrays["out/D_fake"])
    x = channels_last(arrays["in/x"])
    check_close(d(given(arrays, cfg, x), training=False), arrays["out/D_x"])


def test_truncated_and_mixed_images_equal_the_authors(loaded):
    arrays, g, _, variables, cfg = loaded
    truncated = arrays["out/ws_psi0.7"].astype("float32")
    image = synthesised(g, truncated)
    check_close(image, channels_last(arrays["out/img_const_psi0.7"]))
    w, w2 = (
        np.asarray(mapped(g, given(arrays, cfg, arrays[key])))[:, None]
        for key in ("in/z", "in/z2")
    )
    first = np.arange(truncated.shape[1]) < 3
    mixed = synthesised(g, np.where(first[:, None], w, w2))
    check_close(mixed, channels_last(arrays["out/img_const_mix_z_z2_from3"]))
    # Without noise: strengths of 0.
    strengths = [v for k, v in variables["G"].items() if "noise_strength" in k]
    before = [v.numpy() for v in strengths]
    for v in strengths:
        v.assign(0.0)
    image = g(given(arrays, cfg, arrays["in/z"]), training=False)
    for v, value in zip(strengths, before, strict=True):
        v.assign(value)
    check_close(image, channels_last(arrays["out/img_none_psi1"]))


def test_the_mean_style_moves_as_the_authors(loaded):
    arrays, g, _, variables, cfg = loaded
    mean = variables["G"]["mapping.w_avg"]
    before = mean.numpy()
    g.get_layer("mapping")(given(arrays, cfg, arrays["in/z"]), training=True)
    after = mean.numpy()
    mean.assign(before)
    check_close(after, arrays["out/w_avg_after_train_mapping"])
