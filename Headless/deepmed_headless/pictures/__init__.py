"""Pictures of the documentation: what icons are drawn with, and how panels, views and report pages are taken."""
