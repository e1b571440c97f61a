"""A season of an invented loop on real places: `season.build` lives it through the same use cases as the pages."""
