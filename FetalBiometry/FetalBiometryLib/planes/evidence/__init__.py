"""What the picture itself shows, without a network: where there is echo, the sector, the skin."""
