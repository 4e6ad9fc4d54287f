"""What crosses a process border, versioned; pydantic at the edge only."""
