"""Parts of the page of one run, one file each, in the order in which the page shows them."""
