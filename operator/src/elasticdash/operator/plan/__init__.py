"""What an instance should consist of: pure functions of what was observed."""
