"""Parts of the Covariance lab, one file each."""
