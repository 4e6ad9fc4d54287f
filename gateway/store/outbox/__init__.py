"""What is to leave and has not arrived: kept in a file of its own until somebody says that it did."""
