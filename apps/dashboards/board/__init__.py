"""Who needs a person next."""
