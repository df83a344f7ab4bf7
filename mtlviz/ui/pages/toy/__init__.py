"""Parts of the toy lab's page, one file each, in the order in which the page shows them."""
