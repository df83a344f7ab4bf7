"""What mtlviz costs on this machine, against the plain sum and against other ways of stepping."""
