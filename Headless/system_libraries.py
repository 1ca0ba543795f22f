"""Which Debian packages the headless host still needs: prints them, nothing when all is there.

Qt and VTK bring their own libraries in their wheels, but load OpenGL, fonts and the like from the machine. This script
uses only the standard library, as it runs before all else. Windows and macOS have all of this: there it prints nothing.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

# Shared library -> Debian/Ubuntu package. Found with readelf on the wheels of PySide6-Essentials, vtk and slicer-core.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11.so.6": "libx11-6",
    "libXcursor.so.1": "libxcursor1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libbrotlidec.so.1": "libbrotli1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
    "libstdc++.so.6": "libstdc++6",
}
SOFTWARE_RENDERER = ("libegl-mesa0", "libgl1-mesa-dri", "libglx-mesa0")
FONTS = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
SURFACELESS = 0x31DD  # EGL_PLATFORM_SURFACELESS_MESA: draws without any screen


def loads(name: str) -> bool:
    """True when the dynamic linker finds a shared library and all that it needs."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def draws_offscreen() -> bool:
    """True when EGL starts a display that needs no screen, which takes Mesa's drivers and not only libEGL."""
    try:
        egl = ctypes.CDLL("libEGL.so.1")
        get_display = egl.eglGetPlatformDisplay
    except (OSError, AttributeError):
        return False
    get_display.restype = ctypes.c_void_p
    get_display.argtypes = [ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p]
    display = get_display(SURFACELESS, None, None)
    if not display:
        return False
    version = ctypes.c_int(), ctypes.c_int()
    return bool(egl.eglInitialize(ctypes.c_void_p(display), ctypes.byref(version[0]), ctypes.byref(version[1])))


def has_fonts() -> bool:
    """True when there is any TrueType font for Qt to write with."""
    return any(next(Path(folder).rglob("*.[to]tf"), None) for folder in FONT_FOLDERS if Path(folder).is_dir())


def missing_packages() -> list[str]:
    """Debian packages to install, sorted; empty when everything is there."""
    if not sys.platform.startswith("linux"):
        return []
    missing = {package for library, package in LIBRARIES.items() if not loads(library)}
    if not draws_offscreen():
        missing |= set(SOFTWARE_RENDERER)
    if not has_fonts():
        missing.add(FONTS)
    return sorted(missing)


if __name__ == "__main__":
    print(" ".join(missing_packages()))
