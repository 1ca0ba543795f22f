"""A generated object with its CT and exact X-rays."""
