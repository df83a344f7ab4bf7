"""Tasks that come one after another on the plane: worlds, training, the matrix, the film."""
