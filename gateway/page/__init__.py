"""What the pages of gateway and hub share: the door's and the frame's looks, and how files of a page are served."""
