"""What each metric sees and misses, on digits made worse in known ways.

    python recipes/metric_study.py
    python recipes/metric_study.py --run_dir=study

Blurs real digits, adds noise, leaves classes or images out, copies the training set,
and draws what every metric says of it: `study.png`, and the numbers in `study.csv`.
"""

from gan_zoo.metrics import study

if __name__ == "__main__":
    study.main()
