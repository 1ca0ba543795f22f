"""What the registration of CT and X-rays was measured on: X-rays simulated by another renderer than the shipped one."""
