"""The shell as a triangulated surface: checks, operators, geodesics, projection."""
