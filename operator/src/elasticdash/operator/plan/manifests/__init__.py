"""Pure builders of the objects an instance consists of, one module per family."""
