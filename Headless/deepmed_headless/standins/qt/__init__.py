"""PythonQt's `qt` on PySide6: classes, signals and slots, dialogs, .ui files."""
