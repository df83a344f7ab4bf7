"""The toy: small models on points of a plane, all arms and seeds trained at once in numpy."""
