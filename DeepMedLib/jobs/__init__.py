"""A task, and the child process that computes it: worker, protocol, folder, and what torch can do there."""
