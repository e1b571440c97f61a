"""`make bench phone`: how fast the driver's app answers on a slow phone."""
