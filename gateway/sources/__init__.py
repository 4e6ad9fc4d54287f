"""Everything that comes in: cameras and sensors."""
