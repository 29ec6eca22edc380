import numpy as np
from PIL import Image

from gan_zoo.callbacks import animate, save_grid


def test_has_every_frame_in_order_and_rests_on_the_last(tmp_path):
    for epoch in (4, 1, 5, 0, 3, 2):
        save_grid(tmp_path / f"epoch-{epoch:04d}.png", np.full((1, 4, 4, 1), epoch / 5))
    path = animate(tmp_path, tmp_path / "out.gif", seconds=1.2)
    shades, pauses = [], []
    with Image.open(path) as gif:
        for frame in range(gif.n_frames):
            gif.seek(frame)
            shades.append(gif.convert("L").getpixel((1, 1)))
            pauses.append(gif.info["duration"])
        assert gif.info["loop"] == 0
    np.testing.assert_allclose(shades, [128, 153, 179, 204, 230, 255], atol=1)
    assert pauses == [200, 200, 200, 200, 200, 2200]


def test_a_folder_without_pictures_gives_none(tmp_path):
    assert animate(tmp_path / "nothing", tmp_path / "none.gif") is None
    assert not list(tmp_path.iterdir())
