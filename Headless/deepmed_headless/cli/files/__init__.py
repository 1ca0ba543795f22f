"""What comes in and what goes out: inputs, tables, folders, summary, scene."""
