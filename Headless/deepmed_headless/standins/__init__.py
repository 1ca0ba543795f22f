"""Stand-ins for PythonQt's `qt`, for CTK and for Slicer's widgets, on PySide6."""

from deepmed_headless.standins.install import grab_widget, install_qt

__all__ = ["grab_widget", "install_qt"]
