"""Where bundles come from: an upload, a stick, a hub, an index of releases. What they may do, their signature says."""
