"""Trains the motion network: a second look at what the cheap detector took for motion.

| module | what |
|---|---|
| `planes` | the words: planes, patches, figures, weathers |
| `material` | what is taken from OpenCV's vtest.avi: backgrounds, people, windows with people |
| `looks`, `figures` | people, vehicles and animals, drawn or cut out, and how they cross |
| `rooms`, `weather`, `clutter` | drawn backgrounds; what light and cameras do; things that move and mean nothing |
| `scenes` | one random scene: a background, figures, nuisances, noise |
| `data` | scenes seen through the real detector: pairs of planes with their truth |
| `net`, `train`, `table`, `card`, `report` | the network, its training, how often it is wrong, what is written of it |
| `main` | `python -m services.factory motion --video VTEST_AVI --out DIR` |
"""
