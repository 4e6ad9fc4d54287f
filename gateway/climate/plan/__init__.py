"""From a model to heat: `Planner` decides, `course` sees ahead, `relay` heats late, `cheapest` heats at low prices."""
