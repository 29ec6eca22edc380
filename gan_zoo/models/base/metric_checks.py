"""Checks of the metrics given to `compile`."""


def check_metrics(own, metrics, image_shape):
    """Raises for what is no image metric, and for two numbers of one name.

    Args:
        own: Keras metrics of the model itself.
        metrics: list of image metrics, as given to `compile`.
        image_shape: shape of the model's images, or None.

    Raises:
        TypeError: for what is no list, and for other metrics than those over (real,
            fake) images.
        ValueError: where one number would hide another in the logs; for a metric that
            cannot compare such images.
    """
    if not isinstance(metrics, (list, tuple)):
        raise TypeError(
            f"Expected a list of metrics, got {metrics!r}. Write metrics=[...], for "
            "example metrics=[gan_zoo.metrics.FrechetDistance('mnist')]."
        )
    names = [metric.name for metric in own]
    for metric in metrics:
        if isinstance(metric, type) or not callable(getattr(metric, "begin", None)):
            raise TypeError(
                "Expected metrics over (real, fake) images such as "
                f"gan_zoo.metrics.FrechetDistance('mnist'), got {metric!r}."
            )
        names += metric.result_names
        check = getattr(metric, "check_images", None)
        if check and image_shape is not None:
            check(image_shape)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"Expected metrics of different names, got {', '.join(twice)} twice, of "
            "which the logs would show one. Give one of the metrics another name, "
            "name='...'."
        )
