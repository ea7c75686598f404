"""The words by which objects, labels and stores are called."""
