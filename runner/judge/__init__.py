"""From evidence to findings by pure rules."""
