"""The Replication page."""
