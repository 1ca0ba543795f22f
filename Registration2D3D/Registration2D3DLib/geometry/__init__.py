"""Where source and detector stand, and the poses of what lies between them: numpy alone, RAS mm."""
