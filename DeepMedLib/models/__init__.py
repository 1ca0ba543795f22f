"""Model bundles: what a file is before it is trusted, how a network is made of it, and on which device it computes."""
