"""What keeps a process going: loops, health, metrics."""
