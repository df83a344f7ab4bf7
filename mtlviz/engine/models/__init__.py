"""Models of a text run: tokens, encoders, ways to share them, and heads."""
