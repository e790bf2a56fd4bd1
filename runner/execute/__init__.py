"""Running a plan: saves, then loads, side by side, resumable."""
