"""Names of feature networks that have a fixed meaning."""

# Names of the 2015 Inception network behind its first resize and behind an antialiased
# one. No other features may be called so.
INCEPTION = ("inception", "inception_clean")

# What the names of networks of keras.applications begin with.
KERAS = "keras/"
