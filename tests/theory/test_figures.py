import numpy as np
from PIL import Image

from gan_zoo.theory import figures


def test_a_picture_is_written_whole_with_the_size_asked_for(tmp_path):
    figure = figures.new(3.0, 2.0)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "r", label="line")
    figures.legend(axes, loc="upper left")
    figures.save(figure, tmp_path / "deep" / "picture.png")
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["picture.png"]
    with Image.open(tmp_path / "deep" / "picture.png") as picture:
        assert picture.format == "PNG"
        assert picture.size == (300, 200)
        colors = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    assert any((color == (255, 0, 0)).all() for color in colors)
    assert len(colors) <= 64
    assert not axes.get_legend().get_frame_on()
