"""What would follow: activation predicted from what was measured."""
