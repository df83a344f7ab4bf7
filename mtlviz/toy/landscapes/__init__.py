"""Problems small enough to draw whole training paths: two-task landscapes, GradNorm's toy."""
