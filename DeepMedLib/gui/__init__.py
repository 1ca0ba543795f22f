"""Widgets and state that the modules' panels share. Only these and the module files know Qt."""
