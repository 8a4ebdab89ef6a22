"""How fast the model is, as ratios in one run against peers that do the same, and how well pairing works."""
