"""`python -m deepmed_headless.cli`: the same as `deepmed`."""

from deepmed_headless.cli import main

main()
