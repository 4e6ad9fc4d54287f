"""What the hub offers to this home: carried out once, and told of until the hub has heard."""
