"""Parts of the Studio's page, one file each, in the order in which the page shows them."""
