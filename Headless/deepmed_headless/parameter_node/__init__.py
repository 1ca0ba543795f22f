"""Stand-in for `slicer.parameterNodeWrapper`."""

def install_parameter_node_wrapper() -> None:
    pass
