"""Value types. They import nothing of this project but each other."""
