"""Small trainable parts inside an encoder: where they can stand, and how they are put there."""
