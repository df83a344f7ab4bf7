"""Small problems on which whole training paths can be drawn: two-task landscapes, GradNorm's toy."""
