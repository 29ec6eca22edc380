"""A digit classifier from 100 labels: ImprovedGAN's semi-supervised form on MNIST.

    python recipes/semi_supervised_mnist.py
    python recipes/semi_supervised_mnist.py --preset=paper

Ten labels of each digit, all other training images without. The report gives the test
accuracy beside that of the same classifier trained on the 100 labels alone. The paper
preset trains on the whole of MNIST for the authors' 300 epochs.
"""

import gan_zoo
from gan_zoo import data, runs

LABELS = {"labels": True, "labels_per_class": 10}
# At most: long before, the classifier knows its 100 images by heart.
STEPS_ALONE = 1000


def build(image_shape, preset, class_names):
    """The authors' model."""
    return gan_zoo.SemiSupervisedGAN(image_shape, num_classes=len(class_names))


def measure(model, test, settings):
    """Test accuracy of the same classifier, trained on the labelled images alone."""
    train, _ = data.load(
        settings.dataset,
        settings.batch_size,
        settings.image_size,
        seed=settings.seed,
        start=0,
        data_dir=settings.data_dir,
        **settings.load,
    )
    alone = gan_zoo.SemiSupervisedGAN(
        model.image_shape, num_classes=model.num_classes, unsupervised_weight=0.0
    )
    alone.compile()
    steps = min(STEPS_ALONE, model.trained_steps)
    alone.fit(train, steps_per_epoch=steps, verbose=0)
    accuracy = alone.evaluate(test, return_dict=True, verbose=0)["accuracy"]
    protocol = f"{alone.protocols()['accuracy']}; {steps} steps on labels alone"
    return [("accuracy_labels_alone", accuracy, protocol)]


RECIPE = runs.Recipe(
    build,
    runs.Settings(dataset="mnist_sample", batch_size=100, epochs=100, load=LABELS),
    paper=runs.Settings(dataset="mnist", batch_size=100, epochs=300, load=LABELS),
    measure=measure,
    title="100 labels on MNIST",
)

if __name__ == "__main__":
    runs.main(RECIPE)
