"""The toy: a few linear or ReLU models on points of a plane, all arms and seeds trained at once in numpy."""
