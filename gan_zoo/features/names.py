"""Names of feature networks that have a fixed meaning."""

# Names of the 2015 Inception network with its original resize and with an antialiased
# one. No other features may have these names.
INCEPTION = ("inception", "inception_clean")

# Prefix of the names of networks of keras.applications.
KERAS = "keras/"
