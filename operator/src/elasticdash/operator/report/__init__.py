"""What is said of an instance: its status, and a diagnosis; pure."""
