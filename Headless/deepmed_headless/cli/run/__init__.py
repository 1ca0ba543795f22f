"""The one runner of the modules' commands, and what a module declares for it."""
