"""How good are the routes? Ours beside PyVRP, OR-Tools and VROOM, on public instances, drawn ones and invented days."""
