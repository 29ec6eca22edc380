"""What every system shares: players, training, evaluation, saving, checks."""
