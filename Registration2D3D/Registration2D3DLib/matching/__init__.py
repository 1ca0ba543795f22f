"""From a rough pose to a fine one by comparing DRRs with X-rays (torch; imported by the worker only)."""
