"""Kill the server again and again while devices hand in what was done: nothing may be lost, nothing be there twice."""
