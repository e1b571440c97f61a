"""How many events a second are kept, through HTTP and down to the disk, beside the least that any server could do."""
