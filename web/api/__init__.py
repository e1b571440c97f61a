"""What other systems and phones speak with: /api/v1, in JSON."""
