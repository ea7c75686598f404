"""What `make gen` writes: definitions, schemas, guides."""
