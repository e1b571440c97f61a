"""What builds, checks and measures the project; nothing here is needed while it runs."""
