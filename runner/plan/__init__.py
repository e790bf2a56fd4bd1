"""What would run and why: a pure step from Spec and known evidence to a Plan."""
