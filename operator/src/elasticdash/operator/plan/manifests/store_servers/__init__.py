"""The single-node stores of profile dev: official images, configured by the variables they document."""
